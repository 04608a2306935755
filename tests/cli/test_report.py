"""`ssg report`, on real destinations."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from click.testing import Result

from tests.cli.conftest import Ssg

GOLDEN = Path(__file__).parent / "golden"

USERS = """\
table: users
rows: 400
columns:
  id: {type: integer, primary_key: true, identity: by default}
  age:
    type: integer
    nullable: true
    null_rate: 0.25
    generate: {normal: {mean: stat.ages.mean, std_dev: stat.ages.std_dev, min: 0, max: 110}}
  device: {type: varchar(20), generate: {choice: stat.devices, weights: n}}
  joined: {type: date, generate: {date: {min: 2020-01-01, max: 2024-12-31}}}
  city: {type: text, references: cities.name}
"""
VISITS = """\
table: visits
rows: 1500
columns:
  id: {type: integer, primary_key: true, identity: by default}
  user_id: {type: integer, references: users.id, generate: {references: users.id, skew: 0.8}}
  seconds: {type: double precision, generate: {lognormal: {mean: 3, std_dev: 2}}}
  hour: {type: integer, generate: {histogram: stat.hours, weights: n, bin: bin, width: 4}}
  payload: {type: json, nullable: true, null_rate: 0.5}
"""
CITIES = """\
table: cities
vocabulary: {reason: geography}
columns:
  name: {type: text, primary_key: true}
"""
STATS = {
    "ages": ("AVG(age) AS mean, STDDEV(age) AS std_dev", "", ["mean: float", "std_dev: float"], [[41.5, 12.25]]),
    "devices": ("device, COUNT(*) AS n", "GROUP BY device", ["device: string", "n: int"], [["phone", 600], ["desk <b>", 300], ["tablet", 100]]),
    "hours": ("bin, COUNT(*) AS n", "GROUP BY bin", ["bin: int", "n: int"], [[0, 10], [1, 30], [2, 200], [3, 220], [4, 150], [5, 90]]),
}  # fmt: skip


def done(result: Result) -> None:
    assert result.exit_code == 0, result.output


@pytest.fixture
def shop(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with results, without a ledger, as the working directory."""
    done(ssg("init", "shop"))
    shop = work / "shop"
    monkeypatch.chdir(shop)
    for path in (shop / "models").iterdir():
        path.unlink()
    for name, text in (("users", USERS), ("visits", VISITS), ("cities", CITIES)):
        (shop / "models" / f"{name}.yml").write_text(text)
    (shop / "vocabularies").mkdir()
    (shop / "vocabularies" / "cities.csv").write_text("name\n" + "\n".join(["Oslo", "Bergen", "Tromsø"]) + "\n")
    write_results(shop)
    return shop


def write_results(shop: Path) -> None:
    from ssgproj.project.parse import parse_project
    from ssgproj.results import Result, write_result

    (shop / "stats").mkdir(exist_ok=True)
    for name, (outputs, group, _, _) in STATS.items():
        head = "/* ssg:stat\nprivacy: none\nreason: a test\n*/\n"
        (shop / "stats" / f"{name}.sql").write_text(f"{head}SELECT {outputs} FROM users {group}\n")
    for stat in parse_project(shop).stats:
        _, _, columns, rows = STATS[stat.name]
        write_result(
            shop,
            Result(
                stat.name, stat.meaning, tuple(tuple(c.split(": ")) for c in columns), tuple(map(tuple, rows)),
                reason="a test", min_people=10, released="2025-01-01T00:00:00Z", ledger="0" * 64,
            ),
        )  # fmt: skip


