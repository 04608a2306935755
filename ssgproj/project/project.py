"""The parsed project: every file of it as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.project.model import Model, SchemaObjects

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat
    from ssgproj.project.story import Story
    from ssgproj.project.types import SqlType

DEFAULT_ROWS = 1000
DEFAULT_NULL_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Generation:
    """`generation:` — `now` is the project's idea of the present (UTC), so that no row depends on the clock."""

    seed: int = 0
    locale: str = "en"
    rows: int = DEFAULT_ROWS
    null_rate: float = DEFAULT_NULL_RATE
    now: datetime = datetime(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """`privacy:` — `unit` is `table.column`, whose privacy is protected; the budget is for the whole life of the project."""

    unit: str | None = None
    epsilon: float | None = None
    delta: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What `ssg_project.yml` says. `places` maps dotted keys (`privacy.budget.epsilon`) to where they stand."""

    name: str
    profile: str
    dialect: str = "duckdb"
    default_schema: str | None = None
    privacy: PrivacySettings = PrivacySettings()
    generation: Generation = Generation()
    vars: Mapping[str, Any] = field(default_factory=dict)
    story_args: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lint_ignore: tuple[str, ...] = ()
    requires_ssg: str | None = None
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Project:
    """All files of a project, parsed. `diagnostics` holds every problem found on the way; the rest is what could be read."""

    root: Path
    settings: Settings
    models: tuple[Model, ...]
    objects: SchemaObjects = SchemaObjects()
    stats: tuple[Stat, ...] = ()
    stories: tuple[Story, ...] = ()
    named_types: Mapping[str, SqlType] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
