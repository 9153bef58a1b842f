"""E-mail over SMTP, and what goes through apprise."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme

from alerts.deliver import deliver
from alerts.payload import messages
from storage.model import Attempt, OutboxState, Route, SecretRef, Target
from tests.alert_factories import alert
from tests.mail_servers import PASSWORD, USER, Mailbox, certificates, smtp_server, trusted
from tests.outboxes import NOW, TIMEOUT_S, MemoryOutbox, config, message, network, run_once, target
from tests.receivers import MailServer, mail_server


def mailed(login: str = "", to: str = "me@mail.example", **how: object) -> tuple[Attempt, MailServer]:
    """One message to a mail server that behaves as `how` says."""
    mailbox = Target(id="mail", format="email", url=SecretRef(env="MAIL_URL"), options={"to": to})
    main = Route(id="main", target=mailbox)
    settings = config(main)
    (one,) = messages([alert(to=main)], now=NOW)
    outbox = MemoryOutbox(one)

    async def go() -> MailServer:
        async with mail_server() as here:
            for name, value in how.items():
                setattr(here, name, value)
            environ = {"MAIL_URL": f"smtp://{login}{here.host}"}
            await deliver(
                outbox,
                settings,
                transport=network,
                clock=lambda: NOW,
                environ=environ,
                timeout_s=TIMEOUT_S,
            )
            return here

    here = asyncio.run(go())
    return outbox.entries[one.id].attempts[-1], here


def test_a_mail_reaches_its_recipient() -> None:
    made, here = mailed()
    assert made.state is OutboxState.DELIVERED
    ((sender, recipients, body),) = here.taken
    assert (sender, recipients) == ("me@mail.example", ["me@mail.example"])
    assert b"Message-ID:" in body


MAIL_TROUBLE = [
    ("recipient refused", "", {"answers": {"RCPT": "550 nobody"}}, "refuses the recipient"),
    ("busy", "", {"answers": {"DATA": "451 later"}}, "answers 451"),
    ("greeting", "", {"answers": {"MAIL": "421 closing"}}, "421"),
    ("no address", "", {"to": "nobody, a b@c.d, a@b@c, me@, ü@mail.example"}, "holds no mail address"),
    ("password without TLS", "me:canary@", {"extensions": ("AUTH PLAIN",)}, "no TLS"),
]


@pytest.mark.parametrize(
    ("login", "how", "words"), [row[1:] for row in MAIL_TROUBLE], ids=[row[0] for row in MAIL_TROUBLE]
)
def test_a_mail_that_is_refused_is_tried_again(login: str, how: dict[str, Any], words: str) -> None:
    made, here = mailed(login, **how)
    assert made.state is OutboxState.PENDING
    assert words in str(made.error)
    assert "canary" not in str(made.error)
    assert here.taken == []


# --- with TLS, to a real server ------------------------------------------------------------------------------------

CERTIFICATES = certificates()
LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"
BOTH = pytest.mark.parametrize("scheme", ["smtp", "smtps"], ids=["STARTTLS", "TLS from the start"])


@pytest.fixture
def trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts the authority of these tests and nobody else."""
    monkeypatch.setenv("SSL_CERT_FILE", trusted(CERTIFICATES["good"][0], tmp_path))


def sent(
    scheme: str, login: str = LOGIN, *, to: str = "me@mail.example", certificate: str = "good", via: str | None = None,
    timeout_s: float = 5.0,     **how: Any
) -> tuple[Attempt, Mailbox]:  # fmt: skip
    """One message through `scheme`, to a server that wants it so, or that wants it as `via` does."""
    mailbox = Mailbox(**how)
    main = Route(id="main", target=Target(id="mail", format="email", url=SecretRef(env="MAIL_URL"), options={"to": to}))
    (one,) = messages([alert(to=main)], now=NOW)
    outbox = MemoryOutbox(one)

    async def go() -> None:
        from_the_start = (via or scheme) == "smtps"
        async with smtp_server(mailbox, CERTIFICATES[certificate][1], from_the_start=from_the_start) as here:
            environ = {"MAIL_URL": f"{scheme}://{login}127.0.0.1:{here.port}"}
            await deliver(
                outbox, config(main), transport=network, clock=lambda: NOW, environ=environ, timeout_s=timeout_s
            )

    asyncio.run(go())
    return outbox.entries[one.id].attempts[-1], mailbox


@BOTH
def test_a_mail_and_its_login_go_over_tls(trusting: None, scheme: str) -> None:
    made, mailbox = sent(scheme)
    assert (made.state, made.error) == (OutboxState.DELIVERED, None)
    assert mailbox.logins == [(USER.encode(), PASSWORD.encode(), True)]
    ((recipients, body, over_tls),) = mailbox.taken
    assert (recipients, over_tls) == (["me@mail.example"], True)
    assert b"Harbour Nine" in body


