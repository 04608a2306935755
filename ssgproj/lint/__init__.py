"""CHECK: the project's files against the rules, without any connection.

`ssgproj.lint.linter.lint(graph)` gives the findings; `ssgproj.lint.registry` lists the rules; each rule is one file of `rules/`. The
package itself can be called in that function's place, so that `from ssgproj import lint` is the function of the Python API whatever was
imported before.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssgproj.diagnostics import Diagnostic
    from ssgproj.lint.linter import HasProject


class _Package(ModuleType):
    def __call__(self, graph: HasProject) -> list[Diagnostic]:
        from ssgproj.lint.linter import lint

        return lint(graph)


sys.modules[__name__].__class__ = _Package
