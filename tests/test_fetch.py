"""Polling and reading over real sockets: what is sent, what comes back, what is refused."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import logging
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from pipeline.fetch import Client, Limits, Robots, fetch_due, fetch_one
from pipeline.fetch.body import UnusableBodyError, read_body
from storage.errors import FetchError
from storage.model import Fetched, FetchState, Health, NotModified, Outcome, Refused, Source, SourceKind, Tier
from tests.servers import Answer, Asked, Server

T = TypeVar("T")
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
ROOT = Path(__file__).parent.parent
FEED = b"<rss version='2.0'><channel><title>News</title></channel></rss>"


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def source(url: str, *, id: str = "s", **settings: Any) -> Source:
    defaults: dict[str, Any] = {"kind": SourceKind.FEED, "tier": Tier.PRESS, "allow_private": True}
    return Source(id=id, name=id, url=url, **(defaults | settings))


def fresh(one: Source) -> FetchState:
    return FetchState(source_id=one.id, url=one.url)


def client(**settings: Any) -> Client:
    defaults: dict[str, Any] = {"gap_s": 0.0, "clock": lambda: NOW}
    return Client(**(defaults | settings))


async def poll(one: Source, state: FetchState | None = None, **settings: Any) -> Outcome:
    async with client(**settings) as by:
        [outcome] = [outcome async for outcome in fetch_due([(one, state or fresh(one))], client=by)]
        return outcome


async def poll_once(answer: Answer, state: FetchState | None = None, **settings: Any) -> Outcome:
    async with Server({"/feed": answer}) as server:
        return await poll(source(server.url("/feed")), state, **settings)


async def poll_again(first: Answer, then: Answer) -> tuple[Outcome, Server]:
    async with Server({"/feed": [first, then]}) as server:
        one = source(server.url("/feed"))
        before = await poll(one)
        later = replace(before.state, next_due_at=None)
        return await poll(one, later), server


def test_a_body_is_fetched_with_its_state() -> None:
    outcome = run(poll_once(Answer(body=FEED, headers={"Content-Type": "application/rss+xml"})))
    assert isinstance(outcome, Fetched)
    assert outcome.body == FEED
    assert outcome.headers["content-type"] == "application/rss+xml"
    assert outcome.state.health is Health.OK
    assert outcome.state.next_due_at is not None
    assert outcome.state.next_due_at >= NOW + dt.timedelta(hours=1)


def test_a_request_says_who_asks_and_nothing_more() -> None:
    async def go() -> Asked:
        async with Server({"/feed": Answer(body=FEED)}) as server:
            await poll(source(server.url("/feed")), contact_url="https://example.org/me")
            return server.requests[0]

    request = run(go())
    assert set(request.headers) == {"host", "user-agent", "accept-encoding", "accept", "connection"}
    assert request.headers["user-agent"].startswith(b"franchise-watch/")
    assert request.headers["user-agent"].endswith(b"(+https://example.org/me)")
    assert request.headers["accept-encoding"] == b"gzip"


ETAGS = [
    b'"plain"',
    b'W/"weak"',
    b"unquoted",
    b'""',
    b'"with space"',
    b'"a,b"',
    b'"quote\\"inside"',
    b'"caf\xc3\xa9"',
    b'"latin-\xe9"',
    b'W/"0-\xff\xfe"',
    b"W/unquoted-weak",
    b'"' + b"x" * 2000 + b'"',
    b"'single'",
    b'"tab\tinside"',
]


@pytest.mark.parametrize("etag", ETAGS, ids=repr)
def test_an_etag_goes_back_byte_for_byte(etag: bytes) -> None:
    outcome, server = run(poll_again(Answer(body=FEED, headers={"ETag": etag}), Answer(304)))
    assert server.requests[1].headers["if-none-match"] == etag
    assert "if-none-match" not in server.requests[0].headers
    assert "if-modified-since" not in server.requests[1].headers
    assert isinstance(outcome, NotModified)


def test_last_modified_goes_back_as_it_came_even_where_it_is_no_date() -> None:
    outcome, server = run(poll_again(Answer(body=FEED, headers={"Last-Modified": "yesterday, I think"}), Answer(304)))
    assert server.requests[1].headers["if-modified-since"] == b"yesterday, I think"
    assert isinstance(outcome, NotModified)


def test_without_validators_none_are_made_up() -> None:
    _, server = run(poll_again(Answer(body=FEED), Answer(body=FEED)))
    assert not {"if-none-match", "if-modified-since"} & set(server.requests[1].headers)


def test_an_equal_body_is_not_modified_whatever_its_validators() -> None:
    outcome, _ = run(poll_again(Answer(body=FEED, headers={"ETag": '"1"'}), Answer(body=FEED, headers={"ETag": '"2"'})))
    assert isinstance(outcome, NotModified)
    assert outcome.state.etag == b'"2"'


def test_a_changed_body_is_fetched_again() -> None:
    outcome, _ = run(poll_again(Answer(body=FEED), Answer(body=FEED + b"\n")))
    assert isinstance(outcome, Fetched)


def test_a_304_that_was_not_asked_for_is_a_failure() -> None:
    outcome = run(poll_once(Answer(304)))
    assert isinstance(outcome, Refused)
    assert "304" in outcome.reason


def test_validators_are_not_sent_to_another_address() -> None:
    async def go() -> Server:
        async with Server(
            {
                "/feed": [Answer(302, headers={"Location": "/one"}), Answer(302, headers={"Location": "/two"})],
                "/one": Answer(body=FEED, headers={"ETag": '"one"'}),
                "/two": Answer(body=FEED),
            }
        ) as server:
            one = source(server.url("/feed"))
            before = await poll(one)
            await poll(one, replace(before.state, next_due_at=None))
            return server

    server = run(go())
    assert all("if-none-match" not in request.headers for request in server.requests)
    assert [request.path for request in server.requests] == ["/feed", "/one", "/feed", "/two"]


def test_validators_go_to_the_address_behind_the_redirect_that_gave_them() -> None:
    async def go() -> Server:
        script = {
            "/feed": Answer(302, headers={"Location": "/one"}),
            "/one": Answer(body=FEED, headers={"ETag": '"1"'}),
        }
        async with Server(script) as server:
            one = source(server.url("/feed"))
            before = await poll(one)
            await poll(one, replace(before.state, next_due_at=None))
            return server

    server = run(go())
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, None, None, b'"1"']


def test_cookies_are_not_kept() -> None:
    _, server = run(poll_again(Answer(body=FEED, headers={"Set-Cookie": "id=1"}), Answer(body=FEED)))
    assert "cookie" not in server.requests[1].headers


# --- bodies ----------------------------------------------------------------------------------------------------------


def test_gzip_is_inflated() -> None:
    outcome = run(poll_once(Answer(body=gzip.compress(FEED), headers={"Content-Encoding": "gzip"})))
    assert isinstance(outcome, Fetched)
    assert outcome.body == FEED


BOMB = gzip.compress(b"\0" * 11_000_000)

BAD_BODIES = {
    "gzip_bomb": (Answer(body=BOMB, headers={"Content-Encoding": "gzip"}), "inflates to larger than 10 MB"),
    "too_large": (Answer(body=b"x" * 10_000_001), "larger than 10 MB"),
    "endless": (Answer(body=b"x" * 65_536, endless=True), "larger than 10 MB"),
    "said_too_large": (Answer(body=b"x", headers={"Content-Length": "99999999999"}), "larger than 10 MB"),
    "wire_too_large": (
        Answer(body=b"x", headers={"Content-Length": "5000001", "Content-Encoding": "gzip"}),
        "larger than 5 MB",
    ),
    "brotli": (Answer(body=b"x", headers={"Content-Encoding": "br"}), "'br'"),
    "deflate": (Answer(body=zlib.compress(FEED), headers={"Content-Encoding": "deflate"}), "'deflate'"),
    "zstd": (Answer(body=b"x", headers={"Content-Encoding": "zstd"}), "'zstd'"),
    "stacked": (
        Answer(body=gzip.compress(gzip.compress(FEED)), headers={"Content-Encoding": "gzip, gzip"}),
        "'gzip, gzip'",
    ),
    "not_gzip": (Answer(body=FEED, headers={"Content-Encoding": "gzip"}), "it is not"),
    "cut_gzip": (Answer(body=gzip.compress(FEED)[:-12], headers={"Content-Encoding": "gzip"}), "cut short"),
    "cut_body": (Answer(body=FEED, headers={"Content-Length": "1000"}), "peer closed connection"),
    "empty": (Answer(body=b""), "empty body"),
    "no_http": (Answer(raw=b"220 mail.example.org ESMTP\r\n"), "127.0.0.1"),
    "nothing": (Answer(raw=b""), "without sending a response"),
    "reset": (Answer(reset=True), "127.0.0.1"),
    "endless_head": (Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000), "127.0.0.1"),
    "negative_length": (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx"), "127.0.0.1"),
    "two_lengths": (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), "127.0.0.1"),
    "crumbs": (
        Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 60_000),
        "more than 50000 pieces",
    ),
    "bad_chunk": (Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "127.0.0.1"),
}


@pytest.mark.parametrize(("answer", "said"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_an_unusable_answer_is_refused_in_words(answer: Answer, said: str) -> None:
    outcome = run(poll_once(answer))
    assert isinstance(outcome, Refused)
    assert said in outcome.reason
    assert outcome.state.health is Health.FAILING
    assert outcome.state.body_sha256 is None


def test_a_silent_server_is_left_after_the_read_timeout() -> None:
    outcome = run(poll_once(Answer(silent=True), limits=Limits(read_s=0.05)))
    assert isinstance(outcome, Refused)
    assert outcome.reason == "nothing arrived for 0.05 s"


def test_a_dripping_server_is_left_after_the_total_time() -> None:
    outcome = run(poll_once(Answer(body=FEED, drip_s=0.02), limits=Limits(read_s=0.1, total_s=0.15)))
    assert isinstance(outcome, Refused)
    assert outcome.reason == "the answer took longer than 0.15 s"


def test_endless_continue_is_left_after_the_total_time() -> None:
    answer = Answer(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 200_000)
    outcome = run(poll_once(answer, limits=Limits(read_s=0.2, total_s=0.3)))
    assert isinstance(outcome, Refused)


def test_members_of_a_gzip_are_joined_and_what_follows_is_dropped() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for byte in gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0\0":
            yield bytes([byte])

    async def wholes() -> AsyncIterator[bytes]:
        yield gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0\0"

    async def go(parts: AsyncIterator[bytes]) -> bytes:
        return await read_body(parts, b"gzip", wire_limit=1000, limit=1000)

    assert run(go(wholes())) == b"one two"
    assert run(go(chunks())) == b"one two"


def test_a_body_of_exactly_the_limit_is_kept() -> None:
    async def parts(body: bytes) -> AsyncIterator[bytes]:
        yield body

    async def go(body: bytes, coding: bytes) -> int:
        return len(await read_body(parts(body), coding, wire_limit=1000, limit=100))

    assert run(go(b"x" * 100, b"")) == 100
    assert run(go(gzip.compress(b"x" * 100), b"gzip")) == 100
    for body, coding in ((b"x" * 101, b""), (gzip.compress(b"x" * 101), b"gzip")):
        with pytest.raises(UnusableBodyError):
            run(go(body, coding))


FORTY_BOMBS = """
import asyncio
from tests.test_fetch import BOMB, Answer, Server, fresh, poll_many, source

