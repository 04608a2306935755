from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ssgproj.report.committee.document import ColumnDoc, Document, Line
from ssgproj.report.committee.page import statement
from tests.report.committee.conftest import document_of

Copied = Callable[[str], Path]


def column(document: Document, name: str) -> ColumnDoc:
    table, _, own = name.partition(".")
    (found,) = [c for t in document.tables if t.table == table for c in t.columns if c.name == own]
    return found


def in_words(line: Line) -> str:
    through = "".join(f"{t} <- " for t in line.through)
    rows = f" rows by {', '.join(line.filters)}" if line.filters else ""
    return f"{through}{line.name}({', '.join(line.outputs)}) <- {', '.join(line.draws) or 'number of rows'}{rows}"


def test_the_statement_is_counted(example: Document, odd: Document) -> None:
    first, second = statement(example)
    assert first == (
        "Of 35 source columns, 5 columns are read by 4 statistics with noise and 7 columns are copied as they are by 1 vocabulary."
    )
    assert second.startswith("Nothing else left it: ")
    first, second, third = statement(odd)
    assert "1 statistic with noise and 1 exact statistic" in first
    assert second == "That is not the whole story: 3 things cannot be followed from the files."
    assert third.startswith("2 of the statistics and vocabularies have no result of this version yet")
    assert example.summary.derived
    assert not odd.summary.derived


@pytest.mark.parametrize(
    ("name", "lines", "basis", "code"),
    [
        ("people.age", ["ages(mean, sd) <- people.age rows by people.id, secret.code, secret.person_id"], "private", ()),
        (
            "people.band",
            ["people.age <- ages(mean, sd) <- people.age rows by people.id, secret.code, secret.person_id"],
            "private",
            (),
        ),
        (
            "people.doubled",
            ["people.age <- ages(mean, sd) <- people.age rows by people.id, secret.code, secret.person_id"],
            "private",
            (),
        ),
        ("people.ward", ["wards.code <- wards(code) <- wards.code rows by wards.closed, wards.kind"], "copied", ()),
        ("people.boss", [], "type", ()),
        ("people.id", [], "type", ()),
        ("people.na<b>me & co", [], "type", ()),
        ("wards.kind", [], "type", ()),
        ("wards.title", ["wards(title) <- wards.title rows by wards.closed, wards.kind"], "copied", ()),
        ("stays.days", [], "code", ("story.stay",)),
        (
            "people.risk",
            ["people.age <- ages(mean, sd) <- people.age rows by people.id, secret.code, secret.person_id"],
            "private",
            ("generators.risk.risk",),
        ),
    ],
)  # fmt: skip
def test_the_way_of_a_column(odd: Document, name: str, lines: list[str], basis: str, code: tuple[str, ...]) -> None:
    found = column(odd, name)
    assert [in_words(x) for x in found.lines] == lines
    assert (found.basis, found.code) == (basis, code)


def test_every_statistic_and_vocabulary_that_the_graph_uses_is_traced(example: Document, odd: Document) -> None:
    for document in (example, odd):
        traced = {x.name for t in document.tables for c in t.columns for x in c.lines}
        traced |= {x.name for c in document.code for x in c.lines}
        assert {s.name for s in document.statistics if s.used_by} <= traced
        assert {c.table for c in document.copies} <= traced


def test_both_directions_say_the_same(example: Document, odd: Document) -> None:
    for document in (example, odd):
        forth = {
            (f"{t.table}.{c.name}", s)
            for t in document.tables
            for c in t.columns
            for x in c.lines
            for s in (*x.draws, *x.filters)
        }
        back = {(r, s.column) for s in document.source for r in s.reaches}
        assert {pair for pair in forth if "<" not in pair[0]} == back
        listed = {s.column for s in document.source}
        used = {d for x in document.statistics for d in (*x.draws, *(f.column for f in x.filters), *x.unused)}
        used |= {f"{c.table}.{n}" for c in document.copies for n in c.columns} | {
            f.column for c in document.copies for f in c.filters
        }
        assert used == listed


def test_every_source_column_is_either_listed_or_untouched(example: Document, odd: Document) -> None:
    for document in (example, odd):
        untouched = sum(len(names) for _, names in document.untouched)
        assert untouched == document.summary.untouched_columns
        assert untouched + sum(s.known for s in document.source) == document.summary.source_columns


def test_exact_releases_come_first(odd: Document) -> None:
    assert [s.name for s in odd.statistics] == ["long_stays", "ages"]
    exact = [s.exact for s in odd.source]
    assert exact == sorted(exact, reverse=True)
    (days,) = [s for s in odd.source if s.column == "stays.days"]
    assert [(p.role, p.exact, p.epsilon) for p in days.passages] == [("values", True, None)]
    (boss,) = [s for s in odd.source if s.column == "people.boss"]
    assert [p.role for p in boss.passages] == ["read"]
    assert not boss.exact


