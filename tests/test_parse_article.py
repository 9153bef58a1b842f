"""Pages in the manner of real ones (WordPress, a JavaScript framework, AMP, paywalls, tables of old), all invented."""

import datetime as dt
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parse import Article
from pipeline.parse.article import parse_article
from pipeline.parse.body import body_text
from pipeline.parse.words import tree
from tests.article_pages import AT, BODY, FOOTER, GRAPH, NOISE, PAGES, PARAGRAPHS, TITLE, URL, WORDPRESS, linked


def read(page: str, url: str = URL, headers: Mapping[str, str] | None = None) -> Article:
    return parse_article(page.encode(), url, headers or {})


@pytest.mark.parametrize("name", PAGES)
def test_title_day_and_text_are_read_and_nothing_else(name: str) -> None:
    article = read(PAGES[name])
    assert article.title == TITLE
    assert article.published_at
    assert article.published_at.date() == dt.date(2026, 3, 2)
    assert all(line in article.text for line in BODY)
    assert [noise for noise in NOISE if noise in article.text] == []
    assert not article.text.startswith(TITLE)
    assert article.reason == ""


@pytest.mark.parametrize("name", [name for name in PAGES if name != "graph"])
def test_the_scorer_alone_finds_the_article(name: str) -> None:
    page = tree(PAGES[name])
    assert page
    text = body_text(page)
    assert all(line in text for line in BODY)
    assert [noise for noise in NOISE if noise in text] == []


def test_a_full_time_is_kept_in_utc() -> None:
    assert read(WORDPRESS).published_at == dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)


def test_author_and_language_are_read() -> None:
    assert (read(WORDPRESS).author, read(WORDPRESS).language) == ("Ana Reyes", "en-US")
    assert (read(GRAPH).author, read(GRAPH).language) == ("Ana Reyes", "en")


def test_a_stated_teaser_does_not_hide_the_visible_text() -> None:
    teaser = linked({"@type": "NewsArticle", "headline": TITLE, "articleBody": BODY[0] + " " + BODY[1][:120]})
    assert BODY[3] in read(WORDPRESS.replace("</head>", f"{teaser}</head>")).text


def test_of_several_stated_articles_the_one_at_this_address_counts() -> None:
    other = {
        "@type": "Article",
        "headline": "Another",
        "url": "https://www.desk.example/8",
        "datePublished": "2020-01-05",
    }
    own = {
        "@type": "Article",
        "headline": TITLE,
        "mainEntityOfPage": {"@id": URL + "?utm_source=x"},
        "datePublished": AT,
    }
    article = read(f"<html><head>{linked([other, own])}</head><body>{PARAGRAPHS}")
    assert article.title == TITLE
    assert article.published_at == dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("head", "url", "day"),
    [
        ("<meta itemprop=datePublished content=2026-03-02>", URL, "2026-03-02"),
        ("<meta name=parsely-pub-date content=2026-03-02T10:00:00Z>", URL, "2026-03-02"),
        ("", "https://desk.example/2026/03/02/harbour", "2026-03-02"),
        ("", "https://desk.example/2026-3-2-harbour", "2026-03-02"),
        ("<meta property=article:modified_time content=2026-03-02>", "", "2026-03-02"),
        ("", "", None),
    ],
)
def test_the_day_is_found_where_the_page_or_its_address_says_it(head: str, url: str, day: str | None) -> None:
    at = read(f"<html><head>{head}</head><body><article>{PARAGRAPHS}</article>", url).published_at
    assert (f"{at:%Y-%m-%d}" if at else None) == day


@pytest.mark.parametrize(
    ("tab", "site", "title"),
    [
        ("Harbour Nine is back | The Desk", "", "Harbour Nine is back"),
        ("Harbour Nine is back - The Desk", "The Desk", "Harbour Nine is back"),
        ("Harbour Nine is back – Television – The Desk", "The Desk", "Harbour Nine is back – Television"),
        ("Harbour Nine - a review", "The Desk", "Harbour Nine - a review"),
        ("The Desk: Harbour Nine is back", "The Desk", "Harbour Nine is back"),
        ("Harbour Nine: the last storm", "The Desk", "Harbour Nine: the last storm"),
        ("Harbour Nine is back · desk.example", "", "Harbour Nine is back"),
    ],
)
def test_a_title_loses_the_sites_name_and_nothing_else(tab: str, site: str, title: str) -> None:
    named = f"<meta property=og:site_name content='{site}'>" if site else ""
    assert read(f"<html><head><title>{tab}</title>{named}</head><body>{PARAGRAPHS}").title == title


