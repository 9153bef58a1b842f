"""The names of items: known again however old they are, while a new one touches only what is new."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import maintenance, names
from storage.connection import connect, transaction
from storage.migrations import bring_up_to_date
from storage.store import open_store
from tests import store_factories as make
from tests.store_factories import NOW

SOON = (4, 16, 64)


@pytest.fixture
def conn(tmp_path: Path) -> sqlite3.Connection:
    conn = connect(tmp_path / "store.db")
    bring_up_to_date(conn, tmp_path / "store.db")
    return conn


def digest(number: int) -> bytes:
    return number.to_bytes(8, "big") + bytes(8)


def stored(conn: sqlite3.Connection) -> dict[int, int]:
    """How many names each generation holds."""
    counts = (conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in names.TABLES)
    return {generation: count for generation, count in enumerate(counts) if count}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_every_item_is_known_again_in_whatever_batches_it_came(batches: Sequence[int]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(names, "MOVES_ON_AFTER", SOON),
        open_store(Path(folder) / "store.db") as store,
    ):
        store.sync_config(make.config())
        count = 0
        for size in batches:
            store.record([make.poll(*map(make.item, range(count, count + size)))], now=NOW)
            count += size
        assert store.unseen([make.item(number) for number in range(count)]) == []
        assert [item.identity for item in store.unseen([make.item(count)])] == [f"urn:{count}"]


def test_new_names_are_few_and_apart(conn: sqlite3.Connection) -> None:
    with patch.object(names, "MOVES_ON_AFTER", SOON), transaction(conn):
        for number in range(1, 200):
            names.add_names(conn, [(digest(number), number)])
            names.age_names(conn, number, number + 1)
            held = stored(conn)
            assert held.get(0, 0) <= SOON[0]
            assert held.get(1, 0) <= SOON[1]
            assert held.get(2, 0) <= SOON[2]
            assert sum(held.values()) == number
    assert stored(conn) == {1: 8, 3: 191}


def test_a_batch_larger_than_a_generation_moves_on_whole(conn: sqlite3.Connection) -> None:
    with patch.object(names, "MOVES_ON_AFTER", SOON), transaction(conn):
        names.add_names(conn, [(digest(number), number) for number in range(1, 100)])
        names.age_names(conn, 1, 100)
    assert stored(conn) == {3: 99}


def test_a_name_goes_on_naming_the_item_it_named_first(conn: sqlite3.Connection) -> None:
    with patch.object(names, "MOVES_ON_AFTER", SOON), transaction(conn):
        names.add_names(conn, [(digest(1), 1)])
        names.age_names(conn, 1, 5)
        names.add_names(conn, [(digest(1), 7)])
        assert names.item_numbers(conn, [digest(1), digest(2)]) == {digest(1): 1}
        names.age_names(conn, 5, 9)
    assert names.item_numbers(conn, [digest(1)]) == {digest(1): 1}
    assert stored(conn) == {1: 1}


def test_a_name_that_leads_nowhere_is_found_by_a_check(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_store(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("INSERT INTO item_keys_0 VALUES (0, 99)")
    assert maintenance.check(path).problems == ("1 names lead to no item",)
