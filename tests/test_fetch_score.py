"""Thirty days of polling, scored as a publisher would score a feed reader: nothing made up, nothing early.

Twenty sources on fourteen hosts behave as publishers do; the clock is moved by hand, and ten times the process is
"restarted": a new client, and nothing kept but the states in the store.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from pipeline.fetch import Client, fetch_due
from pipeline.fetch.politeness import Notice, notice
from storage.model import Config, FetchState, Health, Poll, Source, SourceKind, Tier
from storage.store import open_store

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAYS, RESTARTS = 30, 10
HOUR = dt.timedelta(hours=1)


@dataclass(slots=True)
class Publisher:
    """One address, how it answers, and what it has told us so far."""

    url: str
    answers: Callable[[Publisher, World], httpx.Response]
    interval: dt.timedelta
    polls: int = 0
    last_at: dt.datetime | None = None
    not_before_at: dt.datetime | None = None
    etag: bytes | None = None
    last_modified: bytes | None = None
    gone: bool = False
    body: bytes = b"<rss version='2.0'/>"
    seen: Counter[str] = field(default_factory=Counter)


class World(httpx.AsyncBaseTransport):
    """All publishers, their common clock, and the twelve counters that must stay at zero."""

    def __init__(self) -> None:
        self.now = START
        self.random = random.Random(20260301)
        self.faults: Counter[str] = Counter()
        self.publishers: dict[str, Publisher] = {}
        self.quiet_until: dict[str, dt.datetime] = {}
        self.open: Counter[str] = Counter()

    def add(self, url: str, answers: Callable[[Publisher, World], httpx.Response], *, interval: dt.timedelta) -> None:
        self.publishers[url] = Publisher(url, answers, interval)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        publisher = self.publishers[str(request.url)]
        self.open[host] += 1
        self.fault("two_at_once", self.open[host] > 1)
        await asyncio.sleep(0)
        try:
            self._score(publisher, request)
            publisher.polls += 1
            publisher.last_at = self.now
            return publisher.answers(publisher, self)
        finally:
            self.open[host] -= 1

    def fault(self, name: str, found: bool) -> None:
        self.faults[name] += found

    def _score(self, publisher: Publisher, request: httpx.Request) -> None:
        sent = {name.lower(): value for name, value in request.headers.raw}
        etag, modified = sent.get(b"if-none-match"), sent.get(b"if-modified-since")
        self.fault("etag_made_up", etag is not None and publisher.etag is None)
        self.fault("etag_out_of_sequence", None not in (etag, publisher.etag) and etag != publisher.etag)
        self.fault("date_made_up", modified is not None and publisher.last_modified is None)
        known = publisher.last_modified
        self.fault("date_out_of_sequence", None not in (modified, known) and modified != known)
        asked_blindly = (publisher.etag is not None and etag is None) or (known is not None and modified is None)
        self.fault("unconditional", asked_blindly)
        since = publisher.last_at
        self.fault("too_often", since is not None and self.now - since < publisher.interval)
        not_before = publisher.not_before_at
        self.fault("sooner_than_asked", not_before is not None and self.now < not_before)
        quiet_until = self.quiet_until.get(request.url.host)
        self.fault("host_not_left_alone", quiet_until is not None and self.now < quiet_until)
        self.fault("after_gone", publisher.gone)
        self.fault("cookie_or_referrer", b"cookie" in sent or b"referer" in sent)
        agent = sent.get(b"user-agent", b"")
        self.fault("who_asks", not agent.startswith(b"franchise-watch/") or b"(+http" not in agent)


def told(publisher: Publisher, world: World, *, etag: bytes | None = None, date: bytes | None = None) -> httpx.Response:
    """A 200 with these validators, remembered as the last that were given."""
    publisher.etag, publisher.last_modified = etag, date
    named = [(b"ETag", etag), (b"Last-Modified", date), (b"Set-Cookie", b"track=1")]
    return httpx.Response(
        200,
        headers=[(name, value) for name, value in named if value is not None],
        stream=httpx.ByteStream(publisher.body),
    )


def sometimes_new(publisher: Publisher, world: World) -> None:
    if world.random.random() < 0.1:
        publisher.body = b"<rss version='2.0'><!-- %d --></rss>" % publisher.polls


def with_etag(publisher: Publisher, world: World) -> httpx.Response:
    before = publisher.body
    sometimes_new(publisher, world)
    if publisher.etag and publisher.body == before:
        return httpx.Response(304)
    return told(publisher, world, etag=b'W/"%d-\xe9"' % publisher.polls)


def with_date(publisher: Publisher, world: World) -> httpx.Response:
    if publisher.last_modified and world.random.random() < 0.9:
        return httpx.Response(304)
    return told(publisher, world, date=format_datetime(world.now, usegmt=True).encode())


def with_both(publisher: Publisher, world: World) -> httpx.Response:
    if publisher.etag and world.random.random() < 0.8:
        return httpx.Response(304)
    date = format_datetime(world.now, usegmt=True).encode()
    return told(publisher, world, etag=b'"%d"' % publisher.polls, date=date)


def with_nothing(publisher: Publisher, world: World) -> httpx.Response:
    sometimes_new(publisher, world)
    return told(publisher, world)


def with_a_new_etag_each_time(publisher: Publisher, world: World) -> httpx.Response:
    return told(publisher, world, etag=b'"%d"' % publisher.polls)


def with_a_new_etag_on_304(publisher: Publisher, world: World) -> httpx.Response:
    if publisher.etag is None:
        return told(publisher, world, etag=b'"0"')
    publisher.etag = b'"%d"' % publisher.polls
    return httpx.Response(304, headers=[(b"ETag", publisher.etag)])


def now_with_and_now_without(publisher: Publisher, world: World) -> httpx.Response:
    sometimes_new(publisher, world)
    return told(publisher, world, etag=b'"%d"' % publisher.polls if publisher.polls % 2 else None)


def for_two_hours(publisher: Publisher, world: World) -> httpx.Response:
    publisher.not_before_at = world.now + 2 * HOUR
    answer = with_etag(publisher, world)
    answer.headers["Cache-Control"] = "public, max-age=7200"
    return answer


def often_busy(publisher: Publisher, world: World) -> httpx.Response:
    if world.random.random() < 0.9:
        return with_etag(publisher, world)
    status, wait = world.random.choice([429, 503]), world.random.choice([30, 4000, 50_000, 200_000])
    until = world.now + dt.timedelta(seconds=wait)
    host = httpx.URL(publisher.url).host
    world.quiet_until[host] = until
    as_date = world.random.random() < 0.5
    said = format_datetime(until + dt.timedelta(seconds=1), usegmt=True) if as_date else str(wait)
    return httpx.Response(status, headers={"Retry-After": said})


def often_broken(publisher: Publisher, world: World) -> httpx.Response:
    match world.random.randrange(4):
        case 0:
            return httpx.Response(500)
        case 1:
            raise httpx.ConnectError("no route")
        case 2:
            raise httpx.ReadTimeout("too slow")
        case _:
            return with_both(publisher, world)


def often_forbidden(publisher: Publisher, world: World) -> httpx.Response:
    if world.random.random() < 0.5:
        return with_etag(publisher, world)
    publisher.not_before_at = world.now + 4 * HOUR
    return httpx.Response(403)


def behind_a_wall_at_times(publisher: Publisher, world: World) -> httpx.Response:
    if world.random.random() < 0.8:
        return with_etag(publisher, world)
    return httpx.Response(200, headers={"ETag": '"wall"'}, html="<!doctype html><title>Just a moment...</title>")


def missing(publisher: Publisher, world: World) -> httpx.Response:
    if publisher.polls >= 10:
        publisher.not_before_at = world.now + 24 * HOUR
    return httpx.Response(404)


def ends_after_ten_days(publisher: Publisher, world: World) -> httpx.Response:
    if world.now < START + dt.timedelta(days=10):
        return with_etag(publisher, world)
    publisher.gone = True
    return httpx.Response(410)


def moved(publisher: Publisher, world: World) -> httpx.Response:
    return httpx.Response(301, headers={"Location": "https://moved.example/new"})


def down_for_three_days(publisher: Publisher, world: World) -> httpx.Response:
    if dt.timedelta(days=12) < world.now - START < dt.timedelta(days=15):
        raise httpx.ConnectTimeout("no answer")
    return with_etag(publisher, world)


def built_world() -> tuple[World, list[Source]]:
    world, fast = World(), dt.timedelta(minutes=15)
    manners = [
        *(with_etag, with_date, with_both, with_nothing, with_a_new_etag_each_time, with_a_new_etag_on_304),
        *(now_with_and_now_without, for_two_hours, often_broken, often_forbidden, behind_a_wall_at_times),
        *(missing, ends_after_ten_days, down_for_three_days),
    ]
    for manner in manners:
        world.add(f"https://{manner.__name__.replace('_', '-')}.example/feed", manner, interval=HOUR)
    for path in ("a", "b", "c", "d"):
        world.add(f"https://busy.example/{path}", often_busy, interval=HOUR)
    world.add("https://quick.example/feed", with_etag, interval=fast)
    world.add("https://moved.example/old", moved, interval=HOUR)
    urls = list(world.publishers)
    world.add("https://moved.example/new", with_etag, interval=HOUR)
    return world, [
        Source(
            id=url.removeprefix("https://"),
            name=url,
            kind=SourceKind.FEED,
            url=url,
            tier=Tier.PRESS,
            interval_s=60 if "quick" in url else 3600,
        )
        for url in urls
    ]


def restarted(
    path: Path, states: dict[str, FetchState], sources: list[Source], now: dt.datetime
) -> dict[str, FetchState]:
    """What a new process knows: what the old one wrote into the store."""
    with open_store(path) as store:
        store.sync_config(Config(franchises=(), sources=tuple(sources)))
        store.record([Poll(state=state) for state in states.values() if state.last_attempt_at], now=now)
    with open_store(path) as store:
        return store.fetch_states(sources)


async def live(world: World, sources: list[Source], path: Path) -> tuple[dict[str, FetchState], Counter[str]]:
    states: dict[str, FetchState] = {}
    heard: Counter[str] = Counter()
    ends = [START + dt.timedelta(days=DAYS) * (n + 1) / (RESTARTS + 1) for n in range(RESTARTS + 1)]
    for end in ends:
        states = restarted(path, states, sources, world.now)
        async with Client(transport=world, clock=lambda: world.now, gap_s=0) as client:
            while world.now < end:
                async for outcome in fetch_due([(one, states[one.id]) for one in sources], client=client):
                    if said := notice(states[outcome.source_id], outcome.state):
                        heard[f"{outcome.source_id} {said}"] += 1
                    states[outcome.source_id] = outcome.state
                world.now += dt.timedelta(seconds=world.random.uniform(20, 600))
    return states, heard


@pytest.mark.soak
def test_thirty_days_of_twenty_sources_and_ten_restarts_have_no_fault(tmp_path: Path) -> None:
    world, sources = built_world()
    states, heard = asyncio.run(live(world, sources, tmp_path / "store.db"))
    assert len(sources) == 20
    assert len(world.faults) == 12
    assert {name: count for name, count in world.faults.items() if count} == {}
    polls = {url: publisher.polls for url, publisher in world.publishers.items()}
    hourly = polls["https://with-etag.example/feed"]
    assert 24 * DAYS * 0.75 < hourly <= 24 * DAYS
    assert polls["https://for-two-hours.example/feed"] <= hourly * 0.6
    assert polls["https://quick.example/feed"] > 3 * 24 * DAYS * 0.7
    assert polls["https://missing.example/feed"] <= 10 + DAYS
    assert polls["https://moved.example/new"] == polls["https://moved.example/old"]
    assert states["ends-after-ten-days.example/feed"].health is Health.GONE
    assert states["moved.example/old"].moved_to == "https://moved.example/new"
    assert heard[f"down-for-three-days.example/feed {Notice.BROKEN}"] == 1
    assert heard[f"down-for-three-days.example/feed {Notice.RECOVERED}"] == 1
    assert heard[f"missing.example/feed {Notice.BROKEN}"] == 1
