"""`facts`: the ledger, now or as it was; of one work as a timeline; with what is open and how well we looked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import click

from alerts.clean import one_line
from alerts.digest.names import Names, capitalised, question_words
from alerts.wording import change_words, day_words, news_words, season_words, value_words
from pipeline.cli import Settings, pass_settings
from pipeline.cli.period import Moment
from pipeline.cli.silence import look_line, look_row, looks, open_lines, open_row
from pipeline.cli.timeline import known_work
from storage.model import Change, ChangeKind, Claim, DayBook, Fact, Kind, Rival, Slot, Unannounced, Work
from storage.store import Store, open_store

LONG_AGO = dt.datetime(1971, 1, 1, tzinfo=dt.UTC)
"""What is believed since before then is known from sources.yaml."""
DAY = dt.timedelta(days=1)
_COUNTED = (ChangeKind.CORROBORATED, ChangeKind.REPEATED, ChangeKind.VAGUER)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What one work's answer is made of."""

    work: Work
    facts: tuple[Fact, ...]
    timeline: tuple[Change, ...]
    """What moved, oldest first; empty unless one work was asked for."""
    repeated: int
    """Claims that moved nothing: repetitions and further witnesses."""
    open: tuple[Unannounced, ...]


@click.command()
@click.argument("work", required=False)
@click.option("--as-of", type=Moment(), metavar="WHEN",
              help="As it was known then: a day (its end, UTC), a moment, or how long ago (36h, 7d, 2w).")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object a work.")
@pass_settings
def facts(settings: Settings, work: str | None, as_of: dt.datetime | dt.timedelta | None, as_json: bool) -> None:
    """Show what is believed now, or was at a past time, and what is still open.

    For one WORK (its id in sources.yaml) as a timeline, else for all works that are followed.
    """
    now = dt.datetime.now(dt.UTC)
    then = moment(as_of, now)
    with open_store(settings.store_path, read_only=True) as store:
        book = store.daybook(now - DAY, now)
        wanted = known_work(book, work) if work else None
        works = [each for each in book.works if wanted in (None, each.id)]
        pages = [_page(each, store, book, then, told=wanted is not None) for each in works]
    names = Names(book, ZoneInfo("UTC"))
    if as_json:
        for page in pages:
            click.echo(json.dumps(_row(page, book, then), ensure_ascii=False))
        return
    for page in pages:
        click.echo("\n".join([one_line(page.work.title, 200), *_lines(page, names, now, then)]) + "\n")
    if then is None:
        click.echo("\n".join(["How we looked", *(f"  {look_line(look, now)}" for look in looks(book))]))


def moment(given: dt.datetime | dt.timedelta | None, now: dt.datetime) -> dt.datetime | None:
    """The moment in UTC; a day means its end, so that what was told on it counts."""
    if given is None:
        return None
    if isinstance(given, dt.timedelta):
        return now - given
    at = given.astimezone(dt.UTC) if given.tzinfo else given.replace(tzinfo=dt.UTC)
    whole_day = given.tzinfo is None and given.time() == dt.time()
    return at + DAY - dt.timedelta(microseconds=1) if whole_day else at


def facts_at(store: Store, work_id: str, then: dt.datetime) -> list[Fact]:
    """What was believed about a work at a past time, by slot.

    Changes tell it; what came without one (known from sources.yaml, or said to be open) is told by the fact's own past.
    """
    told = {fact.slot: fact for fact in store.facts(work_id, as_of=then)}
    for slot, fact in store.beliefs([work_id]).items():
        if slot not in told and (believed := _believed(fact, then)):
            told[slot] = believed
    return sorted(told.values(), key=lambda fact: fact.slot.id)


def _believed(fact: Fact, then: dt.datetime) -> Fact | None:
    past = next((past for past in fact.past if past.from_at <= then < past.until_at), None)
    if past:
        return replace(fact, value=past.value, status=past.status, since_at=past.from_at, past=(), origins=())
    if fact.since_at > then:
        return None
    return replace(fact, rivals=tuple(rival for rival in fact.rivals if rival.first_at <= then))


def _page(work: Work, store: Store, book: DayBook, then: dt.datetime | None, *, told: bool) -> _Page:
    found = facts_at(store, work.id, then) if then else store.facts(work.id)
    changes = [c for c in store.changes(work_id=work.id, baseline=True) if told and (then is None or c.at <= then)]
    moved = [change for change in changes if _moved(change)]
    now_open = (question for question in book.unannounced if question.slot.work_id == work.id)
    return _Page(
        work=work,
        facts=tuple(found),
        timeline=tuple(moved),
        repeated=len(changes) - len(moved),
        open=tuple(_open_then(store, work, found, then) if then else now_open),
    )


def _moved(change: Change) -> bool:
    return change.kind not in _COUNTED and (change.old != change.new or change.kind is ChangeKind.CONFIRMED)


