"""A webhook receiver on loopback that behaves in every way that real ones do, and writes down what it was sent."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBjzCCATagAwIBAgIUat2PKFrFA8F1mVNRqL43jXtN75gwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjIyNDkzMVoYDzIxMjYxMDI5
MjI0OTMxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASkK4y2WCsmk/CW8bd8ovlqgozq3g9+f9KuEaZ4fWDd9MLHE9bt3Wwo
viTMKKL3cmTwfy17QfblKRlDC2014gFyo2QwYjAdBgNVHQ4EFgQU8BMJQbnqCiCt
a7d2c/jCRDgrvn4wHwYDVR0jBBgwFoAU8BMJQbnqCiCta7d2c/jCRDgrvn4wDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC
IA9FLjrsAwqddCffktEhriOccBN7fOsRHz+Lefob4IeNAiB14lqBHL7ZKGK3vO5w
/5OewhwTXdG/JEuQzd+5kjlD4Q==
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6Tt6L4Kb7cVlNcYu
thgvgxpU13GQCt/H07MiHh48LV+hRANCAASkK4y2WCsmk/CW8bd8ovlqgozq3g9+
f9KuEaZ4fWDd9MLHE9bt3WwoviTMKKL3cmTwfy17QfblKRlDC2014gFy
-----END PRIVATE KEY-----
"""
"""Signed by nobody and known to nobody: for the receiver with bad TLS, and of no other use."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes


Behaviour = Callable[[asyncio.StreamWriter, Received], Awaitable[None]]


@dataclass(slots=True)
class Receiver:
    """A running receiver: its address, what it got, and how it behaves by path (200 where nothing is said)."""

    url: str
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    sent_bytes: int = 0
    """How much of an endless answer was taken off it."""

    def ids(self, path: str | None = None) -> list[str]:
        """The `webhook-id` of each request, in order."""
        return [one.headers["webhook-id"] for one in self.received if path in (None, one.path)]


@asynccontextmanager
async def receiver(*, tls: bool = False) -> AsyncIterator[Receiver]:
    """A receiver on a free port of loopback for as long as the block lasts."""
    here = Receiver(url="")
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            request = await _read(reader)
            here.received.append(request)
            await here.behaviours.get(request.path, answers(200))(writer, request)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=_untrusted() if tls else None)
    host, port = server.sockets[0].getsockname()[:2]
    here.url = f"{'https' if tls else 'http'}://{host}:{port}"
    try:
        yield here
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def answers(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Behaviour:
    """Answer properly."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return behave


async def is_silent(writer: asyncio.StreamWriter, request: Received) -> None:
    """Take the request and never say anything."""
    await asyncio.Event().wait()


async def resets(writer: asyncio.StreamWriter, request: Received) -> None:
    """Drop the connection instead of answering."""
    writer.transport.abort()


async def is_garbled(writer: asyncio.StreamWriter, request: Received) -> None:
    """Answer with what is no HTTP."""
    writer.write(b"\x00\xff\xfe SSH-2.0-nothing here\r\n\r\n")
    await writer.drain()


def drips(status: int = 500, *, in_body: bool = False) -> Behaviour:
    """Answer one byte at a time and never come to an end: in the headers, or in the body."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        writer.write(f"HTTP/1.1 {status} Slow\r\n".encode() + (b"Content-Length: 999999\r\n\r\n" if in_body else b"X-"))
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.02)

    return behave


def floods(here: Receiver, status: int, size: int = 1_000_000_000) -> Behaviour:
    """Answer with `size` zero bytes, or as many as are taken."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        writer.write(f"HTTP/1.1 {status} Big\r\nContent-Length: {size}\r\n\r\n".encode())
        chunk = bytes(65_536)
        while here.sent_bytes < size:
            writer.write(chunk)
            await writer.drain()
            here.sent_bytes += len(chunk)

    return behave


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, body)


def _untrusted() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pair.pem"
        path.write_text(CERTIFICATE)
        context.load_cert_chain(path)
    return context


@dataclass(slots=True)
class MailServer:
    """A running SMTP server: where it is, how it answers, and what it took."""

    host: str
    answers: dict[str, str] = field(default_factory=dict)
    """By command, instead of a friendly one."""
    extensions: tuple[str, ...] = ()
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    """Sender, recipients and message."""


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """An SMTP server (RFC 5321) on a free port of loopback, without TLS, for as long as the block lasts."""
    here = MailServer(host="")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, recipients = "", list[str]()
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            command = line.split()[0].upper()
            answer = here.answers.get(command, "250 fine")
            if command == "EHLO":
                lines = ["here", *here.extensions]
                answer = "\r\n".join(f"250{' ' if n == len(lines) - 1 else '-'}{one}" for n, one in enumerate(lines))
            elif command == "MAIL":
                sender = line.partition("<")[2].partition(">")[0]
            elif command == "RCPT" and answer.startswith("250"):
                recipients.append(line.partition("<")[2].partition(">")[0])
            elif command == "DATA" and "DATA" not in here.answers:
                writer.write(b"354 go on\r\n")
                here.taken.append((sender, recipients, await reader.readuntil(b"\r\n.\r\n")))
            elif command == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            writer.write(f"{answer}\r\n".encode())
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    here.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield here
    finally:
        server.close()
        await server.wait_closed()
