"""One file being read by declarations: its problems, their codes, and what a type must be able to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.project import yaml_node as y
from ssgproj.project.yaml_file import YamlFile

INVALID: Final = object()
"""What reading returns when there is no usable value; the reason is recorded."""


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes under which problems of one family of files are reported."""

    unknown_key: str
    wrong_type: str
    missing_key: str
    bad_value: str


PROJECT_CODES = Codes("PJ003", "PJ004", "PJ005", "PJ006")
MODEL_CODES = Codes("MD001", "MD002", "MD003", "MD004")


@dataclass(slots=True)
class Reading:
    """One file being read: where problems go."""

    file: YamlFile
    codes: Codes
    problems: list[Diagnostic] = field(default_factory=list)
    uses: list[tuple[str, y.Node]] = field(default_factory=list)
    """Names of columns that the file uses, to be compared with those it has once all of it is read."""

    def add(
        self, code: str, name: str, message: str, at: y.Node | int | Location, hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:  # fmt: skip
        place = at if isinstance(at, Location) else self.file.at(at, with_end=True)
        self.problems.append(Diagnostic(code, name, message, place, hint, severity))

    def wrong_type(self, name: str, what: str, node: y.Node, hint: str | None = None) -> Any:
        self.add(self.codes.wrong_type, "wrong-type", f"`{name}` must be {what}, not {y.describe(node)}", node, hint)
        return INVALID

    def bad_value(self, message: str, node: y.Node, hint: str | None = None) -> Any:
        self.add(self.codes.bad_value, "bad-value", message, node, hint)
        return INVALID


class Type(Protocol):
    """What a value may be. `what` is its noun with an article, for messages."""

    @property
    def what(self) -> str: ...

    def accepts(self, node: y.Node) -> bool:
        """Whether the node has the outer shape of this type, so that messages about it should come from here."""
        ...

    def read(self, node: y.Node, reading: Reading, name: str) -> Any: ...

    def schema(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a conversion did not succeed; the message goes on after the key's name."""

    message: str
    hint: str | None = None
