"""Articles a second, by the number of names watched, and what is found in the labelled sentences; ours beside others.

    pip install dateparser datefinder        # in an environment of its own; without them ours is measured alone
    python benchmarks/extract.py [--profile] [--quick]

The first line is what a new process needs before it has read one sentence, in seconds of processor time.

The stream is invented: articles of 4 to 5 kB about works nobody follows, every twentieth of them (`stream`), every
fiftieth, every one (`all named`) or none (`none named`: what the gate costs) about a followed work, with its name in a
fifth of the sentences. Ours reads everything (kind, work, season, person, resolved date, status); dateparser.search and
datefinder only look for dates; the alternation only says which names stand in a text. The second table is about
`tests/corpus/`: the release dates found with their window, and the texts without news on which a date was said.
"""

from __future__ import annotations

import cProfile
import datetime as dt
import importlib.util
import itertools
import json
import pstats
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.extract import read, watch_works
from pipeline.resolve import resolve
from storage.edtf import contains, disjoint, on, parse_edtf
from storage.model import Item, Kind, PartialDate, Tier, Work
from tests.readings import HELD_OUT, Row, claims_of, load_rows, tuned_files

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
FIRST = re.findall(
    r"\w+",
    """
Amber Ashen Bitter Bright Broken Burning Cold Copper Crimson Crooked Dark Distant Drowned Empty Endless Faded
Fallen Final First Forgotten Frozen Gilded Glass Golden Gray Hidden Hollow Idle Iron Last Little Lonely Lost
Lucky Midnight Narrow Northern Open Pale Paper Quiet Restless Rising Rusted Sacred Salt Scarlet Second Secret
Shallow Silent Silver Sleeping Southern Stolen Stone Velvet Violet Wandering White Wicked Winter Young
""",
)
SECOND = re.findall(
    r"\w+",
    """
Acre Anchor Angels Archive Bay Bridge Brothers Canyon Choir Circle City Coast Colony Country Courts Crown
Daughters Doors Empire Engines Fathers Feast Ferry Fields Fires Games Gardens Ghosts Harbor Hearts Hill Hours
House Hunters Island Keepers Kings Lake Lanterns Letters Lies Lines Market Mercy Meridian Mirrors Orchard
Parade Parish Pilgrims Queens Ridge River Road Saints Shore Signal Sisters Street Summer Tides Towers Valley
Voices Walls Water Wolves
""",
)
PLACES = re.findall(
    r"\w+",
    """
Alder Corrin Dunmore Garrow Islay Kells Lorne Nairn Orrin Penrith Quay Raven Selkirk Tarn Elsdon Fenwick Harrow Jura
Marrow Ness Oban Skye Unst Mull
""",
)
PROSE = """
The series follows three siblings who inherit a failing cinema and decide, against all advice, to keep the lights on.
It is the kind of show that takes its time, and the first hour is little more than weather and furniture.
Critics were divided when the pilot screened in September, but the audience found it within weeks.
"We never talked about ratings," the creator told reporters. "We talked about soup."
The budget grew from $40 million to $61 million, according to two people close to the production.
Much of the second season was shot on a disused airfield, where the crew built a village of forty houses.
The network has been on a run, with five dramas in the top ten and a comedy that nobody expected to last.
In 2019, the same team made a small film about a lighthouse that won a prize and lost its investors everything.
Fans have pored over every frame of the trailer, looking for the scar that gives the killer away.
The cast includes Maria Keller, Jonas Brandt and Ingrid Solberg, who also serves as an executive producer.
Set in 1974, the story begins with a strike and ends, eight episodes later, with a wedding.
Nobody at the company would say how many people watched, and the charts published on Tuesday were of little help.
Her performance is a marvel of small gestures, and the camera knows it.
The novel on which it is based has sold four million copies since it was published in March 2011.
He spent the summer learning to ride, and broke two fingers in the first week of filming.
There is a version of this story that is braver, stranger and about twenty minutes shorter.
The composer recorded the score in a church with a choir of eleven and an organ that was out of tune.
Another streaming service had passed on the script, calling it too quiet for its subscribers.
What works best is the friendship at its centre, which survives fire, flood and a very long dinner.
The company announced a restructuring on January 14 and said that it would cut its slate by a third.
Where earlier episodes wandered, this one has a plan: get everybody into one room and lock the door.
A spokesperson declined to comment, and a message to the studio was not returned by press time.
The third act leans on coincidence, but by then the film has earned a little luck.
Tickets for the screening sold out in nine minutes, and a second date was added for Sunday.
It has been a long road for the director, whose last feature was cancelled a week before cameras rolled.
The finale answers two of the five questions the season asks, and it asks three more.
Sign up for our newsletter to get the latest reviews, interviews and recommendations in your inbox.
The show is available to stream now, with new episodes every Thursday.
""".strip().splitlines()  # fmt: skip
NEWS = """
{name} has been renewed for a fourth season, the network announced on Monday.
The new season of {name} will premiere on September 18 with two episodes.
Maria Keller and Tunde Akinlade have joined the cast of {name} in recurring roles.
Filming on the next chapter of {name} is set to begin in June, according to the showrunner.
There is no release date yet for the finale of {name}, and the studio would not say when one might come.
{name} was a hit from the start, and its second season did even better than the first.
The trailer for {name} shows the harbour in flames and a stranger on the pier.
"I have never had so much fun as on {name}," the actor said.
""".strip().splitlines()


