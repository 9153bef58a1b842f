"""`add`: from a page to an entry in sources.yaml, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import sys
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from pipeline.cli.add import Found, find
from pipeline.config import load_config
from pipeline.fetch import Client, utc_now
from pipeline.parse.parsed import Candidate
from pipeline.run import begin
from storage.errors import FetchError, ParseError
from storage.model import FetchState, Poll, SourceKind
from storage.store import open_store
from tests.explaining import ANNOUNCED, NOTHING_YET, World
from tests.feed_factories import entry, rss
from tests.servers import Answer, Script, Server

HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = {"Content-Type": "application/rss+xml"}
NEWS = rss(
    entry(ANNOUNCED, "https://desk.example/1", "1", pubDate="Sun, 10 Jan 2027 09:00:00 GMT"),
    entry("A cookery show arrives", "https://desk.example/2", "2", pubDate="Mon, 11 Jan 2027 09:00:00 GMT"),
    *(entry(f"Piece {n}", f"https://desk.example/{n}", f"{n}", pubDate=f"Tue, {n} Jan 2027 09:00:00 GMT")
      for n in range(12, 16)),
    entry(NOTHING_YET, "https://desk.example/3", "3", pubDate="Sat, 02 Jan 2027 09:00:00 GMT"),
    channel='<atom:link rel="hub" href="https://hub.example/"/>',
)  # fmt: skip
FEED = Answer(body=NEWS.encode(), headers=XML)


def page(*feeds: str) -> Answer:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{url}" title="One">' for url in feeds)
    return Answer(body=f"<html><head><title>Desk</title>{links}</head><body><p>Hello</p></body></html>".encode(),
                  headers=HTML)  # fmt: skip


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return World(tmp_path, capsys)


def served(*scripts: dict[str, Script], then: Callable[..., str]) -> str:
    """What `then` says, given a server for each script; each on a host of its own, for a host is asked with a gap."""

    async def serve() -> str:
        async with AsyncExitStack() as stack:
            servers = [
                await stack.enter_async_context(Server(script, host=f"127.0.0.{number}"))
                for number, script in enumerate(scripts, start=1)
            ]
            with ThreadPoolExecutor(1) as thread:
                return await asyncio.get_running_loop().run_in_executor(thread, then, *servers)

    return asyncio.run(serve())


def says(world: World, *options: str, code: int = 0) -> Callable[[Server], str]:
    """`add` of the server's feed."""
    return lambda server: world.says("add", server.url("/feed"), "--allow-private", *options, code=code)


class Terminal(io.StringIO):
    """A keyboard that types what it was given."""

    def isatty(self) -> bool:
        return True


# --- what is found and shown -----------------------------------------------------------------------------------------


def test_a_page_leads_to_its_feed_which_is_shown_and_written(world: World) -> None:
    before = load_config(world.config_path)

    def added(feed: Server, site: Server) -> str:
        site.script["/tv"] = page(feed.url("/feed"))
        return world.says("add", site.url("/tv"), "--allow-private", "--yes")

    said = served({"/feed": FEED}, {}, then=added)
    assert "Desk: http://127.0.0.1:" in said
    assert "has 7 items" in said
    after = load_config(world.config_path)
    assert after.sources[:-1] == before.sources
    new = after.sources[-1]
    assert (new.id, new.name, new.kind, new.tier, new.allow_private) == ("desk", "Desk", SourceKind.FEED, "press", True)
    assert new.url.endswith("/feed")
    assert world.says("check")


def test_the_newest_five_are_shown_and_of_the_others_what_is_read_in_them(world: World) -> None:
    said = served({"/feed": FEED}, then=says(world, "--dry-run"))
    shown = [line.split(maxsplit=1) for line in said.splitlines() if line.startswith("  2027") or "older" in line]
    assert [words for day, words in shown if day != "older"] == [
        "Piece 15", "Piece 14", "Piece 13", "Piece 12", "A cookery show arrives",
    ]  # fmt: skip
    assert [words for day, words in shown if day == "older"] == [ANNOUNCED, NOTHING_YET]
    assert "→ Harbour Nine, season 3 premiere: 4 March 2027" in said
    assert "→ Lantern Street, " in said
    assert "nothing announced" in said


