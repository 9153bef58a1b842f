"""Telegram's `sendMessage` in HTML mode; the target's address holds the bot's token, `options` the `chat_id`.

Limit: 4096 characters after its HTML is read (https://core.telegram.org/bots/api#sendmessage).
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

from alerts.clean import one_line
from alerts.formats import Notice
from alerts.wording import words

CONTENT_TYPE = "application/json"
MAX_TEXT = 4096


def render(notice: Notice, options: Mapping[str, str]) -> bytes | None:
    """The call's parameters as JSON; link previews are off, for they show headlines."""
    lines = [f"<b>{escape(notice.summary)}</b>"]
    lines += [f"• {_linked(entry.summary, entry.url)}" for entry in notice.entries]
    if sum(len(entry.summary) + 3 for entry in notice.entries) > MAX_TEXT - len(notice.summary):
        return None
    if notice.sentence:
        lines.append(f"<blockquote>{escape(one_line(notice.sentence, 500))}</blockquote>")
    lines += [f"{escape(label)}: {escape(one_line(value, 300))}" for label, value in notice.rows]
    if notice.url:
        lines.append(_linked(words("label.read"), notice.url))
    body = {
        "chat_id": options.get("chat_id", ""),
        "text": "\n".join(lines),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    return json.dumps(body, ensure_ascii=False).encode()


def escape(text: str) -> str:
    """`text` as HTML, with an unseen joiner after each `@`, which Telegram would make a mention of without markup."""
    return html.escape(text, quote=True).replace("@", "@\u2060")


def _linked(text: str, url: str | None) -> str:
    return f'<a href="{html.escape(url, quote=True)}">{escape(text)}</a>' if url else escape(text)
