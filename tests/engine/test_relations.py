"""Relations between columns, rows and tables, as a run makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.relations import compiled, filled

USERS = """
table: users
rows: 3000
columns:
  id: {type: varchar(10), primary_key: true, generate: {pattern: "[a-z0-9]{10}"}}
  country: {type: varchar(2), nullable: true, null_rate: 0.1, generate: {choice: [UK, FR]}}
  created: {type: date, generate: {date: {min: 2020-01-01, max: 2024-06-30}}}
  booked: {type: date, nullable: true, null_rate: 0.3, generate: {after: created, by: "[0 days, 365 days]", max: now}}
""".replace('"[0 days, 365 days]"', "[0 days, 365 days]")
BOOKINGS = """
table: bookings
rows: 20000
columns:
  id: {type: integer, primary_key: true}
  user_id: {type: varchar(10), nullable: true, null_rate: 0.2, references: users.id}
  at: {type: timestamp, nullable: true, generate: {after: users.created, by: {exponential: 30 days}, max: now}}
"""


def test_dates_after_dates(tmp_path: Path) -> None:
    """The pattern that projects write most often, in one line."""
    found = filled(tmp_path, {"users": USERS})
    row = found.sql(
        "SELECT min(booked - created), max(booked - created), max(booked) <= '2025-01-01', avg((booked IS NULL)::int) FROM users"
    )
    low, high, capped, nulls = row.fetchall()[0]
    assert (low, high, capped) == (0, 365, True) and 0.25 < nulls < 0.35


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_after_a_column_of_the_parent(tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found through the reference, also in workers; NULL without a parent; the same rows whatever the workers."""
    from ssgproj.engine import fill

    monkeypatch.setattr(fill, "FEW_ROWS", 1)
    found = filled(tmp_path, {"users": USERS, "bookings": BOOKINGS}, workers=workers)
    early, nulls, orphans = found.sql(
        'SELECT count(*) FILTER ("at" < created), count(*) FILTER ("at" IS NULL), count(*) FILTER (user_id IS NULL) '
        "FROM bookings LEFT JOIN users ON users.id = user_id"
    ).fetchall()[0]
    assert early == 0 and nulls == orphans > 0
    total = found.sql('SELECT sum(hash(id, user_id, "at")) FROM bookings').fetchall()[0][0]
    other = filled(tmp_path / "one", {"users": USERS, "bookings": BOOKINGS})
    assert other.sql('SELECT sum(hash(id, user_id, "at")) FROM bookings').fetchall()[0][0] == total


def test_children_alone_read_the_same_parents(tmp_path: Path) -> None:
    """Parents that are there already are made again for what is read of them."""
    from dataclasses import replace

    import duckdb

    from ssgproj.engine.run import run_plan
    from ssgproj.targets import open_destination

    plan, _ = compiled(tmp_path, {"users": USERS, "bookings": BOOKINGS})
    path = tmp_path / "out.duckdb"
    for node in ("model.users", "model.bookings"):
        run_plan(replace(plan, selected=frozenset([node])), open_destination(f"duckdb:///{path}", tmp_path))
    early = duckdb.connect(str(path)).sql(
        'SELECT count(*), count(*) FILTER ("at" < created) FROM bookings JOIN users ON users.id = user_id'
    )
    rows, early_rows = early.fetchall()[0]
    assert rows > 10_000 and early_rows == 0


def test_columns_that_are_not_there_are_found_by_lint(tmp_path: Path) -> None:
    """With the place, and what was probably meant."""
    from tests.graph.projects import project

    bad = BOOKINGS.replace("users.created", "users.creatd").replace("bookings", "b")
    other = BOOKINGS.replace("users.created", "user_idd.created").replace("bookings", "c")
    found = project(tmp_path, {"users": USERS, "b": bad, "c": other}).diagnostics
    assert [(d.code, d.at.path, d.at.line, d.hint) for d in found] == [
        ("GR301", "models/b.yml", 7, "did you mean `created`?"),
        ("GR301", "models/c.yml", 7, "did you mean `user_id.created`?"),
    ]


