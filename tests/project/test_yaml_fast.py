"""The quick reader reads exactly what the full parser reads, or gives up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.project.yaml_fast import parse_plain_yaml
from ssgproj.project.yaml_file import YamlFile, _Composer
from ssgproj.project.yaml_node import Node

ROOT = Path(__file__).parents[2]


def full(text: str) -> tuple[Node | None, list[object]]:
    composer = _Composer(YamlFile("x.yml", text, None))
    return composer.document(), list(composer.problems)


def same(text: str) -> bool:
    """Whether the two agree on a text that the quick one reads; True as well where it gives up."""
    quick = parse_plain_yaml(text)
    if quick is None:
        return True
    node, problems = full(text)
    return node == quick and not problems


PIECES = [
    "a", "b", "key", "a b", "1", "012", "1e-6", "NO", "on", "null", "~", "true", "x:y", "x#y", "x #y", "a: b", "- ", "-", "-x", "-1", "--- ",
    "...", "'q'", "'it''s'", '"q"', '"a\\n"', '"', "'", "{", "}", "[", "]", ",", ", ", ": ", ":", " ", "  ", "    ", "\n", "\n", "\n  ", "\n    ",
    "# c", " # c", "|", "|\n  t", ">", "&a", "*a", "!t", "@", "`", "%", "?", "? ", "<<", "é", "中", "\t", "\u2028", "{a: 1}", "[a, b]", "{a: [1, {b: c}]}",
    "numeric(10, 2)", "varchar(5)", "{type: integer, nullable: true}", "\n- a", "\n  - b: c", "\n    d: e", "k: v\n", "k:\n", "\n\n",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_agrees_with_the_full_parser_on_scraps(text: str) -> None:
    assert same(text)


scalars = st.sampled_from(
    [
        "a",
        "a b",
        "1",
        "-1",
        "x:y",
        "'q, r'",
        '"a\\\\b"',
        '"\\"x\\" \\u00e9\\n"',
        '"\\x41"',
        '"\\ud83d\\ude00"',
        '"s: t"',
        "a(b)",
        "stat.x.y",
        "",
        "é",
        "0-4",
        "100+",
        "a?b",
        "-a-",
        "a{",
        "b]",
        "c,d",
    ]
)
keys = st.sampled_from(["a", "b", "c d", "e.f", '"g"', "'h i'", "j-k", "1", "no"])


def flows(depth: int = 2) -> st.SearchStrategy[str]:
    if depth == 0:
        return scalars
    inner = flows(depth - 1)
    sep = st.sampled_from([", ", ",", " , ", ",\n      "])
    return st.one_of(
        scalars,
        st.tuples(st.lists(inner, max_size=3), sep).map(lambda t: "[" + t[1].join(t[0]) + "]"),
        st.tuples(st.lists(st.tuples(keys, inner).map(lambda t: f"{t[0]}: {t[1]}"), max_size=3), sep).map(
            lambda t: "{" + t[1].join(t[0]) + "}"
        ),
    )


@st.composite
def documents(draw: st.DrawFn, indent: int = 0, depth: int = 3) -> str:
    lines = []
    listed = draw(st.booleans()) and depth < 3
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.integers(0, 5)) == 0:
            lines.append(" " * draw(st.integers(0, 6)) + "# note")
        if draw(st.integers(0, 7)) == 0:
            lines.append("")
        head = " " * indent + ("-" if listed else f"{draw(keys)}:")
        tail = draw(st.sampled_from(["", "", "", "  # why", " "]))
        if depth and draw(st.integers(0, 2)) == 0:
            shift = draw(st.sampled_from([0, 1, 2, 2, 4]))
            lines.append(head + tail)
            lines.append(draw(documents(indent + shift, depth - 1)))
        elif listed and draw(st.booleans()):
            lines.append(f"{head} {draw(keys)}: {draw(flows())}{tail}")
            lines.append(f"{' ' * (indent + 2)}{draw(keys)}: {draw(scalars)}")
        else:
            lines.append(f"{head} {draw(flows())}{tail}")
    return "\n".join(lines)


@settings(max_examples=300, deadline=None)
@given(documents())
def test_agrees_with_the_full_parser_on_documents(text: str) -> None:
    assert same(text)


@pytest.mark.parametrize(
    "path",
    # Unit tests are not read by every command, and hold blocks of CSV.
    sorted(p for d in ("example_project", "templates") for p in (ROOT / d).rglob("*.yml") if p.parent.name != "tests"),
    ids=str,
)
def test_reads_the_files_that_come_with_ssg(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "{%" in text or "{{" in text.replace('"{{', ""):
        pytest.skip("a template")
    assert parse_plain_yaml(text) is not None
    assert same(text)
