"""Rows of any table, view or query as an Atom feed (RFC 4287) and as an iCalendar file (RFC 5545).

What a row says is told by the names of its columns, which mean the same in every view: a time is `at`, `since` or ends
with `_at`, days are `earliest` and `latest`, ids end with `_id`, and `sentence` holds the words that were read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

from alerts.clean import one_line, web_url
from alerts.feeds import Entry, atom_of, urn
from alerts.ics import AllDay, calendar_file

Row = Mapping[str, object]

_TIME = re.compile(r"at|since|\w+_(at|since)")
_WORDS = ("sentence", "excerpt", "summary", "note")
_UNTITLED = (*_WORDS, "url", "earliest", "latest", "days_left", "days_moved", "sources", "origins", "details", "memory")
_TITLE_PARTS = 6
_LONG_AGO = "1971"
"""What is believed since before then is known from sources.yaml: it never happened in the news."""


def has_times(columns: Iterable[str]) -> bool:
    """True where rows of these columns can be a feed."""
    return any(_TIME.fullmatch(column) for column in columns)


def has_days(columns: Sequence[str]) -> bool:
    """True where rows of these columns can be a calendar."""
    return {"earliest", "latest"} <= set(columns) or has_times(columns)


def rows_atom(rows: Sequence[Row], *, title: str, key: str, now: dt.datetime) -> bytes:
    """The rows in their order as an Atom document; `key` names their table or view. Rows without a time are left out.

    An entry keeps its id while its row tells of the same thing, and is updated with its time.
    """
    entries = [_entry(row, key, at) for row in rows if (at := _time(row))]
    newest = max((entry.at for entry in entries), default=now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return atom_of(entries, title=title, updated=newest)


def rows_calendar(rows: Sequence[Row], *, title: str, key: str, now: dt.datetime) -> bytes:
    """The rows as all-day events: the days they may mean, or else the day of their time. Rows without are left out."""
    return calendar_file((_event(row, days, key, now) for row in rows if (days := _days(row))), name=title)


def _entry(row: Row, key: str, at: str) -> Entry:
    return Entry(
        id=_id(row, key),
        title=_title(row),
        at=at,
        author=_text(row, "source"),
        categories=tuple(text for column in ("kind", "change", "status") if (text := _text(row, column))),
        url=_text(row, "url"),
        content=_content(row),
    )


def _event(row: Row, days: tuple[dt.date, dt.date], key: str, now: dt.datetime) -> AllDay:
    told = _time(row)
    return AllDay(
        uid=f"{_id(row, key).removeprefix('urn:uuid:')}@franchise-watch",
        changed_at=dt.datetime.fromisoformat(told) if told else now,
        first=days[0],
        last=days[1],
        summary=one_line(_title(row), 300),
        description=one_line(_content(row)),
        url=web_url(_text(row, "url")),
    )


def _id(row: Row, key: str) -> str:
    """Of a change, message, item or claim its own; of a fact the question and who or what it is about."""
    own = next((f"{name} {row[name]}" for name in _OWN_IDS if row.get(name) is not None), None)
    if own is None and row.get("slot_id") is not None:
        own = f"slot {row['slot_id']} {row.get('at', '')}"
    if own is None:
        own = repr([(name, value) for name, value in row.items() if name not in _UNTITLED])
    return urn(key, own)


_OWN_IDS = ("change_id", "message_id", "claim_id", "item_id", "id")


def _title(row: Row) -> str:
    """The headline where there is one, else the first few short columns."""
    if headline := _text(row, "title") or _text(row, "headline"):
        return headline
    shown = [
        text.replace("_", " ")
        for name in row
        if not (_TIME.fullmatch(name) or name.endswith("id") or name in _UNTITLED) and (text := _text(row, name))
    ]
    return ", ".join(shown[:_TITLE_PARTS]) or "(no title)"


def _content(row: Row) -> str:
    return next((text for name in _WORDS if (text := _text(row, name))), "")


def _text(row: Row, column: str) -> str | None:
    value = row.get(column)
    return str(value) if isinstance(value, str | int | float) and value != "" else None


def _time(row: Row) -> str | None:
    """The first time in the row that is one."""
    values = (value for column, value in row.items() if _TIME.fullmatch(column))
    return next((str(value) for value in values if _is_moment(value)), None)


def _is_moment(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        return False
    return value >= _LONG_AGO


def _days(row: Row) -> tuple[dt.date, dt.date] | None:
    """The days a date may mean; of an open end the one that is known."""
    if "earliest" in row and "latest" in row:
        known = [day for day in (_day(row["earliest"]), _day(row["latest"])) if day and dt.date.min < day < dt.date.max]
        return (known[0], known[-1]) if known else None
    day = _day((_time(row) or "")[:10])
    return (day, day) if day else None


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None
