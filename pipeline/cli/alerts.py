"""`alerts`: what was sent, what waits and why; bring back what was given up; try a target."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from collections.abc import Iterator

import click

from pipeline.cli import Settings, pass_settings
from pipeline.config import load_config
from storage.errors import ConfigError
from storage.model import OutboxEntry, OutboxState, Route
from storage.store import Store, open_store

WAITS = "it waits for the end of quiet hours, for tomorrow (daily limit) or for the next run"


@click.group()
def alerts() -> None:
    """Show what was sent and what waits, send again, try a target."""


@alerts.command("list")
@click.option("--state", type=click.Choice([state.value for state in OutboxState]), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object a line.")
@pass_settings
def list_(settings: Settings, state: str | None, limit: int, as_json: bool) -> None:
    """Show the messages of the outbox, newest first: their state, attempts, when they are tried next, and why."""
    with open_store(settings.store_path, read_only=True) as store:
        entries = store.alerts(state=OutboxState(state) if state else None, limit=limit)
    reasons = _why_held(settings, entries)
    for entry in entries:
        reason = _reason(entry, reasons.get(entry.message.target_id))
        click.echo(json.dumps(_row(entry, reason), ensure_ascii=False) if as_json else "\n".join(_lines(entry, reason)))
    if not entries and not as_json and settings.verbosity >= 0:
        click.echo("There are no such alerts.", err=True)


@alerts.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all-dead", is_flag=True, help="Every message that was given up, or whose target had gone.")
@pass_settings
def retry(settings: Settings, ids: tuple[str, ...], all_dead: bool) -> None:
    """Make messages due again and enable their targets; the next `run` sends them, under their old ids."""
    if bool(ids) == all_dead:
        raise click.UsageError("Give the ids of messages (`alerts list` shows them), or --all-dead.")
    with open_store(settings.store_path) as store:
        wanted = _given_up(store) if all_dead else ids
        for message_id in wanted:
            store.retry(message_id, now=dt.datetime.now(dt.UTC))
    if settings.verbosity >= 0:
        click.echo(f"{len(wanted)} {'message is' if len(wanted) == 1 else 'messages are'} due; `run` sends them.")


@alerts.command()
@click.argument("route")
@pass_settings
def test(settings: Settings, route: str) -> None:
    """Send a message that says it is a test to the target of ROUTE, now, whatever its quiet hours."""
    from alerts.deliver import send_now
    from alerts.payload import test_message
    from pipeline.fetch.guard import guarded_transport

    wanted, now = _route(settings, route), dt.datetime.now(dt.UTC)
    message = test_message(wanted, id=f"test-{now:%Y%m%dT%H%M%S%f}-{route}", now=now)

    asyncio.run(
        send_now(
            message,
            wanted.target,
            transport=lambda target: guarded_transport(allow_private=target.allow_private),
            at=now,
        )
    )
    if settings.verbosity >= 0:
        click.echo(f"{wanted.target.id} took the test message.")


def _route(settings: Settings, route_id: str) -> Route:
    config = load_config(settings.config_path)
    for route in config.routes:
        if route.id == route_id:
            return route
    known = ", ".join(route.id for route in config.routes) or "none yet"
    raise click.UsageError(f"There is no route {route_id} in {settings.config_path}; there are: {known}.")


def _given_up(store: Store) -> tuple[str, ...]:
    some = [
        *store.alerts(state=OutboxState.DEAD, limit=sys.maxsize),
        *store.alerts(state=OutboxState.DISABLED, limit=sys.maxsize),
    ]
    return tuple(entry.message.id for entry in some)


# --- why something waits -------------------------------------------------------------------------------------------


def _why_held(settings: Settings, entries: list[OutboxEntry]) -> dict[str, str]:
    """By target id: what must be set before its waiting messages can be sent."""
    from alerts.deliver import why_held

    waiting = {entry.message.target_id for entry in entries if entry.state is OutboxState.PENDING}
    if not waiting:
        return {}
    try:
        targets = load_config(settings.config_path).targets
    except ConfigError:
        return dict.fromkeys(waiting, f"{settings.config_path} has mistakes: `check` shows them")
    return {id: reason for id in waiting if (reason := why_held(targets.get(id)))}


def _reason(entry: OutboxEntry, held: str | None) -> str | None:
    last = entry.attempts[-1].error if entry.attempts else None
    match entry.state:
        case OutboxState.DELIVERED:
            return None
        case OutboxState.GROUPED:
            return "told in one message with others (daily limit)"
        case OutboxState.DISABLED:
            return last or "its target answered that it is gone; `alerts retry` tries it again"
        case OutboxState.DEAD:
            return f"{last}; `alerts retry` brings it back"
        case OutboxState.PENDING:
            return held or last or WAITS


# --- what is shown -------------------------------------------------------------------------------------------------


def _lines(entry: OutboxEntry, reason: str | None) -> Iterator[str]:
    """Two lines for a person."""
    message = entry.message
    yield f"{entry.state.value:<10} {message.summary or message.format}"
    tries = f"{len(entry.attempts)} attempt{'' if len(entry.attempts) == 1 else 's'}"
    next_at = f", next {entry.next_attempt_at:%Y-%m-%d %H:%M} UTC" if entry.next_attempt_at else ""
    why = f" — {reason}" if reason else ""
    written = f"{message.id} to {message.target_id}, {message.created_at:%Y-%m-%d %H:%M} UTC"
    yield f"{'':<10} {written}, {tries}{next_at}{why}"


def _row(entry: OutboxEntry, reason: str | None) -> dict[str, object]:
    message = entry.message
    return {
        "id": message.id,
        "state": entry.state.value,
        "route": message.route_id,
        "target": message.target_id,
        "format": message.format,
        "summary": message.summary,
        "url": message.url,
        "change_ids": list(message.change_ids),
        "created_at": _iso(message.created_at),
        "not_before_at": _iso(message.not_before_at),
        "next_attempt_at": _iso(entry.next_attempt_at),
        "reason": reason,
        "attempts": [
            {"at": _iso(one.at), "state": one.state.value, "status_code": one.status_code, "error": one.error}
            for one in entry.attempts
        ],
    }


def _iso(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
