"""Which patterns are worth trying on a sentence: those whose needs (see `needs`) are met in it.

One automaton finds the words that any pattern of the language needs in one pass over the sentence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern of a rule that may match; `place` is its place among all."""

    place: int
    rule: Rule
    pattern: Guarded


class Gate:
    """The needs of all patterns of a language, and the patterns of its rules in their order."""

    def __init__(self, rules: Iterable[Rule], forms: Mapping[str, Guarded], dates: Grammar) -> None:
        reads = [(rule, pattern) for rule in rules for pattern in rule.reads]
        patterns = [pattern for rule in rules for pattern in (*rule.reads, *rule.unless, *rule.without)]
        met_by: defaultdict[str, Met] = defaultdict(int)
        for need in {need for pattern in (*patterns, *forms.values()) for need in pattern.needs}:
            for word in need:
                met_by[word] |= bit_of(need)
        self._met_by_sort = {sort: met_by.pop(f"<{sort}>", 0) for sort in SORTS}
        self._met_by_word = dict(met_by)
        self._words = AhoCorasick(list(met_by), implementation=Implementation.DFA, store_patterns=True)
        self._dates, self._met_by_dates = dates, self.met_by(_DATES)
        self._signs = [(self._met_by_sort[sort], forms[name].mask) for sort, name in _SIGNS.items()]
        self._met_by_names = self.met_by(set(SORTS).difference(_SIGNS, _DATES, {"work"}))
        self._through: defaultdict[str, list[Candidate]] = defaultdict(list)
        self._anywhere: list[Candidate] = []
        for place, (rule, pattern) in enumerate(reads):
            one = Candidate(place, rule, pattern)
            rarest = pattern.needs[0] if pattern.needs else {"<"}
            if any(word[0] == "<" for word in rarest):
                self._anywhere.append(one)
            else:
                for word in rarest:
                    self._through[word].append(one)

    def words(self, low: str) -> Set[str]:
        """The words of needs that stand in a sentence in lower case."""
        return set(self._words.find_matches_as_strings(low, overlapping=True))

    def met(self, words: Iterable[str]) -> Met:
        """The needs that these words meet."""
        return reduce(or_, map(self._met_by_word.__getitem__, words), 0)

    def met_by(self, sorts: Iterable[str]) -> Met:
        """The needs that symbols of these sorts meet."""
        return reduce(or_, map(self._met_by_sort.__getitem__, sorts), 0)

    def may_meet(self, met: Met, text: str) -> Met:
        """The needs that a sentence without watched names may meet, by its words and the symbols they may become."""
        if self._dates.may_find(text):
            met |= self._met_by_dates
        return reduce(or_, (given for given, sign in self._signs if sign & met == sign), met | self._met_by_names)

    def may_meet_with(self, met: Met, sorts: Iterable[str]) -> Met:
        """The same once all symbols but those of persons and other titles are known."""
        return met | self._met_by_names | self.met_by(sorts)

    def candidates(self, words: Set[str], met: Met) -> list[Candidate]:
        """The patterns of rules that may match where these words stand and needs are met, in the order of the rules."""
        reached = [one for word in self._through.keys() & words for one in self._through[word]]
        found = {one.place: one for one in (*reached, *self._anywhere) if one.pattern.may_match(met)}
        return [found[place] for place in sorted(found)]


def narrowed(candidates: Iterable[Candidate], met: Met) -> list[Candidate]:
    """Those that may still match where only these needs are met."""
    return [one for one in candidates if one.pattern.may_match(met)]


@lru_cache(maxsize=8)
def load_gate(language: str) -> Gate:
    """The `Gate` of a language."""
    return Gate(load_rules(language), load_forms(language), grammar(load_tables(language)))
