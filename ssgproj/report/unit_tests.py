"""Outcomes of unit tests as text, JSON and JUnit's XML."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssgproj.unit_tests.compare import Difference
    from ssgproj.unit_tests.python import PythonRun
    from ssgproj.unit_tests.run import Outcome, Part

_MOST_ROWS = 50
_WIDTH = 120
_COLORS = {"pass": "green", "fail": "red", "error": "yellow"}


def render_text(outcomes: Iterable[Outcome], color: bool = False) -> str:
    """A line for each test, and below those that failed what was expected against what came."""
    from rich.console import Console
    from rich.text import Text

    buffer = io.StringIO()
    console = Console(
        file=buffer, width=_WIDTH, force_terminal=color, color_system="standard" if color else None, highlight=False, legacy_windows=False
    )  # fmt: skip
    for outcome in outcomes:
        test = outcome.test
        line = Text(f"{outcome.status.upper():5} ", style=f"bold {_COLORS[outcome.status]}")
        line.append(f"{test.stat}: {test.name}", style="default")
        if outcome.status != "pass":
            line.append(f"  {test.at.path}:{test.at.line}", style="dim")
        console.print(line, soft_wrap=True)
        if outcome.error is not None:
            console.print(Text(f"      {outcome.error.message}"), soft_wrap=True)
            if outcome.error.hint:
                console.print(Text(f"      hint: {outcome.error.hint}"), soft_wrap=True)
        for part in outcome.parts:
            if not part.passed:
                console.print(Text(f"      {part.name}: {part_message(part)}"), soft_wrap=True)
                if part.difference is not None and part.difference.lines:
                    console.print(_table(part.difference))
    return buffer.getvalue()


def part_message(part: Part) -> str:
    """What is wrong with one part, in a line."""
    if part.message is not None or part.difference is None:
        return part.message or ""
    found = part.difference
    if found.missing:
        return f"there is no column {', '.join(f'`{c}`' for c in found.missing)}"
    if found.order:
        return "the rows are right, and in another order than expected"
    counts = {
        "not found": sum(line.got is None for line in found.lines),
        "not expected": sum(line.expected is None for line in found.lines),
        "different": sum(line.got is not None and line.expected is not None and not line.same for line in found.lines),
    }
    return ", ".join(f"{n} row{'s' if n > 1 else ''} {what}" for what, n in counts.items() if n)


def _table(found: Difference) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SQUARE, padding=(0, 1))
    table.add_column("")
    for column in found.columns:
        table.add_column(Text(column), overflow="fold")
    shown = [line for line in found.lines if not line.same] if not found.order else list(found.lines)
    alike = [line for line in found.lines if line.same][: max(0, _MOST_ROWS - len(shown))]
    for line in shown[:_MOST_ROWS]:
        for what, row, style in (("expected", line.expected, "green"), ("got", line.got, "red")):
            if row is None:
                table.add_row(
                    Text(what, style=style),
                    *(Text("no row" if i == 0 else "", style="dim") for i in range(len(found.columns))),
                )
                continue
            differs = line.differs or tuple(True for _ in row)
            table.add_row(
                Text(what, style=style),
                *(Text(cell(v), style=style if d else "") for v, d in zip(row, differs, strict=True)),
            )
        table.add_section()
    if not found.order:
        for line in alike:
            table.add_row(Text("both", style="dim"), *(Text(cell(v), style="dim") for v in line.got or ()))
    if len(shown) > _MOST_ROWS:
        table.add_row(Text("..."), Text(f"{len(shown) - _MOST_ROWS} more"))
    return table


def cell(value: Any) -> str:
    """A value as people compare it: NULL, and texts as they are, in quotes where they would be taken for something else."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str):
        return (
            json.dumps(value, ensure_ascii=False)
            if value in ("", "NULL") or value != value.strip() or "\n" in value
            else value
        )
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def summary(outcomes: Sequence[Outcome]) -> str:
    """`3 unit tests: 2 passed, 1 failed`."""
    words = {"pass": "passed", "fail": "failed", "error": "could not be run"}
    counts = {word: sum(o.status == status for o in outcomes) for status, word in words.items()}
    said = ", ".join(f"{n} {word}" for word, n in counts.items() if n)
    return f"{len(outcomes)} unit test{'s' if len(outcomes) != 1 else ''}" + (f": {said}" if said else "")


def render_json(outcomes: Iterable[Outcome], python: PythonRun | None) -> str:
    """Everything for a program: one object."""
    tests = []
    for o in outcomes:
        entry: dict[str, Any] = {
            "stat": o.test.stat, "name": o.test.name, "status": o.status, "path": o.test.path, "line": o.test.at.line,
            "seconds": o.seconds,
        }  # fmt: skip
        if o.error is not None:
            entry |= {"message": o.error.message, "hint": o.error.hint}
        entry["parts"] = [_json_part(p) for p in o.parts]
        tests.append(entry)
    whole: dict[str, Any] = {"unit_tests": tests}
    if python is not None:
        own = [{"name": t.name, "status": t.status, "message": t.message, "seconds": t.seconds} for t in python.tests]
        whole["python"] = {"passed": python.passed, "tests": own}
    return json.dumps(whole, indent=2, ensure_ascii=False, default=cell) + "\n"


def _json_part(part: Part) -> dict[str, Any]:
    found: dict[str, Any] = {"name": part.name, "passed": part.passed}
    if not part.passed:
        found["message"] = part_message(part)
        if part.difference is not None:
            found["columns"] = part.difference.columns
            lines = [line for line in part.difference.lines if not line.same or part.difference.order]
            found["rows"] = [{"expected": line.expected, "got": line.got} for line in lines]
    return found


def render_junit(outcomes: Sequence[Outcome], python: PythonRun | None) -> str:
    """JUnit's XML, as build servers read it."""
    from xml.etree import ElementTree as ET

    suites = ET.Element("testsuites")
    states = [o.status for o in outcomes]
    suite = ET.SubElement(
        suites, "testsuite", name="ssg", tests=str(len(states)), failures=str(states.count("fail")), errors=str(states.count("error"))
    )  # fmt: skip
    for o in outcomes:
        case = ET.SubElement(
            suite, "testcase", classname=o.test.stat, name=o.test.name, file=o.test.path, line=str(o.test.at.line), time=f"{o.seconds:.3f}"
        )  # fmt: skip
        if o.error is not None:
            ET.SubElement(case, "error", message=_xml(o.error.message))
        elif o.status == "fail":
            message = "; ".join(f"{p.name}: {part_message(p)}" for p in o.parts if not p.passed)
            ET.SubElement(case, "failure", message=_xml(message)).text = _xml(render_text([o]))
    if python is not None:
        own = [t.status for t in python.tests]
        suite = ET.SubElement(
            suites, "testsuite", name="pytest", tests=str(len(own)), failures=str(own.count("fail")),
            errors=str(own.count("error")), skipped=str(own.count("skip")),
        )  # fmt: skip
        for t in python.tests:
            classname, _, name = t.name.rpartition(".")
            case = ET.SubElement(suite, "testcase", classname=classname, name=name, time=f"{t.seconds:.3f}")
            if t.status != "pass":
                ET.SubElement(
                    case, {"fail": "failure", "skip": "skipped"}.get(t.status, "error"), message=_xml(t.message)
                )
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _xml(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return "".join(
        c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
