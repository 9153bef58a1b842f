"""A Datasette over one store, read-only, with our definition and our pages."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasette import __version__
from datasette.app import Datasette
from datasette.plugins import pm

from storage.connection import connect, translated
from storage.datasette.definition import SETTINGS, configuration, metadata
from storage.datasette.pages import Extras, Pages
from storage.migrations import require_up_to_date

HERE = Path(__file__).parent

_STATIC = ("-/franchise-watch", str(HERE / "static"))


@contextlib.contextmanager
def browser(path: Path, extras: Extras | None = None) -> Iterator[Any]:
    """A `Datasette` for the store at `path`; its `app()` is an ASGI application, its `client` asks it in process.

    Raises StoreError where there is no store or it is of another version.
    """
    with translated(path), contextlib.closing(connect(path, read_only=True)) as conn:
        require_up_to_date(conn, path)
        told = _told(conn, path.stem)
    pages = Pages(path, extras or Extras())
    pm.register(pages)
    try:
        yield Datasette([str(path)], template_dir=str(HERE / "templates"), static_mounts=[_STATIC], **told)
    finally:
        pm.unregister(pages)


def _told(conn: sqlite3.Connection, database: str) -> dict[str, Any]:
    """The definition as the arguments that this generation of Datasette takes."""
    words = metadata(conn, database)
    if __version__.startswith("0."):
        return {"metadata": words, "settings": SETTINGS}
    return {"metadata": words, "config": configuration(conn, database)}