BOT_CHECK = """<title>Just a moment...</title><body><h1>desk.example</h1>
<p>Checking your browser before accessing the site. Please enable JavaScript and cookies to continue.</p>"""
CONSENT = """<body><main><h1>We value your privacy</h1>
<p>We and our 800 partners store cookies and process personal data on your device.</p><button>Accept</button></main>"""
CAPTCHA = """<body><article>
<p>Please verify you are a human by completing the captcha below, and we will let you read on at once.</p></article>"""


BOT_CHECK = """<title>Just a moment...</title><body><h1>desk.example</h1>
<p>Checking your browser before accessing the site. Please enable JavaScript and cookies to continue.</p>"""
CONSENT = """<body><main><h1>We value your privacy</h1>
<p>We and our 800 partners store cookies and process personal data on your device.</p><button>Accept</button></main>"""
CAPTCHA = """<body><article>
<p>Please verify you are a human by completing the captcha below, and we will let you read on at once.</p></article>"""


@pytest.mark.parametrize("page", [BOT_CHECK, CONSENT, CAPTCHA], ids=["bot check", "consent", "captcha"])
def test_a_wall_is_no_article(page: str) -> None:
    article = read(page)
    assert article.text == ""
    assert "wall" in article.reason


@pytest.mark.parametrize("page", ["", "<html></html>", "<nav><a href=/>Home</a></nav>", "\x00\x01"])
def test_a_page_without_an_article_says_so(page: str) -> None:
    article = read(page, url="")
    assert article.text == ""
    assert "no article text" in article.reason


def test_a_long_article_may_write_about_cookies() -> None:
    asked = "<p>The captain asked them to accept all cookies, and the crew did as they were told that day.</p>"
    assert "cookies" in read(f"<body><article>{PARAGRAPHS * 3}{asked}</article>").text


def test_nesting_beyond_reason_is_no_article() -> None:
    assert "deep" in read("<div>" * 5000).reason


ODD = {"@type": "Article", "headline": {"a": 1}, "author": 7, "publisher": "x", "datePublished": [1], "url": 3}


ODD = {"@type": "Article", "headline": {"a": 1}, "author": 7, "publisher": "x", "datePublished": [1], "url": 3}


@pytest.mark.parametrize("value", [None, 7, [], {}, [["x"]], {"@type": 3}, ODD])
def test_odd_linked_data_does_no_harm(value: object) -> None:
    assert BODY[0] in read(f"<html><head>{linked(value)}</head><body><article>{PARAGRAPHS}</article>").text


TAGS = ["div", "p", "nav", "aside", "table", "tr", "td", "svg", "script", "style", "template", "ul", "li", "a", "html"]
SOUP = [f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS] + [BODY[0], "<div class=share>", "<p hidden>"]


@given(st.lists(st.sampled_from(SOUP), max_size=40))
def test_no_tag_soup_breaks_the_reader(soup: list[str]) -> None:
    page = tree("".join(soup))
    assert page
    assert "<p" not in body_text(page)


def test_an_article_that_calls_itself_a_box_is_still_found() -> None:
    boxes = "".join(f"<div class='subscriber-content'><p>{line}</p></div>" for line in BODY)
    assert all(line in read(f"<html><body><article><h1>{TITLE}</h1>{boxes}</article>{FOOTER}").text for line in BODY)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(["The Desk today released the trailer of Harbour Nine."], id="one"),
        pytest.param(["The ninth harbour opens on Friday, June 5.", "It has a lamp."], id="two"),
        pytest.param([BODY[0]], id="a_long_one"),
    ],
)
@pytest.mark.parametrize("inside", ["<main><article>{}</article></main>", "<article>{}</article>", "<main>{}</main>"])
def test_the_heading_and_day_of_a_short_article_are_no_part_of_its_sentences(inside: str, told: list[str]) -> None:
    top = "<h1>The trailer of Harbour Nine is here</h1><time>March 5, 2026</time>"
    article = read(f"<html><body>{inside.format(top + ''.join(f'<p>{line}</p>' for line in told))}</body></html>")
    assert article.title == "The trailer of Harbour Nine is here"
    assert [line for line in article.text.split("\n\n") if line != "March 5, 2026"] == told


@pytest.mark.parametrize(
    "line",
    [
        "Updated: Mar 5, 2026 | Published: Mar 2, 2026",
        "Published Mar 2, 2026, updated Mar 5, 2026",
        "Actualizado 05/03/2026, publicado el 2 de marzo de 2026",
    ],
)
def test_of_two_dates_that_of_publication_counts(line: str) -> None:
    page = f"<h1>{TITLE}</h1><div class=meta>{line}</div>{PARAGRAPHS}"
    at = read(page, headers={"content-type": "text/html; charset=utf-8"}).published_at
    assert at
    assert at.date() == dt.date(2026, 3, 2)
