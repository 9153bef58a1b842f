"""The release-date history of a season: who claimed which date when, and what was believed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from alerts.digest.names import Names, date_line, question_words
from alerts.wording import day_words
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
    season: int | None
    what: str
    points: tuple[Point, ...]
    steps: tuple[Step, ...]
    until_at: dt.datetime
    left_out: int = 0

    @property
    def summary(self) -> str:
        """The picture in a sentence, for those who cannot see it."""
        claims = len(self.points) + self.left_out
        since = f" since {day_words(self.points[0].at.date())}" if self.points else ""
        said = f"{claims} claim{'' if claims == 1 else 's'}{since}."
        now = self.steps[-1] if self.steps else None
        return f"{said} Believed now: {now.when} ({now.status.value})." if now else f"{said} No date is believed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What the book holds about one release."""

    slot: Slot
    claims: tuple[Claim, ...]
    """Oldest first, background left out."""
    fact: Fact | None

    @property
    def is_worth_drawing(self) -> bool:
        """True when there were two different answers at least: a single point is no history."""
        return len({None if claim.null else claim.date for claim in self.claims}) > 1

    def is_ahead(self, today: dt.date) -> bool:
        """True until its day, or the last day of its window, has passed."""
        date = self.fact.value.date if self.fact else None
        return date is None or date.latest >= today


def releases(book: DayBook, *, claimed: bool = False) -> list[Release]:
    """Every release that anybody spoke of, in the order of the works, then season, the premiere first.

    Claims and facts without a role are about the premiere. With `claimed` only those of which the book holds claims.
    """
    dated = sorted((fact for fact in book.facts if _is_dated(fact)), key=lambda fact: not fact.value.is_empty)
    facts = {main_role(fact.slot): fact for fact in dated}
    claims: defaultdict[Slot, list[Claim]] = defaultdict(list)
    for claim in book.history:
        if not claim.background:
            claims[_told_slot(claim, facts)].append(claim)
    order = {known.id: position for position, known in enumerate(book.works)}
    slots = sorted(
        claims.keys() if claimed else claims.keys() | facts.keys(),
        key=lambda s: (order.get(s.work_id, len(order)), s.work_id, s.season or 0, s.role != "premiere", _rest(s)),
    )
    return [Release(slot=slot, claims=tuple(claims[slot]), fact=facts.get(slot)) for slot in slots]


def _rest(slot: Slot) -> tuple[str, str, str]:
    return slot.role or "", slot.part or "", slot.region or ""


def histories(book: DayBook, names: Names) -> tuple[History, ...]:
    """The history of every release in `releases`."""
    return tuple(history_of(release, book.until_at, names) for release in releases(book))


def _is_dated(fact: Fact) -> bool:
    return fact.slot.kind is Kind.RELEASE_DATE and fact.moved_to is None


def _told_slot(claim: Claim, facts: Mapping[Slot, Fact]) -> Slot:
    """What a claim is told with: where it leaves the season out, that of the only season with a date."""
    slot = main_role(claim.slot)
    if slot.season is not None or slot in facts:
        return slot
    seasons = [held for held, fact in facts.items() if replace(held, season=None) == slot and fact.value.date]
    return seasons[0] if len(seasons) == 1 else slot


def main_role(slot: Slot) -> Slot:
    """The slot itself, or the premiere's where no role was said."""
    return slot if slot.role else replace(slot, role="premiere")


def less_exact(slot: Slot) -> tuple[Slot, ...]:
    """The slot, and the ones whose claims may be told with it for they leave season or role out."""
    roles = (slot.role, None) if slot.role == "premiere" else (slot.role,)
    return tuple(replace(slot, season=season, role=role) for season in (slot.season, None) for role in roles)


def history_of(release: Release, until_at: dt.datetime, names: Names) -> History:
    """The release's claims and beliefs as they are drawn."""
    slot, fact = release.slot, release.fact
    points = _first_of_a_kind([_point(claim, names) for claim in release.claims])
    kept = points if len(points) <= POINTS else points[: POINTS // 2] + points[-POINTS // 2 :]
    return History(
        work_id=slot.work_id,
        work=names.work(slot.work_id),
        season=slot.season,
        what=question_words(slot),
        points=tuple(kept),
        steps=_steps(fact, until_at, names) if fact else (),
        until_at=names.local(until_at),
        left_out=len(release.claims) - len(kept),
    )


def _point(claim: Claim, names: Names) -> Point:
    date = None if claim.null else claim.date
    return Point(
        at=names.local(claim.claimed_at),
        earliest=date.earliest if date else None,
        latest=date.latest if date else None,
        when=date_line(date) if date else "no date",
        status=claim.status,
        source=names.source(claim.source_id),
    )


def _first_of_a_kind(points: Sequence[Point]) -> list[Point]:
    """The first time each source said each thing: sixty rewrites by one source are one point."""
    first: dict[object, Point] = {}
    for point in sorted(points, key=lambda p: p.at):
        first.setdefault((point.source, point.earliest, point.latest, point.status), point)
    return list(first.values())


def _steps(fact: Fact, until_at: dt.datetime, names: Names) -> tuple[Step, ...]:
    beliefs = [(past.value.date, past.status, past.from_at, past.until_at) for past in fact.past]
    beliefs.append((fact.value.date, fact.status, fact.since_at, max(fact.since_at, until_at)))
    return tuple(_step(*belief, names) for belief in beliefs)


def _step(date: PartialDate | None, status: Status, from_at: dt.datetime, to_at: dt.datetime, names: Names) -> Step:
    return Step(
        from_at=names.local(from_at),
        until_at=names.local(to_at),
        earliest=date.earliest if date else None,
        latest=date.latest if date else None,
        when=date_line(date) if date else "no date",
        status=status,
    )
