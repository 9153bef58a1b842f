"""Partial dates built and read: the part of EDTF (ISO 8601-2:2019, levels 1 and 2) that DESIGN.md stores.

What passes here is `PartialDate` and nothing else; phrases are read in `pipeline.extract.dates`. A date's `edtf` says
what the source said; `earliest` and `latest` may be narrower ("early 2027" is `2027`, January to April), never wider
than what `parse_edtf` gives for the text.
"""

from __future__ import annotations

import datetime as dt
import re

from storage.model import PartialDate

SPRING, SUMMER, AUTUMN, WINTER = 21, 22, 23, 24

_OPEN = ".."
_FORM = re.compile(r"(?:([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?|([0-9]{3})X)(~?)")
_QUARTERS = range(33, 37)


def parse_edtf(text: str) -> PartialDate:
    """The date that stored text means. ValueError names the text and the forms there are."""
    first, slash, second = text.partition("/")
    try:
        if not slash:
            return _parse_one(first)
        start = None if first == _OPEN else _parse_one(first)
        return interval(start, None if second == _OPEN else _parse_one(second))
    except ValueError as error:
        hint = "write 2027-03-27, 2027-03, 2027-21 (spring), 2027-35 (quarter), 2027, 202X, 2027-03/2027-05 or 2027/.."
        raise ValueError(f'"{text}" is no date ({error}); {hint}') from None


def _parse_one(text: str) -> PartialDate:
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(f'"{text}" has no known form')
    years, middle, days, decades, tilde = form.groups()
    date = decade(int(decades) * 10) if decades else _parse_parts(int(years), middle, days)
    return about(date) if tilde else date


def _parse_parts(years: int, middle: str | None, days: str | None) -> PartialDate:
    if middle is None:
        return year(years)
    if days is not None:
        return day(years, int(middle), int(days))
    match int(middle):
        case code if code in _QUARTERS:
            return quarter(years, code - 32)
        case code if SPRING <= code <= WINTER:
            return season(years, code)
        case number:
            return month(years, number)


def day(years: int, months: int, days: int) -> PartialDate:
    """`2027-03-27`. ValueError where the calendar has no such day."""
    return on(dt.date(years, months, days))


def on(date: dt.date) -> PartialDate:
    """A calendar day as a partial date."""
    return PartialDate(edtf=date.isoformat(), earliest=date, latest=date)


def month(years: int, months: int) -> PartialDate:
    """`2027-03`."""
    return PartialDate(edtf=f"{years:04}-{months:02}", earliest=dt.date(years, months, 1), latest=_end(years, months))


def season(years: int, code: int) -> PartialDate:
    """`2027-21` spring (March to May), 22 summer, 23 autumn, 24 winter (December to February of the next year)."""
    if not SPRING <= code <= WINTER:
        raise ValueError(f"season {code} is not 21, 22, 23 or 24")
    first = 3 * (code - SPRING + 1)
    return PartialDate(edtf=f"{years:04}-{code}", earliest=dt.date(years, first, 1), latest=_end(years, first + 2))


def quarter(years: int, number: int) -> PartialDate:
    """`2027-35`, the third quarter; `number` is 1 to 4."""
    if not 1 <= number <= 4:
        raise ValueError(f"quarter {number} is not 1, 2, 3 or 4")
    last = 3 * number
    return PartialDate(edtf=f"{years:04}-{number + 32}", earliest=dt.date(years, last - 2, 1), latest=_end(years, last))


def half(years: int, number: int) -> PartialDate:
    """`2027-01/2027-06`, the first half; `number` is 1 or 2."""
    if not 1 <= number <= 2:
        raise ValueError(f"half {number} is not 1 or 2")
    return interval(month(years, 6 * number - 5), month(years, 6 * number))


def year(years: int) -> PartialDate:
    """`2027`."""
    return PartialDate(edtf=f"{years:04}", earliest=dt.date(years, 1, 1), latest=dt.date(years, 12, 31))


def decade(years: int) -> PartialDate:
    """`202X`, the decade of a year."""
    first = years - years % 10
    return PartialDate(
        edtf=f"{first // 10:03}X", earliest=dt.date(max(first, 1), 1, 1), latest=dt.date(first + 9, 12, 31)
    )


def interval(start: PartialDate | None, end: PartialDate | None) -> PartialDate:
    """`2027-03/2027-05`; None is an open end: `../2027-06`, `2027/..`. ValueError where the end is before the start."""
    if start is None and end is None:
        raise ValueError("an interval has at least one end")
    for part in (start, end):
        if part is not None and "/" in part.edtf:
            raise ValueError(f"{part.edtf} is an interval itself")
    if start is not None and end is not None and (end.latest < start.earliest or end.earliest < start.earliest):
        raise ValueError(f"{end.edtf} is before {start.edtf}")
    return PartialDate(
        edtf=f"{start.edtf if start else _OPEN}/{end.edtf if end else _OPEN}",
        earliest=start.earliest if start else dt.date.min,
        latest=end.latest if end else dt.date.max,
    )


def about(date: PartialDate) -> PartialDate:
    """`2027-03~`: wider on both sides by a quarter of its length, at least three days."""
    if date.edtf.endswith("~") or "/" in date.edtf:
        raise ValueError(f"{date.edtf} cannot be made approximate")
    slack = max(3, ((date.latest - date.earliest).days + 1) // 4)
    earliest = dt.date.fromordinal(max(1, date.earliest.toordinal() - slack))
    latest = dt.date.fromordinal(min(dt.date.max.toordinal(), date.latest.toordinal() + slack))
    return PartialDate(edtf=f"{date.edtf}~", earliest=earliest, latest=latest)


def narrow(date: PartialDate, *, earliest: dt.date = dt.date.min, latest: dt.date = dt.date.max) -> PartialDate:
    """The same text with closer bounds; unchanged where the bounds do not meet the date at all."""
    first, last = max(date.earliest, earliest), min(date.latest, latest)
    return PartialDate(edtf=date.edtf, earliest=first, latest=last) if first <= last else date


def years_later(date: PartialDate, years: int) -> PartialDate:
    """The same day, month or season so many years later; 29 February becomes the 28th, an interval stays."""
    if "/" in date.edtf or not date.edtf[:4].isdigit():
        return date
    rest = date.edtf[4:].replace("-02-29", "-02-28")
    return parse_edtf(f"{int(date.edtf[:4]) + years}{rest}")


def contains(outer: PartialDate, inner: PartialDate) -> bool:
    """Whether every day that `inner` may mean is a day that `outer` may mean."""
    return outer.earliest <= inner.earliest and inner.latest <= outer.latest


def disjoint(one: PartialDate, other: PartialDate) -> bool:
    """Whether no day can be meant by both."""
    return one.latest < other.earliest or other.latest < one.earliest


def _end(years: int, months: int) -> dt.date:
    """The last day of a month; months past 12 count on into the next year, as far as the calendar goes."""
    years, months = years + (months - 1) // 12, (months - 1) % 12 + 1
    if years > dt.MAXYEAR or (years, months) == (dt.MAXYEAR, 12):
        return dt.date.max
    return dt.date(years + months // 12, months % 12 + 1, 1) - dt.timedelta(days=1)
