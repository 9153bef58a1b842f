"""ntfy, published as JSON, which no header can be smuggled into. The topic is the last part of the target's address,
for whoever knows a topic can read it: it is a secret and only added when sending.

Limit: 4096 bytes of message (https://docs.ntfy.sh/publish/#limitations).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from alerts.clean import one_line
from alerts.formats import Notice
from storage.errors import DeliveryError

CONTENT_TYPE = "application/json"
MAX_MESSAGE_BYTES = 4096


def render(notice: Notice, options: Mapping[str, str]) -> bytes | None:
    """The message without its topic: the first line as title, plain text below, the link as what a tap opens."""
    lines = [f"• {entry.summary}" for entry in notice.entries]
    if notice.sentence:
        lines.append(f"“{one_line(notice.sentence, 500)}”")
    lines += [f"{label}: {one_line(value, 120)}" for label, value in notice.rows]
    text = "\n".join(lines)
    if len(text.encode()) > MAX_MESSAGE_BYTES:
        if notice.entries:
            return None
        text = text.encode()[: MAX_MESSAGE_BYTES - 3].decode(errors="ignore") + "…"
    body: dict[str, object] = {"title": notice.summary, "message": text or notice.summary}
    if notice.url:
        body["click"] = notice.url
    return json.dumps(body, ensure_ascii=False).encode()


def addressed(url: str, body: bytes) -> tuple[str, bytes]:
    """Where the JSON is posted (the server's root) and the body with its topic, from `https://server/topic`."""
    parts = urlsplit(url)
    folder, _, topic = parts.path.rstrip("/").rpartition("/")
    if not topic:
        raise DeliveryError("its address must end with the topic: https://ntfy.sh/your-topic")
    root = urlunsplit((parts.scheme, parts.netloc, folder + "/", "", ""))
    return root, json.dumps({"topic": unquote(topic)} | json.loads(body), ensure_ascii=False).encode()