def test_tls_is_used_where_it_is_offered_though_there_is_no_login(trusting: None) -> None:
    made, mailbox = sent("smtp", login="")
    assert made.state is OutboxState.DELIVERED
    assert [over_tls for _, _, over_tls in mailbox.taken] == [True]


@BOTH
@pytest.mark.parametrize(
    ("certificate", "why"),
    [("good", "unable to get local issuer"), ("expired", "expired"), ("another host", "mismatch")],
    ids=["nobody known", "expired", "another host"],
)
def test_a_bad_certificate_is_refused_before_anything_is_said(
    scheme: str, certificate: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = trustme.CA() if certificate == "good" else CERTIFICATES[certificate][0]
    monkeypatch.setenv("SSL_CERT_FILE", trusted(known, tmp_path))
    made, mailbox = sent(scheme, certificate=certificate)
    assert made.state is OutboxState.PENDING
    assert "certificate cannot be trusted" in str(made.error)
    assert why in str(made.error)
    assert "127.0.0.1" not in str(made.error)
    assert (mailbox.logins, mailbox.taken) == ([], [])


@BOTH
def test_a_refused_login_says_so_and_not_with_what(trusting: None, scheme: str) -> None:
    made, mailbox = sent(scheme, login=LOGIN.replace("canary", "wrong-canary"))
    assert made.error == "the mail server refuses the login: check user and password"
    assert {over_tls for _, _, over_tls in mailbox.logins} == {True}
    assert mailbox.taken == []


def test_a_password_that_no_mail_server_takes_is_never_sent(trusting: None) -> None:
    made, mailbox = sent("smtps", login=f"me:{quote('canaryü')}@")
    assert "letters beyond ASCII" in str(made.error)
    assert (mailbox.logins, mailbox.taken) == ([], [])


@BOTH
def test_a_refused_recipient_says_so(trusting: None, scheme: str) -> None:
    made, mailbox = sent(scheme, refuses=("me@mail.example",))
    assert made.error == "the mail server refuses the recipient: check the target's `to`"
    assert mailbox.taken == []


def test_one_refused_recipient_of_two_costs_the_other_nothing(trusting: None, caplog: pytest.LogCaptureFixture) -> None:
    made, mailbox = sent("smtps", to="me@mail.example, typo@mail.example", refuses=("typo@mail.example",))
    assert made.state is OutboxState.DELIVERED
    assert [recipients for recipients, _, _ in mailbox.taken] == [["me@mail.example"]]
    assert [record.getMessage() for record in caplog.records if record.name == "alerts.mail"] == [
        "the mail server refuses 1 of 2 recipients: check the target's `to`"
    ]


@pytest.mark.parametrize(
    ("scheme", "via", "words"),
    [("smtps", "smtp", "where it begins without, use smtp://"), ("smtp", "smtps", "use smtps://")],
)
def test_the_wrong_sort_of_tls_says_which_to_use(trusting: None, scheme: str, via: str, words: str) -> None:
    made, mailbox = sent(scheme, via=via, timeout_s=TIMEOUT_S)
    assert words in str(made.error)
    assert mailbox.taken == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtp://127.0.0.1:{port}", "no mail server answers at its address"),
        ("smtps://127.0.0.1:{port}", "no mail server answers at its address"),
        ("https://127.0.0.1:{port}", "starts with smtp:// or smtps://"),
        ("smtp://127.0.0.1:port", "no connection to the mail server"),
    ],
)
def test_a_server_that_is_down_or_is_none_says_so(url: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken_and_closed:
        port = taken_and_closed.getsockname()[1]
    main = Route(id="main", target=Target(id="mail", format="email", url=SecretRef(env="MAIL_URL"),
                                          options={"to": "me@mail.example"}))  # fmt: skip
    (one,) = messages([alert(to=main)], now=NOW)
    outbox = MemoryOutbox(one)
    run_once(outbox, config(main), urls={"MAIL_URL": url.format(port=port)})
    (made,) = outbox.entries[one.id].attempts
    assert (made.state, made.next_attempt_at) == (OutboxState.PENDING, NOW + dt.timedelta(seconds=5))
    assert words in str(made.error)
    assert str(port) not in str(made.error)


# --- apprise -------------------------------------------------------------------------------------------------------


def test_apprise_without_the_extra_says_what_to_install() -> None:
    if find_spec("apprise") is not None:
        pytest.skip("the extra is installed")
    outbox = MemoryOutbox(dataclasses.replace(message(format="apprise"), body=b'{"title": "t", "body": "b"}'))
    run_once(outbox, config(Route(id="main", target=target(format="apprise", secret=None))))
    assert "franchise-watch[apprise]" in str(outbox.entries["c1.main"].attempts[0].error)
