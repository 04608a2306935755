from __future__ import annotations

import json
from dataclasses import dataclass

from ssgproj.report.drawing import as_json, dot, mermaid, text


@dataclass(frozen=True)
class Node:
    id: str
    kind: str = "model"
    path: str = "models/x.yml"
    line: int = 1
    depends_on: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


NODES = [
    Node("vocabulary.countries", "vocabulary"),
    Node('model.odd "name"\\'),
    Node("model.users", depends_on=("vocabulary.countries", "model.absent")),
]


def test_text_is_one_id_per_line() -> None:
    assert text(NODES[:1]) == "vocabulary.countries\n"


def test_json_is_one_array_even_of_nothing() -> None:
    assert json.loads(as_json([])) == []
    assert json.loads(as_json(NODES))[2]["depends_on"] == ["vocabulary.countries", "model.absent"]


def test_dot_quotes_names_and_draws_only_arrows_between_shown_nodes() -> None:
    assert dot(NODES) == (
        "digraph ssg {\n"
        "  rankdir=LR;\n"
        '  "vocabulary.countries" [shape=cylinder];\n'
        '  "model.odd \\"name\\"\\\\" [shape=box];\n'
        '  "model.users" [shape=box];\n'
        '  "vocabulary.countries" -> "model.users";\n'
        "}\n"
    )


def test_mermaid_escapes_labels() -> None:
    assert mermaid(NODES) == (
        'flowchart LR\n  n0[("vocabulary.countries")]\n  n1["model.odd #quot;name#quot;\\"]\n  n2["model.users"]\n  n0 --> n2\n'
    )
