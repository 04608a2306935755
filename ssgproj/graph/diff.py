"""What two descriptions of a database disagree about, in words: `users.age: type integer → bigint`.

Only meaning counts: not how a type is spelled, where a key is written or in which order constraints come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from ssgproj.project.diff_columns import FACTS, same_column_facts
from ssgproj.project.generate_field import MAIN
from ssgproj.project.model import Column, ForeignKey, Generate, Identity, Index, Model, SchemaObjects
from ssgproj.project.model_dict import index_dict, objects_dict
from ssgproj.project.names import join_name, table_text
from ssgproj.project.yaml_text import flow

T = TypeVar("T")


def diff_models(old: Iterable[Model], new: Iterable[Model]) -> list[str]:
    """How the tables differ, one line for each difference, in the order of their names. What people write by hand does not count."""
    before = {model.table: model for model in old}
    after = {model.table: model for model in new}
    lines: list[str] = []
    for table in sorted(before.keys() | after.keys(), key=lambda t: (t.schema or "", t.name)):
        name = table_text(table)
        if table not in after:
            lines.append(f"{name}: removed")
        elif table not in before:
            lines.append(f"{name}: added, {_count(len(after[table].columns), 'column')}")
        else:
            lines.extend(_tables(name, before[table], after[table]))
    return lines


def diff_objects(old: SchemaObjects, new: SchemaObjects) -> list[str]:
    """How schemas, extensions, types, sequences and functions differ."""
    lines = list(_sets("extension", old.extensions, new.extensions))
    lines += _named("schema", dict(old.schemas), dict(new.schemas), lambda value: value or "no comment")
    one, other = objects_dict(old), objects_dict(new)
    for key, noun, names in (
        ("types", "type", [table_text(t.name) for t in old.types] + [table_text(t.name) for t in new.types]),
        (
            "sequences",
            "sequence",
            [table_text(s.name) for s in old.sequences] + [table_text(s.name) for s in new.sequences],
        ),
        (
            "functions",
            "function",
            [table_text(f.name) for f in old.functions] + [table_text(f.name) for f in new.functions],
        ),
    ):
        trees = [*one.get(key, []), *other.get(key, [])]
        pairs = list(zip(names, trees, strict=True))
        count = len(one.get(key, []))
        lines += _named(noun, dict(pairs[:count]), dict(pairs[count:]), flow)
    return lines


def diff_generation(old: Iterable[Model], new: Iterable[Model]) -> list[str]:
    """How what people write by hand differs: rows, generators, vocabularies, what is ignored, shares of NULLs."""
    before = {model.table: model for model in old}
    lines: list[str] = []
    for model in sorted(new, key=lambda m: (m.table.schema or "", m.table.name)):
        if (past := before.get(model.table)) is None:
            continue
        name = table_text(model.table)
        for what in ("rows", "ignore"):
            lines += _change(name, what, getattr(past, what), getattr(model, what))
        reasons = [("yes" if m.vocabulary else "no", m.vocabulary) for m in (past, model)]
        if reasons[0] != reasons[1]:
            both = reasons[0][0] == reasons[1][0]
            lines.append(f"{name}: vocabulary {'changed' if both else f'{reasons[0][0]} → {reasons[1][0]}'}")
        rates = {c.name: c.null_rate for c in past.columns}
        for column in model.columns:
            if column.name in rates:
                lines += _change(f"{name}.{column.name}", "null_rate", rates[column.name], column.null_rate)
        lines += _generators(name, past, model)
    return lines


def _generators(name: str, old: Model, new: Model) -> Iterator[str]:
    before = {(g.columns, g.is_mask): g for g in old.generators}
    after = {(g.columns, g.is_mask): g for g in new.generators}
    for columns, is_mask in sorted(before.keys() | after.keys()):
        one, other = before.get((columns, is_mask)), after.get((columns, is_mask))
        if one == other:
            continue
        words = [_generator(g) for g in (one, other)]
        if one and other and one.kind != other.kind:
            words = [one.kind, other.kind]
        words = [("none" if is_mask and w == "default" else w) for w in words]
        yield f"{name}.{'+'.join(columns)}: {'pattern' if is_mask else 'generator'} {words[0]} → {words[1]}"


def _generator(generate: Generate | None) -> str:
    if generate is None:
        return "default"
    if not generate.options:
        return generate.kind
    options = {generate.kind if key == MAIN else key: value for key, value in generate.options.items()}
    return f"{generate.kind} {flow(options)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shown(value: Any) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Identity):
        kind = "serial" if value.serial else "always" if value.always else "by default"
        return f"{kind} {flow(dict(value.options))}" if value.options else kind
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else f"{text[:199]}…"


def _change(name: str, what: str, old: Any, new: Any) -> Iterator[str]:
    if old != new:
        yield f"{name}: {what} {_shown(old)} → {_shown(new)}"


def _tables(name: str, old: Model, new: Model) -> Iterator[str]:
    before, after = ({c.name: c for c in m.columns} for m in (old, new))
    for column in old.columns:
        if column.name not in after:
            yield f"{name}.{column.name}: removed"
    for column in new.columns:
        if column.name not in before:
            yield f"{name}.{column.name}: added, {column.type.text}{', nullable' if column.nullable else ''}"
        else:
            yield from _columns(f"{name}.{column.name}", before[column.name], column)
    orders = [[c.name for c in m.columns if c.name in before and c.name in after] for m in (old, new)]
    if orders[0] != orders[1]:
        yield f"{name}: order of columns {', '.join(orders[0])} → {', '.join(orders[1])}"
    if new.description is not None:
        yield from _change(name, "description", old.description, new.description)
    for what in ("partition_by", "options"):
        yield from _change(name, what, getattr(old, what), getattr(new, what))
    yield from _single(name, "primary key", old.primary_key, new.primary_key, _key)
    yield from _many(name, "unique", old.unique, new.unique, _key)
    yield from _many(name, "reference", old.foreign_keys, new.foreign_keys, _reference)
    yield from _many(name, "check", old.checks, new.checks, lambda c: _titled(c.name, c.sql))
    yield from _many(name, "index", old.indexes, new.indexes, _index)
    yield from _many(name, "exclusion", old.exclusions, new.exclusions, lambda e: _titled(e.name, e.sql))
    yield from _many(name, "partition", old.partitions, new.partitions, lambda p: f"{table_text(p.table)} {p.bound}")
    yield from _many(name, "statement", old.vendor, new.vendor, _shown)


def _columns(name: str, old: Column, new: Column) -> Iterator[str]:
    for fact in FACTS:
        if same_column_facts(old, new, fact):
            continue
        one, other = getattr(old, fact), getattr(new, fact)
        if fact == "type":
            one, other = one.text, other.text
        elif fact == "generated" and one == other:
            one, other = (f"{one} {'stored' if c.stored else 'when read'}" for c in (old, new))
        elif fact == "nullable":
            yield f"{name}: {'nullable' if new.nullable else 'NOT NULL'}"
            continue
        yield f"{name}: {fact} {_shown(one)} → {_shown(other)}"
    if new.description is not None:
        yield from _change(name, "description", old.description, new.description)


def _titled(name: str | None, text: str) -> str:
    return f"{name}: {_shown(text)}" if name else _shown(text)


def _key(key: Any) -> str:
    extras = [f"include ({', '.join(key.include)})"] if key.include else []
    extras += [key.deferrable] if key.deferrable else []
    extras += ["nulls not distinct"] if getattr(key, "nulls_not_distinct", False) else []
    extras += [f"named {key.name}"] if key.name else []
    return " ".join([f"({', '.join(key.columns)})", *extras])


def _reference(key: ForeignKey) -> str:
    to = f"{table_text(key.to_table)} ({', '.join(key.to_columns)})"
    extras = [f"on delete {key.on_delete}"] if key.on_delete else []
    extras += [f"on update {key.on_update}"] if key.on_update else []
    extras += ["match full"] if key.match_full else []
    extras += [key.deferrable] if key.deferrable else []
    extras += ["not valid"] if key.not_valid else []
    extras += [f"named {key.name}"] if key.name else []
    return " ".join([f"({', '.join(key.columns)}) → {to}", *extras])


def _index(index: Index) -> str:
    return _titled(index.name, flow({k: v for k, v in index_dict(index).items() if k != "name"}))


def _single(name: str, what: str, old: T | None, new: T | None, show: Callable[[T], str]) -> Iterator[str]:
    if old != new:
        yield f"{name}: {what} {show(old) if old else 'none'} → {show(new) if new else 'none'}"


def _many(name: str, what: str, old: tuple[T, ...], new: tuple[T, ...], show: Callable[[T], str]) -> Iterator[str]:
    before, after = list(old), list(new)
    for item in old:
        if item in after:
            after.remove(item)
            before.remove(item)
    # One of the same name, or of the same columns, has changed; the others came or went.
    for item in list(before):
        other = next((a for a in after if _identity(a) == _identity(item) is not None), None)
        if other is not None:
            before.remove(item)
            after.remove(other)
            yield f"{name}: {what} {show(item)} ⇒ {show(other)}"
    yield from (f"{name}: {what} removed: {show(item)}" for item in before)
    yield from (f"{name}: {what} added: {show(item)}" for item in after)


def _identity(item: Any) -> Any:
    for attribute in ("name", "table", "columns"):
        if (value := getattr(item, attribute, None)) is not None:
            return attribute, value
    return None


def _sets(what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    before, after = set(old), set(new)
    yield from (f"{what} {item}: removed" for item in sorted(before - after))
    yield from (f"{what} {item}: added" for item in sorted(after - before))


def _named(what: str, old: Mapping[str, Any], new: Mapping[str, Any], show: Callable[[Any], str]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"{what} {name}: removed"
        elif name not in old:
            yield f"{what} {name}: added"
        elif old[name] != new[name]:
            yield f"{what} {join_name(name) if '.' not in name else name}: {_shown(show(old[name]))} → {_shown(show(new[name]))}"
