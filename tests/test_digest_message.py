"""The digest in the outbox."""

from __future__ import annotations

import email
import json
from dataclasses import replace
from email.policy import default

import pytest

from alerts.digest.message import digest_messages
from alerts.digest.model import build_digest
from alerts.formats import FORMATS
from storage.errors import DeliveryError
from storage.model import ChangeKind, DayBook, Message, SecretRef, Target, Value
from tests.daybooks import FAM5, LOCAL_DATE, UNTIL, YEAR_2026, change, claim, daybook, quiet_daybook, utc

OPTIONS = {"to": "reader@x.example", "from": "Watch <watch@x.example>", "chat_id": "1", "topic": "news"}


def messages(format: str, book: DayBook | None = None, **options: str) -> tuple[Message, ...]:
    digest = build_digest(book or daybook(), timezone="UTC", local_date=LOCAL_DATE)
    target = Target(id="me", format=format, url=SecretRef(env="X"), options=OPTIONS | options)
    return digest_messages(digest, target, now=UNTIL)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_takes_a_digest(format: str) -> None:
    (message,) = messages(format)
    assert (message.id, message.target_id, message.format) == ("digest-2026-03-14.me", "me", format)
    assert b"29 May 2026" in message.body
    assert message.summary.startswith("Saturday, 14 March 2026: 4 changes and 1 rumour.")


@pytest.mark.parametrize("format", FORMATS)
def test_a_quiet_day_says_how_well_we_looked(format: str) -> None:
    (message,) = messages(format, quiet_daybook())
    assert b"5 of 5 sources were read" in message.body


def test_a_mail_is_the_whole_page() -> None:
    mail = email.message_from_bytes(messages("email")[0].body, policy=default)
    assert mail["From"].addresses[0].addr_spec == "watch@x.example"
    assert mail.get_content_type() == "multipart/alternative"


def test_a_mail_without_an_address_is_an_error() -> None:
    with pytest.raises(DeliveryError, match="mail address"):
        messages("email", to="")


def test_a_webhook_gets_the_changes_as_data() -> None:
    event = json.loads(messages("webhook")[0].body)
    assert event["type"] == "digest"
    assert event["timestamp"] == "2026-03-14T06:00:00Z"
    assert event["data"]["sources"] == {
        "read": 6,
        "total": 8,
        "summary": "6 of 8 sources were read in the last hour; 138 new items in this period.",
    }
    assert event["data"]["changes"][2] == {
        "work": "Star City", "what": "Season 1 premiere", "change": "made more exact", "old": "spring 2026",
        "new": "29 May 2026 on Apple TV", "status": "confirmed", "said_by": "Apple TV Press", "sources": 3,
        "url": "https://news.example/apple-press/202603131400",
    }  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_too_long_is_parted_and_nothing_is_lost(format: str) -> None:
    said = [
        replace(
            claim(FAM5, "apple-press", utc(2026, 3, 13), "It is."), season=n, url=f"https://x.example/{n}/{'p' * 900}"
        )
        for n in range(100, 140)
    ]
    many = tuple(change(ChangeKind.ANNOUNCED, each, None, Value(date=YEAR_2026)) for each in said)
    parts = messages(format, replace(daybook(), changes=many))
    assert len({part.id for part in parts}) == len(parts)
    whole = b"".join(part.body for part in parts)
    assert all(f"Season {n}".encode() in whole for n in range(100, 140))


def test_the_same_digest_is_the_same_message() -> None:
    assert messages("webhook") == messages("webhook")
