"""The store's pages in a real headless Chromium: nothing that was read runs, nothing is loaded from elsewhere.

Chromium must be installed.
"""

from __future__ import annotations

import datetime as dt
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from storage.model import Poll
from storage.store import open_store
from tests import store_factories as make
from tests.attacks import RUN, attacks
from tests.chromium import program
from tests.test_store_cli import BROWSE, ROOT

pytestmark = pytest.mark.browser

PAGES = (
    *("", "works/harbour-nine", "watch/every_change?_size=1000", "watch/items?_size=1000", "watch/search?text=quay"),
    *("watch/why_do_we_believe_this?_size=1000", "watch/warnings?_size=1000"),
)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions", "--virtual-time-budget=3000"),
)


class Elsewhere:
    """A port on which nobody should knock; `knocks` counts those who did."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.knocks = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                self.listener.accept()[0].close()
            except OSError:
                return
            self.knocks += 1


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    port = Elsewhere()
    yield port
    port.listener.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> Iterator[str]:
    """The address of a store in which every text is an attack."""
    path, today = tmp_path_factory.mktemp("site") / "watch.db", dt.datetime.now(dt.UTC)
    make.fill(path, today)
    with open_store(path) as store:
        # What is no Unicode (lone surrogates) is taken out by the parser and cannot be stored.
        possible = [
            attack for attack in attacks(elsewhere.address) if attack.encode("utf-8", "ignore").decode() == attack
        ]
        store.record([attacked(number, attack, today) for number, attack in enumerate(possible, start=10)], now=today)
    command = [sys.executable, "-c", BROWSE, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        yield served.stdout.readline().split()[0]
        served.terminate()


def attacked(number: int, attack: str, today: dt.datetime) -> Poll:
    """A piece that is nothing but an attack, and all that may come of it."""
    piece = make.item(number, title=f"quay {attack}", summary=attack, text=attack, url=f"javascript:{RUN}")
    said = make.claim(piece, "2027-03-04", sentence=attack, url=piece.url, claimed_at=today, attributed_to=attack)
    change = make.change(said, id=f"attack-{number}", note=attack)
    return make.poll(piece, claims=(said,), changes=(change,), warnings=(attack,))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page or "front")
def test_nothing_that_was_read_runs_or_loads(site: str, elsewhere: Elsewhere, tmp_path: Path, page: str) -> None:
    command = [program(), *FLAGS, f"--user-data-dir={tmp_path}/profile", "--dump-dom", site + page]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "EXECUTED" not in re.search("<title>(.*?)</title>", shown, re.DOTALL)[1]  # type: ignore[index]
    assert elsewhere.knocks == 0
    links = [node.attributes for node in LexborHTMLParser(shown).css("[href], [src]")]
    addresses = [(link.get("href") or link.get("src") or "").strip().lower() for link in links]
    assert not [address for address in addresses if address.startswith(("javascript:", "data:", "vbscript:"))]
