"""Claims and beliefs in, changed facts and classified changes out: the algebra of docs/changes.md.

Everything here is a pure function of its arguments: no clock, no store, no text similarity. One alert for each thing
that really changed is decided here; who hears of it is decided in `alerts.match`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from pipeline.compare.algebra import decide
from pipeline.compare.attribution import claim_print, origin, outlet_names, sentence_print
from pipeline.compare.beliefs import Beliefs, Book
from pipeline.compare.known import known_facts
from pipeline.compare.slots import home
from pipeline.compare.values import value_of
from pipeline.compare.verdict import Case, Verdict, keep
from storage.model import Change, ChangeKind, Claim, Fact, Kind, Slot

__all__ = ["Beliefs", "Ledger", "compare", "known_facts", "outlet_names"]

_MOVES = frozenset(
    {
        ChangeKind.ANNOUNCED,
        ChangeKind.CONFIRMED,
        ChangeKind.REFINED,
        ChangeKind.MOVED_LATER,
        ChangeKind.MOVED_EARLIER,
        ChangeKind.WITHDRAWN,
    }
)
_WITHIN_AN_ITEM = (
    Kind.RENEWAL,
    Kind.CANCELLATION,
    Kind.RELEASE_DATE,
    Kind.CASTING,
    Kind.SPINOFF,
    Kind.PRODUCTION,
    Kind.TRAILER,
    Kind.SEASON,
)
"""What implies another comes before it, so that one piece of news is told once."""

_HEARD = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What some claims led to: the facts that are now believed otherwise, by slot, and one change for each claim."""

    facts: tuple[Fact, ...]
    changes: tuple[Change, ...]
    """In the order in which the claims were folded: by time, then by item."""


def compare(
    beliefs: Mapping[Slot, Fact],
    claims: Sequence[Claim],
    *,
    baseline: bool = False,
    outlets: Mapping[str, str] | None = None,
) -> Ledger:
    """The ledger after these claims, folded in order of `claimed_at`; each claim makes exactly one change.

    `beliefs` must hold all facts of the works that the claims are about. Give a `Beliefs` where there are many: a
    plain mapping is indexed first, which costs time in its size. With `baseline` nothing is news: every change says
    so. `outlets` comes from `outlet_names` and tells which source is meant by an attribution.
    """
    book = Book(beliefs)
    changes = [_fold(claim, book, baseline, outlets or {}) for claim in sorted(claims, key=_order)]
    return Ledger(facts=book.changed(), changes=tuple(changes))


def _order(claim: Claim) -> tuple[object, ...]:
    width = (claim.date.latest - claim.date.earliest).days if claim.date else 1 << 30
    kind = _WITHIN_AN_ITEM.index(claim.kind)
    return claim.claimed_at, claim.item_id, kind, claim.null, -claim.status.rank, width


def _fold(claim: Claim, book: Book, baseline: bool, outlets: Mapping[str, str]) -> Change:
    """Write down what the claim leads to, and say what that was."""
    value = value_of(claim)
    said = str(value) if not claim.null else "nothing"
    slot, fact = home(claim, book)
    case = Case(
        claim=claim,
        value=value,
        slot=slot,
        fact=fact,
        origin=origin(claim, outlets),
        said=sentence_print(claim, said),
        book=book,
    )
    heard = claim_print(claim, said)
    if (known := _heard_by(heard, slot, book)) is not None:
        repeated = keep(replace(case, fact=known), ChangeKind.REPEATED, "this very claim was read before")
        return _change(case, repeated, known, heard, silent=True)
    verdict = decide(case)
    silent = baseline or verdict.silent
    change = _change(case, verdict, fact, heard, silent=silent)
    _write(case, verdict, change, heard)
    return change


def _heard_by(heard: str, slot: Slot, book: Book) -> Fact | None:
    """The fact that weighed this claim before; another slot than now may have been its home then."""
    facts = book.about(slot.work_id, slot.kind)
    near = (facts[slot],) if slot.person is not None and slot in facts else facts.values()
    return next((fact for fact in near if heard in fact.heard), None)


def _write(case: Case, verdict: Verdict, change: Change, heard: str) -> None:
    fact, moved = case.fact, change.kind in _MOVES
    told = change.kind in _MOVES and not change.baseline
    case.book.write(
        replace(
            verdict.fact,
            alerted=told if moved else verdict.fact.alerted,
            change_id=change.id if moved else verdict.fact.change_id,
            heard=(*(fact.heard if fact else ()), heard)[-_HEARD:],
        )
    )
    if fact is not None and fact.slot != verdict.fact.slot:
        case.book.write(replace(fact, moved_to=verdict.fact.slot.id))
    if verdict.also is not None:
        case.book.write(verdict.also)
    if moved:
        case.book.told_by[verdict.fact.slot] = case.claim.item_id


def _change(case: Case, verdict: Verdict, before: Fact | None, heard: str, *, silent: bool) -> Change:
    claim, moved, slot = case.claim, verdict.kind in _MOVES, verdict.fact.slot
    corrected = before.change_id if moved and before and before.alerted and verdict.old else None
    since = before.since_at if before else None
    told = (verdict.kind, slot.id, verdict.old, verdict.new, since) if moved else (verdict.kind, slot.id, heard)
    return Change(
        id=blake2b(repr(told).encode(), digest_size=12).hexdigest(),
        kind=verdict.kind,
        slot=slot,
        old=verdict.old,
        new=verdict.new,
        status=verdict.fact.status if moved else claim.status,
        claim=claim,
        at=claim.claimed_at,
        old_since_at=since,
        baseline=silent,
        supersedes=verdict.supersedes or corrected,
        note=verdict.note,
    )