def make_source(shop: Path, rows: int = 600) -> Path:
    """A private database of the same shape, with one person whom everybody would recognise."""
    path = shop / "source.duckdb"
    with duckdb.connect(str(path)) as c:
        c.execute("CREATE TABLE cities (name TEXT PRIMARY KEY)")
        c.execute("INSERT INTO cities VALUES ('Oslo'), ('Bergen'), ('Tromsø')")
        c.execute("CREATE TABLE users (id INTEGER, age INTEGER, device VARCHAR, joined DATE, city TEXT)")
        c.execute(
            f"""INSERT INTO users SELECT i, CASE WHEN i % 4 = 0 THEN NULL ELSE 20 + (i * 7) % 50 END,
            CASE WHEN i % 3 = 0 THEN 'phone' ELSE 'Betamax' END, DATE '2020-01-01' + (i % 900)::INTEGER, 'Oslo' FROM range({rows}) r(i)"""
        )
        c.execute("INSERT INTO users VALUES (100001, 9173, 'Secret Prototype 7', DATE '1871-03-14', 'Oslo')")
        c.execute("CREATE TABLE visits (id INTEGER, user_id INTEGER, seconds DOUBLE, hour INTEGER, payload JSON)")
        c.execute(
            f"""INSERT INTO visits SELECT i, (i * i) % {rows}, 10 + i % 77, (i * 5) % 24, '{{"secret": "Rosebud"}}' FROM range({rows * 4}) r(i)"""
        )
        # One person with many rows of one kind: many rows, one person.
        c.execute("INSERT INTO visits SELECT 900000 + i, 100001, 123456.75, 23, NULL FROM range(50) r(i)")
    return path


SECRETS = ("9173", "Secret Prototype", "1871", "123456", "123,456", "123,457", "Rosebud")


class Page(HTMLParser):
    """The page as a browser would see it: elements that are not closed, or closed twice, fail."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


def scores(output: str) -> Iterator[tuple[str, str, str, float]]:
    for table, found in json.loads(output)["tables"].items():
        for name, column in found["columns"].items():
            for score in column["scores"]:
                yield f"{table}.{name}", score["metric"], score["against"], score["fidelity"]


def test_the_page_shows_what_was_made_beside_what_was_released(ssg: Ssg, shop: Path) -> None:
    done(ssg("run"))
    result = ssg("report")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "3 tables, 1,903 rows: target/report.html" in result.stderr
    page = Page((shop / "target" / "report.html").read_text(encoding="utf-8"))
    assert "released mean 41.5 ± 12.25" in page.text
    assert "private" not in page.text
    assert "desk <b>" in page.text
    assert "seconds" in page.text and "log scale" in page.text
    assert "Rows per users" in page.text
    assert "vocabulary, copied" in page.text
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert tag not in ("link", "img", "iframe", "object", "base")
        for name, value in attributes.items():
            assert not name.startswith("on") and name != "style"
            if name in ("href", "src"):
                assert value and value.startswith("#") and value[1:] in ids


def test_scores_as_data(ssg: Ssg, shop: Path) -> None:
    """The same rows everywhere, so the same scores."""
    done(ssg("run"))
    result = ssg("report", "--format", "json", "--quiet")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert result.stdout == (GOLDEN / "report.json").read_text(encoding="utf-8")
    assert not (shop / "target" / "report.html").exists()
    assert all(f > 0.9 for _, _, against, f in scores(result.stdout) if against == "released")


@pytest.mark.parametrize("kind", ["postgres", "parquet", "sqlite", "mariadb"])
def test_other_destinations_say_the_same(
    ssg: Ssg, shop: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = {"parquet": "parquet:///target/out", "sqlite": "sqlite:///target/out.sqlite"}
    monkeypatch.setenv("SSG_DESTINATION_URL", urls.get(kind) or request.getfixturevalue(f"fresh_{kind}"))
    done(ssg("run"))
    result = ssg("report", "--format", "json")
    assert result.exit_code == 0, result.output
    found, wanted = json.loads(result.stdout), json.loads((GOLDEN / "report.json").read_text(encoding="utf-8"))
    found.pop("destination"), wanted.pop("destination")
    assert found == wanted


def test_a_wrong_distribution_scores_low(ssg: Ssg, shop: Path) -> None:
    done(ssg("run"))
    with duckdb.connect(str(shop / "target" / "shop.duckdb")) as c:
        c.execute("UPDATE users SET device = 'fax', age = age + 24")
        c.execute("UPDATE visits SET hour = 23")
    result = ssg("report", "--format", "json", "--fail-under", "0.5")
    assert result.exit_code == 1
    found = {(c, m): f for c, m, against, f in scores(result.stdout) if against == "released"}
    assert found["users.device", "total_variation"] == 0
    assert found["users.age", "moments"] < 0.1
    assert found["visits.hour", "kolmogorov_smirnov"] < 0.2
    assert "users.device: total_variation against released is 0.000" in result.stderr
    done(ssg("report", "--format", "json", "--fail-under", "0.5", "--exclude", "users", "visits"))


def test_beside_the_source_nothing_is_said_about_few(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", f"duckdb:///{make_source(shop)}")
    (shop / "ssg_project.yml").write_text(
        (shop / "ssg_project.yml").read_text() + "privacy: {unit: users.id, budget: {epsilon: 1.0, delta: 1.0e-5}}\n"
        if "privacy:" not in (shop / "ssg_project.yml").read_text()
        else re.sub(
            r"(?m)^privacy:.*\n(?:[ #].*\n)*", "privacy: {unit: users.id}\n", (shop / "ssg_project.yml").read_text()
        )
    )
    write_results(shop)
    done(ssg("run"))
    result = ssg("report", "--with-source")
    assert result.exit_code == 0, result.output
    assert "contains private data" in result.stderr
    assert not (shop / "target" / "report.html").exists()
    text = (shop / "target" / "report_with_source.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "Contains private data: do not let it leave" in page.text
    assert "Betamax" in page.text  # hundreds of people have it
    assert not [s for s in SECRETS if s in text]
    as_data = ssg("report", "--with-source", "--format", "json")
    assert json.loads(as_data.stdout)["private"] is True
    assert not [s for s in SECRETS if s in as_data.stdout]
    found = {(c, m): f for c, m, against, f in scores(as_data.stdout) if against == "source"}
    assert found["users.device", "total_variation"] < 0.4
    assert found["users.age", "missing"] > 0.9
    assert 0 < found["users.age", "kolmogorov_smirnov"] < 1


def test_a_source_of_few_rows_is_not_shown(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", f"duckdb:///{make_source(shop, rows=5)}")
    done(ssg("run"))
    result = ssg("report", "--with-source", "--select", "users", "--output", "few.html")
    assert result.exit_code == 0, result.output
    text = (shop / "few.html").read_text(encoding="utf-8")
    assert "fewer than 10 people" in text
    assert "Betamax" not in text
    assert "vs real" not in text


def test_without_the_source_it_is_never_opened(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", "duckdb:///nowhere/at/all.duckdb")
    for name in [m for m in sys.modules if m.startswith("ssgproj.source")]:
        monkeypatch.delitem(sys.modules, name)
    done(ssg("run"))
    done(ssg("report"))
    assert not [m for m in sys.modules if m.startswith("ssgproj.source")]
    assert ssg("report", "--with-source").exit_code == 2


def test_odd_names_and_values_are_text(ssg: Ssg, shop: Path) -> None:
    for path in (shop / "models").iterdir():
        path.unlink()
    (shop / "models" / "odd.yml").write_text(
        """\
