"""What is written to the store, and read from it, in one go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.model.config import Source, Work
from storage.model.fetching import FetchState
from storage.model.items import Claim, Item, Mention, Slot
from storage.model.ledger import Change, Fact
from storage.model.outbox import Message


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
    """The median time between its items, where it brought nothing new for a day; None also while fewer than five are
    known."""


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
    """The headline of the first piece."""
    claims: tuple[Claim, ...]
    """What is told, one claim for each answer."""
    item_ids: tuple[str, ...]
    sources: tuple[str, ...]
    """Independent source ids, first to report first."""
    first_at: dt.datetime
    links: Mapping[str, str] = field(default_factory=dict)
    """The first piece of each source, by its id, where it has an address."""


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
    """Release-date claims, oldest first: all where the book is about one work, else those that `Store.with_histories`
    was asked for, since there may be hundreds of thousands."""
    stories: tuple[Story, ...]
    sources: tuple[SourceReport, ...]
    franchise_titles: Mapping[str, str] = field(default_factory=dict)
    """By franchise id, for the digest's headings; an id that is missing is written as it is."""
    rewritten: frozenset[Slot] = frozenset()
    """Of `facts`, those beside which another answer was or is given."""
    headlines: Mapping[str, str] = field(default_factory=dict)
    """What each of `changes` was read under, by change id."""
