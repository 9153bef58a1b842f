"""When two spellings are the same person, title, outlet or sentence: folding only, no judgement about facts."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

_WORD = re.compile(r"[^\W_]+")
_MARK = re.compile("[\u0300-\u036f]")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_GENERIC = re.compile(
    r"(a|an|and|another|for|from|in|is|its|new|of|or|same|set|the|to|untitled|with|world|universe|franchise|project"
    r"|spin|off|spinoffs?|prequel|sequel|reboot|remake|revival|reimagining|continuation|follow|up|series|show|tv"
    r"|television|film|movie|feature|animated|live|action|limited|miniseries|drama|comedy|instalment|installment"
    r"|chapter)"
)
"""Words that say what a new work is to the old one, and do not name it."""

_OUTLETS = {
    "thr": "hollywood-reporter",
    "ew": "entertainment-weekly",
    "deadline-hollywood": "deadline",
    "nyt": "new-york-times",
    "lat": "los-angeles-times",
    "la-times": "los-angeles-times",
}
"""Outlets that are called by more than one name in English-language attributions, by slug."""


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """The words of a text in lower case without diacritics and punctuation, joined by single spaces."""
    letters = text.casefold().replace("'", "").replace("’", "")
    if not letters.isascii():
        letters = _MARK.sub("", unicodedata.normalize("NFKD", letters))
    return " ".join(_WORD.findall(letters))


@lru_cache(maxsize=65536)
def person_key(name: str) -> str:
    """A person's name for comparing: no case, diacritics, punctuation, middle initials, or "Jr." at the end."""
    words = [word for word in plain(name).split() if word not in _SUFFIXES]
    kept = [word for place, word in enumerate(words) if len(word) > 1 or place in (0, len(words) - 1)]
    return " ".join(kept)


def same_person(one: str, other: str) -> bool:
    """True for two person keys that are one name: equal, a bare surname, or a slip of the pen in a long surname.

    A slip is a surname within one edit of the other, or two where it has six letters or more, after the same first
    name; inside one cast that is a typing mistake far more often than two people.
    """
    if one == other:
        return True
    first, *rest = one.split() or [""]
    other_first, *other_rest = other.split() or [""]
    if not rest or not other_rest:
        return first == (other_rest or [other_first])[-1] or other_first == (rest or [first])[-1]
    surname, other_surname = rest[-1], other_rest[-1]
    shorter = min(len(surname), len(other_surname))
    if first != other_first or rest[:-1] != other_rest[:-1] or shorter < 5:
        return False
    return _edits(surname, other_surname) <= (2 if shorter >= 6 else 1)


@lru_cache(maxsize=4096)
def title_key(text: str | None) -> str:
    """The words of a spin-off's title; empty where the text only says that there is one ("untitled prequel series")."""
    words = plain(text or "").replace("spin off", "spinoff").split()
    return "" if all(_GENERIC.fullmatch(word) for word in words) else " ".join(words)


@lru_cache(maxsize=4096)
def part_key(text: str | None) -> str | None:
    """ "Volume 2", "Part 2" and "2" are the same part; a named part is its folded name."""
    if text is None:
        return None
    digits = re.search(r"\d+", text)
    return digits.group() if digits else plain(text) or None


@lru_cache(maxsize=4096)
def outlet_key(name: str) -> str:
    """A slug for an outlet or a speaker: "The Hollywood Reporter", "THR" and "Hollywood Reporter" are one."""
    words = [word for word in plain(re.sub(r"\.(com|net|org|co\.uk)\b", "", name.casefold())).split() if word != "the"]
    slug = "-".join(words)
    return _OUTLETS.get(slug, slug)


def fingerprint(text: str) -> str:
    """Twelve hex digits that stand for this very text."""
    return blake2b(text.encode(errors="surrogatepass"), digest_size=6).hexdigest()


def _edits(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, other_letter in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (letter != other_letter))
    return row[-1]