def _open_then(store: Store, work: Work, facts: Sequence[Fact], then: dt.datetime) -> Iterator[Unannounced]:
    """What had been said to be open, but for dates that were known by then."""
    believed = {fact.slot: fact for fact in facts}
    dated = [fact for fact in facts if fact.slot.kind is Kind.RELEASE_DATE and not fact.value.is_empty]
    said: dict[Slot, list[Claim]] = {}
    for claim in store.claims(work.id):
        if claim.null and not claim.background and claim.claimed_at <= then:
            said.setdefault(claim.slot, []).append(claim)
    for slot, claims in said.items():
        fact, last = believed.get(slot), claims[-1]
        if not any(_answers(known, slot, last.claimed_at) for known in dated) and (fact is None or fact.value.is_empty):
            since_at = max(claims[0].claimed_at, fact.since_at) if fact else claims[0].claimed_at
            yield Unannounced(
                slot=slot, since_at=since_at, last_said_at=last.claimed_at, sentence=last.sentence, url=last.url
            )


def _answers(known: Fact, question: Slot, said_at: dt.datetime) -> bool:
    """Whether the date is of the same season, or of any, where none was named and it came later."""
    if question.kind is not Kind.RELEASE_DATE:
        return False
    return known.since_at >= said_at if question.season is None else known.slot.season == question.season


# --- what is shown ---------------------------------------------------------------------------------------------------


def _lines(page: _Page, names: Names, now: dt.datetime, then: dt.datetime | None) -> Iterator[str]:
    if page.timeline:
        yield "  What happened"
        yield from (f"    {_change_line(change, names)}" for change in page.timeline)
        if page.repeated:
            yield f"    (and {page.repeated} claims that said nothing new)"
        yield ""
    yield "  What is known" if then is None else f"  What was known at {then:%Y-%m-%d %H:%M} UTC"
    known = [fact for fact in page.facts if not fact.value.is_empty]
    for fact in known:
        yield f"    {_fact_line(fact, names)}"
        yield from (f"      {_rival_line(rival, names)}" for rival in _rivals(fact))
    if not known:
        yield "    nothing"
    if lines := list(open_lines(page.open, then or now)):
        yield "  What is open"
        yield from (f"    {line}" for line in lines)


def _change_line(change: Change, names: Names) -> str:
    season = f"S{change.slot.season}: " if change.slot.season is not None else ""
    silent = "; silent" if change.baseline else ""
    said = f"{change.status}, {names.source(change.claim.source_id)}"
    return one_line(
        f"{change.at:%Y-%m-%d}  {season}{news_words(change)} — {change_words(change.kind)} ({said}{silent})", 400
    )


def _fact_line(fact: Fact, names: Names) -> str:
    by = ", ".join(names.source(origin) for origin in fact.origins if origin != "known")
    since = f"since {day_words(fact.since_at.date())}" if fact.since_at >= LONG_AGO else "known from sources.yaml"
    said = f", {by}" if by else ""
    return one_line(f"{_question(fact.slot)}: {value_words(fact.value)} ({fact.status}, {since}{said})", 400)


def _question(slot: Slot) -> str:
    numbered = slot.kind is Kind.SEASON and slot.season is not None
    return capitalised(season_words(slot.season or 0)) if numbered else question_words(slot)


def _rivals(fact: Fact) -> list[Rival]:
    """What was said against the present value since it is believed."""
    return [rival for rival in fact.rivals if rival.last_at >= fact.since_at]


def _rival_line(rival: Rival, names: Names) -> str:
    by = ", ".join(names.source(origin) for origin in rival.origins)
    value = "no date" if rival.value.is_empty else value_words(rival.value)
    return one_line(f"but {by} said {value} ({rival.status}, {day_words(rival.last_at.date())})", 400)


# --- for programs ----------------------------------------------------------------------------------------------------


def _row(page: _Page, book: DayBook, then: dt.datetime | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "work": page.work.id,
        "title": page.work.title,
        "as_of": _iso(then),
        "facts": [_fact_row(fact) for fact in page.facts],
    }
    if page.timeline:
        row["timeline"] = _timeline_rows(page.timeline)
    row["open"] = [open_row(question) for question in page.open]
    if then is None:
        row["looked"] = [look_row(look) for look in looks(book)]
    return row


def _fact_row(fact: Fact) -> dict[str, Any]:
    date = fact.value.date
    return {
        "fact": fact.slot.id,
        "kind": fact.slot.kind.value,
        "season": fact.slot.season,
        "role": fact.slot.role,
        "person": fact.slot.person,
        "value": None if fact.value.is_empty else str(fact.value),
        "earliest": date.earliest.isoformat() if date else None,
        "latest": date.latest.isoformat() if date else None,
        "status": fact.status.value,
        "since": _iso(fact.since_at) if fact.since_at >= LONG_AGO else None,
        "origins": list(fact.origins),
        "rivals": [_rival_row(rival) for rival in _rivals(fact)],
        "change_id": fact.change_id,
    }


def _rival_row(rival: Rival) -> dict[str, Any]:
    return {
        "value": None if rival.value.is_empty else str(rival.value),
        "status": rival.status.value,
        "first_at": _iso(rival.first_at),
        "last_at": _iso(rival.last_at),
        "origins": list(rival.origins),
    }


def _timeline_rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "at": _iso(change.at),
            "change_id": change.id,
            "fact": change.slot.id,
            "change": change.kind.value,
            "old": None if change.old is None or change.old.is_empty else str(change.old),
            "new": None if change.new is None or change.new.is_empty else str(change.new),
            "status": change.status.value,
            "source": change.claim.source_id,
            "sentence": change.claim.sentence,
            "url": change.claim.url,
            "silent": change.baseline,
        }
        for change in changes
    ]


def _iso(at: dt.datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
