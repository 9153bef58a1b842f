"""Whose news it is where one sentence names a series and its spin-off, and which sentence of a piece tells it."""

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


TEXT = "Hulu has renewed Harbour Nine for a fifth season, the company said today."


@pytest.mark.parametrize(
    ("summary", "text", "quoted"),
    [
        pytest.param("", TEXT, TEXT, id="of_the_text"),
        pytest.param("The drama is renewed for season five.", TEXT, TEXT, id="best_with_the_name"),
        pytest.param("The docks are open.", "", "Harbour Nine renewed for season 5 after that death", id="no_other"),
        pytest.param("", TEXT.replace("fifth", "sixth"), None, id="another_answer"),
    ],
)
def test_a_sentence_of_the_text_speaks_rather_than_the_headline(summary: str, text: str, quoted: str | None) -> None:
    title = "Harbour Nine renewed for season 5 after that death"
    item = Item(source_id="s", identity="1", url=None, title=title, summary=summary, text=text, published_at=NOW)
    claims = resolve(item, read(item, watch_works(tuple(WORKS.values()))), WORKS, tier=Tier.TRADE, seen_at=NOW)
    (fifth,) = [claim for claim in claims if claim.kind is Kind.RENEWAL and claim.season == 5]
    assert fifth.sentence == (quoted or title)