async def go():
    async with Server({"/": Answer(body=BOMB, headers={"Content-Encoding": "gzip"})}, host="0.0.0.0") as server:
        urls = [f"http://127.0.0.{n + 1}:{server.port}/" for n in range(40)]
        return await poll_many(source(url, id=url) for url in urls)

assert len(asyncio.run(go())) == 40
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.soak
def test_forty_compression_bombs_at_once_stay_under_300_mb() -> None:
    done = subprocess.run([sys.executable, "-c", FORTY_BOMBS], check=True, capture_output=True, text=True, cwd=ROOT)
    assert int(done.stdout) < 300_000


# --- redirects -------------------------------------------------------------------------------------------------------


async def redirected(*hops: tuple[int, str], final: Answer | None = None) -> Outcome:
    script: dict[str, Answer] = {}
    for number, (status, location) in enumerate(hops):
        script[f"/{number}"] = Answer(status, headers={"Location": location})
    script[f"/{len(hops)}"] = final or Answer(body=FEED)
    async with Server(dict(script)) as server:
        return await poll(source(server.url("/0")))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status: int) -> None:
    outcome = run(redirected((status, "/1")))
    assert isinstance(outcome, Fetched)
    assert outcome.url.endswith("/1")


def test_five_redirects_are_followed_and_six_are_not() -> None:
    five = [(302, f"/{number + 1}") for number in range(5)]
    assert isinstance(run(redirected(*five)), Fetched)
    outcome = run(redirected(*five, (302, "/6")))
    assert isinstance(outcome, Refused)
    assert outcome.reason == "it redirects more than 5 times"


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://127.0.0.1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://user:secret@example.org/",
        "http://",
        "http:///path",
        "http://[::1",
        "//",
        "https:\\\\evil",
    ],
)
def test_a_redirect_to_what_is_no_web_address_is_refused(location: str) -> None:
    outcome = run(redirected((302, location)))
    assert isinstance(outcome, Refused)
    assert "secret" not in outcome.reason


