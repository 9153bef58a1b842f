"""What a claim does to a fact: exactly one kind of change, with the reason in words.

`decide` is the table of docs/changes.md. Contradictions are weighed in `weigh`; here are agreement, silence and denial.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from pipeline.compare.implied import implied, reversed_ending, reverses, told_already
from pipeline.compare.slots import is_out
from pipeline.compare.values import LATER, MOVING, STILLS, WITHDRAWN, Relation, direction, relate
from pipeline.compare.verdict import Case, Verdict, hold, keep, late, settle, support
from pipeline.compare.weigh import ECHO, against, contradict, matches, stale
from storage.model import ChangeKind, Fact, Kind, Status, Value

RETOLD = dt.timedelta(days=30)
"""After this time another source that says the same tells old news; it is no second witness."""

_SAME_CLIP, _TEASER_TO_TRAILER = dt.timedelta(days=14), dt.timedelta(days=3)
_FIRST_LOOK_ONCE = dt.timedelta(days=180)
"""A first look can be the first only once in a season's making."""


def decide(case: Case) -> Verdict:
    """The one change that this claim makes, and the fact after it."""
    fact = case.fact
    if ending := reverses(case):
        return _revive(case, ending)
    if fact is None or fact.value.is_empty:
        return _open(case)
    if case.claim.status is Status.DENIED:
        return _deny(case, fact)
    if case.value.is_empty:
        return _nothing(case, fact)
    if case.claim.kind is Kind.TRAILER:
        return _trailer(case, fact)
    return _agree_or_contradict(case, fact)


def _agree_or_contradict(case: Case, fact: Fact) -> Verdict:
    match relation := relate(case.claim.kind, fact.value, case.value):
        case Relation.SAME if case.claim.kind is Kind.SEASON:
            return replace(_same(case, fact), silent=True)
        case Relation.CLOSER if case.claim.kind is Kind.SEASON:
            return settle(case, ChangeKind.REFINED, "more of a season, said in passing", silent=True)
        case Relation.SAME:
            return _same(case, fact)
        case Relation.CLOSER:
            return _closer(case, fact)
        case Relation.LOOSER:
            return keep(case, ChangeKind.VAGUER, f"agrees with {fact.value} and says less", touch=True)
        case Relation.STALE:
            return keep(case, ChangeKind.REPEATED, f"came before {fact.value} and says nothing against it")
        case Relation.OTHER if told_already(case, fact):
            return keep(case, ChangeKind.REPEATED, "the same news in another word, told within days", touch=True)
        case Relation.LATER | Relation.EARLIER | Relation.OTHER:
            return contradict(case, fact, relation)


def is_background(case: Case) -> bool:
    """True for what is told as the past: by its words, or because its date lies before the day it was published."""
    date = case.claim.date
    return case.claim.background or (date is not None and date.latest < case.at.date())


def _open(case: Case) -> Verdict:
    """The slot is empty, or it is known that nothing is announced."""
    fact, claim = case.fact, case.claim
    if case.value.is_empty or claim.status is Status.DENIED:
        return _still_nothing(case)
    if fact is not None and (again := _once_withdrawn(case, fact)):
        return again
    if is_background(case):
        return settle(case, ChangeKind.ANNOUNCED, "told as the past: recorded, and no news", silent=True)
    if reason := implied(case):
        return settle(case, ChangeKind.ANNOUNCED, f"{reason}: recorded, and no news", silent=True)
    return _first_date(case) if claim.kind is Kind.RELEASE_DATE else settle(case, ChangeKind.ANNOUNCED, _first(case))


def _first(case: Case) -> str:
    if case.fact is None:
        return "the first that is known about it"
    return f"nothing was announced before, as was said on {case.fact.since_at.date()}"


def _first_date(case: Case) -> Verdict:
    """The first date that is known; where the text itself tells of a move, it is a move."""
    previous = case.claim.previous_date
    way = direction(case.claim)
    if way is None:
        return settle(case, ChangeKind.ANNOUNCED, _first(case))
    kind = ChangeKind.MOVED_LATER if way == LATER else ChangeKind.MOVED_EARLIER
    old = Value(date=previous) if previous else None
    return settle(case, kind, "the first that is known about it, and the text itself tells of a move", old=old)


