"""The twelve mutations of docs/parsing.md over fifty feeds, at the level of keys: who is recognised, who is new."""

import dataclasses
import datetime as dt
import random
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from url_normalize import url_normalize

from pipeline.parse.identity import _PLAIN, canonical_url, identified, match_keys
from storage.model import Item

FEEDS = 50
ITEMS = 12
Draft = tuple[Item, ...]


def draft(number: int) -> Draft:
    """What a feed's entries are before they are identified; five shapes of id, dated to the minute."""
    rng = random.Random(number)
    made = []
    for index in range(ITEMS):
        url = f"http://www.site{number}.example/tv/{2020 + index}/{rng.randrange(10**6)}-story-{index}/"
        guid = (
            f"https://site{number}.example/?p={index + 100}",
            f"tag:site{number},{index}",
            url,
            f"{index + 5000}",
            "",
        )
        at = dt.datetime(2026, 1, 1, 8, 30, tzinfo=dt.UTC) + dt.timedelta(hours=7 * index + number)
        title = f"Story {index} of {rng.choice(['Harbour', 'Island', 'Comet'])}"
        made.append(item(identity=guid[number % 5], url=url, title=title, published_at=at))
    return tuple(made)


def item(**fields: object) -> Item:
    known: dict[str, object] = {"source_id": "s", "identity": "", "url": None, "title": ""}
    return Item(**{**known, **fields})  # type: ignore[arg-type]


def each(change: Callable[[Item], dict[str, object]]) -> Callable[[Draft], Draft]:
    return lambda items: tuple(dataclasses.replace(one, **change(one)) for one in items)  # type: ignore[arg-type]


def swapped(old: str, new: str) -> Callable[[Draft], Draft]:
    return each(lambda one: {"url": one.url.replace(old, new), "identity": one.identity.replace(old, new)})


def moved(one: Item) -> dict[str, object]:
    return {"url": f"https://new.example{urlsplit(one.url).path}", "identity": f"https://new.example/{one.title}"}


MUTATIONS: dict[str, Callable[[Draft], Draft]] = {
    "changed guid": each(lambda one: {"identity": f"new-{one.title}"}),
    "http to https": swapped("http:", "https:"),
    "www": swapped("www.", ""),
    "tracking parameters": each(lambda one: {"url": f"{one.url}?utm_source=rss&fbclid=x{len(one.title)}#comments"}),
    "corrected typo in the title": each(lambda one: {"title": one.title.replace("Story", "The story")}),
    "bumped date": each(lambda one: {"published_at": one.published_at + dt.timedelta(days=2)}),
    "feed republished": lambda items: items,
    "feed reversed": lambda items: items[::-1],
    "empty guid": each(lambda one: {"identity": ""}),
    "shared guid": each(lambda one: {"identity": "https://site.example/"}),
    "vanished and returned": lambda items: items[::2],
    "feed moved": each(moved),
}


def recognised(items: Sequence[Item], book: dict[str, str]) -> list[str | None]:
    """What the store does: the title each item had when one of its keys was first seen."""
    return [next((book[key] for key in one.keys if key in book), None) for one in items]


def kept(items: Sequence[Item], names: Sequence[str]) -> dict[str, str]:
    return {key: name for one, name in zip(items, names, strict=True) for key in one.keys}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutated_feed_is_recognised_and_its_new_piece_is_new(mutation: str) -> None:
    for number in range(FEEDS):
        before = draft(number)
        names = [one.url for one in before]
        book = kept(identified(before), names)
        new = item(identity="brand-new", url=f"https://www.site{number}.example/tv/new/", title="Brand new",
                   published_at=dt.datetime(2026, 10, 1, 9, 5, tzinfo=dt.UTC))  # fmt: skip
        changed = MUTATIONS[mutation]((new, *before))
        after = recognised(identified(changed), book)
        wanted = MUTATIONS[mutation](
            (dataclasses.replace(new, author=""), *(dataclasses.replace(one, author=one.url) for one in before))
        )
        assert after == [one.author or None for one in wanted], f"feed {number}"


