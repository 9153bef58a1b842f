import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.parse import parse_command
from storage.errors import ParseError
from tests.article_pages import AT, BODY, TITLE, WORDPRESS
from tests.feed_factories import entry, rss

FEED = rss(
    entry(
        "Salt &amp; Iron",
        "https://desk.example/1",
        "tag:1",
        pubDate="Mon, 02 Mar 2026 09:00:00 +0100",
        description="Short.",
    ),
    entry("Zürich", "https://desk.example/2", "tag:2"),
)
PAGE = "<ul><li><a href=/one><b>One</b></a> <time>2026-03-02</time></li><li><a href=/two><b>Two</b></a></li></ul>"


def run(args: Sequence[str], given: str | bytes = "") -> list[dict[str, object]]:
    done = CliRunner().invoke(parse_command, args, input=given, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(*made: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in made)


def test_a_feed_gives_an_item_a_line() -> None:
    first, second = run(["-", "--url", "https://desk.example/feed"], FEED)
    assert first == {
        "id": "tag:1", "url": "https://desk.example/1", "title": "Salt & Iron", "published": "2026-03-02T08:00:00Z",
        "updated": None, "summary": "Short.", "text": "",
    }  # fmt: skip
    assert second["title"] == "Zürich"


def test_an_article_gives_one_line(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(WORDPRESS)
    [article] = run([str(file), "--kind", "article"])
    assert article == {"title": TITLE, "published": "2026-03-02T08:30:00Z", "text": "\n\n".join(BODY)}


def test_a_page_is_read_with_the_selectors_given() -> None:
    one, two = run(["-", "--url", "https://desk.example/news", "--item", "li", "--title", "b", "--date", "time"], PAGE)
    assert (one["url"], one["title"], one["published"]) == ("https://desk.example/one", "One", "2026-03-02T00:00:00Z")
    assert two["published"] is None


def test_a_region_is_one_item() -> None:
    [item] = run(["-", "--region", "li"], PAGE)
    assert item["text"] == "One 2026-03-02\n\nTwo"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (FEED, "items"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "items"),
        ('{"version": "https://jsonfeed.org/version/1", "items": []}', "items"),
        ("<urlset><url><loc>https://desk.example/1</loc></url></urlset>", "items"),
        (WORDPRESS, "article"),
        ("  <!-- x --><div><p>Words.</p></div>", "article"),
        ("nothing", "error"),
        ("", "error"),
        ("{}", "error"),
    ],
    ids=["rss", "atom", "json", "sitemap", "html", "fragment", "text", "empty", "object"],
)
def test_the_kind_is_seen_in_the_body(body: str, kind: str) -> None:
    [answer] = run(["--jsonl", "-"], rows({"id": 1, "body": body}))
    assert list(answer) == ["id", kind]


def test_every_row_is_answered_in_order(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(FEED)
    made = [
        {"id": n, "path": str(tmp_path / "feed.xml")} if n % 3 else {"id": n, "body": WORDPRESS} for n in range(150)
    ]
    answers = run(["--jsonl", "-"], rows(*made))
    assert [answer["id"] for answer in answers] == list(range(150))
    assert [("items" in answer, "article" in answer) for answer in answers] == [
        (bool(n % 3), not n % 3) for n in range(150)
    ]


@pytest.mark.parametrize(
    ("line", "id_", "says"),
    [
        ("{", None, "not JSON"),
        ("[" * 100_000, None, "not JSON"),
        ("7", None, "no object"),
        ('{"id": "a"}', "a", "`body`"),
        ('{"id": "a", "body": 7}', "a", "`body`"),
        ('{"id": "a", "path": "/no/such/file"}', "a", "`path`"),
        ('{"id": "a", "path": "/"}', "a", "`path`"),
        ('{"id": "a", "path": "a\\u0000b"}', "a", "`path`"),
        ('{"id": "a", "body": "x", "kind": "video"}', "a", "`kind` 'video' is none of feed"),
        ('{"id": "a", "body": "x", "kind": []}', "a", "no feed"),
        ('{"id": "a", "body": "x", "url": 7}', "a", "`url`"),
        ('{"id": {"n": 1}, "body": "\\ud800"}', {"n": 1}, "no feed"),
        ('{"id": "a", "body": "<p>x</p>", "kind": "page"}', "a", "selectors"),
    ],
)
def test_a_bad_row_gives_an_error_and_the_next_is_answered(line: str, id_: object, says: str) -> None:
    bad, good = run(["--jsonl", "-"], line + "\n\n" + rows({"id": "good", "body": FEED}))
    assert bad["id"] == id_
    assert says in str(bad["error"])
    assert len(good["items"]) == 2  # type: ignore[arg-type]


def test_a_body_given_as_text_is_not_decoded_again() -> None:
    feed = rss(entry("Café"), declared=' encoding="iso-8859-1"')
    page = '<html><head><meta charset="windows-1252"><title>Café</title></head><body><p>x</p>'
    feeds, article = run(["--jsonl", "-"], rows({"id": 1, "body": feed}, {"id": 2, "body": page, "kind": "article"}))
    assert feeds["items"][0]["title"] == "Café"  # type: ignore[index]
    assert article["article"]["title"] == "Café"  # type: ignore[index]


def test_a_single_body_that_is_no_feed_is_an_error_with_exit_code_4() -> None:
    with pytest.raises(ParseError, match="no feed") as caught:
        run(["-"], "nothing")
    assert caught.value.exit_code == 4


def test_a_page_without_text_says_why() -> None:
    [article] = run(["-", "--kind", "article"], "<body><p>Checking your browser, enable JavaScript.</p>")
    assert article["text"] == ""
    assert article["reason"]


def test_selectors_inside_an_item_need_the_item() -> None:
    done = CliRunner().invoke(parse_command, ["-", "--title", "b"])
    assert done.exit_code == 2
    assert "--item" in done.output


def test_times_end_in_z() -> None:
    [article] = run(["-", "--kind", "article"], f"<meta property=article:published_time content={AT}><p>x</p>")
    assert article["published"] == "2026-03-02T08:30:00Z"
