"""What goes out, and how far it has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from storage.model.config import Route, Work
from storage.model.ledger import Change
from storage.model.terms import ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One change on one route. It cannot be made of a change that changes nothing."""

    route: Route
    change: Change
    work: Work

    def __post_init__(self) -> None:
        same_value_alerts = self.change.kind in (ChangeKind.CONFIRMED, ChangeKind.DUE)
        if self.change.old == self.change.new and not same_value_alerts:
            raise ValueError(f"change {self.change.id} has the same old and new value; it cannot alert")

    @property
    def id(self) -> str:
        """Stable over restarts and retries: the same change on the same route is the same alert."""
        return f"{self.change.id}.{self.route.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The exact bytes for one target, with an id that never changes (the `webhook-id`)."""

    id: str
    route_id: str
    target_id: str
    format: str
    content_type: str
    body: bytes
    change_ids: tuple[str, ...]
    created_at: dt.datetime
    not_before_at: dt.datetime
    """Later than `created_at` in quiet hours."""
    summary: str = ""
    """The first line in plain words: for `alerts list`, and for one message that stands for several."""
    url: str | None = None
    """Where the news was read; goes with `summary`."""
    edits: str | None = None
    """The target's own id of the sent message that this one rewrites; None for a new message."""


class OutboxState(StrEnum):
    """How far the delivery of a message has come."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Every attempt of the schedule failed; `retry` makes it pending again."""
    DISABLED = "disabled"
    """Its target answered 410 Gone: nothing more is sent there until somebody retries."""
    GROUPED = "grouped"
    """Its route's daily limit was reached, or a newer edit came: another message tells what it would have told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at delivering a message, and what it leads to."""

    at: dt.datetime
    state: OutboxState
    """The message's state from now on; `DISABLED` disables its whole target."""
    status_code: int | None = None
    """None where no HTTP answer came."""
    error: str | None = None
    """In words a person reads in `alerts list`; None for a success. Never an address or a secret."""
    next_attempt_at: dt.datetime | None = None
    """Set exactly when `state` is pending."""
    remote_id: str | None = None
    """The target's own id of what it took, where it gives one; it is no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A message in the outbox with all that was tried, oldest attempt first."""

    message: Message
    state: OutboxState
    attempts: tuple[Attempt, ...] = ()
    next_attempt_at: dt.datetime | None = None
    """None once nothing more will be tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An alert that is no longer true, and the first line of the one that says what is."""

    alert_id: str
    summary: str
    """The first line of the alert that is no longer true."""
    url: str | None
    by_summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """A delivered message that can be rewritten, for later ones of the same route and target correct what it tells."""

    message: Message
    remote_id: str
    by_id: str
    """The message after which it has to be rewritten."""
    corrections: tuple[Correction, ...]
    """Every alert in it that is corrected by now, in the order of the message; at least one."""
