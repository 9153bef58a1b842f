"""Every format under attack: each output is parsed back by a real parser, and nothing from outside is markup in it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import email
import email.policy
import functools
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.util import find_spec

import pytest
from markdown_it import MarkdownIt

from alerts.clean import one_line, web_url
from alerts.formats import FORMATS, REQUIRED_OPTIONS, Entry, load
from alerts.formats.apprise import send
from alerts.formats.discord import superseded, superseded_lines
from alerts.formats.ntfy import addressed
from alerts.payload import group, messages
from storage.model import ChangeKind, Kind, Message, Value, Work
from tests.alert_factories import NOW, SOURCES, alert, route

ATTACKS = [
    # mentions
    "@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>", "<@!123>", "<#123>", "<!channel>",
    "<!here>", "<!everyone>", "<!subteam^S123>", "<@U024BE7LH>", "<#C024BE7LR|general>", "@channel", "@admin_bot",
    "<at>Everyone</at>", "tg://user?id=1", '<a href="tg://user?id=1">x</a>',
    # links
    "[x](javascript:alert(1))", "[x](https://evil.example)", "![x](https://evil.example/i.png)",
    "<https://evil.example|click>", "<javascript:alert(1)|x>", "[x]: https://evil.example", "<https://evil.example>",
    "[a](b)](https://evil.example)", "https://evil.example/login",
    # markup
    "`code`", "```\nfence\n```", "**bold**", "*x*", "_x_", "__x__", "~~x~~", "||spoiler||", "> quote", ">>> quote",
    "# heading", "-# small", "- item", "1. item", "* item", "+ item", "| a | b |", "---", ":smile:", "<:name:123>",
    "<t:1618953630:R>", "\\*x*", "\\", "\\\\[x](y)", "a\\",
    # HTML
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</b></blockquote><b>", "&lt;b&gt;", "&#60;b&#62;",
    "<b>unclosed", "<!-- x", "<tg-spoiler>x</tg-spoiler>", "&", "<", ">",
    # control, order, size
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b31m", "\x90q\x9c", "a\x00b", "\x7f\x08\x08", "\u202egnp.exe",
    "\u2066x\u2069", "\u200fx", "\ufeffx\u200b", "z\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 20, "x\u2028y\u2029z",
    "\ud800", "\U000e0041\U000e007f", "A" * 100_000, "語" * 50_000, "🏴‍☠️" * 5_000,
    # headers
    "a\r\nBcc: all@evil.example", "a\nX-Evil: 1", "a\r\n\r\nbody", "=?utf-8?q?a=0d=0aBcc:_x?=", "a\x0bb\x0cc\x85d",
    # JSON
    '", "allowed_mentions": {"parse": ["everyone"]}, "x": "', "\\u0022}", "{{7*7}}", "%0d%0aX: y", "$(id)",
]  # fmt: skip
IDS = [f"{number}-{ascii(text[:24])[1:40]}" for number, text in enumerate(ATTACKS)]
every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=IDS)
URL = "https://desk.example/moves?a=1&b=(2)"


@functools.cache
def message(attack: str, format: str) -> Message:
    """An alert with the attack in every text that comes from outside."""
    value = Value(action=attack, character=attack, platform=attack)
    one = alert(
        Kind.CASTING,
        ChangeKind.ANNOUNCED,
        old=Value(action=attack + "before", character=attack),
        new=value,
        person=attack,
        work=Work(id="w", title=attack, franchise_id="f"),
        note=attack,
        supersedes="c0",
        claimed={"sentence": attack, "attributed_to": attack, "url": URL},
        to=dataclasses.replace(route(format), show_headline=True),
    )
    (made,) = messages([one], now=NOW, source_names={"desk": attack}, headlines={"desk/1": attack})
    return made


@functools.cache
def grouped(attack: str, format: str) -> list[Message]:
    """Twelve such alerts in as few messages as the format allows."""
    some = [dataclasses.replace(message(attack, format), id=f"c{n}.main", change_ids=(f"c{n}",)) for n in range(12)]
    return [made for made, _ in group(some, route(format), now=NOW)]


def texts(node: object) -> Iterator[str]:
    """Every string in parsed JSON."""
    match node:
        case str():
            yield node
        case dict():
            for value in node.values():
                yield from texts(value)
        case list():
            for value in node:
                yield from texts(value)


UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@every_attack
def test_no_control_or_reordering_character_gets_out(attack: str) -> None:
    for format in FORMATS:
        if format != "email":
            for made in [message(attack, format), *grouped(attack, format)]:
                for text in texts(json.loads(made.body)):
                    assert not UNSEEN.search(text), format
                    assert re.search("(\u0304|\u0305)", text) is None, "no more than two marks on a letter"


# --- Discord -------------------------------------------------------------------------------------------------------

MARKDOWN = MarkdownIt("commonmark").enable(["strikethrough", "table"])
PLAIN_TOKENS = {"paragraph_open", "inline", "paragraph_close"}


def discord_markup(text: str) -> set[str]:
    """What Markdown finds in `text` beside text, with Discord's own mentions, emoji, times and spoilers."""
    found = {token.type for token in MARKDOWN.parse(text)} - PLAIN_TOKENS
    found |= {child.type for token in MARKDOWN.parse(text) for child in token.children or []} - {"text", "text_special"}
    unescaped = re.sub(r"\\[^0-9A-Za-z\s]", "", text)
    own = r"<(@|#|t:|a?:)|@(everyone|here)|\|\||:\w+:|https?://"
    return found | ({"discord"} if re.search(own, unescaped) else set())


