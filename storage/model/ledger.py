"""What we believe, and what moved."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from storage.model.items import Claim, Slot
from storage.model.terms import ChangeKind, PartialDate, Status, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The answer in a slot. Exactly the fields of the slot's kind are set; an all-empty value means "not announced"."""

    date: PartialDate | None = None
    action: str | None = None
    text: str | None = None
    platform: str | None = None
    character: str | None = None

    @property
    def is_empty(self) -> bool:
        """True when nothing is announced."""
        return self.date is None and self.action is None and self.text is None

    def __str__(self) -> str:
        return self.date.edtf if self.date else self.action or self.text or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A value a fact had before, so that stale repetition and flapping can be told from news."""

    value: Value
    status: Status
    from_at: dt.datetime
    until_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A value that contradicts a fact and is held back until better or more sources say it."""

    value: Value
    status: Status
    tier: Tier
    """The best tier among those who say it."""
    origins: tuple[str, ...]
    first_at: dt.datetime
    last_at: dt.datetime
    prints: tuple[str, ...] = ()
    """Fingerprints of their sentences, as in `Fact.prints`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What we believe now about one slot."""

    slot: Slot
    value: Value
    status: Status
    tier: Tier
    """The best tier among the supporting claims."""
    since_at: dt.datetime
    """When the present value was first claimed."""
    last_claimed_at: dt.datetime
    origins: tuple[str, ...] = ()
    """Independent sources (after attribution) that support the value, in order of appearance."""
    past: tuple[Past, ...] = ()
    alerted: bool = False
    """True once a change to the present value left the baseline and may have been told to somebody."""
    change_id: str | None = None
    """The change that brought the present value; the next one names it in `supersedes` when it was alerted."""
    prints: tuple[str, ...] = ()
    """Fingerprints of the sentences that support the value, so that a syndicated text counts as one origin."""
    heard: tuple[str, ...] = ()
    """Fingerprints of the claims that were weighed here, so that reading an item again changes nothing."""
    rivals: tuple[Rival, ...] = ()
    """Contradicting values that have not won, newest last."""
    moved_to: str | None = None
    """The id of the slot that took this fact over, once a text said which season it is about; then it is no longer
    current: neither shown nor counted as an open question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A fact moving from an old value to a new one, classified, with the claim that moved it."""

    id: str
    """Deterministic over slot, kind and new value, so that the same change is the same everywhere."""
    kind: ChangeKind
    slot: Slot
    old: Value | None
    new: Value | None
    status: Status
    claim: Claim
    at: dt.datetime
    """The claim's time, not the clock's."""
    old_since_at: dt.datetime | None = None
    baseline: bool = False
    """True for what fills the ledger silently: a first import, known facts, background."""
    supersedes: str | None = None
    """The id of the earlier change that this one corrects."""
    note: str | None = None
    """Why the algebra decided so, in words for `why` and `why-not`."""
