"""One claim before one fact, and the few things that can happen to the fact."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from pipeline.compare.beliefs import Book
from pipeline.compare.values import Relation, relate
from storage.model import ChangeKind, Claim, Fact, Past, Rival, Slot, Status, Value

RIVAL_LASTS = dt.timedelta(days=14)
"""Sources that contradict a better one must do so within this time of one another to win together."""

HEARD_LATE = dt.timedelta(days=30)
"""How long before a fact became known another source may have said so; what seems older is a page edited since."""

_KEPT_PAST, _KEPT_RIVALS, _KEPT_ORIGINS = 12, 6, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A claim, the fact it is compared with, and where to look for what else is believed."""

    claim: Claim
    value: Value
    """What the claim says; empty for "not announced" and for "no longer announced"."""
    slot: Slot
    """Where the answer is kept from now on; differs from `fact.slot` when a season-less fact finds its season."""
    fact: Fact | None
    origin: str
    said: str
    """The fingerprint of the sentence with its value."""
    book: Book

    @property
    def at(self) -> dt.datetime:
        """When it was said."""
        return self.claim.claimed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is decided about a case: the kind of change, why, and the fact as it stands now."""

    kind: ChangeKind
    note: str
    fact: Fact
    old: Value | None
    new: Value | None
    silent: bool = False
    """True for what fills the ledger without being news."""
    also: Fact | None = None
    """The fact of another slot that the same claim settles."""
    supersedes: str | None = None
    """The change in that other slot that is corrected."""


def settle(
    case: Case,
    kind: ChangeKind,
    note: str,
    *,
    value: Value | None = None,
    old: Value | None = None,
    silent: bool = False,
) -> Verdict:
    """The fact takes a new value, by default the claim's; what was believed before goes into its past."""
    claim, fact = case.claim, case.fact
    new = case.value if value is None else value
    rival = _rival(fact, case, new)
    since = min(rival.first_at, case.at) if rival else case.at
    past = () if fact is None else _with_present(fact, since)
    settled = Fact(
        slot=case.slot,
        value=new,
        status=claim.status,
        tier=claim.tier if rival is None or claim.tier.rank > rival.tier.rank else rival.tier,
        since_at=since,
        last_claimed_at=case.at if fact is None or fact.value.is_empty else max(case.at, fact.last_claimed_at),
        origins=_joined(rival.origins, case.origin) if rival else (case.origin,),
        past=past if old is None else (*past, _told_of(old, case)),
        prints=_joined(rival.prints, case.said) if rival else (case.said,),
        rivals=() if fact is None else tuple(held for held in fact.rivals if held is not rival),
    )
    before = fact.value if fact is not None and old is None else old
    return Verdict(kind=kind, note=note, fact=settled, old=before, new=new, silent=silent)


def support(
    case: Case,
    kind: ChangeKind,
    note: str,
    *,
    status: Status | None = None,
    value: Value | None = None,
    new_origin: bool = False,
) -> Verdict:
    """The fact keeps its value and gains what the claim adds to it: a time, an origin, a better status, a detail."""
    fact, claim = _fact(case), case.claim
    first = not any(past.from_at > case.at for past in fact.past)
    detailed = replace(
        fact.value,
        platform=fact.value.platform or case.value.platform,
        character=fact.value.character or case.value.character,
    )
    kept = replace(
        fact,
        slot=case.slot,
        value=value or detailed,
        status=status or fact.status,
        tier=claim.tier if claim.tier.rank > fact.tier.rank else fact.tier,
        since_at=case.at if first and dt.timedelta() < fact.since_at - case.at <= HEARD_LATE else fact.since_at,
        last_claimed_at=max(fact.last_claimed_at, case.at),
        origins=_joined(fact.origins, case.origin) if new_origin else fact.origins,
        prints=_joined(fact.prints, case.said),
    )
    return Verdict(kind=kind, note=note, fact=kept, old=fact.value, new=kept.value)


def keep(case: Case, kind: ChangeKind, note: str, *, touch: bool = False) -> Verdict:
    """Nothing is believed otherwise than before; `touch` notes that the fact was heard of again."""
    fact = _fact(case)
    last = max(fact.last_claimed_at, case.at) if touch else fact.last_claimed_at
    return Verdict(kind=kind, note=note, fact=replace(fact, last_claimed_at=last), old=fact.value, new=case.value)


