"""No pattern of the reader blows up: each is run over texts made to hurt it, as long as a sentence may be.

The texts repeat what the pattern itself looks for (a sentence of its own, cut short so that it never quite matches) and
what every reduced sentence is made of: symbols of names, dates and persons in lists.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
import signal
import time
from collections.abc import Iterator, Mapping
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from pipeline import extract
from pipeline.extract.lexicon import languages, load_tables
from pipeline.extract.needs import Guarded
from pipeline.extract.patterns import BASE
from pipeline.extract.text import MAX_SENTENCE

MOST_CPU_S = 0.5
"""For one pattern on one text. What is linear needs a thousandth of it."""
LEFT_OUT = {"pipeline.extract.watch"}
"""Its patterns see forty characters at most."""


def compiled(language: str) -> dict[str, re.Pattern[str]]:
    """Every pattern the modules of the reader hold or build for `language`, by where it was found."""
    given = {"tables": load_tables(language), "language": language}
    found: dict[int, tuple[str, re.Pattern[str]]] = {}
    for info in pkgutil.iter_modules(extract.__path__, "pipeline.extract."):
        for name, value in vars(importlib.import_module(info.name)).items():
            if info.name in LEFT_OUT:
                continue
            if hasattr(value, "cache_info"):
                wanted = list(inspect.signature(value).parameters)
                value = value(**{key: given[key] for key in wanted}) if set(wanted) <= set(given) and wanted else None
            for place, pattern in within(f"{info.name.rpartition('.')[2]}.{name}", value):
                found.setdefault(id(pattern), (place, pattern))
    return dict(found.values())


def within(place: str, value: Any, depth: int = 0) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns in a value made of tuples, mappings and dataclasses."""
    if isinstance(value, re.Pattern):
        yield place, value
    elif isinstance(value, Guarded):
        yield place, value.pattern
    elif depth > 6 or isinstance(value, type):
        return
    elif isinstance(value, tuple | list):
        for number, part in enumerate(value):
            yield from within(getattr(part, "id", f"{place}.{number}"), part, depth + 1)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from within(f"{place}.{key}", part, depth + 1)
    elif dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield from within(f"{place}.{part.name}", getattr(value, part.name), depth + 1)


def specimen(tree: Any, choice: int) -> str:
    """A text the parsed pattern likes: of every choice the one numbered `choice`, every repetition once."""
    return "".join(_piece(str(op), value, choice) for op, value in tree)


def _piece(op: str, value: Any, choice: int) -> str:
    match op:
        case "LITERAL":
            return chr(value)
        case "IN":
            return _member(value)
        case "BRANCH":
            return specimen(value[1][choice % len(value[1])], choice)
        case "SUBPATTERN":
            return specimen(value[3], choice)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return specimen(value[2], choice) * max(value[0], 1)
        case "ATOMIC_GROUP":
            return specimen(value, choice)
        case "ASSERT" | "ASSERT_NOT" | "AT":
            return ""
        case _:
            return "x"


def _member(members: Any) -> str:
    op, value = str(members[0][0]), members[0][1]
    match op:
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(value[0])
        case "CATEGORY":
            return {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " "}.get(str(value), "a")
        case _:
            return "a"


def filled(unit: str) -> str:
    return (unit * MAX_SENTENCE)[:MAX_SENTENCE]


def hurtful(pattern: re.Pattern[str]) -> set[str]:
    """Texts of a sentence's length that repeat parts of what `pattern` looks for."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    texts = set()
    for choice in (0, 1):
        liked = specimen(tree, choice)[:200]
        words = liked.split(" ")
        units = (liked, liked[:-1], f"{words[0]} ", f"{words[0]} a ", " ".join(words[:-1]) + " ")
        texts |= {filled(unit) for unit in units if unit.strip()} | {words[0] + filled(" a")}
    return texts


EVERYDAY = {
    filled(unit)
    for symbol in (chr(first) for first in BASE.values())
    for unit in (symbol, f"{symbol}, ", f"{symbol} and ", f"{symbol} (a), ", f"{symbol} a ")
} | {filled(unit) for unit in ("a", "A", " ", "'", ".", "-", "(", "1 ", "not ", "and ", "no release date ", "the a ")}


class TooSlowError(Exception):
    """The pattern ran longer than it may."""


def cpu_s(pattern: re.Pattern[str], text: str) -> float:
    """Seconds of processor time to find all of `pattern` in `text`, stopped at the limit."""

    def stop(*_: object) -> None:
        raise TooSlowError

    before, started = signal.signal(signal.SIGVTALRM, stop), time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_CPU_S)
    try:
        for _ in pattern.finditer(text):
            pass
    except TooSlowError:
        return MOST_CPU_S
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.process_time() - started


def slowest(pattern: re.Pattern[str]) -> tuple[float, str]:
    worst = (0.0, "")
    for text in (*hurtful(pattern), *EVERYDAY):
        worst = max(worst, (cpu_s(pattern, text), text))
        if worst[0] >= MOST_CPU_S:
            break
    return worst


@pytest.mark.soak
@pytest.mark.parametrize("language", languages())
def test_no_pattern_blows_up(language: str) -> None:
    patterns = compiled(language)
    measured = {place: slowest(pattern) for place, pattern in patterns.items()}
    blown = {place: text[:40] for place, (seconds, text) in measured.items() if seconds >= MOST_CPU_S}
    assert len(patterns) > 20
    assert blown == {}


def test_a_pattern_that_blows_up_is_found() -> None:
    assert cpu_s(re.compile(r"(?:x+x+)+y"), filled("x")) == MOST_CPU_S
