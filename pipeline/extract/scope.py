"""How a sentence means what it says: asserted, hedged, denied, said to be absent, wished for, or told as background.

Every cue is a word in the lexicon; its scope is the clause it stands in, up to the end of the match it may bear on.
Hedges and attributions ("reportedly", "according to") reach over the whole sentence, as they do in English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.extract.lexicon import load_tables
from pipeline.extract.patterns import alternation, forms
from storage.model import Kind, Status


@dataclass(frozen=True, slots=True)
class Stance:
    """How a mention is meant. `asserted` is False where nothing is said to be so (a wish, a condition, a question)."""

    asserted: bool = True
    status: Status = Status.CONFIRMED
    null: bool = False
    background: bool = False
    attributed_to: str | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the reduced sentence; `head` is the word that opened it ("after", "but", "").

    `reach` is where the clause begins on which it hangs: "which" and "who" stand for a name of the clause before.
    """

    start: int
    end: int
    head: str
    reach: int


@dataclass(frozen=True, slots=True)
class _Cues:
    breaks: re.Pattern[str]
    absent: re.Pattern[str]
    negated: re.Pattern[str]
    not_negated: re.Pattern[str]
    wish: re.Pattern[str]
    question: re.Pattern[str]
    rumour_near: re.Pattern[str]
    rumour: re.Pattern[str]
    report: re.Pattern[str]
    denial: re.Pattern[str]
    background: re.Pattern[str]
    attribution: re.Pattern[str]
    outlet: re.Pattern[str]
    retold: re.Pattern[str]
    backshift: re.Pattern[str]
    relative_heads: frozenset[str]
    retelling_heads: frozenset[str]


@lru_cache(maxsize=8)
def _cues(language: str) -> _Cues:
    tables = load_tables(language)
    return _Cues(
        breaks=forms("clause_break_forms", tables),
        absent=forms("absent_forms", tables),
        negated=forms("negated_forms", tables),
        not_negated=forms("not_negated_forms", tables),
        wish=forms("wish_forms", tables),
        question=forms("question_forms", tables),
        rumour_near=forms("rumour_near_forms", tables),
        rumour=forms("rumour_forms", tables),
        report=forms("report_forms", tables),
        denial=forms("denial_forms", tables),
        background=forms("background_forms", tables),
        attribution=forms("attribution_forms", tables),
        outlet=re.compile(alternation(tables["outlets"])),
        retold=forms("retold_forms", tables),
        backshift=forms("backshift_forms", tables),
        relative_heads=frozenset(tables.words("relative_heads")),
        retelling_heads=frozenset(tables.words("retelling_heads")),
    )


def clauses(text: str, language: str) -> list[Clause]:
    """The clauses of a reduced sentence, in order, covering it.

    A clause that opens the sentence with a subordinator, one that only retells and one set in commas end at the next
    comma; behind the last the clause goes on into which it was set.
    """
    cues = _cues(language)
    cuts = [(0, ""), *((cut.start(), cut[0].strip(" ,;:-'\"")) for cut in cues.breaks.finditer(text))]
    found: list[Clause] = []
    for (start, head), (end, _) in zip(cuts, [*cuts[1:], (len(text), "")], strict=True):
        hangs = bool(found) and head in cues.relative_heads
        inserted = hangs and text.startswith(",", start)
        comma = -1
        if start == 0 or inserted or head in cues.retelling_heads:
            comma = text.find(", ", start + len(head) + 2, end)
        reach = found[-1].reach if hangs else start
        if head and comma > 0:
            found += [Clause(start, comma, head, reach), Clause(comma, end, "", reach if inserted else comma)]
        elif end > start:
            found.append(Clause(start, end, head, reach))
    return found or [Clause(0, 0, "", 0)]


def stance(kind: Kind, match: re.Match[str], clause: Clause, language: str, *, free: bool = False) -> Stance:
    """How a mention of `kind`, read by `match` inside `clause`, is meant.

    `free` is for rules whose own words deny or leave open ("will not return"): only hedges and sources bear on them.
    """
    text, start, end = match.string, match.start(), match.end()
    cues = _cues(language)
    before = text[clause.start : end]
    whole = text[clause.start : clause.end]
    if not free and (cues.wish.search(before) or cues.wish.search(text, start, end)):
        return Stance(asserted=False)
    if not free and (cues.question.search(text) or _asks(whole)):
        return Stance(asserted=False)
    near = max(clause.start, text.rfind(", ", clause.start, start))
    attribution = cues.outlet.search(text) if cues.attribution.search(text) else None
    stance = Stance(
        status=_status(cues, text, before, whole),
        background=_is_told_again(cues, text, clause, near, end),
        attributed_to=attribution[0] if attribution else None,
    )
    if cues.denial.search(text):
        return _replace(stance, status=Status.DENIED)
    if free:
        return stance
    return _negate(kind, stance, text[near:end], cues)


def _is_told_again(cues: _Cues, text: str, clause: Clause, near: int, end: int) -> bool:
    if clause.head in cues.retelling_heads or cues.retold.search(text):
        return True
    backshift = cues.backshift.search(text, 0, end)
    return cues.background.search(text, max(near, backshift.end() if backshift else 0), end) is not None


def _asks(clause: str) -> bool:
    """A question of whether; one of why or how takes the thing itself for granted."""
    return clause.rstrip("'\" ").endswith("?") and re.search(r"\b(?:why|how)\b", clause) is None


def _status(cues: _Cues, text: str, before: str, whole: str) -> Status:
    if cues.rumour.search(text) or cues.rumour_near.search(before):
        return Status.RUMOURED
    if cues.report.search(text):
        return Status.REPORTED
    return Status.CONFIRMED


def _negate(kind: Kind, stance: Stance, before: str, cues: _Cues) -> Stance:
    if kind is Kind.SEASON:
        return stance
    if kind is Kind.TRAILER:
        before = before[-40:]
    plain = cues.not_negated.sub(" ", before)
    if cues.absent.search(plain):
        return _replace(stance, null=True) if kind is not Kind.CASTING else Stance(asserted=False)
    if cues.negated.search(plain):
        return _replace(stance, status=Status.DENIED)
    return stance


def _replace(stance: Stance, *, status: Status | None = None, null: bool = False) -> Stance:
    return Stance(True, status or stance.status, null, stance.background, stance.attributed_to)
