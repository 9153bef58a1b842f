"""The versions of the schema, and the views that are kept in step with the code.

Tables change only by a new numbered file in `schema/`, applied once and in order. Views hold nothing, so they are
simply made anew whenever one of their files differs from what the database has. All of it is one transaction.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from storage.connection import transaction
from storage.errors import StoreError
from storage.texts import QueryText, query_texts

SET = "franchise-watch"


def migrations() -> Migrations:
    """Every version of the schema, oldest first."""
    ordered = Migrations(SET)
    for name, script in _scripts():
        ordered(name=name)(_running(script))
    return ordered


def versions() -> tuple[str, ...]:
    """The names of all versions, oldest first."""
    return tuple(name for name, _ in _scripts())


def bring_up_to_date(conn: sqlite3.Connection, path: Path) -> None:
    """Apply what is missing, or nothing of it; a database of a newer version is refused with StoreError."""
    db, known = Database(conn, recursive_triggers=False), migrations()
    _refuse_newer(db, known, path)
    views = query_texts("views")
    if not known.pending(db) and _views_stamp(conn) == _stamp(views):
        return
    with transaction(conn):
        known.apply(db)
        _make_views(conn, views)


def require_up_to_date(conn: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError where a reader would not find the tables and views it knows."""
    db, known = Database(conn, recursive_triggers=False), migrations()
    _refuse_newer(db, known, path)
    if known.pending(db) or _views_stamp(conn) != _stamp(query_texts("views")):
        raise StoreError(
            f"{path} was written by an older franchise-watch; `franchise-watch check-store --repair` updates it"
        )


@cache
def _scripts() -> tuple[tuple[str, str], ...]:
    files = (file for file in (resources.files("storage") / "schema").iterdir() if file.name.endswith(".sql"))
    return tuple(sorted((file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")) for file in files))


def _running(script: str) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        for statement in statements(script):
            db.conn.execute(statement)

    return run


def statements(script: str) -> Iterator[str]:
    """The single statements of an SQL script; unlike `executescript`, running them leaves the transaction open."""
    so_far = ""
    for line in script.splitlines(keepends=True):
        so_far += line
        if sqlite3.complete_statement(so_far):
            yield so_far
            so_far = ""


def _refuse_newer(db: Database, known: Migrations, path: Path) -> None:
    applied = {migration.name for migration in known.applied(db)}
    unknown = applied - set(versions())
    if unknown:
        raise StoreError(f"{path} was written by a newer franchise-watch (it has {max(unknown)}); update the program")


def _make_views(conn: sqlite3.Connection, views: tuple[QueryText, ...]) -> None:
    conn.execute("CREATE TABLE IF NOT EXISTS _views (name TEXT PRIMARY KEY, stamp TEXT NOT NULL) STRICT, WITHOUT ROWID")
    earlier = {name for (name,) in conn.execute("SELECT name FROM _views WHERE name <> ''")}
    for name in earlier | {view.name for view in views}:
        conn.execute(f'DROP VIEW IF EXISTS "{name}"')
    conn.execute("DELETE FROM _views")
    for view in views:
        conn.execute(f'CREATE VIEW "{view.name}" AS\n{view.sql}')
    rows = [("", _stamp(views)), *((view.name, "") for view in views)]
    conn.executemany("INSERT INTO _views VALUES (?, ?)", rows)


def _views_stamp(conn: sqlite3.Connection) -> str | None:
    try:
        row = conn.execute("SELECT stamp FROM _views WHERE name = ''").fetchone()
    except sqlite3.OperationalError:
        return None
    return None if row is None else str(row[0])


def _stamp(views: tuple[QueryText, ...]) -> str:
    return hashlib.sha256("\n".join(f"{view.name}\n{view.sql}" for view in views).encode()).hexdigest()
