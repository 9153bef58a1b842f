"""Texts that have had their time go; what a fact rests on, and what tells an old item from a new one, never does."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli import Settings
from pipeline.cli.store import vacuum
from storage import maintenance, retention
from storage.errors import ConfigError
from storage.model import Item, Mention, Poll
from storage.names import TABLES
from storage.store import Store, open_store
from tests import store_factories as make
from tests.worlds import ROUTES, START, World, story

DAY = dt.timedelta(days=1)
NOW = make.NOW
LEDGER = ("claims", "facts", "changes", "tellings", "why_do_we_believe_this", "sent_alerts", "items", *TABLES)


def mention(of: Item) -> Mention:
    """Something that was read in its summary."""
    kind = make.PREMIERE.kind
    return Mention(kind=kind, rule="made.up", sentence=of.summary, start=0, end=5, field="summary", paragraph=1)


def arrival(number: int, *, says: bool, edited: bool) -> list[Poll]:
    """An item, perhaps with a claim and the fact of it, and perhaps edited once."""
    first = make.item(number, text=f"The zeppelin number{number}.")
    piece = dataclasses.replace(first, title=f"{first.title}, edited") if edited else first
    said = (make.claim(piece, f"2027-03-{number % 28 + 1:02}"),) if says else ()
    facts = tuple(make.fact(f"2027-03-{number % 28 + 1:02}") for _ in said)
    read = {piece.id: (mention(piece),)}
    last = make.poll(piece, claims=said, facts=facts, changes=tuple(map(make.change, said)), mentions=read)
    return [make.poll(first), last] if edited else [last]


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of whatever retention must not touch."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        return {name: sorted(conn.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in LEDGER}


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as conn:
        return conn.execute(query).fetchall()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.booleans()), min_size=1, max_size=12),
    st.lists(st.integers(0, 70), min_size=1, max_size=4),
    st.sampled_from([1, 2, 1000]),
)
def test_evidence_never_goes_and_the_rest_goes_in_time(
    arrivals: Sequence[tuple[int, bool, bool]], keeps: Sequence[int], at_once: int
) -> None:
    """Items come over sixty days, some with claims, some edited; texts of so many days are kept, then of others."""
    with tempfile.TemporaryDirectory() as folder, patch.object(retention, "AT_ONCE", at_once):
        path = Path(folder) / "store.db"
        came = dict(enumerate(sorted(arrivals, reverse=True)))
        with open_store(path) as store:
            store.sync_config(make.config())
            for number, (age, says, edited) in came.items():
                for poll in arrival(number, says=says, edited=edited):
                    store.record([poll], now=NOW - age * DAY)
        before = everything(path)
        evidence = rows(path, _EVIDENCE)
        with open_store(path) as store:
            for keep in keeps:
                store.drop_texts(NOW - keep * DAY, steps=100)
        assert everything(path) == before
        assert rows(path, _EVIDENCE) == evidence
        assert maintenance.check(path).problems == ()
        with open_store(path) as store:
            for number, (age, says, edited) in came.items():
                assert store.unseen(arrival(number, says=says, edited=edited)[-1].items) == []
                gone = not says and age > min(keeps)
                item = store.item(f"gazette/urn:{number}")
                assert item is not None
                assert item.item.text == ("" if gone else f"The zeppelin number{number}.")
                assert bool(store.search(f"number{number}")) is not gone
                assert store.search(f'"piece {number}"')


_EVIDENCE = """
    SELECT item_id, 'text', summary, text FROM item_texts WHERE item_id IN (SELECT item_id FROM claims) UNION ALL
    SELECT item_id, 'mention', sentence, value FROM mentions WHERE item_id IN (SELECT item_id FROM claims) UNION ALL
    SELECT item_id, revision, title, text FROM revisions WHERE item_id IN (SELECT item_id FROM claims) ORDER BY 1, 2"""


def texts(store: Store) -> int:
    """How many items have a body."""
    return sum(1 for item in store.items() if item.text)


def test_what_is_left_over_goes_the_next_time(store: Store) -> None:
    for number in range(9):
        store.record([make.poll(make.item(number))], now=NOW - 40 * DAY + number * DAY / 24)
    with patch.object(retention, "AT_ONCE", 2):
        for left in (5, 1, 0, 0):
            store.drop_texts(NOW - 30 * DAY, steps=2)
            assert texts(store) == left


def test_it_is_seen_to_once_a_day(store: Store) -> None:
    store.drop_texts(NOW - 30 * DAY, steps=1)
    store.record([make.poll(make.item(1))], now=NOW - 30 * DAY)
    store.drop_texts(NOW - 29 * DAY - DAY / 24, steps=1)
    assert texts(store) == 1
    store.drop_texts(NOW - 29 * DAY, steps=1)
    assert texts(store) == 0


def test_a_text_that_was_edited_has_its_time_from_then_on(store: Store) -> None:
    store.record([make.poll(make.item(1))], now=NOW - 40 * DAY)
    store.drop_texts(NOW - 30 * DAY, steps=1)
    store.record([make.poll(make.item(1, title="Edited"))], now=NOW - 20 * DAY)
    store.drop_texts(NOW - 21 * DAY, steps=1)
    assert texts(store) == 1
    store.drop_texts(NOW - 10 * DAY, steps=1)
    assert texts(store) == 0


# --- as it is used ---------------------------------------------------------------------------------------------------

RETENTION = "retention: {texts: 30d}\n"


def test_a_round_keeps_texts_as_long_as_the_file_says(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        for name in ("desk", "wire"):
            world.publish(name, story("Weather"))
        world.round()
        source = world.watcher().config.sources[0]
        with open_store(world.store_path) as store:
            old, new = (
                Poll(state=store.fetch_state(source), items=(make.item(number, source.id),)) for number in (1, 2)
            )
            store.record([old], now=START - 30 * DAY)
            store.record([new], now=START - 29 * DAY)
        world.write_config(routes=ROUTES + RETENTION)
        world.round()
        with open_store(world.store_path) as store:
            assert {item.identity for item in store.search("quay")} == {"urn:2"}
            assert {item.identity for item in store.search("harbour")} == {"urn:1", "urn:2"}


def test_vacuum_does_what_the_file_says(tmp_path: Path) -> None:
    path, config = tmp_path / "store.db", tmp_path / "sources.yaml"
    with open_store(path) as store:
        store.sync_config(make.config())
        store.record([make.poll(make.item(1))], now=dt.datetime.now(dt.UTC) - 40 * DAY)
        store.record([make.poll(make.item(2))], now=dt.datetime.now(dt.UTC))

    def left(*arguments: str) -> int:
        called = CliRunner().invoke(
            vacuum, arguments, obj=Settings(config_path=config, store_path=path), standalone_mode=False
        )
        if called.exception:
            raise called.exception
        return len(rows(path, "SELECT 1 FROM item_texts WHERE text <> ''"))

    assert left() == 2
    config.write_text(SMALL + "retention: {texts: 60d}\n")
    assert left() == 2
    config.write_text(SMALL + RETENTION)
    assert left() == 1
    config.write_text(SMALL + "retention: {texts: 1d}\n")
    with pytest.raises(ConfigError, match='must be between "7d" and "100y"'):
        left()


SMALL = """
franchises: [{id: harbour, title: Harbour, works: [{id: harbour-nine, title: Harbour Nine}]}]
sources: [{id: gazette, name: Gazette, kind: feed, url: "https://gazette.example/feed", tier: trade}]
"""
