"""What an alert says, in words and in JSON, when it may be said, and how several become one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.formats import FORMATS, REQUIRED_OPTIONS
from alerts.match import ALERTS_BY_DEFAULT
from alerts.payload import FIRST_LINE, after_quiet, group, messages, source_message, test_message
from alerts.retry import DELAYS_S
from alerts.wording import ENGLISH, change_words, date_words, slot_words, status_words, value_words
from storage.model import (
    Alert,
    ChangeKind,
    FetchState,
    Health,
    Kind,
    Message,
    PartialDate,
    Slot,
    Source,
    SourceKind,
    Status,
    Tier,
    Value,
    Work,
)
from tests.alert_factories import NEW, NOW, OLD, SENTENCE, SOURCES, alert, day, route

test_message.__test__ = False  # type: ignore[attr-defined]  # its name is the command's
DOCS = Path(__file__).parent.parent / "docs"
SCHEMA = json.loads((DOCS / "alert.schema.json").read_text(encoding="utf-8"))
CHECKER = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def said(one: Alert, **how: object) -> dict[str, object]:
    """The `data` of the alert's webhook."""
    (message,) = messages([one], now=NOW, source_names=SOURCES, **how)  # type: ignore[arg-type]
    event = json.loads(message.body)
    CHECKER.validate(event)
    data: dict[str, object] = event["data"]
    return data


# --- the first line ------------------------------------------------------------------------------------------------

SPRING = PartialDate(edtf="2026-21", earliest=dt.date(2026, 3, 1), latest=dt.date(2026, 5, 31))
JOINS = Value(action="joins", character="Ines")
C, K = ChangeKind, Kind
FIRST_LINES = [
    (alert(change=C.REFINED, old=Value(date=SPRING)),
     "Harbour Nine S4: premiere 18 September 2026 (was: spring 2026) — confirmed by The Desk"),
    (alert(change=C.ANNOUNCED, old=None, new=Value(date=SPRING), status=Status.REPORTED, season=None, role=None),
     "Harbour Nine: release spring 2026 — reported by The Desk"),
    (alert(),
     "Harbour Nine S4: premiere delayed: now 18 September 2026 (was: 5 June 2026) — confirmed by The Desk"),
    (alert(change=C.MOVED_EARLIER, old=NEW, new=OLD, claimed={"attributed_to": "Hulu"}),
     "Harbour Nine S4: premiere moved up: now 5 June 2026 (was: 18 September 2026) — confirmed by Hulu"),
    (alert(new=Value(text="delayed")),
     "Harbour Nine S4: premiere delayed (was: 5 June 2026) — confirmed by The Desk"),
    (alert(change=C.CONFIRMED, old=NEW),
     "Harbour Nine S4: premiere 18 September 2026 — now confirmed by The Desk"),
    (alert(change=C.WITHDRAWN, new=Value()),
     "Harbour Nine S4: no premiere date any more (was: 5 June 2026) — confirmed by The Desk"),
    (alert(change=C.DISPUTED, status=Status.RUMOURED),
     "Harbour Nine S4: premiere 18 September 2026? Disputed (we believe: 5 June 2026) — rumour from The Desk"),
    (alert(change=C.VAGUER, new=Value(date=SPRING)),
     "Harbour Nine S4: premiere spring 2026, less exact now (was: 5 June 2026) — confirmed by The Desk"),
    (alert(change=C.DUE, old=NEW),
     "Harbour Nine S4: premiere on Friday, 18 September 2026 — reminder"),
    (alert(K.CASTING, C.ANNOUNCED, old=None, new=JOINS, person="Jane Roe", status=Status.REPORTED),
     "Harbour Nine S4: Jane Roe joins the cast as Ines — reported by The Desk"),
    (alert(K.CASTING, C.ANNOUNCED, old=JOINS, new=Value(action="exits"), person="Jane Roe"),
     "Harbour Nine S4: Jane Roe leaves (was: joined the cast) — confirmed by The Desk"),
    (alert(K.SEASON, C.ANNOUNCED, old=None, new=Value(text="exists")),
     "Harbour Nine S4: announced — confirmed by The Desk"),
    (alert(K.SEASON, C.ANNOUNCED, old=None, new=Value(text="7"), season=None),
     "Harbour Nine: 7 seasons planned — confirmed by The Desk"),
    (alert(K.RENEWAL, C.ANNOUNCED, old=None, new=Value(text="renewed"), season=5),
     "Harbour Nine S5: renewed — confirmed by The Desk"),
    (alert(K.CANCELLATION, C.ANNOUNCED, old=None, new=Value(text="ending"), season=6),
     "Harbour Nine S6: will be the last season — confirmed by The Desk"),
    (alert(K.SPINOFF, C.ANNOUNCED, old=None, new=Value(text="Outer Harbour"), season=None),
     "Harbour Nine: a spin-off, Outer Harbour — confirmed by The Desk"),
    (alert(K.PRODUCTION, C.ANNOUNCED, old=Value(text="writing"), new=Value(text="filming")),
     "Harbour Nine S4: filming (was: being written) — confirmed by The Desk"),
    (alert(K.TRAILER, C.ANNOUNCED, old=None, new=Value(text="first_look")),
     "Harbour Nine S4: first look is out — confirmed by The Desk"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "line"), FIRST_LINES, ids=[line[:60] for _, line in FIRST_LINES])
