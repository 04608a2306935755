"""`--select` and `--exclude` of unit tests: `age_stats`, `stat:age_*`, `test:jokes_are_left_out`, `tag:ages`, `tests/age_stats.yml`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from ssgproj.errors import SsgError
from ssgproj.project.project import Project
from ssgproj.project.suggest import suggestion
from ssgproj.project.unit_test import UnitTest


def select_tests(
    project: Project, tests: Sequence[UnitTest], select: Sequence[str] = (), exclude: Sequence[str] = ()
) -> list[UnitTest]:
    """The tests that are meant; all of them if nothing is selected. Raises SsgError for a word that matches nothing."""
    wanted = _chosen(project, tests, select) if any(s.strip() for s in select) else list(tests)
    unwanted = _chosen(project, tests, exclude)
    return [t for t in tests if t in wanted and t not in unwanted]


def _chosen(project: Project, tests: Sequence[UnitTest], expressions: Sequence[str]) -> list[UnitTest]:
    found: list[UnitTest] = []
    for word in (w for text in expressions for w in text.split()):
        parts = [_matching(project, tests, part) for part in word.split(",")]
        found += [t for t in parts[0] if all(t in p for p in parts[1:])]
    return found


def _matching(project: Project, tests: Sequence[UnitTest], word: str) -> list[UnitTest]:
    tags = {s.name: s.tags for s in project.stats}
    methods: dict[str, Callable[[UnitTest, str], bool]] = {
        "stat": lambda t, value: fnmatchcase(t.stat, value),
        "test": lambda t, value: fnmatchcase(t.name, value),
        "tag": lambda t, value: any(fnmatchcase(tag, value) for tag in tags.get(t.stat, ())),
        "path": lambda t, value: (
            t.path == value.rstrip("/") or t.path.startswith(value.rstrip("/") + "/") or fnmatchcase(t.path, value)
        ),
    }
    method, colon, value = word.partition(":")
    if colon:
        if method not in methods:
            raise SsgError(f"No method `{method}` in `{word}`", suggestion(method, methods))
        found = [t for t in tests if methods[method](t, value)]
    elif "/" in word or word.endswith((".yml", ".yaml")):
        found = [t for t in tests if methods["path"](t, word.removeprefix("./"))]
    else:
        name = word.removeprefix("stat.")
        found = [t for t in tests if fnmatchcase(t.stat, name)] or [t for t in tests if fnmatchcase(t.name, name)]
    if not found:
        names = {*(t.stat for t in tests), *(f"test:{t.name}" for t in tests)}
        raise SsgError(f"`{word}` matches no unit test", suggestion(word, names) if names else "write tests/STAT.yml")
    return found
