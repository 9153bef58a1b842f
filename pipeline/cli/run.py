"""`run`: one round of the watch, for cron or by hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import Settings, pass_settings
from pipeline.config import load_config
from pipeline.rounds import Look, look, send
from pipeline.run import watching
from storage.errors import DeliveryError, SourceError
from storage.maintenance import backup
from storage.model import Change, Config, OutboxEntry, OutboxState, Outcome
from storage.store import Store, open_store

if TYPE_CHECKING:
    from alerts.deliver import DeliveryReport

STOPPED = 128 + signal.SIGTERM
_WORDS = {OutboxState.DELIVERED: "sent", OutboxState.PENDING: "waits"}


@click.command()
@click.option("--no-send", is_flag=True, help="Leave the alerts in the outbox; the next run sends them.")
@click.option("--dry-run", is_flag=True, help="Work on a copy of the store: nothing is kept and nothing is sent.")
@click.option("--record", "recording", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.warc.gz",
              help="Write down what the network answers, for `replay` and bug reports.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@pass_settings
def run(settings: Settings, no_send: bool, dry_run: bool, recording: Path | None, as_json: bool) -> int:
    """Ask every source that is due, send what is new, write the digest when it is time.

    The first look at a source only learns what is already known. Where nothing happened nothing is said. What a dry run
    asks is asked again by the next run.
    """
    config = load_config(settings.config_path)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(_copy(settings.store_path) if dry_run else open_store(settings.store_path))
        try:
            looked, sent, told = asyncio.run(
                _round(config, store, recording, sends=not (no_send or dry_run), shows=_is_watched(settings, as_json))
            )
        except asyncio.CancelledError:
            return STOPPED
    if as_json:
        click.echo(json.dumps(_answer(looked, sent, told), ensure_ascii=False))
    else:
        _say(settings, looked, sent, told)
    return _exit_code(looked, sent)


async def _round(
    config: Config, store: Store, recording: Path | None, *, sends: bool, shows: bool
) -> tuple[Look, DeliveryReport | None, list[OutboxEntry]]:
    """One round, and what it put into the outbox, oldest first."""
    from pipeline.fetch import Client, Recorder, utc_now

    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    started_at, watcher = utc_now(), watching(config)
    with contextlib.ExitStack() as stack:
        wrap = stack.enter_context(Recorder(recording, clock=utc_now)).wrap if recording else None
        client = Client(contact_url=config.contact_url, wrap=wrap)
        progress = stack.enter_context(_progress(config, store)) if shows else _nothing
        async with client:
            looked = await look(watcher, store, client=client, clock=utc_now, progress=progress)
    sent = await send(config, store, clock=utc_now) if sends else None
    new = [entry for entry in store.alerts(limit=sys.maxsize if looked.cycle.messages else 100)
           if entry.message.created_at >= started_at]  # fmt: skip
    return looked, sent, new[::-1]


@contextlib.contextmanager
def _copy(path: Path) -> Iterator[Store]:
    """A copy of the store that is thrown away; an empty one where there is none yet."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        if path.exists():
            backup(path, copy)
        with open_store(copy) as store:
            yield store


# --- what is shown -------------------------------------------------------------------------------------------------


def _is_watched(settings: Settings, as_json: bool) -> bool:
    return sys.stderr.isatty() and settings.verbosity >= 0 and not as_json


@contextlib.contextmanager
def _progress(config: Config, store: Store) -> Iterator[Callable[[Outcome], None]]:
    """A bar on the terminal while sources answer."""
    from pipeline.fetch import utc_now
    from pipeline.fetch.politeness import is_due

    states = store.fetch_states(config.sources)
    due = sum(is_due(source, states[source.id], utc_now()) for source in config.sources)
    if not due:
        yield _nothing
        return
    with click.progressbar(length=due, label="Asking", file=sys.stderr, show_pos=True) as bar:
        yield lambda outcome: bar.update(1)


def _nothing(outcome: Outcome) -> None:
    """Nobody watches."""