def test_the_first_line_says_it_all(one: Alert, line: str) -> None:
    assert said(one)["summary"] == line


def test_the_first_line_stays_short_and_keeps_who_says_so() -> None:
    long = Work(id="long", title="An Exceedingly Long Title " * 5, franchise_id="x")
    one = alert(K.SPINOFF, C.ANNOUNCED, old=None, new=Value(text="word " * 60), work=long)
    line = str(said(one)["summary"])
    assert len(line) <= FIRST_LINE
    assert line.endswith("… — confirmed by The Desk")


# --- dates in words ------------------------------------------------------------------------------------------------

DATES = [
    ("2027-03-27", "2027-03-27", "2027-03-27", "27 March 2027"),
    ("2027-03", "2027-03-01", "2027-03-31", "March 2027"),
    ("2027", "2027-01-01", "2027-12-31", "2027"),
    ("2027-21", "2027-03-01", "2027-05-31", "spring 2027"),
    ("2027-22", "2027-06-01", "2027-08-31", "summer 2027"),
    ("2027-23", "2027-09-01", "2027-11-30", "autumn 2027"),
    ("2027-24", "2027-12-01", "2028-02-29", "winter 2027"),
    ("2027-33", "2027-01-01", "2027-03-31", "Q1 2027"),
    ("2027-36", "2027-10-01", "2027-12-31", "Q4 2027"),
    ("2027-40", "2027-01-01", "2027-06-30", "the first half of 2027"),
    ("2027-41", "2027-07-01", "2027-12-31", "the second half of 2027"),
    ("202X", "2020-01-01", "2029-12-31", "the 2020s"),
    ("2027-03-XX", "2027-03-01", "2027-03-31", "March 2027"),
    ("2027-XX", "2027-01-01", "2027-12-31", "2027"),
    ("2027~", "2027-01-01", "2027-12-31", "around 2027"),
    ("2027-03-27~", "2027-03-24", "2027-03-30", "around 27 March 2027"),
    ("2027-21?", "2027-03-01", "2027-05-31", "perhaps spring 2027"),
    ("2026-03-01/2026-03-10", "2026-03-01", "2026-03-10", "early March 2026"),
    ("2026-03-11/2026-03-20", "2026-03-11", "2026-03-20", "mid-March 2026"),
    ("2026-03-21/2026-03-31", "2026-03-21", "2026-03-31", "late March 2026"),
    ("2026-02-21/2026-02-28", "2026-02-21", "2026-02-28", "late February 2026"),
    ("2027-01/2027-04", "2027-01-01", "2027-04-30", "early 2027"),
    ("2027-05/2027-08", "2027-05-01", "2027-08-31", "mid-2027"),
    ("2027-09/2027-12", "2027-09-01", "2027-12-31", "late 2027"),
    ("2027-07/2027-12", "2027-07-01", "2027-12-31", "the second half of 2027"),
    ("2027-03/2027-05", "2027-03-01", "2027-05-31", "March to May 2027"),
    ("2027-03-03/2027-03-09", "2027-03-03", "2027-03-09", "3 to 9 March 2027"),
    ("2026-12-28/2027-01-04", "2026-12-28", "2027-01-04", "28 December 2026 to 4 January 2027"),
    ("2026/2027", "2026-01-01", "2027-12-31", "2026 to 2027"),
    ("../2026", "0001-01-01", "2026-12-31", "by the end of 2026"),
    ("../2026-06", "0001-01-01", "2026-06-30", "by the end of June 2026"),
    ("../2026-06-05", "0001-01-01", "2026-06-05", "by 5 June 2026"),
    ("2027/..", "2027-01-01", "9999-12-31", "no earlier than 2027"),
    ("2027-21/..", "2027-03-01", "9999-12-31", "no earlier than spring 2027"),
    ("[2027,2028]", "2027-01-01", "2028-12-31", "[2027,2028]"),
]


