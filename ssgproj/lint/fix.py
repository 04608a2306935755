"""Applying sure fixes to files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ssgproj.lint.rule import Edit


def apply_edits(root: Path, edits: Iterable[Edit]) -> dict[str, int]:
    """Change the files; returns how many edits each got. Of edits that overlap the first is applied; run again for the rest."""
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    done: dict[str, int] = {}
    for path, of_file in by_path.items():
        file = root / path
        text = file.read_bytes().decode("utf-8")
        kept: list[Edit] = []
        for edit in sorted(of_file, key=lambda e: (e.start, e.end)):
            if not kept or edit.start >= kept[-1].end:
                kept.append(edit)
        for edit in reversed(kept):
            text = text[: edit.start] + edit.text + text[edit.end :]
        file.write_bytes(text.encode("utf-8"))
        done[path] = len(kept)
    return done
