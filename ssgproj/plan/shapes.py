"""Values of unusual shapes, for conditions that no ordinary default value meets (`jsonb_typeof(x) = 'array'`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    import pyarrow as pa

_JSON = ("[]", "[1]", '["a", "b"]', '[{"a": 1}]', "{}", '{"a": 1}', '"text"', "1", "2.5", "true", "false", "null")
_TEXTS = (
    "", "a", "A", "1", "0", "ab", "AB", "Ab", "a b", "a-b", "a_b", "a.b", "a@b.example", "https://a.example", "/a/b", "a.txt",
    "2024-01-31", "12:30", "true", "12345", "1.5", "-1", "{}", "[]", "#a1b2c3", "+441632960001", "AB12 3CD", "abc-123",
)  # fmt: skip


def other_shapes(sql_type: SqlType) -> pa.Array:
    """A few values of each shape that the type can hold; none for types that have but one."""
    import pyarrow as pa

    from ssgproj.generators.arrow import arrow_type

    target = arrow_type(sql_type)
    if sql_type.kind is Kind.JSON:
        return pa.array(_JSON, target)
    if sql_type.kind is Kind.STRING:
        longest = sql_type.length or 1000
        return pa.array([t for t in _TEXTS if len(t) <= longest and (not sql_type.fixed or len(t) == longest)], target)
    if sql_type.kind is Kind.ARRAY and sql_type.element:
        some = other_shapes(sql_type.element)
        if sql_type.element.kind is Kind.INTEGER:
            some = pa.array([1, 2, 3, 4, 5], target.value_type)
        return pa.array([some.to_pylist()[:n] for n in range(len(some) + 1)], target)
    return pa.array([], target)
