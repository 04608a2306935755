from __future__ import annotations

import pytest

from ssgproj.privacy.people import people_query
from ssgproj.project.stat import parse_stat
from tests.privacy.test_lineage import MODELS


@pytest.mark.parametrize(
    ("sql", "counted"),
    [
        ("SELECT COUNT(*) AS n FROM users", 'users."id"'),
        ("SELECT place, COUNT(*) AS n FROM visits AS v GROUP BY place", 'v."user_id"'),
        ('SELECT COUNT(*) AS n FROM shop."Orders" AS o', 'o."userId"'),
        ('WITH d AS (SELECT "userId" FROM shop."Orders") SELECT COUNT(*) AS n FROM d', 'd."userId"'),
    ],
)
def test_the_person_is_counted_as_the_model_writes_it(sql: str, counted: str) -> None:
    """Not another person that a row refers to, such as `users.boss`."""
    stat, _ = parse_stat(f"/* ssg:stat\nprivacy: none\nreason: x\n*/\n{sql}\n", "stats/a.sql", "postgres")
    assert f"COUNT(DISTINCT {counted}) AS ssg_people" in people_query(stat, "users.id", MODELS)
