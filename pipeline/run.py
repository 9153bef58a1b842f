"""From a source to recorded changes: the spine, top to bottom.

    fetch_due ─▶ Fetched ─ parse ─▶ Item… ─ unseen ─ read ─▶ Mention… ─ resolve ─▶ Claim… ─ compare ─▶ Fact…, Change…
              ─▶ NotModified | Refused                                                 ─ match ─▶ Alert… ─▶ Message…
    all of it ─ Store.record ─▶ one transaction                    outbox ─ deliver ─▶ people (alerts.deliver)

The stages are plain functions that know nothing of each other; this file is the only one that calls them in order.
`understand` and `judge` are the same two calls that `extract`, `backtest`, `explain` and `reread` make, so that what is
tried is what runs. A source that fails becomes a line of the report; the others go on. What happens around a cycle
(reminders, the digest, sending) is in `pipeline.rounds`.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alerts.match import match
from alerts.payload import messages, source_message
from pipeline.compare import Beliefs, Ledger, compare, known_facts, outlet_names
from pipeline.extract import Watch, read, watch_works
from pipeline.fetch import politeness
from pipeline.resolve import resolve
from storage.errors import FetchError, ParseError
from storage.model import (
    Change,
    Claim,
    Config,
    Fetched,
    FetchState,
    Item,
    Message,
    NotModified,
    Outcome,
    Poll,
    Reading,
    Refused,
    Source,
    Tier,
)

if TYPE_CHECKING:
    from pipeline.fetch import Client
    from storage.store import Store

BATCH = 50
"""Polls written in one transaction."""
MAX_PAGES = 20
"""Pages that are read for the new items of one poll; each takes two seconds of politeness, and everybody waits."""
CHECKPOINTS = ("before_record", "after_record")
"""The moments of a cycle at which a crash must lose nothing, as `checkpoint` is told them."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """A configuration made ready to read with: the names behind one automaton, and what sources are called."""

    config: Config
    watch: Watch
    sources: Mapping[str, Source]
    outlets: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class CycleReport:
    """What one cycle came to; `failures` and `notices` are by source id, in words."""

    polled: int = 0
    unchanged: int = 0
    first_looks: int = 0
    """Sources read for the first time; what they brought is known now, and silent."""
    items: int = 0
    claims: int = 0
    changes: list[Change] = field(default_factory=list)
    messages: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    """Sources of which the routes are told now: `broken` for a day, or `recovered`."""
    warnings: list[str] = field(default_factory=list)


def watching(config: Config) -> Watcher:
    """The `Watcher` for a configuration; build it once, it holds no state."""
    return Watcher(
        config=config,
        watch=watch_works(config.works),
        sources={source.id: source for source in config.sources},
        outlets=outlet_names(config.sources),
    )


async def run_cycle(
    watcher: Watcher,
    store: Store,
    *,
    client: Client,
    clock: Callable[[], dt.datetime],
    lasting_s: float = math.inf,
    progress: Callable[[Outcome], None] = lambda outcome: None,
    checkpoint: Callable[[str], None] = lambda name: None,
) -> CycleReport:
    """Poll every source that is due, as far as one gets in `lasting_s`, and record what it led to; sends nothing.

    Polls are recorded `BATCH` at a time, each batch whole or not at all; at once where there is something to tell; and
    also when the cycle is cancelled or fails, so that nobody is asked again for what is here already. `checkpoint` is
    told `CHECKPOINTS`.
    """
    from pipeline.fetch import fetch_due

    begin(watcher, store, now=clock())
    report, memory, batch = CycleReport(), _Memory(store), []
    states = _states(watcher, store, clock())
    polls = [(source, states[source.id]) for source in watcher.config.sources]
    async with contextlib.aclosing(fetch_due(polls, client=client, lasting_s=lasting_s)) as outcomes:
        try:
            async for outcome in outcomes:
                before, now = states[outcome.source_id], clock()
                poll = await _take(outcome, before, watcher, store, memory, client, now)
                poll = _with_notice(poll, before, watcher, now)
                _note(report, outcome, before, poll)
                batch.append(poll)
                progress(outcome)
                if poll.messages or len(batch) >= BATCH:
                    _record(store, batch, now, checkpoint)
        finally:
            _record(store, batch, clock(), checkpoint)
    return report


def begin(watcher: Watcher, store: Store, *, now: dt.datetime) -> None:
    """Write the configuration into the store, and what it says is known where nothing is believed yet."""
    store.sync_config(watcher.config)
    believed = store.beliefs(work.id for work in watcher.config.works)
    stated = [fact for work in watcher.config.works for fact in known_facts(work) if fact.slot not in believed]
    if stated:
        store.record_changes(now=now, facts=stated)


def _states(watcher: Watcher, store: Store, now: dt.datetime) -> Mapping[str, FetchState]:
    """What is remembered of every source, in the time that this clock tells; written where it was set back."""
    stored = store.fetch_states(watcher.config.sources)
    states = {id_: politeness.on_this_clock(state, now) for id_, state in stored.items()}
    if moved := [Poll(state=state) for id_, state in states.items() if state is not stored[id_]]:
        store.record(moved, now=now)
    return states


async def _take(
    outcome: Outcome,
    before: FetchState,
    watcher: Watcher,
    store: Store,
    memory: _Memory,
    client: Client,
    now: dt.datetime,
) -> Poll:
    match outcome:
        case NotModified():
            # A source that was put back and brings nothing new has nothing more to learn silently.
            return Poll(state=replace(outcome.state, baseline_done=True))
        case Refused():
            return Poll(state=outcome.state)
        case Fetched():
            from pipeline.parse.sandbox import parse_safely

            source = watcher.sources[outcome.source_id]
            try:
                parsed = await asyncio.to_thread(parse_safely, outcome, source)
            except ParseError as error:
                return Poll(state=politeness.unreadable(source, before, error.reason, now))
            hints, state = parsed.hints, outcome.state
            state = politeness.lengthen(source, state, now, ttl_s=hints.ttl_s or 0, skip_hours=hints.skip_hours)
            items = store.unseen(parsed.items)
            items, warnings = await _with_full_text(items, source, client) if source.full_text else (items, ())
            try:
                return _poll(items, source, state, watcher, memory, now, (*parsed.warnings, *warnings))
            except Exception as error:
                # Our own mistake over one text: said loudly, and no reason to ask this source every minute for it.
                _LOG.exception("%s: reading its items failed; please report it with a recording", source.id)
                reason = f"its items could not be read ({type(error).__name__}); `record` it and report it, please"
                return Poll(state=politeness.unreadable(source, before, reason, now))


async def _with_full_text(items: Sequence[Item], source: Source, client: Client) -> tuple[list[Item], tuple[str, ...]]:
    """The items with the text of the pages they link to, read under the same politeness; what fails is a warning."""
    from pipeline.fetch import Robots, fetch_one
    from pipeline.parse.sandbox import parse_article_safely

    robots, full, warnings = Robots(client), [], []
    long_ago = dt.datetime.min.replace(tzinfo=dt.UTC)
    linked = [item for item in items if item.url]
    newest = sorted(linked, key=lambda item: item.published_at or long_ago, reverse=True)[:MAX_PAGES]
    wanted = {item.identity for item in newest}
    if len(linked) > MAX_PAGES:
        warnings.append(f"the pages of the newest {MAX_PAGES} of {len(linked)} new items were read")
    for item in items:
        if item.url is None or item.identity not in wanted:
            full.append(item)
            continue
        try:
            page = await fetch_one(
                item.url, client=client, source_id=source.id, allow_private=source.allow_private, robots=robots
            )
            article = await asyncio.to_thread(parse_article_safely, source.id, page.body, page.url, page.headers)
        except (FetchError, ParseError) as error:
            warnings.append(f"{item.url}: {error.reason}")
            full.append(item)
            continue
        full.append(replace(item, text=article.text or item.text, language=item.language or article.language))
    return full, tuple(warnings)


def _poll(
    items: Sequence[Item],
    source: Source,
    state: FetchState,
    watcher: Watcher,
    memory: _Memory,
    now: dt.datetime,
    warnings: tuple[str, ...],
) -> Poll:
    understood = [understand(item, watcher.watch, tier=source.tier, seen_at=now) for item in items]
    claims = [claim for _, found in understood for claim in found]
    ledger = judge(claims, memory.about(claims), watcher, baseline=not state.baseline_done)
    told = compose(ledger.changes, watcher, items, now=now)
    memory.learn(ledger)
    return Poll(
        state=replace(state, baseline_done=True, last_new_item_at=now if items else state.last_new_item_at),
        items=tuple(items),
        mentions={item.id: reading.mentions for item, (reading, _) in zip(items, understood, strict=True)},
        claims=tuple(claims),
        facts=ledger.facts,
        changes=ledger.changes,
        messages=told,
        warnings=warnings,
    )


def understand(item: Item, watch: Watch, *, tier: Tier, seen_at: dt.datetime) -> tuple[Reading, tuple[Claim, ...]]:
    """What `item` says, and what it thereby claims about the followed works. Pure."""
    reading = read(item, watch)
    return reading, resolve(item, reading, watch.works, tier=tier, seen_at=seen_at)


def judge(claims: Sequence[Claim], beliefs: Beliefs, watcher: Watcher, *, baseline: bool = False) -> Ledger:
    """How these claims move what is believed. Pure."""
    return compare(beliefs, claims, baseline=baseline, outlets=watcher.outlets)


def compose(
    changes: Iterable[Change], watcher: Watcher, items: Iterable[Item] = (), *, now: dt.datetime
) -> tuple[Message, ...]:
    """The messages that `changes` deserve on the routes of the configuration. Pure."""
    alerts = match(changes, watcher.config.routes, watcher.config.works)
    return messages(
        alerts,
        now=now,
        timezone=ZoneInfo(watcher.config.digest.timezone),
        source_names={source.id: source.name for source in watcher.config.sources},
        headlines={item.id: item.title for item in items},
    )


def _with_notice(poll: Poll, before: FetchState, watcher: Watcher, now: dt.datetime) -> Poll:
    """The poll with the messages that its source broke or is back, one for each target that is told at once."""
    since_at = poll.state.failing_since_at or before.failing_since_at
    if politeness.notice(before, poll.state) is None or since_at is None:
        return poll
    source, zone = watcher.sources[poll.state.source_id], ZoneInfo(watcher.config.digest.timezone)
    by_target = {route.target.id: route for route in reversed(watcher.config.routes) if route.deliver != "digest"}
    told = (source_message(route, source, poll.state, since_at=since_at, now=now, timezone=zone)
            for route in by_target.values())  # fmt: skip
    return replace(poll, messages=(*poll.messages, *told))


class _Memory:
    """What is believed about the works spoken of in this cycle, with what the cycle has not written yet."""

    def __init__(self, store: Store) -> None:
        self._store, self._beliefs, self._loaded = store, Beliefs(), set[str]()

    def about(self, claims: Sequence[Claim]) -> Beliefs:
        missing = {claim.work_id for claim in claims} - self._loaded
        if missing:
            self._beliefs.learn(self._store.beliefs(missing).values())
            self._loaded |= missing
        return self._beliefs

    def learn(self, ledger: Ledger) -> None:
        self._beliefs.learn(ledger.facts)


def _record(store: Store, batch: list[Poll], now: dt.datetime, checkpoint: Callable[[str], None]) -> None:
    if batch:
        checkpoint("before_record")
        store.record(batch, now=now)
        checkpoint("after_record")
        batch.clear()


def _note(report: CycleReport, outcome: Outcome, before: FetchState, poll: Poll) -> None:
    report.polled += 1
    report.first_looks += poll.state.baseline_done and not before.baseline_done
    report.unchanged += isinstance(outcome, NotModified)
    report.items += len(poll.items)
    report.claims += len(poll.claims)
    report.changes += poll.changes
    report.messages += len(poll.messages)
    report.warnings += [f"{poll.state.source_id}: {warning}" for warning in poll.warnings]
    if poll.state.failures > before.failures:
        report.failures[poll.state.source_id] = poll.state.reason
    if notice := politeness.notice(before, poll.state):
        report.notices[poll.state.source_id] = notice.value
