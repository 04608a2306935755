"""A SqlSynthGen project on the example's schema, and its commands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Sample, command

HERE = Path(__file__).parent
_KEPT_BY_DEFAULTS = "id"
"""The string key, for which SqlSynthGen has no default; without it no row can be made."""


@dataclass(frozen=True, slots=True)
class Predecessor:
    """One project: its directory, the command, and the source whose schema it reads."""

    program: Path
    directory: Path
    source_url: str

    def _command(self, name: str, destination: str, *, with_config: bool = True) -> Sample:
        arguments = [str(self.program), name, *(["--config-file", "config.yaml"] if with_config else [])]
        environment = {"SRC_DSN": self.source_url, "DST_DSN": destination, "PYTHONPATH": os.curdir}
        return command(arguments, cwd=self.directory, environment=environment)

    def prepare(self, destination: str | None, like: Predecessor | None = None) -> dict[str, Sample]:
        """What comes before the rows: the commands by name, each once. With `like`, what another project has of them is taken from there."""
        done = {}
        if like is None:
            done["make-tables"] = self._command("make-tables", self.source_url)
        else:
            shutil.copy(like.directory / "orm.py", self.directory)
        done["make-generators"] = self._command("make-generators", self.source_url)
        if destination is not None:
            done["create-tables"] = self._command("create-tables", destination)
            done["create-vocab"] = self._command("create-vocab", destination, with_config=False)
        return done

    def create_data(self, destination: str) -> Sample:
        """The rows, into tables that are there and empty."""
        return self._command("create-data", destination)


def write_predecessor(
    program: Path,
    directory: Path,
    source_url: str,
    rows: Mapping[str, int],
    *,
    defaults: bool = False,
    stories: int = 0,
) -> Predecessor:
    """The same as `airbnb.write_project`, for SqlSynthGen."""
    from ruamel.yaml import YAML

    directory.mkdir(parents=True)
    for name in ("row_generators.py", "story_generators.py"):
        shutil.copy(HERE / name, directory)
    yaml = YAML()
    config = yaml.load(HERE / "config.yaml")
    for table in ("users", "sessions"):
        settings = config["tables"][table]
        settings["num_rows_per_pass"] = 0 if stories else rows[table]
        if defaults:
            kept = [g for g in settings["row_generators"] if g["columns_assigned"] == _KEPT_BY_DEFAULTS]
            settings["row_generators"] = kept
            if not kept:
                del settings["row_generators"]
    if stories:
        config["story_generators_module"] = "story_generators"
        config["story_generators"] = [{"name": "story_generators.sign_ups", "num_stories_per_pass": stories}]
    yaml.dump(config, directory / "config.yaml")
    return Predecessor(program, directory, source_url)
