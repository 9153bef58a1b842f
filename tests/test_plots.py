"""The pictures: what they draw, read back as XML, and the same history on a terminal."""

from __future__ import annotations

import datetime as dt
import random
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.digest.history import POINTS, History, Point, Step, histories, releases
from alerts.digest.labels import Box, Label, fit, overlap, place, text_box, text_width, touching
from alerts.digest.model import Upcoming, build_digest
from alerts.digest.names import Names
from alerts.digest.plots import WIDTH, calendar_svg, histories_svg, history_svg, mark_svg, ticks
from alerts.digest.timeline import legend, render_timeline
from storage.model import Claim, DayBook, Status, Value
from tests.attacks import attacks, poisoned
from tests.daybooks import (
    FAM5,
    LOCAL_DATE,
    STAR1,
    UNTIL,
    YEAR_2026,
    claim,
    day,
    daybook,
    fact,
    utc,
    window,
)

SVG = "{http://www.w3.org/2000/svg}"
FAMILY, STAR = 0, 2
"""Where the fifth season's and the spin-off's premiere stand among the histories of the day book."""


def all_histories(book: DayBook | None = None) -> tuple[History, ...]:
    book = book or daybook()
    return histories(book, Names(book))


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in drawn(svg).iter() if node.tag.endswith("text")]


# --- what a history is made of -----------------------------------------------------------------------------------


def test_there_is_a_history_for_each_release_anybody_spoke_of() -> None:
    assert [(history.work, history.what, len(history.points)) for history in all_histories()] == [
        ("For All Mankind", "Season 5 premiere", 7),
        ("For All Mankind", "Season 5 finale", 0),
        ("Star City", "Season 1 premiere", 6),
        ("Star City", "Season 2 premiere", 0),
    ]


def test_only_a_history_with_two_answers_is_worth_drawing() -> None:
    assert [release.is_worth_drawing for release in releases(daybook())] == [True, False, True, False]


def test_a_claim_without_a_role_belongs_to_the_premiere() -> None:
    roleless = claim(replace(STAR1, role=None), "orbit-culture", utc(2024, 5, 1), "No date.", null=True)
    book = replace(daybook(), history=(roleless, *daybook().history))
    assert len(all_histories(book)[STAR].points) == 7


def test_an_open_question_without_a_role_does_not_hide_the_premieres_date() -> None:
    empty = fact(replace(STAR1, role=None), Value(), utc(2024, 5, 1))
    book = replace(daybook(), facts=(*daybook().facts, empty))
    assert all_histories(book)[STAR].steps[-1].when == "29 May 2026"


def test_sixty_rewrites_by_one_source_are_one_point() -> None:
    same = tuple(claim(STAR1, "couch-report", utc(2026, 1, 1, hour), "In 2026.", date=YEAR_2026) for hour in range(24))
    (history,) = all_histories(replace(daybook(), history=same, facts=()))
    assert len(history.points) == 1
    assert history.left_out == 23


def test_a_long_history_keeps_its_beginning_and_its_end() -> None:
    many = tuple(
        claim(STAR1, "couch-report", utc(2024, 1, 1) + dt.timedelta(days=n), "x", date=day(f"{2030 + n}-01-01"))
        for n in range(POINTS + 10)
    )
    (history,) = all_histories(replace(daybook(), history=many, facts=()))
    assert len(history.points) == POINTS
    assert (history.points[0].when, history.points[-1].when) == ("1 January 2030", "1 January 2099")
    assert history.left_out == 10


def test_background_is_not_history() -> None:
    old = claim(STAR1, "couch-report", utc(2026, 1, 1), "It began in 2019.", date=day("2019-11-01"), background=True)
    assert all_histories(replace(daybook(), history=(old,), facts=())) == ()


def test_the_believed_line_follows_the_facts_past() -> None:
    star = all_histories()[STAR]
    assert [step.when for step in star.steps] == ["2026", "spring 2026", "29 May 2026"]
    assert star.summary == "6 claims since 17 April 2024. Believed now: 29 May 2026 (confirmed)."


# --- the picture -------------------------------------------------------------------------------------------------


def test_a_picture_says_in_words_what_it_shows() -> None:
    root = drawn(history_svg(all_histories()[STAR], prefix="p"))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "p-t p-d"
    assert root[0].text == "Release dates claimed for Star City, Season 1 premiere"
    assert (root[1].text or "").startswith("6 claims since 17 April 2024. Believed now: 29 May 2026 (confirmed). ")
    assert "13 March 2026: Apple TV Press, 29 May 2026, confirmed." in (root[1].text or "")


