"""Pages that retell a session: files are written, commands are run, and what they say is put in the page's place.

`python -m tests.tutorial` makes docs/tutorial.md anew.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"
_BLOCK = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def retold(page: str, directory: Path) -> str:
    """The page with the output of its commands as they are when it is followed in an empty directory."""
    here, environment = directory, {k: v for k, v in os.environ.items() if not k.startswith("SSG_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    environment |= {"NO_COLOR": "1", "COLUMNS": "120"}
    made: list[str] = []
    end = 0
    for match in _BLOCK.finditer(page):
        made.append(page[end : match.start()])
        end = match.end()
        if match["file"]:
            path = here / match["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(match["text"], encoding="utf-8")
        if match["language"] != "console":
            made.append(match[0])
            continue
        lines = []
        for command in (line for line in match["text"].splitlines() if line.startswith("$ ")):
            words = shlex.split(command[2:])
            lines.append(command)
            if words[0] == "cd":
                here = here / words[1]
            elif words[0] == "export":
                name, _, value = words[1].partition("=")
                environment[name] = value
            else:
                done = subprocess.run(
                    words,
                    cwd=here,
                    env=environment,
                    text=True,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
                lines += done.stdout.rstrip("\n").splitlines()
                if done.returncode:
                    raise AssertionError(f"{command} gives {done.returncode}:\n{done.stdout}")
        made.append("```console\n" + "".join(line.rstrip() + "\n" for line in lines) + "```")
    return "".join([*made, page[end:]])


def without_times(text: str) -> str:
    """Text that is the same on every machine and every day: without seconds, rates, sizes, versions and noisy values."""
    text = re.sub(r"[\d,.]+ +(s|rows/s|ms|MB|kB)\b", r"# \1", text)
    text = re.sub(r"\b\d+\.\d+(\.\d+)?\b", "#", text)
    return re.sub(r"[ \t]+", " ", text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made_in:
        PAGE.write_text(retold(PAGE.read_text(encoding="utf-8"), Path(made_in)), encoding="utf-8")
