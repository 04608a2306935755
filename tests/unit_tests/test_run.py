"""Unit tests of statistics: which pass, which fail, and which cannot be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.report.unit_tests import part_message, render_text
from ssgproj.unit_tests.run import Outcome
from tests.unit_tests.projects import plain, private, run

AGES = private(
    "id: {type: string, private_id: true}\nage: {type: float, lower: 0, upper: 100}",
    "SELECT id, age FROM users WHERE age <= 200",
    "SELECT COUNT(*) AS n, SUM(age) AS total, AVG(age) AS mean FROM query_result",
)
CITIES = private(
    "id: {type: string, private_id: true}\ncity: {type: string}",
    "SELECT id, city FROM users",
    "SELECT city, COUNT(DISTINCT id) AS n FROM query_result GROUP BY city",
)


def one(outcomes: list[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


def passes(outcomes: list[Outcome]) -> None:
    assert [o.status for o in outcomes] == ["pass"], render_text(outcomes)


def test_rows_are_clamped_as_smartnoise_does(tmp_path: Path) -> None:
    passes(
        run(
            tmp_path,
            AGES,
            """
            - name: t
              stat: s
              given: [{table: users, rows: [{id: a, age: 30}, {id: b, age: 150}, {id: c, age: 300}, {id: d}]}]
              expect:
                query_result: {rows: [{id: b, age: 150}, {id: a, age: 30}]}
                answer: {rows: [{total: 130, n: 2, mean: 65}]}
            """,
        )
    )


def test_a_difference_is_shown(tmp_path: Path) -> None:
    """Rows that differ side by side, then what is missing and what is too much."""
    outcome = one(
        run(
            tmp_path,
            CITIES,
            """
            - name: t
              stat: s
              given: [{table: users, csv: "id,city\\na,Rome\\nb,Rome\\nc,\\nd,Oslo"}]
              expect:
                query_result: {rows: [{id: a, city: Rome}, {id: b, city: Paris}, {id: c, city: null}, {id: d, city: Oslo}]}
                answer: {rows: [{city: Rome, n: 2}, {city: null, n: 1}, {city: Bern, n: 9}, {city: Oslo, n: 1}]}
            """,
        )
    )
    assert outcome.status == "fail"
    assert [part_message(p) for p in outcome.parts] == ["1 row different", "1 row not found"]
    text = render_text([outcome])
    assert text.startswith("FAIL  s: t  tests/s.yml:2\n")
    assert "│ expected │ b  │ Paris │" in text
    assert "│ got      │ b  │ Rome  │" in text
    assert "│ expected │ Bern   │ 9 │" in text
    assert "│ both     │ NULL   │ 1 │" in text


def test_duplicates_count_and_order_does_not(tmp_path: Path) -> None:
    test = """
        - name: t
          stat: s
          given: [{table: users, rows: [{id: a, city: Rome}, {id: b, city: Rome}]}]
          expect:
            query_result: {rows: [ROWS]}
    """
    passes(run(tmp_path, CITIES, test.replace("ROWS", "{city: Rome}, {city: Rome}")))
    outcome = one(run(tmp_path, CITIES, test.replace("ROWS", "{city: Rome}")))
    assert part_message(outcome.parts[0]) == "1 row not expected"
    outcome = one(run(tmp_path, CITIES, test.replace("ROWS", "{city: Rome}, {city: Rome}, {city: Rome}")))
    assert part_message(outcome.parts[0]) == "1 row not found"


def test_order_counts_where_the_query_orders(tmp_path: Path) -> None:
    test = """
        - name: t
          stat: s
          given: [{table: users, rows: [{id: a, city: Rome}, {id: b, city: Rome}, {id: c, city: Oslo}]}]
          expect: {answer: {rows: [ROWS]}}
    """
    ordered = CITIES.replace("GROUP BY city", "GROUP BY city ORDER BY n DESC")
    right, wrong = "{city: Rome, n: 2}, {city: Oslo, n: 1}", "{city: Oslo, n: 1}, {city: Rome, n: 2}"
    passes(run(tmp_path, ordered, test.replace("ROWS", right)))
    outcome = one(run(tmp_path, ordered, test.replace("ROWS", wrong)))
    assert part_message(outcome.parts[0]) == "the rows are right, and in another order than expected"
    passes(run(tmp_path, CITIES, test.replace("ROWS", wrong)))


def test_nothing_given(tmp_path: Path) -> None:
    passes(
        run(
            tmp_path,
            AGES,
            "- {name: t, stat: s, expect: {query_result: {rows: []}, answer: {rows: [{n: 0, total: null}]}}}",
        )
    )
    passes(
        run(tmp_path, CITIES, "- {name: t, stat: s, given: [{table: users, rows: []}], expect: {answer: {rows: []}}}")
    )
    outcome = one(
        run(
            tmp_path,
            CITIES,
            "- {name: t, stat: s, given: [{table: users, rows: [{id: a}]}], expect: {answer: {rows: []}}}",
        )
    )
    assert part_message(outcome.parts[0]) == "1 row not expected"
    assert "│ got      │ NULL   │ 1 │" in render_text([outcome])


def test_joins_and_groups_of_the_source(tmp_path: Path) -> None:
    stat = private(
        "user_id: {type: string, private_id: true}\ncity: {type: string}\nseconds: {type: float, lower: 0, upper: 50}",
        "SELECT u.id AS user_id, u.city, SUM(s.seconds) AS seconds FROM public.users AS u JOIN sessions s ON s.user_id = u.id\n"
        "GROUP BY u.id, u.city",
        "SELECT city, SUM(seconds) AS seconds, COUNT(*) AS n FROM query_result GROUP BY city HAVING n > 1",
    )
    passes(
        run(
            tmp_path,
            stat,
            """
            - name: t
              stat: s
              given:
                - {table: users, rows: [{id: a, city: Rome}, {id: b, city: Rome}, {id: c, city: Oslo}]}
                - table: public.sessions
                  csv: |
                    user_id, seconds
                    a, 40
                    a, 20.5
                    b, 1.25
                    c, 7
              expect:
                query_result: {csv: "user_id,seconds\\na,60.5\\nb,1.25\\nc,7"}
                answer: {rows: [{city: Rome, seconds: 51.25, n: 2}]}
            """,
        )
    )


def test_max_ids_rows_of_a_person_count(tmp_path: Path) -> None:
    """Where it makes no difference which; else there is no answer to expect."""
    stat = private(
        "user_id: {type: string, private_id: true}\naction: {type: string}",
        "SELECT user_id, action FROM sessions",
        "SELECT COUNT(*) AS n FROM query_result",
        max_ids=2,
    )
    test = """
        - name: t
          stat: s
          given: [{table: sessions, rows: [{user_id: a, action: x}, {user_id: a, action: x}, {user_id: a, action: y}, {user_id: b}]}]
          expect: {answer: {rows: [{n: 3}]}}
    """
    passes(run(tmp_path, stat, test))
    grouped = stat.replace(
        "SELECT COUNT(*) AS n FROM query_result", "SELECT action, COUNT(*) AS n FROM query_result GROUP BY action"
    )
    outcome = one(run(tmp_path, grouped, test))
    assert outcome.status == "error"
    assert outcome.error is not None
    assert "`max_ids: 2`" in outcome.error.message
    # The condition comes first: what is filtered out is not taken.
    filtered = grouped.replace("GROUP BY", "WHERE action = 'x' GROUP BY")
    passes(run(tmp_path, filtered, test.replace("{n: 3}", "{action: x, n: 2}")))


@pytest.mark.parametrize(
    ("dialect", "expression", "given", "expected"),
    [
        ("postgres", "EXTRACT(YEAR FROM AGE(CURRENT_DATE, born))", "born: 1990-06-01", "34"),
        ("postgres", "DATE_PART('year', seen)", "seen: '2024-02-29 12:30:00'", "2024"),
        ("postgres", "age / 10", "age: 79", "7"),
        ("postgres", "(age - 100) / 10", "age: 79", "-2"),
        ("postgres", "age / 10.0", "age: 79", "7.9"),
        ("postgres", "users.age", "age: 79", "79"),
        ("postgres", "TO_CHAR(born, 'YYYY-MM')", "born: 1990-06-01", "1990-06"),
        ("postgres", "CASE WHEN active THEN 1 ELSE 0 END", "active: true", "1"),
        ("postgres", "COALESCE(NULLIF(TRIM(city), ''), 'none')", "city: '  '", "none"),
        ("postgres", "born::text", "born: 1990-06-01", "1990-06-01"),
        ("postgres", "born", "born: 1990-06-01", "1990-06-01"),
        ("postgres", "seen", "seen: '1990-06-01'", "1990-06-01 00:00"),
        ("postgres", "score * 2", "score: 1.25", "2.5"),
        ("postgres", "amount * 3", "amount: 0.123456789", "0.370370367"),
        ("postgres", "now() > seen", "seen: '2024-12-31 23:59'", "true"),
        ("postgres", "age", "age: null", "null"),
        ("mysql", "TIMESTAMPDIFF(YEAR, born, CURDATE())", "born: 1990-06-01", "34"),
        ("mysql", "DATE_FORMAT(seen, '%Y-%m')", "seen: '2024-02-29 12:30:00'", "2024-02"),
        ("mysql", "age DIV 10", "age: 79", "7"),
        ("mysql", "age / 10", "age: 79", "7.9"),
        ("mysql", "IF(active, 'y', 'n')", "active: false", "n"),
        ("mysql", "IFNULL(city, 'none')", "city: null", "none"),
        ("mysql", "`users`.`age`", "age: 79", "79"),
        ("sqlite", "age / 10", "age: 79", "7"),
        ("sqlite", "strftime('%Y', seen)", "seen: '2024-02-29 12:30:00'", "'2024'"),
        ("sqlite", "city || '!'", "city: Rome", "'Rome!'"),
        ("duckdb", "age // 10", "age: 79", "7"),
        ("tsql", "DATEDIFF(day, born, '1990-06-11')", "born: 1990-06-01", "10"),
        ("bigquery", "SAFE_CAST(city AS INT64)", "city: x", "null"),
    ],
)
def test_dialects(tmp_path: Path, dialect: str, expression: str, given: str, expected: str) -> None:
    """The query of the source's own words, over values of dates, decimals and NULL. The clock is the project's."""
    stat = private("id: {type: string, private_id: true}\nx: {type: string}", f"SELECT id, {expression} AS x FROM users", "SELECT x, COUNT(*) AS n FROM query_result GROUP BY x")  # fmt: skip
    test = f"- {{name: t, stat: s, given: [{{table: users, rows: [{{id: a, {given}}}]}}], expect: {{query_result: {{rows: [{{id: a, x: {expected}}}]}}}}}}"
    passes(run(tmp_path, stat, test, dialect))


def test_the_clock_of_a_test(tmp_path: Path) -> None:
    stat = private("id: {type: string, private_id: true}\nx: {type: int, lower: 0, upper: 9}", "SELECT id, CURRENT_DATE - born AS x FROM users", "SELECT SUM(x) AS x FROM query_result")  # fmt: skip
    passes(
        run(
            tmp_path,
            stat,
            "- {name: t, stat: s, now: 2000-01-05, given: [{table: users, rows: [{id: a, born: 2000-01-01}]}], expect: {answer: {rows: [{x: 4}]}}}",
        )
    )


CROWD = 'csv: "id,city\\n' + "\\n".join(f"u{i},{'Rome' if i < 10 else 'Oslo'}" for i in range(13)) + '"'


def test_statistics_without_privacy(tmp_path: Path) -> None:
    """Rows of too few people: the whole is refused, or they are left out."""
    query = "SELECT city, COUNT(*) AS n, AVG(LENGTH(id)) AS length FROM users GROUP BY city"
    test = f"- {{name: t, stat: s, given: [{{table: users, {CROWD}}}], expect: {{answer: WANTED}}}}"
    passes(run(tmp_path, plain(query), test.replace("WANTED", "refused")))
    outcome = one(run(tmp_path, plain(query), test.replace("WANTED", "{rows: [{city: Rome, n: 10}]}")))
    assert part_message(outcome.parts[0]) == "refused: a row rests on 3 people, and `min_people` is 10"
    suppressed = plain(query, "on_small: suppress\n")
    passes(run(tmp_path, suppressed, test.replace("WANTED", "{rows: [{city: Rome, n: 10, length: 2}]}")))
    both = "{rows: [{city: Rome, n: 10}, {city: Oslo, n: 3}]}"
    passes(run(tmp_path, plain(query), test.replace("WANTED", both).replace("stat: s,", "stat: s, min_people: 3,")))
    outcome = one(run(tmp_path, suppressed, test.replace("WANTED", "refused")))
    assert outcome.status == "fail"


def test_numbers_are_compared_with_tolerance(tmp_path: Path) -> None:
    rows = "[{id: a, age: 20}, {id: b, age: 21}, {id: c, age: 21}]"
    test = f"- {{name: t, stat: s, given: [{{table: users, rows: {rows}}}], expect: {{answer: {{rows: [{{mean: WANTED}}]}}TOLERANCE}}}}"

    def status(wanted: str, tolerance: str = "") -> str:
        return one(run(tmp_path, AGES, test.replace("WANTED", wanted).replace("TOLERANCE", tolerance))).status

    assert status("20.6666667") == "pass"
    assert status("20.67") == "fail"
    assert status("20.67", ", tolerance: 0.01") == "pass"
    assert status("20.6", ", tolerance: 0.01") == "fail"
    assert status("text") == "fail"
    assert status("null") == "fail"
    assert status(".nan") == "fail"


def test_odd_names(tmp_path: Path) -> None:
    """Schemas, words of SQL, capitals, dots and blanks; a CTE of the table's own name."""
    models = {
        "order": 'table: Order\nschema: my shop\ncolumns:\n  "Select": {type: text, primary_key: true}\n  "a b.c": {type: integer}\n',
        "users": "id: {type: text, primary_key: true}\n  group: {type: integer}\n",
    }
    stat = private(
        "id: {type: string, private_id: true}\nv: {type: int, lower: 0, upper: 9}",
        'SELECT o."Select" AS id, o."a b.c" AS v FROM "my shop"."Order" o JOIN only_users ON only_users.id = o."Select"',
        "SELECT SUM(v) AS v FROM query_result",
    ).replace(
        "WITH query_result",
        'WITH only_users AS (SELECT users.id, public.users."group" FROM public.users), query_result',
    )
    passes(
        run(
            tmp_path,
            stat,
            """
            - name: t
              stat: s
              given:
                - {table: my shop.Order, rows: [{Select: a, "a b.c": 5}, {Select: b, "a b.c": 4}]}
                - {table: users, rows: [{id: a, group: 1}]}
              expect: {answer: {rows: [{v: 5}]}}
            """,
            models=models,
        )
    )
    shadow = private("id: {type: string, private_id: true}\nn: {type: int, lower: 0, upper: 9}", "SELECT id, n FROM users", "SELECT SUM(n) AS n FROM query_result").replace("WITH query_result", "WITH users AS (SELECT id, 1 AS n FROM users), query_result")  # fmt: skip
    passes(
        run(
            tmp_path,
            shadow,
            "- {name: t, stat: s, given: [{table: users, rows: [{id: a}]}], expect: {answer: {rows: [{n: 1}]}}}",
        )
    )


