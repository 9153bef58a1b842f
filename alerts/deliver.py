"""The outbox → people: takes what is due, sends it, writes down what came of it. The only place that posts.

Targets are served side by side, the messages of one target one after another, so that a slow target holds up nobody
else. Every message is sent at least once and always under the same id. Addresses and secrets are read here, for one
pass, and appear in no log, exception or stored word. What is sent is decided in `alerts.payload`, what an answer means
in `alerts.retry`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import random
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from typing import Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx

from alerts.clean import one_line
from alerts.formats import REQUIRED_OPTIONS, apprise, discord, ntfy
from alerts.mail import send_mail
from alerts.payload import after_quiet, edit, group
from alerts.retry import Answer, answered, attempt, edit_attempt
from alerts.secrets import resolve
from alerts.sign import signature_headers
from storage.errors import DeliveryError
from storage.model import Attempt, Config, Message, OutboxEntry, OutboxState, Outdated, Route, Target

TIMEOUT_S = 15.0
"""For a whole exchange, from looking up the name to the end of the answer."""
ANSWER_BYTES = 16_384
PAGE = 200
"""Messages taken from the outbox at a time."""
HELD_S = 300
"""How soon a message is looked at again that waits for an address or a secret."""
CHECKPOINTS = ("before_group", "after_group", "before_post", "after_post", "after_attempt")
"""The moments of a pass at which a crash must lose nothing, as `checkpoint` is told them."""

_RANDOM = random.SystemRandom()

TransportFor = Callable[[Target], httpx.AsyncBaseTransport]


class Outbox(Protocol):
    """What delivery needs of the store."""

    def due_messages(self, now: dt.datetime, limit: int) -> Sequence[OutboxEntry]:
        """Pending messages whose next attempt is due, oldest first."""

    def record_attempt(self, message_id: str, attempt: Attempt, follow_up: Sequence[Message] = ()) -> None:
        """In one transaction: append `attempt`, put the message into its state and `follow_up` into the outbox.

        `DISABLED` disables all pending of the same target.
        """

    def outdated(self, message_id: str, remote_id: str | None = None) -> Sequence[Outdated]:
        """The delivered messages, with the target's own id, of what this message corrects on its route and target.

        And itself, where its target has just given it `remote_id` and took what corrects it before, or with it.
        """

    def put_off(self, message_ids: Sequence[str], until_at: dt.datetime) -> None:
        """Nothing was tried: let those of these messages that are pending become due at `until_at`."""

    def group_messages(self, message: Message, message_ids: Sequence[str]) -> None:
        """In one transaction: add `message` to the outbox, due at once, and mark those it stands for as `GROUPED`."""

    def sent_count(self, route_id: str, since_at: dt.datetime) -> int:
        """How many messages of the route were tried for the first time since then; edits of sent ones are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one pass came to. Edits of sent messages are not in it: nobody misses anything where one fails."""

    delivered: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    """Reason by message id: tried, and to be tried again."""
    dead: Mapping[str, str] = field(default_factory=dict)
    """Reason by message id: given up, or its target said that it is gone."""
    held: Mapping[str, str] = field(default_factory=dict)
    """Reason by target id: what must be set before its messages are sent. Without those that are `optional`."""

    @property
    def is_fine(self) -> bool:
        """True where nobody has to do anything."""
        return not (self.failed or self.dead or self.held)


async def deliver(
    outbox: Outbox,
    config: Config,
    *,
    transport: TransportFor,
    clock: Callable[[], dt.datetime],
    environ: Mapping[str, str] | None = None,
    checkpoint: Callable[[str], None] = lambda name: None,
    chance: Callable[[], float] = _RANDOM.random,
    timeout_s: float = TIMEOUT_S,
) -> DeliveryReport:
    """One pass over the outbox: everything that is due when it begins is tried once, put off, or grouped.

    `transport` gives the guarded door to a target's network and is closed after use; `chance` gives numbers from 0 to 1
    for the jitter. What the store raises is raised on, after the other targets were served.
    """
    world = _Pass(
        outbox=outbox,
        config=config,
        transport=transport,
        clock=clock,
        environ=os.environ if environ is None else environ,
        checkpoint=checkpoint,
        chance=chance,
        timeout_s=timeout_s,
        started_at=clock(),
    )
    while entries := outbox.due_messages(world.started_at, PAGE):
        lanes: dict[str, list[OutboxEntry]] = {}
        for entry in entries:
            lanes.setdefault(entry.message.target_id, []).append(entry)
        served = (_serve(world, target_id, lane) for target_id, lane in lanes.items())
        for result in await asyncio.gather(*served, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
    return world.report()


async def send_now(
    message: Message,
    target: Target,
    *,
    transport: TransportFor,
    at: dt.datetime,
    environ: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Send one message outside of the outbox, once; DeliveryError says why it was not taken."""
    door = await asyncio.to_thread(_opened, target, os.environ if environ is None else environ)
    async with transport(target) as network:
        answer = await _send(message, door, network, at, timeout_s)
    if answer.error is not None:
        raise DeliveryError(f"{target.id}: {answer.error}")


