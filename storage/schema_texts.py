"""What the schema says about itself: a sentence for every table and view, and one for every column.

Tables carry theirs as comments in their SQL; the columns of views share `views/columns.txt`.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from importlib import resources

from storage.texts import query_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """A table or view: its title, one sentence about it, and a sentence for each column in order."""

    name: str
    title: str
    sentence: str
    columns: dict[str, str]


def table_texts(conn: sqlite3.Connection) -> tuple[TableText, ...]:
    """Every table that has words about itself, in the order in which the schema made them."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%' ORDER BY rowid"
    found = (_table_text(name, sql) for name, sql in conn.execute(query))
    return tuple(text for text in found if text.sentence)


def view_texts(conn: sqlite3.Connection) -> tuple[TableText, ...]:
    """Every view that answers a question, by name."""
    glossary = view_glossary()
    return tuple(
        TableText(
            name=view.name,
            title=view.title,
            sentence=view.sentence,
            columns={name: glossary[name] for name in _columns(conn, view.name)},
        )
        for view in query_texts("views")
    )


def view_glossary() -> dict[str, str]:
    """What a column of that name means, in every view that has one."""
    text = (resources.files("storage") / "views" / "columns.txt").read_text(encoding="utf-8")
    return dict(line.split(": ", 1) for line in text.splitlines() if line)


def _table_text(name: str, sql: str) -> TableText:
    sentence, columns, column = "", {}, ""
    for line in sql.splitlines()[1:]:
        begun = re.match(r" {4}(\w+) (?:TEXT|INTEGER|BLOB|REAL|ANY)\b", line)
        column = begun[1] if begun else column
        _, dashes, comment = line.partition("-- ")
        if dashes and column:
            columns[column] = comment
        elif dashes:
            sentence = f"{sentence} {comment}".strip()
    return TableText(name=name, title=name.replace("_", " ").capitalize(), sentence=sentence, columns=columns)


def _columns(conn: sqlite3.Connection, view: str) -> list[str]:
    return [row[0] for row in conn.execute("SELECT name FROM pragma_table_info(?)", (view,))]
