"""The outbox without a database, and one pass of delivery against a receiver of its own."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import datetime as dt
import json
import ssl
from collections.abc import Callable, Sequence

import httpx

from alerts.deliver import DeliveryReport, Outbox, deliver
from storage.model import (
    Attempt,
    Config,
    DigestSettings,
    Message,
    OutboxEntry,
    OutboxState,
    Outdated,
    Route,
    SecretRef,
    Target,
)
from tests.receivers import Receiver, receiver

NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
SECRET = "whsec_" + base64.b64encode(b"canary-canary-canary-canary").decode()
TIMEOUT_S = 0.15
TLS = ssl.create_default_context()


def network(target: Target) -> httpx.AsyncBaseTransport:
    """The plain network; reading the certificates once for all tests."""
    return httpx.AsyncHTTPTransport(verify=TLS)


class MemoryOutbox:
    """The outbox without a database."""

    def __init__(self, *messages: Message) -> None:
        self.entries = {
            one.id: OutboxEntry(message=one, state=OutboxState.PENDING, next_attempt_at=one.not_before_at)
            for one in messages
        }

    def due_messages(self, now: dt.datetime, limit: int) -> Sequence[OutboxEntry]:
        due = [e for e in self.entries.values() if e.next_attempt_at is not None and e.next_attempt_at <= now]
        return due[:limit]

    def record_attempt(self, message_id: str, attempt: Attempt, follow_up: Sequence[Message] = ()) -> None:
        assert not follow_up
        entry = self.entries[message_id]
        self.entries[message_id] = dataclasses.replace(
            entry, state=attempt.state, attempts=(*entry.attempts, attempt), next_attempt_at=attempt.next_attempt_at
        )
        if attempt.state is OutboxState.DISABLED:
            for id, other in self.entries.items():
                if other.state is OutboxState.PENDING and other.message.target_id == entry.message.target_id:
                    self.entries[id] = dataclasses.replace(other, state=OutboxState.DISABLED, next_attempt_at=None)

    def outdated(self, message_id: str, remote_id: str | None = None) -> Sequence[Outdated]:
        return ()

    def put_off(self, message_ids: Sequence[str], until_at: dt.datetime) -> None:
        for id in message_ids:
            self.entries[id] = dataclasses.replace(self.entries[id], next_attempt_at=until_at)

    def group_messages(self, message: Message, message_ids: Sequence[str]) -> None:
        for id in message_ids:
            entry = dataclasses.replace(self.entries[id], state=OutboxState.GROUPED, next_attempt_at=None)
            self.entries[id] = entry
        entry = OutboxEntry(message=message, state=OutboxState.PENDING, next_attempt_at=message.not_before_at)
        self.entries[message.id] = entry

    def sent_count(self, route_id: str, since_at: dt.datetime) -> int:
        tried = (e.attempts[0].at for e in self.entries.values() if e.message.route_id == route_id and e.attempts)
        return sum(at >= since_at for at in tried)

    def states(self) -> dict[str, str]:
        return {id: entry.state.value for id, entry in self.entries.items()}


def message(id: str = "c1.main", *, target: str = "phone", route: str = "main", format: str = "webhook") -> Message:
    """A generic message in the outbox."""
    event = {"type": "release_date.announced", "timestamp": "2026-05-01T09:00:00Z", "data": {"id": id}}
    return Message(
        id=id,
        route_id=route,
        target_id=target,
        format=format,
        content_type="application/json",
        body=json.dumps(event).encode(),
        change_ids=(id.partition(".")[0],),
        created_at=NOW,
        not_before_at=NOW,
        summary=f"news {id}",
        url=f"https://desk.example/{id}",
    )


def target(id: str = "phone", **fields: object) -> Target:
    """A target whose address is in the variable `PHONE_URL`, or as it is called."""
    url = SecretRef(env=f"{id.upper()}_URL")
    base = Target(id=id, format="webhook", url=url, secret=SecretRef(env="SECRET"), allow_private=True)
    return dataclasses.replace(base, **fields)  # type: ignore[arg-type]


def config(*routes: Route, timezone: str = "UTC") -> Config:
    """A configuration with these routes, or one to `phone`."""
    routes = routes or (Route(id="main", target=target()),)
    return Config(franchises=(), sources=(), routes=routes, digest=DigestSettings(timezone=timezone))


def limited(limit: int) -> Config:
    """One route with that daily limit."""
    return config(Route(id="main", target=target(), daily_limit=limit))


def run_once(
    outbox: Outbox,
    settings: Config | None = None,
    *,
    urls: dict[str, str] | None = None,
    behave: Callable[[Receiver], None] = lambda here: None,
    now: dt.datetime = NOW,
    tls: bool = False,
    checkpoint: Callable[[str], None] = lambda name: None,
    transport: Callable[[Target], httpx.AsyncBaseTransport] = network,
) -> tuple[DeliveryReport, Receiver]:
    """One pass against a fresh receiver. `behave` sets it up; `urls` are environment variables beside its own."""

    async def go() -> tuple[DeliveryReport, Receiver]:
        async with receiver(tls=tls) as here:
            behave(here)
            environ = {"PHONE_URL": f"{here.url}/hook", "DESK_URL": f"{here.url}/desk", "SECRET": SECRET}
            report = await deliver(
                outbox,
                settings or config(),
                transport=transport,
                clock=lambda: now,
                environ=environ | (urls or {}),
                checkpoint=checkpoint,
                chance=lambda: 0.5,
                timeout_s=TIMEOUT_S,
            )
            return report, here

    return asyncio.run(go())
