"""Writing what polls brought: items and their revisions, what was read in them, what is believed, what goes out.

Every function here runs inside a transaction that its caller began.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from storage.connection import ANEW, ONCE, insert
from storage.model import Change, Claim, Fact, FetchState, Item, Mention, Message, Poll, Slot
from storage.names import add_names, age_names, item_numbers
from storage.rows import (
    Row,
    change_row,
    claim_digest,
    claim_row,
    content_hash,
    fact_row,
    identity_digest,
    item_digests,
    item_row,
    mention_row,
    message_row,
    slot_digest,
    slot_row,
    state_row,
)
from storage.tellings import update_tellings

ItemNumbers = dict[str, tuple[int, int]]
"""By `Item.id`: the number of its row, and its present revision."""


def write_polls(conn: sqlite3.Connection, polls: Sequence[Poll], now: str) -> None:
    """Write everything the polls led to, in the order in which the tables lean on one another."""
    claims = [claim for poll in polls for claim in poll.claims]
    changes = [change for poll in polls for change in poll.changes]
    numbers = write_items(conn, [item for poll in polls for item in poll.items], now)
    for poll in polls:
        _write_mentions(conn, poll.mentions, numbers)
        _write_warnings(conn, poll, now)
    write_ledger(conn, claims, [fact for poll in polls for fact in poll.facts], changes, now, numbers)
    write_messages(conn, [message for poll in polls for message in poll.messages])
    _write_states(conn, [poll.state for poll in polls])


def write_ledger(
    conn: sqlite3.Connection,
    claims: Sequence[Claim],
    facts: Sequence[Fact],
    changes: Sequence[Change],
    now: str,
    numbers: ItemNumbers | None = None,
) -> None:
    """Write claims, facts and changes; what is already there is left as it is, a fact is replaced by its newer self."""
    said = [*claims, *(change.claim for change in changes)]
    if not (said or facts):
        return
    numbers = _numbers_of_claims(conn, said, numbers or {}, now)
    slots = _slot_numbers(conn, {*(c.slot for c in said), *(f.slot for f in facts), *(c.slot for c in changes)})
    (newest,) = conn.execute("SELECT coalesce(max(id), 0) FROM claims").fetchone()
    told_on = _questions_answered(changes)
    rows = (claim_row(each, slots[told_on.get(each, each.slot)], *numbers[each.item_id], now) for each in said)
    insert(conn, "claims", rows, ONCE)
    moved = _write_facts(conn, [fact_row(fact, slots[fact.slot], now) for fact in facts])
    insert(conn, "changes", _change_rows(conn, changes, slots, numbers, now), ONCE)
    update_tellings(conn, moved | {slots[change.slot] for change in changes}, newest)


# --- items -------------------------------------------------------------------------------------------------------


def write_items(conn: sqlite3.Connection, items: Sequence[Item], now: str) -> ItemNumbers:
    """Write new items and new revisions with their names and their search entries; the numbers of all of them."""
    fresh, edited, numbers = _sort_out(conn, items)
    first = 1 + conn.execute("SELECT coalesce(max(id), 0) FROM items").fetchone()[0]
    new = {item.id: first + place for place, item in enumerate(fresh)}
    _insert_items(conn, [item_row(item, new[item.id], now) for item in fresh])
    _revise_items(conn, edited, now)
    numbers |= {item_id: (number, 1) for item_id, number in new.items()}
    names = [(digest, numbers[item.id][0]) for item in items for digest in item_digests(item)]
    add_names(conn, names)
    age_names(conn, first, first + len(fresh))
    return numbers


def _sort_out(
    conn: sqlite3.Connection, items: Sequence[Item]
) -> tuple[list[Item], list[tuple[Item, int]], ItemNumbers]:
    """New items, edited items with their numbers, and the numbers and revisions-to-be of all that are not new."""
    newest = {item.id: item for item in items}
    identities = {item.id: identity_digest(item.source_id, item.identity) for item in newest.values()}
    known = item_numbers(conn, identities.values())
    stored = _stored_revisions(conn, list(known.values()))
    fresh: list[Item] = []
    edited: list[tuple[Item, int]] = []
    numbers: ItemNumbers = {}
    for item in newest.values():
        number = known.get(identities[item.id])
        if number is None:
            fresh.append(item)
            continue
        revision, old_hash = stored[number]
        changed = content_hash(item) != old_hash
        numbers[item.id] = (number, revision + changed)
        if changed:
            edited.append((item, number))
    return fresh, edited, numbers


def _stored_revisions(conn: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, tuple[int, str]]:
    query = "SELECT id, revision, content_hash FROM items WHERE id IN (SELECT value FROM json_each(?))"
    rows = conn.execute(query, (json.dumps(numbers),))
    return {row["id"]: (row["revision"], row["content_hash"]) for row in rows}


def _insert_items(conn: sqlite3.Connection, rows: Sequence[Row]) -> None:
    if not rows:
        return
    conn.executemany(
        """INSERT INTO items (id, title, source_id, published_at, url, first_seen_at, revised_at, updated_at, author,
                              language, identity, content_hash)
           VALUES (:id, :title, :source_id, :published_at, :url, :now, :now, :updated_at, :author,
                   :language, :identity, :content_hash)""",
        rows,
    )
    conn.executemany("INSERT INTO item_texts VALUES (:id, :summary, :text)", rows)
    conn.execute(
        "INSERT INTO items_fts (rowid, title, summary, text) SELECT * FROM searchable WHERE id >= ?", (rows[0]["id"],)
    )


def _revise_items(conn: sqlite3.Connection, edited: Sequence[tuple[Item, int]], now: str) -> None:
    rows = [item_row(item, number, now) for item, number in edited]
    for script in _REVISE:
        conn.executemany(script, rows)


_REVISE = (
    """INSERT INTO items_fts (items_fts, rowid, title, summary, text)
       SELECT 'delete', id, title, summary, text FROM searchable WHERE id = :id""",
    """INSERT INTO revisions (item_id, revision, title, revised_at, replaced_at, published_at, updated_at, url,
                              content_hash, summary, text)
       SELECT id, revision, title, revised_at, :now, published_at, updated_at, url, content_hash, summary, text
       FROM items JOIN item_texts ON item_id = id WHERE id = :id""",
    """UPDATE items SET revision = revision + 1, revised_at = :now, title = :title, url = coalesce(:url, url),
           published_at = coalesce(:published_at, published_at), updated_at = :updated_at, author = :author,
           language = :language, content_hash = :content_hash
       WHERE id = :id""",
    "UPDATE item_texts SET summary = :summary, text = :text WHERE item_id = :id",
    "INSERT INTO items_fts (rowid, title, summary, text) SELECT * FROM searchable WHERE id = :id",
)


def _write_mentions(
    conn: sqlite3.Connection, mentions: Mapping[str, tuple[Mention, ...]], numbers: ItemNumbers
) -> None:
    rows = (mention_row(each, *numbers[item_id]) for item_id, read in mentions.items() for each in read)
    insert(conn, "mentions", rows)


# --- the ledger --------------------------------------------------------------------------------------------------


def _numbers_of_claims(
    conn: sqlite3.Connection, claims: Sequence[Claim], numbers: ItemNumbers, now: str
) -> ItemNumbers:
    """The numbers of the claims' items; an item that was never stored (what the user said is known) gets a row."""
    behind = {claim.item_id: _item_behind(claim) for claim in claims if claim.item_id not in numbers}
    fresh, _, found = _sort_out(conn, list(behind.values()))
    strangers = {item.id for item in fresh}
    _adopt_sources(conn, [claim for claim in claims if claim.item_id in strangers])
    # A stored item differs from what stands behind a claim, which is no new revision of it.
    there = _stored_revisions(conn, [number for number, _ in found.values()])
    known = {item_id: (number, there[number][0]) for item_id, (number, _) in found.items()}
    return {**numbers, **known, **write_items(conn, fresh, now)}


