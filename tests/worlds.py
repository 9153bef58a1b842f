"""A world on loopback for tests of the whole: publishers, a receiver, a sources.yaml, a store and a clock.

    with World(tmp_path) as world:
        world.publish("desk", story("Harbour Nine returns"))
        looked, sent = world.round(hours=1)

The servers live in a thread of their own, so that rounds run in this process, in a child that is killed, or from the
command line. Every publisher has an address of its own, for hosts are asked one thing at a time.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import os
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import time_machine
from standardwebhooks import Webhook

from alerts.deliver import DeliveryReport
from pipeline.config import load_config
from pipeline.fetch import Client
from pipeline.rounds import Look, look, send
from pipeline.run import Watcher, watching
from storage.model import OutboxEntry
from storage.store import open_store
from tests.feed_factories import entry, rss
from tests.receivers import Received, Receiver, receiver
from tests.servers import Answer, Script, Server
from tests.store_factories import begun

START = dt.datetime(2025, 9, 1, 8, tzinfo=dt.UTC)
SECRET = "whsec_" + base64.b64encode(b"a secret of the test world").decode()

FRANCHISE = """\
franchises:
  - id: for-all-mankind
    title: For All Mankind
    works:
      - {id: for-all-mankind, title: For All Mankind, people: [Matt Wolpert, Ben Nedivi, Ronald D. Moore],
         known: {seasons: [1, 2, 3, 4]}}
      - {id: star-city, title: Star City, parent: for-all-mankind, companions: [For All Mankind, Apple, spin-off],
         people: [Matt Wolpert, Ben Nedivi, Ronald D. Moore]}
"""
ROUTES = """\
targets:
  - {id: hook, format: webhook, url: {env: HOOK_URL}, secret: {env: HOOK_SECRET}, allow_private: true}
routes:
  - {id: all, target: hook}
"""


class World:
    """Publishers by id, each a feed at `/feed` unless said otherwise; alerts go to `receiver`."""

    def __init__(self, folder: Path, *, publishers: tuple[str, ...] = ("desk", "wire"), more: str = "") -> None:
        self.folder, self.store_path, self.config_path = folder, folder / "store.db", folder / "sources.yaml"
        self.now = START
        self._watcher: tuple[str, Watcher] | None = None
        self._names, self._more = publishers, more
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._open = contextlib.AsyncExitStack()
        self.servers = {name: Server(host=f"127.0.0.{number}") for number, name in enumerate(publishers, start=11)}
        self.receiver: Receiver

    # --- what the world does

    def serve(self, publisher: str, script: Script, path: str = "/feed") -> None:
        """Answer like that from now on."""
        self.servers[publisher].script[path] = script

    def publish(self, publisher: str, *entries: str) -> None:
        """Serve a feed of these entries."""
        self.serve(publisher, Answer(body=rss(*entries).encode(), headers={"Content-Type": "application/rss+xml"}))

    def write_config(self, sources: str | None = None, *, franchise: str = FRANCHISE, routes: str = ROUTES) -> None:
        """Write sources.yaml; without `sources` every publisher is a trade feed asked every fifteen minutes."""
        lines = "".join(
            f"  - {{id: {name}, name: {name.title()}, kind: feed, tier: trade, interval: 15m, allow_private: true, "
            f'url: "{self.servers[name].url("/feed")}"}}\n'
            for name in self._names
        )
        self.config_path.write_text(f"{franchise}sources:\n{lines if sources is None else sources}{routes}{self._more}")

    # --- what is run

    def watcher(self) -> Watcher:
        """What sources.yaml says, ready to read with."""
        text = self.config_path.read_text()
        if self._watcher is None or self._watcher[0] != text:
            self._watcher = text, watching(load_config(self.config_path))
        return self._watcher[1]

    def use(self, watcher: Watcher) -> None:
        """Read with this one until sources.yaml is written again."""
        self._watcher = self.config_path.read_text(), watcher

    def round(
        self, *, hours: float = 1, sends: bool = True, checkpoint: Callable[[str], None] = lambda name: None
    ) -> tuple[Look, DeliveryReport | None]:
        """One round `hours` after the last, in this process."""
        self.now += dt.timedelta(hours=hours)
        return asyncio.run(self._round(sends, checkpoint))

    async def _round(self, sends: bool, checkpoint: Callable[[str], None]) -> tuple[Look, DeliveryReport | None]:
        watcher, clock = self.watcher(), lambda: self.now
        with begun(self.store_path) as store:
            async with Client(clock=clock, gap_s=0) as client:
                looked = await look(watcher, store, client=client, clock=clock, checkpoint=checkpoint)
            sent = await send(watcher.config, store, clock=clock, checkpoint=checkpoint) if sends else None
        return looked, sent

    def alerts(self) -> list[OutboxEntry]:
        """The outbox, oldest first."""
        with open_store(self.store_path, read_only=True) as store:
            return store.alerts(limit=10_000)[::-1]

    def verified(self) -> list[dict[str, Any]]:
        """What the receiver got, each verified by the official library at the time it was sent."""
        return [_verified(one) for one in self.receiver.received]

    # --- its life

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run that where the servers live."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def __enter__(self) -> Self:
        self._thread.start()
        for server in self.servers.values():
            self.do(self._open.enter_async_context(server))
        self.receiver = self.do(self._open.enter_async_context(receiver()))
        os.environ |= {"HOOK_URL": f"{self.receiver.url}/hook", "HOOK_SECRET": SECRET}
        self.write_config()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(self._open.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for name in ("HOOK_URL", "HOOK_SECRET"):
            os.environ.pop(name, None)


def _verified(request: Received) -> dict[str, Any]:
    with time_machine.travel(int(request.headers["webhook-timestamp"])):
        event: dict[str, Any] = Webhook(SECRET).verify(request.body, dict(request.headers))
    return event


def story(title: str, text: str = "", *, at: dt.datetime = START, number: int | None = None) -> str:
    """One entry of a feed, published at `at`; its identity follows from `number` or the title."""
    key = title.casefold().replace(" ", "-") if number is None else str(number)
    return entry(title, f"https://news.example/{key}", key, pubDate=f"{at:%a, %d %b %Y %H:%M:%S} GMT", description=text)
