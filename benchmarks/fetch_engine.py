"""What one poll costs: CPU and wall time of `fetch_due` beside plain httpx, over real sockets on loopback.

    python benchmarks/fetch_engine.py [--feeds 1000] [--bytes 94000] [--concurrency 16]

A server in a process of its own serves the feeds from as many loopback addresses as there are feeds (127.x.y.z), so
that each is a host of its own, as feeds are in life. Reported are CPU seconds of this process and wall seconds, for a
first cycle (200 with a body), a cycle of 304, and a cycle of equal bodies. The gap between requests to one host is off.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import httpx

from pipeline.fetch import Client, fetch_due
from pipeline.fetch.guard import _ssl_context
from storage.model import FetchState, NotModified, Source, SourceKind, Tier

PORT = 18080
Cycle = Callable[[], Awaitable[int]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--bytes", type=int, default=94_000)
    options.add_argument("--concurrency", type=int, default=16)
    chosen = options.parse_args()
    ready = multiprocessing.Event()
    server = multiprocessing.Process(target=serve, args=(chosen.bytes, ready), daemon=True)
    server.start()
    ready.wait(10)
    try:
        asyncio.run(measure(chosen.feeds, chosen.concurrency))
    finally:
        server.terminate()
        server.join()


async def measure(feeds: int, concurrency: int) -> None:
    print(f"{feeds} feeds, {concurrency} at once, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print(f"{'':34}{'CPU s':>8}{'wall s':>8}{'ms/poll':>9}")
    sources = [_source(number) for number in range(feeds)]
    states = {one.id: FetchState(source_id=one.id, url=one.url) for one in sources}

    async def ours() -> int:
        unchanged = 0
        async with Client(gap_s=0, concurrency=concurrency) as client:
            async for outcome in fetch_due([(one, states[one.id]) for one in sources], client=client):
                states[outcome.source_id] = replace(outcome.state, next_due_at=None)
                unchanged += isinstance(outcome, NotModified)
        return unchanged

    await report("fetch_due, first", ours, feeds)
    await report("fetch_due, all 304", ours, feeds)
    for key, state in states.items():
        states[key] = replace(state, etag=None, last_modified=None, validators_url=None)
    await report("fetch_due, equal bodies", ours, feeds)
    await report("one httpx.AsyncClient, first", lambda: plainly(sources, concurrency, {}), feeds)
    await report(
        "one httpx.AsyncClient, all 304", lambda: plainly(sources, concurrency, {"If-None-Match": '"1"'}), feeds
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


async def report(name: str, cycle: Cycle, feeds: int) -> None:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    await cycle()
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    print(f"{name:34}{cpu_s:8.2f}{wall_s:8.2f}{cpu_s / feeds * 1000:9.2f}")


async def plainly(sources: list[Source], concurrency: int, headers: dict[str, str]) -> int:
    """What one would write first: one client with its pool, `gather` and a semaphore. Unguarded, unbounded."""
    room = asyncio.Semaphore(concurrency)
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=0)
    async with httpx.AsyncClient(limits=limits, verify=_ssl_context()) as client:

        async def get(url: str) -> int:
            async with room:
                return len((await client.get(url, headers=headers)).content)

        return sum(await asyncio.gather(*(get(one.url) for one in sources)))


def serve(size: int, ready: Event) -> None:
    """Answers every GET with one body, or 304 to the right ETag."""
    body = (b"<rss version='2.0'><channel><title>News</title>" + b"<item><title>One</title></item>" * size)[:size]
    head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nETag: "1"\r\nConnection: close\r\n\r\n'.encode()
    same = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nConnection: close\r\n\r\n'

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        writer.write(same if b"if-none-match" in request.lower() else head + body)
        await writer.drain()
        writer.close()

    async def go() -> None:
        server = await asyncio.start_server(answer, "0.0.0.0", PORT, backlog=1024)
        ready.set()
        await server.serve_forever()

    asyncio.run(go())


def _source(number: int) -> Source:
    url = f"http://127.{number // 65_000 + 1}.{number % 65_000 // 250}.{number % 250 + 1}:{PORT}/feed"
    return Source(
        id=f"s{number}", name=url, kind=SourceKind.FEED, url=url, tier=Tier.PRESS, allow_private=True, interval_s=3600
    )


if __name__ == "__main__":
    started = dt.datetime.now(dt.UTC)
    print(f"{started:%Y-%m-%d %H:%M} UTC")
    main()
