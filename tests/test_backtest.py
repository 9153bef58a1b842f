"""`backtest`: the real state machine over given or stored items, and what another configuration would have sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storage.store import open_store
from tests.explaining import ANNOUNCED, FINALE, MOVED, World, days, piece, read_in


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return World(tmp_path, capsys)


def items(world: World, *titles: str, source: str = "gazette") -> str:
    path = world.folder / "items.jsonl"
    rows = [
        {"id": str(n), "source": source, "published": days(n).isoformat(), "title": title}
        for n, title in enumerate(titles)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def rows(world: World, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in world.says("backtest", *arguments, "--json").splitlines()]


def told(found: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    return [(row.get("diff"), row["change"], row["role"], row["new"]) for row in found]


# --- given items -----------------------------------------------------------------------------------------------------


def test_items_are_judged_in_order_of_publication_and_told_once(world: World) -> None:
    given = Path(items(world, ANNOUNCED, ANNOUNCED, MOVED))
    given.write_text("".join(reversed(given.read_text().splitlines(keepends=True))))
    assert told(rows(world, str(given))) == [
        (None, "announced", "premiere", "2027-03-04"),
        (None, "moved_later", "premiere", "2027-04-08"),
    ]


def test_a_line_that_is_no_item_is_named(world: World) -> None:
    path = world.folder / "items.jsonl"
    path.write_text('{"id": "1", "title": "x", "published": "yesterday"}\n')
    world.says("backtest", str(path), code=2)
    assert "line 1 is no item" in world.errors


def test_a_ledger_is_where_it_begins(world: World) -> None:
    given = items(world, MOVED)
    world.with_history()
    assert told(rows(world, given, "--ledger", str(world.store_path))) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[{", "watch.json is no JSON", id="no-json"),
        pytest.param('{"title": "Lantern Street"}', "must hold a list of {title, …}", id="no-list"),
    ],
)
@pytest.mark.parametrize("command", ["backtest", "explain"])
def test_a_watch_file_that_is_none_is_a_usage_error(world: World, command: str, text: str, message: str) -> None:
    watched = world.folder / "watch.json"
    watched.write_text(text)
    world.says(command, items(world, ANNOUNCED), "--watch", str(watched), code=2)
    assert message in world.errors


def test_a_watch_file_needs_items(world: World) -> None:
    watched = world.folder / "watch.json"
    watched.write_text('[{"title": "Lantern Street"}]')
    world.says("backtest", "--watch", str(watched), code=2)
    assert "--watch goes with ITEMS" in world.errors


# --- the stored history ----------------------------------------------------------------------------------------------


def test_the_history_gives_the_alerts_that_it_gave(world: World) -> None:
    found = rows(world.with_history())
    assert told(found) == [
        ("both", "announced", "premiere", "2027-03-04"),
        ("both", "moved_later", "premiere", "2027-04-08"),
    ]
    assert world.errors == "Alerts as before: 2; more (+): 0; fewer (-): 0.\n"


def test_a_first_import_stays_silent(world: World) -> None:
    world.with_history()
    assert "n1" not in [row["item_id"] for row in rows(world)]


def test_a_changed_configuration_shows_what_it_adds_and_takes_away(world: World) -> None:
    world.with_history()
    world.rewrite(lambda text: text.replace("roles: [premiere]", "roles: [finale]"))
    assert sorted(told(rows(world))) == [
        ("fewer", "announced", "premiere", "2027-03-04"),
        ("fewer", "moved_later", "premiere", "2027-04-08"),
        ("more", "announced", "finale", "2027-05-29"),
    ]


def test_without_a_source_another_tells_the_same_later_or_nobody_does(world: World) -> None:
    world.with_history()
    gazette = next(line for line in world.config_path.read_text().splitlines() if "gazette" in line)
    world.rewrite(lambda text: text.replace(gazette + "\n", ""))
    assert [(row["diff"], row["new"], row["item_id"]) for row in rows(world)] == [
        ("both", "2027-03-04", "n4"),
        ("fewer", "2027-04-08", "n7"),
    ]


def test_diff_compares_two_configurations_without_the_outbox(world: World) -> None:
    world.with_history()
    old = world.folder / "old.yaml"
    old.write_text(world.config_path.read_text())
    world.rewrite(lambda text: text.replace(", roles: [premiere]", ""))
    added = [row for row in told(rows(world, "--diff", str(old))) if row[0] != "both"]
    assert added == [("more", "announced", "finale", "2027-05-29")]
    with_items = told(rows(world, items(world, ANNOUNCED, FINALE), "--diff", str(old)))
    assert with_items == [
        ("both", "announced", "premiere", "2027-03-04"),
        ("more", "announced", "finale", "2027-05-29"),
    ]


def test_it_changes_nothing_and_sends_nothing(world: World) -> None:
    world.with_history()
    with open_store(world.store_path, read_only=True) as store:
        before = store.alerts(), store.changes(baseline=True)
    rows(world)
    with open_store(world.store_path, read_only=True) as store:
        assert (store.alerts(), store.changes(baseline=True)) == before


def test_without_items_or_a_store_it_says_what_makes_one(world: World) -> None:
    world.says("backtest", code=1)
    assert "`franchise-watch run` makes one" in world.errors


def test_an_item_without_a_time_counts_from_when_it_was_first_seen(world: World) -> None:
    world.with_history()
    with open_store(world.store_path) as store:
        undated = piece(8, "Harbour Nine season 3 has been pushed back to June 3, 2027.", published_at=None)
        read_in(store, world.watcher, [undated], now=days(30))
    found = rows(world)
    assert [row["diff"] for row in found] == ["both"] * len(found)
    assert found[-1]["at"].startswith("2027-02-09")


def test_an_edited_item_is_judged_when_it_was_edited(world: World) -> None:
    world.with_history()
    with open_store(world.store_path) as store:
        for at, title in ((days(-20), "Harbour Nine is a fine show."), (days(40), "Harbour Nine: " + ANNOUNCED)):
            edited = piece(9, title, "herald", at=days(-20))
            read_in(store, world.watcher, [edited], now=at)
    assert [(row["diff"], row["item_id"]) for row in rows(world)] == [("both", "n3"), ("both", "n7")]
