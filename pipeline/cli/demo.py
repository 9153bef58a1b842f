"""`demo`: two years of recorded news through the real pipeline, and each alert arriving at a receiver on this machine.

Nothing here is a shortcut: the recording is polled with its times as the clock, alerts go through the outbox and over
HTTP, and the receiver takes a message only with its right signature (Standard Webhooks).
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hmac
import json
import secrets
import shutil
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from pipeline.cli import COMMANDS, STORE_NAME, Settings, pass_settings
from pipeline.cli.replay import Clock, play
from pipeline.config import load_config
from pipeline.rounds import digest_of
from pipeline.run import watching
from storage.errors import DeliveryError
from storage.model import DigestSettings
from storage.store import Store, open_store

Arrived = Callable[[Mapping[str, Any]], None]
"""Is told the body of each alert that arrives with its right signature."""

DIGEST_NAME = "digest.html"
QUOTE_CHARS = 150

_WRITTEN = (
    (STORE_NAME, "all that was read, what is believed, and why"),
    (DIGEST_NAME, "the digest of it all; open it in a browser"),
    ("sources.yaml", "what was watched, and who was told"),
)
_NEXT = (
    ("browse", "browse", "the store in a browser, with SQL"),
    ("timeline", "timeline for-all-mankind", "how its dates became what they are"),
    ("facts", "facts star-city", "what is believed about Star City"),
    ("digest", "digest --since 2026-02-26 --until 2026-02-27", "one day's news"),
    ("alerts", "alerts list", "what was sent, and when"),
    ("explain", "explain -", "what is read in a text: paste it, Ctrl-D"),
)


@click.command()
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), default="demo-output",
              show_default=True, metavar="FOLDER", help="Where the store and the digest are written.")  # fmt: skip
@pass_settings
def demo(settings: Settings, folder: Path) -> int | None:
    """Watch two years of recorded news go by, and each alert arrive.

    Eight invented outlets tell the news about For All Mankind and Star City from April 2024 to June 2026. They go
    through the real pipeline with the recorded times as the clock; the alerts are sent over HTTP to a receiver that
    this command starts on your machine and that checks every signature. Nothing leaves your machine.
    """
    prepare(folder)
    if settings.verbosity < 0:
        return _exit_code(asyncio.run(run_demo(folder, arrived=lambda alert: None)))
    with _screen() as (say, arrived, moment):
        say("Two years of news about For All Mankind and Star City, from eight outlets, as they were recorded.")
        tally = asyncio.run(run_demo(folder, arrived=arrived, moment=moment))
    click.echo("\n".join(_closing(folder, tally)))
    return _exit_code(tally)


def prepare(folder: Path) -> None:
    """Make the folder, without what an earlier demonstration left there; one that is something else is refused."""
    ours, there = files("pipeline.demo").joinpath("sources.yaml").read_text("utf-8"), folder / "sources.yaml"
    first_line = ours.partition("\n")[0]
    earlier = there.exists() and there.read_text("utf-8", "replace").startswith(first_line)
    if not earlier and (there.exists() or (folder / STORE_NAME).exists()):
        raise click.UsageError(f"{folder} has a watch of its own in it; name another folder with --to.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in (STORE_NAME, f"{STORE_NAME}-wal", f"{STORE_NAME}-shm", DIGEST_NAME):
        (folder / name).unlink(missing_ok=True)
    there.write_text(ours, "utf-8")


async def run_demo(
    folder: Path, *, arrived: Arrived, moment: Callable[[dt.datetime], None] = lambda at: None
) -> Counter[str]:
    """Play the recording into a store in `folder` (made by `prepare`), deliver, write the digest; counts by name.

    `moment` is told the recorded time of each run.
    """
    from pipeline.fetch import read_recording

    with as_file(files("pipeline.demo") / "history.warc.gz") as recording:
        exchanges = read_recording(recording)
    watcher, clock, tally = watching(load_config(folder / "sources.yaml")), Clock(exchanges[0].at), Counter[str]()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with open_store(folder / STORE_NAME) as store:
        async with receiver(secret, arrived, tally) as address:
            environ = {"FRANCHISE_WATCH_DEMO_URL": address, "FRANCHISE_WATCH_DEMO_SECRET": secret}
            async for report in play(exchanges, watcher, store, clock=clock):
                moment(clock.at)
                tally.update(runs=1, items=report.items, polls=report.polled, unchanged=report.unchanged)
                tally.update(failures=len(report.failures))
                if report.messages:
                    from alerts.deliver import deliver

                    delivered = await deliver(
                        store, watcher.config, transport=_own_network, clock=clock, environ=environ
                    )
                    tally["undelivered"] += not delivered.is_fine
        _write_digest(store, folder / DIGEST_NAME, exchanges[0].at, clock.at, watcher.config.digest)
    return tally


@asynccontextmanager
async def receiver(secret: str, arrived: Arrived, tally: Counter[str]) -> AsyncGenerator[str, None]:
    """The address, on loopback, of a receiver that takes only what is rightly signed; counts `alerts` and `forged`."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            pairs = (line.partition(":") for line in head.split("\r\n")[1:])
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            genuine = is_signed(headers, body, secret)
            tally["alerts" if genuine else "forged"] += 1
            if genuine:
                arrived(json.loads(body))
            status = "204 No Content" if genuine else "401 Unauthorized"
            writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        await server.wait_closed()


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """True where the signature is that of Standard Webhooks for this message; its age is not looked at.

    The official library signs again and the results are compared: its `verify` would refuse a recorded time.
    """
    from standardwebhooks import Webhook

    try:
        at = dt.datetime.fromtimestamp(int(headers["webhook-timestamp"]), dt.UTC)
        expected = Webhook(secret).sign(headers["webhook-id"], at, body.decode())
        given = headers["webhook-signature"].split()
    except (KeyError, ValueError, OverflowError):
        return False
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