table: '<script>alert("t")</script>'
description: '<img src=x onerror=alert(1)>'
rows: 50
columns:
  "a\\"' <b>&amp;": {type: text, generate: {choice: ['</title><script>alert(2)</script>', '', ' ', "\\u202etxt", 'x']}}
  select: {type: integer, generate: {choice: [1, 2]}}
  "Ünï cödé": {type: boolean}
"""
    )
    done(ssg("run"))
    done(ssg("report"))
    text = (shop / "target" / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert text.count("<script") == 1
    assert not [t for t, _ in page.tags if t in ("img", "b") and ("onerror" in dict(_))]
    assert '<script>alert("t")</script>' in page.text
    assert "(empty)" in page.text
    assert "\u202e" not in text


def test_every_kind_of_column(ssg: Ssg, shop: Path) -> None:
    """Empty tables, columns without a value, documents, lists, bytes, extremes, thousands of different values."""
    for path in (shop / "models").iterdir():
        path.unlink()
    (shop / "models" / "none.yml").write_text(
        "table: none\nrows: 0\ncolumns:\n  a: {type: integer}\n  b: {type: text}\n  c: {type: date}\n  d: {type: time}\n"
    )
    (shop / "models" / "all.yml").write_text(
        """\
table: all
rows: 3000
columns:
  void: {type: integer, nullable: true, generate: 'null'}
  void_text: {type: text, nullable: true, generate: 'null'}
  list: {type: 'integer[]', nullable: true}
  document: {type: json}
  bytes: {type: blob, nullable: true}
  uid: {type: uuid}
  span: {type: interval}
  clock: {type: time}
  moment: {type: timestamptz}
  money: {type: 'numeric(30, 10)'}
  huge: {type: hugeint}
  one: {type: integer, generate: {constant: 7}}
  names: {type: text, generate: {pattern: '[a-z]{3,12}'}}
  picked: {type: date, generate: {choice: [2024-01-01, 2024-02-01], weights: [3, 1]}}
