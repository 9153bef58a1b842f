"""docs/store.md tells of every table, view, query and column, in the words of the schema, and its examples run.

python -m tests.test_store_docs     writes the reference anew
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import sqlite3
import tempfile
from pathlib import Path

import pytest

from storage.schema_texts import TableText, table_texts, view_texts
from storage.texts import query_texts
from tests import store_factories as make

PAGE = Path(__file__).parent.parent / "docs" / "store.md"
START = "## Reference\n"


def reference(path: Path) -> str:
    """The part of the page that is made of the schema."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        tables, views = table_texts(conn), view_texts(conn)
    queries = "\n".join(
        f"- **{query.title}** (`{query.name}`). {query.sentence} Asks for "
        + "; ".join(f"`{name}`, {meaning}" for name, meaning in query.params)
        + "."
        for query in query_texts("queries")
    )
    parts = [
        "### Views",
        *map(_section, views),
        "### Queries of `browse`",
        queries,
        "### Tables",
        *map(_section, tables),
    ]
    return "\n\n".join(parts) + "\n"


def _section(text: TableText) -> str:
    heading = f"#### `{text.name}`" + (
        f": {text.title.lower()}" if text.title.lower() != text.name.replace("_", " ") else ""
    )
    rows = "\n".join(f"| `{name}` | {meaning.replace('|', chr(92) + '|')} |" for name, meaning in text.columns.items())
    return f"{heading}\n\n{text.sentence}\n\n| column | what it is |\n|---|---|\n{rows}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    make.fill(tmp_path / "store.db", dt.datetime.now(dt.UTC))
    return tmp_path / "store.db"


def test_the_page_tells_of_every_table_view_query_and_column(path: Path) -> None:
    assert PAGE.read_text(encoding="utf-8").partition(START)[2].strip() == reference(path).strip()


def test_the_examples_run(path: Path) -> None:
    examples = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    statements = [statement for example in examples for statement in example.split(";") if statement.strip()]
    assert len(statements) > 5
    with contextlib.closing(sqlite3.connect(path)) as conn:
        for statement in statements:
            conn.execute(statement).fetchall()


def main() -> None:
    """Write the reference into the page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        make.fill(path, dt.datetime.now(dt.UTC))
        before = PAGE.read_text(encoding="utf-8").partition(START)[0]
        PAGE.write_text(f"{before}{START}\n{reference(path)}", encoding="utf-8")


if __name__ == "__main__":
    main()
