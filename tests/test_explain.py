"""`explain`: what was read is marked where it stands, and every claim says what becomes of it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.cli.marked import marked, plain_lines
from pipeline.extract import read, watch_works
from pipeline.extract.text import clean, paragraphs, sentences
from storage.model import Item, Kind, Mention, Work
from tests.explaining import ANNOUNCED, FINALE, MOVED, NOW, World, piece
from tests.servers import Answer, Server

HOSTILE = 'Harbour Nine <script>alert(1)</script> season 3 premieres March 4, 2027. \x1b[31mRed\x1b[0m & "more".'


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return World(tmp_path, capsys)


def text_file(world: World, text: str) -> str:
    path = world.folder / "text.txt"
    path.write_text(text)
    return str(path)


def row(world: World, text: str, *options: str) -> dict[str, object]:
    answer: dict[str, object] = json.loads(
        world.says("explain", text_file(world, text), "--published", "2027-01-10", "--json", *options)
    )
    return answer


def mention(sentence: str, words: str, index: int = 0, kind: Kind = Kind.SEASON) -> Mention:
    start = sentence.index(words)
    return Mention(
        kind=kind, rule="r", sentence=sentence, start=start, end=start + len(words), field="title", paragraph=0,
        sentence_index=index,
    )  # fmt: skip


# --- marks -----------------------------------------------------------------------------------------------------------

S = "Harbour Nine returns for its third season on March 4."


@pytest.mark.parametrize(
    ("spans", "line"),
    [
        pytest.param([], S, id="nothing"),
        pytest.param(["March 4"], "Harbour Nine returns for its third season on [1: March 4].", id="one"),
        pytest.param(
            ["third season", "returns for its third season on March 4"],
            "Harbour Nine [2: returns for its [1: third season] on March 4].",
            id="nested",
        ),
        pytest.param(
            ["third season", "third season"], "Harbour Nine returns for its [1,2: third season] on March 4.", id="same"
        ),
        pytest.param(
            ["returns for its third", "third season"],
            "Harbour Nine [1: returns for its [2: third]][2:  season] on March 4.",
            id="crossing",
        ),
        pytest.param(
            [" on March 4"], "Harbour Nine returns for its third season [1: on March 4].", id="spaces-outside"
        ),
    ],
)
def test_spans_are_marked_where_they_stand(spans: list[str], line: str) -> None:
    text = marked(Item(source_id="s", identity="i", url=None, title=S), [mention(S, words) for words in spans])
    assert list(plain_lines(text)) == [line]


def test_every_mention_of_a_long_text_stands_in_its_marks() -> None:
    item = Item(
        source_id="s", identity="i", url=None, published_at=NOW, title=ANNOUNCED,
        summary="Nothing here. " + FINALE, text=f"First. {MOVED}\n\nThe series returns, its maker said. {ANNOUNCED}",
    )  # fmt: skip
    watch = watch_works((Work(id="harbour-nine", title="Harbour Nine", franchise_id="harbour"),))
    mentions = read(item, watch).mentions
    assert len({m.paragraph for m in mentions}) == 4
    shown = {
        number: "".join(run.text for run in paragraph.runs for mark in run.marks if number in mark.numbers)
        for number in range(1, len(mentions) + 1)
        for paragraph in marked(item, mentions)
        if any(number in mark.numbers for run in paragraph.runs for mark in run.marks)
    }
    assert shown == {n: m.sentence[m.start : m.end].strip() for n, m in enumerate(mentions, start=1)}


def test_no_word_of_the_text_is_lost() -> None:
    item = piece(1, HOSTILE, summary="One. Two! Three?\n\nFour", text=S)
    whole = " ".join("".join(run.text for run in paragraph.runs) for paragraph in marked(item, []))
    parts = [paragraph for raw in (item.title, item.summary, item.text) for paragraph in paragraphs(clean(raw))]
    assert whole == " ".join(sentence for part in parts for sentence in sentences(part))


# --- what becomes of a claim -----------------------------------------------------------------------------------------


def test_a_claim_says_its_rule_its_sentence_and_that_it_would_be_sent(world: World) -> None:
    out = world.says("explain", text_file(world, ANNOUNCED), "--published", "2027-01-10")
    assert re.search(r"\[\d: premieres March 4, 2027\]", out)
    assert f"sentence  “{ANNOUNCED}”" in out
    assert "rule      release_date." in out
    assert "alert     premieres: this would be sent" in out
    assert "1 alert: Harbour Nine, season 3 premiere: 4 March 2027." in out


def test_a_route_says_why_it_does_not_want_it(world: World) -> None:
    out = world.says("explain", text_file(world, FINALE), "--published", "2027-01-10")
    assert "no alert  premieres: the route follows other roles than finale" in out
    assert out.rstrip().endswith("No alert.")


def test_without_a_store_the_ledger_is_empty_and_with_one_it_is_the_stores(world: World) -> None:
    alone = row(world, ANNOUNCED)
    assert alone["ledger"] == "an empty ledger and what sources.yaml says is known"
    assert alone["alerts"] == 1
    world.with_history()
    again = row(world, ANNOUNCED)
    assert again["ledger"] == f"the store {world.store_path}"
    assert again["alerts"] == 0


def test_the_same_words_weigh_as_much_as_their_source(world: World) -> None:
    world.with_history()
    said = "Harbour Nine season 3 has been pushed back to June 3, 2027."
    against = "The season 3 finale of Harbour Nine airs on August 5, 2027."
    late = ("--published", "2027-03-01")
    assert "press against trade" in world.says("explain", text_file(world, against), *late)
    assert "press against trade" not in world.says("explain", text_file(world, against), *late, "--tier", "official")
    assert "1 alert" in world.says("explain", text_file(world, said), *late, "--tier", "official")


def test_what_the_user_knows_is_repeated(world: World) -> None:
    out = world.says("explain", text_file(world, "Harbour Nine has been renewed for season 2."))
    assert "known from sources.yaml" in out
    assert "1970" not in out


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        pytest.param("A cookery show arrives.", "No alert: no watched name stands in the text.", id="no-name"),
        pytest.param(
            "Harbour Nine is a fine show about boats.",
            "No alert: the text names Harbour Nine, and no rule read an announcement in it.",
            id="no-rule",
        ),
        pytest.param("", "No alert: no watched name stands in the text.", id="empty"),
    ],
)
def test_a_text_without_a_claim_says_why(world: World, text: str, summary: str) -> None:
    assert row(world, text)["summary"] == summary


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(f"{ANNOUNCED} Harbour Nine season 3 is coming.", "another sentence of the text", id="better"),
        pytest.param(
            "Ahead of Harbour Nine, a talk.\n\nThe drama premieres May 6, 2027.", "not settled", id="which-work"
        ),
    ],
)
def test_what_asserts_nothing_says_why(world: World, text: str, why: str) -> None:
    left_out = row(world, text)["left_out"]
    assert isinstance(left_out, list)
    assert why in " ".join(each["why"] for each in left_out)


def test_a_work_that_is_only_pointed_to_has_its_title(world: World) -> None:
    out = world.says("explain", text_file(world, "The spin-off premieres May 6, 2027. It is set before Harbour Nine."))
    assert "1. Lantern Street, premiere: 6 May 2027" in out


def test_watch_stands_for_sources_yaml_and_the_store(world: World) -> None:
    world.with_history()
    watched = world.folder / "watch.json"
    watched.write_text(json.dumps([{"title": "Lantern Street"}]))
    answer = row(world, "Lantern Street premieres March 4, 2027.", "--watch", str(watched))
    assert (answer["alerts"], answer["named"]) == (1, ["lantern-street"])
    assert row(world, ANNOUNCED, "--watch", str(watched))["named"] == []


# --- where texts come from -------------------------------------------------------------------------------------------


def test_standard_input_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"A headline\n\n{ANNOUNCED}".encode())))
    assert json.loads(world.says("explain", "-", "--json"))["title"] == "A headline"


def test_each_piece_of_a_feed_is_explained(world: World) -> None:
    feed = (
        '<rss version="2.0"><channel><title>T</title><link>https://gazette.example/</link><description>D</description>'
        + "".join(
            f"<item><title>{title}</title><link>https://gazette.example/{n}</link>"
            "<pubDate>Sun, 10 Jan 2027 10:00:00 GMT</pubDate></item>"
            for n, title in enumerate((ANNOUNCED, FINALE))
        )
        + "</channel></rss>"
    )
    path = world.folder / "feed.xml"
    path.write_text(feed)
    rows = [json.loads(line) for line in world.says("explain", str(path), "--json").splitlines()]
    assert [(each["title"], each["alerts"]) for each in rows] == [(ANNOUNCED, 1), (FINALE, 0)]


def test_a_page_is_fetched_and_its_own_time_of_publication_counts(world: World) -> None:
    page = (
        f'<html><head><title>x</title><meta property="article:published_time" content="2026-02-01T10:00:00Z"></head>'
        f"<body><article><h1>Dates set</h1><p>{ANNOUNCED} {'The crew works on. ' * 30}</p></article></body></html>"
    )

    def asked(url: str) -> str:
        return world.says("explain", url, "--json", "--allow-private", "--published", "2027-01-10")

    async def served() -> str:
        async with Server({"/piece": Answer(body=page.encode(), headers={"Content-Type": "text/html"})}) as server:
            with ThreadPoolExecutor(1) as thread:
                return await asyncio.get_running_loop().run_in_executor(thread, asked, server.url("/piece"))

    answer = json.loads(asyncio.run(served()))
    assert answer["published"] == "2026-02-01T10:00:00+00:00"
    assert any(claim["value"] == "2027-03-04" for claim in answer["claims"])


def test_a_private_address_is_refused(world: World) -> None:
    world.says("explain", "http://127.0.0.1:9/x", code=4)
    assert "127.0.0.1" in world.errors


def test_a_file_that_is_not_there_is_a_usage_error(world: World) -> None:
    world.says("explain", "nowhere.txt", code=2)
    assert "nowhere.txt cannot be read (No such file or directory)" in world.errors


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_holds_the_text_escaped_and_allows_no_script(world: World) -> None:
    page_path = world.folder / "page.html"
    world.says("explain", text_file(world, HOSTILE), "--published", "2027-01-10", "--html", str(page_path))
    page = LexborHTMLParser(page_path.read_text())
    assert page.css("script, img, link, iframe") == []
    assert "<script>alert(1)</script>" in page.css_first("section").text()
    policy = page.css_first("meta[http-equiv]").attributes["content"] or ""
    style = page.css_first("style").text()
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{allowed}'")
    assert "\x1b" not in page_path.read_text()


def test_every_mark_of_the_page_leads_to_its_reading(world: World) -> None:
    page_path = world.folder / "page.html"
    out = world.says(
        "explain", text_file(world, f"{ANNOUNCED}\n\n{FINALE}"), "--published", "2027-01-10", "--html", str(page_path)
    )
    page = LexborHTMLParser(page_path.read_text())
    links = {link.attributes["href"] for link in page.css("mark a")}
    readings = {f"#{reading.attributes['id']}" for reading in page.css("li[id]")}
    assert links == readings
    assert len(readings) == len(re.findall(r"^ ?\d+\. ", out, re.MULTILINE))


def test_the_terminal_gets_no_control_characters(world: World) -> None:
    assert "\x1b" not in world.says("explain", text_file(world, HOSTILE))
