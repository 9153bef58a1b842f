"""A feed's bytes → items: RSS, RDF, Atom, CDF through feedparser, JSON Feed through the standard library. Pure.

feedparser is told neither to sanitise nor to resolve inside HTML, which halves its time: no HTML leaves this package
(`words` makes text of it), and the addresses that matter, an entry's own, feedparser resolves all the same.
"""

from __future__ import annotations

import calendar
import datetime as dt
import io
import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

import feedparser
from feedparser.api import PREFERRED_XML_PARSERS

from pipeline.parse.dates import plausible, read_date
from pipeline.parse.identity import identified
from pipeline.parse.parsed import MAX_ITEMS, Hints, Parsed, web_url
from pipeline.parse.tvmaze import is_tvmaze, parse_tvmaze
from pipeline.parse.words import clean, one_line, paragraphs, plain
from storage.errors import ParseError
from storage.model import Fetched, Item, Source

PREFERRED_XML_PARSERS.insert(0, "pipeline.parse.xml_reader")

MAX_SUMMARY_CHARS = 600
"""What an entry says only once is its summary up to this length, and its text beyond."""

_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--.*?-->|<\?[^>]*>|<!doctype\s+html[^>]*>)*<(?:html|head|body)\b", re.I | re.S
)
_CHANNEL_KEYS = {"title", "link", "subtitle", "updated"}
"""Only inside a channel does feedparser set these; CDF has no version to be known by."""
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_SKIP_HOURS = re.compile(rb"<skip[hH]ours>(.{0,2000}?)</skip[hH]ours>", re.DOTALL)
_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def parse_feed(fetched: Fetched, source: Source) -> Parsed:
    """Every entry of a feed, in its order, with what the feed says of itself.

    Raises ParseError where the body is no feed: a web page, other XML or JSON, a feed that breaks off before its first
    entry. A feed that breaks off later gives what it has and a warning; one without entries gives none.
    """
    body = fetched.body
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_feed(fetched, source)
    if _HTML_START.match(body[:20_000]):
        raise ParseError(source.id, "a web page came where a feed should be; find the feed's address with `add`")
    # As a stream: feedparser opens the file of that name where it is given bytes, and the body is a stranger's.
    feed = feedparser.parse(
        io.BytesIO(body), response_headers=_headers(fetched), sanitize_html=False, resolve_relative_uris=False
    )
    warnings = _complaints(feed, body, source)
    meta = cast(Mapping[str, Any], feed.feed)
    language = _language(meta.get("language")) or source.language
    base = fetched.url or _href(meta, "self") or meta.get("link") or ""
    whole = feed.entries[:-1] if warnings and _is_torn(feed.entries, body) else feed.entries
    entries, dropped = _newest(whole)
    items = [_item(entry, source, base, fetched.fetched_at, language) for entry in entries]
    if dropped:
        warnings.append(f"{dropped} entries beyond the newest {MAX_ITEMS} were left out")
    homes = (meta.get("link"), _href(meta, "self"), fetched.url, source.url)
    return Parsed(
        items=identified(items, homes),
        hints=_hints(meta, body, base, language),
        warnings=tuple(warnings),
    )


def _headers(fetched: Fetched) -> dict[str, str]:
    """What feedparser should know of the answer. Without a type it would take undeclared UTF-8 for Latin-1."""
    sent = {name.lower(): value for name, value in fetched.headers.items()}
    kept = {name: sent[name] for name in ("content-type", "content-language") if sent.get(name)}
    return {"content-type": "application/xml", **kept, "content-location": fetched.url}


