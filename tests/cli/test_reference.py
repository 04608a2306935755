from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.cli.reference import pages

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["command-line.md", "generators.md"])
def test_the_page_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "python -m ssgproj.cli.reference docs"
