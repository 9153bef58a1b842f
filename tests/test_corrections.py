"""A Discord message that a later one corrects is marked as superseded, and nothing else suffers where that fails."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.formats import Entry, Notice, discord
from alerts.payload import messages
from alerts.retry import EDIT_ATTEMPTS
from storage.model import Alert, ChangeKind, Config, OutboxEntry, OutboxState, Route, SecretRef, Target
from storage.store import Store, open_store
from tests import store_factories as make
from tests.outboxes import NOW, run_once
from tests.receivers import Behaviour, Receiver, answers, drips, floods, is_silent, resets

FIRST, SECOND, EDIT = "c1.main", "c2.main", "edit-c1.main-c2.main"
POSTED, EDITED = "/hook?wait=true", "/hook/messages/1234567890123456789"
GIVEN = answers(200, body=b'{"id": "1234567890123456789", "content": "x"}')
LATER = NOW + dt.timedelta(days=1)
DISCORD = Target(id="phone", format="discord", url=SecretRef(env="PHONE_URL"), allow_private=True)
CHAT = Route(id="main", target=DISCORD)

Sent = list[tuple[str, str]]


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with make.begun(path) as opened:
        opened.sync_config(settings())
        yield opened


def settings(route: Route = CHAT) -> Config:
    return make.config(routes=(route,))


def tell(
    store: Store,
    id: str,
    date: str,
    at: dt.datetime,
    corrects: str | None = None,
    route: Route = CHAT,
    kind: ChangeKind = ChangeKind.MOVED_LATER,
) -> None:
    """Put one alert into the outbox, in the transaction of its change."""
    piece = make.item(int(id[1:]), published_at=at)
    claim = make.claim(piece, date)
    kind, old = (kind, "2027-03-04") if corrects else (ChangeKind.ANNOUNCED, None)
    change = make.change(claim, old, kind, id=id, supersedes=corrects)
    told = messages([Alert(route=route, change=change, work=make.HARBOUR)], now=at)
    store.record([make.poll(piece, claims=(claim,), changes=(change,), messages=told)], now=at)


def told_and_corrected(store: Store, route: Route = CHAT) -> None:
    """The first alert is delivered, and the one that corrects it waits."""
    tell(store, "c1", "2027-03-04", NOW, route=route)
    run(store, {POSTED: GIVEN}, settings(route))
    tell(store, "c2", "2027-06-01", LATER, "c1", route)


def run(store: Store, behaviours: dict[str, Behaviour], config: Config | None = None, **how: object) -> Receiver:
    _, here = run_once(store, config or settings(), behave=lambda here: here.behaviours.update(behaviours), **how)  # type: ignore[arg-type]
    return here


def requests(here: Receiver) -> Sent:
    return [(one.method, one.path) for one in here.received]


def entry(store: Store, id: str) -> OutboxEntry:
    found = store.alert(id)
    assert found is not None
    return found


# --- what is sent --------------------------------------------------------------------------------------------------


def test_the_id_that_discord_gives_is_kept(store: Store) -> None:
    tell(store, "c1", "2027-03-04", NOW)
    here = run(store, {POSTED: GIVEN})
    assert requests(here) == [("POST", POSTED)]
    assert [one.remote_id for one in entry(store, FIRST).attempts] == ["1234567890123456789"]


def test_a_correction_is_posted_and_then_the_corrected_message_is_marked(store: Store) -> None:
    told_and_corrected(store)
    here = run(store, {POSTED: GIVEN}, now=LATER)
    assert requests(here) == [("POST", POSTED), ("PATCH", EDITED)]
    old, marked = json.loads(entry(store, FIRST).message.body), json.loads(here.received[1].body)
    assert marked["content"] == (
        f"Superseded: ~~{old['content']}~~\nNow: {discord.escape(entry(store, SECOND).message.summary)}"
    )
    assert "1 June 2027" in marked["content"]
    assert marked["embeds"][0]["description"] == "> ~~Season 3 premieres 2027-03-04.~~"
    assert [one["value"] for one in marked["embeds"][0]["fields"]] == [
        f"~~{one['value']}~~" for one in old["embeds"][0]["fields"]
    ]
    assert marked["allowed_mentions"] == {"parse": []}
    assert entry(store, EDIT).state is OutboxState.DELIVERED
    assert run(store, {}, now=LATER + dt.timedelta(days=1)).received == []


def test_each_correction_marks_the_one_before_it(store: Store) -> None:
    told_and_corrected(store)
    second = answers(200, body=b'{"id": "222"}')
    run(store, {POSTED: second}, now=LATER)
    tell(store, "c3", "2027-09-01", LATER + dt.timedelta(days=1), "c2")
    here = run(store, {POSTED: GIVEN}, now=LATER + dt.timedelta(days=1))
    assert requests(here) == [("POST", POSTED), ("PATCH", "/hook/messages/222")]


def test_a_message_that_comes_after_its_correction_is_marked_when_it_comes(store: Store) -> None:
    tell(store, "c1", "2027-03-04", NOW)
    run(store, {POSTED: answers(500)})
    tell(store, "c2", "2027-06-01", NOW, "c1")
    assert requests(run(store, {POSTED: answers(200, body=b'{"id": "222"}')})) == [("POST", POSTED)]
    here = run(store, {POSTED: GIVEN}, now=LATER)
    assert requests(here) == [("POST", POSTED), ("PATCH", EDITED)]
    assert "1 June 2027" in json.loads(here.received[1].body)["content"]
    assert [one.message.id for one in store.alerts(state=OutboxState.DELIVERED)] == [EDIT, SECOND, FIRST]


def test_a_confirmation_strikes_nothing_through(store: Store) -> None:
    tell(store, "c1", "2027-03-04", NOW)
    run(store, {POSTED: GIVEN})
    tell(store, "c2", "2027-03-04", LATER, "c1", kind=ChangeKind.CONFIRMED)
    assert requests(run(store, {POSTED: GIVEN}, now=LATER)) == [("POST", POSTED)]


def test_what_was_confirmed_and_then_moved_is_marked_as_well_as_its_confirmation(store: Store) -> None:
    tell(store, "c1", "2027-03-04", NOW)
    run(store, {POSTED: GIVEN})
    tell(store, "c2", "2027-03-04", NOW, "c1", kind=ChangeKind.CONFIRMED)
    run(store, {POSTED: answers(200, body=b'{"id": "222"}')})
    tell(store, "c3", "2027-06-01", LATER, "c2")
    here = run(store, {POSTED: answers(200, body=b'{"id": "333"}')}, now=LATER)
    assert sorted(requests(here)) == [("PATCH", EDITED), ("PATCH", "/hook/messages/222"), ("POST", POSTED)]
    marked = [json.loads(one.body)["content"] for one in here.received[1:]]
    assert all("Superseded: ~~" in text and "1 June 2027" in text for text in marked)


def test_other_formats_are_neither_asked_for_an_id_nor_edited(store: Store) -> None:
    hook = dataclasses.replace(CHAT, target=dataclasses.replace(DISCORD, format="slack"))
    tell(store, "c1", "2027-03-04", NOW, route=hook)
    run(store, {"/hook": GIVEN}, settings(hook))
    tell(store, "c2", "2027-06-01", LATER, "c1", hook)
    assert requests(run(store, {"/hook": GIVEN}, settings(hook), now=LATER)) == [("POST", "/hook")]


def test_an_edit_counts_for_no_daily_limit_and_is_never_grouped(store: Store) -> None:
    limited = dataclasses.replace(CHAT, daily_limit=1)
    told_and_corrected(store, limited)
    here = run(store, {POSTED: GIVEN, EDITED: answers(500)}, settings(limited), now=LATER)
    assert requests(here) == [("POST", POSTED), ("PATCH", EDITED)]
    here = run(store, {POSTED: GIVEN}, settings(limited), now=LATER + dt.timedelta(minutes=1))
    assert requests(here) == [("PATCH", EDITED)]
    assert store.sent_count("main", LATER - dt.timedelta(hours=1)) == 1


# --- several alerts in one message ---------------------------------------------------------------------------------

LIMITED = dataclasses.replace(CHAT, daily_limit=1)


def told_together(store: Store, *ids: str) -> None:
    """These alerts are delivered as one message."""
    for day, id in enumerate(ids, start=1):
        tell(store, id, f"2027-03-{day:02}", NOW, route=LIMITED)
    run(store, {POSTED: GIVEN}, settings(LIMITED))


def lines(body: bytes) -> list[str]:
    (embed,) = json.loads(body)["embeds"]
    return str(embed["description"]).split("\n")


def test_a_correction_strikes_its_line_among_others_through(store: Store) -> None:
    told_together(store, "c1", "c2", "c3")
    tell(store, "c4", "2027-06-01", LATER, "c2", LIMITED)
    here = run(store, {POSTED: answers(200, body=b'{"id": "222"}')}, settings(LIMITED), now=LATER)
    assert requests(here) == [("POST", POSTED), ("PATCH", EDITED)]
    group = next(one.message for one in store.alerts() if one.message.id.startswith("group-"))
    before, after = lines(group.body), lines(here.received[1].body)
    new = f"  Now: {discord.escape(entry(store, 'c4.main').message.summary)}"
    assert after == [before[0], f"- ~~{before[1].removeprefix('- ')}~~", new, before[2]]
    assert json.loads(here.received[1].body)["content"] == json.loads(group.body)["content"]


def test_a_later_correction_in_the_same_message_keeps_the_marks_that_are_there(store: Store) -> None:
    told_together(store, "c1", "c2", "c3")
    unlimited = settings(CHAT)
    for id, corrects in (("c4", "c2"), ("c5", "c1")):
        tell(store, id, "2027-06-01", LATER, corrects)
        here = run(store, {POSTED: answers(200, body=b'{"id": "222"}')}, unlimited, now=LATER)
    assert [line.startswith("- ~~") for line in lines(here.received[1].body)] == [True, False, True, False, False]


def test_one_message_that_corrects_two_lines_of_another_is_one_edit(store: Store) -> None:
    told_together(store, "c1", "c2", "c3")
    tell(store, "c4", "2027-06-01", LATER, "c1", LIMITED)
    tell(store, "c5", "2027-06-02", LATER, "c3", LIMITED)
    here = run(store, {POSTED: answers(200, body=b'{"id": "222"}')}, settings(LIMITED), now=LATER)
    assert requests(here) == [("POST", POSTED), ("PATCH", EDITED)]
    assert sum(line.startswith("- ~~") for line in lines(here.received[1].body)) == 2


def test_what_is_told_together_with_its_correction_is_marked_at_once(store: Store) -> None:
    tell(store, "c1", "2027-03-04", NOW, route=LIMITED)
    tell(store, "c2", "2027-06-01", NOW, "c1", LIMITED)
    here = run(store, {POSTED: GIVEN}, settings(LIMITED))
    assert requests(here) == [("POST", POSTED), ("PATCH", EDITED)]
    assert [line.startswith("- ~~") for line in lines(here.received[1].body)] == [True, False, False]
    assert run(store, {}, settings(LIMITED), now=LATER).received == []


def test_a_failed_edit_never_undoes_a_later_one(store: Store) -> None:
    told_together(store, "c1", "c2")
    tell(store, "c3", "2027-06-01", LATER, "c1")
    run(store, {POSTED: answers(200, body=b'{"id": "222"}'), EDITED: answers(500)}, now=LATER)
    tell(store, "c4", "2027-06-02", LATER, "c2")
    here = run(store, {POSTED: answers(200, body=b'{"id": "333"}')}, now=LATER)
    assert requests(here) == [("POST", POSTED), ("PATCH", EDITED)]
    assert sum(line.startswith("- ~~") for line in lines(here.received[1].body)) == 2
    assert run(store, {}, now=LATER + dt.timedelta(days=1)).received == []


def test_an_edit_of_many_long_lines_still_fits() -> None:
    summaries = [f"{n:03} " + "x" * 136 for n in range(40)]
    entries = [Entry(summary=text, url="https://desk.example/" + "y" * 40) for text in summaries]
    while (body := discord.render(notice_of(entries), {})) is None:
        entries.pop()
    assert len(entries) > 20
    marked = discord.superseded_lines(body, dict.fromkeys(entries, "z" * 140))
    assert len(json.loads(marked)["embeds"][0]["description"]) <= discord.MAX_DESCRIPTION
    assert all(line.startswith("- ~~") and line.endswith("~~") for line in lines(marked))


def notice_of(entries: list[Entry]) -> Notice:
    return Notice(id="g", created_at=NOW, summary="many", event={}, entries=tuple(entries))


# --- where it fails ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no longer there"), (410, "no longer there"), (403, "403: it refuses us"), (400, "400: it does not")],
)
def test_an_edit_that_is_refused_is_given_up_at_once_and_disturbs_nothing(
    store: Store, status: int, words: str
) -> None:
    told_and_corrected(store)
    report, _ = run_once(
        store,
        settings(),
        now=LATER,
        behave=lambda here: here.behaviours.update({POSTED: GIVEN, EDITED: answers(status)}),
    )
    assert (report.delivered, report.is_fine) == ((SECOND,), True)
    edit = entry(store, EDIT)
    assert (edit.state, edit.next_attempt_at) == (OutboxState.DEAD, None)
    assert words in str(edit.attempts[0].error)
    tell(store, "c9", "2027-12-01", LATER)
    assert requests(run(store, {POSTED: GIVEN}, now=LATER)) == [("POST", POSTED)], "the target is still served"


@pytest.mark.parametrize(
    "failure", [answers(500), answers(429), resets, is_silent], ids=["500", "429", "reset", "slow"]
)
def test_an_edit_that_fails_is_tried_a_few_times_and_the_new_message_once(store: Store, failure: Behaviour) -> None:
    told_and_corrected(store)
    seen: Sent = []
    for hours in range(10):
        here = run(store, {POSTED: GIVEN, EDITED: failure}, now=LATER + dt.timedelta(hours=hours))
        seen += requests(here)
    assert seen == [("POST", POSTED), *[("PATCH", EDITED)] * EDIT_ATTEMPTS]
    edit = entry(store, EDIT)
    assert (edit.state, "given up after 4 attempts" in str(edit.attempts[-1].error)) == (OutboxState.DEAD, True)
    assert entry(store, SECOND).state is OutboxState.DELIVERED


ODD_ANSWERS: list[tuple[str, Callable[[Receiver], Behaviour]]] = [
    ("nothing", lambda here: answers(204)),
    ("no JSON", lambda here: answers(200, body=b"ok")),
    ("a list", lambda here: answers(200, body=b"[1]")),
    ("no id", lambda here: answers(200, body=b'{"content": "x"}')),
    ("a number", lambda here: answers(200, body=b'{"id": 77}')),
    ("a path", lambda here: answers(200, body=b'{"id": "../../77"}')),
    ("deep", lambda here: answers(200, body=b"[" * 16_000)),
    ("endless", lambda here: floods(here, 200)),
    ("never ending", lambda here: drips(200, in_body=True)),
]


@pytest.mark.parametrize("odd", [row[1] for row in ODD_ANSWERS], ids=[row[0] for row in ODD_ANSWERS])
def test_an_answer_without_an_id_is_a_delivery_and_nothing_is_edited(
    store: Store, odd: Callable[[Receiver], Behaviour]
) -> None:
    tell(store, "c1", "2027-03-04", NOW)
    report, here = run_once(store, settings(), behave=lambda here: here.behaviours.update({POSTED: odd(here)}))
    assert report.delivered == (FIRST,)
    assert here.sent_bytes < 8_000_000, "no more than 16 kB and what the sockets hold"
    tell(store, "c2", "2027-06-01", LATER, "c1")
    assert requests(run(store, {POSTED: GIVEN}, now=LATER)) == [("POST", POSTED)]
    assert store.alert(EDIT) is None


@pytest.mark.parametrize(
    ("point", "after_restart"),
    [
        ("after_post", [("POST", POSTED), ("PATCH", EDITED)]),
        ("after_attempt", [("PATCH", EDITED)]),
    ],
)
def test_a_crash_between_post_and_edit_loses_neither(path: Path, point: str, after_restart: Sent) -> None:
    def crash(name: str) -> None:
        if name == point:
            raise Killed

    with open_store(path) as store:
        store.sync_config(settings())
        told_and_corrected(store)
        with pytest.raises(Killed):
            run(store, {POSTED: GIVEN}, now=LATER, checkpoint=crash)
    with open_store(path) as store:
        assert requests(run(store, {POSTED: GIVEN}, now=LATER)) == after_restart
        assert {one.state for one in store.alerts()} == {OutboxState.DELIVERED}


# --- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "posting", "editing"),
    [
        ("https://d.example/1/a", "https://d.example/1/a?wait=true", "https://d.example/1/a/messages/77"),
        ("https://d.example/1/a/", "https://d.example/1/a?wait=true", "https://d.example/1/a/messages/77"),
        (
            "https://d.example/1/a?thread_id=5&wait=false",
            "https://d.example/1/a?thread_id=5&wait=true",
            "https://d.example/1/a/messages/77?thread_id=5",
        ),
    ],
    ids=["plain", "slash", "thread"],
)
def test_a_webhooks_other_options_stay(url: str, posting: str, editing: str) -> None:
    assert (discord.posting(url), discord.editing(url, "77")) == (posting, editing)
