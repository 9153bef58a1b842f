"""The store keeps what it is told: whole, once, and so that it comes back as it went in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import model
from storage.codec import from_json, iso, to_json
from storage.errors import LockedError, StoreError
from storage.model import (
    ChangeKind,
    Claim,
    Fact,
    FetchState,
    Health,
    Kind,
    OutboxState,
    PartialDate,
    Past,
    Rival,
    Slot,
    Status,
    Tier,
    Value,
)
from storage.store import Store, open_store
from tests import store_factories as make
from tests.store_factories import NOW, PREMIERE

HOUR = dt.timedelta(hours=1)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as conn:
        found = conn.execute(query).fetchall()
    conn.close()
    return found


# --- configuration and sources


def test_what_left_the_file_stays_as_history(store: Store, path: Path) -> None:
    store.record([make.news()], now=NOW)
    store.sync_config(make.config(make.source("herald"), works=(make.HARBOUR,)))
    assert rows(path, "SELECT id, followed FROM sources ORDER BY id") == [("gazette", "no"), ("herald", "yes")]
    assert rows(path, "SELECT id, followed FROM works ORDER BY id") == [("harbour-nine", "yes"), ("lantern", "no")]
    assert len(store.items()) == 1


def test_what_comes_back_into_the_file_is_followed_again(store: Store, path: Path) -> None:
    store.sync_config(make.config(make.source("herald")))
    store.sync_config(make.config())
    assert rows(path, "SELECT DISTINCT followed FROM sources") == [("yes",)]


def test_no_secret_of_an_address_is_stored(store: Store, path: Path) -> None:
    secret = make.source("paid", url="https://reader:s3cr3t@paid.example/feed?token=t0k3n&page=2")
    store.sync_config(make.config(secret))
    state = dataclasses.replace(store.fetch_state(secret), health=Health.OK, validators_url=secret.url)
    store.record([model.Poll(state=state)], now=NOW)
    assert store.fetch_state(secret) == state
    with sqlite3.connect(path) as conn:
        dump = "\n".join(conn.iterdump())
    conn.close()
    assert "paid.example/feed?token=-&page=2" in dump
    assert "s3cr3t" not in dump
    assert "t0k3n" not in dump


def test_an_unknown_source_has_a_new_state(store: Store) -> None:
    source = make.source()
    assert store.fetch_state(source) == FetchState(source_id="gazette", url=source.url)


def test_a_state_comes_back_as_it_went_in(store: Store) -> None:
    state = FetchState(
        source_id="gazette",
        url="https://gazette.example/feed",
        next_due_at=NOW,
        etag=b'W/"\xff\xfe"',
        last_modified=b"Sun, 10 Jan 2027 12:00:00 GMT",
        health=Health.FAILING,
        reason="no answer",
        last_attempt_at=NOW + dt.timedelta(microseconds=17),
        failures=3,
        told=True,
        baseline_done=True,
        skip_hours=(1, 2),
    )
    store.record([model.Poll(state=state)], now=NOW)
    assert store.fetch_states([make.source(), make.source("herald")])["gazette"] == state


def test_another_address_starts_anew(store: Store) -> None:
    store.record([make.poll()], now=NOW)
    moved = make.source(url="https://gazette.example/other")
    assert store.fetch_state(moved) == FetchState(source_id="gazette", url=moved.url)


# --- items


def test_a_recorded_item_is_not_unseen_again(store: Store) -> None:
    items = [make.item(1), make.item(2)]
    assert store.unseen(items) == items
    store.record([make.poll(*items)], now=NOW)
    assert store.unseen(items) == []


@pytest.mark.parametrize(
    "again",
    [
        make.item(identity="urn:other"),
        make.item(identity="urn:other", keys=("url:https://gazette.example/1",)),
        make.item(keys=()),
    ],
    ids=["another identity", "only the address is the same", "only the identity is the same"],
)
def test_any_shared_name_is_enough_to_know_an_item(store: Store, again: model.Item) -> None:
    store.record([make.poll(make.item())], now=NOW)
    assert store.unseen([again]) == []
    edited = dataclasses.replace(again, title="Edited")
    assert store.unseen([edited]) == [dataclasses.replace(edited, identity="urn:1")]


def test_the_same_name_at_another_source_is_another_item(store: Store) -> None:
    store.record([make.poll(make.item())], now=NOW)
    other = make.item(source_id="herald")
    assert store.unseen([other]) == [other]


def test_names_seen_later_are_learned(store: Store) -> None:
    store.record([make.poll(make.item(keys=("url:a",)))], now=NOW)
    assert store.unseen([make.item(identity="x", keys=("url:a", "guid:new"))]) == []
    store.record([make.poll()], now=NOW)
    assert store.unseen([make.item(identity="y", keys=("url:b", "guid:new"))]) == []


def test_two_pieces_of_one_answer_that_share_a_name_are_one(store: Store) -> None:
    assert store.unseen([make.item(), make.item(identity="urn:other")]) == [make.item()]


def test_an_edit_is_a_revision(store: Store, path: Path) -> None:
    store.record([make.poll(make.item())], now=NOW)
    edited = make.item(title="Harbour Nine corrected", text="The zeppelin returns.")
    assert store.unseen([edited]) == [edited]
    store.record([make.poll(edited)], now=NOW + HOUR)
    assert rows(path, "SELECT title, revision, first_seen_at, revised_at FROM items") == [
        ("Harbour Nine corrected", 2, iso(NOW), iso(NOW + HOUR))
    ]
    assert rows(path, "SELECT revision, title, revised_at, replaced_at FROM revisions") == [
        (1, "Harbour Nine, piece 1", iso(NOW), iso(NOW + HOUR))
    ]
    assert [found.title for found in store.search("zeppelin")] == ["Harbour Nine corrected"]
    assert store.search("crew quay") == []


def test_a_text_fetched_later_makes_no_revision(store: Store) -> None:
    as_fed = make.item(text="", content_hash="abc")
    store.record([make.poll(dataclasses.replace(as_fed, text="The whole article."))], now=NOW)
    assert store.unseen([as_fed]) == []


def test_recording_the_same_again_adds_nothing(store: Store, path: Path) -> None:
    tables = ("items", "claims", "facts", "changes", "messages", "alerts", "revisions", "slots")
    store.record([make.news()], now=NOW)
    before = [rows(path, f"SELECT count(*) FROM {table}") for table in tables]
    store.record([make.news()], now=NOW + HOUR)
    assert [rows(path, f"SELECT count(*) FROM {table}") for table in tables] == before


def test_items_come_in_the_order_of_their_time(store: Store) -> None:
    late, early = make.item(1, published_at=NOW), make.item(2, published_at=NOW - HOUR)
    undated = make.item(3, published_at=None)
    store.record([make.poll(late, early, undated)], now=NOW - 2 * HOUR)
    assert [found.identity for found in store.items()] == ["urn:3", "urn:2", "urn:1"]
    assert [found.identity for found in store.items(since_at=NOW - HOUR, until_at=NOW)] == ["urn:2"]


# --- search


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("quay", ["urn:1"]),
        ("QUAY crew", ["urn:1"]),
        ('"the quay"', ["urn:1"]),
        ('"quay the"', []),
        ("Café", ["urn:2"]),
        ("cafe", ["urn:2"]),
        ("title:Harbour", []),
        ("quay OR cafe", []),
        ('quay"', ["urn:1"]),
        ("quay*", ["urn:1"]),
        ("(quay", ["urn:1"]),
        ("-quay", ["urn:1"]),
        ("it's", ["urn:2"]),
        ("NEAR(", []),
        ("", []),
        ('" "', []),
        ("*", []),
        ("quay\0", ["urn:1"]),
    ],
)
def test_any_text_is_a_safe_search(store: Store, typed: str, found: list[str]) -> None:
    cafe = make.item(2, text="It's in the café.")
    store.record([make.poll(make.item(), cafe)], now=NOW)
    assert [each.identity for each in store.search(typed)] == found


def test_search_finds_the_newest_first(store: Store) -> None:
    store.record([make.poll(*map(make.item, range(1, 6)))], now=NOW)
    assert [each.identity for each in store.search("quay", limit=2)] == ["urn:5", "urn:4"]


# --- the ledger


def test_what_is_recorded_is_believed(store: Store) -> None:
    poll = make.news()
    store.record([poll], now=NOW)
    assert store.beliefs(["harbour-nine", "nobody"]) == {PREMIERE: poll.facts[0]}
    assert store.claims_for(PREMIERE) == list(poll.claims)
    assert store.changes() == list(poll.changes)
    assert store.facts("harbour-nine") == list(poll.facts)


def test_a_newer_fact_takes_the_older_ones_place(store: Store) -> None:
    store.record([make.news(), make.news(2, "2027-04-01")], now=NOW)
    assert store.beliefs(["harbour-nine"])[PREMIERE] == make.fact("2027-04-01")


def test_a_fact_that_another_slot_took_over_is_not_current(store: Store) -> None:
    taken = make.fact(moved_to="harbour-nine/release_date/s4")
    store.record_changes(facts=[taken], now=NOW)
    assert store.beliefs(["harbour-nine"]) == {PREMIERE: taken}
    assert store.facts("harbour-nine") == []


def test_the_past_can_be_asked(store: Store) -> None:
    first = make.claim(make.item(1), claimed_at=NOW)
    second = make.claim(make.item(2), "2027-04-01", claimed_at=NOW + 2 * HOUR)
    announced, moved = make.change(first), make.change(second, "2027-03-04", ChangeKind.MOVED_LATER)
    polls = [make.poll(make.item(1), changes=(announced,)), make.poll(make.item(2), changes=(moved,))]
    store.record(polls, now=NOW)
    assert store.facts("harbour-nine", as_of=NOW - HOUR) == []
    (before,) = store.facts("harbour-nine", as_of=NOW + HOUR)
    (after,) = store.facts("harbour-nine", as_of=NOW + 3 * HOUR)
    assert str(before.value) == "2027-03-04"
    assert str(after.value) == "2027-04-01"
    assert after.past == (Past(value=before.value, status=Status.CONFIRMED, from_at=NOW, until_at=NOW + 2 * HOUR),)


def test_a_weaker_witness_makes_no_fact_of_the_past_less_sure(store: Store) -> None:
    first = make.claim(make.item(1), claimed_at=NOW)
    second = make.claim(make.item(2), claimed_at=NOW + HOUR, status=Status.RUMOURED)
    heard = dataclasses.replace(make.change(second, None, ChangeKind.CORROBORATED), status=Status.RUMOURED)
    store.record([make.poll(make.item(1), make.item(2), changes=(make.change(first), heard))], now=NOW)
    (then,) = store.facts("harbour-nine", as_of=NOW + 2 * HOUR)
    assert then.status is Status.CONFIRMED


def test_a_claim_of_no_item_keeps_its_own_words(store: Store) -> None:
    """What the user says is known comes from sources.yaml, which is no source that is polled."""
    known = make.claim(make.item(source_id="sources.yaml"), tier=Tier.OFFICIAL)
    store.record_changes(claims=[known], changes=[make.change(known, baseline=True)], now=NOW)
    assert store.claims_for(PREMIERE) == [known]
    assert [each.claim for each in store.changes(baseline=True)] == [known]
    assert store.changes() == []


def test_an_unknown_work_is_refused_and_nothing_is_written(store: Store) -> None:
    stray = make.claim(make.item(), work_id="nobody")
    with pytest.raises(sqlite3.IntegrityError):
        store.record([make.poll(make.item(), claims=(stray,))], now=NOW)
    assert store.items() == []


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_MAYBE = st.none() | _TEXT
_TIMES = st.datetimes(timezones=st.just(dt.UTC))
_DATES = st.builds(PartialDate, edtf=_TEXT, earliest=st.dates(), latest=st.dates())
_VALUES = st.builds(Value, date=st.none() | _DATES, action=_MAYBE, text=_MAYBE, platform=_MAYBE, character=_MAYBE)
_SLOTS = st.builds(
    Slot,
    work_id=st.just("harbour-nine"),
    kind=st.sampled_from(Kind),
    season=st.none() | st.integers(0, 99),
    part=_MAYBE,
    role=_MAYBE,
    region=_MAYBE,
    person=_MAYBE,
)
_FACTS = st.builds(
    Fact,
    slot=_SLOTS,
    value=_VALUES,
    status=st.sampled_from(Status),
    tier=st.sampled_from(Tier),
    since_at=_TIMES,
    last_claimed_at=_TIMES,
    origins=st.lists(_TEXT).map(tuple),
    past=st.lists(
        st.builds(Past, value=_VALUES, status=st.sampled_from(Status), from_at=_TIMES, until_at=_TIMES), max_size=3
    ).map(tuple),
    alerted=st.booleans(),
    change_id=_MAYBE,
    prints=st.lists(_TEXT).map(tuple),
    rivals=st.lists(
        st.builds(
            Rival,
            value=_VALUES,
            status=st.sampled_from(Status),
            tier=st.sampled_from(Tier),
            origins=st.lists(_TEXT).map(tuple),
            first_at=_TIMES,
            last_at=_TIMES,
        ),
        max_size=2,
    ).map(tuple),
    moved_to=_MAYBE,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_FACTS, max_size=5))
def test_facts_come_back_exactly_as_they_went_in(store: Store, facts: list[Fact]) -> None:
    store.record_changes(facts=facts, now=NOW)
    expected = {fact.slot: fact for fact in facts}
    assert expected.items() <= store.beliefs(["harbour-nine"]).items()


def _odd_claim() -> model.Claim:
    return make.claim(
        make.item(),
        attributed_to="Herald",
        part="part 2",
        region="GB",
        previous_date=make.day("2027-02-01"),
        platform="Quay+",
        background=True,
        status=Status.REPORTED,
        claimed_at=NOW + dt.timedelta(microseconds=1),
    )


@pytest.mark.parametrize(
    "said",
    [
        _odd_claim(),
        make.claim(make.item(), None),
        make.claim(make.item(), None, null=False, kind=Kind.CASTING, role=None, person="A. Mate", action="joins",
                   character="Pilot", billing="lead"),
        make.claim(make.item(), None, null=False, kind=Kind.PRODUCTION, role=None, value="filming"),
    ],
    ids=["dated", "null", "casting", "production"],
)  # fmt: skip
def test_a_claim_comes_back_as_it_went_in(store: Store, said: model.Claim) -> None:
    store.record([make.poll(make.item(), claims=(said,))], now=NOW)
    assert store.claims_for(said.slot) == [said]


def test_every_field_of_a_claim_comes_back_even_one_without_a_column() -> None:
    named = {each.name for each in dataclasses.fields(model.Claim)}
    assert from_json(model.Claim, to_json(_odd_claim())) == _odd_claim()
    assert named >= set(json.loads(to_json(_odd_claim())))


# --- the file


def test_a_second_writer_is_told_that_the_store_is_locked(store: Store, path: Path) -> None:
    with pytest.raises(LockedError, match="another run is using"), open_store(path):
        pass


def test_a_reader_sees_what_was_written_while_the_writer_is_open(store: Store, path: Path) -> None:
    with open_store(path, read_only=True) as reader:
        assert reader.items() == []
        store.record([make.news()], now=NOW)
        assert len(reader.items()) == 1


def test_a_reader_cannot_write(store: Store, path: Path) -> None:
    with pytest.raises(StoreError, match="may not be written"), open_store(path, read_only=True) as reader:
        reader.record([make.news()], now=NOW)


def test_a_reader_makes_no_store(path: Path) -> None:
    with pytest.raises(StoreError, match="franchise-watch run"), open_store(path, read_only=True):
        pass
    assert not path.exists()


def test_the_store_is_durable_and_checks_its_references(store: Store) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys")
    assert [store._conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names] == ["wal", 2, 1]


def test_a_failed_record_writes_nothing_and_the_next_one_works(store: Store) -> None:
    broken = make.poll(make.item(), changes=(make.change(make.claim(make.item(), work_id="nobody")),))
    with pytest.raises(sqlite3.IntegrityError):
        store.record([make.news(2), broken], now=NOW)
    assert store.items() == []
    assert store.due_messages(NOW, 10) == []
    store.record([make.news(2)], now=NOW)
    assert len(store.items()) == 1


@pytest.mark.parametrize(
    ("table", "column", "enum"),
    [
        ("slots", "kind", Kind),
        ("claims", "kind", Kind),
        ("claims", "status", Status),
        ("claims", "tier", Tier),
        ("changes", "kind", ChangeKind),
        ("messages", "state", OutboxState),
        ("attempts", "state", OutboxState),
        ("fetch_states", "health", Health),
        ("sources", "kind", model.SourceKind),
    ],
)
def test_the_schema_knows_every_word_of_the_model(
    store: Store, path: Path, table: str, column: str, enum: type
) -> None:
    ((sql,),) = rows(path, f"SELECT sql FROM sqlite_master WHERE name = '{table}'")
    line = next(line for line in str(sql).splitlines() if line.strip().startswith(f"{column} "))
    allowed = line.partition("IN (")[2].partition(")")[0]
    assert [word.strip("' ") for word in allowed.split(",")] == [each.value for each in enum]


# --- who told what, and what became of it


def outcomes(path: Path) -> dict[tuple[object, ...], object]:
    found = rows(path, "SELECT source_id, value, hours_behind, is_news, outcome FROM tellings")
    return {(source, value): rest for source, value, *rest in found}


def test_who_told_first_and_how_far_behind_the_others_were(store: Store, path: Path) -> None:
    first, late = make.claim(make.item(1)), make.claim(make.item(2, "herald"), claimed_at=NOW + HOUR)
    again = make.claim(make.item(3), claimed_at=NOW + 9 * HOUR)
    store.record(
        [make.poll(make.item(1), claims=(first,), facts=(make.fact(),), changes=(make.change(first),))], now=NOW
    )
    store.record([make.poll(make.item(2, "herald"), make.item(3), claims=(late, again))], now=NOW)
    assert outcomes(path) == {
        ("gazette", "2027-03-04"): [0.0, "yes", "not a rumour"],
        ("herald", "2027-03-04"): [2.0, "yes", "not a rumour"],
    }
    assert rows(path, "SELECT source, first_reports, reports, hours_behind FROM who_reported_first") == [
        ("Gazette", 1, 1, 0.0),
        ("Herald", 0, 1, 2.0),
    ]


def test_an_earlier_text_read_later_takes_the_first_place(store: Store, path: Path) -> None:
    store.record([make.poll(make.item(1), claims=(make.claim(make.item(1)),))], now=NOW)
    early = make.claim(make.item(2, "herald"), claimed_at=NOW - 3 * HOUR)
    store.record([make.poll(make.item(2, "herald"), claims=(early,))], now=NOW)
    assert {source: rest[0] for (source, _), rest in outcomes(path).items()} == {"gazette": 2.0, "herald": 0.0}


@pytest.mark.parametrize(
    ("believed", "status", "outcome"),
    [
        ("2027-03-04", Status.CONFIRMED, "came true"),
        ("2027-04-01", Status.CONFIRMED, "did not come true"),
        ("2027-03-04", Status.REPORTED, "open"),
        ("2027-03-04", Status.DENIED, "did not come true"),
        (None, Status.CONFIRMED, "open"),
    ],
)
def test_what_becomes_of_a_rumour(store: Store, path: Path, believed: str | None, status: Status, outcome: str) -> None:
    rumour = make.claim(make.item(1), status=Status.RUMOURED)
    store.record([make.poll(make.item(1), claims=(rumour,))], now=NOW)
    assert outcomes(path)["gazette", "2027-03-04"][2] == "open"
    store.record_changes(facts=[make.fact(believed, status=status, since_at=NOW + HOUR)], now=NOW)
    assert outcomes(path)["gazette", "2027-03-04"][2] == outcome


def test_a_rumour_of_a_month_came_true_with_a_day_in_it(store: Store, path: Path) -> None:
    march = PartialDate(edtf="2027-03", earliest=dt.date(2027, 3, 1), latest=dt.date(2027, 3, 31))
    rumour = dataclasses.replace(make.claim(make.item(1), status=Status.REPORTED), date=march)
    store.record([make.poll(make.item(1), claims=(rumour,), facts=(make.fact(since_at=NOW + HOUR),))], now=NOW)
    assert outcomes(path)["gazette", "2027-03"][2] == "came true"
    assert rows(path, "SELECT source, came_true, did_not, still_open, percent_true FROM reliability") == [
        ("Gazette", 1, 0, 0, 100.0)
    ]


def of_season(number: int, *, seen: int, **changes: object) -> Claim:
    """That a season is spoken of."""
    spoken = make.claim(make.item(seen), status=Status.RUMOURED, kind=Kind.SEASON, season=number, role=None, **changes)
    return dataclasses.replace(spoken, date=None)


@pytest.mark.parametrize("believed", ["exists", "released"])
def test_a_season_that_was_a_rumour_came_true(store: Store, path: Path, believed: str) -> None:
    said = of_season(4, seen=1)
    known = make.fact(slot=said.slot, value=Value(text=believed), since_at=NOW + HOUR)
    store.record([make.poll(make.item(1), claims=(said,), facts=(known,))], now=NOW)
    assert outcomes(path)["gazette", "exists"][2] == "came true"
    assert rows(path, "SELECT said, verdict FROM why_do_we_believe_this") == [("exists", "agrees")]


def test_what_was_said_before_it_moved_is_earlier_and_what_is_said_after_differs(store: Store, path: Path) -> None:
    sayings = [
        make.claim(make.item(1), "2027-03-04", claimed_at=NOW - HOUR),
        make.claim(make.item(2), "2027-04-01", claimed_at=NOW),
        make.claim(make.item(3), "2027-05-01", claimed_at=NOW + HOUR),
    ]
    moved = make.fact("2027-04-01", since_at=NOW)
    store.record([make.poll(*map(make.item, (1, 2, 3)), claims=tuple(sayings), facts=(moved,))], now=NOW)
    asked = "SELECT said, verdict FROM why_do_we_believe_this ORDER BY at"
    assert rows(path, asked) == [("2027-03-04", "earlier"), ("2027-04-01", "agrees"), ("2027-05-01", "differs")]


def test_a_sentence_is_held_against_the_question_that_took_its_fact_over(store: Store, path: Path) -> None:
    open_season = dataclasses.replace(PREMIERE, season=None)
    said = make.claim(make.item(1), season=None)
    taken_over = make.fact(None, slot=open_season, moved_to=PREMIERE.id)
    store.record([make.poll(make.item(1), claims=(said,), facts=(taken_over, make.fact()))], now=NOW)
    assert rows(path, "SELECT believed, verdict FROM why_do_we_believe_this") == [("2027-03-04", "agrees")]


def test_a_claim_belongs_to_the_question_on_which_it_was_weighed(store: Store, path: Path) -> None:
    bare = make.claim(make.item(1), season=None, claimed_at=NOW)
    weighed = dataclasses.replace(make.change(bare), slot=PREMIERE)
    store.record([make.poll(make.item(1), claims=(bare,), facts=(make.fact(),), changes=(weighed,))], now=NOW)
    assert store.claims_for(PREMIERE) == [bare]
    assert rows(path, "SELECT slot, verdict FROM why_do_we_believe_this") == [(PREMIERE.id, "agrees")]
    assert outcomes(path)["gazette", "2027-03-04"] == [0.0, "yes", "not a rumour"]


def test_what_an_edit_says_was_told_when_the_edit_was_found(store: Store, path: Path) -> None:
    first, edited = make.item(1), dataclasses.replace(make.item(1), title="Now with a date", content_hash="new")
    store.record([make.poll(first)], now=NOW - 9 * HOUR)
    said = make.claim(edited, claimed_at=NOW - 9 * HOUR)
    others = make.claim(make.item(2, "herald"), claimed_at=NOW - HOUR)
    store.record([make.poll(make.item(2, "herald"), claims=(others,))], now=NOW - HOUR)
    store.record([make.poll(edited, claims=(said,))], now=NOW)
    assert {source: rest[0] for (source, _), rest in outcomes(path).items()} == {"herald": 0.0, "gazette": 1.0}


def test_what_was_official_before_is_no_rumour_come_true(store: Store, path: Path) -> None:
    late = make.claim(make.item(1), status=Status.REPORTED, claimed_at=NOW + HOUR)
    store.record([make.poll(make.item(1), claims=(late,), facts=(make.fact(since_at=NOW),))], now=NOW)
    assert outcomes(path)["gazette", "2027-03-04"][2] == "not a rumour"
