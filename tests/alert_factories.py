"""What the tests of messages are made of: alerts about an invented series."""

from __future__ import annotations

import dataclasses
import datetime as dt

from storage.model import (
    Alert,
    Change,
    ChangeKind,
    Claim,
    Kind,
    PartialDate,
    Route,
    SecretRef,
    Slot,
    Status,
    Target,
    Tier,
    Value,
    Work,
)

NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
HARBOUR = Work(id="harbour-nine", title="Harbour Nine", franchise_id="harbour")
SENTENCE = "The network has moved the fourth season of Harbour Nine to September 18."
SOURCES = {"desk": "The Desk"}


def day(text: str) -> PartialDate:
    """A whole day."""
    return PartialDate(edtf=text, earliest=dt.date.fromisoformat(text), latest=dt.date.fromisoformat(text))


OLD, NEW = Value(date=day("2026-06-05")), Value(date=day("2026-09-18"))


def route(format: str = "webhook", **fields: object) -> Route:
    """A route to a target of that format."""
    options = {"telegram": {"chat_id": "-100"}, "email": {"to": "Me <me@mail.example>"}}.get(format, {})
    target = Target(id="phone", format=format, url=SecretRef(env="URL"), options=options)
    return dataclasses.replace(Route(id="main", target=target), **fields)  # type: ignore[arg-type]


def alert(
    kind: Kind = Kind.RELEASE_DATE,
    change: ChangeKind = ChangeKind.MOVED_LATER,
    *,
    old: Value | None = OLD,
    new: Value | None = NEW,
    status: Status = Status.CONFIRMED,
    season: int | None = 4,
    role: str | None = "premiere",
    person: str | None = None,
    work: Work = HARBOUR,
    to: Route | None = None,
    claimed: dict[str, object] | None = None,
    **fields: object,
) -> Alert:
    """One alert; `claimed` are fields of the claim, `fields` of the change."""
    role = role if kind is Kind.RELEASE_DATE else None
    slot = Slot(work_id=work.id, kind=kind, season=season, role=role, person=person)
    claim = Claim(
        item_id="desk/1",
        source_id="desk",
        tier=Tier.TRADE,
        url="https://desk.example/moves",
        claimed_at=NOW,
        work_id=work.id,
        kind=kind,
        status=status,
        sentence=SENTENCE,
        rule="r",
    )
    claim = dataclasses.replace(claim, **(claimed or {}))  # type: ignore[arg-type]
    plain: dict[str, object] = {
        "id": "c1",
        "at": NOW,
        "old_since_at": dt.datetime(2026, 3, 2, tzinfo=dt.UTC) if old else None,
    }
    made = Change(kind=change, slot=slot, old=old, new=new, status=status, claim=claim, **{**plain, **fields})  # type: ignore[arg-type]
    return Alert(route=to or route(), change=made, work=work)
