"""Facts as CSV and JSON: whole, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from alerts.tables import FACT_COLUMNS, book_json, facts_csv
from storage.model import DayBook, Value
from tests.attacks import attacks, poisoned
from tests.daybooks import STAR1, UNTIL, changes, daybook, fact, window


def rows(book: DayBook) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(facts_csv(book), newline=""), strict=True))


def test_the_csv_has_a_row_for_each_fact() -> None:
    table = rows(daybook())
    assert len(table) == 4
    assert tuple(table[0]) == FACT_COLUMNS
    assert table[1] | {"since_at": "", "last_claimed_at": ""} == {
        "id": "star-city/release_date/s1/premiere", "franchise": "for-all-mankind", "work": "star-city",
        "work_title": "Star City", "kind": "release_date", "season": "1", "part": "", "role": "premiere", "region": "",
        "person": "", "value": "29 May 2026 on Apple TV", "date": "2026-05-29", "earliest": "2026-05-29",
        "latest": "2026-05-29", "action": "", "text": "", "platform": "Apple TV", "character": "",
        "status": "confirmed", "tier": "official", "since_at": "", "last_claimed_at": "", "sources": "3",
        "origins": "apple-press; screen-ledger; daily-reel",
    }  # fmt: skip


def test_json_and_csv_have_the_same_columns_and_values() -> None:
    as_text = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in json.loads(book_json(daybook()))["facts"]
    ]
    assert as_text == rows(daybook())


def test_lines_end_as_rfc_4180_says() -> None:
    assert facts_csv(daybook()).count("\r\n") == 5


def test_an_open_end_is_empty() -> None:
    ahead = fact(STAR1, Value(date=window("2027/..", "2027-01-01", "9999-12-31")), UNTIL)
    (row,) = rows(replace(daybook(), facts=(ahead,)))
    assert (row["earliest"], row["latest"]) == ("2027-01-01", "")


@pytest.mark.parametrize(
    "title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "＠x", "|cmd", "%0A=1", "=HYPERLINK(\"http://x\")"]
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(title: str) -> None:
    works = tuple(replace(work, title=title) for work in daybook().works)
    assert {row["work_title"][0] for row in rows(replace(daybook(), works=works))} == {"'"}


@pytest.mark.parametrize("title", ["Star City", "9-1-1", "'Til Death", "(500) Days", "x=1", "3 + 4"])
def test_an_ordinary_cell_is_left_alone(title: str) -> None:
    works = tuple(replace(work, title=title) for work in daybook().works)
    assert {row["work_title"] for row in rows(replace(daybook(), works=works))} == {title}


def test_no_attack_is_a_formula_or_moves_a_column() -> None:
    for attack in attacks():
        book = poisoned(attack)
        table = rows(book)
        assert len(table) == len(book.facts), attack
        for row in table:
            assert tuple(row) == FACT_COLUMNS, attack
            assert all(re.match(r"[^=+\-@\t\r\n|%＝＋－＠]|$", cell) for cell in row.values()), attack
            assert row["kind"] == "release_date"
        assert len(json.loads(book_json(book).encode())["changes"]) == 3, attack


def test_the_book_is_written_whole() -> None:
    many = tuple(replace(changes()[0], id=str(number)) for number in range(500))
    whole = json.loads(book_json(replace(daybook(), changes=many)))
    assert [change["id"] for change in whole["changes"]] == [str(number) for number in range(500)]
    assert [len(whole[name]) for name in ("facts", "unannounced", "stories", "sources")] == [4, 3, 2, 8]
    first = whole["changes"][0]
    assert (first["old"]["date"], first["new"]["date"], first["source"]) == ("2026-21", "2026-05-29", "apple-press")
