"""The labelled texts of `tests/corpus/` and how well they are read.

A file lists groups; a group has the works that are watched, the day of publication, and rows:

    - watch: Copper Saints                 # or a list; a work may be {title, kind, aliases, companions, people, parent}
      published: 2026-02-10
      rows:
        - headline: Hulu Renews Copper Saints for a Third Season
          summary: ...
          text: ...
          reads: [renewal 3, "?season 3"]

A fact is `kind value; field=value`, with `?` before what may be read but need not be, and ` | ` between equally right
ways to say it. The value is the EDTF text of a date, the number of a season or renewal, the action and name of a
casting, the stage of a production; `none` and `withdrawn` stand for null claims. What an item tells as background is
never counted against it, nor is the number of a season that the text itself names.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline.extract import Watch, read, watch_works
from pipeline.resolve import resolve
from storage.model import Claim, Item, Kind, Status, Tier, Work

CORPUS = Path(__file__).with_name("corpus")
HELD_OUT = "held_out.yaml"
NEGATIVES = "negatives.yaml"
SPANISH = "spanish.yaml"
_NULLS = ("none", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One way to say one thing that a text asserts."""

    kind: str
    value: str | None
    null: bool
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A fact that must (or may) be read, in each of its right forms."""

    wording: str
    forms: tuple[Fact, ...]
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A labelled text."""

    file: str
    works: tuple[Work, ...]
    item: Item
    labels: tuple[Label, ...]
    must_not: tuple[Label, ...] = ()

    @property
    def must(self) -> tuple[Label, ...]:
        return tuple(label for label in self.labels if not label.optional)


