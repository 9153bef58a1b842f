"""Keeping the file well: whole backups while runs go on, bringing one back, checking, and giving room back."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.connection import connect, transaction, translated, writer_lock
from storage.errors import StoreError
from storage.migrations import bring_up_to_date
from storage.names import TABLES
from storage.retention import drop_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCheck:
    """What a check of the file found; `problems` is empty where all is well."""

    problems: tuple[str, ...]
    items: int
    facts: int
    size_bytes: int


def backup(path: Path, to: Path) -> None:
    """Write a whole copy of the store to `to`, also while a run is writing; an older copy is replaced in one step.

    Copying the file itself would lose what is still in the write-ahead log. Raises StoreError.
    """
    unfinished = to.with_name(f"{to.name}.unfinished")
    with translated(path), contextlib.closing(connect(path, read_only=True)) as conn:
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"cannot write in {to.parent} ({error.strerror}); choose another place") from error
        conn.execute("PRAGMA query_only = OFF")
        with translated(to):
            conn.execute("VACUUM INTO ?", (str(unfinished),))
    _sync(unfinished)
    unfinished.replace(to)


def restore(path: Path, backup_path: Path) -> Path | None:
    """Put a backup in the store's place; returns where the store that was there has gone, or None where none was.

    The backup is checked first, and then copied, not moved. Raises LockedError while a run is going on, StoreError for
    a file that is no whole store.
    """
    if found := check(backup_path).problems:
        raise StoreError(f"{backup_path} is not whole ({found[0]}); choose another backup")
    with writer_lock(path):
        fresh = path.with_name(f"{path.name}.restored")
        backup(backup_path, fresh)
        kept = _put_aside(path)
        fresh.replace(path)
    return kept


def check(path: Path) -> StoreCheck:
    """Read the whole file: is it sound, does every reference lead somewhere, does the search index match the texts?"""
    with translated(path), contextlib.closing(connect(path, read_only=True)) as conn:
        problems = [row[0] for row in conn.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
        if problems:
            return StoreCheck(problems=tuple(problems), items=0, facts=0, size_bytes=path.stat().st_size)
        if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'items'").fetchone():
            raise StoreError(f"{path} is a database, but not one of franchise-watch; choose another file")
        for table, row, parent, _ in conn.execute("PRAGMA foreign_key_check").fetchmany(20):
            problems.append(f"row {row} of {table} leads to no row of {parent}")
        problems += [*_nameless(conn), *_unsearchable(conn)]
        items, facts = (conn.execute(query).fetchone()[0] for query in _COUNTS)
    return StoreCheck(problems=tuple(problems), items=items, facts=facts, size_bytes=path.stat().st_size)


_COUNTS = ("SELECT count(*) FROM items", "SELECT count(*) FROM facts")


def repair(path: Path) -> None:
    """Bring the schema up to date and build the search index anew, which heals what an outside tool has put wrong."""
    with _alone(path) as conn, transaction(conn):
        conn.execute("INSERT INTO items_fts (items_fts) VALUES ('rebuild')")


def vacuum(path: Path, *, texts_before: dt.datetime | None = None) -> int:
    """Give unused room back to the disk and return how many bytes that was.

    With `texts_before`, texts that were read before then and that nothing rests on are dropped (`storage.retention`).
    """
    with _alone(path) as conn:
        before = path.stat().st_size
        while texts_before is not None and drop_texts(conn, texts_before):
            """The next ones."""
        conn.execute("INSERT INTO items_fts (items_fts) VALUES ('optimize')")
        conn.execute("VACUUM")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return max(0, before - path.stat().st_size)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[sqlite3.Connection]:
    """An up-to-date connection that holds the writer's lock; never makes a store."""
    if not path.exists():
        raise StoreError(f"there is no store at {path}; `franchise-watch run` makes one")
    with writer_lock(path), translated(path), contextlib.closing(connect(path)) as conn:
        bring_up_to_date(conn, path)
        yield conn


def _nameless(conn: sqlite3.Connection) -> list[str]:
    """References that no foreign key watches: checking one for each name would touch what moving names on avoids."""
    query = "SELECT count(*) FROM {} WHERE item_id NOT IN (SELECT id FROM items)"
    lost = sum(conn.execute(query.format(table)).fetchone()[0] for table in TABLES)
    return [f"{lost} names lead to no item"] if lost else []


def _unsearchable(conn: sqlite3.Connection) -> list[str]:
    unindexed = conn.execute(
        "SELECT count(*) FROM items WHERE id NOT IN (SELECT id FROM items_fts_docsize)"
    ).fetchone()[0]
    return [f"{unindexed} items cannot be found by search; `franchise-watch check-store --repair`"] if unindexed else []


def _put_aside(path: Path) -> Path | None:
    """Move the store with its write-ahead log out of the way; nothing is thrown away."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}.before-restore")
    for number in itertools.count(2):
        if not kept.exists():
            break
        kept = path.with_name(f"{path.name}.before-restore-{number}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
