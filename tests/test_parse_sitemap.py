import datetime as dt
import gzip

import pytest

from pipeline.parse import Parsed, parse
from pipeline.parse.parsed import MAX_ITEMS
from storage.errors import ParseError
from storage.model import SourceKind
from tests.feed_factories import fetched, source

NEWS = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://desk.example/old</loc><lastmod>2026-03-01</lastmod></url>
<url><loc> https://desk.example/new?a=1&amp;b=2 </loc><news:news><news:publication><news:name>Desk</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2026-03-02T10:00:00+01:00</news:publication_date>
<news:title>Salt &amp;amp; Iron</news:title></news:news><image:image><image:loc>https://desk.example/i.png</image:loc>
<image:title>An image</image:title></image:image></url>
<url><loc>javascript:alert(1)</loc></url></urlset>"""


def read(body: bytes) -> Parsed:
    return parse(fetched(body), source(SourceKind.SITEMAP))


def test_a_news_sitemap_gives_title_link_date_and_language() -> None:
    new, old = read(NEWS.encode()).items
    assert (new.url, new.title, new.language) == ("https://desk.example/new?a=1&b=2", "Salt & Iron", "en")
    assert new.published_at == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert (old.url, old.title) == ("https://desk.example/old", "")
    assert old.published_at == old.updated_at == dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def test_a_gzipped_sitemap_is_read() -> None:
    assert len(read(gzip.compress(NEWS.encode())).items) == 2


def test_a_truncated_sitemap_gives_what_it_has_and_a_warning() -> None:
    parsed = read(NEWS.encode()[: NEWS.index("<url><loc>javascript")])
    assert len(parsed.items) == 2
    assert "breaks off" in parsed.warnings[0]


def test_the_newest_of_a_huge_sitemap_are_kept() -> None:
    records = "".join(
        f"<url><loc>https://desk.example/{n}</loc><lastmod>{2000 + n % 25}-01-01</lastmod></url>" for n in range(1500)
    )
    parsed = read(f"<urlset>{records}</urlset>".encode())
    assert len(parsed.items) == MAX_ITEMS
    assert parsed.items[0].updated_at == dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    assert "500 addresses" in parsed.warnings[0]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<sitemapindex><sitemap><loc>https://desk.example/s1.xml</loc></sitemap></sitemapindex>", "index.*s1.xml"),
        (b"<html><body/></html>", "no sitemap"),
        (b"not xml", "no sitemap"),
        (b"", "no sitemap"),
        (b"\x1f\x8bnonsense", "damaged"),
        (gzip.compress(b" " * 25_000_000), "larger than 20 MB"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>', "document type"),
        (b'<!DOCTYPE u SYSTEM "file:///etc/passwd"><urlset/>', "document type"),
    ],
    ids=["index", "html", "text", "empty", "gzip", "gzip bomb", "entities", "external"],
)
def test_what_is_no_sitemap_is_an_error_that_says_so(body: bytes, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        read(body)
