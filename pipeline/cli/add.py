"""`add`: from the address of any page to an entry in sources.yaml, with a look at what it would bring."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import click

from alerts.clean import one_line
from pipeline.cli import Settings, pass_settings
from pipeline.cli.asking import HOW_TO_ALLOW, client_for
from pipeline.cli.explained import asserted, qualities
from pipeline.config import load_config, slug
from pipeline.config.edit import add_source, as_yaml
from pipeline.fetch import Client, Document, Robots, fetch_one, utc_now
from pipeline.fetch.politeness import host_of
from pipeline.fetch.redact import redacted
from pipeline.parse.discover import feed_kind, hub_named, news_sitemaps, usual_addresses
from pipeline.parse.identity import canonical_url
from pipeline.parse.parsed import Candidate, Parsed, web_url
from pipeline.parse.sandbox import feeds_named_safely, parse_safely
from pipeline.run import Watcher, understand, watching
from storage.errors import ParseError, SourceError
from storage.model import Claim, Config, Fetched, FetchState, Item, Reading, Selectors, Source, SourceKind, Tier

SHOWN = 5
"""Items that are shown, the newest."""
LONGEST_TITLE_ID = 30
"""A longer title makes no readable id; the host does."""

Choose = Callable[[Sequence[Candidate]], Candidate]
"""Asks which of several is meant."""


class Say(Protocol):
    """Tells the user what is neither an error nor a question."""

    def __call__(self, words: str, *, err: bool = False) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed or news sitemap that was read, and the WebSub hub it names."""

    candidate: Candidate
    parsed: Parsed
    answered_url: str
    """After redirects."""
    hub_url: str | None


@click.command()
@click.argument("url")
@click.option("--id", "id_", metavar="ID", help="The key in the store. [default: made of the title or the host]")
@click.option("--name", help="The outlet, as alerts name it. [default: the feed's title]")
@click.option("--tier", type=click.Choice([tier.value for tier in Tier]), default=Tier.PRESS.value, show_default=True,
              help="How close it stands to those who decide.")  # fmt: skip
@click.option("--feed", metavar="ADDRESS", help="Which feed, where the page has several; the page is not asked then.")
@click.option("--yes", is_flag=True, help="Write the entry without asking.")
@click.option("--allow-private", is_flag=True, help="Let it be an address in your own network.")
@click.option("--dry-run", is_flag=True, help="Show everything and write nothing.")
@pass_settings
def add(
    settings: Settings,
    url: str,
    id_: str | None,
    name: str | None,
    tier: str,
    feed: str | None,
    yes: bool,
    allow_private: bool,
    dry_run: bool,
) -> None:
    """Find the feeds of a page, show what one would bring, and write it into sources.yaml.

    URL is any page of the site, or the feed itself. What is in sources.yaml already stays as it is, comments and all.
    """
    say = _silence if settings.verbosity < 0 else _say
    config = load_config(settings.config_path, begun=True)
    _check_id(id_, config)
    address = url if "://" in url else f"https://{url}"
    found = asyncio.run(_found(address, feed, config, settings.store_path, say, allow_private=allow_private))
    if followed := _followed(config, found.candidate.url, found.answered_url):
        say(f"{found.candidate.url} is in {settings.config_path} already, as {followed.id}; nothing was written.")
        return
    source = _source(found, config, Tier(tier), id_=id_, name=name, allow_private=allow_private)
    say("\n".join(_shown(found, source, watching(config), utc_now())))
    if dry_run or not _wanted(source, settings, yes=yes):
        say("Nothing was written.")
        return
    add_source(settings.config_path, source)
    say(f"{source.id} is in {settings.config_path} now. The first look at it is silent; `run` begins.")


