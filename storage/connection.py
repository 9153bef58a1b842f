"""One connection to the database file: how it is opened, locked and written to, and what its errors mean to a user.

Everything about SQLite as an engine is here; nothing here knows a table.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from storage.errors import LockedError, StoreError

CACHE_KIB = 64 * 1024
CHECKPOINT_PAGES = 8_000
"""Of 4 KiB in the write-ahead log before they go into the file: a page that several writes touch goes once."""
ENGINE_VERSION = sqlite3.sqlite_version
"""Of the SQLite that Python was built with, for `doctor`."""


def connect(path: Path, *, read_only: bool = False, wait_s: float = 5.0) -> sqlite3.Connection:
    """A connection in autocommit mode with foreign keys checked and rows by name; WAL and durable commits for writing.

    `wait_s` is how long to wait for another tool that holds SQLite's own lock. Raises StoreError.
    """
    if read_only and not path.exists():
        raise StoreError(f"there is no store at {path}; `franchise-watch run` makes one")
    mode = "ro" if read_only else "rwc"
    with translated(path):
        conn = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=wait_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _set_up(conn, read_only=read_only)
        except sqlite3.Error:
            conn.close()
            raise
    return conn


def _set_up(conn: sqlite3.Connection, *, read_only: bool) -> None:
    conn.row_factory = sqlite3.Row
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    conn.execute("PRAGMA temp_store = MEMORY")
    if read_only:
        conn.execute("PRAGMA query_only = ON")
    else:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        # Debian builds SQLite to write zeros over all that is deleted: a page that becomes free would be written again.
        conn.execute("PRAGMA secure_delete = OFF")
    conn.execute("SELECT count(*) FROM sqlite_master").fetchone()


@contextlib.contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """Hold the one right to write to the store at `path`; raises LockedError at once where another run has it."""
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise LockedError(f"another run is using {path}; wait until it has finished, or stop it") from error
    except OSError as error:
        cure = "choose another place, or change its permissions"
        raise StoreError(f"cannot write in {path.parent} ({error.strerror}); {cure}") from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def transaction(conn: sqlite3.Connection) -> Iterator[None]:
    """All writes inside, or none of them. Begins IMMEDIATE: a deferred transaction can fail when it first writes."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


ONCE = "ON CONFLICT DO NOTHING"
ANEW = "ON CONFLICT ({key}) DO UPDATE SET {anew}"


def insert(conn: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, object]], on_conflict: str = "") -> None:
    """Insert rows that all have the same columns.

    `ONCE` leaves a row that is there as it is; `ANEW` overwrites it, the first column being the key.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    key, *others = first
    columns, values = ", ".join(first), ", ".join(f":{column}" for column in first)
    anew = ", ".join(f"{column} = excluded.{column}" for column in others)
    conflict = on_conflict.format(key=key, anew=anew)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({values}) {conflict}"  # noqa: S608  (names are our own)
    conn.execute(statement, first)
    conn.executemany(statement, rows)


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the world (disk, permissions, other programs) into StoreError; bugs stay bugs."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        cure = next((text for start, text in _CURES.items() if name.startswith(start)), None)
        if cure is None:
            raise
        raise StoreError(f"{path}: {cure} [{name}: {error}]") from error


_CURES = {
    "SQLITE_BUSY": "another program holds the database; close it there (a shell, an editor) and run again",
    "SQLITE_LOCKED": "another program holds the database; close it there (a shell, an editor) and run again",
    "SQLITE_FULL": "the disk is full; nothing of this run was written, make room and run again",
    "SQLITE_READONLY": "it may not be written; check the permissions of the file and its folder",
    "SQLITE_CANTOPEN": "it cannot be opened; check that the folder exists and may be read and written",
    "SQLITE_PERM": "it may not be used; check the permissions of the file and its folder",
    "SQLITE_AUTH": "it may not be used; check the permissions of the file and its folder",
    "SQLITE_NOTADB": "this is not a database; choose another file, or bring it back with `franchise-watch restore`",
    "SQLITE_CORRUPT": "it is damaged; bring back the last backup with `franchise-watch restore`",
    "SQLITE_IOERR": "the disk could not be read or written; check the disk and run again",
}
