"""The demonstration: two years of recorded news give exactly the alerts they deserve, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from standardwebhooks import Webhook

from pipeline.cli import Settings
from pipeline.cli.demo import demo, is_signed, prepare, run_demo
from pipeline.fetch import Exchange, read_recording
from storage.model import OutboxState
from storage.store import open_store
from tests.recordings.build import DEMO, outlets, record, texts

ROOT = Path(__file__).parents[1]
DESERVED: list[dict[str, Any]] = json.loads((ROOT / "tests" / "golden" / "demo-alerts.json").read_text("utf-8"))
"""Worked out by hand from the texts, before the software read them. `quotes` must stand in the sentence it shows."""

END = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
SECRET = "whsec_" + base64.b64encode(b"d" * 32).decode()
SETTINGS = Settings(config_path=Path("none.yaml"), store_path=Path("none.db"))


class Played:
    """One demonstration: its folder, what arrived, and what was counted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.alerts = folder, list[Mapping[str, Any]]()
        prepare(folder)
        self.tally: Counter[str] = asyncio.run(run_demo(folder, arrived=self.alerts.append))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return Played(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def recorded() -> list[Exchange]:
    return read_recording(DEMO / "history.warc.gz")


# --- the alerts ----------------------------------------------------------------------------------------------------


def told(alert: Mapping[str, Any]) -> dict[str, Any]:
    """What the golden list says of an alert, but for the sentence."""
    data = alert["data"]
    new = data["new"] or {}
    return {
        "at": alert["timestamp"],
        "work": data["work"]["id"],
        "season": data["season"],
        "kind": data["kind"],
        "role": data["role"],
        "person": data["person"],
        "change": data["change"],
        "old": _value(data["old"]),
        "new": _value(new),
        "status": data["status"],
        "said_by": data["said_by"]["source_id"],
    }


def _value(value: Mapping[str, Any] | None) -> str | None:
    if not value:
        return None
    return value["date"]["edtf"] if value["date"] else value["action"] or value["text"]


def _key(alert: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        str(alert[name]) for name in ("at", "work", "season", "kind", "role", "person", "change", "old", "new")
    )


def test_the_history_gives_the_alerts_it_deserves_and_no_other(played: Played) -> None:
    deserved = [{name: value for name, value in row.items() if name != "quotes"} for row in DESERVED]
    assert sorted(map(told, played.alerts), key=_key) == sorted(deserved, key=_key)


LOCK_SCREEN = 60
"""Characters that a locked phone shows at least."""


def test_a_locked_phone_shows_what_happened(played: Played) -> None:
    for alert in played.alerts:
        data = alert["data"]
        shown = data["summary"][:LOCK_SCREEN]
        assert data["work"]["title"] in shown
        assert data["summary"].partition(" (was: ")[0].partition(" — ")[0] in shown


def test_each_alert_shows_a_sentence_of_the_history_that_says_so(played: Played) -> None:
    said = _plain(" ".join(part for outlet in outlets() for text in texts(outlet, END) for part in _parts(text)))
    quotes = {_key(row): row["quotes"] for row in DESERVED}
    for alert in played.alerts:
        sentence = alert["data"]["sentence"]
        assert _plain(sentence) in said
        assert quotes.get(_key(told(alert)), "") in sentence


def _parts(text: Any) -> tuple[str, str, str]:
    return text.title, text.summary, text.text


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def test_each_alert_arrives_once_and_all_are_delivered(played: Played) -> None:
    ids = [alert["data"]["id"] for alert in played.alerts]
    assert len(ids) == len(set(ids)) == played.tally["alerts"] > 0
    assert played.tally["forged"] == played.tally["undelivered"] == 0
    with open_store(played.folder / "franchise-watch.db", read_only=True) as store:
        assert {entry.state for entry in store.alerts(limit=1000)} == {OutboxState.DELIVERED}


def test_the_first_look_at_each_source_is_silent(played: Played) -> None:
    assert min(alert["timestamp"] for alert in played.alerts) > "2024-04-17"


def test_the_digest_is_written_and_names_both_works(played: Played) -> None:
    page = (played.folder / "digest.html").read_text("utf-8")
    assert "Star City" in page
    assert "10 July 2026" in page


# --- the receiver --------------------------------------------------------------------------------------------------


def headers(at: dt.datetime, **changed: str) -> dict[str, str]:
    signature = Webhook(SECRET).sign("m1", at, "{}")
    stamp = str(int(at.timestamp()))
    return {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": signature} | changed


def test_a_signature_is_right_however_old_it_is() -> None:
    assert is_signed(headers(dt.datetime(2024, 4, 17, tzinfo=dt.UTC)), b"{}", SECRET)


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({}, b"{ }"),
        ({"webhook-id": "m2"}, b"{}"),
        ({"webhook-timestamp": "1"}, b"{}"),
        ({"webhook-timestamp": "soon"}, b"{}"),
        ({"webhook-timestamp": "9" * 30}, b"{}"),
        ({"webhook-signature": "v1,AAAA"}, b"{}"),
        ({"webhook-signature": ""}, b"{}"),
        ({}, b"\xff"),
    ],
    ids=["body", "id", "time", "no-time", "far-time", "signature", "no-signature", "not-text"],
)
def test_what_was_changed_on_the_way_is_not_taken(changed: dict[str, str], body: bytes) -> None:
    assert not is_signed(headers(END, **changed), body, SECRET)


