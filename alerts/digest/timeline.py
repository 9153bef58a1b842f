"""The release-date history for a terminal: a line a claim, its window drawn against the days that were named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from alerts.digest.history import History, Point, Step
from alerts.digest.marks import MARKS
from alerts.digest.plots import Axis, is_finite, shifted, ticks
from storage.model import Status

_SAID_ON, _SOURCE, _WHEN = 11, 20, 26


def render_timeline(history: History, *, width: int = 100) -> str:
    """The history as plain lines: when it was said, by whom, the window as a bar (`├──◐──┤`) or a day as a sign.

    The last line is what is believed now. Needs a width of 80; the bars take what the words leave.
    """
    return "\n".join(_lines(history, max(80, width))) + "\n"


def _lines(history: History, width: int) -> Iterator[str]:
    columns = width - _SAID_ON - _SOURCE - _WHEN - 4
    axis = _axis(history, columns)
    pad = " " * (_SAID_ON + _SOURCE + 2)
    yield f"{history.work} · {history.what}"
    if axis:
        yield (pad + _scale(axis, columns)).rstrip()
    for point in history.points:
        yield _row(f"{point.at:%d %b %Y}", point.source, point, axis, columns)
    if history.left_out:
        yield f"(and {history.left_out} that say nothing new)"
    if history.steps:
        now = history.steps[-1]
        yield _row("believed", f"since {now.from_at:%d %b %Y}", now, axis, columns)


def _axis(history: History, columns: int) -> Axis | None:
    spoken: list[Point | Step] = [*history.points, *history.steps]
    named = [day for thing in spoken for day in (thing.earliest, thing.latest) if day and is_finite(day)]
    if not named:
        return None
    room = dt.timedelta(days=max(20, (max(named) - min(named)).days // 12))
    return Axis(shifted(min(named), -room), shifted(max(named), room), 0, columns - 1)


def _scale(axis: Axis, columns: int) -> str:
    line = [" "] * (columns + 12)
    free = 0
    for day, label in ticks(axis.first, axis.last, at_most=max(2, columns // 11)):
        at = round(axis.at(day))
        if at >= free and at + len(label) <= len(line):
            line[at : at + len(label)] = label
            free = at + len(label) + 2
    return "".join(line)


def _row(said_on: str, who: str, thing: Point | Step, axis: Axis | None, columns: int) -> str:
    name = who if len(who) <= _SOURCE else who[: _SOURCE - 1] + "…"
    when = f"{thing.when}, {thing.status.value}" if thing.earliest else thing.when
    return f"{said_on:<{_SAID_ON}} {name:<{_SOURCE}} {_bar(thing, axis, columns)} {when}".rstrip()


def _bar(thing: Point | Step, axis: Axis | None, columns: int) -> str:
    line = ["·"] * columns
    if axis and thing.earliest and thing.latest:
        left, right = round(axis.at(thing.earliest)), round(axis.at(thing.latest))
        line[left : right + 1] = "─" * (right - left + 1)
        line[left] = "├" if thing.earliest > dt.date.min else "←"
        line[right] = "┤" if thing.latest < dt.date.max else "→"
        line[(left + right) // 2] = MARKS[thing.status]
    return "".join(line)


def legend() -> str:
    """What the signs mean, in a line."""
    signs = "  ".join(f"{MARKS[status]} {status.value}" for status in reversed(Status))
    return f"{signs}  ├─┤ a window  · no date"
