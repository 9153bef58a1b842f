"""Which question a claim answers: the slot it names, or the neighbour that is the same question in other words.

Texts leave out what their readers know: the season, the region, which of two roles, a middle initial. A claim is at
home in the most specific fact that it can only be about. The functions read the facts of one work and one kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from pipeline.compare.beliefs import Book
from pipeline.compare.names import part_key, person_key, plain, same_person, title_key
from pipeline.compare.values import RELEASED, Relation, relate_dates
from storage.model import FIRST_ROLES, Claim, Fact, Kind, Slot

NEWS_LASTS = dt.timedelta(days=60)
"""How long outlets may go on telling one piece of news in different words, with and without its season's number."""

_PRODUCTION_LASTS = dt.timedelta(days=150)
"""How long "filming" without a season is about the season that was last said to be in production."""

_CLIP_LASTS = dt.timedelta(days=180)
"""How long trailers and pictures without a season are about the one that was last shown."""


def asked(claim: Claim) -> Slot:
    """The slot as the claim itself names it, with its role, part and region in their common spelling."""
    slot = claim.slot
    if claim.kind is not Kind.RELEASE_DATE:
        return replace(slot, season=None) if claim.kind is Kind.SPINOFF else slot
    role = plain(slot.role or "").replace(" ", "_") or FIRST_ROLES[0]
    role = FIRST_ROLES[0] if role in ("release", "debut", "return", "launch") else role
    return replace(slot, role=role, part=part_key(slot.part), region=slot.region and plain(slot.region))


def home(claim: Claim, book: Book) -> tuple[Slot, Fact | None]:
    """The slot that the claim is about, and the fact it is to be compared with.

    The fact's slot differs from the returned slot in one case: a fact that was kept without a season and is now said
    to be about this one. Whoever writes the new fact marks the old one as moved (`Fact.moved_to`).
    """
    slot = asked(claim)
    exact = book.get(slot)
    match claim.kind:
        case Kind.RELEASE_DATE:
            return _release_home(claim, slot, book)
        case Kind.CASTING:
            return _person_home(slot, exact, book)
        case Kind.TRAILER:
            return _trailer_home(claim, slot, exact, book)
        case Kind.PRODUCTION:
            return _recent_home(claim, slot, exact, book, _PRODUCTION_LASTS)
        case Kind.RENEWAL:
            return _renewal_home(claim, slot, exact, book)
        case Kind.CANCELLATION:
            return _ending_home(claim, slot, exact, book)
        case Kind.SPINOFF:
            return _spinoff_home(claim, slot, exact, book)
        case Kind.SEASON:
            return slot, exact


def is_out(fact: Fact, day: dt.date) -> bool:
    """True where a release lies behind that day for certain."""
    return fact.value.date is not None and fact.value.date.latest < day


def season_is_out(work_id: str, season: int, day: dt.date, book: Book) -> bool:
    """True where that season, or a later one, is known to be out."""
    seasons = book.current(work_id, Kind.SEASON)
    known = [fact for fact in seasons if fact.value.text == RELEASED]
    known += [fact for fact in book.current(work_id, Kind.RELEASE_DATE) if is_out(fact, day)]
    return any(fact.slot.season is not None and fact.slot.season >= season for fact in known)


def _release_home(claim: Claim, slot: Slot, book: Book) -> tuple[Slot, Fact | None]:
    facts = book.current(slot.work_id, slot.kind)
    same_role = _same_role(claim, slot, facts)
    found = _best(claim, slot, [fact for fact in same_role if fact.slot.season == slot.season])
    day = claim.claimed_at.date()
    if slot.season is not None:
        if found is not None:
            return found.slot, found
        without = _best(claim, replace(slot, season=None), [fact for fact in same_role if fact.slot.season is None])
        past = claim.background or (claim.date is not None and claim.date.latest < day)
        if without is None or past or is_out(without, day) or not _agrees(claim, without):
            return slot, None
        return replace(without.slot, season=slot.season), without
    ahead = [f for f in same_role if f.slot.season is not None and not is_out(f, day) and not claim.background]
    ahead = [fact for fact in ahead if not fact.value.is_empty] or ahead
    meeting = [fact for fact in ahead if _agrees(claim, fact)] or (ahead if len(ahead) == 1 else [])
    if meeting and not (found and not found.value.is_empty and not is_out(found, day) and _agrees(claim, found)):
        nearest = min(meeting, key=lambda fact: (fact.slot.season or 0, fact.slot.id))
        return nearest.slot, nearest
    if found is None and (told := _season_told_again(claim, same_role)) is not None:
        return told.slot, told
    if found is None and (season := _ordered_season(claim, book) or _awaited_season(claim, slot, facts)) is not None:
        return replace(slot, season=season), None
    return (slot, None) if found is None else (found.slot, found)


