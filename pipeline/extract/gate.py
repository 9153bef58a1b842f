"""Which patterns are worth trying on a sentence: those all of whose indispensable words stand in it.

What a pattern cannot match without is told from its parse tree: runs of three letters or more, symbols of some sort,
and of a choice the alternatives. One automaton finds all of them in a sentence at once; a pattern is a candidate
through its rarest need and then held to the others. Nothing is lost: every match contains what its pattern needs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from pipeline.extract.patterns import BASE, BLOCK, SORTS
from pipeline.extract.rules import Rule, load_rules

SHORTEST = 3
"""Letters of a literal that is looked for; shorter ones stand everywhere."""

Need = frozenset[str]
"""Alternatives one of which must occur: literals, or sorts of symbols written as `<sort>`."""


class Gate:
    """The patterns of a language in the order of their rules, and what each needs."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._reads = [(rule, reads) for rule in rules for reads in rule.reads]
        needs = [needs_of(pattern) for _, pattern in self._reads]
        self._literals = sorted({word for need in needs for words in need for word in words if word[0] != "<"})
        self._bit = {word: 1 << n for n, word in enumerate([*self._literals, *(f"<{sort}>" for sort in SORTS)])}
        self._masks = [[sum(self._bit[word] for word in words) for words in need] for need in needs]
        self._through: defaultdict[int, list[int]] = defaultdict(list)
        self._always = [n for n, need in enumerate(needs) if not need]
        for n, need in enumerate(needs):
            for word in min(need, key=_commonness) if need else ():
                self._through[self._bit[word]].append(n)
        self._automaton = AhoCorasick(self._literals, implementation=Implementation.DFA)

    def candidates(self, text: str, sorts: Iterable[str | None]) -> Sequence[tuple[Rule, re.Pattern[str]]]:
        """The patterns that may match the reduced `text` with symbols of `sorts`, in the order of their rules."""
        bits = {1 << n for n, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        bits |= {self._bit[f"<{sort}>"] for sort in sorts if sort}
        present = sum(bits)
        found = {n for bit in bits for n in self._through.get(bit, ())}.union(self._always)
        return [self._reads[n] for n in sorted(found) if all(mask & present for mask in self._masks[n])]


@lru_cache(maxsize=8)
def load_gate(language: str) -> Gate:
    """The `Gate` of a language's rules."""
    return Gate(load_rules(language))


def needs_of(pattern: re.Pattern[str]) -> tuple[Need, ...]:
    """What any match of `pattern` contains, each need a set of alternatives."""
    return tuple(dict.fromkeys(_needs(parser.parse(pattern.pattern, pattern.flags))))


def _needs(tree: Iterable[tuple[Any, Any]]) -> list[Need]:
    found: list[Need] = []
    run = ""
    for operation, argument in [*tree, (None, None)]:
        if operation is code.LITERAL and argument < BASE["work"]:
            run += chr(argument)
            continue
        if len(run.strip()) >= SHORTEST:
            found.append(frozenset({run.strip()}))
        run = ""
        found += _needs_of_part(operation, argument)
    return found


def _needs_of_part(operation: Any, argument: Any) -> list[Need]:
    if operation is code.IN:
        sorts = _sorts(argument)
        return [sorts] if sorts else []
    if operation is code.SUBPATTERN:
        return _needs(argument[3])
    if operation is code.ATOMIC_GROUP:
        return _needs(argument)
    if operation in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT) and argument[0] >= 1:
        return _needs(argument[2])
    if operation is code.BRANCH:
        ways = [_needs(way) for way in argument[1]]
        return [frozenset().union(*(min(way, key=_commonness) for way in ways))] if all(ways) else []
    return []


def _sorts(members: Iterable[tuple[Any, Any]]) -> Need:
    """The sorts of a class that holds symbols and nothing else."""
    ranges = [argument for operation, argument in members if operation is code.RANGE]
    if len(ranges) != len(list(members)) or any(low < BASE["work"] for low, _ in ranges):
        return frozenset()
    return frozenset(f"<{SORTS[(low - BASE['work']) // BLOCK]}>" for low, _ in ranges)


def _commonness(need: Need) -> tuple[bool, int, int]:
    """Symbols are common, many alternatives too, short words as well."""
    return any(word[0] == "<" for word in need), len(need), -min(map(len, need))
