"""Alerts → the exact messages for their targets: what is said, quiet hours, and one message that stands for several.

An alert is one message, and its id is the message's. Where a route's daily limit is reached, `group` makes one message
of several that wait. Nothing here sends, stores or looks at a clock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from alerts.clean import is_part_of, one_line, web_url
from alerts.formats import Entry, Notice, discord, load
from alerts.wording import date_words, day_words, news_words, said_words, value_words, who_words, words
from storage.model import (
    Alert,
    Change,
    ChangeKind,
    Claim,
    FetchState,
    Health,
    Message,
    Outdated,
    PartialDate,
    Route,
    Source,
    Value,
    Work,
)

FIRST_LINE = 140
"""Characters of the first line; what changed stands in front, for a phone shows about the first sixty."""

NAME, SENTENCE, URL = 100, 1000, 1000
"""Characters kept of a name, of the sentence and of a link, so that every body stays under 20 kB."""


def messages(
    alerts: Iterable[Alert],
    *,
    now: dt.datetime,
    timezone: dt.tzinfo = dt.UTC,
    source_names: Mapping[str, str] | None = None,
    headlines: Mapping[str, str] | None = None,
) -> tuple[Message, ...]:
    """One message for each alert, in order; in a route's quiet hours it waits until they end.

    `source_names` is by source id. `headlines` are the articles' titles by item id: they are shown only where the route
    asks for them, and a sentence that *is* the headline is left out as well.
    """
    return tuple(_message(alert, now, timezone, source_names or {}, headlines or {}) for alert in alerts)


def group(
    waiting: Sequence[Message], route: Route, *, now: dt.datetime
) -> tuple[tuple[Message, tuple[Message, ...]], ...]:
    """One message that tells all of `waiting` (messages of `route`), or as few as its format allows.

    Each comes with the messages it tells; one alone tells itself, as it is. The id follows from the ids of those told.
    """
    if len(waiting) < 2:
        return tuple((message, (message,)) for message in waiting)
    notice = _group_notice(waiting, route, now)
    body = load(route.target.format).render(notice, route.target.options)
    if body is None:
        middle = len(waiting) // 2
        return group(waiting[:middle], route, now=now) + group(waiting[middle:], route, now=now)
    change_ids = tuple(change_id for message in waiting for change_id in message.change_ids)
    return ((_posted(notice, route, body, change_ids, not_before_at=now), tuple(waiting)),)


def edit(outdated: Outdated, *, now: dt.datetime) -> Message:
    """The message that rewrites a sent one, so that it says what in it is superseded and by what.

    It tells no change itself.
    """
    old, (*_, last) = outdated.message, outdated.corrections
    is_alert = last.alert_id == old.id
    body = discord.superseded(old.body, last.by_summary) if is_alert else _marked_lines(outdated)
    return replace(
        old,
        id=f"edit-{old.id}-{outdated.by_id}",
        body=body,
        change_ids=(),
        created_at=now,
        not_before_at=now,
        summary=words("edit", old=old.summary),
        edits=outdated.remote_id,
    )


def _marked_lines(outdated: Outdated) -> bytes:
    now_true = {Entry(summary=one.summary, url=one.url): one.by_summary for one in outdated.corrections}
    return discord.superseded_lines(outdated.message.body, now_true)


def source_message(
    route: Route,
    source: Source,
    state: FetchState,
    *,
    since_at: dt.datetime,
    now: dt.datetime,
    timezone: dt.tzinfo = dt.UTC,
) -> Message:
    """That a source cannot be read since `since_at`, or that it can be again (`state.health` is `ok`).

    The id is the same for the same failure, so that it is told once however often this is asked.
    """
    recovered = state.health is Health.OK
    word = "recovered" if recovered else "broken"
    summary = words(f"source.{word}", source=one_line(source.name, 48))
    more = words(f"source.{word}.more", day=day_words(since_at.astimezone(timezone).date()), reason=state.reason)
    return _plain_message(
        route,
        f"source-{source.id}-{word}-{since_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.{route.id}",
        f"source.{word}",
        summary,
        one_line(more, 300),
        now=now,
        not_before_at=after_quiet(now, route.quiet_hours, timezone),
    )


def test_message(route: Route, *, id: str, now: dt.datetime) -> Message:
    """A message that says it is a test, in the shape of the route's target."""
    more = words("test.more", route=route.id)
    return _plain_message(route, id, "test", words("test"), more, now=now, not_before_at=now)


