"""Texts in released files that look like one person's: what a regular expression and a check sum can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_NHS = re.compile(r"(?<![\w.-])\d{3}[ -]\d{3}[ -]\d{4}(?![\w.-])")
_NHS_PLAIN = re.compile(r"(?<![\w.-])\d{10}(?![\w.-])")
_CARD = re.compile(r"(?<![\w.-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w.-])")
FEW = 3
"""Ten digits alone are often something else; one number in eleven has the right check digit. So many make a finding."""


@dataclass(frozen=True, slots=True)
class Personal:
    """What was found: the kind in words, on how many lines, and the first of them (from 1). The text itself is not kept."""

    what: str
    lines: int
    first: int


def personal_texts(text: str) -> list[Personal]:
    """What looks like e-mail addresses, IBANs, NHS numbers and card numbers, by kind."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for what in _kinds(line):
            found.setdefault(what, []).append(number)
    plain = found.pop(_PLAIN, [])
    if len(plain) >= FEW:
        found.setdefault("NHS numbers", []).extend(plain)
    return [Personal(what, len(lines), min(lines)) for what, lines in found.items()]


_PLAIN = "ten digits"


def _kinds(line: str) -> Iterator[str]:
    if "@" in line and _EMAIL.search(line):
        yield "e-mail addresses"
    if any(_iban(m[0]) for m in _IBAN.finditer(line)):
        yield "IBANs"
    if any(_nhs(m[0]) for m in _NHS.finditer(line)):
        yield "NHS numbers"
    elif any(_nhs(m[0]) for m in _NHS_PLAIN.finditer(line)):
        yield _PLAIN
    if any(_luhn(m[0]) for m in _CARD.finditer(line)):
        yield "card numbers"


def _nhs(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    check = 11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == digits[9] and check != 10 and len(set(digits)) > 1


def _iban(text: str) -> bool:
    plain = text.replace(" ", "")
    return len(plain) >= 15 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _luhn(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d * 2 - 9 * (d > 4) if i % 2 == 0 else d for i, d in enumerate(digits)]
    return sum(doubled) % 10 == 0 and len(set(digits)) > 1
