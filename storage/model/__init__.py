"""The nouns of DESIGN.md as frozen values: what passes from stage to stage, and nothing that does anything.

Nothing here reads a clock, a file, the network or the database. Every time is an aware UTC `datetime` whose name ends
in `_at`; every partial date is a `PartialDate`, never a string. `None` means "not said" throughout.
"""

from storage.model.config import (
    Config,
    DigestSettings,
    Franchise,
    Known,
    RetentionSettings,
    Route,
    SecretRef,
    Selectors,
    Source,
    Target,
    Work,
)
from storage.model.fetching import Fetched, FetchState, Health, NotModified, Outcome, Refused
from storage.model.items import FIRST_ROLES, Claim, Item, Mention, Naming, Reading, Said, Slot, StoredItem
from storage.model.ledger import Change, Fact, Past, Rival, Value
from storage.model.outbox import Alert, Attempt, Correction, Message, OutboxEntry, OutboxState, Outdated
from storage.model.records import DayBook, Poll, SourceReport, Story, Unannounced
from storage.model.terms import ChangeKind, Kind, PartialDate, SourceKind, Status, Tier

__all__ = [
    "FIRST_ROLES",
    "Alert",
    "Attempt",
    "Change",
    "ChangeKind",
    "Claim",
    "Config",
    "Correction",
    "DayBook",
    "DigestSettings",
    "Fact",
    "FetchState",
    "Fetched",
    "Franchise",
    "Health",
    "Item",
    "Kind",
    "Known",
    "Mention",
    "Message",
    "Naming",
    "NotModified",
    "OutboxEntry",
    "OutboxState",
    "Outcome",
    "Outdated",
    "PartialDate",
    "Past",
    "Poll",
    "Reading",
    "Refused",
    "RetentionSettings",
    "Rival",
    "Route",
    "Said",
    "SecretRef",
    "Selectors",
    "Slot",
    "Source",
    "SourceKind",
    "SourceReport",
    "Status",
    "StoredItem",
    "Story",
    "Target",
    "Tier",
    "Unannounced",
    "Value",
    "Work",
]
