"""The options of `ssg run` that spread the work: over a cluster (`--engine`), or over runs that any scheduler starts (`--shard`)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ssgproj.errors import SsgError

if TYPE_CHECKING:
    from ssgproj.engine.results import Progress, RunResult
    from ssgproj.engine.shards import ShardResult
    from ssgproj.plan.plan import Plan
    from ssgproj.targets.base import Destination

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Spread:
    """What the options say. Raises SsgError for those that exclude each other."""

    engine: str
    address: str | None
    resume: bool
    shard: str | None

    def __post_init__(self) -> None:
        if self.shard is not None and (self.engine != "local" or self.resume or self.address):
            raise SsgError("--shard needs no engine, and goes on with what is there by itself", "ssg run --shard 0/8")
        if self.engine == "local" and (self.address or self.resume):
            option = "--engine-address" if self.address else "--resume"
            raise SsgError(f"{option} is for an engine", f"ssg run --engine dask {option}")

    @property
    def one_of_many(self) -> bool:
        """Whether this is one shard, of which others may be running: it leaves the project's files alone."""
        return self.shard is not None and self.shard != "finish"

    def run(
        self,
        plan: Plan,
        destination: Destination,
        *,
        passes: int,
        workers: int,
        full_refresh: bool,
        progress: Progress,
        only: int | None,
    ) -> RunResult | ShardResult:
        """Carry out the plan as asked for. Raises RunError."""
        if only is not None and (self.shard is not None or self.engine != "local"):
            raise SsgError("--only is for a run by itself", "leave out --engine and --shard")
        if self.shard is not None:
            from ssgproj.engine.shards import finish_shards, parse_shard, run_shard

            shard = parse_shard(self.shard)
            if shard is None:
                return finish_shards(plan, destination, progress=progress)
            return run_shard(plan, destination, shard, passes=passes, full_refresh=full_refresh, progress=progress)
        if self.engine == "dask":
            from ssgproj.engine.distributed import run_distributed

            return run_distributed(
                plan, destination, passes=passes, workers=workers, address=self.address, full_refresh=full_refresh,
                resume=self.resume, progress=progress,
            )  # fmt: skip
        from ssgproj.engine.run import run_plan

        return run_plan(
            plan, destination, passes=passes, workers=workers, full_refresh=full_refresh, progress=progress, only=only
        )


_OPTIONS = (
    click.Option(
        ["--engine"],
        type=click.Choice(["local", "dask"]),
        default="local",
        show_default=True,
        help="Where rows are made: here, or on a Dask cluster.",
    ),
    click.Option(
        ["--engine-address"],
        metavar="URL",
        envvar="SSG_ENGINE_ADDRESS",
        help="The cluster's scheduler: tcp://HOST:8786. Default: a cluster of --workers processes here.",
    ),
    click.Option(["--resume"], is_flag=True, help="With --engine: go on with what a run that was ended has made."),
    click.Option(
        ["--shard"],
        metavar="I/N",
        help="Make one of N shares, 0/N to N-1/N, to be published by `--shard finish`.",
    ),
)


def spread_options(function: F) -> F:
    """--engine --engine-address --resume --shard; the command gets `spread`."""

    @functools.wraps(function)
    def command(
        *args: Any, engine: str, engine_address: str | None, resume: bool, shard: str | None, **kwargs: Any
    ) -> Any:
        address = engine_address
        if address and engine == "local":
            context = click.get_current_context()
            given = context.get_parameter_source("engine_address") is click.core.ParameterSource.COMMANDLINE
            address = address if given else None  # the variable speaks only to those who ask for an engine
        return function(*args, spread=Spread(engine, address, resume, shard), **kwargs)

    command.__click_params__ = [*reversed(_OPTIONS), *getattr(function, "__click_params__", [])]  # type: ignore[attr-defined]
    return command  # type: ignore[return-value]
