"""Where a site's feeds are: what a page names, what robots.txt names, and where feeds usually are. Pure.

Nothing here knows whether an address answers; `add` asks and reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from pipeline.parse.identity import canonical_url
from pipeline.parse.page import read_html
from pipeline.parse.parsed import Candidate, web_url
from pipeline.parse.words import node_line, one_line
from storage.model import SourceKind

MAX_PAGE_BYTES = 400_000
"""Feeds are named in the head of a page; what stands further down is not looked at."""
MAX_FEEDS = 30

FEED_TYPES = frozenset({
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json",
    "application/xml", "text/xml", "application/x-rss+xml", "text/rss+xml", "text/rss",
})  # fmt: skip
"""What `<link rel=alternate type=…>` may say of a feed; the plain ones only where the address looks like one."""
_PLAIN_TYPES = frozenset({"application/json", "application/xml", "text/xml"})

USUAL_PATHS = ("/feed/", "/rss.xml", "/feed.xml", "/rss", "/atom.xml", "/index.xml", "/feed.json")

_FEED_ADDRESS = re.compile(r"(?:^|[/._?=-])(?:rss\d?|atom|feeds?|rdf)(?:[/.?&]|$)", re.IGNORECASE)
_FEED_LABEL = re.compile(r"\b(?:rss|atom|feeds?)\b", re.IGNORECASE)
_NOT_NEWS = re.compile(r"\bcomments?\b|/wp-json/|oembed", re.IGNORECASE)
_XML_FEED = re.compile(rb"<(?:\w+:)?(rss|feed|rdf|urlset|sitemapindex|html|body)[\s>]", re.IGNORECASE)
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org', re.IGNORECASE)
_HUB = re.compile(r"<([^<>]+)>\s*;[^,]*\brel\s*=\s*(?:\"[^\"]*\bhub\b[^\"]*\"|hub\b)", re.IGNORECASE)


def feed_kind(body: bytes) -> SourceKind | None:
    """FEED or SITEMAP where the body is one by its first tags, else None."""
    head = body[:8000].replace(b"\0", b"")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return SourceKind.FEED if _JSON_FEED.search(head) else None
    root = _XML_FEED.search(head)
    match root and root[1].lower():
        case b"rss" | b"feed" | b"rdf":
            return SourceKind.FEED
        case b"urlset" | b"sitemapindex":
            return SourceKind.SITEMAP
        case _:
            return None


def feeds_named(body: bytes, url: str, headers: Mapping[str, str]) -> tuple[Candidate, ...]:
    """The feeds a page names: its alternates, and only where it has none, its links that look like feeds.

    In the page's order, each address once, feeds of comments last.
    """
    page = read_html(body[:MAX_PAGE_BYTES], headers)
    if page is None:
        return ()
    declared = page.css_first("base[href]")
    base = web_url(declared.attributes.get("href") if declared else None, url) or url
    found = _each_once(_alternates(page, base)) or _each_once(_links(page, base))
    return tuple(sorted(found, key=lambda one: bool(_NOT_NEWS.search(f"{one.title} {one.url}"))))[:MAX_FEEDS]


def news_sitemaps(addresses: Iterable[str], url: str) -> tuple[Candidate, ...]:
    """Of the sitemaps that a robots.txt names (its `Sitemap:` lines), those of news."""
    there = (web_url(address, url) for address in addresses)
    return _each_once(
        Candidate(url=address, kind=SourceKind.SITEMAP)
        for address in there
        if address and re.search("news", urlsplit(address).path, re.IGNORECASE)
    )


def usual_addresses(url: str) -> tuple[Candidate, ...]:
    """Where the feed of a page is on most sites, the page's own part of the site first: the last resort."""
    own = urljoin(url, f"{urlsplit(url).path.rstrip('/')}/feed/")
    return _each_once(Candidate(url=address) for address in (own, *(urljoin(url, path) for path in USUAL_PATHS)))


def hub_named(headers: Mapping[str, str], url: str) -> str | None:
    """The WebSub hub of a `Link:` header (https://www.w3.org/TR/websub/#discovery); names in lower case."""
    found = _HUB.search(headers.get("link", "")[:4000])
    return web_url(found[1], url) if found else None


def _alternates(page: LexborHTMLParser, base: str) -> Iterator[Candidate]:
    for link in page.css("link[rel~=alternate i][href], link[rel~=feed i][href]"):
        kind = (link.attributes.get("type") or "").partition(";")[0].strip().lower()
        address = web_url(link.attributes.get("href"), base)
        if address is None or (kind not in FEED_TYPES and "feed" not in (link.attributes.get("rel") or "").lower()):
            continue
        if kind not in _PLAIN_TYPES or _looks_like_feed(address):
            yield Candidate(url=address, title=one_line(link.attributes.get("title") or "", limit=200))


def _links(page: LexborHTMLParser, base: str) -> Iterator[Candidate]:
    for link in page.css("a[href]"):
        address, title = web_url(link.attributes.get("href"), base), node_line(link)[:200]
        if address and _looks_like_feed(address) and (_FEED_LABEL.search(title) or not title):
            yield Candidate(url=address, title=title)


def _looks_like_feed(address: str) -> bool:
    parts = urlsplit(address)
    return bool(_FEED_ADDRESS.search(f"{parts.path}?{parts.query}")) and not _NOT_NEWS.search(parts.path)


def _each_once(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    firsts: dict[str, Candidate] = {}
    for one in found:
        firsts.setdefault(canonical_url(one.url), one)
    return tuple(firsts.values())
