"""The form of the three filters that other programs rely on: JSON lines in, JSON lines out, one answer for each."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from storage.edtf import parse_edtf
from storage.model import ChangeKind, Kind, Status

WATCH = {"title": "Copper Lanes", "aliases": ["CL"], "people": ["Tove Arnesen"]}
ITEMS = [
    ("a", "2026-01-12", "Everything about Copper Lanes season 2", "Copper Lanes season 2 has no release date yet."),
    ("b", "2026-02-03", "Copper Lanes season 2 comes in 2026", "Copper Lanes season 2 premieres in 2026, we hear."),
    ("c", "2026-03-09", "A date for Copper Lanes", "Copper Lanes season 2 premieres on August 14, 2026."),
    ("d", "2026-03-10", "CL is back in August", "Season 2 of CL will premiere August 14, 2026, it was announced."),
    ("e", "2026-05-20", "Copper Lanes season 2 delayed",
     "The network has moved the premiere of Copper Lanes season 2 from August 14 to October 2, 2026."),
]  # fmt: skip
CLAIM_KEYS = {
    "kind", "work", "season", "role", "value", "earliest", "latest", "person", "action", "character", "status", "null",
    "background", "sentence", "rule",
}  # fmt: skip
ALERT_KEYS = {
    "at", "item_id", "work", "work_title", "kind", "change", "season", "role", "old", "new", "person", "action",
    "status", "sentence",
}  # fmt: skip

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Daily</title><link>https://daily.example/</link>
<item><title>Copper Lanes dated</title><link>https://daily.example/1</link><guid>n-1</guid>
<pubDate>Mon, 09 Mar 2026 07:00:00 GMT</pubDate>
<description>&lt;p&gt;It premieres in August.&lt;/p&gt;</description></item>
<item><title>Rain</title><link>https://daily.example/2</link><guid>n-2</guid></item></channel></rss>"""
ARTICLE = """<!doctype html><html lang="en"><head><title>Copper Lanes returns | Daily</title>
<meta property="article:published_time" content="2026-03-09T07:00:00Z"></head><body><nav><a href="/">Start</a></nav>
<article><h1>Copper Lanes returns</h1><p>The network said on Monday that the second season of Copper Lanes will premiere
on 14 August, after a year and a half in which little was heard of it and less was promised by those who make it.</p>
<p>Its streets were rebuilt in a hall by the river, for the old ones had been sold, and most of the cast is back.</p>
</article><footer>Imprint</footer></body></html>"""


def filtered(*arguments: str, given: str = "") -> list[dict[str, Any]]:
    """The JSON lines that `franchise-watch` answers, as another program gets them."""
    code = "import sys; from pipeline.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, *arguments], input=given, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    path = tmp_path_factory.mktemp("bodies") / "feed.xml"
    path.write_text(FEED)
    asked = [
        {"id": "feed", "kind": "feed", "path": str(path), "url": "https://daily.example/feed"},
        {"id": "article", "kind": "article", "body": ARTICLE, "url": "https://daily.example/1"},
        {"id": "neither", "kind": "feed", "body": "nothing of the sort"},
        {"id": "missing", "kind": "feed", "path": str(path.with_name("nowhere.xml"))},
    ]
    return filtered("parse", "--jsonl", "-", given=lines(asked))


@pytest.fixture(scope="module")
def extracted() -> list[dict[str, Any]]:
    rows = [
        {"id": id_, "published": f"{day}T07:00:00Z", "title": title, "summary": text, "watch": WATCH}
        for id_, day, title, text in ITEMS
    ]
    return filtered("extract", given=lines(rows))


@pytest.fixture(scope="module")
def alerted(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("backtest")
    rows = [{"id": id_, "published": f"{day}T07:00:00Z", "title": title, "summary": text, "source": "daily"}
            for id_, day, title, text in reversed(ITEMS)]  # fmt: skip
    (folder / "items.jsonl").write_text(lines(rows))
    (folder / "watch.json").write_text(json.dumps([WATCH]))
    return filtered("backtest", str(folder / "items.jsonl"), "--watch", str(folder / "watch.json"))


def test_parse_answers_every_line_once_and_in_order(parsed: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in parsed] == ["feed", "article", "neither", "missing"]
    assert [set(row) - {"id"} for row in parsed] == [{"items"}, {"article"}, {"error"}, {"error"}]


def test_parse_gives_items_as_they_would_be_stored(parsed: list[dict[str, Any]]) -> None:
    items = parsed[0]["items"]
    assert [set(item) for item in items] == [{"id", "url", "title", "published", "updated", "summary", "text"}] * 2
    assert [item["url"] for item in items] == ["https://daily.example/1", "https://daily.example/2"]
    assert items[0]["published"] == "2026-03-09T07:00:00Z"
    assert len({item["id"] for item in items}) == 2


def test_parse_gives_an_article_without_what_surrounds_it(parsed: list[dict[str, Any]]) -> None:
    article = parsed[1]["article"]
    assert article["title"] == "Copper Lanes returns"
    assert article["published"].startswith("2026-03-09")
    assert "premiere on 14 August" in " ".join(article["text"].split())
    assert "Imprint" not in article["text"]


def test_parse_reads_one_body_from_standard_input() -> None:
    assert [item["title"] for item in filtered("parse", "-", "--kind", "feed", given=FEED)] == [
        "Copper Lanes dated",
        "Rain",
    ]


def test_extract_answers_every_row_in_order(extracted: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in extracted] == [item[0] for item in ITEMS]


def test_every_claim_has_the_form(extracted: list[dict[str, Any]]) -> None:
    claims = [claim for row in extracted for claim in row["claims"]]
    assert claims
    for claim in claims:
        assert set(claim) == CLAIM_KEYS
        assert claim["kind"] in set(Kind)
        assert claim["status"] in set(Status)
        assert claim["sentence"]
        assert re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", claim["rule"])
        if claim["kind"] == "release_date" and not claim["null"]:
            date = parse_edtf(claim["value"])
            assert (claim["earliest"], claim["latest"]) == (date.earliest.isoformat(), date.latest.isoformat())


def test_plain_truths_are_read(extracted: list[dict[str, Any]]) -> None:
    dates = {
        row["id"]: {(claim["season"], claim["value"], claim["null"]) for claim in row["claims"]
                    if claim["kind"] == "release_date"}
        for row in extracted
    }  # fmt: skip
    assert dates["a"] == {(2, None, True)}
    assert (2, "2026", False) in dates["b"]
    assert (2, "2026-08-14", False) in dates["c"]


def test_backtest_writes_one_line_an_alert_in_order_of_publication(alerted: list[dict[str, Any]]) -> None:
    assert all(set(alert) == ALERT_KEYS for alert in alerted)
    assert all(alert["change"] in set(ChangeKind) and alert["work_title"] == "Copper Lanes" for alert in alerted)
    dates = [alert for alert in alerted if alert["kind"] == "release_date"]
    assert [(alert["item_id"], alert["change"], alert["old"], alert["new"]) for alert in dates] == [
        ("b", "announced", None, "2026"),
        ("c", "refined", "2026", "2026-08-14"),
        ("e", "moved_later", "2026-08-14", "2026-10-02"),
    ]