def test_a_circle_of_columns_is_named_step_by_step(tmp_path: Path) -> None:
    """Only what is on it."""
    model = """
    table: t
    rows: 10
    columns:
      id: {type: integer, primary_key: true}
      x: {type: integer, generate: {after: a, by: 1}}
      a: {type: integer, generate: {after: b, by: 1}}
      b: {type: integer, generate: {after: c, by: 1}}
      c: {type: integer, generate: {after: a, by: 1}}
    """
    _, found = compiled(tmp_path, {"t": model})
    (circle,) = [d for d in found if d.code == "MD302"]
    assert "`a` → `b` → `c` → `a`" in circle.message and "`x`" not in circle.message and circle.at.line == 7


def test_given_a_column_of_the_parent(tmp_path: Path) -> None:
    """A grouped statistic over the parent's column; NULL is a value like others."""
    more = "  device: {type: text, generate: {given: users.country, choice: stat.devices, weights: n}}\n"
    stats = {"devices": {"country": ["UK", "FR", None], "device": ["a", "b", "c"], "n": [1, 1, 1]}}
    found = filled(tmp_path, {"users": USERS, "bookings": BOOKINGS + more}, stats=stats)
    pairs = found.sql("SELECT DISTINCT country, device FROM bookings JOIN users ON users.id = user_id").fetchall()
    assert set(pairs) == {("UK", "a"), ("FR", "b"), (None, "c")}


@pytest.mark.parametrize(
    "count",
    [
        "3",
        "[1, 3]",
        "{min: 1, max: 3}",
        "{poisson: 2}",
        "{choice: {1: 0.5, 3: 0.5}}",
        "{normal: {mean: 2, std_dev: 1}}",
    ],
)
def test_per_parent_is_read_in_every_form(tmp_path: Path, count: str) -> None:
    """Also where the mapping beside it is the number itself."""
    from tests.graph.projects import project

    child = f"""
    table: sessions
    columns:
      id: {{type: integer, primary_key: true}}
      user_id: {{type: varchar(10), references: users.id, generate: {{per_parent: {count}}}}}
    """
    graph = project(tmp_path, {"users": USERS, "sessions": child})
    assert not graph.project.diagnostics and not graph.diagnostics
    _, found = compiled(tmp_path, {"users": USERS, "sessions": child})
    assert not found


def test_rows_are_counted_by_parent(tmp_path: Path) -> None:
    """So many for each, in every batch."""
    child = """
    table: sessions
    columns:
      id: {type: integer, primary_key: true}
      user_id: {type: varchar(10), references: users.id, generate: {per_parent: [2, 40]}}
      started: {type: timestamp, generate: {after: users.created, by: {exponential: 3 days}}}
    """
    found = filled(tmp_path, {"users": USERS, "sessions": child}, passes=2)
    row = found.sql(
        "SELECT count(*), min(n), max(n) FROM (SELECT count(*) AS n FROM sessions GROUP BY user_id)"
    ).fetchall()
    assert row == [(6000, 2, 40)]
    early = found.sql(
        "SELECT count(*) FROM sessions JOIN users ON users.id = user_id WHERE started < created"
    ).fetchall()
    assert early == [(0,)]


