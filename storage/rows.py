"""Values of `storage.model` as rows of the tables, and back.

A row has the columns that people ask about; where a value holds more than that, one JSON column keeps it exactly.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
import sqlite3
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from storage import codec
from storage.codec import at_or_none, from_json, iso, iso_or_none, to_json
from storage.model import (
    Change,
    ChangeKind,
    Claim,
    Fact,
    FetchState,
    Item,
    Kind,
    Mention,
    Message,
    PartialDate,
    Route,
    Said,
    Slot,
    Source,
    Status,
    Tier,
    Value,
    Work,
)

Row = dict[str, Any]

_SECRET_NAME = re.compile(r"token|secret|passw|auth|api_?key|^key$|^sig", re.IGNORECASE)


def digest_of(*parts: object) -> bytes:
    """Sixteen bytes that stand for `parts` and, in practice, for nothing else (BLAKE2b-128)."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


def yes_no(value: bool) -> str:
    """`yes` or `no`: how a truth is written in the tables."""
    return "yes" if value else "no"


def public_url(url: str) -> str:
    """The URL without user, password and the values of query fields that are named like secrets."""
    parts = urlsplit(url)
    fields = parse_qsl(parts.query, keep_blank_values=True)
    if "@" not in parts.netloc and not any(_SECRET_NAME.search(name) for name, _ in fields):
        return url
    query = "&".join(f"{quote(name)}={'-' if _SECRET_NAME.search(name) else quote(value)}" for name, value in fields)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, parts.fragment))


# --- what the user wrote -----------------------------------------------------------------------------------------


def work_row(work: Work, position: int) -> Row:
    """A row of `works`."""
    return {
        "id": work.id,
        "title": work.title,
        "franchise_id": work.franchise_id,
        "kind": work.kind,
        "parent": work.parent,
        "followed": "yes",
        "aliases": to_json(work.aliases),
        "people": to_json(work.people),
        "settings": to_json(work),
        "position": position,
    }


def source_row(source: Source, position: int) -> Row:
    """A row of `sources`."""
    shown = dataclasses.replace(source, url=public_url(source.url))
    return {
        "id": source.id,
        "name": source.name,
        "tier": source.tier.value,
        "kind": source.kind.value,
        "enabled": yes_no(source.enabled),
        "followed": "yes",
        "url": shown.url,
        "settings": to_json(shown),
        "position": position,
    }


def route_row(route: Route) -> Row:
    """A row of `routes`: nothing of its target but the id."""
    return {
        "id": route.id,
        "target_id": route.target.id,
        "followed": "yes",
        "deliver": route.deliver,
        "works": to_json(route.works),
        "kinds": to_json(route.kinds),
        "changes": to_json(route.changes),
        "min_status": route.min_status.value,
        "min_tier": route.min_tier.value,
    }


# --- how a source is doing ---------------------------------------------------------------------------------------


def state_row(state: FetchState) -> Row:
    """A row of `fetch_states`."""
    shown = dataclasses.replace(
        state, url=public_url(state.url), validators_url=state.validators_url and public_url(state.validators_url)
    )
    return {
        "source_id": state.source_id,
        "health": state.health.value,
        "reason": state.reason,
        "next_due_at": iso_or_none(state.next_due_at),
        "last_attempt_at": iso_or_none(state.last_attempt_at),
        "last_success_at": iso_or_none(state.last_success_at),
        "last_new_item_at": iso_or_none(state.last_new_item_at),
        "failing_since_at": iso_or_none(state.failing_since_at),
        "failures": state.failures,
        "url": shown.url,
        "memory": to_json(shown),
    }


# --- items -------------------------------------------------------------------------------------------------------


def content_hash(item: Item) -> str:
    """What tells one revision from the next: the parser's hash, or one over the same parts where it gave none."""
    return item.content_hash or hashlib.sha256("\0".join((item.title, item.summary, item.text)).encode()).hexdigest()


def item_digests(item: Item) -> tuple[bytes, ...]:
    """The digests of everything that names the item, its identity first."""
    return _name_digests(item.source_id, item.identity, item.keys)


@functools.lru_cache(maxsize=10_000)  # asked for when looking whether an item is new, and again when writing it
def _name_digests(source_id: str, identity: str, keys: tuple[str, ...]) -> tuple[bytes, ...]:
    return (identity_digest(source_id, identity), *(digest_of(source_id, key) for key in keys))


def identity_digest(source_id: str, identity: str) -> bytes:
    """The digest of an item's identity."""
    return digest_of(source_id, "identity", identity)


def item_row(item: Item, number: int, now: str) -> Row:
    """A row of `items` for an item's first revision, with its `summary` and `text` for `item_texts`."""
    return {
        "id": number,
        "title": item.title,
        "source_id": item.source_id,
        "published_at": iso_or_none(item.published_at),
        "url": item.url,
        "now": now,
        "updated_at": iso_or_none(item.updated_at),
        "author": item.author,
        "language": item.language,
        "identity": item.identity,
        "content_hash": content_hash(item),
        "summary": item.summary,
        "text": item.text,
    }


