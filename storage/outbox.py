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
from storage.model import Attempt, Correction, Message, OutboxEntry, OutboxState, Outdated
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
        conn.execute(_DROP_OLDER_EDITS)


# The newer edit tells all that the older one would, and must not be undone by it.
_DROP_OLDER_EDITS = """
    UPDATE messages SET state = 'grouped', next_attempt_at = NULL
    WHERE state = 'pending' AND edits IS NOT NULL AND EXISTS (
        SELECT 1 FROM messages AS newer
        WHERE newer.rowid > messages.rowid AND newer.edits = messages.edits AND newer.target_id = messages.target_id
    )
"""


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

    And itself, where its target has just given it `remote_id` and took what corrects it before, or with it.
    """
    rewritable = {row["id"]: row["remote_id"] for row in conn.execute(_CORRECTED, {"id": message_id})}
    if remote_id is not None:
        rewritable[message_id] = remote_id
    found = (_outdated(conn, old_id, known_as, message_id) for old_id, known_as in rewritable.items())
    return [one for one in found if one]


def _outdated(conn: sqlite3.Connection, old_id: str, remote_id: str, sent_id: str) -> Outdated | None:
    rows = conn.execute(_CORRECTIONS, {"old": old_id, "sent": sent_id}).fetchall()
    old = entry(conn, old_id)
    if not rows or old is None:
        return None
    newest = {
        row["alert_id"]: Correction(
            alert_id=row["alert_id"], summary=row["summary"], url=row["url"], by_summary=row["by_summary"]
        )
        for row in rows
    }
    by_id = rows[-1]["by_id"] if sent_id == old_id else sent_id
    return Outdated(message=old.message, remote_id=remote_id, by_id=by_id, corrections=tuple(newest.values()))


# A confirmation corrects nothing, and what it confirmed goes wrong with it: both queries pass through it.
# A message that tells several changes is led back to the alerts that it stands for: an alert is change and route.
# CROSS JOIN keeps the order: SQLite would otherwise begin with every delivered message.
_CORRECTED = """
    WITH RECURSIVE corrected (change_id) AS (
        SELECT supersedes FROM alerts JOIN changes ON changes.id = change_id
        WHERE message_id = :id AND kind <> 'confirmed' AND supersedes IS NOT NULL
        UNION
        SELECT supersedes FROM corrected JOIN changes ON changes.id = corrected.change_id
        WHERE kind = 'confirmed' AND supersedes IS NOT NULL
    )
    SELECT old.id, remote_id
    FROM messages AS sent
    CROSS JOIN corrected
    CROSS JOIN alerts ON alerts.change_id = corrected.change_id
    CROSS JOIN messages AS old ON old.id = alerts.message_id
        AND old.route_id = sent.route_id AND old.target_id = sent.target_id
    CROSS JOIN attempts ON attempts.message_id = old.id AND attempts.state = 'delivered' AND remote_id IS NOT NULL
    WHERE sent.id = :id
"""
_CORRECTIONS = """
    WITH RECURSIVE later (place, change_id, by_id, kind) AS (
        SELECT position, change_id, changes.id, changes.kind
        FROM alerts JOIN changes ON supersedes = change_id WHERE message_id = :old
        UNION
        SELECT place, change_id, changes.id, changes.kind
        FROM later JOIN changes ON supersedes = by_id WHERE later.kind = 'confirmed'
    )
    SELECT wrong.id AS alert_id, wrong.summary, wrong.url, told.id AS by_id, told.summary AS by_summary
    FROM messages AS old
    CROSS JOIN later ON later.kind <> 'confirmed'
    CROSS JOIN messages AS wrong ON wrong.id = later.change_id || '.' || old.route_id
    CROSS JOIN messages AS told ON told.id = later.by_id || '.' || old.route_id
    WHERE old.id = :old AND EXISTS (
        SELECT 1 FROM alerts AS telling CROSS JOIN messages AS sent ON sent.id = telling.message_id
        WHERE telling.change_id = later.by_id AND (sent.state = 'delivered' OR sent.id = :sent)
            AND sent.route_id = old.route_id AND sent.target_id = old.target_id
    )
    ORDER BY place, told.created_at, told.rowid
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
