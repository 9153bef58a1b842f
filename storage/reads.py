"""Questions to the store whose answers are values of the model: beliefs, items, claims, changes, search.

Nothing here writes. What a digest needs is in `storage.daybook`; what a browser shows is in `views/` and `queries/`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from storage.codec import at, from_json, iso, iso_or_none
from storage.model import (
    Change,
    ChangeKind,
    Claim,
    Fact,
    FetchState,
    Item,
    Past,
    Rival,
    Slot,
    Source,
    StoredItem,
    Value,
)
from storage.names import item_numbers
from storage.rows import (
    change_of,
    claim_of,
    content_hash,
    fact_of,
    item_digests,
    item_of,
    public_url,
    slot_digest,
    slot_of,
)

CLAIMS = "SELECT claims.*, identity FROM claims JOIN items ON items.id = claims.item_id "
ITEMS = "SELECT items.*, summary, text FROM items JOIN item_texts ON item_id = items.id "
STORED = """
    SELECT items.*, summary, text, iif(first_seen_at = (
        SELECT min(first_seen_at) FROM items AS others WHERE others.source_id = items.source_id
    ) AND NOT EXISTS (
        SELECT 1 FROM claims JOIN changes ON claim_id = claims.id WHERE claims.item_id = items.id AND baseline = 'no'
    ), 'yes', 'no') AS first_import
    FROM items JOIN item_texts ON item_texts.item_id = items.id """
CHANGES = "SELECT * FROM changes "
_THESE_CLAIMS = "WHERE claims.id IN (SELECT value FROM json_each(?))"
_SLOTS_BY_ID = "SELECT * FROM slots WHERE id IN (SELECT value FROM json_each(?))"


def fetch_states(conn: sqlite3.Connection, sources: Iterable[Source]) -> dict[str, FetchState]:
    """By source id; a new state for a source that is unknown or whose address has changed."""
    rows = conn.execute("SELECT source_id, url, memory FROM fetch_states")
    known = {(row["source_id"], row["url"]): row["memory"] for row in rows}
    return {source.id: _fetch_state(source, known.get((source.id, public_url(source.url)))) for source in sources}


def _fetch_state(source: Source, memory: str | None) -> FetchState:
    if memory is None:
        return FetchState(source_id=source.id, url=source.url)
    state, shown = from_json(FetchState, memory), public_url(source.url)
    validators_url = source.url if state.validators_url == shown else state.validators_url
    return dataclasses.replace(state, url=source.url, validators_url=validators_url)


def unseen(conn: sqlite3.Connection, items: Sequence[Item]) -> tuple[list[Item], list[tuple[bytes, int]]]:
    """New items and new revisions, and names not yet known of items that are.

    An item is known by its identity or any of its keys; it then comes back under the identity it is stored with.
    """
    known = item_numbers(conn, {digest for item in items for digest in item_digests(item)})
    stored = _stored(conn, sorted(set(known.values())))
    fresh: dict[bytes, Item] = {}
    learned: list[tuple[bytes, int]] = []
    found: list[Item] = []
    for item in items:
        digests = item_digests(item)
        number = next((known[digest] for digest in digests if digest in known), None)
        if number is None:
            if not any(digest in fresh for digest in digests):
                found.append(item)
            fresh.update((digest, item) for digest in digests)
            continue
        learned += [(digest, number) for digest in digests if digest not in known]
        identity, old_hash = stored[number]
        if old_hash != content_hash(item):
            found.append(dataclasses.replace(item, identity=identity))
    return found, learned


def _stored(conn: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, tuple[str, str]]:
    query = "SELECT id, identity, content_hash FROM items WHERE id IN (SELECT value FROM json_each(?))"
    rows = conn.execute(query, (json.dumps(numbers),))
    return {row["id"]: (row["identity"], row["content_hash"]) for row in rows}


def beliefs(conn: sqlite3.Connection, work_ids: Iterable[str]) -> dict[Slot, Fact]:
    """Every fact about the works, whether or not it is current, by slot; costs what these works have, no more."""
    query = "SELECT memory FROM facts WHERE work_id IN (SELECT value FROM json_each(?))"
    facts = [fact_of(row) for row in conn.execute(query, (json.dumps(sorted(set(work_ids))),))]
    return {fact.slot: fact for fact in facts}


def claims(conn: sqlite3.Connection, where: str, asked: Sequence[object] | Mapping[str, object]) -> list[Claim]:
    """The claims that an SQL condition on `claims` picks, in its order."""
    return [claim_of(row) for row in conn.execute(CLAIMS + where, asked)]


def claims_for(conn: sqlite3.Connection, slot: Slot) -> list[Claim]:
    """Every claim about the slot, oldest first."""
    where = "WHERE slot_id = (SELECT id FROM slots WHERE digest = ?) ORDER BY claimed_at, claims.id"
    return claims(conn, where, (slot_digest(slot),))


def changes(conn: sqlite3.Connection, where: str, asked: Sequence[object]) -> list[Change]:
    """The changes that an SQL condition on `changes` picks, in its order."""
    rows = conn.execute(CHANGES + where, asked).fetchall()
    slots = _by_id(conn, _SLOTS_BY_ID, [row["slot_id"] for row in rows])
    said = _by_id(conn, CLAIMS + _THESE_CLAIMS, [row["claim_id"] for row in rows])
    return [change_of(row, slot_of(slots[row["slot_id"]]), claim_of(said[row["claim_id"]])) for row in rows]


def _by_id(conn: sqlite3.Connection, query: str, ids: Iterable[int]) -> dict[int, sqlite3.Row]:
    return {row["id"]: row for row in conn.execute(query, (json.dumps(sorted(set(ids))),))}


def items_since(
    conn: sqlite3.Connection, since_at: dt.datetime | None, until_at: dt.datetime | None, limit: int | None
) -> list[Item]:
    """Items by the time they were published (or first seen), oldest first."""
    where = """WHERE (:since IS NULL OR coalesce(published_at, first_seen_at) >= :since)
                 AND (:until IS NULL OR coalesce(published_at, first_seen_at) < :until)
               ORDER BY coalesce(published_at, first_seen_at), items.id LIMIT :limit"""
    asked = {"since": iso_or_none(since_at), "until": iso_or_none(until_at), "limit": -1 if limit is None else limit}
    return [item_of(row) for row in conn.execute(ITEMS + where, asked)]


def history(
    conn: sqlite3.Connection, since_at: dt.datetime | None, until_at: dt.datetime | None
) -> Iterator[StoredItem]:
    """Items with what is known of their coming, oldest first, one at a time however many there are."""
    where = """WHERE coalesce(published_at, first_seen_at) >= ? AND coalesce(published_at, first_seen_at) < ?
               ORDER BY coalesce(published_at, first_seen_at), items.id"""
    window = (iso_or_none(since_at) or "", iso_or_none(until_at) or "9999-12-31")
    for row in conn.execute(STORED + where, window):
        yield stored_item(row)


def item_named(conn: sqlite3.Connection, names: Sequence[str]) -> StoredItem | None:
    """The newest item whose id (`source/identity`) or address is one of the names."""
    where = """WHERE url IN (SELECT value FROM json_each(?1)) OR source_id || '/' || identity IN
               (SELECT value FROM json_each(?1)) ORDER BY items.id DESC LIMIT 1"""
    row = conn.execute(STORED + where, (json.dumps(names),)).fetchone()
    return None if row is None else stored_item(row)


def stored_item(row: sqlite3.Row) -> StoredItem:
    """The item of a row of `STORED`."""
    return StoredItem(
        item=item_of(row),
        first_seen_at=at(row["first_seen_at"]),
        revision=row["revision"],
        revised_at=at(row["revised_at"]) if row["revision"] > 1 else None,
        baseline=row["first_import"] == "yes",
    )


def search(conn: sqlite3.Connection, text: str, limit: int) -> list[Item]:
    """Items in which all the words of `text` occur, newest first; words in "quotes" must stand together."""
    words = fts_query(text)
    if not words:
        return []
    where = """WHERE items.id IN (SELECT rowid FROM items_fts WHERE items_fts MATCH ? ORDER BY rowid DESC LIMIT ?)
               ORDER BY items.id DESC"""
    return [item_of(row) for row in conn.execute(ITEMS + where, (words, limit))]


def fts_query(text: str) -> str:
    """What a person typed as an FTS5 query that cannot be malformed: every word or quoted phrase becomes a string.

    Empty where there is nothing to look for. (SQLite, "FTS5 Full-text Query Syntax", §3.1)
    """
    phrases = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([^\s"]+)', text.replace("\0", " "))]
    return " ".join(f'"{phrase}"' for phrase in phrases if re.search(r"\w", phrase))


_MOVES = frozenset(ChangeKind) - {ChangeKind.DISPUTED, ChangeKind.REPEATED, ChangeKind.VAGUER, ChangeKind.DUE}


def facts_as_of(conn: sqlite3.Connection, work_id: str, as_of: dt.datetime) -> list[Fact]:
    """What was believed about a work at a past time, told from its changes; by slot.

    `origins` are the sources that brought or corroborated the value, `past` the values before it, and `rivals` what
    contradicted it since; what only the present fact remembers (prints) is empty.
    """
    where = "WHERE work_id = ? AND at <= ? ORDER BY at, changes.rowid"
    by_slot: dict[Slot, Fact] = {}
    for change in changes(conn, where, (work_id, iso(as_of))):
        before = by_slot.get(change.slot)
        if change.kind in _MOVES:
            by_slot[change.slot] = _after(before, change)
        elif change.kind is ChangeKind.DISPUTED and before is not None:
            by_slot[change.slot] = _contradicted(before, change)
    return sorted(by_slot.values(), key=lambda fact: fact.slot.id)


def _after(before: Fact | None, change: Change) -> Fact:
    value, claim = change.new or Value(), change.claim
    if before is not None and before.value == value:
        origins = before.origins if claim.source_id in before.origins else (*before.origins, claim.source_id)
        tier = max(before.tier, claim.tier, key=lambda tier: tier.rank)
        status = before.status if change.kind is ChangeKind.CORROBORATED else change.status
        return dataclasses.replace(before, status=status, tier=tier, last_claimed_at=change.at, origins=origins)
    past: tuple[Past, ...] = ()
    if before is not None:
        ended = Past(value=before.value, status=before.status, from_at=before.since_at, until_at=change.at)
        past = (*before.past, ended)
    return Fact(
        slot=change.slot,
        value=value,
        status=change.status,
        tier=claim.tier,
        since_at=change.at,
        last_claimed_at=change.at,
        origins=(claim.source_id,),
        past=past,
        alerted=not change.baseline,
        change_id=change.id,
    )


def _contradicted(fact: Fact, change: Change) -> Fact:
    value, claim = change.new or Value(), change.claim
    held = next((rival for rival in fact.rivals if rival.value == value), None)
    if held is None:
        held = Rival(
            value=value, status=claim.status, tier=claim.tier, origins=(), first_at=change.at, last_at=change.at
        )
    origins = tuple(dict.fromkeys((*held.origins, claim.source_id)))
    others = tuple(rival for rival in fact.rivals if rival.value != value)
    return dataclasses.replace(fact, rivals=(*others, dataclasses.replace(held, origins=origins, last_at=change.at)))
