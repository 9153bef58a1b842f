"""The digest for a terminal: plain lines anywhere, styled lines where a person looks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alerts.digest.marks import MARKS, moment
from alerts.digest.model import Digest, Entry, Group, Shown, T

if TYPE_CHECKING:
    from rich.console import Console

Line = tuple[str, str]
"""A style's name and the text; the text holds no control character, for the digest's strings are clean."""
_STYLES = {"title": "bold", "heading": "bold underline", "work": "bold", "soft": "dim", "": ""}


def render_text(digest: Digest, *, width: int = 80) -> str:
    """The whole digest as plain lines of at most `width` characters where words allow it; no escape sequences."""
    return "\n".join(text for _, text in _lines(digest, width)).rstrip() + "\n"


def print_digest(digest: Digest, console: Console) -> None:
    """The same to a rich console, with its colours and its width."""
    from rich.text import Text

    for style, text in _lines(digest, min(console.width, 100)):
        console.print(Text(text, style=_STYLES[style]), soft_wrap=True)


def _lines(digest: Digest, width: int) -> Iterator[Line]:
    yield "title", digest.title
    yield from _wrapped(digest.headline, width)
    yield from _wrapped(digest.looked.summary, width, style="soft")
    yield from _changes("What changed", digest.changes, "changes", width)
    yield from _upcoming(digest, width)
    yield from _changes("Rumours", digest.rumours, "rumours", width)
    yield from _unannounced(digest, width)
    yield from _stories(digest, width)
    yield from _looked(digest, width)


def _wrapped(text: str, width: int, *, indent: int = 0, style: str = "") -> Iterator[Line]:
    pad = " " * indent
    lines = textwrap.wrap(text, max(20, width), initial_indent=pad, subsequent_indent=pad, break_long_words=False)
    yield from ((style, line) for line in lines)


def _heading(text: str) -> Iterator[Line]:
    yield "", ""
    yield "heading", text


def _changes(heading: str, groups: Shown[Group], noun: str, width: int) -> Iterator[Line]:
    if not groups.items:
        return
    yield from _heading(heading)
    for group in groups.items:
        yield "work", group.work + (f" · {group.franchise}" if group.franchise else "")
        for entry in group.entries:
            yield from _entry(entry, width)
    yield from _more(groups, noun)


def _entry(entry: Entry, width: int) -> Iterator[Line]:
    news = f"{entry.old} → {entry.new}" if entry.old else entry.new
    yield from _wrapped(f"{MARKS[entry.status]} {entry.topic}: {news}", width, indent=2)
    if entry.is_same_piece:
        return
    if entry.sentence:
        yield from _wrapped(f"“{entry.sentence}”", width, indent=4)
    sources = f", {entry.sources} independent sources" if entry.sources > 1 else ""
    said = f"{entry.status.value} by {entry.said_by}, {moment(entry.at)}{sources}"
    yield from _wrapped(said, width, indent=4, style="soft")
    if entry.url:
        yield "soft", f"    {entry.url}"


def _upcoming(digest: Digest, width: int) -> Iterator[Line]:
    if not digest.upcoming.items:
        return
    yield from _heading("Coming up")
    for entry in digest.upcoming.items:
        platform = f" on {entry.platform}" if entry.platform else ""
        said = f"{entry.when}{platform}, {entry.distance} ({entry.status.value})"
        yield from _wrapped(f"{MARKS[entry.status]} {entry.work}, {entry.what}: {said}", width, indent=2)
    yield from _more(digest.upcoming, "releases")


def _unannounced(digest: Digest, width: int) -> Iterator[Line]:
    if not digest.unannounced.items:
        return
    yield from _heading("Still unannounced")
    for question in digest.unannounced.items:
        since = f"unannounced since {question.since}" if question.since else "nobody has said anything yet"
        yield from _wrapped(f"{question.work}, {question.what}: {since}", width, indent=2)
    yield from _more(digest.unannounced, "open questions")


def _stories(digest: Digest, width: int) -> Iterator[Line]:
    if not digest.stories.items:
        return
    yield from _heading("What was written")
    for story in digest.stories.items:
        yield from _wrapped(story.told, width, indent=2)
        if story.headline:
            yield from _wrapped(f"“{story.headline}”", width, indent=4)
        sources = ", ".join(piece.source for piece in story.pieces)
        yield from _wrapped(f"{len(story.pieces)}: {sources}", width, indent=4, style="soft")
        if url := next((piece.url for piece in story.pieces if piece.url), None):
            yield "soft", f"    {url}"
    yield from _more(digest.stories, "stories")


def _looked(digest: Digest, width: int) -> Iterator[Line]:
    yield from _heading("How well we looked")
    yield from _wrapped(digest.looked.summary, width, indent=2)
    for note in digest.looked.notes:
        last = f"last read {moment(note.last_read_at)}" if note.last_read_at else "never read"
        yield from _wrapped(f"{note.name}: {note.state}, {last}. {note.reason}", width, indent=2)


def _more(shown: Shown[T], noun: str) -> Iterator[Line]:
    if shown.left_out:
        yield "soft", f"  and {shown.left_out:,} more {noun}; `franchise-watch export json` has them all."
