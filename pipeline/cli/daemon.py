"""`daemon`: the watch that goes on until it is stopped."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from pipeline.cli import Settings, pass_settings
from pipeline.cli.run import happened, problems, summary
from pipeline.config import load_config
from pipeline.rounds import look, send
from pipeline.run import Watcher, watching
from storage.errors import ConfigError, StoreError
from storage.store import Store, open_store

if TYPE_CHECKING:
    from pipeline.fetch import Client

Say = Callable[[str], None]


@click.command()
@pass_settings
def daemon(settings: Settings) -> None:
    """Watch until stopped: ask what is due, send what is new.

    Each source is asked when its time has come, messages that were not taken are tried again, and the digest is written
    at its hour. SIGTERM or Ctrl-C stops it within ten seconds, and nothing is lost. Where something happened a line on
    stderr tells of it. An edit of sources.yaml holds from the next minute on, unless it has mistakes.
    """
    watcher = watching(load_config(settings.config_path))
    with open_store(settings.store_path) as store:
        asyncio.run(_watch(settings, watcher, store))


async def _watch(settings: Settings, watcher: Watcher, store: Store) -> None:
    from pipeline.fetch import Client
    from pipeline.schedule import keep_going

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    config = watcher.config
    async with Client(contact_url=config.contact_url) as client:
        shift = Shift(settings=settings, watcher=watcher, store=store, client=client)
        shift.say(f"Watching {len(config.sources)} sources for {len(config.works)} works. Ctrl-C stops it.")
        await keep_going(shift.look, shift.send, stop=stop)
        shift.say("Stopped.")


@dataclass(slots=True, kw_only=True)
class Shift:
    """What the two jobs of the daemon share."""

    settings: Settings
    watcher: Watcher
    store: Store
    client: Client
    problems: dict[str, str] = field(default_factory=dict)
    """The last problem said by each job, so that it is not said every few seconds."""
    version: tuple[int, int] | None = field(init=False)
    """Of sources.yaml when it was last read, by its time and size."""

    def __post_init__(self) -> None:
        self.version = self._version()

    async def look(self) -> None:
        from pipeline.fetch import utc_now
        from pipeline.schedule import LOOK_S

        self._follow_edits()
        try:
            # One host with a thousand sources would otherwise keep all others from being asked again for half an hour.
            looked = await look(self.watcher, self.store, client=self.client, clock=utc_now, lasting_s=LOOK_S)
        except StoreError as error:  # a full disk may have room again the next time
            self._problem("look", str(error))
            return
        self._problem("look", "\n".join(problems(looked, None)))
        if happened(looked, None) or (looked.cycle.polled and self.settings.verbosity > 0):
            self.say(summary(looked, None))

    async def send(self) -> None:
        from pipeline.fetch import utc_now

        try:
            sent = await send(self.watcher.config, self.store, clock=utc_now)
        except StoreError as error:
            self._problem("send", str(error))
            return
        if sent is None:
            return
        self._problem("send", "\n".join([*sent.failed.values(), *sent.dead.values(), *sent.held.values()]))
        for id_ in sent.delivered:
            entry = self.store.alert(id_)
            self.say(f"Sent: {entry.message.summary if entry else id_}")

    def say(self, line: str) -> None:
        if self.settings.verbosity >= 0:
            click.echo(f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M:%S} UTC  {line}", err=True)

    def _problem(self, job: str, said: str) -> None:
        if said and said != self.problems.get(job):
            click.echo(
                "\n".join(f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M:%S} UTC  {line}" for line in said.split("\n")),
                err=True,
            )
        self.problems[job] = said

    def _follow_edits(self) -> None:
        """Read sources.yaml again where it was edited; with mistakes in it, go on with what was read before."""
        version = self._version()
        if version in (None, self.version):
            return
        self.version = version
        try:
            config = load_config(self.settings.config_path)
        except ConfigError as error:
            self._problem("edit", f"{error}\nUntil that is put right, what was read before stays in use.")
            return
        self._problem("edit", "")
        if config.contact_url != self.watcher.config.contact_url:
            self.say("contact_url was edited; publishers are told the new one after a restart.")
        self.watcher = watching(config)
        self.say(f"Edited: watching {len(config.sources)} sources for {len(config.works)} works.")

    def _version(self) -> tuple[int, int] | None:
        """None while there is no such file, as for a moment when an editor puts a new one in its place."""
        try:
            status = self.settings.config_path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size
