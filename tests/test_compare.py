"""The change algebra: what one claim does to what is believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.compare import Beliefs, Ledger, compare
from storage.model import ChangeKind, Claim, Fact, Status, Tier
from tests.replays.history import alerting, claim, release, told

PREMIERE = "ember/release_date/s2/premiere"


def kinds(*claims: Claim) -> list[ChangeKind]:
    """The kinds of the changes that these claims make, in order of time."""
    return [change.kind for change in compare({}, claims).changes]


def alerts(*claims: Claim) -> list[str]:
    """What these claims alert."""
    return alerting(compare({}, claims).changes)


def believed(*claims: Claim) -> dict[str, str]:
    """What is believed after these claims: value by slot; an open question has none."""
    return {fact.slot.id: str(fact.value) for fact in compare({}, claims).facts if fact.moved_to is None}


def fact_after(*claims: Claim) -> Fact:
    """The only fact that these claims leave."""
    (fact,) = compare({}, claims).facts
    return fact


def day(at: str, date: str | None = None, **said: object) -> Claim:
    """A claim of the premiere of season 2."""
    return release(at, date, season=2, **said)


# --- the table -------------------------------------------------------------------------------------------------------


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
        pytest.param("2027-05/2027-07", "2027-06/2027-12", "vaguer", id="windows_that_overlap_do_not_move"),
        pytest.param("2027-06~", "2027-07-10", "refined", id="about_june_may_be_july"),
        pytest.param("2027/..", "2027-03-26", "refined", id="no_earlier_than_2027"),
    ],
)
def test_a_second_date_is_classified_by_its_interval(first: str, second: str, kind: str) -> None:
    said = kinds(day("2026-01-05", first), day("2026-01-20", second, source="harbour"))
    assert said == [ChangeKind.ANNOUNCED, kind]


@pytest.mark.parametrize(
    ("first", "second", "kind", "alerting_now"),
    [
        pytest.param("rumoured", "confirmed", "confirmed", True, id="a_rumour_that_is_confirmed"),
        pytest.param("reported", "confirmed", "confirmed", True, id="a_report_that_is_confirmed"),
        pytest.param("rumoured", "reported", "confirmed", False, id="a_rumour_that_is_only_reported"),
        pytest.param("confirmed", "rumoured", "corroborated", False, id="a_rumour_of_what_is_confirmed"),
    ],
)
def test_a_higher_status_confirms(first: str, second: str, kind: str, alerting_now: bool) -> None:
    said = [day("2026-01-05", "2027", status=first), day("2026-01-06", "2027", status=second, source="harbour")]
    assert kinds(*said) == [ChangeKind.ANNOUNCED, kind]
    assert len(alerts(*said)) == 1 + alerting_now


def test_a_source_of_a_lower_tier_cannot_confirm() -> None:
    said = [day("2026-01-05", "2027", status="reported"), day("2026-01-06", "2027", tier="aggregator", source="mirror")]
    assert kinds(*said) == [ChangeKind.ANNOUNCED, ChangeKind.CORROBORATED]
    assert fact_after(*said).status is Status.REPORTED


def test_sixty_rewrites_are_one_alert() -> None:
    claims = [day(f"2026-03-05T10:{n:02}", "2027-03-26", source=f"outlet-{n}") for n in range(60)]
    assert alerts(*claims) == [f"{PREMIERE}: announced 2027-03-26"]


def test_news_told_again_months_later_is_repeated() -> None:
    said = [
        claim("spinoff", "2026-01-05", value="prequel"),
        claim("spinoff", "2026-09-05", value="prequel", source="wharf"),
    ]
    assert kinds(*said) == [ChangeKind.ANNOUNCED, ChangeKind.REPEATED]


# --- silence ---------------------------------------------------------------------------------------------------------


def test_background_fills_an_empty_slot_silently() -> None:
    said = [day("2026-01-05", "2027", background=True), day("2026-01-06", "2027", source="harbour")]
    assert alerts(*said) == []
    assert believed(*said) == {PREMIERE: "2027"}


def test_background_never_moves_a_fact() -> None:
    said = [day("2026-01-05", "2027-03"), day("2026-06-05", "2027-06", background=True, tier="official")]
    assert kinds(*said) == [ChangeKind.ANNOUNCED, ChangeKind.REPEATED]
    assert believed(*said) == {PREMIERE: "2027-03"}


def test_a_date_before_its_publication_is_background() -> None:
    assert alerts(release("2026-01-05", "2019")) == []


def test_a_date_of_the_day_of_publication_is_news() -> None:
    assert alerts(day("2026-01-05", "2026-01-05")) == [f"{PREMIERE}: announced 2026-01-05"]


def test_the_same_claim_again_changes_nothing() -> None:
    said = [day("2026-01-05", "2027"), day("2026-03-05", "2027-03-26")]
    ledger = compare({}, said)
    again = compare({fact.slot: fact for fact in ledger.facts}, said)
    assert again.facts == ()
    assert alerting(again.changes) == []


def test_a_baseline_fills_the_ledger_silently() -> None:
    ledger = compare({}, [day("2026-01-05", "2027"), day("2026-02-05", "2028")], baseline=True)
    assert [str(fact.value) for fact in ledger.facts] == ["2028"]
    assert alerting(ledger.changes) == []


def test_what_a_baseline_filled_is_no_news_afterwards() -> None:
    beliefs = Beliefs(compare({}, [day("2026-01-05", "2027")], baseline=True).facts)
    assert alerting(compare(beliefs, [day("2026-01-09", "2027", source="harbour")]).changes) == []


@pytest.mark.parametrize("value", [None, "planned_total", "final"])
def test_a_season_number_is_never_news_by_itself(value: str | None) -> None:
    assert alerts(claim("season", "2026-01-05", season=7, value=value)) == []


def test_what_more_is_said_of_a_season_is_no_news_either() -> None:
    said = [
        claim("season", "2026-01-05", season=6, status="rumoured"),
        claim("season", "2026-02-05", season=6, value="final"),
    ]
    assert alerts(*said) == []


def test_the_past_of_a_season_is_not_the_open_question() -> None:
    said = [release("2026-01-05", null=True), release("2026-02-05", "2019", season=1, background=True)]
    assert believed(*said) == {"ember/release_date/premiere": "", "ember/release_date/s1/premiere": "2019"}


def test_a_changed_plan_of_seasons_is_news() -> None:
    said = [
        claim("season", "2026-01-05", value="seven"),
        claim("season", "2026-02-05", value="7"),
        claim("season", "2026-09-05", value="6"),
    ]
    assert alerts(*said) == ["ember/season: announced 7 → 6"]


def test_one_item_cannot_contradict_itself() -> None:
    said = [day("2026-01-05", "2027-03-26", item_id="one"), day("2026-01-05", "2027-06-01", item_id="one")]
    assert alerts(*said) == [f"{PREMIERE}: announced 2027-03-26"]


# --- null claims and withdrawal --------------------------------------------------------------------------------------


def test_a_null_claim_opens_a_question_silently() -> None:
    said = day("2026-01-05", null=True)
    assert alerts(said) == []
    assert believed(said) == {PREMIERE: ""}


def test_an_open_question_remembers_when_it_was_first_and_last_said() -> None:
    fact = fact_after(day("2026-01-05", null=True), day("2026-02-05", null=True, source="harbour"))
    assert (fact.since_at.month, fact.last_claimed_at.month) == (1, 2)


def test_the_first_date_after_a_null_claim_is_announced() -> None:
    ledger = compare({}, [day("2026-01-05", null=True), day("2026-02-05", "2027")])
    assert alerting(ledger.changes) == [f"{PREMIERE}: announced 2027"]
    assert ledger.changes[1].old_since_at == ledger.changes[0].at


@pytest.mark.parametrize("tier", ["aggregator", "press", "official"])
def test_no_date_yet_does_not_withdraw_a_date(tier: str) -> None:
    said = [day("2026-01-05", "2027"), day("2026-02-05", null=True, tier=tier, source="harbour")]
    assert alerts(*said) == [f"{PREMIERE}: announced 2027"]
    assert believed(*said) == {PREMIERE: "2027"}


def withdrawal(at: str, **said: object) -> Claim:
    """A claim that takes the date back."""
    return day(at, null=True, value="withdrawn", **said)


def test_words_of_withdrawal_withdraw() -> None:
    said = [day("2026-01-05", "2027"), withdrawal("2026-02-05", source="harbour")]
    assert alerts(*said) == [f"{PREMIERE}: announced 2027", f"{PREMIERE}: withdrawn 2027 →"]
    assert believed(*said) == {PREMIERE: ""}


def test_a_weaker_source_only_disputes_what_it_would_withdraw() -> None:
    said = [day("2026-01-05", "2027"), withdrawal("2026-02-05", tier="rumour")]
    assert kinds(*said) == [ChangeKind.ANNOUNCED, ChangeKind.DISPUTED]
    assert believed(*said) == {PREMIERE: "2027"}


def test_two_weaker_sources_withdraw_together() -> None:
    said = [
        day("2026-01-05", "2027"),
        withdrawal("2026-02-05", tier="aggregator", source="mirror"),
        withdrawal("2026-02-06", tier="aggregator", source="copy"),
    ]
    assert kinds(*said)[1:] == [ChangeKind.DISPUTED, ChangeKind.WITHDRAWN]


def test_a_release_that_is_out_cannot_be_withdrawn() -> None:
    assert kinds(day("2026-01-05", "2026-02"), withdrawal("2026-05-05"))[1:] == [ChangeKind.REPEATED]


def test_a_withdrawn_date_told_again_is_stale() -> None:
    said = [day("2026-01-05", "2027"), withdrawal("2026-02-05"), day("2026-02-15", "2027", source="harbour")]
    assert len(alerts(*said)) == 2
    assert believed(*said) == {PREMIERE: ""}


def test_another_date_after_a_withdrawal_is_announced() -> None:
    said = [day("2026-01-05", "2027"), withdrawal("2026-02-05"), day("2026-04-15", "2028", source="harbour")]
    assert alerts(*said)[2:] == [f"{PREMIERE}: announced 2028"]


# --- denial ----------------------------------------------------------------------------------------------------------


def ida(at: str, action: str = "joins", **said: object) -> Claim:
    """A claim about one person."""
    return claim("casting", at, person="Ida Rowe", action=action, **said)


def test_a_denied_rumour_is_withdrawn() -> None:
    said = [ida("2026-01-05", status="rumoured", tier="rumour"), ida("2026-01-06", status="denied")]
    assert alerts(*said) == ["ember/casting/Ida Rowe: announced joins", "ember/casting/Ida Rowe: withdrawn joins →"]


def test_a_denied_rumour_told_again_is_not_news() -> None:
    rumour = {"status": "rumoured", "tier": "rumour"}
    said = [
        ida("2026-01-05", **rumour),
        ida("2026-01-06", status="denied"),
        ida("2026-03-06", source="whisper", **rumour),
    ]
    assert len(alerts(*said)) == 2


def test_a_denial_falls_back_to_what_was_confirmed() -> None:
    said = [
        day("2026-01-05", "2027-03"),
        day("2026-03-05", "2027-09", status="reported"),
        day("2026-03-20", status="denied"),
    ]
    assert alerts(*said)[2:] == [f"{PREMIERE}: withdrawn 2027-09 → 2027-03"]
    assert fact_after(*said).status is Status.CONFIRMED


def test_a_denial_of_what_is_confirmed_is_a_dispute() -> None:
    assert kinds(ida("2026-01-05"), ida("2026-01-06", status="denied"))[1:] == [ChangeKind.DISPUTED]


def test_the_studio_may_deny_what_the_press_confirmed() -> None:
    said = [ida("2026-01-05"), ida("2026-01-06", status="denied", tier="official")]
    assert kinds(*said)[1:] == [ChangeKind.WITHDRAWN]


def test_a_denial_of_what_nobody_believes_is_silent() -> None:
    said = [ida("2026-01-05"), ida("2026-01-06", "exits", status="denied")]
    assert alerts(*said) == ["ember/casting/Ida Rowe: announced joins"]


def test_a_denial_in_an_empty_slot_is_an_open_question() -> None:
    said = claim("cancellation", "2026-01-05", value="ending", season=4, status="denied")
    assert alerts(said) == []
    assert believed(said) == {"ember/cancellation/s4": ""}


# --- contradiction ---------------------------------------------------------------------------------------------------


def test_the_press_moves_what_the_press_confirmed() -> None:
    said = [day("2026-01-05", "2027-03"), day("2026-06-05", "2027-06", source="harbour")]
    assert alerts(*said)[1:] == [f"{PREMIERE}: moved_later 2027-03 → 2027-06"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        pytest.param({"tier": "press"}, "disputed", id="press_alone_does_not_move_the_studio"),
        pytest.param({"tier": "press", "previous_date": "2027-03"}, "moved_later", id="unless_it_tells_of_the_move"),
        pytest.param({"tier": "press", "value": "delayed"}, "moved_later", id="or_speaks_of_a_delay"),
        pytest.param({"tier": "official"}, "moved_later", id="the_studio_moves_its_own_date"),
        pytest.param({"tier": "official", "status": "rumoured"}, "disputed", id="a_rumour_moves_nothing_confirmed"),
        pytest.param({"tier": "official", "background": True}, "repeated", id="the_past_moves_nothing"),
    ],
)
def test_who_may_move_an_official_date(said: dict[str, object], kind: str) -> None:
    studio = day("2026-01-05", "2027-03", tier="official", source="studio")
    assert kinds(studio, day("2026-06-05", "2027-06", **said)) == [ChangeKind.ANNOUNCED, kind]


def rival(at: str, source: str, **said: object) -> Claim:
    """A later date than the studio's from a source of a lower tier."""
    return day(at, "2027-06", source=source, **said)


