"""A real HTTP server on loopback that answers by script and remembers who asked what, for tests that need sockets.

    async with Server({"/feed": [Answer(body=b"one"), Answer(304)]}) as server:
        ...  # server.url("/feed"), server.requests, server.connections, server.most_open

A path's script is an `Answer`, a list of them (the last one repeats), or a function of the request. Paths that are not
scripted answer 404. `Answer(raw=...)` sends bytes as they are, for answers that are not HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends: by default the head, a `Content-Length` and the body, and then it closes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    raw: bytes | None = None
    """Sent instead of everything else."""
    drip_s: float | None = None
    """The pause after each byte of the body."""
    endless: bool = False
    """The body is repeated until the other side goes away; no `Content-Length`."""
    reset: bool = False
    """Cut the connection without an answer."""
    silent: bool = False
    """Never answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived. Header names are lower case, values bytes as sent."""

    method: str
    path: str
    headers: Mapping[str, bytes]
    body: bytes
    at_s: float
    """On the event loop's clock."""
    raw_headers: Sequence[tuple[bytes, bytes]] = ()


Script = Answer | Sequence[Answer] | Callable[[Asked], Answer]


class Server:
    """Listens on a free loopback port while its `async with` block lasts."""

    def __init__(
        self, script: Mapping[str, Script] | None = None, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.script: dict[str, Script] = dict(script or {})
        self.requests: list[Asked] = []
        self.connections = 0
        self.most_open = 0
        self.port = 0
        self._host, self._tls, self._open = host, tls, 0
        self._handlers: set[asyncio.Task[None]] = set()

    def url(self, path: str = "/") -> str:
        """The address of `path` on this server."""
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}{path}"

    def asked(self, path: str) -> list[Asked]:
        """The requests for `path`, in order."""
        return [request for request in self.requests if request.path == path]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, self._host, 0, ssl=self._tls, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self.connections += 1
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._open -= 1
            self._handlers.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read_request(reader)
        self.requests.append(request)
        answer = self._answer(request)
        if answer.silent:
            await asyncio.sleep(3600)
        if answer.reset:
            writer.transport.abort()
            return
        await _send(writer, answer)

    def _answer(self, request: Asked) -> Answer:
        script = self.script.get(request.path, Answer(404, b"nothing here"))
        if callable(script):
            return script(request)
        if isinstance(script, Answer):
            return script
        return script[min(len(self.asked(request.path)), len(script)) - 1]


async def _read_request(reader: asyncio.StreamReader) -> Asked:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
    method, path, _ = first.decode("latin-1").split(" ", 2)
    raw = [(name, value.removeprefix(b" ")) for name, _, value in (line.partition(b":") for line in lines)]
    headers = {name.decode("latin-1").lower(): value for name, value in raw}
    body = await reader.readexactly(int(headers.get("content-length", b"0")))
    at_s = asyncio.get_running_loop().time()
    return Asked(method=method, path=path, headers=headers, body=body, at_s=at_s, raw_headers=raw)


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    if answer.raw is not None:
        writer.write(answer.raw)
        await writer.drain()
        return
    headers: dict[str, str | bytes] = {"Connection": "close", **answer.headers}
    if not answer.endless and answer.status != 304 and "Transfer-Encoding" not in headers:
        headers.setdefault("Content-Length", str(len(answer.body)))
    lines = [f"HTTP/1.1 {answer.status} Whatever".encode()]
    lines += [name.encode() + b": " + (v if isinstance(v, bytes) else v.encode()) for name, v in headers.items()]
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
    if answer.drip_s is None:
        writer.write(answer.body)
    else:
        for byte in answer.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(answer.drip_s)
    await writer.drain()
    while answer.endless:
        writer.write(answer.body)
        await writer.drain()