@dataclass(slots=True, kw_only=True)
class Count:
    """Right, wrong and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(slots=True, kw_only=True)
class Score:
    """How well rows were read; `counts` by kind, with `null` for null claims and `ALL` for the kinds together."""

    counts: dict[str, Count]
    silent_rows: int
    false_alarms: list[Row]
    wrong_status: int
    faults: list[tuple[Row, list[str], list[str]]]
    """Each misread row with what was missed and what was read wrongly."""

    @property
    def false_alarm_rate(self) -> float:
        return len(self.false_alarms) / max(1, self.silent_rows)

    def table(self) -> str:
        """The counts as lines to read."""
        lines = [f"{'':14}{'P':>7}{'R':>7}{'F1':>7}{'right':>7}{'wrong':>7}{'missed':>7}"]
        lines += [
            f"{kind:14}{c.precision:7.3f}{c.recall:7.3f}{c.f1:7.3f}{c.right:7}{c.wrong:7}{c.missed:7}"
            for kind, c in self.counts.items()
        ]
        alarms = f"{len(self.false_alarms)} of {self.silent_rows}"
        lines.append(f"false alarms {self.false_alarm_rate:.3f} ({alarms}); wrong status {self.wrong_status}")
        return "\n".join(lines)


def score(rows: Iterable[Row]) -> Score:
    """Every row read and compared with its labels."""
    counts = {name: Count() for name in (*(kind.value for kind in Kind), "null", "ALL")}
    result = Score(counts=counts, silent_rows=0, false_alarms=[], wrong_status=0, faults=[])
    for row in rows:
        claims = [claim for claim in claims_of(row.item, row.works) if not claim.background]
        missed, wrong, matched = judge(row.labels, claims)
        for label, claim in matched:
            counts[_column(claim)].right += 1
            result.wrong_status += not _same_status(label, claim)
        for label in missed:
            counts["null" if label.forms[0].null else label.forms[0].kind].missed += 1
        for claim in wrong:
            counts[_column(claim)].wrong += 1
        if missed or wrong:
            result.faults.append((row, [label.wording for label in missed], [told(claim) for claim in wrong]))
        if not row.must:
            result.silent_rows += 1
            if any(not claim.null for claim in wrong):
                result.false_alarms.append(row)
    for kind in Kind:
        for name in ("right", "wrong", "missed"):
            setattr(counts["ALL"], name, getattr(counts["ALL"], name) + getattr(counts[kind.value], name))
    return result


def judge(labels: Iterable[Label], claims: list[Claim]) -> tuple[list[Label], list[Claim], list[tuple[Label, Claim]]]:
    """The labels that were missed, the claims that nothing allows, and what was found."""
    left, missed, matched = list(claims), [], []
    for label in labels:
        fits = [claim for claim in left if any(says(claim, form) for form in label.forms)]
        if fits:
            hit = max(fits, key=lambda claim: _same_status(label, claim))
            left = [claim for claim in left if claim not in fits]
            matched += [] if label.optional else [(label, hit)]
        elif not label.optional:
            missed.append(label)
    labelled = {form.fields.get("season", form.value) for label in labels for form in label.forms}
    named = [c for c in left if c.kind is Kind.SEASON and (str(c.season) in labelled or _names_season(c))]
    return missed, [claim for claim in left if claim not in named], matched


_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_ORDINALS = ["zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]


def _names_season(claim: Claim) -> bool:
    """Whether the sentence itself says the number of the season."""
    if claim.null or claim.season is None:
        return claim.null
    words = [str(claim.season), *(table[claim.season] for table in (_NUMBERS, _ORDINALS) if claim.season <= 10)]
    return any(word in claim.sentence.lower() for word in words)


def says(claim: Claim, fact: Fact) -> bool:
    """Whether `claim` states `fact`; how sure it is matters only where the fact is denied."""
    if claim.kind.value != fact.kind or claim.null != fact.null:
        return False
    if (claim.status is Status.DENIED) != (fact.fields.get("status") == "denied"):
        return False
    if "work" in fact.fields and claim.work_id != fact.fields["work"]:
        return False
    if claim.kind is not Kind.CANCELLATION and fact.fields.get("season") not in (None, str(claim.season)):
        return False
    if fact.fields.get("role") not in (None, claim.role) or fact.fields.get("region") not in (None, claim.region):
        return False
    return fact.null or _same_value(claim, fact.value)


def _same_value(claim: Claim, value: str | None) -> bool:
    match claim.kind:
        case Kind.RELEASE_DATE:
            return value == (claim.date.edtf if claim.date else None)
        case Kind.CASTING:
            return value is None or value == f"{claim.action} {claim.person}"
        case Kind.SEASON if claim.role == "planned_total":
            return value == f"planned_total {claim.value}"
        case Kind.RENEWAL if value == "revived":
            return claim.value == "revived"
        case Kind.SEASON | Kind.RENEWAL:
            return value is None or value == str(claim.season)
        case Kind.PRODUCTION | Kind.CANCELLATION:
            return value in (None, claim.value)
        case _:
            return True


def _same_status(label: Label, claim: Claim) -> bool:
    wanted = {name for form in label.forms for name in form.fields.get("status", "confirmed").split("/")}
    return claim.null or claim.status.value in wanted


def _column(claim: Claim) -> str:
    return "null" if claim.null else claim.kind.value


def told(claim: Claim) -> str:
    """A claim as the labels write it, with its rule."""
    value = claim.date.edtf if claim.date else claim.value
    parts = (claim.kind.value, "none" if claim.null else None, value, claim.action, claim.person)
    fields = [f"season={claim.season}"] if claim.season else []
    fields += [f"role={claim.role}"] if claim.role else []
    fields += [f"status={claim.status.value}"] if claim.status is not Status.CONFIRMED else []
    return "; ".join([" ".join(part for part in parts if part), *fields, f"work={claim.work_id}", claim.rule])


def claims_of(item: Item, works: tuple[Work, ...]) -> tuple[Claim, ...]:
    """What the whole reader claims for `item`."""
    watch = _watching(works)
    return resolve(
        item, read(item, watch), watch.works, tier=Tier.PRESS, seen_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )


_WATCHES: dict[tuple[str, ...], Watch] = {}


def _watching(works: tuple[Work, ...]) -> Watch:
    key = tuple(repr(work) for work in works)
    if key not in _WATCHES:
        _WATCHES[key] = watch_works(works)
    return _WATCHES[key]


@lru_cache(maxsize=32)
def load_rows(file: str) -> tuple[Row, ...]:
    """The rows of one file of the corpus, in order."""
    groups = YAML(typ="safe", pure=True).load((CORPUS / file).read_text(encoding="utf-8"))
    return tuple(row for number, group in enumerate(groups) for row in _group(file, number, group))


def tuned_files() -> list[str]:
    """The files of English sentences that rules may be made from."""
    return sorted(path.name for path in CORPUS.glob("*.yaml") if path.name not in (HELD_OUT, NEGATIVES, SPANISH))


def _group(file: str, number: int, group: Mapping[str, Any]) -> Iterator[Row]:
    works = parse_works(group["watch"])
    for place, row in enumerate(group["rows"]):
        yield Row(
            file=file,
            works=works,
            item=Item(
                source_id="corpus",
                identity=f"{file}-{number}-{place}",
                url=None,
                title=row.get("headline", ""),
                summary=row.get("summary", ""),
                text=row.get("text", ""),
                published_at=_noon(row.get("published", group["published"])),
                language=row.get("language"),
            ),
            labels=parse_labels(row["reads"]),
            must_not=parse_labels(row.get("must_not", [])),
        )


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def parse_works(watch: Any) -> tuple[Work, ...]:
    """The works of a group: a title, a mapping, or a list of these."""
    rows = [{"title": row} if isinstance(row, str) else row for row in (watch if isinstance(watch, list) else [watch])]
    return tuple(
        Work(
            id=slug(row["title"]),
            title=row["title"],
            franchise_id="corpus",
            kind=row.get("kind", "series"),
            aliases=tuple(row.get("aliases", ())),
            companions=tuple(row.get("companions", ())),
            people=tuple(row.get("people", ())),
            parent=slug(row["parent"]) if "parent" in row else None,
        )
        for row in rows
    )


def slug(title: str) -> str:
    """`Über Quill & Thorn` → `uber-quill-thorn`."""
    plain = unicodedata.normalize("NFKD", title.lower().replace("'", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def parse_labels(wordings: Iterable[str]) -> tuple[Label, ...]:
    """Facts as the corpus writes them; required ones first, so that they are matched first."""
    labels = [
        Label(
            wording=wording,
            forms=tuple(_fact(form) for form in wording.lstrip("?").split(" | ")),
            optional=wording.startswith("?"),
        )
        for wording in wordings
    ]
    return tuple(sorted(labels, key=lambda label: label.optional))


def _fact(form: str) -> Fact:
    head, *fields = form.split("; ")
    kind, _, value = head.partition(" ")
    named = {name: content for name, _, content in (part.partition("=") for part in fields)}
    return Fact(kind=Kind(kind).value, value=value or None, null=value in _NULLS or "null" in named, fields=named)
