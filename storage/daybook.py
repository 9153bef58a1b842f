"""All that a daily digest is made of, and the book of the digests that were made: one for each local date."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import sqlite3
import statistics
from collections.abc import Collection, Iterable, Sequence

from storage import reads
from storage.codec import at, at_or_none, from_json, iso
from storage.model import (
    Claim,
    DayBook,
    Fact,
    FetchState,
    Kind,
    Message,
    Slot,
    Source,
    SourceReport,
    Story,
    Tier,
    Unannounced,
    Work,
)
from storage.record import write_messages
from storage.rows import claim_of, fact_of, slot_digest, slot_of

_WORKS = "SELECT settings FROM works WHERE iif(:work IS NULL, followed = 'yes', id = :work) ORDER BY position"
_CURRENT = """
    SELECT recorded_at,
        iif(is_cut, json_remove(memory, '$.past', '$.rivals', '$.prints', '$.heard'), memory) AS memory,
        is_cut AND json_extract(memory, '$.past[0]', '$.rivals[0]') <> '[null,null]' AS rewritten
    FROM (SELECT *, NOT :every AND substr(since_at, 1, 19) < substr(:until, 1, 19) AS is_cut FROM facts)
    WHERE moved_to IS NULL AND work_id IN (SELECT value FROM json_each(:works)) AND (
        :every OR kind IN ('release_date', 'renewal')
        OR slot_id IN (SELECT slot_id FROM changes WHERE recorded_at >= :since AND recorded_at < :until)
    )"""
"""What a fact remembers is most of it, and is cut off unless every fact is wanted or the time asked for is past."""
_WHOLE = "SELECT memory, recorded_at FROM facts WHERE slot_id IN (SELECT value FROM json_each(?))"
_MOVED = """
    WHERE recorded_at >= ? AND recorded_at < ? AND baseline = 'no' AND work_id IN (SELECT value FROM json_each(?))
    ORDER BY at, changes.rowid"""
_DATED = """
    WHERE {ahead}claims.kind = 'release_date' AND {ahead}claimed_at < :until AND {about}
    ORDER BY claimed_at, claims.id"""
"""A `+` keeps SQLite from reading every release date there ever was in the order of time instead of a few slots."""
_CITED = """
    WHERE claims.id = (
        SELECT id FROM claims
        WHERE kind = 'release_date' AND slot_id = (SELECT id FROM slots WHERE digest = ?) AND value = ?
        ORDER BY instr(?, tier) DESC, claimed_at DESC LIMIT 1
    )"""
_TOLD = """
    SELECT claims.*, identity, title FROM claims JOIN items ON items.id = claims.item_id
    WHERE claimed_at >= ? AND claimed_at < ? AND background = 'no' AND work_id IN (SELECT value FROM json_each(?))
        AND kind <> 'season'
    ORDER BY claimed_at, claims.id"""
"""That a season is spoken of is no news."""
_HEADLINES = """
    SELECT changes.id, coalesce(revisions.title, items.title) AS title
    FROM changes JOIN claims ON claims.id = claim_id JOIN items ON items.id = claims.item_id
    LEFT JOIN revisions ON revisions.item_id = claims.item_id AND revisions.revision = claims.revision
    WHERE changes.id IN (SELECT id FROM changes {moved})"""


def daybook(
    conn: sqlite3.Connection,
    since_at: dt.datetime,
    until_at: dt.datetime,
    *,
    work_id: str | None = None,
    every_fact: bool = True,
    history: bool = True,
) -> DayBook:
    """What happened from `since_at` up to `until_at` and what is believed at its end.

    About the followed works and without `history`, or about one work, which then need not be followed, with it where
    wanted. Of the facts, where not every one is wanted, those about dates and renewals and those that changed, without
    what they remember.
    """
    rows = conn.execute(_WORKS, {"work": work_id}).fetchall()
    works = tuple(from_json(Work, row["settings"]) for row in rows)
    ids = json.dumps([work.id for work in works])
    since, until = iso(since_at), iso(until_at)
    wanted = {"works": ids, "every": every_fact, "since": since, "until": until}
    believed = ((_as_believed(row, until_at), row["rewritten"]) for row in conn.execute(_CURRENT, wanted))
    found = [(fact, rewritten or fact.past or fact.rivals) for fact, rewritten in believed if fact]
    facts = tuple(fact for fact, _ in found)
    return DayBook(
        since_at=since_at,
        until_at=until_at,
        works=works,
        changes=tuple(reads.changes(conn, _MOVED, (since, until, ids))),
        facts=facts,
        rewritten=frozenset(fact.slot for fact, rewritten in found if rewritten),
        unannounced=tuple(_unannounced(conn, works, facts, until)),
        history=tuple(_date_claims(conn, until, "work_id = :it", work_id)) if work_id and history else (),
        stories=tuple(_stories(conn, since, until, ids)),
        sources=tuple(source_reports(conn, since_at, until_at)),
        franchise_titles={row["id"]: row["title"] for row in conn.execute("SELECT id, title FROM franchises")},
        headlines=_headlines(conn, since, until, ids),
    )


def _as_believed(row: sqlite3.Row, until_at: dt.datetime) -> Fact | None:
    """The fact, or what was believed before `until_at` where that is past; None where nothing was."""
    fact = fact_of(row)
    if fact.since_at < until_at or row["recorded_at"] < iso(until_at):
        return fact
    for number, past in reversed([*enumerate(fact.past)]):
        if past.from_at < until_at:
            before = fact.past[:number]
            return dataclasses.replace(
                fact, value=past.value, status=past.status, since_at=past.from_at, past=before, origins=(), rivals=()
            )
    return None


def date_claims(conn: sqlite3.Connection, until_at: dt.datetime, slots: Iterable[Slot] | None = None) -> list[Claim]:
    """The release-date claims before `until_at` about these slots, or any of the followed works; oldest first."""
    if slots is None:
        followed = "work_id IN (SELECT id FROM works WHERE followed = 'yes')"
        return _date_claims(conn, iso(until_at), followed, None)
    return _date_claims(
        conn, iso(until_at), "slot_id IN (SELECT value FROM json_each(:it))", _slot_ids(conn, slots), ahead="+"
    )


def with_histories(conn: sqlite3.Connection, book: DayBook, slots: Sequence[Slot]) -> DayBook:
    """The book with the release-date claims about these slots, and their facts with all that they remember."""
    rows = conn.execute(_WHOLE, (_slot_ids(conn, slots),))
    whole = {fact.slot: fact for row in rows if (fact := _as_believed(row, book.until_at))}
    return dataclasses.replace(
        book,
        facts=tuple(whole.get(fact.slot, fact) for fact in book.facts),
        history=tuple(date_claims(conn, book.until_at, slots)),
    )


def _slot_ids(conn: sqlite3.Connection, slots: Iterable[Slot]) -> str:
    found = (conn.execute("SELECT id FROM slots WHERE digest = ?", (slot_digest(slot),)).fetchone() for slot in slots)
    return json.dumps(sorted({row["id"] for row in found if row}))


def citations(conn: sqlite3.Connection, facts: Iterable[Fact]) -> list[Claim]:
    """For each release date that is believed, or was last, the claim to cite: of the best tier the newest."""
    found: list[Claim] = []
    tiers = " ".join(tier.value for tier in sorted(Tier, key=lambda tier: tier.rank))
    for fact in facts:
        dates = (fact.value.date, *(past.value.date for past in reversed(fact.past)))
        date = next((date for date in dates if date), None)
        if date and fact.slot.kind is Kind.RELEASE_DATE:
            found += reads.claims(conn, _CITED, (slot_digest(fact.slot), date.edtf, tiers))
    return found


def _date_claims(conn: sqlite3.Connection, until: str, about: str, it: str | None, ahead: str = "") -> list[Claim]:
    """What was read in an edit was said when the edit was found, not on the day that the piece is dated."""
    rows = conn.execute(reads.CLAIMS + _DATED.format(about=about, ahead=ahead), {"until": until, "it": it})
    claims = ((claim_of(row), row) for row in rows)
    said = [
        dataclasses.replace(claim, claimed_at=max(claim.claimed_at, at(row["recorded_at"])))
        if row["revision"] > 1
        else claim
        for claim, row in claims
        if row["revision"] == 1 or row["recorded_at"] < until
    ]
    return sorted(said, key=lambda claim: claim.claimed_at)


# --- what is still open ------------------------------------------------------------------------------------------

_ANY = 10**6
"""More seasons than any series has."""


def _unannounced(
    conn: sqlite3.Connection, works: Sequence[Work], facts: Sequence[Fact], until: str
) -> list[Unannounced]:
    """The open questions about release dates, by work in the order given, then by season.

    A season is no question before the one below it was ordered: "season five" beside a spin-off is its parent's.
    """
    place = {work.id: number for number, work in enumerate(works)}
    settled = {_topic(fact.slot) for fact in facts if fact.slot.kind is Kind.RELEASE_DATE and not fact.value.is_empty}
    said = {
        slot: question
        for slot, question in _said_to_be_open(conn, works, settled, until).items()
        if slot.season is not None or not _answered_since(question, facts)
    }
    open_slots = {fact.slot for fact in facts if fact.slot.kind is Kind.RELEASE_DATE and fact.value.is_empty}
    open_slots = {slot for slot in open_slots if slot.season is not None or slot in said}
    open_slots |= set(_expected(works, facts)) | set(said)
    by_topic = {_topic(slot): slot for slot in sorted(open_slots, key=lambda slot: (slot in said, slot.id))}
    reached = {work.id: _reached(work, facts) for work in works}
    rest = [
        slot
        for topic, slot in by_topic.items()
        if topic not in settled and (slot.season or 0) <= reached.get(slot.work_id, _ANY) + 1
    ]
    rest.sort(key=lambda slot: (place.get(slot.work_id, 0), slot.season or 0, slot.id))
    return [said.get(slot) or Unannounced(slot=slot, since_at=None, last_said_at=None) for slot in rest]


def _answered_since(question: Unannounced, facts: Sequence[Fact]) -> bool:
    """Whether a season got its date after it was last said, without a number, that there is none."""
    return any(
        fact.slot.work_id == question.slot.work_id
        and fact.slot.kind is Kind.RELEASE_DATE
        and fact.slot.season is not None
        and not fact.value.is_empty
        and question.last_said_at is not None
        and fact.since_at >= question.last_said_at
        for fact in facts
    )


def _reached(work: Work, facts: Sequence[Fact]) -> int:
    """The last season that is out, dated or ordered after one that is; any number where none is out or dated."""
    about = [fact.slot for fact in facts if fact.slot.work_id == work.id and not fact.value.is_empty]
    dated = {slot.season for slot in about if slot.kind is Kind.RELEASE_DATE and slot.season}
    ordered = {slot.season for slot in about if slot.kind is Kind.RENEWAL}
    last = max(dated.union(work.known.seasons, work.known.release_dates), default=0)
    while last and last + 1 in ordered:
        last += 1
    return last or _ANY


def _topic(slot: Slot) -> tuple[str, int | None]:
    return slot.work_id, slot.season


def _expected(works: Sequence[Work], facts: Sequence[Fact]) -> list[Slot]:
    """Questions nobody needs to ask aloud: a season that was ordered, a work of which no date is known at all."""
    ordered = [
        Slot(work_id=fact.slot.work_id, kind=Kind.RELEASE_DATE, season=fact.slot.season)
        for fact in facts
        if fact.slot.kind is Kind.RENEWAL and fact.slot.season and not fact.value.is_empty
    ]
    dated = {fact.slot.work_id for fact in facts if fact.slot.kind is Kind.RELEASE_DATE}
    undated = [
        Slot(work_id=work.id, kind=Kind.RELEASE_DATE)
        for work in works
        if work.id not in dated and not (work.known.ended or work.known.seasons or work.known.release_dates)
    ]
    return [slot for slot in ordered if slot.season not in _known_seasons(works, slot.work_id)] + undated


def _known_seasons(works: Sequence[Work], work_id: str) -> tuple[int, ...]:
    return next((work.known.seasons for work in works if work.id == work_id), ())


def _said_to_be_open(
    conn: sqlite3.Connection, works: Sequence[Work], settled: Collection[tuple[str, int | None]], until: str
) -> dict[Slot, Unannounced]:
    """Since when it has been said of these works that there is no date, but for what is settled."""
    query = """
        SELECT slots.*, min(claimed_at) AS since_at, max(claimed_at) AS last_said_at, sentence, claims.url
        FROM slots CROSS JOIN claims ON slot_id = slots.id
        WHERE slots.id IN (SELECT value FROM json_each(?)) AND is_null = 'yes' AND recorded_at < ?
        GROUP BY slots.id"""
    asked = """
        SELECT id, work_id, season FROM slots
        WHERE kind = 'release_date' AND work_id IN (SELECT value FROM json_each(?))"""
    rows = conn.execute(asked, (json.dumps([work.id for work in works]),))
    ids = [row["id"] for row in rows if (row["work_id"], row["season"]) not in settled]
    return {
        slot_of(row): Unannounced(
            slot=slot_of(row),
            since_at=at(row["since_at"]),
            last_said_at=at(row["last_said_at"]),
            sentence=row["sentence"],
            url=row["url"],
        )
        for row in conn.execute(query, (json.dumps(ids), until))
    }


# --- who told what -----------------------------------------------------------------------------------------------


def _headlines(conn: sqlite3.Connection, since: str, until: str, work_ids: str) -> dict[str, str]:
    rows = conn.execute(_HEADLINES.format(moved=_MOVED), (since, until, work_ids))
    return {row["id"]: row["title"] for row in rows}


def _stories(conn: sqlite3.Connection, since: str, until: str, work_ids: str) -> list[Story]:
    """Items of at least two sources that gave the same answers to the same questions, first to report first."""
    told: dict[tuple[int, str | None], list[sqlite3.Row]] = {}
    for row in conn.execute(_TOLD, (since, until, work_ids)):
        told.setdefault((row["slot_id"], row["value"]), []).append(row)
    by_items: dict[tuple[str, ...], list[list[sqlite3.Row]]] = {}
    for rows in told.values():
        if any(row["source_id"] != rows[0]["source_id"] for row in rows):
            by_items.setdefault(tuple(dict.fromkeys(map(_item, rows))), []).append(rows)
    return [_story(item_ids, answers) for item_ids, answers in by_items.items()]


def _story(item_ids: tuple[str, ...], answers: Sequence[Sequence[sqlite3.Row]]) -> Story:
    rows = answers[0]
    return Story(
        title=rows[0]["title"],
        claims=tuple(claim_of(same[0]) for same in answers),
        item_ids=item_ids,
        sources=tuple(dict.fromkeys(row["source_id"] for row in rows)),
        first_at=at(rows[0]["claimed_at"]),
        links={row["source_id"]: row["url"] for row in reversed(rows) if row["url"]},
    )


def _item(row: sqlite3.Row) -> str:
    return f"{row['source_id']}/{row['identity']}"


# --- how well we looked ------------------------------------------------------------------------------------------


_QUIET = dt.timedelta(days=1)


def source_reports(conn: sqlite3.Connection, since_at: dt.datetime, until_at: dt.datetime) -> list[SourceReport]:
    """How well each followed source was read in that time, in the order of sources.yaml."""
    query = """
        SELECT id, settings, memory,
            (SELECT count(*) FROM items WHERE source_id = sources.id AND first_seen_at >= ? AND first_seen_at < ?)
                AS items_in_period
        FROM sources LEFT JOIN fetch_states ON source_id = sources.id
        WHERE followed = 'yes' ORDER BY position"""
    rows = conn.execute(query, (iso(since_at), iso(until_at))).fetchall()
    return [_source_report(conn, row, until_at) for row in rows]


def _source_report(conn: sqlite3.Connection, row: sqlite3.Row, until_at: dt.datetime) -> SourceReport:
    source = from_json(Source, row["settings"])
    state = (
        FetchState(source_id=source.id, url=source.url)
        if row["memory"] is None
        else from_json(FetchState, row["memory"])
    )
    last_at = state.last_new_item_at
    return SourceReport(
        source=source,
        state=state,
        items_in_period=row["items_in_period"],
        usual_gap_s=_usual_gap_s(conn, source.id) if last_at is None or until_at - last_at >= _QUIET else None,
    )


def _usual_gap_s(conn: sqlite3.Connection, source_id: str) -> float | None:
    """The median time between the newest items of a source; None while fewer than five are known."""
    query = """
        SELECT strftime('%s', coalesce(published_at, first_seen_at)) FROM items WHERE source_id = ?
        ORDER BY first_seen_at DESC LIMIT 50"""
    times = sorted(int(seconds) for (seconds,) in conn.execute(query, (source_id,)))
    if len(times) < 5:
        return None
    return statistics.median(float(later - sooner) for sooner, later in itertools.pairwise(times))


# --- the book of digests -----------------------------------------------------------------------------------------


def digest_done(conn: sqlite3.Connection, local_date: dt.date) -> bool:
    """True where the digest of that local date was written."""
    return conn.execute("SELECT 1 FROM digests WHERE local_date = ?", (local_date.isoformat(),)).fetchone() is not None


def last_digest_until(conn: sqlite3.Connection) -> dt.datetime | None:
    """Where the newest digest ends."""
    return at_or_none(conn.execute("SELECT max(until_at) FROM digests").fetchone()[0])


def write_digest(
    conn: sqlite3.Connection, local_date: dt.date, since: str, until: str, now: str, messages: Sequence[Message]
) -> bool:
    """Note a digest and put its messages into the outbox; False and nothing where its date is noted already."""
    row = (local_date.isoformat(), since, until, now)
    if not conn.execute("INSERT INTO digests VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", row).rowcount:
        return False
    write_messages(conn, messages)
    return True
