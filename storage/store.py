"""The store: one SQLite file in which everything that was read, believed and sent is kept.

    open_store(path) ─▶ Store ─┬─ sync_config, record, record_changes    storage.sync, storage.record
                               ├─ fetch_states, unseen, beliefs, …       storage.reads
                               ├─ due_messages, record_attempt, …        storage.outbox
                               └─ daybook, record_digest                 storage.daybook

Values of `storage.model` go in and come out; SQL stays inside. One process writes, any number read meanwhile. Every
method that writes is one transaction: when it has returned, what it wrote survives a crash, and before that nothing of
it does. Times are passed in; the store never looks at a clock.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from storage import daybook, outbox, reads, retention
from storage.codec import iso
from storage.connection import connect, transaction, translated, writer_lock
from storage.migrations import bring_up_to_date, require_up_to_date
from storage.model import (
    Attempt,
    Change,
    Claim,
    Config,
    DayBook,
    Fact,
    FetchState,
    Item,
    Message,
    OutboxEntry,
    OutboxState,
    Outdated,
    Poll,
    Slot,
    Source,
    SourceReport,
    StoredItem,
)
from storage.names import add_names
from storage.record import write_ledger, write_messages, write_polls
from storage.sync import sync_config


@contextlib.contextmanager
def open_store(path: Path | str, *, read_only: bool = False, wait_s: float = 5.0) -> Iterator[Store]:
    """The store at `path`: made where there is none, brought up to date, and locked against a second writer.

    With `read_only` nothing is made, changed or locked. `wait_s` is how long to wait for another tool that holds the
    database. Raises LockedError where another run writes, and StoreError where the file cannot be used.
    """
    path = Path(path)
    with contextlib.ExitStack() as stack:
        if not read_only:
            stack.enter_context(writer_lock(path))
        stack.enter_context(translated(path))
        conn = stack.enter_context(contextlib.closing(connect(path, read_only=read_only, wait_s=wait_s)))
        (require_up_to_date if read_only else bring_up_to_date)(conn, path)
        yield Store(conn)


class Store:
    """The open store; `open_store` makes it. One thread at a time."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._learned: list[tuple[bytes, int]] = []

    # --- writing

    def sync_config(self, config: Config) -> None:
        """Write what sources.yaml says; what has left it stays as history with `followed` = `no`. Never a secret."""
        with transaction(self._conn):
            sync_config(self._conn, config)

    def record(self, polls: Sequence[Poll], *, now: dt.datetime) -> None:
        """Write all the polls led to, or nothing of it; recording the same again adds nothing.

        Works and sources must be known from `sync_config`.
        """
        with transaction(self._conn):
            self._write_learned()
            write_polls(self._conn, polls, iso(now))

    def record_changes(
        self,
        *,
        now: dt.datetime,
        changes: Sequence[Change] = (),
        facts: Sequence[Fact] = (),
        claims: Sequence[Claim] = (),
        messages: Sequence[Message] = (),
    ) -> None:
        """Write what came of no poll: what the user said is known, reminders, improved rules; all or nothing."""
        with transaction(self._conn):
            write_ledger(self._conn, claims, facts, changes, iso(now))
            write_messages(self._conn, messages)

    def _write_learned(self) -> None:
        add_names(self._conn, self._learned)
        self._learned = []

    def drop_texts(self, before: dt.datetime, *, steps: int) -> None:
        """Drop texts read before then that nothing rests on, once a day's worth of them may go; a part in each step.

        Every step is a transaction of its own; what `steps` leave over goes the next time.
        """
        if retention.texts_are_due(self._conn, before):
            for _ in range(steps):
                if not retention.drop_texts(self._conn, before):
                    break

    # --- sources and items

    def fetch_state(self, source: Source) -> FetchState:
        """What is remembered of the source; a new state where it is unknown or its address has changed."""
        return self.fetch_states([source])[source.id]

    def fetch_states(self, sources: Iterable[Source]) -> dict[str, FetchState]:
        """What is remembered of the sources, by id; a new state where one is unknown or its address has changed."""
        return reads.fetch_states(self._conn, sources)

    def unseen(self, items: Sequence[Item]) -> list[Item]:
        """Of the items those that are new or newly edited, in their order; an edited one has its stored identity.

        An item is known when its identity or any of its `keys` is; its other names are learned with the next `record`.
        """
        found, learned = reads.unseen(self._conn, items)
        self._learned += learned
        return found

    def items(
        self, *, since_at: dt.datetime | None = None, until_at: dt.datetime | None = None, limit: int | None = None
    ) -> list[Item]:
        """Items by the time they were published (or first seen), oldest first, `until_at` excluded."""
        return reads.items_since(self._conn, since_at, until_at, limit)

    def history(
        self, *, since_at: dt.datetime | None = None, until_at: dt.datetime | None = None
    ) -> Iterator[StoredItem]:
        """As `items`, with what only the store knows of each, and one at a time: for going over everything again."""
        return reads.history(self._conn, since_at, until_at)

    def item(self, *names: str) -> StoredItem | None:
        """The newest item of which one of the names is the id (`source/identity`) or the address."""
        return reads.item_named(self._conn, names)

    def search(self, text: str, *, limit: int = 50) -> list[Item]:
        """Items in which all the words occur, newest first; "words in quotes" stand together. Any text is safe."""
        return reads.search(self._conn, text, limit)

    # --- the ledger

    def beliefs(self, work_ids: Iterable[str]) -> dict[Slot, Fact]:
        """Every fact about the works by slot, also those taken over by another slot; costs what these works have."""
        return reads.beliefs(self._conn, work_ids)

    def facts(self, work_id: str, *, as_of: dt.datetime | None = None) -> list[Fact]:
        """The current facts of a work by slot, or those believed at a past time."""
        if as_of is not None:
            return reads.facts_as_of(self._conn, work_id, as_of)
        found = (fact for fact in reads.beliefs(self._conn, [work_id]).values() if fact.moved_to is None)
        return sorted(found, key=lambda fact: fact.slot.id)

    def claims_for(self, slot: Slot) -> list[Claim]:
        """Every claim about the slot, oldest first: why we believe what we believe."""
        return reads.claims_for(self._conn, slot)

    def claims(self, work_id: str) -> list[Claim]:
        """Every claim about a work, oldest first."""
        return reads.claims(self._conn, "WHERE work_id = ? ORDER BY claimed_at, claims.id", (work_id,))

    def changes(
        self, *, since_at: dt.datetime | None = None, work_id: str | None = None, baseline: bool = False
    ) -> list[Change]:
        """Changes recorded since then, oldest first; those of the silent baseline only where asked for."""
        where = """WHERE recorded_at >= ? AND (? IS NULL OR work_id = ?) AND (? OR baseline = 'no')
                   ORDER BY at, changes.rowid"""
        since = "" if since_at is None else iso(since_at)
        return reads.changes(self._conn, where, (since, work_id, work_id, baseline))

    def change(self, change_id: str) -> Change | None:
        """One change, or None."""
        found = reads.changes(self._conn, "WHERE id = ?", (change_id,))
        return found[0] if found else None

    def changes_by_item(self, item_id: str) -> list[Change]:
        """Every change that claims of one item made, also silent ones, oldest first; one for each claim."""
        where = """WHERE claim_id IN (SELECT claims.id FROM claims JOIN items ON items.id = claims.item_id
                   WHERE items.source_id = ? AND identity = ?) ORDER BY at, changes.rowid"""
        source_id, _, identity = item_id.partition("/")
        return reads.changes(self._conn, where, (source_id, identity))

    # --- the outbox (alerts.deliver.Outbox)

    def due_messages(self, now: dt.datetime, limit: int) -> list[OutboxEntry]:
        """At most `limit` pending messages whose next attempt is due, oldest first."""
        return outbox.due_messages(self._conn, now, limit)

    def record_attempt(self, message_id: str, attempt: Attempt, follow_up: Sequence[Message] = ()) -> None:
        """Append `attempt`, put the message into its state and `follow_up` into the outbox, or nothing of that.

        `DISABLED` disables all pending of the same target.
        """
        outbox.record_attempt(self._conn, message_id, attempt, follow_up)

    def outdated(self, message_id: str, remote_id: str | None = None) -> list[Outdated]:
        """The delivered messages, with the target's own id, of what this message corrects on its route and target.

        And itself, where its target has just given it `remote_id` and took what corrects it before, or with it.
        """
        return outbox.outdated(self._conn, message_id, remote_id)

    def put_off(self, message_ids: Sequence[str], until_at: dt.datetime) -> None:
        """Nothing was tried: let these pending messages become due at `until_at`."""
        outbox.put_off(self._conn, message_ids, until_at)

    def group_messages(self, message: Message, message_ids: Sequence[str]) -> None:
        """Add `message` to the outbox and mark those it stands for as `GROUPED`, or neither."""
        outbox.group_messages(self._conn, message, message_ids)

    def sent_count(self, route_id: str, since_at: dt.datetime) -> int:
        """How many messages of the route were tried for the first time since then; edits of sent ones are none."""
        return outbox.sent_count(self._conn, route_id, since_at)

    def retry(self, message_id: str, *, now: dt.datetime) -> None:
        """Make a message due at once and enable its target again; StoreError where it is unknown or was delivered."""
        outbox.retry(self._conn, message_id, now)

    def alerts(
        self, *, state: OutboxState | None = None, since_at: dt.datetime | None = None, limit: int = 100
    ) -> list[OutboxEntry]:
        """Messages of the outbox, newest first."""
        return outbox.alerts(self._conn, state=state, since_at=since_at, limit=limit)

    def alert(self, message_id: str) -> OutboxEntry | None:
        """One message of the outbox, or None."""
        return outbox.entry(self._conn, message_id)

    # --- the digest

    def daybook(
        self,
        since_at: dt.datetime,
        until_at: dt.datetime,
        *,
        work_id: str | None = None,
        every_fact: bool = True,
        history: bool = True,
    ) -> DayBook:
        """All that a digest of that time is made of, about all followed works or about one.

        About one it has its whole `history` where wanted; about all it has none, see `with_histories`. Of the facts,
        where not every one is wanted, it has those about dates and renewals and those that changed, without what they
        remember.
        """
        return daybook.daybook(self._conn, since_at, until_at, work_id=work_id, every_fact=every_fact, history=history)

    def with_histories(self, book: DayBook, slots: Sequence[Slot]) -> DayBook:
        """The book with the release-date claims about these slots, and their facts with all that they remember."""
        return daybook.with_histories(self._conn, book, slots)

    def date_claims(self, until_at: dt.datetime, slots: Iterable[Slot] | None = None) -> tuple[Claim, ...]:
        """The release-date claims before `until_at` about these slots, or any of the followed works; oldest first."""
        return tuple(daybook.date_claims(self._conn, until_at, slots))

    def citations(self, facts: Iterable[Fact]) -> tuple[Claim, ...]:
        """For each release date of the facts, or the last there was, the claim to cite: of the best tier the newest."""
        return tuple(daybook.citations(self._conn, facts))

    def source_reports(self, since_at: dt.datetime, until_at: dt.datetime) -> list[SourceReport]:
        """How well each followed source was read in that time, in the order of sources.yaml."""
        return daybook.source_reports(self._conn, since_at, until_at)

    def digest_done(self, local_date: dt.date) -> bool:
        """True where the digest of that local date was written."""
        return daybook.digest_done(self._conn, local_date)

    def last_digest_until(self) -> dt.datetime | None:
        """Where the newest digest ends and the next begins; None before the first."""
        return daybook.last_digest_until(self._conn)

    def record_digest(
        self,
        local_date: dt.date,
        *,
        since_at: dt.datetime,
        until_at: dt.datetime,
        now: dt.datetime,
        messages: Sequence[Message] = (),
    ) -> bool:
        """Note that the digest of a local date was made, with its messages; False and nothing where it is noted."""
        with transaction(self._conn):
            return daybook.write_digest(self._conn, local_date, iso(since_at), iso(until_at), iso(now), messages)
