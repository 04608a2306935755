"""What all commands share: help that ends in examples, and `--select a b` as dbt's users type it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

_LISTS = ("--select", "-s", "--exclude")


class Command(click.Command):
    """A command whose help ends in `examples`: pairs of what it does and the line to type."""

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(formatter, self.examples)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not any(isinstance(p, click.Argument) for p in self.params):
            args = list(_spread(args))
        return super().parse_args(ctx, args)


def write_examples(formatter: click.HelpFormatter, examples: Iterable[tuple[str, str]]) -> None:
    """The last section of a help text."""
    with formatter.section("Examples"):
        for what, line in examples:
            pad = " " * formatter.current_indent
            formatter.write(f"{pad}# {what}\n{pad}{line}\n")


def _spread(args: Iterable[str]) -> Iterable[str]:
    """`--select a b` as `--select a --select b`: a bare word after a list's first value belongs to the list."""
    option, has_value = None, False
    for arg in args:
        if arg in _LISTS:
            option, has_value = arg, False
        elif arg.startswith("-"):
            option = None
        elif option and has_value:
            yield option
        else:
            has_value = option is not None
        yield arg
