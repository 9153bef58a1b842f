import calendar
import datetime as dt
import io
import json
from pathlib import Path
from xml.sax import make_parser
from xml.sax.handler import ContentHandler

import feedparser
import pytest
from feedparser.api import PREFERRED_XML_PARSERS

from pipeline.parse import parse
from pipeline.parse.parsed import MAX_ITEMS
from storage.errors import ParseError
from tests.feed_factories import entry, fetched, read, rss, source

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://desk.example/blog/" xml:lang="en-GB">
<title>Desk</title>
<link rel="self" href="/feed"/><link rel="hub" href="https://hub.example/"/><id>tag:desk.example,2026:feed</id>
<entry><title type="html">Salt &amp;amp; &lt;em&gt;Iron&lt;/em&gt;</title>
<id>tag:desk.example,2026:1</id><link href="one"/>
<published>2026-03-01T10:00:00+01:00</published><updated>2026-03-02T10:00:00Z</updated>
<author><name>Ana Reyes</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>First.</p><p>Second.</p></div></content></entry>
<entry><title>Two</title><id>tag:desk.example,2026:2</id><link href="https://desk.example/two"/>
<updated>2026-03-03T10:00:00Z</updated></entry></feed>"""

ATOM_03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Desk</title><entry><title>Old</title>
<link rel="alternate" type="text/html" href="https://desk.example/old"/><id>tag:desk.example,2003:1</id>
<issued>2003-12-13T08:29:29-04:00</issued><modified>2003-12-14T08:29:29-04:00</modified></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://desk.example/"><title>Desk</title>
<link>https://desk.example/</link></channel><item rdf:about="https://desk.example/r"><title>In RDF</title>
<link>https://desk.example/r</link><dc:date>2005-05-05T05:05:05Z</dc:date><dc:creator>Ana</dc:creator></item></rdf:RDF>"""

RSS_091 = """<rss version="0.91"><channel><title>Desk</title><link>https://desk.example/</link><item><title>Plain</title>
<link>https://desk.example/p</link><description>No id, no date.</description></item></channel></rss>"""

MEDIA = rss(
    "<item><title>Trailer</title><link>https://desk.example/t</link><guid isPermaLink='false'>t-1</guid>"
    "<pubDate>Mon, 02 Mar 2026 09:00:00 -0500</pubDate><media:group><media:title>Inner</media:title>"
    "<media:content url='https://desk.example/t.mp4'/></media:group><dc:date>2026-03-04T00:00:00Z</dc:date></item>"
)

CDF = """<CHANNEL HREF="https://desk.example/"><ITEM HREF="https://desk.example/c" LASTMOD="2002-11-11T10:00Z">
<TITLE>In CDF</TITLE><ABSTRACT>Short.</ABSTRACT></ITEM></CHANNEL>"""

