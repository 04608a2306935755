"""Why a database did not let anyone in, in words of our own: a driver's text may hold the password or the address."""

from __future__ import annotations

import re
from typing import Any

_CODES = {
    "28P01": "the user or the password is wrong",
    "28000": "the server does not let this user in",
    "3D000": "there is no such database",
    "42501": "this user may not connect to the database",
    "53300": "the server has no connection left",
    "57P03": "the server is starting or stopping",
    "SQLITE_NOTADB": "the file is not a SQLite database",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    1044: "this user may not use the database",
    1045: "the user or the password is wrong",
    1049: "there is no such database",
    1130: "the server does not let this host in",
    1698: "the user or the password is wrong",
    2002: "nothing answers there",
}
_TEXTS = (
    (r"password authentication failed|no password supplied|role .* does not exist", "the user or the password is wrong"),
    (r"database .* does not exist", "there is no such database"),
    (r"pg_hba\.conf", "the server does not let this user in from here"),
    (r"could not translate host name|name or service not known|failed to resolve|nodename nor servname|getaddrinfo", "there is no such host"),
    (r"connection refused|no such file or directory", "nothing answers there"),
    (r"timed? ?out|timeout expired", "nothing answered in time"),
    (r"network is unreachable|no route to host", "there is no way to that host"),
    (r"invalid (?:integer value|port number)|port number", "the port is not a number from 1 to 65535"),
    (r"invalid (?:uri|connection option|percent-encoded)|missing .* in connection info|end of string reached", "the URL cannot be read"),
    (r"\bssl\b", "the two sides do not agree on SSL"),
    (r"too many (?:clients|connections)|connection slots", "the server has no connection left"),
    (r"conflicting lock|could not set lock|different configuration", "another connection has the file open"),
    (r"not a valid duckdb database", "the file is not a DuckDB database"),
    (r"permission denied", "permission denied"),
)  # fmt: skip
_KNOWN = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in _TEXTS)


def why_refused(error: BaseException) -> str:
    """The reason in a few words; where it is not a known one, the class of the error and its code. None of the driver's own text."""
    origin: Any = getattr(error, "orig", None) or error
    number = origin.args[0] if origin.args and isinstance(origin.args[0], int) else None
    code = getattr(origin, "sqlstate", None) or getattr(origin, "sqlite_errorname", None) or number
    if code in _CODES:
        return _CODES[code]
    text = str(origin)
    for pattern, words in _KNOWN:
        if pattern.search(text):
            return words
    return f"`{type(origin).__name__}`, {code}" if code else f"`{type(origin).__name__}`"
