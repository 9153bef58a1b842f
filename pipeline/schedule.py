"""The tick of the daemon. Nobody else knows that APScheduler exists.

A tick says "look" or "send" and nothing more: what is due, and when, stands in the store. So a missed tick is no
missed poll, and a machine that slept or whose clock was set goes on with whatever is due by then.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

LOOK_S = 60.0
SEND_S = 2.0
"""Below the five seconds after which a message is tried the second time."""
GRACE_S = 4.0
"""How long a message that is under way may take to arrive once we are told to stop."""
CLOCK_S = 10.0
"""How often the clock is compared with the time that has passed; more than `JUMP_S` apart, it was set."""
JUMP_S = 5.0

Job = Callable[[], Awaitable[None]]


async def keep_going(
    look: Job,
    send: Job,
    *,
    stop: asyncio.Event,
    look_s: float = LOOK_S,
    send_s: float = SEND_S,
    clock_s: float = CLOCK_S,
) -> None:
    """Call `look` and `send` at their pace, neither twice at once, until `stop` is set or one of them raises.

    Then `look` is cancelled, `send` may finish within `GRACE_S`, and what was raised is raised on.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a look outlasts a tick is nothing to warn of
    running: dict[asyncio.Task[None], Job] = {}
    raised: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def begin(job: Job) -> None:
        task = asyncio.ensure_future(_called(job, raised))
        running[task] = job
        await asyncio.wait([task])
        del running[task]

    # Without a grace time APScheduler drops a run that is a second late.
    rules = {"max_instances": 1, "misfire_grace_time": None, "coalesce": True}
    scheduler = AsyncIOScheduler(timezone=dt.UTC)
    scheduler.add_job(begin, _Every(look_s), args=[look], **rules)
    scheduler.add_job(begin, _Every(send_s), args=[send], **rules)
    scheduler.start()
    stopped: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
    clock: asyncio.Future[Any] = asyncio.ensure_future(_follow_the_clock(scheduler, clock_s))
    try:
        await asyncio.wait([stopped, raised], return_when=asyncio.FIRST_COMPLETED)
    finally:
        scheduler.pause()
        await _finish(running, send, (stopped, clock))
        scheduler.shutdown(wait=False)
    if raised.done():
        raised.result()


class _Every(BaseTrigger):  # type: ignore[misc]
    """Now, and so long after each call. APScheduler's interval trigger counts up every call that was slept through."""

    def __init__(self, interval_s: float) -> None:
        self._interval = dt.timedelta(seconds=interval_s)

    def get_next_fire_time(self, previous: dt.datetime | None, now: dt.datetime) -> dt.datetime:
        """When to call next."""
        return now + self._interval if previous else now


async def _called(job: Job, raised: asyncio.Future[Any]) -> None:
    try:
        await job()
    except Exception as error:
        # Handed to whoever waits in keep_going, because the scheduler would only log it.
        if not raised.done():
            raised.set_exception(error)


async def _finish(running: dict[asyncio.Task[None], Job], send: Job, others: tuple[asyncio.Future[Any], ...]) -> None:
    tasks = dict(running)
    for task in (*(task for task, job in tasks.items() if job is not send), *others):
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=GRACE_S)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, *others, return_exceptions=True)


async def _follow_the_clock(scheduler: AsyncIOScheduler, clock_s: float) -> None:
    """Bring the next ticks to now when the clock was set: the scheduler's own times would be hours away, or past."""
    ahead_s = time.time() - time.monotonic()
    while True:
        await asyncio.sleep(clock_s)
        before_s, ahead_s = ahead_s, time.time() - time.monotonic()
        if abs(ahead_s - before_s) > JUMP_S:
            for job in scheduler.get_jobs():
                with contextlib.suppress(LookupError):
                    job.modify(next_run_time=dt.datetime.now(dt.UTC))
