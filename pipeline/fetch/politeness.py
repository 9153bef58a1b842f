"""When a source may be asked again: response + history + now → next state. Pure; the table is docs/fetching.md.

What the publisher says (`ttl`, `skipHours`, `Cache-Control`, `Retry-After`) can only make a wait longer. The next due
time goes into the database with the rest of the state, so a restart never polls early. Nothing here reads a clock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from pipeline.fetch.redact import redacted
from storage.model import FetchState, Health, Source

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S

FASTEST_S = 15 * MINUTE_S
FORBIDDEN_WAIT_S = 4 * HOUR_S
BACKOFF_CAP_S = 6 * HOUR_S
LONGEST_WAIT_S = 7 * DAY_S
"""What the longest `Retry-After` is cut to; no source is forgotten for ten years because of one header."""
NOT_FOUND_LIMIT = 10
MOVED_LIMIT = 3
MOVED_WINDOW = dt.timedelta(days=3)
BROKEN_AFTER = dt.timedelta(days=1)
JITTER = 0.1
CLOCK_SLACK = dt.timedelta(minutes=1)
"""A clock that is set back by less is being kept right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The host answered, and what it answered is what it claims to be."""

    status_code: int
    url: str
    """After redirects."""
    headers: Mapping[str, bytes] = field(default_factory=dict)
    """Lower-case names, values byte for byte."""
    body_sha256: str | None = None
    permanent_url: str | None = None
    """Where an unbroken chain of 301 and 308 from the configured URL led."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """No answer, or one that had to be thrown away: DNS, TLS, timeout, too large, wrong encoding, refused address."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Walled:
    """A bot wall, a consent page, a login, or a web page where a feed was."""

    reason: str
    status_code: int
    headers: Mapping[str, bytes] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """robots.txt does not let us read this page."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Not asked at all: another source on this host was told to wait."""

    host: str
    until_at: dt.datetime


Answer = Answered | Unreachable | Walled | Denied | Held


class Notice(StrEnum):
    """What the user hears once."""

    BROKEN = "broken"
    RECOVERED = "recovered"


def next_state(source: Source, state: FetchState, answer: Answer, now: dt.datetime) -> FetchState:
    """The state of `source` after `answer`, with its health, the reason in words and the next due time."""
    before = replace(current(source, state), last_attempt_at=now)
    match answer:
        case Answered(status_code=200 | 203 | 304):
            return _heard(source, before, answer, now)
        case Answered(status_code=410):
            reason = "answered 410 Gone: the publisher has ended it. Remove it from sources.yaml, or give it a new url"
            gone = _failed(source, before, reason, now, wait_s=0)
            return replace(gone, health=Health.GONE, next_due_at=None, told=True)
        case Answered(status_code=404):
            return _not_found(source, before, answer, now)
        case Answered(status_code=401 | 402 | 403 | 407 | 451 as status):
            reason = f"answered {_phrase(status)}: we may not read it. Open it in a browser, or ask the publisher"
            return _refused(source, before, reason, answer.headers, now)
        case Walled():
            return _held(_refused(source, before, answer.reason, answer.headers, now), answer, now)
        case Answered():
            return _held(_went_wrong(source, before, answer, now), answer, now)
        case Denied():
            return replace(_failed(source, before, answer.reason, now, wait_s=DAY_S), health=Health.BLOCKED)
        case Unreachable():
            return _failed(source, before, answer.reason, now)
        case Held():
            reason = f"{answer.host} asked for quiet until {_clock(answer.until_at)}"
            waiting = current(source, state)
            return replace(waiting, reason=reason, next_due_at=_later(waiting.next_due_at, answer.until_at))


def current(source: Source, state: FetchState) -> FetchState:
    """`state`, or a new one where the URL in sources.yaml is no longer the one the state belongs to.

    Following a proposed move keeps the baseline, so that what was published meanwhile is news.
    """
    if state.url == source.url:
        return state
    moved = state.moved_to == source.url and state.baseline_done
    return FetchState(source_id=source.id, url=source.url, baseline_done=moved)


def on_this_clock(state: FetchState, now: dt.datetime) -> FetchState:
    """`state` with its times moved back so that its last poll is now, where the clock was set back since; else itself.

    Nobody knows how long ago that poll was. To wait as long again is never early, and the source is not silent until
    the clock is where it was.
    """
    ahead = (state.last_attempt_at or now) - now
    if ahead <= CLOCK_SLACK:
        return state
    remembered = {one.name: getattr(state, one.name) for one in fields(state)}
    moved: dict[str, Any] = {name: at - ahead for name, at in remembered.items() if isinstance(at, dt.datetime)}
    return replace(state, **moved)


