"""Every generator is documented, its example runs, and the page is current."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ssgproj.generators import GENERATORS
from ssgproj.generators.documentation import document, example
from ssgproj.generators.lookup import Link
from ssgproj.generators.missing import Missing
from ssgproj.generators.options import hints, option_name
from ssgproj.project.model import MASKS, Column, Model, TableName
from ssgproj.project.types import parse_type

TYPES = {
    "after": "timestamp",
    "date": "date", "datetime": "timestamptz", "duration": "interval", "json": "jsonb", "time": "time", "boolean": "boolean",
    "derive": "numeric(10,2)", "uuid": "uuid", "choice": "text", "constant": "text", "mimesis": "text", "pattern": "text",
    "python": "text", "text": "text",
}  # fmt: skip
ROWS = 100
USERS = Link(("c",), Model(TableName("users"), "", (Column("id", parse_type("integer")),)), ("id",))


@pytest.mark.parametrize("kind", sorted(GENERATORS))
def test_every_example_runs(kind: str, make: Any, tmp_path: Path) -> None:
    """The YAML of the docstring makes 100 rows; the first ten do not depend on the rest; none is fine too."""
    (tmp_path / "generators").mkdir()
    (tmp_path / "generators" / "dates.py").write_text("def booking(start, days: int):\n    return start * days\n")
    text = example(GENERATORS[kind]).strip().removeprefix("generate:").strip()
    if GENERATORS[kind] is Missing:
        mask = make.bound(text, "integer", nullable=True)
        assert mask.missing(np.random.default_rng(1), ROWS).shape == (ROWS, 1)
        return
    parents = {"users": {"id": list(range(50))}}
    made = {}
    for rows in (ROWS, 10, 0):
        columns = {"price": [1.5] * rows, "quantity": [3] * rows, "created_on": ["a"] * rows}
        columns |= {"created_at": [datetime(2024, 5, 1)] * rows, "country": ["FR", "UK"] * (rows // 2)}
        made[rows] = make.columns(
            text, TYPES.get(kind, "integer"), rows=rows, columns=columns, parents=parents, root=tmp_path, nullable=True,
            links=[USERS], per_parent=("c",), counts=[5] * (rows // 5),
        )[0]  # fmt: skip
    assert made[ROWS].slice(0, 10).to_pylist() == made[10].to_pylist()


@pytest.mark.parametrize("kind", sorted(GENERATORS))
def test_every_option_is_described(kind: str) -> None:
    """Docstring, text and type of each option."""
    spec = GENERATORS[kind]
    assert spec.__doc__ and example(spec)
    assert spec.kind == kind  # type: ignore[attr-defined]
    for field in fields(spec):
        assert field.metadata["doc"].endswith(".")
        assert option_name(field) in hints(spec)


def test_generators_that_fill_nothing_are_known_to_models() -> None:
    """Without looking at specs."""
    assert {k for k in GENERATORS if getattr(GENERATORS[k], "masks", False)} == MASKS


def test_page_is_current() -> None:
    """Write it anew with `python -m tests.generators.test_documentation`."""
    page = Path(__file__).parents[2] / "docs" / "generators.md"
    assert page.read_text(encoding="utf-8") == document(GENERATORS)


def test_registry_loads_nothing_heavy() -> None:
    """Looking at every spec imports no heavy library."""
    code = (
        "import sys; from ssgproj.generators import GENERATORS; [GENERATORS[k] for k in GENERATORS]\n"
        "print([m for m in ('numpy', 'pyarrow', 'mimesis', 'duckdb', 'sqlglot') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"


def test_specs_and_generators_can_be_pickled(make: Any) -> None:
    """Workers get them by pickle."""
    from ssgproj.generators.build import build_spec
    from tests.generators.conftest import generate_of

    spec, _ = build_spec(generate_of("{choice: [a, b], weights: [1, 2]}"))
    assert spec is not None
    context = make.context(
        "text", False, __import__("ssgproj.generators.base", fromlist=["x"]).Restriction(), {}, Path()
    )
    assert pickle.loads(pickle.dumps(spec.bind(context)))
    assert pickle.loads(pickle.dumps(spec)) == spec


if __name__ == "__main__":
    (Path(__file__).parents[2] / "docs" / "generators.md").write_text(document(GENERATORS), encoding="utf-8")
