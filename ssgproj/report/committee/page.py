"""The document as one HTML page, and its statement in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import TYPE_CHECKING

from ssgproj.privacy.stat_origins import PERSON
from ssgproj.report.committee.document import column_text
from ssgproj.report.committee.picture import FOCUS_ABOVE, HEIGHT, WIDTH, draw, focus

if TYPE_CHECKING:
    from ssgproj.report.committee.document import Document

_OPEN_TABLES = 12
"""Up to so many tables are shown open."""
BASIS = {
    "copied": ("Exact copy", "takes values of a vocabulary, as they are at the source"),
    "exact": ("Exact statistic", "made from a statistic without differential privacy"),
    "private": ("Protected statistic", "made from statistics with noise"),
    "code": ("Project code", "decided by the project's Python"),
    "written": ("Written by hand", "made from what people wrote into the project's files"),
    "type": ("Type and rules", "made from its type and constraints alone"),
}


def statement(document: Document) -> tuple[str, ...]:
    """What the page states first, one sentence each, every number counted from the document."""
    s = document.summary
    statistics = s.exact_statistics + s.private_statistics
    kinds = []
    if s.private_statistics:
        kinds.append(f"{_counted(s.private_statistics, 'statistic')} with noise")
    if s.exact_statistics:
        kinds.append(f"{_counted(s.exact_statistics, 'exact statistic')}")
    if not statistics and not s.copies:
        first = f"No column of the source is read or copied, out of {_counted(s.source_columns, 'column')}."
    else:
        parts = []
        if statistics:
            parts.append(f"{_counted(s.read_columns, 'column')} {_are(s.read_columns)} read by {' and '.join(kinds)}")
        if s.copies:
            made = _counted(s.copies, "vocabulary", "vocabularies")
            parts.append(
                f"{_counted(s.copied_columns, 'column')} {_are(s.copied_columns)} copied as they are by {made}"
            )
        first = f"Of {_counted(s.source_columns, 'source column')}, {' and '.join(parts)}."
    if document.gaps:
        second = (
            f"That is not the whole story: {_counted(len(document.gaps), 'thing')} cannot be followed from the files."
        )
    else:
        code = " (its code too, shown below)" if document.code else ""
        rest = " else" if statistics or s.copies else ""
        second = (
            f"Nothing{rest} left it: everything{rest} in the destination is made from the schema's names, types and rules, "
            f"what people wrote into the project's files{code}, and the seed."
        )
    waiting = sum(x.status != "fresh" for x in document.statistics) + sum(c.file is None for c in document.copies)
    if not waiting:
        return first, second
    what = _counted(waiting, "of the statistics and vocabularies has", "of the statistics and vocabularies have")
    return (
        first,
        second,
        f"{what} no result of this version yet: what would leave is shown as if it had been released.",
    )


def html_page(document: Document) -> str:
    """The page, complete in itself."""
    from ssgproj.report.committee.sql_markup import marked_up, ticked
    from ssgproj.report.html import render

    large = len(document.nodes) > FOCUS_ABOVE
    chosen = focus(document.nodes) if large else document.nodes
    pictures = [("focus" if large else "all", draw(chosen))] if chosen else []
    if large and len(chosen) < len(document.nodes):
        pictures.append(("all", draw(document.nodes)))
    return render(
        "docs.html",
        styles=("docs.css",),
        scripts=("docs.js",),
        title=f"{document.project}: what left the source",
        document=document,
        statement=statement(document),
        anchors=_anchors(document),
        pictures=pictures,
        node_width=WIDTH,
        node_height=HEIGHT,
        basis=BASIS,
        bases=dict(document.summary.basis),
        open_tables=len(document.tables) <= _OPEN_TABLES,
        exact=[s for s in document.statistics if s.exact],
        sql=lambda text: marked_up(cleandoc(text), document.dialect),
        ticked=ticked,
        by_name={s.name: s for s in document.statistics},
        counted=_counted,
        clip=_clip,
        are=_are,
        column_text=column_text,
        per_person=PERSON,
    )


def _anchors(document: Document) -> Mapping[tuple[str, str], str]:
    """The id on the page of everything that is linked to: numbered, since names can hold anything."""
    found = {("statistic", s.name): f"stat-{i}" for i, s in enumerate(document.statistics)}
    found |= {("vocabulary", c.table): f"vocabulary-{i}" for i, c in enumerate(document.copies)}
    found |= {("source", s.column): f"source-{i}" for i, s in enumerate(document.source)}
    found |= {("code", c.name): f"code-{i}" for i, c in enumerate(document.code)}
    for i, table in enumerate(document.tables):
        found["table", table.table] = f"table-{i}"
        found |= {("column", column_text(table.table, c.name)): f"column-{i}-{j}" for j, c in enumerate(table.columns)}
    kinds = {"stat": "statistic", "model": "table", "vocabulary": "vocabulary"}
    for node in document.nodes:
        if node.kind == "source":
            found["node", node.id] = "left"
        elif node.kind == "story":
            found["node", node.id] = found.get(("code", node.id), "code")
        else:
            found["node", node.id] = found[kinds[node.kind], node.name]
    return found


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "\u2026"
