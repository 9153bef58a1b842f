"""`backtest`: the alerts a stream of items would have set off, by the real state machine; nothing is sent."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import click

from alerts.match import ALERTS_BY_DEFAULT, match
from pipeline.cli import Settings, pass_settings
from pipeline.cli.extract import item_from_row
from pipeline.compare import Beliefs, known_facts
from pipeline.config import load_config, watch_config
from pipeline.run import Watcher, judge, understand, watching
from storage.model import Alert, Config, Fact, Item, Route, SecretRef, Target, Tier

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DEFAULT_ROUTE = Route(
    id="backtest",
    target=Target(id="nowhere", format="webhook", url=SecretRef(literal="http://127.0.0.1/")),
    changes=tuple(sorted(ALERTS_BY_DEFAULT)),
)
"""Stands in where the configuration has no routes: every change that alerts by default."""


@click.command("backtest")
@click.argument("items", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--watch", "watch_file", type=click.File(encoding="utf-8"), metavar="FILE",
              help="A JSON list of {title, aliases, people, parent, known?} in place of sources.yaml.")  # fmt: skip
@click.option("--ledger", type=click.Path(path_type=Path, exists=True), metavar="STORE",
              help="Begin with what this store believes; it is only read.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line (as always, when no terminal reads).")
@pass_settings
def backtest(settings: Settings, items: TextIO, watch_file: TextIO | None, ledger: Path | None, as_json: bool) -> None:
    """Print the alerts that a stream of items would have set off.

    ITEMS are JSON lines, run in order of publication through the real pipeline; nothing is sent.
    """
    config = watch_config(json.load(watch_file)) if watch_file else load_config(settings.config_path)
    watcher = watching(config)
    alerts = replay(_items(items), watcher, _beliefs(config, ledger))
    as_json = as_json or not click.get_text_stream("stdout").isatty()
    for alert in alerts:
        row = alert_row(alert)
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


def replay(items: Iterable[Item], watcher: Watcher, beliefs: Beliefs) -> Iterator[Alert]:
    """The alerts `items` set off, in order of publication; `beliefs` learns on the way. Pure but for that."""
    routes = watcher.config.routes or (DEFAULT_ROUTE,)
    for item in sorted(items, key=lambda item: (item.published_at or _EPOCH, item.id)):
        source = watcher.sources.get(item.source_id)
        tier = source.tier if source else Tier.PRESS
        _, claims = understand(item, watcher.watch, tier=tier, seen_at=item.published_at or _EPOCH)
        if claims:
            found = judge(claims, beliefs, watcher)
            beliefs.learn(found.facts)
            yield from match(found.changes, routes, watcher.config.works)


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


def _shown(value: Any) -> str | None:
    return None if value is None or value.is_empty else str(value)


def _line(row: Mapping[str, Any]) -> str:
    season = f" S{row['season']}" if row["season"] else ""
    what = f"{row['work_title']}{season}: {row['kind']} {row['change']}"
    moved = f"{row['old']} → {row['new']}" if row["old"] else str(row["new"] or "")
    return f"{row['at'][:10]}  {what}  {' '.join(filter(None, (row['person'], moved)))}  ({row['status']})"


def _items(rows: Iterable[str]) -> Sequence[Item]:
    found = []
    for number, line in enumerate(rows, start=1):
        if line.strip():
            try:
                found.append(item_from_row(json.loads(line)))
            except (ValueError, TypeError, AttributeError) as error:
                raise click.BadParameter(f"line {number} is no item: {error}", param_hint="ITEMS") from error
    return found


def _beliefs(config: Config, ledger: Path | None) -> Beliefs:
    facts: list[Fact] = [fact for work in config.works for fact in known_facts(work)]
    with ExitStack() as stack:
        if ledger:
            from storage.store import open_store

            store = stack.enter_context(open_store(ledger, read_only=True))
            facts += store.beliefs(work.id for work in config.works).values()
    return Beliefs(facts)
