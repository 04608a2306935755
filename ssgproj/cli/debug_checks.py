"""What `ssg debug` looks at, as data: each check with its answer, none of them with a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ssgproj.cli.options import Common
from ssgproj.errors import ProjectError, SsgError
from ssgproj.project.discovery import PROJECT_FILE
from ssgproj.project.profiles import Profile, load_profile
from ssgproj.project.project import Settings
from ssgproj.project.same_place import same_place
from ssgproj.project.secret import Secret
from ssgproj.project.settings import read_settings


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the answer. `ok` is None where there was nothing to check."""

    name: str
    ok: bool | None
    text: str
    hint: str | None = None


def run_checks(common: Common, *, connect: bool) -> Iterator[Check]:
    """Every check that can be made; one that fails does not stop those that do not depend on it."""
    try:
        root = common.root()
    except SsgError as e:
        yield _failed("project", e)
        return
    yield Check("project", True, f"{root / PROJECT_FILE} ({_why(common, root)})")
    settings, check = _settings(root, common)
    yield check
    yield _dotenv(root)
    if settings is None:
        return
    try:
        profile = load_profile(root, settings, common.target, common.profiles_dir)
    except SsgError as e:
        yield _failed("profile", e)
        return
    yield Check("profile", True, f"{profile.path} ({profile.why}): profile `{profile.name}`, target `{profile.target}`")
    yield from _connections(profile, root, connect=connect)


def _why(common: Common, root: Path) -> str:
    if common.project_dir is not None:
        return "--project-dir or SSG_PROJECT_DIR"
    return "this directory" if root == Path.cwd() else "the nearest directory above"


def _settings(root: Path, common: Common) -> tuple[Settings | None, Check]:
    try:
        settings, problems = read_settings(root, common.vars)
    except SsgError as e:
        return None, _failed("settings", e)
    if first := next((d for d in problems if d.is_error), None):
        return None, Check("settings", False, f"{first.at}: {first.message}", first.hint)
    unit = settings.privacy.unit or "none"
    return settings, Check(
        "settings", True, f"project `{settings.name}`, dialect {settings.dialect}, privacy unit {unit}"
    )


def _dotenv(root: Path) -> Check:
    there = (root / ".env").is_file()
    return Check(".env", None, f"{root / '.env'} ({'read, below the environment' if there else 'not there'})")


def _connections(profile: Profile, root: Path, *, connect: bool) -> Iterator[Check]:
    probes: dict[str, Callable[[Secret], str]] = {
        "source": _source_identity,
        "destination": partial(_destination_identity, root=root),
    }
    identities: dict[str, str] = {}
    for name, probe in probes.items():
        url: Secret | None = getattr(profile, name)
        if url is None:
            yield Check(name, None, "not set; `ssg run` needs none")
            continue
        what = f"{_kind(url)} {url}"
        if not connect:
            yield Check(name, None, f"{what}: not tried")
            continue
        try:
            identities[name] = probe(url)
        except SsgError as e:
            yield Check(name, False, f"{what}: {e.message}", e.hint)
        else:
            yield Check(name, True, f"{what}: reached")
    if profile.source is not None:
        same = same_place(profile.source.reveal(), profile.destination.reveal(), root)
        if len(identities) == len(probes):
            same |= len({_place(i) for i in identities.values()}) == 1
        text = "the destination is the source" if same else "source and destination are two databases"
        hint = "set SSG_DESTINATION_URL to a database that may be emptied" if same else None
        yield Check("apart", not same, text, hint)


def _source_identity(url: Secret) -> str:
    from ssgproj.source.connect import connect

    with connect(url.reveal()) as connection:
        connection.fetch("SELECT 1 AS one")
        return connection.identity()


def _destination_identity(url: Secret, root: Path) -> str:
    from ssgproj.targets import open_destination

    return open_destination(url.reveal(), root).identity()


def _kind(url: Secret) -> str:
    """The URL's scheme, which is no secret."""
    scheme, separator, _ = url.reveal().partition("://")
    scheme = scheme.partition("+")[0]
    return scheme if separator and scheme.isalnum() else "a database"


def _place(identity: str) -> str:
    """An identity without the word before it: a file is the same file whoever opens it."""
    return identity.partition(":")[2]


def _failed(name: str, error: SsgError) -> Check:
    if isinstance(error, ProjectError):
        with suppress(StopIteration):
            first = next(d for d in error.diagnostics if d.is_error)
            return Check(name, False, f"{first.at}: {first.message}", first.hint)
    return Check(name, False, error.message, error.hint)
