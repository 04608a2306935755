"""Partition bounds as conditions on rows."""

from __future__ import annotations

from ssgproj.plan.partitions import partition_checks, partition_condition
from ssgproj.project.model import Check, Model, Partition, TableName


def model(by: str, *partitions: Partition) -> Model:
    return Model(TableName("t"), "models/t.yml", (), partition_by=by, partitions=partitions)


def part(bound: str, **rest: object) -> Partition:
    return Partition(TableName("p"), bound, **rest)  # type: ignore[arg-type]


def test_ranges_in_a_row_are_one() -> None:
    found = partition_condition(
        model("RANGE (a)", part("FOR VALUES FROM ('1') TO ('2')"), part("FOR VALUES FROM ('2') TO ('3')"))
    )
    assert found == "a IS NOT NULL AND a >= '1' AND a < '3'"


def test_open_ends_and_a_default_take_everything() -> None:
    assert partition_condition(model("RANGE (a)", part("FOR VALUES FROM (MINVALUE) TO (5)"), part("DEFAULT"))) is None
    assert partition_condition(model("HASH (a)", part("FOR VALUES WITH (modulus 2, remainder 0)"))) is None


def test_lists_are_alternatives() -> None:
    found = partition_condition(model("LIST (a)", part("FOR VALUES IN ('x', 'y')"), part("FOR VALUES IN (NULL)")))
    assert found == "((a IN ('x', 'y'))) OR ((a IS NULL))"


def test_several_columns_compare_as_a_row() -> None:
    found = partition_condition(model("RANGE (a, b)", part("FOR VALUES FROM (1, 2) TO (3, MAXVALUE)")))
    assert found is not None
    assert "(a > 1) OR (a = 1 AND b >= 2)" in found
    assert "(a < 3) OR (a = 3)" in found


def test_a_check_of_one_partition_holds_there() -> None:
    found = partition_checks(model("LIST (a)", part("FOR VALUES IN ('x')", checks=(Check("b > 0"),))))
    assert found == ["NOT (a IN ('x')) OR (b > 0)"]