"""
    )
    done(ssg("run"))
    with duckdb.connect(str(shop / "target" / "shop.duckdb")) as c:
        c.execute('ALTER TABLE "all" ADD COLUMN real DOUBLE')
        c.execute(
            "UPDATE \"all\" SET real = CASE rowid % 4 WHEN 0 THEN 'nan' WHEN 1 THEN 'inf' WHEN 2 THEN 1e300 ELSE -1e-300 END::DOUBLE"
        )
    with (shop / "models" / "all.yml").open("a") as file:
        file.write("  real: {type: double precision, nullable: true}\n")
    result = ssg("report")
    assert result.exit_code == 0, result.output
    page = Page((shop / "target" / "report.html").read_text(encoding="utf-8"))
    assert "There are no rows in this table" in page.text
    assert "All missing" in page.text
    assert "lengths of texts" in page.text
    assert "50 % missing" in page.text.replace("\u2009", " ")
    found = {(c, m): f for c, m, _, f in scores(ssg("report", "--format", "json").stdout)}
    assert found["all.picked", "kolmogorov_smirnov"] > 0.95


def test_pairs_that_were_released_together(ssg: Ssg, shop: Path) -> None:
    users = USERS.replace(
        "  device: {type: varchar(20), generate: {choice: stat.devices, weights: n}}\n",
        "  device: {type: varchar(20)}\n  paid: {type: boolean}\n",
    )
    (shop / "models" / "users.yml").write_text(
        users
        + "generators:\n  - choice: [[phone, true], [desk, false]]\n    weights: [3, 1]\n    columns: [device, paid]\n"
    )
    done(ssg("run"))
    pairs = json.loads(ssg("report", "--format", "json", "--select", "users").stdout)["tables"]["users"]["pairs"]
    assert [(p["columns"], p["metric"], p["against"]) for p in pairs] == [
        (["device", "paid"], "total_variation", "model")
    ]
    assert pairs[0]["fidelity"] > 0.9


def test_where_scipy_is_not_installed(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [m for m in sys.modules if m.split(".")[0] == "scipy"]:
        monkeypatch.delitem(sys.modules, name)

    class Absent:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> None:
            if name.split(".", maxsplit=1)[0] == "scipy":
                raise ModuleNotFoundError(name)

    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    done(ssg("run"))
    result = ssg("report")
    assert result.exit_code == 0, result.output
    assert "pip install 'ssgproj[report]'" in result.stderr
    text = (shop / "target" / "report.html").read_text(encoding="utf-8")
    assert "ssgproj[report]" in text
    assert "How columns go together</h3>" not in text
    assert "released mean 41.5" in text


def test_a_destination_that_was_not_filled(ssg: Ssg, shop: Path) -> None:
    result = ssg("report")
    assert result.exit_code == 2
    assert "ssg run" in result.stderr


def test_results_that_do_not_fit_are_said(ssg: Ssg, shop: Path) -> None:
    done(ssg("run"))
    (shop / "results" / "devices.yml").unlink()
    done(ssg("report"))
    assert "no result of stat.devices to compare with" in (shop / "target" / "report.html").read_text(encoding="utf-8")


def test_the_histogram_of_the_airbnb_tutorial(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ages of the source against synthetic ages."""
    import subprocess

    done(ssg("init", "airbnb", "--template", "airbnb"))
    monkeypatch.chdir(work / "airbnb")
    subprocess.run([sys.executable, "scripts/build_source.py"], check=True, capture_output=True)
    done(ssg("run", "--select", "+users"))
    done(ssg("report", "--with-source", "--select", "users"))
    text = (work / "airbnb" / "target" / "report_with_source.html").read_text(encoding="utf-8")
    (card,) = re.findall(r'data-name="users.age">(.*?)</article>', text, re.DOTALL)
    assert card.count('<rect class="synthetic"') + card.count('class="synthetic"') > 10
    assert 'class="outline source"' in card
    assert "released mean" in card
    assert "Kolmogorov" in card
