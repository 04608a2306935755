"""Measure: `python -m benchmarks`. See README.md here."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
import traceback
from pathlib import Path

from benchmarks import machine, page, readme, results
from benchmarks.context import Context
from benchmarks.measure import BenchmarkError
from benchmarks.postgres import server
from benchmarks.sections import SECTIONS, section
from benchmarks.sizes import SIZES

ROOT = Path(__file__).parents[1]


def main(arguments: list[str] | None = None) -> int:
    chosen = _options().parse_args(arguments)
    unknown = [name for name in chosen.only if name not in SECTIONS]
    if unknown:
        print(f"There is no section {', '.join(unknown)}. There are: {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    sizes = SIZES[chosen.size]
    if chosen.repeat:
        sizes = dataclasses.replace(sizes, repeat=chosen.repeat)
    names = [n for n in SECTIONS if not chosen.only or n in chosen.only]
    found, failed = [], False
    with tempfile.TemporaryDirectory(prefix="ssg-bench-") as name, server() as postgres:
        described = machine.describe(postgres.version() if postgres else None)
        context = Context(sizes, Path(name), ROOT / "target" / "benchmarks", postgres)
        for each in names:
            begun = time.perf_counter()
            context.say(f"{each} …")
            try:
                made = section(each)(context)
            except BenchmarkError as error:
                context.say(f"{each} failed: {error}")
                failed = True
                continue
            except Exception:  # hours of other sections are not lost to a mistake in one
                traceback.print_exc()
                failed = True
                continue
            made.seconds = time.perf_counter() - begun
            context.say(f"{each}: {made.seconds:.0f} s" + "".join(f"\n  skipped: {s}" for s in made.skipped))
            found.append(made)
            document = results.document(found, described, chosen.size, sizes.repeat)
            results.write(document, chosen.output / "results.json")
    if not found:
        return 1
    (chosen.output / "results.html").write_text(page.render(document), encoding="utf-8")
    print(readme.summary(document))
    context.say(f"Written: results.json and results.html in {chosen.output}")
    if chosen.save and not failed:
        results.write(document, results.LATEST)
        readme.fill(ROOT / "README.md", document)
        context.say("Saved: benchmarks/results/latest.json, and the block in README.md")
    return 1 if failed else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure ssg, in one run on this machine."
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", dest="size", action="store_const", const="quick", help="two minutes; figures are rough"
    )
    size.add_argument(
        "--full", dest="size", action="store_const", const="full", help="all sizes; half an hour to hours"
    )
    size.add_argument("--tiny", dest="size", action="store_const", const="tiny", help="whether it works at all")
    parser.set_defaults(size="default")
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[],
        metavar="SECTIONS",
        help=f"some of {','.join(SECTIONS)}",
    )
    parser.add_argument("--repeat", type=int, metavar="N", help="repetitions of each measurement")
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "target" / "benchmarks",
        metavar="DIRECTORY",
        help="default: target/benchmarks",
    )
    parser.add_argument(
        "--save", action="store_true", help="also write results/latest.json and the figures in README.md"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
