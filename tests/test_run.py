"""`run`, `daemon`, `status` and `doctor`: what they say, their exit codes, and when reminders and digests are due."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import itertools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from pipeline.cli import Settings, main
from pipeline.cli.daemon import Shift
from pipeline.cli.doctor import machine, packages
from pipeline.cli.status import span
from pipeline.fetch import Client
from pipeline.rounds import remind, write_digest
from pipeline.run import MAX_PAGES
from pipeline.schedule import keep_going
from storage.model import Health, OutboxState
from storage.store import open_store
from tests.feed_factories import entry
from tests.outboxes import message
from tests.receivers import answers
from tests.servers import Answer
from tests.worlds import FRANCHISE, ROUTES, START, World, story

DATED = story(
    "Apple TV sets the date for For All Mankind season 5",
    "Apple TV announced that For All Mankind season 5 will premiere on March 27, 2026.",
    at=START + dt.timedelta(hours=1),
)
WEATHER = story("Weather")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        world.publish("desk", WEATHER)
        world.publish("wire", WEATHER)
        yield world


def command(world: World, *arguments: str, at: dt.datetime | None = None) -> int:
    """The exit code of `franchise-watch` in this process, at the world's time."""
    where = ["--config", str(world.config_path), "--store", str(world.store_path)]
    with time_machine.travel(at or world.now):
        return main([*where, *arguments])


def started(world: World, *arguments: str) -> subprocess.Popen[str]:
    """`franchise-watch` in a process of its own."""
    code = "import sys; from pipeline.cli import main; sys.exit(main())"
    where = ["--config", str(world.config_path), "--store", str(world.store_path)]
    return subprocess.Popen([sys.executable, "-c", code, *where, *arguments], stderr=subprocess.PIPE, text=True)


# --- run -------------------------------------------------------------------------------------------------------------