@every_attack
def test_discord_sees_only_our_own_markup(attack: str) -> None:
    body = json.loads(message(attack, "discord").body)
    assert body["allowed_mentions"] == {"parse": []}
    (embed,) = body["embeds"]
    assert embed["url"] == URL
    assert discord_markup(body["content"]) == set()
    assert discord_markup(embed.get("description", "> x").removeprefix("> ")) == set()
    for field in embed["fields"]:
        assert discord_markup(field["value"]) == set()


@every_attack
def test_discord_lists_link_only_where_we_link(attack: str) -> None:
    for made in grouped(attack, "discord"):
        (embed,) = json.loads(made.body)["embeds"]
        for line in embed["description"].split("\n"):
            text = line.removeprefix("- ")
            linked = re.fullmatch(r"\[(.*)\]\(https://desk\.example/moves\?a=1&b=%282%29\)", text)
            assert discord_markup(linked[1] if linked else text) == set()


@every_attack
def test_discord_lengths_are_kept(attack: str) -> None:
    for made in [message(attack, "discord"), *grouped(attack, "discord")]:
        body = json.loads(made.body)
        (embed,) = body["embeds"]
        assert 0 < len(body["content"]) <= 2_000
        assert len(embed.get("title", "")) <= 256
        assert len(embed.get("description", "")) <= 4_096
        fields = embed.get("fields", [])
        assert len(fields) <= 25
        assert all(0 < len(f["name"]) <= 256 and 0 < len(f["value"]) <= 1_024 for f in fields)
        everything = [embed.get("title", ""), embed.get("description", ""), *(f["name"] + f["value"] for f in fields)]
        assert sum(map(len, everything)) <= 6_000


@every_attack
def test_discord_sees_only_our_own_strokes_in_what_is_superseded(attack: str) -> None:
    one = message(attack, "discord")
    body = json.loads(superseded(one.body, one.summary))
    old, new = body["content"].split("\n")
    (embed,) = body["embeds"]
    values = [field["value"] for field in embed["fields"]]
    struck = [old.removeprefix("Superseded: "), *values]
    struck += [embed["description"].removeprefix("> ")] if "description" in embed else []
    for text in struck:
        assert (text[:2], text[-2:]) == ("~~", "~~")
        assert discord_markup(text[2:-2]) == set()
    assert discord_markup(new) == set()
    assert len(body["content"]) <= 2_000
    assert all(len(value) <= 1_024 for value in values)


@every_attack
def test_discord_sees_only_our_own_strokes_in_a_list_with_a_superseded_line(attack: str) -> None:
    for made in grouped(attack, "discord"):
        (before,) = json.loads(made.body)["embeds"]
        entry = Entry(summary=message(attack, "discord").summary, url=URL)
        (embed,) = json.loads(superseded_lines(made.body, {entry: entry.summary}))["embeds"]
        lines = embed["description"].split("\n")
        struck = [line.removeprefix("- ~~").removesuffix("~~") for line in lines if line.startswith("- ~~")]
        assert struck == [line.removeprefix("- ") for line in before["description"].split("\n")]
        assert all(discord_markup(line) == set() for line in lines if line.startswith("  Now: "))


# --- Slack ---------------------------------------------------------------------------------------------------------


