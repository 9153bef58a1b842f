"""The store and the world: full disks, foreign files, other programs, kills, backups, and room given back."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage import maintenance
from storage.connection import connect, transaction, translated
from storage.errors import LockedError, StoreError
from storage.migrations import bring_up_to_date
from storage.model import Poll
from storage.store import Store, open_store
from tests import store_factories as make
from tests.store_factories import NOW

ROOT = Path(__file__).parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with open_store(path) as store:
        store.sync_config(make.config())
        store.record([make.news()], now=NOW)
    return path


@contextlib.contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    """The permissions for a while. Whoever is root may do everything, so root becomes nobody meanwhile."""
    before = path.stat().st_mode
    path.chmod(bits)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        path.chmod(before)


def world_readable(path: Path) -> None:
    """Let nobody reach the files that pytest keeps for their owner."""
    for folder in (path.parent, *path.parent.parents):
        if str(folder).startswith(str(Path(os.environ.get("TMPDIR", "/tmp")))) and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o755)


# --- what the world does


def test_a_full_disk_is_said_and_the_next_run_heals(path: Path) -> None:
    long = make.poll(*(make.item(number, text="x" * 4000) for number in range(2, 40)))
    with open_store(path) as store:
        pages = store._conn.execute("PRAGMA page_count").fetchone()[0]
        store._conn.execute(f"PRAGMA max_page_count = {pages + 4}")
        with pytest.raises(StoreError, match="the disk is full; nothing of this run was written"):
            record_in(path, store, long)
        assert len(store.items()) == 1
    assert maintenance.check(path).problems == ()
    with open_store(path) as store:
        store.record([long], now=NOW)
        assert len(store.items()) == 39


def record_in(path: Path, store: Store, poll: Poll) -> None:
    with translated(path):
        store.record([poll], now=NOW)


def test_a_full_disk_while_making_the_store_leaves_nothing_half_made(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with contextlib.closing(connect(path)) as conn:
        conn.execute("CREATE TABLE filler (a)")
        conn.execute("PRAGMA max_page_count = 12")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            bring_up_to_date(conn, path)
        assert [row["name"] for row in conn.execute("SELECT name FROM sqlite_master")] == ["filler"]
    with open_store(path) as store:
        assert store.items() == []


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    world_readable(folder / "x")
    with mode(folder, 0o555), pytest.raises(StoreError, match="cannot write in"), open_store(folder / "store.db"):
        pass
    assert list(folder.iterdir()) == []


def test_a_file_that_may_not_be_read_is_said(path: Path) -> None:
    world_readable(path)
    with mode(path, 0o000), pytest.raises(StoreError, match="check"), open_store(path, read_only=True):
        pass
    assert maintenance.check(path).problems == ()


def test_another_program_that_holds_the_database_is_said(path: Path) -> None:
    with open_store(path, wait_s=0) as store, contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="close it there"):
            record_in(path, store, make.poll(make.item(2)))
        other.rollback()
        store.record([make.poll(make.item(2))], now=NOW)
        assert len(store.items()) == 2


@pytest.mark.parametrize("content", [b"not a database" * 400, b"%PDF-1.7"], ids=["text", "short"])
def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a database"), open_store(path):
        pass
    assert path.read_bytes() == content


def test_a_damaged_file_is_said(path: Path) -> None:
    with open_store(path) as store:
        store.record([make.poll(*map(make.item, range(2, 300)))], now=NOW)
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 20))
    with pytest.raises(StoreError, match="restore"), open_store(path) as store:
        store.items()


# --- kill -9

WRITER = """
path, done = Path(sys.argv[1]), open(sys.argv[2], "a", buffering=1)
with open_store(path) as store:
    number = len(store.items())
    while True:
        number += 1
        store.record([make.news(number, f"20{number % 70 + 10}-01-01")], now=make.NOW)
        done.write(f"{number}\\n")
"""
KILLER = f"""
import os, random, signal, sys, time
from pathlib import Path
from storage.store import open_store
from tests import store_factories as make
for _ in range(25):
    before = os.path.getsize(sys.argv[2])
    child = os.fork()
    if not child:
        exec({WRITER!r})
    while os.path.getsize(sys.argv[2]) == before and not os.waitpid(child, os.WNOHANG)[0]:
        time.sleep(0.001)
    time.sleep(random.random() * 0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.soak
def test_nothing_acknowledged_is_lost_when_killed(path: Path, tmp_path: Path) -> None:
    """Fifty times: a writer is killed at some moment of its cycle, and what it said was written is there, whole."""
    acknowledged = tmp_path / "done"
    acknowledged.touch()
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", KILLER, path, acknowledged], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True
        )
    said = acknowledged.read_text().split()
    assert len(said) >= 50
    with open_store(path) as store:
        items = store.items()
        assert len(items) >= int(said[-1])
        assert all(change.claim in store.claims_for(change.slot) for change in store.changes())
    assert maintenance.check(path).problems == ()
    assert _counts(path, "items", "item_texts", "claims") == {len(items)}


