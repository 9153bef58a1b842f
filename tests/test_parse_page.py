import datetime as dt

import pytest

from pipeline.parse import parse
from storage.errors import ParseError
from storage.model import Selectors, SourceKind
from tests.feed_factories import fetched, page, source

LIST = """<!doctype html><html lang="en"><head><title>News | Desk</title><base href="/newsroom/"></head><body>
<nav><a href="/a-b-c-d">All of our very latest news</a></nav>
<ul class="list"><li class="story"><a href="one"><h3>Salt &amp; Iron <em>returns</em></h3></a>
<time datetime="2026-03-02T09:00:00-05:00">2 March</time>
<p class="dek">A <b>short</b> text.<script>x</script></p></li>
<li class="story"><a href="https://desk.example/two"><h3>Second story</h3></a>
<span class="date">March 4, 2026</span></li>
<li class="story"><a href="javascript:void(0)"><h3>No link</h3></a><time>03/04/2026</time></li></ul>
<footer><a href="/terms">Our long terms of use</a></footer></body></html>"""
STORY = {"item": "li.story", "title": "h3", "link": "a", "date": "time, .date", "summary": ".dek"}


def test_a_list_of_links_becomes_items() -> None:
    one, two, three = page(LIST, STORY)
    assert (one.title, one.url) == ("Salt & Iron returns", "https://desk.example/newsroom/one")
    assert one.published_at == dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)
    assert one.summary == "A short text."
    assert two.published_at == dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    assert (three.title, three.url, three.published_at) == ("No link", None, None)
    assert one.identity == one.url


def test_an_item_selector_alone_is_enough() -> None:
    assert [item.title for item in page(LIST, {"item": "li.story"})] == [
        "Salt & Iron returns",
        "Second story",
        "No link",
    ]


def test_the_item_may_be_the_link_itself_or_lie_in_one() -> None:
    assert [item.url for item in page(LIST, {"item": ".story a"})][:2] == [
        "https://desk.example/newsroom/one",
        "https://desk.example/two",
    ]
    assert page(LIST, {"item": ".story h3"})[1].url == "https://desk.example/two"


def test_without_selectors_the_links_that_read_like_headlines_are_taken() -> None:
    links = "<a href=/x>The harbour drama returns</a><a href=/y>More</a>"
    body = f"<nav><a href=/n>Navigation with enough words</a></nav>{links}"
    assert [item.url for item in page(body)] == ["https://desk.example/x"]


@pytest.mark.parametrize(
    ("selectors", "says"),
    [
        ({"item": "li.gone"}, "selectors.item.*matches nothing"),
        ({"item": "li.story", "title": "h1"}, "selectors.title.*matches in none of 3"),
        ({"item": "li.story", "link": "blockquote"}, "selectors.link"),
        ({"item": "li.story", "date": ".when"}, "selectors.date"),
        ({"item": "li.story", "summary": ".sum"}, "selectors.summary"),
        ({"item": "li["}, "selectors.item.*no CSS selector"),
        ({"item": "li", "title": "h3::"}, "selectors.title.*no CSS selector"),
    ],
)
def test_a_selector_that_matches_nothing_is_named(selectors: dict[str, str], says: str) -> None:
    with pytest.raises(ParseError, match=says):
        page(LIST, selectors)


def test_a_page_without_headlines_asks_for_selectors() -> None:
    with pytest.raises(ParseError, match="selectors"):
        page("<p>Nothing here.</p>")


def test_a_region_is_one_item_that_changes_with_its_words_only() -> None:
    first, again, other = (
        page(f"<title>Status</title><div id=s class={c}><p>{text}</p><script>{c}</script></div><i>{c}</i>", region="#s")
        for c, text in [("a", "Season 5 is filming."), ("b", "Season 5  is filming."), ("a", "Season 5 has wrapped.")]
    )
    assert first[0].text == "Season 5 is filming."
    assert (first[0].title, first[0].url) == ("Status", "https://desk.example/news/")
    assert first[0].identity == again[0].identity != other[0].identity
    assert first[0].keys == again[0].keys
    assert not set(first[0].keys) & set(other[0].keys)


def test_a_region_that_is_gone_is_named() -> None:
    with pytest.raises(ParseError, match=r"region.*#gone"):
        page("<p>x</p>", region="#gone")


@pytest.mark.parametrize(
    ("body", "header"),
    [
        ("Café".encode("cp1252"), "text/html; charset=iso-8859-1"),
        (b'<meta charset="windows-1252">' + "Café".encode("cp1252"), "text/html"),
        ("Café".encode("cp1252"), None),
        ("Café".encode(), None),
        ("\ufeffCafé".encode("utf-16"), "text/html; charset=utf-8"),
    ],
)
def test_pages_are_decoded_as_a_browser_does(body: bytes, header: str | None) -> None:
    markup = fetched(body, headers={"content-type": header} if header else {})
    watched = source(SourceKind.PAGE, region="body")
    assert parse(markup, watched).items[0].text == "Café"


def test_a_page_nested_beyond_reason_is_refused_quickly() -> None:
    with pytest.raises(ParseError, match="deep"):
        parse(fetched(b"<div>" * 10_000), source(SourceKind.PAGE, selectors=Selectors(item="a")))
