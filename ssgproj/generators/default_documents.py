"""Default domains of the special types that are carried as text: documents, addresses, searches, shapes, and unknown types."""

from __future__ import annotations

import re
from collections.abc import Callable

from ssgproj.generators.base import BindContext, Target
from ssgproj.generators.default_texts import phrase, whole_numbers, words
from ssgproj.generators.domain import MAX_SIZE, Domain
from ssgproj.generators.domains import identifiers
from ssgproj.generators.domains.geometry import geometry_domain
from ssgproj.generators.domains.structures import SetDomain
from ssgproj.generators.domains.texts import JoinedDomain, StringDomain
from ssgproj.generators.domains.words import WORDS
from ssgproj.project.types import Kind

_POSTGRES = ("", "postgres", "postgresql", "redshift")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROOMY = 16


def document_domain(target: Target, rows: int, unique: bool, context: BindContext) -> Domain | None:
    """Small valid values of every type that databases keep as more than plain text."""
    t = target.type
    number = whole_numbers(1, MAX_SIZE if unique else 1000)
    match t.kind:
        case Kind.JSON:
            return JoinedDomain(('{"name": "', words(), '", "value": ', number, "}"))
        case Kind.XML:
            return JoinedDomain(('<item id="', number, '">', words(), "</item>"))
        case Kind.HSTORE:
            return JoinedDomain(('"', words(), '"=>"', number, '"'))
        case Kind.LTREE:
            return JoinedDomain(("top.", words(), ".n", number)) if unique else JoinedDomain(("top.", phrase(2, ".")))
        case Kind.SET if t.labels:
            return SetDomain(t.labels)
        case Kind.INET | Kind.CIDR:
            return _address(target, rows, unique)
        case Kind.MACADDR:
            return identifiers.MacDomain(8 if "8" in t.text else 6)
        case Kind.TSVECTOR | Kind.TSQUERY:
            return _search(" & " if t.kind is Kind.TSQUERY else " ", unique)
        case Kind.GEOMETRY:
            return geometry_domain(t, postgres=context.dialect in _POSTGRES)
    return _unknown(target, unique)


def _address(target: Target, rows: int, unique: bool) -> Domain:
    t = target.type
    name = (t.name or "").lower()
    if name == "inet6":
        return identifiers.ipv6_addresses()
    suffix = "/32" if t.kind is Kind.CIDR else ""
    if not unique:
        return identifiers.networks() if t.kind is Kind.CIDR else identifiers.private_addresses()
    if rows * _ROOMY <= identifiers.private_addresses().size:
        return identifiers.private_addresses(suffix)
    if rows * _ROOMY <= identifiers.public_addresses().size or name == "inet4":
        return identifiers.public_addresses(suffix)
    return identifiers.ipv6_addresses("/128" if suffix else "")


def _search(separator: str, unique: bool) -> Domain:
    """Two words, each from its own half of the list: the order of a search's words does not count, so pairs must differ as sets."""
    middle = len(WORDS) // 2
    parts: list[str | Domain] = [words(WORDS[:middle]), separator, words(WORDS[middle:])]
    if unique:
        # Letters only: a text of digits and letters may be split into several words.
        parts += [separator, StringDomain(12, 12, _LETTERS, prefix="zz")]
    return JoinedDomain(tuple(parts))


def _unknown(target: Target, unique: bool) -> Domain:
    """A few types by name; anything else gets letters, which most of them read."""
    written = " ".join(target.type.text.lower().split()).strip('"')
    for pattern, make in _BY_NAME.items():
        if match := re.match(pattern, written):
            return make(match)
    return StringDomain(12, 12, _LETTERS) if unique else words()


def _vector(match: re.Match[str]) -> Domain:
    """A vector of so many numbers; the first three are enough to tell rows apart."""
    length = int(match[2] or 3)
    parts: list[str | Domain] = ["["]
    for position in range(length):
        parts += [*([","] if position else []), "0." if position < 62 else "0.5"]
        if position < 62:
            parts.append(whole_numbers(1000, 9000))
    return JoinedDomain((*parts, "]"))


_HEX = "0123456789ABCDEF"
_BY_NAME: dict[str, Callable[[re.Match[str]], Domain]] = {
    r"(half)?vec(?:tor)?\s*(?:\(\s*(\d+)\s*\))?$": _vector,
    r"(pg_catalog\.)?(oid|xid|xid8|cid)$": lambda _: JoinedDomain((whole_numbers(1, 2**31 - 1),)),
    r"(pg_catalog\.)?pg_lsn$": lambda _: JoinedDomain(
        (StringDomain(1, 1, _HEX[1:]), "/", StringDomain(1, 1, _HEX[1:]), StringDomain(7, 7, _HEX))
    ),
    r"(pg_catalog\.)?tid$": lambda _: JoinedDomain(("(", whole_numbers(0, 2**31), ",", whole_numbers(1, 1000), ")")),
    r"(pg_catalog\.)?(txid|pg)_snapshot$": lambda _: JoinedDomain(("1:", whole_numbers(2, 2**31), ":")),
    r"(pg_catalog\.)?jsonpath$": lambda _: JoinedDomain(('$."', StringDomain(12, 12, _LETTERS), '"')),
    r"(pg_catalog\.)?reg(class|type|proc|procedure|oper|operator|role|namespace|config|dictionary|collation)$": (
        lambda _: JoinedDomain((whole_numbers(1, 2**31 - 1),))
    ),
    r"cube$": lambda _: JoinedDomain(("(", whole_numbers(1, 2**31), ",", whole_numbers(1, 1000), ")")),
    r"(lquery|ltxtquery)$": lambda _: StringDomain(12, 12, _LETTERS),
    r"(isbn|isbn13|ean13|issn|upc)$": lambda _: JoinedDomain(("978", whole_numbers(10**8, 9 * 10**8))),
    r"(numeric|number|num|integer)\b": lambda _: JoinedDomain((whole_numbers(1, 2**31 - 1),)),
    r"(u?int|u?bigint|serial)\d*\b": lambda _: JoinedDomain((whole_numbers(1, 2**31 - 1),)),
    r"char$": lambda _: StringDomain(1, 1),
}
