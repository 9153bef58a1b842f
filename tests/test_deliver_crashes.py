"""A crash at any point of a pass loses no alert and repeats none under another id."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest

from alerts.deliver import CHECKPOINTS, Outbox
from storage.model import Route, SecretRef
from storage.store import open_store
from tests import store_factories as make
from tests.outboxes import NOW, MemoryOutbox, limited, message, run_once, target
from tests.receivers import Receiver, answers


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.mark.parametrize("point", CHECKPOINTS)
def test_a_crash_at_any_point_loses_nothing_and_repeats_only_the_same_id(point: str) -> None:
    def crash(name: str) -> None:
        if name == point:
            raise Killed

    outbox = MemoryOutbox(*(message(f"c{n}.main") for n in range(5)))
    ids: list[str] = []
    told: set[str] = set()
    for checkpoint in (crash, lambda name: None):
        here = Receiver(url="")

        def remember(new: Receiver) -> None:
            nonlocal here
            here = new

        try:
            run_once(outbox, limited(3), checkpoint=checkpoint, behave=remember)
        except Killed:
            assert checkpoint is crash
        ids += here.ids()
        for request in here.received:
            data = json.loads(request.body)["data"]
            told |= {one["data"]["id"] for one in data.get("alerts", [{"data": data}])}
    assert told == {f"c{n}.main" for n in range(5)}
    assert len(ids) - len(set(ids)) == (1 if point == "after_post" else 0)
    assert set(outbox.states().values()) == {"delivered", "grouped"}


def test_the_store_is_such_an_outbox(tmp_path: Path) -> None:
    some = [message(f"c{n}.dates", target="hook", route="dates") for n in range(8)]
    some = [dataclasses.replace(one, change_ids=()) for one in some]
    hook = target("hook", url=SecretRef(env="PHONE_URL"))
    settings = make.config(routes=(Route(id="dates", target=hook, daily_limit=3),))
    with open_store(tmp_path / "store.db") as store:
        store.sync_config(settings)
        store.record_changes(now=NOW, messages=some)
        checked: Outbox = store
        assert checked is store

        def crash(name: str) -> None:
            if name == "after_post":
                raise Killed

        with pytest.raises(Killed):
            run_once(store, settings, checkpoint=crash)
        _, refused = run_once(store, settings, behave=lambda here: here.behaviours.update({"/hook": answers(500)}))
        report, here = run_once(store, settings, now=NOW + dt.timedelta(seconds=5))
        assert here.ids() == refused.ids()
        assert here.ids()[:2] == ["c0.dates", "c1.dates"]
        assert len(json.loads(here.received[2].body)["data"]["alerts"]) == 6
        assert report.is_fine
        states = [entry.state for entry in store.alerts()]
        assert sorted(states) == ["delivered"] * 3 + ["grouped"] * 6
