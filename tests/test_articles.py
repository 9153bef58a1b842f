"""Whole articles: what each asserts about the followed works, all of it and nothing else.

The articles of `tests/corpus/articles/` are full of what looks like news and is none: other titles, past seasons,
credits, quotes, dates of filming, of platforms and of stories. Whatever is not labelled must not be told. The articles
of `unseen.yaml` are those that no rule was made from; they are scored apart, so that over-fitting shows.
"""

from __future__ import annotations

from functools import lru_cache

import pytest

from tests.readings import CORPUS, Row, Score, load_rows, score

UNSEEN = "unseen.yaml"
FILES = sorted(path.name for path in (CORPUS / "articles").glob("*.yaml"))
ARTICLES = [row for file in FILES if file != UNSEEN for row in load_rows(f"articles/{file}")]
PARTS = {"tuned": ARTICLES, "unseen": list(load_rows(f"articles/{UNSEEN}"))}

FLOORS = {"tuned": (0.97, 0.95), "unseen": (0.85, 0.70)}
"""Least precision and recall over all kinds together, below what is measured; raise them with every mend."""

NOT_YET = frozenset(
    {
        "Comic Expo Saturday, As It Happened: Moth Kings, Starfall Ledger And A Man Dressed As A Lighthouse",
        "What Happened To Anchorage Road?",
        "'We Have a Plan for Five Years': Paper Governors Creator on the Finale, the Future and the Fish",
        "Jonas Wren Talks That Ending, Bad Wigs and What Comes Next",
        "What Is The Clerk's Daughter? The Northern Assize Spinoff, Explained",
        "What's New on Netflix in May 2026: Our Picks and the Full List",
        "Redfern Station 2: Is Delphine Okoro About to Board the Sequel?",
        "Ten Years of Sugarbeet: How a Little Comedy About a Factory Changed Everything",
        "Delroy Whitfield Boards HBO Max's 'Crown Heights Rules' As Series Regular; Two Others To Recur",
        "Bramble Heights 2 Director Gives Us The Update We've Been Waiting For",
    }
)
"""Tuned articles that are not read without a fault yet; take out the ones you mend."""


def name(row: Row) -> str:
    return row.item.title


@lru_cache(maxsize=2)
def scored(part: str) -> Score:
    return score(PARTS[part])


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=[pytest.mark.xfail(strict=True)] if name(row) in NOT_YET else []) for row in ARTICLES],
    ids=name,
)
def test_an_article_is_read_without_a_fault(row: Row) -> None:
    faults = [(missed, wrong) for other, missed, wrong in scored("tuned").faults if other is row]
    assert faults == []


@pytest.mark.parametrize("part", PARTS)
def test_articles_are_not_read_worse_than_the_floor(part: str) -> None:
    result = scored(part)
    print(part, result.table(), sep="\n")  # noqa: T201
    count, (precision, recall) = result.counts["ALL"], FLOORS[part]
    assert (count.precision >= precision, count.recall >= recall) == (True, True), result.table()


def test_there_are_sixty_articles_of_some_length() -> None:
    rows = [row for part in PARTS.values() for row in part]
    assert len(rows) >= 60
    assert min(len(row.item.text.split()) for row in rows) >= 270


def test_no_article_stands_twice() -> None:
    texts = [row.item.text for part in PARTS.values() for row in part]
    assert len(set(texts)) == len(texts)