@pytest.mark.parametrize("guid", ["", "0", "https://site.example/", "https://www.site.example", "same"])
def test_pieces_that_share_a_useless_guid_stay_apart(guid: str) -> None:
    pair = [item(identity=guid, url=f"https://site.example/{name}", title=name) for name in ("one", "two")]
    named = identified(pair, ["https://site.example"])
    assert [one.identity for one in named] == ["https://site.example/one", "https://site.example/two"]
    assert not set(named[0].keys) & set(named[1].keys)


def test_a_useless_guid_does_not_hide_the_next_piece_of_a_one_item_feed() -> None:
    first, second = (
        identified([item(identity="https://site.example/", url=f"https://site.example/{n}", title=n)]) for n in "ab"
    )
    assert not set(first[0].keys) & set(second[0].keys)


def test_pieces_that_share_one_link_stay_apart() -> None:
    named = identified([item(url="https://site.example/changelog", title=f"Version {n}") for n in range(3)])
    assert len({one.identity for one in named}) == 3
    assert len({key for one in named for key in one.keys}) == 3


def test_fragments_tell_pieces_apart_where_the_guid_says_so() -> None:
    links = [f"https://site.example/log#v{n}" for n in range(2)]
    named = identified([item(identity=link, url=link, title=f"Version {n}") for n, link in enumerate(links)])
    assert [one.identity for one in named] == links


def test_exact_doubles_are_one_item() -> None:
    assert len(identified([item(identity="1", title="a"), item(identity="1", title="a")])) == 1


def test_the_content_hash_follows_words_and_not_white_space_or_dates() -> None:
    one = item(identity="1", title="Salt  and Iron", summary="a\nb")
    same = dataclasses.replace(
        one, title="Salt and Iron", summary="a b", published_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    other = dataclasses.replace(one, summary="a c")
    hashes = [identified([variant])[0].content_hash for variant in (one, same, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_every_item_has_a_key_and_an_identity() -> None:
    for bare in (item(), item(title="x"), item(summary="y"), item(identity="0"), item(url="https://site.example/")):
        named = identified([bare])[0]
        assert named.identity
        assert named.keys


def test_midnight_is_no_exact_time() -> None:
    daily = item(title="Daily notes", published_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    assert match_keys(daily) == ()


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://www.Site.Example:80/a/../b/", "https://site.example/b"),
        ("https://site.example/b?utm_medium=x&id=2&a=1#top", "https://site.example/b?a=1&id=2"),
        ("https://amp.site.example/b/amp/", "https://site.example/b"),
        ("https://site.example/b.amp.html", "https://site.example/b.html"),
        ("https://site.example/amp/b", "https://site.example/b"),
        ("https://site.example/index.html", "https://site.example"),
        ("https://site.example/?p=7", "https://site.example?p=7"),
        ("https://site.example/#!/story/7", "https://site.example#!/story/7"),
        ("https://user:pw@site.example/b", "https://site.example/b"),
        ("https://www.example/b", "https://www.example/b"),
        ("https://site.example/camp", "https://site.example/camp"),
        ("https://xn--bcher-kva.example/b", "https://xn--bcher-kva.example/b"),
        ("https://bücher.example/b", "https://xn--bcher-kva.example/b"),
        ("tag:site.example,2026:1", "tag:site.example,2026:1"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@given(st.text(max_size=60).map("https://site.example/{}".format) | st.text(max_size=40))
def test_canonical_urls_are_fixed_points(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@given(st.from_regex(_PLAIN, fullmatch=True))
def test_a_plain_url_is_normal_as_it_stands(url: str) -> None:
    normal = url_normalize(url, filter_params=False)
    assert canonical_url(normal) == canonical_url(url)
    assert parse_qsl(urlsplit(normal).query, keep_blank_values=True) == parse_qsl(
        urlsplit(url).query, keep_blank_values=True
    )
    assert urlsplit(normal).path.rstrip("/") == urlsplit(url).path.rstrip("/")