@pytest.mark.parametrize(
    ("query", "rows", "message"),
    [
        ("SELECT id, age AS x FROM users", "{id: a, age: many}", "`many` in row 1 of `users` is no value for column `age` of type `integer`"),
        ("SELECT id, age AS x FROM users", "{id: a, age: 1.5}", "`1.5` in row 1"),
        ("SELECT id, age AS x FROM users", "{id: a}, {id: abcdefghijkl}", "`abcdefghijkl` in row 2 of `users` is no value"),
        ("SELECT id, born AS x FROM users", "{id: a, born: 2024-02-30}", "`2024-02-30` in row 1"),
        ("SELECT id, age AS x FROM nowhere", "{id: a}", "It reads `nowhere`, and there is no model of that table"),
        ("SELECT id, no_such_function(age) AS x FROM users", "{id: a}", "`query_result` cannot be run on DuckDB"),
        ("SELECT id, city AS x FROM users", "{id: a, city: Rome}", "does not have the types of the header"),
        ("SELECT id, age AS y FROM users", "{id: a}", "`query_result` gives no column `x`"),
        ("SELECT id, age AS x FROM read_csv('/etc/passwd') AS q", "{id: a}", "cannot be run on DuckDB"),
    ],
)  # fmt: skip
def test_what_cannot_be_run(tmp_path: Path, query: str, rows: str, message: str) -> None:
    stat = private("id: {type: string, private_id: true}\nx: {type: int, lower: 0, upper: 9}", query, "SELECT SUM(x) AS x FROM query_result")  # fmt: skip
    test = (
        f"- {{name: t, stat: s, given: [{{table: users, rows: [{rows}]}}], expect: {{answer: {{rows: [{{x: 1}}]}}}}}}"
    )
    outcome = one(run(tmp_path, stat, test))
    assert outcome.status == "error"
    assert outcome.error is not None
    assert message in outcome.error.message
