"""`generate:` in a model: one generator and its options, checked against the generators there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ssgproj.diagnostics import Location
from ssgproj.project import yaml_node as y
from ssgproj.project.generate_schema import options_schema, required_options
from ssgproj.project.model import Generate
from ssgproj.project.reading import INVALID, Reading
from ssgproj.project.suggest import suggestion

Generators = Mapping[str, type]
"""The specs of all generators by their name in YAML; frozen dataclasses whose fields are the options."""

MAIN = ""
"""The key in `Generate.options` of the value that was written beside the generator's name."""


@lru_cache(maxsize=256)
def option_names(spec: type) -> tuple[str, ...]:
    """The options of a generator, in order; the first takes the value written beside the name."""
    from dataclasses import fields

    return tuple(f.name.rstrip("_") for f in fields(spec))


def is_open(spec: type) -> bool:
    """Whether a generator hands options that it does not know on to something else (a function, a Mimesis provider)."""
    return bool(getattr(spec, "open_options", False))


@dataclass(frozen=True, slots=True)
class GenerateField:
    """The type of `generate:`; reads to a `Generate` without columns. `beside` are keys of the same mapping that are no options."""

    generators: Generators
    beside: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        return "a generator: its name, or its name with options"

    def accepts(self, node: y.Node) -> bool:
        return True

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        at = reading.file.at(node)
        if type(node) is y.Scalar and node.text and (isinstance(node.value, str) or node.text in self.generators):
            if node.text not in self.generators:
                return self._unknown(node.text, node, reading)
            return Generate(node.text, {}, (), at)
        if type(node) is not y.Mapping or not node.entries:
            return reading.wrong_type(name, self.what, node, "for example: generate: uuid")
        entries = {key: entry for key, entry in node.entries.items() if key not in self.beside}
        kind = self._kind(entries)
        if kind is None:
            if not entries:
                return reading.bad_value(f"`{name}` names no generator", node, suggestion("", self.generators))
            first = next(iter(entries.values()))
            return self._unknown(first.key.text, first.key, reading)
        return self._options(kind, entries, reading, at)

    def _unknown(self, word: str, node: y.Node, reading: Reading) -> Any:
        reading.add("MD005", "unknown-generator", f"No generator `{word}`", node, suggestion(word, self.generators))
        return INVALID

    def _kind(self, entries: Mapping[str, y.Entry]) -> str | None:
        known = [key for key in entries if key in self.generators]
        for key in known:
            # `{count: stat.n, choice: ...}`: the key whose generator has the others as options.
            spec = self.generators[key]
            if is_open(spec) or all(other == key or other in option_names(spec) for other in entries):
                return key
        return known[0] if known else None

    def _options(self, kind: str, entries: Mapping[str, y.Entry], reading: Reading, at: Location) -> Any:
        names, open_ended = option_names(self.generators[kind]), is_open(self.generators[kind])
        main = entries[kind].value
        others = {key: entry for key, entry in entries.items() if key != kind}
        options: dict[str, Any] = {}
        places: dict[str, Location] = {}
        if type(main) is y.Mapping and not others and (open_ended or self._is_options(main, names)):
            others = main.entries
        elif not y.is_null(main):
            options[MAIN] = y.plain_value(main)
            places[MAIN] = reading.file.at(main)
        for key, entry in others.items():
            if key not in names and not open_ended:
                message = f"Generator `{kind}` has no option `{key}`"
                reading.add("MD006", "unknown-option", message, entry.key, suggestion(key, names, sort=False))
                continue
            if MAIN in options and names and key == names[0]:
                message = f"`{key}` is given twice: beside `{kind}` and by its name"
                reading.add("MD006", "unknown-option", message, entry.key, "remove one of them")
                continue
            options[key] = y.plain_value(entry.value)
            places[key] = reading.file.at(entry.value)
            if type(entry.value) is y.Mapping:
                places.update({f"{key}.{k}": reading.file.at(e.value) for k, e in entry.value.entries.items()})
        return Generate(kind, options, (), at, places)

    @staticmethod
    def _is_options(main: y.Mapping, names: tuple[str, ...]) -> bool:
        """Whether `{kind: {...}}` holds options, or a mapping that is itself the first option (`choice: {a: 0.2, b: 0.8}`)."""
        if not names or any(key in names for key in main.entries):
            return True
        return any(_near(key, names) for key in main.entries)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"enum": sorted(self.generators)}, *(self.one_schema(k) for k in sorted(self.generators))]}

    def one_schema(self, kind: str) -> dict[str, Any]:
        """The mapping form of one generator."""
        spec = self.generators[kind]
        properties = options_schema(spec)
        names, open_ended = list(properties), is_open(spec)
        whole: dict[str, Any] = {
            "type": ["object", "null"],
            "properties": properties,
            "additionalProperties": open_ended,
        }
        if required := required_options(spec):
            whole["required"] = required
        first = properties[names[0]] if names else {"type": "null"}
        return {
            "type": "object",
            "description": (spec.__doc__ or "").strip().partition("\n")[0],
            "required": [kind],
            "properties": {**properties, kind: {"anyOf": [whole, first]}, **{key: {} for key in self.beside}},
            "additionalProperties": open_ended,
        }


def _near(word: str, names: tuple[str, ...]) -> bool:
    from ssgproj.project.suggest import closest

    return closest(word, names) is not None