def why_held(target: Target | None, environ: Mapping[str, str] | None = None) -> str | None:
    """What must be set before `target` can be sent to, in words for `alerts list` and `check`; None: nothing."""
    try:
        _opened(target, os.environ if environ is None else environ)
    except DeliveryError as error:
        return str(error)
    return None


# --- one pass ------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Pass:
    """What a pass works with, and its tally."""

    outbox: Outbox
    config: Config
    transport: TransportFor
    clock: Callable[[], dt.datetime]
    environ: Mapping[str, str]
    checkpoint: Callable[[str], None]
    chance: Callable[[], float]
    timeout_s: float
    started_at: dt.datetime
    ended: dict[str, Attempt] = field(default_factory=dict)
    """By message id."""
    held: dict[str, str] = field(default_factory=dict)
    resting: dict[str, dt.datetime] = field(default_factory=dict)
    """Until when, by the id of a target that is left alone for the rest of the pass."""

    def route(self, route_id: str) -> Route | None:
        return next((route for route in self.config.routes if route.id == route_id), None)

    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.config.digest.timezone)

    def report(self) -> DeliveryReport:
        return DeliveryReport(
            delivered=tuple(id for id, one in self.ended.items() if one.state is OutboxState.DELIVERED),
            failed={id: one.error or "" for id, one in self.ended.items() if one.state is OutboxState.PENDING},
            dead={
                id: one.error or ""
                for id, one in self.ended.items()
                if one.state in (OutboxState.DEAD, OutboxState.DISABLED)
            },
            held=self.held,
        )


async def _serve(world: _Pass, target_id: str, entries: Sequence[OutboxEntry]) -> None:
    """Send what is due for one target, least tried first, so that a message nobody takes holds up no other."""
    target = world.config.targets.get(target_id)
    try:
        door = await asyncio.to_thread(_opened, target, world.environ)
    except DeliveryError as error:
        _put_off(world, entries, world.clock() + dt.timedelta(seconds=HELD_S))
        if target is None or not target.optional:
            world.held[target_id] = str(error)
        return
    ready = sorted(_ready(world, entries), key=lambda entry: len(entry.attempts))
    async with world.transport(door.target) as network:
        for place, entry in enumerate(ready):
            if until_at := world.resting.get(target_id):
                _put_off(world, ready[place:], until_at)
                return
            made = await _try(world, entry, door, network)
            if made.state is OutboxState.DISABLED:
                return


async def _try(world: _Pass, entry: OutboxEntry, door: _Door, network: httpx.AsyncBaseTransport) -> Attempt:
    """One attempt, and its line in the outbox."""
    message = entry.message
    world.checkpoint("before_post")
    answer = await _send(message, door, network, world.clock(), world.timeout_s)
    world.checkpoint("after_post")
    judge = edit_attempt if message.edits else attempt
    made = judge(answer, entry.attempts, at=world.clock(), chance=world.chance())
    if made.next_attempt_at:
        route = world.route(message.route_id)
        awake_at = after_quiet(made.next_attempt_at, route.quiet_hours if route else None, world.timezone())
        made = replace(made, next_attempt_at=awake_at)
    is_taken = made.state is OutboxState.DELIVERED
    outdated = world.outbox.outdated(message.id, made.remote_id) if is_taken else ()
    world.outbox.record_attempt(message.id, made, [edit(one, now=world.started_at) for one in outdated])
    world.checkpoint("after_attempt")
    if not message.edits:
        world.ended[message.id] = made
    if answer.rests_target and made.next_attempt_at:
        world.resting[message.target_id] = made.next_attempt_at
    return made


def _put_off(world: _Pass, entries: Sequence[OutboxEntry], until_at: dt.datetime) -> None:
    if entries:
        world.outbox.put_off([entry.message.id for entry in entries], until_at)


# --- quiet hours and daily limits ----------------------------------------------------------------------------------


