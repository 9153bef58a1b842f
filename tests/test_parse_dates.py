import datetime as dt

import pytest

from pipeline.parse.dates import plausible, read_date


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-03-04", "2026-03-04T00:00"),
        ("20260304", "2026-03-04T00:00"),
        ("2026-03-04T10:00:00+0200", "2026-03-04T08:00"),
        ("2026-03-04 10:00:00 +0000", "2026-03-04T10:00"),
        ("2026-03-04T10:00:00.123Z", "2026-03-04T10:00"),
        ("March 4, 2026", "2026-03-04T00:00"),
        ("Published: Mar. 4th, 2026 at 3:30 pm", "2026-03-04T15:30"),
        ("4 March 2026", "2026-03-04T00:00"),
        ("Wednesday 4 Sept 2026 12:05 am", "2026-09-04T00:05"),
        ("2026/03/04", "2026-03-04T00:00"),
        ("Wed, 04 Mar 2026 13:00:00 +0100", "2026-03-04T13:00"),
        ("25/12/2026", "2026-12-25T00:00"),
        ("12/25/2026", "2026-12-25T00:00"),
        ("04.03.2026", "2026-03-04T00:00"),
        ("05/05/2026", "2026-05-05T00:00"),
        ("Publicado el 4 de marzo de 2026 a las 10:00", "2026-03-04T10:00"),
        ("1er mars 2026", "2026-03-01T00:00"),
        ("4. März 2026, 10.15 Uhr", "2026-03-04T10:15"),
        ("4 de março de 2026", "2026-03-04T00:00"),
        ("2026年3月4日", "2026-03-04T00:00"),
        ("1772618400", "2026-03-04T10:00"),
        ("1772618400123", "2026-03-04T10:00"),
        ("17726184001", None),
        ("03/04/2026", None),
        ("31 February 2026", None),
        ("2026-13-40", None),
        ("March 2026", None),
        ("yesterday", None),
        ("9 minutes ago", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
        (None, None),
    ],
)
def test_a_written_date_is_read_where_it_has_one_meaning(text: str | None, iso: str | None) -> None:
    at = read_date(text)
    assert (f"{at:%Y-%m-%dT%H:%M}" if at else None) == iso
    assert at is None or at.utcoffset() == dt.timedelta(0)


@pytest.mark.parametrize(("year", "kept"), [(1970, False), (1989, False), (1990, True), (2027, True), (2028, False)])
def test_only_dates_of_the_webs_time_are_plausible(year: int, kept: bool) -> None:
    at = dt.datetime(year, 6, 1, tzinfo=dt.UTC)
    assert (plausible(at, dt.datetime(2026, 11, 1, tzinfo=dt.UTC)) is not None) == kept
