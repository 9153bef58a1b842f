"""Day books to build digests of: facts of the founding case in invented words, and the pieces to vary them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from storage.model import (
    Change,
    ChangeKind,
    Claim,
    DayBook,
    Fact,
    FetchState,
    Health,
    Kind,
    PartialDate,
    Past,
    Slot,
    Source,
    SourceKind,
    SourceReport,
    Status,
    Story,
    Tier,
    Unannounced,
    Value,
    Work,
)

UNTIL = dt.datetime(2026, 3, 14, 6, 0, tzinfo=dt.UTC)
LOCAL_DATE = dt.date(2026, 3, 14)
WORKS = (
    Work(id="for-all-mankind", title="For All Mankind", franchise_id="for-all-mankind", aliases=("FAM",)),
    Work(id="star-city", title="Star City", franchise_id="for-all-mankind", parent="for-all-mankind"),
)
SOURCES = {
    "apple-press": ("Apple TV Press", Tier.OFFICIAL),
    "screen-ledger": ("Screen Ledger", Tier.TRADE),
    "daily-reel": ("The Daily Reel", Tier.TRADE),
    "orbit-culture": ("Orbit Culture", Tier.PRESS),
    "couch-report": ("Couch Report", Tier.PRESS),
    "series-wire": ("Series Wire", Tier.AGGREGATOR),
    "moonbase-forum": ("Moonbase Forum", Tier.RUMOUR),
    "nordic-stream": ("Nordic Stream", Tier.PRESS),
}
FAM5 = Slot(work_id="for-all-mankind", kind=Kind.RELEASE_DATE, season=5, role="premiere")
FAM5_FINALE = replace(FAM5, role="finale")
FAM6 = replace(FAM5, season=6)
STAR1 = Slot(work_id="star-city", kind=Kind.RELEASE_DATE, season=1, role="premiere")
STAR2 = replace(STAR1, season=2)


def utc(year: int, month: int, day: int, hour: int = 15, minute: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)


def day(text: str) -> PartialDate:
    """One exact day."""
    date = dt.date.fromisoformat(text)
    return PartialDate(edtf=text, earliest=date, latest=date)


def window(edtf: str, earliest: str, latest: str) -> PartialDate:
    return PartialDate(edtf=edtf, earliest=dt.date.fromisoformat(earliest), latest=dt.date.fromisoformat(latest))


YEAR_2026 = window("2026", "2026-01-01", "2026-12-31")
SPRING_2026 = window("2026-21", "2026-03-01", "2026-05-31")
SUMMER_2027 = window("2027-22", "2027-06-01", "2027-08-31")


def claim(
    slot: Slot,
    source_id: str,
    at: dt.datetime,
    sentence: str,
    *,
    status: Status = Status.CONFIRMED,
    **said: object,
) -> Claim:
    """A claim about `slot`; further fields by name."""
    fields = {name: getattr(slot, name) for name in ("season", "part", "role", "region", "person")}
    identity = f"https://news.example/{source_id}/{at:%Y%m%d%H%M}"
    return Claim(
        item_id=f"{source_id}/{identity}",
        source_id=source_id,
        tier=SOURCES.get(source_id, ("", Tier.PRESS))[1],
        url=identity,
        claimed_at=at,
        work_id=slot.work_id,
        kind=slot.kind,
        status=status,
        sentence=sentence,
        rule=f"{slot.kind.value}.example",
        **(fields | said),  # type: ignore[arg-type]
    )


def fact(slot: Slot, value: Value, since_at: dt.datetime, *origins: str, status: Status = Status.CONFIRMED) -> Fact:
    return Fact(
        slot=slot,
        value=value,
        status=status,
        tier=Tier.OFFICIAL,
        since_at=since_at,
        last_claimed_at=since_at,
        origins=origins,
    )


def change(kind: ChangeKind, said: Claim, old: Value | None, new: Value | None, **more: object) -> Change:
    """A change of the claim's slot at the claim's time."""
    key = f"{said.slot.id}.{kind.value}.{new}"
    return Change(
        id=key.replace("/", "-").replace(" ", "-"),
        kind=kind,
        slot=said.slot,
        old=old,
        new=new,
        status=said.status,
        claim=said,
        at=said.claimed_at,
        **more,  # type: ignore[arg-type]
    )


def report(source_id: str, health: Health = Health.OK, *, age_h: float = 0.6, **state: object) -> SourceReport:
    """A source last read `age_h` hours before the end of the period."""
    name, tier = SOURCES.get(source_id, (source_id, Tier.PRESS))
    url = f"https://{source_id}.example/feed"
    last = UNTIL - dt.timedelta(hours=age_h)
    known: dict[str, object] = {
        "last_attempt_at": last,
        "last_success_at": last,
        "last_new_item_at": last - dt.timedelta(hours=5),
    }
    return SourceReport(
        source=Source(id=source_id, name=name, kind=SourceKind.FEED, url=url, tier=tier),
        state=FetchState(source_id=source_id, url=url, health=health, **(known | state)),  # type: ignore[arg-type]
        items_in_period=23 if health is Health.OK else 0,
        usual_gap_s=4 * 3600.0,
    )


def history() -> tuple[Claim, ...]:
    """Two years of release-date claims."""
    no, rep, rum = True, Status.REPORTED, Status.RUMOURED
    nothing_yet = "The service has not said when the new season arrives."
    return (
        claim(FAM5, "apple-press", utc(2024, 4, 17), "No date was given for the fifth season.", null=no),
        claim(STAR1, "apple-press", utc(2024, 4, 17), "Star City has no date yet.", null=no),
        claim(FAM5, "orbit-culture", utc(2024, 9, 2), nothing_yet, null=no),
        claim(STAR1, "moonbase-forum", utc(2024, 11, 20), "A 2026 start for Star City is being whispered.",
              status=rum, date=YEAR_2026),
        claim(FAM5, "moonbase-forum", utc(2025, 1, 11), "Fans bet on late 2025 for season five.",
              status=rum, date=window("2025-10/2025-12", "2025-10-01", "2025-12-31")),
        claim(FAM5, "screen-ledger", utc(2025, 5, 6), "Season five is expected in 2026, two people familiar say.",
              status=rep, date=YEAR_2026),
        claim(STAR1, "daily-reel", utc(2025, 6, 19), "Star City is lined up for 2026.", status=rep, date=YEAR_2026),
        claim(STAR1, "series-wire", utc(2025, 7, 1), "Star City could arrive in summer 2026.", status=rum,
              date=window("2026-22", "2026-06-01", "2026-08-31")),
        claim(FAM5, "daily-reel", utc(2025, 10, 2), "The alternate-history drama is back in spring 2026.",
              status=rep, date=SPRING_2026),
        claim(FAM5, "apple-press", utc(2025, 12, 11), "Season five premieres globally on March 27, 2026.",
              date=day("2026-03-27")),
        claim(FAM5, "couch-report", utc(2025, 12, 12), "For All Mankind returns 27 March.", date=day("2026-03-27")),
        claim(STAR1, "orbit-culture", utc(2025, 12, 20), "Star City follows in late spring.",
              status=rep, date=SPRING_2026),
        claim(STAR1, "apple-press", utc(2026, 3, 13, 14), "Star City premieres May 29, 2026, on Apple TV.",
              date=day("2026-05-29"), platform="Apple TV"),
    )  # fmt: skip


def facts() -> tuple[Fact, ...]:
    march_27 = Value(date=day("2026-03-27"), platform="Apple TV")
    fam5 = replace(
        fact(FAM5, march_27, utc(2025, 12, 11), "apple-press", "couch-report"),
        past=(
            Past(value=Value(date=YEAR_2026), status=Status.REPORTED, from_at=utc(2025, 5, 6),
                 until_at=utc(2025, 10, 2)),
            Past(value=Value(date=SPRING_2026), status=Status.REPORTED, from_at=utc(2025, 10, 2),
                 until_at=utc(2025, 12, 11)),
        ),
    )  # fmt: skip
    star = replace(
        fact(STAR1, Value(date=day("2026-05-29"), platform="Apple TV"), utc(2026, 3, 13, 14),
             "apple-press", "screen-ledger", "daily-reel"),
        past=(
            Past(value=Value(date=YEAR_2026), status=Status.REPORTED, from_at=utc(2025, 6, 19),
                 until_at=utc(2025, 12, 20)),
            Past(value=Value(date=SPRING_2026), status=Status.REPORTED, from_at=utc(2025, 12, 20),
                 until_at=utc(2026, 3, 13, 14)),
        ),
    )  # fmt: skip
    finale = fact(FAM5_FINALE, Value(date=day("2026-05-29")), utc(2025, 12, 11), "apple-press")
    star2 = fact(STAR2, Value(date=SUMMER_2027), utc(2026, 3, 13, 22), "moonbase-forum", status=Status.RUMOURED)
    return fam5, star, finale, star2


def changes() -> tuple[Change, ...]:
    renewal = Slot(work_id="for-all-mankind", kind=Kind.RENEWAL, season=6)
    ending = Slot(work_id="for-all-mankind", kind=Kind.CANCELLATION, season=6)
    casting = Slot(work_id="star-city", kind=Kind.CASTING, season=1, person="Mira Antonova")
    star, star2 = history()[-1], claim(
        STAR2, "moonbase-forum", utc(2026, 3, 13, 22), "A second year of Star City is said to be aimed at summer 2027.",
        status=Status.RUMOURED, date=SUMMER_2027)  # fmt: skip
    renewed = claim(renewal, "apple-press", utc(2026, 3, 13, 14, 5),
                    "For All Mankind has been renewed for a sixth and final season.", value="renewed")  # fmt: skip
    final = claim(ending, "apple-press", utc(2026, 3, 13, 14, 5),
                  "For All Mankind has been renewed for a sixth and final season.", value="ending")  # fmt: skip
    cast = claim(casting, "screen-ledger", utc(2026, 3, 13, 18, 40),
                 "Mira Antonova has boarded the Soviet-side drama as an engineer named Irina.", status=Status.REPORTED,
                 attributed_to="The Daily Reel", action="joins", character="Irina")  # fmt: skip
    return (
        change(ChangeKind.REFINED, star, Value(date=SPRING_2026), Value(date=day("2026-05-29"), platform="Apple TV"),
               old_since_at=utc(2025, 12, 20)),
        change(ChangeKind.ANNOUNCED, renewed, None, Value(text="renewed")),
        change(ChangeKind.ANNOUNCED, final, None, Value(text="ending")),
        change(ChangeKind.ANNOUNCED, cast, None, Value(action="joins", character="Irina")),
        change(ChangeKind.CORROBORATED, renewed, Value(text="renewed"), Value(text="renewed")),
        change(ChangeKind.ANNOUNCED, star2, None, Value(date=SUMMER_2027)),
    )  # fmt: skip


def stories() -> tuple[Story, ...]:
    items = tuple(
        f"{source}/https://news.example/{source}/1" for source in ("apple-press", "screen-ledger", "couch-report")
    )
    star, renewed, final, *_ = changes()
    return (
        Story(title="Star City sets its launch day", item_ids=items, claims=(star.claim,),
              sources=("apple-press", "screen-ledger", "daily-reel", "couch-report"), first_at=utc(2026, 3, 13, 14),
              links={"apple-press": "https://news.example/apple-press/1"}),
        Story(title="The Moon race ends with a sixth season", item_ids=tuple(f"{item}2" for item in items[1:]),
              sources=("apple-press", "orbit-culture"), first_at=utc(2026, 3, 13, 14, 5),
              claims=(renewed.claim, final.claim), links={"apple-press": "https://news.example/screen-ledger/1"}),
    )  # fmt: skip


def source_reports() -> tuple[SourceReport, ...]:
    return (
        *(report(source_id, age_h=0.2 + number / 10) for number, source_id in enumerate(list(SOURCES)[:5])),
        report("series-wire", Health.BLOCKED, age_h=31,
               reason="The answer was a bot check instead of the feed (403). Tried again in four hours."),
        report("moonbase-forum", age_h=0.4, last_new_item_at=UNTIL - dt.timedelta(days=9)),
        report("nordic-stream", Health.FAILING, age_h=53, reason="The server did not answer within 15 seconds."),
    )  # fmt: skip


def daybook() -> DayBook:
    """A full day: changes, a rumour, upcoming releases, open questions, stories, and sources in every mood."""
    return DayBook(
        since_at=UNTIL - dt.timedelta(days=1),
        until_at=UNTIL,
        works=WORKS,
        changes=changes(),
        facts=facts(),
        unannounced=(
            Unannounced(slot=FAM6, since_at=utc(2026, 3, 13, 14, 5), last_said_at=utc(2026, 3, 13, 14, 5),
                        sentence="A date for the last season will follow.", url="https://news.example/last"),
            Unannounced(slot=replace(STAR1, role="finale"), since_at=utc(2024, 4, 17), last_said_at=utc(2025, 9, 1)),
            Unannounced(slot=replace(STAR1, role="trailer", kind=Kind.TRAILER), since_at=None, last_said_at=None),
        ),
        history=history(),
        stories=stories(),
        sources=source_reports(),
        franchise_titles={"for-all-mankind": "For All Mankind"},
        rewritten=frozenset(fact.slot for fact in facts() if fact.past),
        headlines={change.id: "A Day for the Cosmonauts" for change in changes()},
    )  # fmt: skip


def quiet_daybook() -> DayBook:
    """A day on which nothing happened, seen well."""
    return replace(daybook(), changes=(), stories=(), sources=source_reports()[:5])
