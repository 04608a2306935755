"""The examples of the documentation pass lint."""

from __future__ import annotations

import re
from pathlib import Path

from tests.lint.cases import MODELS, lint_case, write_project

PAGE = Path(__file__).parents[2] / "docs" / "stats-files.md"


def test_the_examples_have_no_errors(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sql\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    files = [b for b in blocks if b.startswith("/* ssg:stat")]
    assert len(files) == 2
    sessions = MODELS["sessions"].replace("device:", "device_type:")
    stats = {f"stats/s{i}.sql": text for i, text in enumerate(files)}
    write_project(tmp_path, {"no_stat": True, "files": {**stats, "models/sessions.yml": sessions}})
    found = lint_case(tmp_path, {}).findings
    assert [f"{f.code} {f.at} {f.message}" for f in found if f.code != "GR303"] == []


def test_the_safe_subset_has_no_errors(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sql\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    write_project(tmp_path, {"dp": next(b for b in blocks if b.startswith("SELECT"))})
    assert [f"{f.code} {f.at} {f.message}" for f in lint_case(tmp_path, {}).findings if f.is_error] == []
