"""Reading YAML: values, places, limits."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.diagnostics import Diagnostic
from ssgproj.project.yaml_file import MAX_CHARACTERS, parse_yaml, read_yaml
from ssgproj.project.yaml_node import Mapping, Scalar, plain_value


def value(text: str) -> object:
    file, problems = parse_yaml(text, "x.yml")
    assert not [d for d in problems if d.is_error]
    return plain_value(file.root) if file.root is not None else None


def problem(text: str) -> Diagnostic:
    _, problems = parse_yaml(text, "x.yml")
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NO", "NO"), ("no", "no"), ("on", "on"), ("yes", "yes"), ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("1e-6", 1e-6), ("1.0e-5", 1e-5), ("1e3", 1000.0), (".5", 0.5), ("12", 12), ("-3", -3), ("+3", 3), ("0x1F", 31), ("0o17", 15), ("1_000", "1_000"),
        ("12:30", "12:30"), ("12:30:45", "12:30:45"), ("2024-01-01", "2024-01-01"), ("'012'", "012"), ('"1"', "1"), ("0b1", "0b1"), ("1.2.3", "1.2.3"),
        (".inf", float("inf")), ("1e", "1e"), ("0-4", "0-4"), ("100+", "100+"), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, expected: object) -> None:
    for form in (
        f"k: {text}\n",
        f"k: {text} # note\n",
        f"'k': [{text}]\n",
        f"k: {{'a b': {text}}}\n",
        f"? k\n: {text}\n",
    ):
        found = value(form)
        assert isinstance(found, dict)
        inner = found["k"]
        inner = inner["a b"] if isinstance(inner, dict) else inner[0] if isinstance(inner, list) and inner else inner
        if text or not form.startswith("'k'"):
            assert (inner, type(inner)) == (expected, type(expected)), form


def test_leading_zeros_are_numbers_with_a_warning() -> None:
    found = problem("codes: [012]\n")
    assert (found.code, found.is_error, found.at.line, found.at.column) == ("PJ009", False, 1, 9)
    assert found.hint is not None and '"012"' in found.hint


def test_places_count_characters_from_one() -> None:
    file, _ = parse_yaml("a: 1\nb:\n  é👍: x\n  c: [1,\n    zz]\n", "x.yml")
    assert isinstance(file.root, Mapping)
    inner = file.root.entries["b"].value
    assert isinstance(inner, Mapping)
    assert str(file.at(inner.entries["é👍"].value)) == "x.yml:3:7"
    assert str(file.at(inner.entries["c"].value.items[1])) == "x.yml:5:5"  # type: ignore[union-attr]


def test_places_within_another_file() -> None:
    file, _ = parse_yaml("a: 1\nb: 2\n", "x.sql", line_offset=4)
    assert isinstance(file.root, Mapping)
    assert file.at(file.root.entries["b"].value).line == 6


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\na: 2\n", "PJ002", 2, 1),
        ("x: {a: 1, b: 2, a: 3}\n", "PJ002", 1, 17),
        ("a:\n\t- 1\n", "PJ001", 2, 1),
        ("a: b: c\n", "PJ001", 1, 5),
        ("a: [1, 2\n", "PJ001", 2, 1),
        ("a: {b: 1\nc: 2\n", "PJ001", 2, 2),
        ("a: @b\n", "PJ001", 1, 4),
        ("a: 'x\n", "PJ001", 2, 1),
        ("a: *b\n", "PJ001", 1, 4),
        ("a: !!python/object/apply:os.system [ls]\n", "PJ008", 1, 4),
        ("a: !x 1\n", "PJ008", 1, 4),
        ("a: 1\n---\nb: 2\n", "PJ001", 2, 1),
        ("a: \x07\n", "PJ001", 1, 4),
        ("[a]: 1\n", "PJ001", 1, 1),
        ("a: " + "9" * 5000 + "\n", "PJ008", 1, 4),
        ("a: " + "[" * 2000, "PJ008", 1, 44),
    ],
)
def test_what_is_wrong_is_shown_at_its_place(text: str, code: str, line: int, column: int) -> None:
    found = problem(text)
    assert (found.code, found.at.line, found.at.column) == (code, line, column), found


def test_deep_blocks_are_refused() -> None:
    assert problem("".join("  " * n + "a:\n" for n in range(500))).code == "PJ008"


def test_alias_bombs_are_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    start = time.monotonic()
    assert problem("\n".join(lines)).code == "PJ008"
    assert time.monotonic() - start < 5


def test_recursive_aliases_are_refused() -> None:
    assert problem("a: &a [*a]\n").code == "PJ001"


def test_aliases_and_merges_are_read() -> None:
    assert value("a: &x {b: 1, c: 2}\nd: *x\ne: {<<: *x, c: 3}\n") == {
        "a": {"b": 1, "c": 2},
        "d": {"b": 1, "c": 2},
        "e": {"c": 3, "b": 1},
    }


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    _, problems = read_yaml(path, "x.yml")
    assert [(d.code, d.at.line, d.at.column) for d in problems] == [("PJ007", 2, 4)]
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    file, problems = read_yaml(path, "x.yml")
    assert not problems
    assert plain_value(file.root) == {"a": 1}  # type: ignore[arg-type]


def test_files_that_are_too_large_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("a: " + "x" * (4 * MAX_CHARACTERS + 1))
    assert read_yaml(path, "x.yml")[1][0].code == "PJ008"
    assert read_yaml(tmp_path / "none.yml", "none.yml")[1][0].code == "PJ007"
    assert parse_yaml("x" * (MAX_CHARACTERS + 1), "x.yml")[1][0].code == "PJ008"


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab:-#[]{},&*!|>'\"%@`? \n\t\\0\u00e9\x07\r"), max_size=30))
def test_no_text_makes_it_raise(text: str) -> None:
    file, problems = parse_yaml(text, "x.yml")
    assert file.root is None or isinstance(plain_value(file.root), object)
    for found in problems:
        assert found.at.line >= 1


def test_scalars_know_their_text() -> None:
    file, _ = parse_yaml("a: 1.50\n", "x.yml")
    assert isinstance(file.root, Mapping)
    scalar = file.root.entries["a"].value
    assert isinstance(scalar, Scalar)
    assert (scalar.text, scalar.value) == ("1.50", 1.5)
