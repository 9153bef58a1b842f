"""E-mail: one plain-text message (RFC 5322), headers and body made by the standard library."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses

from alerts.clean import one_line
from alerts.formats import Notice
from alerts.wording import words

CONTENT_TYPE = "message/rfc822"
_PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+", re.ASCII)


def render(notice: Notice, options: Mapping[str, str]) -> bytes:
    """The whole message to `options["to"]` (several parted by commas) from `options["from"]`, or else from itself.

    The Message-ID is made of the notice's id, so that a mailbox knows a repeated message again.
    """
    to = _addresses(options.get("to", ""))
    mail = EmailMessage(policy=SMTP)
    # The library decodes an encoded word that it is given, and takes the line break in it for a new header.
    mail["Subject"] = notice.summary.replace("=?", "= ?")
    mail["From"] = _addresses(options.get("from", "")) or to[:1]
    mail["To"] = to
    mail["Date"] = format_datetime(notice.created_at)
    mail["Message-ID"] = f"<{hashlib.sha256(notice.id.encode()).hexdigest()[:32]}@franchise-watch.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(_lines(notice)) + "\n", charset="utf-8", cte="quoted-printable")
    return mail.as_bytes()


def _addresses(text: str) -> tuple[Address, ...]:
    """The addresses in a header's text; what is none is left out, and `alerts.mail` complains where none is left."""
    found = getaddresses([one_line(text, 2000)])
    return tuple(Address(display_name=name, addr_spec=spec) for name, spec in found if _PLAIN_ADDRESS.fullmatch(spec))


def _lines(notice: Notice) -> list[str]:
    lines = [notice.summary, ""]
    for entry in notice.entries:
        lines += [f"- {entry.summary}", *([f"  {entry.url}"] if entry.url else [])]
    if notice.sentence:
        lines += [f"“{notice.sentence}”", ""]
    lines += [f"{label}: {value}" for label, value in notice.rows]
    return [*lines, "", f"{words('label.read')}: {notice.url}"] if notice.url else lines
