"""A written date → an aware UTC time, or None where it can be read in two ways. Pure."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero janvier januar janeiro gennaio",
            "february feb febrero février februar fevereiro febbraio",
            "march mar marzo mars märz março",
            "april apr abril avril aprile",
            "may mayo mai maio maggio",
            "june jun junio juin juni junho giugno",
            "july jul julio juillet juli julho luglio",
            "august aug agosto août",
            "september sept sep septiembre setiembre septembre setembro settembre",
            "october oct octubre octobre oktober outubro ottobre",
            "november nov noviembre novembre novembro",
            "december dec diciembre décembre dezember dezembro dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_CLOCK = r"(?:\D{0,12}?\b(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[ap]\.?m\b)?)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?"
_WRITTEN = (
    re.compile(rf"\b(?P<month>{_MONTH})\b\.?\s+{_DAY},?\s+(?P<year>\d{{4}})\b{_CLOCK}", re.IGNORECASE),
    re.compile(
        rf"\b{_DAY}\.?\s+(?:de\s+)?(?P<month>{_MONTH})\b\.?,?\s+(?:del?\s+)?(?P<year>\d{{4}})\b{_CLOCK}", re.IGNORECASE
    ),
    re.compile(r"(?P<year>\d{4})年\s?(?P<month>\d{1,2})月\s?(?P<day>\d{1,2})日" + _CLOCK),
    re.compile(rf"\b(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})\b{_CLOCK}"),
)
_NUMERIC = re.compile(r"\b(\d{1,2})([./-])(\d{1,2})\2(\d{4})\b")
_EPOCH = re.compile(r"[1-9]\d{9}(?:\d{3})?")
"""Seconds, or milliseconds, from 2001 on."""
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ]\d{2}:?\d{2}.*)?")

EARLIEST_YEAR = 1990
LATEST_AHEAD = dt.timedelta(days=366)


def read_date(text: str | None) -> dt.datetime | None:
    """The time a text states: ISO 8601, RFC 5322, seconds of the epoch, or day, month and year written out.

    Months are read in English, Spanish, French, German, Portuguese and Italian. A time without a zone is taken as UTC,
    a day alone as its midnight. `03/04/2026` is two dates and gives None, `25/12/2026` is one. Nothing relative
    ("yesterday") is read, as no clock is known here.
    """
    text = " ".join((text or "")[:200].split())
    if not text:
        return None
    if _EPOCH.fullmatch(text):
        return dt.datetime.fromtimestamp(int(text[:10]), dt.UTC)
    if _ISO.fullmatch(text):
        return _iso(text) or _written(text)
    return _written(text) or _mail(text)


def plausible(at: dt.datetime | None, seen_at: dt.datetime) -> dt.datetime | None:
    """`at` itself, or None where it is absurd: before the web, or more than a year after it was seen."""
    if at is None or at.year < EARLIEST_YEAR or at > seen_at + LATEST_AHEAD:
        return None
    return at


def _iso(text: str) -> dt.datetime | None:
    try:
        return _utc(dt.datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d\d)", "", text)))
    except (ValueError, OverflowError):
        return None


def _mail(text: str) -> dt.datetime | None:
    try:
        return _utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError):
        return None


def _written(text: str) -> dt.datetime | None:
    found = next((match for form in _WRITTEN if (match := form.search(text))), None)
    if found is None:
        return _numeric(text)
    parts = found.groupdict()
    month = parts["month"].lower()
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower().startswith("p") else 0)
    try:
        return dt.datetime(
            int(parts["year"]), _MONTHS.get(month) or int(month), int(parts["day"]), hour, minute, tzinfo=dt.UTC
        )
    except ValueError:
        return None


def _numeric(text: str) -> dt.datetime | None:
    found = _NUMERIC.search(text)
    if found is None:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    if found[2] == "." or first > 12:
        day, month = first, second
    elif second > 12 or first == second:
        day, month = second, first
    else:
        return None
    try:
        return dt.datetime(year, month, day, tzinfo=dt.UTC)
    except ValueError:
        return None


def _utc(at: dt.datetime) -> dt.datetime:
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
