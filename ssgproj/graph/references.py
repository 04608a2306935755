"""Foreign keys → edges between models, with what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ssgproj.diagnostics import Diagnostic, Severity
from ssgproj.project.model import ForeignKey, Model, TableName
from ssgproj.project.names import table_text
from ssgproj.project.project import Project
from ssgproj.project.suggest import closest, suggestion
from ssgproj.project.types import Kind, SqlType

_GROUPS: dict[Kind, str] = {
    Kind.INTEGER: "number", Kind.DECIMAL: "number", Kind.FLOAT: "number", Kind.MONEY: "number", Kind.YEAR: "number",
    Kind.STRING: "text", Kind.DATE: "time", Kind.TIMESTAMP: "time", Kind.INET: "address", Kind.CIDR: "address",
}  # fmt: skip


@dataclass(slots=True)
class References:
    """What following every reference gave: `of` are those by which rows get their values, `standing` those that can stand in a
    database — of the columns that a vocabulary leaves out, too."""

    of: dict[TableName, tuple[ForeignKey, ...]] = field(default_factory=dict)
    standing: dict[TableName, tuple[ForeignKey, ...]] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def is_nullable(model: Model, key: ForeignKey) -> bool:
    """Whether the reference can be left NULL: one nullable column is enough, unless it is MATCH FULL."""
    nullable = [column.nullable for column in model.columns if column.name in key.columns]
    return bool(nullable) and (all(nullable) if key.match_full else any(nullable))


def key_sets(model: Model) -> Iterator[frozenset[str]]:
    """The sets of columns that are unique in a table: its keys, and unique indexes over whole columns and all rows."""
    if model.primary_key is not None:
        yield frozenset(model.primary_key.columns)
    for unique in model.unique:
        yield frozenset(unique.columns)
    for index in model.indexes:
        columns = index.columns
        if index.unique and index.where is None and columns:
            yield frozenset(columns)


def follow(project: Project, models: Mapping[TableName, Model]) -> References:
    """Follow the references of all models that are not ignored. What cannot be followed is left out, with the reason."""
    result = References()
    ignored = {m.table for m in project.models if m.ignore}
    for table, model in models.items():
        kept: list[ForeignKey] = []
        standing: list[ForeignKey] = []
        for key in model.foreign_keys:
            found = _follow(project, models, ignored, model, key, result.problems)
            if found is None:
                continue
            standing.append(found)
            copied = model.vocabulary.columns if model.vocabulary else ()
            if not copied or set(found.columns) <= set(copied):
                kept.append(found)
        result.of[table] = tuple(kept)
        result.standing[table] = tuple(standing)
    return result


def _follow(
    project: Project,
    models: Mapping[TableName, Model],
    ignored: set[TableName],
    model: Model,
    key: ForeignKey,
    problems: list[Diagnostic],
) -> ForeignKey | None:
    parent = find_model(key.to_table, models, project.settings.default_schema)
    if parent is None:
        problems.append(_unknown_table(project, models, ignored, model, key))
        return None
    for name in key.to_columns:
        if not any(column.name == name for column in parent.columns):
            message = f"`{table_text(model.table)}` refers to column `{name}` of `{table_text(parent.table)}`, which has none of that name"
            hint = suggestion(name, [c.name for c in parent.columns])
            problems.append(Diagnostic("GR301", "unknown-reference", message, key.at, hint))
            return None
    own = {column.name for column in model.columns}
    if len(key.columns) != len(key.to_columns) or not own.issuperset(key.columns):
        return None  # parsing has said so
    if (problem := _private(model, parent, key)) is not None:
        problems.append(problem)
        return None
    problems.extend(_check_types(project, model, parent, key))
    problems.extend(_check_key(project, model, parent, key))
    return key if key.to_table == parent.table else replace(key, to_table=parent.table)


def find_model(name: TableName, models: Mapping[TableName, Model], default_schema: str | None) -> Model | None:
    """The model of a table that is called by its own name, or with or without the default schema."""
    found = models.get(name)
    if found is None and default_schema is not None:
        if name.schema == default_schema:
            found = models.get(TableName(name.name))
        elif name.schema is None:
            found = models.get(TableName(name.name, default_schema))
    return found


def _unknown_table(
    project: Project, models: Mapping[TableName, Model], ignored: set[TableName], model: Model, key: ForeignKey
) -> Diagnostic:
    here, there = table_text(model.table), table_text(key.to_table)
    if key.to_table in ignored:
        message = f"`{here}` refers to `{there}`, which is ignored: the reference is left out"
        hint = f"remove `ignore: true` from `{there}`, or remove the reference"
        return Diagnostic("GR305", "reference-to-ignored", message, key.at, hint, Severity.WARNING)
    message = f"`{here}` refers to table `{there}`, for which there is no model"
    names = {table_text(t): t for t in models}
    same = [text for text, t in names.items() if t.name == key.to_table.name]
    hint = f"did you mean `{same[0]}`?" if same else suggestion(there, names)
    if not same and closest(there, names) is None:
        hint = f"write models/{there}.yml, or: ssg reflect"
    return Diagnostic("GR301", "unknown-reference", message, key.at, hint)


def _private(model: Model, parent: Model, key: ForeignKey) -> Diagnostic | None:
    """A vocabulary that refers to generated rows: its values are those of the source, and no generated row has their keys."""
    if model.vocabulary is None or parent.vocabulary is not None:
        return None
    copied = model.vocabulary.columns
    if copied and not set(key.columns) <= set(copied):
        return None
    here, there = table_text(model.table), table_text(parent.table)
    columns = ", ".join(key.columns)
    nullable = is_nullable(model, key)
    message = f"Vocabulary `{here}` refers to `{there}`, whose rows are generated: no generated row has the keys in `{columns}`"
    rest = ", ".join(c.name for c in model.columns if c.name not in key.columns)
    hint = f"leave `{columns}` out (`columns: [{rest}]`), or make `{there}` a vocabulary too"
    if nullable:
        message += ", so the reference is left out"
    severity = Severity.WARNING if nullable else Severity.ERROR
    return Diagnostic("MD017", "vocabulary-reference", message, key.at, hint, severity)


def _group(kind: Kind) -> str:
    return _GROUPS.get(kind, kind.value)


def matching(one: SqlType, other: SqlType) -> bool:
    """Whether values of the two types can be equal in a database; True where a type is not known."""
    if Kind.OTHER in (one.kind, other.kind):
        return True
    if one.kind is Kind.ENUM and other.kind is Kind.ENUM:
        return one.name is None or other.name is None or one.name == other.name
    if one.kind is Kind.ARRAY and other.kind is Kind.ARRAY and one.element and other.element:
        return matching(one.element, other.element)
    return _group(one.kind) == _group(other.kind)


def _narrower(here: SqlType, there: SqlType) -> bool:
    """Whether some keys of the parent's type are too long or too large for the child's."""
    if here.is_text and there.is_text:
        return here.length is not None and (there.length is None or there.length > here.length)
    if here.kind is Kind.INTEGER and there.kind is Kind.INTEGER:
        return here.bits is not None and there.bits is not None and there.bits > here.bits
    return False


def _check_types(project: Project, model: Model, parent: Model, key: ForeignKey) -> Iterator[Diagnostic]:
    loose = project.settings.dialect in ("sqlite", "mysql")
    for name, to_name in zip(key.columns, key.to_columns, strict=True):
        here, there = model.column(name).type, parent.column(to_name).type
        what = (
            f"`{table_text(model.table)}.{name}` is {here.text}, `{table_text(parent.table)}.{to_name}` is {there.text}"
        )
        if not matching(here, there):
            severity = Severity.WARNING if loose else Severity.ERROR
            hint = f"write `type: {there.text}` for `{name}`"
            yield Diagnostic(
                "MD015", "reference-types", f"{what}: a reference needs the same type", key.at, hint, severity
            )
        elif _narrower(here, there):
            hint = f"write `type: {there.text}` for `{name}`"
            yield Diagnostic("MD015", "reference-types", f"{what}: keys may not fit", key.at, hint, Severity.WARNING)


def _check_key(project: Project, model: Model, parent: Model, key: ForeignKey) -> Iterator[Diagnostic]:
    wanted = frozenset(key.to_columns)
    keys = list(key_sets(parent))
    if wanted in keys:
        return
    columns = ", ".join(key.to_columns)
    there = table_text(parent.table)
    message = (
        f"`{table_text(model.table)}` refers to ({columns}) of `{there}`, which is neither its primary key nor unique"
    )
    if keys:
        options = " or ".join(f"({', '.join(sorted(k))})" for k in sorted(keys, key=sorted)[:3])
        hint = f"refer to {options}, or write in {parent.path} `unique: [[{columns}]]`"
    else:
        hint = f"write in {parent.path} `primary_key: [{columns}]`"
    severity = Severity.WARNING if project.settings.dialect in ("sqlite", "mysql") else Severity.ERROR
    yield Diagnostic("MD016", "reference-not-key", message, key.at, hint, severity)