@pytest.mark.parametrize(("edtf", "earliest", "latest", "expected"), DATES, ids=[row[0] for row in DATES])
def test_a_date_is_said_no_more_exactly_than_it_is(edtf: str, earliest: str, latest: str, expected: str) -> None:
    date = PartialDate(edtf=edtf, earliest=dt.date.fromisoformat(earliest), latest=dt.date.fromisoformat(latest))
    assert date_words(date) == expected


@given(st.text(alphabet="0123456789-/.~?%X ", max_size=24), st.dates(), st.dates())
def test_no_date_text_breaks_the_words(edtf: str, one: dt.date, other: dt.date) -> None:
    assert date_words(PartialDate(edtf=edtf or "2027", earliest=min(one, other), latest=max(one, other)))


def test_every_change_and_status_has_words() -> None:
    assert {change_words(kind) for kind in ChangeKind}.isdisjoint({""})
    assert [status_words(status) for status in Status] == ["rumoured", "reported", "confirmed", "denied"]
    assert {f"tier.{tier}" for tier in Tier} <= ENGLISH.keys()
    assert value_words(Value()) == "nothing announced"


@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        (Slot(work_id="w", kind=K.RELEASE_DATE, season=5, role="premiere"), "season 5 premiere"),
        (Slot(work_id="w", kind=K.RELEASE_DATE, role="theatrical", region="UK"), "cinema release (UK)"),
        (Slot(work_id="w", kind=K.RELEASE_DATE, season=2, part="part 2"), "season 2 part 2 release"),
        (Slot(work_id="w", kind=K.CASTING, person="Jane Roe"), "casting of Jane Roe"),
        (Slot(work_id="w", kind=K.PRODUCTION, season=3), "season 3 production"),
    ],
    ids=["premiere", "region", "part", "casting", "production"],
)
def test_a_slot_is_named(slot: Slot, expected: str) -> None:
    assert slot_words(slot) == expected


# --- the JSON ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [kind for kind in ChangeKind if kind not in (C.CORROBORATED, C.REPEATED)])
@pytest.mark.parametrize("kind", Kind)
def test_every_event_type_keeps_the_schema(kind: Kind, change: ChangeKind) -> None:
    old, new = {
        Kind.RELEASE_DATE: (OLD, NEW),
        Kind.CASTING: (Value(action="in_talks"), JOINS),
    }.get(kind, (Value(text="writing"), Value(text="filming", platform="Hulu")))
    new = Value() if change is C.WITHDRAWN else new
    old = new if change in (C.CONFIRMED, C.DUE) else old
    (message,) = messages([alert(kind, change, old=old, new=new)], now=NOW, source_names=SOURCES)
    event = json.loads(message.body)
    CHECKER.validate(event)
    assert event["type"] == f"{kind}.{change}"
    assert message.id == event["data"]["id"] == "c1.main"