ITUNES = """<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Cast</title>
<item><title>Episode 4</title><itunes:title>Four</itunes:title><guid isPermaLink="false">ep-4</guid>
<enclosure url="https://desk.example/4.mp3" type="audio/mpeg" length="1"/><itunes:summary>We talk.</itunes:summary>
<pubDate>Tue, 03 Mar 2026 06:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.mark.parametrize(
    "body",
    [ATOM, ATOM_03, RDF, RSS_091, MEDIA, CDF, ITUNES],
    ids=["atom", "atom03", "rdf", "091", "media", "cdf", "itunes"],
)
def test_entries_identities_links_and_dates_are_feedparsers(body: str) -> None:
    url = "https://desk.example/feed"
    told = feedparser.parse(
        body.encode(), response_headers={"content-type": "application/xml", "content-location": url}
    )
    items = read(body).items
    assert len(items) == len(told.entries) > 0
    for item, wanted in zip(items, told.entries, strict=True):
        assert item.url == wanted.get("link")
        assert item.identity == (wanted.get("id") or wanted.get("link"))
        parsed = wanted.get("published_parsed") or dict.get(wanted, "updated_parsed")
        at = dt.datetime.fromtimestamp(calendar.timegm(parsed), dt.UTC) if parsed else None
        assert item.published_at == at


def test_an_atom_entry_is_read_whole() -> None:
    parsed = read(ATOM)
    item = parsed.items[0]
    assert item.title == "Salt & Iron"
    assert item.url == "https://desk.example/blog/one"
    assert item.summary == "First.\n\nSecond."
    assert item.published_at == dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    assert item.updated_at == dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    assert (item.author, item.language) == ("Ana Reyes", "en-GB")
    assert parsed.hints.hub_url == "https://hub.example/"
    assert parsed.hints.self_url == "https://desk.example/feed"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Salt &amp; Iron", "Salt & Iron"),
        ("Salt &amp;amp; Iron", "Salt & Iron"),
        ("Salt &amp;amp;amp; Iron", "Salt & Iron"),
        ("It&amp;#8217;s &lt;b&gt;back&lt;/b&gt;", "It’s back"),
        ("&amp;lt;i&amp;gt;Salt&amp;lt;/i&amp;gt; returns", "Salt returns"),
        ("<![CDATA[Salt &amp; <em>Iron</em>]]>", "Salt & Iron"),
        ("5 &lt; 6 and 7 &gt; 3", "5 < 6 and 7 > 3"),
        ("  Salt\n\t and   Iron ", "Salt and Iron"),
        ("Salt&lt;script&gt;alert(1)&lt;/script&gt;", "Salt"),
        ("Salt &#x1b;[31mIron", "Salt [31mIron"),
    ],
)
def test_a_title_is_plain_text_on_one_line(written: str, title: str) -> None:
    escape_is_illegal = "&#x1b;" in written
    parsed = read(rss(f"<item><title>{written}</title><guid>1</guid></item>"))
    assert parsed.items[0].title == title
    assert bool(parsed.warnings) == escape_is_illegal


def test_a_longer_content_is_the_text_and_the_description_the_summary() -> None:
    full = "<p>First paragraph.</p><script>bad()</script><p>Second <a href='x'>one</a>.</p>" + "<p>More words.</p>" * 60
    body = rss(entry(description="Short.", **{"content:encoded": f"<![CDATA[{full}]]>"}))
    item = read(body).items[0]
    assert item.summary == "Short."
    assert item.text.startswith("First paragraph.\n\nSecond one.\n\nMore words.")
    assert "bad" not in item.text


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("ftp://desk.example/x", None),
        ("//other.example/x", "https://other.example/x"),
        ("/x", "https://desk.example/x"),
        ("  https://desk.example/x\n", "https://desk.example/x"),
        ("https://desk.example:99999999/x", None),
    ],
)
def test_only_web_links_are_links(link: str, url: str | None) -> None:
    assert read(rss(entry(link=link))).items[0].url == url


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Mon, 02 Mar 2026 09:00:00 GMT", dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)),
        ("Mon, 02 Mar 2026 09:00:00 EST", dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)),
        ("2026-03-02", dt.datetime(2026, 3, 2, tzinfo=dt.UTC)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Fri, 02 Mar 2085 09:00:00 GMT", None),
        ("soon", None),
        ("", None),
    ],
)
def test_absurd_dates_are_no_dates(date: str, at: dt.datetime | None) -> None:
    assert read(rss(entry(pubDate=date))).items[0].published_at == at


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"not a feed", "no feed"),
        (b"<!doctype html><html><head><title>x</title></head><body><rss></rss></body></html>", "web page"),
        (b"<?xml version='1.0'?>\n<!-- c --><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "web page"),
        (b"<?xml version='1.0'?><opml version='2.0'><head><title>x</title></head></opml>", "no feed"),
        (b'{"posts": []}', "JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', "JSON"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000, "JSON"),
        (b"<rss version='2.0'><channel><title>Desk</tit", "breaks off"),
        (b"\x00\x01\x02\xff" * 50, "no feed"),
    ],
    ids=["empty", "text", "html", "xhtml", "opml", "json", "torn-json", "deep-json", "torn", "binary"],
)
def test_what_is_no_feed_is_an_error_that_says_so(body: bytes, says: str) -> None:
    with pytest.raises(ParseError, match=says) as caught:
        read(body)
    assert caught.value.source_id == "desk"


@pytest.mark.parametrize(
    "body",
    [
        rss(),
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title></feed>",
        '{"version":"https://jsonfeed.org/version/1","items":[]}',
    ],
    ids=["rss", "atom", "json"],
)
def test_an_empty_feed_has_no_items_and_no_warning(body: str) -> None:
    parsed = read(body)
    assert (parsed.items, parsed.warnings) == ((), ())


def test_a_truncated_feed_gives_what_it_has_and_a_warning() -> None:
    body = rss(entry("One", "https://desk.example/1", "1"), entry("Two", "https://desk.example/2", "2"))
    parsed = read(body[: body.index("</item></channel>")])
    assert [item.title for item in parsed.items] == ["One", "Two"]
    assert "not well-formed" in parsed.warnings[0]


def test_an_entry_torn_before_its_name_waits_for_the_next_poll() -> None:
    body = rss(entry("One", "https://desk.example/1", "1"), entry("Two", "https://desk.example/2", "2"))
    assert [item.title for item in read(body[: body.index("Two") + 10]).items] == ["One"]


def test_of_too_many_entries_the_newest_are_kept() -> None:
    days = [dt.datetime(2020, 1, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=n) for n in range(MAX_ITEMS + 5)]
    body = rss(
        *(
            entry(f"No. {n}", f"https://desk.example/{n}", str(n), pubDate=f"{at:%a, %d %b %Y %H:%M:%S} GMT")
            for n, at in enumerate(days)
        )
    )
    parsed = read(body)
    assert len(parsed.items) == MAX_ITEMS
    assert parsed.items[0].title == "No. 5"
    assert "5 entries" in parsed.warnings[0]


@pytest.mark.parametrize(
    ("channel", "ttl_s", "hours"),
    [
        ("<ttl>90</ttl>", 5400, ()),
        ("<ttl>soon</ttl>", None, ()),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800, ()),
        ("<skipHours><hour>0</hour><hour>24</hour><hour>7</hour></skipHours>", None, (0, 7)),
    ],
)
def test_what_a_feed_asks_of_its_pollers_is_heard(channel: str, ttl_s: int | None, hours: tuple[int, ...]) -> None:
    hints = read(rss(channel=channel)).hints
    assert (hints.ttl_s, hints.skip_hours) == (ttl_s, hours)


@pytest.mark.parametrize(
    ("declared", "encoding", "header"),
    [
        (' encoding="utf-8"', "utf-8", None),
        ("", "utf-8", None),
        ("", "utf-8", "text/xml"),
        (' encoding="iso-8859-1"', "iso-8859-1", "application/rss+xml"),
        (' encoding="windows-1252"', "cp1252", "text/xml"),
        (' encoding="iso-8859-1"', "utf-8", "application/xml; charset=utf-8"),
        (' encoding="utf-16"', "utf-16", None),
        ("", "cp1252", None),
    ],
)
def test_the_charset_is_found(declared: str, encoding: str, header: str | None) -> None:
    body = rss(entry("Café Zürich"), declared=declared).encode(encoding)
    headers = {"Content-Type": header} if header else {}
    parsed = parse(fetched(body, headers=headers), source())
    assert parsed.items[0].title == "Café Zürich"


def test_a_json_feed_is_read_as_any_other() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": "Desk", "home_page_url": "https://desk.example/",
        "language": "en", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [
            {"id": 7, "url": "/seven", "title": "Salt &amp; Iron", "content_html": "<p>One.</p><p>Two.</p>",
             "date_published": "2026-03-02T10:00:00+01:00", "authors": [{"name": "Ana"}]},
            {"id": "https://desk.example/8", "external_url": "javascript:x", "content_text": "a < b"},
            "noise",
        ],
    }  # fmt: skip
    parsed = read(json.dumps(feed))
    first, second = parsed.items
    assert (first.identity, first.url, first.title, first.author) == (
        "7",
        "https://desk.example/seven",
        "Salt & Iron",
        "Ana",
    )
    assert first.summary == "One.\n\nTwo."
    assert first.published_at == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert (second.identity, second.url, second.summary) == ("https://desk.example/8", None, "a < b")
    assert parsed.hints.hub_url == "https://hub.example/"


def test_without_an_address_links_are_taken_from_the_feeds_own() -> None:
    body = rss(entry(link="/x"))
    assert parse(fetched(body.encode(), url=""), source(url="")).items[0].url == "https://desk.example/x"


def test_escaped_html_reaches_feedparser_in_one_piece() -> None:
    """A third of the time of a feed is what its pieces cost."""
    pieces: list[str] = []

    class Listener(ContentHandler):
        def characters(self, content: str) -> None:
            pieces.append(content)

    reader = make_parser(PREFERRED_XML_PARSERS)
    reader.setContentHandler(Listener())
    reader.parse(io.StringIO("<a>" + "&lt;p&gt;Harbour &amp;amp; sea\n" * 900 + "</a>"))
    assert len(pieces) == 1


def test_a_body_that_is_the_name_of_a_file_opens_none(tmp_path: Path) -> None:
    """feedparser takes bytes for a file's name first; `/dev/zero` would fill the memory, a feed here would be read."""
    inside = tmp_path / "inside.xml"
    inside.write_text(rss(entry("From this machine")))
    for name in (str(inside), "/dev/zero", "/etc/passwd", inside.as_uri()):
        with pytest.raises(ParseError, match="this is no feed"):
            read(name)
