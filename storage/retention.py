"""How long texts are kept: what no claim rests on may go after a while, and evidence never does.

Titles, summaries, links and names stay, so that an old item is known again and can be found. How far it has come is
noted in `upkeep`, so each text is looked at once, and a run that is cut off goes on where it was.
"""

from __future__ import annotations

import datetime as dt
import sqlite3

from storage.codec import iso
from storage.connection import transaction

AT_ONCE = 2_000
"""Items in one transaction: a small part of a second, so that no run waits."""
DAY = dt.timedelta(days=1)


def texts_are_due(conn: sqlite3.Connection, before: dt.datetime) -> bool:
    """True where a day's texts or more may go."""
    return _seen_to(conn) <= iso(before - DAY)


def drop_texts(conn: sqlite3.Connection, before: dt.datetime) -> bool:
    """Drop bodies, earlier revisions and mentions of the next items whose newest revision was read before then.

    Never of an item that a claim rests on. False once nothing is left to look at. One transaction of its own.
    """
    with transaction(conn):
        since, until = _seen_to(conn), iso(before)
        if since >= until:
            return False
        (rest_from,) = conn.execute(_BOUNDARY, (since, until, AT_ONCE)).fetchone()
        until = rest_from or until
        conn.execute("CREATE TEMP TABLE unneeded (id INTEGER PRIMARY KEY)")
        conn.execute(_UNNEEDED, (since, until))
        for script in _DROP:
            conn.execute(script)
        conn.execute("DROP TABLE unneeded")
        conn.execute("INSERT INTO upkeep VALUES ('texts', ?1) ON CONFLICT DO UPDATE SET until_at = ?1", (until,))
    return rest_from is not None


def _seen_to(conn: sqlite3.Connection) -> str:
    row = conn.execute("SELECT until_at FROM upkeep WHERE task = 'texts'").fetchone()
    return "" if row is None else str(row[0])


# Items of one write share their time, so what is left for later begins at a time and never parts them.
_BOUNDARY = """
    SELECT min(revised_at) FROM items WHERE revised_at < ?2 AND revised_at > (
        SELECT revised_at FROM items WHERE revised_at >= ?1 ORDER BY revised_at LIMIT 1 OFFSET ?3 - 1
    )"""
_UNNEEDED = """
    INSERT INTO unneeded SELECT id FROM items
    WHERE revised_at >= ? AND revised_at < ? AND NOT EXISTS (SELECT 1 FROM claims WHERE item_id = items.id)"""
_DROP = (
    """INSERT INTO items_fts (items_fts, rowid, title, summary, text)
       SELECT 'delete', * FROM searchable WHERE id IN unneeded""",
    "UPDATE item_texts SET text = '' WHERE item_id IN unneeded",
    "INSERT INTO items_fts (rowid, title, summary, text) SELECT * FROM searchable WHERE id IN unneeded",
    "DELETE FROM revisions WHERE item_id IN unneeded",
    "DELETE FROM mentions WHERE item_id IN unneeded",
)
