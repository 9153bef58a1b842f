"""E-mail over SMTP, and what goes through apprise."""

from __future__ import annotations

import asyncio
import dataclasses
from importlib.util import find_spec
from typing import Any

import pytest

from alerts.deliver import deliver
from alerts.payload import messages
from storage.model import Attempt, OutboxState, Route, SecretRef, Target
from tests.alert_factories import alert
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


def test_apprise_without_the_extra_says_what_to_install() -> None:
    if find_spec("apprise") is not None:
        pytest.skip("the extra is installed")
    outbox = MemoryOutbox(dataclasses.replace(message(format="apprise"), body=b'{"title": "t", "body": "b"}'))
    run_once(outbox, config(Route(id="main", target=target(format="apprise", secret=None))))
    assert "franchise-watch[apprise]" in str(outbox.entries["c1.main"].attempts[0].error)