def item_of(row: sqlite3.Row) -> Item:
    """The item of a row of `items` joined with `item_texts`."""
    return Item(
        source_id=row["source_id"],
        identity=row["identity"],
        url=row["url"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        published_at=at_or_none(row["published_at"]),
        updated_at=at_or_none(row["updated_at"]),
        language=row["language"],
        author=row["author"],
        content_hash=row["content_hash"],
    )


def mention_row(mention: Mention, item_id: int, revision: int) -> Row:
    """A row of `mentions`."""
    return {
        "item_id": item_id,
        "revision": revision,
        "kind": mention.kind.value,
        "words": mention.sentence[mention.start : mention.end],
        "value": _answer(mention),
        "status": mention.status.value,
        "is_null": yes_no(mention.null),
        "background": yes_no(mention.background),
        "sentence": mention.sentence,
        "works": to_json(mention.works),
        "attributed_to": mention.attributed_to,
        "rule": mention.rule,
        "field": mention.field,
        "paragraph": mention.paragraph,
        "details": codec.rest(mention, _MENTION_COLUMNS),
    }


_MENTION_COLUMNS = frozenset(
    {"kind", "status", "null", "background", "sentence", "works", "attributed_to", "rule", "field", "paragraph"}
)


def _answer(said: Said) -> str | None:
    if said.null:
        return None
    if said.date:
        return said.date.edtf
    if _says_it_exists(said):
        return str(said.season)
    return said.action or said.value


def _says_it_exists(said: Said) -> bool:
    return said.kind is Kind.SEASON and said.value is None and said.season is not None and not said.null


_EXISTS = "exists"
"""What a claim that speaks of a season answers, as its fact says it; the number is in the question."""


# --- slots, claims, facts, changes -------------------------------------------------------------------------------


def slot_digest(slot: Slot) -> bytes:
    """What names the slot exactly, where `Slot.id` is for reading."""
    return digest_of(slot.work_id, slot.kind.value, slot.season, slot.part, slot.role, slot.region, slot.person)


def slot_row(slot: Slot) -> Row:
    """A row of `slots`."""
    return {
        "name": slot.id,
        "work_id": slot.work_id,
        "kind": slot.kind.value,
        "season": slot.season,
        "part": slot.part,
        "role": slot.role,
        "region": slot.region,
        "person": slot.person,
        "about": _about(slot),
        "digest": slot_digest(slot),
    }


def _about(slot: Slot) -> str:
    season = None if slot.season is None else f"season {slot.season}"
    return ", ".join(part for part in (slot.person, season, slot.part, slot.role, slot.region) if part)


def slot_of(row: sqlite3.Row) -> Slot:
    """The slot of a row of `slots`."""
    return Slot(
        work_id=row["work_id"],
        kind=Kind(row["kind"]),
        season=row["season"],
        part=row["part"],
        role=row["role"],
        region=row["region"],
        person=row["person"],
    )


_CLAIM_TEXTS = (
    "attributed_to",
    "season",
    "part",
    "role",
    "region",
    "platform",
    "person",
    "action",
    "character",
    "billing",
)
_CLAIM_COLUMNS = frozenset(
    {"item_id", "source_id", "tier", "url", "claimed_at", "work_id", "kind", "status", "sentence", "rule", "null"}
    | {"background", "date", "previous_date", "value", *_CLAIM_TEXTS}
)


def claim_digest(claim: Claim) -> bytes:
    """The same for the same claim of the same item, so that reading an item again adds nothing."""
    return digest_of(to_json(dataclasses.replace(claim, url=None)))


def claim_row(claim: Claim, slot_id: int, item_id: int, revision: int, now: str) -> Row:
    """A row of `claims`."""
    return {
        "slot_id": slot_id,
        "work_id": claim.work_id,
        "kind": claim.kind.value,
        "value": _EXISTS if _says_it_exists(claim) else _answer(claim),
        "status": claim.status.value,
        "claimed_at": iso(claim.claimed_at),
        "source_id": claim.source_id,
        "item_id": item_id,
        "revision": revision,
        "sentence": claim.sentence,
        "is_null": yes_no(claim.null),
        "background": yes_no(claim.background),
        "tier": claim.tier.value,
        **{name: getattr(claim, name) for name in _CLAIM_TEXTS},
        "date": claim.date and claim.date.edtf,
        "earliest": claim.date and claim.date.earliest.isoformat(),
        "latest": claim.date and claim.date.latest.isoformat(),
        "previous_date": claim.previous_date and to_json(claim.previous_date),
        "detail": claim.value,
        "url": claim.url,
        "rule": claim.rule,
        "recorded_at": now,
        "details": codec.rest(claim, _CLAIM_COLUMNS),
        "digest": claim_digest(claim),
    }


def claim_of(row: sqlite3.Row) -> Claim:
    """The claim of a row of `claims` joined with its item's `identity`."""
    date = None
    if row["date"] is not None:
        plain = {name: row[name] for name in ("earliest", "latest")}
        date = codec.from_plain(PartialDate, {"edtf": row["date"], **plain})
    return Claim(
        item_id=f"{row['source_id']}/{row['identity']}",
        source_id=row["source_id"],
        tier=Tier(row["tier"]),
        url=row["url"],
        claimed_at=codec.at(row["claimed_at"]),
        work_id=row["work_id"],
        kind=Kind(row["kind"]),
        status=Status(row["status"]),
        sentence=row["sentence"],
        rule=row["rule"],
        null=row["is_null"] == "yes",
        background=row["background"] == "yes",
        date=date,
        previous_date=from_json(PartialDate, row["previous_date"]) if row["previous_date"] else None,
        value=row["detail"],
        **{name: row[name] for name in _CLAIM_TEXTS},
        **codec.rest_of(Claim, row["details"]),
    )


def fact_row(fact: Fact, slot_id: int, now: str) -> Row:
    """A row of `facts`."""
    date = fact.value.date
    return {
        "slot_id": slot_id,
        "slot": fact.slot.id,
        "work_id": fact.slot.work_id,
        "kind": fact.slot.kind.value,
        "value": _shown(fact.value),
        "status": fact.status.value,
        "tier": fact.tier.value,
        "since_at": iso(fact.since_at),
        "last_claimed_at": iso(fact.last_claimed_at),
        "earliest": date and date.earliest.isoformat(),
        "latest": date and date.latest.isoformat(),
        "platform": fact.value.platform,
        "character": fact.value.character,
        "origins": to_json(fact.origins),
        "alerted": yes_no(fact.alerted),
        "moved_to": fact.moved_to,
        "recorded_at": now,
        "memory": to_json(fact),
    }


def fact_of(row: sqlite3.Row) -> Fact:
    """The fact of a row of `facts`."""
    return from_json(Fact, row["memory"])


def change_row(change: Change, slot_id: int, claim_id: int, now: str) -> Row:
    """A row of `changes`."""
    return {
        "id": change.id,
        "at": iso(change.at),
        "kind": change.kind.value,
        "work_id": change.slot.work_id,
        "slot_id": slot_id,
        "old": _shown(change.old),
        "new": _shown(change.new),
        "status": change.status.value,
        "baseline": yes_no(change.baseline),
        "note": change.note,
        "claim_id": claim_id,
        "old_since_at": iso_or_none(change.old_since_at),
        "supersedes": change.supersedes,
        "old_value": change.old and to_json(change.old),
        "new_value": change.new and to_json(change.new),
        "recorded_at": now,
    }


def change_of(row: sqlite3.Row, slot: Slot, claim: Claim) -> Change:
    """The change of a row of `changes`."""
    return Change(
        id=row["id"],
        kind=ChangeKind(row["kind"]),
        slot=slot,
        old=from_json(Value, row["old_value"]) if row["old_value"] else None,
        new=from_json(Value, row["new_value"]) if row["new_value"] else None,
        status=Status(row["status"]),
        claim=claim,
        at=codec.at(row["at"]),
        old_since_at=at_or_none(row["old_since_at"]),
        baseline=row["baseline"] == "yes",
        supersedes=row["supersedes"],
        note=row["note"],
    )


def _shown(value: Value | None) -> str | None:
    return None if value is None or value.is_empty else str(value)


# --- messages ----------------------------------------------------------------------------------------------------


def message_row(message: Message) -> Row:
    """A row of `messages` that waits for its first attempt."""
    return {
        "id": message.id,
        "route_id": message.route_id,
        "target_id": message.target_id,
        "format": message.format,
        "created_at": iso(message.created_at),
        "not_before_at": iso(message.not_before_at),
        "summary": message.summary,
        "url": message.url,
        "content_type": message.content_type,
        "edits": message.edits,
    }


def message_of(row: sqlite3.Row) -> Message:
    """The message of a row of `messages` joined with its `body` and its `change_ids` as a JSON array."""
    return Message(
        id=row["id"],
        route_id=row["route_id"],
        target_id=row["target_id"],
        format=row["format"],
        content_type=row["content_type"],
        body=row["body"],
        change_ids=codec.from_plain(tuple[str, ...], codec.plain(row["change_ids"])),
        created_at=codec.at(row["created_at"]),
        not_before_at=codec.at(row["not_before_at"]),
        summary=row["summary"],
        url=row["url"],
        edits=row["edits"],
    )
