"""A web page's bytes → items: a list of links by selectors, or one region watched as a whole. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError
from w3lib.encoding import html_to_unicode

from pipeline.parse.dates import plausible, read_date
from pipeline.parse.identity import identified
from pipeline.parse.parsed import MAX_ITEMS, Parsed, web_url
from pipeline.parse.words import MAX_DEPTH, SILENT, node_line, node_paragraphs, tree
from storage.errors import ParseError
from storage.model import Fetched, Item, Selectors, Source

MIN_LINK_WORDS = 4
"""Without selectors, a link whose words are fewer is navigation."""


def parse_page(fetched: Fetched, source: Source) -> Parsed:
    """The items of a page in its order; with `region` one item, whose identity is the hash of the region's words.

    Raises ParseError naming the selector that is malformed or matches nothing.
    """
    page = read_html(fetched.body, fetched.headers)
    if page is None:
        raise ParseError(source.id, f"the page is nested more than {MAX_DEPTH} elements deep; it was not read")
    page.strip_tags(SILENT)
    if source.region:
        return Parsed(items=(_region(page, source.region, fetched, source),))
    base = _base(page, fetched.url)
    found = _listed(page, source.selectors, source) if source.selectors else _headline_links(page)
    items = [item for node in found if (item := _item(node, base, fetched, source))]
    if source.selectors:
        _require_all(items, found, source.selectors, source)
    elif not items:
        raise ParseError(source.id, "no list of headlines was found; give `selectors` for this page in sources.yaml")
    unique = {item.url or item.title: item for item in reversed(items)}
    kept = list(unique.values())[::-1]
    warnings = (
        (f"{len(kept) - MAX_ITEMS} items beyond the first {MAX_ITEMS} were left out",) if len(kept) > MAX_ITEMS else ()
    )
    return Parsed(items=identified(kept[:MAX_ITEMS], (fetched.url,)), warnings=warnings)


def read_html(body: bytes, headers: Mapping[str, str]) -> LexborHTMLParser | None:
    """The tree of a page, decoded as a browser would; None where it is nested too deep to be read in good time."""
    return tree(decoded(body, headers))


def decoded(body: bytes, headers: Mapping[str, str]) -> str:
    """A page's characters: by byte order mark, Content-Type, `<meta>`, then UTF-8 or Windows-1252."""
    sent = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    return html_to_unicode(sent, body, auto_detect_fun=_guessed)[1]


def _guessed(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        # A page cut inside a character is still UTF-8 where it has proved to be that before.
        torn = error.start >= len(body) - 3 and not body[: error.start].isascii()
        return "utf-8" if torn else "cp1252"
    return "utf-8"


def _base(page: LexborHTMLParser, url: str) -> str:
    """What links are relative to: the page's `<base href>`, else its address."""
    node = page.css_first("base[href]")
    return web_url(node.attributes.get("href"), url) or url if node else url


def _region(page: LexborHTMLParser, selector: str, fetched: Fetched, source: Source) -> Item:
    nodes = _css(page.root, selector, "region", source)
    if not nodes:
        raise ParseError(source.id, f"`region` {selector!r} matches nothing on the page; correct it in sources.yaml")
    title = node_line(page.css_first("title")) or source.name
    text = "\n\n".join(part for node in nodes if (part := node_paragraphs(node)))
    mark = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
    item = Item(
        source_id=source.id,
        identity=f"sha256:{mark}",
        url=fetched.url,
        title=title,
        text=text,
        language=source.language,
    )
    return identified([item], (fetched.url,))[0]


def _listed(page: LexborHTMLParser, selectors: Selectors, source: Source) -> list[LexborNode]:
    found = _css(page.root, selectors.item, "selectors.item", source)
    if not found:
        raise ParseError(source.id, f"`selectors.item` {selectors.item!r} matches nothing; correct it in sources.yaml")
    return found


def _require_all(items: list[Item], found: list[LexborNode], selectors: Selectors, source: Source) -> None:
    """A selector that never matches is a redesigned page or a slip; silence would hide it."""
    for name in ("title", "link", "date", "summary"):
        selector = getattr(selectors, name)
        if selector and not any(_css(node, selector, f"selectors.{name}", source) for node in found):
            raise ParseError(
                source.id,
                f"`selectors.{name}` {selector!r} matches in none of {len(found)} items; correct it in sources.yaml",
            )
    if not items:
        raise ParseError(
            source.id, f"the {len(found)} elements of `selectors.item` hold no title and no link; correct the selectors"
        )


def _headline_links(page: LexborHTMLParser) -> list[LexborNode]:
    """Links that read like headlines, outside of navigation and footer."""
    page.strip_tags(["nav", "footer"])
    return [node for node in page.css("a[href]") if len(node_line(node).split()) >= MIN_LINK_WORDS]


def _item(node: LexborNode, base: str, fetched: Fetched, source: Source) -> Item | None:
    wanted = source.selectors or Selectors(item="a")
    link = _first(node, wanted.link, "link", source) if wanted.link else _own_link(node)
    link = _own_link(link) or link if link is not None else None
    url = web_url(link.attributes.get("href"), base) if link is not None else None
    titled = (
        _first(node, wanted.title, "title", source)
        if wanted.title
        else node.css_first("h1, h2, h3, h4, h5") or link or node
    )
    title = node_line(titled)
    if not title and not url:
        return None
    dated = _first(node, wanted.date, "date", source) if wanted.date else node.css_first("time")
    summed = _first(node, wanted.summary, "summary", source) if wanted.summary else None
    return Item(
        source_id=source.id,
        identity="",
        url=url,
        title=title[:1000],
        summary=node_paragraphs(summed) if summed is not None else "",
        published_at=plausible(_date(dated), fetched.fetched_at),
        language=source.language,
    )


def _date(node: LexborNode | None) -> dt.datetime | None:
    """A date element's `datetime` or `content`, else its words."""
    if node is None:
        return None
    stated = node.attributes.get("datetime") or node.attributes.get("content")
    return read_date(stated) or read_date(node_line(node))


def _own_link(node: LexborNode) -> LexborNode | None:
    """The node where it is a link, else the first link inside it, else the link it lies in."""
    if node.tag == "a" and node.attributes.get("href"):
        return node
    inside = node.css_first("a[href]")
    if inside is not None:
        return inside
    around = node.parent
    while around is not None and around.tag != "a":
        around = around.parent
    return around


def _first(node: LexborNode, selector: str, name: str, source: Source) -> LexborNode | None:
    return next(iter(_css(node, selector, f"selectors.{name}", source)), None)


def _css(node: LexborNode | None, selector: str, name: str, source: Source) -> list[LexborNode]:
    try:
        return node.css(selector) if node is not None else []
    except SelectolaxError as error:
        raise ParseError(source.id, f"`{name}` {selector!r} is no CSS selector; correct it in sources.yaml") from error
