"""Pictures as inline SVG: strings in, strings out, legible without colour, with a title and a description.

The shapes carry the meaning (filled, half, hollow; a thick or dashed bar); colour only repeats it. The pictures have no
style of their own inside a page, which brings `STYLE` once; `histories_svg` adds it for a file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from alerts.digest.history import History, Point, Step
from alerts.digest.labels import LINE, Box, Label, Placed, fit, place, text_box, text_width
from alerts.digest.model import Upcoming
from alerts.wording import day_words
from storage.model import Status

WIDTH = 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 86, 8, 16, 40
_ROOM = 148
"""Kept free right of the present day for what is believed now."""
_PLOT_HEIGHT = 210
_MARK = 6.5
"""Half the room of a sign."""
_NAME_WIDTH = 190
_BOLDER = 1.1
"""How much wider letters are in bold."""
_RAIL = 26
"""Height of the lane beneath the axis where those stand who say that there is no date."""
_HISTORY_HEIGHT = _TOP + _PLOT_HEIGHT + _BOTTOM + _RAIL

LIGHT_STYLE = """
.fw-plot{color:#1f1d1a;font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
.fw-plot text{fill:currentColor;stroke:#fbfaf7;stroke-width:3px;stroke-linejoin:round;paint-order:stroke}
.fw-plot .soft{fill:#5f5950}
.fw-plot .grid{stroke:#5f5950;stroke-opacity:.22}
.fw-plot .now{stroke:#5f5950;stroke-dasharray:2 3}
.fw-plot .mark{stroke:#8f3f10;fill:none;stroke-width:1.8}
.fw-plot .full{fill:#8f3f10}
.fw-plot .paper{fill:#fbfaf7;stroke:none}
.fw-plot .band{fill:#8f3f10;fill-opacity:.12}
.fw-plot .line{stroke:#1f1d1a;stroke-width:2;fill:none;stroke-linejoin:round}
@media screen and (max-width:480px){.fw-plot{font-size:15.5px}}
"""
"""For a page that is light whatever the reader's screen is."""
STYLE = (
    LIGHT_STYLE
    + """@media screen and (prefers-color-scheme:dark){
.fw-plot{color:#e9e5dd}.fw-plot text{stroke:#171614}.fw-plot .soft{fill:#aaa397}
.fw-plot .grid,.fw-plot .now{stroke:#aaa397}.fw-plot .mark{stroke:#eda878}
.fw-plot .full{fill:#eda878}.fw-plot .paper{fill:#171614}
.fw-plot .band{fill:#eda878;fill-opacity:.2}.fw-plot .line{stroke:#e9e5dd}}
"""
)


@dataclass(frozen=True, slots=True)
class Axis:
    """A straight map from days to picture units."""

    first: dt.date
    last: dt.date
    start: float
    end: float

    def at(self, day: dt.date) -> float:
        """The place of a day; one outside is at the edge."""
        inside = min(max(day, self.first), self.last)
        share = (inside - self.first).days / max(1, (self.last - self.first).days)
        return round(self.start + share * (self.end - self.start), 1)


# --- the release-date history ------------------------------------------------------------------------------------


def history_svg(history: History, *, prefix: str = "history") -> str:
    """The history as an `<svg>`: across, when it was said; upwards, the day it named; `prefix` keeps ids unique.

    Confirmed is filled, reported half filled, rumoured hollow, denied crossed; a window is a bar from its first to its
    last day; the stepped line with its band is what was believed. Those who said "no date" stand in a lane below.
    """
    x, y = _axes(history)
    label = f"Release dates claimed for {history.work}, {history.what}"
    parts = [
        _day_grid(y),
        _time_axis(x, _TOP + _PLOT_HEIGHT + _RAIL),
        _rail(_TOP + _PLOT_HEIGHT),
        *(_band(step, x, y) for step in history.steps if step.earliest),
        _believed_line([step for step in history.steps if step.earliest], x, y),
        *(_point(point, x, y) for point in history.points),
        *_labels(history, x, y),
    ]
    return _svg(parts, height=_HISTORY_HEIGHT, title=label, description=_description(history), prefix=prefix)


def _axes(history: History) -> tuple[Axis, Axis]:
    said = [point.at.date() for point in history.points] + [step.from_at.date() for step in history.steps]
    said.append(history.until_at.date())
    spoken: list[Point | Step] = [*history.points, *history.steps]
    named = [day for thing in spoken for day in (thing.earliest, thing.latest) if day and is_finite(day)]
    floor = _TOP + _PLOT_HEIGHT
    x = Axis(min(said), max(*said, min(said) + dt.timedelta(days=30)), _LEFT + 8, WIDTH - _ROOM)
    low, high = (min(named), max(named)) if named else (min(said), max(said))
    room = dt.timedelta(days=max(12, (high - low).days // 12))
    return x, Axis(shifted(low, -room), shifted(high, room), floor, _TOP)


def is_finite(day: dt.date) -> bool:
    """False for the open end of a window."""
    return dt.date.min < day < dt.date.max


def shifted(day: dt.date, by: dt.timedelta) -> dt.date:
    """The day so much later, or the end of the calendar."""
    try:
        return day + by
    except OverflowError:
        return dt.date.max if by > dt.timedelta(0) else dt.date.min


def _day_grid(y: Axis) -> str:
    lines = []
    for day, label in ticks(y.first, y.last, at_most=6):
        at = y.at(day)
        lines.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at}" y2="{at}"/>')
        lines.append(f'<text class="soft" x="{_LEFT - 8}" y="{at + 4}" text-anchor="end">{label}</text>')
    return "".join(lines)


def _time_axis(x: Axis, floor: float) -> str:
    lines = [f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{floor}" y2="{floor}"/>']
    found = [(x.at(day), label) for day, label in ticks(x.first, x.last, at_most=5)]
    lines += [f'<line class="grid" x1="{at}" x2="{at}" y1="{floor}" y2="{floor + 5}"/>' for at, _ in found]
    return "".join(lines) + _tick_labels(found, floor + 16)


def _tick_labels(found: Sequence[tuple[float, str]], middle: float, taken: Sequence[Box] = ()) -> str:
    """The names of the ticks along a line, as many as stand clear of one another."""
    labels = [Label(text=text, places=((at, middle, "middle"),)) for at, text in found]
    row = (0, middle - LINE, WIDTH, middle + LINE)
    return "".join(_text_at(each, ' class="soft"') for each in place(labels, taken=taken, frame=row))


def ticks(first: dt.date, last: dt.date, *, at_most: int) -> list[tuple[dt.date, str]]:
    """Round days between two days: month starts, or years where the span is long; never more than `at_most`."""
    months = (last.year - first.year) * 12 + last.month - first.month
    steps = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 24000, 120_000)
    step = next(step for step in steps if months / step <= at_most - 1 or step == steps[-1])
    start = first.year * 12 + first.month - 1
    start += -start % step
    found = []
    for month in range(start, last.year * 12 + last.month, step):
        if month // 12 < 1 or (day := dt.date(month // 12, month % 12 + 1, 1)) < first:
            continue
        found.append((day, f"{day.year:04}" if step >= 12 else f"{day:%b} {day.year:04}"))
    return found


def _rail(top: float) -> str:
    middle = top + _RAIL / 2
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{top}" y2="{top}"/>'
        f'<text class="soft" x="{_LEFT - 8}" y="{middle + 4}" text-anchor="end">no date</text>'
    )


def _band(step: Step, x: Axis, y: Axis) -> str:
    assert step.earliest
    assert step.latest
    left, right = x.at(step.from_at.date()), x.at(step.until_at.date())
    top, bottom = y.at(step.latest), y.at(step.earliest)
    return f'<rect class="band" x="{left}" y="{top}" width="{right - left:.1f}" height="{max(2, bottom - top):.1f}"/>'


def _believed_line(steps: Sequence[Step], x: Axis, y: Axis) -> str:
    """A stepped line through the middle of what was believed; it is broken where nothing was."""
    path, last_x = [], None
    for step in steps:
        assert step.earliest
        assert step.latest
        left, right = x.at(step.from_at.date()), x.at(step.until_at.date())
        level = (y.at(step.earliest) + y.at(step.latest)) / 2
        path.append(f"{'L' if last_x == left else 'M'}{left} {level:.1f}H{right}")
        last_x = right
    return f'<path class="line" d="{"".join(path)}"/>' if path else ""


def _point(point: Point, x: Axis, y: Axis) -> str:
    at = x.at(point.at.date())
    hover = f"{day_words(point.at.date())}: {point.source} – {point.when} ({point.status.value})"
    if point.earliest is None or point.latest is None:
        middle = _TOP + _PLOT_HEIGHT + _RAIL / 2
        shape = f'<path class="mark" d="M{at - 4} {middle}H{at + 4}"/>'
    elif point.earliest == point.latest:
        shape = mark_svg(point.status, at, y.at(point.earliest))
    else:
        shape = _window(point, at, y)
    return f"<g><title>{_text(hover)}</title>{shape}</g>"


def _window(point: Point, at: float, y: Axis) -> str:
    assert point.earliest
    assert point.latest
    top, bottom = y.at(point.latest), y.at(point.earliest)
    ends = "" if point.latest == dt.date.max else f"M{at - 4} {top}H{at + 4}"
    ends += "" if point.earliest == dt.date.min else f"M{at - 4} {bottom}H{at + 4}"
    return f'<path class="mark" d="M{at} {top}V{bottom}{ends}"/>' + mark_svg(point.status, at, (top + bottom) / 2)


def mark_svg(status: Status, x: float, y: float, r: float = 5.5) -> str:
    """The sign of a status around a centre: filled, half, hollow, crossed."""
    ring = f'<circle class="paper" cx="{x}" cy="{y:.1f}" r="{r}"/><circle class="mark" cx="{x}" cy="{y:.1f}" r="{r}"/>'
    match status:
        case Status.CONFIRMED:
            return f'{ring}<circle class="full" cx="{x}" cy="{y:.1f}" r="{r}"/>'
        case Status.REPORTED:
            return f'{ring}<path class="full" d="M{x} {y - r:.1f}A{r} {r} 0 0 0 {x} {y + r:.1f}Z"/>'
        case Status.RUMOURED:
            return ring
        case Status.DENIED:
            arm, across = r * 0.7, r * 1.4
            cross = f"M{x - arm:.1f} {y - arm:.1f}l{across:.1f} {across:.1f}m0 {-across:.1f}l{-across:.1f} {across:.1f}"
            return f'{ring}<path class="mark" d="{cross}"/>'


def _labels(history: History, x: Axis, y: Axis) -> list[str]:
    """What is believed now, then sources wherever there is room: those that were first with an answer come first."""
    written, taken = _present(history, x, y)
    taken += [box for point in history.points for box in _mark_boxes(point, x, y)]
    taken += _line_boxes(history.steps, x, y)
    wanted = _new_answers_first(_told_together(history.points, x))
    dated = [_point_label(points, x, y) for points in wanted if points[0].earliest]
    floor = _TOP + _PLOT_HEIGHT
    placed = place(dated, taken=taken, frame=(_LEFT, 0, WIDTH - 4, floor))
    lane = (_LEFT, floor, WIDTH - 4, floor + _RAIL)
    placed += place([_lane_label(points, x) for points in wanted if not points[0].earliest], taken=taken, frame=lane)
    return written + [_text_at(each) for each in placed]


def _told_together(points: Sequence[Point], x: Axis) -> list[list[Point]]:
    """The points that stand upon one another, for they give the same answer at about the same time: one label each."""
    told: list[list[Point]] = []
    for point in points:
        for group in told:
            first = group[0]
            same = (first.earliest, first.latest) == (point.earliest, point.latest)
            if same and abs(x.at(point.at.date()) - x.at(first.at.date())) < 2 * _MARK:
                group.append(point)
                break
        else:
            told.append([point])
    return told


def _new_answers_first(told: Sequence[list[Point]]) -> list[list[Point]]:
    """The first to give each answer before those who repeat it."""
    first: dict[object, list[Point]] = {}
    for points in told:
        first.setdefault((points[0].earliest, points[0].latest), points)
    return [*first.values(), *(points for points in told if not any(points is each for each in first.values()))]


def _name(points: Sequence[Point]) -> str:
    """The surest of them, and how many others: `Pressroom +3`."""
    surest = max(points, key=lambda point: point.status.rank)
    others = len({point.source for point in points} - {surest.source})
    return fit(surest.source, _NAME_WIDTH) + (f" +{others}" if others else "")


def _point_label(points: Sequence[Point], x: Axis, y: Axis) -> Label:
    """Right or left of the sign, above or below it; beside a bar anywhere along it, its sign first."""
    point, at = points[0], x.at(points[0].at.date())
    assert point.earliest
    assert point.latest
    top, bottom = y.at(point.latest), y.at(point.earliest)
    middle = (top + bottom) / 2
    steps = range(int(bottom - top - LINE) // (2 * int(LINE)) + 1)
    levels = [middle + side * LINE * step for step in steps for side in ((1, -1) if step else (1,))]
    right, left = max(x.at(each.at.date()) for each in points) + _MARK + 3, at - _MARK - 3
    beside = [(edge, level, anchor) for level in levels for edge, anchor in ((right, "start"), (left, "end"))]
    above = [(at, top - _MARK - LINE / 2 - 1, anchor) for anchor in ("middle", "start", "end")]
    below = [(at, bottom + _MARK + LINE / 2 + 1, anchor) for anchor in ("middle", "start", "end")]
    return Label(text=_name(points), places=(*beside, *above, *below))


def _lane_label(points: Sequence[Point], x: Axis) -> Label:
    """Beside the dash in the lane of those who say that there is no date."""
    middle = _TOP + _PLOT_HEIGHT + _RAIL / 2
    right = max(x.at(point.at.date()) for point in points) + _MARK + 2
    return Label(
        text=_name(points),
        places=((right, middle, "start"), (x.at(points[0].at.date()) - _MARK - 2, middle, "end")),
    )


def _mark_boxes(point: Point, x: Axis, y: Axis) -> list[Box]:
    """The room of a sign, and of the bar of a window."""
    at = x.at(point.at.date())
    if point.earliest is None or point.latest is None:
        return [(at - 5, _TOP + _PLOT_HEIGHT, at + 5, _TOP + _PLOT_HEIGHT + _RAIL)]
    top, bottom = y.at(point.latest), y.at(point.earliest)
    middle = (top + bottom) / 2
    return [(at - 5, top - 1, at + 5, bottom + 1), (at - _MARK, middle - _MARK, at + _MARK, middle + _MARK)]


def _present(history: History, x: Axis, y: Axis) -> tuple[list[str], list[Box]]:
    """The belief of the present day at the end of its line, who said it first, and the room they take."""
    now = history.steps[-1] if history.steps else None
    if now is None or now.earliest is None or now.latest is None:
        return [], []
    saying = [point for point in history.points if (point.earliest, point.latest) == (now.earliest, now.latest)]
    since = [point for point in saying if point.at.date() >= now.from_at.date()]
    surest = max(since or saying, key=lambda point: point.status.rank, default=None)
    left = x.at(now.until_at.date()) + _MARK + 5
    room = WIDTH - 4 - left
    words = _wrapped(_believed_words(now), room / _BOLDER)
    lines = [(line, ' font-weight="600"') for line in words[:2]]
    lines += [(fit(surest.source, room), ' class="soft"')] if surest else []
    level = (y.at(now.earliest) + y.at(now.latest)) / 2
    top = min(max(level - LINE * len(lines) / 2, 0), _TOP + _PLOT_HEIGHT - LINE * len(lines))
    written = [
        f'<text x="{left:.1f}" y="{top + LINE * n + 13:.1f}" text-anchor="start"{style}>{_text(text)}</text>'
        for n, (text, style) in enumerate(lines)
    ]
    return written, [(left, top, WIDTH, top + LINE * len(lines))]


def _wrapped(text: str, width: float) -> list[str]:
    """The words in lines of at most that width; a word that is wider is cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(fit(word, width))
    return lines


def _believed_words(now: Step) -> str:
    """Short enough to stand at the end of the line."""
    exact = now.earliest == now.latest and now.earliest
    return f"{exact.day} {exact:%b %Y}" if exact else now.when


def _line_boxes(steps: Sequence[Step], x: Axis, y: Axis) -> list[Box]:
    """Where the believed line runs, so that no name is written over it."""
    levels = [
        (x.at(step.from_at.date()), x.at(step.until_at.date()), (y.at(step.earliest) + y.at(step.latest)) / 2)
        for step in steps
        if step.earliest and step.latest
    ]
    flat = [(left, level - 2, right, level + 2) for left, right, level in levels]
    rises = [(a[1] - 1, min(a[2], b[2]), a[1] + 1, max(a[2], b[2])) for a, b in pairwise(levels)]
    return flat + rises


def _text_at(label: Placed, more: str = "") -> str:
    return f'<text x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}"{more}>{_text(label.text)}</text>'


def _description(history: History) -> str:
    lines = [f"{day_words(p.at.date())}: {p.source}, {p.when}, {p.status.value}." for p in history.points[:20]]
    return " ".join([history.summary, *lines])


# --- the calendar strip ------------------------------------------------------------------------------------------


def calendar_svg(upcoming: Sequence[Upcoming], today: dt.date, *, prefix: str = "calendar") -> str:
    """The months ahead as a strip: one row a release, a sign for a day and a bar for a window; "" for nothing.

    The strip ends 18 months ahead at most; what lies beyond has an arrow at the edge.
    """
    if not upcoming:
        return ""
    row, top = 44, 30
    horizon = shifted(today, dt.timedelta(days=550))
    ends = [min(day, horizon) for entry in upcoming for day in (entry.earliest, entry.latest)]
    axis = Axis(today, max(*ends, shifted(today, dt.timedelta(days=60))), 12, WIDTH - 24)
    height = top + row * len(upcoming) + 8
    parts = [_months(axis, top, height)]
    for number, entry in enumerate(upcoming):
        parts.append(_row(entry, axis, top + row * number))
    said = "; ".join(f"{e.work}, {e.what}: {e.when}, {e.status.value}" for e in upcoming[:30])
    return _svg(parts, height=height, title="What is coming up", description=said + ".", prefix=prefix)


def _months(axis: Axis, top: float, bottom: float) -> str:
    lines = [f'<line class="grid" x1="{axis.start}" x2="{axis.end}" y1="{top - 8}" y2="{top - 8}"/>']
    lines.append(f'<line class="now" x1="{axis.start}" x2="{axis.start}" y1="{top - 14}" y2="{bottom}"/>')
    lines.append(f'<text class="soft" x="{axis.start}" y="14" text-anchor="start">today</text>')
    found = [(axis.at(day), label) for day, label in ticks(axis.first, axis.last, at_most=6)]
    lines += [f'<line class="grid" x1="{at}" x2="{at}" y1="{top - 8}" y2="{bottom}"/>' for at, _ in found]
    return "".join(lines) + _tick_labels(found, 9.5, taken=[text_box("today", axis.start, 9.5, "start")])


def _row(entry: Upcoming, axis: Axis, top: float) -> str:
    left, right = axis.at(entry.earliest), axis.at(entry.latest)
    level = top + 30
    shape = mark_svg(entry.status, left, level) if entry.is_exact else _ahead_bar(entry, left, right, level, axis)
    if entry.latest > axis.last:
        shape += f'<path class="mark" d="M{axis.end + 6} {level - 5}l7 5l-7 5"/>'
    anchor, at = ("end", min(right + 6, axis.end)) if left > WIDTH * 0.55 else ("start", max(left - 6, axis.start))
    name = fit(f"{entry.work} – {entry.what}", at - 4 if anchor == "end" else WIDTH - 4 - at)
    return f'<g><text x="{at:.1f}" y="{top + 18:.1f}" text-anchor="{anchor}">{_text(name)}</text>{shape}</g>'


def _ahead_bar(entry: Upcoming, left: float, right: float, level: float, axis: Axis) -> str:
    """A window as a bar with its ends, dashed while it is a rumour; the end that lies beyond the strip stays open."""
    dash = ' stroke-dasharray="5 4"' if entry.status is Status.RUMOURED else ""
    ends = f"M{left} {level - 5}V{level + 5}" + (
        "" if entry.latest > axis.last else f"M{right} {level - 5}V{level + 5}"
    )
    bar = f'<path class="mark"{dash} d="M{left} {level}H{right}"/><path class="mark" d="{ends}"/>'
    return bar + mark_svg(entry.status, round((left + right) / 2, 1), level)


# --- the frame ---------------------------------------------------------------------------------------------------


def histories_svg(histories: Sequence[History]) -> str:
    """Several histories below one another as one SVG file, each under its name; with its own style and background."""
    gap, parts, top = 34, [], 0.0
    for number, history in enumerate(histories):
        name = _text(f"{history.work} – {history.what}")
        inner = history_svg(history, prefix=f"h{number}")
        height = _HISTORY_HEIGHT
        parts.append(f'<text x="12" y="{top + 24:g}" font-weight="600">{name}</text>')
        parts.append(inner.replace("<svg ", f'<svg y="{top + gap:g}" width="{WIDTH}" height="{height}" ', 1))
        top += gap + height
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="fw-plot" viewBox="0 0 {WIDTH} {top:g}" width="{WIDTH}">'
    return f'{head}\n<style>{STYLE}</style><rect class="paper" width="100%" height="100%"/>{"".join(parts)}</svg>\n'


def _svg(parts: Sequence[str], *, height: float, title: str, description: str, prefix: str) -> str:
    return (
        f'<svg class="fw-plot" role="img" viewBox="0 0 {WIDTH} {height:g}" aria-labelledby="{prefix}-t {prefix}-d">'
        f'<title id="{prefix}-t">{_text(title)}</title><desc id="{prefix}-d">{_text(description)}</desc>'
        + "".join(parts)
        + "</svg>"
    )


def _text(text: str) -> str:
    return escape(text, {'"': "&quot;", "'": "&#39;"})
