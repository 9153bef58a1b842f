"""Where a site's feeds are, by its page, its robots.txt and custom."""

from __future__ import annotations

import time

import pytest

from pipeline.parse.discover import (
    feed_kind,
    feeds_named,
    hub_named,
    news_sitemaps,
    usual_addresses,
)
from pipeline.parse.parsed import Candidate
from storage.model import SourceKind

PAGE = "https://desk.example/tv/"


def named(markup: str, url: str = PAGE) -> list[str]:
    return [one.url for one in feeds_named(markup.encode(), url, {"content-type": "text/html; charset=utf-8"})]


def alternate(href: str, kind: str = "application/rss+xml", more: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" {more}>'


@pytest.mark.parametrize(
    ("head", "found"),
    [
        pytest.param(alternate("/feed/"), ["https://desk.example/feed/"], id="rss"),
        pytest.param(alternate("atom.xml", "application/atom+xml"), ["https://desk.example/tv/atom.xml"], id="atom"),
        pytest.param(alternate("/f", "application/feed+json"), ["https://desk.example/f"], id="json-feed"),
        pytest.param(alternate("/f", "application/rdf+xml"), ["https://desk.example/f"], id="rdf"),
        pytest.param(
            alternate("/f", "Application/RSS+XML; charset=utf-8"), ["https://desk.example/f"], id="type-with-charset"
        ),
        pytest.param("<LINK REL='Alternate Feed' HREF=/f>", ["https://desk.example/f"], id="rel-feed-without-type"),
        pytest.param(alternate("/feed.xml", "text/xml"), ["https://desk.example/feed.xml"], id="plain-xml-feed"),
        pytest.param(alternate("/wp-json/wp/v2/pages/1", "application/json"), [], id="wordpress-api"),
        pytest.param(alternate("/wp-json/feed", "application/json"), [], id="wordpress-api-named-feed"),
        pytest.param(alternate("/m", "text/html"), [], id="another-page"),
        pytest.param('<link rel="stylesheet" type="application/rss+xml" href="/f">', [], id="no-alternate"),
        pytest.param(alternate("javascript:alert(1)"), [], id="script"),
        pytest.param(alternate("feed://desk.example/f"), [], id="feed-scheme"),
        pytest.param(
            '<base href="https://cdn.example/x/">' + alternate("feed"), ["https://cdn.example/x/feed"], id="base"
        ),
        pytest.param(alternate("/feed") + alternate("http://www.desk.example/feed/"), ["https://desk.example/feed"],
                     id="one-address-twice"),
        pytest.param(
            alternate("/comments/feed/", more='title="Desk » Comments Feed"') + alternate("/feed/"),
            ["https://desk.example/feed/", "https://desk.example/comments/feed/"],
            id="comments-last",
        ),
    ],
)  # fmt: skip
def test_alternates_of_a_page(head: str, found: list[str]) -> None:
    assert named(f"<html><head>{head}</head><body><p>Hello</p></body></html>") == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param('<a href="/rss">RSS</a>', ["https://desk.example/rss"], id="link-called-rss"),
        pytest.param('<a href="/feeds/tv.xml"><img></a>', ["https://desk.example/feeds/tv.xml"], id="icon"),
        pytest.param('<a href="/news/cattle-feed-prices">Cattle feed prices</a>', [], id="article-about-fodder"),
        pytest.param('<a href="/newsfeed">All the news</a>', [], id="a-page"),
    ],
)
def test_links_count_where_no_alternate_is(body: str, found: list[str]) -> None:
    assert named(f"<html><head></head><body>{body}</body></html>") == found
    assert named(f"<html><head>{alternate('/main')}</head><body>{body}</body></html>") == ["https://desk.example/main"]


def test_a_feed_has_the_title_the_page_gives_it() -> None:
    markup = alternate("/feed", more='title="Desk &raquo; <b>TV</b>"')
    assert feeds_named(markup.encode(), PAGE, {})[0].title == "Desk » TV"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b'\xef\xbb\xbf<?xml version="1.0"?><rss version="2.0">', SourceKind.FEED, id="rss"),
        pytest.param(b"<?xml version='1.0'?><!-- x --><feed xmlns='a'>", SourceKind.FEED, id="atom"),
        pytest.param(b"<rdf:RDF xmlns:rdf='a'>", SourceKind.FEED, id="rdf"),
        pytest.param("<?xml version='1.0'?><rss >".encode("utf-16"), SourceKind.FEED, id="utf-16"),
        pytest.param(b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', SourceKind.FEED, id="json-feed"),
        pytest.param(b'{"version": "https:\\/\\/jsonfeed.org\\/version\\/1"}', SourceKind.FEED, id="json-escaped"),
        pytest.param(b'{"version": "2"}', None, id="other-json"),
        pytest.param(b"<urlset xmlns='a'>", SourceKind.SITEMAP, id="sitemap"),
        pytest.param(b"<sitemapindex>", SourceKind.SITEMAP, id="index"),
        pytest.param(b"<!doctype html><html><body><pre><rss ></pre>", None, id="page-that-shows-one"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_a_body_is_known_by_its_first_tags(body: bytes, kind: SourceKind | None) -> None:
    assert feed_kind(body) == kind


def test_news_sitemaps_of_a_robots_txt() -> None:
    lines = ["https://desk.example/sitemap.xml", "/news-sitemap.xml", "ftp://desk.example/news.xml",
             "https://desk.example/news-sitemap.xml", "https://news.example/sitemap.xml"]  # fmt: skip
    assert news_sitemaps(lines, PAGE) == (
        Candidate(url="https://desk.example/news-sitemap.xml", kind=SourceKind.SITEMAP),
    )


def test_the_usual_addresses_begin_with_the_pages_own() -> None:
    addresses = [one.url for one in usual_addresses("https://desk.example/tv/?page=2#top")]
    assert addresses[:2] == ["https://desk.example/tv/feed/", "https://desk.example/feed/"]
    assert usual_addresses("https://desk.example")[0].url == "https://desk.example/feed/"
    assert len(addresses) == len(set(addresses)) <= 8


@pytest.mark.parametrize(
    ("link", "hub"),
    [
        pytest.param('<https://hub.example/>; rel="hub"', "https://hub.example/", id="quoted"),
        pytest.param("<https://a.example/>; rel=self, </hub>; rel=hub", "https://desk.example/hub", id="second"),
        pytest.param('<https://a.example/>; rel="self"', None, id="none"),
        pytest.param("<javascript:x>; rel=hub", None, id="script"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_hub_in_the_header(link: str, hub: str | None) -> None:
    assert hub_named({"link": link}, PAGE) == hub


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<div>" * 400_000, id="deep"),
        pytest.param(b"<a href=/rss>" * 100_000, id="unclosed-links"),
        pytest.param(b"<link rel=alternate type=application/rss+xml href=/f>" * 50_000, id="many-feeds"),
        pytest.param(b"<" * 2_000_000, id="brackets"),
        pytest.param(bytes(range(256)) * 4000, id="noise"),
        pytest.param(b"<b><i><p>" * 60_000, id="misnested"),
    ],
)
def test_a_hostile_page_is_over_soon(body: bytes) -> None:
    started = time.perf_counter()
    assert len(feeds_named(body, PAGE, {})) <= 30
    assert time.perf_counter() - started < 5