def test_derive_over_the_row_and_its_parents(tmp_path: Path) -> None:
    """Through a column or a table, through composite references, vocabularies and columns without a foreign key; NULL without a parent."""
    shops = """
    table: shops
    rows: 50
    columns:
      chain: {type: varchar(3), generate: {pattern: "[a-z]{3}"}}
      number: {type: smallint}
      opened: {type: date}
      "odd name": {type: integer, nullable: true, null_rate: 0.5, generate: {integer: {min: 1, max: 9}}}
    primary_key: [chain, number]
    """
    currencies = """
    table: currencies
    vocabulary: {reason: public}
    columns:
      code: {type: varchar(3), primary_key: true}
      rate: {type: "numeric(8, 4)"}
    """
    sales = """
    table: sales
    rows: 5000
    columns:
      id: {type: integer, primary_key: true}
      chain: {type: varchar(3), nullable: true, null_rate: 0.3}
      shop: {type: smallint, nullable: true, null_rate: 0.3}
      currency: {type: varchar(3), references: currencies.code}
      user_id: {type: varchar(10), generate: {references: users.id}}
      price: {type: "numeric(8, 2)"}
      day: {type: date, nullable: true, generate: {derive: "shops.opened + 3"}}
      odd: {type: integer, nullable: true, generate: {derive: 'shop."odd name" * 2'}}
      euros: {type: "numeric(12, 2)", generate: {derive: "round(sales.price * currency.rate, 2)"}}
      label: {type: text, generate: {derive: "coalesce(user_id.country, '-') || ' ' || currencies.code"}}
    foreign_keys:
      - columns: [chain, shop]
        references: {table: shops, columns: [chain, number]}
    """
    models = {"shops": shops, "currencies": currencies, "sales": sales, "users": USERS}
    files = {"vocabularies/currencies.csv": "code,rate\nEUR,1.0\nUSD,0.9\nGBP,1.15\n"}
    found = filled(tmp_path, models, files=files)
    wrong = found.sql(
        'SELECT count(*), count(*) FILTER (day IS DISTINCT FROM opened + 3), count(*) FILTER (odd IS DISTINCT FROM 2 * "odd name"), '
        "count(*) FILTER (abs(euros - price * rate) > 0.01), count(*) FILTER (label <> coalesce(country, '-') || ' ' || code) "
        "FROM sales LEFT JOIN shops s ON s.chain = sales.chain AND s.number = shop JOIN currencies ON code = currency "
        "JOIN users u ON u.id = user_id"
    ).fetchall()
    assert wrong == [(5000, 0, 0, 0, 0)]
    assert found.sql(
        "SELECT count(day) > 100, count(*) - count(day) > 100, count(odd) > 100 FROM sales"
    ).fetchall() == [(True, True, True)]


def test_references_without_a_foreign_key_wait_for_their_parents(tmp_path: Path) -> None:
    """Keys that are not computed; a parent later in the alphabet; two steps."""
    child = """
    table: a
    rows: 500
    columns:
      id: {type: integer, primary_key: true}
      user_id: {type: varchar(10), generate: {references: users.id, skew: 1}}
    """
    found = filled(tmp_path, {"a": child, "users": USERS})
    assert found.sql("SELECT count(*) FROM a JOIN users ON users.id = user_id").fetchall() == [(500,)]


def test_rows_read_in_a_circle_are_a_finding(tmp_path: Path) -> None:
    """With each place on it; keys that are computed ahead and nullable references do no harm."""
    from tests.graph.projects import project

    last = "  last: {type: integer, references: bookings.id}\n"
    seen = "  seen: {type: timestamp, nullable: true, generate: {after: last.at, by: 1}}\n"
    models = {"users": USERS + last + seen, "bookings": BOOKINGS}
    (cycle,) = [d for d in project(tmp_path, models).diagnostics if d.is_error]
    assert cycle.code == "GR302" and (cycle.at.path, cycle.at.line) == ("models/bookings.yml", 7)
    assert (
        "`bookings.user_id` (models/bookings.yml:7) → `users.last` (models/users.yml:10) → `bookings`" in cycle.message
    )
    nullable = last.replace("integer", "integer, nullable: true, null_rate: 0.5")
    for number, key in enumerate((last, nullable)):
        found = filled(tmp_path / str(number), {"users": USERS + key, "bookings": BOOKINGS})
        late = (
            'SELECT count(*) FILTER ("at" < created), count(*) > 10000 FROM bookings JOIN users ON users.id = user_id'
        )
        assert found.sql(late).fetchall() == [(0, True)]
        assert found.sql("SELECT count(*) > 1000 FROM users JOIN bookings ON bookings.id = last").fetchall() == [
            (True,)
        ]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("pric * 2", "has no column `pric`"),
        ("users.countri", "Table `users` has no column `countri`"),
        ("boss.price", "rows of `sales` itself"),
        ("other.price", "no reference `other`"),
        ("total + 1", "is computed by the database"),
        ("users.country + 1", "DuckDB cannot compute the expression"),
        ("friends.country", "DuckDB cannot compute"),
    ],
)
def test_mistakes_in_expressions_are_named(tmp_path: Path, sql: str, message: str) -> None:
    """Before a row is made, at their line."""
    sales = f"""
    table: sales
    columns:
      id: {{type: integer, primary_key: true}}
      boss: {{type: integer, nullable: true, references: sales.id}}
      user_id: {{type: varchar(10), references: users.id}}
      price: {{type: integer}}
      total: {{type: integer, generated: "price * 2"}}
      friends: {{type: integer, nullable: true}}
      x: {{type: integer, generate: {{derive: "{sql}"}}}}
    """
    if sql.startswith("friends"):
        sales = sales.replace("friends: {type: integer", "friends: {type: varchar(10), references: users.id").replace(
            "friends.country", "abs(friends.country)"
        )
    _, found = compiled(tmp_path, {"users": USERS, "sales": sales})
    errors = [d for d in found if d.is_error]
    assert errors and all(d.at.path == "models/sales.yml" and d.at.line == 10 for d in errors)
    assert any(message in d.message for d in errors), errors