def after_quiet(at: dt.datetime, quiet_hours: tuple[dt.time, dt.time] | None, timezone: dt.tzinfo) -> dt.datetime:
    """`at` itself, or the end (UTC) of the quiet hours that it falls in; they may span midnight, the end is not in."""
    if quiet_hours is None:
        return at
    start, end = quiet_hours
    local = at.astimezone(timezone)
    time = local.time()
    is_quiet = start <= time < end if start <= end else time >= start or time < end
    if not is_quiet:
        return at
    day = local.date() + dt.timedelta(days=1) if time >= end else local.date()
    # An hour that the clocks skip or repeat may put the end before `at`; then it is over.
    return max(at, dt.datetime.combine(day, end, tzinfo=timezone).astimezone(dt.UTC))


def first_line(alert: Alert, source_name: str) -> str:
    """`Star City S1: premiere 29 May 2026 (was: spring 2026) — confirmed by Apple`, at most 140 characters."""
    change = alert.change
    said = one_line(said_words(change, source_name), 44)
    work = one_line(alert.work.title, 48)
    if change.slot.season is not None:
        work += " " + words("season.short", number=str(change.slot.season))
    line = words("first_line", work=work, news="\0", said=said)
    room = FIRST_LINE - len(line) + 1
    return line.replace("\0", one_line(news_words(change), room))


# --- one alert -----------------------------------------------------------------------------------------------------


def _message(
    alert: Alert,
    now: dt.datetime,
    timezone: dt.tzinfo,
    source_names: Mapping[str, str],
    headlines: Mapping[str, str],
) -> Message:
    claim = alert.change.claim
    source_name = one_line(source_names.get(claim.source_id, claim.source_id), NAME)
    headline = headlines.get(claim.item_id)
    notice = _notice(alert, now, source_name, headline)
    body = _rendered(notice, alert.route)
    return _posted(
        notice,
        alert.route,
        body,
        (alert.change.id,),
        not_before_at=after_quiet(now, alert.route.quiet_hours, timezone),
    )


def _notice(alert: Alert, now: dt.datetime, source_name: str, headline: str | None) -> Notice:
    change, claim, route = alert.change, alert.change.claim, alert.route
    summary = first_line(alert, source_name)
    quotable = route.show_headline or not is_part_of(claim.sentence, headline)
    sentence = one_line(claim.sentence, SENTENCE) if quotable else ""
    shown = one_line(headline, 200) if headline and route.show_headline else None
    url = web_url(claim.url, URL)
    data: dict[str, object] = {
        "id": alert.id,
        "change_id": change.id,
        "route": route.id,
        "summary": summary,
        "kind": change.slot.kind.value,
        "change": change.kind.value,
        "work": _work_data(alert.work),
        "slot": one_line(change.slot.id, 200),
        "season": change.slot.season,
        "part": _line(change.slot.part),
        "role": _line(change.slot.role),
        "region": _line(change.slot.region),
        "person": _line(change.slot.person),
        "old": _value_data(change.old),
        "new": _value_data(change.new),
        "old_known_since": _utc(change.old_since_at) if change.old_since_at else None,
        "status": change.status.value,
        "said_by": _said_by_data(claim, source_name),
        "sentence": sentence or None,
        "headline": shown,
        "url": url,
        "published_at": _utc(claim.claimed_at),
        "supersedes": f"{change.supersedes}.{route.id}" if change.supersedes else None,
        "note": one_line(change.note, 200) if change.note else None,
    }
    event = {"type": f"{change.slot.kind}.{change.kind}", "timestamp": _utc(change.at), "data": data}
    rows = _rows(change, source_name, shown, data["supersedes"])
    return Notice(
        id=alert.id, created_at=now, summary=summary, event=event, rows=rows, sentence=sentence or None, url=url
    )