@every_attack
def test_slack_sees_only_our_own_links(attack: str) -> None:
    for made in [message(attack, "slack"), *grouped(attack, "slack")]:
        body = json.loads(made.body)
        assert (body["mrkdwn"], body["unfurl_links"], body["unfurl_media"]) == (False, False, False)
        markup = [text for block in body["blocks"] for text in slack_texts(block) if text["type"] == "mrkdwn"]
        for text in markup:
            link = re.fullmatch(r"<(https://desk\.example/moves\?a=1&amp;b=\(2\))\|([^<>|]*)>", text["text"])
            assert link
            assert not re.search(r"(?<!\u2060)[*_~`]", link[2])
        plain = [
            text["text"] for block in body["blocks"] for text in slack_texts(block) if text["type"] == "plain_text"
        ]
        for shown in [*plain, body["text"]]:
            assert not re.search("[<>]", shown)
            assert not re.search(r"&(?!amp;|lt;|gt;)", shown)


@every_attack
def test_slack_lengths_are_kept(attack: str) -> None:
    for made in [message(attack, "slack"), *grouped(attack, "slack")]:
        blocks = json.loads(made.body)["blocks"]
        assert len(blocks) <= 50
        for block in blocks:
            assert len(block.get("elements", [])) <= 10
            assert all(0 < len(text["text"]) <= 3_000 for text in slack_texts(block))


def slack_texts(block: dict[str, object]) -> list[dict[str, str]]:
    return [block["text"]] if "text" in block else block["elements"]  # type: ignore[return-value,list-item]


# --- Teams ---------------------------------------------------------------------------------------------------------


@every_attack
def test_teams_gets_text_runs_which_read_no_markup(attack: str) -> None:
    for made in [message(attack, "teams"), *grouped(attack, "teams")]:
        assert len(made.body) <= 28_000
        ((card),) = [part["content"] for part in json.loads(made.body)["attachments"]]
        assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
        runs = [run for block in card["body"] for run in block["inlines"]]
        assert {run["type"] for run in runs} == {"TextRun"}
        actions = [run["selectAction"] for run in runs if "selectAction" in run] + card.get("actions", [])
        assert {action["url"] for action in actions} == {URL}
        assert "msteams" not in card, "nobody is mentioned"


# --- Telegram ------------------------------------------------------------------------------------------------------


