"""Slack's incoming webhooks: blocks of `plain_text`, so that only our own link is markup.

Limits: text of a section 3000, 10 elements in a context, 50 blocks (https://docs.slack.dev/reference/block-kit/blocks).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from alerts.clean import one_line
from alerts.formats import Notice
from alerts.wording import words

CONTENT_TYPE = "application/json"
MAX_ENTRIES = 45


def render(notice: Notice, options: Mapping[str, str]) -> bytes | None:
    """One message as JSON. `text` is what notifications show; link previews are off, for they show headlines."""
    if len(notice.entries) > MAX_ENTRIES:
        return None
    blocks = [_section(notice.summary)]
    blocks += [_linked(entry.summary, entry.url) for entry in notice.entries]
    if notice.sentence:
        blocks.append(_section(f"“{one_line(notice.sentence, 500)}”"))
    if notice.rows:
        elements = [_plain(f"{label}: {one_line(value, 300)}") for label, value in notice.rows[:10]]
        blocks.append({"type": "context", "elements": elements})
    if notice.url:
        blocks.append(_linked(words("label.read"), notice.url))
    body = {
        "text": escape(notice.summary),
        "mrkdwn": False,
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def escape(text: str) -> str:
    """`text` with the three characters that open Slack's links and mentions as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": _plain(text)}


def _plain(text: str) -> dict[str, object]:
    return {"type": "plain_text", "text": escape(text), "emoji": False}


def _linked(text: str, url: str | None) -> dict[str, object]:
    """A line that is a link. Its label is on its own between `|` and `>`, where mrkdwn still reads `*` and `_`."""
    if url is None:
        return _section(text)
    label = "".join(f"\u2060{char}\u2060" if char in "*_~`" else char for char in escape(text).replace("|", "¦"))
    return {"type": "section", "text": {"type": "mrkdwn", "text": f"<{escape(url)}|{label}>", "verbatim": True}}