def test_two_references_to_one_table_need_a_column(tmp_path: Path) -> None:
    """`users.x` is ambiguous then, and each way is named."""
    sales = """
    table: sales
    columns:
      id: {type: integer, primary_key: true}
      buyer: {type: varchar(10), references: users.id}
      seller: {type: varchar(10), references: users.id}
      x: {type: text, nullable: true, generate: {derive: "users.country"}}
    """
    _, found = compiled(tmp_path, {"users": USERS, "sales": sales})
    assert [d.hint for d in found if d.code == "GR301"] == ["write `buyer.country` or `seller.country`"]
    both = sales.replace('"users.country"', "\"coalesce(buyer.country, '') || coalesce(seller.country, '')\"")
    assert filled(tmp_path / "both", {"users": USERS, "sales": both}).sql(
        "SELECT count(DISTINCT x) > 4 FROM sales"
    ).fetchall() == [(True,)]


PATTERNS = """
table: t
rows: 20000
columns:
  id: {type: integer, primary_key: true}
  start: {type: date, nullable: true, generate: {date: {min: 2020-01-01, max: 2020-12-31}}}
  stop: {type: date, nullable: true, generate: {after: start, by: [1, 30]}}
  note: {type: text, nullable: true}
  shown: {type: text, nullable: true, generate: {derive: "note || '!'"}}
generators:
  - missing: {"000": 5, "100": 3, "011": 2}
    columns: [start, stop, note]
"""


@pytest.mark.parametrize(
    "check", ["", "checks: [\"stop <> '2020-06-01' OR note IS NULL\", \"start IS NOT NULL OR note NOT LIKE '%a%'\"]\n"]
)
def test_patterns_of_nulls(tmp_path: Path, check: str) -> None:
    """Over columns with generators of their own, which see one another whole; what depends on them from outside sees the NULLs."""
    found = filled(tmp_path, {"t": PATTERNS + check})
    rows = found.sql(
        "SELECT (start IS NULL)::int || (stop IS NULL)::int || (note IS NULL)::int AS p, count(*) / 20000 AS n FROM t GROUP BY p"
    ).fetchall()
    shares = dict(rows)
    assert set(shares) == {"000", "100", "011"}
    if not check:
        assert {p: round(n, 1) for p, n in shares.items()} == {"000": 0.5, "100": 0.3, "011": 0.2}
    assert found.sql("SELECT count(*) FROM t WHERE stop < start OR (note IS NULL) <> (shown IS NULL)").fetchall() == [
        (0,)
    ]
    if check:
        assert found.sql("SELECT count(*) FROM t WHERE start IS NULL AND note LIKE '%a%'").fetchall() == [(0,)]


