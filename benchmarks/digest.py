"""How long a digest takes: building and rendering a large day book, beside the realistic one.

Run: python -m benchmarks.digest
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from alerts.calendar import release_calendar
from alerts.digest.html import render_html
from alerts.digest.markdown import render_markdown
from alerts.digest.model import Digest, build_digest
from alerts.digest.text import render_text
from alerts.feeds import atom
from alerts.tables import book_json, facts_csv
from storage.model import DayBook, Unannounced
from tests.daybooks import LOCAL_DATE, changes, daybook, facts, history, report, stories

CHANGES, WORKS, CLAIMS = 5_000, 200, 10_000


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


def main() -> None:
    """Print a table of milliseconds."""
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


if __name__ == "__main__":
    main()
