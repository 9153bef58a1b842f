"""Which one is meant: "in March", "this fall", "next Friday", "Thanksgiving", seen from the day of publication.

What passes here are days and partial dates; words are the business of `date_grammar` and `dates`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache

from storage import edtf
from storage.model import PartialDate

Yearly = Callable[[int], PartialDate | None]
"""The one of a year ("March" of 2027); None in a year that has none (29 February)."""

_HOLIDAY = re.compile(
    r"(?:(?P<month>\d\d)-(?:(?P<day>\d\d)|(?P<weekday>[a-z]{3})-(?P<nth>\d|last))|easter)(?P<shift>[+-]\d+)?"
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEAP_GAP = 9
"""Years in which every day of the calendar occurs, even 29 February around 2100."""
_LONG_OVER = dt.timedelta(days=183)


def coming(at: Yearly, published: dt.date) -> PartialDate | None:
    """The next one that is not over on the day of publication."""
    found = (at(year) for year in range(published.year - 1, published.year + _LEAP_GAP))
    return next((date for date in found if date and date.latest >= published), None)


def latest(at: Yearly, published: dt.date) -> PartialDate | None:
    """The last one that has begun by the day of publication."""
    found = (at(year) for year in range(published.year + 1, published.year - _LEAP_GAP, -1))
    return next((date for date in found if date and date.earliest <= published), None)


def chosen(at: Yearly, which: int, published: dt.date) -> PartialDate | None:
    """The one called this (0), next (1), last (-1), the coming (2) or the past (-2)."""
    match which:
        case 0:
            return _this(at, published)
        case 1:
            return _next(at, published)
        case 2:
            return coming(at, published)
        case _:
            over = (at(year) for year in range(published.year, published.year - _LEAP_GAP, -1))
            return next((date for date in over if date and date.latest < published), None)


def _this(at: Yearly, published: dt.date) -> PartialDate | None:
    """The present one, else this year's unless it is long over: "this spring" in December is the next."""
    present = latest(at, published)
    if present and present.latest >= published:
        return present
    own = at(published.year)
    return own if own and published - own.latest < _LONG_OVER else coming(at, published)


def _next(at: Yearly, published: dt.date) -> PartialDate | None:
    """Next year's; but "next winter" before September is the one that begins this year."""
    own = at(published.year)
    if own and own.latest.year > published.year and published.month < 9:
        return own
    following = (at(year) for year in range(published.year + 1, published.year + _LEAP_GAP))
    return next((date for date in following if date), None)


def holiday(rule: str, year: int) -> dt.date:
    """The day of `12-25`, `11-thu-4` (fourth Thursday), `05-mon-last`, `easter-2` or `11-thu-4+1` (a day later)."""
    form = _HOLIDAY.fullmatch(rule)
    if form is None:
        raise ValueError(f'holiday "{rule}" is not like 12-25, 11-thu-4, 05-mon-last or easter-2')
    if form["month"] is None:
        day = _easter(year)
    elif form["day"]:
        day = dt.date(year, int(form["month"]), int(form["day"]))
    else:
        day = _nth_weekday(year, int(form["month"]), _WEEKDAYS.index(form["weekday"]), form["nth"])
    return day + dt.timedelta(days=int(form["shift"] or 0))


def _nth_weekday(year: int, month: int, weekday: int, nth: str) -> dt.date:
    if nth == "last":
        last = edtf.month(year, month).latest
        return last - dt.timedelta(days=(last.weekday() - weekday) % 7)
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (int(nth) - 1))


