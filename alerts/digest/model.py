"""What a digest says, as one value that every rendering reads: no markup here, and no untrusted character either.

A `DayBook` comes in, a `Digest` goes out. Its strings are clean (`clean.one_line`) but not escaped: each rendering
escapes for its own place. Times are in the reader's time zone.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from alerts.clean import is_part_of, one_line, web_url
from alerts.digest.history import History, history_of, less_exact, main_role, releases
from alerts.digest.looked import Looked, how_well_we_looked
from alerts.digest.names import Names, capitalised, date_line, question_words
from alerts.wording import change_words, claim_words, day_words, news_words, season_words, value_words, words
from storage.model import Change, ChangeKind, DayBook, Fact, Kind, PartialDate, Slot, Status, Story, Unannounced

S = TypeVar("S")
T = TypeVar("T")
CAP = 40
"""Entries a section shows at most; `left_out` counts the rest, and the JSON export has them all."""
PLOTS = 6
_KINDS = tuple(Kind)
_COUNTED_ONLY = (ChangeKind.CORROBORATED, ChangeKind.REPEATED, ChangeKind.VAGUER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Generic[T]):
    """A section: what it shows, and how many more there are."""

    items: tuple[T, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change, ready to read."""

    what: str
    """The question: `Season 5 premiere`."""
    verb: str | None
    """What happened: `moved later`; None where the answer says it: `Casting: Jane Roe joins the cast`."""
    old: str | None
    new: str
    status: Status
    said_by: str
    sources: int
    """Independent sources that say so, at least 1."""
    sentence: str | None
    """None where it is the headline, which is not to be shown."""
    url: str | None
    at: dt.datetime
    old_since: str | None
    is_same_piece: bool = False
    """True where the entry before has the same sentence of the same piece, or none of it."""

    @property
    def topic(self) -> str:
        """`Season 5 premiere moved later`, `Casting`."""
        return f"{self.what} {self.verb}" if self.verb else self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The entries of one work."""

    franchise: str | None
    """None where it would only repeat the work's title."""
    work: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A release that is still ahead, or a window that has not closed."""

    work: str
    what: str
    when: str
    distance: str
    """`tomorrow`, `in 12 days`, `some time in the next 39 days`."""
    earliest: dt.date
    latest: dt.date
    status: Status
    platform: str | None

    @property
    def is_exact(self) -> bool:
        """True for one day, False for a window."""
        return self.earliest == self.latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A question without an answer."""

    work: str
    what: str
    since: str | None
    """`17 April 2024 (2 years 7 months)`; None where nobody said that there is nothing."""
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Where a story can be read."""

    source: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """The same news told by several sources."""

    told: str
    """In our words: `For All Mankind: season 6 renewed`."""
    headline: str | None
    """That of the first piece; None where headlines are not to be shown."""
    pieces: tuple[Piece, ...]
    """One of each independent source, the first to report first."""
    first_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One day to read."""

    local_date: dt.date
    title: str
    headline: str
    """The day in a sentence: `2 changes and 1 rumour.` or that there was nothing."""
    since_at: dt.datetime
    until_at: dt.datetime
    changes: Shown[Group]
    rumours: Shown[Group]
    counted_only: int
    """Repetitions and corroborations that are not listed."""
    upcoming: Shown[Upcoming]
    unannounced: Shown[Open]
    stories: Shown[StoryLine]
    looked: Looked
    histories: tuple[History, ...]

    @property
    def is_quiet(self) -> bool:
        """True when there is neither a change nor a rumour to tell."""
        return not self.changes.items and not self.rumours.items


