"""robots.txt by RFC 9309 and by the cases Google's parser is tested with, in our own words."""

from __future__ import annotations

import asyncio
import datetime as dt
import time

import pytest

from pipeline.fetch import Client, Robots
from pipeline.fetch.robots import rules_from
from storage.errors import FetchError
from tests.servers import Answer, Server

SITE = "https://site.example"


def allowed(rules: str, path: str = "/x/y") -> bool:
    parsed = rules_from(200, rules.encode())
    assert parsed is not None
    return parsed.can_fetch(SITE + path, "franchise-watch")


OURS, ALL, OTHER = "User-agent: franchise-watch\n", "User-agent: *\n", "User-agent: OtherBot\n"

CASES: dict[str, tuple[str, str, bool]] = {
    "empty": ("", "/x/y", True),
    "ours_disallowed": (OURS + "Disallow: /x", "/x/y", False),
    "ours_disallowed_elsewhere": (OURS + "Disallow: /z", "/x/y", True),
    "all_disallowed": (ALL + "Disallow: /", "/x/y", False),
    "all_but_us": (ALL + "Disallow: /\n\n" + OURS + "Allow: /", "/x/y", True),
    "us_but_not_all": (ALL + "Allow: /\n\n" + OURS + "Disallow: /", "/x/y", False),
    "another_only": (OTHER + "Disallow: /", "/x/y", True),
    "our_group_replaces_the_one_for_all": (ALL + "Disallow: /x\n\n" + OURS + "Disallow: /z", "/x/y", True),
    "groups_of_one_name_are_joined": (
        OURS + "Disallow: /a\n\n" + OTHER + "Disallow: /\n\n" + OURS + "Disallow: /x",
        "/x/y",
        False,
    ),
    "names_share_a_group": (OTHER + OURS + "Disallow: /x", "/x/y", False),
    "name_in_capitals": ("USER-AGENT: FRANCHISE-WATCH\nDISALLOW: /x", "/x/y", False),
    "name_with_comment": ("User-agent: franchise-watch # us\nDisallow: /x # that", "/x/y", False),
    "empty_disallow_allows": (ALL + "Disallow:", "/x/y", True),
    "rule_before_any_group": ("Disallow: /\n" + OTHER + "Disallow: /z", "/x/y", True),
    "sitemap_does_not_end_a_group": (OURS + "Sitemap: https://a.example/s.xml\nDisallow: /x", "/x/y", False),
    "unknown_line_is_ignored": (OURS + "Nonsense: 1\nfoo bar\nDisallow: /x", "/x/y", False),
    "carriage_returns": ("User-agent: *\r\nDisallow: /x\r\n", "/x/y", False),
    "carriage_returns_alone": ("User-agent: other\rDisallow: /\r\rUser-agent: *\rDisallow: /x\r", "/x/y", False),
    "carriage_returns_alone_other_name": (
        "User-agent: other\rDisallow: /\r\rUser-agent: *\rDisallow: /z\r",
        "/x/y",
        True,
    ),
    "byte_order_mark": ("\ufeffUser-agent: *\nDisallow: /x", "/x/y", False),
    "blank_lines_inside": (OURS + "\n\nDisallow: /x", "/x/y", False),
    "spaces_around": ("  User-agent :  *  \n  Disallow :  /x  ", "/x/y", False),
    "longest_wins_allow": (ALL + "Disallow: /x\nAllow: /x/y", "/x/y", True),
    "longest_wins_disallow": (ALL + "Allow: /x\nDisallow: /x/y", "/x/y", False),
    "longest_wins_in_any_order": (ALL + "Allow: /x/y\nDisallow: /x", "/x/y", True),
    "equal_length_allows": (ALL + "Disallow: /x\nAllow: /x", "/x/y", True),
    "page_and_rest": (ALL + "Allow: /page\nDisallow: /*.htm", "/page.htm", False),
    "path_in_capitals_is_another": (ALL + "Disallow: /X", "/x/y", True),
    "prefix": (ALL + "Disallow: /fish", "/fishheads/yummy.html", False),
    "prefix_not_inside": (ALL + "Disallow: /fish", "/catfish", True),
    "directory": (ALL + "Disallow: /fish/", "/fish", True),
    "directory_inside": (ALL + "Disallow: /fish/", "/fish/salmon", False),
    "query_is_part": (ALL + "Disallow: /fish?id=1", "/fish?id=1&b=2", False),
    "star": (ALL + "Disallow: /*.php", "/folder/any.php.file.html", False),
    "star_needs_match": (ALL + "Disallow: /*.php", "/windows.PHP", True),
    "star_and_end": (ALL + "Disallow: /*.php$", "/filename.php", False),
    "star_and_end_longer": (ALL + "Disallow: /*.php$", "/filename.php?parameters", True),
    "star_inside": (ALL + "Disallow: /fish*.php", "/fishheads/catfish.php?parameters", False),
    "star_at_the_end": (ALL + "Disallow: /fish*", "/fish.html", False),
    "star_alone": (ALL + "Disallow: *", "/anything", False),
    "end_of_root": (ALL + "Disallow: /\nAllow: /$", "/", True),
    "end_of_root_only": (ALL + "Disallow: /\nAllow: /$", "/page", False),
    "index_is_its_directory": (ALL + "Allow: /allowed/index.html\nDisallow: /", "/allowed/", True),
    "index_is_not_another_page": (ALL + "Allow: /allowed/index.html\nDisallow: /", "/allowed/other.html", False),
    "escaped_in_rule": (ALL + "Disallow: /%C3%A9t%C3%A9", "/été", False),
    "escaped_in_path": (ALL + "Disallow: /été", "/%C3%A9t%C3%A9", False),
    "escapes_in_small_letters": (ALL + "Disallow: /%c3%a9", "/%C3%A9", False),
    "typo_in_disallow": (ALL + "Dissallow: /x", "/x/y", False),
    "no_colon": ("User-agent *\nDisallow /x", "/x/y", False),
    "crawl_delay_is_no_end": (OURS + "Crawl-delay: 10\nDisallow: /x", "/x/y", False),
    "our_name_within_another": ("User-agent: not-franchise-watch-news\nDisallow: /", "/x/y", True),
    "our_name_with_version": ("User-agent: Franchise-Watch/1.0\nDisallow: /x", "/x/y", False),
    "our_name_and_a_word": ("User-agent: franchise-watch news\nDisallow: /x", "/x/y", False),
    "the_beginning_of_our_name": ("User-agent: franchise\nDisallow: /", "/x/y", True),
    "the_end_of_our_name": ("User-agent: watch\nDisallow: /", "/x/y", True),
    "no_name": ("User-agent:\nDisallow: /", "/x/y", True),
    "star_and_a_word": ("User-agent: * baz\nDisallow: /", "/x/y", False),
    "star_within_a_name": ("User-agent: *bot\nDisallow: /", "/x/y", True),
    "rules_after_another_name": (OURS + "Disallow: /a\n" + OTHER + "Allow: /a\nDisallow: /x", "/x/y", True),
    "robots_txt_itself": (ALL + "Disallow: /", "/robots.txt", True),
}


