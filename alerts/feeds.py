"""Changes as an Atom feed (RFC 4287) and as a JSON Feed (version 1.1), for feed readers and other programs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from alerts.clean import one_line, web_url
from alerts.digest.names import Names
from alerts.wording import news_words, said_words, words
from storage.codec import iso
from storage.model import Change, ChangeKind, DayBook

_NAMESPACE = uuid.UUID("6f2b9e5c-4d0a-5a55-9a37-6f1d3f0c8a11")
"""Ids are UUIDs (version 5) under this namespace: the same change is the same entry everywhere and for ever."""
_UNTOLD = (ChangeKind.CORROBORATED, ChangeKind.REPEATED, ChangeKind.VAGUER)


def atom(book: DayBook, *, title: str = "franchise-watch") -> bytes:
    """The book's changes, newest first, as an Atom document in UTF-8. Repetitions and corroborations are left out."""
    names = Names(book)
    entries = [_entry(change, names) for change in told(book.changes)]
    return atom_of(entries, title=title, updated=entries[0].at if entries else iso(book.since_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed; texts as they were read."""

    id: str
    """A URN that stays the same when the entry changes (`urn`)."""
    title: str
    at: str
    """UTC, as ISO 8601 text ending in `Z`."""
    author: str | None = None
    categories: tuple[str, ...] = ()
    url: str | None = None
    content: str = ""


def atom_of(entries: Iterable[Entry], *, title: str, updated: str) -> bytes:
    """An Atom document in UTF-8 of these entries in their order; `updated` is when its newest one was."""
    feed = ElementTree.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _add(feed, "id", urn("feed", title))
    _add(feed, "title", one_line(title, 120))
    _add(feed, "updated", updated)
    _add(_add(feed, "author"), "name", "franchise-watch")
    for each in entries:
        entry = _add(feed, "entry")
        _add(entry, "id", each.id)
        _add(entry, "title", one_line(each.title, 300), type="text")
        _add(entry, "updated", each.at)
        _add(entry, "published", each.at)
        if each.author:
            _add(_add(entry, "author"), "name", one_line(each.author, 120))
        for category in each.categories:
            _add(entry, "category", term=one_line(category, 120))
        if url := web_url(each.url):
            _add(entry, "link", rel="alternate", href=url)
        _add(entry, "content", one_line(each.content), type="text")
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def json_feed(book: DayBook, *, title: str = "franchise-watch") -> str:
    """The same as a JSON Feed."""
    names = Names(book)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": one_line(title, 120),
        "language": "en",
        "items": [_item(change, names) for change in told(book.changes)],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def told(changes: Iterable[Change]) -> Sequence[Change]:
    """The changes a reader is told, newest first: no baseline, no repetition, no corroboration."""
    shown = [change for change in changes if not change.baseline and change.kind not in _UNTOLD]
    return sorted(shown, key=lambda change: (change.at, change.id), reverse=True)


def urn(kind: str, key: str) -> str:
    """The same for the same key of a kind, everywhere and for ever."""
    name = f"{kind}/{key}".encode(errors="backslashreplace").decode()
    return uuid.uuid5(_NAMESPACE, name).urn


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text
    return element


def _entry(change: Change, names: Names) -> Entry:
    return Entry(
        id=urn("change", change.id),
        title=headline(change, names),
        at=iso(change.at),
        author=names.source(change.claim.source_id),
        categories=(change.slot.kind.value, change.kind.value),
        url=change.claim.url,
        content=change.claim.sentence,
    )


def _item(change: Change, names: Names) -> dict[str, object]:
    item: dict[str, object] = {
        "id": urn("change", change.id),
        "title": headline(change, names),
        "content_text": one_line(change.claim.sentence),
        "date_published": iso(change.at),
        "authors": [{"name": names.source(change.claim.source_id)}],
        "tags": [change.slot.kind.value, change.kind.value],
    }
    if url := web_url(change.claim.url):
        item["url"] = url
    return item


def headline(change: Change, names: Names) -> str:
    """`Star City S1: premiere 29 May 2026 (was: spring 2026) — confirmed by Apple TV Press`."""
    work = names.work(change.slot.work_id)
    if change.slot.season is not None:
        work += " " + words("season.short", number=str(change.slot.season))
    said = said_words(change, names.source(change.claim.source_id))
    return one_line(words("first_line", work=work, news=news_words(change), said=said), 300)
