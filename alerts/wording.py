"""Every word that alerts and the digest say to a person about dates, values and changes, in one table.

Another language is another table with the same keys. Nothing here escapes: what comes out is plain text, and the
values in it (titles, names, characters) are as untrusted as the article they were read in.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping

from storage.model import Change, ChangeKind, Claim, Kind, PartialDate, Slot, Status, Value

ENGLISH: Mapping[str, str] = {
    **{f"month.{number}": calendar.month_name[number] for number in range(1, 13)},
    **{f"weekday.{number}": calendar.day_name[number] for number in range(7)},
    "date.day": "{day} {month} {year}",
    "date.month": "{month} {year}",
    "date.early": "early {period}",
    "date.mid": "mid-{period}",
    "date.late": "late {period}",
    "date.decade": "the {decade}s",
    "date.around": "around {date}",
    "date.perhaps": "perhaps {date}",
    "date.until": "by the end of {date}",
    "date.until_day": "by {date}",
    "date.from": "no earlier than {date}",
    "date.between": "{start} to {end}",
    "period.spring": "spring {year}",
    "period.summer": "summer {year}",
    "period.autumn": "autumn {year}",
    "period.winter": "winter {year}",
    "period.quarter": "Q{number} {year}",
    "period.third": "the {number}. third of {year}",
    "period.first_half": "the first half of {year}",
    "period.second_half": "the second half of {year}",
    "season": "season {number}",
    "season.short": "S{number}",
    "nothing": "nothing announced",
    "null": "{slot}, nothing announced",
    "as": "{what} as {character}",
    "on": "{what} on {platform}",
    "role.none": "release",
    "role.theatrical": "cinema release",
    "role.streaming": "streaming release",
    "role.digital": "digital release",
    "role.physical": "disc release",
    "role.rerelease": "re-release",
    "slot.region": "{what} ({region})",
    "slot.casting": "casting of {person}",
    "slot.casting.anyone": "casting",
    "slot.season": "season",
    "slot.renewal": "renewal",
    "slot.cancellation": "cancellation",
    "slot.spinoff": "spin-off",
    "slot.production": "production",
    "slot.trailer": "trailer",
    # what a value says of itself
    "action.joins": "joins the cast",
    "action.in_talks": "in talks to join",
    "action.returns": "returns",
    "action.exits": "leaves",
    "action.recast": "recast",
    "action.declines": "turns the part down",
    "action.cast": "in the cast",
    "action.recurring": "joins in a recurring part",
    "was.joins": "joined the cast",
    "was.returns": "returning",
    "was.exits": "left",
    "was.declines": "turned the part down",
    "was.recurring": "in a recurring part",
    "text.exists": "announced",
    "text.released": "out",
    "text.announced": "announced without a date",
    "text.in_development": "in development",
    "text.greenlit": "ordered",
    "text.writing": "being written",
    "text.scheduled": "filming scheduled",
    "text.filming": "filming",
    "text.delayed": "delayed",
    "text.halted": "halted",
    "text.resumed": "filming again",
    "text.wrapped": "filming wrapped",
    "text.post_production": "in post-production",
    "text.first_look": "first look",
    # what an alert says
    "news.release_date": "{slot} {value}",
    "news.release_date.announced": "{slot} date announced, not yet known here",
    "news.release_date.delayed": "{slot} delayed",
    "news.release_date.moved up": "{slot} moved up",
    "news.casting": "{person} {value}",
    "news.season": "{value}",
    "news.season.total": "{value} seasons planned",
    "news.season.final": "the final season",
    "news.renewal": "{value}",
    "news.cancellation": "{value}",
    "news.cancellation.ending": "is to end",
    "news.cancellation.ending.season": "will be the last season",
    "news.spinoff": "a spin-off, {value}",
    "news.spinoff.spin-off": "a spin-off",
    "news.production": "{value}",
    "news.production.delayed": "production delayed",
    "news.production.halted": "production halted",
    "news.trailer": "{value} is out",
    "change.announced": "announced",
    "change.confirmed": "confirmed",
    "change.refined": "made more exact",
    "change.moved_later": "moved later",
    "change.moved_earlier": "moved earlier",
    "change.withdrawn": "withdrawn",
    "change.disputed": "disputed",
    "change.corroborated": "said by another source too",
    "change.repeated": "repeated",
    "change.vaguer": "made less exact",
    "change.due": "due",
    "moved_later": "{slot} delayed: now {value}",
    "moved_earlier": "{slot} moved up: now {value}",
    "withdrawn": "no {slot} any more",
    "withdrawn.release_date": "no {slot} date any more",
    "disputed": "{news}? Disputed",
    "vaguer": "{news}, less exact now",
    "due": "{slot} on {weekday}, {value}",
    "was": "{news} (was: {old})",
    "was.disputed": "{news} (we believe: {old})",
    "first_line": "{work}: {news} — {said}",
    "status.confirmed": "confirmed",
    "status.reported": "reported",
    "status.rumoured": "rumoured",
    "status.denied": "denied",
    "said.confirmed": "confirmed by {who}",
    "said.reported": "reported by {who}",
    "said.rumoured": "rumour from {who}",
    "said.denied": "denied by {who}",
    "said.again": "now {said}",
    "said.due": "reminder",
    "who.attributed": "{who}, read at {source}",
    "tier.official": "official",
    "tier.trade": "trade press",
    "tier.press": "press",
    "tier.aggregator": "aggregator",
    "tier.rumour": "rumour site",
    "label.new": "Now",
    "label.old": "Was",
    "label.since": "{old} (since {day})",
    "label.said": "Said by",
    "label.status": "Status",
    "label.supersedes": "Corrects",
    "label.confirms": "Confirms",
    "supersedes": "an earlier alert",
    "superseded": "Superseded",
    "edit": "Mark as superseded: {old}",
    "label.read": "Read it",
    "label.headline": "Headline",
    "group": "{number} more changes",
    "source.broken": "{source} cannot be read",
    "source.broken.more": "Since {day}: {reason}. What it announces is missed until it can be read again.",
    "source.recovered": "{source} can be read again",
    "source.recovered.more": "It could not be read since {day}.",
    "label.more": "More",
    "test": "Test from franchise-watch: this target works",
    "test.more": "Nothing was announced. Somebody ran `franchise-watch alerts test {route}`.",
}
"""Words by key; `{…}` is filled in by the functions below and never by text that came from outside."""

_SEASONS = {
    21: "spring",
    22: "summer",
    23: "autumn",
    24: "winter",
    25: "spring",
    26: "summer",
    27: "autumn",
    28: "winter",
    29: "spring",
    30: "summer",
    31: "autumn",
    32: "winter",
}
"""ISO 8601-2 §4.8: 25 to 28 are the northern, 29 to 32 the southern seasons."""


def date_words(date: PartialDate) -> str:
    """The date as a person says it, no more exact than it is: `27 March 2027`, `spring 2027`, `late March 2026`,
    `by the end of 2026`, `no earlier than 2027`, `March to May 2027`. EDTF nobody foresaw is given back as it is."""
    start, slash, end = date.edtf.partition("/")
    if not slash:
        return _simple_words(date.edtf)
    if start in ("", ".."):
        key = "date.until_day" if _is_day(end) else "date.until"
        return _say(key, date=_simple_words(end))
    if end in ("", ".."):
        return _say("date.from", date=_simple_words(start))
    if _is_plain(start) and _is_plain(end) and (window := _window_words(date.earliest, date.latest)):
        return window
    first, last = _simple_words(start), _simple_words(end)
    return _say("date.between", start=_without_common_end(first, last), end=last)


def day_words(day: dt.date) -> str:
    """`27 March 2027`."""
    return _say("date.day", day=str(day.day), month=_say(f"month.{day.month}"), year=str(day.year))


def season_words(season: int) -> str:
    """`season 5`."""
    return _say("season", number=str(season))


def slot_words(slot: Slot) -> str:
    """What the slot asks, without the work's name: `season 5 premiere`, `casting of Jane Roe`."""
    season = "" if slot.season is None else season_words(slot.season) + " "
    return season + _question_words(slot)


