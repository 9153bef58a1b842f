"""Partial dates: text and bounds agree in both directions."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import edtf
from storage.edtf import contains, disjoint, parse_edtf
from storage.model import PartialDate


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        pytest.param(text, earliest, latest, id=text)
        for text, earliest, latest in [
            ("2027-03-27", "2027-03-27", "2027-03-27"),
            ("2028-02-29", "2028-02-29", "2028-02-29"),
            ("2027-03", "2027-03-01", "2027-03-31"),
            ("2027-02", "2027-02-01", "2027-02-28"),
            ("2028-02", "2028-02-01", "2028-02-29"),
            ("2027-12", "2027-12-01", "2027-12-31"),
            ("2027-21", "2027-03-01", "2027-05-31"),
            ("2027-22", "2027-06-01", "2027-08-31"),
            ("2027-23", "2027-09-01", "2027-11-30"),
            ("2026-24", "2026-12-01", "2027-02-28"),
            ("2027-24", "2027-12-01", "2028-02-29"),
            ("2027-33", "2027-01-01", "2027-03-31"),
            ("2027-36", "2027-10-01", "2027-12-31"),
            ("2027", "2027-01-01", "2027-12-31"),
            ("197X", "1970-01-01", "1979-12-31"),
            ("2027-03/2027-05", "2027-03-01", "2027-05-31"),
            ("2027-03-27/2027-05-29", "2027-03-27", "2027-05-29"),
            ("../2027-06", "0001-01-01", "2027-06-30"),
            ("2027/..", "2027-01-01", "9999-12-31"),
            ("2027-03-27~", "2027-03-24", "2027-03-30"),
            ("2027-03~", "2027-02-22", "2027-04-07"),
            ("2027~", "2026-10-02", "2028-03-31"),
            ("2027~/..", "2026-10-02", "9999-12-31"),
            ("0001", "0001-01-01", "0001-12-31"),
            ("000X", "0001-01-01", "0009-12-31"),
            ("9999-24", "9999-12-01", "9999-12-31"),
            ("9999~", "9998-10-02", "9999-12-31"),
        ]
    ],
)
def test_text_means_its_first_and_last_day(text: str, earliest: str, latest: str) -> None:
    date = parse_edtf(text)
    assert (date.edtf, date.earliest.isoformat(), date.latest.isoformat()) == (text, earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "27",
        "2027-13",
        "2027-00",
        "2027-20",
        "2027-25",
        "2027-37",
        "2027-02-29",
        "2027-3-1",
        "2027-03-27T10:00",
        "20X",
        "20XX",
        "0000",
        "٢٠٢٧",
        "2027~~",
        "~2027",
        "/",
        "../..",
        "2027/",
        "/2027",
        "2027/2026",
        "2027-05/2027-03",
        "2027/2028/2029",
        "2027 ",
        "march",
        "2027\n",
        "2027-21-01",
        "202X-01",
    ],
)
def test_what_is_no_date_is_a_value_error_that_shows_it(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        parse_edtf(text)


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (edtf.half(2027, 1), "2027-01/2027-06"),
        (edtf.half(2027, 2), "2027-07/2027-12"),
        (edtf.quarter(2027, 3), "2027-35"),
        (edtf.decade(1974), "197X"),
        (edtf.on(dt.date(2027, 3, 27)), "2027-03-27"),
    ],
)
def test_constructors_write_the_text(date: PartialDate, text: str) -> None:
    assert date.edtf == text
    assert parse_edtf(text) == date


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: edtf.season(2027, 25), id="season-25"),
        pytest.param(lambda: edtf.quarter(2027, 5), id="quarter-5"),
        pytest.param(lambda: edtf.half(2027, 0), id="half-0"),
        pytest.param(lambda: edtf.day(2027, 2, 29), id="february-29"),
        pytest.param(lambda: edtf.interval(None, None), id="no-ends"),
        pytest.param(lambda: edtf.interval(edtf.half(2027, 1), None), id="interval-of-intervals"),
        pytest.param(lambda: edtf.about(edtf.half(2027, 1)), id="about-an-interval"),
    ],
)
def test_constructors_refuse_what_the_calendar_lacks(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError):
        make()


def test_narrowing_keeps_the_text_and_never_leaves_the_date() -> None:
    year = edtf.year(2027)
    late = edtf.narrow(year, earliest=dt.date(2027, 9, 1))
    assert (late.edtf, late.earliest, late.latest) == ("2027", dt.date(2027, 9, 1), dt.date(2027, 12, 31))
    assert edtf.narrow(year, latest=dt.date(2026, 1, 1)) == year


YEARS = st.integers(1, 9999)
SINGLE = st.one_of(
    st.dates().map(edtf.on),
    st.builds(edtf.month, YEARS, st.integers(1, 12)),
    st.builds(edtf.season, YEARS, st.integers(21, 24)),
    st.builds(edtf.quarter, YEARS, st.integers(1, 4)),
    st.builds(edtf.year, YEARS),
    st.builds(edtf.decade, YEARS),
)
POINTS = st.one_of(SINGLE, SINGLE.map(edtf.about))


def _interval(one: PartialDate | None, other: PartialDate | None) -> PartialDate:
    if one and other and other.earliest < one.earliest:
        one, other = other, one
    return edtf.interval(one, other)


DATES = st.one_of(
    POINTS,
    st.builds(edtf.half, YEARS, st.integers(1, 2)),
    st.builds(_interval, POINTS, POINTS),
    POINTS.map(lambda date: edtf.interval(date, None)),
    POINTS.map(lambda date: edtf.interval(None, date)),
)


@given(DATES)
def test_every_date_is_read_back_from_its_text(date: PartialDate) -> None:
    assert parse_edtf(date.edtf) == date
    assert date.earliest <= date.latest


@given(SINGLE)
def test_about_contains_the_plain_date(date: PartialDate) -> None:
    assert contains(edtf.about(date), date)


@given(DATES, DATES)
def test_two_dates_are_disjoint_or_share_a_day(one: PartialDate, other: PartialDate) -> None:
    shared = max(one.earliest, other.earliest) <= min(one.latest, other.latest)
    assert disjoint(one, other) == disjoint(other, one) == (not shared)
    if contains(one, other):
        assert not disjoint(one, other)


@given(DATES, st.dates(), st.dates())
def test_a_narrowed_date_lies_inside(date: PartialDate, earliest: dt.date, latest: dt.date) -> None:
    assert contains(date, edtf.narrow(date, earliest=earliest, latest=latest))


@given(st.text(alphabet="0123456789-/.X~T ", max_size=14))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        date = parse_edtf(text)
    except ValueError:
        return
    assert date.edtf == text
