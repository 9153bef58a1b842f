"""When a claim contradicts a fact: who wins, who is held back, and who is only late in hearing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from pipeline.compare.implied import delay_told_as
from pipeline.compare.slots import is_out
from pipeline.compare.values import ANNOUNCED, EARLIER, LATER, Relation, direction, goes_on, relate, relate_dates
from pipeline.compare.verdict import Case, Verdict, hold, keep, late, settle
from storage.model import ChangeKind, Fact, Kind, Past, Status, Tier, Value

FLAP = dt.timedelta(days=7)
"""A value that comes back within this time is a dispute, not two moves."""

ECHO = dt.timedelta(days=21)
"""How long "the date was moved up", without the date, tells a move that is known with its date."""

_AT_HAND, _FAR, _YEAR = dt.timedelta(days=7), dt.timedelta(days=30), dt.timedelta(days=364)

FRESH = dt.timedelta(hours=24)
"""A date first heard of so lately may be the very one that "moved up" is about."""

_MOVED = {Relation.LATER: ChangeKind.MOVED_LATER, Relation.EARLIER: ChangeKind.MOVED_EARLIER}
_WAY = {Relation.LATER: LATER, Relation.EARLIER: EARLIER}
_AGREEING = (Relation.SAME, Relation.CLOSER, Relation.LOOSER)


def contradict(case: Case, fact: Fact, relation: Relation) -> Verdict:
    """The change made by a claim whose value cannot be true together with the fact's."""
    if case.at < fact.since_at:
        return late(case, f"published before {_day(fact.since_at)}, when {_said(fact)} became known")
    if case.claim.background:
        return keep(case, ChangeKind.REPEATED, f"told as the past; {_said(fact)} is newer")
    if case.book.told_by.get(fact.slot) == case.claim.item_id:
        return keep(case, ChangeKind.REPEATED, f"the same item says {_said(fact)} more exactly")
    if known := _echo(case, fact, relation):
        return keep(case, ChangeKind.REPEATED, known)
    if case.claim.kind is Kind.RELEASE_DATE and is_out(fact, case.at.date()) and case.slot.season is None:
        return settle(case, ChangeKind.ANNOUNCED, f"the date before, {fact.value}, has passed: this is the next one")
    old = stale(case, fact)
    if old is not None and case.claim.attributed_to and not knows(case, fact, relation):
        return keep(case, ChangeKind.REPEATED, f"tells the older news, which was superseded on {_day(old.until_at)}")

    def win() -> Verdict:
        kind = _MOVED.get(relation, ChangeKind.ANNOUNCED)
        return settle(case, kind, f"{case.value} instead of {_said(fact)}")

    doubt = _doubt(case, fact, relation, old)
    return win() if doubt is None else against(case, case.value, doubt, win)


def against(case: Case, value: Value, doubt: str, win: Callable[[], Verdict], *, enough: bool = True) -> Verdict:
    """Hold a contradiction back until a second independent source says the same within days; then it wins."""
    fact, rival, new = hold(case, value)
    if enough and len(rival.origins) >= 2 and rival.status is not Status.RUMOURED:
        return win()
    kind = ChangeKind.DISPUTED if new else ChangeKind.REPEATED
    note = doubt if new else f"{doubt}; this was noted on {_day(rival.first_at)}"
    return Verdict(kind=kind, note=note, fact=fact, old=fact.value, new=value)


def knows(case: Case, fact: Fact, relation: Relation) -> bool:
    """True where the claim's own words tell of a move away from what is believed, or of what follows it."""
    previous = case.claim.previous_date
    if previous is not None and fact.value.date is not None:
        return relate_dates(fact.value.date, previous) in _AGREEING
    if case.claim.kind is Kind.RELEASE_DATE:
        return direction(case.claim) is not None and direction(case.claim) == _WAY.get(relation)
    if case.claim.kind is Kind.PRODUCTION and goes_on(fact.value, case.value):
        return True
    return case.value.action == "returns" or case.value.text in ("resumed", "revived")


def stale(case: Case, fact: Fact) -> Past | None:
    """The past value that the claim repeats. A day inside a window of the past says more than the window did."""
    for past in reversed(fact.past):
        if past.value.is_empty or case.value.is_empty:
            continue
        relation = relate(case.claim.kind, past.value, case.value)
        if relation is Relation.SAME or (relation is Relation.LOOSER and not _is_closer_to_now(case, fact)):
            return past
    return None


def matches(case: Case, value: Value) -> bool:
    """True where the claim's value can be true together with this one."""
    return relate(case.claim.kind, value, case.value) in _AGREEING


def _is_closer_to_now(case: Case, fact: Fact) -> bool:
    return not fact.value.is_empty and matches(case, fact.value)


def _echo(case: Case, fact: Fact, relation: Relation) -> str | None:
    """Why a move told without its date is the one that is known already."""
    if case.claim.kind is not Kind.RELEASE_DATE or case.value.date is not None or case.value.text == ANNOUNCED:
        return None
    if told := delay_told_as(case):
        return told
    age = case.at - fact.since_at
    moved_so = bool(fact.past) and relate(Kind.RELEASE_DATE, fact.past[-1].value, fact.value) is relation
    if moved_so and age <= ECHO:
        return f"tells without its date the move known since {_day(fact.since_at)}"
    if not fact.past and age <= FRESH:
        return f"tells without its date the news of the same day, {_said(fact)}"
    return None


def _doubt(case: Case, fact: Fact, relation: Relation, old: Past | None) -> str | None:
    """Why the claim may not move the fact by itself; None where it may."""
    claim, certain = case.claim, knows(case, fact, relation)
    better = claim.tier.rank > fact.tier.rank
    if claim.status is Status.RUMOURED and fact.status is not Status.RUMOURED:
        return f"a rumour against what is {fact.status}"
    if old is not None and not certain and not better:
        if case.at - fact.since_at <= FLAP:
            return f"goes back to {case.value} within {FLAP.days} days of {_said(fact)}"
        if claim.tier is not Tier.OFFICIAL and old.status.rank >= claim.status.rank:
            return f"says {case.value}, which was superseded on {_day(old.until_at)}, and tells of no move back"
    if claim.tier.rank < fact.tier.rank and not certain:
        return f"{claim.tier} against {fact.tier}, which says {fact.value}"
    hearsay = claim.status is not Status.CONFIRMED and fact.status is not Status.CONFIRMED
    if hearsay and not better and not certain and case.origin not in fact.origins and case.at - fact.since_at <= FLAP:
        return f"one report against another, which says {fact.value}"
    if not certain and not better and _is_sudden(case, fact):
        return f"{case.value} comes long before {fact.value}, and nothing is said of a move"
    if claim.kind is Kind.RELEASE_DATE and is_out(fact, case.at.date()) and not certain and not better:
        return f"{fact.value} has passed, and nothing is said of a move"
    return None


def _is_sudden(case: Case, fact: Fact) -> bool:
    """True for a release in these days where one months away is believed: an episode, a re-run, another work.

    And for a whole year that lies before it: the year of something else in the sentence.
    """
    new, old = case.claim.date, fact.value.date
    if new is None or old is None or is_out(fact, case.at.date()):
        return False
    if new.latest < old.earliest and new.latest - new.earliest >= _YEAR:
        return True
    return new.earliest - case.at.date() <= _AT_HAND and old.earliest - new.latest > _FAR


def _said(fact: Fact) -> str:
    return f"{fact.value}, known since {_day(fact.since_at)}" if not fact.value.is_empty else "nothing"


def _day(at: dt.datetime) -> str:
    return at.date().isoformat()
