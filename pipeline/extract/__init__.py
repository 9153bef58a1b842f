"""What a text says, with the sentence that says it: `read(item, watch)` → `Reading`.

    item ─ clean, cut ─▶ sentences ─ tag ─▶ symbols for names, dates, seasons ─ rules ─▶ Found ─ scope, subjects, values
    ─▶ Mention…

The rules and the words are data (`rules/`, `lexicon/`); this engine only applies them. Nothing here decides which work
a pointing sentence means (`resolve` does) or what is new (`compare` does). An item in which no watched name stands
costs one pass of the automaton; a rule none of whose words stand in a sentence is not tried on it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pipeline.extract.forms import load_forms
from pipeline.extract.found import Found
from pipeline.extract.gate import Candidate, load_gate, narrowed
from pipeline.extract.lexicon import languages, load_tables
from pipeline.extract.needs import Met
from pipeline.extract.parts import Line, boundaries, outside_the_story
from pipeline.extract.people import People
from pipeline.extract.scope import Clause, clauses, stance, tells_again
from pipeline.extract.subjects import (
    NAMED_NOWHERE,
    coordinated,
    is_about_something_else,
    is_pronoun,
    names_a_parent,
    pointer,
    spoken_for_at,
    subject,
)
from pipeline.extract.tagging import Marks, Tagged, add_people, mark, sort_of, tag
from pipeline.extract.text import MAX_TITLE, clean, paragraphs, sentences
from pipeline.extract.values import is_long_past, values
from pipeline.extract.watch import NameHit, Watch, fold, watching
from storage.model import Item, Kind, Mention, Naming, Reading, Status, Work

__all__ = ["Watch", "read", "watch_works"]


_TOLD_AGAIN = frozenset({Kind.CASTING, Kind.CANCELLATION, Kind.SPINOFF, Kind.PRODUCTION})
"""What a review, a list or an explanation tells of these is known already, unless it is dated ahead."""


def watch_works(works: tuple[Work, ...]) -> Watch:
    """The index `read` needs; build it once for a configuration."""
    return watching(works, load_tables("en"))


def read(item: Item, watch: Watch) -> Reading:
    """Everything the rules read in `item` about works of `watch`, in the order of the text.

    Never raises for any text. Relative dates are resolved against `item.published_at`; without it they stay unresolved.
    """
    language = _language(item)
    bodies = {"title": clean(item.title, MAX_TITLE), "summary": clean(item.summary), "text": clean(item.text)}
    if not any(map(watch.may_find, bodies.values())):
        return Reading()
    lines = list(_lines(bodies))
    hits = watch.accompanied(watch.find_all([line.text for line in lines]), [line.text for line in lines])
    if not any(hits):
        return Reading()
    named, published = list(zip(lines, hits, strict=True)), _published(item)
    surfaces = frozenset(fold(line.text[hit.start : hit.end]) for line, names in named for hit in names)
    outside = [_Sentence(line, names) for line, names in outside_the_story(named, language)]
    told = _Reader(language, surfaces, published).told(outside)
    mentions = _mentions(told, language)
    namings = [naming for sentence in told if sentence.names for naming in _namings(sentence, language)]
    namings += boundaries(named, language)
    if tells_again(bodies["title"].lower(), language):
        mentions = [_told_again(mention, published) for mention in mentions]
    return Reading(
        mentions=tuple(_distinct(mentions)), namings=tuple(sorted(namings, key=lambda naming: naming.sentence))
    )


@dataclass(slots=True)
class _Sentence:
    """A line with the watched names in it, and the patterns that may match there as far as is known by now."""

    line: Line
    names: list[NameHit]
    words: Set[str] = frozenset()
    met: Met = 0
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def may_tell(self) -> bool:
        """Whether it is read on: with a name in any case, for what "the series" further down may mean."""
        return bool(self.names or self.candidates)


class _Told(NamedTuple):
    """A sentence reduced, with the patterns to try on it."""

    line: Line
    names: list[NameHit]
    tagged: Tagged
    candidates: list[Candidate]


class _Reader:
    """Reduces the sentences of one item, as far as they may tell something.

    Each stage goes over all of them before the next begins, so that its patterns stay at hand in the processor.
    """

    def __init__(self, language: str, surfaces: frozenset[str], published: dt.date | None) -> None:
        self._gate, self._tables = load_gate(language), load_tables(language)
        forms = load_forms(language)
        self._pointing = forms["anaphor_forms"], forms["pronoun_forms"]
        self._people = People(self._tables)
        self._surfaces, self._published = surfaces, published
        self._marks: dict[int, Marks] = {}

    def told(self, sentences: list[_Sentence]) -> list[_Told]:
        """Those with a name, and those on which a pattern may match by their words, dates, seasons and persons."""
        for sentence in sentences:
            self._sift(sentence)
        for sentence in sentences:
            self._narrow(sentence)
        for sentence in sentences:
            self._find_people(sentence)
        return [self._reduced(sentence) for sentence in sentences if sentence.may_tell]

    def _sift(self, sentence: _Sentence) -> None:
        """What may be read in a sentence without a name; nothing in one of a body that points back to none."""
        line = sentence.line
        sentence.words = self._gate.words(line.low)
        sentence.met = self._gate.met(sentence.words)
        if not sentence.names:
            met = self._gate.may_meet(sentence.met, line.text)
            points_back = line.field != "text" or any(words.may_match(met) for words in self._pointing)
            sentence.candidates = self._gate.candidates(sentence.words, met) if points_back else []

    def _narrow(self, sentence: _Sentence) -> None:
        if sentence.candidates:
            met = self._gate.may_meet_with(sentence.met, self._marked(sentence).sorts())
            sentence.candidates = narrowed(sentence.candidates, met)

    def _find_people(self, sentence: _Sentence) -> None:
        """In what is passed over persons are looked for only if one further down may be among them."""

        def find() -> None:
            add_people(self._marked(sentence), self._people)

        if sentence.may_tell:
            find()
        else:
            self._people.put_off(sentence.line.low, find)

    def _marked(self, sentence: _Sentence) -> Marks:
        line, names = sentence.line, sentence.names
        if line.number not in self._marks:
            works = [hit for hit in names if not self._people.begins_name(line.text, hit.start, hit.end)]
            self._marks[line.number] = mark(
                line.text, line.low, works, self._surfaces, self._published, self._tables, sentence.met
            )
        return self._marks[line.number]

    def _reduced(self, sentence: _Sentence) -> _Told:
        gate, marks = self._gate, self._marked(sentence)
        tagged = tag(marks, self._surfaces, self._published, self._tables, gate, sentence.met)
        if sentence.names:
            candidates = gate.candidates(sentence.words, tagged.met)
        else:
            candidates = narrowed(sentence.candidates, tagged.met)
        return _Told(sentence.line, sentence.names, tagged, candidates)


def _lines(bodies: Mapping[str, str]) -> Iterator[Line]:
    paragraph = index = 0
    for name, body in bodies.items():
        for part in paragraphs(body):
            cut = sentences(part)
            for sentence in cut:
                yield Line(sentence, fold(sentence), name, paragraph, index, len(cut) == 1)
                index += 1
            paragraph += 1


def _language(item: Item) -> str:
    """The language to read in, by its primary subtag (RFC 5646: `es-MX` is read as `es`); else English."""
    primary = (item.language or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in languages() else "en"


def _published(item: Item) -> dt.date | None:
    day = item.published_at.date() if item.published_at else None
    return day if day and 1990 <= day.year <= 2100 else None


def _namings(told: _Told, language: str) -> Iterator[Naming]:
    line, tagged = told.line, told.tagged
    for at in tagged.places("work", "aside"):
        entity, sort = tagged.entity(tagged.text[at]), sort_of(tagged.text[at])
        if entity.sort == "work":
            spoken_for = line.field == "title" and spoken_for_at(tagged, language) == at
            aside = (sort == "aside" and not spoken_for) or names_a_parent(at, tagged, language)
            yield Naming(works=entity.value, paragraph=line.paragraph, sentence=line.number, aside=aside)


def _told_again(mention: Mention, published: dt.date | None) -> Mention:
    ahead = mention.date is not None and published is not None and mention.date.earliest > published
    return mention if ahead or mention.kind not in _TOLD_AGAIN else replace(mention, background=True)


def _mentions(told: list[_Told], language: str) -> list[Mention]:
    """What each rule reads in each sentence, in the order of the rules.

    A date that one rule has read is not read again by a later one.
    """
    matches = [(sentence.line, found) for sentence in told for found in _matches(sentence, language)]
    kept = [(line, found) for line, found in matches if not _is_excluded(found)]
    readers: dict[tuple[int, int], str] = {}
    kinds: defaultdict[int, set[Kind]] = defaultdict(set)
    mentions: list[Mention] = []
    for line, found in kept:
        if found.rule.follows in (None, *kinds[line.number - 1]) and _is_first(found, line, readers):
            said = list(_said(found, line))
            kinds[line.number].update(mention.kind for mention in said)
            mentions += said
    return mentions


def _matches(told: _Told, language: str) -> Iterator[Found]:
    tagged = told.tagged
    parts: list[Clause] = []
    for candidate in told.candidates:
        for match in candidate.pattern.finditer(tagged.text, tagged.met):
            parts = parts or clauses(tagged.text, language, tagged.met)
            clause = next(part for part in reversed(parts) if part.start <= match.start())
            taken = {name: text for name, text in match.groupdict().items() if text}
            yield Found(candidate.rule, match, tagged, clause, language, taken)


def _is_excluded(found: Found) -> bool:
    match, clause, met = found.match, found.clause, found.tagged.met
    overlapping = (
        other.start() < match.end() and match.start() < other.end()
        for pattern in found.rule.unless
        for other in pattern.finditer(match.string, met)
    )
    end = max(clause.end, match.end())
    return any(overlapping) or any(
        pattern.search(match.string, met, clause.start, end) for pattern in found.rule.without
    )


def _is_first(found: Found, line: Line, readers: dict[tuple[int, int], str]) -> bool:
    """Whether no other rule has read the date of this match; from now on this one has."""
    if "date" not in found.symbols:
        return True
    return readers.setdefault((line.number, found.match.start("date")), found.rule.id) == found.rule.id


def _said(found: Found, line: Line) -> Iterator[Mention]:
    means, tagged = found.rule.means, found.tagged
    meant = stance(
        found.rule.kind, found.match, found.clause, found.language, tagged.met, free=means.get("stance") == "free"
    )
    about, at = subject(found)
    if about is None or not meant.asserted:
        return
    if about == () and line.field == "text" and not found.rule.follows and is_about_something_else(found):
        return
    points_to = pointer(found)
    if about == () and line.field == "text" and points_to is None and is_pronoun(found):
        points_to = "pronoun"
    if found.rule.kind is not Kind.SPINOFF and names_a_parent(at, tagged, found.language):
        about, at, points_to = (), NAMED_NOWHERE, "spin-off"
    start, end = tagged.span(*found.match.span())
    shared = {
        "kind": found.rule.kind,
        "rule": found.rule.id,
        "sentence": tagged.sentence,
        "start": start,
        "end": end,
        "field": line.field,
        "paragraph": line.paragraph,
        "sentence_index": line.number,
        "pointer": points_to,
        "attributed_to": meant.attributed_to,
        "status": Status(means["status"]) if "status" in means else meant.status,
        "null": bool(means.get("absent", meant.null)),
        "background": bool(means.get("background", False)) or meant.background or is_long_past(found),
        "role": means.get("role"),
        "action": means.get("action"),
        "value": means.get("value"),
    }
    for works, place in coordinated(tagged, about, at):
        if place == at or "season" not in found.symbols:
            for told in values(found, place):
                yield Mention(**{**shared, "works": works, **told})


def _distinct(mentions: list[Mention]) -> Iterator[Mention]:
    """Each thing said once per sentence: the first rule that read it keeps it."""
    seen = set()
    for mention in mentions:
        key = (
            mention.sentence_index, mention.kind, mention.works, mention.season, mention.date and mention.date.edtf,
            mention.person, mention.action, mention.null, mention.value if mention.kind is not Kind.RENEWAL else None,
        )  # fmt: skip
        if key not in seen:
            seen.add(key)
            yield mention