def is_due(source: Source, state: FetchState, now: dt.datetime) -> bool:
    """True when `source` may be polled at `now`.

    A due time further away than any wait can be was written under a clock that ran ahead; it is not believed.
    """
    state = current(source, state)
    if not source.enabled or state.health is Health.GONE:
        return False
    if state.next_due_at is None or state.next_due_at <= now:
        return True
    return state.next_due_at - now > dt.timedelta(seconds=LONGEST_WAIT_S * (1 + JITTER) + DAY_S)


def lengthen(
    source: Source, state: FetchState, now: dt.datetime, *, ttl_s: int = 0, skip_hours: Iterable[int] = ()
) -> FetchState:
    """`state` after the feed was parsed and named its own `ttl` (seconds) and `skipHours` (UTC); never sooner.

    To be called after every parse, without them where the feed names none, so that what it asked for before is over.
    """
    hours = tuple(sorted({hour % 24 for hour in skip_hours}))
    state = replace(state, ttl_s=min(max(ttl_s, 0), DAY_S), skip_hours=hours if len(hours) < 24 else ())
    if state.next_due_at is None:
        return state
    due = _later(state.next_due_at, now + _spread(source, state.ttl_s))
    return replace(state, next_due_at=_outside(due, state.skip_hours))


def unreadable(source: Source, before: FetchState, reason: str, now: dt.datetime) -> FetchState:
    """The state after an answer that could not be parsed, from the state `before` that poll: one more failure.

    The validators stay those of the last body that could be parsed, because sending them says "I have this version".
    """
    return _failed(source, replace(current(source, before), last_attempt_at=now), reason, now)


def proposed_move(state: FetchState) -> str | None:
    """The URL to suggest for sources.yaml, once a permanent redirect has been seen three times in three days."""
    return state.moved_to if state.moved_seen >= MOVED_LIMIT else None


def notice(before: FetchState, after: FetchState) -> Notice | None:
    """What to tell the user now that `before` became `after`; each at most once per breakdown."""
    if before.url != after.url or before.told == after.told:
        return None
    return Notice.BROKEN if after.told else Notice.RECOVERED


def holds(states: Iterable[FetchState], now: dt.datetime) -> dict[str, dt.datetime]:
    """The hosts that asked for quiet, each with the time until which nothing on it is asked."""
    quiet: dict[str, dt.datetime] = {}
    longest = dt.timedelta(seconds=LONGEST_WAIT_S * (1 + JITTER))
    for state in states:
        if state.held_host and state.held_until_at and now < state.held_until_at <= now + longest:
            quiet[state.held_host] = _later(quiet.get(state.held_host), state.held_until_at)
    return quiet