STUDIO = day("2026-01-05", "2027-03", tier="official", source="studio")


@pytest.mark.parametrize(
    ("first", "second", "moves"),
    [
        pytest.param(
            rival("2026-06-05", "lantern"), rival("2026-06-06", "harbour"), True, id="two_outlets_within_days"
        ),
        pytest.param(rival("2026-06-05", "lantern"), rival("2026-06-06", "lantern"), False, id="one_outlet_twice"),
        pytest.param(
            rival("2026-06-05", "lantern"), rival("2026-08-06", "harbour"), False, id="two_outlets_months_apart"
        ),
        pytest.param(
            rival("2026-06-05", "lantern"),
            rival("2026-06-06", "harbour", attributed_to="Lantern"),
            False,
            id="one_outlet_and_who_quotes_it",
        ),
        pytest.param(
            rival("2026-06-05", "lantern", sentence="It now opens in June."),
            rival("2026-06-06", "harbour", sentence="It now opens in June!"),
            False,
            id="one_text_in_two_outlets",
        ),
        pytest.param(
            rival("2026-06-05", "lantern", status="rumoured"),
            rival("2026-06-06", "harbour", status="rumoured"),
            False,
            id="two_rumours",
        ),
    ],
)
def test_two_independent_weaker_sources_move_a_fact(first: Claim, second: Claim, moves: bool) -> None:
    assert (kinds(STUDIO, first, second)[2] is ChangeKind.MOVED_LATER) is moves