def test_every_claim_is_a_group_with_its_words() -> None:
    root = drawn(history_svg(all_histories()[STAR]))
    groups = [group.findtext("title") for group in root.iter("g")]
    assert len(groups) == 6
    assert groups[1] == "20 November 2024: Moonbase Forum – 2026 (rumoured)"


def test_sources_and_the_present_belief_are_written_beside_the_points() -> None:
    written = texts(history_svg(all_histories()[STAR]))
    assert {"Moonbase Forum", "The Daily Reel", "Series Wire", "Orbit Culture", "29 May 2026", "no date"} <= {*written}
    assert written.count("Apple TV Press") == 2


def boxes_of_texts(svg: str) -> list[Box]:
    """The room of every text, by the widths that are reckoned with; bold ones are wider."""
    return [
        text_box(node.text or "", float(node.attrib["x"]), float(node.attrib["y"]) - 4.5, node.attrib["text-anchor"])
        for node in drawn(svg).iter("text")
    ]


def crowded(seed: int) -> History:
    """Sixty claims of a dozen sources within a few months: days and windows, one upon the other."""
    chance = random.Random(seed)
    points = []
    for _ in range(60):
        at = utc(2026, 1, 1) + dt.timedelta(days=chance.randrange(chance.choice((20, 400))))
        first = dt.date(2027, 1, 1) + dt.timedelta(days=chance.randrange(chance.choice((30, 700))))
        last = first + dt.timedelta(days=chance.choice((0, 0, 30, 90, 365)))
        told = chance.random() < 0.8
        names = (
            "Wm",
            "The Second Moon",
            "Moonbase Forum of the North",
            "Signal & Screen",
            "月面基地の新聞",
            "ÉÀÜ Ölfußßß",
        )
        points.append(
            Point(at=at, earliest=first if told else None, latest=last if told else None, when="x",
                  status=chance.choice(list(Status)), source=chance.choice(names))
        )  # fmt: skip
    points.sort(key=lambda point: point.at)
    until = points[-1].at
    dated = [point for point in points if point.earliest][-4:]
    ends = [*(point.at for point in dated[1:]), until]
    steps = tuple(
        Step(from_at=p.at, until_at=end, earliest=p.earliest, latest=p.latest, when="the first half of 2027",
             status=p.status) for p, end in zip(dated, ends, strict=True)
    )  # fmt: skip
    return History(work_id="w", work="W", season=1, what="Q", points=tuple(points), steps=steps, until_at=until)


@pytest.mark.parametrize("seed", range(40))
def test_no_label_lies_upon_another_however_many_there_are(seed: int) -> None:
    boxes = boxes_of_texts(history_svg(crowded(seed)))
    assert touching(boxes) == []
    assert len(boxes) > 8, "some sources are named"


@pytest.mark.parametrize("seed", range(40))
def test_no_name_lies_upon_a_sign_or_out_of_the_frame(seed: int) -> None:
    root = drawn(history_svg(crowded(seed)))
    signs = [
        (x - r, y - r, x + r, y + r)
        for circle in root.iter("circle")
        for x, y, r in [tuple(float(circle.attrib[key]) for key in ("cx", "cy", "r"))]
    ]
    for box in boxes_of_texts(history_svg(crowded(seed))):
        assert box[0] >= 0
        assert box[2] <= WIDTH + 12, "the belief is bold, and no wider than its room on paper"
        assert not any(overlap(box, sign) for sign in signs)


def test_a_label_takes_its_first_free_place_and_none_where_there_is_none() -> None:
    twice = Label(text="Wm", places=((50, 50, "start"), (50, 20, "start")))
    placed = place([twice, twice, twice], taken=[], frame=(0, 0, 100, 100))
    assert [(each.x, each.box[1]) for each in placed] == [(50, 41), (50, 11)]
    assert place([twice], taken=[], frame=(0, 0, 60, 100)) == []


@given(st.text(max_size=40), st.floats(20, 300))
def test_what_is_fitted_fits(text: str, width: float) -> None:
    assert text_width(fit(text, width)) <= width
    assert fit(text, 10_000) == text


@pytest.mark.parametrize("name", ["W" * 60, "月" * 60, "x"], ids=["wide", "wider", "short"])
@pytest.mark.parametrize("day", ["2026-03-20", "2026-06-30", "2026-12-30", "2027-08-01"])
def test_the_strip_never_writes_beyond_its_edge(name: str, day: str) -> None:
    entry = replace(upcoming(day, day), work=name)
    boxes = boxes_of_texts(calendar_svg([entry, entry], LOCAL_DATE))
    assert touching(boxes) == []
    assert all(box[0] >= 0 and box[2] <= WIDTH for box in boxes)


