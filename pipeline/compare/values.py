"""How two values of one slot stand to each other: the same, closer, looser, later, earlier, or simply another."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum

from pipeline.compare.names import title_key
from storage.model import Claim, Kind, PartialDate, Value

ANNOUNCED, LATER, EARLIER = "announced", "delayed", "moved up"
"""The text of a release date that a source has without telling it: set, moved later, moved earlier."""

EXISTS, RELEASED = "exists", "released"
"""The text of a season that is spoken of, and of one that is known to be out."""

WITHDRAWN = "withdrawn"
"""The value of a claim whose words take a date back: pulled from the schedule, undated, indefinitely postponed."""

_MOVES = {
    LATER: frozenset({"delayed", "moved_later", "moved later", "pushed", "pushed back", "postponed", "delay", "later"}),
    EARLIER: frozenset({"moved up", "moved_up", "moved_earlier", "moved earlier", "brought forward", "earlier"}),
}
_STAGES = {
    "in_development": 0,
    "greenlit": 1,
    "writing": 2,
    "pre_production": 3,
    "scheduled": 3,
    "filming": 4,
    "wrapped": 5,
    "post_production": 5,
    "completed": 6,
}
"""How far a production is; `delayed`, `halted` and `resumed` stand beside."""
_TURNS = frozenset({"delayed", "halted", "resumed"})

_PRESENT = frozenset({"joins", "returns", "cast", "recurring"})
_GONE = frozenset({"exits", "recast", "declines"})

STILLS, MOVING = "first_look", "trailer"

_NUMBERS = dict(
    zip(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        map(str, range(2, 13)),
        strict=True,
    )
)

_SEASON_CODE = re.compile(r"\d{4}-(2[1-9]|3[0-2])$")
_EARLY_SLACK, _LATE_SLACK = dt.timedelta(days=31), dt.timedelta(days=21)
"""A film summer opens with May and the calendar's autumn ends on 21 December: a season of the year is that fuzzy."""
_ABOUT_SLACK = dt.timedelta(days=30)


class Relation(StrEnum):
    """What the new value is to the old one."""

    SAME = "same"
    CLOSER = "closer"
    """It says the same, more exactly."""
    LOOSER = "looser"
    """It says the same, less exactly, or agrees as far as it goes."""
    LATER = "later"
    EARLIER = "earlier"
    OTHER = "other"
    STALE = "stale"
    """It was true before the old one and says nothing against it: an earlier stage, a rumour long settled."""


def value_of(claim: Claim) -> Value:
    """The answer that a claim gives; empty for a null claim and for one that takes its date back."""
    if claim.null or claim.value == WITHDRAWN:
        return Value()
    match claim.kind:
        case Kind.RELEASE_DATE:
            text = None if claim.date else direction(claim) or ANNOUNCED
            return Value(date=claim.date, text=text, platform=claim.platform)
        case Kind.CASTING:
            return Value(action=claim.action or "joins", character=claim.character)
        case Kind.SEASON:
            return Value(text=_NUMBERS.get(claim.value or "", claim.value) or EXISTS)
        case Kind.RENEWAL:
            return Value(text=claim.value or "renewed", platform=claim.platform)
        case Kind.CANCELLATION:
            return Value(text=claim.value or "cancelled")
        case Kind.TRAILER:
            return Value(text=(claim.value or "trailer").replace(" ", "_"))
        case Kind.PRODUCTION:
            return Value(text=claim.value or "in_development")
        case Kind.SPINOFF:
            return Value(text=claim.value or "spin-off")


def direction(claim: Claim) -> str | None:
    """Which way a date claim's own words move it: `LATER`, `EARLIER`, or None where they tell of no move."""
    for way, words in _MOVES.items():
        if claim.value is not None and claim.value.casefold() in words:
            return way
    if claim.date and claim.previous_date:
        match relate_dates(claim.previous_date, claim.date):
            case Relation.LATER:
                return LATER
            case Relation.EARLIER:
                return EARLIER
    return None


