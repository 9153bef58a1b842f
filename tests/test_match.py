"""Which changes alert on which route, and the reason in words when they do not."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from alerts.match import ALERTS_BY_DEFAULT, match, reminders, why_not
from storage.model import (
    Change,
    ChangeKind,
    Claim,
    Fact,
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
TODAY = dt.date(2026, 5, 1)
HARBOUR = Work(id="harbour-nine", title="Harbour Nine", franchise_id="harbour")
TARGET = Target(id="phone", format="webhook", url=SecretRef(env="PHONE_URL"))
NEWS = (
    ChangeKind.ANNOUNCED,
    ChangeKind.CONFIRMED,
    ChangeKind.REFINED,
    ChangeKind.MOVED_LATER,
    ChangeKind.MOVED_EARLIER,
    ChangeKind.WITHDRAWN,
)
QUIET = (ChangeKind.DISPUTED, ChangeKind.CORROBORATED, ChangeKind.REPEATED, ChangeKind.VAGUER, ChangeKind.DUE)


def on(day: dt.date) -> PartialDate:
    return PartialDate(edtf=day.isoformat(), earliest=day, latest=day)


def route(**fields: object) -> Route:
    return dataclasses.replace(Route(id="main", target=TARGET), **fields)  # type: ignore[arg-type]


def change(kind: ChangeKind = ChangeKind.MOVED_LATER, **fields: object) -> Change:
    slot = Slot(work_id=HARBOUR.id, kind=Kind.RELEASE_DATE, season=4, role="premiere")
    claim = Claim(
        item_id="desk/1",
        source_id="desk",
        tier=Tier.PRESS,
        url=None,
        claimed_at=NOW,
        work_id=HARBOUR.id,
        kind=Kind.RELEASE_DATE,
        status=Status.CONFIRMED,
        sentence="It moves.",
        rule="r",
    )
    old, new = Value(date=on(dt.date(2026, 6, 5))), Value(date=on(dt.date(2026, 9, 18)))
    same = kind in (ChangeKind.CONFIRMED, ChangeKind.DUE, ChangeKind.CORROBORATED, ChangeKind.REPEATED)
    base = Change(
        id="c1", kind=kind, slot=slot, old=new if same else old, new=new, status=Status.CONFIRMED, claim=claim, at=NOW
    )
    return dataclasses.replace(base, **fields)  # type: ignore[arg-type]


def matched(one: Change, *routes: Route) -> list[str]:
    return [alert.id for alert in match([one], routes, [HARBOUR])]


def test_news_alerts_by_default_and_nothing_else() -> None:
    assert set(NEWS) == ALERTS_BY_DEFAULT
    assert set(NEWS) | set(QUIET) == set(ChangeKind)


@pytest.mark.parametrize("kind", NEWS)
def test_a_route_without_wishes_sends_news(kind: ChangeKind) -> None:
    assert matched(change(kind), route()) == ["c1.main"]


@pytest.mark.parametrize("kind", QUIET)
def test_a_route_without_wishes_is_quiet_about_the_rest(kind: ChangeKind) -> None:
    assert matched(change(kind), route()) == []
    assert why_not(change(kind), route())


@pytest.mark.parametrize("kind", [ChangeKind.DISPUTED, ChangeKind.VAGUER])
def test_a_route_may_ask_for_disputes_and_vaguer_dates(kind: ChangeKind) -> None:
    assert matched(change(kind), route(changes=(kind,))) == ["c1.main"]


@pytest.mark.parametrize("kind", [ChangeKind.CORROBORATED, ChangeKind.REPEATED])
def test_the_same_value_again_never_alerts_even_if_asked(kind: ChangeKind) -> None:
    assert "same value" in (why_not(change(kind), route(changes=(kind,))) or "")


STOPPED = [
    ("baseline", {"baseline": True}, {}, "baseline"),
    ("background", {"claim": dataclasses.replace(change().claim, background=True)}, {}, "background"),
    ("other work", {}, {"works": ("elsewhere",)}, "other works"),
    ("other kind", {}, {"kinds": (Kind.CASTING,)}, "other kinds"),
    ("other role", {}, {"roles": ("finale",)}, "other roles than premiere"),
    ("not sure enough", {"status": Status.RUMOURED}, {"min_status": Status.REPORTED}, "rumoured"),
    ("weak source", {}, {"min_tier": Tier.TRADE}, "tier press"),
    ("digest only", {}, {"deliver": "digest"}, "digest"),
    ("other change", {}, {"changes": (ChangeKind.ANNOUNCED,)}, "moved_later"),
    ("only reported", {"kind": ChangeKind.CONFIRMED, "status": Status.REPORTED}, {}, "not confirmed"),
]


@pytest.mark.parametrize(("fields", "wishes", "words"), [row[1:] for row in STOPPED], ids=[row[0] for row in STOPPED])
def test_why_not_says_what_match_decides(fields: dict[str, object], wishes: dict[str, object], words: str) -> None:
    one, asked = change(**fields), route(**wishes)
    assert words in (why_not(one, asked) or "")
    assert matched(one, asked) == []


@pytest.mark.parametrize(
    "wishes",
    [
        {"works": (HARBOUR.id,)},
        {"kinds": (Kind.RELEASE_DATE,)},
        {"roles": ("premiere",)},
        {"min_status": Status.CONFIRMED},
        {"min_tier": Tier.PRESS},
        {"deliver": "both"},
    ],
    ids=lambda wishes: next(iter(wishes)),
)
def test_a_wish_that_fits_lets_the_change_through(wishes: dict[str, object]) -> None:
    assert matched(change(), route(**wishes)) == ["c1.main"]


def test_roles_bind_release_dates_only() -> None:
    casting = change(slot=Slot(work_id=HARBOUR.id, kind=Kind.CASTING, person="Jane Roe"))
    assert matched(casting, route(roles=("premiere",))) == ["c1.main"]


def test_each_route_gets_its_own_alert() -> None:
    assert matched(change(), route(), route(id="desk")) == ["c1.main", "c1.desk"]


def test_a_work_nobody_follows_is_a_bug_not_a_silence() -> None:
    with pytest.raises(KeyError):
        match([change()], [route()], [])


# --- reminders -----------------------------------------------------------------------------------------------------


def fact(day: dt.date, **fields: object) -> Fact:
    base = Fact(
        slot=change().slot,
        value=Value(date=on(day)),
        status=Status.CONFIRMED,
        tier=Tier.OFFICIAL,
        since_at=NOW,
        last_claimed_at=NOW,
        origins=("desk",),
    )
    return dataclasses.replace(base, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("days_ahead", "expected"), [(-1, 0), (0, 1), (1, 1), (2, 0)])
def test_a_release_is_due_the_day_before_and_on_the_day(days_ahead: int, expected: int) -> None:
    found = reminders([fact(TODAY + dt.timedelta(days=days_ahead))], today=TODAY, now=NOW)
    assert len(found) == expected


def test_a_window_is_never_due() -> None:
    window = PartialDate(edtf="2026-05", earliest=TODAY, latest=dt.date(2026, 5, 31))
    assert reminders([fact(TODAY, value=Value(date=window))], today=TODAY, now=NOW) == ()


def test_a_reminder_is_the_same_all_day_and_another_tomorrow() -> None:
    tomorrow = fact(TODAY + dt.timedelta(days=1))
    (first,) = reminders([tomorrow], today=TODAY, now=NOW)
    (again,) = reminders([tomorrow], today=TODAY, now=NOW + dt.timedelta(hours=5))
    (on_the_day,) = reminders([tomorrow], today=TODAY + dt.timedelta(days=1), now=NOW + dt.timedelta(days=1))
    assert first.id == again.id != on_the_day.id


def test_a_reminder_goes_only_where_it_is_wanted() -> None:
    (due,) = reminders([fact(TODAY)], today=TODAY, now=NOW)
    assert matched(due, route()) == []
    assert matched(due, route(remind=True)) == [f"{due.id}.main"]
    assert matched(due, route(remind=True, changes=(ChangeKind.ANNOUNCED,))) == [f"{due.id}.main"]


def test_a_reminder_quotes_the_evidence_it_is_given() -> None:
    claim = dataclasses.replace(change().claim, sentence="It premieres on 1 May.")
    (due,) = reminders([fact(TODAY)], today=TODAY, now=NOW, evidence={change().slot: claim})
    assert due.claim.sentence == "It premieres on 1 May."