def test_patterns_are_read_and_checked_like_generators(tmp_path: Path) -> None:
    """No column is filled twice by one, but it may not be in two; nor have another rate of NULLs."""
    from tests.graph.projects import project

    assert not project(tmp_path, {"t": PATTERNS}).project.diagnostics
    twice = PATTERNS + '  - {missing: {"0": 1}, columns: [note]}\n'
    (found,) = project(tmp_path, {"t": twice}).project.diagnostics
    assert found.code == "MD014" and "emptied by two patterns" in found.message
    _, problems = compiled(
        tmp_path / "rate",
        {
            "t": PATTERNS.replace(
                "note: {type: text, nullable: true}", "note: {type: text, nullable: true, null_rate: 0.1}"
            )
        },
    )
    assert [(d.code, d.at.line) for d in problems] == [("MD013", 11)]
    _, problems = compiled(
        tmp_path / "null", {"t": PATTERNS.replace("note: {type: text, nullable: true}", "note: {type: text}")}
    )
    assert any("`note` cannot be NULL" in d.message for d in problems)


def test_patterns_survive_writing_models(tmp_path: Path) -> None:
    """`ssg reflect` keeps them, and `ssg diff` names them."""
    from ssgproj.graph.diff import diff_generation
    from ssgproj.project.model_dict import canonical, model_dict
    from tests.graph.projects import project

    (model,) = project(tmp_path, {"t": PATTERNS}).project.models
    assert model_dict(canonical(model))["generators"] == [
        {"missing": {"000": 5, "100": 3, "011": 2}, "columns": ["start", "stop", "note"]}
    ]
    (other,) = project(tmp_path, {"t": PATTERNS.replace('"011": 2', '"011": 1')}).project.models
    assert [line.partition(":")[0] for line in diff_generation([model], [other])] == ["t.start+stop+note"]


READINGS = """
table: readings
columns:
  id: {type: integer, primary_key: true}
  user_id: {type: varchar(10), references: users.id, generate: {per_parent: {poisson: 20}}}
  at: {type: timestamp, generate: {series: events, start: users.created, gap: {exponential: 1 day}, max: now}}
  level: {type: "numeric(6, 2)", generate: {series: ar, mean: 50, std_dev: 10, memory: 0.9, min: 0, max: 100}}
  high: {type: "numeric(6, 2)", generate: {after: level, by: {exponential: 5}}}
checks: ["level <= 100", "high < level + 20"]
"""


def test_series_over_the_rows_of_each_parent(tmp_path: Path) -> None:
    """In every batch and pass, beside conditions whose rows are drawn again."""
    found = filled(tmp_path, {"users": USERS, "readings": READINGS}, passes=2, workers=2)
    wrong = found.sql(
        'SELECT count(*) > 100000, count(*) FILTER ("at" < created), count(*) FILTER ("at" < before), count(*) FILTER (high NOT BETWEEN level AND level + 20), '
        "corr(level, level_before) > 0.8 FROM ("
        'SELECT *, lag("at") OVER w AS before, lag(level) OVER w AS level_before FROM readings WINDOW w AS (PARTITION BY user_id ORDER BY id)'
        ") r JOIN users ON users.id = user_id"
    ).fetchall()
    assert wrong == [(True, 0, 0, 0, True)]


def test_a_series_that_cannot_meet_a_check_is_an_error(tmp_path: Path) -> None:
    """Rather than rows that are left out."""
    from ssgproj.errors import RunError

    model = READINGS.replace('["level <= 100", "high < level + 20"]', '["date_part(\'year\', \\"at\\") < 2022"]')
    with pytest.raises(RunError, match="do not meet the check"):
        filled(tmp_path, {"users": USERS, "readings": model})


