"""`replay`: the pipeline over recorded HTTP, with the recorded times as its clock."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from alerts.match import match
from alerts.payload import first_line
from pipeline.cli import Settings, pass_settings
from pipeline.cli.backtest import DEFAULT_ROUTE, alert_row
from pipeline.config import load_config
from pipeline.run import CycleReport, Watcher, run_cycle, watching
from storage.errors import DeliveryError, RecordingError
from storage.model import Alert
from storage.store import Store, open_store

if TYPE_CHECKING:
    from pipeline.fetch import Exchange

CYCLE_GAP = dt.timedelta(minutes=5)
"""Answers further apart belong to two runs: no source is asked twice within fifteen minutes."""


@dataclass(slots=True)
class Clock:
    """A clock that stands at `at` until it is set; call it to read it."""

    at: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.at


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE.warc.gz")
@click.option("--keep", type=click.Path(path_type=Path), metavar="STORE",
              help="Keep what was stored in this new database.")  # fmt: skip
@click.option("--send", is_flag=True, help="Send the alerts to the targets of sources.yaml when all is played.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_settings
def replay(settings: Settings, file: Path, keep: Path | None, send: bool, as_json: bool) -> int | None:
    """Run the pipeline over a recording and print the alerts it would have sent.

    Sources are those of sources.yaml, found in the recording by their addresses, and the clock is that of the
    recording. As with a new watch, the first answer of each source is known and silent. Nothing is sent unless asked,
    and your own store is neither read nor changed.
    """
    if keep is not None and keep.exists():
        raise click.UsageError(f"{keep} is there already; name a new file, so that no store is mixed with another.")
    watcher = watching(load_config(settings.config_path))
    with tempfile.TemporaryDirectory() as folder, open_store(keep or Path(folder) / "replay.db") as store:
        asyncio.run(_print_alerts(file, watcher, store, quiet=settings.verbosity < 0, as_json=as_json))
        return asyncio.run(_send(watcher, store)) if send else None


async def play(
    exchanges: Sequence[Exchange], watcher: Watcher, store: Store, *, clock: Clock
) -> AsyncGenerator[CycleReport, None]:
    """Run one cycle for each run that was recorded, with `clock` set to its end; yields each cycle's report.

    Sources are asked under the same manners as the network: never sooner than their interval allows.
    """
    from pipeline.fetch import Client, ReplayTransport

    transport = ReplayTransport([*_open_robots(exchanges), *exchanges], clock=clock)
    async with Client(contact_url=watcher.config.contact_url, clock=clock, transport=transport, gap_s=0) as client:
        for clock.at in moments(exchanges):
            yield await run_cycle(watcher, store, client=client, clock=clock)


def moments(exchanges: Iterable[Exchange]) -> list[dt.datetime]:
    """When the recorded runs ended, oldest first: a new one begins after a gap, or where an address is asked again."""
    ends: list[dt.datetime] = []
    asked: set[str] = set()
    for exchange in sorted(exchanges, key=lambda exchange: exchange.at):
        if ends and exchange.at - ends[-1] <= CYCLE_GAP and exchange.url not in asked:
            ends[-1] = exchange.at
        else:
            ends.append(exchange.at)
            asked.clear()
        asked.add(exchange.url)
    return ends


def _open_robots(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """A robots.txt that is not there for every site of whose rules nothing was recorded, as in a crawl archive."""
    from pipeline.fetch import Exchange

    rules = {f"{parts.scheme}://{parts.netloc}/robots.txt" for parts in (urlsplit(one.url) for one in exchanges)}
    first_at = min((exchange.at for exchange in exchanges), default=dt.datetime.max.replace(tzinfo=dt.UTC))
    unknown = sorted(rules - {exchange.url for exchange in exchanges})
    return [Exchange(url=url, at=first_at, status_code=404, headers=(), body=b"") for url in unknown]


# --- the command ---------------------------------------------------------------------------------------------------


async def _print_alerts(file: Path, watcher: Watcher, store: Store, *, quiet: bool, as_json: bool) -> None:
    from pipeline.fetch import read_recording

    exchanges = read_recording(file)
    if not exchanges:
        raise RecordingError(f"{file} holds no answers; `franchise-watch record` writes a file that does")
    clock, tally = Clock(exchanges[0].at), Counter[str]()
    routes = watcher.config.routes or (DEFAULT_ROUTE,)
    async for report in play(exchanges, watcher, store, clock=clock):
        tally.update(cycles=1, polls=report.polled, items=report.items, failures=len(report.failures))
        for alert in match(report.changes, routes, watcher.config.works):
            tally["alerts"] += 1
            click.echo(json.dumps(alert_row(alert), ensure_ascii=False) if as_json else _line(alert, watcher))
    if not quiet:
        said = ", ".join(f"{tally[name]} {name}" for name in ("cycles", "polls", "failures", "items", "alerts"))
        click.echo(f"{exchanges[0].at:%Y-%m-%d} to {clock.at:%Y-%m-%d}: {said}.", err=True)


def _line(alert: Alert, watcher: Watcher) -> str:
    source = watcher.sources[alert.change.claim.source_id]
    return f"{alert.change.at:%Y-%m-%d}  {first_line(alert, source.name)}"


async def _send(watcher: Watcher, store: Store) -> int | None:
    """Deliver the outbox now: receivers refuse a signature that is as old as the recording."""
    from alerts.deliver import deliver
    from pipeline.fetch import guarded_transport, utc_now

    report = await deliver(
        store,
        watcher.config,
        transport=lambda target: guarded_transport(allow_private=target.allow_private),
        clock=utc_now,
    )
    for id_, reason in {**report.failed, **report.dead, **report.held}.items():
        click.echo(f"{id_}: {reason}", err=True)
    return None if report.is_fine else DeliveryError.exit_code