def test_of_many_older_items_in_which_something_is_read_five_are_shown(world: World) -> None:
    news = rss(*(entry(ANNOUNCED, f"https://desk.example/{n}", f"{n}") for n in range(20)))
    said = served({"/feed": Answer(body=news.encode(), headers=XML)}, then=says(world, "--dry-run"))
    assert said.count("→ Harbour Nine, season 3 premiere") == 10
    assert "and 10 more in which something is read" in said


def test_an_item_that_names_a_work_and_announces_nothing_says_so(world: World) -> None:
    news = rss(entry("We talk about Harbour Nine", "https://desk.example/1"))
    said = served({"/feed": Answer(body=news.encode(), headers=XML)}, then=says(world, "--dry-run"))
    assert "→ names Harbour Nine, and announces nothing" in said


def test_a_hub_is_noticed_in_the_feed_and_in_the_header(world: World) -> None:
    assert "WebSub hub (https://hub.example/)" in served({"/feed": FEED}, then=says(world, "--dry-run"))
    linked = Answer(body=rss(entry()).encode(), headers={**XML, "Link": '<https://other.example/>; rel="hub"'})
    assert "WebSub hub (https://other.example/)" in served({"/feed": linked}, then=says(world, "--dry-run"))
    plain = Answer(body=rss(entry()).encode(), headers=XML)
    assert "WebSub" not in served({"/feed": plain}, then=says(world, "--dry-run"))


def test_a_dry_run_shows_the_entry_and_writes_nothing(world: World) -> None:
    before = world.config_path.read_bytes()
    said = served({"/feed": FEED}, then=says(world, "--dry-run"))
    assert "  - id: desk\n    name: Desk\n    kind: feed\n" in said
    assert "Nothing was written" in said
    assert world.config_path.read_bytes() == before
    assert not world.store_path.exists()


def test_a_title_cannot_steer_the_terminal(world: World) -> None:
    hostile = rss(entry("Red &#27;[31m \u202e alert", "https://desk.example/1")).replace("&amp;", "&")
    said = served({"/feed": Answer(body=hostile.encode(), headers=XML)}, then=says(world, "--dry-run"))
    assert "alert" in said
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_news_sitemap_is_added_as_one(world: World) -> None:
    sitemap = b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://desk.example/1</loc></url></urlset>"
    served({"/feed": Answer(body=sitemap, headers={"Content-Type": "text/xml"})}, then=says(world, "--yes"))
    assert load_config(world.config_path).sources[-1].kind is SourceKind.SITEMAP


# --- the entry -------------------------------------------------------------------------------------------------------


def test_id_name_and_tier_are_taken_as_given(world: World) -> None:
    served({"/feed": FEED}, then=says(world, "--yes", "--id", "my-desk", "--name", "My: Desk", "--tier", "trade"))
    new = load_config(world.config_path).sources[-1]
    assert (new.id, new.name, new.tier) == ("my-desk", "My: Desk", "trade")


@pytest.mark.parametrize(
    ("title", "id_"),
    [
        pytest.param("The Gazette", "the-gazette", id="title"),
        pytest.param("Gazette", "gazette-2", id="taken"),
        pytest.param("All the news of the harbour and of the lanterns", "127-0-0-1", id="long-title-gives-the-host"),
    ],
)
def test_the_id_is_readable_and_its_own(world: World, title: str, id_: str) -> None:
    feed = Answer(body=NEWS.replace("Desk", title).encode(), headers=XML)
    served({"/feed": feed}, then=says(world, "--yes"))
    assert load_config(world.config_path).sources[-1].id == id_


def test_what_is_followed_already_is_not_written_twice(world: World) -> None:
    def twice(server: Server) -> str:
        url = server.url("/feed")
        listed = (
            f'  - {{id: old, name: Old, kind: feed, url: "{url}/?utm_source=x", tier: press, allow_private: true}}\n'
        )
        world.rewrite(lambda text: text.replace("targets:", f"{listed}targets:"))
        before = world.config_path.read_bytes()
        said = says(world, "--yes")(server)
        assert world.config_path.read_bytes() == before
        return said

    assert "already, as old; nothing was written" in served({"/feed": FEED}, then=twice)


