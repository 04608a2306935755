"""Categories: the most frequent values side by side, and how far the distributions are apart over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ssgproj.report.fidelity.counting import SHOWN
from ssgproj.report.fidelity.found import SOURCE, Categories, Category, Score
from ssgproj.report.fidelity.rows import reduced
from ssgproj.report.fidelity.suppress import frequent

if TYPE_CHECKING:
    from ssgproj.report.fidelity.shape import Looked
    from ssgproj.report.fidelity.told import Joint, Shares


@dataclass(frozen=True, slots=True)
class Against:
    """The source's rows: their table in the spool, the column of the people they belong to (None: each row is one), and the fewest people that
    may be told of."""

    table: str
    people: str | None
    least: int


def categories(
    connection: Any, looked: Looked, synthetic: str, told: Shares | None, source: Against | None
) -> tuple[Categories, tuple[Score, ...]]:
    """The values of a column, and its total variation distances. `synthetic` is a table of the spool; `source` has values of enough people."""
    column = f"c{looked.place}"
    connection.register("told_shares", _told_table(looked, told))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE g_synthetic AS SELECT {column} AS v, count(*) AS n FROM {synthetic} WHERE {column} IS NOT NULL GROUP BY v"
    )
    if source:
        heads = f"count(DISTINCT {source.people})" if source.people else "count(*)"
        made = f"SELECT {column} AS v, count(*) AS n, {heads} AS p FROM {source.table} WHERE {column} IS NOT NULL GROUP BY v"
    else:
        made = "SELECT NULL::VARCHAR AS v, 0::BIGINT AS n, 0::BIGINT AS p WHERE false"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE g_source AS {made}")
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE g AS
        SELECT v, coalesce(s.n, 0) / greatest((SELECT sum(n) FROM g_synthetic), 1) AS synthetic, coalesce(t.share, 0) AS told,
            coalesce(r.n, 0) / greatest((SELECT sum(n) FROM g_source), 1) AS source, coalesce(r.p, 0) AS people, coalesce(s.n, 0) AS n
        FROM g_synthetic s FULL JOIN told_shares t USING (v) FULL JOIN g_source r USING (v)"""
    )
    connection.unregister("told_shares")
    least = source.least if source else 0
    shown = connection.execute(
        f"""SELECT v, synthetic, told, source, people FROM g WHERE n > 0 OR told > 0 OR people >= {least}
        ORDER BY greatest(synthetic, told, CASE WHEN people >= {least} THEN source ELSE 0 END) DESC, v LIMIT {SHOWN}"""
    ).fetchall()
    made_of, real_of, size, told_away, real_away = connection.execute(
        "SELECT sum(synthetic), sum(source), count(*) FILTER (n > 0), "
        "sum(abs(synthetic - told)) / 2, sum(abs(synthetic - source)) / 2 FROM g"
    ).fetchall()[0]
    scores = []
    if told and made_of:
        scores.append(Score((looked.name,), "total_variation", told.origin, float(told_away)))
    enough = bool(source and real_of)
    if enough and made_of:
        scores.append(Score((looked.name,), "total_variation", SOURCE, float(real_away)))
    visible = [False] * len(shown)
    if source and enough:
        overlapping = source.people is not None
        unseen = "max" if overlapping else "sum"
        ((others,),) = connection.execute(
            f"SELECT {unseen}(people) FROM g WHERE NOT list_contains($1::VARCHAR[], v)", [[r[0] for r in shown]]
        ).fetchall()
        visible = frequent([int(r[4]) for r in shown], least, others=int(others or 0), overlapping=overlapping)
    labels = [
        Category(str(v), float(s), float(t) if told else None, float(r) if show else None)
        for (v, s, t, r, _), show in zip(shown, visible, strict=True)
    ]
    rest = _rest(labels, int(size) - sum(r[1] > 0 for r in shown), bool(told), enough)
    others = int(size) - sum(r[1] > 0 for r in shown)
    if all(_is_whole(c.label) for c in labels):
        labels.sort(key=lambda c: int(c.label))
    return Categories(tuple(labels), rest, others, told.origin if told else "", enough), tuple(scores)


def _rest(shown: Sequence[Category], others: int, told: bool, enough: bool) -> Category | None:
    synthetic = max(0.0, 1 - sum(c.synthetic for c in shown)) if others else 0.0
    wanted = max(0.0, 1 - sum(c.told or 0 for c in shown)) if told else None
    real = max(0.0, 1 - sum(c.source or 0 for c in shown)) if enough else None
    if synthetic < 1e-9 and (wanted or 0) < 1e-9 and (real or 0) < 1e-9:
        return None
    return Category("", synthetic, wanted, real)


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 20


def _told_table(looked: Looked, told: Shares | None) -> pa.Table:
    values, shares = as_texts(looked, told.values, told.shares) if told else ([], [])
    return pa.table({"v": pa.array(values, pa.string()), "share": pa.array(shares, pa.float64())})


def as_texts(looked: Looked, values: Sequence[Any], shares: Sequence[float]) -> tuple[list[str], list[float]]:
    """Values as the column's texts, those that the column takes for one counted together."""
    from ssgproj.generators.values import from_python

    texts = reduced(from_python(values, looked.column.type), looked).to_pylist()
    summed: dict[str, float] = {}
    for text, share in zip(texts, shares, strict=True):
        if text is not None:
            summed[text] = summed.get(text, 0.0) + share
    return list(summed), list(summed.values())


def joint_scores(connection: Any, looked: dict[str, Looked], synthetic: str, joint: Joint) -> list[Score]:
    """For every pair of categories that were told together, the total variation distance of how they come together."""
    from ssgproj.generators.values import from_python

    names = [n for n in joint.columns if n in looked]
    texts = {}
    for name in names:
        values = [row[joint.columns.index(name)] for row in joint.rows]
        try:
            texts[name] = reduced(from_python(values, looked[name].column.type), looked[name])
        except (ValueError, pa.ArrowException):
            continue
    found = []
    for i, other in enumerate(list(texts)):
        for one in list(texts)[:i]:
            table = pa.table({"a": texts[one], "b": texts[other], "share": pa.array(joint.shares, pa.float64())})
            connection.register("told_pairs", table)
            a, b = f"c{looked[one].place}", f"c{looked[other].place}"
            row = connection.execute(
                f"""WITH s AS (SELECT {a} AS a, {b} AS b, count(*) AS n FROM {synthetic} GROUP BY ALL),
                t AS (SELECT a, b, sum(share) AS share FROM told_pairs GROUP BY ALL)
                SELECT sum(abs(coalesce(s.n, 0) / (SELECT sum(n) FROM s) - coalesce(t.share, 0))) / 2, (SELECT sum(n) FROM s)
                FROM s FULL JOIN t ON s.a IS NOT DISTINCT FROM t.a AND s.b IS NOT DISTINCT FROM t.b"""
            ).fetchall()[0]
            connection.unregister("told_pairs")
            if row[1]:
                found.append(Score((one, other), "total_variation", joint.origin, float(row[0])))
    return found
