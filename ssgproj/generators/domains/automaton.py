"""Regular expressions as automata: which strings match several patterns at once, and by which steps.

Python's own parser reads the pattern; its tree becomes a nondeterministic automaton with one edge per set of characters; the
automata of all patterns are run side by side (their intersection), less the strings that are excluded. Stars stay loops: only the
length of the string, bounded by the caller, makes the language finite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from ssgproj.errors import SsgError

PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))
READABLE = frozenset(ascii_lowercase + digits)
_WORD = frozenset(ascii_lowercase + ascii_uppercase + digits + "_")
_MAX_STATES = 20_000
_MAX_COPIES = 256
_WIDE_CLASS = 80
"""A set of so many characters stands for "anything": only its readable part is used."""


class UnsupportedPattern(SsgError):  # noqa: N818 - says what is wrong
    """The regular expression uses something of which strings cannot be counted, or is no regular expression."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(
            f"Cannot make texts that match `{pattern}`: {reason}",
            hint="Use literals, classes, groups, alternatives, repeats and anchors, such as `[A-Z]{2}-\\d{4}`",
        )
        self.pattern = pattern
        self.reason = reason


@dataclass(slots=True)
class _Nfa:
    """Edges by state: on characters, on nothing, and on nothing at one end of the string only."""

    edges: list[list[tuple[frozenset[str], int]]] = field(default_factory=list)
    empty: list[list[int]] = field(default_factory=list)
    at_start: list[list[int]] = field(default_factory=list)
    at_end: list[list[int]] = field(default_factory=list)
    start: int = 0
    final: int = 0

    def state(self) -> int:
        for table in (self.edges, self.empty, self.at_start, self.at_end):
            table.append([])
        return len(self.edges) - 1

    def closure(self, states: Iterable[int], *, start: bool, end: bool = False) -> frozenset[int]:
        seen, todo = set(states), list(states)
        while todo:
            state = todo.pop()
            following = [
                *self.empty[state],
                *(self.at_start[state] if start else ()),
                *(self.at_end[state] if end else ()),
            ]
            for target in following:
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        return frozenset(seen)


class _Builder:
    """One pattern's tree into an automaton."""

    def __init__(self, pattern: str, universe: frozenset[str], padding: frozenset[str]) -> None:
        self.pattern, self.universe, self.padding = pattern, universe, padding
        self.nfa = _Nfa()

    def build(self, tree: Any, flags: int, search: bool) -> _Nfa:
        start, final = self.nfa.state(), self.nfa.state()
        self.nfa.start, self.nfa.final = start, final
        self.sequence(tree, start, final, flags)
        if search:
            self.nfa.edges[start].append((self.padding, start))
            self.nfa.edges[final].append((self.padding, final))
        return self.nfa

    def sequence(self, items: Iterable[Any], start: int, final: int, flags: int) -> None:
        current = start
        for operation, argument in items:
            following = self.nfa.state()
            if following > _MAX_STATES:
                raise UnsupportedPattern(self.pattern, "it is too large")
            self.one(operation, argument, current, following, flags)
            current = following
        self.nfa.empty[current].append(final)

    def one(self, operation: Any, argument: Any, start: int, final: int, flags: int) -> None:
        if operation in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN):
            self.nfa.edges[start].append((characters(operation, argument, self.universe, flags), final))
        elif operation is c.SUBPATTERN:
            _, add, remove, inside = argument
            self.sequence(inside, start, final, (flags | add) & ~remove)
        elif operation is c.BRANCH:
            for branch in argument[1]:
                entry = self.nfa.state()
                self.nfa.empty[start].append(entry)
                self.sequence(branch, entry, final, flags)
        elif operation in (c.MAX_REPEAT, c.MIN_REPEAT):
            low, high, inside = argument
            self.repeat(low, high, inside, start, final, flags)
        elif operation is c.AT and argument in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
            self.nfa.at_start[start].append(final)
        elif operation is c.AT and argument in (c.AT_END, c.AT_END_STRING):
            self.nfa.at_end[start].append(final)
        else:
            raise UnsupportedPattern(self.pattern, _name(operation, argument))

    def repeat(self, low: int, high: Any, inside: Any, start: int, final: int, flags: int) -> None:
        current = start
        for _ in range(low):
            following = self.nfa.state()
            self.sequence(inside, current, following, flags)
            current = following
        if high is c.MAXREPEAT:
            loop = self.nfa.state()
            self.nfa.empty[current].append(loop)
            body = self.nfa.state()
            self.nfa.empty[loop] += [body, final]
            self.sequence(inside, body, loop, flags)
            return
        # Leaving the last of very many optional copies out keeps a part of the language, which is all that is needed.
        for _ in range(min(high - low, _MAX_COPIES)):
            self.nfa.empty[current].append(final)
            following = self.nfa.state()
            self.sequence(inside, current, following, flags)
            current = following
        self.nfa.empty[current].append(final)


