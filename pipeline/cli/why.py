"""`why` and `why-not`: the chain from a sentence to an alert, and the stage at which a piece stopped."""

from __future__ import annotations

import datetime as dt
import difflib
import sys
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import click

from alerts.clean import one_line
from alerts.digest.names import Names
from alerts.wording import change_words, news_words, said_words, value_words, who_words
from pipeline.cli import Settings, pass_settings
from pipeline.cli.explained import asserted, became, judged, note_words, qualities
from pipeline.config import load_config
from pipeline.run import Watcher, understand, watching
from storage.model import Change, Claim, Fact, Health, Item, OutboxEntry, Source, SourceReport, StoredItem
from storage.store import Store, open_store

LONG_AGO = dt.datetime(1971, 1, 1, tzinfo=dt.UTC)
"""What is believed since before then is known from sources.yaml."""
CLAIMS_SHOWN = 12

Row = tuple[str, str]
"""A label, empty where it continues the row before, and its words."""


@click.command()
@click.argument("what", metavar="ALERT|FACT")
@pass_settings
def why(settings: Settings, what: str) -> None:
    """Show the chain from a sentence to an alert, or why a fact is believed.

    ALERT is an id of `alerts list` or of a change, FACT an id such as star-city/release_date/s1/premiere.
    """
    now = dt.datetime.now(dt.UTC)
    with open_store(settings.store_path, read_only=True) as store:
        book = store.daybook(now - dt.timedelta(days=1), now)
        names, believed = Names(book), store.beliefs(work.id for work in book.works)
        facts = {slot.id: fact for slot, fact in believed.items() if not fact.moved_to}
        if what in facts:
            changes = [change] if (change := store.change(facts[what].change_id or "")) else []
        else:
            changes = _changes_of(what, store, sorted(facts))
        for change in changes:
            click.echo(_told(names.work(change.slot.work_id), change))
            _echo(_chain(change, store, names))
            _echo(_fact_rows(change.slot.id, facts.get(change.slot.id), store.claims_for(change.slot), names))
            _echo(_messages(change, store))
        if not changes:
            click.echo(f"{what}: known from sources.yaml, and no article has changed it.")
            _echo(_fact_rows(what, facts[what], store.claims_for(facts[what].slot), names))


@click.command("why-not")
@click.argument("what", metavar="URL|ITEM")
@pass_settings
def why_not(settings: Settings, what: str) -> None:
    """Show the stage at which a piece stopped and did not become an alert.

    URL is the address of an article, ITEM the id of a stored one (source/identity).
    """
    watcher = watching(load_config(settings.config_path))
    now = dt.datetime.now(dt.UTC)
    with open_store(settings.store_path, read_only=True) as store:
        stored = store.item(*_spellings(what))
        if stored is None:
            reports = store.source_reports(now - dt.timedelta(days=1), now)
            click.echo(f"not fetched: {_not_fetched(what, reports, now)}")
            return
        source = watcher.sources.get(stored.item.source_id)
        click.echo(_piece(stored.item, source))
        _echo(_stages(stored, watcher, store))


# --- from a sentence to an alert -------------------------------------------------------------------------------------


