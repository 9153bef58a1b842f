"""A show of TVmaze's public API → items: what the database lists, as one short sentence an entry. Pure.

The address is `https://api.tvmaze.com/shows/ID?embed[]=seasons&embed[]=cast` (or `singlesearch/shows?q=…` with the same
embeds), https://www.tvmaze.com/api. Each season and each part becomes an item whose sentence says so in plain words, so
that the rules, the ledger and the alerts treat the database as what it is: one more source, of tier `aggregator`
(docs/decisions/tvmaze.md). A date that is edited there is a new revision of the same item.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.parse.identity import identified
from pipeline.parse.parsed import MAX_ITEMS, Hints, Parsed, web_url
from pipeline.parse.words import one_line
from storage.model import Fetched, Item, Source

NAME_CHARS = 200


def is_tvmaze(data: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a show as TVmaze gives it."""
    return isinstance(data.get("name"), str) and "premiered" in data and isinstance(data.get("_links"), Mapping)


def parse_tvmaze(show: Mapping[str, Any], fetched: Fetched, source: Source) -> Parsed:
    """The seasons of a show, its end and its cast, each as an item; entries without a number or a name are left out."""
    embedded = _mapping(show.get("_embedded"))
    seasons, cast = _list(embedded.get("seasons")), _list(embedded.get("cast"))
    items = [*_seasons(show, seasons, source, fetched.fetched_at.date()), *_cast(show, cast, source)]
    missing = [name for name in ("seasons", "cast") if name not in embedded]
    hint = f"TVmaze gave no {' and no '.join(missing)}: end the address with ?embed[]=seasons&embed[]=cast"
    return Parsed(
        items=identified(items[:MAX_ITEMS]),
        hints=Hints(title=f"{_name(show)} on TVmaze", home_url=web_url(show.get("url")), language="en"),
        warnings=(hint,) if missing else (),
    )


def _seasons(
    show: Mapping[str, Any], seasons: list[Mapping[str, Any]], source: Source, today: dt.date
) -> Iterator[Item]:
    numbered = sorted((s for s in seasons if _number(s)), key=_number)
    for season in numbered:
        said = [_premiere(show, season, today, is_last=season is numbered[-1])]
        ends = _day(season.get("endDate"))
        if ends and ends >= today:
            said.append(f'The season {_number(season)} finale of "{_name(show)}" airs on {_words(ends)}.')
        if show.get("status") == "Ended" and season is numbered[-1]:
            said.append(f'Season {_number(season)} was the final season of "{_name(show)}".')
        yield _item(f"season-{season.get('id')}", season.get("url") or show.get("url"), said, source)


def _premiere(show: Mapping[str, Any], season: Mapping[str, Any], today: dt.date, *, is_last: bool) -> str:
    of = f'"{_name(show)}" season {_number(season)}'
    if day := _day(season.get("premiereDate")):
        return f"{of} {'premieres' if day >= today else 'premiered'} on {_words(day)}."
    if is_last and show.get("status") != "Ended":
        return f"{of} has no release date yet."
    return f'Season {_number(season)} of "{_name(show)}" is listed.'


def _cast(show: Mapping[str, Any], cast: list[Mapping[str, Any]], source: Source) -> Iterator[Item]:
    for part in cast:
        person, character = _mapping(part.get("person")), _mapping(part.get("character"))
        name, role = _name(person), _name(character)
        if name:
            as_role = f" as {role}" if role and not part.get("self") else ""
            said = f'{name} joins "{_name(show)}"{as_role}.'
            yield _item(f"cast-{person.get('id')}-{character.get('id')}", person.get("url"), [said], source)


def _item(identity: str, url: object, said: list[str], source: Source) -> Item:
    """The first sentence is the headline; each names who says it, for the words are ours and not a quotation."""
    title, *more = [f"TVmaze: {sentence}" for sentence in said]
    name = f"tvmaze:{identity}"
    return Item(
        source_id=source.id,
        identity=name,
        url=web_url(url),
        title=title,
        text="\n\n".join(more),
        language="en",
        keys=(f"guid:{name}",),
    )


def _name(thing: Mapping[str, Any]) -> str:
    name = thing.get("name")
    return one_line(name)[:NAME_CHARS].replace('"', "'") if isinstance(name, str) else ""


def _number(season: Mapping[str, Any]) -> int:
    """The season's number; 0 for what has none, and for years that stand as numbers."""
    number = season.get("number")
    return number if isinstance(number, int) and 0 < number <= 500 else 0


def _day(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _words(day: dt.date) -> str:
    return f"{calendar.month_name[day.month]} {day.day}, {day.year}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
