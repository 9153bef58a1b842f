"""Citations, read back as each place reads them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from alerts.cite import Style, cite
from alerts.clean import one_line
from storage.model import Claim, Item, Source
from tests.attacks import attacks, poisoned
from tests.daybooks import daybook

READ = dt.date(2026, 3, 14)
CLAIM, SOURCE = daybook().history[-1], daybook().sources[0].source
ITEM = Item(
    source_id="apple-press", identity="1", url=None, title="Star City finds its day", author="Jane Roe",
    published_at=CLAIM.claimed_at,
)  # fmt: skip


def said(style: Style, claim: Claim = CLAIM, source: Source = SOURCE, item: Item | None = ITEM) -> str:
    return cite(claim, source, item, style=style, accessed=READ)


def test_wikipedia_gets_a_filled_cite_news() -> None:
    assert said(Style.WIKIPEDIA) == (
        "<ref>{{cite news |author=Jane Roe |title=Star City finds its day "
        "|url=https://news.example/apple-press/202603131400 |work=Apple TV Press |date=13 March 2026 "
        "|access-date=14 March 2026 |quote=Star City premieres May 29, 2026, on Apple TV.}}</ref>"
    )


def test_markdown_gets_a_quote_with_its_link() -> None:
    assert said(Style.MARKDOWN) == (
        "> Star City premieres May 29, 2026, on Apple TV.\n>\n"
        "> — Jane Roe, [Star City finds its day](<https://news.example/apple-press/202603131400>), "
        "*Apple TV Press*, 13 March 2026, read 14 March 2026"
    )


def test_bibtex_gets_an_online_entry() -> None:
    assert said(Style.BIBTEX) == (
        "@online{apple-press-2026-03-13-star-city-release-date,\n"
        "  author = {{Jane Roe}},\n"
        "  title = {{Star City finds its day}},\n"
        "  organization = {{Apple TV Press}},\n"
        "  date = {2026-03-13},\n"
        "  url = {https://news.example/apple-press/202603131400},\n"
        "  urldate = {2026-03-14},\n"
        "  note = {\\enquote{Star City premieres May 29, 2026, on Apple TV.}},\n"
        "}"
    )


@pytest.mark.parametrize("style", Style)
def test_without_the_item_the_sentence_is_the_title(style: Style) -> None:
    text = said(style, item=None)
    assert text.count("Star City premieres May 29, 2026") == 2
    assert "Roe" not in text


@pytest.mark.parametrize("style", Style)
def test_without_a_link_nothing_is_said_about_reading_it(style: Style) -> None:
    text = said(style, claim=replace(CLAIM, url="javascript:x"))
    assert "14 March" not in text
    assert "2026-03-14" not in text
    assert "javascript" not in text


def hostile(style: Style) -> list[tuple[str, str]]:
    found = []
    for attack in attacks():
        book = poisoned(attack)
        item = replace(ITEM, title=attack, author=attack, identity=attack)
        found.append((attack, cite(book.history[-1], book.sources[0].source, item, style=style, accessed=READ)))
    return found


def test_no_attack_leaves_its_template_field() -> None:
    for attack, text in hostile(Style.WIKIPEDIA):
        body = re.fullmatch(r"<ref>\{\{cite news (.*)\}\}</ref>", text)
        assert body, attack
        fields = dict(field.strip().split("=", 1) for field in body[1].split("|")[1:])
        assert [*fields] == [name for name in _NAMES if name in fields], attack
        url = fields.pop("url", "")
        assert not re.search(r"[{}\[\]<>]|''|~~|__", url), attack
        for value in fields.values():
            assert not re.search(r"[{}\[\]<>]|''|~~|__|^[*#:;]|://", value), attack
        assert _shown(fields.get("quote", "")) == one_line(attack), attack


_NAMES = ("author", "title", "url", "work", "date", "access-date", "quote")


def _shown(wikitext: str) -> str:
    return re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), wikitext)


def test_no_attack_leaves_the_quotation() -> None:
    for attack, text in hostile(Style.MARKDOWN):
        tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
        blocks = {token.type for token in tokens}
        assert blocks <= {"blockquote_open", "blockquote_close", "paragraph_open", "paragraph_close", "inline"}, attack
        inner = {child.type for token in tokens for child in token.children or ()}
        assert inner <= {"text", "text_special", "link_open", "link_close", "em_open", "em_close"}, attack


def test_no_attack_leaves_its_braces() -> None:
    for attack, text in hostile(Style.BIBTEX):
        assert text.isprintable() or "\n" in text, attack
        depth = 0
        for number, char in enumerate(re.sub(r"\\[{}]", "..", text)):
            depth += {"{": 1, "}": -1}.get(char, 0)
            assert depth > 0 or number < 7 or number == len(text) - 1, attack
        assert depth == 0, attack
        commands = set(re.findall(r"\\([a-z]+)", re.sub(r"\\text\w+\{\}", "", text)))
        assert commands <= {"enquote"}, attack
        assert not re.search(r"(?<!\\)[%#$&_]", re.sub(r"  url = .*", "", text)), attack
