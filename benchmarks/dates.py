"""How many date phrases are read, how many of them rightly, and how fast: ours beside dateparser.search and datefinder.

    pip install dateparser datefinder        # in an environment of its own; without them ours is measured alone
    python benchmarks/dates.py

The phrases are the tables of tests/test_dates.py, so ours is right on them by definition: look at the others, and at
the speed (readings are remembered by phrase and day, as in a run). The others answer with a day, never a precision, so
two recalls are shown: `found` counts any answer inside the window that is meant (12 April 2027 for "spring 2027"),
`exact` only those of the precision that was said. Precision is the share of the answers that lie inside a window
that is meant; every answer to a sentence without a date is wrong.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.extract.dates import read_dates  # noqa: E402
from pipeline.extract.lexicon import load_tables  # noqa: E402
from storage.edtf import contains, disjoint, on, parse_edtf  # noqa: E402
from storage.model import PartialDate  # noqa: E402

Case = tuple[str, dt.date, Sequence[PartialDate]]
Reader = Callable[[str, dt.date], Sequence[PartialDate]]

PLAIN = (
    "The acclaimed drama has found its new leading lady, and the creators of the saga are thrilled with their choice."
)


def main() -> None:
    cases = list(labelled())
    print(f"{len(cases)} sentences, {sum(len(meant) for *_, meant in cases)} dates\n")
    print(f"{'':22}{'found':>8}{'exact':>8}{'precision':>11}{'µs a sentence':>15}{'µs without a date':>19}")
    for name, read in readers():
        found, exact, right, said = counted(read, cases)
        total = sum(len(meant) for *_, meant in cases)
        speed = microseconds(read, cases), microseconds(read, [(PLAIN, cases[0][1], ())] * 200)
        print(f"{name:22}{found / total:8.3f}{exact / total:8.3f}{right / max(said, 1):11.3f}", end="")
        print(f"{speed[0]:15.1f}{speed[1]:19.1f}")


def labelled() -> list[Case]:
    """Sentences with the dates that they mean, past ones where only the past is meant, and sentences without."""
    tests = _load(ROOT / "tests" / "test_dates.py")
    tables = ("DAYS", "MONTHS", "WINDOWS", "YEARS", "BOUNDS", "RELATIVE", "HOLIDAYS", "SEVERAL")
    cases: list[Case] = []
    for line in "".join(getattr(tests, table) for table in tables).splitlines():
        if line:
            text, day, values = re.split(r"\s{2,}", line)
            meant = [parse_edtf(value.split()[0]) for value in values.split(";")]
            cases.append((re.sub("[⟦⟧]", "", text), dt.date.fromisoformat(day), meant))
    return cases + [(text, dt.date(2026, 3, 20), ()) for text in tests.REJECTS]


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def readers() -> list[tuple[str, Reader]]:
    tables = load_tables("en")
    found: list[tuple[str, Reader]] = [
        ("franchise-watch", lambda text, day: [s.date for s in read_dates(text, day, tables) if s.date])
    ]
    if importlib.util.find_spec("dateparser"):
        from dateparser.search import search_dates

        def dateparser(text: str, day: dt.date) -> list[PartialDate]:
            base = dt.datetime.combine(day, dt.time(12))
            settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future"}
            return [on(when.date()) for _, when in search_dates(text, languages=["en"], settings=settings) or []]

        found.append(("dateparser.search", dateparser))
    if importlib.util.find_spec("datefinder"):
        from datefinder import find_dates

        def datefinder(text: str, day: dt.date) -> list[PartialDate]:
            return [on(when.date()) for when in find_dates(text, base_date=dt.datetime.combine(day, dt.time()))]

        found.append(("datefinder", datefinder))
    return found


def counted(read: Reader, cases: Sequence[Case]) -> tuple[int, int, int, int]:
    """Dates found, those with their precision, right answers, answers."""
    found = exact = right = said = 0
    for text, day, meant in cases:
        answers = read(text, day)
        said += len(answers)
        right += sum(any(contains(date, answer) for date in meant) for answer in answers)
        found += sum(any(not disjoint(date, answer) and contains(date, answer) for answer in answers) for date in meant)
        exact += sum(any(date.edtf == answer.edtf for answer in answers) for date in meant)
    return found, exact, right, said


def microseconds(read: Reader, cases: Sequence[Case]) -> float:
    """The best of three runs, after one that warms up."""
    runs = []
    for _ in range(4):
        start = time.perf_counter()
        for text, day, _ in cases:
            read(text, day)
        runs.append(time.perf_counter() - start)
    return min(runs[1:]) / len(cases) * 1e6


if __name__ == "__main__":
    main()
