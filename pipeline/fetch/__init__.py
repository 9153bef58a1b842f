"""The only place that reads the network: polite polling, single documents, robots.txt, recordings.

What passes through: sources with their fetch states in, `Fetched | NotModified | Refused` out, each with the next
state. Parsing does not belong here. The names below that need httpx are imported when first used, so that importing
this package costs nothing; `politeness` and `walls` are pure and import as themselves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.fetch.client import Client, Limits, user_agent, utc_now
    from pipeline.fetch.guard import guarded_transport
    from pipeline.fetch.polling import Document, fetch_due, fetch_one
    from pipeline.fetch.recordings import Exchange, Recorder, ReplayTransport, iter_recording, read_recording
    from pipeline.fetch.robots import Robots

_HOME = {
    "Client": "client",
    "Limits": "client",
    "user_agent": "client",
    "utc_now": "client",
    "guarded_transport": "guard",
    "Document": "polling",
    "fetch_due": "polling",
    "fetch_one": "polling",
    "Exchange": "recordings",
    "Recorder": "recordings",
    "ReplayTransport": "recordings",
    "iter_recording": "recordings",
    "read_recording": "recordings",
    "Robots": "robots",
}

__all__ = [
    "Client",
    "Document",
    "Exchange",
    "Limits",
    "Recorder",
    "ReplayTransport",
    "Robots",
    "fetch_due",
    "fetch_one",
    "guarded_transport",
    "iter_recording",
    "read_recording",
    "user_agent",
    "utc_now",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
