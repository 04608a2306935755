"""What `ssg compile` writes under target/: the manifest for machines, the plan for people and diffs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssgproj.graph.graph import Graph
    from ssgproj.plan.plan import Plan, TablePlan
    from ssgproj.plan.stories import StoryPlan

MANIFEST_VERSION = 1


def manifest(graph: Graph, version: str) -> dict[str, Any]:
    """The graph as JSON: every node with its file, what it depends on and a hash of its meaning, and the order of the plan."""
    return {
        "schema_version": MANIFEST_VERSION,
        "ssg_version": version,
        "project": graph.project.settings.name,
        "nodes": {
            node.id: {
                "id": node.id,
                "kind": node.kind,
                "path": node.path,
                "line": node.line,
                "depends_on": list(node.depends_on),
                "tags": list(node.tags),
                "sha256": node.sha256,
            }
            for _, node in sorted(graph.nodes.items())
        },
        "order": list(graph.order),
    }


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of manifest.json."""
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    node = {
        "id": text,
        "kind": {"enum": ["model", "vocabulary", "stat", "story"]},
        "path": text,
        "line": {"type": "integer", "minimum": 1},
        "depends_on": texts,
        "tags": texts,
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ssg manifest",
        "type": "object",
        "required": ["schema_version", "ssg_version", "project", "nodes", "order"],
        "additionalProperties": False,
        "properties": {
            "schema_version": {"const": MANIFEST_VERSION},
            "ssg_version": text,
            "project": text,
            "nodes": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": list(node),
                    "additionalProperties": False,
                    "properties": node,
                },
            },
            "order": texts,
        },
    }


def plan_text(plan: Plan) -> str:
    """The plan, a block a table and a line a column: what is made, how, and what could not be had by construction."""
    lines = [f"project {plan.name}", f"seed {plan.seed}", ""]
    for number, node in enumerate((n for n in plan.order if n in plan.selected), start=1):
        if node in plan.vocabularies:
            model = plan.vocabularies[node]
            reason = model.vocabulary.reason if model.vocabulary else ""
            lines += [f"{number}. {node}: copied from vocabularies/ ({reason})", ""]
        elif node in plan.stories:
            lines += [*_story_lines(number, plan.stories[node]), ""]
        else:
            table = plan.tables[node]
            rows = f"{table.rows_in_pass(0):,} rows a pass"
            if table.told:
                rows += " beside those of stories"
            elif table.per_parent is not None:
                rows = f"about {rows}, so many for each parent"
            lines += [f"{number}. {node}: {rows}", *_table_lines(table), ""]
    return "\n".join(lines)


def _story_lines(number: int, story: StoryPlan) -> list[str]:
    lines = [f"{number}. {story.node}: told {story.count:,} times a pass ({story.path}:{story.line})"]
    for name, node in story.tables.items():
        if node.partition(".")[2] == name:
            lines.append(f"   inserts into {name}")
    lines += [
        f"   asks for rows of {n}" for n in dict.fromkeys(node.partition(".")[2] for node, _ in story.asks.values())
    ]
    lines += [f"   reads statistic {name}" for name in story.stats]
    return lines + [f"   {name}: {value}" for name, value in story.args.items() if isinstance(value, int | float | str)]


def _table_lines(table: TablePlan) -> list[str]:
    labels: dict[str, str] = {}
    for group in table.groups:
        for place, name in enumerate(group.columns):
            rate = group.null_rates[place] if group.null_rates else 0.0
            labels[name] = group.label + (f", {rate:.3g} NULL" if rate else "")
    for name, _ in table.generated:
        labels[name] = "computed by the database"
    width = max((len(n) for n in labels), default=0)
    lines = [f"   {c.name.ljust(width)}  {labels[c.name]}" for c in table.model.columns]
    lines += [f"   check: {c.text}" for c in {c.text: c for c in table.checks}.values()]
    lines += [f"   unique, tested on all rows: {', '.join(u.columns)}" for u in table.unique_sets]
    return lines + [f"   note: {n}" for n in table.notes]


def write_artifacts(target: Path, files: Mapping[str, str]) -> None:
    """Write files under target/, which is git-ignored and disposable."""
    for name, text in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def as_json(document: Any) -> str:
    """JSON as all artifacts have it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
