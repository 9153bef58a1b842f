"""`explain`: what is read in a text, by which rule, from which sentence, and what would be alerted."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, TextIO
from urllib.parse import urlsplit

import click

from alerts.clean import one_line
from pipeline.cli import Settings, pass_settings
from pipeline.cli.asking import HOW_TO_ALLOW, client_for
from pipeline.cli.backtest import beliefs_of, config_of
from pipeline.cli.explained import Explanation, about, became, details, explain_item
from pipeline.cli.extract import claim_row
from pipeline.cli.marked import KIND_STYLES, Paragraph, plain_lines, step_text, steps
from pipeline.cli.parse import looks_like
from pipeline.cli.period import Moment
from pipeline.run import Watcher, watching
from storage.model import Config, Fetched, FetchState, Item, Source, SourceKind, Tier

MAX_BYTES = 20_000_000
TITLE_CHARS = 200
"""A longer first paragraph of a plain text is no headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """A text as it came, and from where."""

    content: bytes
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@click.command()
@click.argument("text", metavar="URL|FILE|-")
@click.option("--published", type=Moment(), metavar="WHEN",
              help="When it was published, if the text does not say it itself. [default: now]")  # fmt: skip
@click.option("--watch", "watch_file", type=click.File(encoding="utf-8"), metavar="FILE",
              help="A JSON list of {title, aliases, people, parent, known?} in place of sources.yaml.")  # fmt: skip
@click.option("--tier", type=click.Choice([tier.value for tier in Tier]),
              help="How close its source stands. [default: as the source at that address, else press]")  # fmt: skip
@click.option("--html", type=click.File("wb", atomic=True), metavar="FILE", help="Write a page to look at as well.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object a text.")
@click.option("--allow-private", is_flag=True, help="Let URL be an address in your own network.")
@pass_settings
def explain(
    settings: Settings,
    text: str,
    published: dt.datetime | dt.timedelta | None,
    watch_file: TextIO | None,
    tier: str | None,
    html: IO[bytes] | None,
    as_json: bool,
    allow_private: bool,
) -> None:
    """Show what is read in a text, by which rule, and what would be alerted.

    The text is a page's address, a file (plain text, an article or a feed) or - for standard input. Nothing is stored
    and nothing is sent; what is believed is taken from the store where there is one.
    """
    config = config_of(settings, watch_file)
    now = dt.datetime.now(dt.UTC)
    items = _items(_read(text, config, settings.store_path, allow_private=allow_private), config)
    dated = [replace(item, published_at=item.published_at or _moment(published, now)) for item in items]
    store_path = None if watch_file else settings.store_path
    explanations = explained(dated, watching(config), store_path, tier=Tier(tier) if tier else None)
    if html:
        from pipeline.cli.explained_html import explanations_html

        html.write(explanations_html(explanations).encode())
    for explanation in explanations:
        if as_json:
            click.echo(json.dumps(as_row(explanation), ensure_ascii=False))
        else:
            _show(explanation)


def explained(
    items: Sequence[Item], watcher: Watcher, store_path: Path | None, *, tier: Tier | None = None
) -> list[Explanation]:
    """Each item explained by itself, as of `tier` or else of its source's; one that the store has is recognised."""
    with ExitStack() as stack:
        store, ledger = None, "an empty ledger and what sources.yaml says is known"
        if store_path and store_path.exists():
            from storage.store import open_store

            store, ledger = stack.enter_context(open_store(store_path, read_only=True)), f"the store {store_path}"
        beliefs = beliefs_of(watcher.config, store)
        found = []
        for item in items:
            stored = store.item(item.url) if store and item.url else None
            if stored:
                item = replace(item, source_id=stored.item.source_id, identity=stored.item.identity)
            source = watcher.sources.get(item.source_id)
            weight = tier or (source.tier if source else Tier.PRESS)
            found.append(explain_item(item, watcher, beliefs, tier=weight, ledger=ledger))
    return found


def as_row(explanation: Explanation) -> dict[str, Any]:
    """An explanation as programs get it."""
    item = explanation.item
    return {
        "title": item.title,
        "url": item.url,
        "published": item.published_at.isoformat() if item.published_at else None,
        "ledger": explanation.ledger,
        "summary": explanation.summary,
        "alerts": len(explanation.alerts),
        "named": [work.id for work in explanation.named],
        "claims": [
            claim_row(line.claim)
            | {"change": line.change.kind.value, "became": became(line.change), "supersedes": line.change.supersedes}
            | {"routes": [{"route": route.id, "why_not": reason} for route, reason in line.routes]}
            for line in explanation.lines
            if line.claim and line.change
        ],
        "left_out": [
            {"kind": line.mention.kind.value, "rule": line.mention.rule, "sentence": line.mention.sentence}
            | {"why": line.left_out}
            for line in explanation.lines
            if line.claim is None
        ],
    }