@lru_cache(maxsize=512)
def _easter(year: int) -> dt.date:
    """Western Easter Sunday, by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8)."""
    century, of_century = divmod(year, 100)
    cycle = year % 19
    moon = (19 * cycle + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (cycle + 11 * moon + 22 * to_sunday) // 451
    month, day = divmod(moon + to_sunday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def weekday(number: int, which: int | None, published: dt.date) -> dt.date:
    """The day meant by "Friday": on or after publication; "next" is in the next week, "last" before publication."""
    match which:
        case 1:
            return published + dt.timedelta(days=7 - published.weekday() + number)
        case -1 | -2:
            return published - dt.timedelta(days=(published.weekday() - number - 1) % 7 + 1)
        case 2:
            return published + dt.timedelta(days=(number - published.weekday() - 1) % 7 + 1)
        case _:
            return published + dt.timedelta(days=(number - published.weekday()) % 7)


def weekday_on(number: int, day: int, published: dt.date, step: int) -> PartialDate | None:
    """The nearest "Friday the 13th" from publication on (`step` 1) or back (-1)."""
    days = (published + dt.timedelta(days=step * days) for days in range(_LEAP_GAP * 366))
    return next((edtf.on(date) for date in days if date.day == day and date.weekday() == number), None)


def week(day: dt.date) -> PartialDate:
    """Monday to Sunday around a day."""
    monday = day - dt.timedelta(days=day.weekday())
    return _days(monday, monday + dt.timedelta(days=6))


def weekend(day: dt.date) -> PartialDate:
    """Friday to Sunday of the week of a day: an opening weekend."""
    friday = day + dt.timedelta(days=4 - day.weekday())
    return _days(friday, friday + dt.timedelta(days=2))


def holiday_weekend(day: dt.date) -> PartialDate:
    """The days off around a holiday: to Sunday from a Thursday or Friday, from Friday to a Monday, else its weekend."""
    if day.weekday() == 0:
        return _days(day - dt.timedelta(days=3), day)
    if day.weekday() == 3:
        return _days(day, day + dt.timedelta(days=3))
    return weekend(day)


def _days(start: dt.date, end: dt.date) -> PartialDate:
    return edtf.interval(edtf.on(start), edtf.on(end))


def unit(name: str, step: int, published: dt.date) -> PartialDate:
    """This (`step` 0), the next (1) or the last (-1) week, weekend, month, quarter, year or decade."""
    match name:
        case "week":
            return week(published + dt.timedelta(weeks=step))
        case "weekend":
            return weekend(published + dt.timedelta(weeks=step))
        case "month":
            return shift_months(published, step)
        case "quarter":
            number = published.year * 4 + (published.month - 1) // 3 + step
            return edtf.quarter(number // 4, number % 4 + 1)
        case "decade":
            return edtf.decade(published.year + 10 * step)
        case _:
            return edtf.year(published.year + step)


def shift_months(published: dt.date, months: int) -> PartialDate:
    """The month so many months away."""
    number = published.year * 12 + published.month - 1 + months
    return edtf.month(number // 12, number % 12 + 1)


def offset(count: int, unit_name: str, published: dt.date) -> PartialDate:
    """ "In three weeks" (count 3), "two months ago" (-2): a day only where days are counted, else about then."""
    match unit_name:
        case "day":
            return edtf.on(published + dt.timedelta(days=count))
        case "week":
            return edtf.about(edtf.on(published + dt.timedelta(weeks=count)))
        case "month":
            return edtf.about(shift_months(published, count))
        case _:
            return edtf.about(edtf.year(published.year + count))


def third(date: PartialDate, name: str) -> PartialDate:
    """The early, mid or late third of a date: months by days 10 and 20, longer dates by whole months."""
    index = ("early", "mid", "late").index(name)
    first, last = date.earliest, date.latest
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months >= 3:
        starts = [_first_of(first, months * i // 3) for i in range(4)]
    else:
        starts = [first, first + dt.timedelta(days=10), first + dt.timedelta(days=20), last + dt.timedelta(days=1)]
    return edtf.narrow(date, earliest=starts[index], latest=starts[index + 1] - dt.timedelta(days=1))


def _first_of(day: dt.date, months: int) -> dt.date:
    number = day.year * 12 + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)