@pytest.mark.parametrize(("rules", "path", "expected"), CASES.values(), ids=CASES)
def test_a_path_is_allowed_as_the_standard_says(rules: str, path: str, expected: bool) -> None:
    assert allowed(rules, path) is expected


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 451, 302])
def test_a_robots_txt_that_is_not_there_allows_everything(status: int) -> None:
    rules = rules_from(status, b"User-agent: *\nDisallow: /")
    assert rules is not None
    assert rules.can_fetch(SITE + "/x", "franchise-watch")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
def test_a_robots_txt_that_cannot_be_read_is_no_permission(status: int) -> None:
    assert rules_from(status, b"") is None


def test_rules_beyond_500_kb_are_not_read() -> None:
    padding = "# " + "x" * 100 + "\n"
    assert not allowed(ALL + padding * 4000 + "Disallow: /x")
    assert allowed(ALL + padding * 5000 + "Disallow: /x")


@pytest.mark.parametrize(
    "rules",
    [
        "".join(f"User-agent: a{n}\n" for n in range(12_000)) + "".join(f"Disallow: /x{n}\n" for n in range(12_000)),
        "User-agent: *\nDisallow: /" + "*a" * 100_000 + "b",
        "User-agent: *\n" + "Disallow: /*a*b$\n" * 25_000,
        "\0" * 400_000,
        "User-agent: *\nDisallow: " + "%" * 400_000,
    ],
    ids=["names_times_rules", "stars", "many_stars", "zeros", "percents"],
)
def test_a_hostile_robots_txt_takes_no_time(rules: str) -> None:
    started = time.process_time()
    allowed(rules, "/" + "a" * 3000)
    assert time.process_time() - started < 3


# --- over the network ------------------------------------------------------------------------------------------------

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


class Clock:
    now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


async def ask(server: Server, robots: Robots, path: str = "/x") -> bool:
    return await robots.allows(server.url(path), source_id="s", allow_private=True)


def test_rules_are_kept_for_a_day() -> None:
    async def go() -> list[int]:
        clock, counts = Clock(), []
        async with (
            Server({"/robots.txt": Answer(body=b"User-agent: *\nDisallow: /x")}) as server,
            Client(clock=clock, gap_s=0) as client,
        ):
            robots = Robots(client)
            for hours in (0, 1, 23.9, 24.1, 25):
                clock.now = NOW + dt.timedelta(hours=hours)
                assert not await ask(server, robots)
                assert await ask(server, robots, "/y")
                counts.append(len(server.requests))
        return counts

    assert asyncio.run(go()) == [1, 1, 1, 2, 2]


def test_unreadable_rules_are_asked_for_again_after_an_hour() -> None:
    async def go() -> int:
        clock = Clock()
        async with Server({"/robots.txt": Answer(503)}) as server, Client(clock=clock, gap_s=0) as client:
            robots = Robots(client)
            for hours in (0, 0.5, 1.1):
                clock.now = NOW + dt.timedelta(hours=hours)
                with pytest.raises(FetchError, match=r"cannot be read \(answered 503\)"):
                    await ask(server, robots)
            return len(server.requests)

    assert asyncio.run(go()) == 2


def test_rules_behind_a_redirect_are_read() -> None:
    async def go() -> bool:
        script = {
            "/robots.txt": Answer(301, headers={"Location": "/elsewhere"}),
            "/elsewhere": Answer(body=b"User-agent: *\nDisallow: /x"),
        }
        async with Server(dict(script)) as server, Client(gap_s=0) as client:
            return await ask(server, Robots(client))

    assert asyncio.run(go()) is False


def test_many_at_once_ask_for_the_rules_once() -> None:
    async def go() -> int:
        async with Server({"/robots.txt": Answer(body=b"")}) as server, Client(gap_s=0) as client:
            robots = Robots(client)
            assert all(await asyncio.gather(*(ask(server, robots, f"/{n}") for n in range(20))))
            return len(server.requests)

    assert asyncio.run(go()) == 1


def test_a_site_that_is_not_there_gives_no_permission() -> None:
    async def go() -> None:
        async with Server() as server:
            gone = server.url("/x")
        async with Client(gap_s=0) as client:
            await Robots(client).allows(gone, source_id="s", allow_private=True)

    with pytest.raises(FetchError, match="cannot be read"):
        asyncio.run(go())
