"""From a source to recorded changes: the spine."""

from __future__ import annotations

import datetime as dt

from pipeline.extract import Watch, read
from pipeline.resolve import resolve
from storage.model import Claim, Config, Item, Reading, Tier


def understand(
    item: Item, config: Config, watch: Watch, *, tier: Tier, seen_at: dt.datetime
) -> tuple[Reading, tuple[Claim, ...]]:
    """What `item` says and what it thereby claims about the followed works."""
    reading = read(item, watch)
    return reading, resolve(item, reading, watch.works, tier=tier, seen_at=seen_at)
