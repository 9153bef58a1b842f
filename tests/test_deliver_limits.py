"""Quiet hours and the daily limit while messages wait in the outbox."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest

from storage.model import Route
from tests.outboxes import NOW, MemoryOutbox, config, limited, message, run_once, target
from tests.receivers import answers


def test_a_retry_waits_for_the_end_of_quiet_hours() -> None:
    quiet = config(
        Route(id="main", target=target(), quiet_hours=(dt.time(9, 0), dt.time(18, 0))), timezone="Asia/Tokyo"
    )
    awake = NOW.replace(hour=23, minute=59, second=58) - dt.timedelta(days=1)  # 08:59:58 in Tokyo
    outbox = MemoryOutbox(dataclasses.replace(message(), not_before_at=awake))
    run_once(outbox, quiet, now=awake, behave=lambda here: here.behaviours.update({"/hook": answers(500)}))
    assert outbox.entries["c1.main"].next_attempt_at == dt.datetime(2026, 5, 1, 9, 0, tzinfo=dt.UTC)  # 18:00 there


def test_what_falls_due_in_quiet_hours_is_put_off() -> None:
    quiet = config(Route(id="main", target=target(), quiet_hours=(dt.time(8, 0), dt.time(10, 30))))
    outbox = MemoryOutbox(message())
    _, here = run_once(outbox, quiet)
    assert here.received == []
    assert outbox.entries["c1.main"].next_attempt_at == NOW.replace(hour=10, minute=30)


def test_above_the_daily_limit_the_last_message_tells_the_rest() -> None:
    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(10)))
    report, here = run_once(outbox, limited(3))
    assert here.ids()[:2] == ["c0.main", "c1.main"]
    assert len(here.received) == 3
    grouped = json.loads(here.received[2].body)
    assert grouped["type"] == "alerts.grouped"
    assert [one["data"]["id"] for one in grouped["data"]["alerts"]] == [f"c{n}.main" for n in range(2, 10)]
    assert sorted(outbox.states().values()) == ["delivered"] * 3 + ["grouped"] * 8
    assert report.is_fine


def test_after_the_daily_limit_news_wait_for_tomorrow_and_come_as_one() -> None:
    outbox = MemoryOutbox(message("c0.main"), message("c1.main"))
    run_once(outbox, limited(2))
    for n in range(2, 7):
        outbox.entries |= MemoryOutbox(message(f"c{n}.main")).entries
    _, here = run_once(outbox, limited(2), now=NOW + dt.timedelta(hours=1))
    assert here.received == []
    _, here = run_once(outbox, limited(2), now=NOW.replace(hour=23, minute=59))
    assert here.received == []
    _, here = run_once(outbox, limited(2), now=dt.datetime(2026, 5, 2, tzinfo=dt.UTC))
    assert len(here.received) == 2
    told = [here.ids()[0]] + [one["data"]["id"] for one in json.loads(here.received[1].body)["data"]["alerts"]]
    assert told == [f"c{n}.main" for n in range(2, 7)]


def test_a_message_in_another_format_is_not_grouped() -> None:
    outbox = MemoryOutbox(*(message(f"c{n}.main", format="slack" if n == 2 else "webhook") for n in range(5)))
    _, here = run_once(outbox, limited(1))
    assert outbox.states()["c2.main"] == "delivered"
    assert len(here.received) == 2


def test_repeated_attempts_do_not_count_against_the_limit() -> None:
    outbox = MemoryOutbox(message("c0.main"))
    run_once(outbox, limited(1), behave=lambda here: here.behaviours.update({"/hook": answers(500)}))
    _, here = run_once(outbox, limited(1), now=NOW + dt.timedelta(seconds=5))
    assert here.ids() == ["c0.main"]


def test_a_group_is_not_grouped_again() -> None:
    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(4)))
    settings = limited(1)

    def crash(name: str) -> None:
        if name == "after_group":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_once(outbox, settings, checkpoint=crash)
    outbox.entries |= MemoryOutbox(message("c9.main")).entries
    _, here = run_once(outbox, settings)
    told = [one["data"]["id"] for one in json.loads(here.received[0].body)["data"]["alerts"]]
    assert told == [f"c{n}.main" for n in range(4)]
    assert here.ids()[1:] == ["c9.main"]
