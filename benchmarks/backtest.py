"""How long a history takes: a hundred thousand items, few of which name a followed work, from a store and from a file.

    python benchmarks/backtest.py [--items 100000] [--telling 0.01] [--profile]

An item has a headline, a summary and 4.5 kB of text in invented words, as most of what a watch reads; the share
`--telling` announces, repeats or moves a date. Reported is time on the clock and on the CPU (on a busy machine the
second counts), and with `--profile` where it goes.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import itertools
import pstats
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.cli.backtest import beliefs_of, replay
from pipeline.config import watch_config
from pipeline.run import watching
from storage.model import Config, FetchState, Item, Poll, Source, SourceKind, Tier
from storage.store import open_store

START = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
SOURCE = Source(id="gazette", name="Gazette", kind=SourceKind.FEED, url="https://gazette.example/f", tier=Tier.TRADE)
TEXT = (
    "the crew of a harbour town and its keeper meet a stranger who brings news from the north while an old ship waits "
    "in the fog for orders that never come because nobody there remembers who gave them or why it would matter now"
)
NEWS = (
    "{title} season {n} premieres {month} {day}, {year}, the network announced.",
    "{title} has been renewed for season {n}.",
    "{title} season {n} has been pushed back to {month} {day}, {year}.",
    "Is {title} the best show of the year? Everything we know so far.",
)
MONTHS = ("March", "April", "May", "September", "October")
TITLES = [f"{first} {second}" for first in ("Harbour", "Lantern", "Copper", "Winter") for second in ("Nine", "Street")]


def main() -> None:
    """Print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--telling", type=float, default=0.01)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    config = watch_config([{"title": title} for title in TITLES])
    watcher = watching(config)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        began = time.perf_counter()
        written = fill(path, items(options.items, options.telling))
        print(f"written   {written:>9,} items in {time.perf_counter() - began:6.1f} s (not part of a backtest)")
        with open_store(path, read_only=True) as store:
            began = time.perf_counter()
            count = sum(1 for _ in store.history())
            print(f"from disk {count:>9,} items in {time.perf_counter() - began:6.1f} s")
            profile = cProfile.Profile()
            if options.profile:
                profile.enable()
            began, cpu = time.perf_counter(), time.process_time()
            alerts = sum(1 for _ in replay(store.history(), watcher, beliefs_of(config, None)))
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            profile.disable()
    print(f"backtest  {count:>9,} items in {seconds:6.1f} s, of which {cpu:.1f} s of CPU; {alerts} alerts")
    if options.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(18)


def items(count: int, telling: float) -> Iterator[Item]:
    """A history, oldest first, the same at every run."""
    chance = random.Random(7)
    body = list(itertools.islice(itertools.cycle(TEXT.split()), 60))
    for number in range(count):
        chance.shuffle(body)
        sentence = " ".join(body[:18]).capitalize() + ". "
        title = " ".join(body[20:28]).capitalize()
        if chance.random() < telling:
            title = chance.choice(NEWS).format(
                title=chance.choice(TITLES), n=chance.randint(2, 5), month=chance.choice(MONTHS),
                day=chance.randint(1, 28), year=2027,
            )  # fmt: skip
        yield Item(
            source_id=SOURCE.id,
            identity=str(number),
            url=f"https://gazette.example/{number}",
            title=title,
            summary=sentence,
            text="\n\n".join([sentence * 6] * 7),
            published_at=START + dt.timedelta(minutes=8 * number),
            content_hash=str(number),
        )


def fill(path: Path, history: Iterator[Item]) -> int:
    """Write the items into a new store without reading them."""
    written = 0
    with open_store(path) as store:
        store.sync_config(Config(franchises=(), sources=(SOURCE,)))
        for some in _batched(history, 2000):
            state = FetchState(source_id=SOURCE.id, url=SOURCE.url, baseline_done=True)
            store.record([Poll(state=state, items=tuple(some))], now=START + dt.timedelta(seconds=written))
            written += len(some)
    return written


def _batched(history: Iterator[Item], size: int) -> Iterator[list[Item]]:
    while some := list(itertools.islice(history, size)):
        yield some


if __name__ == "__main__":
    main()
