"""`backtest`: the alerts a stream of items would have set off, by the real state machine; nothing is sent.

What an item claims does not depend on what is believed, so every item is read on its own, only those that claim
something are kept, and these are judged in order of publication. The cost of a history is the cost of reading it.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from alerts.match import ALERTS_BY_DEFAULT, match
from pipeline.cli import Settings, pass_settings
from pipeline.cli.extract import item_from_row
from pipeline.compare import Beliefs, known_facts
from pipeline.config import load_config, watch_config
from pipeline.run import Watcher, judge, understand, watching
from storage.model import Alert, ChangeKind, Claim, Config, Route, SecretRef, StoredItem, Target, Tier, Work

if TYPE_CHECKING:
    from storage.store import Store

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DEFAULT_ROUTE = Route(
    id="backtest",
    target=Target(id="nowhere", format="webhook", url=SecretRef(literal="http://127.0.0.1/")),
    changes=tuple(sorted(ALERTS_BY_DEFAULT)),
)
"""Stands in where the configuration has no routes: every change that alerts by default."""

SIGNS = {"both": " ", "more": "+", "fewer": "-"}


@click.command("backtest")
@click.argument("items", type=click.File(encoding="utf-8", errors="replace"), required=False)
@click.option("--watch", "watch_file", type=click.File(encoding="utf-8"), metavar="FILE",
              help="A JSON list of {title, aliases, people, parent, known?} in place of sources.yaml.")  # fmt: skip
@click.option("--ledger", type=click.Path(path_type=Path, exists=True), metavar="STORE",
              help="Begin with what this store believes; it is only read.")  # fmt: skip
@click.option("--diff", "old_config", type=click.Path(path_type=Path, exists=True), metavar="SOURCES_YAML",
              help="Show what differs from the alerts of this other sources.yaml.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line (as always, when no terminal reads).")
@pass_settings
def backtest(
    settings: Settings,
    items: TextIO | None,
    watch_file: TextIO | None,
    ledger: Path | None,
    old_config: Path | None,
    as_json: bool,
) -> None:
    """Print the alerts that a stream of items would have set off.

    ITEMS are JSON lines, run in order of publication through the real pipeline; nothing is sent. Without ITEMS the
    stored history is run, and its alerts are shown beside those that were made: what would be added (+) and what would
    be missing (-). So `--config` with an edited sources.yaml shows what the edit would have done.
    """
    if watch_file and not items:
        raise click.UsageError("--watch goes with ITEMS: the stored history came from the sources of sources.yaml.")
    config = config_of(settings, watch_file)
    as_json = as_json or not sys.stdout.isatty()
    if items and not old_config:
        for alert in replay(items_from(items), watching(config), _begun(config, ledger)):
            told = alert_row(alert)
            click.echo(json.dumps(told, ensure_ascii=False) if as_json else _line(told))
        return
    rows = _differences(settings, items, config, load_config(old_config) if old_config else None, ledger)
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else f"{SIGNS[row['diff']]} {_line(row)}")
    if settings.verbosity >= 0:
        both, more, fewer = (sum(row["diff"] == diff for row in rows) for diff in SIGNS)
        click.echo(f"Alerts as before: {both}; more (+): {more}; fewer (-): {fewer}.", err=True)


def config_of(settings: Settings, watch_file: TextIO | None) -> Config:
    """What is followed: the rows of `--watch` where it was given, else sources.yaml."""
    if watch_file is None:
        return load_config(settings.config_path)
    try:
        rows = json.load(watch_file)
    except ValueError as error:
        raise click.BadParameter(f"{watch_file.name} is no JSON: {error}", param_hint="--watch") from error
    if not isinstance(rows, list):
        raise click.BadParameter(f"{watch_file.name} must hold a list of {{title, …}}", param_hint="--watch")
    return watch_config(rows)


def replay(items: Iterable[StoredItem], watcher: Watcher, beliefs: Beliefs) -> Iterator[Alert]:
    """The alerts `items` set off, judged in order of publication; `beliefs` learns on the way. Pure but for that."""
    routes = watcher.config.routes or (DEFAULT_ROUTE,)
    found = ((_time_of(item), item.item.id, item.baseline, _claims(item, watcher)) for item in items)
    telling = sorted((each for each in found if each[-1]), key=lambda each: each[:2])
    for _, _, baseline, claims in telling:
        ledger = judge(claims, beliefs, watcher, baseline=baseline)
        beliefs.learn(ledger.facts)
        yield from match(ledger.changes, routes, watcher.config.works)


def followed(items: Iterable[StoredItem], watcher: Watcher) -> Iterator[StoredItem]:
    """Of stored items those whose source the configuration reads."""
    read = {source.id for source in watcher.config.sources if source.enabled}
    return (item for item in items if item.item.source_id in read)


def made(config: Config, store: Store) -> list[Alert]:
    """The alerts in the outbox, sent or waiting, without reminders and messages about sources."""
    routes = {route.id: route for route in config.routes}
    works = {work.id: work for work in config.works}
    found = {}
    for entry in store.alerts(limit=sys.maxsize):
        route = routes.get(entry.message.route_id) or Route(id=entry.message.route_id, target=DEFAULT_ROUTE.target)
        for change_id in entry.message.change_ids:
            change = store.change(change_id)
            if change and change.kind is not ChangeKind.DUE:
                work_id = change.slot.work_id
                work = works.get(work_id) or Work(id=work_id, title=work_id, franchise_id=work_id)
                found[change_id, route.id] = Alert(route=route, change=change, work=work)
    return list(found.values())


def difference(before: Iterable[Alert], now: Iterable[Alert]) -> list[dict[str, Any]]:
    """Every alert once, by time, with `diff` `both`, `more` (only now) or `fewer` (only before), and its route."""
    old, new = ({_told(alert): alert for alert in alerts} for alerts in (before, now))
    diffs = {key: "both" if key in old and key in new else "more" if key in new else "fewer" for key in old | new}
    alerts = old | new
    rows = [{"diff": diffs[key], "route": alerts[key].route.id, **alert_row(alerts[key])} for key in alerts]
    return sorted(rows, key=lambda row: (row["at"], row["work"], row["kind"], row["route"]))


def items_from(rows: Iterable[str]) -> Iterator[StoredItem]:
    """The items of JSON lines; a line that is none is a usage error."""
    for number, line in enumerate(rows, start=1):
        if line.strip():
            try:
                item = item_from_row(json.loads(line))
            except (ValueError, TypeError, AttributeError) as error:
                raise click.BadParameter(f"line {number} is no item: {error}", param_hint="ITEMS") from error
            yield StoredItem(item=item, first_seen_at=item.published_at or _EPOCH)


def beliefs_of(config: Config, store: Store | None) -> Beliefs:
    """What is believed of the followed works: what sources.yaml says is known, and over it what `store` has."""
    beliefs = Beliefs(fact for work in config.works for fact in known_facts(work))
    if store:
        beliefs.learn(store.beliefs(work.id for work in config.works).values())
    return beliefs


def alert_row(alert: Alert) -> dict[str, Any]:
    """An alert as programs get it."""
    change, slot = alert.change, alert.change.slot
    return {
        "at": change.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "item_id": change.claim.item_id.split("/", 1)[1],
        "work": slot.work_id,
        "work_title": alert.work.title,
        "kind": slot.kind.value,
        "change": change.kind.value,
        "season": slot.season,
        "role": slot.role,
        "old": _shown(change.old),
        "new": _shown(change.new),
        "person": slot.person,
        "action": change.new.action if change.new else None,
        "status": change.status.value,
        "sentence": change.claim.sentence,
    }


def _differences(
    settings: Settings, items: TextIO | None, config: Config, old: Config | None, ledger: Path | None
) -> list[dict[str, Any]]:
    """The alerts of `config` beside those of the old one, or of the outbox; over ITEMS or over the stored history."""
    if items:
        given = list(items_from(items))
        ways = [list(replay(given, watching(each), _begun(each, ledger))) for each in (old or config, config)]
        return difference(*ways)
    from storage.store import open_store

    with open_store(settings.store_path, read_only=True) as store:

        def alerts(each: Config) -> list[Alert]:
            watcher = watching(each)
            return list(replay(followed(store.history(), watcher), watcher, _begun(each, ledger)))

        return difference(alerts(old) if old else made(config, store), alerts(config))


def _begun(config: Config, ledger: Path | None) -> Beliefs:
    with ExitStack() as stack:
        if ledger is None:
            return beliefs_of(config, None)
        from storage.store import open_store

        return beliefs_of(config, stack.enter_context(open_store(ledger, read_only=True)))


def _claims(stored: StoredItem, watcher: Watcher) -> tuple[Claim, ...]:
    source = watcher.sources.get(stored.item.source_id)
    tier = source.tier if source else Tier.PRESS
    return understand(stored.item, watcher.watch, tier=tier, seen_at=stored.first_seen_at)[1]


def _time_of(stored: StoredItem) -> dt.datetime:
    """When the text as it stands could be read: an edited one, not before it was edited."""
    return stored.revised_at or stored.item.published_at or stored.first_seen_at


def _told(alert: Alert) -> tuple[str, ...]:
    """What makes two alerts the same for a reader, whatever history each of them had."""
    change = alert.change
    return alert.route.id, change.slot.id, change.kind.value, str(change.new)


def _shown(value: Any) -> str | None:
    return None if value is None or value.is_empty else str(value)


def _line(row: Mapping[str, Any]) -> str:
    season = f" S{row['season']}" if row["season"] else ""
    what = f"{row['work_title']}{season}: {row['role'] or row['kind']} {row['change'].replace('_', ' ')}"
    moved = f"{row['old']} → {row['new']}" if row["old"] else str(row["new"] or "")
    return f"{row['at'][:10]}  {what}  {' '.join(filter(None, (row['person'], moved)))}  ({row['status']})"
