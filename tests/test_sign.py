"""Our signatures are what the official library verifies, and a secret that is none is refused."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from alerts.sign import signature_headers
from storage.errors import DeliveryError

AT = dt.datetime(2026, 5, 1, 9, 0, 7, 900_000, tzinfo=dt.UTC)
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()
BODY = '{"type":"release_date.announced","data":{"summary":"Größe – 29 May"}}'.encode()


def test_the_published_vector_is_reproduced() -> None:
    """From the examples of the Standard Webhooks libraries."""
    headers = signature_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        dt.datetime.fromtimestamp(1614265330, dt.UTC),
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@pytest.mark.parametrize("known", [OLD, NEW], ids=["old", "new"])
def test_while_secrets_rotate_either_verifies(known: str) -> None:
    headers = signature_headers("c1.main", BODY, f"{NEW}\n{OLD}", AT)
    with time_machine.travel(AT):
        assert Webhook(known).verify(BODY, headers) == json.loads(BODY)


@pytest.mark.parametrize("field", ["webhook-id", "webhook-timestamp"])
def test_another_id_or_time_does_not_verify(field: str) -> None:
    headers = signature_headers("c1.main", BODY, NEW, AT)
    headers[field] = {"webhook-id": "c2.main", "webhook-timestamp": str(int(AT.timestamp()) + 1)}[field]
    with time_machine.travel(AT), pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY, headers)


def test_without_a_secret_there_is_no_signature() -> None:
    assert signature_headers("c1.main", BODY, None, AT).keys() == {"webhook-id", "webhook-timestamp"}


@pytest.mark.parametrize(
    "secret",
    ["hunter2", "whsec_hunter2!", "whsec_" + base64.b64encode(b"short").decode(), OLD.removeprefix("whsec_")],
    ids=["plain", "not base64", "short", "no prefix"],
)
def test_what_is_no_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(DeliveryError, match="openssl rand") as caught:
        signature_headers("c1.main", BODY, secret, AT)
    assert secret not in str(caught.value)
