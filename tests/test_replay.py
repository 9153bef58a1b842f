"""`record` writes what a real server answers, `replay` runs the pipeline over it; nothing is sent unless asked."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import threading
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path

import pytest
import respx
from click.testing import CliRunner, Result
from standardwebhooks import Webhook

from alerts.match import match
from pipeline.cli import Settings
from pipeline.cli.record import record
from pipeline.cli.replay import Clock, moments, play, replay
from pipeline.config import load_config
from pipeline.fetch import Client, Exchange, Recorder, ReplayTransport, read_recording
from pipeline.run import run_cycle, watching
from storage.errors import RecordingError
from storage.store import open_store
from tests.receivers import Receiver
from tests.servers import Answer, Server

SECRET = "whsec_" + base64.b64encode(b"r" * 32).decode()
START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
URL = "https://desk.example/feed/"
CONFIG = """\
franchises: [{id: harbour, title: Harbour Nine, works: [{id: nine, title: Harbour Nine}]}]
sources: [{id: desk, name: The Desk, kind: feed, url: "https://desk.example/feed/", tier: trade}]
targets: [{id: phone, format: webhook, url: {env: REPLAY_URL}, secret: {env: REPLAY_SECRET}, allow_private: true}]
routes: [{id: main, target: phone}]
"""
PREMIERE = ("Harbour Nine Season 3 Premieres April 17", "Harbour Nine season 3 will premiere on April 17, 2026.")
OLD = ("What we liked about Harbour Nine", "An essay.")


def feed(*items: tuple[str, str]) -> bytes:
    entries = "".join(
        f"<item><title>{title}</title><link>https://desk.example/{number}</link><guid>{title}</guid>"
        f"<pubDate>{format_datetime(START + number * dt.timedelta(hours=1))}</pubDate>"
        f"<description>{summary}</description></item>"
        for number, (title, summary) in enumerate(items)
    )
    return f'<rss version="2.0"><channel><title>The Desk</title>{entries}</channel></rss>'.encode()


def exchange(days: float, *items: tuple[str, str], url: str = URL) -> Exchange:
    headers = ((b"Content-Type", b"application/rss+xml"),)
    at = START + dt.timedelta(days=days)
    return Exchange(url=url, at=at, status_code=200, headers=headers, body=feed(*items))


def written(path: Path, *exchanges: Exchange) -> Path:
    with Recorder(path, clock=lambda: START) as recorder:
        for one in exchanges:
            recorder.write(one)
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "sources.yaml").write_text(CONFIG)
    return Settings(config_path=tmp_path / "sources.yaml", store_path=tmp_path / "mine.db")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A first look, and a day later an announcement."""
    return written(tmp_path / "history.warc.gz", exchange(0, OLD), exchange(1, OLD, PREMIERE))


def run(settings: Settings, *arguments: object, environ: dict[str, str] | None = None) -> Result:
    environ = {"REPLAY_URL": "", "REPLAY_SECRET": SECRET} | (environ or {})
    return CliRunner().invoke(replay, [str(one) for one in arguments], obj=settings, env=environ, standalone_mode=False)


# --- replay --------------------------------------------------------------------------------------------------------


def test_what_came_after_the_first_look_is_printed(settings: Settings, history: Path) -> None:
    result = run(settings, history)
    assert result.exception is None
    assert result.stdout == "2026-03-01  Harbour Nine S3: premiere 17 April 2026 — confirmed by The Desk\n"
    assert result.stderr == "2026-03-01 to 2026-03-02: 2 cycles, 2 polls, 0 failures, 2 items, 1 alerts.\n"


def test_one_look_alone_is_silent(settings: Settings, tmp_path: Path) -> None:
    result = run(settings, written(tmp_path / "one.warc.gz", exchange(0, OLD, PREMIERE)))
    assert result.stdout == ""
    assert "0 alerts" in result.stderr


def test_json_has_one_object_for_each_alert(settings: Settings, history: Path) -> None:
    (row,) = map(json.loads, run(settings, history, "--json").stdout.splitlines())
    assert (row["work"], row["season"], row["change"], row["new"]) == ("nine", 3, "announced", "2026-04-17")


def test_the_own_store_is_not_touched(settings: Settings, history: Path) -> None:
    run(settings, history)
    assert not settings.store_path.exists()


def test_what_was_stored_can_be_kept(settings: Settings, history: Path, tmp_path: Path) -> None:
    run(settings, history, "--keep", tmp_path / "kept.db")
    with open_store(tmp_path / "kept.db", read_only=True) as store:
        assert [item.title for item in store.items()] == [OLD[0], PREMIERE[0]]
        assert len(store.alerts()) == 1


