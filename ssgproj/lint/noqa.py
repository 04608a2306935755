"""`-- noqa: SN104, DP204 -- reason`: silencing single findings on single lines, with everything about it on record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ssgproj.diagnostics import Diagnostic, Location

_NOQA = re.compile(
    r"(?:--|#)\s*noqa\b(?P<codes>\s*:\s*(?P<list>[A-Za-z]{2,}\d+(?:\s*,\s*[A-Za-z]{2,}\d+)*))?", re.IGNORECASE
)
_REASON = re.compile(r"\s*(?:--|#|—|:)\s*(?P<reason>\S.*?)\s*(?:\*/\s*)?$")
_OURS = re.compile(r"(?:SF|SN|DP|MD|GR|SY|PJ)\d{3}")


@dataclass(slots=True)
class Noqa:
    """One comment. `codes` are those of ssg on it; other tools' codes are left alone. `used` fills up while findings are matched."""

    at: Location
    codes: tuple[str, ...]
    reason: str | None
    bare: bool
    used: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A finding that a comment silenced, and the reason given."""

    finding: Diagnostic
    reason: str | None


def find_noqa(path: str, text: str) -> dict[int, Noqa]:
    """The noqa comments of a file, by line."""
    found: dict[int, Noqa] = {}
    if "noqa" not in text.lower():
        return found
    for number, line in enumerate(text.split("\n"), 1):
        if match := _NOQA.search(line):
            codes = tuple(c.strip().upper() for c in (match["list"] or "").split(",") if c.strip())
            reason = _REASON.match(line, match.end())
            place = Location(path, number, match.start() + 1, number, match.end() + 1)
            found[number] = Noqa(
                place, tuple(c for c in codes if _OURS.fullmatch(c)), reason["reason"] if reason else None, not codes
            )
    return found


def silence(
    findings: Iterable[Diagnostic], comments: Mapping[str, Mapping[int, Noqa]]
) -> tuple[list[Diagnostic], list[Suppression]]:
    """Split findings into those that stand and those silenced by a comment on one of their lines."""
    standing: list[Diagnostic] = []
    silenced: list[Suppression] = []
    for finding in findings:
        noqa = _matching(finding, comments.get(finding.at.path, {}))
        if noqa is None:
            standing.append(finding)
            continue
        noqa.used.add(finding.code)
        if finding.code.startswith("DP") and not noqa.reason:
            standing.append(finding)
        else:
            silenced.append(Suppression(finding, noqa.reason))
    return standing, silenced


def _matching(finding: Diagnostic, comments: Mapping[int, Noqa]) -> Noqa | None:
    last = finding.at.end_line or finding.at.line
    for line in range(finding.at.line, min(last, finding.at.line + 200) + 1):
        noqa = comments.get(line)
        if noqa is not None and finding.code in noqa.codes:
            return noqa
    return None
