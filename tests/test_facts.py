"""`facts`: the ledger now and as it was, a work's timeline, and the proof of silence."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from pipeline.cli.facts import moment
from storage.model import FetchState, Health, Poll
from storage.store import open_store
from tests.explaining import NOW, World, days, piece, read_in

PREMIERE = "harbour-nine/release_date/s3/premiere"


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    with time_machine.travel(days(15), tick=False):
        yield World(tmp_path, capsys).with_history()


def rows(world: World, *arguments: str) -> dict[str, dict[str, Any]]:
    lines = world.says("facts", *arguments, "--json").splitlines()
    return {row["work"]: row for row in map(json.loads, lines)}


def values(row: dict[str, Any]) -> dict[str, str | None]:
    return {fact["fact"]: fact["value"] for fact in row["facts"]}


def test_all_works_show_what_is_believed_now(world: World) -> None:
    out = world.says("facts")
    assert "    Season 3 premiere: 8 April 2027 (confirmed, since 24 January 2027, The Gazette)\n" in out
    assert "    Season 1: out (confirmed, known from sources.yaml)\n" in out
    assert "What happened" not in out
    assert list(rows(world)) == ["harbour-nine", "lantern-street"]


def test_a_work_is_told_as_a_timeline(world: World) -> None:
    told = rows(world, "harbour-nine")["harbour-nine"]["timeline"]
    assert [(row["at"][:10], row["change"], row["new"]) for row in told if row["fact"] == PREMIERE] == [
        ("2027-01-10", "announced", "2027-03-04"),
        ("2027-01-24", "moved_later", "2027-04-08"),
    ]
    out = world.says("facts", "harbour-nine")
    assert out.index("S3: renewed") < out.index("S3: premiere 4 March 2027") < out.index("premiere delayed")
    assert "Lantern Street" not in out


@pytest.mark.parametrize(
    ("then", "premiere"),
    [
        pytest.param("2027-01-09", None, id="before"),
        pytest.param("2027-01-10", "2027-03-04", id="a-day-counts-to-its-end"),
        pytest.param("2027-01-10T11:59+00:00", None, id="a-moment-is-exact"),
        pytest.param("2027-01-23", "2027-03-04", id="between"),
        pytest.param("2027-01-24T12:00+00:00", "2027-04-08", id="after"),
        pytest.param("2d", "2027-03-04", id="ago"),
    ],
)
def test_as_of_tells_what_was_known_then(world: World, then: str, premiere: str | None) -> None:
    assert values(rows(world, "harbour-nine", "--as-of", then)["harbour-nine"]).get(PREMIERE) == premiere


def test_what_the_user_knew_was_always_known_until_it_changed(world: World) -> None:
    known = "harbour-nine/release_date/s2/premiere"
    config = "known: {seasons: [1, 2], release_dates: {2: 2028-02-01}}"
    world.rewrite(lambda text: text.replace("known: {seasons: [1, 2]}", config))
    moved = piece(9, "Harbour Nine season 2 has been pushed back to June 1, 2028.", at=days(14))
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [moved], now=days(14))
    assert values(rows(world)["harbour-nine"])[known] == "2028-06-01"
    assert values(rows(world, "--as-of", "2025-01-01")["harbour-nine"])[known] == "2028-02-01"
    assert values(rows(world, "--as-of", "2027-01-25")["harbour-nine"])[known] == "2028-06-01"


def test_what_contradicts_a_date_stands_below_it_now_and_then(world: World) -> None:
    against = piece(9, "Harbour Nine season 3 premieres May 6, 2027.", "herald", at=days(14) + dt.timedelta(hours=2))
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [against], now=days(14) + dt.timedelta(hours=2))
    line = "      but The Herald said 6 May 2027 (confirmed, 24 January 2027)\n"
    assert line in world.says("facts", "harbour-nine")
    assert line in world.says("facts", "harbour-nine", "--as-of", "2027-01-24")
    assert line not in world.says("facts", "harbour-nine", "--as-of", "2027-01-24T12:00+00:00")
    now, then = (rows(world, "harbour-nine", *as_of)["harbour-nine"]["facts"] for as_of in ((), ("--as-of", "0h")))
    assert now == then


def test_an_open_question_of_the_past_is_answered_by_a_date_of_the_past(world: World) -> None:
    dated = piece(9, "Lantern Street premieres June 1, 2027.", at=days(13))
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [dated], now=days(13))
    assert rows(world, "lantern-street", "--as-of", "2027-01-22")["lantern-street"]["open"] != []
    assert rows(world, "lantern-street", "--as-of", "2027-01-23")["lantern-street"]["open"] == []


def test_an_unknown_work_gets_the_nearest(world: World) -> None:
    world.says("facts", "harbor nine", code=2)
    assert "Did you mean harbour-nine?" in world.errors


@pytest.mark.parametrize(
    ("given", "at"),
    [
        pytest.param(None, None, id="now"),
        pytest.param(
            dt.datetime.fromisoformat("2027-01-10"),
            NOW.replace(hour=23, minute=59, second=59, microsecond=999999),
            id="day",
        ),
        pytest.param(dt.datetime.fromisoformat("2027-01-10T13:00"), NOW.replace(hour=13), id="hour"),
        pytest.param(dt.datetime.fromisoformat("2027-01-10T00:00+02:00"), NOW - dt.timedelta(hours=14), id="zone"),
        pytest.param(dt.timedelta(days=1), NOW - dt.timedelta(days=1), id="ago"),
    ],
)
def test_a_moment_is_utc(given: dt.datetime | dt.timedelta | None, at: dt.datetime | None) -> None:
    assert moment(given, NOW) == at


# --- proof of silence ------------------------------------------------------------------------------------------------


def test_what_is_open_says_since_when(world: World) -> None:
    row = rows(world, "lantern-street")["lantern-street"]
    assert [(each["slot"], each["since"]) for each in row["open"]] == [
        ("lantern-street/release_date/premiere", "2027-01-13T12:00:00Z")
    ]
    assert row["open"][0]["sentence"] == "Lantern Street has no release date yet."
    out = world.says("facts", "lantern-street")
    assert "    Premiere: unannounced, said so since 13 January 2027 (12 days)\n" in out


def test_silence_is_as_good_as_the_reading_of_each_tier(world: World) -> None:
    out = world.says("facts")
    assert "  trade press: 1 of 1 source read within a day, the last 24 hours ago\n" in out
    assert "  press: 0 of 1 source read within a day, the last 12 days ago\n" in out


def test_a_source_that_fails_proves_nothing(world: World) -> None:
    gazette = world.watcher.sources["gazette"]
    with open_store(world.store_path) as store:
        failing = FetchState(
            source_id="gazette", url=gazette.url, health=Health.FAILING, reason="500", last_success_at=days(15)
        )
        store.record([Poll(state=failing)], now=days(15))
    trade = rows(world)["harbour-nine"]["looked"][0]
    assert (trade["tier"], trade["read"], trade["last_read"]) == ("trade", 0, "2027-01-25T12:00:00Z")


def test_the_past_is_not_said_to_be_open_today(world: World) -> None:
    out = world.says("facts", "lantern-street", "--as-of", "2027-01-14")
    assert "Premiere: unannounced, said so since 13 January 2027 (1 day)" in out
    assert "How we looked" not in out