def test_a_message_without_headers_is_not_taken() -> None:
    assert not is_signed({}, b"{}", SECRET)


# --- the command ---------------------------------------------------------------------------------------------------


def test_a_folder_with_a_watch_of_its_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text("franchises: []\n")
    result = CliRunner().invoke(demo, ["--to", str(tmp_path)], obj=SETTINGS)
    assert result.exit_code == 2
    assert "another folder" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["sources.yaml"]


def test_a_second_demonstration_begins_anew(tmp_path: Path) -> None:
    prepare(tmp_path)
    (tmp_path / "franchise-watch.db").write_text("old")
    prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sources.yaml"]


@pytest.mark.soak
def test_the_command_shows_the_same_alerts_again_and_what_to_do_next(played: Played, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    result = CliRunner().invoke(demo, ["--to", str(folder)], obj=SETTINGS, standalone_mode=False)
    assert result.exit_code == 0, result.output
    shown = re.findall(r"^\d\d \w{3} \d{4}  (.*)", result.output, re.MULTILINE)
    assert shown == [alert["data"]["summary"] for alert in played.alerts]
    assert "every signature was right" in result.output
    assert f"cd {folder}" in result.output
    assert (folder / "digest.html").read_bytes() == (played.folder / "digest.html").read_bytes()


# --- the recording -------------------------------------------------------------------------------------------------


def test_the_recording_is_small_enough_to_ship() -> None:
    assert (DEMO / "history.warc.gz").stat().st_size < 1_000_000


def statuses(recorded: list[Exchange], host: str) -> Counter[int]:
    return Counter(exchange.status_code for exchange in recorded if f"//{host}.example/" in exchange.url)


@pytest.mark.parametrize(
    ("host", "status"),
    [("theslate", 304), ("backlotdaily", 304), ("pressroom", 301), ("pressroom", 304), ("signalandscreen", 503)],
    ids=lambda value: str(value),
)
def test_the_recording_holds_what_real_servers_do(recorded: list[Exchange], host: str, status: int) -> None:
    assert statuses(recorded, host)[status] > 0


def test_a_feed_without_validators_comes_again_in_full(recorded: list[Exchange]) -> None:
    bodies = Counter(exchange.body for exchange in recorded if "signalandscreen" in exchange.url)
    assert 304 not in statuses(recorded, "signalandscreen")
    assert max(bodies.values()) > 5


def test_the_move_of_the_press_page_is_proposed(played: Played) -> None:
    with open_store(played.folder / "franchise-watch.db", read_only=True) as store:
        reports = {report.source.id: report for report in store.source_reports(END - dt.timedelta(days=400), END)}
    assert "https://pressroom.example/newsroom/" in reports["pressroom"].state.reason


def test_the_history_has_eight_outlets_and_enough_to_read() -> None:
    everyone = outlets()
    tiers = Counter(outlet["tier"] for outlet in everyone)
    assert tiers == {"official": 1, "trade": 2, "press": 3, "aggregator": 1, "rumour": 1}
    assert 120 <= sum(len(outlet["items"]) for outlet in everyone) <= 180


@pytest.mark.soak
def test_the_recording_is_what_the_texts_say(recorded: list[Exchange], tmp_path: Path) -> None:
    asyncio.run(record(tmp_path / "again.warc.gz"))
    again = read_recording(tmp_path / "again.warc.gz")
    assert sorted(again, key=_place) == sorted(recorded, key=_place)


def _place(exchange: Exchange) -> tuple[dt.datetime, str]:
    return exchange.at, exchange.url


# --- docs/demo.md --------------------------------------------------------------------------------------------------


def documented() -> Iterator[tuple[str, str, str]]:
    """The table's rows: date, work, source."""
    for line in (ROOT / "docs" / "demo.md").read_text("utf-8").splitlines():
        if re.match(r"\| \d{4}-", line):
            date, work, _, _, source = [cell.strip() for cell in line.strip("|").split("|")]
            yield date, work, source


def test_the_page_lists_each_alert() -> None:
    titles = {"for-all-mankind": "For All Mankind", "star-city": "Star City"}
    names = {outlet["id"]: outlet["name"] for outlet in outlets()}
    rows = [
        (row["at"][:10], titles[row["work"]] + (f" S{row['season']}" if row["season"] else ""), names[row["said_by"]])
        for row in DESERVED
    ]
    assert list(documented()) == rows
