"""What every answer of a target leads to, on real sockets against a receiver that misbehaves in every way."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import datetime as dt
import email.utils
import json
import logging
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine
from standardwebhooks import Webhook

from alerts.deliver import CHECKPOINTS, PAGE, DeliveryReport, Outbox, deliver, send_now, why_held
from alerts.payload import messages
from alerts.retry import DELAYS_S, Answer, attempt, retry_after_s
from alerts.secrets import resolve
from storage.errors import DeliveryError
from storage.model import (
    Attempt,
    Config,
    DigestSettings,
    Message,
    OutboxEntry,
    OutboxState,
    Route,
    SecretRef,
    Target,
)
from storage.store import open_store
from tests import store_factories as make
from tests.alert_factories import alert
from tests.receivers import (
    MailServer,
    Receiver,
    answers,
    drips,
    floods,
    is_garbled,
    is_silent,
    mail_server,
    receiver,
    resets,
)

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

    def record_attempt(self, message_id: str, attempt: Attempt) -> None:
        entry = self.entries[message_id]
        self.entries[message_id] = dataclasses.replace(
            entry, state=attempt.state, attempts=(*entry.attempts, attempt), next_attempt_at=attempt.next_attempt_at
        )
        if attempt.state is OutboxState.DISABLED:
            for id, other in self.entries.items():
                if other.state is OutboxState.PENDING and other.message.target_id == entry.message.target_id:
                    self.entries[id] = dataclasses.replace(other, state=OutboxState.DISABLED, next_attempt_at=None)

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
    url = SecretRef(env=f"{id.upper()}_URL")
    base = Target(id=id, format="webhook", url=url, secret=SecretRef(env="SECRET"), allow_private=True)
    return dataclasses.replace(base, **fields)  # type: ignore[arg-type]


def config(*routes: Route, timezone: str = "UTC") -> Config:
    routes = routes or (Route(id="main", target=target()),)
    return Config(franchises=(), sources=(), routes=routes, digest=DigestSettings(timezone=timezone))


def run_once(
    outbox: Outbox,
    settings: Config | None = None,
    *,
    urls: dict[str, str] | None = None,
    behave: Callable[[Receiver], None] = lambda here: None,
    now: dt.datetime = NOW,
    tls: bool = False,
    checkpoint: Callable[[str], None] = lambda name: None,
) -> tuple[DeliveryReport, Receiver]:
    """One pass against a fresh receiver. `behave` sets it up; `urls` are environment variables beside its own."""

    async def go() -> tuple[DeliveryReport, Receiver]:
        async with receiver(tls=tls) as here:
            behave(here)
            environ = {"PHONE_URL": f"{here.url}/hook", "DESK_URL": f"{here.url}/desk", "SECRET": SECRET}
            report = await deliver(
                outbox,
                settings or config(),
                transport=network,
                clock=lambda: now,
                environ=environ | (urls or {}),
                checkpoint=checkpoint,
                chance=lambda: 0.5,
                timeout_s=TIMEOUT_S,
            )
            return report, here

    return asyncio.run(go())


# --- the receiver matrix -------------------------------------------------------------------------------------------

DELIVERED, RETRY, GONE = OutboxState.DELIVERED, OutboxState.PENDING, OutboxState.DISABLED
AFTER_5_S = 5.0
HTTP_DATE = email.utils.format_datetime(NOW + dt.timedelta(minutes=10), usegmt=True)
PAST_DATE = email.utils.format_datetime(NOW - dt.timedelta(days=1), usegmt=True)
TEN_YEARS = email.utils.format_datetime(NOW + dt.timedelta(days=3653), usegmt=True)

ANSWERS = [
    (200, {}, DELIVERED, None),
    (201, {}, DELIVERED, None),
    (204, {}, DELIVERED, None),
    (301, {"Location": "/elsewhere"}, RETRY, AFTER_5_S),
    (302, {"Location": "/elsewhere"}, RETRY, AFTER_5_S),
    (307, {"Location": "/elsewhere"}, RETRY, AFTER_5_S),
    (400, {}, RETRY, AFTER_5_S),
    (401, {}, RETRY, AFTER_5_S),
    (403, {}, RETRY, AFTER_5_S),
    (404, {}, RETRY, AFTER_5_S),
    (408, {}, RETRY, AFTER_5_S),
    (410, {}, GONE, None),
    (413, {}, RETRY, AFTER_5_S),
    (429, {}, RETRY, AFTER_5_S),
    (429, {"Retry-After": "120"}, RETRY, 120.0),
    (429, {"Retry-After": "1"}, RETRY, AFTER_5_S),
    (429, {"Retry-After": HTTP_DATE}, RETRY, 600.0),
    (429, {"Retry-After": PAST_DATE}, RETRY, AFTER_5_S),
    (429, {"Retry-After": TEN_YEARS}, RETRY, 86_400.0),
    (429, {"Retry-After": "315360000"}, RETRY, 86_400.0),
    (429, {"Retry-After": "9" * 400}, RETRY, 86_400.0),
    (429, {"Retry-After": "soon"}, RETRY, AFTER_5_S),
    (429, {"Retry-After": "-60"}, RETRY, AFTER_5_S),
    (500, {}, RETRY, AFTER_5_S),
    (500, {"Retry-After": "120"}, RETRY, AFTER_5_S),
    (502, {}, RETRY, AFTER_5_S),
    (503, {}, RETRY, AFTER_5_S),
    (503, {"Retry-After": "120"}, RETRY, 120.0),
    (504, {}, RETRY, AFTER_5_S),
]


@pytest.mark.parametrize(
    ("status", "headers", "state", "wait_s"), ANSWERS, ids=[f"{row[0]} {list(row[1].values())}"[:40] for row in ANSWERS]
)
def test_each_answer_leads_where_the_table_says(
    status: int, headers: dict[str, str], state: OutboxState, wait_s: float | None
) -> None:
    outbox = MemoryOutbox(message())
    report, here = run_once(outbox, behave=lambda here: here.behaviours.update({"/hook": answers(status, headers)}))
    (entry,) = outbox.entries.values()
    assert entry.state is state
    assert entry.next_attempt_at == (None if wait_s is None else NOW + dt.timedelta(seconds=wait_s))
    assert [one.status_code for one in entry.attempts] == [status]
    assert [one.path for one in here.received] == ["/hook"]
    assert report.is_fine == (state is DELIVERED)


BROKEN = [
    ("silent", lambda here: is_silent, "no answer within"),
    ("drips headers", lambda here: drips(), "no answer within"),
    ("drips a body", lambda here: drips(500, in_body=True), "no answer within"),
    ("resets", lambda here: resets, "connection broke"),
    ("garbled", lambda here: is_garbled, "connection broke"),
    ("endless error", lambda here: floods(here, 500), "500"),
]


@pytest.mark.parametrize(("behaviour", "words"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_no_proper_answer_is_tried_again(behaviour: Callable[[Receiver], object], words: str) -> None:
    outbox = MemoryOutbox(message())
    _, here = run_once(outbox, behave=lambda here: here.behaviours.update({"/hook": behaviour(here)}))  # type: ignore[dict-item]
    (entry,) = outbox.entries.values()
    assert entry.state is RETRY
    assert entry.next_attempt_at == NOW + dt.timedelta(seconds=5)
    assert words in str(entry.attempts[0].error)
    assert here.sent_bytes < 8_000_000, "no more than 16 kB and what the sockets hold"


def test_an_endless_answer_to_a_delivery_is_not_read() -> None:
    outbox = MemoryOutbox(message())
    _, here = run_once(outbox, behave=lambda here: here.behaviours.update({"/hook": floods(here, 200)}))
    assert outbox.states() == {"c1.main": "delivered"}
    assert here.sent_bytes < 8_000_000


def test_a_certificate_nobody_knows_is_refused() -> None:
    outbox = MemoryOutbox(message())
    _, here = run_once(outbox, tls=True)
    assert "TLS" in str(outbox.entries["c1.main"].attempts[0].error)
    assert here.received == []


def test_nothing_listening_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    outbox = MemoryOutbox(message())
    run_once(outbox, urls={"PHONE_URL": f"http://127.0.0.1:{port}/hook"})
    assert "nothing answers" in str(outbox.entries["c1.main"].attempts[0].error)


# --- the schedule --------------------------------------------------------------------------------------------------


def test_ten_failures_are_the_end() -> None:
    made: list[Attempt] = []
    for _ in range(20):
        made.append(attempt(Answer(status_code=500, error="500"), made, at=NOW, chance=0.5))
        if made[-1].state is OutboxState.DEAD:
            break
    waits = [(one.next_attempt_at - one.at).total_seconds() for one in made if one.next_attempt_at]
    assert waits == [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] == list(DELAYS_S[1:])
    assert len(made) == 10
    assert "given up after 10 attempts" in str(made[-1].error)


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 0.8), (0.5, 1.0), (1.0, 1.2)])
def test_jitter_is_a_fifth_either_way(chance: float, factor: float) -> None:
    earlier = [Attempt(at=NOW, state=RETRY, error="500", next_attempt_at=NOW)]
    made = attempt(Answer(status_code=500, error="500"), earlier, at=NOW, chance=chance)
    assert made.next_attempt_at == NOW + dt.timedelta(seconds=300 * factor)


def test_a_message_brought_back_starts_anew() -> None:
    dead = [Attempt(at=NOW, state=RETRY, error="x")] * 9 + [Attempt(at=NOW, state=OutboxState.DEAD, error="x")]
    made = attempt(Answer(status_code=500, error="500"), dead, at=NOW, chance=0.5)
    assert made.next_attempt_at == NOW + dt.timedelta(seconds=5)


@pytest.mark.parametrize(
    ("body", "wait_s"),
    [
        (b'{"retry_after": 1.5}', 1.5),
        (b'{"ok":false,"error_code":429,"parameters":{"retry_after":35}}', 35.0),
        (b'{"retry_after": "later"}', None),
        (b'{"parameters": []}', None),
        (b"[1]", None),
        (b"[" * 100_000, None),
        (b"", None),
    ],
    ids=["discord", "telegram", "word", "odd", "list", "deep", "nothing"],
)
def test_the_wait_is_read_from_json_where_no_header_says_it(body: bytes, wait_s: float | None) -> None:
    assert retry_after_s({}, body, NOW) == wait_s


# --- what is sent --------------------------------------------------------------------------------------------------


def test_the_official_library_verifies_what_arrives() -> None:
    _, here = run_once(MemoryOutbox(message()))
    (request,) = here.received
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("franchise-watch/")
    with time_machine.travel(NOW):
        assert Webhook(SECRET).verify(request.body, dict(request.headers))["type"] == "release_date.announced"


def test_the_id_stays_and_the_timestamp_is_the_attempts() -> None:
    outbox, seen = MemoryOutbox(message()), []
    for now, status in [(NOW, 500), (NOW + dt.timedelta(seconds=5), 200)]:
        setup = answers(status)
        _, here = run_once(outbox, now=now, behave=lambda here, setup=setup: here.behaviours.update({"/hook": setup}))  # type: ignore[misc]
        seen += [(one.headers["webhook-id"], int(one.headers["webhook-timestamp"]), one.body) for one in here.received]
    assert [(id, at) for id, at, _ in seen] == [
        ("c1.main", int(NOW.timestamp())),
        ("c1.main", int(NOW.timestamp()) + 5),
    ]
    assert seen[0][2] == seen[1][2]
    assert outbox.states() == {"c1.main": "delivered"}


def test_a_cookie_is_never_sent_back() -> None:
    cookie = answers(200, {"Set-Cookie": "track=1"})
    _, here = run_once(
        MemoryOutbox(message("c1.main"), message("c2.main")),
        behave=lambda here: here.behaviours.update({"/hook": cookie}),
    )
    assert [("cookie" in one.headers) for one in here.received] == [False, False]


def test_ntfy_gets_its_topic_and_token_when_sending() -> None:
    settings = config(Route(id="main", target=target(format="ntfy", secret=SecretRef(env="TOKEN"))))
    one = dataclasses.replace(message(format="ntfy"), body=b'{"title":"t","message":"m"}')
    _, here = run_once(MemoryOutbox(one), settings, urls={"TOKEN": "tk_canary"})
    (request,) = here.received
    assert request.path == "/"
    assert json.loads(request.body) == {"topic": "hook", "title": "t", "message": "m"}
    assert request.headers["authorization"] == "Bearer tk_canary"
    assert "webhook-signature" not in request.headers


@pytest.mark.parametrize(
    ("url", "token", "words"),
    [
        ("https://ntfy.example/", "tk", "must end with the topic"),
        ("http://[canary", "tk", "https://"),
        (None, "canary\nX: y", "connection broke"),
        (None, "canary-ü", "no header may hold"),
    ],
    ids=["no topic", "broken address", "line break", "not ASCII"],
)
def test_ntfy_with_a_wrong_address_or_token_says_so(url: str | None, token: str, words: str) -> None:
    settings = config(Route(id="main", target=target(format="ntfy", secret=SecretRef(env="TOKEN"))))
    outbox = MemoryOutbox(dataclasses.replace(message(format="ntfy"), body=b'{"title":"t","message":"m"}'))
    _, here = run_once(outbox, settings, urls={"TOKEN": token} | ({"PHONE_URL": url} if url else {}))
    (made,) = outbox.entries["c1.main"].attempts
    assert words in str(made.error)
    assert "canary" not in str(made.error)
    assert here.received == []


# --- targets beside one another ------------------------------------------------------------------------------------


def two_targets() -> Config:
    return config(Route(id="main", target=target()), Route(id="desk", target=target("desk")))


def test_a_slow_target_stops_no_other() -> None:
    outbox = MemoryOutbox(
        *(message(f"c{n}.main") for n in range(20)),
        *(message(f"c{n}.desk", target="desk", route="desk") for n in range(20)),
    )
    report, here = run_once(outbox, two_targets(), behave=lambda here: here.behaviours.update({"/hook": is_silent}))
    assert here.ids("/desk") == [f"c{n}.desk" for n in range(20)]
    assert here.ids("/hook") == ["c0.main"], "one time limit is all that a silent target costs"
    assert len(report.delivered) == 20
    later = {entry.next_attempt_at for id, entry in outbox.entries.items() if id.endswith(".main")}
    assert later == {NOW + dt.timedelta(seconds=5)}


def test_a_message_nobody_takes_blocks_no_other() -> None:
    outbox = MemoryOutbox(message("bad.main"), message("good.main"))

    async def refuses_bad(writer: asyncio.StreamWriter, request: object) -> None:
        is_bad = request.headers["webhook-id"] == "bad.main"  # type: ignore[attr-defined]
        await answers(429 if is_bad else 200)(writer, request)  # type: ignore[arg-type]

    for seconds in (0, 5):
        now = NOW + dt.timedelta(seconds=seconds)
        run_once(outbox, now=now, behave=lambda here: here.behaviours.update({"/hook": refuses_bad}))
    assert outbox.states() == {"bad.main": "pending", "good.main": "delivered"}


def test_410_disables_the_target() -> None:
    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(3)), message("c1.desk", target="desk", route="desk"))
    report, here = run_once(outbox, two_targets(), behave=lambda here: here.behaviours.update({"/hook": answers(410)}))
    assert here.ids("/hook") == ["c0.main"]
    assert outbox.states() == {
        "c0.main": "disabled",
        "c1.main": "disabled",
        "c2.main": "disabled",
        "c1.desk": "delivered",
    }
    assert list(report.dead) == ["c0.main"]


def test_more_than_a_page_goes_out_in_one_pass() -> None:
    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(PAGE + 1)))
    report, _ = run_once(outbox)
    assert len(report.delivered) == PAGE + 1


# --- what is not set -----------------------------------------------------------------------------------------------

UNSET = [
    ("no address", {"PHONE_URL": ""}, "set PHONE_URL (or PHONE_URL_FILE)"),
    ("no secret", {"SECRET": ""}, "set SECRET (or SECRET_FILE)"),
    ("no such file", {"PHONE_URL": "", "PHONE_URL_FILE": "/nowhere/url"}, "/nowhere/url cannot be read"),
]


@pytest.mark.parametrize(("environ", "words"), [row[1:] for row in UNSET], ids=[row[0] for row in UNSET])
def test_a_message_waits_until_its_target_is_set(environ: dict[str, str], words: str) -> None:
    outbox = MemoryOutbox(message())
    report, here = run_once(outbox, urls=environ)
    assert words in report.held["phone"]
    assert not report.is_fine
    assert here.received == []
    assert outbox.entries["c1.main"].attempts == ()
    report, here = run_once(outbox, now=NOW + dt.timedelta(minutes=5))
    assert here.ids() == ["c1.main"]


def test_an_optional_target_waits_without_complaint() -> None:
    outbox = MemoryOutbox(message())
    report, _ = run_once(outbox, config(Route(id="main", target=target(optional=True))), urls={"PHONE_URL": ""})
    assert report.is_fine
    assert outbox.states() == {"c1.main": "pending"}


def test_a_target_taken_out_of_the_configuration_loses_nothing() -> None:
    outbox = MemoryOutbox(message(target="gone"))
    report, _ = run_once(outbox)
    assert "no longer in sources.yaml" in report.held["gone"]
    assert outbox.states() == {"c1.main": "pending"}


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("ftp://canary.example/hook", SECRET, "https://"),
        ("canary", SECRET, "https://"),
        ("http:///canary", SECRET, "https://"),
        ("http://[canary", SECRET, "https://"),
        (None, "canary-is-no-secret", "signing secret"),
    ],
    ids=["ftp", "no address", "no host", "broken address", "bad secret"],
)
def test_what_cannot_be_sent_says_so_without_repeating_it(url: str | None, secret: str, words: str) -> None:
    outbox = MemoryOutbox(message())
    run_once(outbox, urls={"SECRET": secret} | ({"PHONE_URL": url} if url else {}))
    (made,) = outbox.entries["c1.main"].attempts
    assert words in str(made.error)
    assert "canary" not in str(made.error)


def test_nothing_secret_is_logged_or_stored(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = json.dumps({"message": f"no such hook canary-token with {SECRET}"}).encode()
    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(3)))

    def behave(here: Receiver) -> None:
        here.behaviours["/canary-token"] = answers(400, body=said)

    async def go() -> DeliveryReport:
        async with receiver() as here:
            behave(here)
            return await deliver(
                outbox,
                config(),
                transport=network,
                clock=lambda: NOW,
                environ={"PHONE_URL": f"{here.url}/canary-token", "SECRET": SECRET},
            )

    report = asyncio.run(go())
    stored = repr(outbox.entries) + repr(report)
    assert "400" in stored
    for place in (stored, caplog.text):
        assert "canary-token" not in place
        assert SECRET not in place
        assert SECRET.removeprefix("whsec_") not in place


def test_what_the_target_says_is_kept_where_it_is_harmless() -> None:
    outbox = MemoryOutbox(message())
    said = b'{"ok":false,"description":"Bad Request: chat not found\\u001b[31m"}'
    run_once(outbox, behave=lambda here: here.behaviours.update({"/hook": answers(400, body=said)}))
    assert str(outbox.entries["c1.main"].attempts[0].error).endswith("(it says: Bad Request: chat not found [31m)")


# --- quiet hours and the daily limit -------------------------------------------------------------------------------


def test_a_retry_waits_for_the_end_of_quiet_hours() -> None:
    quiet = config(
        Route(id="main", target=target(), quiet_hours=(dt.time(9, 0), dt.time(18, 0))), timezone="Asia/Tokyo"
    )
    awake = NOW.replace(hour=23, minute=59, second=58) - dt.timedelta(days=1)  # 08:59:58 in Tokyo
    outbox = MemoryOutbox(dataclasses.replace(message(), not_before_at=awake))
    run_once(outbox, quiet, now=awake, behave=lambda here: here.behaviours.update({"/hook": answers(500)}))
    assert outbox.entries["c1.main"].next_attempt_at == dt.datetime(2026, 5, 1, 9, 0, tzinfo=dt.UTC)  # 18:00 there


def test_what_falls_due_in_quiet_hours_is_put_off() -> None:
    quiet = config(Route(id="main", target=target(), quiet_hours=(dt.time(8, 0), dt.time(10, 30))))
    outbox = MemoryOutbox(message())
    _, here = run_once(outbox, quiet)
    assert here.received == []
    assert outbox.entries["c1.main"].next_attempt_at == NOW.replace(hour=10, minute=30)


def limited(limit: int) -> Config:
    return config(Route(id="main", target=target(), daily_limit=limit))


def test_above_the_daily_limit_the_last_message_tells_the_rest() -> None:
    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(10)))
    report, here = run_once(outbox, limited(3))
    assert here.ids()[:2] == ["c0.main", "c1.main"]
    assert len(here.received) == 3
    grouped = json.loads(here.received[2].body)
    assert grouped["type"] == "alerts.grouped"
    assert [one["data"]["id"] for one in grouped["data"]["alerts"]] == [f"c{n}.main" for n in range(2, 10)]
    assert sorted(outbox.states().values()) == ["delivered"] * 3 + ["grouped"] * 8
    assert report.is_fine


def test_after_the_daily_limit_news_wait_for_tomorrow_and_come_as_one() -> None:
    outbox = MemoryOutbox(message("c0.main"), message("c1.main"))
    run_once(outbox, limited(2))
    for n in range(2, 7):
        outbox.entries |= MemoryOutbox(message(f"c{n}.main")).entries
    _, here = run_once(outbox, limited(2), now=NOW + dt.timedelta(hours=1))
    assert here.received == []
    _, here = run_once(outbox, limited(2), now=NOW.replace(hour=23, minute=59))
    assert here.received == []
    _, here = run_once(outbox, limited(2), now=dt.datetime(2026, 5, 2, tzinfo=dt.UTC))
    assert len(here.received) == 2
    told = [here.ids()[0]] + [one["data"]["id"] for one in json.loads(here.received[1].body)["data"]["alerts"]]
    assert told == [f"c{n}.main" for n in range(2, 7)]


def test_a_message_in_another_format_is_not_grouped() -> None:
    outbox = MemoryOutbox(*(message(f"c{n}.main", format="slack" if n == 2 else "webhook") for n in range(5)))
    _, here = run_once(outbox, limited(1))
    assert outbox.states()["c2.main"] == "delivered"
    assert len(here.received) == 2


def test_repeated_attempts_do_not_count_against_the_limit() -> None:
    outbox = MemoryOutbox(message("c0.main"))
    run_once(outbox, limited(1), behave=lambda here: here.behaviours.update({"/hook": answers(500)}))
    _, here = run_once(outbox, limited(1), now=NOW + dt.timedelta(seconds=5))
    assert here.ids() == ["c0.main"]


def test_a_group_is_not_grouped_again() -> None:
    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(4)))
    settings = limited(1)

    def crash(name: str) -> None:
        if name == "after_group":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_once(outbox, settings, checkpoint=crash)
    outbox.entries |= MemoryOutbox(message("c9.main")).entries
    _, here = run_once(outbox, settings)
    told = [one["data"]["id"] for one in json.loads(here.received[0].body)["data"]["alerts"]]
    assert told == [f"c{n}.main" for n in range(4)]
    assert here.ids()[1:] == ["c9.main"]


# --- crashes -------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.mark.parametrize("point", CHECKPOINTS)
def test_a_crash_at_any_point_loses_nothing_and_repeats_only_the_same_id(point: str) -> None:
    def crash(name: str) -> None:
        if name == point:
            raise Killed

    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(5)))
    ids: list[str] = []
    told: set[str] = set()
    for checkpoint in (crash, lambda name: None):
        here = Receiver(url="")

        def remember(new: Receiver) -> None:
            nonlocal here
            here = new

        try:
            run_once(outbox, limited(3), checkpoint=checkpoint, behave=remember)
        except Killed:
            assert checkpoint is crash
        ids += here.ids()
        for request in here.received:
            data = json.loads(request.body)["data"]
            told |= {one["data"]["id"] for one in data.get("alerts", [{"data": data}])}
    assert told == {f"c{n}.main" for n in range(5)}
    assert len(ids) - len(set(ids)) == (1 if point == "after_post" else 0)
    assert set(outbox.states().values()) == {"delivered", "grouped"}


# --- e-mail and apprise ----------------------------------------------------------------------------------------------


def mailed(login: str = "", to: str = "me@mail.example", **how: object) -> tuple[Attempt, MailServer]:
    """One message to a mail server that behaves as `how` says."""
    mailbox = Target(id="mail", format="email", url=SecretRef(env="MAIL_URL"), options={"to": to})
    main = Route(id="main", target=mailbox)
    settings = config(main)
    (one,) = messages([alert(to=main)], now=NOW)
    outbox = MemoryOutbox(one)

    async def go() -> MailServer:
        async with mail_server() as here:
            for name, value in how.items():
                setattr(here, name, value)
            environ = {"MAIL_URL": f"smtp://{login}{here.host}"}
            await deliver(
                outbox,
                settings,
                transport=network,
                clock=lambda: NOW,
                environ=environ,
                timeout_s=TIMEOUT_S,
            )
            return here

    here = asyncio.run(go())
    return outbox.entries[one.id].attempts[-1], here


def test_a_mail_reaches_its_recipient() -> None:
    made, here = mailed()
    assert made.state is DELIVERED
    ((sender, recipients, body),) = here.taken
    assert (sender, recipients) == ("me@mail.example", ["me@mail.example"])
    assert b"Message-ID:" in body


MAIL_TROUBLE = [
    ("recipient refused", "", {"answers": {"RCPT": "550 nobody"}}, "refuses the recipient"),
    ("busy", "", {"answers": {"DATA": "451 later"}}, "answers 451"),
    ("greeting", "", {"answers": {"MAIL": "421 closing"}}, "421"),
    ("no address", "", {"to": "nobody, a b@c.d, a@b@c, me@, ü@mail.example"}, "holds no mail address"),
    ("password without TLS", "me:canary@", {"extensions": ("AUTH PLAIN",)}, "no TLS"),
]


@pytest.mark.parametrize(
    ("login", "how", "words"), [row[1:] for row in MAIL_TROUBLE], ids=[row[0] for row in MAIL_TROUBLE]
)
def test_a_mail_that_is_refused_is_tried_again(login: str, how: dict[str, Any], words: str) -> None:
    made, here = mailed(login, **how)
    assert made.state is RETRY
    assert words in str(made.error)
    assert "canary" not in str(made.error)
    assert here.taken == []


def test_apprise_without_the_extra_says_what_to_install() -> None:
    if find_spec("apprise") is not None:
        pytest.skip("the extra is installed")
    outbox = MemoryOutbox(dataclasses.replace(message(format="apprise"), body=b'{"title": "t", "body": "b"}'))
    run_once(outbox, config(Route(id="main", target=target(format="apprise", secret=None))))
    assert "franchise-watch[apprise]" in str(outbox.entries["c1.main"].attempts[0].error)


# --- secrets -------------------------------------------------------------------------------------------------------


def test_a_secret_comes_from_where_it_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("  from-file\n")
    path = str(tmp_path / "secret")
    assert resolve(SecretRef(env="X"), {"X": " from-env ", "X_FILE": path}) == "from-env"
    assert resolve(SecretRef(env="X"), {"X_FILE": path}) == "from-file"
    assert resolve(SecretRef(file=path), {}) == "from-file"
    assert resolve(SecretRef(command=f"cat '{path}'"), dict(os.environ)) == "from-file"
    assert resolve(SecretRef(literal="http://127.0.0.1:9000/"), {}) == "http://127.0.0.1:9000/"


NO_SECRET = [
    ("unset", SecretRef(env="X"), "set X (or X_FILE)"),
    ("no file", SecretRef(file="/nowhere/x"), "/nowhere/x cannot be read"),
    ("empty file", SecretRef(file=os.devnull), "it is empty"),
    ("command fails", SecretRef(command="sh -c 'echo canary; echo canary >&2; exit 3' canary"), "exit code 3"),
    ("no such command", SecretRef(command="/nowhere/pass canary"), "`/nowhere/pass …` cannot be run"),
    ("broken command", SecretRef(command="pass 'canary"), "cannot be run"),
    ("silent command", SecretRef(command="true canary"), "`true …` print it"),
    ("nothing", SecretRef(), "`env`, `file` or `command`"),
]


@pytest.mark.parametrize(("ref", "words"), [row[1:] for row in NO_SECRET], ids=[row[0] for row in NO_SECRET])
def test_a_secret_that_is_not_there_says_what_to_set(ref: SecretRef, words: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        resolve(ref, {"PATH": os.environ["PATH"]})
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)


# --- with the store ------------------------------------------------------------------------------------------------


def test_the_store_is_such_an_outbox(tmp_path: Path) -> None:
    some = [message(f"c{n}.dates", target="hook", route="dates") for n in range(8)]
    some = [dataclasses.replace(one, change_ids=()) for one in some]
    hook = target("hook", url=SecretRef(env="PHONE_URL"))
    settings = make.config(routes=(Route(id="dates", target=hook, daily_limit=3),))
    with open_store(tmp_path / "store.db") as store:
        store.sync_config(settings)
        store.record_changes(now=NOW, messages=some)
        checked: Outbox = store
        assert checked is store

        def crash(name: str) -> None:
            if name == "after_post":
                raise Killed

        with pytest.raises(Killed):
            run_once(store, settings, checkpoint=crash)
        _, refused = run_once(store, settings, behave=lambda here: here.behaviours.update({"/hook": answers(500)}))
        report, here = run_once(store, settings, now=NOW + dt.timedelta(seconds=5))
        assert here.ids() == refused.ids()
        assert here.ids()[:2] == ["c0.dates", "c1.dates"]
        assert len(json.loads(here.received[2].body)["data"]["alerts"]) == 6
        assert report.is_fine
        states = [entry.state for entry in store.alerts()]
        assert sorted(states) == ["delivered"] * 3 + ["grouped"] * 6


# --- outside of the outbox -----------------------------------------------------------------------------------------


def test_send_now_says_why_it_failed() -> None:
    async def go(status: int) -> None:
        async with receiver() as here:
            here.behaviours["/hook"] = answers(status)
            environ = {"PHONE_URL": f"{here.url}/hook", "SECRET": SECRET}
            one = message("test-1.main")
            await send_now(one, target(), transport=network, at=NOW, environ=environ)
            assert here.ids() == ["test-1.main"]

    asyncio.run(go(204))
    with pytest.raises(DeliveryError, match="phone: 404: nothing is there"):
        asyncio.run(go(404))


def test_a_target_says_what_it_lacks() -> None:
    telegram = target(format="telegram")
    assert "option chat_id" in str(why_held(telegram, {}))
    assert why_held(target(), {"PHONE_URL": "https://x.example", "SECRET": SECRET}) is None
