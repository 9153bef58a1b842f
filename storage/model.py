"""The nouns of DESIGN.md as frozen values: what passes from stage to stage, and nothing that does anything.

Nothing here reads a clock, a file, the network or the database. Every time is an aware UTC `datetime` whose name ends
in `_at`; every partial date is a `PartialDate`, never a string. `None` means "not said" throughout.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a claim is about; the slots of DESIGN.md."""

    RELEASE_DATE = "release_date"
    CASTING = "casting"
    SEASON = "season"
    RENEWAL = "renewal"
    CANCELLATION = "cancellation"
    SPINOFF = "spinoff"
    PRODUCTION = "production"
    TRAILER = "trailer"


class Status(StrEnum):
    """How sure a claim is. `rumoured < reported < confirmed` is a ladder (see `rank`); `denied` stands beside it."""

    RUMOURED = "rumoured"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DENIED = "denied"

    @property
    def rank(self) -> int:
        """0 rumoured, 1 reported, 2 confirmed; denied ranks with confirmed, as a statement of the same weight."""
        return {"rumoured": 0, "reported": 1, "confirmed": 2, "denied": 2}[self.value]


class Tier(StrEnum):
    """How close a source stands to those who decide."""

    OFFICIAL = "official"
    TRADE = "trade"
    PRESS = "press"
    AGGREGATOR = "aggregator"
    RUMOUR = "rumour"

    @property
    def rank(self) -> int:
        """4 official … 0 rumour; higher weighs more."""
        return {"official": 4, "trade": 3, "press": 2, "aggregator": 1, "rumour": 0}[self.value]


class ChangeKind(StrEnum):
    """How a claim moved a fact: the algebra of DESIGN.md."""

    ANNOUNCED = "announced"
    CONFIRMED = "confirmed"
    REFINED = "refined"
    MOVED_LATER = "moved_later"
    MOVED_EARLIER = "moved_earlier"
    WITHDRAWN = "withdrawn"
    DISPUTED = "disputed"
    CORROBORATED = "corroborated"
    REPEATED = "repeated"
    VAGUER = "vaguer"
    DUE = "due"


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    PAGE = "page"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A date no more precise than its source: EDTF text (ISO 8601-2) and the first and last day it may mean.

    `edtf` is `2027-03-27`, `2027-03`, `2027-21` (spring; 22 summer, 23 autumn, 24 winter), `2027-35` (third quarter;
    33 to 36), `2027`, `202X` (decade), an interval `2027-03/2027-05`, `../2027-06` or `2027/..`, with `~` for about.
    Open ends are `date.min` and `date.max`.
    """

    edtf: str
    earliest: dt.date
    latest: dt.date


# --- what the user wrote -----------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of sources.yaml."""

    franchises: tuple[Franchise, ...]
    sources: tuple[Source, ...]
    routes: tuple[Route, ...] = ()
    digest: DigestSettings = field(default_factory=DigestSettings)
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


# --- what was published ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One published piece as it stands in one revision; known by its source and `identity`."""

    source_id: str
    identity: str
    """Stable over edits: the feed's id, or the canonical URL, or a hash of title and day where there is neither."""
    url: str | None
    title: str
    summary: str = ""
    text: str = ""
    """The article's body where it is known; paragraphs parted by blank lines."""
    published_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    language: str | None = None
    author: str | None = None
    keys: tuple[str, ...] = ()
    """Every name by which this piece may come back within its source (`guid:…`, `url:…`, `title:…`): an item that
    shares one of them with a stored item of the same source is that item."""
    content_hash: str = ""
    """SHA-256 over title, summary and text as the source itself gave them: it differs exactly where an item is a new
    revision. Text fetched from the linked page later does not enter it, so that it makes no revisions."""

    @property
    def id(self) -> str:
        """`source_id/identity`, the key of the item over all its revisions."""
        return f"{self.source_id}/{self.identity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An item as the store has it, with what only the store knows of it."""

    item: Item
    first_seen_at: dt.datetime
    """Stands in for the time of publication where the item gives none."""
    revision: int = 1
    revised_at: dt.datetime | None = None
    """When its newest revision was first read; None for an item that was never edited."""
    baseline: bool = False
    """True where it came with the first import of its source, which is never news."""


