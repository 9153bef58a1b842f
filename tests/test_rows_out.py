"""Rows of any view as feed and calendar, read back by real parsers."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest
from icalendar import Calendar

from alerts.rows import has_days, has_times, rows_atom, rows_calendar
from pipeline.cli.browse import _extras
from storage.datasette.browser import browser
from storage.datasette.pages import FRONT
from storage.store import open_store
from tests import store_factories as make
from tests.attacks import attacks

NOW = make.NOW
TODAY = dt.datetime.now(dt.UTC).replace(microsecond=0)
TOLD: dict[str, object] = {
    "at": "2027-01-10T11:00:00Z", "work": "Harbour Nine", "about": "season 3, premiere", "change": "moved_later",
    "old": "2027-03-04", "new": "2027-04-01", "source": "Gazette", "sentence": "It premieres in April.",
    "url": "https://gazette.example/1", "slot_id": 1, "change_id": "c1",
}  # fmt: skip
DATED: dict[str, object] = {
    "date": "2027-04", "work": "Harbour Nine", "about": "season 3, premiere", "slot_id": 1,
    "known_since": "2027-01-10T11:00:00Z", "earliest": "2027-04-01", "latest": "2027-04-30",
}  # fmt: skip


def feed(*rows: dict[str, object], key: str = "every_change") -> Any:
    return feedparser.parse(rows_atom(rows, title="Every change", key=key, now=NOW))


def events(*rows: dict[str, object]) -> list[Any]:
    made = rows_calendar(rows, title="Upcoming", key="upcoming_releases", now=NOW)
    return list(Calendar.from_ical(made).walk("VEVENT"))


def test_a_row_is_an_entry() -> None:
    read = feed(TOLD)
    assert not read.bozo
    (entry,) = read.entries
    assert entry.title == "Harbour Nine, season 3, premiere, moved later, 2027-03-04, 2027-04-01, Gazette"
    assert (entry.link, entry.updated, entry.author) == ("https://gazette.example/1", TOLD["at"], "Gazette")
    assert entry.content[0].value == "It premieres in April."


def test_an_entry_keeps_its_id_while_what_it_tells_of_is_the_same() -> None:
    moved = {**DATED, "date": "2027-05", "earliest": "2027-05-01", "latest": "2027-05-31"}
    first, second = (feed(row, key="upcoming_releases").entries[0].id for row in (DATED, moved))
    assert first == second
    assert first != feed({**DATED, "slot_id": 2}, key="upcoming_releases").entries[0].id
    assert first != feed(DATED, key="another").entries[0].id
    assert [event["uid"] for event in events(DATED)] == [event["uid"] for event in events(moved)]


def test_a_window_is_one_event_and_an_open_end_a_day() -> None:
    (event,) = events(DATED)
    assert (event["dtstart"].dt, event["dtend"].dt) == (dt.date(2027, 4, 1), dt.date(2027, 5, 1))
    assert event["summary"] == "2027-04, Harbour Nine, season 3, premiere"
    (event,) = events({**DATED, "latest": "9999-12-31"})
    assert (event["dtstart"].dt, event["dtend"].dt) == (dt.date(2027, 4, 1), dt.date(2027, 4, 2))
    assert [each["dtstart"].dt for each in events(TOLD)] == [dt.date(2027, 1, 10)]


@pytest.mark.parametrize("at", [None, "", "soon", "1970-01-01T00:00:00Z", 5])
def test_a_row_without_a_time_is_left_out(at: object) -> None:
    assert feed({**TOLD, "at": at}).entries == []
    assert events({**TOLD, "at": at}) == []


def test_which_columns_make_a_feed_or_a_calendar() -> None:
    assert has_times(["work", "since"])
    assert not has_times(["work", "what", "format"])
    assert has_days(["earliest", "latest"])
    assert not has_days(["earliest", "value"])


def test_nothing_that_was_read_breaks_out() -> None:
    rows = [{**TOLD, "work": attack, "sentence": attack, "url": attack, "source": attack, "change_id": str(number)}
            for number, attack in enumerate(attacks("http://127.0.0.1:9"))]  # fmt: skip
    read = feed(*rows)
    assert not read.bozo
    assert len(read.entries) == len(events(*rows)) == len(rows)
    assert all(entry.get("link", "").startswith(("https:", "http:", "urn:uuid:")) for entry in read.entries)


# --- in Datasette ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def get(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    path: Path = tmp_path_factory.mktemp("rows") / "watch.db"
    make.fill(path, TODAY)
    with open_store(path, read_only=True), browser(path, _extras()) as datasette:
        with asyncio.Runner() as runner:
            runner.run(datasette.invoke_startup())
            yield lambda address: runner.run(datasette.client.get(address))
        datasette.executor.shutdown()


@pytest.mark.parametrize("view", [*FRONT, "items", "changes", "how_a_date_moved"])
def test_every_view_is_there_as_feed_and_calendar(get: Callable[[str], Any], view: str) -> None:
    atom, ics = get(f"/watch/{view}.atom?work=harbour-nine"), get(f"/watch/{view}.ics?work=harbour-nine")
    assert (atom.status_code, ics.status_code) == (200, 200)
    assert atom.headers["content-type"].startswith("application/atom+xml")
    rows = get(f"/watch/{view}.json?_shape=array&work=harbour-nine").json()
    found = feedparser.parse(atom.content)
    assert not found.bozo
    assert bool(found.entries) == (bool(rows) and has_times(rows[0]) and view != "source_health")
    assert Calendar.from_ical(ics.content)["x-wr-calname"]


def test_a_filter_holds_for_the_feed_too(get: Callable[[str], Any]) -> None:
    shown = feedparser.parse(get("/watch/every_change.atom?change=moved_later").content)
    assert [entry.title.split(", ")[4] for entry in shown.entries] == ["moved later"]
    assert shown.feed.title == "Every change"


def test_the_page_names_the_forms_that_its_rows_take(get: Callable[[str], Any]) -> None:
    assert "/watch/every_change.atom" in get("/watch/every_change").text
    assert "/watch/reliability.atom" not in get("/watch/reliability").text
