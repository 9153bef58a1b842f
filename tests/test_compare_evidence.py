"""Who really says it, and what the user knew before anybody said it."""

from __future__ import annotations

import pytest

from pipeline.compare import Beliefs, compare, known_facts, outlet_names
from pipeline.compare.names import outlet_key, person_key, same_person, title_key
from storage.edtf import parse_edtf
from storage.model import ChangeKind, Claim, Known, Source, SourceKind, Tier, Work
from tests.replays.history import alerting, claim, release


def source(id: str, name: str) -> Source:
    """A followed source."""
    return Source(id=id, name=name, kind=SourceKind.FEED, url=f"https://{id}.example/", tier=Tier.PRESS)


OUTLETS = outlet_names(
    [source("thr-tv", "The Hollywood Reporter"), source("lantern", "The Lantern"), source("wharf", "Wharf.com")]
)


def origins(*claims: Claim) -> tuple[str, ...]:
    """The origins of the only fact that these claims leave."""
    (fact,) = compare({}, claims, outlets=OUTLETS).facts
    return fact.origins


@pytest.mark.parametrize(
    ("attributed_to", "origin"),
    [
        pytest.param("The Lantern", "lantern", id="by_its_name"),
        pytest.param("Lantern", "lantern", id="without_its_article"),
        pytest.param("THR", "thr-tv", id="by_its_initials"),
        pytest.param("Wharf", "wharf", id="without_its_domain"),
        pytest.param("Netflix", "netflix", id="somebody_who_is_not_followed"),
        pytest.param(None, "harbour", id="nobody_but_the_outlet"),
        pytest.param("!", "harbour", id="a_name_without_letters"),
    ],
)
def test_an_attributed_claim_is_its_origin_s(attributed_to: str | None, origin: str) -> None:
    assert origins(release("2026-01-05", "2027", source="harbour", attributed_to=attributed_to)) == (origin,)


def test_who_quotes_an_outlet_is_no_second_witness() -> None:
    said = [
        release("2026-01-05", "2027", source="lantern"),
        release("2026-01-05T03:00", "2027", source="harbour", attributed_to="Lantern"),
    ]
    assert origins(*said) == ("lantern",)
    assert compare({}, said, outlets=OUTLETS).changes[1].kind is ChangeKind.REPEATED


def test_one_text_in_two_outlets_is_one_witness() -> None:
    said = [
        release("2026-01-05", "2027", source="lantern", sentence="“Ember” opens in 2027."),
        release("2026-01-06", "2027", source="harbour", sentence="'Ember' opens in 2027"),
    ]
    assert origins(*said) == ("lantern",)


def test_independent_outlets_corroborate_and_are_counted() -> None:
    said = [release(f"2026-01-0{n}", "2027", source=name) for n, name in enumerate(["lantern", "harbour", "wharf"], 1)]
    assert origins(*said) == ("lantern", "harbour", "wharf")
    assert compare({}, said).changes[2].note == "wharf says so too: 3 origins"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Hollywood Reporter", "THR"),
        ("Deadline", "deadline.com"),
        ("Entertainment Weekly", "EW"),
        ("Variety", "VARIETY"),
    ],
)
def test_an_outlet_has_one_key_under_every_name(one: str, other: str) -> None:
    assert outlet_key(one) == outlet_key(other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Samuel T. Brandt", "Samuel Brandt", True),
        ("Zoë Ærø-Lind", "Zoe Ærø Lind", True),
        ("D'Arcy Bell", "D’Arcy Bell", True),
        ("Cher", "Cher", True),
        ("Brandt", "Samuel Brandt", True),
        ("Ines Brandvold", "Ines Brandwold", True),
        ("Bo Marsh", "Bo Marsch", True),
        ("Sam Lee", "Sam Leo", False),
        ("Anna Bell", "Emma Bell", False),
        ("", "Samuel Brandt", False),
    ],
)
def test_when_two_names_are_one_person(one: str, other: str, same: bool) -> None:
    assert same_person(person_key(one), person_key(other)) is same


@pytest.mark.parametrize("text", ["spin-off", "an untitled prequel series", "Reboot", "new film", "", None])
def test_a_description_is_no_title(text: str | None) -> None:
    assert title_key(text) == ""


KNOWN = Work(
    id="ember",
    title="Ember",
    franchise_id="ember",
    known=Known(
        seasons=(1, 2),
        cast=("Ida Rowe",),
        release_dates={2: parse_edtf("2025-03-04"), 3: parse_edtf("2027")},
        ended=False,
    ),
)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(claim("season", "2026-01-05", season=2), id="a_known_season"),
        pytest.param(claim("renewal", "2026-01-05", season=2), id="the_renewal_of_a_released_season"),
        pytest.param(
            claim("casting", "2026-01-05", person="Ida M. Rowe", action="returns", season=3), id="known_cast_returns"
        ),
        pytest.param(claim("casting", "2026-01-05", person="Ida Rowe", action="joins"), id="known_cast_joins"),
        pytest.param(release("2026-01-05", "2025-03-04", season=2), id="a_known_date"),
        pytest.param(release("2026-01-05", "2026-06-04", season=1, region="de"), id="a_released_season_elsewhere"),
    ],
)
def test_what_is_known_is_never_announced(said: Claim) -> None:
    assert alerting(compare(Beliefs(known_facts(KNOWN)), [said]).changes) == []


@pytest.mark.parametrize(
    ("said", "alert"),
    [
        pytest.param(
            claim("casting", "2026-01-05", person="Ida Rowe", action="exits"),
            "ember/casting/Ida Rowe: announced cast → exits",
            id="known_cast_leaves",
        ),
        pytest.param(
            release("2026-01-05", "2028", season=3),
            "ember/release_date/s3/premiere: moved_later 2027 → 2028",
            id="a_known_date_moves",
        ),
        pytest.param(
            claim("renewal", "2026-01-05", season=4), "ember/renewal/s4: announced renewed", id="the_next_season"
        ),
    ],
)
def test_what_differs_from_the_known_is_news(said: Claim, alert: str) -> None:
    assert alerting(compare(Beliefs(known_facts(KNOWN)), [said]).changes) == [alert]


def test_a_work_known_to_have_ended_is_not_cancelled_again() -> None:
    over = Work(id="ember", title="Ember", franchise_id="ember", known=Known(ended=True))
    assert alerting(compare(Beliefs(known_facts(over)), [claim("cancellation", "2026-01-05", season=5)]).changes) == []


def test_beliefs_are_facts_by_slot() -> None:
    facts = known_facts(KNOWN)
    beliefs = Beliefs(facts)
    assert dict(beliefs) == {fact.slot: fact for fact in facts}
    assert len(beliefs) == len(facts)


def test_comparing_leaves_the_beliefs_as_they_are() -> None:
    beliefs = Beliefs(known_facts(KNOWN))
    before = dict(beliefs)
    assert compare(beliefs, [release("2026-01-05", "2028", season=3)]).facts
    assert dict(beliefs) == before
