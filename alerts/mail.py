"""One e-mail over SMTP, with the standard library; the message comes whole from `alerts.formats.email`."""

from __future__ import annotations

import smtplib
import ssl
from email.parser import BytesHeaderParser
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from storage.errors import DeliveryError


def send_mail(url: str, body: bytes, *, timeout_s: float) -> None:
    """Send `body` to whom its own headers name, through `smtp://user:password@host:port` or `smtps://…`.

    A user name and password go over TLS only. DeliveryError says what went wrong without address or password. Each
    step may take `timeout_s`.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    try:
        with _connected(parts.scheme, parts.hostname or "", parts.port, timeout_s) as server:
            secure = parts.scheme == "smtps"
            if not secure and (user or server.has_extn("starttls")):
                server.starttls(context=ssl.create_default_context())
            if user:
                server.login(user, password)
            sender, recipients = _envelope(body)
            server.sendmail(sender, recipients, body)
    except smtplib.SMTPNotSupportedError:
        raise DeliveryError("the mail server offers no TLS or no login: use smtps:// or leave out the user") from None
    except smtplib.SMTPAuthenticationError:
        raise DeliveryError("the mail server refuses the login: check user and password") from None
    except smtplib.SMTPRecipientsRefused:
        raise DeliveryError("the mail server refuses the recipient: check the target's `to`") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"the mail server answers {error.smtp_code}") from None
    except ssl.SSLError:
        raise DeliveryError("the mail server's certificate cannot be trusted") from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise DeliveryError(f"no connection to the mail server ({type(error).__name__})") from None


def _connected(scheme: str, host: str, port: int | None, timeout_s: float) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=timeout_s, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port or 587, timeout=timeout_s)
    server.ehlo()
    return server


def _envelope(body: bytes) -> tuple[str, list[str]]:
    headers = BytesHeaderParser(policy=SMTP).parsebytes(body)
    sender, to = headers["From"].addresses, headers["To"].addresses
    if not sender or not to:
        raise DeliveryError("the target's option `to` (or `from`) holds no mail address: correct it in sources.yaml")
    return sender[0].addr_spec, [address.addr_spec for address in to]
