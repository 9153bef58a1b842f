"""The digest as an e-mail: the same words as plain text and as HTML (RFC 2046 multipart/alternative)."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from alerts.clean import one_line
from alerts.digest.html import render_mail_html
from alerts.digest.model import Digest
from alerts.digest.text import render_text


def digest_mail(digest: Digest, *, sender: str, to: str) -> bytes:
    """The whole message (RFC 5322) to `to`, which may be several addresses parted by commas.

    The Message-ID follows from the period, so that a mailbox knows the same digest again.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = f"{digest.title}: {digest.headline}"
    mail["From"] = one_line(sender, 2000)
    mail["To"] = one_line(to, 2000)
    mail["Date"] = format_datetime(digest.until_at)
    mail["Message-ID"] = f"<digest-{digest.local_date}-{digest.until_at:%Y%m%dT%H%M%S}@franchise-watch.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(render_text(digest, width=72), cte="quoted-printable")
    mail.add_alternative(render_mail_html(digest), subtype="html", cte="quoted-printable")
    return mail.as_bytes()
