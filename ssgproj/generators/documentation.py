"""The pages of `docs/generators.md`, from the docstrings and options of the specs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from ssgproj.generators.base import Reference
from ssgproj.generators.options import describe, hints, option_name

_EXAMPLE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def page(spec: type) -> str:
    """One generator: what it makes, its options, an example."""
    kind = spec.kind  # type: ignore[attr-defined]
    text = inspect.cleandoc(spec.__doc__ or "")
    head, _, rest = text.partition("```yaml")
    options = "\n".join(_row(f, hints(spec)[option_name(f)]) for f in fields(spec))
    table = f"| option | takes | |\n| --- | --- | --- |\n{options}\n\n" if options else "It has no options.\n\n"
    return f"## {kind}\n\n{head.strip()}\n\n{table}```yaml{rest}\n"


def _row(f: Any, hint: Any) -> str:
    notes = [f.metadata.get("doc", "")]
    if f.default is not MISSING and f.default is not None and f.default not in ((), ""):
        default = str(f.default).lower() if isinstance(f.default, bool) else f.default
        notes.append(f"Default: {default}.")
    if f.metadata.get("required"):
        notes.append("Required.")
    if f.metadata.get("per_row"):
        notes.append("May be `column.NAME`.")
    words = describe(hint).replace(" or " + describe(Reference), "")
    return f"| `{option_name(f)}` | {words} | {' '.join(notes)} |"


def example(spec: type) -> str:
    """The YAML of a generator's example: lines of `generate: ...`."""
    match = _EXAMPLE.search(inspect.cleandoc(spec.__doc__ or ""))
    return match[1] if match else ""


def document(generators: Mapping[str, type]) -> str:
    """The whole of `docs/generators.md`."""
    pages = "\n".join(page(generators[kind]) for kind in sorted(generators))
    contents = " · ".join(f"[{kind}](#{kind})" for kind in sorted(generators))
    return (
        "# Generators\n\n<!-- Made from the docstrings in ssgproj/generators by ssgproj.generators.documentation. -->\n\n"
        "A column's `generate:` names one generator. Its first option may be written beside the name (`{choice: [a, b]}`), all of "
        "them under it (`{normal: {mean: 40, std_dev: 12}}`), or none (`generate: uuid`). An option may be `stat.NAME.COLUMN`, a "
        "value of a statistic's result; `var.NAME`, a variable of the project; and where it says so `column.NAME`, the value of "
        "another column in the same row.\n\nValues are fitted to the column: rounded to its scale, cut to its length, kept within "
        f"its type. The same project and seed give the same values.\n\n{contents}\n\n{pages}"
    )
