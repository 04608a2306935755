"""target/run_results.json: what became of every node, for machines. Written also when a run fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ssgproj.errors import RunError, SsgError

if TYPE_CHECKING:
    from ssgproj.engine.run import NodeResult, Progress, RunResult
    from ssgproj.plan.plan import Plan

RUN_RESULTS_VERSION = 1


@dataclass(slots=True)
class Record:
    """What is known of a run while it goes on: `current` is the node being filled, None before the first and once all are."""

    current: str | None = None
    finished: list[NodeResult] = field(default_factory=list)

    def watching(self, progress: Progress) -> Progress:
        """The same callbacks, remembering what they hear."""
        from ssgproj.engine.run import Progress

        def started(node: str, rows: int) -> None:
            self.current = node
            progress.started(node, rows)

        def finished(result: NodeResult) -> None:
            self.current = None
            self.finished.append(result)
            progress.finished(result)

        return Progress(started, progress.loaded, finished, progress.constraining)


def done_document(plan: Plan, destination: str, result: RunResult) -> dict[str, Any]:
    """Of a run that did all it was asked to."""
    return {
        **_head(plan, destination, "done"),
        "passes": {"first": result.first_pass, "count": result.passes},
        "seconds": round(result.seconds, 3),
        "notes": list(result.notes),
        "nodes": [_node(n, "done") for n in result.nodes],
    }


def failed_document(plan: Plan, destination: str, record: Record, error: BaseException) -> dict[str, Any]:
    """Of a run that stopped. Nothing of it is in the destination, so what was finished is `undone`."""
    done = {n.node for n in record.finished}
    rest = [n for n in plan.order if n in plan.selected and n not in done and n != record.current]
    stopped = isinstance(error, KeyboardInterrupt)
    # Only what a node failed of: a message about the connection would carry the host into the artifact.
    return {
        **_head(plan, destination, "interrupted" if stopped else "failed"),
        "error": {"node": record.current, "message": _message(error, record.current is not None)},
        "nodes": [
            *(_node(n, "undone") for n in record.finished),
            *([{"id": record.current, "status": "interrupted" if stopped else "failed"}] if record.current else []),
            *({"id": n, "status": "skipped"} for n in rest),
        ],
    }


def _head(plan: Plan, destination: str, status: str) -> dict[str, Any]:
    from ssgproj import __version__

    return {
        "schema_version": RUN_RESULTS_VERSION,
        "ssg_version": __version__,
        "project": plan.name,
        "destination": destination,
        "seed": plan.seed,
        "status": status,
    }


def _message(error: BaseException, of_a_node: bool) -> str:
    if isinstance(error, RunError) or (of_a_node and isinstance(error, SsgError)):
        return error.message
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted"
    return "The run could not go on" if isinstance(error, SsgError) else "A bug in ssg; see crash.log"


def _node(node: NodeResult, status: str) -> dict[str, Any]:
    return {
        "id": node.node,
        "status": status,
        "rows": node.rows,
        "rows_asked": node.asked,
        "seconds": round(node.seconds, 3),
        "rows_per_second": round(node.rows / node.seconds) if node.seconds else None,
        "notes": list(node.notes),
        **({"tables": dict(node.tables)} if node.tables else {}),
    }
