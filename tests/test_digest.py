"""What a digest says, whatever it is rendered as."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from alerts.digest.history import releases
from alerts.digest.html import render_html, render_mail_html
from alerts.digest.markdown import render_markdown
from alerts.digest.model import CAP, PLOTS, Digest, build_digest, span_words, to_draw
from alerts.digest.text import render_text
from storage.model import ChangeKind, DayBook, Health, Status, Unannounced, Value
from tests.daybooks import (
    FAM5,
    LOCAL_DATE,
    STAR1,
    UNTIL,
    YEAR_2026,
    change,
    changes,
    claim,
    day,
    daybook,
    fact,
    facts,
    quiet_daybook,
    report,
    utc,
    window,
)

RENDERINGS = {"html": render_html, "markdown": render_markdown, "text": render_text}


def build(
    book: DayBook, *, timezone: str = "Europe/Berlin", local_date: dt.date = LOCAL_DATE, show_headlines: bool = False
) -> Digest:
    return build_digest(book, timezone=timezone, local_date=local_date, show_headlines=show_headlines)


def test_changes_and_rumours_are_kept_apart() -> None:
    digest = build(daybook())
    news = [entry for group in digest.changes.items for entry in group.entries]
    rumours = [entry for group in digest.rumours.items for entry in group.entries]
    assert [entry.new for entry in news] == [
        "Renewed",
        "Will be the last season",
        "29 May 2026 on Apple TV",
        "Mira Antonova joins the cast as Irina",
    ]
    assert [entry.new for entry in rumours] == ["summer 2027"]
    assert {entry.status for entry in rumours} == {Status.RUMOURED}


def test_the_claims_that_a_digest_asks_for_are_all_it_needs() -> None:
    book = daybook()
    roleless = claim(replace(STAR1, season=None, role=None), "orbit-culture", utc(2024, 5, 1), "No date.", null=True)
    book = replace(book, history=(roleless, *book.history))
    asked = to_draw(replace(book, history=()), local_date=LOCAL_DATE)
    assert {STAR1, FAM5, roleless.slot} <= set(asked)
    few = replace(book, history=tuple(each for each in book.history if each.slot in asked))
    assert build(few) == build(book)
    assert len(build(few).histories) == 2


def test_however_many_releases_moved_few_claims_are_asked_for() -> None:
    (fam, *_), many = facts(), range(1, 400)
    book = replace(daybook(), history=(), facts=tuple(replace(fam, slot=replace(fam.slot, season=n)) for n in many))
    assert len(to_draw(book, local_date=LOCAL_DATE)) <= 4 * 4 * PLOTS
    assert to_draw(quiet_daybook(), local_date=LOCAL_DATE) == ()


def test_of_one_moment_the_premiere_is_told_before_the_finale() -> None:
    premiere = changes()[0]
    finale = replace(premiere, id="0", slot=replace(premiere.slot, role="finale"))
    (group,) = build(replace(daybook(), changes=(finale, premiere))).changes.items
    assert [entry.what for entry in group.entries] == ["Season 1 premiere", "Season 1 finale"]


def test_an_answer_that_says_itself_is_not_said_to_be_announced() -> None:
    topics = [entry.topic for group in build(daybook()).changes.items for entry in group.entries]
    assert topics == ["Season 6", "Season 6", "Season 1 premiere made more exact", "Season 1 casting"]
    for render in RENDERINGS.values():
        assert "casting announced" not in render(build(daybook()))


def test_a_story_that_begins_with_a_piece_of_another_is_told_with_it() -> None:
    book = daybook()
    part = replace(book.stories[0], title="Part", item_ids=book.stories[0].item_ids[1:], sources=("a", "b"))
    assert build(replace(book, stories=(part, *book.stories))).stories == build(book).stories


def test_a_story_tells_what_the_stories_in_it_tell() -> None:
    book = daybook()
    launch, end = book.stories
    part = replace(end, item_ids=launch.item_ids[1:])
    (story,) = build(replace(book, stories=(launch, part))).stories.items
    assert story.told == (
        "Star City: season 1 premiere 29 May 2026 · For All Mankind: season 6 renewed; season 6 will be the last season"
    )
    assert len(story.pieces) == 4


def headlined() -> DayBook:
    """The day, its first change read in the headline, the others in the text below it."""
    book = daybook()
    headline = "Star City premieres May 29, 2026 on Apple TV"
    return replace(book, headlines={change.id: headline for change in book.changes})


HEADLINES = ("Star City premieres May 29, 2026", "Star City sets its launch day", "The Moon race ends")


@pytest.mark.parametrize("render", [*RENDERINGS.values(), render_mail_html], ids=[*RENDERINGS, "mail"])
def test_no_headline_is_shown_unless_asked_for(render: Callable[[Digest], str]) -> None:
    text, asked = (" ".join(render(build(headlined(), show_headlines=asked)).split()) for asked in (False, True))
    assert [headline in text for headline in HEADLINES] == [False, False, False]
    assert [headline in asked for headline in HEADLINES] == [True, True, True]
    for shown in (text, asked):
        assert "has been renewed for a sixth and final season." in shown
        assert "season 6 will be the last season" in shown
        assert "https://news.example/apple-press/202603131400" in shown
        assert "Couch Report" in shown


def test_where_the_headline_is_left_out_the_source_stays() -> None:
    text = render_text(build(headlined()))
    assert "confirmed by Apple TV Press, 13 Mar 2026, 15:00, 3 independent sources" in text


def test_works_stand_in_the_order_of_the_configuration_under_their_franchise() -> None:
    groups = build(daybook()).changes.items
    assert [(group.work, group.franchise) for group in groups] == [
        ("For All Mankind", None),
        ("Star City", "For All Mankind"),
    ]


@pytest.mark.parametrize("kind", [ChangeKind.CORROBORATED, ChangeKind.REPEATED, ChangeKind.VAGUER])
def test_a_repetition_is_counted_and_not_listed(kind: ChangeKind) -> None:
    repeated = replace(changes()[0], kind=kind)
    digest = build(replace(daybook(), changes=(repeated,)))
    assert digest.is_quiet
    assert digest.counted_only == 1


def test_a_baseline_change_is_not_told() -> None:
    silent = tuple(replace(each, baseline=True) for each in changes())
    digest = build(replace(daybook(), changes=silent))
    assert digest.is_quiet
    assert digest.counted_only == 0


def test_the_number_of_independent_sources_is_that_of_the_fact() -> None:
    star = build(daybook()).changes.items[1].entries[0]
    assert (star.new, star.sources) == ("29 May 2026 on Apple TV", 3)


def test_sources_of_another_value_are_not_counted_for_a_change() -> None:
    moved_on = fact(STAR1, Value(date=day("2026-06-05")), UNTIL, "a", "b", "c")
    star = build(replace(daybook(), facts=(moved_on,))).changes.items[1].entries[0]
    assert star.sources == 1


def test_an_attributed_claim_names_the_outlet_that_said_it_first() -> None:
    casting = build(daybook()).changes.items[1].entries[1]
    assert casting.said_by == "Screen Ledger, citing The Daily Reel"


@pytest.mark.parametrize(
    ("earliest", "latest", "distance"),
    [
        ("2026-03-14", "2026-03-14", "today"),
        ("2026-03-15", "2026-03-15", "tomorrow"),
        ("2026-03-27", "2026-03-27", "in 13 days"),
        ("2026-07-14", "2026-07-14", "in 4 months"),
        ("2026-03-01", "2026-03-31", "some time in the next 18 days"),
        ("2026-05-01", "2026-05-31", "from 48 days on"),
        ("2026-01-01", "9999-12-31", "any time now"),
    ],
)
def test_the_distance_to_a_release_is_said_in_words(earliest: str, latest: str, distance: str) -> None:
    ahead = fact(FAM5, Value(date=window("2026", earliest, latest)), UNTIL)
    (entry,) = build(replace(daybook(), facts=(ahead,))).upcoming.items
    assert entry.distance == distance


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "0 days"), (1, "1 day"), (59, "59 days"), (150, "5 months"), (730, "2 years"), (760, "2 years 1 month"),
     (943, "2 years 7 months")],
)  # fmt: skip
def test_a_span_is_said_as_people_say_it(days: int, words: str) -> None:
    assert span_words(days) == words


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.RUMOURED])
def test_a_release_of_the_past_is_not_coming_up(status: Status) -> None:
    gone = fact(FAM5, Value(date=day("2026-03-13")), UNTIL, status=status)
    assert build(replace(daybook(), facts=(gone,))).upcoming.items == ()


def test_a_denied_date_and_one_that_moved_to_another_season_are_not_coming_up() -> None:
    ahead = Value(date=day("2026-06-01"))
    denied = fact(FAM5, ahead, UNTIL, status=Status.DENIED)
    handed_over = replace(fact(STAR1, ahead, UNTIL), moved_to="star-city/release_date/s2/premiere")
    assert build(replace(daybook(), facts=(denied, handed_over))).upcoming.items == ()


def test_an_open_question_says_since_when() -> None:
    first, second, third = build(daybook()).unannounced.items
    assert first.since == "13 March 2026 (1 day)"
    assert second.since == "17 April 2024 (23 months)"
    assert third.since is None


def test_stories_are_ordered_by_the_number_of_independent_sources() -> None:
    stories = build(daybook()).stories.items
    assert [len(story.pieces) for story in stories] == [4, 2]
    assert [piece.source for piece in stories[0].pieces] == [
        "Apple TV Press", "Screen Ledger", "The Daily Reel", "Couch Report",
    ]  # fmt: skip


def test_times_are_in_the_readers_zone() -> None:
    casting = build(daybook(), timezone="Asia/Tokyo").changes.items[1].entries[1]
    assert f"{casting.at:%d %H:%M}" == "14 03:40"


def test_pictures_are_of_releases_that_moved_and_of_those_ahead() -> None:
    drawn = [(history.work, history.what) for history in build(daybook()).histories]
    assert drawn == [("Star City", "Season 1 premiere"), ("For All Mankind", "Season 5 premiere")]


def test_a_release_of_the_past_is_no_longer_drawn() -> None:
    assert [history.work for history in build(daybook(), local_date=dt.date(2026, 4, 1)).histories] == ["Star City"]


def test_a_release_that_moved_is_drawn_even_when_it_is_past() -> None:
    later = build(daybook(), local_date=dt.date(2026, 7, 1))
    assert [history.work for history in later.histories] == ["Star City"]


def test_a_quiet_day_draws_nothing() -> None:
    assert build(quiet_daybook()).histories == ()


# --- how well we looked ------------------------------------------------------------------------------------------


def test_sources_that_were_not_read_say_why() -> None:
    looked = build(daybook()).looked
    assert (looked.read, looked.total) == (6, 8)
    assert [(note.name, note.state) for note in looked.notes] == [
        ("Series Wire", "blocked"),
        ("Moonbase Forum", "silent"),
        ("Nordic Stream", "failing"),
    ]
    assert looked.notes[1].reason == "Nothing new for 9 days; usually every 4 hours."


@pytest.mark.parametrize(
    ("health", "age_h", "state"),
    [
        (Health.OK, 0.5, None),
        (Health.OK, 2.9, None),
        (Health.OK, 3.1, "late"),
        (Health.NEW, 0.5, "not read yet"),
        (Health.FAILING, 0.5, "failing"),
        (Health.BLOCKED, 0.5, "blocked"),
        (Health.GONE, 0.5, "gone"),
    ],
)
def test_a_source_counts_as_read_when_healthy_and_lately_read(health: Health, age_h: float, state: str | None) -> None:
    book = replace(daybook(), sources=(report("screen-ledger", health, age_h=age_h),))
    looked = build(book).looked
    assert [note.state for note in looked.notes] == ([state] if state else [])
    assert looked.read == (0 if state else 1)


def test_a_source_switched_off_is_not_counted() -> None:
    off = report("screen-ledger")
    off = replace(off, source=replace(off.source, enabled=False))
    assert build(replace(daybook(), sources=(off, report("daily-reel")))).looked.total == 1


@pytest.mark.parametrize(
    ("book", "summary"),
    [
        (replace(daybook(), sources=()), "No source is configured, so nothing was read."),
        (replace(daybook(), sources=(report("a", Health.GONE),)),
         "0 of 1 source were read; no new item in this period."),
        (replace(daybook(), sources=(report("a", age_h=1.5),)),
         "1 of 1 source was read in the last 2 hours; 23 new items in this period."),
    ],
    ids=["none", "gone", "old"],
)  # fmt: skip
def test_the_proof_of_silence_is_one_sentence(book: DayBook, summary: str) -> None:
    assert build(book).looked.summary == summary


@pytest.mark.parametrize(
    ("read", "headline"),
    [
        (5, "Nothing was announced, and nothing changed."),
        (4, "Nothing was announced, and nothing changed."),
        (3, "Nothing was seen, but few sources were read."),
        (0, "Nothing was seen, but few sources were read."),
    ],
)
def test_silence_is_only_claimed_where_most_sources_were_read(read: int, headline: str) -> None:
    sources = tuple(report(str(n), Health.OK if n < read else Health.FAILING) for n in range(8))
    assert build(replace(quiet_daybook(), sources=sources)).headline == headline


def test_nobody_is_silent_within_two_days() -> None:
    quick = report("a", last_new_item_at=UNTIL - dt.timedelta(hours=47))
    assert build(replace(daybook(), sources=(quick,))).looked.notes == ()


# --- the renderings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_every_rendering_tells_everything(rendering: str) -> None:
    text = RENDERINGS[rendering](build(daybook()))
    for expected in (
        "Saturday, 14 March 2026", "4 changes and 1 rumour.", "spring 2026", "29 May 2026 on Apple TV",
        "Star City premieres May 29, 2026, on Apple TV.", "3 independent sources", "in 13 days", "summer 2027",
        "unannounced since 17 April 2024", "season 1 premiere 29 May 2026", "6 of 8 sources were read",
        "bot check", "https://news.example/apple-press/202603131400",
    ):  # fmt: skip
        assert expected in " ".join(text.split()), expected


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_a_quiet_day_is_short_and_says_how_well_we_looked(rendering: str) -> None:
    text = RENDERINGS[rendering](build(quiet_daybook()))
    assert "Nothing was announced, and nothing changed." in text
    assert "5 of 5 sources were read in the last hour" in text
    assert "What changed" not in text
    assert "Rumours" not in text


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_a_section_is_capped_and_says_how_many_more(rendering: str) -> None:
    many = tuple(
        change(ChangeKind.ANNOUNCED, claim(replace(FAM5, season=number), "apple-press", utc(2026, 3, 13), "It is."),
               None, Value(date=YEAR_2026))
        for number in range(1, CAP + 8)
    )  # fmt: skip
    text = RENDERINGS[rendering](build(replace(daybook(), changes=many)))
    assert f"{CAP + 7} changes." in text
    assert "and 7 more changes" in text


def test_the_surest_and_latest_changes_are_shown_first_when_there_are_too_many() -> None:
    reported = [replace(changes()[0], id=f"r{n}", status=Status.REPORTED) for n in range(CAP)]
    digest = build(replace(daybook(), changes=(changes()[0], *reported)))
    statuses = [entry.status for group in digest.changes.items for entry in group.entries]
    assert statuses.count(Status.CONFIRMED) == 1
    assert digest.changes.left_out == 1


def test_lines_of_the_text_fit_the_width() -> None:
    lines = render_text(build(daybook()), width=60).splitlines()
    assert all(len(line) <= 60 for line in lines if "https://" not in line)


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        pytest.param(utc(2024, 4, 17), 0, id="before_the_date_was_known"),
        pytest.param(UNTIL, 1, id="after_it"),
    ],
)
def test_a_question_without_season_is_answered_by_a_date_with_one(asked: dt.datetime, left: int) -> None:
    question = Unannounced(slot=replace(STAR1, season=None), since_at=asked, last_said_at=asked)
    assert len(build(replace(daybook(), unannounced=(question,))).unannounced.items) == left


def test_a_dispute_says_what_is_believed() -> None:
    said = claim(STAR1, "couch-report", UNTIL, "Perhaps a week later.")
    doubt = change(ChangeKind.DISPUTED, said, Value(date=day("2026-05-29")), Value(date=day("2026-06-05")))
    (group,) = build(replace(daybook(), changes=(doubt,))).changes.items
    (entry,) = group.entries
    assert (entry.verb, entry.old, entry.new) == ("disputed, but 29 May 2026 is believed", None, "5 June 2026")


def test_the_history_of_the_only_dated_season_has_the_claims_that_left_it_out() -> None:
    said = claim(replace(STAR1, season=None), "couch-report", UNTIL, "Star City comes in 2026.", date=YEAR_2026)
    only = tuple(fact for fact in daybook().facts if fact.slot == STAR1)
    of_star = [release for release in releases(replace(daybook(), history=(said,), facts=only)) if release.claims]
    assert [release.slot for release in of_star] == [STAR1]


def test_one_headline_stands_once_and_a_long_period_says_so() -> None:
    book = daybook()
    twice = replace(book, stories=(*book.stories, *book.stories), since_at=UNTIL - dt.timedelta(days=800))
    digest = build(twice)
    assert digest.stories == build(book).stories
    assert "in 2 years 2 months." in digest.headline
