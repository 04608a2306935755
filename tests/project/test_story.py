"""Stories are read without being run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.project.model import TableName
from ssgproj.project.story import parse_stories

TEXT = '''\
"""Sign-ups."""
raise SystemExit("stories are never imported here")
from ssgproj.stories import Row, StoryContext, story as tale
from ssgproj import stories

def helper(): ...

@tale(count="var.sign_ups", inserts=["users", "shop.sessions"], stats=["per_user"], tags=("a",))
def sign_ups(ctx):
    """A user signs up.

    More.
    """
    yield Row("users")

@stories.story
def plain(ctx): ...

@stories.story(count=3)
@helper
def counted(ctx): ...
'''


def write(root: Path, text: str, name: str = "a.py") -> Path:
    path = root / "stories" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return root


def test_decorators_are_read(tmp_path: Path) -> None:
    stories, problems = parse_stories(write(tmp_path, TEXT))
    assert not problems
    assert [s.name for s in stories] == ["sign_ups", "plain", "counted"]
    first = stories[0]
    assert (first.count, first.inserts, first.stats, first.tags) == (
        "var.sign_ups", (TableName("users"), TableName("sessions", "shop")), ("per_user",), ("a",),
    )  # fmt: skip
    assert first.description == "A user signs up."
    assert first.node_id == "story.sign_ups"
    assert str(first.at) == "stories/a.py:9:1"
    assert str(first.places["inserts.shop.sessions"]) == "stories/a.py:8:47"
    assert stories[2].count == 3


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("def x(:\n", "SY101", 1),
        ("\0", "SY101", 1),
        ("@story(cuont=1)\ndef f(ctx): ...\n", "SY102", 2),
        ("@story(count=-1)\ndef f(ctx): ...\n", "SY102", 2),
        ("@story(count=True)\ndef f(ctx): ...\n", "SY102", 2),
        ("@story(count='sign_ups')\ndef f(ctx): ...\n", "SY102", 2),
        ("@story(inserts='users')\ndef f(ctx): ...\n", "SY102", 2),
        ("@story(inserts=TABLES)\ndef f(ctx): ...\n", "SY102", 2),
        ("@story(10)\ndef f(ctx): ...\n", "SY102", 2),
        ("@story(**x)\ndef f(ctx): ...\n", "SY102", 2),
        ("@story()\ndef f(ctx): ...\n@story()\ndef f(ctx): ...\n", "SY103", 5),
    ],
)
def test_mistakes(tmp_path: Path, text: str, code: str, line: int) -> None:
    head = "" if code == "SY101" else "from ssgproj.stories import story\n"
    _, problems = parse_stories(write(tmp_path, head + text))
    assert [(d.code, d.at.line) for d in problems] == [(code, line)]


def test_other_decorators_are_no_stories(tmp_path: Path) -> None:
    stories, problems = parse_stories(write(tmp_path, "from other import story\n@story(x=1)\ndef f(): ...\n"))
    assert stories == () and problems == []
    assert parse_stories(tmp_path / "none") == ((), [])
