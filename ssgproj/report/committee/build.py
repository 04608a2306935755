"""From the project's files to the document: the graph, the plan, the findings, the results, the ledger and the vocabularies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ssgproj.graph.uses import REFERENCE
from ssgproj.ledger import INTENT, Ledger, read_ledger
from ssgproj.lint.linter import LintResult, lint_result
from ssgproj.lint.registry import RULES, rule
from ssgproj.plan.unbound import described
from ssgproj.privacy.lineage import Tables
from ssgproj.privacy.stat_origins import stat_origins
from ssgproj.project.discovery import PROJECT_FILE
from ssgproj.project.names import table_text
from ssgproj.report.committee import document as d
from ssgproj.report.committee.code import source_files
from ssgproj.report.committee.crossing import gaps, source_columns
from ssgproj.report.committee.document import column_text
from ssgproj.report.committee.flow import Column, Inputs, code_name, follow
from ssgproj.report.committee.schema import keys, schema_texts
from ssgproj.report.committee.statistics import copy, statistic

if TYPE_CHECKING:
    from ssgproj.graph.graph import Graph
    from ssgproj.plan.plan import Plan, TablePlan
    from ssgproj.project.model import Generate, Model
    from ssgproj.project.project import Project

BASES = ("copied", "exact", "private", "code", "written", "type")
_NAMES = frozenset({"weights", "columns", "given", "uses", "bin", "lower", "upper", "by"})
"""Options that hold names of columns, which are no knowledge of the data, where their value is a text."""


def build_document(graph: Graph, plan: Plan) -> d.Document:
    """What the page says of a project without errors. Reads files of the project, opens no database and runs no Python of it."""
    project = graph.project
    builder = _Builder(graph, plan, lint_result(project, graph.diagnostics))
    return builder.document()


class _Builder:
    def __init__(self, graph: Graph, plan: Plan, lint: LintResult) -> None:
        self.graph, self.plan, self.lint = graph, plan, lint
        self.project = graph.project
        self.sql_tables = Tables(self.project)
        self.ledger = read_ledger(self.project.root)
        self.flow = follow(graph, plan)
        users = _users(graph)
        self.statistics = tuple(
            statistic(s, self.project, stat_origins(s, self.sql_tables), self.ledger, users.get(s.node_id, ()))
            for s in self.project.stats
        )
        self.copies = tuple(
            copy(m, self.project, self.sql_tables, users.get(m.node_id, ()))
            for m in graph.ordered_models()
            if m.vocabulary
        )
        self.by_name = {s.name: s for s in self.statistics}
        self.copy_of = {c.table: c for c in self.copies}

    def document(self) -> d.Document:
        settings = self.project.settings
        tables = tuple(self.table(m) for m in self.graph.ordered_models())
        code = tuple(self.code())
        source = source_columns(self.project, self.statistics, self.copies, tables, code)
        missing = tuple(gaps(self.project, self.statistics, self.copies, self.ledger, source))
        return d.Document(
            document_version=d.DOCUMENT_VERSION,
            project=settings.name,
            dialect=settings.dialect,
            unit=settings.privacy.unit,
            seed=settings.generation.seed,
            summary=self.summary(tables, source, derived=not missing),
            epsilon=self.money(self.ledger.epsilon, [s.epsilon for s in self.unpaid()], settings.privacy.epsilon),
            delta=self.money(self.ledger.delta, [s.delta for s in self.unpaid()], settings.privacy.delta),
            statistics=tuple(sorted(self.statistics, key=lambda s: (not s.exact, s.name))),
            copies=self.copies,
            source=source,
            untouched=tuple(self.untouched(source)),
            tables=tables,
            code=code,
            suppressions=tuple(self.suppressions()),
            findings=tuple(
                d.Finding(f.code, str(f.severity), f.message, str(f.at), f.hint) for f in self.lint.findings
            ),
            ledger=tuple(_ledger_lines(self.ledger, self.project)),
            ledger_flaws=tuple(f"line {f.line}: {f.message}" for f in self.ledger.flaws),
            schema=tuple(schema_texts(self.project)),
            gaps=missing,
            nodes=tuple(self.nodes(tables, {s.column for s in source})),
        )

    def unpaid(self) -> list[d.Statistic]:
        return [s for s in self.statistics if not s.exact and s.status in ("missing", "stale")]

    @staticmethod
    def money(spent: float, outstanding: Iterable[float | None], limit: float | None) -> d.Money:
        return d.Money(_plain(spent), _plain(sum(o or 0.0 for o in outstanding)), limit)

    def lines(self, inputs: Inputs, start: Column | None) -> tuple[tuple[d.Line, ...], tuple[str, ...]]:
        """The ways back to the source, exact ones first, and the code on them."""
        reached, code = self.flow.reached(inputs, start)
        found: dict[tuple[str, str, tuple[str, ...]], d.Line] = {}
        for way in reached:
            through = tuple(column_text(*c) for c in way.through)
            if way.statistic is not None:
                line = self.statistic_line(*way.statistic, through, way.how)
            else:
                assert way.copied is not None  # noqa: S101 - one of the two
                line = self.copy_line(way.copied, through)
            key = (line.kind, line.name, through)
            before = found.get(key)
            found[key] = line if before is None else _joined(before, line)
        lines = sorted(found.values(), key=lambda x: (not x.exact, x.kind, x.name, x.through))
        return tuple(lines), tuple(sorted(code))

    def statistic_line(self, name: str, column: str | None, through: tuple[str, ...], how: str) -> d.Line:
        stat = self.by_name[name]
        outputs = [o for o in stat.outputs if column is None or o.name == column] or list(stat.outputs)
        draws = tuple(sorted({x for o in outputs for x in o.draws}))
        filters = tuple(f.column for f in stat.filters)
        return d.Line("statistic", name, tuple(o.name for o in outputs), through, how, stat.exact, draws, filters)

    def copy_line(self, column: Column, through: tuple[str, ...]) -> d.Line:
        made = self.copy_of[column[0]]
        filters = tuple(f.column for f in made.filters)
        return d.Line(
            "vocabulary", column[0], (column[1],), through, "copied verbatim", True, (column_text(*column),), filters
        )

    def table(self, model: Model) -> d.TableDoc:
        name = table_text(model.table)
        plan = self.plan.tables.get(model.node_id)
        declared = {c: g for g in model.generators for c in g.columns}
        labels = dict(_labels(plan)) if plan is not None else {}
        rates = {c: r for g in (plan.groups if plan else ()) for c, r in zip(g.columns, g.null_rates, strict=False)}
        columns = []
        for column in model.columns:
            inputs = self.flow.columns[name, column.name]
            lines, code = self.lines(inputs, (name, column.name))
            generate = declared.get(column.name)
            made = "copied from the source" if inputs.copied else labels.get(column.name, f"default {column.type.text}")
            said = described(generate) if generate is not None and not inputs.copied else made
            if (rate := rates.get(column.name)) and not inputs.copied:
                said += f", {rate:.3g} NULL"
            wrote = not inputs.copied and (column.null_rate is not None or (generate is not None and written(generate)))
            columns.append(
                d.ColumnDoc(
                    name=column.name,
                    type=column.type.text,
                    nullable=column.nullable,
                    description=column.description,
                    generator=said,
                    planned=made if made not in said else None,
                    basis=_basis(inputs, lines, code, wrote),
                    written=wrote,
                    lines=lines,
                    code=code,
                )
            )
        made_copy = self.copy_of.get(name)
        rows = plan.rows_in_pass(0) if plan is not None else made_copy.rows if made_copy is not None else None
        stories = tuple(s.name for s in self.project.stories if model.table in s.inserts)
        return d.TableDoc(
            table=name,
            kind="vocabulary" if model.vocabulary else "model",
            path=f"{model.path}:{model.at.line}",
            description=model.description,
            tags=model.tags,
            rows=rows,
            columns=tuple(columns),
            keys=tuple(keys(self.graph, model)),
            stories=stories,
            notes=plan.notes if plan is not None else (),
        )

    def code(self) -> Iterator[d.Code]:
        """Stories, functions of generators, and the modules they import."""
        from ssgproj.generators.python_source import source_file

        root = self.project.root
        functions: dict[str, tuple[str, str]] = {}
        for model in self.graph.models.values():
            for generate in model.generators:
                if generate.kind == "python" and (name := code_name(generate)) not in functions:
                    found, function = source_file(root, name)
                    functions[name] = (found.relative_to(root).as_posix(), function)
        files = source_files(root, [*(s.path for s in self.project.stories), *(p for p, _ in functions.values())])
        for story in self.project.stories:
            lines, code = self.lines(self.flow.code[story.node_id], None)
            text = files[story.path].text if story.path in files else ""
            inserts = tuple(table_text(t) for t in story.inserts)
            yield d.Code(
                "story", story.node_id, story.path, story.at.line, story.description, self.times(story.count), inserts,
                story.stats, self.arguments(story.name), text, lines, tuple(c for c in code if c != story.node_id),
            )  # fmt: skip
        for name, (path, function) in sorted(functions.items()):
            lines, code = self.lines(self.flow.code[name], None)
            file = files.get(path)
            line = file.lines.get(function, 1) if file else 1
            about = file.descriptions.get(function) or None if file else None
            others = tuple(c for c in code if c != name)
            yield d.Code(
                "function", name, path, line, about, None, (), (), (), file.text if file else "", lines, others
            )
        shown = {s.path for s in self.project.stories} | {p for p, _ in functions.values()}
        for path in sorted(files.keys() - shown):
            yield d.Code("module", path, path, 1, None, None, (), (), (), files[path].text, (), ())

    def times(self, count: int | str) -> str:
        """How often a story is told, with the value of a variable."""
        name = count.removeprefix("var.") if isinstance(count, str) and count.startswith("var.") else None
        return str(count) if name is None else f"{count} ({self.project.settings.vars.get(name)})"

    def arguments(self, story: str) -> tuple[str, ...]:
        """What the project file hands to a story."""
        return tuple(f"{n}: {v}" for n, v in self.project.settings.story_args.get(story, {}).items())

    def suppressions(self) -> Iterator[d.Silenced]:
        place = self.project.settings.places.get("lint.ignore")
        at = f"{place.path}:{place.line}" if place is not None else PROJECT_FILE
        ignored = [
            d.Silenced(code, rule(code).name if code in RULES else "", "Ignored in the whole project", at, None)
            for code in self.project.settings.lint_ignore
        ]
        yield from (s for s in ignored if s.code.startswith("DP"))
        yield from self.commented("DP")
        yield from (s for s in ignored if not s.code.startswith("DP"))
        yield from self.commented("")

    def commented(self, family: str) -> Iterator[d.Silenced]:
        """What comments silence: of one family, or (without a name) all others."""
        for s in sorted(self.lint.suppressed, key=lambda s: (s.finding.at, s.finding.code)):
            f = s.finding
            if f.code.startswith("DP") == bool(family):
                yield d.Silenced(f.code, f.name, f.message, f"{f.at.path}:{f.at.line}", s.reason)

    def untouched(self, source: Iterable[d.SourceColumnDoc]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """By source table, the columns that nothing reads."""
        left = {s.column for s in source}
        for model in self.project.models:
            table = table_text(model.table)
            names = tuple(c.name for c in model.columns if column_text(table, c.name) not in left)
            if names:
                yield table, names

    def summary(
        self, tables: tuple[d.TableDoc, ...], source: tuple[d.SourceColumnDoc, ...], *, derived: bool
    ) -> d.Summary:
        total = sum(len(m.columns) for m in self.project.models)
        known = [s for s in source if s.known]
        columns = [c for t in tables for c in t.columns]
        return d.Summary(
            source_tables=len(self.project.models),
            source_columns=total,
            read_columns=sum(any(p.kind == "statistic" for p in s.passages) for s in source),
            copied_columns=sum(any(p.role == "copied" for p in s.passages) for s in source),
            untouched_columns=total - len(known),
            exact_statistics=sum(s.exact for s in self.statistics),
            private_statistics=sum(not s.exact for s in self.statistics),
            copies=len(self.copies),
            copied_rows=sum(c.rows or 0 for c in self.copies),
            synthetic_tables=len(tables),
            synthetic_columns=len(columns),
            basis=tuple((b, sum(c.basis == b for c in columns)) for b in BASES),
            written_columns=sum(c.written for c in columns),
            derived=derived,
        )

    def nodes(self, tables: tuple[d.TableDoc, ...], left: set[str]) -> Iterator[d.NodeDoc]:
        """The drawing: the source's tables that are read, what was taken from them, and what is made of that."""
        taken: dict[str, tuple[str, ...]] = {f"stat.{s.name}": s.counts for s in self.statistics}
        taken |= {f"vocabulary.{c.table}": (c.table,) for c in self.copies}
        told = {
            table_text(
                m.table
            ): f"{sum(column_text(table_text(m.table), c.name) in left for c in m.columns)} of {len(m.columns)} columns"
            for m in self.project.models
        }
        for table in sorted({t for read in taken.values() for t in read}):
            yield d.NodeDoc(f"source.{table}", "source", table, told.get(table, "private"), ())
        models = {m.node_id: m for m in self.graph.models.values()}
        by_table = {t.table: t for t in tables}
        for name in self.graph.order:
            node = self.graph.nodes[name]
            if node.kind == "stat":
                stat = self.by_name[node.name]
                note = "exact" if stat.exact else f"\u03b5 {stat.epsilon:g}" if stat.epsilon is not None else ""
                yield d.NodeDoc(name, "stat", node.name, note, tuple(f"source.{t}" for t in taken[name]), stat.exact)
            elif node.kind == "story":
                yield d.NodeDoc(name, "story", node.name, "story", node.depends_on)
            else:
                table = table_text(models[name].table)
                about = by_table[table]
                rows = "" if about.rows is None else f"{about.rows:,} rows"
                if node.kind == "vocabulary":
                    yield d.NodeDoc(
                        name, "vocabulary", table, rows or "not copied", (f"source.{table}", *node.depends_on), True
                    )
                    continue
                yield d.NodeDoc(name, "model", table, rows, node.depends_on)


