"""The store in a real Datasette: every view and query answers, and nothing that is read can become markup.

`make test` runs these twice: with the installed Datasette (0.65), and with the alpha of 1.0 laid over it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from datasette import __version__

from storage.connection import connect
from storage.datasette.browser import browser
from storage.datasette.definition import configuration, metadata, write_files
from storage.datasette.pages import FRONT, Extras, Feed
from storage.errors import StoreError
from storage.model import DayBook, Health
from storage.schema_texts import table_texts, view_glossary, view_texts
from storage.store import open_store
from storage.texts import query_texts
from tests import store_factories as make

TODAY = dt.datetime.now(dt.UTC).replace(microsecond=0)
HOUR = dt.timedelta(hours=1)
Get = Callable[[str], Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browse") / "watch.db"
    make.fill(path, TODAY)
    return path


def test_this_is_the_datasette_that_is_to_be_tested() -> None:
    assert __version__.startswith(os.environ.get("DATASETTE_GENERATION", "0.65"))


def drawn(book: DayBook, work_id: str) -> str:
    return f'<svg id="{work_id}"><title>{len(book.history)}</title></svg>'


@pytest.fixture(scope="module")
def get(path: Path) -> Iterator[Get]:
    feed = Feed(content_type="text/calendar", render=lambda book: str(len(book.facts)).encode(), title="Releases")
    with browser(path, Extras(draw=drawn, feeds={"releases.ics": feed})) as datasette:
        with asyncio.Runner() as runner:
            runner.run(datasette.invoke_startup())
            yield lambda address: runner.run(datasette.client.get(address))
        datasette.executor.shutdown()


@pytest.mark.parametrize("view", FRONT)
def test_every_view_has_an_answer_as_page_and_as_json(get: Get, view: str) -> None:
    page, data = get(f"/watch/{view}"), get(f"/watch/{view}.json?_shape=array")
    assert (page.status_code, data.status_code) == (200, 200)
    assert data.json(), f"{view} found nothing in a store that has something for it"


def test_the_front_page_leads_to_every_view_and_query() -> None:
    assert sorted(FRONT) == [view.name for view in query_texts("views")]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("search", {"text": "cafe quay"}),
        ("about_a_work", {"work": "harbour-nine"}),
        ("how_a_date_moved", {"work": "harbour-nine"}),
        ("why", {"slot": "harbour-nine/release_date/s3/premiere"}),
        ("believed_on_a_day", {"work": "harbour-nine", "day": TODAY.date().isoformat()}),
        ("told_by", {"slot": "harbour-nine/release_date/s3/premiere"}),
    ],
)
def test_every_query_has_an_answer(get: Get, query: str, asked: dict[str, str]) -> None:
    arguments = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = get(f"/watch/{query}.json?_shape=array&{arguments}")
    assert answer.status_code == 200
    assert answer.json()
    (told,) = [each for each in query_texts("queries") if each.name == query]
    assert {name for name, _ in told.params} == set(asked)


def test_every_query_is_on_the_front_page(get: Get) -> None:
    page = get("/").text
    for name in [*FRONT, *(query.name for query in query_texts("queries"))]:
        assert f'href="/watch/{name}"' in page
    assert 'href="/works/harbour-nine"' in page
    assert 'href="/feeds/releases.ics"' in page
    assert get(re.search(r'href="(/[^"]+watch\.css)"', page)[1]).status_code == 200  # type: ignore[index]


@pytest.mark.parametrize("typed", ['"', "*", "NEAR(", "a AND", "title:x", "", "-", "(("])
def test_any_text_is_a_safe_search(get: Get, typed: str) -> None:
    assert get(f"/watch/search.json?_shape=array&text={typed}").status_code == 200


def test_a_work_has_a_page_with_its_dates_cast_and_sentences(get: Get) -> None:
    page = get("/works/harbour-nine")
    assert page.status_code == 200
    assert '<svg id="harbour-nine"><title>3</title></svg>' in page.text
    assert "moved later" in page.text
    assert "A. Mate" in page.text
    assert get("/works/lantern").text.count("Lantern has no date yet.") == 2
    assert get("/works/nobody").status_code == 404


@pytest.mark.parametrize(
    "address", ["/", "/works/harbour-nine", "/watch/every_change", "/watch/items", "/watch/claims", "/watch/items/1"]
)
def test_what_was_read_never_becomes_markup(get: Get, address: str) -> None:
    page = get(address).text
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page


def test_a_query_shows_its_answer_before_its_sql(get: Get) -> None:
    page = get("/watch/how_a_date_moved?work=harbour-nine").text
    assert "moved_later" in page
    assert "<pre" not in page


def test_times_and_lists_are_quick_to_read(get: Get) -> None:
    at = (TODAY - 3 * HOUR).strftime("%Y-%m-%d %H:%M")
    assert f">{at}</time>" in get("/watch/every_change").text
    assert f">{at}</time>" in get("/watch/how_a_date_moved?work=harbour-nine").text
    assert ">gazette</td>" in get("/watch/known_about_a_work").text
    assert get("/watch?sql=select+'no+list'+as+sources").status_code in (200, 302)  # 302: to 1.0's page


def test_the_newest_sentence_of_a_work_stands_first(get: Get) -> None:
    told = get("/works/harbour-nine").text.partition("Newest sentences")[2]
    assert 0 < told.index("It moved.") < told.index("Season 3 premieres")


def test_a_spin_off_leads_to_its_parent_by_name(get: Get) -> None:
    assert '<a href="/works/harbour-nine">Harbour Nine</a>' in get("/works/lantern").text


def test_a_feed_is_made_when_it_is_asked_for(get: Get) -> None:
    answer = get("/feeds/releases.ics")
    assert (answer.text, answer.headers["content-type"]) == ("3", "text/calendar")
    assert get("/feeds/other").status_code == 404


def test_ids_in_views_lead_on(get: Get) -> None:
    page = get("/watch/every_change").text
    assert 'href="/works/harbour-nine"' in page
    assert get("/watch/facts/1").status_code == 200


def test_nothing_can_be_written_or_downloaded(get: Get) -> None:
    assert get("/watch?sql=delete+from+items").status_code in (302, 400)  # 302 leads to 1.0's page for such questions
    assert get("/watch/-/query?sql=delete+from+items").status_code in (400, 404)
    assert get("/watch.db").status_code == 403
    assert len(get("/watch/items.json?_shape=array").json()) == 3


def test_bookkeeping_is_hidden(get: Get) -> None:
    tables = {table["name"]: table["hidden"] for table in get("/watch.json").json()["tables"]}
    shown = {name for name, hidden in tables.items() if not hidden}
    assert shown == {
        *("franchises", "works", "sources", "targets", "routes", "items", "item_texts", "revisions", "mentions"),
        *("slots", "claims", "facts", "changes", "tellings", "messages", "alerts", "attempts", "digests"),
    }


def test_the_definition_keeps_to_what_makes_tables_pleasant(path: Path) -> None:
    with sqlite3.connect(path) as conn:
        told = metadata(conn, "watch")["databases"]["watch"]["tables"]
        dated = {(name, row[1]) for name in told for row in conn.execute("SELECT * FROM pragma_table_info(?)", (name,))}
    conn.close()
    for name, table in told.items():
        facets = table.get("facets", [])
        assert len(facets) <= 2, name
        assert not [facet for facet in facets if facet.endswith("_at") or facet in ("at", "date", "since")], name
        for column in [*facets, *(table[key] for key in ("label_column", "sort_desc") if key in table)]:
            assert (name, column) in dated


def test_every_table_view_and_column_says_what_it_is(path: Path) -> None:
    with sqlite3.connect(path) as conn:
        told = {text.name: text for text in (*table_texts(conn), *view_texts(conn))}
        tables = conn.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        for (name,) in tables:
            if name.startswith(("items_fts", "_", "sqlite_")) or name == "searchable":
                continue
            columns = [row[1] for row in conn.execute("SELECT * FROM pragma_table_xinfo(?)", (name,))]
            assert list(told[name].columns) == columns, name
            assert all(told[name].columns.values()), name
            assert told[name].sentence, name
    conn.close()


def test_the_glossary_has_no_word_that_no_view_uses(path: Path) -> None:
    with sqlite3.connect(path) as conn:
        used = {column for view in view_texts(conn) for column in view.columns}
    conn.close()
    assert used == set(view_glossary())
    assert list(view_glossary()) == sorted(view_glossary())


def test_both_generations_get_the_same_tables_and_queries(path: Path, tmp_path: Path) -> None:
    with sqlite3.connect(path) as conn:
        old, new = (json.loads(made.read_text()) for made in write_files(path, tmp_path))
        assert (old, new) == (metadata(conn, "watch"), configuration(conn, "watch"))
    conn.close()
    words, behaviour = old["databases"]["watch"], new["databases"]["watch"]
    assert words["queries"] == behaviour["queries"]
    assert all(table.items() <= words["tables"][name].items() for name, table in behaviour["tables"].items())
    assert new["settings"]["allow_download"] is False


def test_a_store_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="franchise-watch run"), browser(tmp_path / "none.db"):
        pass


def test_reading_goes_on_while_the_writer_writes(tmp_path: Path) -> None:
    path = tmp_path / "busy.db"
    make.fill(path, TODAY)
    with browser(path) as datasette, open_store(path) as store, asyncio.Runner() as runner:
        for number in range(10, 30):
            store.record([make.poll(make.item(number))], now=TODAY)
            answer = runner.run(datasette.client.get("/busy/items.json?_shape=array&_size=1"))
            assert answer.json()[0]["identity"] == f"urn:{number}"
        datasette.executor.shutdown()


def test_a_reader_in_the_middle_does_not_hold_up_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "busy.db"
    make.fill(path, TODAY)
    with open_store(path, wait_s=0) as store:
        conn = connect(path, read_only=True, wait_s=0)
        conn.execute("BEGIN")
        before = conn.execute("SELECT count(*) FROM items").fetchone()[0]
        store.record([make.poll(make.item(99))], now=TODAY)
        assert conn.execute("SELECT count(*) FROM items").fetchone()[0] == before
        conn.close()
        assert len(store.items()) == before + 1


def test_a_source_in_trouble_stands_first(tmp_path: Path) -> None:
    path = tmp_path / "trouble.db"
    make.fill(path, TODAY)
    with open_store(path) as store:
        state = store.fetch_state(make.source("herald"))
        state = dataclasses.replace(state, health=Health.FAILING, reason="no answer")
        store.record([make.poll(source_id="herald", state=state)], now=TODAY)
    with browser(path) as datasette, asyncio.Runner() as runner:
        rows = runner.run(datasette.client.get("/trouble/source_health.json?_shape=array")).json()
        datasette.executor.shutdown()
    assert [(row["source"], row["health"]) for row in rows] == [("Herald", "failing"), ("Gazette", "new")]
