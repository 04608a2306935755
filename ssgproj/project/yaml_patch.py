"""Changing a YAML text in place: what stays the same keeps every character, and every comment survives.

The new content is given as a tree of dicts, lists and scalars in which `Kept` stands for what is not touched. Entries are moved and
deleted with their lines; the comments of what is deleted stay where it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ssgproj.project import yaml_node as y
from ssgproj.project import yaml_text
from ssgproj.project.yaml_file import YamlFile, parse_yaml

_HEADER_COMMENT = re.compile(r"[|>][^\n#]*?(?:\s(#[^\n]*))?\n")
_COMMENT = re.compile(r"(?:(?<=\s)|(?<![^\n]))#[^\n]*")


class Kept(NamedTuple):
    """A value that stays as it is written."""

    node: y.Node


class Changed(NamedTuple):
    """An item of a list that takes the place of another: `tree` as for a mapping."""

    node: y.Node
    tree: dict[str, Any]


class CannotPatchError(Exception):
    """The text is laid out in a way that cannot be changed piece by piece."""


def plain(tree: Any) -> Any:
    """The tree with what is kept written out."""
    if isinstance(tree, Kept):
        return y.plain_value(tree.node)
    if isinstance(tree, Changed):
        return plain(tree.tree)
    if isinstance(tree, Mapping):
        return {key: plain(value) for key, value in tree.items()}
    return [plain(item) for item in tree] if isinstance(tree, list | tuple) else tree


def comments(file: YamlFile, start: int = 0, end: int | None = None) -> list[str]:
    """The comments of a part of the file, each from its `#` on."""
    stop = len(file.text) if end is None else end
    found: list[str] = []
    at = start
    spans = [n for n in y.walk(file.root) if type(n) is y.Scalar] if file.root is not None else []
    for scalar in sorted((s for s in spans if s.end > start and s.start < stop), key=lambda s: s.start):
        if scalar.start < at:
            continue
        found.extend(m[0].rstrip() for m in _COMMENT.finditer(file.text, at, scalar.start))
        if not scalar.plain and (header := _HEADER_COMMENT.match(file.text, scalar.start)) and header[1]:
            found.append(header[1].rstrip())
        at = scalar.end
    found.extend(m[0].rstrip() for m in _COMMENT.finditer(file.text, at, stop))
    return found


def patch(file: YamlFile, tree: Mapping[str, Any]) -> str:
    """The text of the file with its top-level mapping turned into `tree`. Raises CannotPatchError."""
    root = file.root
    if type(root) is not y.Mapping or root.flow or not root.entries:
        raise CannotPatchError
    text = file.text if file.text.endswith("\n") else file.text + "\n"
    patcher = _Patcher(file, text)
    begin = patcher.line_start(root.start)
    result = text[:begin] + patcher.mapping(root, tree, begin)
    last = patcher.chunk_end(root)
    result += text[last:]
    expected = plain(tree)
    check, problems = parse_yaml(result, file.path)
    if any(d.is_error for d in problems) or check.root is None or not _same(check.root, expected):
        raise CannotPatchError
    remaining = comments(check)
    for comment in comments(file):
        if comment not in remaining:
            raise CannotPatchError
        remaining.remove(comment)
    return result


def _same(node: y.Node, value: Any) -> bool:
    if type(node) is y.Mapping:
        if not isinstance(value, Mapping) or len(value) != len(node.entries):
            return False
        pairs = zip(node.entries.values(), value.items(), strict=True)
        return all(e.key.text == str(k) or e.key.value == k for e, (k, _) in pairs) and all(
            _same(e.value, v) for e, v in zip(node.entries.values(), value.values(), strict=True)
        )
    if type(node) is y.Sequence:
        return (
            isinstance(value, list | tuple)
            and len(value) == len(node.items)
            and all(_same(n, v) for n, v in zip(node.items, value, strict=True))
        )
    found = node.value if type(node) is y.Scalar else None
    return type(found) is type(value) and repr(found) == repr(value)


class _Patcher:
    def __init__(self, file: YamlFile, text: str) -> None:
        self.file, self.text = file, text

    def line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def indent(self, offset: int) -> int:
        return offset - self.line_start(offset)

    def chunk_end(self, node: y.Node) -> int:
        """Behind the line on which a node ends."""
        end = self._last(node)
        if end > 0 and self.text[end - 1] == "\n" and end > node.start:
            return end
        stop = self.text.find("\n", end)
        return len(self.text) if stop < 0 else stop + 1

    def _last(self, node: y.Node) -> int:
        if type(node) is y.Mapping and not node.flow and node.entries:
            return max(self._last(e.value) for e in node.entries.values())
        if type(node) is y.Sequence and not node.flow and node.items:
            return max(self._last(i) for i in node.items)
        return node.end

    def kept_comments(self, start: int, end: int, indent: int) -> str:
        return "".join(f"{' ' * indent}{c}\n" for c in comments(self.file, start, end))

    def mapping(self, node: y.Mapping, tree: Mapping[str, Any], begin: int) -> str:
        """A block mapping rebuilt; `begin` is where its first entry's own lines begin."""
        indent = self.indent(next(iter(node.entries.values())).key.start)
        chunks: dict[str, tuple[int, int]] = {}
        at = begin
        for name, entry in node.entries.items():
            end = self.chunk_end(entry.value)
            if entry.key.start < at or end <= entry.key.start:
                raise CannotPatchError
            chunks[name] = (at, end)
            at = end
        out: list[str] = []
        for group in _in_order(list(node.entries), list(tree)):
            for name in group:
                if name not in tree:
                    out.append(self.kept_comments(*chunks[name], indent))
                elif name not in chunks:
                    out.append(self._new_entry(name, tree[name], indent) + "\n")
                else:
                    out.append(self._entry(node.entries[name], tree[name], chunks[name], indent))
        return "".join(out)

    def _new_entry(self, name: str, value: Any, indent: int) -> str:
        value = plain(value)
        if isinstance(value, list) and indent == 0 and any(isinstance(v, Mapping | list) for v in value):
            return "\n".join([f"{name}:", *(yaml_text.item(v, 2) for v in value)])
        line = yaml_text.entry(name, value, indent)
        if isinstance(value, Mapping) and indent == 2 and len(line) > 100:
            return yaml_text.entry(name, value, indent, expand=True)
        return line

    def _entry(self, entry: y.Entry, value: Any, chunk: tuple[int, int], indent: int) -> str:
        start, end = chunk
        node = entry.value
        if isinstance(value, Kept):
            return self.text[start:end]
        lead = self.text[start : entry.key.start]
        head = self.text[entry.key.start : entry.key.end]
        if type(node) is y.Mapping and isinstance(value, Mapping) and value:
            if node.flow and node.entries:
                return self._flow_entry(entry, node, value, chunk, indent)
            if node.entries:
                begin = self.line_start(node.start)
                if begin <= entry.key.start:
                    raise CannotPatchError
                # Comments between the key and the first entry belong to the first entry.
                begin = self.text.find("\n", entry.key.end) + 1
                return lead + self.text[entry.key.start : begin] + self.mapping(node, value, begin)
        if type(node) is y.Sequence and not node.flow and node.items and isinstance(value, list) and value:
            begin = self.text.find("\n", entry.key.end) + 1
            return lead + self.text[entry.key.start : begin] + self._sequence(node, value, begin)
        trailing = comments(self.file, node.end if node.end > entry.key.end else entry.key.end, end)
        inner = comments(self.file, entry.key.end, end)
        rendered = yaml_text.entry(entry.key.text, plain(value), indent)
        rendered = head + rendered.lstrip(" ")[len(yaml_text.key(entry.key.text)) :]
        if len(inner) == len(trailing) == 1 and "\n" not in rendered:
            gap = self._gap(node, entry)
            return f"{lead}{rendered}{gap}{trailing[0]}\n"
        pad = " " * indent
        return (
            lead.removesuffix(pad) + "".join(f"{pad}{c}\n" for c in inner) + pad + rendered + "\n"
            if inner
            else lead + rendered + "\n"
        )

    def _gap(self, node: y.Node, entry: y.Entry) -> str:
        behind = max(node.end, entry.key.end + 1)
        match = re.compile(r"\s+(?=#)").search(self.text, behind)
        return match[0] if match and "\n" not in match[0] else "  "

    def _flow_entry(
        self, entry: y.Entry, node: y.Mapping, tree: Mapping[str, Any], chunk: tuple[int, int], indent: int
    ) -> str:
        start, end = chunk
        lead, head = self.text[start : entry.key.start], self.text[entry.key.start : node.start]
        inner = comments(self.file, node.start, node.end)
        above = "".join(f"{' ' * indent}{c}\n" for c in inner)
        body = "{" + ", ".join(self._pieces(node, tree)) + "}"
        tail = self.text[node.end : end]
        line = f"{head}{body}"
        if indent + len(line) > yaml_text.WIDTH and not _broken(body):
            rows = [f"{' ' * (indent + 2)}{piece}\n" for piece in self._pieces(node, tree)]
            line = f"{head.rstrip()}{tail.rstrip()}\n" + "".join(rows)
            return self._with_above(lead, above, indent) + line
        return self._with_above(lead, above, indent) + line + tail

    @staticmethod
    def _with_above(lead: str, above: str, indent: int) -> str:
        pad = " " * indent
        return lead.removesuffix(pad) + above + pad if above else lead

    def _pieces(self, node: y.Mapping, tree: Mapping[str, Any]) -> Iterator[str]:
        for group in _in_order(list(node.entries), list(tree)):
            for name in group:
                if name not in tree:
                    continue
                value = tree[name]
                if isinstance(value, Kept) and name in node.entries:
                    entry = node.entries[name]
                    piece = self.text[entry.key.start : entry.value.end]
                    yield f"{piece} null" if piece.endswith(":") else piece
                else:
                    yield f"{yaml_text.key(name, flow=True)}: {yaml_text.flow(plain(value))}"

    def _sequence(self, node: y.Sequence, items: list[Any], begin: int) -> str:
        chunks: list[tuple[int, int]] = []
        at = begin
        for item in node.items:
            end = self.chunk_end(item)
            if item.start < at or end <= item.start:
                raise CannotPatchError
            chunks.append((at, end))
            at = end
        dash = self.text.rfind("-", begin, max(node.items[0].start, begin + 1)) if node.items else -1
        if dash < 0:
            dash = self.text.find("-", begin)
        indent = self.indent(dash)
        place = {id(item): number for number, item in enumerate(node.items)}
        used: set[int] = set()
        written: list[tuple[int, str]] = []
        last = -1
        for item in items:
            old = item.node if isinstance(item, Kept | Changed) else None
            number = place.get(id(old)) if old is not None else None
            if number is None:
                written.append((last, yaml_text.item(plain(item), indent) + "\n"))
                continue
            used.add(number)
            last = number
            start, end = chunks[number]
            if isinstance(item, Kept):
                written.append((number, self.text[start:end]))
            else:
                lead = self.text[start : self.line_start(node.items[number].start)]
                lead = lead if lead.strip() else ""
                inner = self.kept_comments(start + len(lead), end, indent)
                written.append((number, lead + inner + yaml_text.item(plain(item), indent) + "\n"))
        gone = [n for n in range(len(chunks)) if n not in used]
        out: list[str] = []
        for number, text in written:
            while gone and gone[0] < number:
                out.append(self.kept_comments(*chunks[gone.pop(0)], indent))
            out.append(text)
        return "".join(out) + "".join(self.kept_comments(*chunks[n], indent) for n in gone)


def _broken(text: str) -> bool:
    return "\n" in text


def _in_order(old: list[str], new: list[str]) -> Iterator[list[str]]:
    """The names of `new` in its order; names that are only in `old` come after the one they followed there."""
    after: dict[str | None, list[str]] = {}
    previous: str | None = None
    wanted = set(new)
    for name in old:
        if name in wanted:
            previous = name
        else:
            after.setdefault(previous, []).append(name)
    yield after.get(None, [])
    for name in new:
        yield [name, *after.get(name, [])]