# --- getting the text ------------------------------------------------------------------------------------------------


def _read(text: str, config: Config, store_path: Path, *, allow_private: bool) -> _Body:
    if urlsplit(text).scheme in ("http", "https"):
        return asyncio.run(_fetched(text, config, store_path, allow_private=allow_private))
    if text == "-":
        return _Body(content=sys.stdin.buffer.read(MAX_BYTES))
    try:
        with Path(text).open("rb") as file:
            return _Body(content=file.read(MAX_BYTES))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise click.UsageError(f"{text} cannot be read ({reason}); give an address, a file or - .") from error


async def _fetched(url: str, config: Config, store_path: Path, *, allow_private: bool) -> _Body:
    from pipeline.fetch import fetch_one

    async with client_for(config, store_path, remedy=HOW_TO_ALLOW) as client:
        page = await fetch_one(url, client=client, allow_private=allow_private)
    return _Body(content=page.body, url=page.url, headers=tuple(page.headers.items()))


def _items(body: _Body, config: Config) -> list[Item]:
    """The pieces a body holds: those of a feed, or the one article or plain text that it is."""
    source = _source(body.url, config)
    kind = looks_like(body.content)
    if kind in ("feed", "sitemap"):
        from pipeline.parse.sandbox import parse_safely

        read_as = replace(source, kind=SourceKind(kind))
        return list(parse_safely(_as_fetched(body, source), read_as).items)
    if kind == "article":
        from pipeline.parse.sandbox import parse_article_safely

        article = parse_article_safely(source.id, body.content, body.url, dict(body.headers))
        if not article.text:
            click.echo(f"This page holds no article: {article.reason}", err=True)
        return [replace(_item(source, body.url, article.title, article.text), published_at=article.published_at)]
    return [_plain(source, body)]


def _source(url: str, config: Config) -> Source:
    """The followed source at the same host, whose word weighs as it does in `run`; else a stranger of tier press."""
    host = urlsplit(url).hostname
    for source in config.sources:
        if host and urlsplit(source.url).hostname == host:
            return source
    return Source(id="explain", name="explain", kind=SourceKind.FEED, url=url, tier=Tier.PRESS)


def _as_fetched(body: _Body, source: Source) -> Fetched:
    state = FetchState(source_id=source.id, url=body.url)
    return Fetched(
        source_id=source.id,
        url=body.url,
        status_code=200,
        headers=dict(body.headers),
        body=body.content,
        fetched_at=dt.datetime.now(dt.UTC),
        state=state,
    )


def _plain(source: Source, body: _Body) -> Item:
    """A plain text; a short first paragraph with more below is its headline."""
    words = body.content.decode("utf-8-sig", "replace").strip()
    first, _, rest = words.partition("\n")
    title = first if rest.strip() and len(first) <= TITLE_CHARS else ""
    return _item(source, body.url, title, rest.strip() if title else words)


def _item(source: Source, url: str, title: str, text: str) -> Item:
    return Item(source_id=source.id, identity=url or "text", url=url or None, title=title, text=text)


def _moment(given: dt.datetime | dt.timedelta | None, now: dt.datetime) -> dt.datetime:
    if given is None:
        return now
    if isinstance(given, dt.timedelta):
        return now - given
    return given.astimezone(dt.UTC) if given.tzinfo else given.replace(tzinfo=dt.UTC)


# --- showing it ------------------------------------------------------------------------------------------------------


def _show(explanation: Explanation) -> None:
    click.echo(about(explanation))
    click.echo()
    _show_marked(explanation.paragraphs)
    for line in explanation.lines:
        click.echo("\n".join(_line(line.number, details(line, explanation))))
    click.echo(one_line(explanation.summary, 4000) + "\n")


def _line(number: int, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    for label, words in rows:
        yield f"{'':4}{label:<9} {words}" if label else f"{number:>2}. {words}"


def _show_marked(paragraphs: Sequence[Paragraph]) -> None:
    """With colour where a person looks at a terminal; the numbers and brackets say the same without."""
    if not sys.stdout.isatty():
        for line in plain_lines(paragraphs):
            click.echo(f"{line}\n")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for paragraph in paragraphs:
        shown = Text(style="bold" if paragraph.field == "title" else "")
        for step in steps(paragraph):
            mark = step[1]
            shown.append(step_text(step), KIND_STYLES[mark.kind] if mark else "")
        console.print(shown)
        console.print()
