"""`status`: how well every source is read, what waits to be sent, what is missing."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import click

from pipeline.cli import Settings, pass_settings
from pipeline.cli.check import unset
from pipeline.config import load_config
from storage.errors import ConfigError
from storage.model import Health, OutboxState, SourceReport
from storage.store import open_store

DAY = dt.timedelta(days=1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@pass_settings
def status(settings: Settings, as_json: bool) -> None:
    """Show how well each source is read, and what waits to be sent."""
    now = dt.datetime.now(dt.UTC)
    with open_store(settings.store_path, read_only=True) as store:
        sources = store.source_reports(now - DAY, now)
        waiting = store.alerts(state=OutboxState.PENDING, limit=sys.maxsize)
        dead = store.alerts(state=OutboxState.DEAD, limit=sys.maxsize)
        dead += store.alerts(state=OutboxState.DISABLED, limit=sys.maxsize)
        digest_at = store.last_digest_until()
    missing = _missing(settings)
    alerts = {"waiting": len(waiting), "given_up": len(dead)}
    if as_json:
        answer = {"sources": [_row(one) for one in sources], "alerts": alerts, "unset": missing}
        click.echo(json.dumps(answer | {"last_digest_at": _iso(digest_at)}, ensure_ascii=False))
        return
    click.echo("\n".join(_lines(sources, now)))
    click.echo(_alerts_line(alerts))
    if digest_at:
        click.echo(f"The last digest was made {ago(digest_at, now)}.")
    for line in missing:
        click.echo(line)


def _missing(settings: Settings) -> list[str]:
    """What routes need and is not there, or that the configuration does not tell."""
    try:
        return unset(load_config(settings.config_path))
    except ConfigError as error:
        number = len(error.mistakes)
        return [f"{settings.config_path} has {number} mistake{'' if number == 1 else 's'}: `check` shows them"]


def _lines(sources: list[SourceReport], now: dt.datetime) -> Iterator[str]:
    if not sources:
        yield "No source is followed yet; `run` begins."
        return
    width = max(len(one.source.id) for one in sources)
    for one in sources:
        state = one.state
        health = state.health.value if one.source.enabled else "off"
        read = f"read {ago(state.last_success_at, now)}" if state.last_success_at else "never read"
        items = f"{one.items_in_period} new today" if one.items_in_period else ""
        next_ = _next(one, now)
        facts = ", ".join(part for part in (read, items, next_) if part)
        yield f"{one.source.id:<{width}}  {health:<8} {facts}" + (f" — {state.reason}" if state.reason else "")
    counts = Counter(one.state.health for one in sources if one.source.enabled)
    yield ""
    said = ", ".join(f"{counts[health]} {health.value}" for health in Health if counts[health])
    yield f"{sum(counts.values())} sources: {said}."


def _next(one: SourceReport, now: dt.datetime) -> str:
    due = one.state.next_due_at
    if not one.source.enabled or one.state.health is Health.GONE:
        return "not asked"
    return "due now" if due is None or due <= now else f"next in {span(due - now)}"


def _alerts_line(alerts: Mapping[str, int]) -> str:
    if not any(alerts.values()):
        return "No alert waits."
    return f"Alerts: {alerts['waiting']} waiting, {alerts['given_up']} given up (`alerts list` says why)."


def _row(one: SourceReport) -> dict[str, Any]:
    state = one.state
    return {
        "id": one.source.id,
        "name": one.source.name,
        "tier": one.source.tier,
        "enabled": one.source.enabled,
        "health": state.health,
        "reason": state.reason,
        "last_attempt_at": _iso(state.last_attempt_at),
        "last_success_at": _iso(state.last_success_at),
        "last_new_item_at": _iso(state.last_new_item_at),
        "next_due_at": _iso(state.next_due_at),
        "failures": state.failures,
        "items_last_day": one.items_in_period,
    }


def ago(at: dt.datetime, now: dt.datetime) -> str:
    """`5 minutes ago`, for a person."""
    return f"{span(now - at)} ago"


def span(length: dt.timedelta) -> str:
    """`5 minutes`, `3 hours`, `2 days`; under a minute, or backwards: `a moment`."""
    for unit_s, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if (count := round(length.total_seconds() / unit_s)) and count > 0:
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "a moment"


def _iso(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
