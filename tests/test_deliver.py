"""What every answer of a target leads to, on real sockets against a receiver that misbehaves in every way."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import email.utils
import json
import logging
import socket
from collections.abc import Callable

import pytest
import time_machine
from standardwebhooks import Webhook

from alerts.deliver import PAGE, DeliveryReport, deliver, send_now, why_held
from pipeline.fetch import guarded_transport
from storage.errors import DeliveryError
from storage.model import Config, OutboxState, Route, SecretRef
from tests.outboxes import NOW, SECRET, MemoryOutbox, config, message, network, run_once, target
from tests.receivers import (
    Receiver,
    answers,
    drips,
    floods,
    is_garbled,
    is_silent,
    receiver,
    resets,
)

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


@pytest.mark.parametrize(
    ("url", "allowed", "words"),
    [
        pytest.param("http://127.0.0.1:9/canary", False, "give the target `allow_private: true`", id="at-home"),
        pytest.param("http://169.254.169.254/canary", True, "and no setting opens it", id="link-local"),
    ],
)
def test_an_address_that_is_not_public_is_refused_in_words(url: str, allowed: bool, words: str) -> None:
    outbox, settings = MemoryOutbox(message()), config(Route(id="main", target=target(allow_private=allowed)))
    run_once(
        outbox,
        settings,
        urls={"PHONE_URL": url},
        transport=lambda target: guarded_transport(allow_private=target.allow_private),
    )
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