def test_a_second_witness_moves_the_fact_to_when_the_first_spoke() -> None:
    fact = fact_after(STUDIO, rival("2026-06-05", "lantern"), rival("2026-06-06", "harbour"))
    assert (fact.since_at.day, fact.origins) == (5, ("lantern", "harbour"))


def test_a_value_that_comes_back_within_days_is_one_dispute() -> None:
    said = [
        day("2026-01-05", "2027-03"),
        day("2026-01-06", "2027-06", source="harbour"),
        day("2026-01-07", "2027-03"),
        day("2026-01-08", "2027-03"),
    ]
    assert kinds(*said)[2:] == [ChangeKind.DISPUTED, ChangeKind.REPEATED]
    assert believed(*said) == {PREMIERE: "2027-06"}


MOVED = (day("2026-01-05", "2027-03"), day("2026-03-05", "2027-06", source="harbour"))


@pytest.mark.parametrize(
    ("again", "moves"),
    [
        pytest.param(day("2026-03-04", "2027-03", source="wharf"), False, id="published_before_the_move"),
        pytest.param(day("2026-03-25", "2027-03", source="wharf"), False, id="an_outlet_that_has_not_heard"),
        pytest.param(
            day("2026-03-25", "2027-03", attributed_to="Lantern", tier="trade"), False, id="told_after_the_old_one"
        ),
        pytest.param(day("2026-03-25", "2027-03", tier="official"), True, id="the_studio_later"),
        pytest.param(day("2026-03-25", "2027-03", previous_date="2027-06"), True, id="told_as_a_move_back"),
        pytest.param(day("2026-03-25", "2027-03", value="moved up"), True, id="in_words_of_a_move"),
        pytest.param(day("2026-03-25", "2027-03", value="delayed"), False, id="in_the_words_of_the_older_move"),
    ],
)
def test_an_old_value_comes_back_only_as_news(again: Claim, moves: bool) -> None:
    assert (ChangeKind.MOVED_EARLIER in kinds(*MOVED, again)) is moves


