"""Every version of the schema leads to the newest one, whole or not at all, and with everything that was in it.

`tests/schemas/NNNN_name.sql` holds the rows of a small store as each released version wrote them; `make.py` beside it
writes those of a new one.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage.connection import connect
from storage.errors import StoreError
from storage.migrations import bring_up_to_date, migrations, statements, versions
from storage.store import open_store
from storage.texts import query_texts
from tests import store_factories as make
from tests.store_factories import PREMIERE

DUMPS = Path(__file__).parent / "schemas"
VERSIONS = list(versions())


def schema(path: Path) -> dict[str, str]:
    """Names and SQL of everything in the database but what differs by its history."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        return dict(conn.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())


def at_version(path: Path, version: str) -> None:
    """A store with something in it, as that version left it."""
    later = VERSIONS[VERSIONS.index(version) + 1 :]
    with contextlib.closing(connect(path)) as conn:
        migrations().apply(Database(conn), stop_before=later[:1])
        conn.execute("PRAGMA foreign_keys = OFF")
        conn.executescript((DUMPS / f"{version}.sql").read_text(encoding="utf-8"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def fresh(tmp_path: Path) -> dict[str, str]:
    with open_store(tmp_path / "fresh.db"):
        pass
    return schema(tmp_path / "fresh.db")


@contextlib.contextmanager
def interrupted_after(conn: sqlite3.Connection, steps: int) -> Iterator[None]:
    """Let the connection run that many statements of a migration, then crash."""
    left = steps

    def watch(statement: str) -> None:
        nonlocal left
        if statement.startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")):
            left -= 1
            if left < 0:
                conn.interrupt()

    conn.set_trace_callback(watch)
    yield
    conn.set_trace_callback(None)


def test_every_version_has_its_dump() -> None:
    assert sorted(dump.stem for dump in DUMPS.glob("*.sql")) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_every_version_becomes_the_newest_with_all_it_had(
    path: Path, version: str, fresh: dict[str, str]
) -> None:
    at_version(path, version)
    with open_store(path) as store:
        assert [item.title for item in store.items()] == ["Harbour Nine, piece 1"]
        assert store.beliefs(["harbour-nine"]) == {PREMIERE: make.fact()}
        assert [change.id for change in store.changes()] == [change.id for change in make.news().changes]
        assert [entry.message for entry in store.alerts()] == list(make.news().messages)
        assert [item.identity for item in store.search("quay")] == ["urn:1"]
        assert store.unseen([make.item(1), make.item(2)]) == [make.item(2)]
    assert schema(path) == fresh


@pytest.mark.parametrize("version", ["", *VERSIONS])
def test_a_migration_interrupted_at_any_step_leaves_the_store_as_it_was(
    path: Path, version: str, fresh: dict[str, str]
) -> None:
    if version:
        at_version(path, version)
    else:
        connect(path).close()
    before = schema(path)
    interruptions = 0
    while not migrated_within(path, interruptions):
        assert schema(path) == before
        interruptions += 1
    assert interruptions > len(query_texts("views"))
    assert schema(path) == fresh


def migrated_within(path: Path, steps: int) -> bool:
    """False where that many statements were not enough."""
    with contextlib.closing(connect(path)) as conn:
        try:
            with interrupted_after(conn, steps):
                bring_up_to_date(conn, path)
        except sqlite3.OperationalError:
            assert not conn.in_transaction
            return False
        return True


def test_opening_an_up_to_date_store_writes_nothing(path: Path) -> None:
    with open_store(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as other:
        before = other.execute("PRAGMA data_version").fetchone()
        with open_store(path):
            pass
        assert other.execute("PRAGMA data_version").fetchone() == before


@pytest.mark.parametrize("read_only", [False, True])
def test_a_store_of_a_newer_version_is_left_alone(path: Path, read_only: bool) -> None:
    with open_store(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE _sqlite_migrations SET name = '9999_later' WHERE id = 1")
    with pytest.raises(StoreError, match="newer franchise-watch"), open_store(path, read_only=read_only):
        pass


def test_a_reader_is_told_where_the_store_is_older(path: Path) -> None:
    with contextlib.closing(connect(path)):
        pass
    with pytest.raises(StoreError, match="older franchise-watch"), open_store(path, read_only=True):
        pass


def test_views_follow_the_code(path: Path) -> None:
    with open_store(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("DROP VIEW upcoming_releases")
        conn.execute("CREATE VIEW upcoming_releases AS SELECT 1 AS old")
        conn.execute("CREATE VIEW gone_since AS SELECT 1 AS old")
        conn.execute("INSERT INTO _views VALUES ('gone_since', '')")
        conn.execute("UPDATE _views SET stamp = 'another' WHERE name = ''")
        conn.execute("CREATE VIEW of_the_user AS SELECT 1 AS mine")
    with open_store(path):
        pass
    names = schema(path)
    assert "gone_since" not in names
    assert "SELECT 1" not in names["upcoming_releases"]
    assert "of_the_user" in names


def test_the_names_of_versions_count_up() -> None:
    assert [int(name[:4]) for name in VERSIONS] == list(range(1, len(VERSIONS) + 1))
    assert [migration.name for migration in migrations().pending(Database(memory=True))] == VERSIONS


def test_a_script_is_taken_apart_at_its_statements() -> None:
    script = "-- a; b\nCREATE TABLE t (a -- one; two\n);\nINSERT INTO t VALUES ('x;y');\n-- the end\n"
    assert [statement.strip().splitlines()[-1] for statement in statements(script)] == [
        ");",
        "INSERT INTO t VALUES ('x;y');",
    ]


def test_every_view_says_what_it_is() -> None:
    for text in (*query_texts("views"), *query_texts("queries")):
        assert text.title
        assert text.sentence.endswith(".")