def _counts(path: Path, *tables: str) -> set[int]:
    with contextlib.closing(sqlite3.connect(path)) as conn:
        return {conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


# --- backups


def test_a_backup_during_writes_is_whole(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "copy.db"
    with open_store(path) as store:
        store.record([make.poll(make.item(2))], now=NOW)
        maintenance.backup(path, copy)
        store.record([make.poll(make.item(3))], now=NOW)
        with contextlib.closing(sqlite3.connect(path)) as conn, uncommitted(conn):
            maintenance.backup(path, copy)
    assert maintenance.check(copy).problems == ()
    with open_store(copy, read_only=True) as store:
        assert len(store.items()) == 3
    assert sorted(file.name for file in copy.parent.iterdir()) == ["copy.db"]


@contextlib.contextmanager
def uncommitted(conn: sqlite3.Connection) -> Iterator[None]:
    conn.isolation_level = None
    conn.execute("BEGIN IMMEDIATE")
    conn.execute("UPDATE items SET title = 'not yet committed'")
    yield
    conn.execute("ROLLBACK")


def test_a_restored_store_is_as_it_was_and_the_other_is_kept(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    maintenance.backup(path, copy)
    with open_store(path) as store:
        store.record([make.poll(make.item(2))], now=NOW)
    kept = maintenance.restore(path, copy)
    assert kept is not None
    assert _counts(path, "items") == {1}
    assert _counts(kept, "items") == {2}
    again = maintenance.restore(path, copy)
    assert again not in (None, kept)
    assert _counts(kept, "items") == {2}


def test_a_store_is_restored_where_there_was_none(path: Path, tmp_path: Path) -> None:
    assert maintenance.restore(tmp_path / "elsewhere" / "store.db", path) is None
    assert _counts(tmp_path / "elsewhere" / "store.db", "items") == {1}


def test_nothing_is_restored_over_a_run(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    maintenance.backup(path, copy)
    with open_store(path), pytest.raises(LockedError):
        maintenance.restore(path, copy)


def test_a_damaged_backup_is_not_restored(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    maintenance.backup(path, copy)
    with copy.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(os.urandom(4096 * 4))
    with pytest.raises(StoreError, match=r"not whole|damaged"):
        maintenance.restore(path, copy)
    assert _counts(path, "items") == {1}


def test_a_foreign_database_is_not_restored(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as conn:
        conn.execute("CREATE TABLE notes (a)")
    with pytest.raises(StoreError, match="not one of franchise-watch"):
        maintenance.restore(path, other)


# --- checking and giving back


def test_a_check_finds_what_leads_nowhere(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("DELETE FROM slots")
    assert any("of facts leads to no row of slots" in problem for problem in maintenance.check(path).problems)


def test_a_repair_finds_again_what_search_had_lost(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("INSERT INTO items_fts (items_fts) VALUES ('delete-all')")
    assert "cannot be found by search" in maintenance.check(path).problems[0]
    maintenance.repair(path)
    assert maintenance.check(path).problems == ()
    with open_store(path, read_only=True) as store:
        assert len(store.search("quay")) == 1


def test_dropping_old_texts_never_drops_evidence(path: Path) -> None:
    evidence = maintenance.check(path).facts
    old, new = make.item(2, text="A zeppelin."), make.item(3, text="A zeppelin.")
    with open_store(path) as store:
        store.record([make.poll(old)], now=NOW - dt.timedelta(days=400))
        store.record([make.poll(dataclasses.replace(old, title="Edited"))], now=NOW - dt.timedelta(days=399))
        store.record([make.poll(new)], now=NOW)
    maintenance.vacuum(path, texts_before=NOW - dt.timedelta(days=30))
    with open_store(path) as store:
        assert [item.text for item in store.items()] == ["The crew returns to the quay.", "", "A zeppelin."]
        assert [item.identity for item in store.search("zeppelin")] == ["urn:3"]
        assert [item.identity for item in store.search("edited")] == ["urn:2"]
        assert store.unseen([dataclasses.replace(old, title="Edited")]) == []
    checked = maintenance.check(path)
    assert (checked.problems, checked.items, checked.facts) == ((), 3, evidence)


def test_vacuum_gives_room_back(path: Path) -> None:
    with open_store(path) as store:
        long = [make.item(number, text=f"word{number} " * 2000) for number in range(2, 60)]
        store.record([make.poll(*long)], now=NOW - dt.timedelta(days=400))
    assert maintenance.vacuum(path, texts_before=NOW) > 500_000
    assert maintenance.check(path).problems == ()


def test_a_failing_block_rolls_everything_back(path: Path) -> None:
    def spoil() -> None:
        conn.execute("DELETE FROM alerts")
        conn.execute("DELETE FROM slots")

    with contextlib.closing(connect(path)) as conn:
        with pytest.raises(sqlite3.IntegrityError), transaction(conn):
            spoil()
        assert conn.execute("SELECT count(*) FROM alerts").fetchone()[0] == 1


def test_readers_and_the_writer_go_on_under_load(path: Path) -> None:
    """Neither waits (`wait_s=0` would fail at once) nor sees half of a write: items and texts always agree."""
    done = threading.Event()

    def read() -> int:
        rounds = 0
        with contextlib.closing(connect(path, read_only=True, wait_s=0)) as conn:
            while not done.is_set() or not rounds:
                query = "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM items_fts_docsize)"
                items, indexed = conn.execute(query).fetchone()
                assert items == indexed
                conn.execute("SELECT * FROM why_do_we_believe_this ORDER BY at DESC LIMIT 51").fetchall()
                rounds += 1
        return rounds

    with open_store(path, wait_s=0) as store, ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for number in range(2, 150):
                store.record([make.news(number)], now=NOW)
        finally:
            done.set()
        assert all(reader.result() > 5 for reader in readers)
        assert len(store.items()) == 149
