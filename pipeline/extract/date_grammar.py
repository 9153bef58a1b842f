"""Sentences to date phrases: which words belong to a phrase and what each of them says, nothing of what day it is.

A sentence is reduced to its shape, one character a word, in which every word of the language's date tables has its own
private-use character and every other word is `_`. The orders in which date words stand (`date_forms`) are then plain
regular expressions over a string of some thirty characters. Every repetition in them is bounded, so reading is linear.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from pipeline.extract.lexicon import Tables
from storage.errors import RuleError

Said = Mapping[str, Sequence[str | int]]
"""What the words of a phrase say: table → values in their order."""

_WORD = re.compile(r"\w+|[^\w\s\x00]|\x00+")
_UNKNOWN = "_"
_KNOWN = re.compile("[^_]+_?")
"""Words of the tables that stand together, with the word that ends them; no phrase reaches over another word."""
_MARKS = {
    "comma": ",",
    "stop": ".",
    "dash": "-–—‒",
    "slash": "/",
    "apostrophe": "'",
    "colon": ":",
    "money": "$€£¥",
}
_OTHER_MARKS = '–—%;!?()[]"“”«»…|'
_OPENING = re.compile(r"\((?:\?<?[:>=!])?")
_QUANTIFIER = re.compile(r"\?|\{0,\d+\}")
_STRAY = re.compile(r"\{?[A-Za-z]+|\{(?!\d)")
_HOLE = re.compile(r"\{([a-z_]+!?)\}")
_ANCHORS = (
    "months",
    "month_abbreviations",
    "weekdays",
    "weekday_plurals",
    "year_seasons",
    "quarters",
    "halves",
    "date_units",
    "count_units",
    "long_units",
    "decade_words",
    "near_days",
    "holidays",
    "holiday_names",
    "holiday_windows",
    "year_ends",
)
"""Tables of which every phrase has a word, if it does not have the digits of a year, a decade or 3/27."""
_ANCHOR_DIGITS = (
    [str(n) for n in range(190, 210)] + [f"{n}0{s}" for n in range(10) for s in "sS"] + [f"{n}/" for n in range(10)]
)
_REACH = 12
"""At most so many words of a phrase stand before the first such word."""


class Phrase(NamedTuple):
    """Words that form a date: `form` names the order; `parts` are the shapes of its halves where it has any."""

    form: str
    shape: str
    parts: tuple[str, ...]
    bounds: Sequence[tuple[int, int]]
    """Start and end in the text of each word of `shape`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grammar:
    """One language's date forms, compiled."""

    gate: AhoCorasick
    """Finds the anchors, of which every text with a date phrase has one."""
    codes: Mapping[str, str]
    """By word, as it is written in small letters, with a capital, in capitals: its character."""
    start: re.Pattern[str]
    """Where in a shape a phrase may begin."""
    forms: Mapping[str, Sequence[tuple[re.Pattern[str], str]]]
    """By first word: the orders that may begin with it, each with the name of its form."""
    entry: re.Pattern[str]
    """One entry of a table, of one word or several."""
    meanings: Mapping[str, Sequence[tuple[str, str | int]]]
    """By the shape of an entry: the tables it is in and its value there."""
    numeric_orders: tuple[str, ...]
    """How 3/4/2027 may be read: `month day`, `day month`."""

    def may_find(self, text: str) -> bool:
        """False only where no anchor stands in `text` as a word, or as the first digits of one."""
        for _, start, end in self.gate.find_matches_as_indexes(text, overlapping=True):
            if text[start].isdigit() or not (_is_letter(text[start - 1 : start]) or _is_letter(text[end : end + 1])):
                return True
        return False

    def phrases(self, text: str) -> Iterator[Phrase]:
        """The date phrases of a sentence in their order, not overlapping; of several readings the longest."""
        if not self.may_find(text):
            return
        text = text.replace("’", "'")
        code = self.codes.get
        shape = "".join([code(word, _UNKNOWN) for word in _WORD.findall(text)])
        bounds: list[tuple[int, int]] = []
        for stretch in _KNOWN.finditer(shape):
            for begin, end, form, parts in _forms_in(self, stretch[0]):
                bounds = bounds or [word.span() for word in _WORD.finditer(text)]
                at, to = stretch.start() + begin, stretch.start() + end
                yield Phrase(form=form, shape=shape[at:to], parts=parts, bounds=bounds[at:to])

    def longest(self, shape: str, at: int) -> tuple[re.Match[str] | None, str]:
        """The longest phrase that begins at a word of a shape, and the name of its form."""
        longest, name, end = None, "", at
        for pattern, form in self.forms[shape[at]]:
            match = pattern.match(shape, at)
            if match is not None and match.end() > end:
                longest, name, end = match, form, match.end()
        return longest, name

    def said(self, shape: str) -> Said:
        """What the words of a shape say."""
        said: dict[str, list[str | int]] = {}
        for entry in self.entry.findall(shape):
            for table, value in self.meanings.get(entry, ()):
                said.setdefault(table, []).append(value)
        return said


