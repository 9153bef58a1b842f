"""What a whole cycle costs on a thousand local feeds, beside lemon24's `reader` in the same run.

    python benchmarks/cycle.py                                   ours alone
    python benchmarks/cycle.py --reader-python VENV/bin/python   beside reader, installed in an environment of its own

A server in a process of its own answers on loopback, every feed at an address of its own. Four cycles each: first (all
new), all 304, the same bytes again as 200, and 5 % of the feeds with a new entry. Reported are seconds of wall clock,
and of CPU in our process and its children (the server's are not counted). Feeds are about 107 kB with thirty
entries; one entry in a hundred names a followed work.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ENTRIES, WORDS = 30, 420
START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
CYCLES = ("first", "all 304", "same bytes, 200", "5 % changed")


def main() -> None:
    """Run it and print a table."""
    options = argparse.ArgumentParser()
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--reader-python")
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--profile", help="the cycle to profile")
    given = options.parse_args()
    if given.serve:
        asyncio.run(serve(given.feeds))
        return
    with server(given.feeds) as urls, tempfile.TemporaryDirectory() as folder:
        rows = {"franchise-watch": asyncio.run(ours(urls, Path(folder), given.profile))}
        if given.reader_python:
            rows["reader"] = theirs(urls, Path(folder), given.reader_python)
    print(f"| {given.feeds} feeds | " + " | ".join(CYCLES) + " |\n|---|" + "---|" * len(CYCLES))
    for name, times in rows.items():
        print(f"| {name} | " + " | ".join(f"{wall:.2f} s ({cpu:.2f} s CPU)" for wall, cpu in times) + " |")
    if "reader" in rows:
        ratios = [theirs_s / ours_s for (ours_s, _), (theirs_s, _) in zip(*rows.values(), strict=True)]
        print("| ours is faster by | " + " | ".join(f"{ratio:.1f} ×" for ratio in ratios) + " |")


# --- ours ----------------------------------------------------------------------------------------------------------


async def ours(urls: list[str], folder: Path, profiled: str | None) -> list[tuple[float, float]]:
    """Seconds of each cycle: wall, CPU."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from pipeline.config import load_config
    from pipeline.fetch import Client
    from pipeline.run import run_cycle, watching
    from storage.store import open_store

    path = folder / "sources.yaml"
    sources = "".join(
        f'  - {{id: s{n}, name: S{n}, kind: feed, tier: press, allow_private: true, url: "{url}"}}\n'
        for n, url in enumerate(urls)
    )
    path.write_text(
        "franchises:\n  - {id: tide, title: Tide, works: [{id: tide-gate, title: Tide Gate}]}\nsources:\n" + sources
    )
    watcher, now, times = watching(load_config(path)), START, []
    with open_store(folder / "ours.db") as store:
        for cycle in CYCLES:
            now += dt.timedelta(hours=3)
            told(urls, cycle)
            with profile(cycle == profiled), stopwatch(times):
                async with Client(clock=lambda at=now: at) as client:  # type: ignore[misc]
                    report = await run_cycle(watcher, store, client=client, clock=lambda at=now: at)  # type: ignore[misc]
            print(f"  ours {cycle}: {report.polled} polled, {report.unchanged} unchanged, {report.items} items, "
                  f"{report.claims} claims, {len(report.failures)} failures", file=sys.stderr)  # fmt: skip
    return times


@contextlib.contextmanager
def profile(wanted: bool) -> Iterator[None]:
    """Print where the time goes, where wanted."""
    if not wanted:
        yield
        return
    import cProfile
    import pstats

    with cProfile.Profile() as found:
        yield
    pstats.Stats(found, stream=sys.stderr).sort_stats("tottime").print_stats(40)


@contextlib.contextmanager
def stopwatch(times: list[tuple[float, float]]) -> Iterator[None]:
    """Append seconds of wall clock and of CPU, that of ended children and of ours."""
    cpu_s, wall_s = _cpu_s(), time.perf_counter()
    yield
    wall_s = time.perf_counter() - wall_s
    from pipeline.parse.sandbox import close_children

    close_children()  # only then is their time counted
    times.append((wall_s, _cpu_s() - cpu_s))


def _cpu_s() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


# --- reader --------------------------------------------------------------------------------------------------------

