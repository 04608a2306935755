"""The `.env` file in the project's root: `NAME=value` lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=[ \t]*(.*)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def read_dotenv(path: Path) -> dict[str, str]:
    """The variables of the file; empty if there is none. Lines that are not `NAME=value` are passed over.

    `'...'` is taken as it stands, `"..."` with `\\n`, `\\"` and `\\\\`; without quotes the value ends before ` #`. Values are
    never expanded.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return {}
    found: dict[str, str] = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            found[match[1]] = _value(match[2].strip())
    return found


def _value(text: str) -> str:
    if single := re.match(r"'([^']*)'", text):
        return single[1]
    if double := re.match(r'"((?:[^"\\]|\\.)*)"', text):
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), double[1])
    if text.startswith("#"):
        return ""
    return re.split(r"\s+#", text, maxsplit=1)[0]


def with_dotenv(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, and below it what `.env` adds: real variables are never overridden, nor is the process's environment."""
    return {**read_dotenv(root / ".env"), **environ}