def build_digest(book: DayBook, *, timezone: str, local_date: dt.date, show_headlines: bool = False) -> Digest:
    """The digest of `book` for the reader's `local_date`; raises `zoneinfo.ZoneInfoNotFoundError` for an unknown zone.

    Headlines may spoil: unless they are asked for, none is in it, nor a sentence that was read in one.

    Repetitions, corroborations and vaguer restatements are counted, not listed; reminders (`due`) speak through what
    is coming up.
    """
    book = book if show_headlines else _without_headlines(book)
    names = Names(book, ZoneInfo(timezone))
    fresh = [c for c in book.changes if not c.baseline and c.kind is not ChangeKind.DUE]
    told = [c for c in fresh if c.kind not in _COUNTED_ONLY]
    news = [c for c in told if c.status is not Status.RUMOURED]
    rumours = [c for c in told if c.status is Status.RUMOURED]
    upcoming, looked = _upcoming(book, names, local_date), how_well_we_looked(book, names)
    return Digest(
        local_date=local_date,
        title=f"{words(f'weekday.{local_date.weekday()}')}, {day_words(local_date)}",
        headline=_headline(len(news), len(rumours), upcoming.items, looked, days=(book.until_at - book.since_at).days),
        since_at=names.local(book.since_at),
        until_at=names.local(book.until_at),
        changes=_groups(news, book, names),
        rumours=_groups(rumours, book, names),
        counted_only=len(fresh) - len(told),
        upcoming=upcoming,
        unannounced=_shown(_still_open(book), lambda question: _open(question, names, local_date)),
        stories=_stories(book, names),
        looked=looked,
        histories=_plots(book, told, names, local_date),
    )


def _without_headlines(book: DayBook) -> DayBook:
    def unquoted(change: Change) -> Change:
        is_headline = is_part_of(change.claim.sentence, book.headlines.get(change.id))
        return replace(change, claim=replace(change.claim, sentence="")) if is_headline else change

    stories = tuple(replace(story, title="") for story in book.stories)
    return replace(book, changes=tuple(map(unquoted, book.changes)), stories=stories)


def _headline(changes: int, rumours: int, upcoming: Sequence[Upcoming], looked: Looked, *, days: int) -> str:
    if not changes and not rumours:
        well = looked.total and 2 * looked.read >= looked.total
        return "Nothing was announced, and nothing changed." if well else "Nothing was seen, but few sources were read."
    counts = [_count(changes, "change"), _count(rumours, "rumour")]
    text = " and ".join(count for count in counts if count) + (f" in {span_words(days)}." if days > 1 else ".")
    if upcoming and upcoming[0].is_exact:
        text += f" Next: {upcoming[0].work}, {upcoming[0].distance}."
    return text


def _count(number: int, noun: str) -> str | None:
    if not number:
        return None
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _shown(everything: Sequence[S], make: Callable[[S], T]) -> Shown[T]:
    """The first of them, made ready to read, and how many are left out."""
    return Shown(items=tuple(make(each) for each in everything[:CAP]), left_out=max(0, len(everything) - CAP))


# --- what changed ------------------------------------------------------------------------------------------------


def _groups(changes: Sequence[Change], book: DayBook, names: Names) -> Shown[Group]:
    """The surest and latest changes, by work in the order of the configuration, oldest first within a work."""
    first = sorted(changes, key=lambda c: (-c.status.rank, -c.at.timestamp(), c.id))[:CAP]
    by_work: defaultdict[str, list[Change]] = defaultdict(list)
    for change in sorted(first, key=_reading_order):
        by_work[change.slot.work_id].append(change)
    known = [work.id for work in book.works if work.id in by_work]
    order = known + [work_id for work_id in by_work if work_id not in names.works]
    groups = tuple(
        Group(
            franchise=names.franchise(names.works.get(work_id)),
            work=names.work(work_id),
            entries=_quoted_once([_entry(change, names) for change in by_work[work_id]]),
        )
        for work_id in order
    )
    return Shown(items=groups, left_out=len(changes) - len(first))


def _reading_order(change: Change) -> tuple[object, ...]:
    slot = change.slot
    return change.at, _KINDS.index(slot.kind), slot.season or 0, slot.role != "premiere", slot.person or "", change.id