async def find(
    url: str,
    *,
    client: Client,
    choose: Choose,
    allow_private: bool = False,
    progress: Callable[[str], None] = lambda said: None,
) -> Found:
    """The feed at `url`, or the one `choose` takes of those its page names; else what is at the usual addresses.

    Addresses that nobody named are asked only where robots.txt allows. Raises FetchError, which says until when where
    the host asks for quiet, or ParseError with what to try where nothing was found.
    """
    page = await fetch_one(url, client=client, allow_private=allow_private)
    if kind := feed_kind(page.body):
        return _read(Candidate(url=url, kind=kind), page)
    if named := feeds_named_safely(redacted(url), page.body, page.url, page.headers):
        chosen = choose(named) if len(named) > 1 else named[0]
        return await read(chosen, client=client, allow_private=allow_private)
    progress(f"{redacted(page.url)} names no feed; trying the usual addresses, which takes some seconds")
    robots = Robots(client)
    await robots.allows(page.url, source_id=redacted(url), allow_private=allow_private)
    for guess in usual_addresses(page.url):
        if found := await _tried(guess, client, robots, allow_private):
            return found
    rules = [site.rules for site in client.sites.values() if site.rules]
    for guess in news_sitemaps((address for rule in rules for address in rule.sitemaps), page.url):
        if found := await _tried(guess, client, robots, allow_private):
            return found
    raise ParseError(redacted(url), _no_feed(page.url, allow_private=allow_private))


async def read(
    candidate: Candidate, *, client: Client, allow_private: bool = False, robots: Robots | None = None
) -> Found:
    """What is at that address, read as `run` would; raises FetchError or ParseError."""
    document = await fetch_one(
        candidate.url, client=client, kind=candidate.kind, allow_private=allow_private, robots=robots
    )
    return _read(candidate, document)


# --- finding ---------------------------------------------------------------------------------------------------------


async def _found(
    address: str, feed: str | None, config: Config, store_path: Path, say: Say, *, allow_private: bool
) -> Found:
    def choose(named: Sequence[Candidate]) -> Candidate:
        return _chosen(named, config)

    def progress(words: str) -> None:
        say(one_line(words, 400), err=True)

    async with client_for(config, store_path, remedy=HOW_TO_ALLOW) as client:
        if feed is None:
            return await find(address, client=client, choose=choose, allow_private=allow_private, progress=progress)
        if (there := web_url(feed, address)) is None:
            raise click.UsageError(f"--feed {feed!r} is no address; give it whole, or as it stands in the page")
        return await read(Candidate(url=there), client=client, allow_private=allow_private)


def _say(words: str, *, err: bool = False) -> None:
    click.echo(words, err=err)


def _silence(words: str, *, err: bool = False) -> None:
    """What `-q` says of everything but errors and questions."""


async def _tried(guess: Candidate, client: Client, robots: Robots, allow_private: bool) -> Found | None:
    """What is there, or None; a host that has had enough is not guessed at any more."""
    try:
        return await read(guess, client=client, allow_private=allow_private, robots=robots)
    except SourceError:
        if client.held_until(host_of(guess.url)):
            raise
        return None


def _read(candidate: Candidate, document: Document) -> Found:
    bare = candidate.url.partition("#")[0]
    candidate = replace(candidate, url=bare, kind=feed_kind(document.body) or candidate.kind)
    source = _as_source(candidate)
    fetched = Fetched(
        source_id=source.id, url=document.url, status_code=document.status_code, headers=document.headers,
        body=document.body, fetched_at=document.fetched_at, state=FetchState(source_id=source.id, url=source.url),
    )  # fmt: skip
    parsed = parse_safely(fetched, source)
    hub = parsed.hints.hub_url or hub_named(document.headers, document.url)
    return Found(candidate=candidate, parsed=parsed, answered_url=document.url, hub_url=hub)


def _as_source(candidate: Candidate) -> Source:
    host = _host(candidate.url)
    return Source(id=slug(host), name=host, kind=candidate.kind, url=candidate.url, tier=Tier.PRESS)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url).removeprefix("www.")


def _no_feed(url: str, *, allow_private: bool) -> str:
    """What to try, with an entry that can be pasted."""
    page = _as_source(Candidate(url=url, kind=SourceKind.PAGE))
    source = replace(page, selectors=Selectors(item="article"), allow_private=allow_private)
    return (
        "no feed was found on this page, in robots.txt or where feeds usually are. Try another page of the site, or "
        "give --feed. Without one it can be watched as a page: put this under `sources:` in sources.yaml, with the CSS "
        f"selector of what is repeated for each piece of news, and run `check --online`:\n\n{as_yaml(source)}"
    )


# --- asking ----------------------------------------------------------------------------------------------------------


def _check_id(id_: str | None, config: Config) -> None:
    if id_ is None:
        return
    if slug(id_) != id_:
        raise click.UsageError(f"--id must be small letters, digits and single hyphens, for example {slug(id_)}")
    if any(source.id == id_ for source in config.sources):
        raise click.UsageError(f"a source {id_} is in sources.yaml already; give another --id")