def test_the_data_names_value_source_and_what_is_corrected() -> None:
    data = said(alert(supersedes="c0", note="it lies after", claimed={"attributed_to": "Hulu"}))
    assert data["old"] == {
        "words": "5 June 2026",
        "date": {"edtf": "2026-06-05", "earliest": "2026-06-05", "latest": "2026-06-05", "words": "5 June 2026"},
        "action": None,
        "text": None,
        "platform": None,
        "character": None,
    }
    assert data["old_known_since"] == "2026-03-02T00:00:00Z"
    assert data["said_by"] == {"source_id": "desk", "source": "The Desk", "tier": "trade", "attributed_to": "Hulu"}
    assert data["supersedes"] == "c0.main"
    assert data["sentence"] == SENTENCE


@pytest.mark.parametrize(("change", "label"), [(C.MOVED_LATER, "Corrects"), (C.CONFIRMED, "Confirms")])
def test_a_confirmation_does_not_say_that_it_corrects(change: C, label: str) -> None:
    old = NEW if change is C.CONFIRMED else OLD
    (one,) = messages([alert(change=change, old=old, new=NEW, supersedes="c0", to=route("telegram"))], now=NOW)
    assert f"{label}: an earlier alert (c0.main)" in json.loads(one.body)["text"]


def test_an_open_end_is_null() -> None:
    by = PartialDate(edtf="../2026", earliest=dt.date.min, latest=dt.date(2026, 12, 31))
    new = said(alert(change=C.ANNOUNCED, old=None, new=Value(date=by)))["new"]
    assert isinstance(new, dict)
    assert (new["date"]["earliest"], new["date"]["latest"]) == (None, "2026-12-31")


@pytest.mark.parametrize("char", ["x", "ü", "語", "🚀", '"', "\\", "\u0301", "\x00", "\ud800"], ids=ascii)
def test_no_webhook_reaches_20_kb_however_much_a_text_says(char: str) -> None:
    much = char * 50_000
    one = alert(
        K.CASTING,
        C.ANNOUNCED,
        old=Value(action="in_talks", character=much, platform=much),
        new=Value(action="joins", character=much, platform=much),
        person=much,
        work=Work(id="w", title=much, franchise_id="f"),
        note=much,
        supersedes="c0",
        claimed={"sentence": much, "attributed_to": much, "url": f"https://desk.example/{char * 900}"},
        to=route(show_headline=True),
    )
    for format in FORMATS:
        to = dataclasses.replace(route(format), show_headline=True)
        (message,) = messages(
            [dataclasses.replace(one, route=to)], now=NOW, source_names={"desk": much}, headlines={"desk/1": much}
        )
        assert len(message.body) < (50_000 if format == "email" else 20_000), format


# --- spoilers ------------------------------------------------------------------------------------------------------

HEADLINE = "Exclusive: The network has moved the fourth season of Harbour Nine to September 18!"


def test_the_headline_is_never_shown() -> None:
    data = said(alert(), headlines={"desk/1": "Who dies in the finale"})
    assert "dies" not in json.dumps(data)
    assert data["sentence"] == SENTENCE


def test_a_sentence_that_is_the_headline_is_not_shown_either() -> None:
    assert said(alert(), headlines={"desk/1": HEADLINE})["sentence"] is None


def test_a_route_may_ask_for_the_headline() -> None:
    data = said(alert(to=route(show_headline=True)), headlines={"desk/1": HEADLINE})
    assert (data["headline"], data["sentence"]) == (HEADLINE, SENTENCE)


