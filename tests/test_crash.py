"""kill -9 anywhere between a publisher's answer and a receiver's: nothing is lost, nothing is torn, no id is new."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from alerts import deliver
from pipeline import rounds, run
from storage.model import OutboxState
from tests.worlds import ROUTES, START, World, story

TRIALS = 50
POINTS = [
    ("before_record", 1), ("after_record", 1), ("before_digest", 1), ("after_digest", 1), ("before_group", 1),
    ("after_group", 1), ("before_post", 1), ("after_post", 1), ("after_attempt", 1), ("before_post", 3),
    ("after_post", 3), ("after_attempt", 3),
]  # fmt: skip
"""Where the process ends: a checkpoint, and the how manieth time it comes by there."""

LIMIT = 3
OLD = story("Old news", "For All Mankind season 4 premiered on November 10, 2023.")
FIRST = 5
"""The season that the news begin with."""


def test_every_checkpoint_is_a_point() -> None:
    assert {name for name, _ in POINTS} == {*run.CHECKPOINTS, *rounds.CHECKPOINTS, *deliver.CHECKPOINTS}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that has had its baseline; its store is kept beside to begin every trial with."""
    folder = tmp_path_factory.mktemp("crash")
    digest = "digest: {at: '10:00', path: page.html, target: hook}\n"
    with World(folder, publishers=("desk",), more=digest) as world:
        world.write_config(routes=ROUTES.replace("target: hook}", f"target: hook, daily_limit: {LIMIT}}}"))
        world.publish("desk", OLD)
        world.round()
        world.receiver.received.clear()
        shutil.copy(world.store_path, folder / "baseline.db")
        publish_news(world, range(FIRST, FIRST + LIMIT + 1))
        world.round()  # what reading and telling need once is there before any child is born
        yield world


def publish_news(world: World, seasons: range) -> None:
    news = [story(f"News {n}", f"For All Mankind season {n} premieres March {n}, 2027.", number=n) for n in seasons]
    world.publish("desk", *news, OLD)


@pytest.mark.soak
@pytest.mark.parametrize(("name", "time"), POINTS, ids=[f"{name}-{time}" for name, time in POINTS])
def test_kill_9_loses_nothing_and_repeats_only_the_same_id(world: World, name: str, time: int) -> None:
    for trial in range(TRIALS):
        _begin_anew(world)
        seasons = range(FIRST, FIRST + LIMIT + 1 + trial % 7)
        publish_news(world, seasons)
        _killed_at(world, name, time)
        world.round(hours=0.05)

        told = list(itertools.chain.from_iterable(_seasons(event) for event in world.verified()))
        assert set(told) == set(seasons), trial
        ids = world.receiver.ids()
        assert len(ids) - len(set(ids)) == (name == "after_post"), trial
        assert len(told) - len(set(told)) <= (name == "after_post") * max(1, len(seasons) - LIMIT + 1), trial
        assert sum(id_.startswith("digest-") for id_ in set(ids)) == 1
        assert {entry.state for entry in world.alerts()} == {OutboxState.DELIVERED, OutboxState.GROUPED}
        assert (world.folder / "page.html").read_text().rstrip().endswith("</html>")
        with closing(sqlite3.connect(world.store_path)) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert conn.execute("PRAGMA foreign_key_check").fetchall() == []


def _begin_anew(world: World) -> None:
    """The world as it was after its baseline, an hour before the digest is due."""
    for leftover in (*world.folder.glob("store.db*"), *world.folder.glob("page.html*")):
        leftover.unlink()
    shutil.copy(world.folder / "baseline.db", world.store_path)
    world.receiver.received.clear()
    world.now = START


def _killed_at(world: World, name: str, time: int) -> None:
    """Run one round in a child that ends itself at the point as if the power had failed."""
    child = os.fork()
    if child == 0:
        gc.disable()  # which would write to every page of memory that it shares with its parent
        passed = 0

        def checkpoint(here: str) -> None:
            nonlocal passed
            passed += here == name
            if passed == time:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            world.round(hours=2.5, checkpoint=checkpoint)
        finally:
            os._exit(1)  # it came by the point too seldom
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child was not killed: the point was not reached"
    world.now = START
    world.round(hours=2.5)


def _seasons(event: dict) -> list[int]:  # type: ignore[type-arg]
    alerts = event["data"].get("alerts", [event])
    return [one["data"]["season"] for one in alerts if "season" in one["data"]]