def test_a_redirect_without_location_is_an_answer_like_any_other_error() -> None:
    outcome = run(poll_once(Answer(302)))
    assert isinstance(outcome, Refused)
    assert "302 Found" in outcome.reason


def test_a_redirect_into_a_private_network_is_refused() -> None:
    """The first hop is answered by a transport in memory; the second goes through the real guard."""

    async def go() -> tuple[Outcome, int]:
        async with Server({"/": Answer(body=FEED)}) as server:
            transport = _FirstHop(server.url("/"))
            outcome = await poll(source("https://news.example/feed", allow_private=False), transport=transport)
            return outcome, server.connections

    outcome, connections = run(go())
    assert isinstance(outcome, Refused)
    assert "not a public address" in outcome.reason
    assert connections == 0


class _FirstHop(httpx.AsyncBaseTransport):
    def __init__(self, location: str) -> None:
        from pipeline.fetch import guarded_transport

        self._location, self._guarded = location, guarded_transport(allow_private=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "news.example":
            return httpx.Response(302, headers={"Location": self._location})
        return await self._guarded.handle_async_request(request)


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), "/1"), ((308, 301), "/2"), ((301, 302), "/1"), ((302, 301), None), ((307,), None)],
    ids=repr,
)
def test_only_an_unbroken_chain_of_permanent_redirects_moves_a_source(
    statuses: tuple[int, ...], moved: str | None
) -> None:
    outcome = run(redirected(*((status, f"/{number + 1}") for number, status in enumerate(statuses))))
    seen = outcome.state.moved_to
    assert (seen and seen[seen.rindex("/") :]) == moved
    assert outcome.state.url.endswith("/0")


