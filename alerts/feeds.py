"""Changes as an Atom feed (RFC 4287) and as a JSON Feed (version 1.1), for feed readers and other programs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
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
    names, changes = Names(book), told(book.changes)
    feed = ElementTree.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _add(feed, "id", _urn("feed", title))
    _add(feed, "title", one_line(title, 120))
    _add(feed, "updated", iso(changes[0].at if changes else book.since_at))
    _add(_add(feed, "author"), "name", "franchise-watch")
    for change in changes:
        _entry(feed, change, names)
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


def _urn(kind: str, key: str) -> str:
    name = f"{kind}/{key}".encode(errors="backslashreplace").decode()
    return uuid.uuid5(_NAMESPACE, name).urn


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text
    return element


def _entry(feed: ElementTree.Element, change: Change, names: Names) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", _urn("change", change.id))
    _add(entry, "title", headline(change, names), type="text")
    _add(entry, "updated", iso(change.at))
    _add(entry, "published", iso(change.at))
    _add(_add(entry, "author"), "name", names.source(change.claim.source_id))
    _add(entry, "category", term=change.slot.kind.value)
    _add(entry, "category", term=change.kind.value)
    if url := web_url(change.claim.url):
        _add(entry, "link", rel="alternate", href=url)
    _add(entry, "content", one_line(change.claim.sentence), type="text")


def _item(change: Change, names: Names) -> dict[str, object]:
    item: dict[str, object] = {
        "id": _urn("change", change.id),
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
