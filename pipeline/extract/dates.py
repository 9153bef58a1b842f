"""Date phrases in a sentence, with the days they may mean seen from the day of publication.

Every date phrase is found, whether or not it tells of a release: that is for others to decide. No clock is read and no
day is invented: "spring 2027" stays a spring. The words and their order are data (`lexicon/<language>/dates.yaml`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from pipeline.extract import calendar
from pipeline.extract.calendar import Yearly
from pipeline.extract.date_grammar import Grammar, Phrase, Said, grammar
from pipeline.extract.lexicon import Tables
from storage import edtf
from storage.model import PartialDate

_A_LEAP_YEAR = 2000
FIRST_YEAR, LAST_YEAR = 1990, 2099
"""A publication outside these years is a mistake of the source, from which no date is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateSpan:
    """`text[start:end]` is a date phrase that means `date`, or, in a sentence about what was, `past`.

    `past` is set where the words leave open which one is meant ("March 4", "in spring", "on Friday"): `date` is then
    the next one on or after publication, `past` the last one on or before it.

    `form` is what sort of phrase it is: `day month season quarter half year decade week weekend weekday holiday
    holidays near` (today, tomorrow) `offset` (in three weeks) `ago range`, or the bound it sets: `by before after
    not_before until about`. `date` is None where no date can be told, and `form` says why: `undated` (no publication
    date), `absurd` (one that cannot be), `impossible` (30 February), `ambiguous` (3/4/2027), `anaphoric` (a year
    later), `vague` (in the coming weeks), `duration` (the first in ten years), `recurring` (on Fridays).
    """

    start: int
    end: int
    date: PartialDate | None
    past: PartialDate | None
    form: str


@dataclass(frozen=True, slots=True)
class _Reading:
    form: str
    date: PartialDate | None = None
    past: PartialDate | None = None

    def changed(self, change: Callable[[PartialDate], PartialDate], form: str | None = None) -> _Reading:
        """Both dates changed, where there are any."""
        dates = [None if date is None else change(date) for date in (self.date, self.past)]
        return _Reading(form or self.form, *dates)


def read_dates(text: str, published: dt.date | None, tables: Tables) -> list[DateSpan]:
    """The date phrases of one sentence in their order, not overlapping; `published` is the local day of publication."""
    rules = grammar(tables)
    counted_from = published if published and FIRST_YEAR <= published.year <= LAST_YEAR else None
    spans = [span for phrase in rules.phrases(text) for span in _spans(phrase, counted_from, rules)]
    if counted_from is published:
        return spans
    return [replace(span, form="absurd") if span.form == "undated" else span for span in spans]


def _spans(phrase: Phrase, published: dt.date | None, rules: Grammar) -> Iterator[DateSpan]:
    match phrase.form:
        case "not_a_date":
            return
        case "days":
            yield from _days(phrase, published, rules)
        case _:
            reading = _read(phrase.form, phrase.shape, phrase.parts, published, rules)
            start, end = phrase.bounds[0][0], phrase.bounds[-1][1]
            yield DateSpan(start=start, end=end, date=reading.date, past=reading.past, form=reading.form)


@lru_cache(maxsize=8192)
def _read(form: str, shape: str, parts: tuple[str, ...], published: dt.date | None, rules: Grammar) -> _Reading:
    """What a phrase means; remembered, because one day's news say the same few dates over and over."""
    said = rules.said(shape)
    match form:
        case "date":
            return _date(said, published, rules)
        case "range":
            return _range(rules.said(parts[0]), rules.said(parts[1]), published, rules)
        case "years":
            return _years(said)
        case "offset" | "ago":
            return _offset(form, said, published)
        case "not_before":
            return _bound(form, said, _date(said, published, rules), published)
        case "bound":
            return _bound(str(said["date_bounds"][0]), said, _date(said, published, rules), published)
        case _:
            return _Reading(form)


def _date(said: Said, published: dt.date | None, rules: Grammar) -> _Reading:
    """One date of whatever precision, by which words there are."""
    if len(said.get("number", ())) > 1 and "months" not in said and "month_abbreviations" not in said:
        return _numeric(said, published, rules)
    yearly = _yearly(said)
    if yearly:
        reading = _placed(*yearly, said, published)
    elif thirds := _thirds(said):
        reading = _other(said, published).changed(lambda date: _third_of(date, thirds))
    else:
        reading = _other(said, published)
    return reading.changed(lambda date: _cut(date, said, published)) if "sides" in said else reading


