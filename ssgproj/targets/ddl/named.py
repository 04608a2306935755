"""The database's own types (`models/_schema.yml`), found again from a column's type."""

from __future__ import annotations

from ssgproj.project.model import NamedType, SchemaObjects
from ssgproj.project.types import SqlType


class NamedTypes:
    """Looks up the named type that a column was declared with."""

    def __init__(self, objects: SchemaObjects) -> None:
        self._by_name = {str(t.name): t for t in objects.types}

    def find(self, kind: SqlType) -> NamedType | None:
        """The enum, domain, composite or range of this type, or None for a type that every database has."""
        for name in (kind.domain, kind.text, kind.name):
            if name is not None and name in self._by_name:
                return self._by_name[name]
        return None