def _say(settings: Settings, looked: Look, sent: DeliveryReport | None, told: list[OutboxEntry]) -> None:
    """Problems on stderr, always; alerts and a line of counts where there is something to tell or somebody asks."""
    for problem in problems(looked, sent):
        click.echo(problem, err=True)
    if settings.verbosity < 0:
        return
    for entry in told:
        click.echo(f"{_WORDS.get(entry.state, entry.state.value):<8} {entry.message.summary}")
    for warning in looked.cycle.warnings:
        click.echo(warning, err=True)
    if happened(looked, sent) or settings.verbosity > 0 or sys.stderr.isatty():
        click.echo(summary(looked, sent), err=True)


def problems(looked: Look, sent: DeliveryReport | None) -> list[str]:
    """What went wrong, a line each: sources, the digest, messages."""
    lines = [f"{source_id}: {reason}" for source_id, reason in looked.cycle.failures.items()]
    lines += [looked.digest_problem] if looked.digest_problem else []
    if sent:
        lines += [f"{id_}: {reason}; it is tried again" for id_, reason in sent.failed.items()]
        lines += [f"{id_}: {reason}; given up, `alerts retry` brings it back" for id_, reason in sent.dead.items()]
        lines += sent.held.values()
    return lines


def happened(looked: Look, sent: DeliveryReport | None) -> bool:
    """True where a person wants to hear of this round."""
    cycle = looked.cycle
    return bool(
        _news(looked) or cycle.messages or cycle.first_looks or cycle.failures or looked.digest_problem
        or looked.reminded or looked.digest_date or (sent and (sent.delivered or not sent.is_fine))
    )  # fmt: skip


def summary(looked: Look, sent: DeliveryReport | None) -> str:
    """The counts of a round in one sentence."""
    cycle = looked.cycle
    said = [f"{_count(cycle.polled, 'source')} asked"]
    said += [f"{len(cycle.failures)} failed"] if cycle.failures else []
    said += [f"{cycle.first_looks} for the first time (what they brought is known now)"] if cycle.first_looks else []
    said += [_count(cycle.items, "new item")]
    said += [_count(len(_news(looked)), "change")]
    said += [f"{_count(len(sent.delivered), 'message')} sent"] if sent and sent.delivered else []
    said += [f"{len(sent.failed) + len(sent.dead)} not taken"] if sent and (sent.failed or sent.dead) else []
    said += [f"digest of {looked.digest_date} written"] if looked.digest_date else []
    return ", ".join(said) + "."


def _news(looked: Look) -> list[Change]:
    return [change for change in looked.cycle.changes if not change.baseline]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _answer(looked: Look, sent: DeliveryReport | None, told: list[OutboxEntry]) -> Mapping[str, Any]:
    cycle = looked.cycle
    return {
        "polled": cycle.polled,
        "unchanged": cycle.unchanged,
        "first_looks": cycle.first_looks,
        "items": cycle.items,
        "claims": cycle.claims,
        "changes": [
            {"id": change.id, "kind": change.slot.kind, "change": change.kind, "work": change.slot.work_id,
             "season": change.slot.season, "old": str(change.old or "") or None, "new": str(change.new or "") or None,
             "status": change.status, "source": change.claim.source_id, "sentence": change.claim.sentence}
            for change in _news(looked)
        ],
        "messages": [{"id": entry.message.id, "state": entry.state, "summary": entry.message.summary}
                     for entry in told],
        "failures": cycle.failures,
        "notices": cycle.notices,
        "warnings": cycle.warnings,
        "digest": looked.digest_date.isoformat() if looked.digest_date else None,
        "problems": problems(looked, sent),
    }  # fmt: skip


def _exit_code(looked: Look, sent: DeliveryReport | None) -> int:
    """An alert that cannot be sent weighs more than a source that cannot be read."""
    if looked.digest_problem or (sent and not sent.is_fine):
        return DeliveryError.exit_code
    return SourceError.exit_code if looked.cycle.failures else 0
