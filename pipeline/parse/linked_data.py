"""schema.org data in a page (JSON-LD) → the one object that is its article. Pure; slips in the JSON are tolerated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from pipeline.parse.identity import canonical_url

MAX_SCRIPT_CHARS = 2_000_000
MAX_NESTING = 8

_ARTICLES = re.compile(r"(?:^|/)(?:\w*Article|\w*BlogPosting|SocialMediaPosting|Report|Review|PressRelease)$")
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


def article_of(page: LexborHTMLParser, url: str) -> Mapping[str, Any]:
    """The page's article as its publisher states it, or an empty mapping.

    Of several, the one about this address counts, else the one that says the most; a list of teasers is not one.
    """
    found = [
        thing
        for node in page.css('script[type*="ld+json"]')
        for thing in _things(_load(node.text()))
        if _is_article(thing)
    ]
    if not found:
        return {}
    here = canonical_url(url)
    own = [thing for thing in found if url and here in {canonical_url(address) for address in _addresses(thing)}]
    return max(
        own or found,
        key=lambda thing: (len(str(thing.get("articleBody") or "")), "datePublished" in thing, "headline" in thing),
    )


def _load(text: str) -> Any:
    """The script's JSON, read leniently: comment marks around it, raw line ends in strings, commas before a bracket."""
    text = _WRAPPING.sub("", _WRAPPING.sub("", text[:MAX_SCRIPT_CHARS]))
    for candidate in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _things(data: Any, nesting: int = 0) -> Iterator[Mapping[str, Any]]:
    """Every object in the data, the outer before the inner: `@graph`, lists, `mainEntity` and whatever else nests."""
    if nesting > MAX_NESTING:
        return
    if isinstance(data, dict):
        yield data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        if isinstance(inner, (dict, list)):
            yield from _things(inner, nesting + 1)


def _is_article(thing: Mapping[str, Any]) -> bool:
    kinds = thing.get("@type")
    named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    return any(_ARTICLES.search(kind) for kind in named)


def _addresses(thing: Mapping[str, Any]) -> Iterator[str]:
    for name in ("url", "@id", "mainEntityOfPage"):
        value = thing.get(name)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str):
            yield value
