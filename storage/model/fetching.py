"""How a source is doing, and what it answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """The state of a source, in one word."""

    NEW = "new"
    OK = "ok"
    FAILING = "failing"
    BLOCKED = "blocked"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchState:
    """What must be remembered between two polls of a source. Validators are opaque bytes."""

    source_id: str
    url: str
    """The configured URL this state belongs to: another URL starts anew."""
    next_due_at: dt.datetime | None = None
    etag: bytes | None = None
    last_modified: bytes | None = None
    body_sha256: str | None = None
    health: Health = Health.NEW
    reason: str = ""
    """In words a person reads in `status`."""
    last_attempt_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    last_new_item_at: dt.datetime | None = None
    failures: int = 0
    """In a row."""
    not_found: int = 0
    """404 answers in a row."""
    moved_to: str | None = None
    moved_seen: int = 0
    moved_since_at: dt.datetime | None = None
    failing_since_at: dt.datetime | None = None
    told: bool = False
    """True when the user has been told that the source is broken and not yet that it recovered."""
    baseline_done: bool = False
    validators_url: str | None = None
    """Whose answer gave the validators, after redirects; they are sent to no other URL."""
    ttl_s: int = 0
    """The shortest time between two polls that the feed itself asks for."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the UTC day (0 to 23) in which the feed asks not to be polled."""
    held_host: str | None = None
    held_until_at: dt.datetime | None = None
    """A 429 or 503 asked for quiet on this host, and that binds every source on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A new body, decoded from its transfer coding, not yet from its charset."""

    source_id: str
    url: str
    """After redirects."""
    status_code: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: dt.datetime
    state: FetchState


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304, or a body equal to the last one."""

    source_id: str
    fetched_at: dt.datetime
    state: FetchState


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No usable answer: a network failure, an error status, a wall, robots.txt, a limit."""

    source_id: str
    fetched_at: dt.datetime
    reason: str
    state: FetchState


Outcome = Fetched | NotModified | Refused