def test_a_rumour_of_the_past_that_is_confirmed_is_news() -> None:
    said = [
        day("2026-01-05", "2027-06", status="rumoured"),
        day("2026-02-05", "2027-03", source="harbour"),
        day("2026-06-05", "2027-06", source="wharf"),
    ]
    assert kinds(*said)[1:] == [ChangeKind.MOVED_EARLIER, ChangeKind.MOVED_LATER]


def test_two_outlets_may_move_a_date_back_after_a_while() -> None:
    said = [*MOVED, day("2026-04-05", "2027-03", source="wharf"), day("2026-04-06", "2027-03", source="beacon")]
    assert kinds(*said)[2:] == [ChangeKind.DISPUTED, ChangeKind.MOVED_EARLIER]


def test_one_report_against_another_is_a_dispute() -> None:
    said = [
        day("2026-01-05", "2027-03", status="reported"),
        day("2026-01-07", "2028", status="reported", source="harbour"),
    ]
    assert kinds(*said)[1:] == [ChangeKind.DISPUTED]


def test_a_report_months_later_moves_a_report() -> None:
    said = [
        day("2026-01-05", "2027-03", status="reported"),
        day("2026-06-07", "2028", status="reported", source="harbour"),
    ]
    assert kinds(*said)[1:] == [ChangeKind.MOVED_LATER]


def test_a_past_date_of_a_season_moves_only_with_words() -> None:
    out = day("2026-01-05", "2026-03")
    assert kinds(out, day("2026-05-05", "2026-07"))[1:] == [ChangeKind.DISPUTED]
    assert kinds(out, day("2026-05-05", "2026-07", value="delayed"))[1:] == [ChangeKind.MOVED_LATER]


def test_a_release_within_days_needs_more_than_a_word_where_one_is_months_away() -> None:
    assert kinds(day("2026-01-05", "2026-23"), day("2026-04-27", "2026-04-29"))[1:] == [ChangeKind.DISPUTED]


def test_a_whole_year_before_needs_more_than_a_word() -> None:
    assert kinds(day("2026-01-05", "2027"), day("2026-04-27", "2026"))[1:] == [ChangeKind.DISPUTED]
    assert kinds(day("2026-01-05", "2027"), day("2026-04-27", "2026", value="moved up"))[1:] == [
        ChangeKind.MOVED_EARLIER
    ]


def test_the_next_date_of_a_show_without_seasons_is_announced() -> None:
    said = [release("2026-01-05", "2026-03"), release("2026-09-05", "2027-03")]
    assert alerts(*said)[1:] == ["ember/release_date/premiere: announced 2026-03 → 2027-03"]


# --- dates that are told without their value -------------------------------------------------------------------------


def test_a_date_without_its_value_alerts_once_and_its_value_once() -> None:
    said = [day("2026-01-05"), day("2026-01-05T02:00", source="harbour"), day("2026-01-06", "2027-03-26")]
    assert alerts(*said) == [f"{PREMIERE}: announced announced", f"{PREMIERE}: refined announced → 2027-03-26"]


def test_a_date_without_its_value_is_no_news_where_a_date_is_known() -> None:
    assert kinds(day("2026-01-05", "2027"), day("2026-02-05"))[1:] == [ChangeKind.VAGUER]


def test_a_move_without_its_date_alerts_once_and_its_date_once() -> None:
    said = [
        day("2026-01-05", "2027-03"),
        day("2026-02-05", value="moved up"),
        day("2026-02-05T01:00", value="moved up", source="harbour"),
        day("2026-02-06", "2027-01", source="wharf"),
    ]
    assert alerts(*said)[1:] == [
        f"{PREMIERE}: moved_earlier 2027-03 → moved up",
        f"{PREMIERE}: refined moved up → 2027-01",
    ]


def test_a_move_told_without_its_date_after_its_date_is_repeated() -> None:
    said = [
        day("2026-01-05", "2027-03"),
        day("2026-02-05", "2027-01"),
        day("2026-02-07", value="moved up", source="harbour"),
    ]
    assert kinds(*said)[2:] == [ChangeKind.REPEATED]


