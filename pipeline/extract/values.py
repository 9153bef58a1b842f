"""What the symbols of a match say: its date, people, season, part and sort."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pipeline.extract.dates import DateSpan
from pipeline.extract.forms import load_forms
from pipeline.extract.found import Found
from pipeline.extract.lexicon import load_tables
from pipeline.extract.patterns import alternation, expand
from pipeline.extract.tagging import Season, sort_of
from storage import edtf
from storage.model import Kind, PartialDate

OLD_DAYS = 21
JUST_GONE = dt.timedelta(days=30)


def values(found: Found, subject_at: int) -> Iterator[dict[str, Any]]:
    """Fields of `Mention`: one set for each person, or each season number, that the match names.

    Nothing where the date it took cannot be resolved. `subject_at` is where the work is named, so that another title's
    season is not taken for its own.
    """
    taken, entity = found.symbols, found.tagged.entity
    told: dict[str, Any] = {}
    if found.rule.kind is Kind.SEASON:
        told = {"part": _part(found)}
    if found.rule.kind is Kind.RELEASE_DATE:
        told = {"part": _part(found), "region": _region(found), "role": found.rule.means.get("role") or _role(found)}
    if "date" in taken:
        span: DateSpan = entity(taken["date"]).value
        told |= {"date": _date(span, found), "year_open": span.past is not None}
        if told["date"] is None:
            return
    if "previous" in taken:
        told["previous_date"] = entity(taken["previous"]).value.date
        told["date"] = _beside(told["previous_date"], span)
    if "character" in taken:
        told["character"] = entity(taken["character"]).value
    if value := _value(found, taken):
        told["value"] = value
    if "total" in taken:
        told |= {"role": "planned_total", "value": taken["total"]}
    numbers = _season_numbers(found, subject_at)
    match found.rule.kind:
        case Kind.SEASON | Kind.RENEWAL if numbers:
            yield from ({**told, "season": number} for number in numbers)
        case Kind.SEASON if "total" not in taken:
            return
        case kind:
            told["season"] = numbers[0] if len(numbers) == 1 else None
            yield from ({**told, "person": name} for name in _people(found)) if kind is Kind.CASTING else (told,)


def is_long_past(found: Found) -> bool:
    """Whether the clause dates what it tells more than `OLD_DAYS` before publication. Release dates date themselves."""
    published, clause = found.tagged.published, found.clause
    if published is None or found.rule.kind in (Kind.RELEASE_DATE, Kind.SEASON):
        return False
    text, entity = found.tagged.text, found.tagged.entity
    dating = found.tables["dating_words"]
    places = (at for at in found.places("date") if clause.start <= at < clause.end)
    dates = (entity(text[at]).value.date for at in places if "".join(text[:at].rsplit(maxsplit=1)[-1:]) in dating)
    return any(date.latest < published - dt.timedelta(days=OLD_DAYS) for date in dates if date)


def _date(span: DateSpan, found: Found) -> PartialDate | None:
    """The date, or in what tells of the past its former occurrence; None where there is none.

    A day that has just gone is what was: nobody announces the same day of the next year without saying so.
    """
    published = found.tagged.published
    if not found.rule.means.get("background"):
        is_past = found.clause.head in found.tables["retelling_heads"] or (
            _has_just_gone(span, published) and not _is_ahead(found)
        )
        return span.past or span.date if is_past else span.date
    date = span.past or span.date
    return None if date and published and date.earliest > published else date


def _is_ahead(found: Found) -> bool:
    text, met, end = found.tagged.text, found.tagged.met, found.match.end()
    return load_forms(found.language)["future_forms"].search(text, met, found.clause.start, end) is not None


def _has_just_gone(span: DateSpan, published: dt.date | None) -> bool:
    day = span.past
    if day is None or published is None or day.earliest != day.latest or span.form == "weekday":
        return False
    return dt.timedelta() < published - day.latest <= JUST_GONE


def _beside(previous: PartialDate | None, span: DateSpan) -> PartialDate | None:
    """The new date of a move: where its year is left open, the one nearest to the old date that is not over."""
    if previous is None or span.date is None or span.past is None:
        return span.date
    ahead = edtf.years_later(span.date, 1)
    return min(span.date, ahead, key=lambda date: abs(date.earliest - previous.earliest))


def _value(found: Found, taken: Mapping[str, str]) -> str | None:
    """The title of a spin-off, or its sort; the sort of a trailer."""
    if "name" in taken:
        return str(found.tagged.entity(taken["name"]).value)
    if found.rule.kind not in (Kind.SPINOFF, Kind.TRAILER):
        return None
    kinds = found.tables[f"{found.rule.kind}_kinds"].items()
    return next((str(kind) for word, kind in kinds if re.search(rf"\b{word}\b", found.match[0])), None)


def _people(found: Found) -> list[str]:
    taken = found.symbols
    listed = next((taken[name] for name in ("people", "team", "person") if name in taken), "")
    return [found.tagged.entity(char).value for char in listed if sort_of(char) == "person"]


def _part(found: Found) -> str | None:
    """The part or volume named last before the match in its clause, or inside it."""
    text, clause = found.tagged.text, found.clause
    parts = [at for at in found.places("part") if clause.start <= at < found.match.end()]
    return str(found.tagged.entity(text[parts[-1]]).value) if parts else None


def _role(found: Found) -> str | None:
    """In what form it comes out, by the word nearest the date: in cinemas, to stream, on disc."""
    words = _nearest(_role_words(found.language), found)
    return str(found.tables["release_roles"][words]) if words else None


def _region(found: Found) -> str | None:
    """The country it comes out in, by the name nearest the date, as an ISO 3166 code; None for the home market."""
    name = _nearest(_region_names(found.language), found)
    return str(found.tables["regions"][name]) if name else None


def _nearest(words: re.Pattern[str], found: Found) -> str | None:
    """What `words` finds nearest to the date of the match, between the dates beside it in its clause."""
    if "date" not in found.symbols:
        return None
    at, text, clause = found.match.start("date"), found.tagged.text, found.clause
    dates = found.places("date", "until", "near")
    start = max((other + 1 for other in dates if other < at), default=0)
    end = max(clause.end, found.match.end())
    if later := [other for other in dates if other > at]:
        joints = (text.find(f" {word} ", at, later[0]) for word in found.tables.words("joining_words"))
        end = min((joint for joint in joints if joint >= 0), default=later[0])
    near = list(words.finditer(text, max(start, clause.start), end))
    best = min(near, key=lambda hit: min(abs(hit.start() - at), abs(hit.end() - at)), default=None)
    return next(group for group in (*best.groups(), best[0]) if group) if best else None


@lru_cache(maxsize=8)
def _role_words(language: str) -> re.Pattern[str]:
    return re.compile(alternation(load_tables(language).words("release_roles")))


@lru_cache(maxsize=8)
def _region_names(language: str) -> re.Pattern[str]:
    tables = load_tables(language)
    return re.compile("|".join(expand(str(form), tables) for form in tables["region_forms"]))


def _season_numbers(found: Found, subject_at: int) -> tuple[int, ...]:
    """The season the match took, else the nearest of its clause that does not stand closer to another title."""
    taken, text, clause = found.symbols, found.tagged.text, found.clause
    if "ordinal" in taken:
        return (int(found.tables["season_numbers"][taken["ordinal"]]),)
    if "season" in taken:
        return _numbers(found, taken["season"])
    anchor = found.match.start("date") if "date" in taken else found.match.start()
    titles = [*found.places("work", "title"), subject_at]
    near = [
        at
        for at in found.places("season", "final")
        if clause.reach <= at < clause.end
        if subject_at < 0 or min(titles, key=lambda title: abs(title - at)) == subject_at
    ]
    return _numbers(found, text[min(near, key=lambda at: abs(at - anchor))]) if near else ()


def _numbers(found: Found, symbol: str) -> tuple[int, ...]:
    season: Season = found.tagged.entity(symbol).value
    return season.numbers
