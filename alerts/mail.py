"""One e-mail over SMTP, with the standard library; the message comes whole from `alerts.formats.email`."""

from __future__ import annotations

import logging
import smtplib
import ssl
from email.parser import BytesHeaderParser
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from storage.errors import DeliveryError

_LOG = logging.getLogger(__name__)


def send_mail(url: str, body: bytes, *, timeout_s: float) -> None:
    """Send `body` to whom its own headers name, through `smtp://user:password@host:port` or `smtps://…`.

    TLS is used where the server offers it, and a user name and password go over TLS only. Whom the system trusts is
    trusted, or the file that `SSL_CERT_FILE` names. DeliveryError says what went wrong without address or password.
    Each step may take `timeout_s`.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    try:
        sender, recipients = _envelope(body)
        with _connected(parts.scheme, parts.hostname or "", parts.port, timeout_s) as server:
            secure = parts.scheme == "smtps"
            if not secure and (user or server.has_extn("starttls")):
                server.starttls(context=ssl.create_default_context())
            if user:
                server.login(user, password)
            refused = server.sendmail(sender, recipients, body)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise DeliveryError(_trouble(error)) from None
    if refused:
        _LOG.warning(
            "the mail server refuses %d of %d recipients: check the target's `to`", *map(len, (refused, recipients))
        )


def _connected(scheme: str, host: str, port: int | None, timeout_s: float) -> smtplib.SMTP:
    match scheme:
        case "smtps":
            return smtplib.SMTP_SSL(host, port or 465, timeout=timeout_s, context=ssl.create_default_context())
        case "smtp":
            server = smtplib.SMTP(host, port or 587, timeout=timeout_s)
            server.ehlo()
            return server
    raise DeliveryError("a mail server's address starts with smtp:// or smtps://: correct it where it is set")


def _trouble(error: Exception) -> str:
    """What went wrong and what to do, in words that hold nothing of the address."""
    match error:
        case smtplib.SMTPNotSupportedError():
            return "the mail server offers no TLS or no login: use smtps:// or leave out the user"
        case smtplib.SMTPAuthenticationError():
            return "the mail server refuses the login: check user and password"
        case smtplib.SMTPRecipientsRefused():
            return "the mail server refuses the recipient: check the target's `to`"
        case smtplib.SMTPResponseException():
            return f"the mail server answers {error.smtp_code}"
        case ssl.SSLCertVerificationError():
            why = error.verify_message.partition(",")[0]  # what follows names the host
            return f"the mail server's certificate cannot be trusted ({why})"
        case ssl.SSLError():
            return "the mail server speaks no TLS that can be trusted: where it begins without, use smtp://"
        case TimeoutError() | smtplib.SMTPServerDisconnected():
            return "the mail server does not answer: where it wants TLS from the start, use smtps://"
        case UnicodeError():
            return "its user or password holds letters beyond ASCII, which mail servers do not take: choose others"
        case ConnectionRefusedError():
            return "no connection: no mail server answers at its address"
    return f"no connection to the mail server ({type(error).__name__})"


def _envelope(body: bytes) -> tuple[str, list[str]]:
    headers = BytesHeaderParser(policy=SMTP).parsebytes(body)
    sender, to = headers["From"].addresses, headers["To"].addresses
    if not sender or not to:
        raise DeliveryError("the target's option `to` (or `from`) holds no mail address: correct it in sources.yaml")
    return sender[0].addr_spec, [address.addr_spec for address in to]
