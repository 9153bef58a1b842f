"""The outbox: nothing is lost, nothing is sent under two names, and a target that is gone stays quiet."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from storage.errors import StoreError
from storage.model import Attempt, OutboxState
from storage.store import Store
from tests import store_factories as make
from tests.store_factories import NOW

MINUTE = dt.timedelta(minutes=1)


def put(store: Store, *ids: str, **changes: object) -> None:
    store.record_changes(messages=[make.message(id, **changes) for id in ids], now=NOW)


def due(store: Store, now: dt.datetime = NOW, limit: int = 100) -> list[str]:
    return [entry.message.id for entry in store.due_messages(now, limit)]


def failed(at: dt.datetime = NOW) -> Attempt:
    return Attempt(
        at=at, state=OutboxState.PENDING, status_code=503, error="503 from the target", next_attempt_at=at + 5 * MINUTE
    )


def test_a_message_comes_back_as_it_went_in(store: Store) -> None:
    news = make.news()
    message = dataclasses.replace(news.messages[0], body=b"\x00\xff exact bytes", url="https://gazette.example/1")
    store.record([dataclasses.replace(news, messages=(message,))], now=NOW)
    (entry,) = store.due_messages(NOW, 10)
    assert entry.message == message
    assert (entry.state, entry.attempts, entry.next_attempt_at) == (OutboxState.PENDING, (), NOW)


def test_the_order_of_a_messages_changes_is_kept(store: Store) -> None:
    claim = make.claim(make.item())
    changes = [make.change(claim, id=id) for id in ("z", "a", "m")]
    told = make.message(change_ids=("z", "a", "m"))
    store.record([make.poll(make.item(), changes=tuple(changes), messages=(told,))], now=NOW)
    assert store.due_messages(NOW, 1)[0].message.change_ids == ("z", "a", "m")


def test_the_oldest_come_first_and_no_more_than_asked_for(store: Store) -> None:
    put(store, "second")
    put(store, "first", created_at=NOW - MINUTE)
    put(store, "third")
    assert due(store) == ["first", "second", "third"]
    assert due(store, limit=2) == ["first", "second"]


def test_a_message_of_quiet_hours_waits(store: Store) -> None:
    put(store, "m1", not_before_at=NOW + MINUTE)
    assert due(store) == []
    assert due(store, NOW + MINUTE) == ["m1"]


def test_a_failed_attempt_is_tried_again_when_it_is_due(store: Store) -> None:
    put(store, "m1")
    store.record_attempt("m1", failed())
    assert due(store, NOW + 4 * MINUTE) == []
    (entry,) = store.due_messages(NOW + 5 * MINUTE, 10)
    assert entry.attempts == (failed(),)


@pytest.mark.parametrize("state", [OutboxState.DELIVERED, OutboxState.DEAD])
def test_what_is_done_is_not_due(store: Store, state: OutboxState) -> None:
    put(store, "m1")
    store.record_attempt("m1", Attempt(at=NOW, state=state, status_code=200))
    assert due(store, NOW + dt.timedelta(days=9)) == []
    assert [entry.state for entry in store.alerts(state=state)] == [state]


def test_recording_a_message_again_leaves_it_as_it_is(store: Store) -> None:
    put(store, "m1")
    store.record_attempt("m1", Attempt(at=NOW, state=OutboxState.DELIVERED, status_code=200))
    put(store, "m1", body=b"another")
    (entry,) = store.alerts()
    assert (entry.state, entry.message.body) == (OutboxState.DELIVERED, make.message().body)


def test_a_gone_target_disables_all_that_waits_for_it_and_nothing_else(store: Store) -> None:
    put(store, "m1", "m2")
    put(store, "done")
    put(store, "other", target_id="phone", route_id="phone")
    store.record_attempt("done", Attempt(at=NOW, state=OutboxState.DELIVERED, status_code=200))
    store.record_attempt("m1", Attempt(at=NOW, state=OutboxState.DISABLED, status_code=410, error="410 Gone"))
    assert due(store) == ["other"]
    assert {entry.message.id for entry in store.alerts(state=OutboxState.DISABLED)} == {"m1", "m2"}
    put(store, "late")
    assert store.alert("late").state is OutboxState.DISABLED  # type: ignore[union-attr]


def test_a_retry_makes_a_message_due_and_its_target_usable(store: Store) -> None:
    put(store, "m1")
    store.record_attempt("m1", Attempt(at=NOW, state=OutboxState.DISABLED, status_code=410))
    store.retry("m1", now=NOW + MINUTE)
    put(store, "m2")
    assert due(store, NOW + MINUTE) == ["m1", "m2"]


def test_a_dead_message_can_be_brought_back(store: Store) -> None:
    put(store, "m1")
    store.record_attempt("m1", Attempt(at=NOW, state=OutboxState.DEAD, error="ten attempts failed"))
    store.retry("m1", now=NOW + MINUTE)
    (entry,) = store.due_messages(NOW + MINUTE, 1)
    assert [attempt.state for attempt in entry.attempts] == [OutboxState.DEAD]


def test_what_cannot_be_retried_is_said(store: Store) -> None:
    put(store, "m1")
    store.record_attempt("m1", Attempt(at=NOW, state=OutboxState.DELIVERED, status_code=200))
    with pytest.raises(StoreError, match="not sent twice"):
        store.retry("m1", now=NOW)
    with pytest.raises(StoreError, match="alerts list"):
        store.retry("nothing", now=NOW)


def test_messages_can_be_put_off_without_an_attempt(store: Store) -> None:
    put(store, "m1", "m2")
    store.put_off(["m1"], NOW + MINUTE)
    assert due(store) == ["m2"]
    (entry,) = store.due_messages(NOW + MINUTE, 1)
    assert (entry.message.id, entry.attempts) == ("m1", ())


def test_what_was_delivered_meanwhile_is_not_put_off(store: Store) -> None:
    put(store, "m1")
    store.record_attempt("m1", Attempt(at=NOW, state=OutboxState.DELIVERED, status_code=200))
    store.put_off(["m1"], NOW + MINUTE)
    assert store.alert("m1").next_attempt_at is None  # type: ignore[union-attr]


def test_one_message_can_stand_for_several(store: Store) -> None:
    put(store, "m1", "m2", "m3")
    store.group_messages(make.message("all"), ["m1", "m2"])
    assert due(store) == ["m3", "all"]
    assert {entry.message.id for entry in store.alerts(state=OutboxState.GROUPED)} == {"m1", "m2"}


def test_first_attempts_of_a_route_are_counted(store: Store) -> None:
    put(store, "m1", "m2", "m3")
    put(store, "other", target_id="phone", route_id="phone")
    store.record_attempt("m1", failed(NOW - 2 * MINUTE))
    for id in ("m1", "m2", "other"):
        store.record_attempt(id, failed(NOW))
    assert store.sent_count("dates", NOW - MINUTE) == 1
    assert store.sent_count("dates", NOW - 3 * MINUTE) == 2


def test_alerts_are_listed_newest_first(store: Store) -> None:
    put(store, "old", created_at=NOW - MINUTE)
    put(store, "new")
    assert [entry.message.id for entry in store.alerts()] == ["new", "old"]
    assert [entry.message.id for entry in store.alerts(since_at=NOW)] == ["new"]
    assert [entry.message.id for entry in store.alerts(limit=1)] == ["new"]
    assert store.alert("nothing") is None


# --- corrections ---------------------------------------------------------------------------------------------------


def taken(remote_id: str | None = "77") -> Attempt:
    return Attempt(at=NOW, state=OutboxState.DELIVERED, status_code=200, remote_id=remote_id)


def put_news_and_correction(store: Store, **changes: object) -> None:
    """The alerts `c1.dates` and `c2.dates`, of which the second corrects the first."""
    claim = make.claim(make.item())
    moved = (make.change(claim, id="c1"), make.change(claim, id="c2", supersedes="c1"))
    told = (make.message("c1.dates", ("c1",)), make.message("c2.dates", ("c2",), summary="newer", **changes))
    store.record([make.poll(make.item(), claims=(claim,), changes=moved, messages=told)], now=NOW)


def test_a_correction_finds_what_it_corrects(store: Store) -> None:
    put_news_and_correction(store)
    assert store.outdated("c2.dates") == []
    store.record_attempt("c1.dates", taken())
    (one,) = store.outdated("c2.dates")
    assert (one.message.id, one.remote_id, one.by_id) == ("c1.dates", "77", "c2.dates")
    assert [(each.alert_id, each.by_summary) for each in one.corrections] == [("c1.dates", "newer")]
    assert store.outdated("c1.dates") == []


def test_a_message_for_several_corrects_what_each_of_them_corrects(store: Store) -> None:
    put_news_and_correction(store)
    store.record_attempt("c1.dates", taken())
    store.group_messages(make.message("all", ("c2",)), ["c2.dates"])
    (one,) = store.outdated("all")
    assert (one.message.id, one.corrections[0].by_summary) == ("c1.dates", "newer")


@pytest.mark.parametrize(
    ("remote_id", "changes"),
    [(None, {}), ("77", {"target_id": "phone"})],
    ids=["the target gave no id", "the route has another target now"],
)
def test_what_cannot_be_rewritten_is_not_found(store: Store, remote_id: str | None, changes: dict[str, object]) -> None:
    put_news_and_correction(store, **changes)
    store.record_attempt("c1.dates", taken(remote_id))
    assert store.outdated("c2.dates") == []


def test_a_follow_up_is_written_with_the_attempt_once_and_counts_for_no_limit(store: Store) -> None:
    put(store, "m1")
    edit = make.message("edit", edits="77")
    for _ in range(2):
        store.record_attempt("m1", taken(), [edit])
    (entry,) = store.due_messages(NOW, 10)
    assert entry.message == edit
    store.record_attempt("edit", failed())
    assert store.sent_count("dates", NOW - MINUTE) == 1
    first = store.alert("m1")
    assert first is not None
    assert first.attempts == (taken(), taken())
