"""The YAML header of a statistic: from nodes with places to the fields of `Stat`, and what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.project import yaml_node as y
from ssgproj.project.smartnoise.names import COLUMN_TYPES, TABLE_OPTIONS
from ssgproj.project.sql_text import Places
from ssgproj.project.suggest import suggestion

HEADER_KEYS = (
    "description", "owner", "tags", "epsilon", "delta", "max_ids", "columns", "privacy", "reason", "min_people", "on_small",
)  # fmt: skip
COLUMN_KEYS = ("type", "private_id", "lower", "upper", "missing_value", "nullable")
PLAIN_ONLY = ("reason", "min_people", "on_small")
PRIVATE_ONLY = ("epsilon", "delta", "max_ids", "columns")
VOIDING_KEYS = ("censor_dims", "clamp_columns", "sample_max_ids", "sensitivity", "row_privacy")
"""Keys of SmartNoise that void the guarantee while the cost reads the same."""
ON_SMALL = ("refuse", "suppress")
DEFAULT_MIN_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class StatColumn:
    """A column of query_result, as the header declares it. What is not written, or cannot be used, is None."""

    name: str
    type: str | None
    private_id: bool = False
    lower: float | None = None
    upper: float | None = None
    missing_value: Any = None
    nullable: bool | None = None
    at: Location = field(default=Location(""), compare=False, repr=False)
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_numeric(self) -> bool:
        return self.type in ("int", "float")

    @property
    def bounded(self) -> bool:
        return self.lower is not None and self.upper is not None


@dataclass(slots=True)
class Header:
    """What the header says, checked; `places` maps dotted keys (`columns.age.lower`) to where they stand."""

    values: dict[str, Any] = field(default_factory=dict)
    columns: tuple[StatColumn, ...] = ()
    places: dict[str, Location] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def private(self) -> bool:
        """Whether the statistic is differentially private: all are, unless they say `privacy: none`."""
        return self.values.get("privacy") != "none"


def read_header(text: str, span: tuple[int, int], places: Places) -> Header:
    """Read the header at `text[span]`. Never raises for what is in it."""
    from ssgproj.project.yaml_file import parse_yaml

    header = Header()
    start, end = span
    # Blanks instead of what stands before it keep the columns of a header that begins on the line of `/* ssg:stat`.
    line_start = text.rfind("\n", 0, start) + 1
    first_line_empty = not text[start : text.find("\n", start)].strip() if "\n" in text[start:end] else False
    pad = 0 if first_line_empty else start - line_start
    body = text[start:end]
    if first_line_empty:
        skipped = body.index("\n") + 1
        body, start = body[skipped:], start + skipped
    file, problems = parse_yaml(" " * pad + body, places.path)
    offset = start - pad
    for problem in problems:
        header.problems.append(_moved(problem, places, start))
    reader = _Reader(header, places, offset)
    if file.root is None:
        return header
    if type(file.root) is not y.Mapping:
        reader.report(
            "SF002",
            "invalid-header",
            f"The header must be a mapping, not {y.describe(file.root)}",
            file.root,
            "write `key: value` lines",
        )
        return header
    reader.read(file.root)
    return header


def _moved(problem: Diagnostic, places: Places, start: int) -> Diagnostic:
    line, _ = places.line_column(start)
    at = problem.at
    moved = Location(
        at.path, at.line + line - 1, at.column,
        at.end_line + line - 1 if at.end_line is not None else None, at.end_column,
    )  # fmt: skip
    return Diagnostic(
        "SF002",
        "invalid-header",
        problem.message,
        moved,
        problem.hint or "correct the YAML between /* ssg:stat and */",
        problem.severity,
    )


class _Reader:
    def __init__(self, header: Header, places: Places, offset: int) -> None:
        self.header = header
        self.places = places
        self.offset = offset

    def at(self, node: y.Node) -> Location:
        return self.places.at(node.start + self.offset, node.end + self.offset)

    def report(
        self,
        code: str,
        name: str,
        message: str,
        node: y.Node,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.header.problems.append(Diagnostic(code, name, message, self.at(node), hint, severity))

    def read(self, root: y.Mapping) -> None:
        for key, entry in root.entries.items():
            self.header.places[key] = self.at(entry.key)
            if key == "sensitivity":
                self.sensitivity(entry.value)
            if key == "columns":
                self.header.columns = tuple(self.columns(entry.value))
            elif key in HEADER_KEYS:
                value = getattr(self, key)(entry.value)
                if value is not None:
                    self.header.values[key] = value
            else:
                self.unknown(key, entry.key, HEADER_KEYS, "the header")
        privacy_of_rows = root.entries.get("row_privacy")
        if privacy_of_rows is not None and any(c.private_id for c in self.header.columns):
            message = "SmartNoise refuses a private id where rows are to be protected instead of people"
            self.report("SN140", "one-private-id", message, privacy_of_rows.key, "remove `row_privacy`")

    def unknown(self, key: str, node: y.Node, known: tuple[str, ...], where: str) -> None:
        if key in VOIDING_KEYS:
            self.report(
                "DP228", "voiding-key", f"`{key}` is not offered: it changes what the guarantee protects while the cost reads the same",
                node, "remove the line; ssg sets it to the safe value",
            )  # fmt: skip
        elif key in TABLE_OPTIONS:
            self.report(
                "SN133",
                "smartnoise-option",
                f"`{key}` is an option of SmartNoise that ssg sets itself",
                node,
                "remove the line",
            )
        else:
            self.report(
                "SF003", "unknown-key", f"Unknown key `{key}` in {where}", node, suggestion(key, known, sort=False)
            )

    def sensitivity(self, node: y.Node) -> None:
        value = _number(node)
        if value is None or not 0 < value < math.inf:
            message = f"SmartNoise cannot scale its noise to a sensitivity of {y.describe(node)}"
            self.report("SN129", "refused-parameter", message, node, "remove the line; ssg derives it from the bounds")

    # -- the header's own keys -------------------------------------------------------------------------------------------------

    def _text(self, node: y.Node, key: str) -> str | None:
        if type(node) is y.Scalar and node.value is not None and not isinstance(node.value, bool):
            return str(node.text)
        self.report(
            "SF006", "wrong-value", f"`{key}` must be a text, not {y.describe(node)}", node, f"write `{key}: ...`"
        )
        return None

    def description(self, node: y.Node) -> str | None:
        return self._text(node, "description")

    def owner(self, node: y.Node) -> str | None:
        return self._text(node, "owner")

    def reason(self, node: y.Node) -> str | None:
        if y.is_null(node):
            return None
        return self._text(node, "reason")

    def tags(self, node: y.Node) -> tuple[str, ...] | None:
        items = node.items if type(node) is y.Sequence else [node]
        found = []
        for item in items:
            if type(item) is y.Scalar and isinstance(item.value, str):
                found.append(item.value)
            else:
                self.report(
                    "SF006",
                    "wrong-value",
                    f"A tag must be a text, not {y.describe(item)}",
                    item,
                    "write `tags: [demographics]`",
                )
        return tuple(found)

    def privacy(self, node: y.Node) -> str | None:
        if type(node) is y.Scalar and node.text == "none":
            return "none"
        self.report(
            "SF006", "wrong-value", f"`privacy` can only be `none`, not {y.describe(node)}", node,
            "write `privacy: none` for a statistic without differential privacy, or remove the line",
        )  # fmt: skip
        return None

    def on_small(self, node: y.Node) -> str | None:
        if type(node) is y.Scalar and node.text in ON_SMALL:
            return node.text
        word = node.text if type(node) is y.Scalar else ""
        self.report(
            "SF006",
            "wrong-value",
            f"`on_small` cannot be {y.describe(node)}",
            node,
            suggestion(word, ON_SMALL, sort=False),
        )
        return None

    def min_people(self, node: y.Node) -> int | None:
        value = _number(node)
        if value is None or not math.isfinite(value) or value != int(value) or value < 1:
            self.report(
                "SF006",
                "wrong-value",
                f"`min_people` must be a whole number from 1 on, not {y.describe(node)}",
                node,
                "write `min_people: 10`",
            )
            return None
        return int(value)

    def epsilon(self, node: y.Node) -> float | None:
        return self._positive(node, "epsilon", "0.5")

    def delta(self, node: y.Node) -> float | None:
        return self._positive(node, "delta", "1.0e-6")

    def _positive(self, node: y.Node, key: str, example: str) -> float | None:
        value = _number(node)
        if value is None or not math.isfinite(value) or value <= 0:
            self.report(
                "SN129",
                "refused-parameter",
                f"`{key}` must be a number above 0, not {y.describe(node)}",
                node,
                f"write `{key}: {example}`",
            )
            return None
        return value

    def max_ids(self, node: y.Node) -> int | None:
        value = _number(node)
        if value is None or not math.isfinite(value) or value != int(value) or value < 1:
            self.report(
                "SN129", "refused-parameter", f"`max_ids` must be a whole number from 1 on, not {y.describe(node)}", node,
                "write the most rows that query_result may hold for one person, such as `max_ids: 1`",
            )  # fmt: skip
            return None
        return int(value)

    # -- columns ---------------------------------------------------------------------------------------------------------------

    def columns(self, node: y.Node) -> Iterator[StatColumn]:
        if type(node) is not y.Mapping:
            self.report(
                "SN128",
                "column-type",
                f"`columns` must be a mapping, not {y.describe(node)}",
                node,
                "write `columns: {age: {type: int, lower: 0, upper: 100}}`",
            )
            return
        for name, entry in node.entries.items():
            yield self.column(name, entry)

    def column(self, name: str, entry: y.Entry) -> StatColumn:
        at = self.at(entry.key)
        self.header.places[f"columns.{name}"] = at
        node = entry.value
        if type(node) is not y.Mapping:
            self.report(
                "SN128", "column-type", f"Column `{name}` must be a mapping with a `type`, not {y.describe(node)}",
                entry.key, f"write `{name}: {{type: {_type_hint(node)}}}`",
            )  # fmt: skip
            return StatColumn(name, None, at=at)
        places = {key: self.at(e.value) for key, e in node.entries.items()}
        for key, e in node.entries.items():
            self.header.places[f"columns.{name}.{key}"] = self.at(e.key)
            if key == "sensitivity":
                self.sensitivity(e.value)
            if key not in COLUMN_KEYS:
                self.unknown(key, e.key, COLUMN_KEYS, f"column `{name}`")
        values = {key: e.value for key, e in node.entries.items()}
        return StatColumn(
            name,
            self.type(name, values.get("type"), entry.key),
            private_id=self.flag("private_id", values.get("private_id")) or False,
            lower=self.bound("lower", values.get("lower")),
            upper=self.bound("upper", values.get("upper")),
            missing_value=self.missing_value(values.get("missing_value")),
            nullable=self.flag("nullable", values.get("nullable")),
            at=at,
            places=places,
        )

    def type(self, name: str, node: y.Node | None, key: y.Node) -> str | None:
        if node is None:
            self.report(
                "SN128",
                "column-type",
                f"Column `{name}` has no `type`",
                key,
                f"write one of: {', '.join(COLUMN_TYPES)}",
            )
            return None
        word = node.text if type(node) is y.Scalar else ""
        if word in COLUMN_TYPES:
            return word
        self.report(
            "SN128",
            "column-type",
            f"SmartNoise has no type {y.describe(node).removeprefix('the text ')}",
            node,
            f"write `type: {_type_hint(node)}`",
        )
        return None

    def flag(self, key: str, node: y.Node | None) -> bool | None:
        if node is None:
            return None
        if type(node) is y.Scalar and isinstance(node.value, bool):
            return node.value
        self.report(
            "SN129",
            "refused-parameter",
            f"`{key}` must be true or false, not {y.describe(node)}",
            node,
            f"write `{key}: true`, without quotes",
        )
        return None

    def bound(self, key: str, node: y.Node | None) -> float | None:
        if node is None:
            return None
        value = _number(node)
        if value is not None and math.isfinite(value):
            return value
        hint = f"write what is possible, such as `{key}: {0 if key == 'lower' else 100}`"
        if value is None:
            self.report("SN129", "refused-parameter", f"`{key}` must be a number, not {y.describe(node)}", node, hint)
        else:
            self.report("DP212", "bad-bounds", f"`{key}: {_word(node)}` is no bound", node, hint)
            self.report(
                "SN129", "refused-parameter", f"SmartNoise cannot scale its noise to `{key}: {_word(node)}`", node, hint
            )
        return None

    def missing_value(self, node: y.Node | None) -> float | None:
        if node is None or y.is_null(node):
            return None
        value = _number(node)
        if value is None or not math.isfinite(value):
            self.report(
                "SN129", "refused-parameter", f"`missing_value` must be a number, not {y.describe(node)}: SmartNoise pastes it into its SQL",
                node, "remove it, and write COALESCE(...) in query_result",
            )  # fmt: skip
            return None
        return value


def _word(node: y.Node) -> str:
    return node.text if type(node) is y.Scalar else "..."


def _number(node: y.Node) -> float | None:
    """The number, a whole one as int; None for anything else (booleans and quoted numbers too)."""
    if type(node) is not y.Scalar or isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return None
    if isinstance(node.value, int) and abs(node.value) > 10**300:
        return math.inf
    return node.value


_TYPE_WORDS = {
    "integer": "int", "bigint": "int", "smallint": "int", "int64": "int", "serial": "int", "double": "float", "real": "float",
    "numeric": "float", "decimal": "float", "number": "float", "money": "float", "text": "string", "varchar": "string", "char": "string",
    "str": "string", "uuid": "string", "bool": "boolean", "date": "datetime", "timestamp": "datetime", "time": "datetime",
    "timestamptz": "datetime",
}  # fmt: skip


def _type_hint(node: y.Node) -> str:
    word = node.text.lower().split("(")[0].strip() if type(node) is y.Scalar else ""
    return _TYPE_WORDS.get(word, word if word in COLUMN_TYPES else "string")
