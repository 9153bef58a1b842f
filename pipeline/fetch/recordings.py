"""Recorded HTTP as WARC (ISO 28500): `Recorder` writes, `read_recording` reads, `ReplayTransport` answers from it.

One format for tests, bug reports, the demonstration and archives of crawled news. A recorded exchange keeps headers
and bodies byte for byte, its body still in its content coding, its `WARC-Date` the clock of the run. Secrets (cookies,
authorisation, query tokens) never reach the file.
"""

from __future__ import annotations

import bisect
import datetime as dt
import io
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Self

import httpx
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.fetch.redact import redacted, without_secrets
from storage.errors import RecordingError

Headers = tuple[tuple[bytes, bytes], ...]

LARGEST_RECORD = 16_000_000
LARGEST_HEAD = 64_000

_OF_THE_TRANSFER = frozenset({b"transfer-encoding", b"connection", b"keep-alive", b"content-length"})
"""About the connection that was, not the answer: bodies are kept whole, so their framing would be wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, without secrets."""

    url: str
    at: dt.datetime
    status_code: int
    headers: Headers
    """As they came, without those of the transfer."""
    body: bytes
    """As it came, still in its content coding."""
    request_headers: Headers = ()
    """Only when recording; not read back."""


class Recorder:
    """Writes each exchange to a WARC file as it ends; `wrap` puts it between a client and the network."""

    def __init__(self, path: Path, *, clock: Callable[[], dt.datetime]) -> None:
        try:
            self._file: BinaryIO = path.open("ab")
        except OSError as error:
            raise RecordingError(f"{path} cannot be written: {error.strerror}. Choose another file") from error
        self._clock = clock
        self._writer = WARCWriter(self._file, gzip=path.suffix == ".gz", warc_version="1.1")

    def wrap(self, inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """`inner`, with everything that passes written down."""
        return _RecordingTransport(inner, self)

    @property
    def clock(self) -> Callable[[], dt.datetime]:
        """What `WARC-Date` is taken from."""
        return self._clock

    def write(self, exchange: Exchange) -> None:
        """Append `exchange` as a response and a request record."""
        date = exchange.at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        url, dated = redacted(exchange.url), {"WARC-Date": date}
        response = self._writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=_Head(_status_line(exchange.status_code), without_secrets(exchange.headers)),
            warc_headers_dict=dict(dated),
        )
        request_line = b"GET " + httpx.URL(url).raw_path + b" HTTP/1.1"
        request = self._writer.create_warc_record(
            url,
            "request",
            http_headers=_Head(request_line, without_secrets(exchange.request_headers)),
            warc_headers_dict=dict(dated),
        )
        self._writer.write_request_response_pair(request, response)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ReplayTransport(httpx.AsyncBaseTransport):
    """Answers a GET from recorded exchanges: with the newest one of that URL at or before `clock()`.

    Answers 304 where the request names the validator of what would be sent. A URL that was not recorded, or not yet,
    is a connection error, as it would be for a host that is not there.
    """

    def __init__(self, exchanges: Iterable[Exchange], *, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self._by_url: defaultdict[str, list[Exchange]] = defaultdict(list)
        for exchange in sorted(exchanges, key=lambda exchange: exchange.at):
            self._by_url[_key(exchange.url)].append(exchange)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer to `request`."""
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The same without waiting, as a side effect for a respx route."""
        recorded = self._by_url.get(_key(str(request.url)), [])
        until = bisect.bisect_right(recorded, self._clock(), key=lambda exchange: exchange.at)
        wanted = _pick(recorded[:until], request)
        if wanted is None:
            raise httpx.ConnectError(f"{request.url.host}: this address is not in the recording", request=request)
        if wanted.status_code == 304 or _is_held(wanted, request):
            return httpx.Response(304, headers=_validators(wanted), request=request)
        return httpx.Response(wanted.status_code, headers=wanted.headers, stream=_Bytes(wanted.body), request=request)


def read_recording(path: Path) -> list[Exchange]:
    """All exchanges of a WARC file, oldest first; raises RecordingError where it cannot be read."""
    return sorted(iter_recording(path), key=lambda exchange: exchange.at)


def iter_recording(path: Path) -> Iterator[Exchange]:
    """The exchanges of a WARC file in its order, one at a time, for archives larger than memory.

    Reads gzipped and plain files, recordings of our own and those of crawlers; what is not an answer over HTTP is
    passed over, and so is a body of more than 16 MB, one that the end of the file cut short, and what has no readable
    address, date or status.
    """
    try:
        with path.open("rb") as file:
            archive = ArchiveIterator(file, no_record_parse=True)
            heads = _Heads(archive.reader)
            for record in archive:
                heads.left = LARGEST_HEAD
                if record.rec_type == "response" and (exchange := _exchange(record)):
                    yield exchange
    except (OSError, ArchiveLoadFailed, EOFError) as error:
        raise RecordingError(f"{path} cannot be read as a recording (WARC): {error}") from error


class _Heads:
    """Bounds the head of a record: a gzip of 400 kB may hold a line of a gigabyte, and warcio would read it whole."""

    def __init__(self, reader: Any) -> None:
        self._read_line, reader.readline = reader.readline, self
        self.left = LARGEST_HEAD

    def __call__(self, length: int = 0) -> bytes:
        line: bytes = self._read_line(min(length or LARGEST_HEAD, LARGEST_HEAD))
        self.left -= len(line)
        if self.left < 0:
            raise ArchiveLoadFailed(f"the head of a record is larger than {LARGEST_HEAD // 1000} kB")
        return line


def _exchange(record: ArcWarcRecord) -> Exchange | None:
    url, date = record.rec_headers.get_header("WARC-Target-URI"), record.rec_headers.get_header("WARC-Date")
    length = record.rec_headers.get_header("Content-Length") or ""
    at = _instant(date or "")
    if not _is_address(url or "") or at is None or not length.isdigit() or int(length[:12]) > LARGEST_RECORD:
        return None
    block = record.raw_stream.read()
    if len(block) < int(length):
        return None
    head, _, body = block.partition(b"\r\n\r\n")
    status_line, *lines = head.split(b"\r\n")
    status = status_line.split(b" ", 2)[1:2]
    if not status_line.startswith(b"HTTP/") or not status or not re.fullmatch(rb"[1-9]\d\d", status[0]):
        return None
    fields = (line.partition(b":") for line in lines)
    headers = tuple((name.strip(), value.strip()) for name, colon, value in fields if colon)
    if any(name.lower() == b"transfer-encoding" and b"chunked" in value.lower() for name, value in headers):
        body = ChunkedDataReader(io.BytesIO(body)).read()
    return Exchange(
        url=url,
        at=at,
        status_code=int(status[0]),
        headers=_answer_headers(headers),
        body=body,
    )


def _instant(date: str) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(date)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _is_address(url: str) -> bool:
    try:
        return httpx.URL(url).scheme in ("http", "https")
    except (httpx.InvalidURL, ValueError):
        return False


def _answer_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in _OF_THE_TRANSFER)


