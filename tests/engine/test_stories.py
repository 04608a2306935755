"""What stories are given, what they get back, and what of it stands in the destination."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ssgproj.engine import fill
from tests.engine.story_projects import MODELS, PROJECT, query, run, write
from tests.engine.test_run import hashes

VISITORS = """
@story(count="var.n", inserts=["users", "visits"])
def visitors(ctx):
    user = yield Row("users", age=ctx.random.randint(1, 90))
    for _ in range(ctx.random.randint(1, 4)):
        yield Row("visits", user_id=user["id"], start=user["joined"])
"""


def test_a_row_comes_back_as_it_will_stand(tmp_path: Path) -> None:
    story = """
        import json
        from pathlib import Path

        @story(count=30, inserts=["users", "visits"])
        def seen(ctx):
            user = yield Row("users", age=None if ctx.number % 2 else 40)
            visit = yield "visits", {"user_id": user["id"]}
            assert user.table == "users" and list(user) == ["id", "name", "joined", "state", "age", "country", "label"]
            assert len(visit) == 4 and visit["user_id"] == user["id"]
            with Path("seen.jsonl").open("a") as file:
                file.write(json.dumps([dict(user), dict(visit)], default=str) + "\\n")
    """
    import json
    import os

    here = Path.cwd()
    os.chdir(write(tmp_path, story))
    try:
        run(tmp_path)
    finally:
        os.chdir(here)
    told = [json.loads(line) for line in (tmp_path / "seen.jsonl").read_text().splitlines()]
    users = query(tmp_path, "SELECT id, name, joined::text, state, age, country, label FROM users ORDER BY id")
    visits = query(tmp_path, "SELECT id, user_id, day::text, start::text FROM visits ORDER BY id")
    assert [tuple(user.values()) for user, _ in told] == users
    assert [tuple(visit.values()) for _, visit in told] == visits
    assert {u[3] for u in users} == {"new"} and {u[4] for u in users} == {None, 40}
    assert [u[0] for u in users] == list(range(1, 31))
    assert all(u[6] == f"{u[1]}!" for u in users)
    assert all(dt.date.fromisoformat(v[2]) >= dt.date.fromisoformat(v[3]) for v in visits)


def test_a_row_can_be_changed_until_the_story_ends(tmp_path: Path) -> None:
    story = """
        @story(count=10, inserts=["users", "visits"])
        def changed(ctx):
            user = yield Row("users", name="before")
            visit = yield Row("visits")
            user["name"] = "after"
            visit["start"] = user["joined"]
            user.update(age=7)
    """
    run(write(tmp_path, story))
    assert query(tmp_path, "SELECT DISTINCT name, age, label FROM users") == [("after", 7, "after!")]
    wrong = (
        "SELECT count(*) FROM visits v JOIN users u ON u.id = v.user_id WHERE v.start <> u.joined OR v.day < v.start"
    )
    assert query(tmp_path, wrong) == [(0,)]


def test_a_row_without_its_reference_takes_the_row_told_last(tmp_path: Path) -> None:
    story = """
        @story(count=3, inserts=["users", "visits"])
        def chain(ctx):
            for name in ("a", "b"):
                yield Row("users", name=name)
                for _ in range(2 if name == "a" else 5):
                    yield Row("visits")
    """
    run(write(tmp_path, story))
    counted = "SELECT u.name, count(*) FROM visits v JOIN users u ON u.id = v.user_id GROUP BY ALL ORDER BY ALL"
    assert query(tmp_path, counted) == [("a", 6), ("b", 15)]


def test_parents_stats_vars_and_arguments(tmp_path: Path) -> None:
    (tmp_path / "stats").mkdir()
    (tmp_path / "stats" / "ages.sql").write_text(
        "/* ssg:stat\nprivacy: none\nreason: test\n*/\nSELECT name, count(*) AS n FROM users GROUP BY name\n"
    )
    story = """
        @story(count="stat.ages.n", inserts=["users"], stats=["ages"])
        def told(ctx, base, *, names, most=1, whole=None):
            assert ctx.stats["ages"].value("n") == 4 and ctx.stats["ages"].rows == [{"name": "Ada", "n": 4}]
            assert whole.rows == ctx.stats["ages"].rows and ctx.vars["n"] == 5
            assert str(ctx.now) == "2025-01-01 00:00:00" and 0 <= ctx.numpy.random() < 1
            countries = ctx.parents("countries")
            assert len(countries) == 3 and countries[-1] == {"code": "FR", "name": "France"}
            assert countries[1]["name"] is None and [c["code"] for c in countries[:2]] == ["NO", "DE"]
            country = ctx.random.choice(countries)
            row = yield Row("users", country=country["code"], name=names[0], age=base + most)
            assert row["country"] == country["code"]
            assert ctx.generic.person.first_name()
    """
    project = (
        PROJECT + "stories: {told: {args: {base: 1, names: [stat.ages.name], most: var.most, whole: stat.ages}}}\n"
    )
    run(write(tmp_path, story, project=project), stats={"ages": {"name": ["Ada"], "n": [4]}})
    assert query(tmp_path, "SELECT count(*), min(name), max(age) FROM users") == [(4, "Ada", 4)]


def test_keys_of_generated_parents_can_be_asked_for(tmp_path: Path) -> None:
    story = """
        @story(count=20, inserts=["visits"])
        def visits(ctx):
            users = ctx.parents("users")
            assert len(users) == 50 and list(users[0]) == ["id"]
            yield Row("visits", user_id=ctx.random.choice(users)["id"])
    """
    models = {**MODELS, "users": MODELS["users"].replace("table: users", "table: users\n        rows: 50")}
    run(write(tmp_path, story, models))
    assert query(tmp_path, "SELECT count(*), count(DISTINCT user_id) > 5 FROM visits") == [(20, True)]


def test_stories_mix_with_rows_of_the_tables_own(tmp_path: Path) -> None:
    models = {
        n: t.replace(f"table: {n}", f"table: {n}\n        rows: {r}")
        if (r := {"users": 20, "visits": 300}.get(n))
        else t
        for n, t in MODELS.items()
    }
    run(write(tmp_path, VISITORS, models), passes=2)
    assert query(tmp_path, "SELECT count(*), count(DISTINCT id), min(id) FROM users") == [(50, 50, 1)]
    told = query(tmp_path, "SELECT count(*) - 600, count(*) - count(DISTINCT id) FROM visits")[0]
    assert told[0] >= 10 and told[1] == 0
    # Own rows refer to the stories' users as well as to the others.
    assert query(tmp_path, "SELECT count(DISTINCT user_id) FROM visits")[0][0] == 50


def test_the_same_rows_whatever_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, VISITORS, project=PROJECT.replace("n: 5", "n: 2500"))
    run(tmp_path, "parquet:///one")
    monkeypatch.setattr(fill, "FEW_ROWS", 0)
    run(tmp_path, "parquet:///two", workers=2)
    run(tmp_path, "parquet:///three", workers=3)

    one, two, three = (hashes(tmp_path / name) for name in ("one", "two", "three"))
    assert len(one) >= 3
    assert one == two == three


def test_keys_have_few_gaps(tmp_path: Path) -> None:
    write(tmp_path, VISITORS, project=PROJECT.replace("n: 5", "n: 2500"))
    run(tmp_path)
    rows, greatest = query(tmp_path, "SELECT count(*), max(id) FROM visits")[0]
    assert rows <= greatest < 1.4 * rows


def test_further_runs_append_other_rows(tmp_path: Path) -> None:
    write(tmp_path, VISITORS)
    for _ in range(3):
        run(tmp_path)
    assert query(tmp_path, "SELECT count(*), count(DISTINCT id) FROM users") == [(15, 15)]
    assert query(tmp_path, "SELECT count(DISTINCT (name, joined, age)) FROM users")[0][0] > 12
    run(tmp_path, full_refresh=True)
    assert query(tmp_path, "SELECT count(*), max(id) FROM users") == [(5, 5)]


def test_one_telling_alone_is_what_it_is_among_all(tmp_path: Path) -> None:
    write(tmp_path, VISITORS, project=PROJECT.replace("n: 5", "n: 1500"))
    run(tmp_path)
    for number in (0, 3, 1400):
        name = f"only{number}.duckdb"
        run(tmp_path, f"duckdb:///{name}", select=["vocabulary.countries"])
        run(tmp_path, f"duckdb:///{name}", select=["story.visitors"], only=number)
        alone = query(tmp_path, "SELECT * FROM users", name)
        assert len(alone) == 1
        assert query(tmp_path, f"SELECT * FROM users WHERE id = {alone[0][0]}") == alone
        visits = query(tmp_path, "SELECT * FROM visits ORDER BY id", name)
        assert query(tmp_path, f"SELECT * FROM visits WHERE user_id = {alone[0][0]} ORDER BY id") == visits


def test_conditions_hold_for_told_rows(tmp_path: Path) -> None:
    models = {
        "orders": """
            table: orders
            columns:
              id: {type: integer, primary_key: true}
              email: {type: varchar(60), generate: {mimesis: person.email}}
            unique: [[email]]
        """,
        "lines": """
            table: lines
            columns:
              order_id: {type: integer, references: orders.id}
              line: {type: smallint}
              low: {type: integer}
              high: {type: integer}
            primary_key: [order_id, line]
            checks: ["low * 2 < high"]
        """,
    }
    story = """
        @story(count=400, inserts=["orders", "lines"])
        def orders(ctx):
            order = yield Row("orders")
            assert "@" in order["email"]
            for number in range(ctx.random.randint(1, 5)):
                if ctx.number % 2:
                    line = yield Row("lines", line=number)
                else:
                    line = yield Row("lines", low=5)
                    assert line["low"] == 5
    """
    run(write(tmp_path, story, models))
    assert query(tmp_path, "SELECT count(*), count(DISTINCT email) FROM orders") == [(400, 400)]
    assert query(tmp_path, "SELECT count(*) FROM lines WHERE low * 2 >= high") == [(0,)]


def test_a_column_read_early_stays(tmp_path: Path) -> None:
    """What a story was told of a column must be what stands, also where it is made from others."""
    story = """
        @story(count=50, inserts=["users", "visits"])
        def copied(ctx):
            user = yield Row("users", joined="2024-02-29")
            first = yield Row("visits", start="2024-01-01")
            second = yield Row("visits", start=first["day"])
            user["name"] = f"{(second['day'] - first['day']).days} {user['label']}"[:20]
    """
    run(write(tmp_path, story))
    sql = """SELECT count(*) FROM visits a JOIN visits b ON a.user_id = b.user_id AND b.id = a.id + 1
             WHERE a.start = DATE '2024-01-01' AND b.start <> a.day"""
    assert query(tmp_path, sql) == [(0,)]
    assert query(tmp_path, "SELECT DISTINCT joined FROM users") == [(dt.date(2024, 2, 29),)]


def test_references_between_tellings_are_looked_up_over_the_whole_story(tmp_path: Path) -> None:
    models = {
        "people": """
            table: people
            columns:
              id: {type: integer, primary_key: true}
              boss: {type: integer, nullable: true, references: people.id}
        """
    }
    story = """
        @story(count=2100, inserts=["people"])
        def people(ctx):
            yield Row("people", id=ctx.number, boss=None if ctx.number == 0 else ctx.number // 2)
    """
    run(write(tmp_path, story, models))
    assert query(tmp_path, "SELECT count(*), max(boss) FROM people") == [(2100, 1049)]


@pytest.mark.parametrize("kind", ["postgres", "sqlite", "mariadb"])
def test_every_kind_of_destination(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = "sqlite:///out.sqlite" if kind == "sqlite" else request.getfixturevalue(f"fresh_{kind}")
    write(tmp_path, VISITORS)
    result = run(tmp_path, url)
    again = run(tmp_path, url)
    tables = next(n.tables for n in result.nodes if n.node == "story.visitors")
    assert tables["model.users"] == 5 and tables["model.visits"] >= 5
    assert sum(n.rows for n in again.nodes) >= 10


def test_one_telling_can_be_looked_at_in_a_test(tmp_path: Path) -> None:
    from ssgproj.errors import SsgError
    from ssgproj.testing import tell

    write(tmp_path, VISITORS)
    run(tmp_path)
    told = tell("visitors", tmp_path, number=2)
    users = query(tmp_path, "SELECT * FROM users WHERE id = 3")
    assert [tuple(u.values()) for u in told["users"]] == users
    assert {v["user_id"] for v in told["visits"]} == {3}
    assert tell("visitors", tmp_path, number=2, seed=8) != told
    assert tell("visitors", tmp_path, number=700)["users"][0]["id"] == 701
    with pytest.raises(SsgError, match="no story `visitor`"):
        tell("visitor", tmp_path)


def test_tables_of_a_schema_may_be_called_without_it(tmp_path: Path) -> None:
    models = {
        "shop.users": """
            table: users
            schema: shop
            columns:
              id: {type: integer, primary_key: true}
        """,
        "codes": """
            table: codes
            rows: 3
            columns:
              code: {type: integer, primary_key: true}
        """,
    }
    story = """
        @story(count=2, inserts=["users"])
        def told(ctx):
            yield Row("users")
            yield Row("shop.users")
            assert len(ctx.parents("codes")) == len(ctx.parents("public.codes")) == 3
    """
    project = PROJECT.replace("{dialect: postgres}", "{dialect: postgres, default_schema: public}")
    result = run(write(tmp_path, story, models, project), "parquet:///out")
    assert next(n.tables for n in result.nodes if n.node == "story.told") == {"model.shop.users": 4}


def test_rows_that_do_not_fit_need_not_meet_the_checks(tmp_path: Path) -> None:
    """Rows past the last parent are left out, whatever else their last draw breaks."""
    models = {
        "owners": """
            table: owners
            rows: 7
            columns:
              id: {type: integer, primary_key: true}
        """,
        "extras": """
            table: extras
            rows: 300
            columns:
              owner_id: {type: integer, primary_key: true, references: owners.id}
              a: {type: integer, nullable: true}
              b: {type: integer, nullable: true}
            checks: ["(a IS NULL) <> (b IS NULL)"]
        """,
    }
    story = """
        @story(count=1, inserts=["extras"])
        def told(ctx):
            yield Row("extras")
    """
    run(write(tmp_path, story, models))
    rows, broken = query(tmp_path, "SELECT count(*), count(*) FILTER ((a IS NULL) = (b IS NULL)) FROM extras")[0]
    assert 1 <= rows <= 7 and broken == 0
