"""A sentence reduced to its shape: each name, title, season, date and network becomes one symbol.

"The fourth season of Harbour Nine premieres on 5 June" is reduced to "the ‹season› of ‹work› premieres on ‹date›", and
the rules are patterns over that (the cascade of Hobbs et al., FASTUS, 1997). One symbol is one private-use character:
its block says the sort, its place in the block which entity it is, so a pattern is plain `re` and a match leads
straight back to the values.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.extract.dates import read_dates
from pipeline.extract.forms import load_forms
from pipeline.extract.gate import Gate
from pipeline.extract.lexicon import Tables, everyday_words, plain_words
from pipeline.extract.needs import Guarded, Met
from pipeline.extract.patterns import BASE, BLOCK, SORTS
from pipeline.extract.people import People
from pipeline.extract.text import CAPITAL
from pipeline.extract.watch import NameHit, fold

MAX_ENTITIES = 150


class Entity(NamedTuple):
    """A span of the sentence with its meaning; `value` depends on the sort (see the functions that make them)."""

    sort: str
    start: int
    end: int
    value: Any


@dataclass(frozen=True, slots=True)
class Season:
    """What a season phrase says: the numbers, and whether it is called final, new or the first."""

    numbers: tuple[int, ...]
    final: bool = False
    fresh: bool = False
    """"Another season", "more episodes": no number, but one more than there was."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A sentence and its reduction; `text` is what rules read."""

    sentence: str
    text: str
    entities: tuple[Entity, ...]
    positions: tuple[int, ...] = field(repr=False)
    """Where in `text` each entity's symbol stands."""
    sorts: tuple[str | None, ...] = field(repr=False)
    """Which sort of symbol that is."""
    published: dt.date | None
    met: Met = field(repr=False)
    """The needs of patterns that its words and symbols meet."""

    def places(self, *sorts: str) -> list[int]:
        """Where in `text` the symbols of these sorts stand, in order."""
        return [at for at, sort in zip(self.positions, self.sorts, strict=True) if sort in sorts]

    def entity(self, symbol: str) -> Entity:
        """The entity a symbol of `text` stands for."""
        return self.entities[(ord(symbol) - 0xE000) % BLOCK]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the sentence that `text[start:end]` was made of."""
        return self._original(start, False), self._original(end, True)

    def _original(self, at: int, is_end: bool) -> int:
        index = bisect_right(self.positions, at - 1 if is_end else at) - 1
        if index < 0:
            return at
        entity, position = self.entities[index], self.positions[index]
        if at == position:
            return entity.start
        return entity.end + (at - position - 1)


def sort_of(char: str) -> str | None:
    """The sort of a symbol, None for an ordinary character."""
    if char < "\ue000":
        return None
    index = (ord(char) - 0xE000) // BLOCK
    return SORTS[index] if index < len(SORTS) else None


def mark(
    sentence: str,
    low: str,
    names: list[NameHit],
    surfaces: frozenset[str],
    published: dt.date | None,
    tables: Tables,
    met: Met,
) -> Marks:
    """What in `sentence` is told by its words alone: works, quoted titles, networks, seasons and dates.

    `low` is it in lower case, `names` are the watched names in it, `surfaces` all those of its item, as written. `met`
    are the needs its words meet.
    """
    marks, forms = Marks(sentence, low), load_forms(tables.language)
    for hit in names:
        _add_work(marks, hit, forms)
    _add_quoted_titles(marks, surfaces)
    _add_table(marks, "org", forms["networks"], met)
    _add_seasons(marks, tables, forms, met)
    for date in read_dates(marks.masked, published, tables):
        marks.add(date.form if date.form in ("until", "near") else "date", date.start, date.end, date)
    return marks


def add_people(marks: Marks, people: People) -> None:
    """The persons in what is left; `people` remembers who was named in full before."""
    for start, end, name in people.find(marks.masked, marks.title_case):
        marks.add("person", start, end, name)


def tag(
    marks: Marks, surfaces: frozenset[str], published: dt.date | None, tables: Tables, gate: Gate, met: Met
) -> Tagged:
    """The marked sentence reduced, with the titles that are told by what stands beside them."""
    forms = load_forms(tables.language)
    _add_unknown_titles(marks, tables, surfaces, forms, met)
    return _reduce(marks, published, gate, met, forms)


def is_title_case(sentence: str) -> bool:
    """Whether nearly every longer word begins with a capital and no full stop ends it, as in a headline."""
    if sentence.endswith("."):
        return False
    words = re.findall(r"[^\W\d_]{4,}", sentence)
    return len(words) >= 3 and sum(word[0].isupper() for word in words) >= 0.75 * len(words)


class Marks:
    """Entities gathered so far; what one has taken, the next cannot see."""

    def __init__(self, sentence: str, low: str) -> None:
        self.sentence = sentence
        self.low = low
        self.title_case = is_title_case(sentence)
        self.masked = sentence
        self.found: list[Entity] = []

    def sorts(self) -> set[str]:
        """The sorts of what was found."""
        return {entity.sort for entity in self.found}

    def add(self, sort: str, start: int, end: int, value: Any) -> None:
        if len(self.found) < MAX_ENTITIES and "\x00" not in self.masked[start:end]:
            self.found.append(Entity(sort, start, end, value))
            self.masked = self.masked[:start] + "\x00" * (end - start) + self.masked[end:]


_NEXT_NUMBER = re.compile(
    r"['\"]?\s+(\d{1,2}|II|III|IV|V|VI)\b(?!\s*(?:million|billion|%|[-/]\d|new|more|years?|months?|days?|hours?|episodes?|seasons?|weeks?|times?|of\b))"
)


def _add_work(marks: Marks, hit: NameHit, forms: Mapping[str, Guarded]) -> None:
    """A watched name; but "Title 3" and "Title: Deluxe Edition" where only "Title" is watched are other works."""
    if longer := forms["edition"].pattern.match(marks.sentence, hit.end):
        marks.add("title", hit.start, longer.end(), marks.sentence[hit.start : longer.end()])
        return
    follow = _NEXT_NUMBER.match(marks.sentence, hit.end)
    if follow and not re.match(r"\s*\d", marks.sentence[follow.end() : follow.end() + 2]):
        marks.add("title", hit.start, follow.end(), marks.sentence[hit.start : follow.end()])
    else:
        marks.add("work", hit.start, hit.end, hit.works)


_QUOTED = re.compile(
    rf"(['\"])(?<![\w\x00].)(?=[{CAPITAL}0-9])([^'\"\x00]{{1,60}}?(?:'[a-z][^'\"\x00]{{0,50}})?)[,.]?\1(?![\w])"
)


def _add_quoted_titles(marks: Marks, surfaces: frozenset[str]) -> None:
    for match in _QUOTED.finditer(marks.masked):
        words = match[2].split()
        capitals = sum(not word[0].islower() for word in words)
        if any(fold(match[2]) in surface for surface in surfaces):
            continue
        if len(words) <= 8 and capitals * 2 > len(words) and not re.search(r"[.!?]$", match[2]):
            marks.add("title", match.start(2), match.end(2), match[2])


def _add_table(marks: Marks, sort: str, words: Guarded, met: Met) -> None:
    for match in words.finditer(marks.masked, met):
        if match[0][0].isupper():
            marks.add(sort, match.start(), match.end(), match[0])


def _add_seasons(marks: Marks, tables: Tables, forms: Mapping[str, Guarded], met: Met) -> None:
    if not (forms["season_forms"].may_match(met) or forms["part_forms"].may_match(met)):
        return
    low = fold(marks.masked)
    for match in forms["season_forms"].finditer(low, met):
        value = _season(match, tables)
        if value is not None and not (value.final and _is_the_one_before(match, marks, tables)):
            sort = "final" if value.final else "season" if value.numbers else "fresh"
            marks.add(sort, match.start(), match.end(), value)
    for match in forms["part_forms"].finditer(fold(marks.masked), met):
        marks.add("part", match.start(), match.end(), match[0])


def _season(match: re.Match[str], tables: Tables) -> Season | None:
    numbers = tables["season_numbers"]
    words = re.findall(r"\d+|[^\W\d_]+", match[0])
    if re.search(r"(?:-|–| to | through )\s*\S+$", match[0]):
        ends = [int(numbers.get(word, word)) for word in words if word.isdigit() or word in numbers]
        return Season(tuple(range(ends[0], min(ends[-1], ends[0] + 20) + 1))) if ends else None
    found = [int(numbers.get(word, word)) for word in words if word.isdigit() or word in numbers]
    final = any(word in tables["final_words"] for word in words)
    fresh = any(word in tables["fresh_words"] for word in words)
    if not found and not final and not fresh:
        return None
    return Season(tuple(dict.fromkeys(n for n in found if 0 < n < 100)), final, fresh)


def _is_the_one_before(match: re.Match[str], marks: Marks, tables: Tables) -> bool:
    """Whether "last season" is the one that was and not the one that ends it all: no article or number goes before."""
    if not any(match[0].startswith(f"{word} ") for word in tables["final_words_also_past"]):
        return False
    before = marks.low[: match.start()].rstrip()
    return not any(before.endswith(str(word)) for word in tables["final_determiners"])


_FIRST = rf"[{CAPITAL}0-9](?<![\w.&'-].)"
_REST = rf"(?:[\w.&-]|'(?!s\b)|(?<=[a-z])'s(?= [{CAPITAL}]))*"
_SMALL = "(?: (?:of|the|and|in|to|a|from|with|&))*"
_PROPER_RUN = re.compile(rf"{_FIRST}(?<!\ba .)(?<!\ban .){_REST}(?:{_SMALL} {_FIRST}{_REST})+(?P<owner>'s(?! \x00))?")
"""Words with a capital and what may stand between them; not behind "a"."""


def _add_unknown_titles(
    marks: Marks, tables: Tables, surfaces: frozenset[str], forms: Mapping[str, Guarded], met: Met
) -> None:
    """Another title by its form, followed by a season or number; and runs of capitals that are nobody known.

    The latter are only `maybe` titles: where a followed work stands in the sentence, they do not claim its facts.
    """
    everyday, unnamed = everyday_words(tables), plain_words(tables)
    for match in _BEFORE_SEASON.finditer(marks.masked):
        known = match[1].lower() in everyday and (marks.title_case or match.start() == 0 or match[1].lower() in unnamed)
        if not known and _starts_season(marks, match.end()):
            marks.add("title", match.start(1), match.end(1), match[1])
    for match in forms["before_noun"].finditer(marks.masked, met):
        if match[1].lower() not in everyday and match[1].lower() not in tables["not_titles"]:
            marks.add("maybe", match.start(1), match.end(1), match[1])
    for match in forms["behind_noun"].finditer(marks.masked, met):
        if match[1].lower() not in unnamed and not any(fold(match[1]) in surface for surface in surfaces):
            marks.add("maybe", match.start(1), match.end(1), match[1])
    for match in (*_AFTER_SEASON.finditer(marks.masked), *forms["season_of"].finditer(marks.masked, met)):
        marks.add("title", match.start(1), match.end(1), match[1])
    if marks.title_case:
        for match in _NUMBERED.finditer(marks.masked):
            if match[1].lower() not in everyday:
                marks.add("title", match.start(), match.end(), match[0])
        return
    if (opening := _OPENING.match(marks.masked)) and _is_title_opening(opening, tables):
        marks.add("maybe", opening.start(1), opening.end(1), opening[1])
    for match in _PROPER_RUN.finditer(marks.masked):
        words = match[0].split()
        if (
            match["owner"]
            or _is_attribute(words[-1], tables)
            or (match.start() == 0 and words[0].lower() in everyday and not words[2:])
            or (match.start() == 0 and words[0].lower() in tables["opening_participles"])
        ):
            continue
        part_of_known = any(fold(match[0]) in surface for surface in surfaces)
        if len(words) >= 2 and not part_of_known and not all(w.lower().strip(".'") in unnamed for w in words):
            marks.add("maybe", match.start(), match.end(), match[0])


def _is_attribute(word: str, tables: Tables) -> bool:
    """Whether it makes an adjective of a name: "the Keller-led thriller"."""
    name, _, suffix = word.rpartition("-")
    return bool(name) and suffix in tables["attributive_suffixes"]


_BEFORE_SEASON = re.compile(rf"([{CAPITAL}][\w'-]+) (?=\x00)")
_AFTER_SEASON = re.compile(r"(?<=\x00) of ((?!The\b|Our\b|His\b|Her\b|Its\b)[A-Z][\w'-]+)")
_NUMBERED = re.compile(r"([A-Z][\w'-]+) (\d{1,2})\b(?! \w+ (?:later|ago))")


_OPENING = re.compile(r"['\"]?([A-Z][\w-]*[a-z]) ([a-z]+)\b")


def _is_title_opening(opening: re.Match[str], tables: Tables) -> bool:
    """Whether one capitalised word before a verb of releasing is another title ("Silo is back in May")."""
    word, verb = opening[1].lower(), opening[2]
    if word in tables.words("function_words") or word in tables["opening_words"] or word.endswith(("s", "ing", "ly")):
        return word.endswith("ss") and verb in tables["premiere_verb"]
    return verb in tables["premiere_verb"] or verb in tables["auxiliary"]


def _starts_season(marks: Marks, at: int) -> bool:
    return any(entity.sort in ("season", "final") and entity.start == at for entity in marks.found)


def _reduce(
    marks: Marks,
    published: dt.date | None,
    gate: Gate,
    met: Met,
    forms: Mapping[str, Guarded],
) -> Tagged:
    entities = sorted(marks.found, key=lambda entity: entity.start)
    parts, positions, at, length = [], [], 0, 0
    for index, entity in enumerate(entities):
        before = marks.low[at : entity.start]
        parts.append(before + chr(BASE[entity.sort] + index))
        length += len(before) + 1
        positions.append(length - 1)
        at = entity.end
    parts.append(marks.low[at:])
    sorts = marks.sorts()
    text = _demote("".join(parts), sorts, forms, met | gate.met_by({*sorts, "crew", "title"}))
    now = tuple(sort_of(text[at]) for at in positions)
    met |= gate.met_by({sort for sort in now if sort})
    return Tagged(marks.sentence, text, tuple(entities), tuple(positions), now, published, met)


def _demote(text: str, sorts: Set[str], forms: Mapping[str, Guarded], met: Met) -> str:
    """Symbols changed by the place they stand in.

    Makers and reporters are no players; a name that is cancelled, or that "a new drama" is called, is a title; a title
    that only places something else is no subject.
    """
    if "person" in sorts:
        text = forms["crew_forms"].sub(lambda match: _recode(match[0], ("person",), "crew"), text, met)
    if not sorts.isdisjoint(("person", "maybe")):
        text = forms["title_place_forms"].sub(lambda match: _recode(match[0], ("person", "maybe"), "title"), text, met)
    if sorts.isdisjoint(("work", "title", "maybe")):
        return text
    return forms["aside_forms"].sub(lambda match: _recode(match[0], ("work", "title", "maybe"), "aside"), text, met)


def _recode(text: str, old: tuple[str, ...], new: str) -> str:
    """`text` with the symbols of the sorts `old` turned into those of `new`, which stand for the same entities."""
    return "".join(
        chr(ord(char) + BASE[new] - BASE[sort]) if (sort := sort_of(char)) is not None and sort in old else char
        for char in text
    )
