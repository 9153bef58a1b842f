"""What a pattern cannot match without, told from its parse tree, so that it is tried only where that stands.

A need is a choice of literals one of which every match contains; symbols count as literals written `<sort>`. Parts of
a pattern that can only be one of a few strings are spelled out ("renewed for ", "renews for "), all others are passed
over. Nothing is lost: what is told here is necessary, never sufficient.

The tree is that of a sketch of the pattern, in which one character stands for each choice of words; the pattern itself
is not compiled before it is first tried, so that a program that reads one text does not wait for all of them.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from operator import or_
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from pipeline.extract.patterns import BASE, BLOCK, SORTS, Spelling, alternation

SHORTEST = 2
"""Letters and marks of a literal that is looked for; shorter ones stand everywhere."""
MARKS = frozenset("?–—")
"""Single characters that are looked for: they are as rare as words."""
_REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
MOST = 60
"""Strings that parts side by side are spelled out to."""

LIKELY = 0.1
"""Commonness of a need that is not worth a look where a rarer one is known: "in" or "the"."""

Need = frozenset[str]
Tree = Iterable[tuple[Any, Any]]


Written = Callable[[Spelling], str]
"""Writes a pattern with each choice of words spelled in the given way."""

Met = int
"""Which needs are met in a sentence, each a bit (see `bit_of`)."""


@dataclass(frozen=True)
class Guarded:
    """A pattern with what it needs, which is tried only where that is met."""

    written: Written
    needs: tuple[Need, ...]
    """The rarest first."""
    mask: Met

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern; re.error where it is none."""
        return re.compile(self.written(alternation))

    def may_match(self, met: Met) -> bool:
        """Whether all that it needs is met."""
        return self.mask & met == self.mask

    def finditer(self, text: str, met: Met) -> Iterator[re.Match[str]]:
        """Every match in `text`, in which these needs are met."""
        return self.pattern.finditer(text) if self.mask & met == self.mask else iter(())

    def search(self, text: str, met: Met, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first match in `text[start:end]`, of a text in which these needs are met."""
        return self.pattern.search(text, start, end) if self.mask & met == self.mask else None

    def sub(self, replace: Callable[[re.Match[str]], str], text: str, met: Met) -> str:
        """`text`, in which these needs are met, with every match replaced."""
        return self.pattern.sub(replace, text) if self.mask & met == self.mask else text


def guarded(written: Written) -> Guarded:
    """A pattern with its needs, of those that nearly every sentence meets only the rarest; re.error for no pattern."""
    needs = sorted(_needs(parser.parse(written(_sketched))), key=commonness)
    telling = dict.fromkeys([*needs[:1], *(need for need in needs if commonness(need)[1] <= LIKELY)])
    return Guarded(written, tuple(telling), mask_of(telling))


def _sketched(surfaces: Iterable[object]) -> str:
    """One character for a choice of words, with what parts it from a neighbour, so that the parser joins no two."""
    return chr(_FIRST_CHOICE + _choice(frozenset(str(surface).lower() for surface in surfaces))) + "(?!-)"


@cache
def _choice(words: frozenset[str]) -> int:
    _CHOICES.append(words)
    return len(_CHOICES) - 1


_CHOICES: list[frozenset[str]] = []
_FIRST_CHOICE = 0xF0000
"""The characters from here on, of a private-use plane, stand for the choices of words in their order."""


@cache
def bit_of(need: Need) -> Met:
    """The bit that says that a need is met, one for each that is ever asked for."""
    return 1 << next(_NUMBERS)


_NUMBERS = itertools.count()


def mask_of(needs: Iterable[Need]) -> Met:
    """The bits of several needs."""
    return reduce(or_, map(bit_of, needs), 0)


def commonness(need: Need) -> tuple[bool, float, list[str]]:
    """Symbols are common, many alternatives too, and a word the more the shorter it is."""
    lengths = (5 if word in MARKS else len(word.strip()) for word in need)
    return any(word[0] == "<" for word in need), sum(3.0**-length for length in lengths), sorted(need)


def _needs(tree: Tree) -> list[Need]:
    found: list[Need] = []
    run = {""}
    for operation, argument in tree:
        strings = _strings(operation, argument)
        if strings is not None and _are_few(run, strings):
            run = _joined(run, strings)
            continue
        if operation in _REPEATS and argument[0] and (once := _all_strings(argument[2])) and _are_few(run, once):
            run = _joined(run, once)
        found += _need(run)
        run = strings or {""}
        found += [] if strings else _needs_of_part(operation, argument)
    return found + _need(run)


def _are_few(run: set[str], more: set[str]) -> bool:
    return len(run) * len(more) <= max(MOST, len(more))


def _joined(run: set[str], more: set[str]) -> set[str]:
    return {before + after for before in run for after in more}


def _need(strings: set[str]) -> list[Need]:
    """The choice of these literals, less those that contain another one."""
    if any((len(string) < SHORTEST and string not in MARKS) or not string.strip() for string in strings):
        return []
    return [_shortened(strings)]


def _shortened(strings: Iterable[str]) -> Need:
    """The strings that contain no other one: where any of all stands, one of these does."""
    kept: list[str] = []
    for string in sorted(strings, key=len):
        if not any(other in string for other in kept):
            kept.append(string)
    return frozenset(kept)


def _strings(operation: Any, argument: Any) -> set[str] | None:
    """All that a part may be where that is a few strings, else None; what looks ahead or behind is nothing."""
    if operation is code.LITERAL:
        if argument >= _FIRST_CHOICE:
            return set(_CHOICES[argument - _FIRST_CHOICE])
        return {chr(argument).lower()} if argument < BASE["work"] else None
    if operation in (code.AT, code.ASSERT, code.ASSERT_NOT):
        return {""}
    if operation is code.IN:
        return _letters(argument)
    if operation is code.SUBPATTERN:
        return _all_strings(argument[3])
    if operation is code.BRANCH:
        ways = [_all_strings(way) for way in argument[1]]
        return None if None in ways else set().union(*(way for way in ways if way))
    if operation in (code.MAX_REPEAT, code.MIN_REPEAT) and tuple(argument[:2]) == (0, 1):
        once = _all_strings(argument[2])
        return once and {"", *once}
    return None


def _all_strings(tree: Tree) -> set[str] | None:
    found = {""}
    for operation, argument in tree:
        strings = _strings(operation, argument)
        if strings is None or not _are_few(found, strings):
            return None
        found = _joined(found, strings)
    return found


def _letters(members: Tree) -> set[str] | None:
    """The few letters of a class; digits are those of ASCII, as in all that is read."""
    found: set[str] = set()
    for operation, argument in members:
        if operation is code.LITERAL:
            found.add(chr(argument).lower())
        elif (operation, argument) == (code.CATEGORY, code.CATEGORY_DIGIT):
            found |= set("0123456789")
        else:
            return None
    return found


def _needs_of_part(operation: Any, argument: Any) -> list[Need]:
    if operation is code.IN:
        sorts = _sorts(argument)
        return [sorts] if sorts else []
    if operation is code.SUBPATTERN:
        return _needs(argument[3])
    if operation is code.ATOMIC_GROUP:
        return _needs(argument)
    if operation in _REPEATS and argument[0]:
        return _needs(argument[2])
    if operation is code.BRANCH:
        ways = [_needs(way) for way in argument[1]]
        return [_shortened(set().union(*(min(way, key=commonness) for way in ways)))] if all(ways) else []
    return []


def _sorts(members: Tree) -> Need:
    """The sorts of a class that holds symbols and nothing else."""
    ranges = [argument for operation, argument in members if operation is code.RANGE]
    if len(ranges) != len(list(members)) or any(low < BASE["work"] for low, _ in ranges):
        return frozenset()
    return frozenset(f"<{SORTS[(low - BASE['work']) // BLOCK]}>" for low, _ in ranges)
