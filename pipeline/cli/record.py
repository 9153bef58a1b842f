"""`record`: write what the network answers to a WARC file, for a bug report, a test or a replay."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.cli import Settings, pass_settings
from pipeline.cli.asking import HOW_TO_ALLOW
from pipeline.config import load_config
from storage.errors import FetchError
from storage.model import Config


@click.command()
@click.option("--run", "whole_run", is_flag=True, help="Record one poll of every source in sources.yaml.")
@click.option("--allow-private", is_flag=True, help="Let URL be an address in your own network.")
@click.argument("addresses", nargs=-1, metavar="[URL]...")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.warc.gz")
@pass_settings
def record(
    settings: Settings, whole_run: bool, allow_private: bool, addresses: tuple[str, ...], file: Path
) -> int | None:
    """Record what addresses, or all sources, answer.

    Headers and bodies are kept byte for byte with their times; cookies, authorisation and tokens in addresses are not
    written. FILE is added to where it is there. With --run every source is asked as by a watch that knows nothing yet;
    your store is neither read nor changed. `replay` runs the pipeline over such a file.
    """
    if whole_run == bool(addresses):
        raise click.UsageError("Give the addresses to record, or --run for all sources.")
    if not file.name.endswith((".warc", ".warc.gz")):
        raise click.UsageError(f"{file.name} must end in .warc.gz, or .warc for a file that is not compressed.")
    if whole_run:
        failures = asyncio.run(_record_run(load_config(settings.config_path), file))
    else:
        failures = asyncio.run(_record_addresses(addresses, file, allow_private=allow_private))
    for failure in failures:
        click.echo(failure, err=True)
    if settings.verbosity >= 0:
        click.echo(f"{file}: {file.stat().st_size / 1000:.0f} kB", err=True)
    return FetchError.exit_code if failures else None


async def _record_run(config: Config, file: Path) -> list[str]:
    """What failed, a line each; failures are recorded as far as there was an answer."""
    from pipeline.fetch import Client, Recorder, utc_now
    from pipeline.run import run_cycle, watching
    from storage.store import open_store

    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "new.db") as store,
        Recorder(file, clock=utc_now) as recorder,
    ):
        async with Client(contact_url=config.contact_url, wrap=recorder.wrap) as client:
            report = await run_cycle(watching(config), store, client=client, clock=utc_now)
    return [f"{source_id}: {reason}" for source_id, reason in report.failures.items()]


async def _record_addresses(addresses: Sequence[str], file: Path, *, allow_private: bool) -> list[str]:
    from pipeline.fetch import Client, Recorder, Robots, fetch_one, utc_now

    failures = []
    with Recorder(file, clock=utc_now) as recorder:
        async with Client(wrap=recorder.wrap, remedy=HOW_TO_ALLOW) as client:
            robots = Robots(client)
            for address in addresses:
                try:
                    await fetch_one(address, client=client, allow_private=allow_private, robots=robots)
                except FetchError as error:
                    failures.append(str(error))
    return failures