def _name(operation: Any, argument: Any) -> str:
    names = {
        c.ASSERT: "it looks ahead or behind", c.ASSERT_NOT: "it looks ahead or behind",
        c.GROUPREF: "it refers back to a group", c.GROUPREF_EXISTS: "it refers back to a group",
    }  # fmt: skip
    if operation is c.AT:
        return "it has a word boundary"
    return names.get(operation, "it has a possessive or atomic part")


def characters(operation: Any, argument: Any, universe: frozenset[str], flags: int = 0) -> frozenset[str]:
    """The characters of one place of a pattern, within a universe."""
    if operation is c.ANY:
        return universe - {"\n"}
    if operation is c.NOT_LITERAL:
        return universe - _both_cases({chr(argument)}, flags)
    if operation is c.LITERAL:
        return _both_cases({chr(argument)}, flags)
    found: set[str] = set()
    negated = False
    for kind, value in argument:
        if kind is c.NEGATE:
            negated = True
        elif kind is c.LITERAL:
            found.add(chr(value))
        elif kind is c.RANGE:
            found |= set(map(chr, range(value[0], min(value[1], value[0] + 4096) + 1)))
        elif kind is c.CATEGORY:
            found |= _category(value, universe)
    chosen = _both_cases(found, flags)
    return universe - chosen if negated else chosen & universe


def _category(value: Any, universe: frozenset[str]) -> frozenset[str]:
    space = frozenset(" \t\n\r\f\v")
    sets = {
        c.CATEGORY_DIGIT: frozenset(digits), c.CATEGORY_SPACE: space & universe, c.CATEGORY_WORD: _WORD,
        c.CATEGORY_NOT_DIGIT: universe - frozenset(digits), c.CATEGORY_NOT_SPACE: universe - space,
        c.CATEGORY_NOT_WORD: frozenset(u for u in universe if not (u.isalnum() or u == "_")),
    }  # fmt: skip
    return sets[value]


def _both_cases(found: Iterable[str], flags: int) -> frozenset[str]:
    if not flags & re.IGNORECASE:
        return frozenset(found)
    return frozenset(v for f in found for v in (f, f.lower(), f.upper()) if len(v) == 1)


def _mentioned(items: Iterable[Any]) -> Iterator[str]:
    """Characters that a pattern names, so that they can be made although they are not printable ASCII."""
    for operation, argument in items:
        if operation in (c.LITERAL, c.NOT_LITERAL):
            yield chr(argument)
        elif operation is c.IN:
            for kind, value in argument:
                if kind is c.LITERAL:
                    yield chr(value)
                elif kind is c.RANGE:
                    yield from map(chr, range(value[0], min(value[1], value[0] + 200) + 1))
        elif operation is c.SUBPATTERN:
            yield from _mentioned(argument[3])
        elif operation is c.BRANCH:
            for branch in argument[1]:
                yield from _mentioned(branch)
        elif operation in (c.MAX_REPEAT, c.MIN_REPEAT):
            yield from _mentioned(argument[2])


@dataclass(frozen=True, slots=True)
class Automaton:
    """A deterministic automaton: by state, the characters that lead to each next state; state 0 is the start."""

    moves: tuple[tuple[tuple[str, int], ...], ...]
    accepting: tuple[bool, ...]