def _season_told_again(claim: Claim, facts: list[Fact]) -> Fact | None:
    """The only season whose known date a text tells as the past without the season's number."""
    if claim.date is None or claim.date.latest >= claim.claimed_at.date():
        return None
    dated = [fact for fact in facts if fact.slot.season is not None and fact.value.date is not None]
    meeting = [fact for fact in dated if _agrees(claim, fact)]
    return meeting[0] if len(meeting) == 1 else None


def _ordered_season(claim: Claim, book: Book) -> int | None:
    """The only season that is ordered and not out, where the one before it is out: a date to come can only be its."""
    day = claim.claimed_at.date()
    if claim.date is not None and claim.date.latest < day:
        return None
    orders = book.current(claim.work_id, Kind.RENEWAL)
    numbers = [fact.slot.season for fact in orders if fact.slot.season is not None and not fact.value.is_empty]
    ahead = [number for number in numbers if not season_is_out(claim.work_id, number, day, book)]
    if len(ahead) == 1 and season_is_out(claim.work_id, ahead[0] - 1, day, book):
        return ahead[0]
    return None


def _awaited_season(claim: Claim, slot: Slot, facts: list[Fact]) -> int | None:
    """The only season with a premiere ahead: a finale told beside it can only be its."""
    if slot.role in FIRST_ROLES or claim.background or claim.date is None:
        return None
    day, premieres = claim.claimed_at.date(), [fact for fact in facts if fact.slot.role in FIRST_ROLES]
    ahead = {f.slot.season for f in premieres if f.value.date and not is_out(f, day)}
    dates = [f.value.date for f in premieres if f.value.date and f.slot.season in ahead]
    return ahead.pop() if len(ahead) == 1 and all(date.earliest <= claim.date.latest for date in dates) else None


def _same_role(claim: Claim, slot: Slot, facts: list[Fact]) -> list[Fact]:
    """The facts whose role answers the same question as the claim's; its own role where any fact has it."""
    own = [fact for fact in facts if fact.slot.role == slot.role]
    if slot.role not in FIRST_ROLES:
        return own
    if any(fact.slot.season == slot.season for fact in own):
        return own
    others = [f for f in facts if f.slot.role in FIRST_ROLES and f.slot.role != slot.role]
    if slot.role == "streaming":
        seasons = slot.season is not None or any(f.slot.season is not None for f in facts)
        others = [f for f in others if seasons or f.value.is_empty or _agrees(claim, f)]
    elif slot.role == "theatrical":
        others = [f for f in others if f.slot.role == "premiere"]
    return own + others


def _best(claim: Claim, slot: Slot, facts: list[Fact]) -> Fact | None:
    """Among facts of one season: this part and region, or the one that leaves them out, or the only one that agrees."""
    here = [fact for fact in facts if fact.slot.part == slot.part and fact.slot.region == slot.region]
    if here:
        return min(here, key=_by_role)
    near = [
        fact
        for fact in facts
        if _fits(fact.slot.region, slot.region)
        and (_fits(fact.slot.part, slot.part) and (fact.slot.part or slot.part) in (None, "1"))
        and _agrees(claim, fact)
    ]
    return min(near, key=_by_role, default=None)


def _by_role(fact: Fact) -> tuple[int, str]:
    role = fact.slot.role or ""
    return FIRST_ROLES.index(role) if role in FIRST_ROLES else len(FIRST_ROLES), fact.slot.id


def _fits(one: str | None, other: str | None) -> bool:
    return one == other or one is None or other is None


def _agrees(claim: Claim, fact: Fact) -> bool:
    """True where the claim's date, or the date it says was moved, meets the fact's."""
    if claim.date is None or fact.value.date is None:
        return True
    said = [date for date in (claim.date, claim.previous_date) if date is not None]
    return any(relate_dates(fact.value.date, date) not in (Relation.LATER, Relation.EARLIER) for date in said)


def _person_home(slot: Slot, exact: Fact | None, book: Book) -> tuple[Slot, Fact | None]:
    if exact is not None:
        return slot, exact
    key = person_key(slot.person or "")
    facts = book.current(slot.work_id, slot.kind)
    same = [fact for fact in facts if person_key(fact.slot.person or "") == key]
    same = same or [fact for fact in facts if same_person(person_key(fact.slot.person or ""), key)]
    return _with_or_without_season(slot, same)


