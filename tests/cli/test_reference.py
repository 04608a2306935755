from __future__ import annotations

from pathlib import Path

from ssgproj.cli.reference import reference


def test_the_page_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "command-line.md"
    assert page.read_text() == reference(), "python -m ssgproj.cli.reference > docs/command-line.md"
