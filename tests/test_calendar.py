"""The iCalendar file, parsed back with icalendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from icalendar import Calendar, Event

from alerts.calendar import release_calendar
from storage.model import DayBook, Fact, Kind, PartialDate, Past, Slot, Status, Value
from tests.attacks import attacks, poisoned
from tests.daybooks import FAM5, STAR1, UNTIL, YEAR_2026, day, daybook, fact, utc, window


def events(book: DayBook) -> list[Event]:
    return events_of(release_calendar(book))


def events_of(calendar: bytes) -> list[Event]:
    return list(Calendar.from_ical(calendar).walk("VEVENT"))


def only_event(*facts: Fact) -> Event:
    (event,) = events(replace(daybook(), facts=facts))
    return event


def a_fact(date: PartialDate | None, status: Status = Status.CONFIRMED, past: tuple[Past, ...] = ()) -> Fact:
    return replace(fact(STAR1, Value(date=date), utc(2026, 3, 13), "apple-press", status=status), past=past)


def a_past(date: PartialDate, status: Status = Status.REPORTED) -> Past:
    return Past(value=Value(date=date), status=status, from_at=utc(2025, 1, 1), until_at=utc(2026, 1, 1))


def test_an_exact_day_is_an_all_day_event() -> None:
    event = only_event(a_fact(day("2026-05-29")))
    assert event.decoded("dtstart") == dt.date(2026, 5, 29)
    assert event.decoded("dtend") == dt.date(2026, 5, 30)
    assert event["summary"] == "Star City: Season 1 premiere"
    assert event["transp"] == "TRANSPARENT"


def test_a_window_is_an_entry_from_its_first_day_to_its_last() -> None:
    event = only_event(a_fact(window("2027-22", "2027-06-01", "2027-08-31")))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (dt.date(2027, 6, 1), dt.date(2027, 9, 1))
    assert event["summary"] == "Star City: Season 1 premiere (summer 2027)"


@pytest.mark.parametrize(
    ("earliest", "latest", "start"),
    [("0001-01-01", "2027-06-30", "2027-06-30"), ("2027-03-01", "9999-12-31", "2027-03-01")],
    ids=["no first day", "no last day"],
)
def test_a_window_with_an_open_end_is_its_known_day(earliest: str, latest: str, start: str) -> None:
    event = only_event(a_fact(window("2027", earliest, latest)))
    assert event.decoded("dtstart") == dt.date.fromisoformat(start)
    assert event.decoded("dtend") == dt.date.fromisoformat(start) + dt.timedelta(days=1)


def test_a_date_with_both_ends_open_is_no_event() -> None:
    assert events(replace(daybook(), facts=(a_fact(window("../..", "0001-01-01", "9999-12-31")),))) == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.CONFIRMED, "CONFIRMED"),
        (Status.REPORTED, "TENTATIVE"),
        (Status.RUMOURED, "TENTATIVE"),
        (Status.DENIED, "CANCELLED"),
    ],
)
def test_an_event_is_tentative_until_it_is_confirmed(status: Status, expected: str) -> None:
    event = only_event(a_fact(day("2026-05-29"), status))
    assert event["status"] == expected
    assert str(event["summary"]).endswith("?") == (status is not Status.CONFIRMED)


def test_a_withdrawn_date_cancels_its_event() -> None:
    event = only_event(a_fact(None, past=(a_past(YEAR_2026), a_past(day("2026-05-29")))))
    assert event["status"] == "CANCELLED"
    assert event.decoded("dtstart") == dt.date(2026, 5, 29)


def test_what_never_had_a_date_is_no_event() -> None:
    assert events(replace(daybook(), facts=(a_fact(None),))) == []


def test_the_uid_stays_and_the_sequence_rises_while_date_and_status_change() -> None:
    day_one, day_two = a_past(day("2026-05-29")), a_past(day("2026-06-05"))
    life = [
        a_fact(YEAR_2026, Status.RUMOURED),
        a_fact(YEAR_2026, Status.CONFIRMED),
        a_fact(day("2026-05-29"), past=(a_past(YEAR_2026),)),
        a_fact(day("2026-06-05"), past=(a_past(YEAR_2026), day_one)),
        a_fact(None, past=(a_past(YEAR_2026), day_one, day_two)),
        a_fact(YEAR_2026, Status.RUMOURED, past=(day_one, day_two)),
    ]
    hours = [replace(fact, last_claimed_at=utc(2026, 3, 13, number)) for number, fact in enumerate(life)]
    seen = [only_event(each) for each in hours]
    assert len({str(event["uid"]) for event in seen}) == 1
    numbers = [event["sequence"] for event in seen]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2**31


def test_a_better_status_at_the_same_minute_raises_the_sequence() -> None:
    reported, confirmed = (only_event(a_fact(YEAR_2026, status)) for status in (Status.REPORTED, Status.CONFIRMED))
    assert reported["sequence"] < confirmed["sequence"]


def test_uids_of_different_releases_differ() -> None:
    uids = [str(event["uid"]) for event in events(daybook())]
    assert len(uids) == len(set(uids)) == 4


def test_the_link_is_that_of_the_best_source() -> None:
    first = events(daybook())[0]
    assert first["url"] == "https://news.example/apple-press/202512111500"
    assert "Apple TV Press, Couch Report" in first["description"]


def test_the_same_facts_give_the_same_bytes() -> None:
    assert release_calendar(daybook()) == release_calendar(daybook())


def test_only_release_dates_are_events() -> None:
    cast = Slot(work_id="star-city", kind=Kind.CASTING, person="Mira Antonova")
    assert events(replace(daybook(), facts=(fact(cast, Value(action="joins"), UNTIL),))) == []


def test_no_attack_adds_a_line_an_event_or_a_property() -> None:
    benign = [sorted(event.keys()) for event in events(poisoned("calm"))]
    for attack in attacks():
        raw = release_calendar(poisoned(attack))
        found = events_of(raw)
        assert [sorted(set(event.keys()) - {"URL"}) for event in found] == benign, attack
        assert all(not event.errors for event in found), attack
        assert all(len(line) <= 75 for line in raw.split(b"\r\n")), attack
        assert b"\n" not in raw.replace(b"\r\n", b""), attack


def test_text_is_read_back_as_it_was_written() -> None:
    odd = replace(daybook().works[1], title='Star; City, "back\\slash": n\\n {x}')
    event = only_event(fact(STAR1, Value(date=day("2026-05-29")), UNTIL))
    named = events(replace(daybook(), works=(odd,), facts=(fact(STAR1, Value(date=day("2026-05-29")), UNTIL),)))[0]
    assert named["summary"] == str(event["summary"]).replace("Star City", odd.title)


def test_an_empty_book_is_a_calendar_without_events() -> None:
    assert Calendar.from_ical(release_calendar(replace(daybook(), facts=()), name="Mine"))["X-WR-CALNAME"] == "Mine"
    assert events(replace(daybook(), facts=(fact(FAM5, Value(), UNTIL),))) == []


def test_the_file_is_what_icalendar_itself_would_write() -> None:
    for book in [daybook(), *map(poisoned, attacks())]:
        raw = release_calendar(book)
        assert Calendar.from_ical(raw).to_ical() == raw