def host_of(url: str) -> str:
    """The host that waits are counted for: lower case, without port or trailing dot; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _heard(source: Source, state: FetchState, answer: Answered, now: dt.datetime) -> FetchState:
    asked_s = _max_age_s(answer.headers.get("cache-control", b""))
    wait_s = max(_interval_s(source, state), asked_s)
    first = state.last_success_at is None
    unchanged = answer.status_code == 304 or answer.body_sha256 == state.body_sha256
    heard = _seen_move(_with_validators(state, answer), answer, now)
    return replace(
        heard,
        health=Health.OK,
        reason=_ok_reason(source, heard, unchanged, wait_s),
        last_success_at=now,
        failures=0,
        not_found=0,
        failing_since_at=None,
        told=False,
        held_host=None,
        held_until_at=None,
        next_due_at=_outside(now + _spread(source, wait_s, share=1.0 if first else JITTER), state.skip_hours),
    )


def _with_validators(state: FetchState, answer: Answered) -> FetchState:
    etag, last_modified = answer.headers.get("etag"), answer.headers.get("last-modified")
    if answer.status_code == 304:
        return replace(state, etag=etag or state.etag, last_modified=last_modified or state.last_modified)
    given = answer.url if etag or last_modified else None
    sha256 = answer.body_sha256
    return replace(state, etag=etag, last_modified=last_modified, validators_url=given, body_sha256=sha256)


def _seen_move(state: FetchState, answer: Answered, now: dt.datetime) -> FetchState:
    to = answer.permanent_url
    if to is None:
        return replace(state, moved_to=None, moved_seen=0, moved_since_at=None)
    proposed = to == state.moved_to and state.moved_seen >= MOVED_LIMIT
    counting = to == state.moved_to and state.moved_since_at is not None and now - state.moved_since_at <= MOVED_WINDOW
    if proposed or counting:
        return replace(state, moved_seen=state.moved_seen + 1)
    return replace(state, moved_to=to, moved_seen=1, moved_since_at=now)


def _ok_reason(source: Source, state: FetchState, unchanged: bool, wait_s: int) -> str:
    parts = ["unchanged" if unchanged else "answered"]
    if wait_s > max(source.interval_s, FASTEST_S):
        parts.append(f"the publisher asks for {_duration(wait_s)} between polls")
    if to := proposed_move(state):
        parts.append(f"moved for good to {redacted(to)}: change its url in sources.yaml")
    return "; ".join(parts)


def _failed(
    source: Source, state: FetchState, reason: str, now: dt.datetime, *, wait_s: int | None = None
) -> FetchState:
    """One more failure in a row. Without `wait_s` the wait doubles from the interval to six hours."""
    since = state.failing_since_at or now
    wait_s = _backoff_s(source, state) if wait_s is None else max(wait_s, _interval_s(source, state))
    return replace(
        state,
        health=Health.FAILING,
        reason=reason,
        failures=state.failures + 1,
        failing_since_at=since,
        told=state.told or now - since >= BROKEN_AFTER,
        next_due_at=_outside(now + _spread(source, wait_s), state.skip_hours),
    )


def _refused(
    source: Source, state: FetchState, reason: str, headers: Mapping[str, bytes], now: dt.datetime
) -> FetchState:
    wait_s = max(FORBIDDEN_WAIT_S, retry_after_s(headers.get("retry-after", b""), now) or 0)
    return replace(_failed(source, state, reason, now, wait_s=wait_s), health=Health.BLOCKED, not_found=0)


def _not_found(source: Source, state: FetchState, answer: Answered, now: dt.datetime) -> FetchState:
    times = state.not_found + 1
    daily = times >= NOT_FOUND_LIMIT
    reason = f"answered 404 Not Found, {times} in a row" + ("; asked once a day now. Look for its new url" * daily)
    wait_s = max(DAY_S if daily else 0, retry_after_s(answer.headers.get("retry-after", b""), now) or 0)
    return replace(_failed(source, state, reason, now, wait_s=wait_s), not_found=times)


def _went_wrong(source: Source, state: FetchState, answer: Answered, now: dt.datetime) -> FetchState:
    wait_s = _backoff_s(source, state)
    if answer.status_code == 429:
        wait_s = min(max(wait_s, HOUR_S * 2 ** min(state.failures, 10)), DAY_S)
    asked_s = retry_after_s(answer.headers.get("retry-after", b""), now)
    reason = f"answered {_phrase(answer.status_code)}"
    if asked_s:
        wait_s = max(wait_s, asked_s)
        reason += f" and asked for {_duration(asked_s)} of quiet"
    return replace(_failed(source, state, reason, now, wait_s=wait_s), not_found=0)


def _held(state: FetchState, answer: Answered | Walled, now: dt.datetime) -> FetchState:
    """429, and 503 with `Retry-After`, are said for the whole host: every source on it waits as long as this one."""
    asked = retry_after_s(answer.headers.get("retry-after", b""), now)
    if answer.status_code == 429 or (answer.status_code == 503 and asked):
        return replace(state, held_host=host_of(answer.url), held_until_at=state.next_due_at)
    return state


def retry_after_s(value: bytes, now: dt.datetime) -> int | None:
    """Seconds to wait by a `Retry-After` header (RFC 9110 §10.2.3), at most a week; None where it is no use."""
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return LONGEST_WAIT_S if len(text) > 9 else min(int(text), LONGEST_WAIT_S) or None
    try:
        at = parsedate_to_datetime(text)
        at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
        wait_s = int((at - now).total_seconds())
    except (ValueError, OverflowError, IndexError):
        return None
    return min(wait_s, LONGEST_WAIT_S) if wait_s > 0 else None


def _max_age_s(cache_control: bytes) -> int:
    """Seconds of `max-age`, at most a day: a year written for a picture must not silence a feed."""
    found = re.search(rb'(?:^|[,\s])max-age\s*=\s*"?(\d{1,12})', cache_control, re.IGNORECASE)
    return min(int(found[1]), DAY_S) if found else 0


def _interval_s(source: Source, state: FetchState) -> int:
    return max(source.interval_s, FASTEST_S, state.ttl_s)


def _backoff_s(source: Source, state: FetchState) -> int:
    interval_s = _interval_s(source, state)
    doubled_s: int = interval_s * 2 ** min(state.failures, 10)
    return min(doubled_s, max(interval_s, BACKOFF_CAP_S))


def _spread(source: Source, wait_s: int, *, share: float = JITTER) -> dt.timedelta:
    """`wait_s` and up to `share` more, always the same for this source, so that sources drift apart and stay there."""
    digest = hashlib.sha256(source.id.encode()).digest()
    return dt.timedelta(seconds=wait_s * (1 + share * int.from_bytes(digest[:8]) / 2**64))


def _outside(due: dt.datetime, skip_hours: tuple[int, ...]) -> dt.datetime:
    while due.astimezone(dt.UTC).hour in skip_hours:
        due += dt.timedelta(hours=1)
    return due


def _later(one: dt.datetime | None, other: dt.datetime) -> dt.datetime:
    return other if one is None else max(one, other)


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _duration(seconds: int) -> str:
    for unit_s, name in ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute"), (1, "second")):
        if seconds >= unit_s:
            count = -(-seconds // unit_s)
            return f"{count} {name}{'s' * (count != 1)}"
    return "no time"


def _clock(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
