"""Feeds, sources and bodies for the tests of parsing: sensible defaults, everything by keyword."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from pipeline.parse import Parsed, parse
from storage.model import Fetched, FetchState, Item, Selectors, Source, SourceKind, Tier

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def source(kind: SourceKind = SourceKind.FEED, **fields: object) -> Source:
    known: dict[str, object] = {"id": "desk", "name": "Desk", "url": "https://desk.example/feed", "tier": Tier.PRESS}
    return Source(kind=kind, **{**known, **fields})  # type: ignore[arg-type]


def fetched(body: bytes, url: str = "https://desk.example/feed", headers: Mapping[str, str] | None = None) -> Fetched:
    return Fetched(
        source_id="desk", url=url, status_code=200, headers=headers or {}, body=body, fetched_at=NOW,
        state=FetchState(source_id="desk", url=url),
    )  # fmt: skip


def read(body: bytes | str, **how: object) -> Parsed:
    """The parsed feed of those bytes."""
    return parse(fetched(body.encode() if isinstance(body, str) else body, **how), source())  # type: ignore[arg-type]


def entry(title: str = "A title", link: str = "https://desk.example/a", guid: str | None = "a-1", **more: str) -> str:
    """One RSS item; `more` are further elements, `pubDate="…"` for one."""
    parts = {
        "title": escape(title),
        "link": escape(link),
        **({"guid": escape(guid)} if guid is not None else {}),
        **more,
    }
    return "<item>" + "".join(f"<{name}>{text}</{name.split()[0]}>" for name, text in parts.items()) + "</item>"


def rss(*entries: str, channel: str = "", declared: str = "") -> str:
    return (
        f'<?xml version="1.0"{declared}?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Desk</title><link>https://desk.example/</link>{channel}{''.join(entries)}</channel></rss>"
    )


def page(body: str, selectors: Mapping[str, str] | None = None, **fields: object) -> tuple[Item, ...]:
    chosen = Selectors(**selectors) if selectors else None
    watched = source(SourceKind.PAGE, selectors=chosen, **fields)
    return parse(fetched(body.encode(), url="https://desk.example/news/"), watched).items


def identities(items: Iterable[Item]) -> list[str]:
    return [item.identity for item in items]