# --- many sources, few hosts -----------------------------------------------------------------------------------------


async def poll_many(sources: Iterable[Source], states: Iterable[FetchState] = (), **settings: Any) -> list[Outcome]:
    known = {state.source_id: state for state in states}
    async with client(**settings) as by:
        polls = [(one, known.get(one.id, fresh(one))) for one in sources]
        return [outcome async for outcome in fetch_due(polls, client=by)]


def test_one_connection_and_a_gap_for_a_host() -> None:
    async def go() -> Server:
        async with Server({f"/{n}": Answer(body=FEED) for n in range(5)}) as server:
            await poll_many([source(server.url(f"/{n}"), id=f"s{n}") for n in range(5)], gap_s=0.05)
            return server

    server = run(go())
    times = [request.at_s for request in server.requests]
    assert server.most_open == 1
    assert all(later - sooner >= 0.05 for sooner, later in pairwise(times))


def test_a_slow_host_does_not_keep_the_others_waiting() -> None:
    async def go() -> list[str]:
        async with (
            Server({"/": Answer(body=FEED, drip_s=0.01)}) as slow,
            Server({f"/{n}": Answer(body=FEED) for n in range(5)}, host="127.0.0.2") as quick,
        ):
            others = [source(quick.url(f"/{n}"), id=f"quick{n}") for n in range(5)]
            outcomes = await poll_many([source(slow.url("/"), id="slow"), *others], concurrency=2)
            return [outcome.source_id for outcome in outcomes]

    assert run(go())[-1] == "slow"


def test_a_host_with_many_sources_does_not_make_a_look_endless() -> None:
    """What was not reached is due still, and the next look begins with it."""
    many = [source(f"https://many.example/{n}", id=f"many{n}") for n in range(9)]
    quick = source("https://quick.example/", id="quick")

    async def go() -> tuple[list[str], list[str]]:
        states = {one.id: fresh(one) for one in (*many, quick)}
        looks = []
        async with client(transport=_Counting(), gap_s=0.1) as by:
            for _ in range(2):
                polls = [(one, states[one.id]) for one in (*many, quick)]
                asked = []
                async for outcome in fetch_due(polls, client=by, lasting_s=0.25):
                    asked.append(outcome.source_id)
                    states[outcome.source_id] = outcome.state
                looks.append(asked)
        return looks[0], looks[1]

    first, second = run(go())
    assert "quick" in first
    assert 2 <= len(first) - 1 <= 4
    assert len(second) >= 2
    assert not set(first) & set(second)


