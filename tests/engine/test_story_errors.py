"""A story that goes wrong is reported with its place, within seconds, and the destination is as it was."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest

from ssgproj.engine import fill
from ssgproj.errors import RunError
from tests.engine.story_projects import query, run, write

GOOD = """
@story(count=3, inserts=["users"])
def sign_ups(ctx):
    yield Row("users", name="first")
"""
CASES = {
    "raises": ('user["nme"]', "failed with KeyError: 'nme'"),
    "division": ("1 / 0", "failed with ZeroDivisionError"),
    "leaves": ("raise SystemExit(1)", "failed with SystemExit"),
    "unknown table": ('yield Row("vistis")', "yields a row of `vistis`, for which there is no model"),
    "undeclared table": ('yield Row("countries", code="SE")', "yields a row of `countries`, which is not among its `inserts`"),
    "unknown column": ('yield Row("visits", **{"strat": 1})', "gives `visits` a column `strat`, which it does not have"),
    "unknown column set": ('user["strat"] = 1', "gives `users` a column `strat`, which it does not have"),
    "wrong type": ('yield Row("users", age="old")', "gives `users.age` of type `integer` what it cannot hold"),
    "wrong class": ('yield Row("users", joined=object())', "gives `users.joined` of type `date` what it cannot hold"),
    "number for text": ('yield Row("users", name=5)', "gives `users.name` of type `varchar(20)` what it cannot hold: a int is no text"),
    "too long": ('yield Row("users", name="x" * 21)', "what it cannot hold: a text of 21 characters is too long"),
    "out of range": ('yield Row("users", age=2**31)', "what it cannot hold: a number is out of range"),
    "not whole": ('yield Row("users", age=1.5)', "what it cannot hold: a number is not whole"),
    "null": ('yield Row("users", name=None)', "gives NULL to `users.name`, which must have a value"),
    "no such parent": ('yield Row("users", country="XX")', "gives `users` a reference (country) to a row of `countries` that does not exist"),
    "no such told parent": ('yield Row("visits", user_id=999)', "gives `visits` a reference (user_id) to a row of `users` that does not exist"),
    "no row": ("yield 5", "yields a int, which is no row"),
    "twice": ("yield user", "yields a row for the second time"),
    "endless": ('while True: yield Row("users")', "yields more than 5,000 rows in one telling"),
    "unknown parents": ('name = "visit" + "s"; ctx.parents(name)', "failed: `ctx.parents` does not know `visits`"),
}  # fmt: skip


def broken(line: str) -> str:
    return f"""
@story(count=3, inserts=["users", "visits"], max_rows=5000, timeout=1)
def sign_ups(ctx):
    user = yield Row("users")
    if ctx.number == 1:
        {line}
"""


@pytest.mark.parametrize("name", CASES)
def test_its_place_and_nothing_written(name: str, tmp_path: Path) -> None:
    line, message = CASES[name]
    run(write(tmp_path, GOOD))
    (tmp_path / "stories" / "s.py").unlink()
    (tmp_path / "stories" / "t.py").write_text("from ssgproj.stories import Row, story\n" + broken(line))
    begun = time.monotonic()
    with pytest.raises(RunError) as raised:
        _run_unchecked(tmp_path)
    assert time.monotonic() - begun < 10
    text = raised.value.message
    assert message in text
    assert text.startswith("Story `sign_ups` ")
    assert re.search(r"at stories/t\.py:7 \(telling 1 of 3, seed \d+\)$", text), text
    assert (raised.value.hint or "").endswith("ssg run --select story.sign_ups --only 1")
    assert query(tmp_path, "SELECT count(*), max(name) FROM users") == [(3, "first")]
    assert query(tmp_path, "SELECT count(*) FROM visits") == [(0,)]


def _run_unchecked(root: Path, **options: object) -> None:
    """Without minding what is found ahead: the run has to hold by itself."""
    from ssgproj.engine.run import run_plan
    from ssgproj.graph.resolve import resolve
    from ssgproj.plan.compile import compile_plan
    from ssgproj.project.parse import parse_project
    from ssgproj.targets import open_destination

    plan, _ = compile_plan(resolve(parse_project(root)), stats={})
    run_plan(plan, open_destination("duckdb:///out.duckdb", root), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["while True: pass", "import time; time.sleep(60)"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_story_that_never_ends(line: str, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "FEW_ROWS", 0)
    write(tmp_path, broken(line))
    begun = time.monotonic()
    with pytest.raises(RunError, match=r"takes longer than 1 seconds, at stories/s.py:7 \(telling 1 of 3"):
        run(tmp_path, workers=workers)
    assert time.monotonic() - begun < 30
    assert not (tmp_path / "out.duckdb").exists()


def test_in_another_thread_too(tmp_path: Path) -> None:
    write(tmp_path, broken("while True: pass"))
    raised: list[BaseException] = []

    def target() -> None:
        try:
            run(tmp_path)
        except RunError as error:
            raised.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join(20)
    assert raised and "takes longer than 1 seconds" in str(raised[0])


def test_errors_come_from_workers_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "FEW_ROWS", 0)
    write(tmp_path, broken('user["nme"]'))
    with pytest.raises(RunError, match=r"KeyError: 'nme', at stories/s.py:7") as raised:
        run(tmp_path, workers=2)
    assert "--only 1" in (raised.value.hint or "")


def test_a_failing_telling_fails_alone_too(tmp_path: Path) -> None:
    write(tmp_path, broken("1 / 0"))
    run(tmp_path, select=["vocabulary.countries"])
    with pytest.raises(RunError, match="telling 1 of 3"):
        run(tmp_path, select=["story.sign_ups"], only=1)


def test_the_line_of_a_delegated_yield(tmp_path: Path) -> None:
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "parts.py").write_text(
        "from ssgproj.stories import Row\n\n\ndef visits(user):\n    yield Row('visits', user_id=-user['id'])\n"
    )
    story = """
        from stories.parts import visits

        @story(count=3, inserts=["users", "visits"])
        def sign_ups(ctx):
            user = yield Row("users")
            yield from visits(user)
    """
    with pytest.raises(RunError, match=r"at stories/parts.py:5 \(telling 0 of 3"):
        run(write(tmp_path, story))


def test_nothing_to_tell(tmp_path: Path) -> None:
    story = """
        def helper(ctx):
            return None

        @story(count=3, inserts=["users"])
        def sign_ups(ctx):
            return helper(ctx)
    """
    with pytest.raises(RunError, match=r"returns nothing and yields no rows, at stories/s.py:7"):
        run(write(tmp_path, story))


def test_a_reference_that_nothing_fills(tmp_path: Path) -> None:
    story = """
        @story(count=3, inserts=["users", "visits"])
        def sign_ups(ctx):
            yield Row("visits")
    """
    with pytest.raises(
        RunError,
        match=r"yields a row of `visits` without `user_id`, and no row of `users` before it, at stories/s.py:5",
    ):
        run(write(tmp_path, story))