def names(count: int) -> list[str]:
    """Invented titles, the short ones first."""
    pairs = (f"{a} {b}" for a, b in itertools.product(FIRST, SECOND))
    longer = (f"{a} {b} of {place}" for place, a, b in itertools.product(PLACES, FIRST, SECOND))
    return list(itertools.islice(itertools.chain(pairs, longer), count))


def stream(size: int, followed: Sequence[str], every: int, seed: int = 7) -> list[Item]:
    """`size` articles of 4 to 5 kB of which every `every`-th is about a followed work."""
    chance = random.Random(seed)
    about = (chance.choice(followed) if number % every == 0 else None for number in range(size))
    return [_article(number, name, chance) for number, name in enumerate(about)]


def _article(number: int, name: str | None, chance: random.Random) -> Item:
    wanted, text, length = chance.randint(4_000, 5_000), [], 0
    while length < wanted:
        source = NEWS if name and chance.random() < 0.2 else PROSE
        paragraph = " ".join(chance.choice(source).format(name=name) for _ in range(chance.randint(2, 4)))
        text.append(paragraph)
        length += len(paragraph) + 2
    title = f"{name} Renewed for Season 4" if name else "A quiet week for television, and a loud one for its critics"
    return Item(
        source_id="bench", identity=str(number), url=None, title=title, text="\n\n".join(text), published_at=NOON
    )


