"""A sitemap's bytes → items: Google news sitemaps and plain ones (sitemaps.org/protocol). Pure.

Read with expat in one pass. A document type is refused outright, so there is no entity to expand and nothing to load.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from xml.parsers import expat

from pipeline.parse.dates import plausible, read_date
from pipeline.parse.identity import identified
from pipeline.parse.parsed import MAX_BODY_BYTES, MAX_ITEMS, Parsed, web_url
from pipeline.parse.words import one_line
from storage.errors import ParseError
from storage.model import Fetched, Item, Source

_FIELDS = {
    "loc": "url",
    "lastmod": "updated",
    "title": "title",
    "publication_date": "published",
    "language": "language",
}
MAX_FIELD_CHARS = 8000
MAX_RECORDS = 60_000
"""The protocol allows 50,000."""


def parse_sitemap(fetched: Fetched, source: Source) -> Parsed:
    """One item a `url`, the newest MAX_ITEMS; a plain sitemap knows no titles, so theirs are empty.

    Raises ParseError for what is no sitemap, and for an index, naming the sitemaps it lists.
    """
    records, root, fault = _read(_unzipped(fetched.body, source), source)
    if root == "sitemapindex":
        listed = ", ".join(record.get("url", "") for record in records[:5])
        raise ParseError(source.id, f"this is an index of sitemaps; use one of those it lists: {listed}")
    if root != "urlset":
        raise ParseError(
            source.id, "this is no sitemap (no <urlset>); check the address" + (f" ({fault})" if fault else "")
        )
    items = [_item(record, fetched, source) for record in records]
    items = [item for item in items if item.url]
    newest = sorted(items, key=lambda item: str(item.published_at or item.updated_at or ""), reverse=True)[:MAX_ITEMS]
    warnings = (
        [f"{len(items) - MAX_ITEMS} addresses beyond the newest {MAX_ITEMS} were left out"]
        if len(items) > MAX_ITEMS
        else []
    )
    if fault:
        warnings.append(f"the sitemap breaks off ({fault}); {len(items)} addresses were read")
    return Parsed(items=identified(newest), warnings=tuple(warnings))


def _unzipped(body: bytes, source: Source) -> bytes:
    """A `.xml.gz` that was served as a file, inflated no further than the limit."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        inflater = zlib.decompressobj(wbits=31)
        plain = inflater.decompress(body, MAX_BODY_BYTES)
    except zlib.error as error:
        raise ParseError(source.id, f"the compressed sitemap is damaged ({error})") from error
    if inflater.unconsumed_tail:
        raise ParseError(source.id, f"the sitemap is larger than {MAX_BODY_BYTES // 1_000_000} MB unpacked")
    return plain


def _read(body: bytes, source: Source) -> tuple[list[dict[str, str]], str, str]:
    """The `url` (or `sitemap`) records, the root's name, and what was wrong with the XML."""
    records: list[dict[str, str]] = []
    path: list[str] = []
    root = ""

    def start(name: str, _: Mapping[str, str]) -> None:
        nonlocal root
        local = name.rpartition(" ")[2]
        root = root or local
        path.append(local)
        if local in ("url", "sitemap") and len(path) == 2 and len(records) < MAX_RECORDS:
            records.append({})

    def end(_: str) -> None:
        path.pop()

    def text(data: str) -> None:
        field = _FIELDS.get(path[-1]) if len(path) > 2 and records and path[1] in ("url", "sitemap") else None
        if field and len(records[-1].get(field, "")) < MAX_FIELD_CHARS and "image" not in path and "video" not in path:
            records[-1][field] = records[-1].get(field, "") + data

    def doctype(*_: object) -> None:
        raise ParseError(source.id, "the sitemap declares a document type, which may hide a bomb; it was not read")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        return records, root, str(error)
    return records, root, ""


def _item(record: Mapping[str, str], fetched: Fetched, source: Source) -> Item:
    updated_at = plausible(read_date(record.get("updated")), fetched.fetched_at)
    return Item(
        source_id=source.id,
        identity="",
        url=web_url(record.get("url", "").strip(), fetched.url),
        title=one_line(record.get("title", "")),
        published_at=plausible(read_date(record.get("published")), fetched.fetched_at) or updated_at,
        updated_at=updated_at,
        language=record.get("language", "").strip()[:35] or source.language,
    )