def test_correlated_columns_of_a_table(tmp_path: Path) -> None:
    """Several columns from one entry, beside a pattern of NULLs over them."""
    model = """
    table: people
    rows: 20000
    columns:
      id: {type: integer, primary_key: true}
      age: {type: integer, nullable: true}
      income: {type: "numeric(10, 2)", nullable: true}
    generators:
      - correlated: stat.age_income
        columns: [age, income]
        centers: {age: 40, income: 30000}
      - missing: {"00": 8, "11": 2}
        columns: [age, income]
    checks: ["age BETWEEN 0 AND 110", "income >= 0"]
    """
    row = {
        "mean_age": [1.0],
        "std_dev_age": [12.0],
        "mean_income": [2000.0],
        "variance_income": [8000.0**2],
        "product_age_income": [2000 + 0.5 * 12 * 8000],
    }
    found = filled(tmp_path, {"people": model}, stats={"age_income": row})
    age, income, both, nulls = found.sql(
        "SELECT avg(age), avg(income), corr(age, income), avg((age IS NULL AND income IS NULL)::int) FROM people"
    ).fetchall()[0]
    assert (age, float(income), both, nulls) == (
        pytest.approx(41, abs=0.5),
        pytest.approx(32000, rel=0.01),
        pytest.approx(0.5, abs=0.03),
        pytest.approx(0.2, abs=0.02),
    )


TOLD_USERS = """
table: users
rows: 100
columns:
  id: {type: varchar(8), primary_key: true, generate: {pattern: "[a-z]{8}"}}
  created: {type: date, generate: {date: {min: 2020-01-01, max: 2024-06-30}}}
  age: {type: integer, nullable: true}
  gender: {type: varchar(3), nullable: true}
generators:
  - missing: {"00": 1, "11": 1}
    columns: [age, gender]
"""
TOLD_SESSIONS = """
table: sessions
rows: 100
columns:
  id: {type: integer, primary_key: true}
  user_id: {type: varchar(8), references: users.id}
  at: {type: date, generate: {after: users.created, by: [0, 10]}}
"""
STORY = '''
from collections.abc import Generator

from ssgproj.stories import Row, StoryContext, story


@story(count=150, inserts=INSERTS)
def sign_ups(ctx: StoryContext) -> Generator[Row, Row, None]:
    """Users come back."""
    user = USER
    for _ in range(3):
        session = yield Row("sessions", user_id=user["id"])
        ASKED
'''


@pytest.mark.parametrize("asked", ["pass", 'assert session["at"] >= user["created"]'])
def test_rows_of_stories_read_parents_told_with_them(tmp_path: Path, asked: str) -> None:
    """Whether the story looks at the value at once or not; and patterns of NULLs stay whole where it looks at one of the columns."""
    text = (
        STORY.replace("INSERTS", '["users", "sessions"]').replace("USER", 'yield Row("users")').replace("ASKED", asked)
    )
    text = text.replace("    for _", '    user["age"]\n    for _')
    found = filled(tmp_path, {"users": TOLD_USERS, "sessions": TOLD_SESSIONS}, files={"stories/s.py": text})
    rows = found.sql(
        'SELECT count(*), count(*) FILTER ("at" - created BETWEEN 0 AND 10) FROM sessions JOIN users ON users.id = user_id'
    )
    assert rows.fetchall() == [(550, 550)]
    assert found.sql("SELECT count(*) FROM users WHERE (age IS NULL) <> (gender IS NULL)").fetchall() == [(0,)]


def test_rows_of_stories_read_parents_that_were_there(tmp_path: Path) -> None:
    """The story waits for what its tables' generators read."""
    text = (
        STORY.replace("INSERTS", '["sessions"], parents=["users"]')
        .replace("USER", 'ctx.random.choice(ctx.parents("users"))')
        .replace("ASKED", "pass")
    )
    found = filled(tmp_path, {"users": TOLD_USERS, "sessions": TOLD_SESSIONS}, files={"stories/s.py": text})
    rows = found.sql(
        'SELECT count(*), count(*) FILTER ("at" - created BETWEEN 0 AND 10) FROM sessions JOIN users ON users.id = user_id'
    )
    assert rows.fetchall() == [(550, 550)]