def test_the_date_before_the_move_is_stale_while_the_new_one_is_unknown() -> None:
    said = [
        day("2026-01-05", "2027-03"),
        day("2026-02-05", value="delayed"),
        day("2026-02-07", "2027-03", source="harbour"),
    ]
    assert kinds(*said)[2:] == [ChangeKind.REPEATED]


def test_a_first_date_that_tells_of_a_move_is_a_move() -> None:
    said = [day("2026-02-05", "2027-06", previous_date="2027-03"), day("2026-03-05", "2027-03", source="harbour")]
    assert alerts(*said) == [f"{PREMIERE}: moved_later 2027-03 → 2027-06"]


# --- which slot ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "said", "slots"),
    [
        pytest.param({"season": 2}, {}, {PREMIERE}, id="no_season_is_the_only_one_ahead"),
        pytest.param({}, {"season": 2}, {PREMIERE}, id="a_season_takes_over_what_had_none"),
        pytest.param({"season": 2}, {"season": 2, "role": "premiere"}, {PREMIERE}, id="no_role_is_the_premiere"),
        pytest.param({}, {"role": "theatrical"}, {"ember/release_date/premiere"}, id="a_film_premieres_in_cinemas"),
        pytest.param({"role": "theatrical"}, {}, {"ember/release_date/theatrical"}, id="and_the_other_way_round"),
        pytest.param({}, {"region": "uk"}, {"ember/release_date/premiere"}, id="the_same_day_in_a_region"),
        pytest.param({"part": "1"}, {"part": "Part 1"}, {"ember/release_date/1/premiere"}, id="a_part_is_its_number"),
        pytest.param({}, {"part": "Volume 1"}, {"ember/release_date/premiere"}, id="the_first_part_is_the_premiere"),
    ],
)
def test_the_same_day_in_other_words_is_one_fact(
    known: dict[str, object], said: dict[str, object], slots: set[str]
) -> None:
    claims = [release("2026-01-05", "2027-03-26", **known), release("2026-01-06", "2027-03-26", source="wharf", **said)]
    assert len(alerts(*claims)) == 1
    assert set(believed(*claims)) == slots


@pytest.mark.parametrize(
    ("known", "said"),
    [
        pytest.param({"season": 2}, {"season": 2, "role": "finale"}, id="a_finale_is_no_premiere"),
        pytest.param({"season": 2}, {"season": 3}, id="another_season"),
        pytest.param({}, {"role": "streaming"}, id="a_film_streams_later_than_it_opens"),
        pytest.param({}, {"role": "physical"}, id="a_disc"),
        pytest.param({}, {"region": "uk"}, id="another_day_in_a_region"),
        pytest.param({"part": "1"}, {"part": "2"}, id="another_part"),
    ],
)
def test_another_question_has_a_fact_of_its_own(known: dict[str, object], said: dict[str, object]) -> None:
    claims = [release("2026-01-05", "2027-03-26", **known), release("2026-01-06", "2027-05-29", **said)]
    assert [line.split(": ")[1] for line in alerts(*claims)] == ["announced 2027-03-26", "announced 2027-05-29"]


def test_no_season_is_the_unreleased_one_and_can_move_it() -> None:
    said = [day("2026-01-05", "2027-03"), release("2026-05-05", "2027-09", source="harbour")]
    assert alerts(*said)[1:] == [f"{PREMIERE}: moved_later 2027-03 → 2027-09"]


@pytest.mark.parametrize(
    ("finale", "seasons", "slot"),
    [
        pytest.param("2027-05-28", (2,), "ember/release_date/s2/finale", id="after_the_only_premiere"),
        pytest.param("2027-05-28", (2, 3), "ember/release_date/finale", id="one_of_two"),
        pytest.param("2027-02-28", (2,), "ember/release_date/finale", id="before_it"),
    ],
)
def test_a_finale_without_season_is_of_the_only_one_ahead(finale: str, seasons: tuple[int, ...], slot: str) -> None:
    said = [release("2026-01-05", "2027-03-26", season=season) for season in seasons]
    assert slot in believed(*said, release("2026-01-05", finale, role="finale"))


@pytest.mark.parametrize(
    ("told", "slots"),
    [
        pytest.param("2027-03-26", [PREMIERE], id="of_the_season_it_is_known_of"),
        pytest.param("2025-05-02", [PREMIERE, "ember/release_date/premiere"], id="of_none_that_is_known"),
    ],
)
def test_a_past_date_is_told_of_the_season_it_is_known_of(told: str, slots: list[str]) -> None:
    said = [day("2026-01-05", "2027-03-26"), release("2027-06-05", told, background=True)]
    assert sorted(believed(*said), reverse=True) == sorted(slots, reverse=True)


def test_a_date_without_season_meets_the_season_it_agrees_with() -> None:
    said = [day("2026-01-05", "2027-03"), release("2026-01-05", "2028", season=3), release("2026-05-05", "2027-03-26")]
    assert alerts(*said)[2:] == [f"{PREMIERE}: refined 2027-03 → 2027-03-26"]


def test_a_date_without_season_prefers_a_date_to_an_open_question() -> None:
    said = [day("2026-01-05", null=True), release("2026-01-05", "2027", season=3), release("2026-05-05", "2027-03-26")]
    assert alerts(*said)[1:] == ["ember/release_date/s3/premiere: refined 2027 → 2027-03-26"]