def _quoted_once(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    pairs = zip([None, *entries], entries, strict=False)
    return tuple(
        replace(entry, is_same_piece=True) if before and _same_quote(before, entry) else entry
        for before, entry in pairs
    )


def _same_quote(one: Entry, other: Entry) -> bool:
    return (one.sentence, one.said_by, one.url) == (other.sentence, other.said_by, other.url)


def _entry(change: Change, names: Names) -> Entry:
    claim, fact = change.claim, names.facts.get(change.slot)
    supported = fact is not None and fact.value == change.new
    old = None if change.old is None or change.old.is_empty else one_line(value_words(change.old), 160)
    stands = f", but {old} is believed" if change.kind is ChangeKind.DISPUTED and old else ""
    says_itself = change.kind is ChangeKind.ANNOUNCED and change.slot.kind is not Kind.RELEASE_DATE
    return Entry(
        what=_topic(change.slot),
        verb=None if says_itself else change_words(change.kind) + stands,
        old=None if stands else old,
        new=_answer(change),
        status=change.status,
        said_by=_said_by(names.source(claim.source_id), claim.attributed_to),
        sources=max(1, len(fact.origins)) if fact and supported else 1,
        sentence=one_line(claim.sentence) or None,
        url=web_url(claim.url),
        at=names.local(change.at),
        old_since=day_words(names.local(change.old_since_at).date()) if change.old_since_at else None,
    )


def _topic(slot: Slot) -> str:
    """What a change is about, without what its answer says anyway: `Season 5 premiere`, `Season 6`, `Casting`."""
    if slot.kind in (Kind.RENEWAL, Kind.CANCELLATION):
        return "The series" if slot.season is None else capitalised(season_words(slot.season))
    return question_words(replace(slot, person=None))


def _answer(change: Change) -> str:
    """The new value: a date by itself, anything else as a piece of news."""
    if change.new and change.new.date:
        return one_line(value_words(change.new), 160)
    return capitalised(one_line(news_words(replace(change, old=None)), 160))


def _said_by(source: str, attributed_to: str | None) -> str:
    origin = one_line(attributed_to or "", 80)
    return f"{source}, citing {origin}" if origin and origin.casefold() != source.casefold() else source


# --- what is coming, and what is not -----------------------------------------------------------------------------


def _upcoming(book: DayBook, names: Names, today: dt.date) -> Shown[Upcoming]:
    ahead = [(date, fact) for fact in book.facts if (date := _date_ahead(fact, today))]
    ahead.sort(key=lambda pair: (pair[0].earliest, pair[0].latest, pair[1].slot.work_id, pair[1].slot.season or 0))
    return _shown(ahead, lambda pair: _upcoming_entry(*pair, names, today))


def _date_ahead(fact: Fact, today: dt.date) -> PartialDate | None:
    """The date of a release that is still to come."""
    date = fact.value.date
    if fact.slot.kind is not Kind.RELEASE_DATE or fact.status is Status.DENIED or fact.moved_to or date is None:
        return None
    return date if date.latest >= today else None


def _upcoming_entry(date: PartialDate, fact: Fact, names: Names, today: dt.date) -> Upcoming:
    return Upcoming(
        work=names.work(fact.slot.work_id),
        what=question_words(fact.slot),
        when=date_line(date),
        distance=_distance(date.earliest, date.latest, today),
        earliest=date.earliest,
        latest=date.latest,
        status=fact.status,
        platform=one_line(fact.value.platform, 80) if fact.value.platform else None,
    )


def _distance(earliest: dt.date, latest: dt.date, today: dt.date) -> str:
    if earliest == latest:
        days = (earliest - today).days
        return {0: "today", 1: "tomorrow"}.get(days, f"in {span_words(days)}")
    if earliest > today:
        return f"from {span_words((earliest - today).days)} on"
    if latest == dt.date.max:
        return "any time now"
    return f"some time in the next {span_words((latest - today).days + 1)}"


def span_words(days: int) -> str:
    """A number of days as a person says it: `12 days`, `5 months`, `2 years 7 months`."""
    if days < 60:
        return "1 day" if days == 1 else f"{days} days"
    months = round(days / 30.44)
    if months < 24:
        return f"{months} months"
    years, rest = divmod(months, 12)
    return f"{years} years" + ("" if not rest else f" {rest} month{'s' if rest > 1 else ''}")


def _still_open(book: DayBook) -> list[Unannounced]:
    """The open questions, without those that left the season out and were answered with it since."""
    dated = [fact for fact in book.facts if fact.slot.season is not None and fact.value.date and not fact.moved_to]
    return [question for question in book.unannounced if not any(_answers(fact, question) for fact in dated)]


def _answers(fact: Fact, question: Unannounced) -> bool:
    said, asked = fact.slot, question.slot
    same = (said.work_id, said.kind, said.role, None) == (asked.work_id, asked.kind, asked.role, asked.season)
    return same and question.last_said_at is not None and fact.since_at > question.last_said_at


def _open(question: Unannounced, names: Names, today: dt.date) -> Open:
    since = None
    if question.since_at:
        day = names.local(question.since_at).date()
        ago = (today - day).days
        since = day_words(day) + (f" ({span_words(ago)})" if ago > 0 else "")
    return Open(
        work=names.work(question.slot.work_id),
        what=question_words(question.slot),
        since=since,
        url=web_url(question.url),
    )


# --- stories and pictures ----------------------------------------------------------------------------------------


def _stories(book: DayBook, names: Names) -> Shown[StoryLine]:
    """The widest told first; one whose first piece is told with a wider one already is the same story."""
    kept, told = list[Story](), dict[str, int]()
    for story in sorted(book.stories, key=lambda story: (-len(set(story.sources)), story.first_at)):
        place = told.get(story.item_ids[0], len(kept))
        if place == len(kept):
            kept.append(story)
        else:
            kept[place] = replace(kept[place], claims=tuple(dict.fromkeys((*kept[place].claims, *story.claims))))
        told = dict.fromkeys(story.item_ids, place) | told
    return _shown(kept, lambda story: _story(story, names))


def _story(story: Story, names: Names) -> StoryLine:
    told: dict[str, list[str]] = {}
    for claim in story.claims:
        told.setdefault(names.work(claim.work_id), []).append(one_line(claim_words(claim), 160))
    pieces = {names.source(source_id): web_url(story.links.get(source_id)) for source_id in reversed(story.sources)}
    return StoryLine(
        told=one_line(" · ".join(f"{work}: {'; '.join(dict.fromkeys(said))}" for work, said in told.items()), 400),
        headline=one_line(story.title, 200) or None,
        pieces=tuple(Piece(source=source, url=url) for source, url in reversed(pieces.items())),
        first_at=names.local(story.first_at),
    )


def to_draw(book: DayBook, *, local_date: dt.date) -> tuple[Slot, ...]:
    """The questions whose history `build_digest` wants (`Store.with_histories`), and no more of them than it may draw.

    Those of releases that had another date, or none, before: first what moved in the period, then what is ahead. A
    question that leaves season or role out may be told with them.
    """
    moved = {main_role(change.slot) for change in book.changes if change.slot.kind is Kind.RELEASE_DATE}
    known = [each for each in releases(book) if each.fact and each.fact.slot in book.rewritten]
    wanted = [each for each in known if each.slot in moved or each.is_ahead(local_date)] if book.changes else []
    first = sorted(wanted, key=lambda release: release.slot not in moved)[: 4 * PLOTS]
    return tuple({slot: None for release in first for slot in less_exact(release.slot)})


def _plots(book: DayBook, told: Sequence[Change], names: Names, today: dt.date) -> tuple[History, ...]:
    """The histories worth a picture: of releases that moved in the period, then of those ahead; none on a quiet day."""
    if not told:
        return ()
    moved = {main_role(change.slot) for change in told if change.slot.kind is Kind.RELEASE_DATE}
    worth = [
        each
        for each in releases(book, claimed=True)
        if each.is_worth_drawing and (each.slot in moved or each.is_ahead(today))
    ]
    shown = sorted(worth, key=lambda release: release.slot not in moved)[:PLOTS]
    return tuple(history_of(release, book.until_at, names) for release in shown)
