"""`check`: is sources.yaml right, and what does it say? Every mistake at once, or a summary."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import Settings, pass_settings
from pipeline.cli.asking import client_for
from pipeline.config import load_config
from storage.errors import ConfigError, SourceError
from storage.model import Config, DigestSettings, Fetched, FetchState, Route, SecretRef, Source, SourceKind, Work

if TYPE_CHECKING:
    from pipeline.fetch import Client, Robots

Probe = Callable[[Config], Mapping[str, str | None]]
"""Asks every enabled source once: source id → what is wrong with it, or None."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@click.option("--online/--offline", default=False, show_default=True, help="Ask every source once, too.")
@pass_settings
def check(settings: Settings, as_json: bool, online: bool) -> int:
    """Check sources.yaml and show what it says.

    Every mistake is shown at once with its line and column; then the exit code is 3. With --online every enabled source
    is asked once and its answer is read; where one fails the exit code is 4. Nothing is stored.
    """
    return report(settings, as_json=as_json, probe=lambda config: ask(config, settings.store_path) if online else {})


def ask(config: Config, store_path: Path) -> Mapping[str, str | None]:
    """The `Probe` of --online; a host that asked for quiet is left alone."""
    return asyncio.run(_ask(config, store_path))


async def _ask(config: Config, store_path: Path) -> Mapping[str, str | None]:
    from pipeline.fetch import Robots

    async with client_for(config, store_path) as client:
        robots, enabled = Robots(client), [source for source in config.sources if source.enabled]
        answers = await asyncio.gather(*(_lack_of(source, client, robots) for source in enabled))
    return {source.id: lack for source, lack in zip(enabled, answers, strict=True)}


async def _lack_of(source: Source, client: Client, robots: Robots) -> str | None:
    from pipeline.fetch import fetch_one
    from pipeline.parse.sandbox import parse_safely

    asked = robots if source.kind is SourceKind.PAGE else None
    try:
        page = await fetch_one(
            source.url, client=client, source_id=source.id, kind=source.kind,
            allow_private=source.allow_private, robots=asked,
        )  # fmt: skip
        fetched = Fetched(
            source_id=source.id, url=page.url, status_code=page.status_code, headers=page.headers, body=page.body,
            fetched_at=page.fetched_at, state=FetchState(source_id=source.id, url=source.url),
        )  # fmt: skip
        await asyncio.to_thread(parse_safely, fetched, source)
    except SourceError as error:
        return error.reason
    return None


def report(settings: Settings, *, as_json: bool, probe: Probe | None = None) -> int:
    """Print the summary or the mistakes and return the exit code: 0, 3 for mistakes, 4 where a probed source fails."""
    try:
        config = load_config(settings.config_path)
    except ConfigError as error:
        if not as_json:
            raise
        click.echo(json.dumps({"ok": False, "mistakes": [_taken_apart(mistake) for mistake in error.mistakes]}))
        return error.exit_code
    problems = {id_: problem for id_, problem in (probe(config) if probe else {}).items() if problem}
    if as_json:
        counts = {"franchises": len(config.franchises), "works": len(config.works), "sources": len(config.sources)}
        counts |= {"routes": len(config.routes)}
        answer = {"ok": not problems, "counts": counts, "unset": unset(config), "sources": problems}
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif settings.verbosity >= 0:
        click.echo("\n".join(_summary(settings.config_path, config)))
    for id_, problem in problems.items():
        click.echo(f"{id_}: {problem}", err=True)
    return 4 if problems else 0


def unset(config: Config) -> list[str]:
    """What routes and the digest need and is not there: `target phone: the environment variable X is not set`."""
    targets = {route.target.id: route.target for route in config.routes}
    if config.digest.target:
        targets[config.digest.target.id] = config.digest.target
    found = []
    for target in targets.values():
        missing = [lack for ref in (target.url, target.secret) if ref and (lack := _lack(ref))]
        wait = "; its alerts wait in the store until it is" if target.optional else ""
        found += [f"target {target.id}: {lack}{wait}" for lack in missing]
    return found


def _lack(ref: SecretRef) -> str | None:
    if ref.env and not (os.environ.get(ref.env) or os.environ.get(f"{ref.env}_FILE")):
        return f"the environment variable {ref.env} is not set"
    if ref.file and not Path(ref.file).is_file():
        return f"the file {ref.file} is not there"
    return None


def _taken_apart(mistake: str) -> dict[str, Any]:
    form = re.fullmatch(r"(?s)(.*?):(?:(\d+):(\d+):)? (.*)", mistake)
    if not form:
        return {"message": mistake}
    file, line, column, message = form.groups()
    return {"file": file, "line": int(line or 0) or None, "column": int(column or 0) or None, "message": message}


def _summary(path: Path, config: Config) -> Iterable[str]:
    yield f"{path} is right."
    yield f"  franchises {len(config.franchises):4}  {', '.join(f.title for f in config.franchises)}"
    yield f"  works      {len(config.works):4}  {', '.join(_work(work, config.works) for work in config.works)}"
    yield f"  sources    {len(config.sources):4}  {_tiers(config.sources)}"
    yield f"  routes     {len(config.routes):4}  {', '.join(_route(route) for route in config.routes)}".rstrip()
    yield f"  digest           {_digest(config.digest)}"
    yield from unset(config)


def _work(work: Work, works: Iterable[Work]) -> str:
    parent = next((other.title for other in works if other.id == work.parent), None)
    return f"{work.title} (spin-off of {parent})" if parent else work.title


def _tiers(sources: Iterable[Source]) -> str:
    counts = Counter(source.tier for source in sources if source.enabled)
    said = [f"{counts[tier]} {tier}" for tier in sorted(counts, key=lambda tier: -tier.rank)]
    off = sum(not source.enabled for source in sources)
    return ", ".join([*said, f"{off} switched off"] if off else said)


def _route(route: Route) -> str:
    return f"{route.id} to {route.target.id}"


def _digest(digest: DigestSettings) -> str:
    places = [place for place in (digest.path, digest.target and digest.target.id) if place]
    to = f" to {' and '.join(places)}" if places else ""
    return f"daily at {digest.at:%H:%M} {digest.timezone} as {digest.format}{to}"
