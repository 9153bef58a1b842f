"""One polite GET: own User-Agent, no cookies, no referrer, bounded in size and time, redirects checked hop by hop.

The network is behind one seam, `httpx.AsyncBaseTransport`: the guarded transport by default, a recording or a test's
own otherwise. Requests are handed to the seam directly, without `httpx.AsyncClient`, which would keep cookies, forward
headers over redirects and log whole URLs. When to ask again is decided in `politeness`, not here.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx

from pipeline.fetch.body import UnusableBodyError, read_body
from pipeline.fetch.guard import guarded_transport
from pipeline.fetch.politeness import retry_after_s
from pipeline.fetch.redact import redacted
from storage.errors import FetchError
from storage.model import SourceKind

if TYPE_CHECKING:
    from pipeline.fetch.robots import Site

CONTACT_URL = "https://github.com/franchise-watch/franchise-watch"
ROBOTS_NAME = "franchise-watch"
GAP_S = 2.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
ERROR_SAMPLE = 64_000
"""How much of the body of an error is read: enough to recognise a bot wall."""
LONGEST_URL = 4_000

_ACCEPT = {
    SourceKind.FEED: b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    b"application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    SourceKind.PAGE: b"text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
    SourceKind.SITEMAP: b"application/xml, text/xml, */*;q=0.5",
}

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one answer may cost."""

    body_bytes: int = 10_000_000
    """Decoded."""
    wire_bytes: int = 5_000_000
    """Compressed."""
    connect_s: float = 10
    read_s: float = 20
    """Between two pieces of the answer."""
    total_s: float = 60
    """For all hops together; waiting for one's turn at a host is not counted."""
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the last usable answer of `url` gave to ask again with, byte for byte (RFC 9110 §8.8)."""

    url: str
    etag: bytes | None = None
    last_modified: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back at the end of the redirects."""

    url: str
    status_code: int
    headers: Mapping[str, bytes]
    """Lower-case names; the first of several, `Cache-Control` joined."""
    body: bytes
    """Decoded; of an error only the beginning."""
    permanent_url: str | None = None
    """Where an unbroken chain of 301 and 308 from the first URL led."""


class HostHeldError(FetchError):
    """The host was told to be left alone until `until_at`; nothing was sent."""

    def __init__(self, source_id: str, host: str, until_at: dt.datetime) -> None:
        told = f"{host} asked for quiet until {until_at:%Y-%m-%d %H:%M} UTC"
        super().__init__(source_id, f"{told}; it was not asked. Try again after that")
        self.host, self.until_at = host, until_at


@dataclass(slots=True)
class _Slot:
    """The turn at one host."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at_s: float = 0.0
    """On the event loop's clock."""


def utc_now() -> dt.datetime:
    """The clock of production."""
    return dt.datetime.now(dt.UTC)