def _chosen(named: Sequence[Candidate], config: Config) -> Candidate:
    """The one that a person at a terminal takes; UsageError with the list where nobody sits there."""
    lines = [f"{number:>3}. {_called(one, config)}" for number, one in enumerate(named, start=1)]
    if not sys.stdin.isatty():
        raise click.UsageError("This page has several feeds; say which with --feed ADDRESS:\n" + "\n".join(lines))
    click.echo("\n".join(lines))
    return named[click.prompt("Which feed", type=click.IntRange(1, len(named)), default=1) - 1]


def _called(one: Candidate, config: Config) -> str:
    followed = _followed(config, one.url)
    title = f"  {one_line(one.title, 100)}" if one.title else ""
    return f"{one.url}{title}" + (f"  (followed already, as {followed.id})" if followed else "")


def _wanted(source: Source, settings: Settings, *, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError("Nothing was written, for nobody can be asked here: give --yes, or --dry-run to look")
    return click.confirm(f"Write {source.id} into {settings.config_path}?", default=True)


def _followed(config: Config, *urls: str) -> Source | None:
    canonical = {canonical_url(url) for url in urls}
    return next((source for source in config.sources if canonical_url(source.url) in canonical), None)


def _source(
    found: Found, config: Config, tier: Tier, *, id_: str | None, name: str | None, allow_private: bool
) -> Source:
    host = _host(found.candidate.url)
    title = one_line(name or found.parsed.hints.title or found.candidate.title or host, 100) or host
    wanted, taken = slug(title), {source.id for source in config.sources}
    if len(wanted) > LONGEST_TITLE_ID:
        wanted = slug(host)
    numbered = (wanted if n == 1 else f"{wanted}-{n}" for n in range(1, len(taken) + 2))
    return Source(
        id=id_ or next(one for one in numbered if one not in taken),
        name=title,
        kind=found.candidate.kind,
        url=found.candidate.url,
        tier=tier,
        allow_private=allow_private,
    )


# --- showing ---------------------------------------------------------------------------------------------------------


def _shown(found: Found, source: Source, watcher: Watcher, now: dt.datetime) -> Iterator[str]:
    """The newest items with what is read in them, what else is to be known, and the entry."""
    items = [replace(item, source_id=source.id) for item in found.parsed.items]
    long_ago = dt.datetime.min.replace(tzinfo=dt.UTC)
    newest = sorted(items, key=lambda item: item.published_at or long_ago, reverse=True)

    def read_in(item: Item) -> tuple[list[str], list[str]]:
        reading, claims = understand(item, watcher.watch, tier=source.tier, seen_at=now)
        return [_claimed(claim, watcher) for claim in claims], _merely_named(reading, watcher)

    yield f"{source.name}: {redacted(source.url)} has {len(items)} item{'s' * (len(items) != 1)}"
    for item in newest[:SHOWN]:
        day = f"{item.published_at:%Y-%m-%d}" if item.published_at else "no date"
        yield f"  {day:<10}  {one_line(item.title or item.url or 'without a title', 120)}"
        claims, named = read_in(item)
        yield from claims or named
    older = [(item, told) for item in newest[SHOWN:] if (told := read_in(item)[0])]
    for item, told in older[:SHOWN]:
        yield f"  {'older':<10}  {one_line(item.title, 120)}"
        yield from told
    if len(older) > SHOWN:
        yield f"  {'older':<10}  and {len(older) - SHOWN} more in which something is read"
    if found.hub_url:
        yield f"It names a WebSub hub ({found.hub_url}); nothing is subscribed, it is asked as every source is."
    yield from (f"Note: {one_line(warning, 300)}" for warning in found.parsed.warnings)
    yield f"\n{as_yaml(source)}\n"


def _claimed(claim: Claim, watcher: Watcher) -> str:
    title = watcher.watch.works[claim.slot.work_id].title
    return f"{'':14}→ {one_line(f'{title}, {asserted(claim)} ({qualities(claim)})', 200)}"


def _merely_named(reading: Reading, watcher: Watcher) -> list[str]:
    named = dict.fromkeys(id for naming in reading.namings for id in naming.works)
    titles = " and ".join(watcher.watch.works[id].title for id in named)
    return [f"{'':14}→ names {titles}, and announces nothing"] * bool(named)
