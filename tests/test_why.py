"""`why` and `why-not`: every link of the chain from sentence to alert, and every stage at which a piece stops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.model import FetchState, Health, OutboxEntry, Poll, Source
from storage.store import open_store
from tests.explaining import ANNOUNCED, FINALE, MOVED, World, days, piece, read_in

PREMIERE = "harbour-nine/release_date/s3/premiere"


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return World(tmp_path, capsys).with_history()


def messages(world: World) -> list[OutboxEntry]:
    with open_store(world.store_path, read_only=True) as store:
        return store.alerts()[::-1]


# --- why -------------------------------------------------------------------------------------------------------------


def test_an_alert_is_followed_back_to_its_sentence(world: World) -> None:
    first = messages(world)[0].message
    out = world.says("why", first.id)
    assert out.startswith("Harbour Nine S3: premiere 4 March 2027\n")
    assert f"sentence  “{ANNOUNCED}”" in out
    assert "rule      release_date." in out
    assert "source    The Gazette (trade press), 2027-01-10 12:00 UTC" in out
    assert "https://gazette.example/3" in out
    assert "change    announced: nothing known → 4 March 2027, confirmed by The Gazette" in out
    assert f"message   {first.id} to hook: pending, attempts: 0" in out


def test_a_fact_tells_its_history_and_who_says_so(world: World) -> None:
    out = world.says("why", PREMIERE)
    assert f"sentence  “{MOVED}”" in out
    assert "since 2027-01-10 until 2027-01-24: 4 March 2027 (confirmed)" in out
    assert "since 2027-01-24: 8 April 2027 (confirmed), said by The Gazette" in out
    assert "2027-01-11 The Herald (press): 4 March 2027 (confirmed)" in out


def test_a_change_is_named_by_its_own_id_too(world: World) -> None:
    first = messages(world)[0].message
    assert world.says("why", first.change_ids[0]) == world.says("why", first.id)


def test_what_the_user_knows_says_so(world: World) -> None:
    out = world.says("why", "harbour-nine/season/s2")
    assert out.startswith("harbour-nine/season/s2: known from sources.yaml, and no article has changed it.")


def test_an_unknown_id_gets_the_nearest(world: World) -> None:
    world.says("why", "harbour-nine/release_date/s3/premiär", code=2)
    assert f"Did you mean {PREMIERE}" in world.errors


def test_without_a_store_it_says_what_makes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, capsys)
    world.says("why", PREMIERE, code=1)
    assert "`franchise-watch run` makes one" in world.errors


# --- corrections -----------------------------------------------------------------------------------------------------


def test_the_message_after_an_alerted_change_names_the_one_it_corrects(world: World) -> None:
    first, second = (entry.message for entry in messages(world))
    body = json.loads(second.body)
    assert body["data"]["supersedes"] == first.id
    assert json.loads(first.body)["data"]["supersedes"] is None
    assert f"corrects  {first.change_ids[0]}" in world.says("why", second.id)


# --- why not ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        pytest.param("https://gazette.example/5", "premieres: the route follows other roles than finale", id="route"),
        pytest.param("https://herald.example/4", "repeated (known since 2027-01-10", id="repetition"),
        pytest.param("https://herald.example/2", "no watched name stands in the text", id="no-name"),
        pytest.param("https://herald.example/6", "nothing is announced: recorded as an open question", id="null-claim"),
        pytest.param("gazette/n1", "it came with the first import of its source", id="baseline"),
        pytest.param("http://www.gazette.example/99", "not fetched: The Gazette has not brought it", id="not-brought"),
        pytest.param("https://other.example.org/1", "not fetched: no source of sources.yaml is at", id="no-source"),
        pytest.param("gazette/n99", "there is no item 'gazette/n99' in the store", id="no-item"),
    ],
)
def test_a_piece_says_where_it_stopped(world: World, what: str, reason: str) -> None:
    assert reason in world.says("why-not", what)


def test_what_was_read_is_said_with_its_sentence(world: World) -> None:
    out = world.says("why-not", "gazette/n5")
    assert f"read      Harbour Nine, season 3 finale: 29 May 2027 (confirmed): “{FINALE}”" in out


def test_a_piece_that_did_alert_names_its_alert(world: World) -> None:
    first = messages(world)[0].message
    assert f"alert     {first.id} to hook: pending" in world.says("why-not", "https://gazette.example/3")


@pytest.mark.parametrize(
    "spelling",
    ["https://gazette.example/5/", "http://gazette.example/5", "https://gazette.example/5#top",
     "https://gazette.example/5?utm_source=x"],
)  # fmt: skip
def test_an_address_is_known_under_its_spellings(world: World, spelling: str) -> None:
    assert FINALE in world.says("why-not", spelling)


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        pytest.param(
            "Harbour Nine is fine.", "it names Harbour Nine, and no rule read an announcement in it", id="rule"
        ),
        pytest.param("A cookery show.", "no watched name stands in the text", id="name"),
    ],
)
def test_a_piece_without_a_claim_says_what_was_missing(world: World, title: str, reason: str) -> None:
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [piece(9, title)], now=days(20))
    assert reason in world.says("why-not", "gazette/n9")


def test_a_work_that_is_followed_only_since_then_is_read_otherwise_now(world: World) -> None:
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [piece(9, "Copper Gate premieres March 4, 2027.")], now=days(20))
    assert "no watched name stands in the text" in world.says("why-not", "gazette/n9")
    world.rewrite(lambda text: text.replace("title: Lantern Street", "title: Copper Gate"))
    assert "the present rules read it otherwise" in world.says("why-not", "gazette/n9")


def test_a_route_that_is_newer_than_the_change_says_so(world: World) -> None:
    world.rewrite(lambda text: text + "  - {id: finales, target: hook, roles: [finale]}\n")
    assert "finales: it would go there now; the route is newer than the change" in world.says("why-not", "gazette/n5")


def state(source: Source, **fields: object) -> FetchState:
    return FetchState(source_id=source.id, url=source.url, **fields)  # type: ignore[arg-type]


def test_a_source_that_fails_or_is_off_is_the_reason(world: World) -> None:
    with open_store(world.store_path) as store:
        failing = state(world.watcher.sources["gazette"], health=Health.FAILING, reason="answered 500")
        store.record([Poll(state=failing)], now=days(20))
    assert "The Gazette is failing: answered 500 (never read yet)" in world.says(
        "why-not", "https://gazette.example/99"
    )
    world.rewrite(lambda text: text.replace("tier: trade}", "tier: trade, enabled: false}"))
    with open_store(world.store_path) as store:
        store.sync_config(world.watcher.config)
    assert "The Gazette is switched off" in world.says("why-not", "https://gazette.example/99")
