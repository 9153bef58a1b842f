"""`reread`: what the present rules and sources.yaml would have read, applied silently and only on request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import time_machine

from storage.model import Change, Fact, OutboxEntry, Slot
from storage.store import open_store
from tests.explaining import World, days, piece, read_in

GATE = "Copper Gate premieres March 4, 2027, the network announced."
FOLLOWED_LATER = "      - {id: copper-gate, title: Copper Gate}\n"
PREMIERE = "copper-gate/release_date/premiere"


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    with time_machine.travel(days(40), tick=False):
        yield World(tmp_path, capsys).with_history()


def row(world: World, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.says("reread", "--json", *options))
    return found


def kept(world: World) -> tuple[list[OutboxEntry], list[Change], dict[Slot, Fact]]:
    with open_store(world.store_path, read_only=True) as store:
        works = [work.id for work in world.watcher.config.works]
        return store.alerts(), store.changes(baseline=True), store.beliefs(works)


def follow_later(world: World) -> None:
    """An article about a work that is followed only afterwards."""
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [piece(9, GATE, at=days(20))], now=days(20))
    world.rewrite(lambda text: text.replace("sources:\n", FOLLOWED_LATER + "sources:\n"))


def misread(world: World) -> None:
    """An alias that reads another show's news as ours, was alerted, and is then taken out of sources.yaml."""
    alias = "title: Lantern Street, aliases: [Copper Gate]"
    world.rewrite(lambda text: text.replace("title: Lantern Street", alias))
    with open_store(world.store_path) as store:
        read_in(store, world.watcher, [piece(9, GATE, at=days(20))], now=days(20))
    world.rewrite(lambda text: text.replace(alias, "title: Lantern Street"))


def test_the_same_rules_read_the_same(world: World) -> None:
    found = row(world)
    assert (found["items"], found["otherwise"], found["facts"]) == (7, 0, [])
    assert "What is believed stays as it is." in world.says("reread")


def test_a_work_that_is_followed_since_then_is_found(world: World) -> None:
    follow_later(world)
    found = row(world)
    assert [claim["item"] for claim in found["gained"]] == ["gazette/n9"]
    assert found["facts"] == [{"fact": PREMIERE, "old": None, "new": "2027-03-04", "change": "announced"}]
    assert f"  + Copper Gate, premiere: 4 March 2027: “{GATE}”" in world.says("reread")


def test_nothing_is_written_unless_asked(world: World) -> None:
    follow_later(world)
    before = kept(world)
    assert row(world)["applied"] is False
    assert kept(world) == before


def test_applied_it_is_believed_and_nobody_is_told(world: World) -> None:
    follow_later(world)
    alerts, changes, _ = kept(world)
    assert row(world, "--apply")["messages"] == []
    now_alerts, now_changes, beliefs = kept(world)
    assert now_alerts == alerts
    assert [change.baseline for change in now_changes if change not in changes] == [True]
    (fact,) = (fact for slot, fact in beliefs.items() if slot.id == PREMIERE)
    assert (str(fact.value), fact.alerted) == ("2027-03-04", False)


@pytest.mark.parametrize("prepare", [follow_later, misread])
@pytest.mark.parametrize("options", [["--apply"], ["--apply", "--send"]], ids=["silent", "sent"])
def test_applying_twice_changes_nothing_more(world: World, prepare: Any, options: list[str]) -> None:
    prepare(world)
    assert row(world, *options)["facts"] != []
    before = kept(world)
    again = row(world, *options)
    assert (again["gained"], again["facts"], again["messages"]) == ([], [], [])
    assert kept(world) == before


def test_sent_it_goes_into_the_outbox_once(world: World) -> None:
    follow_later(world)
    (message_id,) = row(world, "--apply", "--send")["messages"]
    alerts, _, beliefs = kept(world)
    assert alerts[0].message.id == message_id
    assert alerts[0].message.summary.startswith("Copper Gate: premiere 4 March 2027")
    assert next(fact.alerted for slot, fact in beliefs.items() if slot.id == PREMIERE)


def test_what_is_read_no_more_is_believed_no_more(world: World) -> None:
    misread(world)
    found = row(world, "--apply")
    assert found["facts"] == [
        {"fact": "lantern-street/release_date/premiere", "old": "2027-03-04", "new": None, "change": "withdrawn"}
    ]
    assert found["messages"] == []
    (entry, *_), _, beliefs = kept(world)
    fact = next(fact for slot, fact in beliefs.items() if slot.id == "lantern-street/release_date/premiere")
    assert fact.value.is_empty
    assert fact.change_id in entry.message.change_ids
    assert "the sentence was misread" in world.says("why-not", "gazette/n9")


def test_an_alert_that_rested_on_a_misreading_is_taken_back_on_request(world: World) -> None:
    misread(world)
    wrong = kept(world)[0][0].message
    (message_id,) = row(world, "--apply", "--send")["messages"]
    body = json.loads(next(e.message.body for e in kept(world)[0] if e.message.id == message_id))
    assert (body["data"]["change"], body["data"]["supersedes"]) == ("withdrawn", wrong.id)


def test_a_silent_correction_leaves_the_alert_to_be_named_by_the_next(world: World) -> None:
    misread(world)
    wrong = kept(world)[0][0].message
    row(world, "--apply")
    with open_store(world.store_path) as store:
        said = piece(10, "Lantern Street premieres May 6, 2027, the network announced.", at=days(30))
        read_in(store, world.watcher, [said], now=days(30))
    assert json.loads(kept(world)[0][0].message.body)["data"]["new"]["words"] == "6 May 2027"
    assert wrong.id in world.says("alerts", "list")


def test_an_edited_item_loses_nothing_that_its_first_text_said(world: World) -> None:
    follow_later(world)
    row(world, "--apply")
    with open_store(world.store_path) as store:
        edited = replace(piece(9, "Copper Gate is a show.", at=days(20)), content_hash="other")
        read_in(store, world.watcher, [edited], now=days(21))
    found = row(world)
    assert (found["lost"], found["facts"]) == ([], [])


def test_send_needs_apply(world: World) -> None:
    world.says("reread", "--send", code=2)
    assert "--send goes with --apply" in world.errors


def test_without_a_store_none_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, capsys)
    world.says("reread", "--apply", code=1)
    assert not world.store_path.exists()