def _numeric(said: Said, published: dt.date | None, rules: Grammar) -> _Reading:
    """2027-03-27, 3/27/2027, 27.3.2027, 3/27; a date that the language's customs leave open is `ambiguous`."""
    numbers = [int(number) for number in said["number"]]
    orders = ("month day",) if "dash" in said else rules.numeric_orders
    pairs = {(numbers[0], numbers[1]) if order == "month day" else (numbers[1], numbers[0]) for order in orders}
    readings = [(month, day) for month, day in pairs if _day_of(month, day, _A_LEAP_YEAR)]
    if len(readings) != 1:
        return _Reading("ambiguous" if readings else "impossible")
    short = {} if "year" in said or len(numbers) == 2 else {"year": [_full_year(numbers[2])]}
    return _placed("day", partial(_day_of, *readings[0]), {**said, **short}, published)


def _full_year(number: int) -> int:
    """The year of two digits: from 50 on of the last century."""
    return number + (1900 if number >= 50 else 2000)


def _yearly(said: Said) -> tuple[str, Yearly] | None:
    """The form and the one of each year, or its third, where the words name something that comes every year."""
    named = _named_yearly(said)
    thirds = _thirds(said)
    if named is None or not thirds:
        return named
    form, at = named
    return form, lambda year: None if (date := at(year)) is None else _third_of(date, thirds)


def _named_yearly(said: Said) -> tuple[str, Yearly] | None:
    rule = _first(said, "holidays", "holiday_names")
    if rule is not None:
        return "holiday", lambda year: edtf.on(calendar.holiday(str(rule), year))
    month, day = _number(said, "months", "month_abbreviations"), _number(said, "day_number")
    if month and day:
        return "day", partial(_day_of, month, day)
    if month:
        return "month", lambda year: edtf.month(year, month)
    if "holiday_windows" in said or "holiday_words" in said:
        return "holidays", lambda year: edtf.interval(edtf.month(year, 11), edtf.month(year, 12))
    if season := _number(said, "year_seasons"):
        return "season", lambda year: edtf.season(year, season)
    if quarter := _number(said, "quarters") or ("quarter_words" in said and _number(said, "quarter_ordinals")):
        return "quarter", lambda year: edtf.quarter(year, quarter)
    if half := _number(said, "halves") or ("half_words" in said and _number(said, "half_ordinals")):
        return "half", lambda year: edtf.half(year, half)
    return None


def _day_of(month: int, day: int, year: int) -> PartialDate | None:
    """A day of a year; None where the year has none, as 29 February."""
    try:
        return edtf.day(year, month, day)
    except ValueError:
        return None


def _placed(form: str, at: Yearly, said: Said, published: dt.date | None) -> _Reading:
    """What comes every year, in the year that is said or meant."""
    year, which = _year(said), None if "weekdays" in said else _number(said, "which")
    if year is not None:
        reading = _Reading(form, at(year))
    elif published is None:
        return _Reading("undated")
    elif "year_units" in said:
        reading = _Reading(form, at(published.year + _step(which)))
    elif which is not None:
        reading = _Reading(form, calendar.chosen(at, which, published))
    else:
        reading = _by_weekday(_Reading(form, calendar.coming(at, published), calendar.latest(at, published)), said)
    if reading.date is None:
        return _Reading("impossible")
    return _widened(reading, said)


def _year(said: Said) -> int | None:
    """2026, '26."""
    if "year" not in said and "apostrophe" in said and "short_year" in said:
        return int(said["short_year"][-1])
    return _number(said, "year")


def _step(which: int | None) -> int:
    """Units away: "the coming year" is the next, "this past week" the last."""
    return max(-1, min(1, which or 0))


def _by_weekday(reading: _Reading, said: Said) -> _Reading:
    """ "Friday, March 27" may be told apart from the other by its weekday."""
    weekday = _number(said, "weekdays", "weekday_abbreviations")
    if weekday is None or reading.date is None or reading.past is None:
        return reading
    fits = [date for date in (reading.date, reading.past) if date.earliest.weekday() == weekday]
    return _Reading(reading.form, fits[0]) if len(fits) == 1 else reading


def _widened(reading: _Reading, said: Said) -> _Reading:
    """ "Memorial Day weekend", "the week of March 27"."""
    if "weekend_words" in said:
        return reading.changed(lambda date: calendar.holiday_weekend(date.earliest), "weekend")
    if "week_words" in said:
        return reading.changed(lambda date: calendar.week(date.earliest), "week")
    return reading


