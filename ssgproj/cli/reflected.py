"""A database's schema as the files of a project: what `init --from` and `reflect` have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssgproj.cli import console
from ssgproj.errors import SsgError


@dataclass(frozen=True, slots=True)
class Reflected:
    """Files under `models/` by their paths, the dialect of their SQL, and what people should know about them."""

    files: dict[str, bytes]
    dialect: str
    tables: int
    notes: tuple[str, ...]


def reflected_files(url: str, schemas: Sequence[str] = ()) -> Reflected:
    """Read the tables of a database, never their rows. Raises SsgError if it cannot be read or has no tables."""
    from ssgproj.project.model import SchemaObjects
    from ssgproj.project.project import DEFAULT_ROWS
    from ssgproj.project.write import write_model, write_objects
    from ssgproj.source.reflect import reflect

    with console.working("Reading the schema"):
        found = reflect(url, list(schemas) or None)
    if not found.models:
        where = " in " + ", ".join(f"`{s}`" for s in schemas) if schemas else ""
        raise SsgError(
            f"The source has no tables{where}", hint="check the database's name, or choose with --schema NAME"
        )
    # Written into every model, though it is the default: there people look for it.
    files = {m.path: write_model(replace(m, rows=DEFAULT_ROWS)).encode() for m in found.models}
    if found.objects != SchemaObjects():
        files["models/_schema.yml"] = write_objects(found.objects).encode()
    return Reflected(files, found.dialect, len(found.models), found.notes)
