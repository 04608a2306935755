"""Talk, on standard error. Standard output is for data alone.

`say` is silent under `--quiet`; warnings and errors are not. Colour and live lines only where a person looks on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import click

from ssgproj.diagnostics import Diagnostic, sort_diagnostics

_COLORS = {"error": "red", "warning": "yellow", "hint": "cyan", "note": "blue"}


@dataclass(frozen=True, slots=True)
class _Talk:
    """How this command talks. `color` None: where a person looks on."""

    quiet: bool = False
    color: bool | None = None


_DEFAULT = _Talk()
_talk = ContextVar("talk", default=_DEFAULT)


def configure(*, quiet: bool = False, color: str | None = None) -> None:
    """Set how the rest of this command talks. `color` is `always`, `never`, `auto` or None: auto, unless NO_COLOR is set."""
    color = color or ("never" if os.environ.get("NO_COLOR") else "auto")
    _talk.set(_Talk(quiet, {"always": True, "never": False}.get(color)))


def is_quiet() -> bool:
    return _talk.get().quiet


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 table`, `1,000 tables`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def say(message: str = "") -> None:
    """Tell the user something they can do without."""
    if not is_quiet():
        _echo(message)


def note(message: str) -> None:
    """As `say`, marked as something to know."""
    if not is_quiet():
        _tagged("note", message)


def warn(message: str, hint: str | None = None) -> None:
    _tagged("warning", message)
    _hint(hint)


def error(message: str, hint: str | None = None) -> None:
    _tagged("error", message)
    _hint(hint)


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Every finding, in the order of files and lines."""
    for d in sort_diagnostics(diagnostics):
        label = click.style(f"{d.severity}[{d.code}]", fg=_COLORS[d.severity], bold=True)
        _echo(f"{label} {d.name}: {d.message}")
        _echo(f"  --> {d.at}")
        _hint(d.hint, indent="  ")


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """While a long job runs: on a terminal one live line, elsewhere nothing. Yields a function that changes its text."""
    talk = _talk.get()
    if talk.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True, no_color=talk.color is False).status(escape(text)) as status:
        yield lambda changed: status.update(escape(changed))


def _tagged(tag: str, message: str) -> None:
    _echo(f"{click.style(f'{tag}:', fg=_COLORS[tag], bold=True)} {message}")


def _hint(hint: str | None, indent: str = "") -> None:
    if hint:
        _echo(f"{indent}{click.style('hint:', fg=_COLORS['hint'], bold=True)} {hint}")


def _echo(text: str) -> None:
    click.echo(text, err=True, color=_talk.get().color)
