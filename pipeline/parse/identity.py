"""Which piece is this? Identities, the keys by which a piece is recognised when it comes back, and canonical URLs.

Pure. Deciding whether a piece is already known is the store's part: it keeps every key of every item, and an item that
shares one key with a stored item of the same source is that item (see docs/parsing.md).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from url_normalize import url_normalize

from storage.model import Item

MAX_KEY_CHARS = 500
"""Longer names are replaced by their hash."""

TRACKING_PREFIXES = (
    "utm_",
    "pk_",
    "mtm_",
    "matomo_",
    "at_",
    "ns_",
    "guce_",
    "hsa_",
    "__hs",
    "_hs",
    "oly_",
    "vero_",
    "ana_",
)
_TRACKING_WORDS = """
fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid li_fat_id mc_cid mc_eid igshid igsh epik mkt_tok
wickedid rb_clickid s_cid s_kwcid spm scid sr_share ref ref_src ref_url referrer cmp cmpid ito xtor ocid ncid smid smtyp
partner rss __twitter_impression guccounter soc_src soc_trk ftag mbid taid tse_id wpisrc wpmm icid wt.mc_id
hsctatracking elqtrack elqtrackid srnd sref leadsource feature si share sharetype shared amp outputtype usqp cvid
echobox fb_action_ids fb_source
"""
TRACKING = frozenset(_TRACKING_WORDS.split())
"""Query parameters (lower case) that tell where a reader came from and never which piece it is."""

_VAGUE_GUIDS = frozenset(
    {"0", "1", "-1", "null", "none", "nil", "undefined", "guid", "id", "false", "true", "n/a", "-"}
)
_AMP_PATH = re.compile(r"[/.]amp/?$|\.amp(?=\.html?$)|^/amp(?=/)", re.IGNORECASE)
_PLAIN = re.compile(r"https?://(?!\.)[a-z0-9.-]+(?:/[a-zA-Z0-9_~-][.a-zA-Z0-9_~-]*)*/?(?:\?[a-zA-Z0-9_.~=&-]*)?")
"""An address that is normal as it stands, as most are; url-normalize costs 0.1 ms."""
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)


def identified(items: Sequence[Item], home_urls: Iterable[str | None] = ()) -> tuple[Item, ...]:
    """The items of one body with `identity`, `keys` and `content_hash` set; exact doubles are dropped.

    Given items whose `identity` is the publisher's own id, or empty where there is none. A name that two different
    pieces of the body share says nothing of either, nor does one that is merely the site's own address (`home_urls`).
    """
    items = list({(item.identity, item.url, item.title): item for item in reversed(items)}.values())[::-1]
    homes = {f"url:{canonical_url(url)}" for url in home_urls if url}
    homes |= {f"guid:{key.removeprefix('url:')}" for key in homes}
    bearers = Counter(key for item in items for key in match_keys(item))
    taken = Counter(item.identity for item in items)
    named = []
    for item in items:
        keys = tuple(key for key in match_keys(item) if bearers[key] == 1 and key not in homes)
        identity = _identity(item, trusted=_is_trusted(item, taken, homes))
        named.append(
            replace(item, identity=identity, keys=keys or (f"id:{_short(identity)}",), content_hash=_digest(item))
        )
    return tuple(_without_collisions(named))


def match_keys(item: Item) -> tuple[str, ...]:
    """Every name by which this piece, taken by itself, may be recognised later, the most telling first.

    `guid:` the publisher's id (a web address folded as below, but with its fragment); `url:` the canonical link;
    `title:` title and exact time together, which outlive a move of the whole site. A corrected title keeps the first
    two, a changed id the last two, a bumped date the first two.
    """
    keys = []
    if _is_telling(item.identity):
        keys.append(f"guid:{_short(canonical_url(item.identity, keep_fragment=True))}")
    if item.url and _names_a_piece(item.url):
        keys.append(f"url:{_short(canonical_url(item.url))}")
    at = item.published_at
    if item.title and at and (at.hour, at.minute, at.second) != (0, 0, 0):
        keys.append(f"title:{_hash(_folded(item.title))}@{at:%Y-%m-%dT%H:%M:%SZ}")
    return tuple(dict.fromkeys(keys))


@lru_cache(maxsize=4096)
def canonical_url(url: str, *, keep_fragment: bool = False) -> str:
    """The form in which two addresses of one piece are equal; for comparing, not for following.

    http and https, `www.`, `m.` and `amp.` hosts, ports, user names, trailing slashes, AMP paths, tracking parameters,
    their order and fragments (but `#!` and `#/` routes) are folded away (RFC 3986 §6 first, through url-normalize).
    What is no web address comes back as it is.
    """
    if not url.lower().startswith(("http://", "https://")):
        return url
    try:
        bare, _, fragment = url.partition("#")
        parts = urlsplit(bare if _PLAIN.fullmatch(bare) else url_normalize(bare, filter_params=False) or bare)
        host = (parts.hostname or "").rstrip(".")
    except (ValueError, UnicodeError):
        return url
    host = re.sub(r"^(?:www\d?|m|amp)\.(?=[^.]+\.)", "", host)
    path = _INDEX.sub("", _AMP_PATH.sub("", parts.path)).rstrip("/")
    query = urlencode(
        sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(pair[0]))
    )
    is_route = fragment.startswith(("!", "/"))
    return urlunsplit(("https", host, path, query, fragment if keep_fragment or is_route else ""))


def _is_tracking(name: str) -> bool:
    name = name.lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES)


def _is_telling(guid: str, homes: Iterable[str] = ()) -> bool:
    """False for ids that name the site, or nothing."""
    if not guid or guid.lower() in _VAGUE_GUIDS:
        return False
    if not guid.lower().startswith(("http://", "https://")):
        return True
    return _names_a_piece(guid, keep_fragment=True) and f"guid:{canonical_url(guid, keep_fragment=True)}" not in homes


def _names_a_piece(url: str, *, keep_fragment: bool = False) -> bool:
    """False for a bare host: no piece lives at the root of its site."""
    parts = urlsplit(canonical_url(url, keep_fragment=keep_fragment))
    return bool(parts.path or parts.query or parts.fragment)


def _is_trusted(item: Item, taken: Counter[str], homes: Iterable[str]) -> bool:
    """True where the publisher's id is this piece's alone; a vague one serves where there is no link either."""
    if not item.identity or taken[item.identity] > 1:
        return False
    return _is_telling(item.identity, homes) or not (item.url and _names_a_piece(item.url))


def _identity(item: Item, *, trusted: bool) -> str:
    """The publisher's id where it can be trusted, else the link, else a hash of title and day, else of the words."""
    if trusted:
        return _short(item.identity)
    if item.url and _names_a_piece(item.url):
        return _short(item.url)
    day = f"{item.published_at:%Y-%m-%d}" if item.published_at else ""
    return f"title:{_hash(_folded(item.title) or item.summary or item.text)}{day and '@' + day}"


def _without_collisions(items: list[Item]) -> Iterable[Item]:
    """Parts pieces that still share an identity (one link for all of a feed) by their titles and words."""
    bearers = Counter(item.identity for item in items)
    seen: set[str] = set()
    for item in items:
        if bearers[item.identity] == 1:
            yield item
            continue
        mark = _hash(_folded(item.title) or item.summary)
        identity = f"{item.identity}#{mark}"
        if identity in seen:
            identity = f"{item.identity}#{_hash(mark + item.content_hash + str(item.published_at))}"
        if identity in seen:
            continue
        seen.add(identity)
        own = tuple(key for key in item.keys if not key.startswith("id:"))
        yield replace(item, identity=identity, keys=own or (f"id:{_short(identity)}",))


def _digest(item: Item) -> str:
    words = (" ".join(unicodedata.normalize("NFC", part).split()) for part in (item.title, item.summary, item.text))
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "replace")).hexdigest()


def _folded(title: str) -> str:
    """Letters and digits only, without case: what stays when quotes, dashes and spaces are tidied."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold()))


def _short(name: str) -> str:
    return name if len(name) <= MAX_KEY_CHARS else f"sha256:{_hash(name)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
