"""What is news in one slot because of what is believed in another: implied numbers, one announcement in several kinds,
and a cancellation that is taken back. The policy is in docs/changes.md."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from pipeline.compare.names import title_key
from pipeline.compare.slots import is_out, season_is_out
from pipeline.compare.values import LATER, RELEASED, Relation, relate
from pipeline.compare.verdict import Case
from storage.model import Fact, Kind, Past, Status, Tier, Value

SAME_NEWS = dt.timedelta(days=7)
"""A new instalment is told as a renewal, as a production in development and as a sequel within this time."""

_FAREWELL = dt.timedelta(days=30)
"""Goodbyes said within this time of an ending are part of it."""

_EARLY_STAGES = frozenset({"in_development", "greenlit", "announced"})
_LATE_STAGES = frozenset({"filming", "wrapped", "post_production", "resumed", "completed"})
_REVIVALS = frozenset({"revived", "uncancelled", "saved"})


def implied(case: Case) -> str | None:
    """Why the answer to a question that was open is no news, or None where it is."""
    match case.claim.kind:
        case Kind.SEASON:
            return "that a season exists, or is planned, is said in passing; its renewal or its date is the news"
        case Kind.RENEWAL:
            return _renewal_implied(case) or _told_as(case, Kind.PRODUCTION, Kind.SPINOFF)
        case Kind.SPINOFF:
            return _itself(case) or _told_as(case, Kind.PRODUCTION, Kind.RENEWAL)
        case Kind.CASTING if case.claim.person is None:
            return _told_as(case, Kind.CASTING)
        case Kind.CASTING if case.value.action == "exits":
            return _over(case)
        case Kind.PRODUCTION if case.value.text == "delayed":
            return delay_told_as(case)
        case Kind.PRODUCTION if case.value.text in _EARLY_STAGES:
            return _long_dated(case) or _told_as(case, Kind.RENEWAL, Kind.SPINOFF)
        case Kind.RELEASE_DATE if case.slot.season is not None and _season_released(case):
            return f"season {case.slot.season} is already out"
        case Kind.RELEASE_DATE:
            return delay_told_as(case)
        case _:
            return None


def told_already(case: Case, fact: Fact) -> bool:
    """True for "in the works" and "ordered" about one thing within days: the same announcement in two words."""
    if delay_told_as(case):
        return True
    return (
        case.claim.kind is Kind.PRODUCTION
        and {fact.value.text, case.value.text} <= _EARLY_STAGES
        and fact.alerted
        and fact.status.rank >= case.claim.status.rank
        and abs(case.at - fact.since_at) <= SAME_NEWS
    )


def delay_told_as(case: Case) -> str | None:
    """Why a delayed production is the delayed release that was told within days, or the other way round."""
    dated = case.claim.kind is Kind.RELEASE_DATE and case.value.text == LATER
    if not dated and not (case.claim.kind is Kind.PRODUCTION and case.value.text == "delayed"):
        return None
    for fact in case.book.current(case.slot.work_id, Kind.PRODUCTION if dated else Kind.RELEASE_DATE):
        is_delay = fact.value.text == "delayed" or (not dated and (_same_item(case, fact) or _was_moved_later(fact)))
        if is_delay and fact.alerted and abs(case.at - fact.since_at) <= SAME_NEWS:
            return f"the delay was told as {fact.slot.kind.value} {fact.value}"
    return None


def _was_moved_later(fact: Fact) -> bool:
    return bool(fact.past) and relate(fact.slot.kind, fact.past[-1].value, fact.value) is Relation.LATER


def reverses(case: Case) -> Fact | None:
    """The cancellation that a renewal takes back, if it takes one back."""
    claim = case.claim
    if claim.kind is not Kind.RENEWAL or case.value.is_empty or claim.background:
        return None
    if claim.status in (Status.RUMOURED, Status.DENIED) or claim.tier.rank < Tier.PRESS.rank:
        return None
    for fact in case.book.current(case.slot.work_id, Kind.CANCELLATION):
        if not fact.value.is_empty and case.at >= fact.since_at and _is_against(case, fact):
            return fact
    return None


def reversed_ending(fact: Fact, case: Case) -> Fact:
    """The cancellation as it stands once it was taken back: nothing, with its old value in the past."""
    past = Past(value=fact.value, status=fact.status, from_at=fact.since_at, until_at=case.at)
    return replace(
        fact,
        value=Value(),
        status=case.claim.status,
        tier=case.claim.tier,
        since_at=case.at,
        last_claimed_at=case.at,
        past=(*fact.past, past),
        origins=(case.origin,),
        rivals=(),
        alerted=False,
    )


def _season_released(case: Case) -> bool:
    return case.fact is None and season_is_out(case.slot.work_id, case.slot.season or 0, case.at.date(), case.book)


def _renewal_implied(case: Case) -> str | None:
    season = case.slot.season
    if season is None:
        return None
    if season_is_out(case.slot.work_id, season, case.at.date(), case.book):
        return f"season {season} is already out"
    if _dated(case):
        return f"season {season} has a date already, so it was renewed before"
    for fact in case.book.current(case.slot.work_id, Kind.PRODUCTION):
        if fact.slot.season == season and fact.value.text in _LATE_STAGES and not _same_item(case, fact):
            return f"season {season} is being made already, so it was renewed before"
    return None


def _dated(case: Case) -> str | None:
    for fact in case.book.current(case.slot.work_id, Kind.RELEASE_DATE):
        if fact.slot.season == case.slot.season and fact.value.date is not None and not _same_item(case, fact):
            return "it has a release date already"
    return None


def _long_dated(case: Case) -> str | None:
    for fact in case.book.current(case.slot.work_id, Kind.RELEASE_DATE):
        long_known = case.at - fact.since_at > SAME_NEWS
        if fact.slot.season == case.slot.season and fact.value.date is not None and long_known:
            return "it has a release date already"
    return None


def _told_as(case: Case, *kinds: Kind) -> str | None:
    """One announcement in the words of another kind, within days, and told to the user as that kind."""
    for kind in kinds:
        for fact in case.book.current(case.slot.work_id, kind):
            early = kind is not Kind.PRODUCTION or fact.value.text in _EARLY_STAGES
            fits = fact.slot.season is None or case.slot.season is None or fact.slot.season == case.slot.season
            as_sure = fact.status.rank >= case.claim.status.rank
            if early and fits and as_sure and fact.alerted and abs(case.at - fact.since_at) <= SAME_NEWS:
                return f"the same announcement was told as {kind.value} {fact.value}"
    return None


def _itself(case: Case) -> str | None:
    """ "The reboot" and "the sequel", said of a work that is still to come, are names for this very work."""
    if title_key(case.claim.value):
        return None
    coming = False
    for kind in (Kind.RELEASE_DATE, Kind.PRODUCTION, Kind.RENEWAL, Kind.SEASON):
        for fact in case.book.current(case.slot.work_id, kind):
            season = fact.slot.season or 0
            if season > 1 or fact.value.text == RELEASED or is_out(fact, case.at.date()):
                return None
            coming = coming or (kind is not Kind.SEASON and not fact.value.is_empty)
    return "it is a name for the work itself, which is still to come" if coming else None


def _over(case: Case) -> str | None:
    for fact in case.book.current(case.slot.work_id, Kind.CANCELLATION):
        if not fact.value.is_empty and case.at - fact.since_at <= _FAREWELL:
            return "everybody leaves a work that ends"
    return None


def _same_item(case: Case, fact: Fact) -> bool:
    return case.book.told_by.get(fact.slot) == case.claim.item_id


def _is_against(case: Case, ending: Fact) -> bool:
    """Words of revival; an order beyond the last season; or, after a cancellation, an order of what is not out yet.

    "No third season" names the season that will not be, "after two seasons" the last one that was: an order of the very
    season that is named reverses the first only, and a while later.
    """
    season, last = case.slot.season, ending.slot.season
    if case.claim.value in _REVIVALS or (season is not None and last is not None and season > last):
        return True
    if ending.value.text == "ending" or case.at - ending.since_at <= SAME_NEWS:
        return ending.value.text != "ending" and season is not None and last is None
    return season is None or not season_is_out(case.slot.work_id, season, case.at.date(), case.book)