def _ready(world: _Pass, entries: Sequence[OutboxEntry]) -> list[OutboxEntry]:
    """The entries that may go out now; those of a route that sleeps or has had its fill are put off or grouped."""
    ready: list[OutboxEntry] = []
    by_route: dict[str, list[OutboxEntry]] = {}
    for entry in entries:
        by_route.setdefault(entry.message.route_id, []).append(entry)
    for route_id, some in by_route.items():
        route, now = world.route(route_id), world.clock()
        awake_at = after_quiet(now, route.quiet_hours if route else None, world.timezone())
        if awake_at > now:
            _put_off(world, some, awake_at)
        elif route is None or route.daily_limit is None:
            ready += some
        else:
            ready += _within_limit(world, route, route.daily_limit, some, now)
    return ready


def _within_limit(
    world: _Pass, route: Route, limit: int, entries: Sequence[OutboxEntry], now: dt.datetime
) -> list[OutboxEntry]:
    """Repeated attempts, and as many new messages as today still allows; of more than that the last one tells the rest.

    Where today allows none, new messages wait for tomorrow.
    """
    midnight = dt.datetime.combine(now.astimezone(world.timezone()), dt.time(), tzinfo=world.timezone())
    new = [entry for entry in entries if _counts(entry, route)]
    again = [entry for entry in entries if entry not in new]
    left = max(0, limit - world.outbox.sent_count(route.id, midnight.astimezone(dt.UTC)))
    if len(new) <= left:
        return again + new
    if left == 0:
        tomorrow = (midnight + dt.timedelta(days=1)).astimezone(dt.UTC)
        _put_off(world, new, after_quiet(tomorrow, route.quiet_hours, world.timezone()))
        return again
    # Messages that stand for several already come first and stay as they are.
    new.sort(key=lambda entry: len(entry.message.change_ids) < 2)
    alone = max(left - 1, sum(len(entry.message.change_ids) > 1 for entry in new))
    return again + new[:alone] + _grouped(world, route, new[alone:], now)


def _counts(entry: OutboxEntry, route: Route) -> bool:
    """True for a message that is new to the reader and can be grouped.

    One of another format was written before the route got this target: it goes out as it is.
    """
    message = entry.message
    return not entry.attempts and not message.edits and message.format == route.target.format


def _grouped(world: _Pass, route: Route, entries: Sequence[OutboxEntry], now: dt.datetime) -> list[OutboxEntry]:
    grouped: list[OutboxEntry] = []
    for message, told in group([entry.message for entry in entries], route, now=now):
        if told != (message,):
            world.checkpoint("before_group")
            world.outbox.group_messages(message, [one.id for one in told])
            world.checkpoint("after_group")
        grouped.append(OutboxEntry(message=message, state=OutboxState.PENDING, next_attempt_at=now))
    return grouped


# --- one message ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """A target with its address and secret; they stay out of its repr and so out of tracebacks that show locals."""

    target: Target
    url: str = field(repr=False)
    secret: str | None = field(repr=False)


def _opened(target: Target | None, environ: Mapping[str, str]) -> _Door:
    """The target with all that is needed to send to it; DeliveryError says what is missing."""
    if target is None:
        raise DeliveryError("its target is no longer in sources.yaml: put it back there to have its messages sent")
    missing = [name for name in REQUIRED_OPTIONS.get(target.format, ()) if not target.options.get(name)]
    if missing:
        raise DeliveryError(f"target {target.id} needs the option {', '.join(missing)} in sources.yaml")
    part = "address"
    try:
        url = resolve(target.url, environ)
        part = "secret"
        secret = resolve(target.secret, environ) if target.secret else None
    except DeliveryError as error:
        raise DeliveryError(f"the {part} of target {target.id} is not known: {error}") from None
    return _Door(target=target, url=url, secret=secret)


async def _send(
    message: Message, door: _Door, network: httpx.AsyncBaseTransport, at: dt.datetime, timeout_s: float
) -> Answer:
    """One try by the way that the message's format takes; whatever goes wrong is in the answer."""
    try:
        match message.format:
            case "email":
                await asyncio.to_thread(send_mail, door.url, message.body, timeout_s=timeout_s)
                return Answer()
            case "apprise":
                return await asyncio.to_thread(_hand_to_apprise, door.url, message.body)
        async with asyncio.timeout(timeout_s) as limit:
            answer_by = (limit.when() or 0.0) - timeout_s / 3
            return await _post(message, _request(message, door, at, timeout_s), door, network, at, answer_by)
    except DeliveryError as error:
        return Answer(error=str(error))
    except (TimeoutError, httpx.TimeoutException):
        return Answer(error=f"no answer within {timeout_s:g} s", is_slow=True)
    except (httpx.HTTPError, OSError) as error:
        return Answer(error=_network_words(error))