def test_what_redirects_to_a_followed_feed_is_followed_already(world: World) -> None:
    def added(feed: Server, old: Server) -> str:
        listed = (
            f'  - {{id: old, name: Old, kind: feed, url: "{feed.url("/feed")}", tier: press, allow_private: true}}\n'
        )
        world.rewrite(lambda text: text.replace("targets:", f"{listed}targets:"))
        old.script["/feed"] = Answer(302, headers={"Location": feed.url("/feed")})
        return says(world, "--yes")(old)

    assert "already, as old; nothing was written" in served({"/feed": FEED}, {}, then=added)


@pytest.mark.parametrize(
    ("id_", "message"),
    [pytest.param("My Desk", "for example my-desk", id="not-an-id"), pytest.param("gazette", "already", id="taken")],
)
def test_an_id_that_cannot_be_is_said_before_anything_is_asked(world: World, id_: str, message: str) -> None:
    def asked(server: Server) -> str:
        says(world, "--yes", "--id", id_, code=2)(server)
        assert server.requests == []
        return world.errors

    assert message in served({"/feed": FEED}, then=asked)


# --- who is asked ----------------------------------------------------------------------------------------------------


def test_without_a_terminal_nothing_is_written_unless_told_to(world: World) -> None:
    before = world.config_path.read_bytes()
    served({"/feed": FEED}, then=says(world, code=2))
    assert "--yes" in world.errors
    assert world.config_path.read_bytes() == before


@pytest.mark.parametrize(("typed", "written"), [("\n", True), ("y\n", True), ("n\n", False)])
def test_at_a_terminal_it_asks(world: World, monkeypatch: pytest.MonkeyPatch, typed: str, written: bool) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    said = served({"/feed": FEED}, then=says(world))
    assert "Write desk into" in said
    assert ("Nothing was written" in said) is not written
    assert (load_config(world.config_path).sources[-1].id == "desk") is written


def several(world: World, *options: str, code: int = 0) -> Callable[[Server, Server], str]:
    def added(feeds: Server, site: Server) -> str:
        site.script["/"] = page(feeds.url("/feed"), feeds.url("/other"))
        return world.says("add", site.url("/"), "--allow-private", *options, code=code)

    return added


def test_of_several_feeds_one_is_chosen_at_a_terminal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("7\n2\ny\n"))
    other = Answer(body=NEWS.replace("Desk", "Other").encode(), headers=XML)
    said = served({"/feed": FEED, "/other": other}, {}, then=several(world))
    assert "  1. http://127.0.0.1:" in said
    assert "  2. http://127.0.0.1:" in said
    assert load_config(world.config_path).sources[-1].id == "other"


def test_of_several_feeds_without_a_terminal_feed_says_which(world: World) -> None:
    served({"/feed": FEED, "/other": FEED}, {}, then=several(world, "--yes", code=2))
    assert "--feed ADDRESS" in world.errors
    assert "  2. http://127.0.0.1:" in world.errors

    def chosen(server: Server) -> str:
        said = world.says("add", server.url("/"), "--feed", "/other", "--allow-private", "--yes")
        assert [request.path for request in server.requests] == ["/other"]
        return said

    served({"/other": FEED}, then=chosen)
    assert load_config(world.config_path).sources[-1].url.endswith("/other")


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(Answer(404, b"gone"), "answered 404", id="not-found"),
        pytest.param(Answer(reset=True), "/feed: ", id="reset"),
        pytest.param(Answer(body=b"<rss><channel>", headers=XML), "breaks off", id="torn"),
    ],
)
def test_a_site_that_fails_is_said_and_nothing_is_written(world: World, answer: Answer, message: str) -> None:
    before = world.config_path.read_bytes()
    served({"/feed": answer}, then=says(world, "--yes", code=4))
    assert message in world.errors
    assert world.config_path.read_bytes() == before


def test_an_address_in_ones_own_network_is_refused_unless_allowed(world: World) -> None:
    def asked(server: Server) -> str:
        world.says("add", server.url("/feed"), "--yes", code=4)
        assert server.requests == []
        return world.errors

    assert "if it is on your own network, say --allow-private" in served({"/feed": FEED}, then=asked)


