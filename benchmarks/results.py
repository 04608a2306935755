"""What a run of the benchmarks found, as values and as JSON. `results/schema.json` is the shape of the file."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import Sample

HERE = Path(__file__).parent
LATEST = HERE / "results" / "latest.json"
SCHEMA = HERE / "results" / "schema.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Measure:
    """One subject at one case. `rows` is None for work that makes none; `unit` says what `rows` are."""

    case: str
    subject: str
    rows: int | None
    seconds: tuple[float, ...]
    median_seconds: float
    per_second: float | None
    cpu_seconds: float | None = None
    peak_mb: float | None = None
    unit: str = "rows"


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times `over` is `under`, in `what` (`rows a second`, `seconds`, `peak memory`): median, least and greatest of the pairs."""

    case: str
    what: str
    over: str
    under: str
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Target:
    """What was aimed at, and what was found. `met` is None where the sizes of this run cannot tell."""

    goal: str
    wanted: float
    found: float | None
    met: bool | None
    unit: str = ""


@dataclass(slots=True)
class Section:
    """All that one section measured. `chart` is how the page draws it: `rate`, `seconds` or `growth`."""

    name: str
    title: str
    about: str
    chart: str
    measures: list[Measure] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(
        self,
        case: str,
        subject: str,
        rows: int | None,
        samples: Sequence[Sample],
        *,
        inner: bool = False,
        unit: str = "rows",
    ) -> Measure:
        """Samples as a measure, which is returned too. With `inner` the seconds are those that the command itself reports."""
        seconds = [s.inner_seconds if inner and s.inner_seconds is not None else s.seconds for s in samples]
        median = statistics.median(seconds)
        measure = Measure(
            case,
            subject,
            rows,
            tuple(round(s, 4) for s in seconds),
            round(median, 4),
            _significant(rows / median) if rows is not None else None,
            _median([s.cpu_seconds for s in samples]),
            _median([s.peak_mb for s in samples]),
            unit,
        )
        self.measures.append(measure)
        return measure

    def compare(self, case: str, what: str, over: str, under: str, pairs: Sequence[tuple[float, float]]) -> Ratio:
        """The ratio of pairs that were measured one after the other."""
        found = [a / b for a, b in pairs]
        ratio = Ratio(
            case,
            what,
            over,
            under,
            _significant(statistics.median(found)),
            _significant(min(found)),
            _significant(max(found)),
        )
        self.ratios.append(ratio)
        return ratio

    def aim(
        self, goal: str, wanted: float, found: float | None, *, most: bool = False, unit: str = "", telling: bool = True
    ) -> None:
        """Hold what was found against a target: at least `wanted`, or with `most` at most. Unless `telling`, the size is too small to say."""
        met = None if found is None or not telling else (found <= wanted if most else found >= wanted)
        self.targets.append(Target(goal, wanted, found, met, unit))


def rates(over: Measure, under: Measure) -> list[tuple[float, float]]:
    """The rows a second of two measures, pair by pair."""
    assert over.rows is not None and under.rows is not None
    return [(over.rows / a, under.rows / b) for a, b in zip(over.seconds, under.seconds, strict=False)]


def _median(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return _significant(statistics.median(known)) if known else None


def _significant(value: float, digits: int = 4) -> float:
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() else rounded


def document(sections: Sequence[Section], machine: dict[str, Any], size: str, repeat: int) -> dict[str, Any]:
    """The whole of a run as JSON has it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "size": size,
        "repeat": repeat,
        "machine": machine,
        "sections": [asdict(s) | {"seconds": round(s.seconds, 1)} for s in sections],
    }


def write(found: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path = LATEST) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
