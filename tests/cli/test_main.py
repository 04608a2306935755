"""The frame: help, errors, exit codes, start-up."""

from __future__ import annotations

import os
import re
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ssgproj import __version__
from ssgproj.cli import registry
from ssgproj.cli.boundary import guard
from ssgproj.cli.command import Command
from ssgproj.cli.main import EXAMPLES, cli
from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.errors import ProjectError, RunError, SsgError
from tests.cli.conftest import Ssg

HEAVY = (
    "duckdb", "jinja2", "mimesis", "numpy", "pandas", "psycopg", "pyarrow", "pymysql", "rich", "ruamel.yaml", "snsql", "sqlalchemy",
    "sqlglot",
)  # fmt: skip
COMMANDS = sorted(registry.COMMANDS)


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, check=True)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["lnit"], *([c, "--help"] for c in COMMANDS)])
def test_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    code = f"""
import sys
from ssgproj.cli.main import cli
try:
    cli.main({arguments!r})
except SystemExit:
    pass
print("loaded:", sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    assert python(code, tmp_path).stdout.splitlines()[-1] == "loaded: []"


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_starts_in_under_0_3_seconds(argument: str, tmp_path: Path) -> None:
    """Time of the processor, which other work on the machine does not lengthen."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    times = []
    for _ in range(3):
        before = used()
        subprocess.run(
            [sys.executable, "-m", "ssgproj.cli.main", argument], capture_output=True, cwd=tmp_path, check=True
        )
        times.append(used() - before)
    assert min(times) <= 0.3


def test_version(ssg: Ssg) -> None:
    result = ssg("--version")
    assert (result.exit_code, result.stdout) == (0, f"ssg {__version__}\n")


def test_help_groups_commands_by_what_they_touch_and_tells_the_exit_codes(ssg: Ssg) -> None:
    text = ssg("--help").stdout
    sections = list(dict.fromkeys(e.section for e in registry.COMMANDS.values()))
    places = [text.index(f"\n{s}:\n") for s in sections]
    assert places == sorted(places)
    assert "130  interrupted" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_ends_its_help_in_examples_that_parse(name: str, ssg: Ssg) -> None:
    command = registry.load(name)
    assert isinstance(command, Command)
    assert command.examples
    result = ssg(name, "--help")
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith(command.examples[-1][1])
    lines = [line for _, line in command.examples if "ssg " in line]
    assert lines
    for line in lines:
        parses(line)


@pytest.mark.parametrize("line", [line for _, line in EXAMPLES])
def test_the_examples_of_the_group_parse(line: str) -> None:
    parses(line)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_first_line_of_a_command_agrees_with_the_list(name: str) -> None:
    """Both are read by people, so neither may be empty; the list's is shorter."""
    command = registry.load(name)
    assert command.help
    assert registry.COMMANDS[name].summary
    assert not registry.COMMANDS[name].summary.endswith(".")


def parses(line: str) -> None:
    words = shlex.split(re.split(r" [|>] ", line, maxsplit=1)[0])
    while "=" in words[0]:
        words.pop(0)
    assert words[0] == "ssg"
    with click.Context(cli, info_name="ssg", **cli.context_settings) as context:
        name, command, rest = cli.resolve_command(context, words[1:])
        assert name
        assert command
        command.make_context(name, list(rest), parent=context)


def test_an_unknown_command_is_answered_with_the_nearest(ssg: Ssg) -> None:
    result = ssg("claen")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "error: No such command `claen`\nhint: did you mean `clean` or `compile`? See: ssg --help\n"


def test_an_unknown_option_is_answered_with_the_nearest(ssg: Ssg) -> None:
    result = ssg("clean", "--quit")
    assert result.exit_code == 2
    assert "did you mean `--quiet`" in result.stderr


def test_no_arguments_show_the_help(ssg: Ssg) -> None:
    result = ssg()
    assert "Exit codes" in result.output
    assert result.exit_code == 2


def test_options_may_stand_before_the_command(ssg: Ssg, work: Path) -> None:
    ssg("init", "shop")
    (work / "shop" / "target").mkdir()
    assert ssg("--project-dir", "shop", "--quiet", "clean").stderr == ""
    assert not (work / "shop" / "target").exists()


def test_the_option_after_the_command_wins(ssg: Ssg) -> None:
    ssg("init", "shop")
    assert ssg("--project-dir", "nowhere", "clean", "--project-dir", "shop").exit_code == 0


def test_project_dir_from_the_environment(ssg: Ssg, monkeypatch: pytest.MonkeyPatch) -> None:
    ssg("init", "shop")
    assert ssg("clean").exit_code == 2
    monkeypatch.setenv("SSG_PROJECT_DIR", "shop")
    assert ssg("clean").exit_code == 0