def _complaints(feed: Any, body: bytes, source: Source) -> list[str]:
    """Warnings of a feed that was read with difficulty; raises where there is none."""
    fault = feed.get("bozo_exception")
    if not feed.get("version") and not feed.entries and not feed.feed.keys() & _CHANNEL_KEYS:
        what = "the body is empty" if not body.strip() else "this is no feed"
        raise ParseError(
            source.id, f"{what}; check the address, or watch it as `page`" + (f" ({fault})" if fault else "")
        )
    malformed = feed.bozo and isinstance(fault, Exception) and type(fault).__module__.startswith("xml.")
    if not malformed:
        return []
    if feed.entries or _END.search(body[-2000:]):
        return [f"the feed is not well-formed ({fault}); {len(feed.entries)} entries were read"]
    raise ParseError(
        source.id, f"the feed breaks off before its first entry ({fault}); it is tried again when next due"
    )


def _is_torn(entries: Sequence[Any], body: bytes) -> bool:
    """True where the body ends inside its last entry before that said who it is: a name made up now would stay."""
    return bool(entries) and not _END.search(body[-2000:]) and not (entries[-1].get("id") or entries[-1].get("link"))


def _newest(entries: Sequence[Any]) -> tuple[Sequence[Any], int]:
    """At most MAX_ITEMS entries, the newest by their dates, still in the feed's order; and how many were left out."""
    if len(entries) <= MAX_ITEMS:
        return entries, 0
    times = [entry.get("published_parsed") or dict.get(entry, "updated_parsed") or (0,) for entry in entries]
    order = sorted(range(len(entries)), key=lambda index: tuple(times[index]), reverse=True)
    return [entries[index] for index in sorted(order[:MAX_ITEMS])], len(entries) - MAX_ITEMS


def _item(entry: Any, source: Source, base: str, seen_at: dt.datetime, language: str | None) -> Item:
    summary, text = _words(entry)
    updated_at = plausible(_time(dict.get(entry, "updated_parsed")), seen_at)
    published_at = plausible(_time(entry.get("published_parsed")), seen_at)
    return Item(
        source_id=source.id,
        identity=clean(str(entry.get("id") or "")).strip(),
        url=web_url(entry.get("link"), base),
        title=one_line(str(entry.get("title") or "")),
        summary=summary,
        text=text,
        published_at=published_at or updated_at,
        updated_at=updated_at,
        language=_language((entry.get("title_detail") or {}).get("language")) or language,
        author=one_line(str(entry.get("author") or ""), limit=200) or None,
    )


def _words(entry: Any) -> tuple[str, str]:
    """Summary and text. A lone body, which feedparser gives in both places, is kept once: where its length belongs."""
    raw_summary = str(entry.get("summary") or "")
    contents = [part for part in entry.get("content") or () if part.get("value")]
    texts = [plain(str(part["value"]), str(part.get("type") or "")) for part in contents]
    text = max(texts, key=len, default="")
    if any(part["value"] == raw_summary for part in contents):
        return ("", text) if len(text) > MAX_SUMMARY_CHARS else (text, "")
    summary = plain(raw_summary, str((entry.get("summary_detail") or {}).get("type") or ""))
    return summary, text if len(text) > len(summary) else ""


