"""What a message says (`Notice`) and the shapes it is said in: one module a format, each escaping for its own place.

A format module has `CONTENT_TYPE` and `render(notice, options) -> bytes | None`. None says that a notice of several
entries is too long for one message there; a notice of one always fits, cut where it must be. `LIMITS` of the platforms
stand in their modules. Formats are imported when they are used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

FORMATS = ("webhook", "discord", "slack", "teams", "telegram", "ntfy", "email", "apprise")

REQUIRED_OPTIONS: Mapping[str, tuple[str, ...]] = {"telegram": ("chat_id",), "email": ("to",)}
"""What `options` of a target must hold, by format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One of several changes told in one message."""

    summary: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one message says, as clean plain text on single lines (`alerts.clean`), not yet escaped for any place."""

    id: str
    created_at: dt.datetime
    summary: str
    """The first line: what a phone shows while it is locked."""
    event: Mapping[str, object]
    """The same for programs: the JSON body of a generic webhook."""
    rows: tuple[tuple[str, str], ...] = ()
    """Label and words."""
    sentence: str | None = None
    url: str | None = None
    entries: tuple[Entry, ...] = ()
    """Filled where one message stands for several changes."""


class Format(Protocol):
    """What a module of this package offers."""

    CONTENT_TYPE: str

    def render(self, notice: Notice, options: Mapping[str, str]) -> bytes | None:
        """The body for one target, or None where several entries do not fit into one message."""


def load(name: str) -> Format:
    """The module of a format in `FORMATS`; KeyError for any other name."""
    if name not in FORMATS:
        raise KeyError(name)
    return cast(Format, import_module(f"alerts.formats.{name}"))
