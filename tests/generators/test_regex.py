"""The domain of a regular expression: everything in it matches, nothing comes twice, and small ones are complete."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.generators.domains.automaton import UnsupportedPattern
from ssgproj.generators.domains.regex import RegexDomain, like_to_regex, regex_domain

PATTERNS = [
    r"^[A-Z]{2}\d{4}$", r"[a-z]+@[a-z]+\.com", r"a|a|ab|abc?", r"(a|b)*", r"(a*)*b", r"\w{3,10}", r"[^@ ]+", r"(?i)abc", r"^$", r"x{0,3}",
    r"[а-я]{2}é", r".*", r"\d{3}-\d{2}-\d{4}", r"^(?:\+1)?\d{10}$", r"[a-z]{20}", r"((a|b){2,3},)+", r"(a?){50}", r"\S\s\D\W", r"[^a-z]x",
    r"^a|b$", r"^(0|[1-9]\d*)(\.\d+)?$", r"[\w.-]+", r"(?P<y>19|20)\d\d",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("search", [False, True])
@pytest.mark.parametrize("fold", [False, True])
def test_every_text_matches_and_none_comes_twice(pattern: str, search: bool, fold: bool) -> None:
    """As a whole, or somewhere; with `fold` also without regard to case."""
    domain = regex_domain(pattern, search=search, fold=fold)
    assert domain is not None
    index = np.unique(
        np.concatenate(
            [
                np.arange(min(domain.size, 500)),
                np.random.default_rng(0).integers(0, domain.size, 500),
                [domain.size - 1],
            ]
        )
    )
    texts = domain.at(index).to_pylist()
    assert len(set(texts)) == len(texts)
    assert all((re.search if search else re.fullmatch)(pattern, t) for t in texts)
    if fold:
        assert len({t.lower() for t in texts}) == len(texts)


nodes = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", "c?", "\\d"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}|{p[1]})"),
        inner.map(lambda p: f"({p})*"),
        inner.map(lambda p: f"({p}){{1,2}}"),
    ),
    max_leaves=5,
)


@given(pattern=nodes)
@settings(max_examples=150, deadline=None)
def test_counts_agree_with_a_search_of_all_short_texts(pattern: str) -> None:
    """Up to three characters of a small alphabet, the domain holds exactly the texts that match."""
    domain = regex_domain(pattern, 3, max_length=3)
    wanted = {
        text
        for n in range(4)
        for text in map("".join, itertools.product("abc7", repeat=n))
        if re.fullmatch(pattern, text) and (domain is None or n <= domain.lengths[-1])
    }
    have = set() if domain is None else set(domain.at(np.arange(min(domain.size, 20_000))).to_pylist())
    if domain is None or domain.size <= 20_000:
        # Of "anything but a" only readable characters are used.
        assert wanted <= have


@pytest.mark.parametrize("pattern", [r"(a)\1", r"a(?=b)", r"(?<!a)b", r"\bx", r"a++", "(", r"(?>a)", r"(a)?(?(1)b|c)"])
def test_what_cannot_be_counted_is_refused(pattern: str) -> None:
    """With the pattern and the reason."""
    with pytest.raises(UnsupportedPattern) as caught:
        regex_domain(pattern)
    assert caught.value.pattern == pattern


def test_several_patterns_hold_together() -> None:
    """As several CHECKs do."""
    domain = regex_domain(["[a-z]", "[0-9]", ".{8,}", "^[^5]*$"], search=True, max_length=12)
    assert domain is not None
    for text in domain.at(np.random.default_rng(1).integers(0, domain.size, 200)).to_pylist():
        assert re.search("[a-z]", text) and re.search("[0-9]", text) and 8 <= len(text) <= 12 and "5" not in text


def test_lengths_and_exclusions() -> None:
    """Neither too short, nor too long, nor excluded."""
    domain = regex_domain("[ab]+", 8, min_length=2, max_length=3, excluded=["aa", "bbb"])
    assert domain is not None
    assert domain.size == 4 + 8 - 2
    assert not {"aa", "bbb"} & set(domain.at(np.arange(domain.size)).to_pylist())
    assert regex_domain("abc", max_length=2) is None


@pytest.mark.parametrize(
    ("like", "yes", "no"),
    [("a%", "abc", "ba"), ("_b", "ab", "b"), (r"50\%", "50%", "500"), ("%x_", "xy", "x"), ("a.c", "a.c", "abc")],
)
def test_like(like: str, yes: str, no: str) -> None:
    """SQL's patterns as regular expressions."""
    assert re.search(like_to_regex(like), yes) and not re.search(like_to_regex(like), no)


@pytest.mark.parametrize(
    "pattern",
    ["[a-z0-9]{10}", "[A-Z]{2}-[0-9]{4}", "a", "abc[xy]d", "[a-z]{3,6}", "[a-z0-9]{30}", "x[0-9]{18}[a-z]{9}y", "[ab]{61}", "z[ab]{62}z", "[ab]{63}"],
)  # fmt: skip
def test_texts_of_one_shape_are_spelled_as_others_are(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick way gives the same texts as the general one."""
    domain = regex_domain(pattern)
    assert domain is not None
    index = np.random.default_rng(1).integers(0, domain.size, 5000)
    index[:2] = 0, domain.size - 1
    quick = domain.at(index)
    assert domain._straight(domain.lengths[-1]) is not None
    monkeypatch.setattr(RegexDomain, "_straight", lambda self, length: None)
    assert quick.equals(domain.at(index))