def test_no_more_polls_are_open_than_allowed() -> None:
    async def go() -> int:
        transport = _Counting()
        sources = [source(f"https://host{n}.example/", id=f"s{n}") for n in range(50)]
        outcomes = await poll_many(sources, transport=transport, concurrency=4)
        assert len(outcomes) == 50
        return transport.most_open

    assert run(go()) <= 4


@pytest.mark.soak
def test_thousands_of_sources_that_are_due_at_once_make_no_herd_now_or_later() -> None:
    """A first start, or a machine that slept: few are open at a time, and they do not come back together."""
    transport = _Counting()
    sources = [source(f"https://host{n}.example/feed", id=f"s{n}") for n in range(3000)]
    outcomes = run(poll_many(sources, transport=transport))
    assert len(outcomes) == transport.asked == 3000
    assert transport.most_open <= 16
    minutes = Counter(f"{outcome.state.next_due_at:%H:%M}" for outcome in outcomes)
    assert 60 <= len(minutes) <= 61
    assert max(minutes.values()) < 2 * 3000 / 60


class _Counting(httpx.AsyncBaseTransport):
    def __init__(self) -> None:
        self.open = self.most_open = self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.open += 1
        self.asked += 1
        self.most_open = max(self.most_open, self.open)
        await asyncio.sleep(0)
        self.open -= 1
        return httpx.Response(200, stream=httpx.ByteStream(FEED))


def test_bodies_wait_for_the_consumer_and_do_not_pile_up() -> None:
    async def go() -> int:
        transport = _Counting()
        sources = [source(f"https://host{n}.example/", id=f"s{n}") for n in range(50)]
        async with client(transport=transport, concurrency=4) as by:
            stream = fetch_due([(one, fresh(one)) for one in sources], client=by)
            async for _ in stream:
                for _ in range(50):
                    await asyncio.sleep(0)
                break
            await stream.aclose()
        return transport.asked

    assert run(go()) <= 5


def test_429_quiets_the_whole_host_and_is_remembered() -> None:
    async def go() -> tuple[list[Outcome], list[Outcome], Server]:
        answers = {"/0": Answer(429, headers={"Retry-After": "7200"}), "/1": Answer(body=FEED)}
        async with Server(dict(answers)) as server:
            sources = [source(server.url(f"/{n}"), id=f"s{n}") for n in range(2)]
            first = await poll_many(sources)
            again = await poll_many(sources, [outcome.state for outcome in first])
            return first, again, server

    first, again, server = run(go())
    assert [outcome.source_id for outcome in first] == ["s0"]
    assert again == []
    assert [request.path for request in server.requests] == ["/0"]
    assert first[0].state.held_until_at == first[0].state.next_due_at
    assert first[0].state.next_due_at is not None
    assert first[0].state.next_due_at >= NOW + dt.timedelta(seconds=7200)


def test_a_retry_after_of_robots_txt_binds_the_host() -> None:
    async def go() -> list[str]:
        async with Server({"/robots.txt": Answer(503, headers={"Retry-After": "7200"})}) as server:
            await poll_many([page_source(server), source(server.url("/feed"), id="feed")])
            return [request.path for request in server.requests]

    assert run(go()) == ["/robots.txt"]


def test_a_redirect_to_a_host_that_asked_for_quiet_is_not_followed() -> None:
    async def go() -> tuple[Outcome, int]:
        async with Server() as quiet, Server(host="127.0.0.2") as server, client() as by:
            server.script["/feed"] = Answer(302, headers={"Location": quiet.url("/")})
            by.hold("127.0.0.1", NOW + dt.timedelta(hours=3))
            one = source(server.url("/feed"))
            [outcome] = [outcome async for outcome in fetch_due([(one, fresh(one))], client=by)]
            return outcome, quiet.connections

    outcome, connections = run(go())
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("127.0.0.1 asked for quiet until 2026-03-01 15:00 UTC")
    assert outcome.state.next_due_at == NOW + dt.timedelta(hours=3)
    assert outcome.state.failures == 0
    assert connections == 0


def test_what_is_not_due_is_not_asked() -> None:
    async def go() -> tuple[list[Outcome], int]:
        async with Server({"/": Answer(body=FEED)}) as server:
            one = source(server.url("/"))
            later = replace(fresh(one), next_due_at=NOW + dt.timedelta(seconds=1))
            off = source(server.url("/"), id="off", enabled=False)
            return await poll_many([one, off], [later]), server.connections

    assert run(go()) == ([], 0)


