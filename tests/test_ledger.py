"""The ledger: nothing can be taken out of it unseen."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from ssgproj.errors import RunError, SsgError
from ssgproj.ledger import FILE, HEAD, LedgerWriter, locked, read_ledger


def filled(root: Path, releases: int = 3) -> list[str]:
    writer = LedgerWriter(root)
    for i in range(releases):
        writer.intend(f"s{i}", 0.25, 1e-7, "m")
        writer.finish(f"s{i}", "m", "r")
    return (root / FILE).read_text().splitlines(keepends=True)


def test_spending_adds_up(tmp_path: Path) -> None:
    filled(tmp_path)
    ledger = read_ledger(tmp_path)
    assert ledger.flaws == () and ledger.epsilon == 0.75 and ledger.spent_on("s1") == 0.25 and len(ledger.entries) == 6


def test_no_file_no_lines(tmp_path: Path) -> None:
    assert read_ledger(tmp_path).entries == () and read_ledger(tmp_path).flaws == ()


@pytest.mark.parametrize("line", range(7))
def test_a_removed_line_is_found(tmp_path: Path, line: int) -> None:
    lines = filled(tmp_path)
    (tmp_path / FILE).write_text("".join(lines[:line] + lines[line + 1 :]))
    assert read_ledger(tmp_path).flaws
    with pytest.raises(RunError, match="can no longer be told"):
        LedgerWriter(tmp_path)


@pytest.mark.parametrize("line", range(7))
@pytest.mark.parametrize("change", [("0", "1"), ("s", "z"), (",", ";"), ("\n", ""), ("0.25", "0.1"), ("2", "3")])
def test_an_edited_line_is_found(tmp_path: Path, line: int, change: tuple[str, str]) -> None:
    lines = filled(tmp_path)
    edited = lines[line].replace(change[0], change[1], 1)
    if edited == lines[line]:
        pytest.skip("this line has no such text")
    (tmp_path / FILE).write_text("".join([*lines[:line], edited, *lines[line + 1 :]]))
    assert read_ledger(tmp_path).flaws


def test_other_tampering_is_found(tmp_path: Path) -> None:
    lines = filled(tmp_path)
    for text in (
        "",
        "".join(lines[:3]),
        "".join([lines[0], *reversed(lines[1:])]),
        "".join([*lines, lines[-1]]),
        "".join(lines)[:-5],
        "\ufffd",
    ):
        (tmp_path / FILE).write_text(text)
        assert read_ledger(tmp_path).flaws, text
    (tmp_path / FILE).unlink()
    assert read_ledger(tmp_path).flaws
    (tmp_path / FILE).write_bytes(b"\xff")
    assert read_ledger(tmp_path).flaws


def test_two_branches_merge(tmp_path: Path) -> None:
    base = filled(tmp_path, 1)
    head = (tmp_path / HEAD).read_text()
    writer = LedgerWriter(tmp_path)
    writer.intend("ours", 0.5, 0.0, "m")
    ours = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text("".join(base))
    (tmp_path / HEAD).write_text(head)
    LedgerWriter(tmp_path).intend("theirs", 0.25, 0.0, "m")
    theirs = (tmp_path / FILE).read_text().splitlines(keepends=True)[-1]
    (tmp_path / FILE).write_text(ours + theirs)
    ledger = read_ledger(tmp_path)
    assert ledger.flaws == () and ledger.epsilon == 1.0


def test_a_crash_after_the_line_and_before_the_head(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    head = (tmp_path / HEAD).read_text()
    LedgerWriter(tmp_path).intend("x", 0.5, 0.0, "m")
    (tmp_path / HEAD).write_text(head)
    assert read_ledger(tmp_path).flaws == () and read_ledger(tmp_path).epsilon == 0.75


def test_the_budget_holds_over_all_releases(tmp_path: Path) -> None:
    writer = LedgerWriter(tmp_path, (1.0, 1e-5))
    for _ in range(10):
        writer.intend("x", 0.1, 1e-6, "m")
    with pytest.raises(RunError, match="budget is 1"):
        LedgerWriter(tmp_path, (1.0, None)).intend("y", 0.001, 0.0, "m")
    with pytest.raises(RunError, match="delta"):
        LedgerWriter(tmp_path, (None, 1e-5)).intend("y", 0.0, 1e-7, "m")
    LedgerWriter(tmp_path, (1.0, 1e-5)).intend("plain", 0.0, 0.0, "m")
    assert (tmp_path / FILE).read_text().count("\n") == 12


def _hold(root: Path, ready: object, end: object) -> None:
    with locked(root):
        ready.set()  # type: ignore[attr-defined]
        end.wait(10)  # type: ignore[attr-defined]


def test_one_process_at_a_time(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, end = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path, ready, end))
    other.start()
    assert ready.wait(30)
    with pytest.raises(SsgError, match="Another"), locked(tmp_path):
        pass
    end.set()
    other.join()
    with locked(tmp_path):
        pass
