"""Untrusted text and links made fit for any output; each format then escapes them for its own place.

Nothing here knows a format: what comes out is still plain text that may hold `<`, `@` or `*`.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_BREAKS = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_JOINERS = "\u200c\u200d"  # part of Persian words and of emoji; the only format characters that are let through
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})
_ZALGO = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_URL_UNSAFE = re.compile(r"[\s\\<>\"'`{}|^]")


def one_line(text: str, limit: int = 600) -> str:
    """`text` on one line without control, reordering, private or invisible characters, cut with `…` at `limit`.

    Whitespace of any sort becomes one space, and no letter keeps more than two combining marks.
    """
    flat = _BREAKS.sub(" ", text[: 8 * limit])
    seen = flat
    if not flat.isprintable():
        seen = "".join(char for char in flat if char in _JOINERS or not _is_unseen(char))
    line = " ".join(_ZALGO.sub(r"\1", unicodedata.normalize("NFC", seen)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def web_url(url: str | None, limit: int = 2000) -> str | None:
    """`url` where it is an absolute http or https link, with a host and without user name or unsafe character."""
    if url is None or len(url) > limit or _URL_UNSAFE.search(url) or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None


def is_part_of(sentence: str, headline: str | None) -> bool:
    """True where the sentence was read in the headline, however spaced and punctuated."""
    said, title = (re.sub(r"\W+", " ", text or "").strip().casefold() for text in (sentence, headline))
    return bool(said) and f" {said} " in f" {title} "


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN
