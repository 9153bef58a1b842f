"""The change algebra: what one claim does to what is believed."""

from __future__ import annotations

import pytest

from pipeline.compare import Beliefs, Ledger, compare
from storage.model import ChangeKind, Claim, Tier
from tests.replays.history import alerting, claim, release


def kinds(*claims: Claim) -> list[ChangeKind]:
    """The kinds of the changes that these claims make, in order of time."""
    return [change.kind for change in compare({}, claims).changes]


def alerts(*claims: Claim) -> list[str]:
    """What these claims alert."""
    return alerting(compare({}, claims).changes)


PREMIERE = "ember/release_date/s2/premiere"


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        pytest.param("2027", "2027-03-26", "refined", id="a_day_in_the_year_refines"),
        pytest.param("2027-21", "2027-03-26", "refined", id="a_day_in_spring_refines"),
        pytest.param("2027-03-26", "2027", "vaguer", id="the_year_of_the_day_is_vaguer"),
        pytest.param("2027-03-26", "2027-22", "moved_later", id="summer_is_later_than_march"),
        pytest.param("2027-03-26", "2027-05-07", "moved_later", id="another_later_day"),
        pytest.param("2027-03-26", "2027-02-05", "moved_earlier", id="another_earlier_day"),
        pytest.param("2027", "2028", "moved_later", id="the_year_after"),
        pytest.param("2027-03-26", "2027-03-26", "corroborated", id="the_same_day"),
        pytest.param("2028-05-19", "2028-22", "vaguer", id="a_film_summer_begins_in_may"),
        pytest.param("2027-23", "2027-12-16", "refined", id="autumn_lasts_until_21_december"),
        pytest.param("2026-09/2027-05", "2027-01", "refined", id="a_month_of_the_television_year"),
    ],
)
def test_a_second_date_is_classified_by_its_interval(first: str, second: str, kind: str) -> None:
    said = kinds(release("2026-01-05", first, season=2), release("2026-01-20", second, season=2, source="harbour"))
    assert said == [ChangeKind.ANNOUNCED, kind]


def test_sixty_rewrites_are_one_alert() -> None:
    claims = [release(f"2026-03-05T10:{n:02}", "2027-03-26", season=2, source=f"outlet-{n}") for n in range(60)]
    assert alerts(*claims) == [f"{PREMIERE}: announced 2027-03-26"]


def test_the_same_claim_again_changes_nothing() -> None:
    said = [release("2026-01-05", "2027", season=2), release("2026-03-05", "2027-03-26", season=2)]
    ledger = compare({}, said)
    again = compare({fact.slot: fact for fact in ledger.facts}, said)
    assert again.facts == ()
    assert alerting(again.changes) == []


def test_a_baseline_fills_the_ledger_silently() -> None:
    ledger = compare({}, [release("2026-01-05", "2027", season=2)], baseline=True)
    assert [str(fact.value) for fact in ledger.facts] == ["2027"]
    assert alerting(ledger.changes) == []


def learned(*claims: Claim) -> tuple[Beliefs, Ledger]:
    """What is believed after these claims."""
    ledger = compare({}, claims)
    return Beliefs(ledger.facts), ledger


def test_a_tier_is_the_best_of_those_who_say_it() -> None:
    _, ledger = learned(
        release("2026-01-05", "2027", season=2),
        release("2026-01-06", "2027", season=2, source="studio", tier="official"),
    )
    assert ledger.facts[0].tier is Tier.OFFICIAL


def test_casting_of_one_person_is_one_fact() -> None:
    said = [
        claim("casting", "2026-01-05", person="Inés M. Quillon", action="joins", season=2),
        claim("casting", "2026-01-06", person="Ines Quillon", action="joins", source="harbour"),
    ]
    assert alerts(*said) == ["ember/casting/s2/Inés M. Quillon: announced joins"]