def _item_behind(claim: Claim) -> Item:
    identity = claim.item_id.removeprefix(f"{claim.source_id}/")
    return Item(source_id=claim.source_id, identity=identity, url=claim.url, title=claim.sentence)


def _adopt_sources(conn: sqlite3.Connection, claims: Iterable[Claim]) -> None:
    conn.executemany(
        """INSERT INTO sources (id, name, tier, kind, enabled, followed, url, settings, position)
           VALUES (?1, ?1, ?2, 'page', 'no', 'no', '', '{}', -1) ON CONFLICT DO NOTHING""",
        {(claim.source_id, claim.tier.value) for claim in claims},
    )


def _slot_numbers(conn: sqlite3.Connection, slots: set[Slot]) -> dict[Slot, int]:
    insert(conn, "slots", map(slot_row, sorted(slots, key=lambda slot: slot.id)), ONCE)
    query = "SELECT id FROM slots WHERE digest = ?"
    return {slot: conn.execute(query, (slot_digest(slot),)).fetchone()["id"] for slot in slots}


def _questions_answered(changes: Sequence[Change]) -> dict[Claim, Slot]:
    """Of claims that were weighed on another question than their words name: "the premiere" is that of one season."""
    return {
        change.claim: change.slot
        for change in changes
        if (change.slot.work_id, change.slot.kind) == (change.claim.work_id, change.claim.kind)
    }


