"""The digest as an e-mail: the same words as plain text and as HTML (RFC 2046 multipart/alternative)."""

from __future__ import annotations

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses

from alerts.clean import one_line
from alerts.digest.html import render_mail_html
from alerts.digest.model import Digest
from alerts.digest.text import render_text
from storage.errors import DeliveryError


def digest_mail(digest: Digest, *, sender: str, to: str) -> bytes:
    """The whole message (RFC 5322) to `to`, which may be several addresses parted by commas.

    The Message-ID follows from the period, so that a mailbox knows the same digest again. DeliveryError where `sender`
    or `to` is no address.
    """
    mail = EmailMessage(policy=SMTP)
    # Python before 3.11.10 decodes an encoded word (RFC 2047) in what it is given and writes a line break in it as one.
    mail["Subject"] = f"{digest.title}: {digest.headline}".replace("=?", "= ?")
    mail["From"] = _addresses(sender)
    mail["To"] = _addresses(to)
    mail["Date"] = format_datetime(digest.until_at)
    mail["Message-ID"] = f"<digest-{digest.local_date}-{digest.until_at:%Y%m%dT%H%M%S}@franchise-watch.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(render_text(digest, width=72), cte="quoted-printable")
    mail.add_alternative(render_mail_html(digest), subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def _addresses(text: str) -> tuple[Address, ...]:
    shown = one_line(text, 80)
    try:
        found = tuple(Address(display_name=name, addr_spec=spec) for name, spec in getaddresses([one_line(text, 2000)]))
    except (ValueError, HeaderParseError, AttributeError, IndexError) as error:
        raise DeliveryError(f"the digest's mail address {shown!r} cannot be read; write name@host") from error
    if not found or not all(address.domain for address in found):
        raise DeliveryError(f"the digest's mail address {shown!r} has no host; write name@host")
    return found