def _other(said: Said, published: dt.date | None) -> _Reading:
    """What does not come once a year: decades, years, weekdays, today, this month."""
    if decade := _number(said, "decade", "short_decade") or ("decade_words" in said and _decade(said)):
        return _Reading("decade", edtf.decade(decade))
    if (year := _number(said, "year")) is not None:
        return _Reading("year", edtf.year(year))
    if published is None:
        return _Reading("undated")
    if (days := _number(said, "near_days")) is not None:
        return _Reading("near", edtf.on(published + dt.timedelta(days=days)))
    if (weekday := _number(said, "weekdays", "weekday_abbreviations")) is not None:
        return _weekday(weekday, said, published)
    unit = str(_first(said, "date_units") or "year")
    return _Reading(unit, calendar.unit(unit, _step(_number(said, "which")), published))


def _decade(said: Said) -> int:
    """ "Años 70", "década de 1970"."""
    return _number(said, "year") or _full_year(int(said["number"][-1]))


def _weekday(weekday: int, said: Said, published: dt.date) -> _Reading:
    day, which = _number(said, "day_number"), _number(said, "which")
    if day is not None:
        coming, past = (calendar.weekday_on(weekday, day, published, step) for step in (1, -1))
        return _Reading("weekday", coming, past) if coming else _Reading("impossible")
    date = edtf.on(calendar.weekday(weekday, which, published))
    if which is not None:
        return _Reading("weekday", date)
    last = calendar.weekday(weekday, -1, published + dt.timedelta(days=1))
    return _Reading("weekday", date, edtf.on(last))


def _thirds(said: Said) -> list[str]:
    """The parts that are said: early, mid, late; two in "mid-to-late"."""
    if "year_ends" in said:
        return ["late"]
    return [str(name) for name in (*said.get("thirds", ()), *said.get("edges", ()))]


def _third_of(date: PartialDate, names: list[str]) -> PartialDate:
    first, last = calendar.third(date, names[0]), calendar.third(date, names[-1])
    return edtf.narrow(date, earliest=first.earliest, latest=max(first.latest, last.latest))


def _cut(date: PartialDate, said: Said, published: dt.date | None) -> PartialDate:
    """ "Later" and "earlier" this year, as seen from a publication inside the year."""
    if published is None or not date.earliest <= published <= date.latest:
        return date
    if "later" in said["sides"]:
        return edtf.narrow(date, earliest=published)
    return edtf.narrow(date, latest=published)


def _range(first: Said, second: Said, published: dt.date | None, rules: Grammar) -> _Reading:
    """Two dates and all between them; what one of them leaves out (year, month) is the other's."""
    first, second = _with_month(first, second), _with_month(second, first)
    end, yearly = _date(second, published, rules), _yearly(first)
    if end.date is None:
        return end
    if yearly is None or "year" in first or "which" in first:
        start = _date(first, published, rules)
        if start.date is None:
            return start
        dates = [_stretch(start.date, end.date)]
    else:
        at = yearly[1]
        dates = [last and _stretch(calendar.latest(at, last.earliest), last) for last in (end.date, end.past)]
    return _Reading("range", *dates) if dates[0] else _Reading("impossible")


def _with_month(said: Said, other: Said) -> Said:
    if "day_number" not in said or _number(said, "months", "month_abbreviations") is not None:
        return said
    months = {table: other[table] for table in ("months", "month_abbreviations") if table in other}
    return {**said, **months}


def _stretch(start: PartialDate | None, end: PartialDate | None) -> PartialDate | None:
    if start is None or end is None:
        return None
    try:
        whole = edtf.interval(_end_of(start, 0), _end_of(end, -1))
    except ValueError:
        return None
    return edtf.narrow(whole, earliest=start.earliest, latest=end.latest)


def _end_of(date: PartialDate, index: int) -> PartialDate:
    """The first (0) or last (-1) part of an interval; any other date itself."""
    return edtf.parse_edtf(date.edtf.split("/")[index])


def _years(said: Said) -> _Reading:
    """2026-27, 2026-2027; but 2026-07 is July."""
    first, *more = (int(year) for year in said["year"])
    number = int(more[0]) if more else int(said["number"][-1])
    last = number if more else first - first % 100 + number
    if season := _number(said, "year_seasons"):
        return _Reading("season", edtf.season(first, season))
    if not more and number != (first + 1) % 100 and 1 <= number <= 12:
        return _Reading("month", edtf.month(first, number))
    if number == 0:
        last += 100
    if last <= first:
        return _Reading("impossible")
    return _Reading("range", edtf.interval(edtf.year(first), edtf.year(last)))


