"""Nodes as text for people, JSON for programs, and drawings (Graphviz, Mermaid). Arrows lead from what is needed to what needs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol


class Node(Protocol):
    """What is shown of a node."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def depends_on(self) -> Sequence[str]: ...
    @property
    def tags(self) -> Sequence[str]: ...


_DOT_SHAPES = {"model": "box", "vocabulary": "cylinder", "stat": "note", "story": "component"}
_MERMAID_SHAPES = {"model": '["{}"]', "vocabulary": '[("{}")]', "stat": '>"{}"]', "story": '[["{}"]]'}


def text(nodes: Sequence[Node]) -> str:
    """One id per line."""
    return "".join(f"{n.id}\n" for n in nodes)


def as_json(nodes: Sequence[Node]) -> str:
    """One array; empty if there are no nodes."""
    found = [
        {
            "id": n.id,
            "kind": n.kind,
            "path": n.path,
            "line": n.line,
            "depends_on": list(n.depends_on),
            "tags": list(n.tags),
        }
        for n in nodes
    ]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def dot(nodes: Sequence[Node]) -> str:
    """A Graphviz digraph of these nodes and the arrows between them."""
    lines = ["digraph ssg {", "  rankdir=LR;"]
    lines += [f"  {_dot(n.id)} [shape={_DOT_SHAPES.get(n.kind, 'box')}];" for n in nodes]
    lines += [f"  {_dot(a)} -> {_dot(b)};" for a, b in _edges(nodes)]
    return "\n".join([*lines, "}", ""])


def mermaid(nodes: Sequence[Node]) -> str:
    """A Mermaid flowchart, as code hosts show it inside Markdown."""
    names = {n.id: f"n{i}" for i, n in enumerate(nodes)}
    lines = ["flowchart LR"]
    for n in nodes:
        label = (
            n.id.replace("&", "#amp;")
            .replace('"', "#quot;")
            .replace("<", "#lt;")
            .replace(">", "#gt;")
            .replace("\n", " ")
        )
        lines.append(f"  {names[n.id]}{_MERMAID_SHAPES.get(n.kind, _MERMAID_SHAPES['model']).format(label)}")
    lines += [f"  {names[a]} --> {names[b]}" for a, b in _edges(nodes)]
    return "\n".join([*lines, ""])


FORMATS: dict[str, Callable[[Sequence[Node]], str]] = {"text": text, "json": as_json, "dot": dot, "mermaid": mermaid}


def _edges(nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    shown = {n.id for n in nodes}
    for node in nodes:
        for needed in node.depends_on:
            if needed in shown:
                yield needed, node.id


def _dot(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
