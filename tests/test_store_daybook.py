"""The day book: what a digest is made of, and one digest for each local date."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from storage.model import Health, Kind, Known, Past, Slot, Story, Tier, Unannounced, Value
from storage.store import Store
from tests import store_factories as make
from tests.store_factories import HARBOUR, LANTERN, NOW, PREMIERE

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def test_a_day_book_holds_the_day(store: Store) -> None:
    news = make.news()
    store.record([news], now=NOW)
    book = store.daybook(NOW - DAY, NOW + HOUR)
    assert book.works == (HARBOUR, LANTERN)
    assert book.franchise_titles == {"harbour": "Harbour"}
    assert (book.changes, book.facts, book.history) == (news.changes, news.facts, ())
    assert [report.source.id for report in book.sources] == ["gazette", "herald"]


def test_every_change_is_in_exactly_one_of_two_days(store: Store) -> None:
    """Where a change is read late, the day it was recorded counts; the day it was published is over."""
    late = make.claim(make.item(published_at=NOW - 3 * DAY))
    store.record([make.poll(make.item(), changes=(make.change(late),))], now=NOW)
    assert store.daybook(NOW - DAY, NOW).changes == ()
    assert len(store.daybook(NOW, NOW + DAY).changes) == 1


def test_the_baseline_and_works_no_longer_followed_are_left_out(store: Store) -> None:
    silent = make.change(make.claim(make.item()), baseline=True)
    film = make.claim(make.item(), work_id="lantern")
    poll = make.poll(make.item(), changes=(silent, make.change(film)), facts=(make.fact(slot=film.slot),))
    store.record([poll], now=NOW)
    store.sync_config(make.config(works=(HARBOUR,)))
    book = store.daybook(NOW - DAY, NOW + DAY)
    assert (book.works, book.changes, book.facts) == ((HARBOUR,), (), ())


def test_a_day_book_can_be_about_one_work_also_one_no_longer_followed(store: Store) -> None:
    film = make.claim(make.item(), work_id="lantern")
    poll = make.poll(make.item(), claims=(film, make.claim(make.item())), changes=(make.change(film),))
    store.record([poll], now=NOW)
    store.sync_config(make.config(works=(HARBOUR,)))
    book = store.daybook(NOW - DAY, NOW + DAY, work_id="lantern")
    assert (book.works, book.history) == ((LANTERN,), (film,))
    assert [change.claim for change in book.changes] == [film]


def test_of_the_facts_a_digest_gets_dates_renewals_and_what_changed(store: Store) -> None:
    date, renewed = make.claim(make.item(1)), make.claim(make.item(2), kind=Kind.RENEWAL)
    joins, left = (make.claim(make.item(n), kind=Kind.CASTING, person=str(n)) for n in (3, 4))
    claims = (date, renewed, joins, left)
    facts = tuple(make.fact(slot=claim.slot) for claim in claims)
    moved = make.change(joins)
    store.record([make.poll(*map(make.item, range(1, 5)), claims=claims, facts=facts, changes=(moved,))], now=NOW)
    assert len(store.daybook(NOW - DAY, NOW + HOUR).facts) == 4
    assert {fact.slot for fact in store.daybook(NOW - DAY, NOW + HOUR, every_fact=False).facts} == {
        date.slot, renewed.slot, joins.slot,
    }  # fmt: skip
    assert len(store.daybook(NOW - DAY, NOW, every_fact=False).facts) == 2


def test_a_day_book_of_the_past_does_not_know_what_came_later(store: Store) -> None:
    early, late = make.claim(make.item(1)), make.claim(make.item(2), "2027-09-09", claimed_at=NOW + 2 * DAY)
    open_since = make.claim(make.item(3), None, season=9, claimed_at=NOW + 2 * DAY)
    first = make.fact(slot=early.slot)
    store.record([make.poll(make.item(1), claims=(early,), facts=(first,))], now=NOW)
    past = Past(value=first.value, status=first.status, from_at=first.since_at, until_at=NOW + 2 * DAY)
    second = dataclasses.replace(first, value=Value(date=late.date), since_at=NOW + 2 * DAY, past=(past,))
    new = make.fact(slot=dataclasses.replace(early.slot, season=8), since_at=NOW + 2 * DAY)
    poll = make.poll(make.item(2), make.item(3), claims=(late, open_since), facts=(second, new))
    store.record([poll], now=NOW + 2 * DAY)
    (then,) = store.daybook(NOW, NOW + DAY).facts
    assert (then.value, then.since_at, then.past) == (first.value, first.since_at, ())
    assert store.daybook(NOW, NOW + 3 * DAY).facts == (second, new)
    assert [one.slot.season for one in store.daybook(NOW, NOW + DAY).unannounced if one.since_at] == []
    assert [one.slot.season for one in store.daybook(NOW, NOW + 3 * DAY).unannounced if one.since_at] == [9]


def test_a_digest_gets_what_a_fact_remembers_where_it_draws_it(store: Store) -> None:
    said = make.claim(make.item())
    past = Past(value=Value(date=make.day("2027-01-01")), status=said.status, from_at=NOW - 2 * DAY, until_at=NOW - DAY)
    moved = make.fact(slot=said.slot, past=(past,), prints=("p",), heard=("h",), since_at=NOW - DAY)
    calm = make.fact(slot=dataclasses.replace(said.slot, season=4), since_at=NOW - DAY)
    store.record([make.poll(make.item(), claims=(said,), facts=(moved, calm))], now=NOW)
    book = store.daybook(NOW - DAY, NOW + HOUR, every_fact=False)
    assert book.facts == (dataclasses.replace(moved, past=(), prints=(), heard=()), calm)
    assert book.rewritten == {moved.slot}
    drawn = store.with_histories(book, [moved.slot])
    assert (drawn.facts, drawn.history) == ((moved, calm), (said,))
    before = store.daybook(NOW - 3 * DAY, NOW - DAY - HOUR, every_fact=False)
    assert [(fact.value, fact.past) for fact in before.facts] == [(past.value, ())]
    assert not before.rewritten, "what came later is not known"


def test_date_claims_are_those_of_the_slots_asked_for(store: Store) -> None:
    third, fourth = make.claim(make.item(1)), make.claim(make.item(2), season=4)
    film, cast = make.claim(make.item(3), work_id="lantern"), make.claim(make.item(4), kind=Kind.CASTING, person="Ida")
    store.record([make.poll(*map(make.item, range(1, 5)), claims=(third, fourth, film, cast))], now=NOW)
    store.sync_config(make.config(works=(HARBOUR,)))
    unknown = dataclasses.replace(third.slot, season=9)
    assert store.date_claims(NOW + DAY, [fourth.slot, film.slot, unknown]) == (fourth, film)
    assert store.date_claims(NOW - DAY, [fourth.slot]) == ()
    assert store.date_claims(NOW + DAY, []) == ()
    assert store.date_claims(NOW + DAY) == (third, fourth), "of every followed work"


def test_what_an_edit_says_was_said_when_it_was_found(store: Store) -> None:
    first, edited = make.item(1), make.item(1, title="Edited")
    before, after = make.claim(first), make.claim(edited, "2027-09-09")
    store.record([make.poll(first, claims=(before,))], now=NOW)
    store.record([make.poll(edited, claims=(after,))], now=NOW + 2 * DAY)
    assert store.date_claims(NOW + DAY, [before.slot]) == (before,)
    said = store.date_claims(NOW + 3 * DAY, [before.slot])
    assert said == (before, dataclasses.replace(after, claimed_at=NOW + 2 * DAY))


def test_what_texts_say_is_open_is_open_since_then(store: Store) -> None:
    works = (dataclasses.replace(HARBOUR, known=Known(seasons=(1, 2))),)
    store.sync_config(make.config(works=works))
    first = make.claim(make.item(1), None, claimed_at=NOW - DAY, sentence="No date.")
    again = make.claim(make.item(2), None, claimed_at=NOW, sentence="Still no date.")
    polls = [make.poll(make.item(1), make.item(2), claims=(first, again), facts=(make.fact(None),))]
    store.record(polls, now=NOW)
    assert store.daybook(NOW, NOW + DAY).unannounced == (
        Unannounced(slot=PREMIERE, since_at=NOW - DAY, last_said_at=NOW, sentence="Still no date.", url=again.url),
    )


def test_a_question_that_was_answered_is_not_open(store: Store) -> None:
    none = make.claim(make.item(), None)
    store.record([make.poll(make.item(), claims=(none,), facts=(make.fact(),))], now=NOW)
    assert [question.slot.work_id for question in store.daybook(NOW, NOW + DAY).unannounced] == ["lantern"]


@pytest.mark.parametrize(
    ("said", "seasons"),
    [(NOW - DAY, []), (NOW, [None])],
    ids=["before a season got its date", "after it"],
)
def test_a_question_without_a_number_is_answered_by_the_next_date(
    store: Store, said: dt.datetime, seasons: list[int | None]
) -> None:
    none = make.claim(make.item(), None, season=None, claimed_at=said)
    store.record([make.poll(make.item(), claims=(none,), facts=(make.fact(),))], now=NOW)
    found = [one.slot.season for one in store.daybook(NOW, NOW + DAY).unannounced if one.slot.work_id == HARBOUR.id]
    assert found == seasons


def test_a_season_is_no_question_before_the_one_below_it_was_ordered(store: Store) -> None:
    nothing = [make.claim(make.item(number), None, season=number) for number in (4, 5, 6, 9)]
    ordered = make.fact(None, slot=Slot(work_id=HARBOUR.id, kind=Kind.RENEWAL, season=4), value=Value(text="renewed"))
    items = [make.item(number) for number in (4, 5, 6, 9)]
    store.record([make.poll(*items, claims=tuple(nothing), facts=(ordered,))], now=NOW)
    seasons = [one.slot.season for one in store.daybook(NOW, NOW + DAY).unannounced if one.slot.work_id == HARBOUR.id]
    assert [season for season in seasons if season] == [4, 5, 6, 9], "nobody knows how far the series is"
    store.record_changes(facts=[make.fact(slot=PREMIERE)], now=NOW)
    seasons = [one.slot.season for one in store.daybook(NOW, NOW + DAY).unannounced if one.slot.work_id == HARBOUR.id]
    assert seasons == [4, 5], "the third is dated, the fourth ordered"


def test_a_season_that_was_ordered_has_an_open_date(store: Store) -> None:
    works = (dataclasses.replace(HARBOUR, known=Known(seasons=(1, 2))),)
    store.sync_config(make.config(works=works))
    renewals = [
        make.fact(None, slot=Slot(work_id=HARBOUR.id, kind=Kind.RENEWAL, season=number), value=Value(action="renewed"))
        for number in (2, 3)
    ]
    store.record_changes(facts=renewals, now=NOW)
    slot = Slot(work_id=HARBOUR.id, kind=Kind.RELEASE_DATE, season=3)
    expected = Unannounced(slot=slot, since_at=None, last_said_at=None)
    assert store.daybook(NOW, NOW + DAY).unannounced == (expected,)


def test_a_work_of_which_no_date_is_known_is_open(store: Store) -> None:
    slots = [question.slot for question in store.daybook(NOW, NOW + DAY).unannounced]
    assert slots == [Slot(work_id=id, kind=Kind.RELEASE_DATE) for id in ("harbour-nine", "lantern")]


def test_of_the_best_tier_the_newest_claim_is_cited(store: Store) -> None:
    pieces = [make.item(number, published_at=NOW - number * HOUR) for number in range(1, 5)]
    dates = ("2027-03-04", "2027-03-04", "2027-03-04", "2027-09-09")
    tiers = (Tier.PRESS, Tier.TRADE, Tier.TRADE, Tier.OFFICIAL)
    said = [make.claim(piece, date, tier=tier) for piece, date, tier in zip(pieces, dates, tiers, strict=True)]
    store.record([make.poll(*pieces, claims=tuple(said))], now=NOW)
    assert store.citations([make.fact("2027-03-04")]) == (said[1],)
    assert store.citations([make.fact("2027-05-05"), make.fact(None)]) == ()


def test_several_sources_with_the_same_answer_are_a_story(store: Store) -> None:
    early = make.item(1, title="It is official", published_at=NOW - HOUR)
    late, alone = make.item(2, "herald", published_at=NOW), make.item(3)
    claims = (make.claim(early), make.claim(early, region="GB"), make.claim(alone, "2027-09-09"))
    polls = [
        make.poll(early, alone, claims=claims),
        make.poll(late, source_id="herald", claims=(make.claim(late), make.claim(late, region="GB"))),
    ]
    store.record(polls, now=NOW)
    assert store.daybook(NOW - DAY, NOW + HOUR).stories == (
        Story(
            title="It is official",
            claims=claims[:2],
            item_ids=(early.id, late.id),
            sources=("gazette", "herald"),
            first_at=NOW - HOUR,
            links={"gazette": early.url, "herald": late.url},
        ),
    )


def test_that_a_season_is_spoken_of_is_no_story(store: Store) -> None:
    items = make.item(1), make.item(2, "herald")
    polls = [
        make.poll(each, source_id=each.source_id, claims=(make.claim(each, None, kind=Kind.SEASON, null=False),))
        for each in items
    ]
    store.record(polls, now=NOW)
    assert store.daybook(NOW - DAY, NOW + HOUR).stories == ()


def test_a_change_has_the_headline_it_was_read_under(store: Store) -> None:
    first, edited = make.item(1), make.item(1, title="Edited")
    before = make.change(make.claim(first))
    after = make.change(make.claim(edited, "2027-09-09"), id="after")
    store.record([make.poll(first, changes=(before,))], now=NOW)
    store.record([make.poll(edited, changes=(after,))], now=NOW + HOUR)
    assert store.daybook(NOW, NOW + DAY).headlines == {before.id: first.title, after.id: "Edited"}


def test_sources_are_reported_with_their_state_and_usual_gap(store: Store) -> None:
    items = [make.item(number, published_at=NOW - number * HOUR) for number in range(6)]
    state = dataclasses.replace(store.fetch_state(make.source()), health=Health.OK, last_success_at=NOW)
    store.record([make.poll(*items, state=state)], now=NOW)
    gazette, herald = store.source_reports(NOW, NOW + HOUR)
    assert (gazette.state, gazette.items_in_period, gazette.usual_gap_s) == (state, 6, 3600)
    assert (herald.state.health, herald.items_in_period, herald.usual_gap_s) == (Health.NEW, 0, None)


def test_a_digest_is_unique_by_local_date(store: Store) -> None:
    today, period = dt.date(2027, 1, 10), {"since_at": NOW - DAY, "until_at": NOW, "now": NOW}
    assert not store.digest_done(today)
    assert store.last_digest_until() is None
    assert store.record_digest(today, **period, messages=[make.message("digest")])
    assert not store.record_digest(today, **period, messages=[make.message("again")])
    assert store.digest_done(today)
    assert store.last_digest_until() == NOW
    assert [entry.message.id for entry in store.due_messages(NOW, 10)] == ["digest"]
