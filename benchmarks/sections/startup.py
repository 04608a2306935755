"""How long each command takes to answer: its help, and on the example project those that need files alone, next to Python doing nothing."""

from __future__ import annotations

import statistics
import sys

from benchmarks import airbnb
from benchmarks.context import Context
from benchmarks.measure import BenchmarkError, command, in_turns
from benchmarks.results import Section

NOTHING = "python -c pass"
HELP_SECONDS = 0.3
NEEDS_NO_ARGUMENTS_TIMEOUT = 60.0


def measure(context: Context) -> Section:
    from ssgproj.cli.registry import COMMANDS, FILES

    section = Section("startup", "Start-up", "Whole commands, from the start of the process to its end.", "seconds")
    project = airbnb.write_project(context.workspace("startup") / "airbnb", {"users": 1000, "sessions": 1000})
    lines = {NOTHING: [sys.executable, "-c", "pass"], "ssg --help": airbnb.ssg("--help")}
    for name in COMMANDS:
        lines[f"ssg {name} --help"] = airbnb.ssg(name, "--help")
    for name, entry in COMMANDS.items():
        if entry.section == FILES:
            lines[f"ssg {name}, on the example"] = airbnb.ssg(name, "--project-dir", str(project))

    def once(arguments: list[str]) -> object:
        # 1 is an answer too: `ssg lint` says that there are findings.
        return command(arguments, codes=(0, 1), timeout=NEEDS_NO_ARGUMENTS_TIMEOUT)

    for label in list(lines):  # this also reads everything from the disk once
        try:
            once(lines[label])
        except BenchmarkError as error:
            section.skipped.append(f"{label}: {str(error).splitlines()[0]}")
            del lines[label]
    works = {label: lambda a=arguments: command(a, codes=(0, 1)) for label, arguments in lines.items()}  # type: ignore[misc]
    samples = in_turns(works, context.sizes.startup)
    for label, found in samples.items():
        section.add("start-up", label, None, found)
        if label != NOTHING:
            pairs = [(a.seconds, b.seconds) for a, b in zip(found, samples[NOTHING], strict=True)]
            section.compare(label, "seconds", label, NOTHING, pairs)
    median = statistics.median(s.seconds for s in samples["ssg --help"])
    section.aim("`ssg --help` answers within", HELP_SECONDS, round(median, 3), most=True, unit="s")
    return section