def _still_nothing(case: Case) -> Verdict:
    fact = case.fact
    if fact is None:
        note = "nothing is announced: recorded as an open question"
        verdict = settle(case, ChangeKind.REPEATED, note, value=Value())
        return replace(verdict, silent=True)
    return support(case, ChangeKind.REPEATED, f"still nothing, as was said on {fact.since_at.date()}", value=Value())


def _once_withdrawn(case: Case, fact: Fact) -> Verdict | None:
    """The answer to a claim in a slot whose value was taken back; None where it says something new."""
    if not fact.past:
        return None
    if case.at < fact.since_at:
        return late(case, f"published before {fact.since_at.date()}, when it was taken back")
    if (old := stale(case, fact)) is None:
        return None
    note = f"says {case.value}, which was taken back on {old.until_at.date()}"
    weak = case.claim.tier.rank <= fact.tier.rank or case.claim.status is Status.RUMOURED
    if is_background(case) or case.claim.attributed_to or case.claim.status is Status.RUMOURED:
        return keep(case, ChangeKind.REPEATED, note)
    if not weak or case.claim.value in ("revived", "returns"):
        return None
    return against(case, case.value, note, lambda: settle(case, ChangeKind.ANNOUNCED, f"{note}, and is said anew"))


def _revive(case: Case, ending: Fact) -> Verdict:
    """A renewal after a cancellation: one change, which corrects the other."""
    known = case.fact is not None and case.fact.value.text == "revived"
    revived = replace(case, value=replace(case.value, text="revived"))
    note = f"the cancellation known since {ending.since_at.date()} is reversed"
    kind = ChangeKind.REPEATED if known else ChangeKind.ANNOUNCED
    supersedes = ending.change_id if ending.alerted else None
    return replace(settle(revived, kind, note), also=reversed_ending(ending, case), supersedes=supersedes)


def _same(case: Case, fact: Fact) -> Verdict:
    claim = case.claim
    surer = claim.status.rank > fact.status.rank and claim.tier.rank >= fact.tier.rank
    known = case.origin in fact.origins or case.said in fact.prints
    if surer and not is_background(case):
        return support(case, ChangeKind.CONFIRMED, f"was {fact.status}", status=claim.status, new_origin=not known)
    if known:
        return support(case, ChangeKind.REPEATED, f"known since {fact.since_at.date()} from {case.origin}")
    if is_background(case) or abs(case.at - fact.since_at) > RETOLD:
        return support(case, ChangeKind.REPEATED, f"old news told again: known since {fact.since_at.date()}")
    return support(
        case, ChangeKind.CORROBORATED, f"{case.origin} says so too: {len(fact.origins) + 1} origins", new_origin=True
    )


def _closer(case: Case, fact: Fact) -> Verdict:
    """The same, more exactly: a window becomes a day, talks become a part."""
    claim = case.claim
    if is_background(case):
        return keep(case, ChangeKind.REPEATED, f"told as the past; {fact.value} is known")
    if claim.kind is Kind.CASTING:
        if claim.status is Status.RUMOURED:
            return keep(case, ChangeKind.REPEATED, "a rumour of what is in talks", touch=True)
        return settle(case, ChangeKind.CONFIRMED, f"{fact.value} became {case.value}")
    if fact.value.date is None and (old := stale(case, fact)):
        return keep(case, ChangeKind.REPEATED, f"the date from before {old.until_at.date()}, when it was moved")
    weaker = claim.tier.rank < fact.tier.rank or claim.status.rank < fact.status.rank
    if weaker and claim.status is Status.RUMOURED and fact.value.date is not None:
        held, _, new = hold(case, case.value)
        kind = ChangeKind.DISPUTED if new else ChangeKind.REPEATED
        return Verdict(
            kind=kind,
            note=f"a rumour that would make {fact.value} more exact",
            fact=held,
            old=fact.value,
            new=case.value,
        )
    way = direction(claim)
    moved_lately = fact.past and case.at - fact.since_at <= 3 * ECHO
    if way and fact.value.date and not moved_lately and claim.previous_date is None:
        kind = ChangeKind.MOVED_LATER if way == LATER else ChangeKind.MOVED_EARLIER
        return settle(case, kind, f"within {fact.value}, but told as a move")
    return settle(case, ChangeKind.REFINED, f"more exact than {fact.value}")


