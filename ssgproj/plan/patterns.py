"""LIKE, GLOB, SIMILAR TO and the regular expressions of databases, as regular expressions of Python."""

from __future__ import annotations

import re

from sqlglot import exp

from ssgproj.plan.trees import bare, text_of

_POSIX = {
    "[:alpha:]": "A-Za-z", "[:digit:]": "0-9", "[:alnum:]": "A-Za-z0-9", "[:upper:]": "A-Z", "[:lower:]": "a-z",
    "[:space:]": " ", "[:punct:]": "!-/", "[:xdigit:]": "0-9A-Fa-f", "[:word:]": "A-Za-z0-9_",
}  # fmt: skip


def pattern_of(tree: exp.Expr) -> str | None:
    """The regular expression that a condition asks its column to match; None if it asks for something else."""
    if not isinstance(tree, exp.RegexpLike | exp.RegexpILike | exp.Like | exp.ILike | exp.SimilarTo | exp.Glob):
        return None
    if not isinstance(bare(tree.this), exp.Column):
        return None
    text = text_of(tree.expression)
    if text is None:
        return None
    if isinstance(tree, exp.RegexpLike):
        return _python_regex(text)
    if isinstance(tree, exp.RegexpILike):
        return _python_regex(text)
    if isinstance(tree, exp.SimilarTo):
        return similar_to_regex(text)
    if isinstance(tree, exp.Glob):
        return _glob(text)
    escaped = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in text)
    return f"^{escaped}$"


def _glob(text: str) -> str:
    """A GLOB pattern as a regular expression: `*` and `?` are wild outside of brackets."""
    parts = re.findall(r"\[\^?\]?[^\]]*\]|.", text, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    return "^" + "".join(wild.get(p, p if len(p) > 1 else re.escape(p)) for p in parts) + "$"


def similar_to_regex(text: str) -> str:
    """A SIMILAR TO pattern as a regular expression: `%` and `_` are wild outside of brackets, the backslash escapes."""
    parts = re.findall(r"\\.|\[[^\]]*\]|.", text, re.DOTALL)
    wild = {"%": ".*", "_": ".", ".": r"\.", "^": r"\^", "$": r"\$"}
    return "^(?:" + "".join(wild.get(p, p) for p in parts) + ")$"


def _python_regex(text: str) -> str:
    for posix, python in _POSIX.items():
        text = text.replace(posix, python)
    return text.replace(r"\m", r"\b").replace(r"\M", r"\b").replace(r"\A", "^").replace(r"\Z", "$")
