"""Where words stand in a picture: beside what they name, never upon one another, and never out of the frame.

A picture is drawn without knowing the reader's font, so that widths are estimated for a wide one at the largest size
that the style gives it. A label that finds no room is left out; the tables below a picture say everything.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""
EM = 15.5
"""The largest size of a letter: the one on a phone."""
_HAIR = 0.01
LINE = 18.0
"""The height of a line."""
_EMS = {
    **dict.fromkeys(" .,:;!|'’ijlI()[]", 0.4),
    **dict.fromkeys('ftr-–"“”', 0.5),
    **dict.fromkeys("acskvxyzJL", 0.62),
    **dict.fromkeys("ABCEFKPRSTVXYZ", 0.7),
    **dict.fromkeys("mwMW@%—…", 1.0),
}
"""Widths of letters in DejaVu Sans, one of the widest fonts that a page may get."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words, and the places where they may stand, the best first: the box's edge where they begin or end."""

    text: str
    places: tuple[tuple[float, float, str], ...]
    """x, the middle of the line, and the anchor: `start`, `middle` or `end`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A label that has its place; `x` and `y` are those of an SVG `<text>`, `y` being the base of the letters."""

    text: str
    x: float
    y: float
    anchor: str
    box: Box


def place(labels: Iterable[Label], *, taken: Iterable[Box], frame: Box) -> list[Placed]:
    """The labels that find room within the frame, each in its first free place; the earlier ones choose first."""
    full, placed = list(taken), list[Placed]()
    for label in labels:
        for x, middle, anchor in label.places:
            box = text_box(label.text, x, middle, anchor)
            if within(box, frame) and not any(overlap(box, other) for other in full):
                full.append(box)
                placed.append(Placed(text=label.text, x=x, y=middle + 4.5, anchor=anchor, box=box))
                break
    return placed


def text_box(text: str, x: float, middle: float, anchor: str) -> Box:
    """The room that a line of text takes."""
    width = text_width(text)
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return left, middle - LINE / 2, left + width, middle + LINE / 2


def text_width(text: str) -> float:
    """How wide the text is at most, in picture units."""
    return EM * sum(map(_ems, text))


@lru_cache(maxsize=4096)
def _ems(char: str) -> float:
    if char in _EMS:
        return _EMS[char]
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    return 0.78 if char.isupper() else 0.64 if char.isascii() else 0.85


def fit(text: str, width: float) -> str:
    """The text, cut with an ellipsis where it is wider than that."""
    if text_width(text) <= width:
        return text
    reached = list(accumulate(map(_ems, text)))
    return text[: bisect(reached, width / EM - _ems("…"))].rstrip() + "…"


def within(box: Box, frame: Box) -> bool:
    """True where all of the box is in the frame."""
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def overlap(one: Box, other: Box) -> bool:
    """True where they share more than an edge."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > _HAIR and down > _HAIR


def touching(boxes: Sequence[Box]) -> list[tuple[Box, Box]]:
    """Every two of the boxes that overlap."""
    return [(one, other) for n, one in enumerate(boxes) for other in boxes[n + 1 :] if overlap(one, other)]
