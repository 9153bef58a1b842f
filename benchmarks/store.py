"""How fast the store takes items in and answers, from ten thousand items to a million, on one core.

    python -m benchmarks.store [--items 1000000] [--file FILE]

Ingest: new items with full-text search on, through `Store.record`, into stores that are otherwise full of mentions,
claims and facts; beside them the same items through sqlite-utils with its search triggers, row by row and in its bulk
inserts. All are durable (WAL, synchronous=FULL) and take the same transactions of 500 items in turn, so that what else
the machine does slows all of them alike: the store of a million its last 131,500 (the index of names is put in order
once in so many), the small ones as often their last half, from five to ten and from fifty to a hundred thousand, each
time anew. Bringing the write-ahead log into the file is part of it. The times are CPU seconds of one core.

Then every view and query, as Datasette asks it: median and 95th percentile of thirty runs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import sqlite_utils

from benchmarks.made_up import END, STATE, WORDS, WORKS, YEARS, config, items, poll
from storage.connection import connect
from storage.datasette.definition import NEWEST_FIRST
from storage.model import Item, Poll
from storage.store import open_store
from storage.texts import query_texts

BATCH = 500
FILLING = 2_000
"""Items in a transaction while a store is only brought to its size."""
STEPS = (10_000, 100_000, 1_000_000)
MEASURED = 131_500
"""Items at the largest size: its names move on once among so many (`storage.names`)."""
PLAIN_EVERY = 4
"""The plain ways take every fourth batch, for they are slow and have nothing that comes once in many."""
RUNS = 30
OURS, ROWS, BULK = "ours", "row by row", "bulk"
Batch = Sequence[Item]
Write = Callable[[Batch], object]
Opening = Callable[[Path], contextlib.AbstractContextManager[Write]]


def options(about: str | None) -> argparse.Namespace:
    """How large a store and where it is; from now on the process keeps to one core."""
    arguments = argparse.ArgumentParser(description=about)
    arguments.add_argument("--items", type=int, default=1_000_000)
    arguments.add_argument("--file", type=Path, help="keep the store there, or ask the one that is there")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return arguments.parse_args()


def main() -> None:
    """Print the figures as they are."""
    asked = options(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder) / "store.db"
        if not path.exists():
            print_ingest(ingest(Path(folder), path, asked.items))
        print_queries(path)


# --- taking in ---------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Lane:
    """One way of taking in at one size, and what it took so far."""

    way: str
    size: int
    start: Path
    """The store or table at the size at which it begins."""
    file: Path
    """Where it takes in: a copy of that, or that itself."""
    batches: int
    """From there to the size."""
    taken: int = 0
    seconds: float = 0.0
    longest_s: float = 0.0

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.taken * BATCH / self.seconds


def ingest(folder: Path, path: Path, count: int) -> list[Lane]:
    """Every way at every size; the store of all items is left at `path`."""
    made, chance, there = items(count), random.Random(11), 0
    lanes = []
    for size in sorted({step for step in STEPS if step < count} | {count}):
        start = max(size // 2, size - MEASURED)
        fill_ours(path, islice(made, start - there), chance)
        there = start
        begun = path if size == count else Path(shutil.copy(path, folder / f"start-{size}.db"))
        taken = path if size == count else folder / f"{OURS}-{size}.db"
        lanes.append(Lane(way=OURS, size=size, start=begun, file=taken, batches=(size - start) // BATCH))
        plain = folder / f"plain-{size}.db"
        fill_plain(plain, items(count), start)
        lanes += [replace(lanes[-1], way=way, start=plain, file=folder / f"{way}-{size}.db") for way in (ROWS, BULK)]
    take_in_turn(lanes, made)
    return lanes


def take_in_turn(lanes: Sequence[Lane], made: Iterator[Item]) -> None:
    """Give every lane the same batches, until the store of all items has all."""
    takers = [(lane, taker(lane)) for lane in lanes]
    for _, each in takers:
        next(each)
    for number in range(max(lane.batches for lane in lanes)):
        batch = list(islice(made, BATCH))
        for lane, each in takers[number % len(takers) :] + takers[: number % len(takers)]:
            if lane.way == OURS or number % PLAIN_EVERY == 0:
                each.send(batch)
    for _, each in takers:
        each.close()


def taker(lane: Lane) -> Generator[None, Batch, None]:
    """Takes every batch that is sent; where the size is reached, anew in a copy of the start."""
    while True:
        if lane.file != lane.start:
            shutil.copy(lane.start, lane.file)
        with OPENINGS[lane.way](lane.file) as write:
            try:
                for _ in range(lane.batches):
                    batch = yield
                    took = cpu_seconds(partial(write, batch))
                    lane.taken += 1
                    lane.seconds += took
                    lane.longest_s = max(lane.longest_s, took)
            finally:
                lane.seconds += cpu_seconds(partial(into_the_file, lane.file))


def into_the_file(path: Path) -> None:
    """Bring the write-ahead log into the file."""
    with contextlib.closing(connect(path)) as conn:
        conn.execute("PRAGMA wal_checkpoint")


def cpu_seconds(work: Callable[[], object]) -> float:
    """How much of the processor it takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def fill_ours(path: Path, more: Iterator[Item], chance: random.Random) -> None:
    """Add these items to the store with all that is read in them."""
    with open_store(path) as store:
        store.sync_config(config())
        while batch := list(islice(more, FILLING)):
            store.record([poll(batch, chance)], now=batch[-1].published_at or END)


