"""A whole project: everything that is wrong, at once, in order; nothing is run."""

from __future__ import annotations

import pickle
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ssgproj.errors import SsgError
from ssgproj.graph.resolve import resolve
from ssgproj.project.parse import parse_project
from tests.project.test_models import EVERYTHING
from tests.project.test_objects import TEXT as OBJECTS
from tests.project.test_profiles import TEXT as PROFILES
from tests.project.test_story import TEXT as STORY

STAT = """\
/* ssg:stat
epsilon: 0.5
delta: 1.0e-6
max_ids: 1
columns:
  id: {type: string, private_id: true}
  age: {type: float, lower: 0, upper: 100}
*/
WITH query_result AS (SELECT id, age FROM users)
SELECT AVG(age) AS mean FROM query_result
"""
FILES = {
    "ssg_project.yml": "name: shop\nsource: {dialect: postgres}\nprivacy: {unit: users.id, budget: {epsilon: 1, delta: 1e-5}}\nvars: {sign_ups: 3}\n",
    "profiles.yml": PROFILES,
    "models/_schema.yml": OBJECTS,
    "models/everything.yml": EVERYTHING,
    "models/users.yml": "table: users\ncolumns: {id: {type: integer, primary_key: true}, m: {type: mood}, n: {type: 'shop.moods'}}\n",
    "stats/age_stats.sql": STAT,
    "stories/a.py": STORY,
}


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_everything_is_there(tmp_path: Path) -> None:
    project = parse_project(write(tmp_path, FILES))
    assert [d for d in project.diagnostics if d.is_error] == []
    assert [str(m.table) for m in project.models] == ["shop.order_items", "users"]
    assert [s.name for s in project.stats] == ["age_stats"]
    assert [s.name for s in project.stories] == ["sign_ups", "plain", "counted"]
    assert project.models[1].column("m").type.labels == ("sad", "no", "")
    assert project.objects.extensions == ("citext",)
    assert pickle.loads(pickle.dumps(project)) == project


def test_all_mistakes_of_all_files_in_order(tmp_path: Path) -> None:
    files = {
        **FILES,
        "ssg_project.yml": FILES["ssg_project.yml"] + "nam: x\n",
        "models/users.yml": "table: users\ncolums: {}\nrows: -1\n",
        "models/a.yml": "table: [\n",
        "models/b.yml": "\ttable: x\n",
        "stories/b.py": "def (",
    }
    found = parse_project(write(tmp_path, files)).diagnostics
    assert [(d.at.path, d.at.line, d.code) for d in found if d.is_error] == [
        ("models/a.yml", 2, "PJ001"),
        ("models/b.yml", 1, "PJ001"),
        ("models/users.yml", 1, "MD003"),
        ("models/users.yml", 2, "MD001"),
        ("models/users.yml", 3, "MD004"),
        ("ssg_project.yml", 5, "PJ003"),
        ("stories/b.py", 1, "SY101"),
    ]


def test_variables_are_overridden(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    assert parse_project(root, {"sign_ups": 9}).settings.vars == {"sign_ups": 9}
    with pytest.raises(SsgError):
        parse_project(root, {"nope": 9})


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(SsgError):
        parse_project(tmp_path)


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    files = {
        "ssg_project.yml": "name: x\n",
        "models/a.yml": "table: a\ncolumns: {id: {type: integer, generate: uuid}}\nchecks: ['id > 3']\n",
    }
    code = (
        "import sys\nfrom pathlib import Path\nfrom ssgproj.project.parse import parse_project\nfrom ssgproj.graph.resolve import resolve\n"
        "graph = resolve(parse_project(Path(sys.argv[1])))\nassert not graph.project.diagnostics\n"
        "print([m for m in ('numpy', 'pyarrow', 'duckdb', 'sqlalchemy', 'mimesis', 'pandas', 'ruamel.yaml', 'snsql') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(write(tmp_path, files))], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


SCRAPS = [
    ": ", "- ", "{", "}", "[", "]", ",", "'", '"', "\n", "\n  ", "\t", "&a ", "*a", "!x ", "|", ">", "#", " ", "null", "~", "1", "-1", "9" * 30, ".inf",
    "stat.x", "var.", "column.", "\\", "%", "@", "é", "\x00", "\ufeff", "<<: ", "? ", "---\n", "...", "true", "a.b.c.d", '"a"."b"', "id", "users",
]  # fmt: skip


def mutated(text: str, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        words = list(re.finditer(r"[\w.]+", text))
        way = chance.random()
        if way < 0.35 or not words:
            text = text[:at] + chance.choice(SCRAPS) + text[at:]
        elif way < 0.65:
            text = text[:at] + text[at + chance.randint(1, 12) :]
        else:
            word = chance.choice(words)
            text = text[: word.start()] + chance.choice(SCRAPS) + text[word.end() :]
    content = text.encode()
    return content if chance.random() > 0.1 else content[:at] + bytes([chance.randrange(256)]) + content[at:]


def test_no_change_of_a_file_makes_it_raise(tmp_path: Path) -> None:
    chance = random.Random(20250101)
    root = write(tmp_path, FILES)
    for number in range(150):
        name = chance.choice(sorted(FILES))
        (root / name).write_bytes(mutated(FILES[name], chance))
        graph = resolve(parse_project(root))
        assert sorted(graph.order) == sorted(graph.nodes), number
        for found in (*graph.diagnostics, *graph.project.diagnostics):
            assert found.at.path and found.at.line >= 1 and found.at.column >= 1
            assert found.message and not found.message.endswith("."), found.message
        (root / name).write_text(FILES[name], encoding="utf-8")
