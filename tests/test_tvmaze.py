"""A show's structured data as a source of tier `aggregator`: what it lists, what moves, and who contradicts it.

The recorded answer has the documented shape of TVmaze's API (https://www.tvmaze.com/api) and invented contents.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.parse import parse
from storage.errors import ParseError
from storage.model import Fetched, FetchState, Item, Source, SourceKind, Tier
from storage.store import Store, open_store
from tests.explaining import NOW, SOURCES_YAML, World, days, piece, read_in

ANSWER = (Path(__file__).parent / "recordings" / "tvmaze" / "harbour-nine.json").read_text()
TVMAZE = Source(
    id="tvmaze",
    name="TVmaze",
    kind=SourceKind.FEED,
    url="https://api.tvmaze.com/shows/990001?embed[]=seasons&embed[]=cast",
    tier=Tier.AGGREGATOR,
)
PREMIERE = "harbour-nine/release_date/s3/premiere"
WITH_TVMAZE = SOURCES_YAML.replace(
    "targets:", f'  - {{id: tvmaze, name: TVmaze, kind: feed, url: "{TVMAZE.url}", tier: aggregator}}\ntargets:'
).replace(", roles: [premiere]", "")


def listed(edit: Callable[[dict[str, Any]], None] = lambda show: None, at: dt.datetime = NOW) -> tuple[Item, ...]:
    show = json.loads(ANSWER)
    edit(show)
    return parse(fetched(json.dumps(show).encode(), at), TVMAZE).items


def fetched(body: bytes, at: dt.datetime = NOW) -> Fetched:
    return Fetched(
        source_id="tvmaze", url=TVMAZE.url, status_code=200, headers={"content-type": "application/json"}, body=body,
        fetched_at=at, state=FetchState(source_id="tvmaze", url=TVMAZE.url),
    )  # fmt: skip


def delayed(show: dict[str, Any]) -> None:
    show["_embedded"]["seasons"][2]["premiereDate"] = "2027-09-16"


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    world = World(tmp_path, capsys)
    world.rewrite(lambda _: WITH_TVMAZE)
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, list(listed()), now=days(0), baseline=True)
    return world


def facts(world: World) -> dict[str, str | None]:
    rows = [json.loads(line) for line in world.says("facts", "--json").splitlines()]
    return {fact["fact"]: fact["value"] for row in rows for fact in row["facts"]}


def summaries(store: Store) -> list[str]:
    return [entry.message.summary for entry in store.alerts()[::-1]]


# --- what is listed --------------------------------------------------------------------------------------------------


def test_every_season_and_part_is_an_item_that_names_the_database() -> None:
    assert [item.title for item in listed()] == [
        'TVmaze: "Harbour Nine" season 1 premiered on February 1, 2024.',
        'TVmaze: "Harbour Nine" season 2 premiered on September 11, 2025.',
        'TVmaze: "Harbour Nine" season 3 premieres on March 4, 2027.',
        'TVmaze: "Harbour Nine" season 4 has no release date yet.',
        'TVmaze: Ida Rowe joins "Harbour Nine" as Captain Mira Holt.',
        'TVmaze: Tomas Beck joins "Harbour Nine" as Arne.',
        'TVmaze: Lena Osei joins "Harbour Nine".',
    ]


def test_an_edited_date_is_a_revision_of_the_same_item() -> None:
    before, after = listed()[2], listed(delayed)[2]
    assert before.identity == after.identity
    assert before.content_hash != after.content_hash
    assert [item.content_hash for item in listed(at=days(1))] == [item.content_hash for item in listed()]


@pytest.mark.parametrize(
    ("edit", "title"),
    [
        pytest.param(lambda show: show.update(_embedded={}), None, id="nothing-embedded"),
        pytest.param(lambda show: show.update(_embedded={"seasons": "x", "cast": [1, {}]}), None, id="other-types"),
        pytest.param(
            lambda show: show["_embedded"].update(seasons=[{"id": 1, "number": 2026}, {"id": 2}], cast=[]), None,
            id="years-and-nothing-as-numbers",
        ),
        pytest.param(
            lambda show: show["_embedded"].update(seasons=[{"id": 1, "number": 5, "premiereDate": "soon"}], cast=[]),
            'TVmaze: "Harbour Nine" season 5 has no release date yet.', id="no-date",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_or_odd_is_left_out(edit: Callable[[dict[str, Any]], None], title: str | None) -> None:
    assert [item.title for item in listed(edit)] == ([title] if title else [])


def test_an_address_without_embeds_is_told_what_to_add() -> None:
    show = {**json.loads(ANSWER), "_embedded": {}}
    (warning,) = parse(fetched(json.dumps(show).encode()), TVMAZE).warnings
    assert "end the address with ?embed[]=seasons&embed[]=cast" in warning


def test_other_json_is_still_no_feed() -> None:
    with pytest.raises(ParseError, match="no JSON Feed"):
        parse(fetched(b'{"name": "Harbour Nine", "status": 404}'), TVMAZE)


# --- what is believed ------------------------------------------------------------------------------------------------


def test_a_new_user_begins_with_seasons_dates_and_cast_known_and_nobody_is_told(world: World) -> None:
    known = facts(world)
    assert known[PREMIERE] == "2027-03-04"
    assert {f"harbour-nine/season/s{n}" for n in (1, 2, 3, 4)} <= known.keys()
    assert known["harbour-nine/casting/Ida Rowe"] == "joins"
    assert known["harbour-nine/release_date/s4/premiere"] is None
    with open_store(world.store_path, read_only=True) as store:
        assert store.alerts() == []


def test_what_the_press_says_again_is_no_news(world: World) -> None:
    said = piece(2, "Harbour Nine season 3 premieres March 4, 2027, the network announced.", "herald", at=days(2))
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [said], now=days(2))
        assert summaries(store) == []


def test_the_press_against_the_database_moves_the_date_and_says_what_it_was(world: World) -> None:
    said = piece(2, "Harbour Nine season 3 has been pushed back to June 10, 2027.", at=days(20))
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [said], now=days(20))
        assert summaries(store) == [
            "Harbour Nine S3: premiere delayed: now 10 June 2027 (was: 4 March 2027) — confirmed by The Gazette"
        ]
    out = world.says("why", PREMIERE)
    assert "TVmaze (aggregator): 4 March 2027" in out


def test_the_database_against_the_press_is_a_dispute_and_alerts_nobody(world: World) -> None:
    said = piece(2, "Harbour Nine season 3 premieres March 4, 2027, the network announced.", at=days(2))
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [said], now=days(2))
        changed = [item for item in listed(delayed) if "season 3" in item.title]
        read_in(store, world.watcher, [replace(item, published_at=days(20)) for item in changed], now=days(20))
        assert summaries(store) == []
        kinds = [change.kind.value for change in store.changes() if change.claim.source_id == "tvmaze"]
    assert "disputed" in kinds
    assert facts(world)[PREMIERE] == "2027-03-04"


def test_what_the_database_alone_moves_is_news(world: World) -> None:
    with open_store(world.store_path) as store:
        changed = [item for item in listed(delayed) if "season 3" in item.title]
        read_in(store, world.watcher, changed, now=days(20))
        assert summaries(store) == [
            "Harbour Nine S3: premiere delayed: now 16 September 2027 (was: 4 March 2027) — confirmed by TVmaze"
        ]
