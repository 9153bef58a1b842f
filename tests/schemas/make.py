"""Write the rows of a small store as the newest version keeps them: run it once before a new version is released.

python -m tests.schemas.make
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from pathlib import Path

from storage.migrations import versions
from storage.store import open_store
from tests import store_factories as make

SEARCH = "INSERT INTO items_fts (items_fts) VALUES ('rebuild');\n"


def main() -> None:
    """Write `NNNN_name.sql` beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with open_store(path) as store:
            store.sync_config(make.config())
            store.record([make.news()], now=make.NOW)
        with contextlib.closing(sqlite3.connect(path)) as conn:
            rows = [line for line in conn.iterdump() if line.startswith("INSERT INTO") and not _is_kept_otherwise(line)]
    text = "\n".join([*rows, SEARCH])
    (Path(__file__).parent / f"{versions()[-1]}.sql").write_text(text, encoding="utf-8")


def _is_kept_otherwise(line: str) -> bool:
    """Search is built anew; migrations and views are noted by those who make them."""
    return line.startswith(('INSERT INTO "items_fts', 'INSERT INTO "_', "INSERT INTO sqlite_master"))


if __name__ == "__main__":
    main()