def relate(kind: Kind, old: Value, new: Value) -> Relation:
    """How `new` stands to `old`, neither being empty, both of the same kind; platform and character are not weighed."""
    match kind:
        case Kind.RELEASE_DATE:
            return _relate_releases(old, new)
        case Kind.CASTING:
            return _relate_actions(old.action or "", new.action or "")
        case Kind.PRODUCTION:
            return _relate_stages(old.text or "", new.text or "")
        case Kind.SEASON:
            return _relate_plans(old.text or "", new.text or "")
        case Kind.SPINOFF:
            return _relate_titles(title_key(old.text), title_key(new.text))
        case Kind.RENEWAL | Kind.CANCELLATION | Kind.TRAILER:
            return Relation.SAME


def relate_dates(old: PartialDate, new: PartialDate) -> Relation:
    """Intervals compared: equal, inside, around, apart; those that only overlap agree as far as they go.

    A season of the year and an "about" are widened before they are called apart from another date, for "summer" is
    said of a first of May and "autumn" of a sixteenth of December.
    """
    if (old.earliest, old.latest) == (new.earliest, new.latest):
        return Relation.SAME
    if old.earliest <= new.earliest and new.latest <= old.latest:
        return Relation.CLOSER
    if new.earliest <= old.earliest and old.latest <= new.latest:
        return Relation.LOOSER
    (old_from, old_to), (new_from, new_to) = _fuzzy(old), _fuzzy(new)
    if new_from > old_to:
        return Relation.LATER
    if new_to < old_from:
        return Relation.EARLIER
    return Relation.CLOSER if new.latest - new.earliest < old.latest - old.earliest else Relation.LOOSER


def goes_on(old: Value, new: Value) -> bool:
    """True where a production has come further: the old stage was true, and nobody contradicts it."""
    reached, stage = _STAGES.get(old.text or ""), _STAGES.get(new.text or "")
    return reached is not None and stage is not None and stage > reached


def is_day(date: PartialDate) -> bool:
    """True where the date is one single day."""
    return date.earliest == date.latest


def _fuzzy(date: PartialDate) -> tuple[dt.date, dt.date]:
    early, late = dt.timedelta(), dt.timedelta()
    if _SEASON_CODE.match(date.edtf):
        early, late = _EARLY_SLACK, _LATE_SLACK
    elif "~" in date.edtf:
        early = late = _ABOUT_SLACK
    first = date.earliest - early if date.earliest - dt.date.min > early else dt.date.min
    last = date.latest + late if dt.date.max - date.latest > late else dt.date.max
    return first, last


def _relate_releases(old: Value, new: Value) -> Relation:
    if old.date and new.date:
        return relate_dates(old.date, new.date)
    if new.date:
        return Relation.CLOSER
    if old.text == new.text or new.text == ANNOUNCED:
        return Relation.LOOSER if old.date else Relation.SAME
    return Relation.LATER if new.text == LATER else Relation.EARLIER


def _relate_plans(old: str, new: str) -> Relation:
    """A number of seasons against another number is a change of plan; the rest is said in passing."""
    if new in (EXISTS, old) or old == RELEASED:
        return Relation.SAME
    return Relation.OTHER if old.isdigit() and new.isdigit() else Relation.CLOSER


def _relate_titles(old: str, new: str) -> Relation:
    if bool(old) == bool(new):
        return Relation.SAME
    return Relation.CLOSER if new else Relation.LOOSER


def _relate_actions(old: str, new: str) -> Relation:
    if old == new or (old in _PRESENT and new in _PRESENT) or (old in _GONE and new == "exits"):
        return Relation.SAME
    if old == "in_talks" and new in _PRESENT:
        return Relation.CLOSER
    if new == "in_talks" or (old in _PRESENT and new == "declines"):
        return Relation.STALE
    return Relation.OTHER


def _relate_stages(old: str, new: str) -> Relation:
    if old == new or {old, new} == {"filming", "resumed"}:
        return Relation.SAME
    if new in _TURNS or (old in ("halted", "delayed") and new == "filming"):
        return Relation.OTHER
    reached = _STAGES.get("filming" if old == "resumed" else old)
    stage = _STAGES.get(new)
    if reached is None or stage is None:
        return Relation.STALE if stage is not None and stage < _STAGES["filming"] else Relation.OTHER
    if stage == reached:
        return Relation.SAME
    return Relation.OTHER if stage > reached else Relation.STALE
