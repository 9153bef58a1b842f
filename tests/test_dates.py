"""Date phrases and what they mean, seen from the day of publication."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.extract.dates import DateSpan, read_dates
from pipeline.extract.lexicon import load_tables

EN = load_tables("en")


def read(text: str, published: str | None) -> list[DateSpan]:
    return read_dates(text, dt.date.fromisoformat(published) if published else None, EN)


@pytest.mark.parametrize(
    ("text", "phrase", "edtf"),
    [
        ("It premieres March 27.", "March 27", "2026-03-27"),
        ("arrives on 27 March", "27 March", "2026-03-27"),
        ("Mar. 27, 2027 is the day", "Mar. 27, 2027", "2027-03-27"),
        ("the 27th of March", "the 27th of March", "2026-03-27"),
        ("out in March 2027", "March 2027", "2027-03"),
        ("coming in spring of 2027", "spring of 2027", "2027-21"),
        ("in Q3 2026", "Q3 2026", "2026-35"),
        ("the first half of 2027", "the first half of 2027", "2027-01/2027-06"),
        ("later this year", "later this year", "2026"),
        ("no earlier than 2027", "no earlier than 2027", "2027/.."),
        ("in the 1970s", "the 1970s", "197X"),
        ("next month", "next month", "2026-04"),
        ("between June and August", "between June and August", "2026-06/2026-08"),
    ],
)
def test_a_phrase_means_its_date(text: str, phrase: str, edtf: str) -> None:
    (span,) = read(text, "2026-03-20")
    assert text[span.start : span.end] == phrase
    assert span.date is not None
    assert span.date.edtf == edtf


@pytest.mark.parametrize("text", ["Season 5 may return", "the fall of the house", "they march on", "2,026 people"])
def test_what_is_no_date_is_not_read(text: str) -> None:
    assert read(text, "2026-03-20") == []
