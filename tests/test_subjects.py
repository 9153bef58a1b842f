"""Whose news it is where one sentence names a series and its spin-off."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.extract import read, watch_works
from pipeline.resolve import resolve
from storage.model import Item, Kind, Tier, Work

WORKS = {
    work.id: work
    for work in (
        Work(id="harbour-nine", title="Harbour Nine", franchise_id="harbour", kind="series"),
        Work(id="outer-harbour", title="Outer Harbour", franchise_id="harbour", kind="series", parent="harbour-nine"),
    )
}
NOW = dt.datetime(2026, 1, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("title", "work_id"),
    [
        ("'Harbour Nine' Gets Season 5 at Hulu, Plus Dockside Spinoff 'Outer Harbour'", "harbour-nine"),
        ("'Harbour Nine' Renewed for Season 5, Spinoff 'Outer Harbour' Ordered", "harbour-nine"),
        ("Hulu orders season 5 of Harbour Nine, with Outer Harbour to follow", "harbour-nine"),
        ("After Harbour Nine, Hulu orders season 2 of Outer Harbour", "outer-harbour"),
    ],
)
def test_a_renewal_belongs_to_the_title_it_is_said_of(title: str, work_id: str) -> None:
    item = Item(source_id="s", identity="1", url=None, title=title, summary="", text="", published_at=NOW)
    claims = resolve(item, read(item, watch_works(tuple(WORKS.values()))), WORKS, tier=Tier.TRADE, seen_at=NOW)
    assert {c.work_id for c in claims if c.kind is Kind.RENEWAL} == {work_id}
