"""The release-date history of a season: who claimed which date when, and what was believed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from alerts.clean import one_line
from alerts.wording import date_words, day_words, slot_words
from storage.model import Claim, DayBook, Fact, Kind, PartialDate, Slot, Status

POINTS = 60
"""Claims one history keeps; beyond that the first that say something new are kept, and `left_out` counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One claim: on `at` the `source` named the days `earliest` to `latest`, or said that there is no date (None)."""

    at: dt.datetime
    earliest: dt.date | None
    latest: dt.date | None
    when: str
    status: Status
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was believed from `from_at` until `until_at`; without dates, that there was none."""

    from_at: dt.datetime
    until_at: dt.datetime
    earliest: dt.date | None
    latest: dt.date | None
    when: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that was said about one release, oldest first."""

    work_id: str
    work: str
    what: str
    points: tuple[Point, ...]
    steps: tuple[Step, ...]
    until_at: dt.datetime
    left_out: int = 0

    @property
    def is_worth_drawing(self) -> bool:
        """True when there are two different answers at least, one of them a date: a single point is no history."""
        answers = {(point.earliest, point.latest) for point in self.points}
        return len(answers) > 1

    @property
    def summary(self) -> str:
        """The picture in a sentence, for those who cannot see it."""
        claims = len(self.points) + self.left_out
        said = (
            f"{claims} claim{'s' if claims != 1 else ''} since {day_words(self.points[0].at.date())}."
            if self.points
            else ""
        )
        now = self.steps[-1] if self.steps else None
        believed = (
            f" Believed now: {now.when} ({now.status.value})." if now and now.earliest else " No date is believed."
        )
        return said + believed


def histories(
    book: DayBook, zone: ZoneInfo, work: Callable[[str], str], source: Callable[[str], str]
) -> tuple[History, ...]:
    """One history per release that anybody spoke of, in the order of the works, then season.

    `work` and `source` give the name for an id. Claims without a role are about the premiere.
    """
    claims: defaultdict[Slot, list[Claim]] = defaultdict(list)
    for claim in book.history:
        claims[_release(claim.slot)].append(claim)
    facts = {_release(fact.slot): fact for fact in book.facts if fact.slot.kind is Kind.RELEASE_DATE}
    order = {known.id: position for position, known in enumerate(book.works)}
    slots = sorted(claims.keys() | facts.keys(), key=lambda s: (order.get(s.work_id, len(order)), s.season or 0, s.id))
    return tuple(
        _history(slot, claims[slot], facts.get(slot), book.until_at, zone, work(slot.work_id), source) for slot in slots
    )


def question_words(slot: Slot) -> str:
    """What a slot asks, as a label: `Season 5 premiere`."""
    return capitalised(one_line(slot_words(slot), 160))


def capitalised(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def _release(slot: Slot) -> Slot:
    return slot if slot.role else replace(slot, role="premiere")


def _history(
    slot: Slot,
    claims: Sequence[Claim],
    fact: Fact | None,
    until_at: dt.datetime,
    zone: ZoneInfo,
    work: str,
    source: Callable[[str], str],
) -> History:
    points = _first_of_a_kind([_point(claim, zone, source) for claim in claims if not claim.background])
    kept = points if len(points) <= POINTS else points[: POINTS // 2] + points[-POINTS // 2 :]
    return History(
        work_id=slot.work_id,
        work=work,
        what=question_words(slot),
        points=tuple(kept),
        steps=_steps(fact, until_at, zone) if fact else (),
        until_at=until_at.astimezone(zone),
        left_out=len(claims) - len(kept),
    )


def _point(claim: Claim, zone: ZoneInfo, source: Callable[[str], str]) -> Point:
    date = None if claim.null else claim.date
    return Point(
        at=claim.claimed_at.astimezone(zone),
        earliest=date.earliest if date else None,
        latest=date.latest if date else None,
        when=date_words(date) if date else "no date",
        status=claim.status,
        source=source(claim.source_id),
    )


def _first_of_a_kind(points: Sequence[Point]) -> list[Point]:
    """The first time each source said each thing: sixty rewrites by one source are one point."""
    first: dict[object, Point] = {}
    for point in sorted(points, key=lambda p: p.at):
        first.setdefault((point.source, point.earliest, point.latest, point.status), point)
    return list(first.values())


def _steps(fact: Fact, until_at: dt.datetime, zone: ZoneInfo) -> tuple[Step, ...]:
    beliefs = [(past.value.date, past.status, past.from_at, past.until_at) for past in fact.past]
    beliefs.append((fact.value.date, fact.status, fact.since_at, max(fact.since_at, until_at)))
    return tuple(_step(*belief, zone) for belief in beliefs)


def _step(date: PartialDate | None, status: Status, from_at: dt.datetime, to_at: dt.datetime, zone: ZoneInfo) -> Step:
    return Step(
        from_at=from_at.astimezone(zone),
        until_at=to_at.astimezone(zone),
        earliest=date.earliest if date else None,
        latest=date.latest if date else None,
        when=date_words(date) if date else "no date",
        status=status,
    )
