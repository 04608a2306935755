"""The figures in README.md are those of `results/latest.json`: a marked block is written from it, and a test compares the two.

python -m benchmarks.readme
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from benchmarks import charts, results

BEGIN, END = "<!-- benchmarks: written by `python -m benchmarks.readme` -->", "<!-- /benchmarks -->"
_BLOCK = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)


def fill(path: Path, document: dict[str, Any]) -> None:
    """Write the block of a page anew."""
    text = path.read_text(encoding="utf-8")
    path.write_text(_BLOCK.sub(lambda _: block(document), text), encoding="utf-8")


def found_block(text: str) -> str | None:
    """The block that a page has."""
    match = _BLOCK.search(text)
    return match.group() if match else None


def block(document: dict[str, Any]) -> str:
    """The block between its marks."""
    return f"{BEGIN}\n{summary(document)}\n{END}"


def summary(document: dict[str, Any]) -> str:
    """What was found, in Markdown: the machine, the main figures and the targets."""
    machine = document["machine"]
    versions = machine["versions"]
    named = ", ".join(f"{n} {versions[n]}" for n in ("PostgreSQL", "DuckDB", "duckdb") if n in versions).replace(
        "duckdb", "DuckDB"
    )
    how = "medians" if document["repeat"] > 1 else f"each measured once, at the size “{document['size']}”: rough"
    parts = [
        f"{machine['cores']} cores, {machine['memory_gb']} GB, Python {machine['python']}{', ' if named else ''}{named}; {how}."
    ]
    sections = {s["name"]: s for s in document["sections"]}
    for name, write in (
        ("limit", _limit),
        ("growth", _growth),
        ("sqlsynthgen", _predecessor),
        ("stats", _stats),
        ("startup", _startup),
    ):
        if name in sections and sections[name]["measures"]:
            parts += ["", *write(sections[name])]
    if missed := [t for s in document["sections"] for t in s["targets"] if t["met"] is False]:
        parts += ["", "Aimed at, and missed:", ""]
        parts += [
            f"- {t['goal']}: {_number(t['found'], t['unit'])} instead of {_number(t['wanted'], t['unit'])}"
            for t in missed
        ]
    return "\n".join(parts)


def _limit(section: dict[str, Any]) -> list[str]:
    lines = [
        "| destination | rows | `ssg run` | rows a second | the limit | share of the limit |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for ratio in section["ratios"]:
        if ratio["over"] == "ssg run":
            run = _measure(section, ratio["case"], "ssg run")
            limit = _measure(section, ratio["case"], ratio["under"])
            case = ratio["case"] + ratio["under"].removeprefix("limit")
            cells = (
                case, charts.count(run["rows"]), charts.seconds(run["median_seconds"]), charts.count(run["per_second"]),
                charts.seconds(limit["median_seconds"]), f"{ratio['median']:.0%}",
            )  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _growth(section: dict[str, Any]) -> list[str]:
    sizes = list(dict.fromkeys(m["rows"] for m in section["measures"]))
    names = list(dict.fromkeys(m["case"] for m in section["measures"]))
    by = {(m["case"], m["rows"]): m for m in section["measures"]}
    header = " | ".join(charts.count(s) + " rows" for s in sizes)
    lines = [f"| rows a second (peak memory) | {header} |", f"| --- |{' --- |' * len(sizes)}"]
    for name in names:
        cells = []
        for size in sizes:
            found = by.get((name, size))
            cells.append(f"{charts.count(found['per_second'])} ({charts.count(found['peak_mb'])} MB)" if found else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _predecessor(section: dict[str, Any]) -> list[str]:
    lines = ["| rows a second, next to SqlSynthGen 0.4.2 | times |", "| --- | --- |"]
    lines += [f"| {r['case']}: {r['over']} / {r['under']} | {charts.ratio(r['median'])} |" for r in section["ratios"]]
    return lines


def _stats(section: dict[str, Any]) -> list[str]:
    lines = []
    for case in dict.fromkeys(m["case"] for m in section["measures"]):
        told = [
            f"{m['subject']} {charts.seconds(m['median_seconds'])} and {charts.count(m['peak_mb'])} MB"
            for m in section["measures"]
            if m["case"] == case
        ]
        lines.append(f"A statistic over {case}: {', '.join(told)}.")
    return lines


def _startup(section: dict[str, Any]) -> list[str]:
    shown = ("python -c pass", "ssg --help", "ssg lint, on the example", "ssg compile, on the example")
    told = [
        f"`{m['subject']}` {charts.seconds(m['median_seconds'])}" for m in section["measures"] if m["subject"] in shown
    ]
    return [f"Start-up: {'; '.join(told)}."]


def _measure(section: dict[str, Any], case: str, subject: str) -> dict[str, Any]:
    found: dict[str, Any] = next(m for m in section["measures"] if (m["case"], m["subject"]) == (case, subject))
    return found


def _number(value: float, unit: str) -> str:
    return f"{charts.count(value)} {unit}".strip()


if __name__ == "__main__":
    fill(Path(__file__).parents[1] / "README.md", results.read())
