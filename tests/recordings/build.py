"""Records the demonstration: a loopback server tells the texts of history/ as outlets do, and the pipeline polls it.

    python -m tests.recordings.build [FILE]

writes `pipeline/demo/history.warc.gz`. The clock is set to each time of polls.yaml in turn; what the outlets answer
follows from it alone, and the watch asks them under their own names, as it would in the world.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import hashlib
import html
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx
from ruamel.yaml import YAML

from pipeline.cli.replay import Clock
from pipeline.config import load_config
from pipeline.fetch import Client, Recorder
from pipeline.run import run_cycle, watching
from storage.store import open_store
from tests.servers import Answer, Asked, Server

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "pipeline" / "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An item as it reads at one time."""

    url: str
    id: str
    published_at: dt.datetime
    updated_at: dt.datetime
    title: str
    summary: str
    text: str


def polls() -> list[dt.datetime]:
    """When the watch looks."""
    plan = _yaml(HERE / "polls.yaml")
    first, last, step = _utc(plan["first"]), _utc(plan["last"]), dt.timedelta(days=plan["every_days"])
    regular = {first + n * step for n in range((last - first) // step + 1)}
    return sorted(regular | {_utc(at) for at in plan["also"]})


def outlets() -> list[dict[str, Any]]:
    """The eight outlets with their texts."""
    return [_yaml(path) for path in sorted((HERE / "history").glob("*.yaml"))]


def texts(outlet: dict[str, Any], now: dt.datetime) -> list[Text]:
    """What an outlet has published by `now`, newest first, each as it reads then."""
    published = [_text(outlet, item, now) for item in outlet["items"] if _utc(item["at"]) <= now]
    return sorted(published, key=lambda text: text.published_at, reverse=True)


async def record(path: Path) -> None:
    """Poll the whole history into the WARC file at `path`, which is written anew."""
    path.unlink(missing_ok=True)
    watcher, clock = watching(load_config(DEMO / "sources.yaml")), Clock(polls()[0])
    async with Server(dict(_pages(outlets(), clock))) as server:
        with (
            Recorder(path, clock=clock) as recorder,
            tempfile.TemporaryDirectory() as folder,
            open_store(Path(folder) / "recorded.db") as store,
        ):
            network = _ToServer(server.url())
            async with Client(clock=clock, transport=network, wrap=recorder.wrap, gap_s=0, concurrency=1) as client:
                for clock.at in polls():
                    await run_cycle(watcher, store, client=client, clock=clock)


class _ToServer(httpx.AsyncBaseTransport):
    """Takes requests for any host to the loopback server, the host in front of the path."""

    def __init__(self, base: str) -> None:
        self._base, self._network = base, httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        local = httpx.Request("GET", f"{self._base}{request.url.host}{request.url.path}", headers=request.headers.raw)
        return await self._network.handle_async_request(local)

    async def aclose(self) -> None:
        await self._network.aclose()


# --- the server ----------------------------------------------------------------------------------------------------


def _pages(everyone: list[dict[str, Any]], clock: Clock) -> Iterator[tuple[str, Callable[[Asked], Answer]]]:
    for outlet in everyone:
        yield _path(outlet["url"]), partial(_listing, outlet, outlet["url"], clock)
        if "moves" in outlet:
            yield _path(outlet["moves"]["to"]), partial(_listing, outlet, outlet["moves"]["to"], clock)
        if outlet["kind"] == "page":
            yield f"/{urlsplit(outlet['url']).hostname}/robots.txt", _robots
            for item in outlet["items"]:
                yield _path(_text(outlet, item, clock()).url), partial(_article, outlet, item, clock)


def _robots(asked: Asked) -> Answer:
    return Answer(200, b"User-agent: *\nAllow: /\n", {"Content-Type": "text/plain"})


def _listing(outlet: dict[str, Any], url: str, clock: Clock, asked: Asked) -> Answer:
    now = clock()
    moves = outlet.get("moves")
    if moves and url == outlet["url"] and now >= _utc(moves["at"]):
        return Answer(301, headers={"Location": moves["to"]})
    if any(_utc(down["from"]) <= now < _utc(down["to"]) for down in outlet.get("down", ())):
        return Answer(503, b"<html><body><h1>Back soon</h1></body></html>", {"Content-Type": "text/html"})
    shown = texts(outlet, now)[: outlet["shows"]]
    content_type, render = _FORMS[outlet.get("form", "page")]
    body = render(outlet, shown).encode()
    given = _validators(outlet, shown, body)
    held = (asked.headers.get("if-none-match"), asked.headers.get("if-modified-since"))
    if any(value.encode() in held for value in given.values()):
        return Answer(304, headers=given)
    headers = {"Content-Type": f"{content_type}; charset=utf-8", "Content-Encoding": "gzip", **given}
    return Answer(200, gzip.compress(body, mtime=0), headers)


def _validators(outlet: dict[str, Any], shown: list[Text], body: bytes) -> dict[str, str]:
    match outlet["validators"]:
        case "etag":
            return {"ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"'}
        case "last-modified":
            return {"Last-Modified": format_datetime(max(text.updated_at for text in shown), usegmt=True)}
        case _:
            return {}


def _article(outlet: dict[str, Any], item: dict[str, Any], clock: Clock, asked: Asked) -> Answer:
    text = _text(outlet, item, clock())
    page = f"""<!doctype html>
<html lang="en"><head><title>{_html(text.title)} - {outlet["name"]}</title></head>
<body>
<nav><a href="/">Home</a> <a href="/news/">News</a> <a href="/contact/">Contact</a></nav>
<main><article>
<h1>{_html(text.title)}</h1>
<time datetime="{_iso(text.published_at)}">{text.published_at:%B %-d, %Y}</time>
{_paragraphs(text.text)}
</article></main>
<aside><h2>Press contact</h2><p>press@{urlsplit(text.url).hostname}</p></aside>
<footer><p>Terms of use</p></footer>
</body></html>
"""
    return Answer(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})


# --- the forms -----------------------------------------------------------------------------------------------------


def _list_page(outlet: dict[str, Any], shown: list[Text]) -> str:
    releases = "\n".join(
        f"""<article class="release">
<time datetime="{_iso(text.published_at)}">{text.published_at:%B %-d, %Y}</time>
<h2><a href="{urlsplit(text.url).path}">{_html(text.title)}</a></h2>
<p class="standfirst">{_html(text.summary)}</p>
</article>"""
        for text in shown
    )
    return f"""<!doctype html>
<html lang="en"><head><title>{outlet["name"]} - all news</title></head>
<body>
<nav><a href="/">Home</a> <a href="/news/">News</a> <a href="/contact/">Contact</a></nav>
<main>
{releases}
</main>
<footer><p>Terms of use</p></footer>
</body></html>
"""


def _rss(outlet: dict[str, Any], shown: list[Text]) -> str:
    items = "\n".join(
        f"""<item>
<title>{escape(text.title)}</title>
<link>{text.url}?utm_source=rss</link>
<guid isPermaLink="false">{text.id}</guid>
<pubDate>{format_datetime(text.published_at)}</pubDate>
<description><![CDATA[<p>{_html(text.summary)}</p>]]></description>"""
        + (f"\n<content:encoded><![CDATA[{_paragraphs(text.text)}]]></content:encoded>" if text.text else "")
        + "\n</item>"
        for text in shown
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>{escape(outlet["name"])}</title>
<link>{_home(outlet)}</link>
<description>Film and television</description>
{items}
</channel>
</rss>
"""


def _atom(outlet: dict[str, Any], shown: list[Text]) -> str:
    entries = "\n".join(
        f"""<entry>
<id>{text.id}</id>
<title>{escape(text.title)}</title>
<link rel="alternate" href="{text.url}"/>
<published>{_iso(text.published_at)}</published>
<updated>{_iso(text.updated_at)}</updated>
<summary>{escape(text.summary)}</summary>
</entry>"""
        for text in shown
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>{_home(outlet)}</id>
<title>{escape(outlet["name"])}</title>
<updated>{_iso(max(text.updated_at for text in shown))}</updated>
<link rel="self" href="{outlet["url"]}"/>
{entries}
</feed>
"""


def _json(outlet: dict[str, Any], shown: list[Text]) -> str:
    items = [
        {
            "id": text.id,
            "url": text.url,
            "title": text.title,
            "summary": text.summary,
            "content_html": _paragraphs(text.text),
            "date_published": _iso(text.published_at),
            "date_modified": _iso(text.updated_at),
        }
        for text in shown
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": outlet["name"], "home_page_url": _home(outlet)}
    return json.dumps(feed | {"items": items}, ensure_ascii=False, indent=1)


_FORMS: dict[str, tuple[str, Callable[[dict[str, Any], list[Text]], str]]] = {
    "page": ("text/html", _list_page),
    "rss": ("application/rss+xml", _rss),
    "atom": ("application/atom+xml", _atom),
    "json": ("application/feed+json", _json),
}


# --- the texts -----------------------------------------------------------------------------------------------------


def _text(outlet: dict[str, Any], item: dict[str, Any], now: dt.datetime) -> Text:
    at = _utc(item["at"])
    words, changed_at = dict(item), at
    for edit in item.get("edits", ()):
        if _utc(edit["at"]) <= now:
            words, changed_at = words | edit, _utc(edit["at"])
    slug = re.sub(r"[^a-z0-9]+", "-", item["title"].lower()).strip("-")[:60].strip("-")
    prefix = "news/" if outlet["kind"] == "page" else ""
    url = f"{_home(outlet)}{prefix}{at:%Y/%m}/{slug}/"
    return Text(
        url=url,
        id=f"{_home(outlet)}?p={int(at.timestamp()) // 60 % 1_000_000}",
        published_at=at,
        updated_at=changed_at,
        title=words["title"],
        summary=words["summary"],
        text=words.get("text", ""),
    )


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{_html(part)}</p>" for part in text.strip().split("\n\n"))


def _html(text: str) -> str:
    return html.escape(text.strip(), quote=False)


def _home(outlet: dict[str, Any]) -> str:
    return f"https://{urlsplit(outlet['url']).hostname}/"


def _path(url: str) -> str:
    """Where the loopback server has `url`."""
    parts = urlsplit(url)
    return f"/{parts.hostname}{parts.path}"


def _iso(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _utc(at: dt.datetime | str) -> dt.datetime:
    return (dt.datetime.fromisoformat(at) if isinstance(at, str) else at).replace(tzinfo=dt.UTC)


def _yaml(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(path)
    return loaded


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1]) if sys.argv[1:] else DEMO / "history.warc.gz"))
