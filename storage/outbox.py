"""The outbox: messages that wait, every attempt at sending them, and what came of it.

Messages are put in by `storage.record`, in the transaction that holds what they tell of.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Sequence

from storage.codec import at, at_or_none, iso, iso_or_none
from storage.connection import transaction
from storage.errors import StoreError
from storage.model import Attempt, Message, OutboxEntry, OutboxState, Outdated
from storage.record import write_messages
from storage.rows import message_of

_ENTRY = """
    SELECT messages.*, body,
        (SELECT json_group_array(change_id) FROM
            (SELECT change_id FROM alerts WHERE message_id = messages.id ORDER BY position)) AS change_ids
    FROM messages JOIN message_bodies ON message_id = messages.id
"""


def due_messages(conn: sqlite3.Connection, now: dt.datetime, limit: int) -> list[OutboxEntry]:
    """At most `limit` pending messages whose next attempt is due, oldest first."""
    where = "WHERE state = 'pending' AND next_attempt_at <= ? ORDER BY created_at, messages.rowid LIMIT ?"
    return _entries(conn, conn.execute(_ENTRY + where, (iso(now), limit)))


def alerts(
    conn: sqlite3.Connection, *, state: OutboxState | None, since_at: dt.datetime | None, limit: int
) -> list[OutboxEntry]:
    """At most `limit` messages, newest first."""
    where = """WHERE (:state IS NULL OR state = :state) AND (:since IS NULL OR created_at >= :since)
               ORDER BY created_at DESC, messages.rowid DESC LIMIT :limit"""
    asked = {"state": state, "since": iso_or_none(since_at), "limit": limit}
    return _entries(conn, conn.execute(_ENTRY + where, asked))


def entry(conn: sqlite3.Connection, message_id: str) -> OutboxEntry | None:
    """One message, or None."""
    found = _entries(conn, conn.execute(_ENTRY + "WHERE messages.id = ?", (message_id,)))
    return found[0] if found else None


def record_attempt(
    conn: sqlite3.Connection, message_id: str, attempt: Attempt, follow_up: Sequence[Message] = ()
) -> None:
    """Append `attempt`, put the message into its state and `follow_up` into the outbox, or nothing of that.

    `DISABLED` disables all pending of the same target.
    """
    next_at = iso_or_none(attempt.next_attempt_at)
    made = (iso(attempt.at), attempt.state.value, attempt.status_code, attempt.error, next_at, attempt.remote_id)
    with transaction(conn):
        conn.execute(
            """INSERT INTO attempts (message_id, at, state, status_code, error, next_attempt_at, remote_id)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (message_id, *made),
        )
        state = (attempt.state.value, next_at, message_id)
        conn.execute("UPDATE messages SET state = ?, next_attempt_at = ? WHERE id = ?", state)
        if attempt.state is OutboxState.DISABLED:
            _disable_target(conn, message_id, iso(attempt.at))
        write_messages(conn, follow_up)


def _disable_target(conn: sqlite3.Connection, message_id: str, at_text: str) -> None:
    (target,) = conn.execute("SELECT target_id FROM messages WHERE id = ?", (message_id,)).fetchone()
    conn.execute("UPDATE targets SET disabled_at = ? WHERE id = ?", (at_text, target))
    conn.execute(
        "UPDATE messages SET state = 'disabled', next_attempt_at = NULL WHERE target_id = ? AND state = 'pending'",
        (target,),
    )


def put_off(conn: sqlite3.Connection, message_ids: Sequence[str], until_at: dt.datetime) -> None:
    """Nothing was tried: let these pending messages become due at `until_at`."""
    with transaction(conn):
        conn.executemany(
            "UPDATE messages SET next_attempt_at = ? WHERE id = ? AND state = 'pending'",
            [(iso(until_at), message_id) for message_id in message_ids],
        )


def group_messages(conn: sqlite3.Connection, message: Message, message_ids: Sequence[str]) -> None:
    """Add `message` to the outbox and mark those it stands for as `GROUPED`, or neither."""
    with transaction(conn):
        write_messages(conn, [message])
        conn.executemany(
            "UPDATE messages SET state = 'grouped', next_attempt_at = NULL WHERE id = ? AND state = 'pending'",
            [(message_id,) for message_id in message_ids],
        )