def test_what_a_season_took_over_is_no_longer_current() -> None:
    ledger = compare({}, [release("2026-01-05", "2027"), day("2026-02-05", "2027-03-26")])
    assert {fact.slot.id: fact.moved_to for fact in ledger.facts} == {
        PREMIERE: None,
        "ember/release_date/premiere": PREMIERE,
    }
    assert alerting(ledger.changes)[1:] == [f"{PREMIERE}: refined 2027 → 2027-03-26"]


@pytest.mark.parametrize(
    ("kind", "known"),
    [("production", {"value": "greenlit"}), ("release_date", {"date": "2027"}), ("renewal", {"value": "renewed"})],
)
def test_a_text_that_knows_of_nothing_gives_a_fact_no_season(kind: str, known: dict[str, str]) -> None:
    said = [claim(kind, "2026-01-05", **known), claim(kind, "2026-01-06", season=5, null=True, source="harbour")]
    assert [fact.slot.season for fact in compare({}, said).facts] == [None]


def test_a_series_that_streams_has_no_second_premiere() -> None:
    said = [day("2026-01-05", "2027-03"), release("2026-06-05", "2027-05", role="streaming")]
    assert alerts(*said)[1:] == [f"{PREMIERE}: moved_later 2027-03 → 2027-05"]


def test_two_shows_keep_their_dates_apart() -> None:
    said = [day("2026-01-05", "2027-03"), day("2026-01-06", "2027-09", work="frost")]
    assert len(alerts(*said)) == 2


# --- casting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("in_talks", "joins", "confirmed"),
        ("in_talks", "declines", "announced"),
        ("joins", "returns", "corroborated"),
        ("joins", "in_talks", "repeated"),
        ("joins", "exits", "announced"),
        ("exits", "recast", "announced"),
        ("recast", "exits", "corroborated"),
        ("exits", "returns", "announced"),
        ("exits", "joins", "announced"),
    ],
)
def test_how_one_person_s_news_follow_one_another(first: str, second: str, kind: str) -> None:
    assert kinds(ida("2026-01-05", first), ida("2026-01-20", second, source="harbour")) == [ChangeKind.ANNOUNCED, kind]


@pytest.mark.parametrize(
    "name",
    [
        "Inés Marie Quillón",
        "Ines Marie Quillon",
        "INÉS MARIE QUILLÓN",
        "Inés Marie Quillon Jr.",
        "Ines Marie Quilon",
        "Quillón",
    ],
)
def test_a_person_is_known_under_every_spelling(name: str) -> None:
    known = claim("casting", "2026-01-05", person="Inés Marie Quillón", action="joins", season=2)
    assert len(alerts(known, claim("casting", "2026-01-06", person=name, action="joins", source="harbour"))) == 1


@pytest.mark.parametrize("name", ["Bo Lindqvist", "Ina Marie Quillón", "Inés Quill", "Paul Quillón"])
def test_other_people_are_other_people(name: str) -> None:
    known = claim("casting", "2026-01-05", person="Inés Marie Quillón", action="joins")
    assert len(alerts(known, claim("casting", "2026-01-06", person=name, action="joins"))) == 2


def test_somebody_unnamed_is_who_was_named_within_days() -> None:
    assert len(alerts(ida("2026-01-05"), claim("casting", "2026-01-06", action="joins", source="wharf"))) == 1
    assert len(alerts(claim("casting", "2026-01-05", action="joins"), ida("2026-01-06"))) == 2


def test_a_part_s_name_that_comes_later_is_kept_silently() -> None:
    said = [ida("2026-01-05"), ida("2026-01-07", character="Captain Lowe", source="harbour")]
    assert len(alerts(*said)) == 1
    assert fact_after(*said).value.character == "Captain Lowe"


# --- renewal, ending, revival ----------------------------------------------------------------------------------------


def test_a_renewal_with_and_without_its_number_is_one() -> None:
    said = [claim("renewal", "2026-01-05"), claim("renewal", "2026-01-25", season=5), claim("renewal", "2026-03-05")]
    assert alerts(*said) == ["ember/renewal: announced renewed"]
    assert believed(*said) == {"ember/renewal/s5": "renewed"}


def test_the_next_renewal_is_news() -> None:
    said = [claim("renewal", "2026-01-05", season=5), claim("renewal", "2027-01-05", season=6)]
    assert len(alerts(*said)) == 2


def test_a_renewal_of_what_has_a_date_is_old_news() -> None:
    said = [day("2026-01-05", "2027"), claim("renewal", "2026-02-05", season=2)]
    assert len(alerts(*said)) == 1


def test_a_renewal_and_an_ending_coexist() -> None:
    final = [claim("renewal", "2026-01-05", season=6), claim("cancellation", "2026-01-05", season=6, value="ending")]
    assert len(alerts(*final)) == 2
    assert len(believed(*final)) == 2


def test_after_five_seasons_and_no_sixth_are_one_cancellation() -> None:
    said = [
        claim("cancellation", "2026-01-05", season=5, value="cancelled"),
        claim("cancellation", "2026-01-06", season=6, value="cancelled", source="harbour"),
        claim("cancellation", "2026-01-07", value="ending", source="wharf"),
    ]
    assert len(alerts(*said)) == 1


