"""The files of `templates/`, wherever ssg is installed, and Jinja set up to render them.

The `airbnb` template is the example project itself, so that there is one copy of it; only the files that carry the project's name are
rendered over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ssgproj.errors import SsgError

if TYPE_CHECKING:
    from jinja2 import Environment

PROJECT_TEMPLATES = ("minimal", "airbnb")

_PACKAGE = Path(__file__).parent
_SUFFIX = ".j2"
_NOT_COPIED = {"target", ".ssg", ".env", "__pycache__", ".git"}
_NOT_COPIED_SUFFIXES = {".duckdb", ".wal", ".pyc"}
_SQLFLUFF = {"mysql": "mariadb"}


def data_directory(name: str) -> Path:
    """`templates` or `example_project`: inside the package in an installed wheel, beside it in a checkout."""
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise SsgError(f"This installation of ssg lacks its `{name}`", hint="pip install --force-reinstall ssgproj")


@cache
def environment() -> Environment:
    """Jinja for text files. Its brackets are square, since `{{ env_var(...) }}` is meant to stay in profiles."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=FileSystemLoader(data_directory("templates")),
        autoescape=False,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )


def project_files(template: str | None, name: str, dialect: str = "duckdb") -> dict[str, bytes]:
    """The files of a new project called `name`, by their path in it. Without a template: all but the models."""
    sources: dict[str, Path] = {}
    if template == "airbnb":
        sources.update(_files(data_directory("example_project")))
    for layer in ("common", *([template] if template else [])):
        sources.update(_files(data_directory("templates") / layer))
    values = {
        "name": name,
        "dialect": dialect,
        "sqlfluff_dialect": _SQLFLUFF.get(dialect, dialect),
        "source_default": "duckdb:///source.duckdb" if template == "airbnb" else "",
    }
    return {path: _content(source, values) for path, source in sorted(sources.items())}


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    if not directory.is_dir():
        return
    for path in sorted(directory.rglob("*")):
        relative = path.relative_to(directory)
        if path.is_file() and not _NOT_COPIED & set(relative.parts) and path.suffix not in _NOT_COPIED_SUFFIXES:
            yield relative.as_posix().removesuffix(_SUFFIX), path


def _content(source: Path, values: Mapping[str, str]) -> bytes:
    if source.suffix != _SUFFIX:
        return source.read_bytes()
    template = source.relative_to(data_directory("templates")).as_posix()
    return environment().get_template(template).render(values).encode()