def _changes_of(what: str, store: Store, fact_ids: Sequence[str]) -> list[Change]:
    """The changes that an id of a message or of a change stands for; UsageError where it is no such id."""
    entry = store.alert(what)
    ids = entry.message.change_ids if entry else (what,)
    found = [change for id in ids if (change := store.change(id))]
    if found:
        return found
    if entry:
        raise click.UsageError(f"{what} tells of no change: {entry.message.summary}")
    near = difflib.get_close_matches(what, fact_ids, 3, 0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else " `alerts list` and `facts` show ids."
    raise click.UsageError(f"There is no alert, change or fact {what!r}.{hint}")


def _told(title: str, change: Change) -> str:
    season = f" S{change.slot.season}" if change.slot.season is not None else ""
    return one_line(f"{title}{season}: {news_words(change)}", 300)


def _chain(change: Change, store: Store, names: Names) -> Iterator[Row]:
    claim = change.claim
    stored = store.item(claim.item_id)
    yield "sentence", f"“{claim.sentence}”"
    yield "rule", claim.rule
    if stored:
        yield "piece", f"“{stored.item.title}”" + (f", revision {stored.revision}" if stored.revision > 1 else "")
    yield "source", who_words(claim, names.source(claim.source_id)) + f", {_at(claim.claimed_at)}"
    if claim.url:
        yield "", claim.url
    yield "claim", f"{asserted(claim)} ({qualities(claim)})"
    old = value_words(change.old) if change.old else "nothing known"
    new = value_words(change.new) if change.new else "nothing known"
    said = said_words(change, names.source(claim.source_id))
    yield "change", f"{change_words(change.kind)}: {old} → {new}, {said}"
    if change.note:
        yield "", note_words(change.note)
    if change.supersedes:
        yield "corrects", change.supersedes


def _fact_rows(slot_id: str, fact: Fact | None, claims: Sequence[Claim], names: Names) -> Iterator[Row]:
    yield "fact", slot_id
    if fact is not None:
        for past in fact.past:
            until = f"until {past.until_at:%Y-%m-%d}"
            yield "", f"{_since(past.from_at)} {until}: {value_words(past.value)} ({past.status})"
        by = ", ".join(names.source(origin) for origin in fact.origins if origin != "known") or "you"
        yield "", f"{_since(fact.since_at)}: {value_words(fact.value)} ({fact.status}), said by {by}"
    for number, claim in enumerate(claims[-CLAIMS_SHOWN:]):
        who = who_words(claim, names.source(claim.source_id))
        said = "nothing announced" if claim.null else asserted(claim).partition(": ")[2] or "that it is so"
        yield "claims" if not number else "", f"{claim.claimed_at:%Y-%m-%d} {who}: {said} ({qualities(claim)})"
    if len(claims) > CLAIMS_SHOWN:
        yield "", f"and {len(claims) - CLAIMS_SHOWN} earlier ones"


def _messages(change: Change, store: Store) -> Iterator[Row]:
    entries = _entries(change, store)
    for entry in entries:
        tries = len(entry.attempts)
        yield "message", f"{entry.message.id} to {entry.message.target_id}: {entry.state}, attempts: {tries}"
    if not entries:
        yield "message", "none: it filled the ledger silently" if change.baseline else "none: no route wanted it"


def _entries(change: Change, store: Store) -> list[OutboxEntry]:
    return [entry for entry in store.alerts(limit=sys.maxsize) if change.id in entry.message.change_ids]


# --- the stage at which a piece stopped ------------------------------------------------------------------------------


def _stages(stored: StoredItem, watcher: Watcher, store: Store) -> Iterator[Row]:
    item = stored.item
    source = watcher.sources.get(item.source_id)
    changes = store.changes_by_item(item.id)
    if stored.baseline and changes:
        yield "import", "it came with the first import of its source, which fills the ledger silently"
    for change in changes:
        work = watcher.watch.works.get(change.slot.work_id)
        title = work.title if work else f"{change.slot.work_id} (no longer followed)"
        yield "read", f"{title}, {asserted(change.claim)} ({qualities(change.claim)}): “{change.claim.sentence}”"
        yield "", became(change)
        yield from _routes(change, watcher, store)
    if source is None:
        yield "source", f"{item.source_id} is no longer in sources.yaml"
        return
    reading, claims = understand(item, watcher.watch, tier=source.tier, seen_at=stored.first_seen_at)
    named = dict.fromkeys(work_id for naming in reading.namings for work_id in naming.works)
    titles = " and ".join(watcher.watch.works[work_id].title for work_id in named)
    if {_said(claim) for claim in claims} != {_said(change.claim) for change in changes}:
        yield "rules", "the present rules read it otherwise; `explain` shows how, `reread` what would change"
    elif not named:
        yield "read", "no watched name stands in the text"
    elif not reading.mentions:
        yield "read", f"it names {titles}, and no rule read an announcement in it"
    elif not claims:
        yield "read", f"it names {titles}, and what was read could not be settled on a followed work"


def _routes(change: Change, watcher: Watcher, store: Store) -> Iterator[Row]:
    """What each route did with the change; one line where all of them have the same reason."""
    sent = {entry.message.route_id: entry for entry in _entries(change, store)}
    for entry in sent.values():
        yield "alert", f"{entry.message.id} to {entry.message.target_id}: {entry.state}"
    reasons: dict[str, list[str]] = {}
    for route, reason in judged(change, watcher.config.routes):
        if route.id not in sent:
            reasons.setdefault(reason or "it would go there now; the route is newer than the change", []).append(
                route.id
            )
    for reason, route_ids in reasons.items():
        yield "no alert", f"{', '.join(route_ids)}: {reason}"
    if not watcher.config.routes:
        yield "no alert", "sources.yaml has no routes, so nothing is sent"


def _said(claim: Claim) -> tuple[object, ...]:
    return claim.slot, str(claim.date and claim.date.edtf), claim.action, claim.value, claim.null, claim.sentence


def _not_fetched(what: str, reports: Sequence[SourceReport], now: dt.datetime) -> str:
    """Why an item is not in the store, as far as its address tells."""
    host = urlsplit(what).hostname
    if host is None:
        return f"there is no item {what!r} in the store; give its address, or source/identity"
    there = [report for report in reports if _site(urlsplit(report.source.url).hostname or "") == _site(host)]
    if not there:
        return f"no source of sources.yaml is at {host}"
    return "; ".join(_how_read(report, now) for report in there) + ". `explain` shows what would be read in it"


def _how_read(report: SourceReport, now: dt.datetime) -> str:
    source, state = report.source, report.state
    last = f"last read {_at(state.last_success_at)}" if state.last_success_at else "never read yet"
    if not source.enabled:
        return f"{source.name} is switched off in sources.yaml"
    match state.health:
        case Health.OK:
            return f"{source.name} has not brought it ({last}, {report.items_in_period} new items within a day)"
        case Health.NEW:
            return f"{source.name} was not read yet"
        case _:
            return f"{source.name} is {state.health}: {state.reason or 'no reason was recorded'} ({last})"


def _spellings(what: str) -> tuple[str, ...]:
    """An address in the ways it may be stored."""
    if urlsplit(what).scheme not in ("http", "https"):
        return (what,)
    from pipeline.parse.identity import canonical_url

    canonical = canonical_url(what)
    plain = [what.partition("#")[0], canonical, canonical.rstrip("/"), canonical.rstrip("/") + "/"]
    other = [f"{'http' if url.startswith('https') else 'https'}{url[url.index(':') :]}" for url in plain]
    return tuple(dict.fromkeys([what, *plain, *other]))


# --- words -----------------------------------------------------------------------------------------------------------


def _piece(item: Item, source: Source | None) -> str:
    published = f"published {_at(item.published_at)}" if item.published_at else "without a time of publication"
    return one_line(f"“{item.title}”, {source.name if source else item.source_id}, {published}", 400)


def _echo(rows: Iterator[Row]) -> None:
    for label, words in rows:
        click.echo(f"  {label:<9} {one_line(words, 1200)}")


def _at(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _since(at: dt.datetime) -> str:
    return "known from sources.yaml" if at < LONG_AGO else f"since {at:%Y-%m-%d}"


def _site(host: str) -> str:
    return ".".join(host.removeprefix("www.").split(".")[-2:])
