"""From a publisher's server to a signed webhook: the main job, with nothing faked but the clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.model import Claim, Kind, OutboxState
from storage.store import open_store
from tests.receivers import answers
from tests.servers import Answer
from tests.worlds import FRANCHISE, World, story

TITLE = "Star City: how the other side of the Moon race could look"
PARAGRAPHS = (
    "When Apple opened its streaming service in 2019, For All Mankind was one of the first shows on it, and it has "
    "done well enough to be given a spin-off of its own, called Star City. The new show tells of the same race to the "
    "Moon, but as the Soviet Union lived it.",
    "Not much is known about Star City for now, though a little more comes out every few months. The first idea for it "
    "has changed somewhat, but its premise has not.",
    "For All Mankind season 5 is on its way, and co-creator Matt Wolpert said in a 2023 interview with a magazine that "
    "their plan was seven seasons long. Other science fiction on the service draws larger crowds, yet many hope to see "
    "the seven-season plan through.",
    "Neither For All Mankind season 5 nor Star City season 1 has a confirmed release date as of yet. Until there is "
    "one we have to make do with hints about how the two will meet, if they do.",
    "Star City season 1 plays beside For All Mankind season 1",
    "In both shows the Soviet Union lands the first man on the Moon in 1969, and season 1 of For All Mankind follows "
    "what comes of it into the 1970s. Each season of For All Mankind then leaps about ten years, which brings fresh "
    "faces to the cast every time.",
    "Showrunner Ronald D. Moore has confirmed in an interview that the spin-off's first season will for the most part "
    "stay in the 1970s. I doubt that Star City will ever catch up with For All Mankind.",
    "By the end of For All Mankind season 4 there are people on Mars, but that took the show a long while, and Star "
    "City may never get there.",
)  # fmt: skip

DATED = "Apple TV sets the date for For All Mankind season 5"
REWRITE = "For All Mankind is back in March"
LATER = "For All Mankind season 5 delayed"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def claims(world: World) -> list[Claim]:
    """Every claim in the store about what is not season numbers of the configuration."""
    with open_store(world.store_path, read_only=True) as store:
        works = [work.id for work in world.watcher().config.works]
        slots = store.beliefs(works)
        return [claim for slot in slots for claim in store.claims_for(slot)]


def told(world: World) -> list[tuple[str, str | None, str | None]]:
    """Type, old and new words of each verified webhook."""
    return [
        (event["type"], *((event["data"][side] or {}).get("words") for side in ("old", "new")))
        for event in world.verified()
    ]


def seed_page() -> bytes:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return f"""<!doctype html><html lang="en"><body><article><h2><a href="/star-city">{TITLE}</a></h2>
        <time datetime="2025-09-01T09:00:00Z">today</time><div class="body">{paragraphs}</div></article>
        </body></html>""".encode()


def one_page_one_feed(world: World) -> None:
    world.write_config(
        f"""\
  - {{id: desk, name: Desk, kind: feed, tier: press, interval: 15m, allow_private: true,
      url: "{world.servers["desk"].url("/feed")}"}}
  - id: wire
    name: Wire
    kind: page
    tier: press
    interval: 15m
    allow_private: true
    url: "{world.servers["wire"].url("/news")}"
    selectors: {{item: article, title: h2, link: a, date: time, summary: .body}}
