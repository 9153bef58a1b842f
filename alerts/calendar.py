"""Release dates as an iCalendar file (RFC 5545) that a calendar program subscribes to."""

from __future__ import annotations

import datetime as dt
import hashlib

from alerts.clean import one_line, web_url
from alerts.digest.names import Names, date_line, question_words
from alerts.ics import AllDay, calendar_file
from alerts.wording import words
from storage.model import Claim, DayBook, Fact, Kind, PartialDate, Slot, Status

_RANKS = 1 + max(status.rank for status in Status)
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def release_calendar(book: DayBook, *, name: str = "Releases") -> bytes:
    """Every release date of the book's facts as all-day events, past ones too, in the order of their days.

    An event is TENTATIVE until its date is confirmed, and CANCELLED once the date was withdrawn or denied. A window is
    one entry from its first day to its last; with an open end it is the one day that is known. `UID` follows from the
    slot alone and `SEQUENCE` rises with every claim that moves or supports the date, so that subscribers move what
    they have.
    """
    names = Names(book)
    claims = sorted(book.history, key=lambda claim: (claim.tier.rank, claim.claimed_at))
    best = {(claim.slot, claim.date): claim for claim in claims}
    dated = [(date, fact) for fact in book.facts if (date := _shown_date(fact))]
    dated.sort(key=lambda pair: (pair[0].earliest, pair[1].slot.id))
    events = (_event(fact, date, best.get((fact.slot, date)), names) for date, fact in dated)
    return calendar_file(events, name=name)


def _shown_date(fact: Fact) -> PartialDate | None:
    """The date, or the last one it had where it was withdrawn; None where there never was one with a known end."""
    if fact.slot.kind is not Kind.RELEASE_DATE:
        return None
    dates = [fact.value.date, *(past.value.date for past in reversed(fact.past))]
    return next((date for date in dates if date and _days(date)), None)


def _days(date: PartialDate) -> tuple[dt.date, dt.date] | None:
    """First and last day of the event; None where both ends are open."""
    known = [day for day in (date.earliest, date.latest) if dt.date.min < day < dt.date.max]
    return (known[0], known[-1]) if known else None


def _event(fact: Fact, date: PartialDate, claim: Claim | None, names: Names) -> AllDay:
    days = _days(date)
    assert days
    return AllDay(
        uid=_uid(fact.slot),
        changed_at=fact.last_claimed_at,
        sequence=_sequence(fact),
        first=days[0],
        last=days[1],
        summary=_summary(fact, date, names),
        description=_description(fact, claim, names),
        status=_event_status(fact),
        url=web_url(claim.url) if claim else None,
    )


def _uid(slot: Slot) -> str:
    return f"{hashlib.sha256(slot.id.encode(errors='backslashreplace')).hexdigest()[:32]}@franchise-watch"


def _sequence(fact: Fact) -> int:
    """Minutes up to the newest claim, then the status: what a fact remembers of its past is cut and cannot count."""
    return max(0, (fact.last_claimed_at - _EPOCH) // dt.timedelta(minutes=1)) * _RANKS + fact.status.rank


def _summary(fact: Fact, date: PartialDate, names: Names) -> str:
    """`Star City: Season 1 premiere`, a window in words behind it and a question mark while it is not confirmed."""
    text = f"{names.work(fact.slot.work_id)}: {question_words(fact.slot)}"
    if date.earliest != date.latest:
        text += f" ({date_line(date)})"
    return text if fact.status is Status.CONFIRMED else text + "?"


def _description(fact: Fact, claim: Claim | None, names: Names) -> str:
    who = ", ".join(names.source(origin) for origin in fact.origins)
    lines = [words(f"status.{fact.status}") + (f": {who}" if who else "")]
    if fact.value.platform:
        lines.append(one_line(fact.value.platform, 80))
    if claim:
        lines.append(one_line(claim.sentence))
    return "\n".join(lines)


def _event_status(fact: Fact) -> str:
    if fact.value.date is None or fact.status is Status.DENIED or fact.moved_to:
        return "CANCELLED"
    return "CONFIRMED" if fact.status is Status.CONFIRMED else "TENTATIVE"