def _offset(form: str, said: Said, published: dt.date | None) -> _Reading:
    if published is None:
        return _Reading("undated")
    count = _number(said, "counts", "number") or 0
    unit = str(_first(said, "count_units", "long_units"))
    return _Reading(form, calendar.offset(-count if form == "ago" else count, unit, published))


def _bound(bound: str, said: Said, reading: _Reading, published: dt.date | None) -> _Reading:
    """What lies by, before, not before, until or about a date; "by the end of 2026" is in 2026."""
    if reading.date is None or bound == "from":
        return reading
    if bound in ("by", "before") and ("year_ends" in said or "unit_ends" in said or "late" in said.get("edges", ())):
        from_now = published or dt.date.min
        return reading.changed(lambda date: edtf.narrow(edtf.parse_edtf(date.edtf), earliest=from_now), bound)
    return reading.changed(partial(_bounded, bound), bound)


def _bounded(form: str, date: PartialDate) -> PartialDate:
    match form:
        case "by":
            return edtf.interval(None, _end_of(date, -1))
        case "before":
            return edtf.interval(None, _day_before(date))
        case "not_before" | "after":
            return edtf.narrow(edtf.interval(_end_of(date, 0), None), earliest=date.earliest)
        case "about" if "/" not in date.edtf:
            return edtf.about(edtf.parse_edtf(date.edtf))
        case _:
            return date


def _day_before(date: PartialDate) -> PartialDate:
    """What ends right before a date: the year before a year, the month before what begins with one, else the day."""
    day = date.earliest - dt.timedelta(days=1)
    if len(date.edtf) == len("2027") and (day.month, day.day) == (12, 31):
        return edtf.year(day.year)
    if len(date.edtf) == len("2027-03-27") or date.earliest.day != 1:
        return edtf.on(day)
    return edtf.month(day.year, day.month)


def _days(phrase: Phrase, published: dt.date | None, rules: Grammar) -> Iterator[DateSpan]:
    """ "June 5, 12 and 19", "29 May and 5 June 2027": each day by itself, the last settling the year of the others."""
    pieces, year = _pieces(phrase, rules)
    months = [_number(said, "months", "month_abbreviations") for _, _, said in pieces]
    shared = next((month for month in months if month), 0)
    days = [int(said["day_number"][-1]) for _, _, said in pieces]
    yearly = [partial(_day_of, month or shared, day) for month, day in zip(months, days, strict=True)]
    last = _placed("day", yearly[-1], year, published)
    for (first, end, _), at in zip(pieces, yearly, strict=True):
        reading = _up_to(last, at)
        start, stop = phrase.bounds[first][0], phrase.bounds[end - 1][1]
        yield DateSpan(start=start, end=stop, date=reading.date, past=reading.past, form=reading.form)


def _up_to(last: _Reading, at: Yearly) -> _Reading:
    """A day of a list: the nearest that is not after the list's last."""
    if last.date is None:
        return last
    dates = [date and calendar.latest(at, date.earliest) for date in (last.date, last.past)]
    return _Reading("day", *dates) if dates[0] else _Reading("impossible")


def _pieces(phrase: Phrase, rules: Grammar) -> tuple[list[tuple[int, int, Said]], Said]:
    """The days of a list as `(first word, end, what is said)`, and what is said of the year."""
    pieces: list[tuple[int, int, Said]] = []
    start = 0
    for end in [*_separators(phrase.shape, rules), len(phrase.shape)]:
        said = rules.said(phrase.shape[start:end])
        if "day_number" in said:
            pieces.append((start, end, said))
        elif "year" in said:
            pieces[-1] = (pieces[-1][0], end, pieces[-1][2])
        start = end + 1
    whole = rules.said(phrase.shape)
    return pieces, {"year": whole["year"]} if "year" in whole else {}


def _separators(shape: str, rules: Grammar) -> list[int]:
    separating = {"comma", "date_and"}
    return [at for at, code in enumerate(shape) if separating & {table for table, _ in rules.meanings.get(code, ())}]


def _number(said: Said, *tables: str) -> int | None:
    value = _first(said, *tables)
    return None if value is None else int(value)


def _first(said: Said, *tables: str) -> str | int | None:
    return next((said[table][0] for table in tables if table in said), None)
