"""The digest as HTML, Markdown, text and mail: parsed back, and harmless whatever was read."""

from __future__ import annotations

import email
import io
import re
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from functools import cache
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from alerts.clean import one_line, web_url
from alerts.digest.html import render_html, render_mail_html
from alerts.digest.mail import digest_mail
from alerts.digest.markdown import escape_markdown, markdown_link, render_markdown
from alerts.digest.model import Digest, build_digest
from alerts.digest.text import print_digest, render_text
from storage.errors import DeliveryError
from storage.model import DayBook
from tests.attacks import attacks, poisoned
from tests.daybooks import LOCAL_DATE, daybook, quiet_daybook

ATTACKS = attacks()
TAGS = {
    "-text", "!doctype", "html", "head", "meta", "title", "style", "body", "a", "header", "main", "footer", "section",
    "article", "p", "h1", "h2", "h3", "span", "br", "s", "strong", "blockquote", "table", "thead", "tbody", "tr", "th",
    "td", "ul", "li", "figure", "figcaption", "details", "summary", "code",
    "svg", "desc", "line", "text", "g", "path", "circle", "rect",
}  # fmt: skip
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def digest_of(book: DayBook, *, show_headlines: bool = False) -> Digest:
    return build_digest(book, timezone="Europe/Berlin", local_date=LOCAL_DATE, show_headlines=show_headlines)


@cache
def hostile_digests() -> tuple[tuple[str, Digest], ...]:
    return tuple((attack, digest_of(poisoned(attack), show_headlines=True)) for attack in ATTACKS)


def test_the_table_of_attacks_is_long_enough() -> None:
    assert len(set(ATTACKS)) >= 300


