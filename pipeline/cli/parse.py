"""`franchise-watch parse`: a body as it came → what would be stored of it, as JSON lines, for other programs."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import click

from pipeline.parse.parsed import MAX_BODY_BYTES, Article
from pipeline.parse.sandbox import CHILDREN, parse_article_safely, parse_safely
from storage.errors import ParseError
from storage.model import Fetched, FetchState, Item, Selectors, Source, SourceKind, Tier

KINDS = ("feed", "page", "article", "sitemap")
WINDOW = 64
"""Rows read ahead of the one that is written next."""

_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|main|div|p)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """One body to be read, and how."""

    content: bytes
    url: str
    kind: str | None
    is_text: bool = False
    """True where it came as characters: what it declares about its charset is then void."""


@click.command("parse")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--url", default="", help="Where the body came from: relative links are resolved against it.")
@click.option("--kind", type=click.Choice(KINDS), help="How to read it. [default: as it looks]")
@click.option("--item", metavar="CSS", help="For a page: the element that is repeated for each item.")
@click.option("--title", metavar="CSS", help="For a page: the title inside an item.")
@click.option("--link", metavar="CSS", help="For a page: the link inside an item.")
@click.option("--date", metavar="CSS", help="For a page: the date inside an item.")
@click.option("--summary", metavar="CSS", help="For a page: the summary inside an item.")
@click.option("--region", metavar="CSS", help="For a page watched as a whole: the part that matters.")
@click.option("--jsonl", is_flag=True, help="FILE holds lines {id, url?, kind?, path | body}; one answer for each.")
def parse_command(
    file: IO[bytes], url: str, kind: str | None, region: str | None, jsonl: bool, item: str | None, **inside: str | None
) -> None:
    """Read a feed, page, article or sitemap (FILE, or - for standard input) and write what would be stored of it.

    One line for each item: {id, url, title, published, updated, summary, text}; for an article one line
    {title, published, text}. With --jsonl one line for each row: {id, items | article | error}.
    """
    if any(inside.values()) and not item:
        raise click.UsageError("--title, --link, --date and --summary are looked up inside --item; give that too")
    selectors = Selectors(item=item, **inside) if item else None
    source = Source(
        id="stdin",
        name=url or "stdin",
        kind=SourceKind.FEED,
        url=url,
        tier=Tier.PRESS,
        selectors=selectors,
        region=region,
    )
    default = _Body(content=b"", url=url, kind=kind or ("page" if selectors or region else None))
    if jsonl:
        for answer in _answers(file, source, default):
            _write(answer)
        return
    content = file.read(MAX_BODY_BYTES + 1)
    result = _read(_Body(content=content, url=url, kind=default.kind), source)
    if "error" in result:
        raise ParseError(getattr(file, "name", "-"), result["error"])
    for line in result["items"] if "items" in result else [result["article"]]:
        _write(line)


def _answers(lines: Iterable[bytes], source: Source, default: _Body) -> Iterator[dict[str, Any]]:
    """One answer a row, in the rows' order, several being read at once."""
    waiting: deque[Future[dict[str, Any]]] = deque()
    with ThreadPoolExecutor(max_workers=CHILDREN) as readers:
        for line in lines:
            if line.strip():
                waiting.append(readers.submit(partial(_answer, line, source, default)))
            if len(waiting) >= WINDOW:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _answer(line: bytes, source: Source, default: _Body) -> dict[str, Any]:
    """A row's answer; whatever is wrong with the row is the answer's `error`."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"this line is not JSON ({error})"}
    if not isinstance(row, dict):
        return {"id": None, "error": "this line is no object; give {id, url?, kind?, path | body}"}
    try:
        return {"id": row.get("id"), **_read(_body(row, default), source)}
    except ValueError as error:
        return {"id": row.get("id"), "error": str(error)}


def _body(row: dict[str, Any], default: _Body) -> _Body:
    """What a row asks for. Raises ValueError saying what is wrong with it."""
    kind, url = row.get("kind") or default.kind, row.get("url") or default.url
    if kind is not None and kind not in KINDS:
        raise ValueError(f"`kind` {kind!r} is none of {', '.join(KINDS)}")
    if not isinstance(url, str):
        raise ValueError("`url` must be text")
    match row:
        case {"body": str(body)}:
            return _Body(content=body.encode("utf-8", "replace"), url=url, kind=kind, is_text=True)
        case {"path": str(path)}:
            try:
                with Path(path).open("rb") as file:
                    return _Body(content=file.read(MAX_BODY_BYTES + 1), url=url, kind=kind)
            except (OSError, ValueError) as error:
                raise ValueError(f"`path` cannot be read: {error}") from error
        case _:
            raise ValueError("`body` (text) or `path` (text) is missing")


def _read(body: _Body, source: Source) -> dict[str, Any]:
    """`{items: …}`, `{article: …}` or `{error: …}`."""
    kind = body.kind or looks_like(body.content) or "feed"
    media = "text/html" if kind in ("page", "article") else "application/xml"
    headers = {"content-type": f"{media}; charset=utf-8"} if body.is_text else {}
    try:
        if kind == "article":
            return {"article": _article(parse_article_safely(source.id, body.content, body.url, headers))}
        read_as = Source(
            id=source.id, name=source.name, kind=SourceKind(kind), url=body.url, tier=source.tier,
            selectors=source.selectors, region=source.region,
        )  # fmt: skip
        fetched = Fetched(
            source_id=source.id, url=body.url, status_code=200, headers=headers, body=body.content,
            fetched_at=dt.datetime.now(dt.UTC), state=FetchState(source_id=source.id, url=body.url),
        )  # fmt: skip
        return {"items": [_item(item) for item in parse_safely(fetched, read_as).items]}
    except ParseError as error:
        return {"error": error.reason}


def looks_like(content: bytes) -> str | None:
    """The kind a body seems to be, by its first tags; None where it looks like none."""
    head = content[:8000].replace(b"\0", b"")
    found = [(match.start(), kind) for kind, form in _FORMS if (match := form.search(head))]
    return min(found)[1] if found else None


_FORMS = (("sitemap", _SITEMAP), ("feed", _FEED), ("article", _HTML))


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.identity,
        "url": item.url,
        "title": item.title,
        "published": _time(item.published_at),
        "updated": _time(item.updated_at),
        "summary": item.summary,
        "text": item.text,
    }


def _article(article: Article) -> dict[str, Any]:
    answer = {"title": article.title, "published": _time(article.published_at), "text": article.text}
    return answer | ({"reason": article.reason} if article.reason else {})


def _time(at: dt.datetime | None) -> str | None:
    """ISO 8601 in UTC, ending in Z."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if at else None


def _write(answer: dict[str, Any]) -> None:
    click.echo((json.dumps(answer, ensure_ascii=False) + "\n").encode("utf-8", "replace"), nl=False)