def _time(parsed: time.struct_time | None) -> dt.datetime | None:
    """feedparser's nine numbers, which are UTC."""
    if parsed is None:
        return None
    try:
        return dt.datetime.fromtimestamp(calendar.timegm(parsed), dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _hints(meta: Mapping[str, Any], body: bytes, base: str, language: str | None) -> Hints:
    skipped = _SKIP_HOURS.search(body)
    hours = (
        {int(hour) % 24 for hour in re.findall(rb"<hour>\s*(\d{1,2})\s*</hour>", skipped[1], re.I)}
        if skipped
        else set()
    )
    return Hints(
        title=one_line(str(meta.get("title") or "")) or None,
        home_url=web_url(meta.get("link"), base),
        self_url=web_url(_href(meta, "self"), base),
        hub_url=web_url(_href(meta, "hub"), base),
        ttl_s=_ttl(meta),
        skip_hours=tuple(sorted(hours)),
        language=language,
    )


def _ttl(meta: Mapping[str, Any]) -> int | None:
    """How long the feed asks to be left alone: RSS `ttl` in minutes, or the syndication module's period."""
    ttl = str(meta.get("ttl") or "").strip()
    if ttl.isdecimal() and len(ttl) < 7:
        return int(ttl) * 60 or None
    period = _PERIODS.get(str(meta.get("sy_updateperiod") or "").strip().lower())
    frequency = str(meta.get("sy_updatefrequency") or "1").strip()
    if period and frequency.isdecimal() and len(frequency) < 7 and int(frequency):
        return period // int(frequency)
    return None


def _href(meta: Mapping[str, Any], rel: str) -> str | None:
    return next(
        (str(link["href"]) for link in meta.get("links") or () if link.get("rel") == rel and link.get("href")), None
    )


def _language(code: object) -> str | None:
    found = _LANGUAGE.fullmatch(str(code or "").strip().replace("_", "-"))
    return found[0] if found and len(found[0]) <= 35 else None


def _json_feed(fetched: Fetched, source: Source) -> Parsed:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""
    try:
        feed = json.loads(fetched.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise ParseError(source.id, f"this is neither a feed nor whole JSON ({error}); check the address") from error
    if is_tvmaze(feed):
        return parse_tvmaze(feed, fetched, source)
    entries = feed.get("items")
    if "jsonfeed.org" not in str(feed.get("version")) or not isinstance(entries, list):
        raise ParseError(source.id, "this JSON is no JSON Feed (no jsonfeed.org version); check the address")
    base = fetched.url or str(feed.get("feed_url") or feed.get("home_page_url") or "")
    language = _language(feed.get("language")) or source.language
    kept = [entry for entry in entries if isinstance(entry, dict)]
    items = [_json_item(entry, source, base, fetched.fetched_at, language) for entry in kept]
    dated = sorted(range(len(items)), key=lambda index: str(items[index].published_at or ""), reverse=True)
    chosen = [items[index] for index in sorted(dated[:MAX_ITEMS])]
    hubs = [hub.get("url") for hub in feed.get("hubs") or () if isinstance(hub, dict)]
    left_out = len(items) - MAX_ITEMS
    return Parsed(
        items=identified(chosen, (_text(feed, "home_page_url"), _text(feed, "feed_url"), fetched.url, source.url)),
        hints=Hints(
            title=one_line(_text(feed, "title")) or None,
            home_url=web_url(feed.get("home_page_url"), base),
            self_url=web_url(feed.get("feed_url"), base),
            hub_url=web_url(hubs[0], base) if hubs else None,
            language=language,
        ),
        warnings=(f"{left_out} entries beyond the newest {MAX_ITEMS} were left out",) if left_out > 0 else (),
    )


def _json_item(entry: Mapping[str, Any], source: Source, base: str, seen_at: dt.datetime, language: str | None) -> Item:
    body = paragraphs(_text(entry, "content_html")) or plain(_text(entry, "content_text"), "text/plain")
    summary = plain(_text(entry, "summary"), "text/plain")
    if not summary and len(body) <= MAX_SUMMARY_CHARS:
        summary, body = body, ""
    updated_at = plausible(read_date(_text(entry, "date_modified")), seen_at)
    authors = entry.get("authors") if isinstance(entry.get("authors"), list) else [entry.get("author")]
    names = [one_line(_text(author, "name"), limit=200) for author in authors or () if isinstance(author, dict)]
    return Item(
        source_id=source.id,
        identity=clean(_text(entry, "id")).strip(),
        url=web_url(entry.get("url"), base) or web_url(entry.get("external_url"), base),
        title=one_line(_text(entry, "title")),
        summary=summary,
        text=body if len(body) > len(summary) else "",
        published_at=plausible(read_date(_text(entry, "date_published")), seen_at) or updated_at,
        updated_at=updated_at,
        language=_language(entry.get("language")) or language,
        author=", ".join(name for name in names if name) or None,
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    """A field's text; an id that came as a number is its digits (the specification asks for that)."""
    value = entry.get(name)
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
