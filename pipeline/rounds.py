"""One round of a watch: poll what is due, remind, write the digest when it is time, send what waits.

    run_cycle    ─▶ changes, messages ─┐
    remind       ─▶ messages ──────────┼─▶ outbox ─ send ─▶ people
    write_digest ─▶ a page, messages ──┘

`run` makes one round; the daemon makes them all day, looking and sending at their own pace. Everything is put into the
store before it is sent, so a round may be cut off anywhere and the next one goes on.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alerts.match import reminders
from pipeline.run import CycleReport, Watcher, compose, run_cycle
from storage.errors import DeliveryError
from storage.model import ChangeKind, Claim, Config, DigestSettings, Outcome, Slot

if TYPE_CHECKING:
    from alerts.deliver import DeliveryReport
    from alerts.digest.model import Digest
    from pipeline.fetch import Client
    from storage.store import Store

DAY = dt.timedelta(days=1)
TIDY_STEPS = 10
"""Of a few thousand texts each: a second or two, the first time; what is left over goes in the next rounds."""
CHECKPOINTS = ("before_digest", "after_digest")
"""The moments around noting a digest at which a crash must lose nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at the sources came to."""

    cycle: CycleReport
    reminded: int = 0
    digest_date: dt.date | None = None
    """The local date of the digest that was made now."""
    digest_problem: str | None = None
    """Why the digest that is due could not be made; it is tried again in the next round."""


async def look(
    watcher: Watcher,
    store: Store,
    *,
    client: Client,
    clock: Callable[[], dt.datetime],
    lasting_s: float = math.inf,
    progress: Callable[[Outcome], None] = lambda outcome: None,
    checkpoint: Callable[[str], None] = lambda name: None,
) -> Look:
    """Poll what is due, put reminders and the digest into the outbox where it is time, and tidy up; sends nothing.

    After `lasting_s` no further source is asked; what is left is still due.
    """
    cycle = await run_cycle(
        watcher, store, client=client, clock=clock, lasting_s=lasting_s, progress=progress, checkpoint=checkpoint
    )
    reminded = remind(watcher, store, now=clock())
    tidy(watcher.config, store, now=clock())
    try:
        digest_date = write_digest(watcher.config, store, now=clock(), checkpoint=checkpoint)
    except DeliveryError as error:
        return Look(cycle=cycle, reminded=reminded, digest_problem=str(error))
    return Look(cycle=cycle, reminded=reminded, digest_date=digest_date)


async def send(
    config: Config,
    store: Store,
    *,
    clock: Callable[[], dt.datetime],
    checkpoint: Callable[[str], None] = lambda name: None,
) -> DeliveryReport | None:
    """Send what is due in the outbox; None where nothing was."""
    if not store.due_messages(clock(), 1):
        return None
    from alerts.deliver import deliver
    from pipeline.fetch import guarded_transport

    return await deliver(
        store,
        config,
        transport=lambda target: guarded_transport(allow_private=target.allow_private),
        clock=clock,
        checkpoint=checkpoint,
    )


def tidy(config: Config, store: Store, *, now: dt.datetime) -> None:
    """Once a day, drop the texts that `retention:` lets go; never evidence of a fact."""
    if config.retention.texts:
        store.drop_texts(now - config.retention.texts, steps=TIDY_STEPS)


def remind(watcher: Watcher, store: Store, *, now: dt.datetime) -> int:
    """Put a reminder into the outbox for each release of today or tomorrow, where a route asks for it; how many.

    Asked again on the same day it adds nothing, for the messages are the same.
    """
    config = watcher.config
    if not any(route.remind or ChangeKind.DUE in route.changes for route in config.routes):
        return 0
    today = now.astimezone(ZoneInfo(config.digest.timezone)).date()
    facts = [fact for work in config.works for fact in store.facts(work.id)]
    spoken = {change.slot: _spoken(store, change.slot) for change in reminders(facts, today=today, now=now)}
    evidence = {slot: claim for slot, claim in spoken.items() if claim}
    due = reminders(facts, today=today, now=now, evidence=evidence)
    told = [message for message in compose(due, watcher, now=now) if store.alert(message.id) is None]
    if told:
        store.record_changes(now=now, changes=due, messages=told)
    return len(told)


def _spoken(store: Store, slot: Slot) -> Claim | None:
    """The newest claim of a date in the slot, for a reminder to quote."""
    return next((claim for claim in reversed(store.claims_for(slot)) if claim.date), None)


def write_digest(
    config: Config, store: Store, *, now: dt.datetime, checkpoint: Callable[[str], None] = lambda name: None
) -> dt.date | None:
    """Make the digest whose hour has come where it is not made yet; its local date, or None.

    One that was missed yesterday is made up for before today's hour comes; older ones are told of in the next. The page
    is written before the date is noted: a crash between the two writes it once more, never not at all.
    Raises DeliveryError where the page cannot be written or the target takes no mail.
    """
    wanted = config.digest
    local = now.astimezone(ZoneInfo(wanted.timezone))
    local_date = local.date() if local.time() >= wanted.at else local.date() - DAY
    if not (wanted.path or wanted.target) or store.digest_done(local_date):
        return None
    from alerts.digest.message import digest_messages

    last_at = store.last_digest_until()
    since_at = last_at if last_at and last_at < now else now - DAY
    page = digest_of(store, since_at, now, wanted, local_date=local_date)
    told = digest_messages(page, wanted.target, now=now) if wanted.target else ()
    if wanted.path:
        _write_page(page, wanted, Path(wanted.path))
    checkpoint("before_digest")
    store.record_digest(local_date, since_at=since_at, until_at=now, now=now, messages=told)
    checkpoint("after_digest")
    return local_date


def digest_of(
    store: Store, since_at: dt.datetime, until_at: dt.datetime, wanted: DigestSettings, *, local_date: dt.date
) -> Digest:
    """The digest of that time as it is wanted, with the histories that it draws."""
    from alerts.digest.model import build_digest, to_draw

    book = store.daybook(since_at, until_at, every_fact=False)
    return build_digest(
        store.with_histories(book, to_draw(book, local_date=local_date)),
        timezone=wanted.timezone,
        local_date=local_date,
        show_headlines=wanted.show_headlines,
    )


def _write_page(page: Digest, wanted: DigestSettings, path: Path) -> None:
    """The whole page at `path`, or the one that was there."""
    from alerts.digest.html import render_html
    from alerts.digest.markdown import render_markdown
    from alerts.digest.text import render_text

    render = {"html": render_html, "markdown": render_markdown, "text": render_text}[wanted.format]
    unfinished = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(render(page), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        cure = "change `digest: path:` in sources.yaml, or the permissions there"
        raise DeliveryError(f"the digest cannot be written to {path} ({error.strerror}); {cure}") from error
