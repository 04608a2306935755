"""Reading a table's checks, its domains' and its partitions' into restrictions and conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssgproj.generators.base import Restriction
from ssgproj.plan.partitions import partition_checks, partition_condition
from ssgproj.plan.restrictions import intersect
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.plan.conditions import Condition
    from ssgproj.plan.draft import TableDraft
    from ssgproj.project.model import Column


def read_conditions(draft: TableDraft) -> None:
    """Set the draft's conditions, and what they mean for single columns."""
    texts = [c.sql for c in draft.model.checks]
    for column in draft.filled:
        texts += _domain_checks(draft, column)
    if partitioned := partition_condition(draft.model):
        texts.append(partitioned)
    texts += partition_checks(draft.model)
    found, opaque = draft.taken_apart(texts)
    draft.conditions = found
    draft.notes += [f"check not evaluated, the destination will: {text}" for text in opaque]
    draft.not_null = {c.columns[0] for c in found if c.not_null}
    for condition in found:
        if bounds := condition.restriction or condition.hull:
            (name,) = condition.columns
            draft.restrictions[name] = intersect(draft.restrictions.get(name, Restriction()), bounds)
    for condition in found:
        if condition.restriction is None and condition.hull is None:
            _read_literals(draft, condition)


def _read_literals(draft: TableDraft, condition: Condition) -> None:
    """`kind = 'a' AND ... OR kind = 'b' AND ...`: other values than those compared with are not likely to pass."""
    keyed = draft.keyed_columns()
    for name, values in condition.literals.items():
        if name in keyed:
            continue
        if draft.types[name].kind is Kind.STRING and name not in draft.restrictions and len(condition.columns) > 1:
            draft.guessed[name] = Restriction(values=values)
        else:
            draft.likely[name] = tuple(dict.fromkeys((*draft.likely.get(name, ()), *values)))


def _domain_checks(draft: TableDraft, column: Column) -> list[str]:
    if column.type.domain is None:
        return []
    from ssgproj.plan.conditions import substitute_value

    checks: list[str] = []
    name: str | None = column.type.domain
    while name and (domain := draft.context.named.get(name)) and domain.kind == "domain":
        checks += [substitute_value(c.sql, column.name, draft.context.dialect) for c in domain.checks]
        name = domain.base if domain.base in draft.context.named else None
    return checks
