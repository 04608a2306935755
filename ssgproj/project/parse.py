"""All files of a project → `Project`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssgproj.diagnostics import sort_diagnostics
from ssgproj.project.generate_field import Generators
from ssgproj.project.models import ModelReader, read_models
from ssgproj.project.objects import read_objects
from ssgproj.project.profiles import check_profiles
from ssgproj.project.project import Project
from ssgproj.project.settings import read_settings
from ssgproj.project.stat import parse_stats
from ssgproj.project.story import parse_stories


def parse_project(root: Path, vars: Mapping[str, Any] | None = None, generators: Generators | None = None) -> Project:
    """Read every file under `root`. Nothing is executed and nothing is connected to.

    `vars` (`--vars`) override the project's variables; `generators` are the specs that `generate:` is checked against (default: all
    of ssg's). What is wrong in files is in `Project.diagnostics`; SsgError is raised only where there is no project, or a variable
    to override is not there.
    """
    settings, problems = read_settings(root, vars)
    objects, named, found = read_objects(root, settings.dialect)
    problems.extend(found)
    reader = ModelReader(
        named, settings.dialect, known_generators() if generators is None else generators, settings.vars
    )
    models, found = read_models(root, reader)
    problems.extend(found)
    stats, found = parse_stats(root, settings)
    problems.extend(found)
    stories, found = parse_stories(root)
    problems.extend(found)
    problems.extend(check_profiles(root))
    return Project(
        root=root,
        settings=settings,
        models=tuple(models),
        objects=objects,
        stats=stats,
        stories=stories,
        named_types=named,
        diagnostics=tuple(sort_diagnostics(problems)),
    )


def known_generators() -> Generators:
    """The specs of ssg's own generators by name."""
    from ssgproj.generators import GENERATORS

    return GENERATORS
