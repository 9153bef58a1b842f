"""The pages of our own beside Datasette's tables: a front page, a page for each work, and files at stable addresses.

What is drawn or written by other parts of the program (plots, calendars, feeds) is handed in as plain functions of a
day book, so that this package needs to know none of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import markupsafe
import pluggy
from datasette import Response
from datasette.utils import tilde_encode

from storage.model import DayBook, Slot
from storage.store import Store, open_store
from storage.texts import query_texts

hookimpl = pluggy.HookimplMarker("datasette")

FRONT = (
    *("upcoming_releases", "changed_this_week", "still_unannounced", "every_change", "cast_ledger"),
    *("release_date_history", "who_reported_first", "reliability", "why_do_we_believe_this", "known_about_a_work"),
    *("recent_items", "source_health", "sent_alerts"),
)
"""The views in the order in which people ask for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A file at `/feeds/NAME` that is made of the day book when it is asked for."""

    content_type: str
    render: Callable[[DayBook], bytes]
    title: str
    cites: bool = False
    """True where it wants the day book with a claim to cite for each release date."""


class Render(Protocol):
    """Rows, by column, as the bytes of a file; `key` names their table, view or query."""

    def __call__(self, rows: Sequence[Mapping[str, object]], *, title: str, key: str, now: dt.datetime) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A form that rows of any table, view or query take at the same address with another ending."""

    content_type: str
    render: Render
    can_render: Callable[[Sequence[str]], bool]
    """Whether rows of these columns can take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What other parts of the program add to the pages."""

    draw: Callable[[DayBook, str], str] | None = None
    """The release-date histories of a work (by id) as markup that is safe as it stands; None where nobody draws."""
    to_draw: Callable[[DayBook], Sequence[Slot]] = lambda book: [fact.slot for fact in book.facts]
    """The questions whose claims `draw` wants to see."""
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    """By file name: `releases.ics`."""
    renderings: Mapping[str, Rendering] = field(default_factory=dict)
    """By ending: `atom`."""


