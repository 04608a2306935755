"""The generators by their name in YAML. To add one, write its file and its line here.

A spec's module is imported when the spec is looked up, so that knowing the names costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

_SPECS = {
    "after": "After",
    "boolean": "Boolean",
    "choice": "Choice",
    "constant": "Constant",
    "correlated": "Correlated",
    "date": "Date",
    "datetime": "Datetime",
    "derive": "Derive",
    "duration": "Duration",
    "exponential": "Exponential",
    "given": "Given",
    "histogram": "Histogram",
    "integer": "Integer",
    "json": "Json",
    "lognormal": "Lognormal",
    "mimesis": "Mimesis",
    "missing": "Missing",
    "normal": "Normal",
    "null": "Null",
    "pattern": "Pattern",
    "per_parent": "PerParent",
    "poisson": "Poisson",
    "python": "Python",
    "references": "References",
    "sequence": "Sequence",
    "series": "Series",
    "text": "Text",
    "time": "Time",
    "uniform": "Uniform",
    "uuid": "Uuid",
    "zipf": "Zipf",
}
"""Each generator's name, which is that of its module here too, and the spec's class."""


class Registry(Mapping[str, type]):
    """The specs by name."""

    def __getitem__(self, kind: str) -> type:
        name = _SPECS[kind]
        spec: type = getattr(import_module(f"{__name__}.{kind}"), name)
        return spec

    def __iter__(self) -> Iterator[str]:
        return iter(_SPECS)

    def __len__(self) -> int:
        return len(_SPECS)

    def __contains__(self, kind: object) -> bool:
        return kind in _SPECS


GENERATORS: Mapping[str, type] = Registry()
