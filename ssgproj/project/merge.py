"""Reflecting again: the facts of the database follow the new model, what people wrote stays.

Kept are `generate`, `generators`, `rows`, `null_rate`, `tags`, `vocabulary`, `ignore`, descriptions where the source has none, the order of
keys, the layout of what did not change, and every comment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ssgproj.errors import ProjectError
from ssgproj.project import yaml_node as y
from ssgproj.project.diff_columns import same_column_facts
from ssgproj.project.generate_field import Generators
from ssgproj.project.model import Column, ForeignKey, Model, PrimaryKey, SchemaObjects, UniqueKey
from ssgproj.project.model_dict import canonical, model_dict, objects_dict
from ssgproj.project.models import ModelReader
from ssgproj.project.types import SqlType
from ssgproj.project.write import columns_text, schema_comment, top_entry, write_model, write_objects
from ssgproj.project.yaml_file import YamlFile, parse_yaml
from ssgproj.project.yaml_patch import CannotPatchError, Changed, Kept, comments, patch, plain

HAND_KEYS = ("rows", "tags", "ignore", "vocabulary", "generators")
"""Keys of a model that reflecting never changes."""
HAND_COLUMN_KEYS = ("null_rate", "tags", "generate")
_FACTS: Mapping[str, tuple[str, ...]] = {
    "type": ("type",),
    "nullable": ("nullable",),
    "identity": ("identity", "serial"),
    "default": ("default",),
    "generated": ("generated",),
    "collation": ("collation",),
}
_COLUMN_ORDER = (
    "type", "primary_key", "nullable", "null_rate", "identity", "serial", "default", "generated", "collation", "unique",
    "references", "description", "tags", "generate",
)  # fmt: skip
_TOP_ORDER = (
    "table", "schema", "description", "rows", "tags", "ignore", "vocabulary", "columns", "primary_key", "unique", "foreign_keys",
    "checks", "indexes", "exclusions", "partition_by", "partitions", "options", "vendor", "generators",
)  # fmt: skip
_NAMES = ("name", "enum", "domain", "composite", "range", "other", "table")


def merge(
    old_text: str, model: Model, named_types: Mapping[str, SqlType] | None = None, dialect: str = "", generators: Generators | None = None
) -> str:  # fmt: skip
    """The text of the model's file, brought up to date. Raises ProjectError if the old text is not YAML that can be read.

    `named_types` and `dialect` are those of the new model, to see which types mean the same; `generators` only speeds reading up.
    """
    text, breaks = _normal(old_text)
    file, problems = parse_yaml(text, model.path or "model")
    if any(d.is_error for d in problems):
        raise ProjectError(problems)
    if type(file.root) is not y.Mapping or "columns" not in file.root.entries:
        result = _with_comments(write_model(model), file)
        return result.replace("\n", breaks)
    reader = ModelReader(named_types or {}, dialect, generators or {}, {})
    old = reader.read(file, [])
    if old is None:
        return _with_comments(write_model(model), file).replace("\n", breaks)
    tree = _Merger(file.root, old, canonical(model)).tree()
    if _untouched(tree, file.root):
        return old_text
    try:
        result = patch(file, tree)
    except CannotPatchError:
        result = _with_comments(_write_tree(plain(tree), model), file)
    return result.replace("\n", breaks)


def merge_objects(old_text: str, objects: SchemaObjects) -> str:
    """The text of `models/_schema.yml`, brought up to date in the same way."""
    text, breaks = _normal(old_text)
    file, problems = parse_yaml(text, "models/_schema.yml")
    if any(d.is_error for d in problems):
        raise ProjectError(problems)
    new = objects_dict(objects)
    if type(file.root) is not y.Mapping or not new:
        return _with_comments(write_objects(objects), file).replace("\n", breaks)
    tree: dict[str, Any] = {}
    for name, value in new.items():
        node = file.root.entries[name].value if name in file.root.entries else None
        if node is not None and y.plain_value(node) == value:
            tree[name] = Kept(node)
        elif type(node) is y.Sequence and isinstance(value, list):
            tree[name] = _same_items(node, value)
        elif type(node) is y.Mapping and isinstance(value, dict):
            tree[name] = _same_entries(node, value)
        else:
            tree[name] = value
    tree = _ordered(tree, list(file.root.entries), tuple(new))
    if _untouched(tree, file.root):
        return old_text
    try:
        result = patch(file, tree)
    except CannotPatchError:
        result = _with_comments(write_objects(objects), file)
    return result.replace("\n", breaks)


def _normal(text: str) -> tuple[str, str]:
    text = text.removeprefix("\ufeff")
    breaks = "\r\n" if "\r\n" in text else "\n"
    return text.replace("\r\n", "\n"), breaks


def _untouched(tree: Mapping[str, Any], root: y.Node) -> bool:
    if type(root) is not y.Mapping or list(tree) != list(root.entries):
        return False
    return all(
        isinstance(value, Kept) or (isinstance(value, Mapping) and _untouched(value, root.entries[name].value))
        for name, value in tree.items()
    )


def _with_comments(text: str, file: YamlFile) -> str:
    """A text written anew, with the comments of the old one at its top."""
    first, _, rest = text.partition("\n")
    kept = [c for c in comments(file) if c != first]
    return "\n".join([first, *kept, rest])


def _write_tree(tree: Mapping[str, Any], model: Model) -> str:
    lines = [schema_comment(model.path or "models/x.yml", "model")]
    lines += [columns_text(value) if name == "columns" else top_entry(name, value) for name, value in tree.items()]
    return "\n".join(lines) + "\n"


def _ordered(tree: Mapping[str, Any], old: Sequence[str], usual: Sequence[str]) -> dict[str, Any]:
    """Keys that were there stay in their order; new ones go behind the key that usually comes before them."""
    names = [name for name in old if name in tree]
    for name in tree:
        if name in names:
            continue
        before = list(usual[: usual.index(name)]) if name in usual else list(usual)
        place = max((names.index(b) + 1 for b in before if b in names), default=0 if name in usual else len(names))
        names.insert(place, name)
    return {name: tree[name] for name in names}


def _same_items(node: y.Sequence, wanted: list[Any]) -> list[Any]:
    """The wanted items, those that are there already kept as they are written."""
    there = [(item, y.plain_value(item)) for item in node.items]
    result: list[Any] = []
    for value in wanted:
        found = next((pair for pair in there if pair[1] == value), None)
        if found is None and isinstance(value, dict):
            found = next((p for p in there if isinstance(p[1], dict) and _name(p[1]) == _name(value) is not None), None)
        if found is None:
            result.append(value)
            continue
        there.remove(found)
        description = found[1].get("description") if isinstance(found[1], dict) else None
        tree = {"description": description, **value} if description and isinstance(value, dict) else value
        result.append(
            Kept(found[0]) if found[1] == tree else Changed(found[0], tree) if isinstance(tree, dict) else tree
        )
    return result


def _same_entries(node: y.Mapping, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: Kept(node.entries[key].value)
        if key in node.entries and (value is None or y.plain_value(node.entries[key].value) == value)
        else value
        for key, value in wanted.items()
    }


def _name(tree: Mapping[str, Any]) -> Any:
    for key in _NAMES:
        if key in tree:
            return key, tree[key]
    return None


class _Merger:
    """Old file and new model → the tree of the new file."""

    def __init__(self, root: y.Mapping, old: Model, new: Model) -> None:
        self.root, self.old, self.new = root, old, new
        self.new_tree = model_dict(new)
        self.old_columns = {c.name: c for c in old.columns}
        columns = root.entries["columns"].value
        self.column_nodes = columns.entries if type(columns) is y.Mapping else {}

    def tree(self) -> dict[str, Any]:
        result = self._top()
        columns = {column.name: self._column(column) for column in self.new.columns}
        self._primary_key(result, columns)
        self._keys(result, columns, "unique", self.old.unique, self.new.unique)
        self._keys(result, columns, "foreign_keys", self.old.foreign_keys, self.new.foreign_keys)
        result["columns"] = {name: self._whole(name, tree) for name, tree in columns.items()}
        return _ordered(result, list(self.root.entries), _TOP_ORDER)

    def _node(self, key: str) -> y.Node | None:
        return self.root.entries[key].value if key in self.root.entries else None

    def _top(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key in (*_TOP_ORDER, *self.root.entries):
            node = self._node(key)
            if key in HAND_KEYS or key not in _TOP_ORDER or (key == "description" and key not in self.new_tree):
                value = Kept(node) if node is not None else self.new_tree.get(key)
            elif key in ("columns", "primary_key", "unique", "foreign_keys"):
                continue
            elif key in ("checks", "indexes", "exclusions", "partitions", "vendor"):
                value = self._facts(key, node)
            else:
                same = node is not None and getattr(self.old, key, None) == getattr(self.new, key, None)
                same = same or (key in ("table", "schema") and node is not None and self.old.table == self.new.table)
                value = Kept(node) if same and node is not None else self.new_tree.get(key)
            if value is not None:
                result[key] = value
        return result

    def _facts(self, key: str, node: y.Node | None) -> Any:
        """A list of the table's: items that mean the same stay as they are written."""
        old, new = list(getattr(self.old, key)), list(getattr(self.new, key))
        wanted = self.new_tree.get(key)
        if type(node) is not y.Sequence or len(node.items) != len(old) or wanted is None:
            return wanted
        if old == new:
            return Kept(node)
        return self._match(node.items, old, new, wanted)

    @staticmethod
    def _match(nodes: Sequence[y.Node], old: list[Any], new: list[Any], wanted: list[Any]) -> list[Any]:
        left = list(range(len(new)))
        result: list[Any] = []
        for node, item in zip(nodes, old, strict=True):
            same = next((n for n in left if new[n] == item), None)
            if same is not None:
                left.remove(same)
                result.append(Kept(node))
                continue
            named = next((n for n in left if _shared_name(item, new[n])), None)
            if named is not None and not any(new[named] == other for other in old):
                left.remove(named)
                tree = wanted[named]
                result.append(Changed(node, tree) if isinstance(tree, dict) else tree)
        return [*result, *(wanted[n] for n in left)]

    def _column(self, column: Column) -> dict[str, Any]:
        """One column's keys, without keys and references."""
        fresh = self.new_tree["columns"][column.name]
        node = self.column_nodes[column.name].value if column.name in self.column_nodes else None
        if type(node) is not y.Mapping:
            return {k: v for k, v in fresh.items() if k not in ("primary_key", "unique", "references")}
        old = self.old_columns[column.name]
        result: dict[str, Any] = {}
        for fact, keys in _FACTS.items():
            if same_column_facts(old, column, fact):
                result.update({key: Kept(node.entries[key].value) for key in keys if key in node.entries})
            else:
                result.update({key: fresh[key] for key in keys if key in fresh})
        for key in HAND_COLUMN_KEYS:
            if key in node.entries and not (key == "null_rate" and not column.nullable):
                result[key] = Kept(node.entries[key].value)
            elif key in fresh and key not in node.entries:
                result[key] = fresh[key]
        if "description" in node.entries and column.description in (None, old.description):
            result["description"] = Kept(node.entries["description"].value)
        elif column.description is not None:
            result["description"] = column.description
        for key, entry in node.entries.items():
            if key not in _COLUMN_ORDER:
                result[key] = Kept(entry.value)
        return result

    def _whole(self, name: str, tree: dict[str, Any]) -> Any:
        node = self.column_nodes[name].value if name in self.column_nodes else None
        if type(node) is not y.Mapping:
            return _ordered(tree, (), _COLUMN_ORDER)
        ordered = _ordered(tree, list(node.entries), _COLUMN_ORDER)
        untouched = list(ordered) == list(node.entries) and all(isinstance(v, Kept) for v in ordered.values())
        return Kept(node) if untouched else ordered

    def _at_column(self, name: str, key: str) -> y.Node | None:
        node = self.column_nodes[name].value if name in self.column_nodes else None
        return node.entries[key].value if type(node) is y.Mapping and key in node.entries else None

    def _primary_key(self, result: dict[str, Any], columns: dict[str, dict[str, Any]]) -> None:
        same = self.old.primary_key == self.new.primary_key
        if same and isinstance(self.old.primary_key, PrimaryKey):
            if (node := self._node("primary_key")) is not None:
                result["primary_key"] = Kept(node)
            for name, tree in columns.items():
                if (node := self._at_column(name, "primary_key")) is not None:
                    tree["primary_key"] = Kept(node)
            return
        if "primary_key" in self.new_tree:
            result["primary_key"] = self.new_tree["primary_key"]
        for name, tree in columns.items():
            if "primary_key" in self.new_tree["columns"][name]:
                tree["primary_key"] = True

    def _keys(
        self,
        result: dict[str, Any],
        columns: dict[str, dict[str, Any]],
        key: str,
        old: Sequence[UniqueKey | ForeignKey],
        new: Sequence[UniqueKey | ForeignKey],
    ) -> None:
        """Unique keys or references, which may stand at a column or in a list of the table's."""
        beside = "unique" if key == "unique" else "references"
        node = self._node(key)
        items = node.items if type(node) is y.Sequence else []
        at_columns, listed = list(old[: len(old) - len(items)]), list(old[len(old) - len(items) :])
        left = list(new)
        for item in at_columns:
            name = item.columns[0]
            there = self._at_column(name, beside)
            if item in left and there is not None and name in columns:
                left.remove(item)
                columns[name][beside] = Kept(there)
        kept: list[Any] = []
        changed = False
        for item_node, item in zip(items, listed, strict=False):
            if item in left:
                left.remove(item)
                kept.append(Kept(item_node))
                continue
            changed = True
            named = next(
                (
                    n
                    for n in left
                    if _shared_name(item, n) and (len(n.columns) > 1 or beside in columns.get(n.columns[0], {}))
                ),
                None,
            )
            if named is not None:
                left.remove(named)
                kept.append(Changed(item_node, self._listed(named)))
        for item in left:
            alone = self._beside(item)
            if alone is not None and item.columns[0] in columns and beside not in columns[item.columns[0]]:
                columns[item.columns[0]][beside] = alone
            else:
                changed = True
                kept.append(self._listed(item))
        if kept:
            result[key] = kept if changed or node is None else Kept(node)

    def _beside(self, item: UniqueKey | ForeignKey) -> Any:
        """How one key is written at its column, or None if it cannot be."""
        return (
            self._alone(item)["columns"]
            .get(item.columns[0], {})
            .get("unique" if isinstance(item, UniqueKey) else "references")
        )

    def _alone(self, item: UniqueKey | ForeignKey) -> dict[str, Any]:
        unique = (item,) if isinstance(item, UniqueKey) else ()
        references = (item,) if isinstance(item, ForeignKey) else ()
        return model_dict(replace(self.new, unique=unique, foreign_keys=references))

    def _listed(self, item: UniqueKey | ForeignKey) -> Any:
        # A second key of the same column makes both go where there is room: the first beside it, this one in the list.
        if isinstance(item, UniqueKey):
            first = replace(
                item, name=f"{item.name or ''} first", nulls_not_distinct=False, deferrable=None, include=()
            )
            return model_dict(replace(self.new, unique=(first, item), foreign_keys=()))["unique"][-1]
        first_key = replace(item, name=f"{item.name or ''} first")
        return model_dict(replace(self.new, unique=(), foreign_keys=(first_key, item)))["foreign_keys"][-1]


def _shared_name(one: Any, other: Any) -> bool:
    key: Callable[[Any], Any] = lambda item: getattr(item, "name", None) or getattr(item, "table", None)  # noqa: E731
    return key(one) is not None and key(one) == key(other)
