"""The parts of an article under heads of their own: one a title in a round-up, the plot on a page of a wiki."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.extract.forms import load_forms
from pipeline.extract.lexicon import load_tables
from pipeline.extract.watch import NameHit
from storage.model import Naming

LONGEST_HEAD = 90
"""Characters of a paragraph that may be a head."""


class Line(NamedTuple):
    """One sentence of an item; `low` is it in lower case, `paragraph` and `number` are counted over the whole item."""

    text: str
    low: str
    field: str
    paragraph: int
    number: int
    alone: bool
    """Whether it is all of its paragraph."""


Named = tuple[Line, list[NameHit]]
"""A sentence with the watched names in it."""


def outside_the_story(lines: Iterable[Named], language: str) -> Iterator[Named]:
    """The lines less those of parts that tell what happens in the story: whoever leaves there leaves nothing."""
    story_heads = load_tables(language).words("story_heads")
    in_story = False
    for line, names in lines:
        if line.alone and _is_head(line):
            in_story = line.low in story_heads
        if not in_story:
            yield line, names


def boundaries(lines: Sequence[Named], language: str) -> Iterator[Naming]:
    """Where no name before is meant any more, as a `Naming` of no work.

    The heads of an article bound its parts where at least two of them name a work, and different ones; a head that
    says where or when something is shown bounds one always ("Harbour Nine (Hulu, Monday, 9pm)").
    """
    heads = [(line, names) for line, names in lines if line.alone and _is_head(line)]
    works = {names[0].works for _, names in heads if names}
    listed = load_forms(language)["heading_forms"].pattern
    for line, names in heads:
        if len(works) > 1 or (not names and listed.search(line.text)):
            yield Naming(works=(), paragraph=line.paragraph, sentence=line.number - bool(names))


def _is_head(line: Line) -> bool:
    return line.field == "text" and len(line.text) <= LONGEST_HEAD and line.text[-1] not in ".!?…:;,"