def build(patterns: Sequence[str], *, search: bool, fold: bool = False, excluded: Sequence[str] = ()) -> Automaton:
    """The automaton of the strings that match every pattern and are not excluded.

    With `search` a pattern may match anywhere, as `re.search` does; without, it matches the whole string. With `fold` no two strings
    differ by case only. Raises UnsupportedPattern.
    """
    trees = []
    universe = set(PRINTABLE)
    for pattern in patterns:
        try:
            tree = _parser.parse(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise UnsupportedPattern(pattern, f"{error}") from None
        trees.append((pattern, tree))
        universe |= set(_mentioned(tree))
    for text in excluded:
        universe |= set(text)
    everything = frozenset(universe)
    # What stands around a match is readable, and whatever other patterns may ask for.
    padding = READABLE | {sign for _, tree in trees for sign in _mentioned(tree)}
    machines = [_Builder(p, everything, padding).build(t, t.state.flags, search) for p, t in trees]
    return _determinise(machines, everything, fold, excluded, patterns[0] if patterns else "")


def _determinise(
    machines: Sequence[_Nfa], universe: frozenset[str], fold: bool, excluded: Sequence[str], pattern: str
) -> Automaton:
    classes = _classes(machines, universe, excluded)
    unwanted = set(excluded)
    prefixes = {text[:n] for text in excluded for n in range(len(text) + 1)}
    first = (tuple(m.closure([m.start], start=True) for m in machines), "" if prefixes else None)
    numbers: dict[Any, int] = {first: 0}
    order = [first]
    moves: list[dict[int, set[str]]] = []
    accepting: list[bool] = []
    for position, state in enumerate(order):
        sets, read = state
        ends = all(m.final in m.closure(s, start=position == 0, end=True) for m, s in zip(machines, sets, strict=True))
        accepting.append(ends and (read is None or read not in unwanted))
        targets: dict[int, set[str]] = {}
        for group in classes:
            sign = next(iter(group))
            following = tuple(
                m.closure({t for q in s for chars, t in m.edges[q] if sign in chars}, start=False)
                for m, s in zip(machines, sets, strict=True)
            )
            if not all(following):
                continue
            longer = None if read is None or read + sign not in prefixes else read + sign
            key = (following, longer)
            if key not in numbers:
                numbers[key] = len(order)
                order.append(key)
                if len(order) > _MAX_STATES:
                    raise UnsupportedPattern(pattern, "it has too many different beginnings")
            targets.setdefault(numbers[key], set()).update(group)
        moves.append(targets)
    alive = _alive(moves, accepting)
    kept = (_alphabets({t: group for t, group in targets.items() if t in alive}, fold) for targets in moves)
    return Automaton(tuple(kept), tuple(accepting))


def _alive(moves: Sequence[dict[int, set[str]]], accepting: Sequence[bool]) -> set[int]:
    """The states from which acceptance can be reached."""
    sources: dict[int, list[int]] = {}
    for state, targets in enumerate(moves):
        for target in targets:
            sources.setdefault(target, []).append(state)
    todo = [state for state, ends in enumerate(accepting) if ends]
    alive = set(todo)
    while todo:
        for source in sources.get(todo.pop(), ()):
            if source not in alive:
                alive.add(source)
                todo.append(source)
    return alive


def _classes(machines: Sequence[_Nfa], universe: frozenset[str], excluded: Sequence[str]) -> list[frozenset[str]]:
    """The universe cut into sets of characters that no edge tells apart."""
    atoms = {chars for m in machines for edges in m.edges for chars, _ in edges}
    atoms |= {frozenset(sign) for text in excluded for sign in text}
    parts = [universe]
    for atom in sorted(atoms, key=sorted):
        parts = [p for part in parts for p in (part & atom, part - atom) if p]
    return sorted(parts, key=sorted)


def _alphabets(targets: dict[int, set[str]], fold: bool) -> tuple[tuple[str, int], ...]:
    taken: set[str] = set()
    result = []
    chosen = {}
    for target, group in targets.items():
        readable = group & READABLE if len(group) >= _WIDE_CLASS else group
        chosen[target] = readable or group
    if fold:
        everything = {sign for group in chosen.values() for sign in group}
        taken = {sign for sign in everything if sign != sign.lower() and sign.lower() in everything}
    for target, group in chosen.items():
        kept = "".join(sorted(group - taken))
        if kept:
            result.append((kept, target))
    return tuple(result)
