"""Parsing beside the libraries it stands on: the same entries as feedparser, articles beside trafilatura, and the cost.

    python benchmarks/parsing.py [FOLDER]

FOLDER is the unpacked source distribution of feedparser 6.0.14 (`pip download --no-deps --no-binary :all:
feedparser==6.0.14`), whose own test cases are then read by both. The article pages are those of tests/article_pages.py.
"""

from __future__ import annotations

import calendar
import datetime as dt
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import feedparser

from pipeline.parse import parse
from pipeline.parse.article import parse_article
from pipeline.parse.body import body_text
from pipeline.parse.sandbox import close_children, parse_safely
from pipeline.parse.words import tree
from storage.errors import ParseError
from tests.article_pages import PAGES, TEXT, TITLE, URL
from tests.feed_factories import NOW, entry, fetched, rss, source

FEED_URL = "https://desk.example/feed"
HEADERS = {"content-type": "application/xml", "content-location": FEED_URL}


def main() -> None:
    if len(sys.argv) > 1:
        compare_entries(Path(sys.argv[1]) / "tests")
    compare_articles()
    time_feeds()


def compare_entries(folder: Path) -> None:
    """Entries, ids, links and dates of feedparser's own cases: how many there are, and where we differ."""
    warnings.simplefilter("ignore")
    seen: Counter[str] = Counter()
    for path in sorted(path for path in folder.rglob("*") if path.suffix == ".xml"):
        body = path.read_bytes()
        told = feedparser.parse(
            body, response_headers={"content-type": "application/xml", "content-location": FEED_URL}
        )
        seen["files"] += 1
        try:
            items = parse(fetched(body, FEED_URL), source()).items
        except ParseError as error:
            seen["refused"] += 1
            print(f"  refused with {len(told.entries)} entries: {path.relative_to(folder)} ({error.reason[:60]})")
            continue
        seen["entries"] += len(told.entries)
        if len(items) != len(told.entries):
            print(f"  {len(items)} of {len(told.entries)} entries: {path.relative_to(folder)}")
            continue
        for item, wanted in zip(items, told.entries, strict=True):
            at = _time(wanted.get("published_parsed") or dict.get(wanted, "updated_parsed"))
            pairs = {"ids": (item.identity, wanted.get("id")), "links": (item.url, wanted.get("link"))}
            for name, (ours, theirs) in {**pairs, "dates": (item.published_at, at)}.items():
                if theirs:
                    seen[name] += 1
                if theirs and ours != theirs:
                    print(f"  {name}: {ours!r} for {theirs!r}: {path.relative_to(folder)}")
    print("feedparser's cases:", dict(seen))


def compare_articles() -> None:
    """Word F1 against the true text, and whether title and day are right, for each page and reader."""
    import trafilatura

    print(f"\n{'page':12} {'ours':>6} {'scorer':>6} {'trafil.':>7}   title and day: ours, trafilatura")
    for name, page in PAGES.items():
        article = parse_article(page.encode(), URL, {})
        theirs = trafilatura.bare_extraction(page, url=URL, include_comments=False, with_metadata=True)
        alone = tree(page)
        scores = (f1(article.text), f1(body_text(alone) if alone else ""), f1(theirs.text or "" if theirs else ""))
        ours_right = (article.title == TITLE, str(article.published_at)[:10] == "2026-03-02")
        theirs_right = (theirs.title == TITLE, theirs.date == "2026-03-02") if theirs else (False, False)
        print(f"{name:12} {scores[0]:6.3f} {scores[1]:6.3f} {scores[2]:7.3f}   {ours_right} {theirs_right}")
    pages = list(PAGES.values())
    ours = per_ms(lambda: [parse_article(page.encode(), URL, {}) for page in pages], len(pages))
    theirs_ms = per_ms(lambda: [trafilatura.bare_extraction(page, url=URL) for page in pages], len(pages))
    print(f"ms a page: ours {ours:.1f}, trafilatura {theirs_ms:.1f}")


def time_feeds() -> None:
    """Milliseconds for a feed of about 94 kB: feedparser as it comes, ours here, ours in a child."""
    html = "&lt;p&gt;" + "The network said on Monday that the season will premiere. " * 16 + "&lt;/p&gt;"
    made = (entry(f"No. {n}", f"https://desk.example/{n}", f"tag:{n}", description=html * 2) for n in range(45))
    body = rss(*made).encode()
    reading = fetched(body, FEED_URL)
    parse_safely(reading, source())
    print(f"\na feed of {len(body) / 1000:.0f} kB, ms: feedparser {per_ms(lambda: feedparser.parse(body)):.1f}, "
          f"ours {per_ms(lambda: parse(reading, source())):.1f}, "
          f"ours in a child {per_ms(lambda: parse_safely(reading, source())):.1f}")  # fmt: skip
    close_children()


def f1(found: str) -> float:
    ours, true = Counter(found.split()), Counter(TEXT.split())
    return 2 * (ours & true).total() / (ours.total() + true.total())


def per_ms(work: Callable[[], object], units: int = 1, repeats: int = 20) -> float:
    work()
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) * 1000 / repeats / units


def _time(parsed: time.struct_time | None) -> dt.datetime | None:
    at = dt.datetime.fromtimestamp(calendar.timegm(parsed), dt.UTC) if parsed else None
    return at if at is None or dt.datetime(1990, 1, 1, tzinfo=dt.UTC) <= at <= NOW + dt.timedelta(days=366) else None


if __name__ == "__main__":
    main()
