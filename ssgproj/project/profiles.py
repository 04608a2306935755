"""`profiles.yml` → the connections of one target, as secrets.

Looked for in `--profiles-dir`, then in the project, then in `~/.ssg`. `{{ env_var('NAME', 'default') }}` works only here, by a
small parser of our own after the YAML is read, so that no character of a password can break it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.errors import ProjectError, SsgError
from ssgproj.project import yaml_node as y
from ssgproj.project.dotenv import with_dotenv
from ssgproj.project.project import Settings
from ssgproj.project.reader import Field, MapOf, OneOf, Record
from ssgproj.project.reading import PROJECT_CODES, Reading
from ssgproj.project.scalar_types import Boolean, Integer, Text
from ssgproj.project.secret import Secret
from ssgproj.project.suggest import suggestion
from ssgproj.project.yaml_file import YamlFile, read_yaml

PROFILES_FILE = "profiles.yml"
_CALL = re.compile(
    r"\{\{\s*env_var\(\s*(?P<q>['\"])(?P<name>[^'\"]*)(?P=q)\s*(?:,\s*(?P<r>['\"])(?P<default>.*?)(?P=r)\s*)?\)\s*\}\}",
    re.DOTALL,
)
_LITERAL_PASSWORD = re.compile(
    r"^[\w+.-]+://[^/@\s]*:([^/@\s]+)@|[?&](?:password|pwd|sslpassword)=([^&\s]+)", re.IGNORECASE
)
_FILE_URL = re.compile(
    r"^(?P<scheme>(?:duckdb|sqlite|parquet)(?:\+\w+)?:///)(?P<path>[^/?][^?]*)(?P<rest>\?.*)?$", re.DOTALL
)


@dataclass(frozen=True)
class Profile:
    """The connections of one target. `path` is the file they came from, `target` the target's name, `why` the reason for both."""

    destination: Secret
    source: Secret | None = None
    schemas: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1
    unlogged: bool = False
    path: Path = Path()
    name: str = ""
    target: str = ""
    why: str = ""


def _same(values: dict[str, Any], _: Location) -> dict[str, Any]:
    return values


_CONNECTION = "A database URL, best as {{ env_var('NAME') }}."
OUTPUT = Record(
    {
        "source": Field(
            Text(empty=True), f"The private database; only `reflect`, `vocab` and `stats` read it. {_CONNECTION}"
        ),
        "destination": Field(Text(empty=True), f"What `ssg run` fills. {_CONNECTION}"),
        "schemas": Field(MapOf(Text()), "Other names for schemas in the destination: `source_name: destination_name`."),
        "unlogged": Field(
            Boolean(),
            "Whether `ssg run` makes its tables UNLOGGED (PostgreSQL only): faster to fill, and emptied by the server after a crash (default false).",
        ),
        "threads": Field(
            OneOf((Integer(1, 1024), Text("a whole number"))), "How many statistics run at once (default 1)."
        ),
    },
    _same,
    noun="a target",
)
PROFILE = Record(
    {
        "target": Field(Text(), "The target that is used when `--target` names none."),
        "outputs": Field(MapOf(OUTPUT, "a mapping of targets"), "The targets, by name.", required=True),
    },
    _same,
    noun="a profile",
)
PROFILES = MapOf(PROFILE, "a mapping of profiles")


def places_looked_at(root: Path, profiles_dir: Path | None) -> list[tuple[Path, str]]:
    """Where a `profiles.yml` may be, in the order in which it is looked for, each with the reason."""
    places = [(root / PROFILES_FILE, "the project"), (Path.home() / ".ssg" / PROFILES_FILE, "the home directory")]
    return [(profiles_dir.expanduser() / PROFILES_FILE, "--profiles-dir")] if profiles_dir else places


def find_profiles(root: Path, profiles_dir: Path | None = None) -> tuple[Path, str]:
    """The `profiles.yml` that wins, and why. Raises SsgError that lists the places looked at."""
    places = places_looked_at(root, profiles_dir)
    for path, why in places:
        if path.is_file():
            return path, why
    looked = ", ".join(f"`{path}`" for path, _ in places)
    raise SsgError(
        f"No `{PROFILES_FILE}`; looked at: {looked}",
        f"write {places[0][0]}, or name its directory: --profiles-dir DIRECTORY",
    )