"""
    )


def test_the_founding_article_alerts_nobody_and_is_understood(world: World) -> None:
    one_page_one_feed(world)
    world.publish("desk", story("Weather"))
    empty = (
        b"<article><h2><a href='/w'>Weather</a></h2><time datetime='2025-08-31'></time><p class=body>Mild.</article>"
    )
    world.serve("wire", Answer(body=empty), "/news")
    assert world.round()[0].cycle.first_looks == 2

    world.publish("desk", story("Weather"), story(TITLE, " ".join(f"&lt;p&gt;{p}&lt;/p&gt;" for p in PARAGRAPHS)))
    world.serve("wire", Answer(body=seed_page()), "/news")
    looked, _ = world.round()

    assert looked.cycle.failures == {}
    assert looked.cycle.items == 2
    assert world.receiver.received == []
    assert world.alerts() == []
    said = claims(world)
    assert {claim.source_id for claim in said} == {"desk", "wire"}
    nulls = {(claim.work_id, claim.season) for claim in said if claim.kind is Kind.RELEASE_DATE and claim.null}
    assert nulls == {("for-all-mankind", 5), ("star-city", 1)}
    seasons = {(claim.work_id, claim.season) for claim in said if claim.kind is Kind.SEASON and claim.season}
    assert seasons == {("for-all-mankind", season) for season in (1, 4, 5)} | {("star-city", 1)}
    plans = {(claim.work_id, claim.role, claim.value) for claim in said if claim.kind is Kind.SEASON and claim.value}
    assert plans == {("for-all-mankind", "planned_total", "seven")}
    dates = [claim for claim in said if claim.kind is Kind.RELEASE_DATE and claim.date]
    assert [claim for claim in dates if not claim.background] == []
    assert {(claim.work_id, claim.season, str(claim.date and claim.date.edtf)) for claim in dates} <= {
        ("for-all-mankind", None, "2019")  # when it began, told as background
    }
    assert [claim for claim in said if claim.kind is Kind.CASTING] == []


def test_a_date_is_told_once_and_its_move_once(world: World) -> None:
    world.publish("desk", story("Weather"))
    world.publish("wire", story("Sports"))
    world.round()

    news = story(
        DATED, "Apple TV announced that For All Mankind season 5 will premiere on March 27, 2026.", at=world.now
    )
    world.publish("desk", news, story("Weather"))
    world.round()
    assert told(world) == [("release_date.announced", None, "27 March 2026")]

    rewrite = story(REWRITE, "Season 5 of For All Mankind arrives March 27, 2026, Apple TV says.", at=world.now)
    world.publish("wire", rewrite, story("Sports"))
    looked, _ = world.round()
    assert looked.cycle.claims > 0
    assert len(world.receiver.received) == 1

    move = "Apple TV has moved the premiere of For All Mankind season 5 from March 27 to May 8, 2026."
    world.publish("desk", story(LATER, move, at=world.now), news, story("Weather"))
    world.round()
    assert told(world)[1:] == [("release_date.moved_later", "27 March 2026", "8 May 2026")]
    assert world.verified()[1]["data"]["supersedes"] == world.verified()[0]["data"]["id"]

    for _ in range(3):
        world.round()
    assert len(world.receiver.received) == 2
    assert {entry.state for entry in world.alerts()} == {OutboxState.DELIVERED}


def test_what_cannot_be_delivered_is_tried_again_under_its_id(world: World) -> None:
    world.publish("desk", story("Weather"))
    world.round()
    world.receiver.behaviours["/hook"] = answers(503)
    world.publish("desk", story(DATED, "For All Mankind season 5 premieres March 27, 2026, Apple TV announced."))
    _, sent = world.round()
    assert sent is not None
    assert len(sent.failed) == 1
    del world.receiver.behaviours["/hook"]
    world.round(hours=0.01)
    assert len(world.receiver.received) == 2
    assert len(set(world.receiver.ids())) == 1


def feed_line(world: World, publisher: str, id: str) -> str:
    """The publisher as a source of that id."""
    url = world.servers[publisher].url("/feed")
    return f"  - {{id: {id}, name: N, kind: feed, tier: trade, interval: 15m, allow_private: true, url: '{url}'}}\n"


@pytest.mark.parametrize("name", ["desk", "the-desk-again"], ids=["under its name", "under another name"])
def test_a_source_that_is_taken_out_and_put_back_alerts_nobody_of_what_it_brings_at_once(
    world: World, name: str
) -> None:
    news = [story(f"News {n}", f"For All Mankind season {n} premieres March {n}, 2027.", number=n) for n in (5, 6)]
    world.publish("desk", story("Weather"))
    world.publish("wire", story("Sports"))
    world.round()
    world.publish("desk", news[0], story("Weather"))
    world.round()
    assert [event["data"]["season"] for event in world.verified()] == [5]

    wire, desk = feed_line(world, "wire", "wire"), feed_line(world, "desk", name)
    world.write_config(wire)
    world.round()
    world.publish("desk", news[1], news[0], story("Weather"))
    world.write_config(wire + desk)
    world.round(hours=24)
    assert len(world.receiver.received) == 1, "what was missed meanwhile is known, and no alert"
    third = story("News 7", "For All Mankind season 7 premieres March 7, 2027.", number=7, at=world.now)
    world.publish("desk", third, *news[::-1], story("Weather"))
    world.round()
    assert [event["data"]["season"] for event in world.verified()] == [5, 7], "what comes after is news"


def test_a_source_put_back_unchanged_tells_of_what_comes_next(world: World) -> None:
    world.publish("desk", story("Weather"))
    world.publish("wire", story("Sports"))
    world.round()
    sources = world.config_path.read_text()
    world.write_config(feed_line(world, "wire", "wire"))
    world.round()
    world.config_path.write_text(sources)
    world.round()
    world.publish(
        "desk", story("News", "For All Mankind season 5 premieres March 5, 2027.", at=world.now), story("Weather")
    )
    world.round()
    assert [event["data"]["season"] for event in world.verified()] == [5]


@pytest.mark.soak
def test_the_first_import_of_two_hundred_feeds_alerts_nobody(tmp_path: Path) -> None:
    names = [f"feed{number}" for number in range(200)]
    with World(tmp_path, publishers=("desk",)) as world:
        for number, name in enumerate(names):
            stories = [story(f"{name}, small talk {n}", "Nothing of note.") for n in range(45)]
            stories += [
                story(
                    f"{DATED}, {name} {n}", f"For All Mankind season {5 + n} premieres March {1 + number % 28}, 2027."
                )
                for n in range(5)
            ]
            world.publish("desk", *stories)
            world.serve("desk", world.servers["desk"].script["/feed"], f"/{number}")
        world.write_config(
            "".join(
                f"  - {{id: {name}, name: {name}, kind: feed, tier: press, allow_private: true, "
                f'url: "{world.servers["desk"].url(f"/{number}")}"}}\n'
                for number, name in enumerate(names)
            ),
            franchise=FRANCHISE,
        )
        looked, sent = world.round()
        assert (looked.cycle.first_looks, looked.cycle.items) == (200, 10_000)
        assert looked.cycle.claims >= 1_000
        assert (looked.cycle.messages, sent, world.receiver.received) == (0, None, [])


def test_a_restart_asks_nobody_early(world: World) -> None:
    world.publish("desk", story("Weather"))
    world.publish("wire", story("Sports"))
    world.round()
    looked, _ = world.round(hours=0.1)
    assert looked.cycle.polled == 0
    assert [len(server.requests) for server in world.servers.values()] == [1, 1]
