"""Strings and numbers that SmartNoise reads, but cannot hand on unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ssgproj.lint.allow.base import Cause, DpQuery
from ssgproj.project.smartnoise import tree

_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


def text_causes(dp: DpQuery) -> Iterator[Cause]:
    for node in dp.query.nodes():
        if isinstance(node, tree.Text):
            if "\\" in node.text:
                yield dp.cause("backslash", node)
            if _BIND.search(node.text):
                yield dp.cause("bind-parameter", node)
        elif (
            isinstance(node, tree.Number)
            and not node.is_int
            and not repr(node.value).strip("-").replace(".", "").isdigit()
        ):
            yield dp.cause("exponent", node)
