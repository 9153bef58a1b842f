"""What passes on the wire is written as WARC without secrets, and answers again byte for byte."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import respx
from warcio.archiveiterator import ArchiveIterator

from pipeline.fetch import Client, Exchange, Recorder, ReplayTransport, fetch_due, fetch_one, read_recording
from pipeline.fetch.recordings import iter_recording
from pipeline.fetch.redact import redacted, without_secrets
from storage.errors import FetchError, RecordingError
from storage.model import Fetched, FetchState, NotModified, Outcome, Refused, Source, SourceKind, Tier
from tests.servers import Answer, Server

T0 = dt.datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
URL = "https://news.example/feed"
FEED = b"<rss version='2.0'><channel/></rss>"


class Clock:
    def __init__(self, now: dt.datetime = T0) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


def exchange(hours: float = 0, *, url: str = URL, status: int = 200, body: bytes = FEED, **headers: bytes) -> Exchange:
    named = tuple((name.replace("_", "-").encode(), value) for name, value in headers.items())
    return Exchange(url=url, at=T0 + hours * HOUR, status_code=status, headers=named, body=body)


async def record(path: Path, server: Server, *paths: str, clock: Callable[[], dt.datetime] = Clock()) -> None:  # noqa: B008
    with Recorder(path, clock=clock) as recorder:
        async with Client(wrap=recorder.wrap, clock=clock, gap_s=0) as client:
            for one in paths:
                try:
                    await fetch_one(server.url(one), client=client, allow_private=True)
                except FetchError:
                    continue


def recorded(path: Path, answer: Answer, asked: str = "/a") -> list[Exchange]:
    async def go() -> None:
        async with Server({asked: answer}) as server:
            await record(path, server, asked)

    asyncio.run(go())
    return read_recording(path)


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run.warc", "run.warc.gz"])
def test_a_recording_holds_the_answer_byte_for_byte(tmp_path: Path, name: str) -> None:
    etag, odd = b'W/"caf\xc3\xa9-\xe9"', b"a:  b ; c='\xff'"
    headers: dict[str, str | bytes] = {"ETag": etag, "X-Odd": odd, "Content-Encoding": "gzip"}
    body = gzip.compress(bytes(range(256)) + b"\r\n\r\n" * 3)
    [one] = recorded(tmp_path / name, Answer(body=body, headers=headers))
    assert one.body == body
    assert one.status_code == 200
    assert dict(one.headers)[b"ETag"] == etag
    assert dict(one.headers)[b"X-Odd"] == odd
    assert one.at == T0


def test_a_recording_is_warc_that_other_tools_read(tmp_path: Path) -> None:
    path = tmp_path / "run.warc.gz"
    recorded(path, Answer(body=FEED, headers={"Content-Type": "application/rss+xml"}))
    with path.open("rb") as file:
        found = [(one, one.content_stream().read()) for one in ArchiveIterator(file, check_digests="raise")]
    (response, body), (request, _) = found
    assert [one.rec_type for one, _ in found] == ["response", "request"]
    head = response.rec_headers
    assert head.get_header("WARC-Date") == "2026-03-01T12:00:00.250000Z"
    assert response.http_headers.get_statuscode() == "200"
    assert response.http_headers.get_header("content-type") == "application/rss+xml"
    assert body == FEED
    assert request.rec_headers.get_header("WARC-Concurrent-To") == head.get_header("WARC-Record-ID")
    assert request.http_headers.get_header("user-agent").startswith("franchise-watch/")


def test_errors_and_redirects_are_recorded_too(tmp_path: Path) -> None:
    path = tmp_path / "run.warc"

    async def go() -> None:
        script = {"/a": Answer(301, headers={"Location": "/b"}), "/b": Answer(body=b"x"), "/c": Answer(500, b"oh")}
        async with Server(dict(script)) as server:
            await record(path, server, "/a", "/c")

    asyncio.run(go())
    assert [(one.status_code, one.url[-2:]) for one in read_recording(path)] == [(301, "/a"), (200, "/b"), (500, "/c")]


def test_a_second_run_is_appended(tmp_path: Path) -> None:
    recorded(tmp_path / "run.warc.gz", Answer(body=b"one"))
    both = recorded(tmp_path / "run.warc.gz", Answer(body=b"two"))
    assert [one.body for one in both] == [b"one", b"two"]


CANARY = "CANARY-4f1c"


def test_no_secret_reaches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.warc"
    names = ["token", "key", "api_key", "apikey", "apiKey", "sig", "signature", "auth", "password", "access_token"]
    asked = "/a?page=2&" + "&".join(f"{name}={CANARY}" for name in names)
    secret_headers = ["Set-Cookie", "Authorization", "X-Api-Key", "X-Auth-Token", "X-Amz-Security-Token", "Cookie"]
    headers: dict[str, str | bytes] = dict.fromkeys(secret_headers, CANARY)
    [one] = recorded(path, Answer(body=FEED, headers={**headers, "Content-Location": f"/x?sig={CANARY}"}), asked)
    assert CANARY.encode() not in path.read_bytes()
    assert "page=2" in one.url
    assert one.body == FEED


def test_a_request_with_secrets_is_written_without_them(tmp_path: Path) -> None:
    path = tmp_path / "run.warc"
    sent = ((b"Cookie", CANARY.encode()), (b"Authorization", CANARY.encode()), (b"Accept", b"*/*"))
    with Recorder(path, clock=Clock()) as recorder:
        recorder.write(
            Exchange(
                url=f"https://me:{CANARY}@news.example/a?token={CANARY}#{CANARY}",
                at=T0,
                status_code=200,
                headers=(),
                body=b"",
                request_headers=sent,
            )
        )
    assert CANARY.encode() not in path.read_bytes()
    assert b"Accept: */*" in path.read_bytes()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1", "https://a.example/x?y=1"),
        ("https://a.example/x?token=1&y=2", "https://a.example/x?token=REDACTED&y=2"),
        ("https://a.example/x?Access_Token=1", "https://a.example/x?Access_Token=REDACTED"),
        ("https://a.example/x?accessToken=1", "https://a.example/x?accessToken=REDACTED"),
        ("https://a.example/x?X-Amz-Signature=1", "https://a.example/x?X-Amz-Signature=REDACTED"),
        ("https://a.example/x?keyword=dune&monkey=1", "https://a.example/x?keyword=dune&monkey=1"),
        ("https://a.example/x?design=1&author=2", "https://a.example/x?design=1&author=2"),
        ("https://a.example/x?token", "https://a.example/x?token"),
        ("https://u:p@a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.example/x#token=1", "https://a.example/x"),
        ("http://[::1", "REDACTED"),
    ],
)
def test_a_url_loses_its_secrets_and_nothing_else(url: str, safe: str) -> None:
    assert redacted(url) == safe
    assert redacted(safe) == safe


def test_headers_lose_their_secrets_and_nothing_else() -> None:
    kept = ((b"ETag", b'"1"'), (b"Keep-Alive", b"5"), (b"X-Keywords", b"a"), (b"Vary", b"Cookie"))
    lost = ((b"cookie", b"1"), (b"X-CSRF-Token", b"1"), (b"X-Signature", b"1"))
    moved = ((b"Location", b"/a?token=1&b=2"),)
    assert without_secrets(kept + lost + moved) == (*kept, (b"Location", b"/a?token=REDACTED&b=2"))


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_recording_of_a_crawler_is_read(tmp_path: Path) -> None:
    """Plain WARC/1.0 with whole seconds, chunks, records of other kinds, and a body that is too large."""
    path = tmp_path / "crawl.warc"
    path.write_bytes(
        warc("warcinfo", b"software: crawler\r\n")
        + warc("response", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: 1\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        + warc("request", b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n")
        + warc("response", b"not http")
        + warc("response", b"HTTP/1.0 404 Not Found\r\n\r\n", uri=b"https://news.example/gone")
        + warc("response", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 16_000_001)
        + warc("metadata", b"x: y")
    )
    first, second = iter_recording(path)
    assert (first.body, first.headers, first.url) == (b"hello", ((b"ETag", b"1"),), "https://news.example/")
    assert first.at == dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    assert (second.status_code, second.body) == (404, b"")


def warc(kind: str, block: bytes, *, uri: bytes = b"https://news.example/") -> bytes:
    head = (
        b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: 2020-01-02T03:04:05Z\r\n"
        % kind.encode()
    )
    return head + b"WARC-Target-URI: %s\r\nContent-Length: %d\r\n\r\n" % (uri, len(block)) + block + b"\r\n\r\n"


@pytest.mark.parametrize("content", [b"not a recording", b"\x1f\x8b broken", gzip.compress(b"hello")], ids=repr)
def test_a_file_that_is_no_recording_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"x\.warc cannot be read"):
        read_recording(path)


@pytest.mark.parametrize("name", ["run.warc", "run.warc.gz"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_recording_that_was_cut_short_has_what_is_whole(tmp_path: Path, name: str, share: float) -> None:
    path = tmp_path / name
    with Recorder(path, clock=Clock()) as recorder:
        recorder.write(exchange(body=b"whole"))
        whole = path.stat().st_size
        recorder.write(exchange(1, body=bytes(range(256)) * 20))
    path.write_bytes(path.read_bytes()[: whole + int((path.stat().st_size - whole) * share * 0.5)])
    assert [one.body for one in read_recording(path)] == [b"whole"]


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        pytest.param(b"WARC-Date: 20", b"WARC-Date: xx", id="no-date"),
        pytest.param(b"WARC-Date: 2026-03", b"WARC-Date: 2026-93", id="no-such-month"),
        pytest.param(b"WARC-Target-URI: https:", b"WARC-Target-URI: h\x01tps:", id="no-address"),
        pytest.param(b"WARC-Target-URI: https:", b"WARC-Target-URI: ftps:/", id="no-web-address"),
        pytest.param(b"HTTP/1.1 200", b"HTTP/1.1 2x0", id="no-status"),
    ],
)
def test_what_is_damaged_in_a_recording_is_passed_over(tmp_path: Path, there: bytes, instead: bytes) -> None:
    path = tmp_path / "a.warc"
    with Recorder(path, clock=lambda: T0) as recorder:
        for name in "ab":
            recorder.write(exchange(url=f"https://desk.example/{name}"))
    whole = path.read_bytes()
    at = whole.index(there)
    path.write_bytes(whole[:at] + instead[: len(there)].ljust(len(there)) + whole[at + len(there) :])
    kept = read_recording(path)
    assert [one.url for one in kept] == ["https://desk.example/b"]
    ReplayTransport(kept, clock=lambda: T0)


@pytest.mark.parametrize("filling", [b"a" * 1_000_000, b"A: b\r\n" * 100_000], ids=["one-line", "many-lines"])
def test_a_recording_whose_head_never_ends_is_an_error(tmp_path: Path, filling: bytes) -> None:
    path = tmp_path / "bomb.warc.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"WARC/1.0\r\nWARC-Type: response\r\nX: ")
        for _ in range(40):
            file.write(filling)
    tracemalloc.start()
    with pytest.raises(RecordingError, match="larger than 64 kB"):
        read_recording(path)
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()


def test_a_missing_recording_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        read_recording(tmp_path / "none.warc")


def test_a_recording_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="Choose another file"):
        Recorder(tmp_path / "no" / "folder.warc", clock=Clock())


# --- answering -------------------------------------------------------------------------------------------------------


def poll(transport: httpx.AsyncBaseTransport, clock: Clock, state: FetchState | None = None) -> Outcome:
    one = Source(id="s", name="S", kind=SourceKind.FEED, url=URL, tier=Tier.PRESS)

    async def go() -> Outcome:
        async with Client(transport=transport, clock=clock, gap_s=0) as client:
            polls = [(one, state or FetchState(source_id="s", url=URL))]
            [outcome] = [outcome async for outcome in fetch_due(polls, client=client)]
            return outcome

    return asyncio.run(go())


def test_the_newest_exchange_up_to_now_answers() -> None:
    clock = Clock()
    replay = ReplayTransport(
        [exchange(2, body=b"<rss>2"), exchange(0, body=b"<rss>0"), exchange(1, body=b"<rss>1")], clock=clock
    )
    bodies = []
    for hours in (0, 0.9, 1, 1.5, 2, 50):
        clock.now = T0 + hours * HOUR
        outcome = poll(replay, clock)
        assert isinstance(outcome, Fetched)
        bodies.append(outcome.body[-1:])
    assert bodies == [b"0", b"0", b"1", b"1", b"2", b"2"]


def test_what_is_not_recorded_or_not_yet_is_a_connection_error() -> None:
    clock = Clock(T0 - HOUR)
    replay = ReplayTransport([exchange()], clock=clock)
    early = poll(replay, clock)
    assert isinstance(early, Refused)
    assert "not in the recording" in early.reason


def test_a_held_version_is_answered_with_304() -> None:
    clock = Clock()
    replay = ReplayTransport([exchange(etag=b'W/"\xe9"'), exchange(5, body=b"<rss>new", etag=b'"2"')], clock=clock)
    first = poll(replay, clock)
    clock.now = T0 + 3 * HOUR
    second = poll(replay, clock, first.state)
    assert isinstance(first, Fetched)
    assert isinstance(second, NotModified)
    clock.now = T0 + 9 * HOUR
    third = poll(replay, clock, second.state)
    assert isinstance(third, Fetched)
    assert third.state.etag == b'"2"'


def test_a_recorded_304_is_given_to_those_who_ask_with_conditions_and_the_body_to_others() -> None:
    clock = Clock(T0 + 2 * HOUR)
    replay = ReplayTransport([exchange(etag=b'"1"'), exchange(1, status=304, body=b"", etag=b'"1"')], clock=clock)
    conditional = replay.answer(httpx.Request("GET", URL, headers={"If-None-Match": '"1"'}))
    blind = replay.answer(httpx.Request("GET", URL))
    assert conditional.status_code == 304
    assert blind.status_code == 200


def test_a_recorded_failure_fails_again() -> None:
    clock = Clock()
    replay = ReplayTransport([exchange(status=503, body=b"", Retry_After=b"7200")], clock=clock)
    outcome = poll(replay, clock)
    assert isinstance(outcome, Refused)
    assert outcome.state.held_host == "news.example"


def test_an_address_with_a_token_finds_its_recording() -> None:
    clock = Clock()
    replay = ReplayTransport([exchange(url=redacted(URL + "?token=old&a=1"))], clock=clock)
    assert replay.answer(httpx.Request("GET", URL + "?token=new&a=1")).status_code == 200
    with pytest.raises(httpx.ConnectError):
        replay.answer(httpx.Request("GET", URL + "?token=new&a=2"))


def test_a_run_plays_again_as_it_was(tmp_path: Path) -> None:
    """Recorded from a server, answered from the file: the same outcomes, states included."""
    path, clock = tmp_path / "run.warc.gz", Clock()
    gone = Answer(410)
    answers = [
        Answer(body=gzip.compress(FEED), headers={"ETag": b'"\xe9"', "Content-Encoding": "gzip"}),
        Answer(304),
        gone,
    ]

    async def run(source: Source, **settings: object) -> list[Outcome]:
        clock.now, outcomes, state = T0, list[Outcome](), FetchState(source_id="s", url=source.url)
        async with Client(clock=clock, gap_s=0, **settings) as client:  # type: ignore[arg-type]
            for _ in answers:
                async for outcome in fetch_due([(source, state)], client=client):
                    outcomes.append(outcome)
                    state = outcome.state
                clock.now += 3 * HOUR
        return outcomes

    async def go() -> tuple[list[Outcome], list[Outcome]]:
        async with Server({"/feed": answers}) as server:
            settings = {"kind": SourceKind.FEED, "tier": Tier.PRESS, "allow_private": True}
            source = Source(id="s", name="S", url=server.url("/feed"), **settings)  # type: ignore[arg-type]
            with Recorder(path, clock=clock) as recorder:
                live = await run(source, wrap=recorder.wrap)
        return live, await run(source, transport=ReplayTransport(read_recording(path), clock=clock))

    live, again = asyncio.run(go())
    assert [type(outcome) for outcome in live] == [Fetched, NotModified, Refused]
    assert [outcome.state for outcome in again] == [outcome.state for outcome in live]
    assert [outcome.body for outcome in again if isinstance(outcome, Fetched)] == [FEED]


def test_a_recording_answers_through_respx() -> None:
    """As a side effect of a route: our own client, guard included, and any other httpx client."""
    clock = Clock()
    replay = ReplayTransport([exchange(body=gzip.compress(FEED), Content_Encoding=b"gzip")], clock=clock)

    async def go() -> tuple[bytes, bytes]:
        with respx.mock(assert_all_called=True) as router:
            router.route().mock(side_effect=replay.answer)
            async with Client(clock=clock, gap_s=0) as client, httpx.AsyncClient() as other:
                document = await fetch_one(URL, client=client, kind=SourceKind.FEED)
                return document.body, (await other.get(URL)).content

    assert asyncio.run(go()) == (FEED, FEED)


def test_a_recorder_keeps_what_was_read_of_an_answer_that_was_too_large(tmp_path: Path) -> None:
    [one] = recorded(tmp_path / "run.warc", Answer(body=b"x" * 65_536, endless=True))
    assert 10_000_000 < len(one.body) < 11_000_000


def test_a_written_exchange_is_read_back_equal(tmp_path: Path) -> None:
    written = [exchange(n, body=bytes([n]) * n, etag=b'"%d"' % n) for n in range(5)]
    path = tmp_path / "run.warc.gz"
    with Recorder(path, clock=Clock()) as recorder:
        for one in reversed(written):
            recorder.write(one)
    assert read_recording(path) == written
    assert io.BytesIO(path.read_bytes()).read(2) == b"\x1f\x8b"
