"""Polls what is due, host by host, and yields outcomes as they come; reads single addresses under the same manners."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import math
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.fetch.client import Client, HostHeldError, Reply, Validators
from pipeline.fetch.politeness import (
    Answer,
    Answered,
    Denied,
    Held,
    Unreachable,
    Walled,
    current,
    holds,
    host_of,
    is_due,
    next_state,
)
from pipeline.fetch.redact import redacted
from pipeline.fetch.robots import Robots
from pipeline.fetch.walls import recognise
from storage.errors import FetchError
from storage.model import Fetched, FetchState, NotModified, Outcome, Refused, Source, SourceKind

Due = tuple[Source, FetchState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One address as it was read, decoded from its transfer coding, not yet from its charset."""

    url: str
    """After redirects."""
    status_code: int
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes
    fetched_at: dt.datetime


async def fetch_due(
    polls: Sequence[Due], *, client: Client, lasting_s: float = math.inf
) -> AsyncGenerator[Outcome, None]:
    """Yield one outcome for each source that is due, as soon as it is known; each holds the source's next state.

    `polls` may hold every source: those not due, and those on a host that asked for quiet, yield nothing. Pass the
    states of all sources that share a host with a due one, because a `Retry-After` binds the host. At most
    `client.concurrency` bodies are in memory, the one being yielded included; hosts take turns, and a host with a
    thousand sources does not keep another one waiting. After `lasting_s` no further source is asked; what is left is
    still due, and comes first the next time.
    """
    until_s = asyncio.get_running_loop().time() + lasting_s
    now = client.clock()
    for host, until_at in holds((state for _, state in polls), now).items():
        client.hold(host, until_at)
    lanes = _lanes(poll for poll in polls if is_due(*poll, now))
    room = asyncio.Semaphore(client.concurrency)
    outcomes: asyncio.Queue[Outcome | None] = asyncio.Queue()
    running = [asyncio.create_task(_lane(lane, client, room, outcomes, until_s)) for lane in lanes]
    finish = asyncio.create_task(_finish(running, outcomes))
    try:
        while (outcome := await outcomes.get()) is not None:
            yield outcome
            del outcome
            room.release()
        await finish
    finally:
        for task in (finish, *running):
            task.cancel()
        await asyncio.gather(finish, *running, return_exceptions=True)


async def fetch_one(
    url: str,
    *,
    client: Client,
    source_id: str | None = None,
    kind: SourceKind = SourceKind.PAGE,
    allow_private: bool = False,
    robots: Robots | None = None,
) -> Document:
    """The document at `url`, fresh; raises FetchError for anything but a usable 200.

    Waits its turn at the host. With `robots`, an address that robots.txt forbids is not read: what a program follows
    by itself is asked for, what a person typed need not be.
    """
    name = source_id or redacted(url)
    if robots is not None and not await robots.allows(url, source_id=name, allow_private=allow_private):
        raise FetchError(name, f"robots.txt of {host_of(url)} does not allow it")
    reply = await client.get(url, source_id=name, kind=kind, allow_private=allow_private)
    if wall := recognise(reply.body, reply.headers, reply.status_code, kind, url=reply.url):
        raise FetchError(name, wall)
    if reply.status_code not in (200, 203):
        until_at = client.held_until(host_of(reply.url))
        asked = f" and asked for quiet until {until_at:%Y-%m-%d %H:%M} UTC; try again after that" if until_at else ""
        raise FetchError(name, f"answered {reply.status_code}{asked}")
    if not reply.body:
        raise FetchError(name, f"answered {reply.status_code} with an empty body")
    return Document(
        url=reply.url,
        status_code=reply.status_code,
        headers=_text_headers(reply.headers),
        body=reply.body,
        fetched_at=client.clock(),
    )


