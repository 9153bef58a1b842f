"""All-day events as an iCalendar file (RFC 5545), for whoever has some: release dates, rows of a table.

The values and the folded lines are icalendar's own. Its components are not used: they give every property parameters,
sort them and copy them, which is most of the work of a file of thousands of events.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from icalendar import vDate, vDatetime, vText, vUri
from icalendar.parser import Contentline

from alerts.clean import one_line

_DAY = dt.timedelta(days=1)
_FOLDED_FROM = 75
"""Bytes. (RFC 5545, §3.1)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllDay:
    """One event, from a first day to a last; texts as they are to be read."""

    uid: str
    """The same for the same event for ever."""
    changed_at: dt.datetime
    first: dt.date
    last: dt.date
    summary: str
    description: str
    url: str | None = None
    sequence: int | None = None
    """Rises with every change, where it is known."""
    status: str | None = None
    """`CONFIRMED`, `TENTATIVE` or `CANCELLED`, where it is known."""


def calendar_file(events: Iterable[AllDay], *, name: str) -> bytes:
    """The events in their order, in UTF-8, as a calendar of that name; none of them takes time in anybody's day."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//franchise-watch//EN",
        _text("X-WR-CALNAME", one_line(name, 120)),
    ]
    return "".join([*map(_ended, lines), *map(_written_out, events), _ended("END:VCALENDAR")]).encode()


@functools.lru_cache(maxsize=20_000)  # calendar programs ask for the same file every hour
def _written_out(event: AllDay) -> str:
    return "".join(map(_ended, _lines(event)))


def _lines(event: AllDay) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield _text("SUMMARY", event.summary)
    yield f"DTSTART;VALUE=DATE:{_written(vDate(event.first))}"
    yield f"DTEND;VALUE=DATE:{_written(vDate(event.last + _DAY))}"
    yield f"DTSTAMP:{_written(vDatetime(event.changed_at.astimezone(dt.UTC)))}"
    yield _text("UID", event.uid)
    if event.sequence is not None:
        yield f"SEQUENCE:{event.sequence}"
    yield _text("DESCRIPTION", event.description)
    if event.status is not None:
        yield f"STATUS:{event.status}"
    yield "TRANSP:TRANSPARENT"
    if event.url is not None:
        yield f"URL:{_written(vUri(event.url))}"
    yield "END:VEVENT"


def _text(name: str, value: str) -> str:
    return f"{name}:{_written(vText(value))}"


def _ended(line: str) -> str:
    fits = line.isascii() and len(line) < _FOLDED_FROM
    return (line if fits else _written(Contentline(line))) + "\r\n"  # type: ignore[no-untyped-call]


def _written(value: Any) -> str:
    """A value of icalendar's; not all of them are typed."""
    return str(value.to_ical().decode())
