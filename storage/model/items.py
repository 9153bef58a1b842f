"""What was published, and what was read in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from storage.model.terms import Kind, PartialDate, Status, Tier

FIRST_ROLES = ("premiere", "theatrical", "streaming")
"""Roles that may each mean "when it first comes out"; the first is meant where no role is said."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one sentence says: of which kind, how it is meant, and the answer. A `Mention` and a `Claim` both say it."""

    kind: Kind
    rule: str
    sentence: str
    status: Status = Status.CONFIRMED
    null: bool = False
    background: bool = False
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
class Mention(Said):
    """One span in an item that a rule read. `start` and `end` are offsets into `sentence`."""

    start: int
    end: int
    field: str
    """`title`, `summary` or `text`."""
    paragraph: int
    """Counted over the whole item from 0, the title being paragraph 0."""
    sentence_index: int = 0
    """Counted over the whole item from 0."""
    works: tuple[str, ...] = ()
    """Ids of the works its own sentence names as its subject; empty where the sentence names none."""
    pointer: str | None = None
    """What points back where the sentence names none: `spin-off`, `parent`, `film`, `instalment`, or just `pronoun`."""
    year_open: bool = False
    """True where the words of the date leave its year open ("July 16"): the next one is only the likeliest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A followed work named in an item; what "the series" further down may point back to."""

    works: tuple[str, ...]
    """Empty where a part of the item begins: what is named before is not meant in it."""
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
class Claim(Said):
    """What one item asserts about one slot of one work; append-only evidence."""

    item_id: str
    source_id: str
    tier: Tier
    url: str | None
    claimed_at: dt.datetime
    """When the item was published (or first seen, where it says no time)."""
    work_id: str
    status: Status

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
