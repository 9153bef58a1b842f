"""The digest as messages for the outbox: a whole page by mail, a list of what changed anywhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from alerts.digest.mail import digest_mail
from alerts.digest.model import Digest
from alerts.digest.model import Entry as Told
from alerts.formats import Entry, Notice, load
from alerts.wording import change_words
from storage.codec import iso
from storage.model import ChangeKind, Message, Target

ROUTE = "digest"
"""Stands in a message where an alert names its route."""


def digest_messages(digest: Digest, target: Target, *, now: dt.datetime) -> tuple[Message, ...]:
    """What to send to `target`: one message, or several parts where its format takes no more at once.

    The ids follow from the local date and the target, so that a digest is the same message however often it is made.
    DeliveryError where a mail target has no address.
    """
    id = f"digest-{digest.local_date}.{target.id}"
    if target.format == "email":
        to = target.options.get("to", "")
        mail = digest_mail(digest, sender=target.options.get("from") or to.split(",")[0], to=to)
        return (_message(id, mail, target, "message/rfc822", digest, now),)
    told = [(group.work, entry) for section in (digest.changes, digest.rumours) for group in section.items
            for entry in group.entries]  # fmt: skip
    return tuple(_parts(digest, target, id, told, now))


def _parts(
    digest: Digest, target: Target, id: str, told: Sequence[tuple[str, Told]], now: dt.datetime
) -> list[Message]:
    format_ = load(target.format)
    body = format_.render(_notice(digest, id, told), target.options)
    if body is not None or len(told) < 2:
        assert body is not None, f"{target.format} must fit a single change"
        return [_message(id, body, target, format_.CONTENT_TYPE, digest, now)]
    middle = len(told) // 2
    halves = (f"{id}.1", told[:middle]), (f"{id}.2", told[middle:])
    return [message for part, some in halves for message in _parts(digest, target, part, some, now)]


def _notice(digest: Digest, id: str, told: Sequence[tuple[str, Told]]) -> Notice:
    data = {
        "id": id,
        "local_date": digest.local_date.isoformat(),
        "headline": digest.headline,
        "since_at": iso(digest.since_at),
        "until_at": iso(digest.until_at),
        "changes": [_data(work, entry) for work, entry in told],
        "sources": {"read": digest.looked.read, "total": digest.looked.total, "summary": digest.looked.summary},
    }
    return Notice(
        id=id,
        created_at=digest.until_at,
        summary=f"{digest.title}: {digest.headline}",
        event={"type": "digest", "timestamp": iso(digest.until_at), "data": data},
        sentence=None if told else digest.looked.summary,
        entries=tuple(Entry(summary=_line(work, entry), url=entry.url) for work, entry in told),
    )


def _line(work: str, entry: Told) -> str:
    old = f" (was: {entry.old})" if entry.old else ""
    return f"{work}, {entry.topic}: {entry.new}{old}, {entry.status.value}"


def _data(work: str, entry: Told) -> dict[str, object]:
    return {
        "work": work,
        "what": entry.what,
        "change": entry.verb or change_words(ChangeKind.ANNOUNCED),
        "old": entry.old,
        "new": entry.new,
        "status": entry.status.value,
        "said_by": entry.said_by,
        "sources": entry.sources,
        "url": entry.url,
    }


def _message(id: str, body: bytes, target: Target, content_type: str, digest: Digest, now: dt.datetime) -> Message:
    return Message(
        id=id,
        route_id=ROUTE,
        target_id=target.id,
        format=target.format,
        content_type=content_type,
        body=body,
        change_ids=(),
        created_at=now,
        not_before_at=now,
        summary=f"{digest.title}: {digest.headline}",
    )