def _hand_to_apprise(url: str, body: bytes) -> Answer:
    try:
        taken = apprise.send(url, body)
    except ImportError:
        return Answer(error="this target needs the extra: pip install 'franchise-watch[apprise]'")
    return Answer(error=None if taken else "apprise could not send it: check the target's address")


@cache
def _user_agent() -> str:
    return f"franchise-watch/{version('franchise-watch')}"


def _request(message: Message, door: _Door, at: dt.datetime, timeout_s: float) -> httpx.Request:
    _check_address(door.url)
    method, url, body = _addressed(message, door.url)
    headers = {
        "content-type": message.content_type,
        "user-agent": _user_agent(),
        "accept-encoding": "identity",
        "connection": "close",
    }
    if message.format == "webhook":
        headers |= signature_headers(message.id, body, door.secret, at)
    elif message.format == "ntfy" and door.secret:
        headers["authorization"] = f"Bearer {door.secret}"
    timeouts = httpx.Timeout(timeout_s).as_dict()
    try:
        return httpx.Request(method, url, headers=headers, content=body, extensions={"timeout": timeouts})
    except UnicodeError:
        raise DeliveryError("its secret, or its route's id, holds a character that no header may hold") from None


def _addressed(message: Message, url: str) -> tuple[str, str, bytes]:
    """Method, address and body of the request that brings the message to a target's address."""
    match message.format:
        case "ntfy":
            return "POST", *ntfy.addressed(url, message.body)
        case "discord" if message.edits:
            return "PATCH", discord.editing(url, message.edits), message.body
        case "discord":
            return "POST", discord.posting(url), message.body
    return "POST", url, message.body


def _check_address(url: str) -> None:
    try:
        address = httpx.URL(urlsplit(url).geturl())
        is_web = address.scheme in ("http", "https") and bool(address.host)
    except (httpx.InvalidURL, ValueError):
        is_web = False
    if not is_web:
        raise DeliveryError("its address is not one that starts with https:// or http://: correct it where it is set")


async def _post(
    message: Message,
    request: httpx.Request,
    door: _Door,
    network: httpx.AsyncBaseTransport,
    at: dt.datetime,
    answer_by: float,
) -> Answer:
    """Hand the request to the transport itself: a client would keep cookies and log the whole address.

    Of a success only Discord's answer is read, until `answer_by` on the loop's clock.
    """
    response = await network.handle_async_request(request)
    try:
        if response.is_success:
            id = await _remote_id(response, answer_by) if message.format == "discord" else None
            return Answer(status_code=response.status_code, remote_id=id)
        body = await _beginning(response)
    finally:
        await response.aclose()
    return answered(response.status_code, response.headers, body, at, _shown(body, door))


async def _remote_id(response: httpx.Response, answer_by: float) -> str | None:
    """The id in Discord's answer, or None: the message was taken, whatever becomes of the rest of the answer."""
    try:
        async with asyncio.timeout_at(answer_by):
            return discord.message_id(await _beginning(response))
    except (TimeoutError, httpx.HTTPError, OSError):
        return None


async def _beginning(response: httpx.Response) -> bytes:
    """At most 16 kB, as they came: nothing is inflated."""
    body = b""
    async for part in response.aiter_raw():
        body += part[: ANSWER_BYTES - len(body)]
        if len(body) >= ANSWER_BYTES:
            break
    return body


def _shown(body: bytes, door: _Door) -> str:
    """The reason in a JSON answer (`description`, `message`), unless it repeats a piece of the address or secret."""
    try:
        said = json.loads(body)
        text = said.get("description") or said.get("message")
    except (ValueError, AttributeError, RecursionError):
        return ""
    line = one_line(text, 120) if isinstance(text, str) else ""
    secrets = (door.url.partition("//")[2], door.secret or "")
    pieces = (secret[start : start + 6] for secret in secrets for start in range(len(secret) - 5))
    return "" if any(piece in line for piece in pieces) else line


def _network_words(error: BaseException) -> str:
    """What went wrong without the exception's own text, which may name the address."""
    if "allow_private" in str(error):
        return "its address is not public; if it is on your own network, give the target `allow_private: true`"
    if "not a public address" in str(error):
        return "its address is not public, and no setting opens it"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "its TLS certificate or protocol cannot be trusted"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return "no connection: nothing answers at its address"
    return "the connection broke before an answer came"