def test_a_store_that_is_there_is_not_mixed_with_another(settings: Settings, history: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.db").write_text("")
    result = run(settings, history, "--keep", tmp_path / "kept.db")
    assert "there already" in str(result.exception)


@pytest.mark.parametrize("content", [b"", b"not a recording"], ids=["empty", "other"])
def test_a_file_that_is_no_recording_is_an_error(settings: Settings, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.warc.gz").write_bytes(content)
    result = run(settings, tmp_path / "bad.warc.gz")
    assert isinstance(result.exception, RecordingError)


def test_only_when_asked_the_alerts_are_sent_signed_for_today(
    settings: Settings, history: Path, here: Receiver
) -> None:
    run(settings, history, environ={"REPLAY_URL": here.url})
    assert here.received == []
    result = run(settings, history, "--send", environ={"REPLAY_URL": here.url})
    assert result.exception is None
    (request,) = here.received
    assert Webhook(SECRET).verify(request.body, dict(request.headers))["type"] == "release_date.announced"


def test_a_target_that_cannot_be_reached_is_said(settings: Settings, history: Path) -> None:
    result = run(settings, history, "--send")
    assert result.return_value == 5
    assert "REPLAY_URL" in result.stderr


# --- the clock -----------------------------------------------------------------------------------------------------

MINUTE = 1 / 24 / 60


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        ([], []),
        ([(0, "a"), (1, "b"), (3, "c")], [3]),
        ([(0, "a"), (1, "b"), (16, "a"), (17, "b")], [1, 17]),
        ([(0, "a"), (1, "a"), (2, "b")], [0, 2]),
        ([(7, "b"), (0, "a")], [0, 7]),
    ],
    ids=["nothing", "one-run", "a-pause", "asked-again", "unordered"],
)
def test_a_run_ends_before_a_pause_or_an_address_asked_again(answers: list[tuple[int, str]], ends: list[int]) -> None:
    exchanges = [exchange(minute * MINUTE, url=f"https://{name}.example/") for minute, name in answers]
    assert moments(exchanges) == [exchange(minute * MINUTE).at for minute in ends]


def test_a_page_whose_robots_txt_was_not_recorded_may_be_read(tmp_path: Path) -> None:
    page = b"<html><body><main><article><h2><a href='/1'>Harbour Nine is back</a></h2></article></main></body></html>"
    config = CONFIG.replace("kind: feed,", "kind: page, selectors: {item: article},")
    (tmp_path / "sources.yaml").write_text(config)
    exchanges = [Exchange(url=URL, at=START, status_code=200, headers=((b"Content-Type", b"text/html"),), body=page)]

    async def go() -> list[str]:
        with open_store(tmp_path / "new.db") as store:
            played = play(exchanges, watching(load_config(tmp_path / "sources.yaml")), store, clock=Clock(START))
            assert [report.failures async for report in played] == [{}]
            return [item.title for item in store.items()]

    assert asyncio.run(go()) == ["Harbour Nine is back"]


# --- through respx -------------------------------------------------------------------------------------------------


def test_the_recording_gives_the_same_alerts_to_the_real_client_through_respx(
    settings: Settings, history: Path, tmp_path: Path
) -> None:
    """With the client of every day, guard and manners included, and only its network replaced."""
    watcher, exchanges, clock = watching(load_config(settings.config_path)), read_recording(history), Clock(START)

    async def go() -> list[str]:
        titles = []
        with respx.mock() as router, open_store(tmp_path / "respx.db") as store:
            router.route().mock(side_effect=ReplayTransport(exchanges, clock=clock).answer)
            async with Client(clock=clock, gap_s=0) as client:
                for clock.at in moments(exchanges):
                    report = await run_cycle(watcher, store, client=client, clock=clock)
                    found = match(report.changes, watcher.config.routes, watcher.config.works)
                    titles += [alert.change.slot.id for alert in found]
        return titles

    assert asyncio.run(go()) == ["nine/release_date/s3/premiere"]


# --- record --------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Server]:
    """A server in a thread of its own, with a feed, and nothing where robots.txt would be."""
    one, ready, over = Server({"/feed": Answer(body=feed(OLD))}), threading.Event(), threading.Event()

    async def serve() -> None:
        async with one:
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    yield one
    over.set()
    thread.join()


def recorded(settings: Settings, *arguments: object) -> Result:
    return CliRunner().invoke(record, [str(one) for one in arguments], obj=settings, standalone_mode=False)


def watch(settings: Settings, url: str) -> None:
    """Let the only source be at `url`, on this machine."""
    settings.config_path.write_text(CONFIG.replace(f'"{URL}"', f'"{url}", allow_private: true'))


def test_a_run_is_recorded_and_can_be_replayed(settings: Settings, server: Server, tmp_path: Path) -> None:
    watch(settings, server.url("/feed"))
    result = recorded(settings, "--run", tmp_path / "run.warc.gz")
    assert result.exception is None
    (one,) = read_recording(tmp_path / "run.warc.gz")
    assert (one.url, one.status_code, one.body) == (server.url("/feed"), 200, feed(OLD))
    assert not settings.store_path.exists()
    assert "1 polls, 0 failures, 1 items" in run(settings, tmp_path / "run.warc.gz").stderr


def test_addresses_are_recorded_with_the_rules_of_their_site(
    settings: Settings, server: Server, tmp_path: Path
) -> None:
    result = recorded(settings, "--allow-private", server.url("/feed"), tmp_path / "one.warc")
    assert result.exception is None
    assert [one.url for one in read_recording(tmp_path / "one.warc")] == [
        server.url("/robots.txt"),
        server.url("/feed"),
    ]


def test_a_source_that_fails_is_recorded_and_said(settings: Settings, server: Server, tmp_path: Path) -> None:
    watch(settings, server.url("/gone"))
    result = recorded(settings, "--run", tmp_path / "run.warc.gz")
    assert result.return_value == 4
    assert "desk: answered 404" in result.stderr
    assert [one.status_code for one in read_recording(tmp_path / "run.warc.gz")] == [404]


def test_an_address_in_the_own_network_is_recorded_only_when_allowed(
    settings: Settings, server: Server, tmp_path: Path
) -> None:
    result = recorded(settings, server.url("/feed"), tmp_path / "one.warc.gz")
    assert result.return_value == 4
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["one.warc.gz"], "or --run"),
        (["--run", "https://desk.example/", "one.warc.gz"], "or --run"),
        (["https://desk.example/", "one.zip"], "must end in .warc.gz"),
    ],
    ids=["nothing", "both", "suffix"],
)
def test_what_to_record_must_be_said(settings: Settings, arguments: list[str], said: str) -> None:
    assert said in str(recorded(settings, *arguments).exception)