def hold(case: Case, value: Value) -> tuple[Fact, Rival, bool]:
    """The fact with this contradiction held against it, the rival as it stands, and whether it is newly held."""
    fact, claim = _fact(case), case.claim
    known = _rival(fact, case, value)
    if known is None:
        rival = Rival(
            value=value,
            status=claim.status,
            tier=claim.tier,
            origins=(case.origin,),
            first_at=case.at,
            last_at=case.at,
            prints=(case.said,),
        )
        return replace(fact, rivals=(*fact.rivals, rival)[-_KEPT_RIVALS:]), rival, True
    rival = replace(
        known,
        status=claim.status if claim.status.rank > known.status.rank else known.status,
        tier=claim.tier if claim.tier.rank > known.tier.rank else known.tier,
        origins=known.origins if case.said in known.prints else _joined(known.origins, case.origin),
        prints=_joined(known.prints, case.said),
        first_at=min(known.first_at, case.at),
        last_at=max(known.last_at, case.at),
    )
    return replace(fact, rivals=tuple(rival if held is known else held for held in fact.rivals)), rival, False


def late(case: Case, note: str) -> Verdict:
    """A claim older than the present value goes to its place in the past."""
    fact = _fact(case)
    kind = case.claim.kind
    for place, past in enumerate(fact.past):
        if not past.value.is_empty and relate(kind, past.value, case.value) is Relation.SAME:
            if past.from_at <= case.at:
                return keep(case, ChangeKind.REPEATED, note)
            moved = replace(past, from_at=case.at)
            known = _in_order((*fact.past[:place], moved, *fact.past[place + 1 :]), fact.since_at)
            return _with_past(case, known, note)
    new = Past(value=case.value, status=case.claim.status, from_at=case.at, until_at=fact.since_at)
    return _with_past(case, _in_order((*fact.past, new), fact.since_at), note)


def _fact(case: Case) -> Fact:
    if case.fact is None:
        raise ValueError(f"{case.slot.id}: there is no fact to compare with")
    return case.fact


def _rival(fact: Fact | None, case: Case, value: Value) -> Rival | None:
    """The value among those held against the fact that this one repeats, if it was held lately."""
    for rival in reversed(fact.rivals if fact else ()):
        if rival.value.is_empty or value.is_empty:
            same = rival.value.is_empty and value.is_empty
        else:
            agreeing = (Relation.SAME, Relation.CLOSER, Relation.LOOSER)
            same = relate(case.claim.kind, rival.value, value) in agreeing
        if same and abs(case.at - rival.last_at) <= RIVAL_LASTS:
            return rival
    return None


def _with_present(fact: Fact, until: dt.datetime) -> tuple[Past, ...]:
    """The fact's past with its present value, which ends now; a value that never stood alone leaves no trace."""
    if fact.value.is_empty or until <= fact.since_at:
        return fact.past
    present = Past(value=fact.value, status=fact.status, from_at=fact.since_at, until_at=until)
    return (*fact.past, present)[-_KEPT_PAST:]


def _told_of(old: Value, case: Case) -> Past:
    """A value that was never believed here and is past already when it is first heard of."""
    return Past(value=old, status=case.claim.status, from_at=case.at, until_at=case.at)


def _in_order(pasts: tuple[Past, ...], since: dt.datetime) -> tuple[Past, ...]:
    ordered = sorted(pasts, key=lambda past: past.from_at)
    ends = [past.from_at for past in ordered[1:]] + [since]
    cut = (replace(past, until_at=min(past.until_at, end)) for past, end in zip(ordered, ends, strict=True))
    return tuple(cut)[-_KEPT_PAST:]


def _with_past(case: Case, past: tuple[Past, ...], note: str) -> Verdict:
    fact = _fact(case)
    return Verdict(kind=ChangeKind.REPEATED, note=note, fact=replace(fact, past=past), old=fact.value, new=case.value)


def _joined(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)[-_KEPT_ORIGINS:]
