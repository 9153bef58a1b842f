"""What tests of several corners ask for by name."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store
from tests import store_factories as make
from tests.receivers import Receiver, receiver


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is, or will be."""
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An empty store of the configuration that the factories speak of."""
    with make.begun(path) as opened:
        opened.sync_config(make.config())
        yield opened


@pytest.fixture
def here() -> Iterator[Receiver]:
    """A receiver in a thread of its own, for the command has an event loop of its own."""
    started: list[Receiver] = []
    ready, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with receiver() as one:
            started.append(one)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    yield started[0]
    over.set()
    thread.join()