def load_profile(
    root: Path,
    settings: Settings,
    target: str | None = None,
    profiles_dir: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Profile:
    """The connections of `target` (else the profile's own default target, else its only one).

    Only the chosen target's variables are looked up. Raises ProjectError for what is wrong in the file, SsgError for a profile,
    target or variable that is not there.
    """
    path, why = find_profiles(root, profiles_dir)
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    file, problems = read_yaml(path, name)
    reading = Reading(file, PROJECT_CODES, problems)
    profiles = PROFILES.read(file.root, reading, name) if file.root is not None else {}
    if any(d.is_error for d in problems):
        raise ProjectError(problems)
    if settings.profile not in profiles:
        raise SsgError(f"`{name}` has no profile `{settings.profile}`", suggestion(settings.profile, profiles))
    values = _Values(file, with_dotenv(root, os.environ if environ is None else environ), root)
    profile = profiles[settings.profile]
    node = _entry(_entry(file.root, settings.profile), "outputs")
    outputs: dict[str, dict[str, Any]] = profile["outputs"]
    chosen = target
    if chosen is None and "target" in profile:
        chosen = values.text(profile["target"], _entry(_entry(file.root, settings.profile), "target"))
    if chosen is None and len(outputs) == 1:
        chosen = next(iter(outputs))
    if chosen is None:
        raise SsgError(
            f"Profile `{settings.profile}` in `{name}` has no default target",
            f"ssg ... --target {next(iter(outputs), 'dev')}",
        )
    if chosen not in outputs:
        raise SsgError(
            f"Profile `{settings.profile}` in `{name}` has no target `{chosen}`", suggestion(chosen, outputs)
        )
    output, output_node = outputs[chosen], _entry(node, chosen)
    destination = values.url(output, "destination", output_node)
    if not destination:
        at = file.at(output_node) if output_node is not None else Location(name)
        raise SsgError(
            f"{at.path}:{at.line}: target `{chosen}` has no destination",
            "write `destination: duckdb:///target/out.duckdb`",
        )
    threads = output.get("threads", 1)
    if isinstance(threads, str):
        text = values.text(threads, _entry(output_node, "threads")).strip()
        if not text.isdecimal() or not 1 <= int(text[:6]) <= 1024:
            raise SsgError(f"`threads` of target `{chosen}` in `{name}` must be a whole number from 1 on")
        threads = int(text)
    return Profile(
        destination=destination,
        source=values.url(output, "source", output_node) or None,
        schemas=output.get("schemas", {}),
        threads=threads,
        unlogged=output.get("unlogged", False),
        path=path,
        name=settings.profile,
        target=chosen,
        why=why,
    )


def check_profiles(root: Path) -> list[Diagnostic]:
    """What is wrong with the project's own `profiles.yml`, without looking up a variable: it is meant to be committed."""
    path = root / PROFILES_FILE
    if not path.is_file():
        return []
    file, problems = read_yaml(path, PROFILES_FILE)
    reading = Reading(file, PROJECT_CODES, problems)
    if file.root is not None:
        PROFILES.read(file.root, reading, PROFILES_FILE)
        for node in y.walk(file.root):
            if type(node) is y.Scalar:
                _check_text(node, reading)
    return problems


def _check_text(node: y.Scalar, reading: Reading) -> None:
    rest = _CALL.sub("", node.text)
    if "{{" in rest or "}}" in rest:
        hint = "write {{ env_var('NAME') }} or {{ env_var('NAME', 'default') }}"
        reading.add("PJ011", "bad-template", "Only `env_var()` is understood between `{{` and `}}`", node, hint)
    for text in (_CALL.sub("", node.text), *(m["default"] or "" for m in _CALL.finditer(node.text))):
        if _LITERAL_PASSWORD.search(text):
            hint = "write the URL to .env as NAME=..., and here {{ env_var('NAME') }}"
            message = "A password stands in a file that is meant to be committed"
            reading.add("PJ012", "literal-password", message, node, hint, Severity.WARNING)
            return


def _entry(node: y.Node | None, key: str) -> y.Node | None:
    if type(node) is y.Mapping and key in node.entries:
        return node.entries[key].value
    return None


class _Values:
    """Texts of the file with their variables filled in."""

    def __init__(self, file: YamlFile, environment: Mapping[str, str], root: Path) -> None:
        self.file, self.environment, self.root = file, environment, root

    def url(self, output: Mapping[str, Any], key: str, node: y.Node | None) -> Secret | None:
        """The URL under a key; a relative path of a file database is made absolute from the project's root."""
        if key not in output:
            return None
        text = self.text(output[key], _entry(node, key)).strip()
        if match := _FILE_URL.match(text):
            path = match["path"]
            if path != ":memory:" and not path.startswith(":memory:") and not Path(path).is_absolute():
                text = f"{match['scheme']}{(self.root / path).as_posix()}{match['rest'] or ''}"
        return Secret(text)

    def text(self, text: str, node: y.Node | None) -> str:
        at = self.file.at(node) if node is not None else Location(self.file.path)
        if "{{" in _CALL.sub("", text):
            raise SsgError(
                f"{at.path}:{at.line}: only `env_var()` is understood between `{{{{` and `}}}}`",
                "write {{ env_var('NAME') }} or {{ env_var('NAME', 'default') }}",
            )
        return _CALL.sub(lambda match: self.variable(match["name"], match["default"], at), text)

    def variable(self, name: str, default: str | None, at: Location) -> str:
        # Set but empty is how .env.example begins, so it counts as not set where there is a default.
        if self.environment.get(name) or (name in self.environment and default is None):
            return self.environment[name]
        if default is not None:
            return default
        dotenv = self.root / ".env"
        found = f"`{dotenv}`" if dotenv.is_file() else f"`{dotenv}` (not there)"
        raise SsgError(
            f"The variable `{name}` is not set; {at.path}:{at.line} needs it; looked at: the environment, {found}",
            f"export {name}=... or write the line {name}=... to .env",
        )
