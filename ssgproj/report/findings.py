"""Findings for people and for tools: text, concise, json, github, gitlab, sarif."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ssgproj import __version__
from ssgproj.diagnostics import Diagnostic
from ssgproj.lint.linter import LintResult
from ssgproj.lint.registry import RULES, page, rule

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MAX_CONTEXT = 160


def render_findings(result: LintResult, format_name: str, root: Path) -> str:
    """The findings in one of `FORMATS`. `root` is the project's, for the lines that text shows."""
    return FORMATS[format_name](result, root)


def summary(findings: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`."""
    errors = sum(d.is_error for d in findings)
    parts = [(errors, "error"), (len(findings) - errors, "warning")]
    said = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in parts if number]
    return ", ".join(said) or "No findings"


def _text(result: LintResult, root: Path) -> str:
    lines_of: dict[str, list[str]] = {}
    blocks = []
    for d in result.findings:
        if d.at.path not in lines_of:
            lines_of[d.at.path] = _lines(root / d.at.path)
        block = [f"{d.at}: {d.severity} {d.code} {d.name}", f"  {d.message}", *_excerpt(d, lines_of[d.at.path])]
        if d.hint:
            block.append(f"  hint: {d.hint}")
        blocks.append("\n".join(block))
    return "".join(f"{b}\n\n" for b in blocks)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else []
    except OSError:
        return []


def _excerpt(d: Diagnostic, lines: Sequence[str]) -> list[str]:
    """The line, and carets below what is meant."""
    if not 0 < d.at.line <= len(lines) or d.at.end_column is None:
        return []
    line = lines[d.at.line - 1].rstrip()
    end = d.at.end_column if d.at.end_line in (None, d.at.line) else len(line) + 1
    if len(line) > _MAX_CONTEXT:
        return []
    number = str(d.at.line)
    pad = "".join("\t" if c == "\t" else " " for c in line[: d.at.column - 1])
    marks = "^" * max(1, min(end, len(line) + 1) - d.at.column)
    return [f"  {number} | {line}", f"  {' ' * len(number)} | {pad}{marks}"]


def _concise(result: LintResult, root: Path) -> str:
    return "".join(f"{d.at}: {d.code} {d.message}{f' ({d.hint})' if d.hint else ''}\n" for d in result.findings)


def as_dict(d: Diagnostic) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "code": d.code,
        "name": d.name,
        "severity": str(d.severity),
        "message": d.message,
        "hint": d.hint,
        "path": d.at.path,
        "line": d.at.line,
        "column": d.at.column,
        "end_line": d.at.end_line,
        "end_column": d.at.end_column,
    }


def _json(result: LintResult, root: Path) -> str:
    return json.dumps({"findings": [as_dict(d) for d in result.findings]}, indent=2, ensure_ascii=False) + "\n"


def _github(result: LintResult, root: Path) -> str:
    return "".join(_annotation(d) for d in result.findings)


def _annotation(d: Diagnostic) -> str:
    values = {
        "file": d.at.path,
        "line": d.at.line,
        "endLine": d.at.end_line,
        "col": d.at.column,
        "endColumn": d.at.end_column if d.at.end_line in (None, d.at.line) else None,
        "title": f"{d.code} {d.name}",
    }
    said = ",".join(f"{k}={_property(str(v))}" for k, v in values.items() if v is not None)
    message = d.message + (f"\nhint: {d.hint}" if d.hint else "")
    return f"::{d.severity} {said}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _gitlab(result: LintResult, root: Path) -> str:
    seen: dict[str, int] = {}
    found = []
    for d in result.findings:
        key = f"{d.code}\0{d.at.path}\0{d.message}"
        seen[key] = seen.get(key, 0) + 1
        found.append(
            {
                "description": f"{d.message}{f' — {d.hint}' if d.hint else ''}",
                "check_name": d.code,
                "fingerprint": hashlib.sha256(f"{key}\0{seen[key]}".encode()).hexdigest(),
                "severity": "major" if d.is_error else "minor",
                "location": {"path": d.at.path, "lines": {"begin": d.at.line, "end": d.at.end_line or d.at.line}},
            }
        )
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _sarif(result: LintResult, root: Path) -> str:
    codes = sorted({d.code for d in result.findings} | {s.finding.code for s in result.suppressed})
    results = [_sarif_result(d, codes) for d in result.findings]
    for suppression in result.suppressed:
        one = _sarif_result(suppression.finding, codes)
        one["suppressions"] = [
            {"kind": "inSource"} | ({"justification": suppression.reason} if suppression.reason else {})
        ]
        results.append(one)
    driver = {"name": "ssg", "version": __version__, "rules": [_sarif_rule(c, result) for c in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"PROJECTROOT": {"description": {"text": "The project's directory"}}},
        "results": results,
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _sarif_rule(code: str, result: LintResult) -> dict[str, Any]:
    if code in RULES:
        text = page(code)
        name, first = rule(code).name, text.split("\n\n")[2].replace("\n", " ")
    else:
        name = next(d.name for d in [*result.findings, *(s.finding for s in result.suppressed)] if d.code == code)
        text = first = name
    return {"id": code, "name": name, "shortDescription": {"text": first}, "help": {"text": text, "markdown": text}}


def _sarif_result(d: Diagnostic, codes: Sequence[str]) -> dict[str, Any]:
    region = {"startLine": d.at.line, "startColumn": d.at.column}
    if d.at.end_column is not None:
        region |= {"endLine": d.at.end_line or d.at.line, "endColumn": d.at.end_column}
    place = {"artifactLocation": {"uri": _uri(d.at.path), "uriBaseId": "PROJECTROOT"}, "region": region}
    return {
        "ruleId": d.code,
        "ruleIndex": codes.index(d.code),
        "level": str(d.severity),
        "message": {"text": d.message + (f"\nhint: {d.hint}" if d.hint else "")},
        "locations": [{"physicalLocation": place}],
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


FORMATS: dict[str, Callable[[LintResult, Path], str]] = {
    "text": _text,
    "concise": _concise,
    "json": _json,
    "github": _github,
    "gitlab": _gitlab,
    "sarif": _sarif,
}
