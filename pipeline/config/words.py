"""Words for messages and keys: the slug of a title, the nearest spelling, and what of a value may be shown."""

from __future__ import annotations

import difflib
import re
import unicodedata
import zlib
from collections.abc import Iterable

HOW_TO_REFER = (
    "is a secret and must not stand in this file; write {env: NAME} and put it into the environment variable NAME, "
    "or {file: path}, or {command: ...}"
)

SECRET = re.compile(
    r"whsec_|xox[abprs]-|\bbot\d{6,}:[\w-]{20,}|^ghp_|^sk-\w{16,}"
    r"|^https://((\w+\.)?discord(app)?\.com/api/webhooks|hooks\.slack\.com|[\w.]+\.webhook\.office\.com)/"
)

_UNDECOMPOSED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
                               "ı": "i", "&": " and ", "'": None, "’": None})  # fmt: skip


def slug(title: str) -> str:
    """A readable ASCII key: `For All Mankind` → `for-all-mankind`, `Ça Ira!` → `ca-ira`.

    A title without a single Latin letter or digit gets a stable number: `title-1a772824`.
    """
    text = unicodedata.normalize("NFKD", title.casefold().translate(_UNDECOMPOSED))
    words = re.findall(r"[a-z0-9]+", "".join(c for c in text if not unicodedata.combining(c)))
    return "-".join(words) or f"title-{zlib.crc32(title.encode(errors='replace')):08x}"


def nearest(word: object, allowed: Iterable[str]) -> str:
    """`; did you mean "trade"?`, or nothing where nothing is near."""
    by_folded = {option.casefold(): option for option in sorted(allowed)}
    near = difflib.get_close_matches(str(word).casefold(), by_folded, n=1)
    return f'; did you mean "{by_folded[near[0]]}"?' if near else ""


def shown(value: object) -> str:
    """The value in quotation marks where it is short and cannot be a secret, else "this value"."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = "".join(c if c.isprintable() else "�" for c in str(value))
    suspicious = SECRET.search(text) or "://" in text or re.fullmatch(r"(?=.*\d)(?=.*[A-Za-z])[\w+/=.:-]{24,}", text)
    return "this value" if suspicious or len(text) > 60 else f'"{text}"'
