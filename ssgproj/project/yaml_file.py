"""Reading YAML files: a tree with the line and column of everything in it, and every problem as a `Diagnostic`.

Files are untrusted. Size, nesting, digits and the expansion of aliases are bounded; tags are refused; nothing is constructed but
text, numbers, booleans, null, lists and dicts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.project.yaml_fast import MAX_DEPTH, parse_plain_yaml
from ssgproj.project.yaml_node import MAX_DIGITS, Entry, Mapping, Node, Scalar, Sequence, walk

MAX_CHARACTERS = 2_000_000
MAX_NODES = 200_000
"""Nodes of one file once its aliases are written out."""

_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_COLON = re.compile(r"\s*:")
_BREAK = re.compile("\r\n|[\n\r]")


@dataclass(frozen=True)
class YamlFile:
    """One file. `root` is None if it is empty or broken. `line_offset` is added to lines: for YAML inside another file."""

    path: str
    text: str
    root: Node | None
    line_offset: int = 0
    starts: list[int] = field(default_factory=list, repr=False)

    def at(self, place: Node | int, with_end: bool = False) -> Location:
        """Where a node, or a character, stands."""
        offset = place if isinstance(place, int) else place.start
        line, column = self._line_column(offset)
        if not with_end or isinstance(place, int):
            return Location(self.path, line, column)
        return Location(self.path, line, column, *self._line_column(place.end))

    def _line_column(self, offset: int) -> tuple[int, int]:
        if not self.starts:
            self.starts.append(0)
            self.starts.extend(m.end() for m in _BREAK.finditer(self.text))
        line = bisect_right(self.starts, offset)
        return line + self.line_offset, offset - self.starts[line - 1] + 1


def read_yaml(path: Path, name: str) -> tuple[YamlFile, list[Diagnostic]]:
    """Read a file of the project; `name` is its path in messages. Never raises for what is in the file."""
    try:
        if path.stat().st_size > 4 * MAX_CHARACTERS:
            return YamlFile(name, "", None), [_limit(Location(name), f"`{name}` is too large", "split the file")]
        content = path.read_bytes()
    except OSError as error:
        problem = Diagnostic("PJ007", "unreadable-file", f"Cannot read `{name}`: {error.strerror}", Location(name))
        return YamlFile(name, "", None), [problem]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        line = before.count("\n") + 1
        at = Location(name, line, len(before) - (before.rfind("\n") + 1) + 1)
        hint = "save the file as UTF-8"
        return YamlFile(name, "", None), [
            Diagnostic("PJ007", "unreadable-file", "The file is not UTF-8 text", at, hint)
        ]
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str, line_offset: int = 0) -> tuple[YamlFile, list[Diagnostic]]:
    """The tree of one YAML text, and what is wrong with it as YAML: syntax, duplicate keys, limits."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        return YamlFile(name, "", None), [_limit(Location(name), f"`{name}` is too large", "split the file")]
    root = parse_plain_yaml(text)
    problems: list[Diagnostic] = []
    if root is None:
        empty = YamlFile(name, text, None, line_offset)
        composer = _Composer(empty)
        root = composer.document()
        problems = composer.problems
    file = YamlFile(name, text, root, line_offset)
    if root is not None:
        problems.extend(_check_scalars(file, root))
    return file, problems