def held(world: World, until_at: dt.datetime) -> None:
    """A store that remembers that 127.0.0.1 asked for quiet."""
    state = FetchState(
        source_id="gazette", url="https://gazette.example/feed", held_host="127.0.0.1", held_until_at=until_at
    )
    with open_store(world.store_path) as store:
        begin(world.watcher, store, now=utc_now())
        store.record([Poll(state=state)], now=utc_now())


def test_a_host_that_asked_for_quiet_is_not_asked_and_the_time_is_named(world: World) -> None:
    until_at = utc_now() + dt.timedelta(hours=3)
    held(world, until_at)

    def asked(server: Server) -> str:
        says(world, "--yes", code=4)(server)
        assert server.connections == 0
        return world.errors

    message = served({"/feed": FEED}, then=asked)
    assert f"127.0.0.1 asked for quiet until {until_at:%Y-%m-%d %H:%M} UTC; it was not asked" in message
    assert "Try again after that" in message


def test_a_host_whose_quiet_is_over_is_asked(world: World) -> None:
    held(world, utc_now() - dt.timedelta(seconds=1))
    assert "desk is in" in served({"/feed": FEED}, then=says(world, "--yes"))


def test_a_host_that_asks_for_quiet_now_is_believed(world: World) -> None:
    busy = Answer(429, b"too many", headers={"Retry-After": "7200"})
    served({"/feed": busy}, then=says(world, "--yes", code=4))
    assert "answered 429 and asked for quiet until 2" in world.errors
    assert "UTC; try again after that" in world.errors


# --- the first source ------------------------------------------------------------------------------------------------

WORKS = "franchises: [{id: harbour, title: Harbour, works: [{id: harbour-nine, title: Harbour Nine}]}]\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WORKS, id="no-key"),
        pytest.param(f"{WORKS}sources:   # none yet\n\ndigest: {{timezone: UTC}}\n", id="bare-key"),
        pytest.param(f"{WORKS}sources: []\n", id="empty-brackets"),
    ],
)
def test_the_first_source_is_written(world: World, text: str) -> None:
    world.config_path.write_text(text)
    world.says("check", code=3)
    assert "`franchise-watch add URL` finds a feed and writes the first" in world.errors
    served({"/feed": FEED}, then=says(world, "--yes"))
    assert [source.id for source in load_config(world.config_path).sources] == ["desk"]
    assert world.says("check")


def test_without_a_file_what_is_enough_to_begin_is_shown(world: World) -> None:
    world.config_path.unlink()
    world.says("add", "https://desk.example/", code=3)
    assert "this is enough to begin" in world.errors


# --- said or not -----------------------------------------------------------------------------------------------------


def test_quiet_says_nothing_and_writes(world: World) -> None:
    def added(server: Server) -> str:
        return world.says("-q", "add", server.url("/feed"), "--allow-private", "--yes")

    assert served({"/feed": FEED}, then=added) == ""
    assert world.errors == ""
    assert load_config(world.config_path).sources[-1].id == "desk"


