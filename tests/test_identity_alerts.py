"""The twelve mutations over fifty feeds, from the answer to the outbox: nothing twice, no news missed."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from pipeline.fetch import Client
from pipeline.run import CycleReport, Watcher, run_cycle, watching
from storage.model import (
    Config,
    Franchise,
    Item,
    Kind,
    Route,
    SecretRef,
    Source,
    SourceKind,
    Target,
    Tier,
    Work,
)
from storage.store import Store, open_store
from tests.feed_factories import entry, rss
from tests.test_identity import FEEDS, ITEMS, MUTATIONS, Draft, draft, item

START = dt.datetime(2026, 10, 1, 8, tzinfo=dt.UTC)
FIRST = ("Silver", "Copper", "Velvet", "Marble", "Winter", "Hollow", "Crimson", "Paper", "Northern", "Gilded")
LAST = ("Lantern", "Orchard", "Causeway", "Regiment", "Almanac")
TITLES = [f"{first} {last}" for first in FIRST for last in LAST]


class Publishers(httpx.AsyncBaseTransport):
    """Fifty sites, each with a feed of drafts."""

    def __init__(self) -> None:
        self.feeds: list[Draft] = [draft(number) for number in range(FEEDS)]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number = int(request.url.path.removeprefix("/feed/"))
        entries = (_entry(one) for one in self.feeds[number])
        return httpx.Response(200, stream=httpx.ByteStream(rss(*entries).encode()))


def _entry(one: Item) -> str:
    assert one.url
    assert one.published_at
    dated = {"pubDate": f"{one.published_at:%a, %d %b %Y %H:%M:%S} GMT"}
    return entry(one.title, one.url, one.identity or None, **dated)


def watcher() -> Watcher:
    """A followed work for each feed; only dates are told."""
    target = Target(id="hook", format="webhook", url=SecretRef(env="NO_SUCH_HOOK"), optional=True)
    works = tuple(Work(id=f"w{n}", franchise_id="all", title=title) for n, title in enumerate(TITLES))
    sources = tuple(
        Source(
            id=f"s{n}", name=f"Site {n}", kind=SourceKind.FEED, url=f"https://site{n}.example/feed/{n}", tier=Tier.TRADE
        )
        for n in range(FEEDS)
    )
    route = Route(id="dates", target=target, kinds=(Kind.RELEASE_DATE,))
    return watching(
        Config(franchises=(Franchise(id="all", title="All", works=works),), sources=sources, routes=(route,))
    )


def news(number: int, step: int, at: dt.datetime) -> Item:
    title = f"{TITLES[number]} season {step + 1} premieres on March {step}, 2027, the network announced"
    url = f"https://www.site{number}.example/tv/2026/{step}-news/"
    return item(identity=f"news-{step}", url=url, title=title, published_at=at)


def changed(mutation: str, items: Sequence[Item]) -> Draft:
    return MUTATIONS[mutation](tuple(dataclasses.replace(one) for one in items))


def cycle(watch: Watcher, store: Store, publishers: Publishers, now: dt.datetime) -> CycleReport:
    async def go() -> CycleReport:
        async with Client(transport=publishers, clock=lambda: now, gap_s=0) as client:
            return await run_cycle(watch, store, client=client, clock=lambda: now)

    return asyncio.run(go())


@pytest.mark.soak
def test_of_mutated_feeds_only_what_is_new_is_told_and_all_of_that(tmp_path: Path) -> None:
    publishers, watch, now = Publishers(), watcher(), START
    pieces: list[Draft] = list(publishers.feeds)
    with open_store(tmp_path / "store.db") as store:
        assert cycle(watch, store, publishers, now).first_looks == FEEDS
        assert store.alerts(limit=1) == []
        for step, mutation in enumerate(MUTATIONS, start=1):
            now += dt.timedelta(hours=3)
            pieces = [(news(number, step, now), *known) for number, known in enumerate(pieces)]
            publishers.feeds = [changed(mutation, known) for known in pieces]
            report = cycle(watch, store, publishers, now)
            assert (report.polled, report.messages, report.failures) == (FEEDS, FEEDS, {}), mutation
            assert len(store.items()) == FEEDS * (ITEMS + step), mutation
        told = Counter(alert.message.summary for alert in store.alerts(limit=10_000))
        assert len(told) == FEEDS * len(MUTATIONS)
        assert max(told.values()) == 1