def test_run_tells_of_the_first_look_and_then_of_news_only(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(world, "run") == 0
    assert capsys.readouterr().err == (
        "2 sources asked, 2 for the first time (what they brought is known now), 2 new items, 0 changes.\n"
    )
    world.publish("desk", DATED, WEATHER)
    world.now += dt.timedelta(hours=2)
    assert command(world, "run") == 0
    said = capsys.readouterr()
    assert said.out.startswith("sent     For All Mankind S5: premiere 27 March 2026")
    assert said.err == "2 sources asked, 1 new item, 1 change, 1 message sent.\n"
    world.now += dt.timedelta(hours=2)
    assert command(world, "run") == 0
    assert capsys.readouterr() == ("", "")


def test_run_without_sending_leaves_the_alert_for_the_next_run(world: World) -> None:
    world.round()
    world.publish("desk", DATED, WEATHER)
    world.now += dt.timedelta(hours=2)
    assert command(world, "run", "--no-send") == 0
    assert [entry.state for entry in world.alerts()] == [OutboxState.PENDING]
    world.now += dt.timedelta(minutes=1)
    assert command(world, "run") == 0
    assert len(world.receiver.received) == 1


def test_a_dry_run_keeps_and_sends_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.round()
    world.publish("desk", DATED, WEATHER)
    world.now += dt.timedelta(hours=2)
    assert command(world, "run", "--dry-run") == 0
    assert "waits    For All Mankind S5: premiere 27 March 2026" in capsys.readouterr().out
    assert (world.alerts(), world.receiver.received) == ([], [])
    assert command(world, "run") == 0
    assert len(world.receiver.received) == 1


def test_a_dry_run_needs_no_store_and_makes_none(world: World) -> None:
    assert command(world, "run", "--dry-run") == 0
    assert not world.store_path.exists()


def test_run_answers_in_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.round()
    world.publish("desk", DATED, WEATHER)
    world.serve("wire", Answer(500))
    world.now += dt.timedelta(hours=2)
    assert command(world, "run", "--json") == 4
    answer = json.loads(capsys.readouterr().out)
    assert answer["failures"] == {"wire": "answered 500 Internal Server Error"}
    assert [(change["change"], change["new"]) for change in answer["changes"]] == [("announced", "2026-03-27")]
    assert [message["state"] for message in answer["messages"]] == ["delivered"]


def test_run_records_what_the_network_answered(world: World, tmp_path: Path) -> None:
    from pipeline.fetch import read_recording

    assert command(world, "run", "--record", str(tmp_path / "day.warc.gz")) == 0
    assert {exchange.url for exchange in read_recording(tmp_path / "day.warc.gz")} == {
        server.url("/feed") for server in world.servers.values()
    }


def test_an_alert_that_is_not_taken_is_exit_code_5_whatever_else_failed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.round()
    world.publish("desk", DATED, WEATHER)
    world.serve("wire", Answer(500))
    world.receiver.behaviours["/hook"] = answers(500)
    world.now += dt.timedelta(hours=2)
    assert command(world, "run") == 5
    assert "answered 500" in capsys.readouterr().err
    assert world.alerts()[0].state is OutboxState.PENDING


def test_a_second_run_is_turned_away_with_75(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(world.store_path):
        assert command(world, "run") == 75
    assert "another run is using" in capsys.readouterr().err


HTML = b"<!doctype html><html><body><p>Please enable cookies.</p></body></html>"
BAD: list[tuple[str, Answer, str]] = [
    ("a page where a feed was", Answer(body=HTML, headers={"Content-Type": "text/html"}), "page"),
    ("an error", Answer(500, b"oops"), "answered 500 Internal Server Error"),
    ("cut short", Answer(body=b"<?xml version='1.0'?><rss version='2.0'><channel><title>De"), "breaks off"),
    ("nothing", Answer(body=b""), "empty body"),
    ("a reset", Answer(reset=True), "127.0.0.12"),
]


@pytest.mark.parametrize(("answer", "words"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_a_bad_source_is_named_and_the_others_are_read(
    world: World, capsys: pytest.CaptureFixture[str], answer: Answer, words: str
) -> None:
    world.round()
    world.serve("wire", answer)
    world.publish("desk", DATED, WEATHER)
    world.now += dt.timedelta(hours=2)
    assert command(world, "run") == 4
    said = capsys.readouterr()
    assert any(line.startswith("wire: ") and words in line for line in said.err.splitlines()), said.err
    assert said.out.startswith("sent     For All Mankind S5")


def test_a_feed_without_entries_is_no_failure(world: World) -> None:
    world.publish("wire")
    looked, _ = world.round()
    assert (looked.cycle.failures, looked.cycle.first_looks) == ({}, 2)


def test_what_a_torn_feed_still_holds_is_read_and_its_state_is_said(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.round()
    whole = world.servers["wire"].script["/feed"]
    assert isinstance(whole, Answer)
    body = whole.body.replace(b"<item>", DATED.encode() + b"<item>").partition(b"Weather")[0]
    world.serve("wire", Answer(body=body))
    world.now += dt.timedelta(hours=2)
    assert command(world, "run") == 0
    said = capsys.readouterr()
    assert "wire: the feed is not well-formed" in said.err
    assert said.out.startswith("sent     For All Mankind S5")


def test_a_host_that_is_not_there_is_named(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    text = world.config_path.read_text().replace(world.servers["wire"].url("/feed"), "http://127.0.0.99:9/feed")
    world.config_path.write_text(text)
    assert command(world, "run") == 4
    assert "wire: 127.0.0.99" in capsys.readouterr().err


def test_a_typo_stops_the_run_before_anything_is_asked(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.config_path.write_text(world.config_path.read_text().replace("tier: trade", "teir: trade", 1))
    assert command(world, "run") == 3
    said = capsys.readouterr().err
    assert "sources.yaml:10:" in said
    assert "tier" in said
    assert world.servers["desk"].requests == []


def test_a_mistake_of_ours_over_one_text_costs_its_source_only(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.publish("desk")
    world.use(dataclasses.replace(world.watcher(), watch=None))  # type: ignore[arg-type]
    looked, _ = world.round()
    assert looked.cycle.failures.keys() == {"wire"}
    assert "(AttributeError); `record` it and report it" in looked.cycle.failures["wire"]
    assert looked.cycle.first_looks == 1
    assert "wire: reading its items failed" in caplog.text


def test_a_cancelled_cycle_keeps_what_was_answered(world: World) -> None:
    world.serve("wire", Answer(silent=True))

    async def cancelled() -> None:
        task = asyncio.ensure_future(world._round(False, lambda name: None))
        while not world.servers["desk"].requests or not world.servers["wire"].requests:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    world.publish("wire", WEATHER)
    looked, _ = world.round(hours=0.1)
    assert looked.cycle.polled == 1
    assert len(world.servers["desk"].requests) == 1


# --- a source that breaks, and comes back ----------------------------------------------------------------------------


def test_a_broken_source_is_told_once_and_its_return_once(world: World) -> None:
    world.round()
    world.serve("wire", Answer(500))
    for _ in range(8):
        world.round(hours=9)
    world.publish("wire", WEATHER)
    for _ in range(3):
        world.round(hours=9)
    assert [event["type"] for event in world.verified()] == ["source.broken", "source.recovered"]


# --- reminders -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", ["release_dates: {1: 2026-05-29}", "seasons: [1]"], ids=["stated", "read"])
def test_a_release_is_remembered_the_day_before_and_on_the_day(world: World, known: str) -> None:
    franchise = FRANCHISE.replace("companions:", f"known: {{{known}}}, companions:")
    world.write_config(franchise=franchise, routes=ROUTES.replace("target: hook}", "target: hook, remind: true}"))
    world.publish("desk", story("Star City premieres May 29, 2026", "Apple's Star City premieres May 29, 2026."))
    world.round()
    assert world.receiver.received == []
    for day in (27, 28, 28, 29, 29, 30):
        world.now = dt.datetime(2026, 5, day, 9, tzinfo=dt.UTC) + dt.timedelta(minutes=len(world.receiver.received))
        world.round(hours=0.1)
    told = world.verified()
    assert [(event["type"], event["timestamp"][:10]) for event in told] == [
        ("release_date.due", "2026-05-28"),
        ("release_date.due", "2026-05-29"),
    ]


def test_nobody_is_reminded_who_did_not_ask(world: World) -> None:
    world.write_config(
        franchise=FRANCHISE.replace("companions:", "known: {release_dates: {1: 2026-05-29}}, companions:")
    )
    world.round()
    with open_store(world.store_path) as store:
        assert remind(world.watcher(), store, now=dt.datetime(2026, 5, 29, 9, tzinfo=dt.UTC)) == 0


# --- the digest ------------------------------------------------------------------------------------------------------

DIGEST = "digest: {{at: '{at}', timezone: {zone}, path: page.html, target: hook}}\n"


def digests(world: World, begin: dt.datetime, *, days: int) -> list[dt.date]:
    """The local dates of the digests that are made when asked every half hour."""
    made = []
    with open_store(world.store_path) as store:
        config = world.watcher().config
        store.sync_config(config)
        for minutes in range(0, days * 24 * 60, 29):
            date = write_digest(config, store, now=begin + dt.timedelta(minutes=minutes))
            made += [date] if date else []
    return made


CLOCK_CHANGES = [
    ("America/New_York", "02:30", "03-08", "11-01"), ("Europe/Berlin", "02:30", "03-29", "10-25"),
    ("Australia/Lord_Howe", "01:45", "04-05", "10-04"), ("America/St_Johns", "00:01", "03-08", "11-01"),
    ("Africa/Casablanca", "02:15", "02-15", "03-22"), ("Pacific/Kiritimati", "23:59", "03-29", "10-25"),
    ("Pacific/Apia", "00:00", "04-05", "09-27"), ("Asia/Kathmandu", "12:00", "03-29", "10-25"),
    ("UTC", "07:00", "02-28", "12-31"),
]  # fmt: skip
"""Zone, the digest's hour, and two days of 2026 on which clocks change there, or elsewhere."""


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [(zone, at, day) for zone, at, *days in CLOCK_CHANGES for day in days],
)
def test_there_is_one_digest_per_local_date_through_both_clock_changes(
    tmp_path: Path, zone: str, at: str, day: str
) -> None:
    begin = dt.datetime.fromisoformat(f"2026-{day}T03:00Z") - dt.timedelta(days=2)
    with World(tmp_path, publishers=("desk",), more=DIGEST.format(at=at, zone=zone)) as world:
        made = digests(world, begin, days=5)
    assert {later - sooner for sooner, later in itertools.pairwise(made)} == {dt.timedelta(days=1)}
    assert 5 <= len(made) <= 7


def test_the_digest_is_a_page_and_a_message(tmp_path: Path) -> None:
    with World(tmp_path, publishers=("desk",), more=DIGEST.format(at="07:00", zone="UTC")) as world:
        world.publish("desk", WEATHER)
        looked, _ = world.round()
        assert looked.digest_date == START.date()
        assert "<!doctype html>" in (tmp_path / "page.html").read_text().lower()
        assert [event["type"] for event in world.verified()] == ["digest"]
        assert world.round()[0].digest_date is None


def test_a_digest_that_cannot_be_written_is_said_and_made_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with World(tmp_path, publishers=("desk",), more=DIGEST.format(at="07:00", zone="UTC")) as world:
        world.publish("desk", WEATHER)
        (tmp_path / "page.html").mkdir()
        assert command(world, "run") == 5
        assert "the digest cannot be written to" in capsys.readouterr().err
        (tmp_path / "page.html").rmdir()
        assert command(world, "run") == 0
        assert (tmp_path / "page.html").is_file()


# --- daemon ----------------------------------------------------------------------------------------------------------


def test_the_daemon_looks_sends_and_stops_when_told(world: World) -> None:
    world.receiver.behaviours["/hook"] = answers(503)
    with open_store(world.store_path) as store:
        watcher = world.watcher()
        store.sync_config(watcher.config)
        waiting = dataclasses.replace(message("c1.all", target="hook", route="all"), change_ids=())
        store.record_changes(now=START, messages=[waiting])
    daemon = started(world, "daemon")
    try:
        _until(lambda: len(world.servers["wire"].requests) == 1 and world.receiver.received)
        world.receiver.behaviours.clear()
        _until(lambda: len(world.receiver.received) == 2, seconds=12)
        begin = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        _, said = daemon.communicate(timeout=10)
        assert time.monotonic() - begin < 10
    finally:
        daemon.kill()
        daemon.wait()
    assert daemon.returncode == 0, said
    assert "2 sources asked, 2 for the first time" in said
    assert "Sent: news c1.all" in said
    assert len(set(world.receiver.ids())) == 1
    assert len(world.servers["desk"].requests) == 1


def test_the_daemon_follows_edits_of_the_configuration(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    text = world.config_path.read_text()
    edits = [text, text.replace("tier: trade", "teir: trade"), text.replace("id: wire", "id: cable"), None]
    asked = asyncio.run(_looks_after(world, edits))
    assert asked == [["desk", "wire"], ["desk", "wire"], ["cable", "desk"], ["cable", "desk"]]
    said = capsys.readouterr().err
    assert "teir" in said
    assert "what was read before stays in use" in said
    assert said.count("Edited: watching 2 sources for 2 works.") == 2


async def _looks_after(world: World, edits: list[str | None]) -> list[list[str]]:
    """The sources that the daemon follows after each edit; None takes the file away."""
    settings, followed = Settings(config_path=world.config_path, store_path=world.store_path), []
    with open_store(world.store_path) as store:
        async with Client(gap_s=0) as client:
            shift = Shift(settings=settings, watcher=world.watcher(), store=store, client=client)
            for text in edits:
                world.config_path.unlink() if text is None else world.config_path.write_text(text)
                await shift.look()
                followed.append(sorted(shift.watcher.sources))
    return followed


def test_sigterm_ends_a_run_and_what_was_answered_is_kept(world: World) -> None:
    world.serve("wire", Answer(silent=True))
    run = started(world, "run")
    try:
        _until(lambda: bool(world.servers["wire"].requests) and bool(world.servers["desk"].requests))
        time.sleep(0.5)
        run.terminate()
        assert run.wait(10) == 128 + signal.SIGTERM
    finally:
        run.kill()
        run.communicate()
    with open_store(world.store_path, read_only=True) as store:
        config = world.watcher().config
        assert [state.health for state in store.fetch_states(config.sources).values()] == [Health.OK, Health.NEW]


def _until(holds, *, seconds: float = 8.0) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


# --- the tick --------------------------------------------------------------------------------------------------------


class Ticks:
    """Jobs that count, and stop after so many calls."""

    def __init__(self, *, until: int, fail: Exception | None = None) -> None:
        self.looks = self.sends = 0
        self.stop = asyncio.Event()
        self._until, self._fail = until, fail

    async def look(self) -> None:
        self.looks += 1
        if self._fail:
            raise self._fail
        if self.looks >= self._until:
            self.stop.set()

    async def send(self) -> None:
        self.sends += 1


def test_ticks_come_at_once_and_go_on() -> None:
    async def go() -> Ticks:
        ticks = Ticks(until=4)
        await keep_going(ticks.look, ticks.send, stop=ticks.stop, look_s=0.05, send_s=0.02)
        return ticks

    ticks = asyncio.run(go())
    assert ticks.looks == 4
    assert ticks.sends > 4


def test_a_job_that_lasts_is_not_begun_twice() -> None:
    async def go() -> int:
        most = open_ = 0
        stop = asyncio.Event()

        async def look() -> None:
            nonlocal most, open_
            open_ += 1
            most = max(most, open_)
            await asyncio.sleep(0.1)
            open_ -= 1

        async def send() -> None:
            pass

        asyncio.get_running_loop().call_later(0.4, stop.set)
        await keep_going(look, send, stop=stop, look_s=0.02, send_s=0.1)
        return most

    assert asyncio.run(go()) == 1


def test_what_a_job_raises_ends_the_daemon() -> None:
    async def go() -> None:
        ticks = Ticks(until=1, fail=ZeroDivisionError("a mistake"))
        await keep_going(ticks.look, ticks.send, stop=ticks.stop, look_s=0.05)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(go())


def test_stopping_lets_a_message_arrive_and_cuts_a_look_off() -> None:
    async def go() -> list[str]:
        ended: list[str] = []
        stop = asyncio.Event()

        async def look() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                ended.append("look")

        async def send() -> None:
            if not ended:
                stop.set()
                await asyncio.sleep(0.2)
                ended.append("send")

        await keep_going(look, send, stop=stop)
        return ended

    assert asyncio.run(go()) == ["look", "send"]


@pytest.mark.parametrize("jump", [dt.timedelta(days=-2), dt.timedelta(days=2)], ids=["back", "ahead"])
def test_ticks_go_on_when_the_clock_is_set(jump: dt.timedelta) -> None:
    async def go() -> int:
        ticks = Ticks(until=1_000)
        with time_machine.travel(START) as clock:
            asyncio.get_running_loop().call_later(0.12, clock.shift, jump)
            asyncio.get_running_loop().call_later(0.7, ticks.stop.set)
            await keep_going(ticks.look, ticks.send, stop=ticks.stop, look_s=0.05, clock_s=0.05)
        return ticks.looks

    assert 8 <= asyncio.run(go()) <= 20


def test_a_clock_that_is_set_back_neither_silences_a_source_nor_asks_it_early(world: World) -> None:
    def asked() -> int:
        return len(world.servers["desk"].requests)

    world.round()
    world.round(hours=-48)
    assert asked() == 1
    world.round(hours=0.2)
    assert asked() == 1
    world.round(hours=0.4)
    assert asked() == 2


# --- full text -------------------------------------------------------------------------------------------------------

ARTICLE = "<html><body><article><h1>{0}</h1>{1}</article></body></html>"


def with_pages(world: World, count: int, *, robots: str = "") -> None:
    """A feed whose entries say little, and the pages they link to."""
    desk = world.servers["desk"]
    words = "<p>The network said on Monday that a decision on what comes next is not expected before autumn.</p>" * 4
    for n in range(count):
        page = ARTICLE.format(f"Story {n}", f"{words}<p>For All Mankind season 5 premieres March {n + 1}, 2026.</p>")
        desk.script[f"/{n}"] = Answer(body=page.encode(), headers={"Content-Type": "text/html"})
    desk.script["/robots.txt"] = Answer(body=robots.encode())
    world.write_config(
        f"  - {{id: desk, name: Desk, kind: feed, tier: trade, allow_private: true, full_text: true, "
        f'url: "{desk.url("/feed")}"}}\n'
    )
    day = f"{START:%a, %d %b %Y} 0{{}}:{{:02}}:00 GMT"
    world.publish("desk", *(entry(f"Story {n}", desk.url(f"/{n}"), f"{n}", pubDate=day.format(n // 60, n % 60))
                            for n in range(count)))  # fmt: skip


def test_linked_articles_are_read_where_that_is_asked_for(world: World) -> None:
    with_pages(world, 2)
    world.round()
    with open_store(world.store_path, read_only=True) as store:
        texts = [item.text for item in store.items()]
    assert len(texts) == 2
    assert all("For All Mankind season 5 premieres March" in text for text in texts)


def test_an_article_that_robots_txt_forbids_is_not_read(world: World) -> None:
    with_pages(world, 2, robots="User-agent: *\nDisallow: /1\n")
    world.round()
    assert [request.path for request in world.servers["desk"].requests] == ["/feed", "/robots.txt", "/0"]


def test_of_many_new_articles_the_newest_are_read(world: World) -> None:
    with_pages(world, MAX_PAGES + 5)
    world.round()
    asked = [request.path for request in world.servers["desk"].requests]
    assert asked == ["/feed", "/robots.txt", *(f"/{n}" for n in range(5, MAX_PAGES + 5))]


# --- status, doctor, check -------------------------------------------------------------------------------------------


def test_status_says_how_each_source_is(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.round()
    world.serve("wire", Answer(500))
    world.round()
    world.now += dt.timedelta(minutes=5)
    assert command(world, "status") == 0
    said = capsys.readouterr().out
    assert "desk  ok       read 5 minutes ago, 1 new today" in said
    assert "wire  failing  read 1 hour ago" in said
    assert "answered 500 Internal Server Error" in said
    assert "2 sources: 1 ok, 1 failing.\nNo alert waits." in said


def test_status_answers_in_json_and_names_what_is_not_set(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.round()
    monkeypatch.delenv("HOOK_SECRET")
    assert command(world, "status", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert [source["health"] for source in answer["sources"]] == ["ok", "ok"]
    assert answer["alerts"] == {"waiting": 0, "given_up": 0}
    assert answer["unset"] == ["target hook: the environment variable HOOK_SECRET is not set"]


def test_status_before_the_first_run_says_what_to_do(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(world, "status") == 1
    assert "`franchise-watch run` makes one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (dt.timedelta(seconds=20), "a moment"), (dt.timedelta(minutes=1), "1 minute"),
        (dt.timedelta(hours=3), "3 hours"), (dt.timedelta(days=-2), "a moment"), (dt.timedelta(days=9), "9 days"),
    ],
)  # fmt: skip
def test_spans_are_said_for_people(length: dt.timedelta, words: str) -> None:
    assert span(length) == words


def test_doctor_is_content_with_a_fit_machine(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(world, "doctor") == 0
    said = capsys.readouterr().out
    assert "✗" not in said
    assert "package names" in said


def test_doctor_names_every_age_that_matters() -> None:
    assert [one.what for one in machine()] == ["Python", "SQLite", "expat"]


def test_doctor_finds_what_is_wrong(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.config_path.write_text("sources: [")
    world.store_path.write_bytes(b"this is no database, however long one looks at it" * 40)
    assert command(world, "doctor", "--json") == 1
    found = {one["what"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (found["sources.yaml"]["state"], found["store"]["state"]) == ("wrong", "wrong")
    assert "this is not a database" in found["store"]["said"]


def test_doctor_finds_a_second_owner_of_a_package_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (other / "top_level.txt").write_text("storage\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    names = next(one for one in packages() if one.what == "package names")
    assert names.state == "wrong"
    assert "storage also belongs to other" in names.said


def test_check_online_asks_every_source_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.serve("wire", Answer(body=HTML, headers={"Content-Type": "text/html"}))
    assert command(world, "check", "--online") == 4
    assert capsys.readouterr().err.startswith("wire: ")
    assert [len(server.requests) for server in world.servers.values()] == [1, 1]
    assert not world.store_path.exists()


def test_check_offline_asks_nobody(world: World) -> None:
    assert command(world, "check") == 0
    assert world.servers["desk"].requests == []