READER = """
import json, sys, time, urllib.request
from reader import make_reader
urls, cycles, control, path = json.loads(sys.stdin.read())
reader = make_reader(path)
for url in urls:
    reader.add_feed(url)
times = []
for cycle in cycles:
    urllib.request.urlopen(control + "/control/" + urllib.request.quote(cycle)).read()
    wall, cpu = time.perf_counter(), time.process_time()
    reader.update_feeds(workers=20, scheduled=False)
    times.append((time.perf_counter() - wall, time.process_time() - cpu))
    counts = reader.get_entry_counts()
    failed = sum(feed.last_exception is not None for feed in reader.get_feeds())
    print("  reader", cycle, counts.total, "entries,", failed, "failures", file=sys.stderr)
print(json.dumps(times))
"""


def theirs(urls: list[str], folder: Path, python: str) -> list[tuple[float, float]]:
    """The same of reader, with twenty workers."""
    given = json.dumps([urls, CYCLES, urls[0].rsplit("/", 1)[0], str(folder / "reader.db")])
    done = subprocess.run([python, "-c", READER], input=given, stdout=subprocess.PIPE, text=True, check=True)
    return [(wall, cpu) for wall, cpu in json.loads(done.stdout)]


# --- the server ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def server(feeds: int) -> Iterator[list[str]]:
    """The addresses of the feeds while the server runs."""
    process = subprocess.Popen([sys.executable, __file__, "--serve", "--feeds", str(feeds)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    try:
        yield [f"http://{host(number)}:{port}/{number}.xml" for number in range(feeds)]
    finally:
        process.kill()
        process.wait()


def host(number: int) -> str:
    """A loopback address of its own for each feed."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def told(urls: list[str], cycle: str) -> None:
    """Tell the server how to answer from now on."""
    urllib.request.urlopen(f"{urls[0].rsplit('/', 1)[0]}/control/{urllib.request.quote(cycle)}").read()


async def serve(feeds: int) -> None:
    """Answer on every feed's address until killed; prints the port."""
    bodies = [feed(number) for number in range(feeds)]
    changed = {number: feed(number, more=True) for number in range(0, feeds, 20)}
    cycle = CYCLES[0]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal cycle
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                body, status = b"", "200 OK"
                if path.startswith("/control/"):
                    cycle = urllib.request.unquote(path.removeprefix("/control/"))
                    number, version = 0, 0
                else:
                    number = int(path[1:-4])
                    version = int(cycle == CYCLES[3] and number in changed)
                    asked = b"if-none-match" in head.lower() and f'"{number}-{version}"'.encode() in head
                    if asked and cycle != CYCLES[2]:
                        status = "304 Not Modified"
                    else:
                        body = changed[number] if version else bodies[number]
                etag, length = f'"{number}-{version}"', len(body)
                lines = [f"HTTP/1.1 {status}", f"ETag: {etag}", "Content-Type: application/rss+xml"]
                lines += [] if status.startswith("304") else [f"Content-Length: {length}"]
                writer.write("\r\n".join([*lines, "", ""]).encode() + body)
                await writer.drain()
        writer.close()

    first = await asyncio.start_server(answer, host(0), 0)
    port = first.sockets[0].getsockname()[1]
    rest = [await asyncio.start_server(answer, host(number), port) for number in range(1, feeds)]
    print(port, flush=True)
    await asyncio.gather(*(one.serve_forever() for one in (first, *rest)))


def feed(number: int, *, more: bool = False) -> bytes:
    """A feed of about 107 kB, or the same with one entry more."""
    entries = "".join(_entry(number, n) for n in range(ENTRIES + more, 0, -1))
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Feed {number}</title><link>http://{host(number)}/</link>{entries}</channel></rss>"
    ).encode()


def _entry(feed: int, number: int) -> str:
    about = "Tide Gate season 2 premieres in June 2026. " if (feed + number) % 100 == 0 else ""
    words = " ".join(_word(feed * 31 + number * 7 + n, n % 14) for n in range(WORDS))
    at = START - dt.timedelta(hours=number)
    return (
        f"<item><title>Feed {feed} tells story {number}</title><link>http://{host(feed)}/story/{number}</link>"
        f"<guid>{feed}-{number}</guid><pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description>&lt;p&gt;{about}{words}&lt;/p&gt;</description></item>"
    )


def _word(number: int, place: int) -> str:
    """One of a thousand words, at its place in a sentence of fourteen."""
    word = f"word{number % 997}"
    return word.capitalize() if place == 0 else f"{word}." if place == 13 else word


if __name__ == "__main__":
    main()