@pytest.mark.parametrize("format", FORMATS)
def test_no_format_shows_the_headline(format: str) -> None:
    (message,) = messages([alert(to=route(format))], now=NOW, headlines={"desk/1": HEADLINE + " Spoiler"})
    assert b"Exclusive" not in message.body
    assert b"Spoiler" not in message.body


# --- quiet hours ---------------------------------------------------------------------------------------------------

NIGHT = (dt.time(22, 0), dt.time(7, 0))
NOON = (dt.time(12, 0), dt.time(14, 0))
QUIET = [
    ("no quiet hours", None, "UTC", "2026-05-01T23:00", "2026-05-01T23:00"),
    ("before", NIGHT, "UTC", "2026-05-01T21:59", "2026-05-01T21:59"),
    ("from the start", NIGHT, "UTC", "2026-05-01T22:00", "2026-05-02T07:00"),
    ("after midnight", NIGHT, "UTC", "2026-05-02T03:00", "2026-05-02T07:00"),
    ("the end is not in", NIGHT, "UTC", "2026-05-02T07:00", "2026-05-02T07:00"),
    ("within a day", NOON, "UTC", "2026-05-02T13:00", "2026-05-02T14:00"),
    ("within a day, after", NOON, "UTC", "2026-05-02T14:00", "2026-05-02T14:00"),
    ("empty", (dt.time(9), dt.time(9)), "UTC", "2026-05-02T09:00", "2026-05-02T09:00"),
    ("another zone", NIGHT, "Asia/Tokyo", "2026-05-01T14:00", "2026-05-01T22:00"),
    ("clocks go forward", NIGHT, "Europe/Berlin", "2026-03-28T22:30", "2026-03-29T05:00"),
    ("clocks go back", NIGHT, "Europe/Berlin", "2026-10-24T21:30", "2026-10-25T06:00"),
    ("ends in the hour that is skipped", (dt.time(1), dt.time(2, 30)), "Europe/Berlin", "2026-03-29T00:30",
     "2026-03-29T01:30"),
]  # fmt: skip


@pytest.mark.parametrize(("hours", "zone", "at", "until"), [row[1:] for row in QUIET], ids=[row[0] for row in QUIET])
def test_quiet_hours_end_on_the_users_clock(
    hours: tuple[dt.time, dt.time] | None, zone: str, at: str, until: str
) -> None:
    asked, expected = (dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) for text in (at, until))
    assert after_quiet(asked, hours, ZoneInfo(zone)) == expected


@given(
    st.integers(0, 366 * 24 * 60),
    st.tuples(st.times(), st.times()),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]),
)
def test_quiet_hours_never_lead_back_in_time_nor_beyond_a_day(
    minutes: int, hours: tuple[dt.time, dt.time], zone: str
) -> None:
    asked = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    until = after_quiet(asked, hours, ZoneInfo(zone))
    assert asked <= until <= asked + dt.timedelta(hours=25, minutes=30)


def test_a_message_waits_for_the_end_of_quiet_hours() -> None:
    sleepy = route(quiet_hours=(dt.time(8), dt.time(18)))
    (message,) = messages([alert(to=sleepy)], now=NOW, timezone=ZoneInfo("Europe/Berlin"))
    assert message.not_before_at == dt.datetime(2026, 5, 1, 16, tzinfo=dt.UTC)
    assert message.created_at == NOW


# --- one message for several ---------------------------------------------------------------------------------------


def several(count: int, format: str) -> tuple[Message, ...]:
    some = [alert(id=f"c{number}", to=route(format)) for number in range(count)]
    return messages(some, now=NOW, source_names=SOURCES)


@pytest.mark.parametrize("format", FORMATS)
def test_a_group_tells_every_change_once(format: str) -> None:
    some = several(100, format)
    grouped = group(some, route(format), now=NOW)
    assert [one.id for _, told in grouped for one in told] == [one.id for one in some]
    assert all(message.change_ids == tuple(c for one in told for c in one.change_ids) for message, told in grouped)
    assert len(grouped) < 25