def value_words(value: Value) -> str:
    """The answer: `29 May 2026`, `joins the cast as Irina`, `filming`; `nothing announced` for an empty value."""
    if value.date:
        words = date_words(value.date)
    elif value.action:
        words = _known("action", value.action)
    elif value.text:
        words = _known("text", value.text)
    else:
        return _say("nothing")
    words = _say("as", what=words, character=value.character) if value.character else words
    return _say("on", what=words, platform=value.platform) if value.platform else words


def change_words(kind: ChangeKind) -> str:
    """What the algebra calls it, for people: `moved later`."""
    return _say(f"change.{kind}")


def status_words(status: Status) -> str:
    """`confirmed`."""
    return _say(f"status.{status}")


def news_words(change: Change) -> str:
    """What happened, with what was before: `premiere delayed: now 19 June 2026 (was: 29 May 2026)`."""
    news = _changed_words(change)
    if change.old is None or change.old.is_empty or change.old == change.new:
        return news
    key = "was.disputed" if change.kind is ChangeKind.DISPUTED else "was"
    old = _in_short(change.old)
    return _say(key, news=news, old=ENGLISH.get(f"was.{old.action}") or value_words(old))


def claim_words(claim: Claim) -> str:
    """What a claim says of its work: `season 5 premiere 27 March 2026`, `season 6 renewed`, or what it is about where
    it gives no answer."""
    slot, value = claim.slot, Value(date=claim.date, action=claim.action, text=claim.value, character=claim.character)
    if claim.null:
        return _say("null", slot=slot_words(slot))
    if value.is_empty:
        return slot_words(slot)
    season = "" if slot.season is None else season_words(slot.season) + " "
    return season + _plain_news(slot, value)


