"""How long a digest takes: out of a store with a million items, and by itself from small and large day books.

    python -m benchmarks.digest [--items 1000000] [--file FILE]

The store holds two years of items of 1,000 sources, a date that was read in each, claims of three in ten, and facts
that remember what was believed before, of 200 works. A digest of each of thirty days is made from opening the store to
the last byte of the page; the parts are timed as well. All that on one core.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from alerts.calendar import release_calendar
from alerts.digest.html import render_html
from alerts.digest.markdown import render_markdown
from alerts.digest.model import Digest, build_digest
from alerts.digest.text import render_text
from alerts.feeds import atom
from alerts.tables import book_json, facts_csv
from benchmarks.made_up import END, config, items, poll
from benchmarks.store import options
from pipeline.rounds import digest_of
from storage.model import (
    ChangeKind,
    DayBook,
    DigestSettings,
    Fact,
    FetchState,
    Health,
    Past,
    Poll,
    Slot,
    Source,
    Unannounced,
)
from storage.store import open_store
from tests.daybooks import LOCAL_DATE, changes, daybook, facts, history, report, stories

CHANGES, WORKS, CLAIMS = 5_000, 200, 10_000
SOURCES = 1_000
DAYS = 30
DAY = dt.timedelta(days=1)
WANTED = DigestSettings(timezone="Europe/Berlin")


def main() -> None:
    """Print the tables of milliseconds."""
    asked = options(__doc__)
    print_parts()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder) / "store.db"
        if not path.exists():
            fill(path, asked.items)
        print_digests(path)


# --- out of a large store ----------------------------------------------------------------------------------------


def fill(path: Path, count: int) -> None:
    """A store of so many items, and of all that is read in them."""
    chance, made, ledger = random.Random(11), items(count, SOURCES), dict[Slot, Fact]()
    settings = config(SOURCES)
    with open_store(path) as store:
        store.sync_config(settings)
        while batch := list(islice(made, 1_000)):
            store.record([remembering(poll(batch, chance), ledger)], now=batch[-1].published_at or END)
        store.record([Poll(state=state_of(source, chance)) for source in settings.sources], now=END)


def remembering(made: Poll, ledger: dict[Slot, Fact]) -> Poll:
    """The poll with facts and changes that know what was believed before, and with the prints of a dozen claims."""
    found = []
    for fact in made.facts:
        before = ledger.get(fact.slot)
        past = before.past if before else ()
        if before:
            ended = Past(value=before.value, status=before.status, from_at=before.since_at, until_at=fact.since_at)
            past = (*past, ended)
        prints = tuple(f"{fact.since_at.timestamp():.0f}{n:02}" for n in range(12))
        ledger[fact.slot] = replace(fact, past=past[-8:], prints=prints[:3], heard=prints)
        found.append(ledger[fact.slot])
    moved = {fact.slot: fact.past[-1] for fact in found if fact.past}
    told = tuple(
        replace(change, kind=ChangeKind.MOVED_LATER, old=moved[change.slot].value) if change.slot in moved else change
        for change in made.changes
    )
    return replace(made, facts=tuple(found), changes=told)


def state_of(source: Source, chance: random.Random) -> FetchState:
    """Read within the last hour, but for one in fifty."""
    at = END - DAY * chance.random() / 24
    health = Health.OK if chance.random() < 0.98 else Health.BLOCKED
    return FetchState(source_id=source.id, url=source.url, health=health, last_success_at=at, last_new_item_at=at)


def print_digests(path: Path) -> None:
    """Median and 95th percentile of the whole digest, and of what it is made of."""
    with open_store(path, read_only=True) as store:
        reports = store.source_reports(END - DAY, END)
    end = max(report.state.last_success_at for report in reports if report.state.last_success_at)
    ends = [end - DAY * number for number in range(DAYS)]
    renderings: Mapping[str, Callable[[Digest], str]] = {
        "html": render_html,
        "markdown": render_markdown,
        "text": render_text,
    }

    def whole(days: int, render: Callable[[Digest], str], end: dt.datetime) -> None:
        with open_store(path, read_only=True) as store:
            render(digest_of(store, end - days * DAY, end, WANTED, local_date=end.date()))

    print(f"\n{'milliseconds: median, p95':<36}{'wall':>9} {'':>6}{'CPU':>9}")
    for days, word in ((1, "day"), (7, "week")):
        for name, render in renderings.items():
            print_times(f"{word} as {name}, opened to written", [partial(whole, days, render, end) for end in ends])
    with open_store(path, read_only=True) as store:
        print_times("  its day book alone", [partial(store.daybook, end - DAY, end, every_fact=False) for end in ends])
        print_times("  its sources alone", [partial(store.source_reports, end - DAY, end) for end in ends])


def print_times(name: str, works: list[Callable[[], object]]) -> None:
    """One line: what the clock says, and what the processor did, which a busy machine changes less."""
    walls, cpus = [], []
    for work in works:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        cpus.append(1000 * (time.process_time() - cpu))
        walls.append(1000 * (time.perf_counter() - wall))
    figures = (f"{statistics.median(took):>9.0f} {sorted(took)[int(len(took) * 0.95)]:>6.0f}" for took in (walls, cpus))
    print(f"{name:<36}" + "".join(figures), flush=True)


# --- by itself ---------------------------------------------------------------------------------------------------


def print_parts() -> None:
    """Building and rendering, without a store."""
    books = {"a real day": daybook(), "a large day": large_daybook()}
    steps: dict[str, Callable[[DayBook], object]] = {
        "build": built,
        "build + html": lambda book: render_html(built(book)),
        "build + markdown": lambda book: render_markdown(built(book)),
        "build + text": lambda book: render_text(built(book)),
        "ical": release_calendar,
        "atom": atom,
        "csv": facts_csv,
        "json": book_json,
    }
    print(f"{'':<18}" + "".join(f"{name:>14}" for name in books))
    for name, step in steps.items():
        times = [seconds(partial(step, book)) for book in books.values()]
        print(f"{name:<18}" + "".join(f"{1000 * each:>11.1f} ms" for each in times))


def large_daybook() -> DayBook:
    """5,000 changes, 2,000 facts of 200 works, 10,000 release-date claims, 1,000 stories, 500 sources."""
    book, slot = daybook(), facts()[0].slot
    works = tuple(replace(book.works[number % 2], id=f"w{number}", title=f"Work {number}") for number in range(WORKS))
    return replace(
        book,
        works=works,
        changes=tuple(
            replace(change, id=str(number), slot=replace(change.slot, work_id=f"w{number % WORKS}"))
            for number, change in ((n, changes()[n % 6]) for n in range(CHANGES))
        ),
        facts=tuple(
            replace(fact, slot=replace(fact.slot, work_id=f"w{number % WORKS}", season=number // WORKS))
            for number, fact in ((n, facts()[n % 4]) for n in range(2_000))
        ),
        unannounced=tuple(
            Unannounced(slot=replace(slot, work_id=f"w{n % WORKS}", season=50 + n), since_at=None, last_said_at=None)
            for n in range(1_000)
        ),
        history=tuple(
            replace(claim, work_id=f"w{number % WORKS}", source_id=f"s{number % 40}")
            for number, claim in ((n, history()[n % 13]) for n in range(CLAIMS))
        ),
        stories=tuple(replace(stories()[n % 2], title=f"Story {n}") for n in range(1_000)),
        sources=tuple(report(f"s{n}") for n in range(500)),
    )  # fmt: skip


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The best of several runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def built(book: DayBook) -> Digest:
    """The digest of the book."""
    return build_digest(book, timezone="Europe/Berlin", local_date=LOCAL_DATE)


if __name__ == "__main__":
    main()