def _check_scalars(file: YamlFile, root: Node) -> Iterator[Diagnostic]:
    if not re.search(rf"(?<![\w.])0[0-9]|[0-9]{{{MAX_DIGITS}}}", file.text):
        return
    for node in walk(root):
        if type(node) is not Scalar or not node.plain:
            continue
        if len(node.text) > MAX_DIGITS and re.fullmatch(r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", node.text):
            yield _limit(file.at(node), f"A number of {len(node.text)} digits is too long", "write it in quotes")
        elif _LEADING_ZERO.fullmatch(node.text) and len(node.text) <= MAX_DIGITS:
            yield Diagnostic(
                "PJ009", "leading-zero", f"`{node.text}` is read as the number {int(node.text)}", file.at(node, True),
                f'if it is a code and not a number, write "{node.text}"', Severity.WARNING,
            )  # fmt: skip


def _limit(at: Location, message: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic("PJ008", "yaml-limit", message, at, hint)


class _StopError(Exception):
    """The file cannot be read on; the problem is recorded."""


class _Composer:
    """Builds the tree from ruamel's events, so that limits hold before memory is spent."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.problems: list[Diagnostic] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.nodes = 0

    def document(self) -> Node | None:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        try:
            events = iter(YAML(typ="safe", pure=True).parse(self.file.text))
            return self._documents(events)
        except _StopError:
            return None
        except MarkedYAMLError as error:
            self._syntax(error)
        except YAMLError as error:
            position = getattr(error, "position", 0)
            character = getattr(error, "character", None)
            what = f"the character U+{ord(character):04X}" if isinstance(character, str) and character else "this"
            at = self.file.at(position if isinstance(position, int) else 0)
            self.problems.append(
                Diagnostic("PJ001", "invalid-yaml", f"YAML does not allow {what}", at, 'write it escaped: "\\u0007"')
            )
        except (ValueError, IndexError, RecursionError, AttributeError, TypeError, AssertionError, KeyError):
            # ruamel's scanner has corners that raise plain errors on broken text; for people it is broken text.
            self.problems.append(Diagnostic("PJ001", "invalid-yaml", "The file is not valid YAML", self.file.at(0)))
        return None

    def _syntax(self, error: Any) -> None:
        mark = error.problem_mark or error.context_mark
        at = self.file.at(min(mark.index, len(self.file.text))) if mark else Location(self.file.path)
        problem = " ".join(str(error.problem or error.context or "not valid YAML").split())
        hint = None
        if "\\t" in problem or (mark and self.file.text[mark.index : mark.index + 1] == "\t"):
            problem, hint = "a tab cannot indent YAML", "indent with spaces"
        elif problem.startswith("mapping values are not allowed"):
            hint = 'a text that holds `: ` needs quotes: "a: b"'
        elif "found character" in problem and "cannot start any token" in problem:
            hint = "put the text in quotes"
        elif "found undefined alias" in problem or "undefined" in problem:
            hint = "a text that begins with `*` needs quotes"
        self.problems.append(Diagnostic("PJ001", "invalid-yaml", f"Invalid YAML: {problem}", at, hint))

    def _documents(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in events:
            name = type(event).__name__
            if name in ("StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"):
                continue
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    hint = "remove the line `---` and what follows it"
                    self._stop("PJ001", "invalid-yaml", "A file holds one YAML document", event.start_mark.index, hint)
                continue
            node, _ = self._node(event, events, 0)
            root = node
        if type(root) is Scalar and root.plain and root.text == "":
            return None
        return root

    def _stop(self, code: str, name: str, message: str, offset: int, hint: str | None = None) -> None:
        self.problems.append(Diagnostic(code, name, message, self.file.at(offset), hint))
        raise _StopError

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Node, int]:
        """The node that begins with `event`, and how many nodes it stands for."""
        start, end = event.start_mark.index, event.end_mark.index
        if depth > MAX_DEPTH:
            self._stop("PJ008", "yaml-limit", f"YAML is nested more than {MAX_DEPTH} deep", start)
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self._alias(event, start, end)
        if event.tag is not None or getattr(event, "ctag", None) is not None:
            hint = "write the value without `!...`; text that begins with `!` needs quotes"
            self._stop("PJ008", "yaml-limit", "YAML tags are not supported", start, hint)
        size = 1
        node: Node
        if kind == "ScalarEvent":
            node = Scalar(event.value, event.implicit[0] and event.style is None, start, end)
        elif kind == "SequenceStartEvent":
            items: list[Node] = []
            last = end
            for inner in events:
                if type(inner).__name__ == "SequenceEndEvent":
                    end = inner.end_mark.index if event.flow_style else last
                    break
                item, count = self._node(inner, events, depth + 1)
                size += count
                items.append(item)
                last = max(last, item.end)
            node = Sequence(items, bool(event.flow_style), start, end)
        else:
            node, count = self._mapping(event, events, depth)
            size += count
        self._count(1, start)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, size)
        return node, size

    def _count(self, nodes: int, offset: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self._stop("PJ008", "yaml-limit", f"The file stands for more than {MAX_NODES:,} values", offset)

    def _alias(self, event: Any, start: int, end: int) -> tuple[Node, int]:
        if event.anchor not in self.anchors:
            hint = f'a text that begins with `*` needs quotes: "*{event.anchor}"'
            self._stop("PJ001", "invalid-yaml", f"`*{event.anchor}` names no anchor before it", start, hint)
        node, size = self.anchors[event.anchor]
        self._count(size, start)
        return node._replace(start=start, end=end), size

    def _mapping(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Node, int]:
        entries: dict[str, Entry] = {}
        merged: list[Node] = []
        start, last, size = event.start_mark.index, event.end_mark.index, 0
        end = last
        for inner in events:
            if type(inner).__name__ == "MappingEndEvent":
                end = inner.end_mark.index if event.flow_style else last
                break
            key, count = self._node(inner, events, depth + 1)
            value, more = self._node(next(events), events, depth + 1)
            if type(key) is Scalar and type(value) is Scalar and value.start == value.end:
                # Nothing behind the colon; ruamel places it at the next thing it sees.
                place = _COLON.match(self.file.text, key.end)
                value = value._replace(start=place.end(), end=place.end()) if place else value
            size += count + more
            last = max(last, value.end, key.end)
            if type(key) is not Scalar:
                self._stop("PJ001", "invalid-yaml", "A key must be a word or a text", key.start)
                break
            if key.plain and key.text == "<<":
                merged.append(value)
            elif key.text in entries:
                first = self.file.at(entries[key.text].key)
                self.problems.append(
                    Diagnostic(
                        "PJ002",
                        "duplicate-key",
                        f"The key `{key.text}` is here twice",
                        self.file.at(key, True),
                        f"the first is in line {first.line}: remove one of them",
                    )
                )
            else:
                entries[key.text] = Entry(key, value)
        for source in merged:
            for mapping in source.items if type(source) is Sequence else [source]:
                if type(mapping) is not Mapping:
                    self._stop("PJ001", "invalid-yaml", "`<<` merges mappings only", mapping.start)
                    break
                for name, entry in mapping.entries.items():
                    entries.setdefault(name, entry)
        return Mapping(entries, bool(event.flow_style), start, end), size
