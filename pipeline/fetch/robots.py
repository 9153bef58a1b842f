"""What robots.txt lets us read of pages and articles (RFC 9309). Feeds are published to be polled: no question.

Matching is Protego's. A robots.txt that is not there allows everything; one that cannot be read (5xx, 429, no answer)
allows nothing, and says so as a failure of the source, not as a refusal.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from dataclasses import dataclass, field

from protego import Protego

from pipeline.fetch.client import ROBOTS_NAME, Client, checked
from pipeline.fetch.redact import redacted
from storage.errors import FetchError

SIZE_LIMIT = 500_000
"""Bytes that are read of a robots.txt (RFC 9309 §2.5 asks for 500 KiB at least; Google reads 500 kB)."""
KEEP = dt.timedelta(hours=24)
KEEP_FAILURE = dt.timedelta(hours=1)

_AGENT_LINE = re.compile(r"(?im)^[^\S\n]*user[- ]?agent[^\S\n]*:?[^\S\n]*(\*(?=[\s#]|$)|[a-z_-]*).*$")
"""A line that names robots, up to what cannot be part of a product token (RFC 9309 §2.2.1)."""


@dataclass(slots=True)
class Site:
    """What is known of one site's rules, and until when."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Protego | None = None
    failure: str | None = None
    until_at: dt.datetime | None = None


class Robots:
    """The rules of the sites that `client` has asked, each kept for a day, as long as the client lives."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def allows(self, url: str, *, source_id: str, allow_private: bool = False) -> bool:
        """True when robots.txt lets us read `url`; raises FetchError while the rules themselves cannot be read."""
        address = checked(url, source_id)
        origin = f"{address.scheme}://{address.netloc.decode('ascii')}"
        site = self._client.sites.setdefault(origin, Site())
        async with site.lock:
            now = self._client.clock()
            if site.until_at is None or not now <= site.until_at <= now + KEEP:
                await self._read(site, origin, source_id, allow_private)
        if site.rules is None:
            reason = f"robots.txt of {redacted(origin)} cannot be read ({site.failure}), so nothing else there is"
            raise FetchError(source_id, reason)
        return site.rules.can_fetch(str(address), ROBOTS_NAME)

    async def _read(self, site: Site, origin: str, source_id: str, allow_private: bool) -> None:
        try:
            reply = await self._client.get(f"{origin}/robots.txt", source_id=source_id, allow_private=allow_private)
            site.rules, site.failure = rules_from(reply.status_code, reply.body), f"answered {reply.status_code}"
        except FetchError as error:
            site.rules, site.failure = None, error.reason
        site.until_at = self._client.clock() + (KEEP if site.rules is not None else KEEP_FAILURE)


def rules_from(status_code: int, body: bytes) -> Protego | None:
    """The rules an answer stands for (RFC 9309 §2.3.1): 4xx and missing allow all, 5xx and 429 are unreadable, None."""
    if status_code in (200, 203):
        return Protego.parse(_only_our_groups(body[:SIZE_LIMIT].decode("utf-8", "replace").removeprefix("\ufeff")))
    if status_code == 429 or status_code >= 500 or status_code < 200:
        return None
    return Protego.parse("")


def _only_our_groups(text: str) -> str:
    """`text` with plain product tokens, and all robots that are not us under one name.

    Ten thousand names times ten thousand rules would be a bomb.
    """

    def plain(line: re.Match[str]) -> str:
        name = line[1].lower()
        return f"User-agent: {name if name in ('*', ROBOTS_NAME) else 'another-robot'}"

    return _AGENT_LINE.sub(plain, "\n".join(text.splitlines()))