def said_words(change: Change, source_name: str) -> str:
    """How sure, and who says so: `confirmed by Apple`; the one the sentence names goes before the outlet."""
    if change.kind is ChangeKind.DUE:
        return _say("said.due")
    said = _say(f"said.{change.status}", who=change.claim.attributed_to or source_name)
    return _say("said.again", said=said) if change.kind is ChangeKind.CONFIRMED else said


def who_words(claim: Claim, source_name: str) -> str:
    """`Deadline, read at Example Times (press)`."""
    named = claim.attributed_to
    who = _say("who.attributed", who=named, source=source_name) if named and named != source_name else source_name
    return f"{who} ({_say(f'tier.{claim.tier}')})"


def words(key: str, **values: str) -> str:
    """The text of `key` with `values` filled in, for the labels that formats and the digest put around the news."""
    return _say(key, **values)


def _say(key: str, **values: str) -> str:
    return ENGLISH[key].format_map(values)


def _known(table: str, word: str) -> str:
    return ENGLISH.get(f"{table}.{word}") or word.replace("_", " ")


# --- dates ---------------------------------------------------------------------------------------------------------


def _simple_words(edtf: str) -> str:
    """One EDTF date without an interval, its qualifier in front."""
    plain = edtf.rstrip("~?%")
    words = _plain_words(plain)
    if words is None:
        return edtf
    return _say("date.around" if edtf[-1] in "~%" else "date.perhaps", date=words) if plain != edtf else words


def _plain_words(edtf: str) -> str | None:
    edtf = re.sub(r"(-XX)+$", "", edtf)
    if decade := re.fullmatch(r"(\d{3})X", edtf):
        return _say("date.decade", decade=f"{decade[1]}0")
    parts = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", edtf)
    if parts is None:
        return None
    year, middle, day = parts.groups()
    if middle is None:
        return str(year)
    return _day_or_period_words(year, int(middle), int(day) if day else None)


def _day_or_period_words(year: str, middle: int, day: int | None) -> str | None:
    if 1 <= middle <= 12:
        month = _say(f"month.{middle}")
        return (
            _say("date.day", day=str(day), month=month, year=year)
            if day
            else _say("date.month", month=month, year=year)
        )
    if middle in _SEASONS:
        return _say(f"period.{_SEASONS[middle]}", year=year)
    if 33 <= middle <= 36:
        return _say("period.quarter", number=str(middle - 32), year=year)
    if 37 <= middle <= 39:
        return _say("period.third", number=str(middle - 36), year=year)
    return {40: _say("period.first_half", year=year), 41: _say("period.second_half", year=year)}.get(middle)