# --- HTML --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", [daybook(), quiet_daybook()], ids=["full", "quiet"])
def test_headings_are_in_order_and_landmarks_are_there(book: DayBook) -> None:
    page = LexborHTMLParser(render_html(digest_of(book)))
    levels = [int(node.tag[1]) for node in page.css("h1,h2,h3,h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert [len(page.css(name)) for name in ("header", "main", "footer")] == [1, 1, 1]
    assert page.css_first("html").attributes["lang"] == "en"


def test_every_section_and_picture_is_named_by_something_on_the_page() -> None:
    page = LexborHTMLParser(render_html(digest_of(daybook())))
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    named = page.css("section, svg")
    assert len(page.css("svg")) == 3
    for node in named:
        assert set((node.attributes["aria-labelledby"] or "").split()) <= set(ids)
    assert all(node.attributes["role"] == "img" for node in page.css("svg"))


def test_the_policy_allows_the_pages_own_style_only() -> None:
    html = render_html(digest_of(daybook()))
    policy = LexborHTMLParser(html).css_first("meta[http-equiv]").attributes["content"] or ""
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'", policy
    )
    assert " style=" not in html
    assert "url(" not in html


def test_links_lead_to_the_web_and_tell_nothing() -> None:
    links = LexborHTMLParser(render_html(digest_of(daybook()))).css("main a")
    assert len(links) == 8
    for link in links:
        assert (link.attributes["href"] or "").startswith("https://news.example/")
        assert link.attributes["rel"] == "noopener noreferrer"


def test_no_attack_becomes_markup_and_its_text_is_shown() -> None:
    for attack, digest in hostile_digests():
        _assert_harmless_and_whole(attack, LexborHTMLParser(render_html(digest)))


def test_no_attack_becomes_markup_in_a_mail() -> None:
    for attack, digest in hostile_digests()[::4]:
        _assert_harmless_and_whole(attack, LexborHTMLParser(render_mail_html(digest)))


def _assert_harmless_and_whole(attack: str, page: LexborHTMLParser) -> None:
    assert page.root
    quote = page.css_first("blockquote")
    assert (quote.text() if quote else "") == one_line(attack)
    for node in page.root.traverse(include_text=False):
        assert node.tag in TAGS, attack
        names = set(node.attributes)
        assert not names & {"src", "srcset", "style", "srcdoc", "action", "data", "background", "poster"}, attack
        assert not any(name.startswith("on") for name in names), attack
        href = node.attributes.get("href")
        assert href is None or href == "#main" or href == web_url(href), attack
    assert len(page.css("style")) == 1, attack
    assert len(page.css("meta")) in (4, 5), attack


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_contrast_meets_wcag_aa(scheme: str) -> None:
    style = LexborHTMLParser(render_html(digest_of(daybook()))).css_first("style").text()
    start = {"light": 0, "dark": style.index("prefers-color-scheme:dark"), "print": style.index("media print")}[scheme]
    colours = dict(re.findall(r"--(\w+):(#\w+)", style[start : style.index("}", start)]))
    for name in ("ink", "soft", "accent"):
        assert _contrast(colours[name], colours["paper"]) >= 4.5, name


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_pictures_use_the_pages_colours() -> None:
    style = LexborHTMLParser(render_html(digest_of(daybook()))).css_first("style").text()
    page, plots = style.split(".fw-plot", 1)
    assert set(re.findall(r"#[0-9a-f]{6}", plots)) <= set(re.findall(r"#[0-9a-f]{6}", page))


# --- mail --------------------------------------------------------------------------------------------------------


def test_a_mail_holds_the_same_as_text_and_html() -> None:
    mail = _parsed(digest_mail(digest_of(daybook()), sender="Watch <w@x.example>", to="a@x.example, b@x.example"))
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["Subject"] == "Saturday, 14 March 2026: 4 changes and 1 rumour. Next: For All Mankind, in 13 days."
    assert [address.addr_spec for address in mail["To"].addresses] == ["a@x.example", "b@x.example"]
    assert text
    assert html
    for part in (text.get_content(), html.get_content()):
        assert "29 May 2026 on Apple TV" in " ".join(part.split())


def test_a_mail_needs_neither_svg_nor_variables() -> None:
    html = render_mail_html(digest_of(daybook()))
    page = LexborHTMLParser(html)
    assert not page.css("svg, details")
    assert "var(" not in html
    assert len(page.css("figure table")) == 2


def test_no_attack_adds_a_header_or_a_part() -> None:
    benign = _parsed(digest_mail(digest_of(poisoned("calm")), sender="a@x.example", to="b@x.example"))
    for attack, digest in hostile_digests():
        if "<" in attack:
            continue  # says nothing to a header; the HTML part is tested by itself
        mail = _parsed(digest_mail(digest, sender="a@x.example", to="b@x.example"))
        assert mail.keys() == benign.keys(), attack
        assert [part.get_content_type() for part in mail.walk()] == [part.get_content_type() for part in benign.walk()]


@pytest.mark.parametrize("address", ["nobody", "", "@", "a b c", "a@", ";"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(DeliveryError, match="mail address"):
        digest_mail(digest_of(quiet_daybook()), sender="a@x.example", to=address)


def test_an_address_cannot_add_a_header() -> None:
    mail = digest_mail(digest_of(quiet_daybook()), sender="a@x.example", to="a@x.example\r\nBcc: c@x.example")
    assert _parsed(mail)["Bcc"] is None


def _parsed(mail: bytes) -> EmailMessage:
    message = email.message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage)
    return message


# --- Markdown ----------------------------------------------------------------------------------------------------


def _tokens(markdown: str) -> list[Token]:
    tokens = MARKDOWN.parse(markdown)
    return [inner for token in tokens for inner in (token, *(token.children or ()))]


def test_markdown_has_the_headings_and_tables_of_the_page() -> None:
    tokens = _tokens(render_markdown(digest_of(daybook())))
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h2") == 7
    assert sum(token.type == "tr_open" for token in tokens) == 5
    assert sum(token.type == "link_open" for token in tokens) == 8


def test_markdown_text_reads_as_it_was_written() -> None:
    for attack in ATTACKS:
        text = one_line(attack)
        (paragraph,) = [token for token in MARKDOWN.parse(escape_markdown(text) or "x") if token.type == "inline"]
        shown = "".join(token.content for token in paragraph.children or () if token.type in ("text", "text_special"))
        assert {token.type for token in paragraph.children or ()} <= {"text", "text_special"}, attack
        assert shown == (text or "x"), attack


def test_no_attack_becomes_markdown() -> None:
    calm = render_markdown(digest_of(poisoned("calm"), show_headlines=True))
    benign = [token.type for token in _tokens(calm) if token.block]
    for attack, digest in hostile_digests():
        tokens = _tokens(render_markdown(digest))
        assert not {"html_block", "html_inline", "image", "code_block", "fence"} & {token.type for token in tokens}
        hrefs = [token.attrs["href"] for token in tokens if token.type == "link_open"]
        assert all(str(href).startswith(("http://", "https://")) for href in hrefs), attack
        if one_line(attack):
            assert [token.type for token in tokens if token.block] == benign, attack


def test_a_link_without_an_address_is_its_text() -> None:
    assert markdown_link("a*b", None) == "a\\*b"
    assert markdown_link("a]b", "https://x.example/(1)") == "[a\\]b](<https://x.example/(1)>)"


# --- terminal ----------------------------------------------------------------------------------------------------


def test_no_attack_reaches_the_terminal() -> None:
    for attack, digest in hostile_digests():
        text = render_text(digest)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text), attack


def test_a_console_shows_the_words_of_the_plain_text() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, color_system="truecolor", legacy_windows=False)
    print_digest(digest_of(daybook()), console)
    styled = screen.getvalue()
    assert "\x1b[1mSaturday, 14 March 2026\x1b[0m" in styled
    assert re.sub(r"\x1b\[[\d;]*m", "", styled).rstrip() == render_text(digest_of(daybook()), width=80).rstrip()


def test_markup_of_the_console_is_not_read_in_the_news() -> None:
    screen = io.StringIO()
    book = daybook()
    loud = replace(book.works[0], title="[bold red]For All[/] :rocket: Mankind")
    print_digest(digest_of(replace(book, works=(loud, *book.works[1:]))), Console(file=screen, width=80))
    assert "[bold red]For All[/] :rocket: Mankind" in screen.getvalue()
