"""`ssg debug`: what would be used, and does it work."""

from __future__ import annotations

import click

from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, output_option
from ssgproj.errors import ExitCode

_MARKS = {True: ("ok", "green"), False: ("FAILED", "red"), None: ("-", None)}


@click.command(
    cls=Command,
    examples=(
        ("Files, profile and connections of this project", "ssg debug"),
        ("The same without opening a database", "ssg debug --no-connect"),
        ("The connections of another target", "ssg debug --target secure"),
        ("For a script", "ssg debug --output json"),
    ),
)
@click.option("--connect/--no-connect", default=True, help="Open source and destination, to see that they answer.")
@output_option("text", "json")
@common_options
def command(common: Common, connect: bool, output: str) -> ExitCode:
    """Check versions, files, profile and connections.

    Shows which files are used and why, and the profile with its secrets as *****. Connecting reads nothing but the identity of the
    database and writes nothing. Ends with 1 if a check fails.
    """
    from ssgproj.cli.crash import versions
    from ssgproj.cli.debug_checks import run_checks

    found = versions()
    checks = list(run_checks(common, connect=connect))
    if output == "json":
        import json
        from dataclasses import asdict

        click.echo(json.dumps({"versions": found, "checks": [asdict(c) for c in checks]}, indent=2))
    else:
        click.echo("Versions")
        for name, version in found.items():
            click.echo(f"  {name:<15} {version}")
        click.echo("\nChecks")
        for check in checks:
            mark, color = _MARKS[check.ok]
            click.echo(f"  {check.name:<12} {click.style(f'{mark:<7}', fg=color)} {check.text}")
            if check.hint:
                click.echo(f"  {'':<12} {'':<7} hint: {check.hint}")
    return ExitCode.NO if any(c.ok is False for c in checks) else ExitCode.DONE
