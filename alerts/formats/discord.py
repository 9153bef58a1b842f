"""Discord's incoming webhooks: the first line as content, the rest in an embed, and nobody is ever mentioned.

Limits: content 2000, embed title 256, description 4096, field value 1024, 6000 over all of an embed
(https://discord.com/developers/docs/resources/message#embed-object-embed-limits).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from alerts.clean import one_line
from alerts.formats import Notice
from alerts.wording import words

CONTENT_TYPE = "application/json"
MAX_DESCRIPTION = 4096


def render(notice: Notice, options: Mapping[str, str]) -> bytes | None:
    """One webhook execution as JSON."""
    embed = _list_embed(notice) if notice.entries else _embed(notice)
    if embed is None:
        return None
    body = {
        "content": escape(notice.summary),
        "embeds": [embed] if embed else [],
        "allowed_mentions": {"parse": []},
    }
    return json.dumps(body, ensure_ascii=False).encode()


def escape(text: str) -> str:
    """`text` with a backslash before what Discord's Markdown or mentions could read."""
    escaped = re.sub(r"([\\*_~`|<>\[\]@])", r"\\\1", text)
    escaped = re.sub(r"(?<=\w):(?=//)|:(?=\w+:)", r"\\:", escaped)  # no link and no emoji that we did not make
    return re.sub(r"^(\d*)([-+#.)])", r"\1\\\2", escaped)


def _embed(notice: Notice) -> dict[str, object]:
    embed: dict[str, object] = {}
    if notice.url:
        embed |= {"title": words("label.read"), "url": notice.url}
    if notice.sentence:
        embed["description"] = "> " + escape(one_line(notice.sentence, 500))
    if notice.rows:
        embed["fields"] = [
            {"name": escape(label), "value": escape(one_line(value, 300)), "inline": False}
            for label, value in notice.rows
        ]
    return embed


def _list_embed(notice: Notice) -> dict[str, object] | None:
    """Every entry as a linked line; without the links where they would be too long; None where even that is."""
    linked = [_linked(escape(entry.summary), entry.url) for entry in notice.entries]
    plain = [escape(entry.summary) for entry in notice.entries]
    for lines in (linked, plain):
        description = "\n".join(f"- {line}" for line in lines)
        if len(description) <= MAX_DESCRIPTION:
            return {"description": description}
    return None


def _linked(text: str, url: str | None) -> str:
    return f"[{text}]({url.replace('(', '%28').replace(')', '%29')})" if url else text
