"""Raw text → sentences. What passes here is only cleaned and cut, never understood.

Cleaning folds what publishers' systems vary (quotation marks, dashes, entities escaped once or twice, odd spaces) and
drops what no reader sees (controls, bidirectional marks, private-use characters, which the tagger needs for itself).
"""

from __future__ import annotations

import html
import re
import unicodedata

MAX_TITLE = 1_000
MAX_TEXT = 400_000
MAX_SENTENCE = 700
"""Characters. Longer pieces are cut at a space, so that every pattern works on bounded text."""

CAPITAL = "A-Z" + "".join(char for char in map(chr, range(0xC0, 0x250)) if char.isupper())
"""The capital letters of Latin scripts, for a character class."""

_SPACES = "\t\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_FOLD = dict.fromkeys("‘’‚‛ʼ′＇`´", "'") | dict.fromkeys("“”„‟″«»＂", '"') | dict.fromkeys("‐‑‒−", "-")
_FOLD |= dict.fromkeys(_SPACES, " ")
_DROPPED = "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff"
_VARIED = re.compile(f"[{''.join(_FOLD)}{_DROPPED}]")
_ASCII = {ord(char): _FOLD.get(char) for char in map(chr, range(128)) if _VARIED.match(char)}
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Sr|Jr|vs|No|Vol|Pt|Ep|Eps|Inc|Ltd|Co|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov"
    r"|Dec|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun|approx|est|feat|Prof|Gen|Sgt|Capt|Lt|Col|Rev|Hon|U\.S|U\.K|a\.m|p\.m|i\.e|e\.g))"
    r"\.$"
)
_END = re.compile(rf"[.!?…](?<![.!?…]{{2}})[.!?…]*+[\"')\]]*+(?=\s+[\"'(\[¿¡]*[{CAPITAL}0-9])")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """`text` with entities resolved, quotation marks folded, the invisible dropped; at most `limit` characters.

    The only white space left are spaces and line feeds.

    Lone surrogates, which JSON can carry and no text can, become question marks.
    """
    text = text[:limit].encode("utf-8", "replace").decode("utf-8")
    for _ in range(2):
        if _ENTITY.search(text) is None:
            break
        text = html.unescape(text)
    if text.isascii():
        return text.translate(_ASCII)
    return _VARIED.sub(lambda varied: _FOLD.get(varied[0], ""), unicodedata.normalize("NFC", text))


def paragraphs(text: str) -> list[str]:
    """The non-empty paragraphs of cleaned text, each on one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def sentences(paragraph: str) -> list[str]:
    """The sentences of one paragraph, in order; no word is lost and none is longer than `MAX_SENTENCE`."""
    found, start = [], 0
    for end in _END.finditer(paragraph):
        piece = paragraph[start : end.end()]
        if not _ABBREVIATION.search(piece.rstrip("\"')]")[-12:]):
            found.append(piece.strip())
            start = end.end()
    found.append(paragraph[start:].strip())
    return [short for piece in found if piece for short in _cut(piece)]


def _cut(piece: str) -> list[str]:
    cut = []
    while len(piece) > MAX_SENTENCE:
        space = piece.rfind(" ", 0, MAX_SENTENCE)
        at = space if space > 0 else MAX_SENTENCE
        cut.append(piece[:at])
        piece = piece[at:].lstrip()
    return [*cut, piece] if piece else cut
