"""A text with what was read marked in it: cut into runs here, written as plain text, for a terminal and as HTML.

The cutting repeats what reading does first, so that the place of a mention is a place in what is shown. Untrusted text
leaves here on single lines without control characters; HTML is escaped by its template.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from pipeline.extract.text import MAX_TITLE, clean, paragraphs, sentences
from storage.model import Item, Kind, Mention

KIND_STYLES = {
    Kind.RELEASE_DATE: "bold cyan",
    Kind.CASTING: "bold magenta",
    Kind.SEASON: "blue",
    Kind.RENEWAL: "bold green",
    Kind.CANCELLATION: "bold red",
    Kind.SPINOFF: "bold yellow",
    Kind.PRODUCTION: "yellow",
    Kind.TRAILER: "green",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One span of a sentence, and the mentions (numbered from 1) that were read there."""

    start: int
    end: int
    numbers: tuple[int, ...]
    kind: Kind
    """Of the first of these mentions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Some words, and the marks they lie in, the outermost first."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A headline, or a paragraph of the summary or the text."""

    field: str
    """`title`, `summary` or `text`."""
    runs: tuple[Run, ...]


Step = tuple[str, Mark | None, str]
"""`open` with its mark, `text` with its words and its innermost mark, or `close` with its mark."""


def marked(item: Item, mentions: Sequence[Mention]) -> tuple[Paragraph, ...]:
    """The whole text of `item`, the spans of its `mentions` marked with their place in that order."""
    numbered = list(enumerate(mentions, start=1))
    found, index = [], 0
    for field, limit in (("title", MAX_TITLE), ("summary", None), ("text", None)):
        raw = getattr(item, field)
        for part in paragraphs(clean(raw, limit) if limit else clean(raw)):
            runs: list[Run] = []
            for sentence in sentences(part):
                here = [(number, mention) for number, mention in numbered if mention.sentence_index == index]
                runs += [*([Run(text=" ")] if runs else []), *_runs(sentence, here)]
                index += 1
            found.append(Paragraph(field=field, runs=tuple(runs)))
    return tuple(found)


def steps(paragraph: Paragraph) -> Iterator[Step]:
    """The paragraph as properly nested steps; a mark that crosses another is closed and opened again."""
    inside: tuple[Mark, ...] = ()
    for run in (*paragraph.runs, Run(text="")):
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(inside, run.marks, strict=False)))
        yield from (("close", mark, "") for mark in reversed(inside[shared:]))
        yield from (("open", mark, "") for mark in run.marks[shared:])
        yield "text", run.marks[-1] if run.marks else None, run.text
        inside = run.marks


def plain_lines(text: Sequence[Paragraph]) -> Iterator[str]:
    """One line a paragraph: `[1: premieres March 4]`, readable without colour."""
    for paragraph in text:
        yield "".join(step_text(step) for step in steps(paragraph))


def step_text(step: Step) -> str:
    """What one step writes where there is nothing but text."""
    match step:
        case ("open", Mark() as mark, _):
            return f"[{','.join(map(str, mark.numbers))}: "
        case ("close", _, _):
            return "]"
        case (_, _, words):
            return words


def _runs(sentence: str, mentions: Sequence[tuple[int, Mention]]) -> Iterator[Run]:
    """The sentence cut where a mark begins or ends."""
    marks = _marks(sentence, mentions)
    edges = sorted({0, len(sentence), *(edge for mark in marks for edge in (mark.start, mark.end))})
    for start, end in pairwise(edges):
        within = tuple(mark for mark in marks if mark.start <= start and end <= mark.end)
        yield Run(text=_shown(sentence[start:end]), marks=within)


def _marks(sentence: str, mentions: Sequence[tuple[int, Mention]]) -> list[Mark]:
    """One mark for each span, the outer before the inner; spaces at the ends of a span stay outside."""
    spans: dict[tuple[int, int], list[tuple[int, Mention]]] = {}
    for number, mention in mentions:
        spans.setdefault(_tight(sentence, mention.start, mention.end), []).append((number, mention))
    return [
        Mark(start=start, end=end, numbers=tuple(number for number, _ in there), kind=there[0][1].kind)
        for (start, end), there in sorted(spans.items(), key=lambda pair: (pair[0][0], -pair[0][1]))
    ]


def _tight(sentence: str, start: int, end: int) -> tuple[int, int]:
    words = sentence[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())


def _shown(text: str) -> str:
    """What `clean` leaves may still hold unassigned characters; they are shown as what they are: unknown."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
