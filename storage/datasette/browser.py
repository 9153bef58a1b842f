"""A Datasette over one store, read-only, with our definition and our pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.plugins import pm

from storage.connection import connect, translated
from storage.datasette.definition import SETTINGS, metadata
from storage.datasette.pages import Extras, Pages
from storage.migrations import require_up_to_date

TEMPLATES = Path(__file__).parent / "templates"


@contextlib.contextmanager
def browser(path: Path, extras: Extras | None = None) -> Iterator[Any]:
    """A `Datasette` for the store at `path`; its `app()` is an ASGI application, its `client` asks it in process.

    Raises StoreError where there is no store or it is of another version.
    """
    with translated(path), contextlib.closing(connect(path, read_only=True)) as conn:
        require_up_to_date(conn, path)
        told = metadata(conn, path.stem)
    pages = Pages(path, extras or Extras())
    pm.register(pages)
    try:
        yield Datasette([str(path)], metadata=told, settings=SETTINGS, template_dir=str(TEMPLATES))
    finally:
        pm.unregister(pages)
