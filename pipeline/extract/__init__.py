"""What a text says, with the sentence that says it: `read(item, watch)` → `Reading`.

    item ─ clean, cut ─▶ sentences ─ tag ─▶ symbols in place of names, dates, seasons ─ rules ─▶ matches ─ scope ─▶ Mention…

The rules and the words are data (`rules/`, `lexicon/`); this engine only applies them. Nothing here decides which work a
pointing sentence means (`resolve` does) or what is new (`compare` does). Cost: an item in which no watched name stands
costs one pass of the automaton; sentences without a cue word are never tagged.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline.extract.dates import DateSpan
from pipeline.extract.lexicon import Tables, load_tables
from pipeline.extract.patterns import forms, symbols
from pipeline.extract.people import People
from pipeline.extract.rules import Rule, load_cues, load_rules
from pipeline.extract.scope import Clause, Stance, clauses, stance
from pipeline.extract.tagging import Entity, Season, Tagged, sort_of, tag
from pipeline.extract.text import MAX_TITLE, clean, paragraphs, sentences
from pipeline.extract.watch import Watch, fold, watching
from storage.model import Item, Kind, Mention, Naming, PartialDate, Reading, Status, Work

__all__ = ["Watch", "read", "watch_works"]

LANGUAGES = ("en", "es")


def watch_works(works: tuple[Work, ...]) -> Watch:
    """The index `read` needs; build it once for a configuration."""
    return watching(works, load_tables("en"))


def read(item: Item, watch: Watch) -> Reading:
    """Everything the rules read in `item` about works of `watch`, in the order of the text.

    Never raises for any text. Relative dates are resolved against `item.published_at`; without it they stay unresolved.
    """
    language = item.language if item.language in LANGUAGES else "en"
    if not any(watch.may_find(clean(raw)) for raw in (item.title[:MAX_TITLE], item.summary, item.text)):
        return Reading()
    lines = list(_lines(item))
    hits = watch.accompanied([watch.find(line.text) for line in lines], [line.text for line in lines])
    if not any(hits):
        return Reading()
    tables = load_tables(language)
    people = People(tables)
    surfaces = frozenset(
        fold(line.text[hit.start : hit.end]) for line, names in zip(lines, hits, strict=True) for hit in names
    )
    published = _published(item)
    mentions: list[Mention] = []
    namings: list[Naming] = []
    for line, names in zip(lines, hits, strict=True):
        tagged = tag(line.text, names, surfaces, published, tables, people)
        namings += _namings(tagged, line, language)
        mentions += _read_sentence(tagged, line, language)
    return Reading(mentions=tuple(_distinct(mentions)), namings=tuple(namings))


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    field: str
    paragraph: int
    index: int


def _lines(item: Item) -> Iterator[_Line]:
    paragraph = index = 0
    for name, limit in (("title", MAX_TITLE), ("summary", None), ("text", None)):
        raw = getattr(item, name)
        body = clean(raw, limit) if limit else clean(raw)
        for part in paragraphs(body):
            for sentence in sentences(part):
                yield _Line(sentence, name, paragraph, index)
                index += 1
            paragraph += 1


def _published(item: Item) -> dt.date | None:
    day = item.published_at.date() if item.published_at else None
    return day if day and 1990 <= day.year <= 2100 else None


def _namings(tagged: Tagged, line: _Line, language: str) -> Iterator[Naming]:
    for at, char in zip(tagged.positions, tagged.symbols(), strict=True):
        if sort_of(char) in ("work", "aside") and tagged.entity(char).sort == "work":
            aside = sort_of(char) == "aside" or _names_a_parent(at, tagged, language)
            works = tagged.entity(char).value
            yield Naming(works=works, paragraph=line.paragraph, sentence=line.index, aside=aside)


def _read_sentence(tagged: Tagged, line: _Line, language: str) -> Iterator[Mention]:
    """What each rule reads, in the order of the rules; a date read by one rule is not read again by a later one."""
    parts = clauses(tagged.text, language)
    taken: dict[int, str] = {}
    present = load_cues(language).present(tagged.text) | {sort_of(tagged.text[at]) for at in tagged.positions}
    for rule in load_rules(language):
        for reads in rule.reads:
            if any(present.isdisjoint(need) for need in reads.needs):
                continue
            for match in reads.pattern.finditer(tagged.text):
                clause = next(part for part in reversed(parts) if part.start <= match.start())
                if _excluded(rule, match, clause) or _is_taken(rule, match, taken):
                    continue
                yield from _mentions(rule, match, tagged, line, clause, language)


def _is_taken(rule: Rule, match: re.Match[str], taken: dict[int, str]) -> bool:
    if not match.groupdict().get("date"):
        return False
    return taken.setdefault(match.start("date"), rule.id) != rule.id


def _excluded(rule: Rule, match: re.Match[str], clause: Clause) -> bool:
    overlapping = (
        other.start() < match.end() and match.start() < other.end()
        for pattern in rule.unless
        for other in pattern.finditer(match.string)
    )
    end = max(clause.end, match.end())
    return any(overlapping) or any(pattern.search(match.string, clause.start, end) for pattern in rule.without)


def _mentions(
    rule: Rule, match: re.Match[str], tagged: Tagged, line: _Line, clause: Clause, language: str
) -> Iterator[Mention]:
    free = rule.means.get("stance") == "free"
    meant = stance(rule.kind, tagged.text, match.start(), match.end(), clause, language, free=free)
    subject, at = _subject(match, tagged, clause)
    if subject is None or not meant.asserted:
        return
    pointer = _pointer(match, tagged, load_tables(language))
    if rule.kind is not Kind.SPINOFF and _names_a_parent(at, tagged, language):
        subject, at, pointer = (), -1, "spin-off"
    start, end = tagged.span(match.start(), match.end())
    shared = {
        "kind": rule.kind,
        "rule": rule.id,
        "sentence": tagged.sentence,
        "start": start,
        "end": end,
        "field": line.field,
        "paragraph": line.paragraph,
        "sentence_index": line.index,
        "pointer": pointer,
        "attributed_to": meant.attributed_to,
        "status": Status(rule.means["status"]) if "status" in rule.means else meant.status,
        "null": bool(rule.means.get("absent", meant.null)),
        "background": bool(rule.means.get("background", False)) or meant.background,
        "role": rule.means.get("role"),
        "action": rule.means.get("action"),
        "value": rule.means.get("value"),
    }
    for works, place in _coordinated(tagged, subject, at):
        if place != at and match.groupdict().get("season"):
            continue
        for values in _values(rule, match, tagged, clause, place, language):
            yield Mention(**{**shared, "works": works, **values})


_POINTS_ON = re.compile(
    r"['\"]?(?: [a-z-]+){0,2}? (?:at|for|of|in) [^;:!?]{0,45}?(?P<named>" + symbols("work", "title") + ")"
)


def _subject(match: re.Match[str], tagged: Tagged, clause: Clause) -> tuple[tuple[str, ...] | None, int]:
    """The works the match is about and where they are named.

    () at -1 where the sentence names none, None where it is about some other title.
    """
    groups = match.groupdict()
    if groups.get("work"):
        return _followed(tagged, match.start("work"))
    if groups.get("title"):
        return None, -1
    if ahead := _POINTS_ON.match(tagged.text, match.end(), max(clause.end, match.end())):
        return _followed(tagged, ahead.start("named"))
    places = [
        at
        for at, char in zip(tagged.positions, tagged.symbols(), strict=True)
        if sort_of(char) in ("work", "title") and char != groups.get("name")
    ]
    for group in ([at for at in places if clause.start <= at < clause.end], places):
        before = [at for at in group if at < match.end()]
        after = [at for at in group if at >= match.end()]
        if before or after:
            return _followed(tagged, before[-1] if before else after[0])
    elsewhere = any(
        sort_of(char) == "maybe" and char != groups.get("name") for char in tagged.text[clause.start : clause.end]
    )
    return (None if elsewhere else ()), -1


def _followed(tagged: Tagged, at: int) -> tuple[tuple[str, ...] | None, int]:
    char = tagged.text[at]
    return (tagged.entity(char).value if sort_of(char) == "work" else None), at


_JOINED = re.compile(
    symbols("work")
    + r"(?='?['\"]?(?: "
    + symbols("season", "final")
    + r")?['\"]?(?:, and |, or |, | and | or | nor | & )(?:the |its |a )?(?:[a-z-]+ ){0,2}['\"]?$)"
)


def _coordinated(tagged: Tagged, subject: tuple[str, ...], at: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """The subject and the works joined to it by "and", "or", "nor": what is said of one is said of each."""
    yield subject, at
    while at > 0 and (joined := _JOINED.search(tagged.text, max(0, at - 40), at)):
        at = joined.start()
        yield tagged.entity(tagged.text[at]).value, at


def _pointer(match: re.Match[str], tagged: Tagged, tables: Tables) -> str | None:
    """What the words before or just behind the match point to without a name: "spin-off", "parent", "film"."""
    before, after = tagged.text[: match.end()], tagged.text[match.end() : match.end() + 40]
    found = [(before.rfind(words), str(sort)) for words, sort in tables["pointers"].items() if words in before]
    found += [
        (len(before), str(sort)) for words, sort in tables["pointers"].items() if after.startswith(f" of {words}")
    ]
    return max(found)[1] if found else None


def _names_a_parent(at: int, tagged: Tagged, language: str) -> bool:
    """Whether the work named at `at` only says whose spin-off the sentence is about."""
    return any(found.start() <= at < found.end() for found in _spin_off_of(language).finditer(tagged.text))


@lru_cache(maxsize=8)
def _spin_off_of(language: str) -> re.Pattern[str]:
    return forms("spin_off_of_forms", load_tables(language))


def _values(
    rule: Rule, match: re.Match[str], tagged: Tagged, clause: Clause, at: int, language: str
) -> Iterator[dict[str, Any]]:
    """What the symbols of a match say: one set of values for each person or season number in it."""
    groups = {name: text for name, text in match.groupdict().items() if text}
    values: dict[str, Any] = {}
    if "date" in groups and not _take_date(tagged.entity(groups["date"]).value, values, rule, tagged.published):
        return
    if rule.kind is Kind.RELEASE_DATE:
        values["part"] = _part(match, tagged, clause)
    if "previous" in groups:
        values["previous_date"] = tagged.entity(groups["previous"]).value.date
    if "character" in groups:
        values["character"] = tagged.entity(groups["character"]).value
    if "name" in groups:
        values["value"] = tagged.entity(groups["name"]).value
    elif rule.kind in (Kind.SPINOFF, Kind.TRAILER):
        values["value"] = _sort_named(match[0], load_tables(language)[f"{rule.kind}_kinds"]) or rule.means.get("value")
    if "total" in groups:
        values |= {"role": "planned_total", "value": groups["total"]}
    numbers = _season_numbers(groups, match, tagged, clause, at)
    if rule.kind in (Kind.SEASON, Kind.RENEWAL) and numbers:
        yield from ({**values, "season": number} for number in numbers)
        return
    if rule.kind is Kind.SEASON and "total" not in groups:
        return
    values["season"] = numbers[0] if len(numbers) == 1 else None
    people = [
        tagged.entity(c).value
        for c in groups.get("people", groups.get("team", groups.get("person", "")))
        if sort_of(c) == "person"
    ]
    if rule.kind is Kind.CASTING:
        yield from ({**values, "person": person} for person in people)
    else:
        yield values


def _take_date(span: DateSpan, values: dict[str, Any], rule: Rule, published: dt.date | None) -> bool:
    """Put the date into `values`, or its former occurrence for a rule about the past; False where there is none."""
    past = rule.means.get("background", False)
    date: PartialDate | None = (span.past or span.date) if past else span.date
    if past and date and published and date.earliest > published:
        return False
    values["date"] = date
    return date is not None


def _part(match: re.Match[str], tagged: Tagged, clause: Clause) -> str | None:
    """The part or volume named before the match in its clause, or inside it; a later date belongs to a later part."""
    found = [char for char in tagged.text[clause.start : match.end()] if sort_of(char) in ("part", "date", "until")]
    parts = [char for char in found if sort_of(char) == "part"]
    return tagged.entity(parts[-1]).value if parts else None


def _sort_named(text: str, kinds: Mapping[str, str | int]) -> str | None:
    return next((str(kind) for word, kind in kinds.items() if re.search(rf"\b{word}\b", text)), None)


def _season_numbers(
    groups: dict[str, str], match: re.Match[str], tagged: Tagged, clause: Clause, subject_at: int
) -> tuple[int, ...]:
    """The season a match is about: the one it captured, else the nearest of its clause that is not another title's."""
    if "season" in groups:
        return _numbers(tagged.entity(groups["season"]))
    anchor = match.start("date") if groups.get("date") else match.start()
    titles = [
        at for at, char in zip(tagged.positions, tagged.symbols(), strict=True) if sort_of(char) in ("work", "title")
    ]
    near = [
        (abs(at - anchor), _numbers(tagged.entity(char)))
        for at, char in zip(tagged.positions, tagged.symbols(), strict=True)
        if sort_of(char) in ("season", "final") and clause.start <= at < clause.end
        if subject_at < 0 or min(titles, key=lambda title: abs(title - at)) == subject_at
    ]
    return min(near)[1] if near else ()


def _numbers(entity: Entity) -> tuple[int, ...]:
    season: Season = entity.value
    return season.numbers


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