def test_sources_that_say_the_same_at_once_share_a_label() -> None:
    said = tuple(
        claim(STAR1, source, utc(2026, 1, 1, hour), "In 2026.", date=YEAR_2026, status=status)
        for hour, (source, status) in enumerate(
            [("moonbase-forum", Status.RUMOURED), ("apple-press", Status.CONFIRMED), ("couch-report", Status.REPORTED)]
        )
    )
    (history,) = all_histories(replace(daybook(), history=said, facts=()))
    assert "Apple TV Press +2" in texts(history_svg(history))


def test_signs_differ_in_shape_and_not_only_in_colour() -> None:
    shapes = {status: re.sub(r'class="\w+"|fill="[^"]*"', "", mark_svg(status, 10, 10)) for status in Status}
    assert len(set(shapes.values())) == 4


def test_time_runs_to_the_right_and_later_dates_stand_higher() -> None:
    places = _exact_marks("2026-05-01", "2026-06-01", "2026-07-01")
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def _exact_marks(*dates: str) -> list[tuple[float, float]]:
    said = tuple(claim(STAR1, f"s{n}", utc(2025, 1 + n, 1), "x", date=day(date)) for n, date in enumerate(dates))
    (history,) = all_histories(replace(daybook(), history=said, facts=()))
    circles = drawn(history_svg(history)).findall("g/circle[@class='full']")
    return [(float(circle.attrib["cx"]), float(circle.attrib["cy"])) for circle in circles]


def test_the_band_narrows_as_the_window_does() -> None:
    bands = drawn(history_svg(all_histories()[STAR])).findall("rect[@class='band']")
    heights = [float(band.attrib["height"]) for band in bands]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == 3


@pytest.mark.parametrize(
    ("date", "ends"),
    [
        (window("2026/..", "2026-01-01", "9999-12-31"), 1),
        (window("../2026", "0001-01-01", "2026-12-31"), 1),
        (window("../..", "0001-01-01", "9999-12-31"), 0),
        (YEAR_2026, 2),
    ],
    ids=["no end", "no beginning", "neither", "both"],
)
def test_an_open_end_has_no_cap(date: object, ends: int) -> None:
    said = claim(STAR1, "couch-report", utc(2025, 1, 1), "x", date=date)
    (history,) = all_histories(replace(daybook(), history=(said,), facts=()))
    bar = drawn(history_svg(history)).find("g/path[@class='mark']")
    assert bar is not None
    assert bar.attrib["d"].count("H") == ends


@given(
    st.lists(
        st.tuples(st.dates(), st.dates(), st.dates(), st.sampled_from(Status), st.booleans()), min_size=0, max_size=12
    )
)
def test_any_history_is_drawn_within_its_frame(said: list[tuple[dt.date, dt.date, dt.date, Status, bool]]) -> None:
    points = tuple(
        Point(
            at=dt.datetime.combine(at, dt.time(), dt.UTC),
            earliest=None if null else min(one, other),
            latest=None if null else max(one, other),
            when="x",
            status=status,
            source="A source with quite a long name",
        )
        for at, one, other, status, null in said
    )
    until = max((point.at for point in points), default=UNTIL)
    steps = tuple(
        Step(from_at=p.at, until_at=until, earliest=p.earliest, latest=p.latest, when="x", status=p.status)
        for p in points[:2]
    )
    history = History(work_id="w", work="W", season=1, what="Q", points=points, steps=steps, until_at=until)
    assert len(render_timeline(history).splitlines()) >= 1 + len(points)
    root = drawn(history_svg(history))
    height = float(root.attrib["viewBox"].split()[3])
    for node in root.iter():
        for name, limit in (("x", WIDTH), ("cx", WIDTH), ("x1", WIDTH), ("y", height), ("cy", height), ("y1", height)):
            assert -20 <= float(node.attrib.get(name, 0)) <= limit + 20


@given(st.dates(), st.dates(), st.integers(2, 9))
def test_ticks_are_few_and_inside(one: dt.date, other: dt.date, at_most: int) -> None:
    first, last = min(one, other), max(one, other)
    found = ticks(first, last, at_most=at_most)
    assert len(found) <= at_most
    assert all(first <= at <= last for at, _ in found)


def test_a_file_of_several_histories_brings_its_own_style() -> None:
    root = drawn(histories_svg(all_histories()))
    assert len(root.findall(f"{SVG}svg")) == 4
    assert root.find(f"{SVG}style") is not None
    ids = [node.attrib["id"] for node in root.iter() if "id" in node.attrib]
    assert len(ids) == len(set(ids)) == 8


