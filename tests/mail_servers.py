"""A real SMTP server (aiosmtpd) on loopback, with STARTTLS or with TLS from the start, and its certificates.

`receivers.mail_server` is the one that misbehaves; this one follows the book.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "me@mail.example", "canary pass:word@/%"


@dataclass(slots=True)
class Mailbox:
    """What a server took, and whom it refuses."""

    port: int = 0
    refuses: tuple[str, ...] = ()
    taken: list[tuple[list[str], bytes, bool]] = field(default_factory=list)
    """Recipients, message, and whether it came over TLS."""
    logins: list[tuple[bytes, bytes, bool]] = field(default_factory=list)
    """User, password, and whether they came over TLS."""

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse whom it refuses."""
        if address in self.refuses:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the message."""
        assert isinstance(envelope.content, bytes)
        self.taken.append((envelope.rcpt_tos, envelope.content, _is_over_tls(server)))
        return "250 taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        """Let the one user in."""
        self.logins.append((given.login, given.password, _is_over_tls(server)))
        return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def _is_over_tls(server: SMTP) -> bool:
    return server.transport.get_extra_info("sslcontext") is not None


@asynccontextmanager
async def smtp_server(
    mailbox: Mailbox, certificate: trustme.LeafCert, *, from_the_start: bool
) -> AsyncIterator[Mailbox]:
    """The server on a free port for as long as the block lasts: TLS from the start, or STARTTLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def connected() -> SMTP:
        return SMTP(
            mailbox,
            hostname="127.0.0.1",
            authenticator=mailbox.authenticate,
            auth_require_tls=not from_the_start,
            tls_context=None if from_the_start else context,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connected, "127.0.0.1", 0, ssl=context if from_the_start else None)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()


def trusted(authority: trustme.CA, folder: Path) -> str:
    """A file that holds the authority, for `SSL_CERT_FILE`."""
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def certificates() -> dict[str, tuple[trustme.CA, trustme.LeafCert]]:
    """An authority and what it signed: a good certificate, an expired one, and one for another host."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    return {
        "good": (authority, authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)),
        "expired": (
            authority,
            authority.issue_cert(
                "127.0.0.1",
                not_before=yesterday - dt.timedelta(days=9),
                not_after=yesterday,
                key_type=trustme.KeyType.ECDSA,
            ),
        ),
        "another host": (authority, authority.issue_cert("mail.example", key_type=trustme.KeyType.ECDSA)),
    }