def test_a_bug_while_polling_is_loud() -> None:
    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        run(poll(source("https://news.example/"), transport=Broken()))


# --- robots.txt and walls on the way ---------------------------------------------------------------------------------


def page_source(server: Server, path: str = "/news") -> Source:
    return source(server.url(path), kind=SourceKind.PAGE)


def test_a_page_is_read_only_where_robots_txt_allows_it() -> None:
    async def go(rules: bytes) -> tuple[Outcome, list[str]]:
        async with Server({"/robots.txt": Answer(body=rules), "/news": Answer(body=b"<html>news")}) as server:
            outcome = await poll(page_source(server))
            return outcome, [request.path for request in server.requests]

    outcome, paths = run(go(b"User-agent: *\nDisallow: /news\n"))
    assert isinstance(outcome, Refused)
    assert outcome.state.health is Health.BLOCKED
    assert paths == ["/robots.txt"]
    outcome, paths = run(go(b"User-agent: *\nDisallow: /private\n"))
    assert isinstance(outcome, Fetched)
    assert paths == ["/robots.txt", "/news"]


def test_one_forbidden_page_is_read_only_for_a_person() -> None:
    async def go(by_robots: bool) -> bytes:
        rules = Answer(body=b"User-agent: *\nDisallow: /")
        async with Server({"/robots.txt": rules, "/a": Answer(body=b"<html>a")}) as server, client() as by:
            document = await fetch_one(
                server.url("/a"), client=by, allow_private=True, robots=Robots(by) if by_robots else None
            )
            return document.body

    assert run(go(by_robots=False)) == b"<html>a"
    with pytest.raises(FetchError, match=r"robots\.txt of 127\.0\.0\.1 does not allow it"):
        run(go(by_robots=True))


def test_the_rules_of_a_site_are_kept_from_cycle_to_cycle() -> None:
    async def go() -> list[str]:
        async with Server({"/news": Answer(body=b"<html>news")}) as server, client() as by:
            page = page_source(server)
            for _ in range(3):
                [_] = [outcome async for outcome in fetch_due([(page, fresh(page))], client=by)]
            return [request.path for request in server.requests]

    assert run(go()) == ["/robots.txt", "/news", "/news", "/news"]


def test_a_feed_is_asked_for_without_robots_txt() -> None:
    async def go() -> list[str]:
        async with Server({"/feed": Answer(body=FEED)}) as server:
            await poll(source(server.url("/feed")))
            return [request.path for request in server.requests]

    assert run(go()) == ["/feed"]


def test_html_where_a_feed_was_is_blocked_and_keeps_what_was_known() -> None:
    outcome, _ = run(
        poll_again(Answer(body=FEED, headers={"ETag": '"1"'}), Answer(body=b"<!doctype html><title>Hi</title>"))
    )
    assert isinstance(outcome, Refused)
    assert outcome.state.health is Health.BLOCKED
    assert "web page where a feed was expected" in outcome.reason
    assert outcome.state.etag == b'"1"'


# --- single documents ------------------------------------------------------------------------------------------------


def test_one_document_is_read() -> None:
    async def go() -> bytes:
        async with Server({"/a": Answer(body=b"<html>article")}) as server, client() as by:
            document = await fetch_one(server.url("/a"), client=by, allow_private=True)
            return document.body

    assert run(go()) == b"<html>article"


@pytest.mark.parametrize("status", [204, 404, 410, 500])
def test_one_document_that_is_not_there_is_an_error(status: int) -> None:
    async def go() -> None:
        async with Server({"/a?token=s3cret": Answer(status)}) as server, client() as by:
            await fetch_one(server.url("/a?token=s3cret"), client=by, allow_private=True)

    with pytest.raises(FetchError) as raised:
        run(go())
    assert f"answered {status}" in str(raised.value)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "file:///etc/passwd", "http://a:b@example.org/", "http://\x00/", "//x"]
)
def test_one_document_at_no_address_is_an_error(url: str) -> None:
    async def go() -> None:
        async with client() as by:
            await fetch_one(url, client=by)

    with pytest.raises(FetchError):
        run(go())


# --- what is left behind ---------------------------------------------------------------------------------------------


def test_no_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        run(poll_once(Answer(body=FEED)))
    assert not [record for record in caplog.records if record.name.startswith(("http", "pipeline"))]


def test_importing_the_package_does_not_import_httpx() -> None:
    code = "import sys, pipeline.fetch, pipeline.fetch.politeness; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