def _with_or_without_season(slot: Slot, facts: list[Fact]) -> tuple[Slot, Fact | None]:
    """The fact of this season; else, where one side leaves the season out, the latest that can be meant."""
    own = [fact for fact in facts if fact.slot.season == slot.season]
    open_ones = own or [fact for fact in facts if slot.season is None or fact.slot.season is None]
    found = max(open_ones, key=_by_time, default=None)
    return (slot, None) if found is None else (found.slot, found)


def _trailer_home(claim: Claim, slot: Slot, exact: Fact | None, book: Book) -> tuple[Slot, Fact | None]:
    facts = _fitting(slot, book)
    recent = [f for f in facts if abs(claim.claimed_at - f.last_claimed_at) <= _CLIP_LASTS and not f.value.is_empty]
    found = max(recent, key=_by_time, default=exact)
    return (slot, None) if found is None else (found.slot if slot.season is None else slot, found)


def _recent_home(
    claim: Claim, slot: Slot, exact: Fact | None, book: Book, lasts: dt.timedelta
) -> tuple[Slot, Fact | None]:
    if exact is not None and (slot.season is not None or abs(claim.claimed_at - exact.last_claimed_at) <= lasts):
        return slot, exact
    near = [f for f in _fitting(slot, book) if abs(claim.claimed_at - f.last_claimed_at) <= lasts]
    found = max(near, key=_by_time, default=exact)
    if found is None or found.slot.season == slot.season or slot.season is None:
        return (slot, None) if found is None else (found.slot, found)
    return slot, found


def _renewal_home(claim: Claim, slot: Slot, exact: Fact | None, book: Book) -> tuple[Slot, Fact | None]:
    if slot.season is not None:
        return _recent_home(claim, slot, exact, book, NEWS_LASTS)
    day = claim.claimed_at.date()
    released = [fact for fact in book.current(slot.work_id, Kind.RELEASE_DATE) if is_out(fact, day)]
    last_out = max((fact.slot.season or 0 for fact in released), default=0)
    pending = [fact for fact in _fitting(slot, book) if fact.slot.season is None or fact.slot.season > last_out]
    found = max(pending, key=_by_time, default=None)
    return (slot, None) if found is None else (found.slot, found)


def _ending_home(claim: Claim, slot: Slot, exact: Fact | None, book: Book) -> tuple[Slot, Fact | None]:
    """An ending is told as "cancelled after five seasons" and as "will not return for a sixth": the same news."""
    if exact is not None:
        return slot, exact
    facts = book.current(slot.work_id, slot.kind)
    near = [fact for fact in facts if _same_ending(claim, slot, fact)]
    found = max(near, key=_by_time, default=None)
    return (slot, None) if found is None else (found.slot, found)


def _same_ending(claim: Claim, slot: Slot, fact: Fact) -> bool:
    if slot.season is None or fact.slot.season is None:
        return True
    soon = abs(claim.claimed_at - fact.last_claimed_at) <= NEWS_LASTS
    return soon and abs(slot.season - fact.slot.season) <= 1


def _spinoff_home(claim: Claim, slot: Slot, exact: Fact | None, book: Book) -> tuple[Slot, Fact | None]:
    """A spin-off is known by its title; while it has none, the work has one question: "is there a spin-off?"."""
    key = title_key(claim.value)
    facts = book.current(slot.work_id, slot.kind)
    if not key:
        found = max(facts, key=_by_time, default=exact)
        return (slot, None) if found is None else (found.slot, found)
    for fact in facts:
        known = title_key(fact.value.text)
        if known and (f" {known} " in f" {key} " or f" {key} " in f" {known} "):
            return fact.slot, fact
    if exact is None or not title_key(exact.value.text):
        return slot, exact
    titled = replace(slot, part=key)
    return titled, book.get(titled)


def _fitting(slot: Slot, book: Book) -> list[Fact]:
    """The facts of the slot's work and kind that are of its season, or where one of the two has none."""
    facts: Iterable[Fact] = book.current(slot.work_id, slot.kind)
    return [fact for fact in facts if slot.season is None or fact.slot.season in (None, slot.season)]


def _by_time(fact: Fact) -> tuple[dt.datetime, str]:
    return fact.last_claimed_at, fact.slot.id
