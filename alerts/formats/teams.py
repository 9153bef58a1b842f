"""Microsoft Teams' workflow webhooks: an adaptive card of `TextRun`s, the one text element that reads no Markdown.

Limit: 28 kB a message (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from alerts.clean import one_line
from alerts.formats import Notice
from alerts.wording import words

CONTENT_TYPE = "application/json"
MAX_BYTES = 28_000


def render(notice: Notice, options: Mapping[str, str]) -> bytes | None:
    """One message with one card as JSON."""
    card: list[dict[str, object]] = [_text(notice.summary, weight="Bolder", size="Medium")]
    card += [_text(f"• {entry.summary}", url=entry.url) for entry in notice.entries]
    if notice.sentence:
        card.append(_text(f"“{one_line(notice.sentence, 500)}”", italic=True))
    card += [_text(f"{label}: {one_line(value, 300)}", isSubtle=True) for label, value in notice.rows]
    content: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": card,
    }
    if notice.url:
        content["actions"] = [_open(notice.url)]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    body = json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False).encode()
    return body if len(body) <= MAX_BYTES or not notice.entries else None


def _text(text: str, *, url: str | None = None, **looks: object) -> dict[str, object]:
    run: dict[str, object] = {"type": "TextRun", "text": text, **looks}
    if url:
        run["selectAction"] = _open(url)
    return {"type": "RichTextBlock", "inlines": [run]}


def _open(url: str) -> dict[str, object]:
    return {"type": "Action.OpenUrl", "title": words("label.read"), "url": url}