def test_a_revival_reverses_a_cancellation_and_says_so() -> None:
    ledger = compare(
        {}, [claim("cancellation", "2026-01-05", season=5), claim("renewal", "2026-03-05", season=6, value="revived")]
    )
    assert alerting(ledger.changes)[1:] == ["ember/renewal/s6: announced revived"]
    assert ledger.changes[1].supersedes == ledger.changes[0].id
    assert {fact.slot.id: str(fact.value) for fact in ledger.facts}["ember/cancellation/s5"] == ""


@pytest.mark.parametrize(
    ("order", "revives"),
    [
        pytest.param(claim("renewal", "2026-03-05", season=6), True, id="the_season_after_the_last"),
        pytest.param(claim("renewal", "2026-03-05", season=5), True, id="the_season_that_was_not_to_be"),
        pytest.param(claim("renewal", "2026-03-05"), True, id="a_renewal_without_its_number"),
        pytest.param(claim("renewal", "2026-01-07"), False, id="a_renewal_told_with_the_cancellation"),
        pytest.param(claim("renewal", "2026-01-07", season=5), False, id="its_number_told_with_the_cancellation"),
        pytest.param(claim("renewal", "2026-03-05", season=5, background=True), False, id="a_renewal_of_the_past"),
    ],
)
def test_which_orders_reverse_a_cancellation(order: Claim, revives: bool) -> None:
    assert ("revived" in believed(claim("cancellation", "2026-01-05", season=5), order).values()) is revives


def test_a_date_without_season_is_the_ordered_one_s() -> None:
    said = [day("2026-01-05", "2026-02-06"), claim("renewal", "2026-03-05", season=3), release("2026-06-05", "2027-03")]
    assert alerts(*said)[2:] == ["ember/release_date/s3/premiere: announced 2027-03"]


def test_a_cancellation_told_after_the_revival_is_stale() -> None:
    said = [
        claim("cancellation", "2026-01-05", season=5),
        claim("renewal", "2026-03-05", season=6, value="revived"),
        claim("cancellation", "2026-04-05", season=5, source="wharf"),
    ]
    assert len(alerts(*said)) == 2


def test_a_rumoured_revival_leaves_the_cancellation() -> None:
    said = [claim("cancellation", "2026-01-05"), claim("renewal", "2026-03-05", value="revived", status="rumoured")]
    assert believed(*said)["ember/cancellation"] == "cancelled"


# --- production, trailers, spin-offs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("in_development", "filming", "announced"),
        ("filming", "wrapped", "announced"),
        ("filming", "in_development", "repeated"),
        ("wrapped", "filming", "repeated"),
        ("wrapped", "post_production", "corroborated"),
        ("filming", "halted", "announced"),
        ("halted", "resumed", "announced"),
        ("halted", "filming", "announced"),
        ("resumed", "filming", "corroborated"),
        ("delayed", "in_development", "repeated"),
    ],
)
def test_a_production_advances_and_does_not_go_back(first: str, second: str, kind: str) -> None:
    said = [
        claim("production", "2026-01-05", value=first),
        claim("production", "2026-01-25", value=second, source="wharf"),
    ]
    assert kinds(*said) == [ChangeKind.ANNOUNCED, kind]


@pytest.mark.parametrize(
    ("second", "status", "kind"),
    [
        pytest.param("filming", "confirmed", "announced", id="the_next_stage"),
        pytest.param("filming", "rumoured", "disputed", id="a_rumour_of_it"),
        pytest.param("delayed", "confirmed", "disputed", id="a_turn"),
    ],
)
def test_a_weaker_tier_may_tell_how_a_production_goes_on(second: str, status: str, kind: str) -> None:
    ordered = claim("production", "2026-01-05", value="greenlit", tier="official", source="harbour")
    said = [ordered, claim("production", "2027-02-05", value=second, status=status)]
    assert kinds(*said) == [ChangeKind.ANNOUNCED, kind]


@pytest.mark.parametrize(
    ("first", "second", "at", "news"),
    [
        pytest.param("trailer", "trailer", "2026-01-10", False, id="the_same_trailer_within_days"),
        pytest.param("trailer", "trailer", "2026-01-29", True, id="a_new_trailer_weeks_later"),
        pytest.param("teaser", "trailer", "2026-01-06", False, id="a_teaser_called_trailer"),
        pytest.param("teaser", "trailer", "2026-01-12", True, id="the_trailer_after_the_teaser"),
        pytest.param("first look", "trailer", "2026-01-06", True, id="a_trailer_after_pictures"),
        pytest.param("trailer", "first look", "2026-01-08", False, id="pictures_from_the_trailer"),
        pytest.param("first look", "first_look", "2026-03-25", False, id="more_pictures"),
        pytest.param("trailer", "first look", "2026-03-08", False, id="pictures_long_after_the_trailer"),
    ],
)
def test_when_a_clip_is_a_new_one(first: str, second: str, at: str, news: bool) -> None:
    said = [claim("trailer", "2026-01-05", value=first), claim("trailer", at, value=second, source="wharf", season=2)]
    assert len(alerts(*said)) == 1 + news


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            {"kind": "renewal"}, {"kind": "production", "value": "in_development"}, id="renewed_and_in_the_works"
        ),
        pytest.param(
            {"kind": "production", "value": "greenlit"}, {"kind": "spinoff", "value": "sequel"}, id="ordered_sequel"
        ),
        pytest.param({"kind": "spinoff", "value": "reboot"}, {"kind": "renewal"}, id="reboot_and_renewal"),
        pytest.param(
            {"kind": "production", "value": "in_development"},
            {"kind": "production", "value": "greenlit"},
            id="in_two_stages",
        ),
    ],
)
def test_one_announcement_in_two_kinds_is_told_once(first: dict[str, str], second: dict[str, str]) -> None:
    said = [
        claim(first.pop("kind"), "2026-01-05", **first),
        claim(second.pop("kind"), "2026-01-06", source="wharf", **second),
    ]
    assert len(alerts(*said)) == 1