class TelegramReader(HTMLParser):
    """Telegram's HTML mode: which tags open, whether they close, and the text that is left."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs).get("href")))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@every_attack
def test_telegram_sees_only_our_own_tags(attack: str) -> None:
    for made in [message(attack, "telegram"), *grouped(attack, "telegram")]:
        body = json.loads(made.body)
        read = TelegramReader(body["text"])
        assert set(read.tags) <= {("b", None), ("blockquote", None), ("a", URL)}
        assert read.open == []
        assert 0 < len(read.text) <= 4_096
        assert not re.search("@(?!\u2060)", read.text), "nobody is mentioned"
        assert body["chat_id"] == "-100"
        assert body["link_preview_options"] == {"is_disabled": True}


# --- ntfy ----------------------------------------------------------------------------------------------------------


@every_attack
def test_ntfy_gets_plain_json_within_its_limit(attack: str) -> None:
    for made in [message(attack, "ntfy"), *grouped(attack, "ntfy")]:
        url, sent = addressed("https://ntfy.example/folder/my%20topic", made.body)
        assert url == "https://ntfy.example/folder/"
        body = json.loads(sent)
        assert body["topic"] == "my topic"
        assert body.keys() <= {"topic", "title", "message", "click"}
        assert 0 < len(body["message"].encode()) <= 4_096
        assert body.get("click", URL) == URL


# --- e-mail --------------------------------------------------------------------------------------------------------


@every_attack
def test_mail_headers_cannot_be_added_to(attack: str) -> None:
    for made in [message(attack, "email"), *grouped(attack, "email")]:
        mail = email.message_from_bytes(made.body, policy=email.policy.default)
        assert [name.lower() for name in mail] == [
            "subject", "from", "to", "date", "message-id", "auto-submitted",
            "content-type", "content-transfer-encoding", "mime-version",
        ]  # fmt: skip
        assert mail["To"].addresses[0].addr_spec == "me@mail.example"
        assert len(mail["To"].addresses) == len(mail["From"].addresses) == 1
        assert mail.get_content_type() == "text/plain"
        assert not mail.defects
        assert all(len(line) <= 998 for line in made.body.split(b"\r\n"))
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", mail.get_content())


def test_a_mail_keeps_its_identity_and_its_sender() -> None:
    (one,) = messages([alert(to=route("email"))], now=NOW, source_names=SOURCES)
    (later,) = messages([alert(to=route("email"))], now=NOW + dt.timedelta(days=1), source_names=SOURCES)
    first, second = (email.message_from_bytes(made.body, policy=email.policy.default) for made in (one, later))
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Subject"] == one.summary
    assert str(first["From"]) == "Me <me@mail.example>"
    assert one.summary in first.get_content()
    assert URL.partition("?")[0] in first.get_content()


# --- apprise -------------------------------------------------------------------------------------------------------


@every_attack
def test_apprise_gets_nothing_that_is_markup_anywhere(attack: str) -> None:
    for made in [message(attack, "apprise"), *grouped(attack, "apprise")]:
        text = json.loads(made.body)
        for line in [text["title"], *text["body"].split("\n")]:
            outside = line.replace(URL, "")
            assert not re.search(r"[<>\[\]`*_~|\\]|@(?!\u2060)", outside)


@pytest.mark.skipif(find_spec("apprise") is not None, reason="the extra is installed")
def test_without_the_extra_apprise_is_missing() -> None:
    with pytest.raises(ImportError):
        send("json://phone.example", b'{"title": "t", "body": "b"}')


# --- the generic webhook -------------------------------------------------------------------------------------------


@every_attack
def test_the_webhook_is_the_event_and_no_more(attack: str) -> None:
    event = json.loads(message(attack, "webhook").body)
    assert event.keys() == {"type", "timestamp", "data"}
    assert event["type"] == "casting.announced"
    assert len(event["data"]["summary"]) <= 140


# --- what every format says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_the_news_the_sentence_and_the_link(format: str) -> None:
    (made,) = messages([alert(to=route(format))], now=NOW, source_names=SOURCES)
    if format == "email":
        body = email.message_from_bytes(made.body, policy=email.policy.default).get_content()
    else:
        body = "\n".join(texts(json.loads(made.body)))
    for words in ("Harbour Nine S4: premiere delayed: now 18 September 2026 (was: 5 June 2026)",
                  "The network has moved the fourth season of Harbour Nine to September 18.",
                  "https://desk.example/moves", "The Desk", "2 March 2026"):  # fmt: skip
        if format == "webhook":
            words = words.replace("2 March 2026", "2026-03-02")
        assert words in body


@pytest.mark.parametrize("format", FORMATS)
def test_a_message_is_the_same_bytes_each_time(format: str) -> None:
    assert message("x", format) == message("x", format)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(KeyError):
        load("deliver")
    assert REQUIRED_OPTIONS.keys() <= set(FORMATS)


LINKS = [
    ("https://desk.example/a?b=c&d=(e)#f", True), ("http://desk.example", True), ("https://müller.example/ü", True),
    ("https://[2001:db8::1]:8080/x", True),
    (None, False), ("", False), ("javascript:alert(1)", False), ("JaVaScRiPt:alert(1)", False), ("//x.example", False),
    ("data:text/html,x", False), ("file:///etc/passwd", False), ("https://", False), ("http:///x", False),
    ("https://user:pw@x.example/", False), ("https://x.example/a b", False), ("https://x.example/\r\nX: y", False),
    ('https://x.example/"onx="', False), ("https://x.example/>x", False), ("https://x.example/|x", False),
    ("https://x.example/\u202e", False), ("https://x.example/\x1b", False), ("https://[::1", False),
    ("https://x.example/\ud800", False), ("https://x.example/" + "a" * 3_000, False), ("ftp://x.example", False),
]  # fmt: skip


@pytest.mark.parametrize(("url", "fits"), LINKS, ids=[ascii(url)[:40] for url, _ in LINKS])
def test_only_a_web_link_is_a_link(url: str | None, fits: bool) -> None:
    assert (web_url(url) is not None) == fits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a \r\n\t b\u2028c ", "a b c"),
        ("a\x1b[31mb", "a [31mb"),
        ("family 👨‍👩‍👧 and نمی‌خواهم", "family 👨‍👩‍👧 and نمی‌خواهم"),
        ("e\u0301", "é"),
        ("Tiếng Việt Ệ", "Tiếng Việt Ệ"),
        ("abcdefghijkl", "abcdefghi…"),
    ],
    ids=["breaks", "escape", "joiners", "composed", "accents", "cut"],
)
def test_clean_text_keeps_what_people_write(text: str, expected: str) -> None:
    assert one_line(text, 10 if expected.endswith("…") else 600) == expected
