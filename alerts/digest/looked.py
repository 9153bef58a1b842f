"""How well we looked: what makes silence worth something."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from alerts.clean import one_line
from alerts.digest.names import Names
from storage.model import DayBook, Health, SourceReport

_NEVER_SILENT_BEFORE = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """A source that did not do what one expects of it."""

    name: str
    state: str
    """`blocked`, `failing`, `gone`, `late`, `not read yet` or `silent`."""
    reason: str
    last_read_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How many sources were read, how lately, and which were not and why."""

    read: int
    total: int
    within_hours: int
    """The oldest reading among those counted as read, in hours before the end of the period, rounded up."""
    items: int
    notes: tuple[SourceNote, ...]

    @property
    def summary(self) -> str:
        """`14 of 15 sources were read in the last hour; they brought 212 items.`"""
        if not self.total:
            return "No source is configured, so nothing was read."
        plural = "source" if self.total == 1 else "sources"
        verb = "was" if self.read == 1 else "were"
        hours = "hour" if self.within_hours == 1 else f"{self.within_hours} hours"
        when = f" in the last {hours}" if self.read else ""
        brought = "no new item" if not self.items else "1 new item" if self.items == 1 else f"{self.items:,} new items"
        return f"{self.read} of {self.total} {plural} {verb} read{when}; {brought} in this period."


def how_well_we_looked(book: DayBook, names: Names) -> Looked:
    """The reading of all enabled sources as it stands at the end of the period.

    A source counts as read when it is healthy and its last success is no older than twice its interval (three hours
    at least). A source that was read and has brought nothing for three times its usual gap is read, and `silent`.
    """
    reports = [report for report in book.sources if report.source.enabled]
    read = [report for report in reports if _is_read(report, book.until_at)]
    ages = [book.until_at - report.state.last_success_at for report in read if report.state.last_success_at]
    hours = max((age / dt.timedelta(hours=1) for age in ages), default=0.0)
    notes = (_note(report, book.until_at, names) for report in reports)
    return Looked(
        read=len(read),
        total=len(reports),
        within_hours=max(1, math.ceil(hours)),
        items=sum(report.items_in_period for report in reports),
        notes=tuple(note for note in notes if note),
    )


def _is_read(report: SourceReport, until_at: dt.datetime) -> bool:
    last = report.state.last_success_at
    patience = dt.timedelta(seconds=max(2 * report.source.interval_s, 3 * 3600))
    return report.state.health is Health.OK and last is not None and until_at - last <= patience


def _note(report: SourceReport, until_at: dt.datetime, names: Names) -> SourceNote | None:
    state, reason = report.state, one_line(report.state.reason, 240)
    match state.health:
        case Health.BLOCKED | Health.FAILING | Health.GONE:
            word = state.health.value
        case Health.NEW:
            word, reason = "not read yet", reason or "It is new and its first reading is still to come."
        case Health.OK if not _is_read(report, until_at):
            word, reason = "late", reason or "Its last reading is older than its interval allows."
        case Health.OK if quiet := _silence(report, until_at):
            word, reason = "silent", quiet
        case _:
            return None
    last = state.last_success_at
    return SourceNote(
        name=names.source(report.source.id),
        state=word,
        reason=reason or "No reason was recorded.",
        last_read_at=names.local(last) if last else None,
    )


def _silence(report: SourceReport, until_at: dt.datetime) -> str | None:
    """Why the source's silence is unusual, or None where it is not."""
    last, gap_s = report.state.last_new_item_at, report.usual_gap_s
    if last is None or gap_s is None:
        return None
    quiet = until_at - last
    if quiet <= max(3 * dt.timedelta(seconds=gap_s), _NEVER_SILENT_BEFORE):
        return None
    return f"Nothing new for {_rough(quiet)}; usually every {_rough(dt.timedelta(seconds=gap_s))}."


def _rough(span: dt.timedelta) -> str:
    hours = max(1, round(span / dt.timedelta(hours=1)))
    if hours < 48:
        return "hour" if hours == 1 else f"{hours} hours"
    return f"{round(hours / 24)} days"
