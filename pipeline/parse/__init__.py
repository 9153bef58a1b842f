"""A body → items. Pure: no clock, no network, no files; what a source is told to be decides how it is read.

`pipeline.parse.sandbox.parse_safely` is the same function where it can be killed; the pipeline calls that one.
"""

from __future__ import annotations

from pipeline.parse.parsed import MAX_BODY_BYTES, Article, Hints, Parsed
from storage.errors import ParseError
from storage.model import Fetched, Source, SourceKind

__all__ = ["Article", "Hints", "Parsed", "parse"]


def parse(fetched: Fetched, source: Source) -> Parsed:
    """The items a body holds, read as the kind of source it came from.

    Raises ParseError, which says what to do, where the body is not what the source promised.
    """
    if len(fetched.body) > MAX_BODY_BYTES:
        raise ParseError(source.id, f"the body is larger than {MAX_BODY_BYTES // 1_000_000} MB; it was not read")
    match source.kind:
        case SourceKind.FEED:
            from pipeline.parse.feed import parse_feed

            return parse_feed(fetched, source)
        case SourceKind.PAGE:
            from pipeline.parse.page import parse_page

            return parse_page(fetched, source)
        case SourceKind.SITEMAP:
            from pipeline.parse.sitemap import parse_sitemap

            return parse_sitemap(fetched, source)
