"""Is this table a vocabulary? What can be told from the files alone, before a row is copied.

Errors: the condition in `where:` is not one boolean expression over the table's own columns; a copied column refers to a table that is
not a vocabulary, so that the copy would carry keys of private rows. Warnings: columns that look like people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.vocabularies.files import vocabulary_columns

if TYPE_CHECKING:
    from ssgproj.project.model import Model, TableName
    from ssgproj.project.project import Project

LARGE = 100_000
"""Past this many rows a table is unlikely to be a vocabulary."""
_PERSON = re.compile(
    r"(^|_)(surname|(first|last|middle|maiden|given|family|full|user)_?names?|e?_?mail|phone|mobile|fax|dob|birth(day|date)?|date_of_birth|"
    r"address|street|post_?code|zip(_?code)?|nhs(_?(no|number))?|ssn|nino|iban|passport|ip(_?address)?|user(_?id)?|"
    r"patient(_?id)?|person(_?id)?|customer(_?id)?|employee(_?id)?|password|salary|comment|notes?|free_?text)($|_)"
)
_AUDIT = re.compile(r"^(created|updated|modified|changed|inserted|deleted|last_modified)(_?(by|at|on|date|time|ts))?$")


def check_vocabularies(project: Project, models: Sequence[Model]) -> list[Diagnostic]:
    """Every reason why these vocabularies may not be vocabularies."""
    public = {m.table for m in project.models if m.vocabulary}
    ignored = {m.table for m in project.models if m.ignore}
    found: list[Diagnostic] = []
    for model in models:
        found += _where(model, project.settings.dialect)
        found += _references(model, public, ignored)
        found += _people(model)
    return found


def _references(model: Model, public: set[TableName], ignored: set[TableName]) -> Iterator[Diagnostic]:
    copied = {c.name for c in vocabulary_columns(model)}
    for key in model.foreign_keys:
        if key.to_table in public or key.to_table in ignored or not copied.issuperset(key.columns):
            continue
        columns = ", ".join(f"`{c}`" for c in key.columns)
        yield Diagnostic(
            "PJ031",
            "vocabulary-refers-to-private-table",
            f"The vocabulary `{model.table}` refers by {columns} to `{key.to_table}`, which is not a vocabulary: "
            "its copy would carry keys of private rows",
            _at(model, key.at),
            f"make `{key.to_table}` a vocabulary too, or list in `vocabulary: {{columns: [...]}}` all columns but {columns}",
        )


def _people(model: Model) -> Iterator[Diagnostic]:
    for column in vocabulary_columns(model):
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.name).lower()
        if _PERSON.search(name):
            why = "looks like something about a person"
        elif _AUDIT.match(name):
            why = "tells who changed the row, or when"
        else:
            continue
        yield Diagnostic(
            "PJ032",
            "vocabulary-looks-private",
            f"The column `{column.name}` of the vocabulary `{model.table}` {why}, and is copied as it is",
            _at(model, column.at),
            f"leave it out by listing the others: vocabulary: {{reason: ..., columns: [{_others(model, column.name)}]}}",
            Severity.WARNING,
        )


def _others(model: Model, name: str) -> str:
    names = [c.name for c in vocabulary_columns(model) if c.name != name]
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _where(model: Model, dialect: str) -> Iterator[Diagnostic]:
    where = model.vocabulary.where if model.vocabulary else None
    if where is None:
        return
    reason = _wrong_condition(where, model, dialect)
    if reason:
        yield Diagnostic(
            "PJ033",
            "vocabulary-condition",
            f"`where` of the vocabulary `{model.table}` {reason}",
            _at(model, model.vocabulary.at if model.vocabulary else model.at),
            'write one condition over the table\'s own columns, such as where: "valid_until IS NULL"',
        )


def _wrong_condition(where: str, model: Model, dialect: str) -> str | None:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = [t for t in sqlglot.parse(f"SELECT 1 FROM t WHERE {where}\n", dialect=dialect) if t is not None]
    except SqlglotError:
        return f"is not SQL of the dialect `{dialect}`"
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        return "is not one condition"
    select = trees[0]
    if {k for k, v in select.args.items() if v} - {"expressions", "from_", "from", "where", "kind"}:
        return "is more than a condition"
    condition = select.args["where"].this
    if condition.find(exp.Query, exp.AggFunc, exp.Window, exp.Subquery) or condition.find(exp.Star):
        return "looks at more than one row"
    if function := condition.find(exp.Anonymous):
        return f"calls `{function.name}`, which ssg does not know"
    names = {c.name.lower() for c in model.columns}
    for column in condition.find_all(exp.Column):
        if column.name.lower() not in names:
            return f"names `{column.name}`, which is not a column of the table"
    if isinstance(condition, exp.Literal) and not condition.is_string:
        return None
    if isinstance(condition, exp.Literal | exp.Tuple):
        return "is not a condition"
    return None


def _at(model: Model, place: Location) -> Location:
    """The place, or the model's where the place is not known."""
    return place if place.path else model.at