def _key(url: str) -> str:
    """What two spellings of one address share: no secrets, no fragment, no default port."""
    return redacted(str(httpx.URL(url)))


def _pick(recorded: list[Exchange], request: httpx.Request) -> Exchange | None:
    """The newest exchange; a recorded 304 tells nothing to a request without conditions, which gets the body before."""
    conditional = "if-none-match" in request.headers or "if-modified-since" in request.headers
    for exchange in reversed(recorded):
        if exchange.status_code != 304 or conditional:
            return exchange
    return None


def _is_held(exchange: Exchange, request: httpx.Request) -> bool:
    """True when `request` names the version that `exchange` would send (RFC 9110 §13.2.2, compared byte for byte)."""
    asked = {name.lower(): value for name, value in request.headers.raw}
    given = {name.lower(): value for name, value in exchange.headers}
    if exchange.status_code != 200:
        return False
    if b"if-none-match" in asked:
        return asked[b"if-none-match"] == given.get(b"etag")
    return b"if-modified-since" in asked and asked[b"if-modified-since"] == given.get(b"last-modified")


def _validators(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    kept = (b"etag", b"last-modified", b"cache-control")
    return [(name, value) for name, value in exchange.headers if name.lower() in kept]


class _Bytes(httpx.AsyncByteStream):
    """A body still in its content coding; httpx would decode bytes given as content."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


class _RecordingTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, recorder: Recorder) -> None:
        self._inner, self._recorder = inner, recorder

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        response.stream = _Tee(response, request, self._recorder)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Tee(httpx.AsyncByteStream):
    """Passes a body on and writes the exchange down when it is closed, as far as it was read."""

    def __init__(self, response: httpx.Response, request: httpx.Request, recorder: Recorder) -> None:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._stream, self._response, self._request, self._recorder = response.stream, response, request, recorder
        self._parts: list[bytes] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._parts.append(part)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
        self._recorder.write(
            Exchange(
                url=str(self._request.url),
                at=self._recorder.clock(),
                status_code=self._response.status_code,
                headers=_answer_headers(self._response.headers.raw),
                body=b"".join(self._parts),
                request_headers=tuple(self._request.headers.raw),
            )
        )


class _Head(StatusAndHeaders):  # type: ignore[misc]
    """A head that warcio writes byte for byte; its own would percent-encode what is not ASCII."""

    def __init__(self, first_line: bytes, headers: Headers) -> None:
        super().__init__(first_line.decode("latin-1"), [])
        self._raw = b"\r\n".join([first_line, *(name + b": " + value for name, value in headers), b"", b""])

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self._raw


def _status_line(status_code: int) -> bytes:
    try:
        phrase = HTTPStatus(status_code).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status_code} {phrase}".encode()
