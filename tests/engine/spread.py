"""A shop with every way in which tables depend on each other, for runs that are spread over processes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ssgproj.plan.compile import compile_plan
from ssgproj.plan.plan import Plan
from ssgproj.project.model import (
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Model,
    PrimaryKey,
    TableName,
    UniqueKey,
    Vocabulary,
)
from ssgproj.project.types import parse_type
from tests.engine.schemas import graph_of


def column(name: str, type_: str, nullable: bool = False, **rest: object) -> Column:
    return Column(name, parse_type(type_), nullable=nullable, **rest)  # type: ignore[arg-type]


def shop(rows: int) -> list[Model]:
    """A vocabulary; computed keys and a self-reference; kept keys (a checked unique e-mail) and who refers to them; a serial table."""
    countries = Model(
        TableName("countries"),
        "models/countries.yml",
        (column("code", "varchar(2)"), column("name", "varchar(20)")),
        primary_key=PrimaryKey(("code",)),
        vocabulary=Vocabulary("public"),
    )
    users = Model(
        TableName("users"),
        "models/users.yml",
        (
            column("id", "integer", identity=Identity()),
            column("email", "varchar(40)"),
            column("country", "varchar(2)"),
            column("boss", "integer", nullable=True),
            column("low", "integer"),
            column("high", "integer"),
        ),
        rows=rows,
        primary_key=PrimaryKey(("id",)),
        unique=(UniqueKey(("email",)),),
        foreign_keys=(
            ForeignKey(("country",), TableName("countries"), ("code",)),
            ForeignKey(("boss",), TableName("users"), ("id",)),
        ),
        checks=(Check("low * 2 < high"), Check("email <> country")),
    )
    orders = Model(
        TableName("orders"),
        "models/orders.yml",
        (column("user_id", "integer"), column("line", "integer"), column("email", "varchar(40)")),
        rows=2 * rows,
        primary_key=PrimaryKey(("user_id", "line")),
        foreign_keys=(
            ForeignKey(("user_id",), TableName("users"), ("id",)),
            ForeignKey(("email",), TableName("users"), ("email",)),
        ),
    )
    pairs = Model(
        TableName("pairs"),
        "models/pairs.yml",
        (column("a", "varchar(6)"), column("b", "smallint"), column("email", "varchar(40)")),
        rows=rows,
        indexes=(Index((IndexPart(None, "lower(a) || b::text"),), "pairs_together", unique=True),),
        foreign_keys=(ForeignKey(("email",), TableName("users"), ("email",)),),
    )
    return [countries, users, orders, pairs]


def plan_of(root: Path, rows: int, seed: int = 1, select: Sequence[str] | None = None) -> Plan:
    """The plan of the shop, with its vocabulary in place."""
    (root / "vocabularies").mkdir(exist_ok=True)
    (root / "vocabularies" / "countries.csv").write_text("code,name\nDE,Germany\nFR,France\nGB,Britain\n")
    plan, problems = compile_plan(
        graph_of(shop(rows), root=root, seed=seed), selected=select, vocabulary_rows={"vocabulary.countries": 3}
    )
    assert not problems
    assert plan.tables["model.pairs"].serial
    assert plan.tables["model.orders"].parents == ("model.users",)
    return plan


def tables(directory: Path) -> dict[str, pa.Table]:
    """The rows of every table, in the order of its files."""
    return {
        folder.name: pa.concat_tables([pq.read_table(f) for f in sorted(folder.glob("*.parquet"))]).combine_chunks()
        for folder in sorted(directory.iterdir())
    }
