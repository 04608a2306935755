"""`results/NAME.yml`: what one statistic released.

```yaml
# Released by `ssg stats`. `ssg run` refuses this file if anything in it is changed.
stat: age_stats
meaning: 3f0c...            # sha256 of what stats/age_stats.sql means; if that changes, this is stale
privacy: {epsilon: 0.5, delta: 1.0e-06}     # or {none: "the reason", min_people: 10}
released: 2025-01-01T12:00:00Z
ledger: 9a1b...             # the line of results/ledger.csv that paid for it
versions: {ssg: 0.1.0, smartnoise-sql: 1.0.10}
notes: []                   # what was done to the values, such as counts below 0 that were set to 0
columns: {mean: float, std_dev: float}
sha256: 77de...             # of everything above and the rows
rows:
  - [49.2, 12.1]
```
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssgproj.files import replace_file
from ssgproj.project import yaml_node as y
from ssgproj.project.yaml_file import parse_yaml
from ssgproj.results.values import TYPES, read_value, write_value

DIRECTORY = "results"
_HEAD = "# Released by `ssg stats`. `ssg run` refuses this file if anything in it is changed.\n"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_ROW = re.compile(r"^  - (\[.*\])$")
MAX_BYTES = 64 << 20


class UnreadableResultError(ValueError):
    """The file is not a result that `write_result` made. The message says what is wrong, without a value."""


@dataclass(frozen=True, slots=True)
class Result:
    """The released rows of one statistic, and where they come from.

    `columns` are (name, type), types as in `values.TYPES`; each row has a value per column, None for NULL. `refused` are reasons
    why the rows should not be used as they are (nothing in them, not a number); `kept` says that the user wants them all the same.
    """

    stat: str
    meaning: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    epsilon: float = 0.0
    delta: float = 0.0
    reason: str | None = None
    min_people: int | None = None
    released: str = ""
    ledger: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    kept: bool = False

    @property
    def private(self) -> bool:
        """Whether it is differentially private."""
        return self.reason is None

    @property
    def sha256(self) -> str:
        """Of everything the result says."""
        said = [line for line in _header(self) if not line.startswith("sha256:")]
        rows = [[write_value(v) for v in row] for row in self.rows]
        return hashlib.sha256(json.dumps([said, rows]).encode()).hexdigest()

    def values(self) -> dict[str, list[Any]]:
        """The released values by column."""
        return {name: [row[i] for row in self.rows] for i, (name, _) in enumerate(self.columns)}


def result_path(root: Path, stat: str) -> Path:
    return root / DIRECTORY / f"{stat}.yml"


def write_result(root: Path, result: Result) -> Path:
    """Write the file in one step, and return its path."""
    lines = [*_header(result), f"sha256: {result.sha256}", "rows:" if result.rows else "rows: []"]
    lines += [f"  - [{', '.join(write_value(v) for v in row)}]" for row in result.rows]
    path = result_path(root, result.stat)
    replace_file(path, (_HEAD + "\n".join(lines) + "\n").encode())
    return path


def read_result(path: Path) -> tuple[Result, bool]:
    """The result in a file, and whether it is as it was written. Raises UnreadableResultError, OSError."""
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableResultError("it is too large")
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableResultError("it is not UTF-8") from None
    text = text.replace("\r\n", "\n")
    head, _, body = text.partition("\nrows:")
    header = _mapping(head, path.name)
    columns = _columns(header.get("columns"))
    rows = tuple(_rows(body, columns, path.name))
    privacy = header.get("privacy")
    if not isinstance(privacy, dict):
        raise UnreadableResultError("it has no `privacy`")
    result = Result(
        stat=_text(header, "stat"),
        meaning=_text(header, "meaning"),
        columns=columns,
        rows=rows,
        epsilon=_number(privacy.get("epsilon", 0.0)),
        delta=_number(privacy.get("delta", 0.0)),
        reason=str(privacy["none"]) if "none" in privacy else None,
        min_people=privacy.get("min_people") if isinstance(privacy.get("min_people"), int) else None,
        released=_text(header, "released"),
        ledger=_text(header, "ledger"),
        versions={str(k): str(v) for k, v in _dict(header, "versions").items()},
        notes=_texts(header, "notes"),
        refused=_texts(header, "refused"),
        kept=header.get("kept") is True,
    )
    return result, header.get("sha256") == result.sha256


def _header(result: Result) -> list[str]:
    if result.reason is None:
        privacy = f"{{epsilon: {write_value(float(result.epsilon))}, delta: {write_value(float(result.delta))}}}"
    else:
        privacy = f"{{none: {write_value(result.reason)}, min_people: {result.min_people}}}"
    versions = ", ".join(f"{_key(k)}: {write_value(str(v))}" for k, v in sorted(result.versions.items()))
    lines = [
        f"stat: {_key(result.stat)}",
        f'meaning: "{result.meaning}"',
        f"privacy: {privacy}",
        f'released: "{result.released}"',
        f'ledger: "{result.ledger}"',
        f"versions: {{{versions}}}",
    ]
    for name, texts in (("notes", result.notes), ("refused", result.refused)):
        if texts:
            lines.append(f"{name}: [{', '.join(write_value(t) for t in texts)}]")
    if result.kept:
        lines.append("kept: true")
    return [*lines, f"columns: {{{', '.join(f'{_key(n)}: {t}' for n, t in result.columns)}}}"]


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in ("null", "true", "false") else write_value(name)


def _mapping(text: str, name: str) -> dict[str, Any]:
    file, problems = parse_yaml(text, name)
    if problems or not isinstance(file.root, y.Mapping):
        raise UnreadableResultError("its YAML is broken")
    value = y.plain_value(file.root)
    return value if isinstance(value, dict) else {}


def _columns(said: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(said, dict) or not all(isinstance(k, str) and v in TYPES for k, v in said.items()):
        raise UnreadableResultError("its `columns` are not names with types")
    return tuple(said.items())


def _rows(body: str, columns: tuple[tuple[str, str], ...], name: str) -> list[tuple[Any, ...]]:
    lines = [line for line in body.split("\n") if line.strip()]
    raw: list[Any] = []
    try:
        for line in lines:
            match = _ROW.match(line)
            raw.append(json.loads(match[1], parse_constant=_no_constant) if match else _no_constant(line))
    except (ValueError, RecursionError):
        # Reformatted by hand, or with a number that JSON does not have.
        found = _mapping(f"rows:{body}", name).get("rows")
        raw = found if isinstance(found, list) else []
        if found is None or not isinstance(found, list):
            raise UnreadableResultError("its `rows` are not a list") from None
    rows = []
    for row in raw:
        if not isinstance(row, list) or len(row) != len(columns):
            raise UnreadableResultError("a row has not one value per column")
        try:
            rows.append(tuple(read_value(v, t) for v, (_, t) in zip(row, columns, strict=True)))
        except ValueError:
            raise UnreadableResultError("a value is not of its column's type") from None
    return rows


def _no_constant(_: str) -> Any:
    raise ValueError


def _text(header: Mapping[str, Any], key: str) -> str:
    value = header.get(key)
    if not isinstance(value, str):
        raise UnreadableResultError(f"it has no `{key}`")
    return value


def _dict(header: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = header.get(key)
    return value if isinstance(value, dict) else {}


def _texts(header: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = header.get(key)
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
