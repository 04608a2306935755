from __future__ import annotations

from pathlib import Path

from ssgproj.lint.registry import RULES
from ssgproj.report.rules import FAMILIES, rules_list, rules_page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_current() -> None:
    """Made anew by: python -c "from ssgproj.report.rules import rules_page; print(rules_page(), end='')" > docs/rules.md"""
    assert (DOCS / "rules.md").read_text() == rules_page()


def test_every_rule_is_listed() -> None:
    assert [line.split()[0] for line in rules_list().splitlines()] == list(RULES)
    assert {code[:2] for code in RULES} == set(FAMILIES)
