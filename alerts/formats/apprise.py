"""Anything else, through the extra `franchise-watch[apprise]`: title and text as JSON, sent by `send`.

apprise hands text to a hundred services and lets `@everyone` and `<!channel>` through, so what could be markup on any
of them is replaced by characters that look alike.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from alerts.clean import one_line
from alerts.formats import Notice
from alerts.wording import words

CONTENT_TYPE = "application/json"
_ALIKE = str.maketrans({"<": "‹", ">": "›", "@": "@\u2060", "[": "［", "]": "］", "`": "‘", "*": "∗", "_": "＿",
                        "~": "∼", "|": "¦", "\\": "＼", "&": "＆", "#": "＃"})  # fmt: skip


def render(notice: Notice, options: Mapping[str, str]) -> bytes:
    """Title and text; the service's own limits are apprise's to keep (it splits long texts)."""
    lines = [f"• {defused(entry.summary)}" for entry in notice.entries]
    if notice.sentence:
        lines.append(f"“{defused(one_line(notice.sentence, 500))}”")
    lines += [f"{defused(label)}: {defused(one_line(value, 300))}" for label, value in notice.rows]
    if notice.url:
        lines.append(f"{words('label.read')}: {notice.url}")
    text = {"title": defused(notice.summary), "body": "\n".join(lines) or defused(notice.summary)}
    return json.dumps(text, ensure_ascii=False).encode()


def defused(text: str) -> str:
    """`text` without a character that is markup or a mention on some service."""
    return text.translate(_ALIKE)


def send(url: str, body: bytes) -> bool:
    """Hand the message to apprise; True when the service took it. ImportError without the extra."""
    from apprise import Apprise, NotifyFormat

    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # they log whole addresses, secrets included
    text, service = json.loads(body), Apprise()
    if not service.add(url):
        return False
    return bool(service.notify(title=text["title"], body=text["body"], body_format=NotifyFormat.TEXT))