def _is_day(edtf: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d[~?%]?", edtf) is not None


def _is_plain(edtf: str) -> bool:
    return re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-\d\d)?", edtf) is not None


def _window_words(first: dt.date, last: dt.date) -> str | None:
    """The name of a third of a month, a third or a half of a year, or a whole year; None for any other interval."""
    if first.year != last.year:
        return None
    year = str(first.year)
    if first.month == last.month:
        month_end = calendar.monthrange(first.year, first.month)[1]
        thirds = {(1, 10): "early", (11, 20): "mid", (21, month_end): "late"}
        name, period = (
            thirds.get((first.day, last.day)),
            _say("date.month", month=_say(f"month.{first.month}"), year=year),
        )
    elif first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]:
        halves = {(1, 6): "period.first_half", (7, 12): "period.second_half"}
        if half := halves.get((first.month, last.month)):
            return _say(half, year=year)
        name, period = {(1, 4): "early", (5, 8): "mid", (9, 12): "late"}.get((first.month, last.month)), year
    else:
        return None
    return name and _say(f"date.{name}", period=period)


def _without_common_end(first: str, last: str) -> str:
    """`3 March 2027`, `9 March 2027` → `3`: what both end with is said once."""
    start, end = first.split(), last.split()
    while len(start) > 1 and len(end) > 1 and start[-1] == end[-1]:
        start.pop()
        end.pop()
    return " ".join(start)


# --- changes -------------------------------------------------------------------------------------------------------


def _question_words(slot: Slot) -> str:
    """The slot without its season: `premiere`, `part 2 premiere (UK)`, `casting of Jane Roe`, `production`."""
    if slot.kind is Kind.CASTING:
        return _say("slot.casting", person=slot.person) if slot.person else _say("slot.casting.anyone")
    if slot.kind is not Kind.RELEASE_DATE:
        return _say(f"slot.{slot.kind}")
    role = _known("role", slot.role or "none")
    named = f"{slot.part} {role}" if slot.part else role
    return _say("slot.region", what=named, region=slot.region) if slot.region else named


def _changed_words(change: Change) -> str:
    question = _question_words(change.slot)
    if change.new is None or change.new.is_empty or change.kind is ChangeKind.WITHDRAWN:
        dated = change.slot.kind is Kind.RELEASE_DATE
        return _say("withdrawn.release_date" if dated else "withdrawn", slot=question)
    value = value_words(_in_short(change.new))
    match change.kind:
        case ChangeKind.MOVED_LATER | ChangeKind.MOVED_EARLIER if change.new.date:
            return _say(change.kind.value, slot=question, value=value)
        case ChangeKind.DISPUTED | ChangeKind.VAGUER:
            return _say(change.kind.value, news=_plain_news(change.slot, change.new))
        case ChangeKind.DUE if change.new.date:
            weekday = _say(f"weekday.{change.new.date.earliest.weekday()}")
            return _say("due", slot=question, weekday=weekday, value=value)
    return _plain_news(change.slot, change.new)


def _plain_news(slot: Slot, new: Value) -> str:
    """The new value as a piece of news, without what was before."""
    value, kind = value_words(_in_short(new)), slot.kind
    if kind is Kind.SEASON and slot.season is None:
        return _say("news.season.total", value=value)
    special = f"news.{kind}.{new.text}" + (".season" if slot.season is not None else "")
    for key in (special, special.removesuffix(".season")):
        if new.date is None and key in ENGLISH:
            return _say(key, slot=_question_words(slot))
    if kind is Kind.CASTING and not slot.person:
        return _say("slot.casting.anyone") + f": {value}"
    return _say(f"news.{kind}", slot=_question_words(slot), person=slot.person or "", value=value)


def _in_short(value: Value) -> Value:
    """The value without its platform, which would cost the first line more than it tells."""
    return Value(date=value.date, action=value.action, text=value.text, character=value.character)
