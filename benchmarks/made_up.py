"""A made-up world for benchmarks: two years of items, and what was read in them, of two hundred works.

Nothing is drawn but from seeds, so every run measures the same.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence

from storage.model import (
    Change,
    ChangeKind,
    Claim,
    Config,
    Fact,
    FetchState,
    Franchise,
    Item,
    Kind,
    Mention,
    Message,
    PartialDate,
    Poll,
    Source,
    SourceKind,
    Status,
    Tier,
    Value,
    Work,
)

WORKS, SOURCES = 200, 50
END = dt.datetime.now(dt.UTC).replace(microsecond=0)
YEARS = dt.timedelta(days=730)
STATE = FetchState(source_id="source-0", url="https://s0.example/feed")

WORDS = [
    f"{a}{b}{c}"
    for a in ("har", "lan", "sto", "mir", "qua")
    for b in ("bo", "te", "ri", "va")
    for c in ("ur", "rn", "ml", "st", "ne", "x")
]


_ENDINGS = [str(int(random.Random(number).paretovariate(0.6)) % 5000 or "") for number in range(50_000)]


def words(chance: random.Random, count: int) -> str:
    """Words of which some are common and most are rare, as in any language."""
    return " ".join(map(str.__add__, chance.choices(WORDS, k=count), chance.choices(_ENDINGS, k=count)))


def config(count: int = SOURCES) -> Config:
    """Two hundred works and so many sources."""
    works = tuple(Work(id=f"work-{n}", title=f"Work {n}", franchise_id="all") for n in range(WORKS))
    tiers = list(Tier)
    sources = tuple(
        Source(
            id=f"source-{n}",
            name=f"Source {n}",
            kind=SourceKind.FEED,
            url=f"https://s{n}.example/feed",
            tier=tiers[n % 5],
        )
        for n in range(count)
    )
    return Config(franchises=(Franchise(id="all", title="All", works=works),), sources=sources)


def items(count: int, sources: int = SOURCES) -> Iterator[Item]:
    """Items spread evenly over two years and the sources."""
    chance = random.Random(7)
    for number in range(count):
        source = f"source-{number % sources}"
        yield Item(
            source_id=source,
            identity=f"urn:example:{number}",
            url=f"https://{source}.example/2027/{number}",
            title=words(chance, 8),
            summary=words(chance, 30),
            text=words(chance, 60),
            published_at=END - YEARS + YEARS * (number / count),
            keys=(f"guid:urn:example:{number}", f"url:https://{source}.example/2027/{number}"),
            content_hash=f"{number:064x}",
        )


def mention(item: Item) -> Mention:
    """A date that was read in it."""
    return Mention(kind=Kind.RELEASE_DATE, rule="release_date.made_up", sentence=item.summary[:120], start=0, end=20,
                   field="summary", paragraph=1, works=("work-1",))  # fmt: skip


def claim(item: Item, chance: random.Random) -> Claim:
    """One of some five thousand questions about dates and people, answered in one of a few ways or with nothing."""
    day = dt.date(2027, 1, 1) + dt.timedelta(days=7 * int(chance.paretovariate(1.2)) % 700)
    casting = chance.random() < 0.2
    null = not casting and chance.random() < 0.1
    season = chance.randrange(1, 6)
    return Claim(
        item_id=item.id, source_id=item.source_id, tier=Tier.PRESS, url=item.url, claimed_at=item.published_at or END,
        work_id=f"work-{chance.randrange(WORKS)}", kind=Kind.CASTING if casting else Kind.RELEASE_DATE, season=season,
        role=None if casting else chance.choice(("premiere", "finale", "teaser", "theatrical", "streaming")),
        person=f"Person {chance.randrange(20)}" if casting else None,
        action=chance.choice(("joins", "returns", "exits", "in_talks")) if casting else None,
        status=chance.choice((Status.CONFIRMED, Status.CONFIRMED, Status.REPORTED, Status.RUMOURED)),
        sentence=item.summary[:120], rule="made_up", null=null,
        date=None if null or casting else PartialDate(edtf=day.isoformat(), earliest=day, latest=day),
    )  # fmt: skip


def fact(said: Claim) -> Fact:
    """What is believed after it."""
    return Fact(
        slot=said.slot,
        value=Value(date=said.date, action=said.action),
        status=said.status,
        tier=said.tier,
        since_at=said.claimed_at,
        last_claimed_at=said.claimed_at,
        origins=(said.source_id,),
    )


def change(said: Claim) -> Change:
    """The move to it."""
    new = Value(date=said.date, action=said.action)
    return Change(id=f"{said.slot.id}:{said.item_id}", kind=ChangeKind.ANNOUNCED, slot=said.slot, old=None, new=new,
                  status=said.status, claim=said, at=said.claimed_at)  # fmt: skip


def message(told: Change) -> Message:
    """The alert of it."""
    return Message(id=f"{told.id}.all", route_id="all", target_id="hook", format="webhook", body=b"{}",
                   content_type="application/json", change_ids=(told.id,), created_at=told.at, not_before_at=told.at,
                   summary=told.claim.sentence)  # fmt: skip


def poll(batch: Sequence[Item], chance: random.Random) -> Poll:
    """Three items in ten claim something, one claim in ten moves a fact."""
    claims = [claim(item, chance) for item in batch if chance.random() < 0.3]
    moved = [said for said in claims if chance.random() < 0.1]
    changes = tuple(change(said) for said in moved if not said.null)
    return Poll(
        state=STATE,
        items=tuple(batch),
        mentions={item.id: (mention(item),) for item in batch},
        claims=tuple(claims),
        facts=tuple(map(fact, moved)),
        changes=changes,
        messages=tuple(map(message, changes)),
    )
