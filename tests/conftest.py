"""What tests of several corners ask for by name."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.receivers import Receiver, receiver


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