def test_quiet_still_asks_and_still_complains(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def added(server: Server) -> str:
        return world.says("-q", "add", server.url("/feed"), "--allow-private")

    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    assert served({"/feed": FEED}, then=added).startswith("Write desk into")
    world.says("-q", "add", "ftp://desk.example/", code=4)
    assert "only http and https" in world.errors


def test_a_configuration_with_mistakes_is_said_before_anything_is_asked(world: World) -> None:
    world.rewrite(lambda text: text.replace("tier: trade", "tier: trad"))
    world.says("add", "https://desk.example/", code=3)
    assert 'did you mean "trade"' in world.errors


def test_a_feed_that_is_no_address_is_a_mistake_of_the_command_line(world: World) -> None:
    world.says("add", "https://desk.example/", "--feed", "javascript:alert(1)", code=2)
    assert "is no address" in world.errors


@pytest.mark.parametrize("url", ["ftp://desk.example/", "https://[desk", "http://", "https://u:p@desk.example/"])
def test_what_is_no_web_address_is_said(world: World, url: str) -> None:
    world.says("add", url, code=4)
    assert "desk" in world.errors or "address" in world.errors
    assert "unexpected" not in world.errors


# --- where nothing is named ------------------------------------------------------------------------------------------


def found(script: dict[str, Script], act: Callable[[Server, Found | Exception], None]) -> None:
    """What `find` makes of the page `/tv`, without the pause between two requests to a host."""

    def first(named: Sequence[Candidate]) -> Candidate:
        return named[0]

    async def search() -> None:
        async with Server(script) as server, Client(gap_s=0) as client:
            looking: Coroutine[None, None, Found] = find(
                server.url("/tv"), client=client, choose=first, allow_private=True
            )
            try:
                answer: Found | Exception = await looking
            except (FetchError, ParseError) as error:
                answer = error
            act(server, answer)

    asyncio.run(search())


def test_the_usual_addresses_are_tried_until_one_is_a_feed() -> None:
    def judge(server: Server, answer: Found | Exception) -> None:
        assert isinstance(answer, Found)
        assert answer.candidate == Candidate(url=server.url("/rss.xml"))
        assert [request.path for request in server.requests] == [
            "/tv",
            "/robots.txt",
            "/tv/feed/",
            "/feed/",
            "/rss.xml",
        ]

    soft_404 = Answer(body=b"<html><body>Not here, sorry</body></html>", headers=HTML)
    found({"/tv": page(), "/feed/": soft_404, "/rss.xml": FEED, "/rss": FEED}, judge)


def test_robots_txt_is_obeyed_where_nobody_named_the_address_and_its_news_sitemap_is_found() -> None:
    def judge(server: Server, answer: Found | Exception) -> None:
        assert isinstance(answer, Found)
        assert answer.candidate == Candidate(url=server.url("/news-map.xml"), kind=SourceKind.SITEMAP)
        assert server.asked("/feed/") == []

    robots = b"User-agent: *\nDisallow: /feed/\nSitemap: /sitemap.xml\nSitemap: /news-map.xml\n"
    sitemap = Answer(body=b"<urlset><url><loc>https://desk.example/1</loc></url></urlset>")
    found({"/tv": page(), "/robots.txt": Answer(body=robots), "/feed/": FEED, "/news-map.xml": sitemap}, judge)


def test_where_nothing_is_found_an_entry_for_the_page_can_be_pasted(tmp_path: Path) -> None:
    def judge(server: Server, answer: Found | Exception) -> None:
        assert isinstance(answer, ParseError)
        snippet = answer.reason.partition("\n\n")[2]
        text = f"franchises: [{{id: a, title: A, works: [{{id: a, title: A}}]}}]\nsources:\n{snippet}\n"
        path = tmp_path / "sources.yaml"
        path.write_text(text)
        (source,) = load_config(path).sources
        assert source.kind is SourceKind.PAGE
        assert source.url == server.url("/tv")
        assert source.selectors is not None

    found({"/tv": page()}, judge)


def test_a_host_that_has_had_enough_is_not_guessed_at_any_more() -> None:
    def judge(server: Server, answer: Found | Exception) -> None:
        assert isinstance(answer, FetchError)
        assert "asked for quiet until" in answer.reason
        assert [request.path for request in server.requests] == ["/tv", "/robots.txt", "/tv/feed/"]

    found({"/tv": page(), "/tv/feed/": Answer(429, headers={"Retry-After": "3600"}), "/feed/": FEED}, judge)


def test_where_robots_txt_cannot_be_read_nothing_is_guessed() -> None:
    def judge(server: Server, answer: Found | Exception) -> None:
        assert isinstance(answer, FetchError)
        assert "cannot be read (answered 500)" in answer.reason
        assert [request.path for request in server.requests] == ["/tv", "/robots.txt"]

    found({"/tv": page(), "/robots.txt": Answer(500), "/feed/": FEED}, judge)


@pytest.mark.soak
def test_a_page_on_which_the_parser_hangs_is_given_up() -> None:
    def judge(server: Server, answer: Found | Exception) -> None:
        assert isinstance(answer, ParseError)
        assert "longer than" in answer.reason

    hanging = b"<html><body>" + b"<dd><li>" * 50_000
    found({"/tv": Answer(body=hanging, headers=HTML)}, judge)


def test_a_feed_that_the_page_names_and_that_is_gone_is_said() -> None:
    def judge(server: Server, answer: Found | Exception) -> None:
        assert isinstance(answer, FetchError)
        assert "answered 404" in answer.reason
        assert [request.path for request in server.requests] == ["/tv", "/gone"]

    found({"/tv": page("/gone")}, judge)
