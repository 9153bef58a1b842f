"""The names that are watched, and where they stand in a text: the gate in front of everything else.

One Aho–Corasick automaton holds every title and alias of every work, so that the cost of a text does not depend on
how many works are followed. Whether a hit is the work or just the word is decided here by its neighbourhood: a title
made of everyday words ("Silo", "From", "See") needs a sign of being a title.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from pipeline.extract.lexicon import Tables, everyday_words
from pipeline.extract.patterns import any_form
from storage.model import Work

_BLANKS = re.compile("  +")
_MOST_IN_DFA = 20_000
"""Names up to which the automaton is the one that reads twice as fast and takes five times the memory."""


@dataclass(frozen=True, slots=True)
class NameHit:
    """A watched name in a text: offsets and the ids of the works that bear it."""

    start: int
    end: int
    works: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """The followed works behind one automaton. Build it once per configuration with `watching`."""

    works: dict[str, Work]
    names: tuple[str, ...]
    bearers: tuple[tuple[str, ...], ...]
    everyday: frozenset[int]
    capital: tuple[bool, ...]
    """By name: whether its title begins with a capital, so that the same words in small letters are just words."""
    tables: Tables = field(repr=False)
    automaton: AhoCorasick | None = field(repr=False)

    def may_find(self, text: str) -> bool:
        """False only where no watched name stands in cleaned `text`, however it is cut into sentences."""
        if self.automaton is None:
            return False
        low = fold(text).replace("\n", " ")
        low = _BLANKS.sub(" ", low) if "  " in low else low
        hits = self.automaton.find_matches_as_indexes(low)
        return any(_is_word(low, start, end) or " " in low[start:end] for _, start, end in hits)

    def find(self, text: str) -> list[NameHit]:
        """Every watched name in cleaned `text`, longest first where they overlap, in order of position."""
        return self.find_all([text])[0]

    def find_all(self, texts: Sequence[str]) -> list[list[NameHit]]:
        """The same for each of several sentences, none of which has a line feed."""
        hits: list[list[NameHit]] = [[] for _ in texts]
        if self.automaton is None:
            return hits
        starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        for index, start, end in self.automaton.find_matches_as_indexes(fold("\n".join(texts))):
            number = bisect_right(starts, start) - 1
            text, at = texts[number], starts[number]
            if self._is_named(index, text, start - at, end - at):
                hits[number].append(NameHit(start - at, end - at, self.bearers[index]))
        return hits

    def _is_named(self, index: int, text: str, start: int, end: int) -> bool:
        if not _is_word(text, start, end) or (self.capital[index] and text[start].islower() and not text.islower()):
            return False
        return index not in self.everyday or is_title_here(text, start, end, self.tables)

    def accompanied(self, hits: list[list[NameHit]], lines: list[str]) -> list[list[NameHit]]:
        """The hits without works that ask for a companion word where none stands anywhere in the item."""
        if not any(self.works[work_id].companions for line in hits for hit in line for work_id in hit.works):
            return hits
        text = fold("\n".join(lines))
        alone = {
            work.id
            for work in self.works.values()
            if work.companions and not any(fold(c) in text for c in work.companions)
        }
        kept = ([replace(hit, works=tuple(w for w in hit.works if w not in alone)) for hit in line] for line in hits)
        return [[hit for hit in line if hit.works] for line in kept]


def watching(works: Iterable[Work], tables: Tables) -> Watch:
    """A `Watch` over the titles and aliases of `works`."""
    by_id = {work.id: work for work in works}
    bearers: defaultdict[str, list[str]] = defaultdict(list)
    small: set[str] = set()
    for work in by_id.values():
        small.update(fold(surface) for surface in (work.title, *work.aliases) if surface[:1].islower())
        for name in dict.fromkeys(variant for surface in (work.title, *work.aliases) for variant in variants(surface)):
            if work.id not in bearers[name]:
                bearers[name].append(work.id)
    names = tuple(name for name in bearers if name)
    everyday = frozenset(i for i, name in enumerate(names) if _is_everyday(name, tables))
    quick = Implementation.DFA if len(names) <= _MOST_IN_DFA else Implementation.ContiguousNFA
    automaton = AhoCorasick(names, matchkind=MatchKind.LeftmostLongest, implementation=quick) if names else None
    capital = tuple(name not in small for name in names)
    return Watch(by_id, names, tuple(tuple(bearers[name]) for name in names), everyday, capital, tables, automaton)


def fold(text: str) -> str:
    """Lower case of the same length, so that offsets stay valid ("İ" would grow)."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def variants(surface: str) -> list[str]:
    """The ways a title is written: with and without a leading article, "&" or "and", colon or dash."""
    name = fold(" ".join(surface.replace("’", "'").split()))
    forms = [name]
    if " & " in name:
        forms.append(name.replace(" & ", " and "))
    elif " and " in name:
        forms.append(name.replace(" and ", " & "))
    if ": " in name:
        forms += [form.replace(": ", " ") for form in list(forms)] + [form.replace(": ", " - ") for form in list(forms)]
    return forms


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or before in ("-", "_")) and not (after.isalnum() or after == "_")


def _is_everyday(name: str, tables: Tables) -> bool:
    words = re.findall(r"[^\W\d_]+", name)
    common = everyday_words(tables)
    return len(words) <= 1 and all(word in common or len(word) <= 3 for word in words)


_LETTERS = re.compile(r"[^\W\d_]{2,}")


@lru_cache(maxsize=8)
def _signs(tables: Tables) -> tuple[re.Pattern[str], re.Pattern[str]]:
    before, after = (any_form(name, tables) for name in ("title_before_forms", "title_after_forms"))
    return re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE)


def is_title_here(text: str, start: int, end: int, tables: Tables) -> bool:
    """Whether an everyday word stands here as a title: in quotation marks, or capitalised beside a sign of one."""
    before, surface, after = text[max(0, start - 40) : start], text[start:end], text[end : end + 40]
    if before[-1:] in ("'", '"') and after[:1] in ("'", '"', ","):
        return True
    if not surface[:1].isupper():
        return False
    sign_before, sign_after = _signs(tables)
    if sign_after.match(after) or any(sign.end() == len(before) for sign in sign_before.finditer(before)):
        return True
    inside = _LETTERS.findall(before) and not re.search(r"[.!?:]['\")]*\s*['\"(]*$", before)
    lower = [word for word in _LETTERS.findall(before + after) if word[0].islower()]
    return bool(inside) and len(lower) >= 3
