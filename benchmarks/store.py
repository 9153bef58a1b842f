"""How fast the store takes items in and answers, from ten thousand items to a million, on one core.

    python -m benchmarks.store [--items 1000000] [--file FILE]

Ingest: the last new items before each size (half of them, 65,500 at most: the index of names is put in order once in so
many) with full-text search on, through `Store.record`, into a store that is otherwise full of mentions, claims and
facts; beside them the same items through sqlite-utils with its search triggers, row by row and in its bulk inserts, all
durable (WAL, synchronous=FULL), in the same transactions, and with the write-ahead log brought into the file before and
after. The times are CPU seconds of one core.

Then every view and query, as Datasette asks it: median and 95th percentile of thirty runs.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import sqlite_utils

from storage.connection import connect
from storage.datasette.definition import NEWEST_FIRST
from storage.model import (
    Change,
    ChangeKind,
    Claim,
    Config,
    Fact,
    FetchState,
    Franchise,
    Item,
    Kind,
    Mention,
    Message,
    PartialDate,
    Poll,
    Source,
    SourceKind,
    Status,
    Tier,
    Value,
    Work,
)
from storage.store import open_store
from storage.texts import query_texts

BATCH = 500
WORKS, SOURCES = 200, 50
END = dt.datetime.now(dt.UTC).replace(microsecond=0)
YEARS = dt.timedelta(days=730)
STEPS = (10_000, 100_000, 1_000_000)
MEASURED = 65_500
RUNS = 30
STATE = FetchState(source_id="source-0", url="https://s0.example/feed")


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
            ours = ingest_ours(path, asked.items)
            few = min(asked.items, 100_000)
            ways = [ingest_plain(Path(folder) / f"plain{bulk}.db", few, bulk=bulk) for bulk in (False, True)]
            print_ingest(ours, *ways)
        print_queries(path)


# --- a made-up world ---------------------------------------------------------------------------------------------

_WORDS = [
    f"{a}{b}{c}"
    for a in ("har", "lan", "sto", "mir", "qua")
    for b in ("bo", "te", "ri", "va")
    for c in ("ur", "rn", "ml", "st", "ne", "x")
]


def words(chance: random.Random, count: int) -> str:
    """Words of which some are common and most are rare, as in any language."""
    return " ".join(f"{chance.choice(_WORDS)}{int(chance.paretovariate(0.6)) % 5000 or ''}" for _ in range(count))


def config(count: int = SOURCES) -> Config:
    """Two hundred works and so many sources."""
    works = tuple(Work(id=f"work-{n}", title=f"Work {n}", franchise_id="all") for n in range(WORKS))
    tiers = list(Tier)
    sources = tuple(
        Source(
            id=f"source-{n}",
            name=f"Source {n}",
            kind=SourceKind.FEED,
            url=f"https://s{n}.example/feed",
            tier=tiers[n % 5],
        )
        for n in range(count)
    )
    return Config(franchises=(Franchise(id="all", title="All", works=works),), sources=sources)


def items(count: int, sources: int = SOURCES) -> Iterator[Item]:
    """Items spread evenly over two years and the sources."""
    chance = random.Random(7)
    for number in range(count):
        source = f"source-{number % sources}"
        yield Item(
            source_id=source,
            identity=f"urn:example:{number}",
            url=f"https://{source}.example/2027/{number}",
            title=words(chance, 8),
            summary=words(chance, 30),
            text=words(chance, 60),
            published_at=END - YEARS + YEARS * (number / count),
            keys=(f"guid:urn:example:{number}", f"url:https://{source}.example/2027/{number}"),
            content_hash=f"{number:064x}",
        )


def mention(item: Item) -> Mention:
    """A date that was read in it."""
    return Mention(kind=Kind.RELEASE_DATE, rule="release_date.made_up", sentence=item.summary[:120], start=0, end=20,
                   field="summary", paragraph=1, works=("work-1",))  # fmt: skip


def claim(item: Item, chance: random.Random) -> Claim:
    """One of some five thousand questions about dates and people, answered in one of a few ways or with nothing."""
    day = dt.date(2027, 1, 1) + dt.timedelta(days=7 * int(chance.paretovariate(1.2)) % 700)
    casting = chance.random() < 0.2
    null = not casting and chance.random() < 0.1
    season = chance.randrange(1, 6)
    return Claim(
        item_id=item.id, source_id=item.source_id, tier=Tier.PRESS, url=item.url, claimed_at=item.published_at or END,
        work_id=f"work-{chance.randrange(WORKS)}", kind=Kind.CASTING if casting else Kind.RELEASE_DATE, season=season,
        role=None if casting else chance.choice(("premiere", "finale", "teaser", "theatrical", "streaming")),
        person=f"Person {chance.randrange(20)}" if casting else None,
        action=chance.choice(("joins", "returns", "exits", "in_talks")) if casting else None,
        status=chance.choice((Status.CONFIRMED, Status.CONFIRMED, Status.REPORTED, Status.RUMOURED)),
        sentence=item.summary[:120], rule="made_up", null=null,
        date=None if null or casting else PartialDate(edtf=day.isoformat(), earliest=day, latest=day),
    )  # fmt: skip


def fact(said: Claim) -> Fact:
    """What is believed after it."""
    return Fact(
        slot=said.slot,
        value=Value(date=said.date, action=said.action),
        status=said.status,
        tier=said.tier,
        since_at=said.claimed_at,
        last_claimed_at=said.claimed_at,
        origins=(said.source_id,),
    )


def change(said: Claim) -> Change:
    """The move to it."""
    new = Value(date=said.date, action=said.action)
    return Change(id=f"{said.slot.id}:{said.item_id}", kind=ChangeKind.ANNOUNCED, slot=said.slot, old=None, new=new,
                  status=said.status, claim=said, at=said.claimed_at)  # fmt: skip


def message(told: Change) -> Message:
    """The alert of it."""
    return Message(id=f"{told.id}.all", route_id="all", target_id="hook", format="webhook", body=b"{}",
                   content_type="application/json", change_ids=(told.id,), created_at=told.at, not_before_at=told.at,
                   summary=told.claim.sentence)  # fmt: skip


def poll(batch: Sequence[Item], chance: random.Random) -> Poll:
    """Three items in ten claim something, one claim in ten moves a fact."""
    claims = [claim(item, chance) for item in batch if chance.random() < 0.3]
    moved = [said for said in claims if chance.random() < 0.1]
    changes = tuple(change(said) for said in moved if not said.null)
    return Poll(
        state=STATE,
        items=tuple(batch),
        mentions={item.id: (mention(item),) for item in batch},
        claims=tuple(claims),
        facts=tuple(map(fact, moved)),
        changes=changes,
        messages=tuple(map(message, changes)),
    )


# --- taking in ---------------------------------------------------------------------------------------------------

Write = Callable[[Sequence[Item]], object]


def ingest_ours(path: Path, count: int) -> dict[int, float]:
    """Items a second at each size; the store is filled with all that is read in items on the way."""
    chance = random.Random(11)
    with open_store(path) as store:
        store.sync_config(config())

        def write(batch: Sequence[Item]) -> None:
            store.record([Poll(state=STATE, items=tuple(batch))], now=batch[-1].published_at or END)

        def fill(batch: Sequence[Item]) -> None:
            store.record([poll(batch, chance)], now=batch[-1].published_at or END)

        return rates(path, count, write, fill=fill)


def ingest_plain(path: Path, count: int, *, bulk: bool) -> dict[int, float]:
    """The same items, and nothing else of them, through sqlite-utils with search triggers."""
    db = sqlite_utils.Database(path)
    db.enable_wal()
    db.conn.execute("PRAGMA synchronous = FULL")
    first = next(items(1))
    table = db.table("items", pk="id")
    table.insert(plain(first), pk="id")
    table.enable_fts(["title", "summary", "text"], create_triggers=True, tokenize="unicode61 remove_diacritics 2")
    table.delete(first.id)

    def write(batch: Sequence[Item]) -> None:
        with db.atomic():
            if bulk:
                table.insert_all(map(plain, batch), pk="id")
            else:
                for item in batch:
                    table.insert(plain(item), pk="id")

    found = rates(path, count, write, fill=lambda batch: table.insert_all(map(plain, batch), pk="id"))
    db.close()
    return found


def plain(item: Item) -> dict[str, str | None]:
    """An item as a row of a plain table."""
    return {"id": item.id, "source_id": item.source_id, "url": item.url, "title": item.title, "summary": item.summary,
            "text": item.text, "published_at": item.published_at and item.published_at.isoformat()}  # fmt: skip


def rates(path: Path, count: int, write: Write, *, fill: Write) -> dict[int, float]:
    """Items a second that `write` takes in at each size; `fill` brings the table there."""
    made, found, there = items(count), {}, 0
    with contextlib.closing(connect(path)) as conn:
        for step in sorted({step for step in STEPS if step < count} | {count}):
            measured = min(MEASURED, step // 2)
            while there < step - measured:
                there += BATCH
                fill(list(islice(made, BATCH)))
            batches = [list(islice(made, BATCH)) for _ in range(measured // BATCH)]
            conn.execute("PRAGMA wal_checkpoint")
            start = time.process_time()
            for batch in batches:
                write(batch)
            conn.execute("PRAGMA wal_checkpoint")
            found[step] = measured / (time.process_time() - start)
            there = step
    return found


def print_ingest(ours: dict[int, float], rows: dict[int, float], bulk: dict[int, float]) -> None:
    """A line for each size, the plain ways as far as they were waited for."""
    print(f"{'items':>10} {'ours/s':>9} {'row by row/s':>13} {'ratio':>6} {'bulk/s':>9} {'ratio':>6}")
    for step, rate in ours.items():
        others = "".join(
            f" {way[step]:>{width},.0f} {rate / way[step]:>6.1f}"
            for way, width in ((rows, 13), (bulk, 9))
            if step in way
        )
        print(f"{step:>10,} {rate:>9,.0f}{others}")


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
    common = [f"{word}1" for word in _WORDS]
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