def test_vars_must_be_a_mapping(ssg: Ssg) -> None:
    ssg("init", "shop")
    result = ssg("clean", "--project-dir", "shop", "--vars", "[1")
    assert result.exit_code == 2
    assert "hint: --vars '{name: value}'" in result.stderr


@pytest.mark.parametrize(
    ("color", "no_color", "colored"),
    [("always", "", True), ("auto", "", False), ("never", "", False), (None, "1", False)],
)
def test_color(ssg: Ssg, monkeypatch: pytest.MonkeyPatch, color: str | None, no_color: str, colored: bool) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    result = ssg("clean", *(["--color", color] if color else []))
    assert ("\x1b[" in result.stderr) is colored


class TestBoundary:
    def test_a_cannot_has_its_message_and_hint(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert fails(SsgError("It is not there", "ssg init x")) == 2
        assert capsys.readouterr().err == "error: It is not there\nhint: ssg init x\n"

    def test_a_no_is_1(self) -> None:
        assert fails(RunError("The check failed")) == 1

    def test_every_diagnostic_is_shown_with_its_place(self, capsys: pytest.CaptureFixture[str]) -> None:
        late = Diagnostic(
            "PJ003", "unknown-key", "Unknown key `colums`", Location("models/b.yml", 4, 2), "write `columns`"
        )
        early = Diagnostic("MD101", "odd", "It is odd", Location("models/a.yml"), severity=Severity.WARNING)
        assert fails(ProjectError([late, early])) == 1
        assert capsys.readouterr().err == (
            "warning[MD101] odd: It is odd\n"
            "  --> models/a.yml:1:1\n"
            "error[PJ003] unknown-key: Unknown key `colums`\n"
            "  --> models/b.yml:4:2\n"
            "  hint: write `columns`\n"
            "error: The project has 1 error\n"
        )

    def test_an_interrupt_is_130(self) -> None:
        assert fails(KeyboardInterrupt()) == 130

    def test_a_library_of_an_extra_is_for_the_user_to_install(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert fails(ModuleNotFoundError("No module named 'psycopg.sql'", name="psycopg.sql")) == 2
        assert "hint: pip install 'ssgproj[postgres]'" in capsys.readouterr().err
        assert fails(ModuleNotFoundError("No module named 'ssgproj.x'", name="ssgproj.x")) == 3

    def test_a_file_in_the_way_is_for_the_user_to_move(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "target").touch()
        assert guard((tmp_path / "target").mkdir, lambda: None) == 2
        assert capsys.readouterr().err == ("error: Cannot read or write `target`: File exists\nhint: ls -ld target\n")

    def test_a_bug_leaves_a_report_without_data(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        def broken(row: str) -> None:
            try:
                raise KeyError(row)
            except KeyError as e:
                raise ValueError(f"bad row {row}") from e

        assert guard(lambda: broken("jane@example.org"), lambda: tmp_path) == 3
        report = (tmp_path / "crash.log").read_text()
        assert "builtins.KeyError" in report
        assert "builtins.ValueError" in report
        assert f"ssg {__version__}" in report
        assert "in broken" in report
        for text in (report, capsys.readouterr().err):
            assert "jane" not in text
            assert str(Path(__file__).parent) not in report

    def test_without_a_project_the_report_goes_to_standard_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert guard(lambda: 1 / 0, lambda: None) == 3
        assert "builtins.ZeroDivisionError" in capsys.readouterr().err


def fails(error: BaseException) -> int:
    def call() -> None:
        raise error

    return guard(call, lambda: None)


def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    line = f"{sys.executable} -m ssgproj.cli.main --help | head -1"
    result = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert result.stdout.startswith("Usage: ssg")
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["ssg", "re"], ["reflect", "remove", "report"]),
        (["ssg", "ls", "--select", "o"], ["orders"]),
        (["ssg", "ls", "--exclude", "+"], ["+customers", "+orders"]),
        (["ssg", "ls", "--output", "m"], ["mermaid"]),
    ],
)
def test_the_shell_completes(ssg: Ssg, work: Path, words: list[str], completed: list[str]) -> None:
    ssg("init", "shop")
    environment = {
        **os.environ,
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
        "_SSG_COMPLETE": "bash_complete",
    }
    command = [sys.executable, "-m", "ssgproj.cli.main"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=work / "shop", env=environment, check=False)
    assert [line.partition(",")[2] for line in result.stdout.splitlines()] == completed