def _rows(change: Change, source_name: str, headline: str | None, supersedes: object) -> tuple[tuple[str, str], ...]:
    """What the first line has no room for."""
    rows: list[tuple[str, str]] = []
    if change.new and change.new.platform:
        rows.append((words("label.new"), value_words(change.new)))
    if change.old and not change.old.is_empty and change.old_since_at:
        since = words("label.since", old=value_words(change.old), day=day_words(change.old_since_at.date()))
        rows.append((words("label.old"), since))
    rows.append((words("label.said"), who_words(change.claim, source_name)))
    if headline:
        rows.append((words("label.headline"), headline))
    if supersedes:
        label = "label.confirms" if change.kind is ChangeKind.CONFIRMED else "label.supersedes"
        rows.append((words(label), f"{words('supersedes')} ({supersedes})"))
    return tuple((label, one_line(value, 300)) for label, value in rows)


def _work_data(work: Work) -> dict[str, object]:
    return {"id": work.id, "title": one_line(work.title, NAME), "kind": work.kind, "franchise": work.franchise_id}


def _said_by_data(claim: Claim, source_name: str) -> dict[str, object]:
    named = claim.attributed_to
    return {
        "source_id": claim.source_id,
        "source": source_name,
        "tier": claim.tier.value,
        "attributed_to": _line(named),
    }


def _value_data(value: Value | None) -> dict[str, object] | None:
    if value is None or value.is_empty:
        return None
    return {
        "words": one_line(value_words(value), 200),
        "date": _date_data(value.date),
        "action": _line(value.action),
        "text": one_line(value.text, 200) if value.text else None,
        "platform": _line(value.platform),
        "character": _line(value.character),
    }


def _date_data(date: PartialDate | None) -> dict[str, object] | None:
    """Open ends are null, not the first and last day that a computer knows."""
    if date is None:
        return None
    return {
        "edtf": date.edtf,
        "earliest": None if date.earliest == dt.date.min else date.earliest.isoformat(),
        "latest": None if date.latest == dt.date.max else date.latest.isoformat(),
        "words": date_words(date),
    }


def _line(text: str | None) -> str | None:
    return one_line(text, NAME) if text else None


def _utc(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# --- the message ---------------------------------------------------------------------------------------------------


def _plain_message(
    route: Route, id: str, type: str, summary: str, more: str, *, now: dt.datetime, not_before_at: dt.datetime
) -> Message:
    """A message that tells of no change."""
    data = {"id": id, "route": route.id, "summary": summary, "text": more}
    event = {"type": type, "timestamp": _utc(now), "data": data}
    notice = Notice(id=id, created_at=now, summary=summary, event=event, rows=((words("label.more"), more),))
    return _posted(notice, route, _rendered(notice, route), (), not_before_at=not_before_at)


def _rendered(notice: Notice, route: Route) -> bytes:
    body = load(route.target.format).render(notice, route.target.options)
    assert body is not None, f"{route.target.format} must fit a single notice"
    return body


def _posted(
    notice: Notice, route: Route, body: bytes, change_ids: tuple[str, ...], *, not_before_at: dt.datetime
) -> Message:
    return Message(
        id=notice.id,
        route_id=route.id,
        target_id=route.target.id,
        format=route.target.format,
        content_type=load(route.target.format).CONTENT_TYPE,
        body=body,
        change_ids=change_ids,
        created_at=notice.created_at,
        not_before_at=not_before_at,
        summary=notice.summary,
        url=notice.url,
    )


def _group_notice(waiting: Sequence[Message], route: Route, now: dt.datetime) -> Notice:
    ids = [message.id for message in waiting]
    id = f"group-{hashlib.sha256('|'.join(sorted(ids)).encode()).hexdigest()[:20]}.{route.id}"
    summary = words("group", number=str(len(waiting)))
    alerts = [json.loads(message.body) for message in waiting] if route.target.format == "webhook" else []
    data = {"id": id, "route": route.id, "summary": summary, "alerts": alerts}
    return Notice(
        id=id,
        created_at=now,
        summary=summary,
        event={"type": "alerts.grouped", "timestamp": _utc(now), "data": data},
        entries=tuple(Entry(summary=message.summary, url=message.url) for message in waiting),
    )
