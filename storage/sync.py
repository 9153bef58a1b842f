"""What sources.yaml says, as rows: franchises, works, sources, routes and targets, never an address that is secret."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from storage.connection import ANEW, insert
from storage.model import Config
from storage.rows import route_row, source_row, work_row


def sync_config(conn: sqlite3.Connection, config: Config) -> None:
    """Make the tables say what the configuration says; what has left it stays as history, `followed` being `no`.

    Runs inside a transaction that the caller began.
    """
    franchises = [{"id": each.id, "title": each.title, "followed": "yes"} for each in config.franchises]
    targets = [{"id": route.target.id, "format": route.target.format} for route in config.routes]
    if config.digest.target:
        targets.append({"id": config.digest.target.id, "format": config.digest.target.format})
    insert(conn, "franchises", franchises, ANEW)
    insert(conn, "works", [work_row(work, place) for place, work in enumerate(config.works)], ANEW)
    insert(conn, "sources", [source_row(source, place) for place, source in enumerate(config.sources)], ANEW)
    insert(conn, "targets", targets, ANEW)
    insert(conn, "routes", [route_row(route) for route in config.routes], ANEW)
    _retire(conn, "franchises", (each.id for each in config.franchises))
    _retire(conn, "works", (work.id for work in config.works))
    _retire(conn, "sources", (source.id for source in config.sources))
    _retire(conn, "routes", (route.id for route in config.routes))
    conn.execute(_LEARN_ANEW)


# Put back, it is learned silently like a new one, and asked no sooner than if it had stayed.
_LEARN_ANEW = """
    UPDATE fetch_states SET memory = json_set(memory, '$.baseline_done', json('false'))
    WHERE source_id IN (SELECT id FROM sources WHERE followed = 'no')"""


def _retire(conn: sqlite3.Connection, table: str, kept: Iterable[str]) -> None:
    query = f"UPDATE {table} SET followed = 'no' WHERE id NOT IN (SELECT value FROM json_each(?))"  # noqa: S608
    conn.execute(query, (json.dumps(list(kept)),))
