"""Proof of silence: what is still open about a work, since when, and how lately sources of which tier were read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from alerts.digest.model import span_words
from alerts.digest.names import question_words
from alerts.wording import day_words, words
from storage.model import DayBook, Health, SourceReport, Tier, Unannounced

FRESH = dt.timedelta(hours=24)
"""A source whose last reading is older does not prove that nothing was announced today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the enabled sources of one tier were read."""

    tier: Tier
    sources: int
    read: int
    """Those of them that were read within `FRESH` and are healthy."""
    last_read_at: dt.datetime | None
    """The latest reading of any of them."""


def looks(book: DayBook) -> tuple[Look, ...]:
    """One `Look` for each tier that has sources, the most official first, as of the end of the book."""
    enabled = [report for report in book.sources if report.source.enabled]
    tiers = sorted({report.source.tier for report in enabled}, key=lambda tier: -tier.rank)
    return tuple(_look(tier, [r for r in enabled if r.source.tier is tier], book.until_at) for tier in tiers)


def look_line(look: Look, now: dt.datetime) -> str:
    """`trade press: 3 of 4 sources read within a day, the last 2 hours ago`."""
    plural = "source" if look.sources == 1 else "sources"
    last = f", the last {_ago(now - look.last_read_at)}" if look.last_read_at else ""
    return f"{words(f'tier.{look.tier}')}: {look.read} of {look.sources} {plural} read within a day{last}"


def open_lines(questions: Iterable[Unannounced], now: dt.datetime) -> Iterator[str]:
    """Open questions, a line each: since when it has been said that there is nothing, and when last."""
    for question in questions:
        yield f"{question_words(question.slot)}: {_open_words(question, now)}"


def open_row(question: Unannounced) -> dict[str, Any]:
    """An open question as programs get it."""
    return {
        "slot": question.slot.id,
        "season": question.slot.season,
        "since": _iso(question.since_at),
        "last_said": _iso(question.last_said_at),
        "sentence": question.sentence,
        "url": question.url,
    }


def look_row(look: Look) -> dict[str, Any]:
    """How a tier was read, as programs get it."""
    return {
        "tier": look.tier.value, "sources": look.sources, "read": look.read, "last_read": _iso(look.last_read_at)
    }  # fmt: skip


def _look(tier: Tier, reports: list[SourceReport], now: dt.datetime) -> Look:
    read = [
        r for r in reports if r.state.health is Health.OK and (last := r.state.last_success_at) and now - last <= FRESH
    ]
    times = [report.state.last_success_at for report in reports if report.state.last_success_at]
    return Look(tier=tier, sources=len(reports), read=len(read), last_read_at=max(times, default=None))


def _open_words(question: Unannounced, now: dt.datetime) -> str:
    if question.since_at is None:
        return "unannounced; nobody has said that there is nothing"
    ago = span_words(max(0, (now - question.since_at).days))
    since = f"unannounced, said so since {day_words(question.since_at.date())} ({ago})"
    if question.last_said_at and question.last_said_at.date() != question.since_at.date():
        since += f", last on {day_words(question.last_said_at.date())}"
    return since


def _ago(span: dt.timedelta) -> str:
    hours = span // dt.timedelta(hours=1)
    if hours < 1:
        return "within the hour"
    if hours < 48:
        return f"{hours} hour{'s' * (hours > 1)} ago"
    return f"{hours // 24} days ago"


def _iso(at: dt.datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