class Pages:
    """A Datasette plugin for one store. Registered while the store is browsed, and taken away after."""

    def __init__(self, path: Path, extras: Extras) -> None:
        self.__name__ = f"franchise_watch:{path}"
        self._path = path
        self._extras = extras

    @hookimpl
    def register_routes(self, datasette: Any) -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
        """The addresses of our own pages."""
        if not self._is_shown_by(datasette):
            return []

        # Datasette 1.0 takes functions here, not methods.
        async def work(request: Any, datasette: Any) -> Response:
            return await self._work(request, datasette)

        async def feed(request: Any) -> Response:
            return await self._feed(request)

        return [(r"^/works/(?P<work_id>[^/]+)$", work), (r"^/feeds/(?P<name>[^/]+)$", feed)]

    @hookimpl
    def register_output_renderer(self, datasette: Any) -> list[dict[str, Any]]:
        """The further endings of every page of rows, beside `.json` and `.csv`."""
        if not self._is_shown_by(datasette):
            return []
        return [_renderer(ending, rendering) for ending, rendering in self._extras.renderings.items()]

    @hookimpl
    def extra_css_urls(self, datasette: Any) -> list[str]:
        """Our style, on every page."""
        return ["/-/franchise-watch/watch.css"] if self._is_shown_by(datasette) else []

    @hookimpl
    def extra_template_vars(self, view_name: str, datasette: Any) -> Callable[[], Awaitable[dict[str, Any]]] | None:
        """What the front page shows."""
        if view_name != "index" or not self._is_shown_by(datasette):
            return None

        async def front() -> dict[str, Any]:
            return await self._front(datasette)

        return front

    @hookimpl
    def render_cell(self, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
        """In views and queries, links from ids to works and rows; times and lists for people."""
        if not isinstance(value, str | int) or table not in (None, *FRONT) or not self._is_shown_by(datasette):
            return None
        if isinstance(value, str) and value.startswith(_ALWAYS):
            return "sources.yaml"
        if isinstance(value, str) and (moment := _MOMENT.fullmatch(value)):
            return markupsafe.Markup('<time datetime="{}">{} {}</time>').format(value, *moment.groups())
        match column:
            case "work_id":
                return _link(datasette.urls.path(f"/works/{value}"), value)
            case "sources" if isinstance(value, str):
                return _listed(value)
            case _ if column in _TABLE_OF:
                return _link(datasette.urls.row(database, _TABLE_OF[column], tilde_encode(str(value))), value)
        return None

    def _is_shown_by(self, datasette: Any) -> bool:
        """Plugins are registered for every Datasette of the process, and ours is for one."""
        return str(self._path) in datasette.files

    async def _front(self, datasette: Any) -> dict[str, Any]:
        database = datasette.get_database(self._path.stem)
        views = {view.name: view for view in query_texts("views")}
        works = await database.execute("SELECT id, title, kind FROM works WHERE followed = 'yes' ORDER BY position")
        counts = {
            name: (await database.execute(f'SELECT count(*) FROM "{name}"')).first()[0]  # noqa: S608
            for name in ("upcoming_releases", "changed_this_week", "still_unannounced")
        }
        return {
            "database": database.name,
            "views": [views[name] for name in FRONT],
            "counts": counts,
            "queries": query_texts("queries"),
            "works": [dict(row) for row in works.rows],
            "feeds": self._extras.feeds,
            "endings": list(self._extras.renderings),
        }

    async def _work(self, request: Any, datasette: Any) -> Response:
        work_id = request.url_vars["work_id"]
        database = datasette.get_database(self._path.stem)
        work = (await database.execute(_WORK, [work_id])).first()
        if work is None:
            return Response.html("There is no such work.", status=404)
        shown: dict[str, Any] = {"work": dict(work), "database": database.name}
        for part, query in _WORK_PARTS.items():
            shown[part] = [dict(row) for row in (await database.execute(query, {"work": work_id})).rows]
        shown["plot"] = await asyncio.to_thread(self._plot, work_id)
        return Response.html(await datasette.render_template("work.html", shown, request=request))

    def _plot(self, work_id: str) -> markupsafe.Markup | None:
        if self._extras.draw is None:
            return None
        with self._daybook(work_id) as (store, book):
            told = store.with_histories(book, self._extras.to_draw(book))
        return markupsafe.Markup(self._extras.draw(told, work_id))  # noqa: S704  (escaped where it is drawn)

    async def _feed(self, request: Any) -> Response:
        feed = self._extras.feeds.get(request.url_vars["name"])
        if feed is None:
            return Response.html("There is no such file.", status=404)
        body = await asyncio.to_thread(self._rendered, feed)
        return Response(body, content_type=feed.content_type)

    def _rendered(self, feed: Feed) -> bytes:
        with self._daybook() as (store, book):
            told = replace(book, history=store.citations(book.facts)) if feed.cites else book
        return feed.render(told)

    @contextlib.contextmanager
    def _daybook(self, work_id: str | None = None) -> Iterator[tuple[Store, DayBook]]:
        """The last thirty days, and the store they are in for what else is wanted of it."""
        now = dt.datetime.now(dt.UTC)
        with open_store(self._path, read_only=True) as store:
            yield store, store.daybook(now - dt.timedelta(days=30), now, work_id=work_id, history=False)


_ALWAYS = "1970-01-01T"
"""Since when that is believed which sources.yaml says is known."""
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z")
_TABLE_OF = {
    **{"slot_id": "facts", "source_id": "sources", "message_id": "messages"},
    **{"item_id": "items", "claim_id": "claims", "change_id": "changes"},
}
_WORK = "SELECT *, (SELECT title FROM works WHERE id = asked.parent) AS parent_title FROM works AS asked WHERE id = ?"
_WORK_PARTS = {
    "facts": """SELECT * FROM known_about_a_work WHERE work_id = :work
                ORDER BY (SELECT season FROM slots WHERE id = slot_id), kind, value, since""",
    "history": "SELECT * FROM release_date_history WHERE work_id = :work ORDER BY at DESC LIMIT 50",
    "open": "SELECT * FROM still_unannounced WHERE work_id = :work",
    "sentences": """SELECT * FROM why_do_we_believe_this WHERE work_id = :work AND background = 'no'
                    ORDER BY at DESC LIMIT 50""",
}


def _renderer(ending: str, rendering: Rendering) -> dict[str, Any]:
    def render(
        columns: Sequence[str], rows: Sequence[Any], database: str, table: str | None, query_name: str | None
    ) -> Response:
        shown = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
        key = table or query_name or database
        body = rendering.render(shown, title=_TITLES.get(key, key), key=key, now=dt.datetime.now(dt.UTC))
        return Response(body, content_type=rendering.content_type)

    return {"extension": ending, "render": render, "can_render": rendering.can_render}


def _plain(value: Any) -> object:
    """A value that Datasette joined with the label of the row it leads to is that label."""
    return value["label"] if isinstance(value, dict) else value


_TITLES = {text.name: text.title for text in (*query_texts("views"), *query_texts("queries"))}


def _listed(value: str) -> str | None:
    """The parts of a JSON array; None where it is none, as in somebody's own SQL."""
    with contextlib.suppress(ValueError):
        found = json.loads(value)
        if isinstance(found, list):
            return ", ".join(map(str, found))
    return None


def _link(address: str, text: object) -> markupsafe.Markup:
    return markupsafe.Markup('<a href="{}">{}</a>').format(address, text)