def test_no_attack_becomes_part_of_a_picture() -> None:
    tags = {"svg", "title", "desc", "line", "text", "rect", "path", "circle", "g", "style"}
    for attack in attacks():
        book = poisoned(attack)
        digest = build_digest(book, timezone="UTC", local_date=LOCAL_DATE)
        for svg in (histories_svg(all_histories(book)), calendar_svg(digest.upcoming.items, LOCAL_DATE)):
            for node in drawn(svg).iter():
                assert node.tag.removeprefix(SVG) in tags, attack
                assert not any(name.startswith("on") or "href" in name for name in node.attrib), attack


# --- the strip ---------------------------------------------------------------------------------------------------


def upcoming(earliest: str, latest: str, status: Status = Status.CONFIRMED) -> Upcoming:
    return Upcoming(
        work="Star City", what="Season 1 premiere", when="then", distance="soon", platform=None, status=status,
        earliest=dt.date.fromisoformat(earliest), latest=dt.date.fromisoformat(latest),
    )  # fmt: skip


def test_nothing_ahead_is_no_strip() -> None:
    assert calendar_svg([], LOCAL_DATE) == ""


def test_the_strip_has_a_row_for_each_release() -> None:
    digest = build_digest(daybook(), timezone="UTC", local_date=LOCAL_DATE)
    root = drawn(calendar_svg(digest.upcoming.items, LOCAL_DATE))
    assert [group.findtext("text") for group in root.iter("g")] == [
        "For All Mankind – Season 5 premiere",
        "For All Mankind – Season 5 finale",
        "Star City – Season 1 premiere",
        "Star City – Season 2 premiere",
    ]
    assert "Star City, Season 2 premiere: summer 2027, rumoured." in (root[1].text or "")


@pytest.mark.parametrize(
    ("entry", "bars", "arrows"),
    [
        (upcoming("2026-04-01", "2026-04-01"), 0, 0),
        (upcoming("2026-04-01", "2026-06-30"), 1, 0),
        (upcoming("2026-01-01", "2026-06-30"), 1, 0),
        (upcoming("2026-04-01", "9999-12-31"), 1, 1),
        (upcoming("2029-04-01", "2029-04-01"), 0, 1),
    ],
    ids=["day", "window", "window that has begun", "open window", "beyond the strip"],
)
def test_a_day_is_a_sign_and_a_window_a_bar(entry: Upcoming, bars: int, arrows: int) -> None:
    (group,) = drawn(calendar_svg([entry], LOCAL_DATE)).iter("g")
    paths = [path.attrib["d"] for path in group.iter("path")]
    assert sum("H" in path for path in paths) == bars
    assert sum(path.endswith("l7 5l-7 5") for path in paths) == arrows


def test_a_rumoured_window_is_dashed() -> None:
    assert "stroke-dasharray" in calendar_svg([upcoming("2026-04-01", "2026-06-30", Status.RUMOURED)], LOCAL_DATE)
    assert "stroke-dasharray" not in calendar_svg([upcoming("2026-04-01", "2026-06-30")], LOCAL_DATE)


# --- the terminal ------------------------------------------------------------------------------------------------


def test_the_terminal_draws_the_same_history() -> None:
    lines = render_timeline(all_histories()[STAR], width=80).splitlines()
    assert lines[0] == "Star City · Season 1 premiere"
    assert lines[2] == "17 Apr 2024 Apple TV Press       ··················· no date"
    assert lines[3] == "20 Nov 2024 Moonbase Forum       ·├───────○───────┤· 2026, rumoured"
    assert lines[7] == "13 Mar 2026 Apple TV Press       ········●·········· 29 May 2026, confirmed"
    assert lines[8] == "believed    since 13 Mar 2026    ········●·········· 29 May 2026, confirmed"


def test_open_windows_point_outwards_on_the_terminal() -> None:
    said: tuple[Claim, ...] = (
        claim(FAM5, "couch-report", utc(2025, 1, 1), "x", date=window("2026/..", "2026-01-01", "9999-12-31")),
        claim(FAM5, "daily-reel", utc(2025, 2, 1), "x", date=window("../2026", "0001-01-01", "2026-12-31")),
    )
    (history,) = all_histories(replace(daybook(), history=said, facts=()))
    lines = render_timeline(history, width=80).splitlines()
    assert lines[2].endswith("→ no earlier than 2026, confirmed")
    assert "←" in lines[3]


def test_the_legend_names_every_sign() -> None:
    assert all(status.value in legend() for status in Status)
