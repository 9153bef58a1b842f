"""The digest as CommonMark, for a wiki, a repository or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alerts.digest.marks import MARKS, moment
from alerts.digest.model import Digest, Entry, Group, Shown, T
from storage.model import Status

_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$@]|(?<=:)//|(?i:(?<=www)\.)")
_AT_START = re.compile(r"^(?:[#+\-=]|\d+(?=[.)]))")


def render_markdown(digest: Digest) -> str:
    """The whole digest; whatever came from outside is escaped to be text and nothing else."""
    return "\n".join(_lines(digest)).rstrip() + "\n"


def escape_markdown(text: str) -> str:
    """`text`, one line, written so that CommonMark and GitHub's flavour read it as these very characters."""
    escaped = _SPECIAL.sub(lambda found: "".join("\\" + char for char in found[0]), text)
    return _AT_START.sub(lambda found: found[0] + "\\" if found[0].isdigit() else "\\" + found[0], escaped)


def markdown_link(text: str, url: str | None) -> str:
    """`[text](<url>)`, or the text alone. `url` comes from `clean.web_url` and so holds no `<`, `>` or space."""
    return f"[{escape_markdown(text)}](<{url}>)" if url else escape_markdown(text)


def _lines(digest: Digest) -> Iterator[str]:
    yield f"# {escape_markdown(digest.title)}\n"
    yield f"{escape_markdown(digest.headline)}  "
    yield f"{digest.looked.summary}\n"
    yield from _changes("What changed", digest.changes, "changes")
    yield from _upcoming(digest)
    yield from _changes("Rumours", digest.rumours, "rumours")
    yield from _unannounced(digest)
    yield from _histories(digest)
    yield from _stories(digest)
    yield from _looked(digest)


def _changes(heading: str, groups: Shown[Group], noun: str) -> Iterator[str]:
    if not groups.items:
        return
    yield f"## {heading}\n"
    for group in groups.items:
        franchise = f" · {escape_markdown(group.franchise)}" if group.franchise else ""
        yield f"### {escape_markdown(group.work)}{franchise}\n"
        for entry in group.entries:
            yield from _entry(entry)
    yield from _more(groups, noun)


def _entry(entry: Entry) -> Iterator[str]:
    old = f"~~{escape_markdown(entry.old)}~~ → " if entry.old else ""
    yield f"- {escape_markdown(entry.topic)}: {old}**{escape_markdown(entry.new)}**  "
    sources = f" · {entry.sources} independent sources" if entry.sources > 1 else ""
    said_by = markdown_link(entry.said_by, entry.url)
    yield f"  {_mark(entry.status)} · {said_by} · {moment(entry.at)}{sources}\n"
    if entry.sentence and not entry.is_same_piece:
        yield f"  > {escape_markdown(entry.sentence)}\n"


def _upcoming(digest: Digest) -> Iterator[str]:
    if not digest.upcoming.items:
        return
    yield "## Coming up\n"
    yield "| Release | When | How sure |\n| --- | --- | --- |"
    for entry in digest.upcoming.items:
        platform = f" on {escape_markdown(entry.platform)}" if entry.platform else ""
        release = f"{escape_markdown(entry.work)}, {escape_markdown(entry.what)}"
        yield f"| {release} | {escape_markdown(entry.when)}{platform}, {entry.distance} | {_mark(entry.status)} |"
    yield ""
    yield from _more(digest.upcoming, "releases")


def _unannounced(digest: Digest) -> Iterator[str]:
    if not digest.unannounced.items:
        return
    yield "## Still unannounced\n"
    for question in digest.unannounced.items:
        since = (
            markdown_link(f"unannounced since {question.since}", question.url)
            if question.since
            else "nobody spoke of it"
        )
        yield f"- {escape_markdown(question.work)}, {escape_markdown(question.what)}: {since}"
    yield ""
    yield from _more(digest.unannounced, "open questions")


def _histories(digest: Digest) -> Iterator[str]:
    if not digest.histories:
        return
    yield "## How the dates moved\n"
    for history in digest.histories:
        yield f"### {escape_markdown(history.work)}, {escape_markdown(history.what)}\n"
        for point in history.points:
            said = f"{escape_markdown(point.source)}: {escape_markdown(point.when)}"
            yield f"- {moment(point.at)} · {said} · {_mark(point.status)}"
        yield ""


def _stories(digest: Digest) -> Iterator[str]:
    if not digest.stories.items:
        return
    yield "## What was written\n"
    for story in digest.stories.items:
        sources = ", ".join(markdown_link(piece.source, piece.url) for piece in story.pieces)
        yield f"- {escape_markdown(story.told)} ({len(story.pieces)}: {sources})\n"
        if story.headline:
            yield f"  > {escape_markdown(story.headline)}\n"
    yield from _more(digest.stories, "stories")


def _looked(digest: Digest) -> Iterator[str]:
    yield "## How well we looked\n"
    yield f"{digest.looked.summary}\n"
    for note in digest.looked.notes:
        last = f"last read {moment(note.last_read_at)}" if note.last_read_at else "never read"
        yield f"- {escape_markdown(note.name)}: **{note.state}**, {last}. {escape_markdown(note.reason)}"


def _more(shown: Shown[T], noun: str) -> Iterator[str]:
    if shown.left_out:
        yield f"and {shown.left_out:,} more {noun}; `franchise-watch export json` has them all.\n"


def _mark(status: Status) -> str:
    return f"{MARKS[status]} {status.value}"
