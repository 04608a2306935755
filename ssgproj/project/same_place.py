"""Whether two connection URLs lead to the same database, told without connecting to either."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433, "oracle": 1521}
_FAMILIES = {"postgres": "postgresql", "mariadb": "mysql"}
_FILES = ("duckdb", "sqlite", "parquet")


def same_place(one: str, other: str, root: Path) -> bool:
    """Whether source and destination are one database, however their URLs are spelled: other user, host name for address, socket
    for loopback, symbolic or hard link to a file. Two schemas of one database are one place. Names of hosts are looked up only where
    everything else agrees."""
    try:
        first, second = urlsplit(one), urlsplit(other)
    except ValueError:  # not a URL, so it is no place either; whoever opens it will say so
        return False
    families = {_family(first), _family(second)}
    if len(families) > 1 and not families <= set(_FILES):
        return False
    if families <= set(_FILES):
        return bool(_file(first.path, root) & _file(second.path, root))
    (host, *rest), (other_host, *other_rest) = _server(first), _server(second)
    return rest == other_rest and (host == other_host or bool(_addresses(host) & _addresses(other_host)))


def _family(parts: SplitResult) -> str:
    family = parts.scheme.partition("+")[0].lower()
    return _FAMILIES.get(family, family)


def _server(parts: SplitResult) -> tuple[str, int, str]:
    """Host, port, database."""
    try:
        port = parts.port
    except ValueError:
        port = None
    query = dict(p.partition("=")[::2] for p in parts.query.split("&"))
    host = unquote(query.get("host") or parts.hostname or "localhost")
    port = port or int(query["port"] if query.get("port", "").isdigit() else _PORTS.get(_family(parts), 0))
    return (
        host,
        port,
        unquote(parts.path.lstrip("/")) or unquote(query.get("dbname", "")) or unquote(parts.username or ""),
    )


def _file(path: str, root: Path) -> frozenset[tuple[str, ...]]:
    name = unquote(path)[1:]
    if not name or name == ":memory:":
        return frozenset()
    file = root / name
    places = {("file", os.path.realpath(file))}
    if file.exists():
        status = file.stat()
        places.add(("inode", f"{status.st_dev}:{status.st_ino}"))
    return frozenset(places)


def _addresses(host: str) -> set[str]:
    if host.startswith(("/", "@")):
        return {"loopback"}
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError:
        found = {host.lower()}
    return {"loopback" if a.startswith("127.") or a == "::1" else a for a in found}