@lru_cache(maxsize=8192)
def _forms_in(rules: Grammar, stretch: str) -> Sequence[tuple[int, int, str, tuple[str, ...]]]:
    """Begin, end, form and parts of the phrases in a stretch of known words; the same few stand in all texts."""
    found: list[tuple[int, int, str, tuple[str, ...]]] = []
    for begin in rules.start.finditer(stretch):
        at = begin.start()
        if found and at < found[-1][1]:
            continue
        match, form = rules.longest(stretch, at)
        if match is not None:
            found.append((at, match.end(), form, match.groups()))
    return found


def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "_"


@lru_cache(maxsize=16)
def grammar(tables: Tables) -> Grammar:
    """The compiled forms of a language. RuleError names the form that does not compile or the table that is missing."""
    return _Builder(tables).build()


class _Builder:
    """Gives every word its character and spells the forms with them."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.codes: dict[str, str] = {}
        self.new_code = map(chr, itertools.count(0xE000))
        self.weak = tables.tables.get("date_weak", {})
        self.meanings: dict[str, list[tuple[str, str | int]]] = {}
        self.entries: dict[str, list[str]] = {}
        """By table: the shapes of its entries."""
        self.sure: dict[str, list[str]] = {}
        """The same without the lower-case reading of weak words."""
        self.filled: dict[str, str] = {}
        """By hole: what stands for it."""

    def build(self) -> Grammar:
        for name, table in (_numbers(self.tables) | _marks()).items():
            self._enter(name, table)
        forms: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for order, form in self.tables["date_forms"].items():
            pattern, first = self._compile(order)
            for char in first:
                forms.setdefault(char, []).append((pattern, str(form)))
        longer = sorted((entry for entry in self.meanings if len(entry) > 1), key=len, reverse=True)
        return Grammar(
            gate=AhoCorasick([*self._anchors(), *_ANCHOR_DIGITS]),
            codes=self.codes,
            start=re.compile(f"(?=[^_]{{0,{_REACH}}}?{_class(self._anchor_codes())}){_class(set(forms))}"),
            forms=forms,
            entry=re.compile("|".join([*longer, "."])),
            meanings=self.meanings,
            numeric_orders=tuple(self.tables["numeric_orders"]),
        )

    def _compile(self, order: str) -> tuple[re.Pattern[str], set[str]]:
        try:
            pattern = re.compile(self._expand(order))
            if stray := _STRAY.search(pattern.pattern):
                raise ValueError(f'"{stray[0]}" is neither a table nor a part')
            return pattern, _first_words(pattern.pattern)
        except (re.error, KeyError, ValueError, RecursionError) as error:
            where = f'lexicon/{self.tables.language}: date form "{order}"'
            raise RuleError(f"{where}: {error}; see the head of en/dates.yaml for what may stand in a form") from error

    def _expand(self, order: str) -> str:
        return _HOLE.sub(lambda hole: self._filled(hole[1]), "".join(order.split()))

    def _filled(self, name: str) -> str:
        if name not in self.filled:
            self.filled[name] = self._fill(name)
        return self.filled[name]

    def _fill(self, name: str) -> str:
        part = self.tables["date_parts"].get(name)
        if part is not None:
            return f"(?:{self._expand(str(part))})"
        table = name.rstrip("!")
        if table not in self.entries:
            self._enter(table, self.tables[table])
        return _any_of((self.sure if name.endswith("!") else self.entries)[table])

    def _enter(self, name: str, table: Mapping[str, str | int]) -> None:
        self.entries[name], self.sure[name] = [], []
        for form, value in table.items():
            words = _WORD.findall(form)
            shape = "".join(map(self._code, words))
            readings = [shape]
            if len(words) == 1 and words[0] in self.weak:
                readings.append(self.codes[words[0]])
            self.sure[name].append(shape)
            self.entries[name] += readings
            for reading in readings:
                self.meanings.setdefault(reading, []).append((name, value))

    def _code(self, word: str) -> str:
        """The character of a word; its lower case has another where it is weak."""
        shown = word.capitalize()
        if shown not in self.codes:
            self.codes |= dict.fromkeys(_writings(word), next(self.new_code))
            if word in self.weak:
                self.codes[word] = next(self.new_code)
        return self.codes[shown]

    def _anchors(self) -> list[str]:
        """The anchor words as they are written; of an entry of several words the longest one."""
        entries = [_WORD.findall(form) for name in _ANCHORS for form in self.tables.tables.get(name, ())]
        words = dict.fromkeys(max(words, key=len) for words in entries)
        return [written for word in words for written in _writings(word) if not (written == word and word in self.weak)]

    def _anchor_codes(self) -> set[str]:
        digits = [entry for table in ("year", "decade", "short_decade", "slash") for entry in self.entries[table]]
        return {*digits, *(self.codes[word] for word in self._anchors() if word in self.codes)}


def _writings(word: str) -> tuple[str, str, str]:
    return word, word.capitalize(), word.upper()


def _any_of(shapes: Sequence[str]) -> str:
    """A class of single words; longer entries in front of it, the longest first."""
    singles = {shape for shape in shapes if len(shape) == 1}
    longer = sorted((shape for shape in shapes if len(shape) > 1), key=len, reverse=True)
    choices = [*longer, _class(singles)] if singles else longer
    return f"(?:{'|'.join(choices)})" if longer else choices[0]


def _class(chars: set[str]) -> str:
    """The character class of these, neighbours joined to ranges."""
    starts = sorted(char for char in chars if chr(ord(char) - 1) not in chars)
    ends = sorted(char for char in chars if chr(ord(char) + 1) not in chars)
    ranges = "".join(f"{start}-{end}" for start, end in zip(starts, ends, strict=True))
    return f"[{ranges}]"


def _first_words(pattern: str) -> set[str]:
    """The words that an expanded form may begin with. ValueError where it may be empty."""
    chars, may_be_empty, _ = _first_of(pattern, 0)
    if may_be_empty:
        raise ValueError("it may be empty")
    return chars


def _first_of(pattern: str, at: int) -> tuple[set[str], bool, int]:
    """First words of the alternatives from `at` to the closing bracket, whether one is empty, and where they end."""
    found: set[str] = set()
    any_empty, empty = False, True
    while at < len(pattern) and pattern[at] != ")":
        chars, optional, at = _first_item(pattern, at)
        if chars is None:
            any_empty, empty = any_empty or empty, True
            continue
        if empty:
            found |= chars
        empty = empty and optional
    return found, any_empty or empty, at


def _first_item(pattern: str, at: int) -> tuple[set[str] | None, bool, int]:
    """One item with its quantifier: its first words (None for `|`), whether it may be empty, where it ends."""
    chars: set[str] = set()
    empty = False
    match pattern[at]:
        case "|":
            return None, True, at + 1
        case "$":
            empty, at = True, at + 1
        case "[":
            end = pattern.index("]", at)
            for start in range(at + 1, end, 3):
                chars |= set(map(chr, range(ord(pattern[start]), ord(pattern[start + 2]) + 1)))
            at = end + 1
        case "(":
            opening = pattern[at : next(_OPENING.finditer(pattern, at)).end()]
            chars, empty, end = _first_of(pattern, at + len(opening))
            if opening.endswith(("=", "!")):
                chars, empty = set(), True
            at = end + 1
        case char:
            chars, at = {char}, at + 1
    quantifier = _QUANTIFIER.match(pattern, at)
    return chars, empty or quantifier is not None, quantifier.end() if quantifier else at


def _numbers(tables: Tables) -> dict[str, dict[str, str | int]]:
    """The tables of numerals, which no file has to list."""
    nth = {f"{day}{suffix}": day for day in range(1, 32) for suffix in tables["day_suffixes"]}
    days = {written: day for day in range(1, 32) for written in (str(day), f"{day:02}")}
    return {
        "day_nth": dict(nth),
        "day_number": dict(days | nth),
        "number": {written: n for n in range(100) for written in (str(n), f"{n:02}")},
        "year": {str(year): year for year in range(1900, 2100)},
        "short_year": {str(n): 2000 + n for n in range(20, 40)},
        "decade": {f"{year}s": year for year in range(1900, 2100, 10)},
        "short_decade": {f"{n:02}s": (1900 if n > 20 else 2000) + n for n in range(0, 100, 10)},
    }


def _marks() -> dict[str, dict[str, str | int]]:
    marks: dict[str, dict[str, str | int]] = {name: {mark: mark for mark in chars} for name, chars in _MARKS.items()}
    return marks | {"mark": {mark: mark for mark in _OTHER_MARKS}}
