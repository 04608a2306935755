"""Which columns are decided together: declared generators, references, and every other column for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Diagnostic, Severity
from ssgproj.plan.draft import Atom
from ssgproj.plan.unbound import Unbound, UnboundMask, described, needed_columns, uses_missing_stat

if TYPE_CHECKING:
    from ssgproj.generators.base import Spec
    from ssgproj.plan.draft import TableDraft
    from ssgproj.project.model import Generate


def make_atoms(draft: TableDraft) -> None:
    """Set the draft's atoms."""
    atoms: list[Atom] = []
    taken: set[str] = set()
    for generate in draft.model.generators:
        if generate.is_mask:
            _mask(draft, generate)
    for generate in draft.model.generators:
        if generate.is_mask:
            continue
        atoms.append(_declared(draft, generate))
        taken.update(generate.columns)
    # The widest reference first: it decides the columns it shares with narrower ones.
    ordered = sorted(
        enumerate(draft.context.foreign_keys),
        key=lambda e: (e[1].to_table == draft.model.table, -len(e[1].columns), e[0]),
    )
    for _, reference in ordered:
        own = draft.same_column(reference)
        free = tuple(
            c for c in reference.columns if c not in taken and c not in own and draft.model.column(c).generated is None
        )
        if not free:
            continue
        atoms.append(Atom(free, reference=reference))
        taken.update(free)
    atoms += [Atom((c.name,)) for c in draft.filled if c.name not in taken]
    draft.atoms = atoms
    draft.atom_of = {c: a for a in atoms for c in a.columns}


def _declared(draft: TableDraft, generate: Generate) -> Atom:
    label = described(generate)
    bound, spec = _bound(draft, generate)
    atom = Atom(generate.columns, explicit=bound or Unbound(label), label=label)
    if spec is not None:
        atom.needs = needed_columns(spec, draft.columns)
    return atom


def _mask(draft: TableDraft, generate: Generate) -> None:
    mask, _ = _bound(draft, generate)
    for name in generate.columns:
        draft.masks[name] = mask or UnboundMask(generate.columns, described(generate))
        column = draft.model.column(name)
        if column.null_rate is not None:
            message = f"Column `{name}` has a `null_rate` and is in a pattern of NULLs"
            draft.diagnostics.append(
                Diagnostic("MD013", "conflict", message, generate.at, f"remove `null_rate` from `{name}`")
            )


def _bound(draft: TableDraft, generate: Generate) -> tuple[Any, Spec | None]:
    """What a declared generator is once it is bound, None if it cannot be; and its spec, with the values of references."""
    from ssgproj.generators.build import build_spec, resolve

    spec, problems = build_spec(generate)
    draft.diagnostics += problems
    if spec is None:
        return None, None
    missing = uses_missing_stat(spec, draft.context.stats)
    if missing is None:
        spec = resolve(spec, draft.context.stats or {}, draft.context.vars)
    context = draft.bind_context(generate.columns)
    for problem in spec.check(context):
        place = generate.place(problem.option or "")
        draft.diagnostics.append(
            Diagnostic("MD301", "generator-option", problem.message, place, problem.hint, Severity.ERROR)
        )
    wanted = not any(d.is_error for d in draft.diagnostics) and missing is None
    return spec.bind(context) if wanted else None, spec
