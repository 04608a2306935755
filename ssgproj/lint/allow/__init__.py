"""The allow-list of SmartNoise's half: which queries it answers rightly. `causes` says what stands in the way of each other one.

Nothing here lists what is bad. Every clause has the forms it may take; what has none of them becomes a `Cause`, whose kind a rule
explains.
"""

from __future__ import annotations

from ssgproj.lint.allow.causes import Cause, DpQuery, causes

__all__ = ["Cause", "DpQuery", "causes"]
