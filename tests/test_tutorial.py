"""The tutorial's commands say what its page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tutorial import PAGE, retold, without_times


def test_it_goes_as_it_says(tmp_path: Path) -> None:
    pytest.importorskip("snsql", reason="statistics need the dp extra")
    page = PAGE.read_text(encoding="utf-8")
    assert without_times(retold(page, tmp_path)) == without_times(page), "python -m tests.tutorial"
    assert (tmp_path / "airbnb" / "target" / "report_with_source.html").is_file()
    assert (tmp_path / "airbnb" / "target" / "docs.html").is_file()