def _lanes(polls: Iterable[Due]) -> list[list[Due]]:
    """The polls of each host, the longest due first."""
    lanes: defaultdict[str, list[Due]] = defaultdict(list)
    long_ago = dt.datetime.min.replace(tzinfo=dt.UTC)
    for source, state in sorted(polls, key=lambda poll: poll[1].next_due_at or long_ago):
        lanes[host_of(source.url)].append((source, state))
    return list(lanes.values())


async def _lane(
    lane: list[Due], client: Client, room: asyncio.Semaphore, outcomes: asyncio.Queue[Outcome | None], until_s: float
) -> None:
    for source, state in lane:
        host = host_of(source.url)
        await client.until_free(host)
        if client.held_until(host):
            return
        await room.acquire()
        if asyncio.get_running_loop().time() > until_s:
            room.release()
            return
        await outcomes.put(await poll(source, state, client=client))


async def _finish(running: list[asyncio.Task[None]], outcomes: asyncio.Queue[Outcome | None]) -> None:
    try:
        await asyncio.gather(*running)
    finally:
        outcomes.put_nowait(None)


async def poll(source: Source, state: FetchState, *, client: Client) -> Outcome:
    """Ask `source` now, due or not, and decide when to ask again."""
    before = current(source, state)
    answer, body = await _ask(source, before, client)
    now = client.clock()
    after = next_state(source, before, answer, now)
    if after.held_host and after.held_until_at and after.held_until_at > now:
        client.hold(after.held_host, after.held_until_at)
    match answer:
        case Answered(status_code=304):
            return NotModified(source_id=source.id, fetched_at=now, state=after)
        case Answered(status_code=200 | 203, body_sha256=sha256) if sha256 == before.body_sha256:
            return NotModified(source_id=source.id, fetched_at=now, state=after)
        case Answered(status_code=200 | 203 as status):
            return Fetched(
                source_id=source.id,
                url=answer.url,
                status_code=status,
                headers=_text_headers(answer.headers),
                body=body,
                fetched_at=now,
                state=after,
            )
        case _:
            return Refused(source_id=source.id, fetched_at=now, reason=after.reason, state=after)


async def _ask(source: Source, state: FetchState, client: Client) -> tuple[Answer, bytes]:
    private = source.allow_private
    try:
        by_robots = source.kind is SourceKind.PAGE
        if by_robots and not await Robots(client).allows(source.url, source_id=source.id, allow_private=private):
            return Denied(reason=f"robots.txt of {host_of(source.url)} forbids this page. Look for a feed"), b""
        reply = await client.get(
            source.url,
            source_id=source.id,
            kind=source.kind,
            validators=_validators(state),
            allow_private=private,
        )
    except HostHeldError as error:
        return Held(host=error.host, until_at=error.until_at), b""
    except FetchError as error:
        return Unreachable(reason=error.reason), b""
    return _answer(source, state, reply), reply.body


def _validators(state: FetchState) -> Validators | None:
    """What to ask with: only where the body that the validators stand for was kept."""
    if state.validators_url is None:
        return None
    return Validators(url=state.validators_url, etag=state.etag, last_modified=state.last_modified)


def _answer(source: Source, state: FetchState, reply: Reply) -> Answer:
    status, headers = reply.status_code, reply.headers
    if wall := recognise(reply.body, headers, status, source.kind, url=reply.url):
        return Walled(reason=wall, status_code=status, headers=headers, url=reply.url)
    if status == 304 and state.validators_url != reply.url:
        return Unreachable(reason="answered 304 Not Modified, though it was not asked whether it was modified")
    if status in (200, 203) and not reply.body:
        return Unreachable(reason=f"answered {status} with an empty body")
    return Answered(
        status_code=status,
        url=reply.url,
        headers=headers,
        body_sha256=hashlib.sha256(reply.body).hexdigest() if reply.body else None,
        permanent_url=reply.permanent_url,
    )


def _text_headers(headers: Mapping[str, bytes]) -> dict[str, str]:
    return {name: value.decode("latin-1") for name, value in headers.items()}