def test_a_delay_in_two_kinds_is_told_once() -> None:
    dated = release("2026-01-05", "2027-03")
    delay, stage = (
        release("2026-02-05", value="delayed"),
        claim("production", "2026-02-06", value="delayed", source="wharf"),
    )
    assert len(alerts(dated, delay, stage)) == 2
    later = release("2026-02-07", value="delayed", source="wharf")
    assert len(alerts(dated, claim("production", "2026-02-06", value="delayed"), later)) == 2


def test_a_move_of_the_release_is_no_delay_of_the_production_too() -> None:
    both = [
        release("2026-02-05", "2027-01", item_id="one"),
        claim("production", "2026-02-05", value="delayed", item_id="one"),
    ]
    assert len(alerts(release("2026-01-05", "2026-09/2027-05"), *both)) == 2


def test_the_reboot_is_a_name_for_a_work_to_come() -> None:
    coming = release("2026-01-05", "2027-03")
    assert len(alerts(coming, claim("spinoff", "2026-04-05", value="reboot"))) == 1
    assert len(alerts(coming, claim("spinoff", "2026-04-05", value="First Frost"))) == 2
    assert len(alerts(day("2026-01-05", "2027-03"), claim("spinoff", "2026-04-05", value="prequel"))) == 2


def test_goodbyes_at_the_end_are_no_exits() -> None:
    ending = claim("cancellation", "2026-01-05", season=6, value="ending")
    assert len(alerts(ending, ida("2026-01-06", "exits"))) == 1
    assert len(alerts(ending, ida("2026-06-06", "exits"))) == 2


# --- corrections, evidence, determinism ------------------------------------------------------------------------------


def test_a_correction_names_what_it_supersedes() -> None:
    first, second, third = compare({}, [*MOVED, day("2026-06-05", "2027-06-18")]).changes
    assert (first.supersedes, second.supersedes, third.supersedes) == (None, first.id, second.id)


def test_what_was_never_told_is_not_corrected() -> None:
    beliefs = Beliefs(compare({}, [MOVED[0]], baseline=True).facts)
    assert compare(beliefs, [MOVED[1]]).changes[0].supersedes is None


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_every_kind_of_change_is_documented(kind: ChangeKind) -> None:
    assert f"`{kind}`" in (Path(__file__).parents[1] / "docs" / "changes.md").read_text(encoding="utf-8")


def test_every_change_says_why() -> None:
    assert all(change.note for change in compare({}, [*MOVED, withdrawal("2026-04-05")]).changes)


def test_a_change_has_the_same_id_wherever_it_is_found() -> None:
    stepwise = Beliefs(compare({}, [MOVED[0]]).facts)
    assert compare(stepwise, [MOVED[1]]).changes[0].id == compare({}, MOVED).changes[1].id


def test_changes_have_ids_of_their_own() -> None:
    rewrites = [day(f"2026-03-05T10:{n:02}", "2027-03-26", source=f"outlet-{n}") for n in range(20)]
    changes = compare({}, [*MOVED, *rewrites]).changes
    assert len({change.id for change in changes}) == len(changes)


def test_a_tier_is_the_best_of_those_who_say_it() -> None:
    fact = fact_after(day("2026-01-05", "2027"), day("2026-01-06", "2027", source="studio", tier="official"))
    assert fact.tier is Tier.OFFICIAL


def test_the_past_of_a_fact_is_kept() -> None:
    fact = fact_after(*MOVED)
    assert [(str(past.value), past.until_at == fact.since_at) for past in fact.past] == [("2027-03", True)]


@pytest.mark.parametrize(
    ("published", "since"),
    [
        pytest.param("2026-03-01", "2026-03-01", id="the_first_was_heard_late"),
        pytest.param("2024-05-01", "2026-03-05", id="a_page_of_old_was_edited"),
    ],
)
def test_who_said_it_first_is_found_within_a_month(published: str, since: str) -> None:
    first = compare({}, [day("2026-03-05", "2027-03-26")])
    known = {fact.slot: fact for fact in first.facts}
    (fact,) = compare(known, [day(published, "2027-03-26", source="harbour")]).facts
    assert fact.since_at.date().isoformat() == since


def test_claims_are_folded_in_the_order_of_their_time() -> None:
    ledger: Ledger = compare({}, tuple(reversed(MOVED)))
    assert [told(change).split(": ")[1] for change in ledger.changes] == [
        "announced 2027-03",
        "moved_later 2027-03 → 2027-06",
    ]


def test_a_day_inside_a_window_of_the_past_is_a_move_and_no_return() -> None:
    said = (
        day("2026-01-05", "2027"),
        day("2026-02-05", "2027-03-04"),
        day("2026-06-05", "2027-04-08", source="harbour"),
    )
    assert alerts(*said)[-1] == f"{PREMIERE}: moved_later 2027-03-04 → 2027-04-08"
