"""Talk, on standard error. Standard output is for data alone.

`say` is silent under `--quiet`; warnings and errors are not. Colour and live lines only where a person looks on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click

from ssgproj.diagnostics import Diagnostic, sort_diagnostics

_QUIET = "ssgproj.quiet"
_COLORS = {"error": "red", "warning": "yellow", "hint": "cyan", "note": "blue"}


def configure(context: click.Context, *, quiet: bool, color: str | None) -> None:
    """Set how the rest of this command talks."""
    root = context.find_root()
    root.meta[_QUIET] = quiet
    color = color or ("never" if os.environ.get("NO_COLOR") else "auto")
    root.color = context.color = {"always": True, "never": False}.get(color)


def is_quiet() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().meta.get(_QUIET))


def say(message: str = "") -> None:
    """Tell the user something they can do without."""
    if not is_quiet():
        click.echo(message, err=True)


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
        click.echo(f"{label} {d.name}: {d.message}", err=True)
        click.echo(f"  --> {d.at}", err=True)
        _hint(d.hint, indent="  ")


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """While a long job runs: on a terminal one live line, elsewhere nothing. Yields a function that changes its text."""
    if is_quiet() or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR"))).status(escape(text)) as status:
        yield lambda changed: status.update(escape(changed))


def _tagged(tag: str, message: str) -> None:
    click.echo(f"{click.style(f'{tag}:', fg=_COLORS[tag], bold=True)} {message}", err=True)


def _hint(hint: str | None, indent: str = "") -> None:
    if hint:
        click.echo(f"{indent}{click.style('hint:', fg=_COLORS['hint'], bold=True)} {hint}", err=True)
