"""What one more claim costs in ledgers of a hundred and of a hundred thousand facts, and how fast a history is folded.

    python benchmarks/ledger.py [--claims 100000]

The big ledger holds a hundred thousand facts of five thousand works. Each figure is the best of five rounds; what is
timed is `compare` alone, without reading texts and without the store.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import time
from collections.abc import Callable
from functools import partial

from pipeline.compare import Beliefs, compare
from storage.edtf import parse_edtf
from storage.model import Claim, Fact, Kind, Slot, Status, Tier, Value

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
FACTS_A_WORK = 20
DATES = [parse_edtf(f"{year}-{month:02}") for year in (2027, 2028) for month in range(1, 13)]
NAMES = [f"Person{letter} Surname{letter}{other}" for letter in "abcdefgh" for other in "abcdefgh"]


def main() -> None:
    """Print both measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--claims", type=int, default=100_000)
    count = parser.parse_args().claims
    for facts in (100, 1_000, 10_000, 100_000):
        beliefs = Beliefs(ledger(facts))
        claims = list(stream(1_000, works=min(facts // FACTS_A_WORK, 5), start=START))
        seconds = best(partial(fold_singly, beliefs, claims))
        print(f"one claim against {facts:>7,} facts   {seconds / len(claims) * 1e6:7.1f} µs")
    for works in (10, 1_000):
        claims = list(stream(count, works=works, start=START))
        seconds = best(partial(compare, Beliefs(), claims), rounds=1)
        print(f"{count:,} claims about {works:>5,} works folded in {seconds:5.1f} s: {count / seconds:9,.0f} a second")


def fold_singly(beliefs: Beliefs, claims: list[Claim]) -> None:
    """Each claim in a call of its own against the same beliefs."""
    for one in claims:
        compare(beliefs, [one])


def ledger(facts: int) -> list[Fact]:
    """Facts of `facts // FACTS_A_WORK` works: half of them casting, half premieres of seasons."""
    return [
        Fact(
            slot=slot,
            value=Value(date=DATES[n % len(DATES)]) if slot.kind is Kind.RELEASE_DATE else Value(action="joins"),
            status=Status.CONFIRMED,
            tier=Tier.PRESS,
            since_at=START - dt.timedelta(days=200),
            last_claimed_at=START - dt.timedelta(days=100),
            origins=("outlet-0", "outlet-1"),
        )
        for n, slot in enumerate(slots(facts))
    ]


def slots(count: int) -> list[Slot]:
    """As many slots, `FACTS_A_WORK` a work."""
    found = []
    for n in range(count):
        work, place = f"work-{n // FACTS_A_WORK}", n % FACTS_A_WORK
        if place % 2:
            found.append(Slot(work_id=work, kind=Kind.CASTING, person=NAMES[place]))
        else:
            found.append(Slot(work_id=work, kind=Kind.RELEASE_DATE, season=place // 2 + 1, role="premiere"))
    return found


def stream(count: int, *, works: int, start: dt.datetime) -> list[Claim]:
    """Claims of several outlets, an hour apart: dates, castings, seasons, renewals, stages, trailers."""
    chance = random.Random(7)
    return [claim(n, f"work-{chance.randrange(works)}", start + dt.timedelta(hours=n), chance) for n in range(count)]


def claim(number: int, work: str, at: dt.datetime, chance: random.Random) -> Claim:
    """One claim, drawn by chance."""
    kind = chance.choice(list(Kind))
    return Claim(
        item_id=f"outlet/{number}",
        source_id=f"outlet-{chance.randrange(8)}",
        tier=chance.choice([Tier.PRESS, Tier.PRESS, Tier.TRADE, Tier.AGGREGATOR]),
        url=None,
        claimed_at=at,
        work_id=work,
        kind=kind,
        status=chance.choice([Status.CONFIRMED, Status.REPORTED, Status.RUMOURED]),
        sentence=f"Sentence {number} says what the claim says.",
        rule="benchmark",
        season=chance.choice([None, 1, 2, 3]),
        date=chance.choice(DATES) if kind is Kind.RELEASE_DATE else None,
        person=chance.choice(NAMES) if kind is Kind.CASTING else None,
        action=chance.choice(["joins", "exits", "in_talks"]) if kind is Kind.CASTING else None,
        value=chance.choice(["filming", "wrapped"]) if kind is Kind.PRODUCTION else None,
    )


def best(run: Callable[[], object], rounds: int = 5) -> float:
    """The shortest time of several runs, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