def test_python_is_taken_to_pass_on_what_it_is_given(odd: Document) -> None:
    (days,) = [s for s in odd.source if s.column == "stays.days"]
    assert not days.reaches
    assert "stays.days" in days.may_reach  # by the story, which is given long_stays
    assert "people.risk" in days.may_reach  # by the function, which sees all results
    names = {c.name: c for c in odd.code}
    assert set(names) == {"story.stay", "generators.risk.risk", "helpers/names.py"}
    assert names["story.stay"].count == "var.stays (5)"
    assert "alert(3)" in names["helpers/names.py"].source


def test_what_the_derivation_does_not_cover(odd: Document, example: Document) -> None:
    assert [(g.at, "secret" in g.message) for g in odd.gaps] == [
        ("vocabularies/wards.csv", True),
        ("results/gone.yml", False),
        ("vocabularies/old.csv", False),
    ]
    assert not example.gaps


def test_reasons_of_suppressions_with_privacy_first(odd: Document) -> None:
    assert [(s.code, s.reason) for s in odd.suppressions] == [("DP203", "only those <in> the study"), ("GR303", None)]


def test_a_release_of_an_earlier_version_is_a_gap(copied: Copied) -> None:
    root = copied("airbnb")
    stat = root / "stats" / "age_stats.sql"
    stat.write_text(stat.read_text().replace("upper: 100}", "upper: 99}"))
    (root / "stats" / "actions.sql").unlink()
    model = root / "models" / "sessions.yml"
    model.write_text(model.read_text().replace("{choice: stat.actions, weights: requests}", "{choice: [a]}"))
    document = document_of(root)
    assert [(x.stat, x.version) for x in document.ledger] == [
        ("actions", "gone"), ("age_stats", "earlier"), ("devices", "current"), ("sessions_per_user", "current"),
    ]  # fmt: skip
    messages = " ".join(g.message for g in document.gaps)
    assert "an earlier version of `age_stats` was released once" in messages
    assert "a statistic that is gone, `actions` was released once" in messages
    assert "`actions`" in next(g.message for g in document.gaps if g.at == "results/actions.yml")
    assert document.epsilon.spent == 1.5  # also for what is gone
    assert document.epsilon.outstanding == 0.5  # age_stats again
    assert len(statement(document)) == 3


def test_an_edited_result_and_a_broken_ledger_are_gaps(copied: Copied) -> None:
    root = copied("airbnb")
    result = root / "results" / "age_stats.yml"
    result.write_text(result.read_text().replace("36.02676548", "36.5"))
    ledger = root / "results" / "ledger.csv"
    ledger.write_text(ledger.read_text().replace(",0.5,", ",0.05,", 1))
    document = document_of(root)
    at = [g.at for g in document.gaps]
    assert "results/age_stats.yml" in at
    assert "results/ledger.csv" in at
    assert document.ledger_flaws


def test_sql_that_no_parser_reads_is_a_gap(copied: Copied) -> None:
    root = copied("odd")
    stat = root / "stats" / "ages.sql"
    stat.write_text(stat.read_text().replace("FROM people WHERE", "FROM people WHERE WHERE AND"))
    document = document_of(root)
    (ages,) = [s for s in document.statistics if s.name == "ages"]
    assert ages.problem
    assert any("take it to read everything" in g.message for g in document.gaps)


def test_before_anything_was_run(copied: Copied) -> None:
    root = copied("airbnb")
    for path in [*(root / "results").iterdir(), *(root / "vocabularies").iterdir()]:
        path.unlink()
    document = document_of(root)
    assert {s.status for s in document.statistics} == {"missing"}
    assert all(s.released is None for s in document.statistics)
    (countries,) = document.copies
    assert (countries.file, countries.rows) == (None, None)
    assert document.epsilon.spent == 0
    assert document.epsilon.planned == 1.5
    assert statement(document)[2].startswith("5 of the statistics and vocabularies have no result")


def test_nothing_depends_on_the_place(copied: Copied, example: Document) -> None:
    assert document_of(copied("airbnb")).as_dict() == example.as_dict()


def test_a_text_that_may_name_a_column_of_a_parent_counts_as_reading_it(copied: Copied) -> None:
    root = copied("odd")
    model = root / "models" / "people.yml"
    for said, drawn in (
        ("ward.title", True),
        ("wards.title", True),
        ('wards."title" || 1', True),
        ("code.title", False),
    ):
        text = model.read_text()
        model.write_text(text + f"  motto: {{type: text, generate: {{constant: '{said}'}}}}\n")
        lines = column(document_of(root), "people.motto").lines
        assert [x.draws for x in lines] == ([("wards.title",)] if drawn else []), said
        model.write_text(text)
