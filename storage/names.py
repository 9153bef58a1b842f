"""The names under which items are known again, as digests that come in no order.

A log-structured merge tree in one table: new digests go into generation 0, which is small; whenever so many items have
come, a generation moves on into the next as one sorted run. So a write touches a few pages however many names there
are. (O'Neil et al., "The log-structured merge-tree", 1996)

Every function that writes runs inside a transaction that its caller began.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

MOVES_ON_AFTER = (4_096, 65_536, 1_048_576)
"""Items, by generation: as often as so many have come it moves on into the next. The last one never does."""


def item_numbers(conn: sqlite3.Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    """The numbers of stored items by those of their names' digests that are given."""
    rows = ((digest, conn.execute(_FIND, (digest,)).fetchone()) for digest in digests)
    return {digest: row[0] for digest, row in rows if row}


def add_names(conn: sqlite3.Connection, names: Iterable[tuple[bytes, int]]) -> None:
    """Let each digest name the item of that number; one that names an item already goes on naming that."""
    conn.executemany("INSERT INTO item_keys VALUES (0, ?, ?) ON CONFLICT DO NOTHING", names)


def age_names(conn: sqlite3.Connection, first: int, after: int) -> None:
    """Let generations move on whose time has come with the items `first` up to, not including, `after`."""
    for generation, span in enumerate(MOVES_ON_AFTER):
        if first // span != after // span:
            conn.execute(_MOVE_ON, (generation,))
            conn.execute("DELETE FROM item_keys WHERE generation = ?", (generation,))


# A name may be in two generations for a while; the older one counts, and stays when they are merged.
_FIND = " UNION ALL ".join(
    f"SELECT item_id FROM item_keys WHERE generation = {generation} AND digest = ?1"  # noqa: S608  (a number of our own)
    for generation in range(len(MOVES_ON_AFTER), -1, -1)
)
_MOVE_ON = """
    INSERT INTO item_keys SELECT generation + 1, digest, item_id FROM item_keys WHERE generation = ? ORDER BY digest
    ON CONFLICT DO NOTHING"""