def outdated(conn: sqlite3.Connection, message_id: str, remote_id: str | None = None) -> list[Outdated]:
    """The delivered messages, with the target's own id, of what this message corrects on its route and target.

    And itself, where its target has just given it `remote_id` and took before it what corrects it.
    """
    asked = {"id": message_id, "remote_id": remote_id}
    return [
        Outdated(message=old.message, remote_id=row["remote_id"], by_id=row["by_id"], by_summary=row["by_summary"])
        for row in conn.execute(_OUTDATED, asked).fetchall()
        if (old := entry(conn, row["old_id"]))
    ]


# A message that tells several changes is led back to the alerts that it stands for: an alert is change and route.
# CROSS JOIN keeps the order: SQLite would otherwise begin with every delivered message.
_OUTDATED = """
    SELECT old.id AS old_id, attempts.remote_id, told.id AS by_id, told.summary AS by_summary
    FROM alerts
    JOIN messages AS sent ON sent.id = alerts.message_id
    JOIN changes ON changes.id = alerts.change_id
    JOIN messages AS told ON told.id = changes.id || '.' || sent.route_id
    JOIN messages AS old ON old.id = changes.supersedes || '.' || sent.route_id AND old.target_id = sent.target_id
    JOIN attempts ON attempts.message_id = old.id AND attempts.state = 'delivered' AND remote_id IS NOT NULL
    WHERE alerts.message_id = :id
    UNION ALL
    SELECT old.id, :remote_id, told.id, told.summary
    FROM messages AS old
    JOIN alerts ON alerts.message_id = old.id AND old.id = alerts.change_id || '.' || old.route_id
    CROSS JOIN changes ON changes.supersedes = alerts.change_id
    JOIN messages AS told ON told.id = changes.id || '.' || old.route_id
    CROSS JOIN alerts AS telling ON telling.change_id = changes.id
    CROSS JOIN messages AS sent ON sent.id = telling.message_id AND sent.state = 'delivered'
        AND sent.route_id = old.route_id AND sent.target_id = old.target_id
    WHERE old.id = :id AND :remote_id IS NOT NULL
"""


def sent_count(conn: sqlite3.Connection, route_id: str, since_at: dt.datetime) -> int:
    """How many messages of the route were tried for the first time since then; edits of sent ones are none."""
    query = """
        SELECT count(*) FROM messages
        WHERE route_id = ? AND edits IS NULL AND (SELECT min(at) FROM attempts WHERE message_id = messages.id) >= ?"""
    return int(conn.execute(query, (route_id, iso(since_at))).fetchone()[0])


def retry(conn: sqlite3.Connection, message_id: str, now: dt.datetime) -> None:
    """Make a message due at once and enable its target again; raises StoreError where there is no such message."""
    with transaction(conn):
        row = conn.execute("SELECT state, target_id FROM messages WHERE id = ?", (message_id,)).fetchone()
        if row is None:
            raise StoreError(f"there is no message {message_id}; `franchise-watch alerts list` shows those there are")
        if row["state"] == "delivered":
            raise StoreError(f"message {message_id} was delivered; it is not sent twice")
        conn.execute("UPDATE targets SET disabled_at = NULL WHERE id = ?", (row["target_id"],))
        conn.execute("UPDATE messages SET state = 'pending', next_attempt_at = ? WHERE id = ?", (iso(now), message_id))


def _entries(conn: sqlite3.Connection, rows: Iterable[sqlite3.Row]) -> list[OutboxEntry]:
    rows = list(rows)
    tried = _attempts(conn, [row["id"] for row in rows])
    return [
        OutboxEntry(
            message=message_of(row),
            state=OutboxState(row["state"]),
            attempts=tuple(tried[row["id"]]),
            next_attempt_at=at_or_none(row["next_attempt_at"]),
        )
        for row in rows
    ]


def _attempts(conn: sqlite3.Connection, message_ids: Sequence[str]) -> dict[str, list[Attempt]]:
    tried: dict[str, list[Attempt]] = {message_id: [] for message_id in message_ids}
    query = "SELECT * FROM attempts WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY id"
    for row in conn.execute(query, (json.dumps(message_ids),)):
        tried[row["message_id"]].append(_attempt_of(row))
    return tried


def _attempt_of(row: sqlite3.Row) -> Attempt:
    return Attempt(
        at=at(row["at"]),
        state=OutboxState(row["state"]),
        status_code=row["status_code"],
        error=row["error"],
        next_attempt_at=at_or_none(row["next_attempt_at"]),
        remote_id=row["remote_id"],
    )
