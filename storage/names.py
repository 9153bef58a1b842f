"""The names under which items are known again, as digests that come in no order.

A log-structured merge tree of a few tables: new digests go into the first, which is small; whenever so many items have
come, a table moves on into the next as one sorted run. So a write touches a few pages however many names there are.
(O'Neil et al., "The log-structured merge-tree", 1996)

The digests are numbers of 63 bits, so that a table is looked up and emptied as fast as SQLite can: that two of three
million names (a million items) are one has a chance of one in two million.

Every function that writes runs inside a transaction that its caller began.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from itertools import pairwise

MOVES_ON_AFTER = (8_192, 131_072, 2_097_152)
"""Items, by generation: as often as so many have come its names move on into the next. Those of the last never do."""
TABLES = tuple(f"item_keys_{generation}" for generation in range(len(MOVES_ON_AFTER) + 1))
"""The tables of the generations, the newest first."""
_BITS = (1 << 63) - 1


def item_numbers(conn: sqlite3.Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    """The numbers of stored items by those of their names' digests that are given."""
    asked = {_number(digest): digest for digest in digests}
    rows = conn.execute(_FIND, (json.dumps(list(asked)),))  # the older one comes later, and counts
    return {asked[number]: item_id for number, item_id in rows}


def add_names(conn: sqlite3.Connection, names: Iterable[tuple[bytes, int]]) -> None:
    """Let each digest name the item of that number; one that names an item already goes on naming that."""
    rows = [(_number(digest), item_id) for digest, item_id in names]
    conn.executemany(f"INSERT INTO {TABLES[0]} VALUES (?, ?) ON CONFLICT DO NOTHING", rows)  # noqa: S608  (our own name)


def age_names(conn: sqlite3.Connection, first: int, after: int) -> None:
    """Let generations move on whose time has come with the items `first` up to, not including, `after`."""
    for span, (table, older) in zip(MOVES_ON_AFTER, pairwise(TABLES), strict=True):
        if first // span != after // span:
            conn.execute(_MOVE_ON.format(table, older))
            conn.execute(f"DELETE FROM {table}")  # noqa: S608  (our own name)


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:8]) & _BITS


_MOVE_ON = "INSERT INTO {1} SELECT * FROM {0} WHERE true ORDER BY digest ON CONFLICT DO NOTHING"
_ASKED = "WITH asked AS MATERIALIZED (SELECT value FROM json_each(?)) "
_NAMED = "SELECT digest, item_id FROM {} WHERE digest IN asked"
_FIND = _ASKED + " UNION ALL ".join(map(_NAMED.format, TABLES))
