"""The three headers of Standard Webhooks (spec/standard-webhooks.md §Webhook headers), one signature a secret."""

from __future__ import annotations

import base64
import binascii
import datetime as dt

from standardwebhooks import Webhook

from storage.errors import DeliveryError

PREFIX = "whsec_"


def signature_headers(message_id: str, body: bytes, secrets: str | None, at: dt.datetime) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` (of this attempt) and `webhook-signature` over `id.timestamp.body`.

    `secrets` are one or more `whsec_…`, parted by whitespace: while one replaces another, each signs. Without any there
    is no signature. DeliveryError for what is no such secret; it does not repeat it.
    """
    headers = {"webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp()))}
    if secrets is not None:
        text = body.decode()
        signatures = [Webhook(_key(secret)).sign(message_id, at, text) for secret in secrets.split()]
        headers["webhook-signature"] = " ".join(signatures)
    return headers


def _key(secret: str) -> bytes:
    """The secret's bytes. The library would decode anything, leaving out what is not base64."""
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise DeliveryError(
            f"its signing secret is not `{PREFIX}` and base64 of 24 to 64 bytes: "
            f"make one with `echo {PREFIX}$(openssl rand -base64 32)` and give it to the receiver too"
        )
    return key