def per_second(act: Callable[[Item], object], items: Sequence[Item], rounds: int = 3) -> float:
    """Articles a second on one core, the best of some rounds after one that warms up."""
    for item in items[: len(items) // 4 + 1]:
        act(item)
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for item in items:
            act(item)
        best = min(best, time.process_time() - start)
    return len(items) / best


def reader(followed: Sequence[str]) -> Callable[[Item], object]:
    watch = watch_works(tuple(Work(id=str(i), title=name, franchise_id="f") for i, name in enumerate(followed)))
    return lambda item: resolve(item, read(item, watch), watch.works, tier=Tier.PRESS, seen_at=NOON)


def alternation(followed: Sequence[str]) -> Callable[[Item], object]:
    longest_first = sorted(followed, key=len, reverse=True)
    pattern = re.compile(r"\b(?:" + "|".join(re.escape(name) for name in longest_first) + r")\b")
    return lambda item: pattern.findall(item.text)


DateFinder = Callable[[str, dt.datetime], list[PartialDate]]


def date_finders() -> dict[str, DateFinder]:
    """The other libraries that are installed."""
    found: dict[str, DateFinder] = {}
    if importlib.util.find_spec("dateparser"):
        from dateparser.search import search_dates

        def dateparser(text: str, at: dt.datetime) -> list[PartialDate]:
            settings = {"RELATIVE_BASE": at.replace(tzinfo=None), "PREFER_DATES_FROM": "future"}
            return [on(when.date()) for _, when in search_dates(text, languages=["en"], settings=settings) or []]

        found["dateparser.search"] = dateparser
    if importlib.util.find_spec("datefinder"):
        from datefinder import find_dates

        def datefinder(text: str, at: dt.datetime) -> list[PartialDate]:
            try:
                return [on(when.date()) for when in find_dates(text, base_date=at.replace(tzinfo=None))]
            except (ValueError, OverflowError, TypeError):
                return []

        found["datefinder"] = datefinder
    return found


def start() -> None:
    """The first line: a process of its own, the best of three."""
    command = [Path(sys.executable).with_name("franchise-watch"), "extract"]
    row = {
        "id": 1,
        "published": "2026-03-02T12:00:00Z",
        "title": NEWS[1].format(name="Alder"),
        "watch": {"title": "Alder"},
    }
    taken = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run(command, input=json.dumps(row), text=True, check=True, stdout=subprocess.DEVNULL)
        taken.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    print(f"one sentence in a new process: {min(taken):.2f} s\n")


def speeds(quick: bool) -> None:
    """The first table."""
    print(f"{'articles a second':24}{'names':>8}{'stream':>10}{'one in 50':>11}{'all named':>11}{'none named':>12}")
    size = 200 if quick else 1_000
    for count in (10, 1_000, 10_000, 100_000):
        followed = names(count)
        act = reader(followed)
        mixed = per_second(act, stream(size, followed, 20))
        seldom = per_second(act, stream(size, followed, 50))
        named = per_second(act, stream(size // 10, followed, 1))
        passed = per_second(act, stream(size, followed, size)[1:])
        print(f"{'franchise-watch':24}{count:8,}{mixed:10,.0f}{seldom:11,.0f}{named:11,.0f}{passed:12,.0f}", flush=True)
    for count in (10, 1_000) if quick else (10, 1_000, 10_000):
        followed = names(count)
        speed = per_second(alternation(followed), stream(max(2, 20_000 // count // 10), followed, 20), rounds=1)
        print(f"{'re alternation, names':24}{count:8,}{speed:10,.1f}", flush=True)
    for name, find in date_finders().items():
        speed = per_second(_on_text(find), stream(4, names(10), 20), rounds=1)
        print(f"{name + ', dates only':24}{'-':>8}{speed:10,.1f}", flush=True)


def _on_text(find: DateFinder) -> Callable[[Item], object]:
    return lambda item: find(item.text, NOON)


def recalls() -> None:
    """The second table."""
    rows = [row for file in (*tuned_files(), HELD_OUT) for row in load_rows(file)]
    silent = [row for row in rows if not row.must]
    meant = [(row, parse_edtf(value)) for row in rows for value in _dates(row)]
    print(f"\n{'labelled sentences':24}{'dates found':>12}{'exact':>8}{'false alarms':>14}")
    for name, find in {
        "franchise-watch": _ours,
        **{name: _theirs(find) for name, find in date_finders().items()},
    }.items():
        answers = [(date, find(row)) for row, date in meant]
        exact = sum(any(answer.edtf == date.edtf for answer in said) for date, said in answers)
        found = sum(any(not disjoint(date, a) and contains(date, a) for a in said) for date, said in answers)
        alarms = sum(bool(find(row)) for row in silent)
        print(f"{name:24}{found / len(meant):12.3f}{exact / len(meant):8.3f}{alarms / len(silent):14.3f}")


def _dates(row: Row) -> list[str]:
    forms = [label.forms[0] for label in row.must]
    return [form.value for form in forms if form.kind == "release_date" and form.value and not form.null]


def _theirs(find: DateFinder) -> Callable[[Row], list[PartialDate]]:
    return lambda row: find(_text(row), row.item.published_at or NOON)


def _ours(row: Row) -> list[PartialDate]:
    claims = [claim for claim in claims_of(row.item, row.works) if claim.kind is Kind.RELEASE_DATE]
    return [claim.date for claim in claims if claim.date and not claim.background]


def _text(row: Row) -> str:
    return ". ".join(part for part in (row.item.title, row.item.summary, row.item.text) if part)


def profile(items: Iterable[Item], followed: Sequence[str]) -> None:
    """Where the time goes when every article names a followed work."""
    act = reader(followed)
    act(next(iter(items)))
    profiler = cProfile.Profile()
    profiler.enable()
    for item in items:
        act(item)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    if "--profile" in sys.argv:
        profile(stream(200, names(10_000), 20 if "--stream" in sys.argv else 1), names(10_000))
    else:
        start()
        speeds("--quick" in sys.argv)
        recalls()
