"""The one place where exceptions become exit codes, and where a bug is written down without the data it met."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ssgproj.cli import console
from ssgproj.errors import ExitCode, ProjectError, SsgError


def guard(call: Callable[[], Any], crash_dir: Callable[[], Path | None]) -> int:
    """Do `call` and return the exit code: its own, or the one of what it raised, which is then told on standard error."""
    console.configure()
    try:
        return _code(call())
    except ProjectError as e:
        console.show_diagnostics(e.diagnostics)
        console.error(e.message, e.hint)
        return e.exit_code
    except SsgError as e:
        console.error(e.message, e.hint)
        return e.exit_code
    except click.ClickException as e:
        _usage_error(e)
        return ExitCode.CANNOT
    except (click.Abort, KeyboardInterrupt):
        console.error("Interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except ModuleNotFoundError as e:
        return _missing(e, crash_dir)
    except OSError as e:
        if e.errno not in _OF_THE_PLACE:
            _crashed(e, crash_dir)
            return ExitCode.BUG
        console.error(_place_message(e), _look(e))
        return ExitCode.CANNOT
    except Exception as e:  # any other exception is a bug, and is reported as one
        _crashed(e, crash_dir)
        return ExitCode.BUG


_OF_THE_PLACE = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR,
    errno.ENAMETOOLONG,
}  # fmt: skip
"""Errors of the file system that are for the user to mend: no right, no space, a file where a directory is needed."""


def _place_message(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"No space left{f' for `{_shown(error.filename)}`' if error.filename else ''}"
    what = f"Cannot read or write `{_shown(error.filename)}`" if error.filename else "Cannot read or write a file"
    return f"{what}: {os.strerror(error.errno or 0)}"


def _look(error: OSError) -> str:
    """What to type to see what is in the way."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "df -h ."
    path = Path(os.fsdecode(error.filename)) if error.filename else Path()
    there = next((p for p in (path, *path.parents) if os.path.lexists(p)), Path())
    return f"ls -ld {shlex.quote(_shown(there))}"


def _shown(name: Any) -> str:
    path = os.path.relpath(os.fsdecode(name))
    return os.fsdecode(name) if path.startswith("..") else path


EXTRAS = {
    "psycopg": "postgres",
    "pgpq": "postgres",
    "pymysql": "mariadb",
    "snsql": "dp",
    "pandas": "dp",
    "opendp": "dp",
}
"""The optional libraries, each with the extra that installs it."""


def _missing(error: ModuleNotFoundError, crash_dir: Callable[[], Path | None]) -> int:
    """What comes with an extra is for the user to install; any other missing module is a bug."""
    name = (error.name or "").partition(".")[0]
    if name in EXTRAS:
        console.error(
            f"This needs the library `{name}`, which is not installed", f"pip install 'ssgproj[{EXTRAS[name]}]'"
        )
        return ExitCode.CANNOT
    _crashed(error, crash_dir)
    return ExitCode.BUG


def _code(result: Any) -> int:
    return result if isinstance(result, int) else ExitCode.DONE


def _usage_error(error: click.ClickException) -> None:
    """click's message in the form of all others, with the way to the help as the hint where it has no suggestion."""
    message = error.format_message().strip()
    hint = None
    context = error.ctx if isinstance(error, click.UsageError) else None
    possible = getattr(error, "possibilities", None)
    if possible:
        message = str(getattr(error, "message", message))
        hint = f"did you mean {' or '.join(f'`{p}`' for p in possible)}? See: {_help(context)}"
    elif context is not None:
        hint = _help(context)
    console.error(message.rstrip(".").replace("'", "`"), hint)


def _help(context: click.Context | None) -> str:
    return f"{context.command_path if context else 'ssg'} --help"


def _crashed(error: BaseException, crash_dir: Callable[[], Path | None]) -> None:
    from ssgproj.cli.crash import crash_report

    report = crash_report(error)
    try:
        directory = crash_dir()
        if directory is None:
            raise OSError
        directory.mkdir(exist_ok=True)
        path = directory / "crash.log"
        path.write_text(report, encoding="utf-8")
    except OSError:
        click.echo(report, err=True)
        console.error("This is a bug in ssg", "report it with the lines above, which hold no data")
        return
    shown = os.path.relpath(path)
    console.error("This is a bug in ssg", f"report it with {shown}, which holds no data: cat {shown}")
