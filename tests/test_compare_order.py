"""Order matters no more than it must: what repetition, permutation and late arrival leave unchanged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from pipeline.compare import Beliefs, compare
from storage.model import Claim, Fact
from tests.replays.history import alerting, claim


def given(*strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Forty examples of each; a run with thousands finds nothing that these do not."""
    return lambda test: settings(max_examples=EXAMPLES)(given_any(*strategies)(test))


EXAMPLES = 40
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DATES = ["2027", "2027-21", "2027-03", "2027-03-26", "2027-05-07", "2028", "2028-22", "2028-07-01"]
SAID: dict[str, st.SearchStrategy[dict[str, object]]] = {
    "release_date": st.one_of(
        st.fixed_dictionaries(
            {"date": st.sampled_from(DATES)}, optional={"role": st.sampled_from(["finale", "streaming"])}
        ),
        st.fixed_dictionaries({"date": st.sampled_from(DATES), "previous_date": st.sampled_from(DATES)}),
        st.sampled_from(
            [{"value": "delayed"}, {"value": "moved up"}, {}, {"null": True}, {"null": True, "value": "withdrawn"}]
        ),
    ),
    "casting": st.fixed_dictionaries(
        {
            "person": st.sampled_from(["Ida Rowe", "Ída M. Rowe", "Bo Lindqvist"]),
            "action": st.sampled_from(["joins", "in_talks", "returns", "exits", "recast", "declines"]),
        }
    ),
    "production": st.fixed_dictionaries(
        {"value": st.sampled_from(["in_development", "greenlit", "filming", "wrapped", "halted", "resumed", "delayed"])}
    ),
    "renewal": st.sampled_from([{}, {"value": "revived"}, {"null": True}]),
    "cancellation": st.sampled_from([{"value": "cancelled"}, {"value": "ending"}]),
    "trailer": st.sampled_from([{"value": "trailer"}, {"value": "teaser"}, {"value": "first_look"}]),
    "season": st.sampled_from([{}, {"value": "final"}]),
    "spinoff": st.sampled_from([{"value": "prequel"}, {"value": "First Frost"}, {"value": "Harbor Lights"}]),
}


@st.composite
def anything(draw: st.DrawFn) -> Claim:
    """A claim of any kind about one of two works."""
    kind = draw(st.sampled_from(sorted(SAID)))
    said = {
        **draw(SAID[kind]),
        "work": draw(st.sampled_from(["ember", "frost"])),
        "season": draw(st.sampled_from([None, 1, 2])),
        "status": draw(st.sampled_from(["confirmed", "confirmed", "reported", "rumoured", "denied"])),
        "tier": draw(st.sampled_from(["official", "trade", "press", "press", "aggregator", "rumour"])),
        "source": draw(st.sampled_from(["lantern", "harbour", "beacon"])),
        "background": draw(st.sampled_from([False, False, False, True])),
        "attributed_to": draw(st.sampled_from([None, None, "Lantern"])),
    }
    return claim(kind, at(draw(st.integers(0, 400))), **said)


def at(days: float) -> str:
    return (START + dt.timedelta(days=days)).isoformat()


histories = st.lists(anything(), max_size=14)
dated_apart = st.lists(anything(), max_size=14, unique_by=lambda one: one.claimed_at)


@given(histories)
def test_hearing_the_same_claims_again_changes_nothing(claims: list[Claim]) -> None:
    beliefs = Beliefs(compare({}, claims).facts)
    again = compare(beliefs, claims)
    assert again.facts == ()
    assert alerting(again.changes) == []


@given(histories)
def test_a_claim_makes_exactly_one_change(claims: list[Claim]) -> None:
    assert sorted(map(id, claims)) == sorted(id(change.claim) for change in compare({}, claims).changes)


@given(histories)
def test_what_alerts_has_another_value_than_before(claims: list[Claim]) -> None:
    for change in compare({}, claims).changes:
        assert alerting((change,)) == [] or change.old != change.new or change.kind == "confirmed"


@given(dated_apart, st.randoms())
def test_within_one_call_the_order_of_the_claims_does_not_matter(claims: list[Claim], chance: Random) -> None:
    shuffled = list(claims)
    chance.shuffle(shuffled)
    assert compare({}, claims) == compare({}, shuffled)


