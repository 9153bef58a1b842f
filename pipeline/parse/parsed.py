"""What parsing gives: the values that feed, page, sitemap and article share, and the one rule for links."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from storage.model import Item, SourceKind

MAX_BODY_BYTES = 20_000_000
"""A longer body is refused before anything reads it."""

MAX_ITEMS = 1000
"""Of a longer feed, page or sitemap the newest are kept."""

MAX_URL_CHARS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a source says of itself, for politeness and for `add`; None and () where it says nothing."""

    title: str | None = None
    home_url: str | None = None
    self_url: str | None = None
    hub_url: str | None = None
    """The WebSub hub (https://www.w3.org/TR/websub/): noticed, not needed."""
    ttl_s: int | None = None
    skip_hours: tuple[int, ...] = ()
    """UTC hours, 0 to 23."""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The items of one body in its order, every identity once."""

    items: tuple[Item, ...]
    hints: Hints = Hints()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article's page. `text` is empty where the page has no article, and `reason` then says why."""

    title: str
    published_at: dt.datetime | None
    text: str
    language: str | None = None
    author: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address at which a source may be."""

    url: str
    title: str = ""
    """As the page calls it."""
    kind: SourceKind = SourceKind.FEED


def web_url(link: object, base: str = "") -> str | None:
    """An absolute http or https address, resolved against `base`; None for `javascript:` and everything else."""
    if not isinstance(link, str) or not link.strip():
        return None
    link = "".join(link.split()) if "\n" in link or "\t" in link else link.strip()
    try:
        absolute = urljoin(base, link)
        parts = urlsplit(absolute)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return None
    fine = parts.scheme in ("http", "https") and parts.hostname and port_is_fine and len(absolute) <= MAX_URL_CHARS
    return absolute if fine and absolute.isprintable() else None