# --- what was read in it -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One span in an item that a rule read. `start` and `end` are offsets into `sentence`."""

    kind: Kind
    rule: str
    sentence: str
    start: int
    end: int
    field: str
    """`title`, `summary` or `text`."""
    paragraph: int
    """Counted over the whole item from 0, the title being paragraph 0."""
    status: Status = Status.CONFIRMED
    null: bool = False
    background: bool = False
    sentence_index: int = 0
    """Counted over the whole item from 0."""
    works: tuple[str, ...] = ()
    """Ids of the works its own sentence names as its subject; empty where the sentence names none."""
    pointer: str | None = None
    """The words that point back where the sentence names none ("the spin-off", "the series")."""
    attributed_to: str | None = None
    """The outlet or person the sentence says it from, as written ("Deadline")."""
    season: int | None = None
    part: str | None = None
    role: str | None = None
    region: str | None = None
    date: PartialDate | None = None
    previous_date: PartialDate | None = None
    """The old date where the sentence itself tells of a move."""
    platform: str | None = None
    person: str | None = None
    action: str | None = None
    character: str | None = None
    billing: str | None = None
    value: str | None = None
    """The stage of a production, the form of a cancellation, the title of a spin-off, the sort of a trailer…"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A followed work named in an item; what "the series" further down may point back to."""

    works: tuple[str, ...]
    paragraph: int
    """Counted over the whole item from 0, the title being paragraph 0."""
    sentence: int
    """Counted over the whole item from 0."""
    aside: bool = False
    """True where the name only places something else ("the Harbour Nine star", "ahead of Harbour Nine")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was read in one item: the mentions in order, and where each work was named."""

    mentions: tuple[Mention, ...] = ()
    namings: tuple[Naming, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one item asserts about one slot of one work; append-only evidence."""

    item_id: str
    source_id: str
    tier: Tier
    url: str | None
    claimed_at: dt.datetime
    """When the item was published (or first seen, where it says no time)."""
    work_id: str
    kind: Kind
    status: Status
    sentence: str
    rule: str
    null: bool = False
    background: bool = False
    attributed_to: str | None = None
    season: int | None = None
    part: str | None = None
    role: str | None = None
    region: str | None = None
    date: PartialDate | None = None
    previous_date: PartialDate | None = None
    platform: str | None = None
    person: str | None = None
    action: str | None = None
    character: str | None = None
    billing: str | None = None
    value: str | None = None

    @property
    def slot(self) -> Slot:
        """The question this claim answers."""
        casting, dated = self.kind is Kind.CASTING, self.kind is Kind.RELEASE_DATE
        return Slot(
            work_id=self.work_id,
            kind=self.kind,
            season=self.season,
            part=self.part if dated else None,
            role=self.role if dated else None,
            region=self.region if dated else None,
            person=self.person if casting else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One question about one work, to which there is at most one current fact."""

    work_id: str
    kind: Kind
    season: int | None = None
    part: str | None = None
    role: str | None = None
    region: str | None = None
    person: str | None = None

    @property
    def id(self) -> str:
        """Readable and stable text key: `star-city/release_date/s1/premiere`."""
        season = None if self.season is None else f"s{self.season}"
        parts = (self.work_id, self.kind.value, season, self.part, self.role, self.region, self.person)
        return "/".join(part.replace("/", " ") for part in parts if part is not None)


# --- what we believe, and what moved -----------------------------------------------------------------------------


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


# --- what goes out -----------------------------------------------------------------------------------------------


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
    """Never attempted, for its route's daily limit was reached; another message tells its changes among others."""


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
class Outdated:
    """A delivered message that can be rewritten, for a later one of the same route and target corrects it."""

    message: Message
    remote_id: str
    by_id: str
    """The alert that corrects it."""
    by_summary: str
    """Its first line."""


# --- how a source is doing ---------------------------------------------------------------------------------------


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


# --- what is written and read in one go --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Everything that one answer of one source led to; `Store.record` writes whole polls, or nothing of them."""

    state: FetchState
    items: tuple[Item, ...] = ()
    """New items and new revisions only."""
    mentions: Mapping[str, tuple[Mention, ...]] = field(default_factory=dict)
    """By item id."""
    claims: tuple[Claim, ...] = ()
    facts: tuple[Fact, ...] = ()
    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """How well one source was read, for `status`, the digest and Datasette."""

    source: Source
    state: FetchState
    items_in_period: int
    usual_gap_s: float | None
    """The median time between its items; None while fewer than five are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unannounced:
    """A question that is open: nothing believed, and perhaps a text that says so."""

    slot: Slot
    since_at: dt.datetime | None
    """When it was first said that there is nothing; None where nobody said so."""
    last_said_at: dt.datetime | None
    sentence: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Items of several sources that tell the same news, grouped for reading only."""

    title: str
    item_ids: tuple[str, ...]
    sources: tuple[str, ...]
    """Independent source ids, first to report first."""
    first_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBook:
    """All that a digest of `since_at` … `until_at` is made of, as the store knows it."""

    since_at: dt.datetime
    until_at: dt.datetime
    works: tuple[Work, ...]
    changes: tuple[Change, ...]
    """Not baseline, oldest first."""
    facts: tuple[Fact, ...]
    """All current facts of the followed works."""
    unannounced: tuple[Unannounced, ...]
    history: tuple[Claim, ...]
    """Every release-date claim of the followed works, oldest first, for the history plots."""
    stories: tuple[Story, ...]
    sources: tuple[SourceReport, ...]
    franchise_titles: Mapping[str, str] = field(default_factory=dict)
    """By franchise id, for the digest's headings; an id that is missing is written as it is."""