def test_a_group_of_webhooks_keeps_schema_and_size() -> None:
    for message, _ in group(several(100, "webhook"), route(), now=NOW):
        CHECKER.validate(json.loads(message.body))
        assert len(message.body) < (50_000 if format == "email" else 20_000), format


def test_the_id_of_a_group_follows_from_what_it_tells() -> None:
    some = several(5, "webhook")
    ((one, _),) = group(some, route(), now=NOW)
    ((same, _),) = group(tuple(reversed(some)), route(), now=NOW + dt.timedelta(hours=1))
    ((other, _),) = group(some[:4], route(), now=NOW)
    assert one.id == same.id != other.id


@pytest.mark.parametrize(("health", "word"), [(Health.FAILING, "broken"), (Health.OK, "recovered")])
def test_a_source_that_breaks_or_recovers_is_told_once(health: Health, word: str) -> None:
    desk = Source(id="desk", name="The Desk", kind=SourceKind.FEED, url="https://desk.example/feed", tier=Tier.TRADE)
    state = FetchState(source_id="desk", url=desk.url, health=health, reason="it answers 500")
    first, second = (
        source_message(route(), desk, state, since_at=NOW, now=NOW + dt.timedelta(days=days)) for days in (1, 2)
    )
    assert first.id == second.id == f"source-desk-{word}-20260501T090000Z.main"
    event = json.loads(first.body)
    CHECKER.validate(event)
    assert event["type"] == f"source.{word}"
    assert "1 May 2026" in event["data"]["text"]
    for format in FORMATS:
        assert b"The Desk" in source_message(route(format), desk, state, since_at=NOW, now=NOW).body


def test_one_alone_is_no_group() -> None:
    some = several(1, "webhook")
    assert group(some, route(), now=NOW) == ((some[0], some),)
    assert group((), route(), now=NOW) == ()


# --- the documentation ---------------------------------------------------------------------------------------------

PAGE = (DOCS / "alerts.md").read_text(encoding="utf-8")


def test_the_documented_examples_keep_the_schema() -> None:
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    for example in examples:
        CHECKER.validate(example)
    assert [example["type"] for example in examples] == ["release_date.moved_later", "test"]


def test_the_test_message_is_as_documented() -> None:
    message = test_message(route(), id="test-20260501T090000000000-main", now=NOW)
    examples = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert json.loads(message.body) == json.loads(examples[1])


def test_the_documentation_names_what_there_is() -> None:
    rows = set(re.findall(r"^\| (.*?) \|", PAGE, re.MULTILINE))
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert set(FORMATS) | set(ChangeKind) <= named
    assert all(option in PAGE for options in REQUIRED_OPTIONS.values() for option in options)
    assert set(SCHEMA["$defs"]["change"]["properties"]["data"]["properties"]["kind"]["enum"]) == set(Kind)
    default = re.findall(r"^\| (.*?) \|.*\| yes \|", PAGE, re.MULTILINE)
    assert {name for row in default for name in re.findall(r"`(\w+)`", row)} == set(ALERTS_BY_DEFAULT)


def test_the_documented_schedule_is_the_one_that_is_kept() -> None:
    words = "5 seconds, 5 minutes, 30 minutes, 2 hours, 5 hours, 10 hours, 14 hours, 20 hours and 24 hours"
    unit = {"seconds": 1, "minutes": 60, "hours": 3_600}
    assert words in PAGE.replace("\n", " ")
    said_s = [int(number) * unit[name] for number, name in re.findall(r"(\d+) (\w+)", words)]
    assert tuple(said_s) == DELAYS_S[1:]


def test_a_day_says_its_day() -> None:
    assert value_words(Value(date=day("2027-03-27"), platform="Hulu")) == "27 March 2027 on Hulu"