def _own_network(target: object) -> Any:
    from pipeline.fetch import guarded_transport

    return guarded_transport(allow_private=True)


def _write_digest(
    store: Store, path: Path, since_at: dt.datetime, until_at: dt.datetime, wanted: DigestSettings
) -> None:
    from alerts.digest.html import render_html

    local_date = until_at.astimezone(ZoneInfo(wanted.timezone)).date()
    page = digest_of(store, since_at, until_at + dt.timedelta(minutes=1), wanted, local_date=local_date)
    path.write_text(render_html(page), "utf-8")


def _exit_code(tally: Counter[str]) -> int | None:
    return DeliveryError.exit_code if tally["forged"] or tally["undelivered"] else None


# --- what a person sees --------------------------------------------------------------------------------------------


@contextmanager
def _screen() -> Iterator[tuple[Callable[[str], None], Arrived, Callable[[dt.datetime], None]]]:
    """How to say a line, show an alert, and tell the time: in colour with a running clock where a person looks."""
    told: set[str] = set()
    if not sys.stdout.isatty():
        yield click.echo, lambda alert: click.echo("\n".join(_alert_lines(alert, told))), lambda at: None
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)

    def show(alert: Mapping[str, Any]) -> None:
        first, *quote = _alert_lines(alert, told)
        news, dash, said = first[13:].rpartition(" — ")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_row(Text(first[:11], style="dim"), Text.assemble((news, "bold"), (dash + said, "cyan")))
        for line in quote:
            grid.add_row("", Text(line.strip(), style="dim italic"))
        console.print(grid)

    with console.status("") as status:
        yield (
            lambda line: console.print(Text(line + "\n")),
            show,
            lambda at: status.update(Text(f"{at:%B %Y}", style="dim")),
        )


def _alert_lines(alert: Mapping[str, Any], told: set[str]) -> Iterator[str]:
    """The day with what changed; below it the sentence that says so, unless it was told already."""
    data, sentence = alert["data"], alert["data"]["sentence"]
    yield f"{dt.datetime.fromisoformat(alert['timestamp']):%d %b %Y}  {data['summary']}"
    if sentence and sentence not in told:
        told.add(sentence)
        cut = sentence if len(sentence) <= QUOTE_CHARS else sentence[: QUOTE_CHARS - 1].rsplit(" ", 1)[0] + "…"
        yield f"{'':<13}“{cut}”"


def _closing(folder: Path, tally: Counter[str]) -> Iterator[str]:
    signatures = "every signature was right" if not tally["forged"] else f"{tally['forged']} had a wrong signature"
    yield ""
    yield f"{tally['alerts']} alerts from {tally['items']} articles and edits; {signatures}."
    yield f"{tally['polls']} polls, {tally['unchanged']} of them without anything new, {tally['failures']} failed."
    yield ""
    width = max(len(str(folder / name)) for name, _ in _WRITTEN)
    yield from (f"  {folder / name!s:<{width}}  {what}" for name, what in _WRITTEN)
    yield ""
    yield f"Try next:  cd {folder}"
    if shutil.which("franchise-watch") is None:
        yield f'  export PATH="{Path(sys.argv[0]).resolve().parent}:$PATH"  # so that the command is found'
    commands = [(f"franchise-watch {line}", what) for name, line, what in _NEXT if name in COMMANDS]
    width = sorted(len(line) for line, _ in commands)[-2]
    yield from (f"  {line:<{width}}  {what}" for line, what in commands)
