"""The client of a command that asks an address which a person typed: what hosts told the watch binds it too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.fetch import Client
    from storage.model import Config

HOW_TO_ALLOW = "say --allow-private"
"""What opens one's own network on the command line, where sources.yaml has `allow_private: true`."""


def client_for(config: Config, store_path: Path, *, remedy: str | None = None) -> Client:
    """A client that leaves alone the hosts that asked for quiet, as the store remembers them."""
    from pipeline.fetch import Client
    from pipeline.fetch.politeness import holds
    from storage.store import open_store

    client = Client(contact_url=config.contact_url, remedy=remedy)
    if store_path.exists():
        with open_store(store_path, read_only=True) as store:
            states = store.fetch_states(config.sources).values()
        for host, until_at in holds(states, client.clock()).items():
            client.hold(host, until_at)
    return client
