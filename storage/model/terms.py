"""The words of the field, and a date no more precise than its source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
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
