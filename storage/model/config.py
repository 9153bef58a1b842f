"""What the user wrote: all of sources.yaml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.model.terms import ChangeKind, Kind, PartialDate, SourceKind, Status, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the user already knows of a work, so that it is never announced: filled into the ledger silently."""

    seasons: tuple[int, ...] = ()
    cast: tuple[str, ...] = ()
    release_dates: Mapping[int, PartialDate] = field(default_factory=dict)
    """Premiere by season number; 0 for a work without seasons."""
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A series, film, game or book that is followed."""

    id: str
    title: str
    franchise_id: str
    kind: str = "series"
    """`series`, `film`, `game`, `book` or `unknown`."""
    aliases: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    """Makers and stars whose names may stand for the work; they help to recognise it and are not newly cast."""
    companions: tuple[str, ...] = ()
    """Words one of which must stand near a short or common title before it counts."""
    parent: str | None = None
    """The id of the work this one is a spin-off of."""
    known: Known = field(default_factory=Known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Franchise:
    """A fictional universe and its works."""

    id: str
    title: str
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """CSS selectors for a page: `item` is the repeated element, the others are looked up inside it."""

    item: str
    title: str | None = None
    link: str | None = None
    date: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where news come from."""

    id: str
    name: str
    kind: SourceKind
    url: str
    tier: Tier
    interval_s: int = 3600
    selectors: Selectors | None = None
    region: str | None = None
    """For a page watched as a whole: the CSS selector of the part whose change is an item."""
    language: str | None = None
    full_text: bool = False
    allow_private: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a route sends: `format` names the message's shape, `url` and `secret` are resolved only when sending."""

    id: str
    format: str
    """`webhook`, `discord`, `slack`, `teams`, `telegram`, `ntfy`, `email` or `apprise`."""
    url: SecretRef
    secret: SecretRef | None = None
    allow_private: bool = False
    optional: bool = False
    """True: while `url` or `secret` is not set, messages wait in the outbox and that is no failure."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What only this format needs (a Telegram chat id, an ntfy topic, a mail address)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """A secret by reference, never by value: exactly one of the three is set."""

    env: str | None = None
    file: str | None = None
    command: str | None = None
    literal: str | None = None
    """Only for things that are not secret, such as a loopback address in the demonstration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Which changes go to which target. An empty tuple means: any."""

    id: str
    target: Target
    works: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    changes: tuple[ChangeKind, ...] = ()
    """Empty: the changes that alert by default (`alerts.match.ALERTS_BY_DEFAULT`)."""
    roles: tuple[str, ...] = ()
    min_status: Status = Status.RUMOURED
    min_tier: Tier = Tier.RUMOUR
    deliver: str = "now"
    """`now`, `digest` or `both`."""
    quiet_hours: tuple[dt.time, dt.time] | None = None
    daily_limit: int | None = None
    show_headline: bool = False
    remind: bool = False
    """Send a `due` change the day before and on the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSettings:
    """When and how the daily digest is written."""

    at: dt.time = dt.time(7, 0)
    timezone: str = "UTC"
    target: Target | None = None
    path: str | None = None
    format: str = "html"
    show_headlines: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """How long what is stored is kept; None for ever. Evidence of a fact is always kept."""

    texts: dt.timedelta | None = None
    """Bodies, earlier revisions and mentions of items that no claim rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of sources.yaml."""

    franchises: tuple[Franchise, ...]
    sources: tuple[Source, ...]
    routes: tuple[Route, ...] = ()
    digest: DigestSettings = field(default_factory=DigestSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    contact_url: str = "https://github.com/franchise-watch/franchise-watch"
    """Goes into the User-Agent, so that a publisher can reach whoever polls."""

    @property
    def works(self) -> tuple[Work, ...]:
        """Every work of every franchise, in the order of the file."""
        return tuple(work for franchise in self.franchises for work in franchise.works)

    @property
    def targets(self) -> Mapping[str, Target]:
        """Every target of a route or of the digest, by id."""
        every = [route.target for route in self.routes] + ([self.digest.target] if self.digest.target else [])
        return {target.id: target for target in every}
