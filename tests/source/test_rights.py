from __future__ import annotations

import psycopg
from sqlalchemy.engine import make_url

from ssgproj.source.connect import connect
from ssgproj.source.rights import excess_rights


def test_postgres(fresh_postgres: str) -> None:
    name = f"ssg_reader_{make_url(fresh_postgres).database}"
    with psycopg.connect(fresh_postgres, autocommit=True) as c:
        c.execute("CREATE TABLE t (a int)")
        c.execute(f"CREATE ROLE {name} LOGIN")
        c.execute(f"GRANT SELECT ON t TO {name}")
        url = make_url(fresh_postgres).set(username=name).render_as_string(hide_password=False)
        try:
            with connect(fresh_postgres) as owner:
                assert excess_rights(owner) == "is a superuser"
            with connect(url) as reader:
                assert excess_rights(reader) is None
            c.execute(f"GRANT DELETE ON t TO {name}")
            with connect(url) as writer:
                assert excess_rights(writer) == "may change tables"
        finally:
            c.execute(f"DROP OWNED BY {name}")
            c.execute(f"DROP ROLE {name}")


def test_mariadb(fresh_mariadb: str) -> None:
    with connect(fresh_mariadb) as root:
        assert excess_rights(root) == "may do more than read"
