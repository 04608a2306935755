"""Finding the project: the nearest directory upwards that holds `ssg_project.yml`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ssgproj.errors import SsgError

PROJECT_FILE = "ssg_project.yml"
PROJECT_DIR_VARIABLE = "SSG_PROJECT_DIR"


def find_project(
    project_dir: Path | None = None, start: Path | None = None, environ: Mapping[str, str] | None = None
) -> Path:
    """The project's root, absolute. `project_dir` (`--project-dir`) wins, then SSG_PROJECT_DIR, then the parents of `start`.

    Raises SsgError that says where it looked.
    """
    environment = os.environ if environ is None else environ
    named = project_dir
    origin = "--project-dir"
    if named is None and environment.get(PROJECT_DIR_VARIABLE):
        named, origin = Path(environment[PROJECT_DIR_VARIABLE]), PROJECT_DIR_VARIABLE
    if named is not None:
        root = named.expanduser()
        if root.name == PROJECT_FILE and root.is_file():
            root = root.parent
        if not (root / PROJECT_FILE).is_file():
            raise SsgError(f"No `{PROJECT_FILE}` in `{named}`, which {origin} names", f"ssg init {named}")
        return root.resolve()
    here = (start or Path.cwd()).resolve()
    for directory in (here, *here.parents):
        if (directory / PROJECT_FILE).is_file():
            return directory
    raise SsgError(
        f"No `{PROJECT_FILE}` in `{here}` or any directory above it",
        "go to a project, name one with `--project-dir DIRECTORY`, or make one: ssg init DIRECTORY",
    )
