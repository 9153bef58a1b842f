"""From the text of one value to what it means; a ValueError is the rest of a sentence that begins with the key."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pipeline.config.words import nearest, shown, slug
from storage.edtf import parse_edtf
from storage.model import PartialDate

MIN_INTERVAL_S = 15 * 60
MAX_INTERVAL_S = 30 * 24 * 3600
MIN_RETENTION = dt.timedelta(days=7)
MAX_RETENTION = dt.timedelta(days=100 * 365)


def printable(text: str) -> str:
    """One line without control characters, which a terminal would obey."""
    if re.search(r"[\x00-\x1f\x7f-\x9f]", text):
        raise ValueError("must be one line without control characters")
    return text


def identifier(text: str) -> str:
    """A key that may stand in the store and in an address."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError(f'must be small letters, digits and single hyphens, for example "{slug(shown(text))}"')
    return text


def address(text: str) -> str:
    """A whole http or https address without a password."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"\s", text):
        raise ValueError('must be a whole address that begins with "https://" or "http://"')
    if "@" in parts.netloc:
        raise ValueError("must not carry a name or password; an address in this file is not secret")
    return text


def duration_s(text: object) -> int:
    """Seconds of `1h 30m`, between MIN_INTERVAL_S and MAX_INTERVAL_S."""
    units = {"d": 86400, "h": 3600, "m": 60, "min": 60, "s": 1}
    form = re.fullmatch(r"((\d{1,6}) ?(d|h|min|m|s) ?)+", str(text).strip())
    if not form:
        raise ValueError('must be a duration with its unit, for example "30m", "1h" or "1h 30m"')
    seconds = sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+) ?(d|h|min|m|s)", str(text)))
    if not MIN_INTERVAL_S <= seconds <= MAX_INTERVAL_S:
        raise ValueError('must be between "15m" (publishers are asked no faster) and "30d"')
    return seconds


def days(text: object) -> dt.timedelta:
    """Days of `90d`, `12w` or `2y` (365 days each), a week at least."""
    form = re.fullmatch(r"(\d{1,5}) ?(d|w|y)", str(text).strip())
    if not form:
        raise ValueError('must be a number of days, weeks or years, for example "90d", "12w" or "2y"')
    found = dt.timedelta(days=int(form[1]) * {"d": 1, "w": 7, "y": 365}[form[2]])
    if not MIN_RETENTION <= found <= MAX_RETENTION:
        raise ValueError('must be between "7d" and "100y"; left out, texts are kept for ever')
    return found


def clock(text: object) -> dt.time:
    """`7:30` or `07:30`."""
    form = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(text).strip())
    if not form:
        raise ValueError('must be a time of day from "00:00" to "23:59"')
    return dt.time(int(form[1]), int(form[2]))


def span(text: object) -> tuple[dt.time, dt.time]:
    """`22:00-07:00`, which may go over midnight."""
    begin, dash, end = re.sub(r"[–—]", "-", str(text)).partition("-")
    try:
        times = clock(begin), clock(end)
    except ValueError:
        dash = ""
    if not dash or times[0] == times[1]:
        raise ValueError('must be two different times of day with a hyphen, for example "22:00-07:00"')
    return times


def timezone(text: str) -> str:
    """A name of the IANA database."""
    try:
        ZoneInfo(text)
    except (KeyError, OSError, ValueError):
        near = nearest(text, available_timezones())
        raise ValueError(f'is no time zone; write for example "Europe/Berlin" or "UTC"{near}') from None
    return text


def selector(text: str) -> str:
    """What the HTML parser takes for a CSS selector."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        LexborHTMLParser("<p></p>").css(text)
    except SelectolaxError:
        raise ValueError('must be a CSS selector, for example "article h2 a"') from None
    return text


def partial_date(text: object) -> PartialDate:
    """Any date of EDTF: a day, month, year, season, quarter or interval."""
    try:
        return parse_edtf(str(text).strip())
    except ValueError:
        raise ValueError('must be a date that exists: "2026-03-27", "2026-03", "2026-21" (spring) or "2026"') from None


def is_private(url: str) -> bool:
    """Whether the host is written as an address that is not on the public internet; names are not looked up."""
    try:
        host = urlsplit(url).hostname or ""
        return is_loopback(url) or not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    """Whether the host is this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
