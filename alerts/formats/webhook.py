"""The generic webhook: the event as JSON, in the payload's shape of Standard Webhooks. Documented in docs/alerts.md."""

from __future__ import annotations

import json
from collections.abc import Mapping

from alerts.formats import Notice

CONTENT_TYPE = "application/json"
MAX_BYTES = 20_000


def render(notice: Notice, options: Mapping[str, str]) -> bytes | None:
    """The event's JSON in UTF-8, under 20 kB; `alerts.payload` keeps the event of one change below that."""
    body = json.dumps(notice.event, ensure_ascii=False, separators=(",", ":")).encode()
    return body if len(body) < MAX_BYTES else None
