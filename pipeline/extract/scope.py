"""How a sentence means what it says: asserted, hedged, denied, said to be absent, wished for, or told as background.

Every cue is a word in the lexicon; its scope is the clause it stands in, up to the end of the match it may bear on.
Hedges and attributions ("reportedly", "according to") reach over the whole sentence, as they do in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.extract.forms import load_forms
from pipeline.extract.lexicon import load_tables
from pipeline.extract.needs import Guarded, Met
from storage.model import Kind, Status

_COMMA = re.compile(r",['\"]? ")
"""American typography puts it inside the quotation marks."""
_BACK = 60
"""Characters before a match in which a word of the past ("previously") still bears on it."""

_INTENDED = frozenset({Kind.RELEASE_DATE, Kind.PRODUCTION})
"""What its makers may hope for as a plan; that they hope for a renewal says nothing."""


@dataclass(frozen=True, slots=True)
class Stance:
    """How a mention is meant. `asserted` is False where nothing is said to be so (a wish, a condition, a question)."""

    asserted: bool = True
    status: Status = Status.CONFIRMED
    null: bool = False
    background: bool = False
    attributed_to: str | None = None


class Clause(NamedTuple):
    """A stretch of the reduced sentence; `head` is the word that opened it ("after", "but", "").

    `reach` is where the clause begins on which it hangs: "which" and "who" stand for a name of the clause before.
    """

    start: int
    end: int
    head: str
    reach: int


def clauses(text: str, language: str, met: Met) -> list[Clause]:
    """The clauses of a reduced sentence, in order, covering it.

    A clause that opens the sentence with a subordinator, one that only retells and one set in commas end at the next
    comma; behind the last the clause goes on into which it was set.
    """
    tables = load_tables(language)
    relative, retelling = tables["relative_heads"], tables["retelling_heads"]
    breaks = load_forms(language)["clause_break_forms"].finditer(text, met)
    cuts = [(0, ""), *((cut.start(), cut[0].strip(" ,;:-'\"")) for cut in breaks)]
    found: list[Clause] = []
    for (start, head), (end, _) in zip(cuts, [*cuts[1:], (len(text), "")], strict=True):
        hangs = bool(found) and head in relative
        inserted = hangs and text.startswith(",", start)
        comma = -1
        if (start == 0 or inserted or head in retelling) and (mark := _COMMA.search(text, start + len(head) + 2, end)):
            comma = mark.start()
        reach = found[-1].reach if hangs else start
        if head and comma > 0:
            found += [Clause(start, comma, head, reach), Clause(comma, end, "", reach if inserted else comma)]
        elif end > start:
            found.append(Clause(start, end, head, reach))
    return found or [Clause(0, 0, "", 0)]


def stance(kind: Kind, match: re.Match[str], clause: Clause, language: str, met: Met, *, free: bool = False) -> Stance:
    """How a mention of `kind`, read by `match` inside `clause` of a sentence that meets these needs, is meant.

    `free` is for rules whose own words deny or leave open ("will not return"): only hedges and sources bear on them.
    """
    text, start, end = match.string, match.start(), match.end()
    cues = load_forms(language)
    before = text[clause.start : end]
    whole = text[clause.start : clause.end]
    intended = kind in _INTENDED and cues["intention_forms"].search(before, met) is not None
    wishing = cues["intention_forms"].pattern.sub(" ", before) if intended else before
    if reported := cues["reported_future_forms"].search(text, met):
        wishing = wishing.replace(reported[0].rpartition(" ")[2], " ")
    if not free and cues["wish_forms"].search(wishing, met):
        return Stance(asserted=False)
    if not free and (cues["question_forms"].search(text, met) or _asks(whole)):
        return Stance(asserted=False)
    told = match.start("date") if "date" in match.re.groupindex and match["date"] else start
    near = max(clause.start, text.rfind(", ", clause.start, told), start - _BACK)
    attribution = cues["attribution_forms"].search(text, met) and cues["outlets"].search(text, met)
    ahead = cues["future_forms"].search(text, met, clause.start, end) is not None
    retold = clause.head in load_tables(language)["retelling_heads"] and not ahead
    stance = Stance(
        status=Status.RUMOURED if intended else _status(cues, text, before, met),
        background=retold or _is_told_again(cues, text, near, end, met),
        attributed_to=attribution[0] if attribution else None,
    )
    if cues["denial_forms"].search(text, met):
        return _replace(stance, status=Status.DENIED)
    if free:
        return stance
    return _negate(kind, stance, text[near:end], cues, met)


def _is_told_again(cues: Mapping[str, Guarded], text: str, near: int, end: int, met: Met) -> bool:
    if cues["retold_forms"].search(text, met):
        return True
    backshift = cues["backshift_forms"].search(text, met, 0, end)
    near = max(near, backshift.end() if backshift else 0)
    return cues["background_forms"].search(text, met, near, end) is not None


def tells_again(title: str, language: str) -> bool:
    """Whether `title`, in lower case, heads a review, a list, a chart or an explanation."""
    return load_forms(language)["retelling_title_forms"].pattern.search(title) is not None


def _asks(clause: str) -> bool:
    """A question of whether; one of why or how takes the thing itself for granted."""
    return clause.rstrip("'\" ").endswith("?") and re.search(r"\b(?:why|how)\b", clause) is None


def _status(cues: Mapping[str, Guarded], text: str, before: str, met: Met) -> Status:
    if cues["rumour_forms"].search(text, met) or cues["rumour_near_forms"].search(before, met):
        return Status.RUMOURED
    if cues["report_forms"].search(text, met):
        return Status.REPORTED
    return Status.CONFIRMED


def _negate(kind: Kind, stance: Stance, before: str, cues: Mapping[str, Guarded], met: Met) -> Stance:
    if kind is Kind.SEASON:
        return stance
    if kind is Kind.TRAILER:
        before = before[-40:]
    plain = cues["not_negated_forms"].pattern.sub(" ", before)
    if cues["absent_forms"].search(plain, met):
        return _replace(stance, null=True) if kind is not Kind.CASTING else Stance(asserted=False)
    if cues["negated_forms"].search(plain, met):
        return _replace(stance, status=Status.DENIED)
    return stance


def _replace(stance: Stance, *, status: Status | None = None, null: bool = False) -> Stance:
    return Stance(True, status or stance.status, null, stance.background, stance.attributed_to)
