"""Which patterns are worth trying on a sentence: those whose needs (see `needs`) are met in it.

One automaton finds the words that any pattern of the language needs in one pass over the sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from operator import or_

from ahocorasick_rs import AhoCorasick, Implementation

from pipeline.extract.date_grammar import Grammar, grammar
from pipeline.extract.forms import load_forms
from pipeline.extract.lexicon import load_tables
from pipeline.extract.needs import Guarded, Met, bit_of
from pipeline.extract.patterns import SORTS
from pipeline.extract.rules import Rule, load_rules

_DATES = ("date", "until", "near")
_SIGNS = {
    **dict.fromkeys(("season", "final", "fresh"), "season_forms"),
    "part": "part_forms",
    "org": "networks",
}
"""By sort of symbol the forms of which every sentence with one has the words."""


class Gate:
    """The needs of all patterns of a language, and the patterns of its rules in their order."""

    def __init__(self, rules: Iterable[Rule], forms: Mapping[str, Guarded], dates: Grammar) -> None:
        self._reads = [(rule, reads) for rule in rules for reads in rule.reads]
        read = [pattern for rule in rules for pattern in (*rule.reads, *rule.unless, *rule.without)]
        met_by: defaultdict[str, Met] = defaultdict(int)
        for need in {need for pattern in (*read, *forms.values()) for need in pattern.needs}:
            for word in need:
                met_by[word] |= bit_of(need)
        self._met_by_sort = {sort: met_by.pop(f"<{sort}>", 0) for sort in SORTS}
        self._met_by_word = list(met_by.values())
        self._words = AhoCorasick(list(met_by), implementation=Implementation.DFA)
        self._dates, self._met_by_dates = dates, self.met_by(_DATES)
        self._signs = [(self._met_by_sort[sort], forms[name].mask) for sort, name in _SIGNS.items()]
        self._met_by_any = self.met_by(set(SORTS).difference(_SIGNS, _DATES, {"work"}))
        self._through: defaultdict[Met, list[int]] = defaultdict(list)
        for n, (_, pattern) in enumerate(self._reads):
            self._through[bit_of(pattern.needs[0]) if pattern.needs else 0].append(n)
        self._rarest = reduce(or_, self._through)

    def met(self, low: str) -> Met:
        """The needs that a sentence in lower case meets by its words."""
        words = {word for word, _, _ in self._words.find_matches_as_indexes(low, overlapping=True)}
        return reduce(or_, map(self._met_by_word.__getitem__, words), 0)

    def met_by(self, sorts: Iterable[str]) -> Met:
        """The needs that symbols of these sorts meet."""
        return reduce(or_, map(self._met_by_sort.__getitem__, sorts), 0)

    def may_meet(self, text: str, met: Met) -> Met:
        """The needs that a sentence without watched names may meet by its words and the symbols they may become."""
        if self._dates.may_find(text):
            met |= self._met_by_dates
        return reduce(or_, (given for given, sign in self._signs if sign & met == sign), met | self._met_by_any)

    def candidates(self, met: Met) -> list[tuple[Rule, re.Pattern[str]]]:
        """The patterns of rules that may match where these needs are met, in the order of the rules."""
        worth = [n for n in self._with_rarest(met & self._rarest) if self._reads[n][1].may_match(met)]
        return [(rule, guarded.pattern) for rule, guarded in map(self._reads.__getitem__, sorted(worth))]

    def _with_rarest(self, met: Met) -> Iterator[int]:
        yield from self._through.get(0, ())
        while met:
            lowest = met & -met
            yield from self._through[lowest]
            met ^= lowest


@lru_cache(maxsize=8)
def load_gate(language: str) -> Gate:
    """The `Gate` of a language."""
    return Gate(load_rules(language), load_forms(language), grammar(load_tables(language)))