@contextlib.contextmanager
def ours(path: Path) -> Iterator[Write]:
    """Items alone, through the store."""
    with open_store(path) as store:
        yield lambda batch: store.record([Poll(state=STATE, items=tuple(batch))], now=batch[-1].published_at or END)


def fill_plain(path: Path, more: Iterator[Item], count: int) -> None:
    """A plain table of the items, and nothing else of them, with search triggers."""
    with contextlib.closing(sqlite_utils.Database(path)) as db:
        table = db.table("items")
        first = next(more)
        table.insert(plain(first), pk="id")
        table.enable_fts(["title", "summary", "text"], create_triggers=True, tokenize="unicode61 remove_diacritics 2")
        table.insert_all(map(plain, islice(more, count - 1)))


@contextlib.contextmanager
def plainly(path: Path, *, bulk: bool) -> Iterator[Write]:
    """Through sqlite-utils."""
    with contextlib.closing(sqlite_utils.Database(path)) as db:
        db.enable_wal()
        db.conn.execute("PRAGMA synchronous = FULL")
        table = db.table("items", pk="id")

        def write(batch: Batch) -> None:
            with db.atomic():
                if bulk:
                    table.insert_all(map(plain, batch))
                else:
                    for item in batch:
                        table.insert(plain(item))

        yield write


OPENINGS: dict[str, Opening] = {OURS: ours, ROWS: partial(plainly, bulk=False), BULK: partial(plainly, bulk=True)}


def plain(item: Item) -> dict[str, str | None]:
    """An item as a row of a plain table."""
    return {"id": item.id, "source_id": item.source_id, "url": item.url, "title": item.title, "summary": item.summary,
            "text": item.text, "published_at": item.published_at and item.published_at.isoformat()}  # fmt: skip


def print_ingest(lanes: Sequence[Lane]) -> None:
    """A line for each way and size, beside our own of that size and of the smallest."""
    rates = {lane.size: lane.rate for lane in lanes if lane.way == OURS}
    print(f"{'way':<12} {'items':>10} {'a second':>9} {'longest write':>14}")
    for lane in lanes:
        ratio = f"{rates[lane.size] / (rates[min(rates)] if lane.way == OURS else lane.rate):.2f}"
        beside = f"{ratio} of its smallest" if lane.way == OURS else f"ours is {ratio} times that"
        print(f"{lane.way:<12} {lane.size:>10,} {lane.rate:>9,.0f} {1000 * lane.longest_s:>11,.0f} ms  {beside}")


# --- answering ---------------------------------------------------------------------------------------------------


def print_queries(path: Path) -> None:
    """Median and 95th percentile of every view and query, and of what the pipeline itself asks."""
    conn = connect(path, read_only=True)
    conn.create_function("escape_fts", 1, lambda text: f'"{text}"')
    chance = random.Random(3)
    print(f"\n{'asked':<34} {'median ms':>9} {'p95 ms':>9}  rows")
    for name, sql, parameters in asked_of(chance):
        took, rows = [], 0
        for _ in range(RUNS):
            values = parameters()
            start = time.perf_counter()
            rows = len(conn.execute(sql, values).fetchall())
            took.append(1000 * (time.perf_counter() - start))
        print(f"{name:<34} {statistics.median(took):>9.1f} {sorted(took)[int(RUNS * 0.95)]:>9.1f}  {rows}")
    conn.close()
    with open_store(path, read_only=True) as store:
        took = [milliseconds(lambda: store.beliefs([f"work-{chance.randrange(WORKS)}"])) for _ in range(RUNS)]
    print(f"{'Store.beliefs of one work':<34} {statistics.median(took):>9.1f} {sorted(took)[int(RUNS * 0.95)]:>9.1f}")


def milliseconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def asked_of(chance: random.Random) -> Iterator[tuple[str, str, Callable[[], dict[str, object]]]]:
    """What Datasette asks: a page of each view, the whole of each query with other arguments every time."""
    for view in query_texts("views"):
        order = f"ORDER BY {NEWEST_FIRST[view.name]} DESC" if view.name in NEWEST_FIRST else ""
        yield view.name, f'SELECT * FROM "{view.name}" {order} LIMIT 51', dict
        yield "  its rows, counted", f'SELECT count(*) FROM "{view.name}"', dict
    works = [f"work-{number}" for number in range(WORKS)]
    common = [f"{word}1" for word in WORDS]
    for query in query_texts("queries"):
        yield (
            query.name,
            query.sql,
            lambda: {
                "work": (work := chance.choice(works)),
                "slot": f"{work}/release_date/s{chance.randrange(1, 6)}/premiere",
                "day": (END - YEARS * chance.random()).date().isoformat(),
                "text": chance.choice(common),
            },
        )
    why = "SELECT * FROM why_do_we_believe_this WHERE slot_id = :slot LIMIT 51"
    yield "why_do_we_believe_this of a slot", why, lambda: {"slot": chance.randrange(1, 4000)}
    one = "SELECT * FROM {} WHERE work_id = :work ORDER BY {} DESC LIMIT 51"
    for view in ("known_about_a_work", "every_change", "release_date_history", "why_do_we_believe_this"):
        yield f"{view} of a work", one.format(view, NEWEST_FIRST[view]), lambda: {"work": chance.choice(works)}


if __name__ == "__main__":
    main()