@given(dated_apart)
def test_one_call_for_all_and_one_for_each_end_in_the_same_facts(claims: list[Claim]) -> None:
    ordered = sorted(claims, key=lambda one: one.claimed_at)
    beliefs = Beliefs(compare({}, claims).facts)
    assert dict(beliefs) == dict(one_by_one(ordered))


@given(histories)
def test_a_baseline_never_alerts(claims: list[Claim]) -> None:
    assert alerting(compare({}, claims, baseline=True).changes) == []


def one_by_one(claims: Sequence[Claim]) -> Beliefs:
    """What is believed when each claim comes in a call of its own, in this order."""
    beliefs = Beliefs()
    for one in claims:
        beliefs.learn(compare(beliefs, [one]).facts)
    return beliefs


MONTHS = [f"{2028 + n // 12}-{n % 12 + 1:02}" for n in range(24)]


@st.composite
def late_dates(draw: st.DrawFn) -> list[Claim]:
    """Confirmed dates that exclude one another, from outlets of one tier, each said at a time of its own."""
    dates = draw(st.lists(st.sampled_from(MONTHS), unique=True, max_size=7))
    days = draw(st.lists(st.integers(0, 700), unique=True, min_size=len(dates), max_size=len(dates)))
    sources = st.sampled_from(["lantern", "harbour", "beacon", "wharf"])
    said = zip(dates, days, strict=True)
    return [claim("release_date", at(day), date=date, season=2, source=draw(sources)) for date, day in said]


@given(late_dates(), st.randoms())
def test_dates_that_arrive_late_end_in_the_same_history(claims: list[Claim], chance: Random) -> None:
    shuffled = list(claims)
    chance.shuffle(shuffled)
    ordered = sorted(claims, key=lambda one: one.claimed_at)
    assert essence(one_by_one(shuffled)) == essence(one_by_one(ordered))


@given(late_dates(), st.randoms())
def test_rewrites_that_arrive_late_end_in_the_same_value(claims: list[Claim], chance: Random) -> None:
    rewrites = [
        claim("release_date", later(one), date=one.date.edtf, season=2, source="wharf") for one in claims if one.date
    ]
    shuffled = [*claims, *rewrites]
    chance.shuffle(shuffled)
    ordered = sorted([*claims, *rewrites], key=lambda one: one.claimed_at)
    newest = [str(fact.value) for fact in one_by_one(ordered).values()]
    assert [str(fact.value) for fact in one_by_one(shuffled).values()] == newest


@st.composite
def agreeing(draw: st.DrawFn) -> list[Claim]:
    """One fact said by several outlets at several times, with growing certainty or none."""
    days = draw(st.lists(st.integers(0, 25), unique=True, min_size=1, max_size=7))
    statuses = st.sampled_from(["rumoured", "reported", "confirmed"])
    return [
        claim("casting", at(day), person="Ida Rowe", action="joins", source=f"s{day}", status=draw(statuses))
        for day in days
    ]


@given(agreeing(), st.randoms())
def test_agreement_that_arrives_late_ends_in_the_same_fact(claims: list[Claim], chance: Random) -> None:
    shuffled = list(claims)
    chance.shuffle(shuffled)
    ordered = sorted(claims, key=lambda one: one.claimed_at)
    assert essence(one_by_one(shuffled)) == essence(one_by_one(ordered))


def later(one: Claim) -> str:
    return (one.claimed_at.replace(tzinfo=None) + dt.timedelta(hours=3)).isoformat()


def essence(beliefs: Beliefs) -> list[tuple[object, ...]]:
    """What is believed and was believed, and who said so, in no order of arrival."""
    return sorted(
        (
            fact.slot.id,
            str(fact.value),
            fact.status,
            fact.since_at,
            fact.last_claimed_at,
            frozenset(fact.origins),
            past(fact),
        )
        for fact in beliefs.values()
    )


def past(fact: Fact) -> tuple[tuple[str, dt.datetime, dt.datetime], ...]:
    return tuple((str(past.value), past.from_at, past.until_at) for past in fact.past)
