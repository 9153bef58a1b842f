"""Discord's incoming webhooks: the first line as content, the rest in an embed, and nobody is ever mentioned.

What was sent can be rewritten: https://discord.com/developers/docs/resources/webhook#edit-webhook-message.
Limits: content 2000, embed title 256, description 4096, field value 1024, 6000 over all of an embed
(https://discord.com/developers/docs/resources/message#embed-object-embed-limits).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from alerts.clean import one_line
from alerts.formats import Entry, Notice
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


def superseded(body: bytes, summary: str) -> bytes:
    """What `render` made of one change, struck through, with the first line of the alert that corrects it."""
    made = json.loads(body)
    made["content"] = f"{words('superseded')}: ~~{made['content']}~~\n{words('label.new')}: {escape(summary)}"
    for embed in made["embeds"]:
        if "description" in embed:
            embed["description"] = f"> ~~{embed['description'].removeprefix('> ')}~~"
        for field in embed.get("fields", ()):
            field["value"] = f"~~{field['value']}~~"
    return json.dumps(made, ensure_ascii=False).encode()


def superseded_lines(body: bytes, now_true: Mapping[Entry, str]) -> bytes:
    """What `render` made of several entries, some struck through, each with the first line of what corrects it.

    Those first lines are left out where the whole would be too long.
    """
    made = json.loads(body)
    (embed,) = made["embeds"]
    lines = embed["description"].split("\n")
    wrong = {line: new for entry, new in now_true.items() for line in _ways_to_write(entry)}
    struck = [f"- ~~{line.removeprefix('- ')}~~" if line in wrong else line for line in lines]
    told = [f"{mark}\n  {words('label.new')}: {escape(wrong[line])}" if line in wrong else line
            for line, mark in zip(lines, struck, strict=True)]  # fmt: skip
    texts = ("\n".join(told), "\n".join(struck))
    embed["description"] = next(text for text in texts if len(text) <= MAX_DESCRIPTION)
    return json.dumps(made, ensure_ascii=False).encode()


def posting(url: str) -> str:
    """Where a message is posted so that Discord answers with it; `url` is the webhook's, its other options stay."""
    return _at(url, "", "wait=true")


def editing(url: str, message_id: str) -> str:
    """Where the message that Discord gave that id is rewritten (PATCH)."""
    return _at(url, f"/messages/{message_id}")


def message_id(answer: bytes) -> str | None:
    """The id (a snowflake, in digits) in Discord's answer to `posting`; None where the answer has none."""
    try:
        id = json.loads(answer)["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return id if isinstance(id, str) and re.fullmatch("[0-9]{1,20}", id) else None


def escape(text: str) -> str:
    """`text` with a backslash before what Discord's Markdown or mentions could read."""
    escaped = re.sub(r"([\\*_~`|<>\[\]@])", r"\\\1", text)
    escaped = re.sub(r"(?<=\w):(?=//)|:(?=\w+:)", r"\\:", escaped)  # no link and no emoji that we did not make
    return re.sub(r"^(\d*)([-+#.)])", r"\1\\\2", escaped)


def _at(url: str, path: str, *options: str) -> str:
    parts = urlsplit(url)
    kept = [option for option in parts.query.split("&") if option and not option.startswith("wait=")]
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, query="&".join([*kept, *options])))


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
    """Every entry as a linked line; without the links where they would be too long; None where even that is.

    Room is left to strike every line through.
    """
    for lines in zip(*map(_ways_to_write, notice.entries), strict=True):
        description = "\n".join(lines)
        if len(description) + len("~~~~") * len(lines) <= MAX_DESCRIPTION:
            return {"description": description}
    return None


def _ways_to_write(entry: Entry) -> tuple[str, str]:
    """Its line with the link, and without."""
    text = escape(entry.summary)
    return f"- {_linked(text, entry.url)}", f"- {text}"


def _linked(text: str, url: str | None) -> str:
    return f"[{text}]({url.replace('(', '%28').replace(')', '%29')})" if url else text
