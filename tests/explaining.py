"""What the tests of the commands that explain are made of: a small sources.yaml, texts, a store that has read some."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.compare import Beliefs
from pipeline.config import load_config
from pipeline.run import Watcher, begin, compose, judge, understand, watching
from storage.model import FetchState, Health, Item, Poll
from storage.store import Store
from tests.store_factories import begun

SOURCES_YAML = """\
franchises:
  - id: harbour
    title: Harbour
    works:
      - {id: harbour-nine, title: Harbour Nine, known: {seasons: [1, 2]}}
      - {id: lantern-street, title: Lantern Street, parent: harbour-nine}
sources:
  - {id: gazette, name: The Gazette, kind: feed, url: "https://gazette.example/feed", tier: trade}
  - {id: herald, name: The Herald, kind: feed, url: "https://herald.example/feed", tier: press}
targets:
  - {id: hook, format: webhook, url: {env: NO_SUCH_HOOK}, optional: true}
routes:
  - {id: premieres, target: hook, roles: [premiere]}
"""
NOW = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
ANNOUNCED = "Harbour Nine season 3 premieres March 4, 2027, the network announced."
FINALE = "The season 3 finale of Harbour Nine airs on May 29, 2027."
MOVED = "Harbour Nine season 3 has been pushed back to April 8, 2027."
NOTHING_YET = "Lantern Street has no release date yet."


def write_config(folder: Path, text: str = SOURCES_YAML) -> Path:
    """A sources.yaml."""
    path = folder / "sources.yaml"
    path.write_text(text)
    return path


def piece(number: int, title: str, source_id: str = "gazette", at: dt.datetime = NOW, **more: object) -> Item:
    """An item that a feed brought."""
    url = f"https://{source_id}.example/{number}"
    plain = {"keys": (f"url:{url}",), "content_hash": title, "published_at": at}
    return Item(source_id=source_id, identity=f"n{number}", url=url, title=title, **{**plain, **more})  # type: ignore[arg-type]


def read_in(store: Store, watcher: Watcher, items: list[Item], *, now: dt.datetime, baseline: bool = False) -> None:
    """Record one poll of one source as a cycle does."""
    begin(watcher, store, now=now)
    source = watcher.sources[items[0].source_id]
    understood = [understand(item, watcher.watch, tier=source.tier, seen_at=now) for item in items]
    claims = [claim for _, found in understood for claim in found]
    beliefs = Beliefs(store.beliefs(work.id for work in watcher.config.works).values())
    ledger = judge(claims, beliefs, watcher, baseline=baseline)
    state = FetchState(
        source_id=source.id,
        url=source.url,
        health=Health.OK,
        last_attempt_at=now,
        last_success_at=now,
        last_new_item_at=now,
        baseline_done=True,
    )
    poll = Poll(
        state=state,
        items=tuple(items),
        mentions={item.id: reading.mentions for item, (reading, _) in zip(items, understood, strict=True)},
        claims=tuple(claims),
        facts=ledger.facts,
        changes=ledger.changes,
        messages=compose(ledger.changes, watcher, items, now=now),
    )
    store.record([poll], now=now)


def days(number: int) -> dt.datetime:
    """So many days after the first news."""
    return NOW + dt.timedelta(days=number)


def history(store_path: Path, watcher: Watcher) -> None:
    """A year's beginning: an import, an announcement, its rewrite, a finale, nothing yet, and a delay."""
    with begun(store_path) as store:
        old = piece(1, "Harbour Nine has been renewed for season 3.", at=days(-30))
        read_in(store, watcher, [old], now=days(-1), baseline=True)
        herald = piece(2, "A new cookery show arrives.", "herald", at=days(-9))
        read_in(store, watcher, [herald], now=days(-1), baseline=True)
        read_in(store, watcher, [piece(3, ANNOUNCED, at=days(0))], now=days(0))
        read_in(store, watcher, [piece(4, ANNOUNCED, "herald", at=days(1))], now=days(1))
        read_in(store, watcher, [piece(5, FINALE, at=days(2))], now=days(2))
        read_in(store, watcher, [piece(6, NOTHING_YET, "herald", at=days(3))], now=days(3))
        read_in(store, watcher, [piece(7, MOVED, at=days(14))], now=days(14))


class World:
    """A folder with sources.yaml and a store, and the command line over them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config_path = write_config(folder)
        self.store_path = folder / "franchise-watch.db"
        self.folder = folder
        self.errors = ""
        """What the last command wrote to standard error."""
        self._capsys = capsys

    @property
    def watcher(self) -> Watcher:
        """The configuration made ready."""
        return watching(load_config(self.config_path))

    def with_history(self) -> World:
        """The same, having lived through `history`."""
        history(self.store_path, self.watcher)
        return self

    def says(self, *arguments: str, code: int = 0) -> str:
        """What the command writes to standard output; its exit code must be `code`."""
        self._capsys.readouterr()
        answered = main(["--config", str(self.config_path), *arguments])
        out = self._capsys.readouterr()
        assert answered == code, out.err
        self.errors = out.err
        return out.out

    def rewrite(self, edit: Callable[[str], str]) -> Path:
        """sources.yaml as `edit` leaves it."""
        self.config_path.write_text(edit(self.config_path.read_text()))
        return self.config_path