class Client:
    """Asks one host one thing at a time, with a gap between; hosts that asked for quiet are not asked at all.

    `transport` replaces the network (a recording, a test); without it every connection goes through the guard.
    `clock` gives aware UTC times. `gap_s` is waited between two requests to one host, `concurrency` bounds how many
    polls `fetch_due` has open at once, and so the bodies that hostile hosts can fill memory with. One client belongs to
    one event loop.
    """

    def __init__(
        self,
        *,
        contact_url: str = CONTACT_URL,
        clock: Callable[[], dt.datetime] = utc_now,
        transport: httpx.AsyncBaseTransport | None = None,
        wrap: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] | None = None,
        limits: Limits | None = None,
        gap_s: float = GAP_S,
        concurrency: int = 16,
        remedy: str | None = None,
    ) -> None:
        """`wrap` stands between client and network, as `Recorder.wrap` does to write down what passes.

        `remedy` is what the refusal of an address in one's own network advises; what sources.yaml needs, by default.
        """
        self.clock = clock
        self.concurrency = concurrency
        self.limits = limits or Limits()
        self.sites: dict[str, Site] = {}
        """What `Robots` has read, by origin; here, so that it lives as long as the client."""
        self._gap_s = gap_s
        self._slots: defaultdict[str, _Slot] = defaultdict(_Slot)
        self._held: dict[str, dt.datetime] = {}
        around = wrap or (lambda inner: inner)
        self._transports = {
            allow_private: around(transport or guarded_transport(allow_private=allow_private, remedy=remedy))
            for allow_private in (False, True)
        }
        agent = user_agent(contact_url).encode("ascii", "ignore")
        self._headers = [(b"User-Agent", agent), (b"Accept-Encoding", b"gzip"), (b"Connection", b"close")]

    async def get(
        self,
        url: str,
        *,
        source_id: str,
        kind: SourceKind = SourceKind.PAGE,
        validators: Validators | None = None,
        allow_private: bool = False,
    ) -> Reply:
        """The answer to a GET of `url`, whatever its status; raises FetchError where there is none to use."""
        hop, permanent, permanent_url = checked(url, source_id), True, None
        left_s = self.limits.total_s
        for _ in range(self.limits.redirects + 1):
            headers = self._headers_for(hop, kind, validators)
            async with self._turn(_host(hop), source_id):
                started_s = asyncio.get_running_loop().time()
                reply = await self._exchange(hop, headers, source_id, allow_private, left_s)
                left_s -= asyncio.get_running_loop().time() - started_s
                self._obey(_host(hop), reply)
            location = reply.headers.get("location")
            if reply.status_code not in REDIRECTS or location is None:
                return replace(reply, permanent_url=permanent_url)
            hop = _joined(hop, location, source_id)
            permanent = permanent and reply.status_code in PERMANENT
            permanent_url = str(hop) if permanent else permanent_url
        raise FetchError(source_id, f"it redirects more than {self.limits.redirects} times")

    def hold(self, host: str, until_at: dt.datetime) -> None:
        """Leave `host` alone until `until_at`; a longer hold stands."""
        self._held[host] = max(until_at, self._held.get(host, until_at))

    def held_until(self, host: str) -> dt.datetime | None:
        """Until when `host` asked for quiet, or None."""
        until_at = self._held.get(host)
        return until_at if until_at is not None and until_at > self.clock() else None

    async def until_free(self, host: str) -> None:
        """Wait until the gap after the last request to `host` is over."""
        slot = self._slots.get(host)
        if slot is not None:
            await asyncio.sleep(max(0.0, slot.free_at_s - asyncio.get_running_loop().time()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in self._transports.values():
            await transport.aclose()

    @asynccontextmanager
    async def _turn(self, host: str, source_id: str) -> AsyncIterator[None]:
        slot = self._slots[host]
        async with slot.lock:
            await self.until_free(host)
            if until_at := self.held_until(host):
                raise HostHeldError(source_id, host, until_at)
            try:
                yield
            finally:
                slot.free_at_s = asyncio.get_running_loop().time() + self._gap_s

    def _obey(self, host: str, reply: Reply) -> None:
        """Whoever says `Retry-After`, robots.txt or an article included, speaks for the host."""
        now = self.clock()
        wait_s = retry_after_s(reply.headers.get("retry-after", b""), now)
        if reply.status_code in (429, 503) and wait_s:
            self.hold(host, now + dt.timedelta(seconds=wait_s))

    def _headers_for(
        self, url: httpx.URL, kind: SourceKind, validators: Validators | None
    ) -> list[tuple[bytes, bytes]]:
        headers = [(b"Host", url.netloc), *self._headers, (b"Accept", _ACCEPT[kind])]
        if validators is not None and validators.url == str(url):
            if validators.etag is not None:
                headers.append((b"If-None-Match", validators.etag))
            if validators.last_modified is not None:
                headers.append((b"If-Modified-Since", validators.last_modified))
        return headers

    async def _exchange(
        self, url: httpx.URL, headers: list[tuple[bytes, bytes]], source_id: str, allow_private: bool, left_s: float
    ) -> Reply:
        timeouts = {"connect": self.limits.connect_s, "read": self.limits.read_s, "write": self.limits.read_s}
        request = httpx.Request("GET", url, headers=headers, extensions={"timeout": timeouts})
        try:
            async with asyncio.timeout(max(left_s, 0)):
                response = await self._transports[allow_private].handle_async_request(request)
                try:
                    return await self._read(response, url, source_id)
                finally:
                    await response.aclose()
        except UnusableBodyError as error:
            raise FetchError(source_id, str(error)) from error
        except httpx.TimeoutException as error:
            raise FetchError(source_id, _timeout_reason(error, self.limits)) from error
        except TimeoutError as error:
            raise FetchError(source_id, f"the answer took longer than {self.limits.total_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise FetchError(source_id, _failure_reason(error, url)) from error

    async def _read(self, response: httpx.Response, url: httpx.URL, source_id: str) -> Reply:
        headers = _plain_headers(response.headers.raw)
        coding, limits = headers.get("content-encoding", b""), self.limits
        usable = response.status_code in (200, 203)
        if usable:
            _check_length(headers, limits)
            body = await read_body(_raw(response), coding, wire_limit=limits.wire_bytes, limit=limits.body_bytes)
        elif response.status_code in REDIRECTS or response.status_code == 304:
            body = b""
        else:
            body = await _sample(response, coding)
        return Reply(url=str(url), status_code=response.status_code, headers=headers, body=body)


@cache
def user_agent(contact_url: str) -> str:
    """`franchise-watch/VERSION (+URL)`: who asks, and where to complain."""
    try:
        number = version("franchise-watch")
    except PackageNotFoundError:
        number = "0"
    return f"franchise-watch/{number} (+{contact_url})"


def checked(url: str, source_id: str) -> httpx.URL:
    """`url` parsed, where it is one that may be asked: http or https, a host, no user name."""
    try:
        parsed = httpx.URL(url.partition("#")[0])
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(source_id, f"{redacted(url)[:200]!r} is not an address") from error
    if parsed.scheme not in ("http", "https") or not _host(parsed) or len(url) > LONGEST_URL:
        raise FetchError(source_id, f"{redacted(url)[:200]!r} cannot be read: only http and https addresses can")
    if parsed.userinfo:
        raise FetchError(source_id, f"the address of {_host(parsed)} has a user name in it: take it out")
    return parsed


def _host(url: httpx.URL) -> str:
    """The host as it goes over the wire, in ASCII, under the name that waits are counted for."""
    return url.raw_host.decode("ascii").rstrip(".")


def _joined(url: httpx.URL, location: bytes, source_id: str) -> httpx.URL:
    try:
        target = location.decode("utf-8")
    except UnicodeDecodeError:
        target = location.decode("latin-1")
    try:
        return checked(str(url.join(target)), source_id)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(source_id, f"it redirects to {redacted(target)[:80]!r}, which is not an address") from error


def _plain_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, bytes]:
    headers: dict[str, bytes] = {}
    for name, value in raw:
        key = name.decode("latin-1").lower()
        if key in headers and key in ("cache-control", "content-encoding"):
            headers[key] += b", " + value
        else:
            headers.setdefault(key, value)
    return headers


def _check_length(headers: Mapping[str, bytes], limits: Limits) -> None:
    length = headers.get("content-length", b"")
    limit = limits.wire_bytes if headers.get("content-encoding") else limits.body_bytes
    if length.isdigit() and int(length[:12]) > limit:
        raise UnusableBodyError(f"the answer is larger than {limit / 1_000_000:g} MB")


def _raw(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it arrives. Not `aiter_raw`, which refuses an answer that was made with its content."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return aiter(response.stream)


async def _sample(response: httpx.Response, coding: bytes) -> bytes:
    """The beginning of an error's body, or nothing where it cannot be read: the status already says enough."""
    try:
        return await read_body(_raw(response), coding, wire_limit=ERROR_SAMPLE, limit=ERROR_SAMPLE)
    except (UnusableBodyError, httpx.HTTPError):
        return b""


def _timeout_reason(error: httpx.TimeoutException, limits: Limits) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection within {limits.connect_s:g} s"
    return f"nothing arrived for {limits.read_s:g} s"


def _failure_reason(error: Exception, url: httpx.URL) -> str:
    said = str(error) or type(error).__name__
    return said if _host(url) in said else f"{_host(url)}: {said}"
