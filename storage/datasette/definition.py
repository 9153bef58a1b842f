"""One definition of how Datasette shows the store, in the forms of its two generations.

`metadata` is metadata.json as 0.65 reads it, and the words of it for 1.0; `configuration` is datasette.yaml of 1.0.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from storage.connection import connect, translated
from storage.migrations import require_up_to_date
from storage.names import TABLES
from storage.schema_texts import TableText, table_texts, view_texts
from storage.texts import QueryText, query_texts

TITLE = "Franchise Watch"
DESCRIPTION = "What was announced about the works that are followed, what moved, who said so, and what is still open."

HIDDEN = (
    *("_views", "_sqlite_migrations", "searchable", *TABLES, "fetch_states", "message_bodies"),
    *("warnings", "upkeep"),
    *(f"items_fts{part}" for part in ("", "_data", "_idx", "_docsize", "_config")),
)
"""Bookkeeping: there for whoever looks, out of the way for everybody else."""

_LABELS = {
    **dict.fromkeys(("franchises", "works", "items", "revisions"), "title"),
    **{"sources": "name", "slots": "name", "claims": "value", "facts": "slot", "changes": "new"},
    **{"messages": "summary", "routes": "id", "targets": "id", "mentions": "words"},
}
NEWEST_FIRST = {
    **{"items": "id", "mentions": "id", "claims": "id", "slots": "id", "attempts": "id"},
    **{"facts": "since_at", "changes": "at", "messages": "created_at", "digests": "local_date", "tellings": "at"},
    **{"every_change": "at", "changed_this_week": "at", "release_date_history": "at", "cast_ledger": "since"},
    **{"why_do_we_believe_this": "at", "known_about_a_work": "since", "sent_alerts": "created_at"},
}
"""The column by which a table or view is sorted when it is opened, the largest value first."""
_FACETS = {
    "works": ["franchise_id", "followed"],
    "sources": ["tier", "kind"],
    "slots": ["kind"],
    "facts": ["kind", "status"],
    "changes": ["kind", "status"],
    "messages": ["state", "route_id"],
    "tellings": ["source_id", "outcome"],
    "upcoming_releases": ["work", "status"],
    "every_change": ["work", "change"],
    "changed_this_week": ["work", "change"],
    "recent_items": ["source"],
    "source_health": ["health", "tier"],
    "cast_ledger": ["work", "action"],
    "known_about_a_work": ["work", "kind"],
    "release_date_history": ["work", "change"],
    "sent_alerts": ["state", "target"],
}
SETTINGS = {
    "suggest_facets": False,
    "allow_download": False,
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 2000,
    "default_cache_ttl": 0,
}


def metadata(conn: sqlite3.Connection, database: str) -> dict[str, Any]:
    """metadata.json for Datasette 0.65; 1.0 takes its words and, by its own migration, the rest."""
    texts = [*table_texts(conn), *view_texts(conn)]
    tables = {text.name: _words(text) | _behaviour(text.name) for text in texts}
    tables |= {name: {"hidden": True} for name in HIDDEN if name not in tables}
    queries = {query.name: _query(query) for query in query_texts("queries")}
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "databases": {database: {"description": DESCRIPTION, "tables": tables, "queries": queries}},
    }


def configuration(conn: sqlite3.Connection, database: str) -> dict[str, Any]:
    """datasette.yaml for Datasette 1.0: settings, tables and queries, without the words about columns."""
    names = [*(text.name for text in (*table_texts(conn), *view_texts(conn))), *HIDDEN]
    tables = {name: _behaviour(name) for name in dict.fromkeys(names)}
    queries = {query.name: _query(query) for query in query_texts("queries")}
    return {
        "settings": SETTINGS,
        "databases": {database: {"tables": {name: each for name, each in tables.items() if each}, "queries": queries}},
    }


def write_files(path: Path, folder: Path) -> tuple[Path, Path]:
    """Write metadata.json and datasette.yaml for the store at `path`, for whoever runs a Datasette of their own."""
    with translated(path), contextlib.closing(connect(path, read_only=True)) as conn:
        require_up_to_date(conn, path)
        contents = metadata(conn, path.stem), configuration(conn, path.stem)
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "metadata.json", folder / "datasette.yaml"
    for file, content in zip(made, contents, strict=True):
        # JSON is YAML (YAML 1.2, §1.3), so both files are written alike.
        file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return made


def _words(text: TableText) -> dict[str, Any]:
    return {"title": text.title, "description": text.sentence, "columns": text.columns}


def _behaviour(name: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if name in HIDDEN:
        told["hidden"] = True
    if name in _LABELS:
        told["label_column"] = _LABELS[name]
    if name in NEWEST_FIRST:
        told["sort_desc"] = NEWEST_FIRST[name]
    if name in _FACETS:
        told["facets"] = _FACETS[name]
    if name == "items":
        told |= {"fts_table": "items_fts", "fts_pk": "id"}
    return told


def _query(query: QueryText) -> dict[str, Any]:
    asked = " ".join(f"{name}: {meaning}." for name, meaning in query.params)
    described = f"{query.sentence} {asked}".strip()
    return {
        "title": query.title,
        "description": described,
        "sql": query.sql,
        "hide_sql": True,
        "params": [name for name, _ in query.params],
    }
