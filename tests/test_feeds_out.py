"""Atom and JSON Feed, parsed back with feedparser, ElementTree and json."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from alerts.clean import one_line, web_url
from alerts.feeds import atom, json_feed
from storage.model import ChangeKind, DayBook
from tests.attacks import attacks, poisoned
from tests.daybooks import changes, daybook

ATOM = "{http://www.w3.org/2005/Atom}"
ENTRY_TAGS = {ATOM + name for name in ("id", "title", "updated", "published", "author", "category", "link", "content")}


def parsed(book: DayBook) -> Any:
    feed = feedparser.parse(atom(book))
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def test_the_newest_change_comes_first() -> None:
    titles = [entry.title for entry in parsed(daybook()).entries]
    assert titles == [
        "Star City S2: premiere summer 2027 — rumour from Moonbase Forum",
        "Star City S1: Mira Antonova joins the cast as Irina — reported by The Daily Reel",
        "For All Mankind S6: renewed — confirmed by Apple TV Press",
        "For All Mankind S6: will be the last season — confirmed by Apple TV Press",
        "Star City S1: premiere 29 May 2026 (was: spring 2026) — confirmed by Apple TV Press",
    ]


def test_an_entry_has_sentence_link_time_and_categories() -> None:
    entry = parsed(daybook()).entries[-1]
    assert entry.summary == "Star City premieres May 29, 2026, on Apple TV."
    assert entry.link == "https://news.example/apple-press/202603131400"
    assert entry.updated == "2026-03-13T14:00:00Z"
    assert [tag.term for tag in entry.tags] == ["release_date", "refined"]


def test_both_feeds_know_an_entry_by_the_same_id_for_ever() -> None:
    ids = [entry.id for entry in parsed(daybook()).entries]
    assert ids == [item["id"] for item in json.loads(json_feed(daybook()))["items"]]
    assert len(set(ids)) == 5
    later = replace(daybook(), changes=(changes()[0],), sources=())
    assert parsed(later).entries[0].id == ids[-1]


def test_the_json_feed_has_what_version_1_1_asks_for() -> None:
    feed = json.loads(json_feed(daybook(), title="Mine"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "Mine"
    assert feed["items"][-1] == {
        "id": feed["items"][-1]["id"],
        "title": "Star City S1: premiere 29 May 2026 (was: spring 2026) — confirmed by Apple TV Press",
        "content_text": "Star City premieres May 29, 2026, on Apple TV.",
        "date_published": "2026-03-13T14:00:00Z",
        "authors": [{"name": "Apple TV Press"}],
        "tags": ["release_date", "refined"],
        "url": "https://news.example/apple-press/202603131400",
    }


def test_an_atom_document_has_what_rfc_4287_asks_for() -> None:
    root = ElementTree.fromstring(atom(daybook()))
    for name in ("id", "title", "updated", "author"):
        assert len(root.findall(ATOM + name)) == 1
    for entry in root.findall(ATOM + "entry"):
        for name in ("id", "title", "updated", "content"):
            assert len(entry.findall(ATOM + name)) == 1


@pytest.mark.parametrize("kind", [ChangeKind.CORROBORATED, ChangeKind.REPEATED, ChangeKind.VAGUER])
def test_a_repetition_is_no_entry(kind: ChangeKind) -> None:
    assert parsed(replace(daybook(), changes=(replace(changes()[0], kind=kind),))).entries == []


def test_a_baseline_change_is_no_entry() -> None:
    book = replace(daybook(), changes=(replace(changes()[0], baseline=True),))
    assert json.loads(json_feed(book))["items"] == []
    assert parsed(book).feed.updated == "2026-03-13T06:00:00Z"


def test_no_attack_breaks_or_enters_a_feed() -> None:
    for attack in attacks():
        book = poisoned(attack)
        document = atom(book)
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", document.decode()), attack
        root = ElementTree.fromstring(document)
        entries = root.findall(ATOM + "entry")
        assert len(entries) == 3, attack
        allowed = {
            ATOM + name for name in ("id", "title", "updated", "published", "author", "category", "link", "content")
        }
        assert {child.tag for entry in entries for child in entry} <= allowed, attack
        assert {entry.findtext(ATOM + "content") or "" for entry in entries} == {one_line(attack)}, attack
        links = [link.attrib["href"] for link in root.iter(ATOM + "link")]
        assert all(link == web_url(link) for link in links), attack
        assert len(json.loads(json_feed(book).encode())["items"]) == 3, attack
