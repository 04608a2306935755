"""The Python API, as docs/python.md shows it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import ssgproj
from ssgproj.cli.main import cli
from tests.test_docs import ROOT, blocks


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["init", "shop", "-q"]).exit_code == 0
    language, text = blocks(ROOT / "docs" / "python.md")[0]
    assert language == "python"
    exec(compile(text, "python.md", "exec"), {})
    assert "model.orders 1000" in capsys.readouterr().out


def test_every_name_is_there() -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    for name in ssgproj.__all__:
        assert callable(getattr(ssgproj, name)) or name == "__version__"
        assert name in page or name == "__version__"
    assert set(ssgproj.__all__) <= set(dir(ssgproj))
    with pytest.raises(AttributeError):
        _ = ssgproj.nothing


def test_importing_it_is_light_and_lint_can_be_called_in_any_order() -> None:
    script = (
        "import sys, ssgproj\n"
        "assert not {'numpy', 'pyarrow', 'duckdb', 'sqlglot', 'click'} & set(sys.modules)\n"
        "import ssgproj.lint.rule\n"
        "from ssgproj import lint\n"
        "assert callable(lint) and lint is ssgproj.lint\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
