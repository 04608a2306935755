"""Options that mean the same on every command, with dbt's spellings.

They may stand before the command or after it; after it wins. `common_options` hands the command one `Common`, from which it gets
the project; `select_options` adds `select` and `exclude`, `output_option` adds `output`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from ssgproj.cli import console
from ssgproj.errors import ProjectError, SsgError

if TYPE_CHECKING:
    from ssgproj.project.profiles import Profile
    from ssgproj.project.project import Project

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Common:
    """What the common options say. Nothing is read from disk until a method is called."""

    project_dir: Path | None = None
    profiles_dir: Path | None = None
    target: str | None = None
    vars: Mapping[str, Any] = field(default_factory=dict)

    def root(self) -> Path:
        """The project's directory: `--project-dir`, or the nearest directory upwards that has an `ssg_project.yml`."""
        from ssgproj.project.discovery import find_project

        return find_project(self.project_dir)

    def project(self) -> Project:
        """The parsed project, with `--vars` laid over its own. Warnings are shown; errors raise ProjectError."""
        from ssgproj.project.parse import parse_project

        project = parse_project(self.root(), vars=self.vars)
        if any(d.is_error for d in project.diagnostics):
            raise ProjectError(project.diagnostics)
        console.show_diagnostics(project.diagnostics)
        return project

    def profile(self, project: Project) -> Profile:
        """The connections of `--target`, or of the profile's default target."""
        from ssgproj.project.profiles import load_profile

        return load_profile(project.root, project.settings, self.target, self.profiles_dir)


_COMMON = (
    click.Option(
        ["--project-dir"],
        type=click.Path(path_type=Path),
        envvar="SSG_PROJECT_DIR",
        metavar="DIR",
        help="Where ssg_project.yml is. Default: here, or the nearest directory above.",
    ),
    click.Option(
        ["--profiles-dir"],
        type=click.Path(path_type=Path),
        envvar="SSG_PROFILES_DIR",
        metavar="DIR",
        help="Where profiles.yml is. Default: the project, then ~/.ssg.",
    ),
    click.Option(
        ["--target", "-t"],
        envvar="SSG_TARGET",
        metavar="NAME",
        help="Which of the profile's outputs to use.",
    ),
    click.Option(["--vars"], metavar="YAML", help="Override the project's vars: --vars '{sign_ups: 10}'."),
)
_TALK = (
    click.Option(["--quiet", "-q"], is_flag=True, help="Only data and errors."),
    click.Option(
        ["--color"],
        type=click.Choice(["auto", "always", "never"]),
        help="Colour messages. Default: auto, which also honours NO_COLOR.",
    ),
)


def talk_options(function: F) -> F:
    """--quiet and --color, for commands that have no project yet."""
    return _with_options(function, _TALK, common=False)


def common_options(function: F) -> F:
    """--project-dir --profiles-dir --target --vars --quiet --color; the command gets `common`."""
    return _with_options(function, (*_COMMON, *_TALK), common=True)


def select_options(function: F) -> F:
    """--select/-s and --exclude; the command gets two tuples of expressions."""
    select = click.option(
        "--select",
        "-s",
        multiple=True,
        metavar="NODES",
        shell_complete=_complete_nodes,
        help="Only these nodes: users, +users, users+, stat:*, tag:pii, path:models/shop. May be repeated.",
    )
    exclude = click.option(
        "--exclude", multiple=True, metavar="NODES", shell_complete=_complete_nodes, help="All but these nodes."
    )
    return select(exclude(function))


def _complete_nodes(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names for the shell, from the names of files: parsing them would keep the user waiting."""
    from ssgproj.project.discovery import find_project

    try:
        root = find_project(context.params.get("project_dir"))
    except SsgError:
        return []
    plus = "+" if incomplete.startswith("+") else ""
    names = [p.stem for p in root.glob("models/**/*.yml") if p.stem != "_schema"]
    names += [f"stat:{p.stem}" for p in root.glob("stats/**/*.sql")]
    return sorted(plus + n for n in names if (plus + n).startswith(incomplete))


def output_option(*formats: str) -> Callable[[F], F]:
    """--output, of which the first format is the default."""
    return click.option(
        "--output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="The form of standard output.",
    )


def _with_options(function: F, options: tuple[click.Option, ...], *, common: bool) -> F:
    names = [o.name for o in options if o.name]

    @functools.wraps(function)
    def command(*args: Any, **kwargs: Any) -> Any:
        context = click.get_current_context()
        given = {n: kwargs.pop(n) for n in names}
        before = context.find_root().obj or {}
        for name in names:
            if context.get_parameter_source(name) in (ParameterSource.DEFAULT, ParameterSource.ENVIRONMENT):
                given[name] = before.get(name) or given[name]
        console.configure(quiet=bool(given["quiet"]), color=given["color"])
        if not common:
            return function(*args, **kwargs)
        return function(
            *args,
            common=Common(
                project_dir=given["project_dir"],
                profiles_dir=given["profiles_dir"],
                target=given["target"],
                vars=_parse_vars(given["vars"]),
            ),
            **kwargs,
        )

    command.__click_params__ = [*reversed(options), *getattr(function, "__click_params__", [])]  # type: ignore[attr-defined]
    return command  # type: ignore[return-value]


def group_options(function: F) -> F:
    """The same options before the command: kept for it in the context."""
    options = (*_COMMON, *_TALK)

    @functools.wraps(function)
    def group(**kwargs: Any) -> Any:
        context = click.get_current_context()
        names = [o.name for o in options if o.name]
        context.obj = {
            n: v
            for n in names
            if (v := kwargs.pop(n)) is not None and context.get_parameter_source(n) is ParameterSource.COMMANDLINE
        }
        console.configure(quiet=bool(context.obj.get("quiet")), color=context.obj.get("color"))
        return function(**kwargs)

    group.__click_params__ = [*reversed(options), *getattr(function, "__click_params__", [])]  # type: ignore[attr-defined]
    return group  # type: ignore[return-value]


def _parse_vars(text: str | None) -> dict[str, Any]:
    """`--vars` is one YAML mapping, as in dbt."""
    if not text:
        return {}
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        value = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        value = None
    if not isinstance(value, dict) or not all(isinstance(k, str) for k in value):
        raise SsgError("`--vars` is not a YAML mapping", hint="--vars '{name: value}'")
    return value