def _write_facts(conn: sqlite3.Connection, rows: Sequence[Row]) -> set[int]:
    """Put the facts in the place of their older selves; the slots in which something else is believed now."""
    query = "SELECT slot_id, value, status, moved_to FROM facts WHERE slot_id IN (SELECT value FROM json_each(?))"
    before = {row["slot_id"]: row for row in conn.execute(query, (json.dumps([row["slot_id"] for row in rows]),))}
    insert(conn, "facts", rows, ANEW)
    parts = ("value", "status", "moved_to")
    return {
        row["slot_id"]
        for row in rows
        if row["slot_id"] not in before or any(row[part] != before[row["slot_id"]][part] for part in parts)
    }


def _change_rows(
    conn: sqlite3.Connection, changes: Sequence[Change], slots: Mapping[Slot, int], numbers: ItemNumbers, now: str
) -> Iterator[Row]:
    for change in changes:
        key = (numbers[change.claim.item_id][0], claim_digest(change.claim))
        (claim_id,) = conn.execute("SELECT id FROM claims WHERE item_id = ? AND digest = ?", key).fetchone()
        yield change_row(change, slots[change.slot], claim_id, now)


# --- messages, states, warnings ----------------------------------------------------------------------------------


def write_messages(conn: sqlite3.Connection, messages: Sequence[Message]) -> None:
    """Put messages into the outbox; one that is there already stays as it is, one to a disabled target waits there."""
    for message in messages:
        conn.execute(_NEW_TARGET, (message.target_id, message.format))
        conn.execute(_NEW_ROUTE, (message.route_id, message.target_id))
        if conn.execute(_NEW_MESSAGE, message_row(message)).rowcount:
            conn.execute("INSERT INTO message_bodies VALUES (?, ?)", (message.id, message.body))
            told = [(message.id, position, change_id) for position, change_id in enumerate(message.change_ids)]
            conn.executemany("INSERT INTO alerts VALUES (?, ?, ?)", told)


_NEW_TARGET = "INSERT INTO targets (id, format) VALUES (?, ?) ON CONFLICT DO NOTHING"
_NEW_ROUTE = """
    INSERT INTO routes (id, target_id, followed, deliver, works, kinds, changes, min_status, min_tier)
    VALUES (?, ?, 'no', 'now', '[]', '[]', '[]', 'rumoured', 'rumour') ON CONFLICT DO NOTHING"""
_NEW_MESSAGE = """
    INSERT INTO messages (id, state, route_id, target_id, format, created_at, not_before_at, next_attempt_at,
                                    summary, url, content_type, edits)
    SELECT :id, iif(disabled_at IS NULL, 'pending', 'disabled'), :route_id, :target_id, :format, :created_at,
           :not_before_at, iif(disabled_at IS NULL, :not_before_at, NULL), :summary, :url, :content_type, :edits
    FROM targets WHERE id = :target_id ON CONFLICT DO NOTHING"""


def _write_states(conn: sqlite3.Connection, states: Sequence[FetchState]) -> None:
    insert(conn, "fetch_states", map(state_row, states), ANEW)


def _write_warnings(conn: sqlite3.Connection, poll: Poll, now: str) -> None:
    conn.executemany(
        """INSERT INTO warnings VALUES (?1, ?2, 1, ?3, ?3)
           ON CONFLICT DO UPDATE SET times = times + 1, last_at = excluded.last_at""",
        [(poll.state.source_id, text, now) for text in poll.warnings],
    )