def written(generate: Generate) -> bool:
    """Whether an option holds a value that somebody wrote: anything but references and names of columns."""
    for option, value in generate.options.items():
        if generate.kind == "references" and option in ("", "to"):
            continue
        if generate.kind == "python" and option in ("", "function"):
            continue
        names = value if isinstance(value, list | tuple) else [value]
        if option in _NAMES and all(isinstance(n, str) for n in names):
            continue
        if _literal(value):
            return True
    return False


def _literal(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_literal(k) or _literal(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return any(_literal(v) for v in value)
    if isinstance(value, str):
        return REFERENCE.fullmatch(value) is None and not value.startswith("column.")
    return value is not None and not isinstance(value, bool)


def _basis(inputs: Inputs, lines: tuple[d.Line, ...], code: tuple[str, ...], wrote: bool) -> str:
    if inputs.copied or any(x.kind == "vocabulary" for x in lines):
        return "copied"
    if lines:
        return "exact" if any(x.exact for x in lines) else "private"
    return "code" if code else "written" if wrote else "type"


def _joined(one: d.Line, other: d.Line) -> d.Line:
    return d.Line(
        one.kind, one.name, tuple(dict.fromkeys((*one.outputs, *other.outputs))), one.through,
        one.how if one.how == other.how else f"{one.how}, {other.how}", one.exact,
        tuple(sorted({*one.draws, *other.draws})), tuple(sorted({*one.filters, *other.filters})),
    )  # fmt: skip


def _labels(plan: TablePlan) -> Iterator[tuple[str, str]]:
    for group in plan.groups:
        for name in group.columns:
            yield name, group.label
    for name, _ in plan.generated:
        yield name, "computed by the database"


def _users(graph: Graph) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in graph.order:
        for needed in graph.nodes[name].depends_on:
            found.setdefault(needed, []).append(name)
    return {n: tuple(users) for n, users in found.items()}


def _ledger_lines(ledger: Ledger, project: Project) -> Iterator[d.LedgerLine]:
    current = {s.name: s.meaning for s in project.stats}
    finished: set[int] = set()
    waiting: dict[tuple[str, str], int] = {}
    for i, entry in enumerate(ledger.entries):
        if entry.event == INTENT:
            waiting[entry.stat, entry.meaning] = i
        elif (begun := waiting.get((entry.stat, entry.meaning))) is not None:
            finished.add(begun)
    for i, entry in enumerate(ledger.entries):
        if entry.event != INTENT:
            continue
        done = i in finished
        version = (
            "gone" if entry.stat not in current else "current" if current[entry.stat] == entry.meaning else "earlier"
        )
        yield d.LedgerLine(entry.time, entry.stat, entry.epsilon, entry.delta, done, version, entry.hash)


def _plain(value: float) -> float:
    """A sum of decimal fractions without the digits that adding left behind."""
    return float(f"{value:.12g}")
