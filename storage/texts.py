"""Views and queries as files: `storage/views/*.sql` and `storage/queries/*.sql`, each with a title and one sentence.

The head of a file is comments: the title, then the sentence, then `-- word: what it is` for each parameter of a query.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryText:
    """One view or query: its name, what it is called on a page, one sentence about it, and its SQL."""

    name: str
    title: str
    sentence: str
    sql: str
    params: tuple[tuple[str, str], ...] = ()
    """Name and meaning of each parameter, in order."""


@cache
def query_texts(folder: str) -> tuple[QueryText, ...]:
    """Every `*.sql` file of `views` or `queries`, by name."""
    files = (resources.files("storage") / folder).iterdir()
    found = ((file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")) for file in files if _is_sql(file.name))
    return tuple(_query_text(name, text) for name, text in sorted(found))


def _is_sql(name: str) -> bool:
    return name.endswith(".sql")


def _query_text(name: str, text: str) -> QueryText:
    title, sentence, *rest = text.splitlines()
    if not (title.startswith("-- ") and sentence.startswith("-- ")):
        raise ValueError(f"{name}.sql lacks its title or its sentence")
    head = list(itertools.takewhile(lambda line: line.startswith("-- "), rest))
    params = [line[3:].partition(": ") for line in head]
    sql = "\n".join(rest[len(head) :]).strip().removesuffix(";")
    return QueryText(
        name=name,
        title=title[3:],
        sentence=sentence[3:],
        sql=sql,
        params=tuple((word, said) for word, _, said in params),
    )