def _trailer(case: Case, fact: Fact) -> Verdict:
    """Each new clip is an event; the same clip goes on being told for days."""
    age = case.at - fact.since_at
    moving, was_moving = case.value.text != STILLS, fact.value.text != STILLS
    if is_background(case) or age < dt.timedelta():
        return keep(case, ChangeKind.REPEATED, f"older than the {fact.value} of {fact.since_at.date()}")
    if moving and not was_moving:
        fresh = True
    elif moving and case.value.text == MOVING and fact.value.text != MOVING:
        fresh = age > _TEASER_TO_TRAILER
    else:
        fresh = age > (_SAME_CLIP if moving else _FIRST_LOOK_ONCE)
    if fresh:
        return replace(settle(case, ChangeKind.ANNOUNCED, f"another than that of {fact.since_at.date()}"), old=None)
    known = case.origin in fact.origins or case.said in fact.prints
    kind = ChangeKind.REPEATED if known else ChangeKind.CORROBORATED
    return support(case, kind, f"the {fact.value} known since {fact.since_at.date()}", new_origin=not known)


def _nothing(case: Case, fact: Fact) -> Verdict:
    """A text that says nothing is announced, or that it is no longer, while something is believed."""
    claim = case.claim
    if claim.value != WITHDRAWN or claim.kind is not Kind.RELEASE_DATE:
        return keep(case, ChangeKind.REPEATED, f"does not know of {fact.value}, announced on {fact.since_at.date()}")
    if case.at < fact.since_at or is_out(fact, case.at.date()) or claim.background:
        return keep(case, ChangeKind.REPEATED, f"older than {fact.value}, known since {fact.since_at.date()}")
    if claim.tier.rank >= fact.tier.rank and claim.status.rank >= Status.REPORTED.rank:
        return settle(case, ChangeKind.WITHDRAWN, f"{fact.value} was taken back")
    doubt = f"{claim.status} by {claim.tier}, against {fact.tier}, which says {fact.value}"
    return against(case, Value(), doubt, lambda: settle(case, ChangeKind.WITHDRAWN, f"{fact.value} was taken back"))


def _deny(case: Case, fact: Fact) -> Verdict:
    """Somebody says it is not so: what rests on hearsay falls, what is confirmed is only disputed."""
    dateless = case.claim.kind is Kind.RELEASE_DATE and case.claim.date is None
    if not case.value.is_empty and not dateless and not matches(case, fact.value):
        return keep(case, ChangeKind.REPEATED, f"denies {case.value}, which is not believed")
    if case.at < fact.since_at:
        return keep(case, ChangeKind.REPEATED, f"a denial from before {fact.value} became known")
    better = case.claim.tier.rank - fact.tier.rank
    if better > 0 or (better == 0 and fact.status is not Status.CONFIRMED):
        return _fall_back(case, fact)
    doubt = f"{case.claim.tier} denies {fact.value}, {fact.status} by {fact.tier}"
    hearsay = fact.status is not Status.CONFIRMED
    return against(case, Value(), doubt, lambda: _fall_back(case, fact), enough=hearsay)


def _fall_back(case: Case, fact: Fact) -> Verdict:
    """The denied value goes; what was confirmed before it is believed again."""
    before = next((past for past in reversed(fact.past) if past.status is Status.CONFIRMED), None)
    value = Value() if before is None else before.value
    verdict = settle(case, ChangeKind.WITHDRAWN, f"{fact.value}, {fact.status}, was denied", value=value)
    return verdict if before is None else replace(verdict, fact=replace(verdict.fact, status=before.status))
