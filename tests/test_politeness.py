"""The state machine of a source, status by status and header by header, as docs/fetching.md tabulates it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.fetch.politeness import (
    Answer,
    Answered,
    Denied,
    Held,
    Notice,
    Unreachable,
    Walled,
    current,
    holds,
    host_of,
    is_due,
    lengthen,
    next_state,
    notice,
    on_this_clock,
    proposed_move,
    retry_after_s,
    unreadable,
)
from storage.model import FetchState, Health, Source, SourceKind, Tier

NOW = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)
URL = "https://news.example/feed"
MINUTE, HOUR, DAY = 60, 3600, 86400


def source(**settings: Any) -> Source:
    defaults: dict[str, Any] = {"id": "s", "name": "S", "kind": SourceKind.FEED, "url": URL, "tier": Tier.PRESS}
    return Source(**(defaults | settings))


def state(**settings: Any) -> FetchState:
    defaults: dict[str, Any] = {"source_id": "s", "url": URL, "last_success_at": NOW - dt.timedelta(hours=1)}
    return FetchState(**(defaults | settings))


def answered(status_code: int = 200, permanent_url: str | None = None, **headers: str) -> Answered:
    named = {name.replace("_", "-"): value.encode() for name, value in headers.items()}
    return Answered(
        status_code=status_code, url=URL, headers=named, body_sha256=f"of {status_code}", permanent_url=permanent_url
    )


def wait_s(after: FetchState, now: dt.datetime = NOW) -> float:
    assert after.next_due_at is not None
    return (after.next_due_at - now).total_seconds()


IN_TWO_HOURS = "Sun, 01 Mar 2026 14:30:00 GMT"
AN_HOUR_AGO = "Sun, 01 Mar 2026 11:30:00 GMT"
IN_TEN_YEARS = "Sat, 01 Mar 2036 12:30:00 GMT"

TABLE: dict[str, tuple[Answer, Health, float, bool]] = {
    # the answer, the health after it, the shortest wait in seconds (jitter adds a tenth at most), is the host held
    "200": (answered(200), Health.OK, HOUR, False),
    "203": (answered(203), Health.OK, HOUR, False),
    "304": (answered(304), Health.OK, HOUR, False),
    "200_max_age_shorter": (answered(200, cache_control="max-age=60"), Health.OK, HOUR, False),
    "200_max_age_longer": (answered(200, cache_control="public, max-age=7200"), Health.OK, 2 * HOUR, False),
    "304_max_age_longer": (answered(304, cache_control="max-age=7200"), Health.OK, 2 * HOUR, False),
    "200_max_age_year": (answered(200, cache_control="max-age=31536000"), Health.OK, DAY, False),
    "200_max_age_huge": (answered(200, cache_control="max-age=" + "9" * 500), Health.OK, DAY, False),
    "200_max_age_quoted": (answered(200, cache_control='max-age="7200"'), Health.OK, 2 * HOUR, False),
    "200_max_age_negative": (answered(200, cache_control="max-age=-1"), Health.OK, HOUR, False),
    "200_s_maxage": (answered(200, cache_control="s-maxage=9000"), Health.OK, HOUR, False),
    "200_no_cache": (answered(200, cache_control="no-cache, no-store"), Health.OK, HOUR, False),
    "200_retry_after": (answered(200, retry_after="7200"), Health.OK, HOUR, False),
    "204": (answered(204), Health.FAILING, HOUR, False),
    "206": (answered(206), Health.FAILING, HOUR, False),
    "300": (answered(300), Health.FAILING, HOUR, False),
    "400": (answered(400), Health.FAILING, HOUR, False),
    "401": (answered(401), Health.BLOCKED, 4 * HOUR, False),
    "402": (answered(402), Health.BLOCKED, 4 * HOUR, False),
    "403": (answered(403), Health.BLOCKED, 4 * HOUR, False),
    "403_retry_after_shorter": (answered(403, retry_after="60"), Health.BLOCKED, 4 * HOUR, False),
    "403_retry_after_longer": (answered(403, retry_after="36000"), Health.BLOCKED, 10 * HOUR, False),
    "451": (answered(451), Health.BLOCKED, 4 * HOUR, False),
    "404": (answered(404), Health.FAILING, HOUR, False),
    "404_retry_after": (answered(404, retry_after="7200"), Health.FAILING, 2 * HOUR, False),
    "408": (answered(408), Health.FAILING, HOUR, False),
    "418": (answered(418), Health.FAILING, HOUR, False),
    "429": (answered(429), Health.FAILING, HOUR, True),
    "429_seconds": (answered(429, retry_after="7200"), Health.FAILING, 2 * HOUR, True),
    "429_shorter": (answered(429, retry_after="10"), Health.FAILING, HOUR, True),
    "429_date": (answered(429, retry_after=IN_TWO_HOURS), Health.FAILING, 2 * HOUR, True),
    "429_past": (answered(429, retry_after=AN_HOUR_AGO), Health.FAILING, HOUR, True),
    "429_ten_years": (answered(429, retry_after=IN_TEN_YEARS), Health.FAILING, 7 * DAY, True),
    "429_huge": (answered(429, retry_after="9" * 500), Health.FAILING, 7 * DAY, True),
    "429_nonsense": (answered(429, retry_after="soon"), Health.FAILING, HOUR, True),
    "429_zero": (answered(429, retry_after="0"), Health.FAILING, HOUR, True),
    "429_negative": (answered(429, retry_after="-5"), Health.FAILING, HOUR, True),
    "500": (answered(500), Health.FAILING, HOUR, False),
    "500_retry_after": (answered(500, retry_after="7200"), Health.FAILING, 2 * HOUR, False),
    "502": (answered(502), Health.FAILING, HOUR, False),
    "503": (answered(503), Health.FAILING, HOUR, False),
    "503_seconds": (answered(503, retry_after="7200"), Health.FAILING, 2 * HOUR, True),
    "503_date": (answered(503, retry_after=IN_TWO_HOURS), Health.FAILING, 2 * HOUR, True),
    "503_past": (answered(503, retry_after=AN_HOUR_AGO), Health.FAILING, HOUR, False),
    "503_ten_years": (answered(503, retry_after=IN_TEN_YEARS), Health.FAILING, 7 * DAY, True),
    "504": (answered(504), Health.FAILING, HOUR, False),
    "599": (answered(599), Health.FAILING, HOUR, False),
    "999": (answered(999), Health.FAILING, HOUR, False),
    "wall": (Walled(reason="a wall", status_code=200), Health.BLOCKED, 4 * HOUR, False),
    "wall_429": (
        Walled(reason="a wall", status_code=429, headers={"retry-after": b"36000"}, url=URL),
        Health.BLOCKED,
        10 * HOUR,
        True,
    ),
    "robots": (Denied(reason="robots.txt"), Health.BLOCKED, DAY, False),
    "network": (Unreachable(reason="no route"), Health.FAILING, HOUR, False),
}


@pytest.mark.parametrize(("answer", "health", "shortest_s", "held"), TABLE.values(), ids=TABLE)
def test_an_answer_leads_to_the_state_of_the_table(
    answer: Answer, health: Health, shortest_s: float, held: bool
) -> None:
    after = next_state(source(), state(), answer, NOW)
    assert after.health is health
    assert shortest_s <= wait_s(after) <= shortest_s * 1.1
    assert (after.held_host == "news.example") is held
    assert after.last_attempt_at == NOW
    assert after.reason


def test_410_stops_the_source_and_says_so_at_once() -> None:
    after = next_state(source(), state(), answered(410), NOW)
    assert after.health is Health.GONE
    assert after.next_due_at is None
    assert "410 Gone" in after.reason
    assert notice(state(), after) is Notice.BROKEN
    assert not is_due(source(), after, NOW + dt.timedelta(days=3650))


def test_a_gone_source_is_due_again_under_another_url() -> None:
    gone = next_state(source(), state(), answered(410), NOW)
    assert is_due(source(url="https://news.example/new"), gone, NOW)


@pytest.mark.parametrize(
    ("interval_s", "shortest_s"), [(1, 15 * MINUTE), (15 * MINUTE, 15 * MINUTE), (HOUR, HOUR), (DAY, DAY), (0, 900)]
)
def test_fifteen_minutes_is_the_fastest(interval_s: int, shortest_s: int) -> None:
    assert wait_s(next_state(source(interval_s=interval_s), state(), answered(), NOW)) >= shortest_s


def test_an_unparsable_answer_to_the_first_poll_is_not_a_success() -> None:
    after = next_state(source(), state(last_success_at=None), Unreachable(reason="no"), NOW)
    assert after.last_success_at is None


def test_404_ten_times_slows_to_daily() -> None:
    after, now = state(), NOW
    waits = []
    for _ in range(12):
        after = next_state(source(), after, answered(404), now)
        waits.append(round(wait_s(after, now) / HOUR))
        assert after.next_due_at
        now = after.next_due_at
    assert waits[:9] == [1] * 9
    assert all(24 <= hours <= 27 for hours in waits[9:])
    assert "10 in a row" in next_state(source(), state(not_found=9), answered(404), NOW).reason


def test_another_answer_ends_a_row_of_404() -> None:
    assert next_state(source(), state(not_found=9), answered(500), NOW).not_found == 0
    assert next_state(source(), state(not_found=9), answered(200), NOW).not_found == 0
    assert next_state(source(), state(not_found=9), Unreachable(reason="no"), NOW).not_found == 9


def test_network_failures_back_off_to_six_hours() -> None:
    after, hours = state(), []
    for _ in range(6):
        after = next_state(source(), after, Unreachable(reason="no"), NOW)
        hours.append(int(wait_s(after) / HOUR))
    assert hours == [1, 2, 4, 6, 6, 6]


def test_a_slow_source_does_not_get_faster_by_failing() -> None:
    failing = next_state(source(interval_s=DAY), state(failures=5), Unreachable(reason="no"), NOW)
    assert wait_s(failing) >= DAY


def test_repeated_429_without_a_time_backs_off_to_a_day() -> None:
    after, hours = state(), []
    for _ in range(7):
        after = next_state(source(interval_s=900), after, answered(429), NOW)
        hours.append(int(wait_s(after) / HOUR))
    assert hours == sorted(hours)
    assert hours[0] == 1
    assert 24 <= hours[-1] <= 26


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120),
        (b" 120 ", 120),
        (b"0", None),
        (b"", None),
        (b"-1", None),
        (b"1.5", None),
        (b"\xd9\xa1\xd9\xa2", None),
        (b"\xff\xfe", None),
        (b"99999999999999999999", 7 * DAY),
        (b"Sun, 01 Mar 2026 12:31:00 GMT", 60),
        (b"Sunday, 01-Mar-26 12:31:00 GMT", 60),
        (b"Sun Mar  1 12:31:00 2026", 60),
        (b"Sun, 01 Mar 2026 11:00:00 GMT", None),
        (b"Sun, 99 Mar 2026 11:00:00 GMT", None),
        (b"Sun, 01 Mar 99999 11:00:00 GMT", None),
        (b"2026-03-01T12:31:00Z", None),
        (b"tomorrow", None),
    ],
    ids=repr,
)
def test_retry_after_is_read_as_rfc_9110_writes_it(value: bytes, seconds: int | None) -> None:
    assert retry_after_s(value, NOW) == seconds


# --- validators ------------------------------------------------------------------------------------------------------


def test_validators_are_those_of_the_last_full_answer() -> None:
    held = next_state(source(), state(), answered(200, etag='"1"', last_modified="then"), NOW)
    assert (held.etag, held.last_modified, held.validators_url) == (b'"1"', b"then", URL)
    without = next_state(source(), held, answered(200), NOW)
    assert (without.etag, without.last_modified, without.validators_url) == (None, None, None)


def test_a_304_keeps_validators_and_takes_new_ones() -> None:
    held = state(etag=b'"1"', last_modified=b"then", validators_url=URL, body_sha256="abc")
    kept = next_state(source(), held, answered(304), NOW)
    assert (kept.etag, kept.last_modified, kept.body_sha256) == (b'"1"', b"then", "abc")
    renewed = next_state(source(), held, answered(304, etag='"2"'), NOW)
    assert (renewed.etag, renewed.last_modified) == (b'"2"', b"then")


@pytest.mark.parametrize("answer", [answered(500, etag='"e"'), answered(404), Unreachable(reason="no")], ids=repr)
def test_an_error_leaves_the_validators_alone(answer: Answer) -> None:
    held = state(etag=b'"1"', validators_url=URL, body_sha256="abc")
    after = next_state(source(), held, answer, NOW)
    assert (after.etag, after.validators_url, after.body_sha256) == (b'"1"', URL, "abc")


def test_an_unreadable_body_is_a_failure_and_not_held() -> None:
    before = state(etag=b'"1"', validators_url=URL, body_sha256="good", failures=1, failing_since_at=NOW)
    now = NOW + dt.timedelta(hours=25)
    after = unreadable(source(), before, "cut short", now)
    assert after.health is Health.FAILING
    assert after.reason == "cut short"
    assert (after.etag, after.validators_url, after.body_sha256) == (b'"1"', URL, "good")
    assert (after.failures, after.last_attempt_at) == (2, now)
    assert wait_s(after, now) >= 2 * HOUR
    assert notice(before, after) is Notice.BROKEN


def test_another_url_starts_anew() -> None:
    old = state(etag=b'"1"', baseline_done=True, told=True, failures=4)
    anew = current(source(url="https://news.example/other"), old)
    assert anew == FetchState(source_id="s", url="https://news.example/other")


def test_following_a_proposed_move_keeps_the_baseline() -> None:
    old = state(etag=b'"1"', baseline_done=True, moved_to="https://news.example/new")
    assert current(source(url="https://news.example/new"), old).baseline_done


# --- moving ----------------------------------------------------------------------------------------------------------


def polled_over(times: list[tuple[float, str | None]]) -> FetchState:
    after = state()
    for hours, to in times:
        after = next_state(source(), after, answered(permanent_url=to), NOW + dt.timedelta(hours=hours))
    return after


NEW = "https://new.example/feed"


@pytest.mark.parametrize(
    ("times", "proposed"),
    [
        ([(0, NEW), (1, NEW)], None),
        ([(0, NEW), (1, NEW), (2, NEW)], NEW),
        ([(0, NEW), (24, NEW), (71, NEW)], NEW),
        ([(0, NEW), (24, NEW), (73, NEW)], None),
        ([(0, NEW), (1, NEW), (2, None), (3, NEW)], None),
        ([(0, NEW), (1, NEW), (2, "https://else.example/")], None),
        ([(0, NEW), (1, NEW), (2, NEW), (200, NEW)], NEW),
        ([(0, NEW), (1, NEW), (2, NEW), (3, None)], None),
    ],
    ids=repr,
)
def test_a_move_is_proposed_when_seen_three_times_in_three_days(
    times: list[tuple[float, str | None]], proposed: str | None
) -> None:
    after = polled_over(times)
    assert proposed_move(after) == proposed
    assert after.url == URL
    assert ("change its url in sources.yaml" in after.reason) is (proposed is not None)


# --- telling ---------------------------------------------------------------------------------------------------------


def test_the_user_hears_once_after_a_day_and_once_on_recovery() -> None:
    heard: list[tuple[float, Notice]] = []
    before, now = state(health=Health.OK), NOW
    while now < NOW + dt.timedelta(days=4):
        answer: Answer = answered(200) if now > NOW + dt.timedelta(days=3) else Unreachable(reason="no")
        after = next_state(source(), before, answer, now)
        if said := notice(before, after):
            heard.append(((now - NOW) / dt.timedelta(days=1), said))
        assert after.next_due_at
        before, now = after, after.next_due_at
    assert [said for _, said in heard] == [Notice.BROKEN, Notice.RECOVERED]
    assert 1 <= heard[0][0] <= 1.4


def test_a_short_breakdown_is_not_told() -> None:
    broken = next_state(source(), state(), Unreachable(reason="no"), NOW)
    mended = next_state(source(), broken, answered(), NOW + dt.timedelta(hours=20))
    assert notice(state(), broken) is None
    assert notice(broken, mended) is None
    assert mended.failing_since_at is None


def test_a_change_of_url_is_no_recovery() -> None:
    assert notice(state(told=True), FetchState(source_id="s", url="https://news.example/new")) is None


# --- waiting longer --------------------------------------------------------------------------------------------------


def test_a_ttl_only_lengthens_and_holds_for_the_next_polls() -> None:
    after = next_state(source(), state(), answered(), NOW)
    assert lengthen(source(), after, NOW, ttl_s=5 * MINUTE).next_due_at == after.next_due_at
    longer = lengthen(source(), after, NOW, ttl_s=3 * HOUR)
    assert wait_s(longer) >= 3 * HOUR
    assert wait_s(next_state(source(), longer, answered(304), NOW)) >= 3 * HOUR
    assert wait_s(lengthen(source(), after, NOW, ttl_s=10 * 365 * DAY)) <= 1.1 * DAY
    assert lengthen(source(), after, NOW, ttl_s=-5).next_due_at == after.next_due_at


def test_a_feed_that_drops_its_ttl_is_polled_hourly_again() -> None:
    slow = lengthen(source(), next_state(source(), state(), answered(), NOW), NOW, ttl_s=3 * HOUR)
    quick = lengthen(source(), slow, NOW)
    assert wait_s(next_state(source(), quick, answered(), NOW)) <= 1.1 * HOUR


def test_skip_hours_are_waited_out() -> None:
    after = lengthen(source(), next_state(source(), state(), answered(), NOW), NOW, skip_hours=[13, 14, 15])
    assert after.next_due_at is not None
    assert after.next_due_at.hour == 16
    later = next_state(source(), after, answered(304), NOW)
    assert later.next_due_at is not None
    assert later.next_due_at.hour == 16


def test_all_hours_skipped_are_none_skipped() -> None:
    after = next_state(source(), state(), answered(), NOW)
    assert lengthen(source(), after, NOW, skip_hours=range(24)).next_due_at == after.next_due_at
    assert lengthen(source(), after, NOW, skip_hours=range(1, 25)).next_due_at == after.next_due_at


def test_a_source_that_is_gone_stays_gone_when_lengthened() -> None:
    gone = next_state(source(), state(), answered(410), NOW)
    assert lengthen(source(), gone, NOW, ttl_s=HOUR).next_due_at is None


# --- hosts -----------------------------------------------------------------------------------------------------------


def test_a_held_host_is_found_among_the_states() -> None:
    until = NOW + dt.timedelta(hours=2)
    longer = until + dt.timedelta(hours=1)
    states = [
        state(),
        state(held_host="a.example", held_until_at=until),
        state(held_host="a.example", held_until_at=longer),
        state(held_host="over.example", held_until_at=NOW),
        state(held_host="absurd.example", held_until_at=NOW + dt.timedelta(days=4000)),
    ]
    assert holds(states, NOW) == {"a.example": longer}


def test_a_held_source_keeps_its_state_and_waits() -> None:
    until = NOW + dt.timedelta(hours=2)
    before = state(failures=3, health=Health.FAILING, next_due_at=NOW)
    after = next_state(source(), before, Held(host="cdn.example", until_at=until), NOW)
    assert after == replace(before, next_due_at=until, reason=after.reason)
    assert after.reason == "cdn.example asked for quiet until 2026-03-01 14:30 UTC"


def test_success_ends_a_hold() -> None:
    held = state(held_host="news.example", held_until_at=NOW)
    assert next_state(source(), held, answered(), NOW).held_host is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example:8443/feed", "news.example"),
        ("http://news.example./", "news.example"),
        ("http://[::1]:80/", "::1"),
        ("http://[::1", ""),
        ("nonsense", ""),
    ],
)
def test_a_host_is_counted_under_one_name(url: str, host: str) -> None:
    assert host_of(url) == host


# --- due times -------------------------------------------------------------------------------------------------------


def test_jitter_is_steady_and_spreads() -> None:
    def due(number: int, first: bool) -> float:
        one = source(id=f"s{number}")
        before = FetchState(source_id=one.id, url=URL, last_success_at=None if first else NOW)
        return wait_s(next_state(one, before, answered(), NOW))

    for first, longest_s in ((True, 2 * HOUR), (False, 1.1 * HOUR)):
        waits = [due(number, first) for number in range(1000)]
        assert waits == [due(number, first) for number in range(1000)]
        assert min(waits) >= HOUR
        assert max(waits) <= longest_s
        tenth_s = (longest_s - HOUR) / 10
        crowds = [sum(1 for wait in waits if k <= (wait - HOUR) / tenth_s < k + 1) for k in range(10)]
        assert min(crowds) > 50


def test_a_new_source_is_due_and_a_disabled_one_is_not() -> None:
    assert is_due(source(), FetchState(source_id="s", url=URL), NOW)
    assert not is_due(source(enabled=False), FetchState(source_id="s", url=URL), NOW)


@pytest.mark.parametrize(
    ("ahead", "due"),
    [
        (dt.timedelta(0), True),
        (dt.timedelta(seconds=1), False),
        (dt.timedelta(days=7.7), False),
        (dt.timedelta(days=9), True),
        (dt.timedelta(days=4000), True),
        (dt.timedelta(hours=-5), True),
    ],
    ids=str,
)
def test_a_due_time_no_wait_can_explain_is_not_believed(ahead: dt.timedelta, due: bool) -> None:
    assert is_due(source(), state(next_due_at=NOW + ahead), NOW) is due


def test_a_clock_that_was_set_back_begins_every_wait_anew() -> None:
    before = state(
        last_attempt_at=NOW + dt.timedelta(days=2),
        next_due_at=NOW + dt.timedelta(days=2, hours=1),
        last_success_at=NOW + dt.timedelta(days=1, hours=23),
        failing_since_at=NOW - dt.timedelta(days=1),
        held_host="news.example",
        held_until_at=NOW + dt.timedelta(days=2, hours=3),
        etag=b'"e"',
    )
    after = on_this_clock(before, NOW)
    assert after.last_attempt_at == NOW
    assert after.next_due_at == NOW + dt.timedelta(hours=1)
    assert after.held_until_at == NOW + dt.timedelta(hours=3)
    assert after.last_success_at == NOW - dt.timedelta(hours=1)
    assert after.failing_since_at == NOW - dt.timedelta(days=3)
    assert (after.etag, after.held_host) == (b'"e"', "news.example")
    assert not is_due(source(), after, NOW + dt.timedelta(minutes=59))
    assert is_due(source(), after, NOW + dt.timedelta(hours=1))


@pytest.mark.parametrize("ago", [dt.timedelta(0), dt.timedelta(days=400), dt.timedelta(seconds=-59)], ids=str)
def test_a_clock_that_goes_on_leaves_the_state_alone(ago: dt.timedelta) -> None:
    before = state(last_attempt_at=NOW - ago, next_due_at=NOW + dt.timedelta(hours=1))
    assert on_this_clock(before, NOW) is before
    assert on_this_clock(state(), NOW) == state()


# --- the documentation -----------------------------------------------------------------------------------------------


def test_the_table_in_the_docs_has_every_status_that_is_treated_on_its_own() -> None:
    text = (Path(__file__).parent.parent / "docs" / "fetching.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") >= 5]
    documented = {int(code) for row in rows for code in re.findall(r"\b[1-5]\d\d\b", row.split("|")[1])}
    assert documented >= {200, 203, 301, 304, 308, 401, 402, 403, 404, 407, 410, 429, 451, 500, 503}
