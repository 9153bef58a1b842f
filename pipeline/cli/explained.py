"""What a text says, claim by claim, and what each claim would lead to: the values that `explain` shows.

Pure: the text, the beliefs and the routes come in; nothing here reads a file, the store or the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from alerts.clean import one_line
from alerts.match import why_not
from alerts.wording import change_words, date_words, news_words, season_words, slot_words
from pipeline.cli.backtest import DEFAULT_ROUTE
from pipeline.cli.marked import Paragraph, marked
from pipeline.compare import Beliefs
from pipeline.run import Watcher, judge, understand
from storage.model import Change, ChangeKind, Claim, Item, Kind, Mention, Reading, Route, Tier, Work

UNSETTLED = "left out: which followed work it means is not settled"
SAID_BETTER = "left out: another sentence of the text says it, or says it better"

_ANY_ROUTE = replace(DEFAULT_ROUTE, id="a route that wants all")
"""Stands in where sources.yaml has no routes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was read, and what becomes of it."""

    number: int
    """As in the marked text, from 1."""
    mention: Mention
    claim: Claim | None = None
    """None where it asserts nothing."""
    left_out: str | None = None
    """Why it asserts nothing: `UNSETTLED` or `SAID_BETTER`."""
    change: Change | None = None
    routes: tuple[tuple[Route, str | None], ...] = ()
    """Each route, and why the change does not go there; None where it would."""

    @property
    def alerts(self) -> bool:
        """True where at least one route would send it."""
        return any(reason is None for _, reason in self.routes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One text with everything that was read in it."""

    item: Item
    paragraphs: tuple[Paragraph, ...]
    lines: tuple[Line, ...]
    named: tuple[Work, ...]
    """The followed works that the text names."""
    titles: Mapping[str, str]
    """Of all followed works, by id."""
    ledger: str
    """What it was judged against, in words."""

    @property
    def alerts(self) -> tuple[Line, ...]:
        """What would be sent."""
        return tuple(line for line in self.lines if line.alerts)

    @property
    def summary(self) -> str:
        """`1 alert: …`, or why there is none."""
        if self.alerts:
            told = "; ".join(headline(line, self.titles) for line in self.alerts)
            return f"{len(self.alerts)} alert{'s' * (len(self.alerts) > 1)}: {told}."
        if not self.named:
            return "No alert: no watched name stands in the text."
        if not self.lines:
            titles = " and ".join(work.title for work in self.named)
            return f"No alert: the text names {titles}, and no rule read an announcement in it."
        return "No alert."


def explain_item(item: Item, watcher: Watcher, beliefs: Beliefs, *, tier: Tier, ledger: str) -> Explanation:
    """What is read in `item` and what it would lead to now; `item` must have a time of publication."""
    assert item.published_at is not None
    reading, claims = understand(item, watcher.watch, tier=tier, seen_at=item.published_at)
    changes = judge(claims, beliefs, watcher).changes
    works = dict.fromkeys(id for naming in reading.namings for id in naming.works)
    return Explanation(
        item=item,
        paragraphs=marked(item, reading.mentions),
        lines=tuple(_lines(reading, claims, changes, watcher.config.routes or (_ANY_ROUTE,))),
        named=tuple(watcher.watch.works[id] for id in works),
        titles={work.id: work.title for work in watcher.config.works},
        ledger=ledger,
    )


def about(explanation: Explanation) -> str:
    """When it was published, where it is, and what it was judged against."""
    item = explanation.item
    published = f"Published {item.published_at:%Y-%m-%d %H:%M} UTC" if item.published_at else "No time of publication"
    return one_line(f"{published}{f', {item.url}' if item.url else ''}; judged against {explanation.ledger}.", 2500)


def details(line: Line, explanation: Explanation) -> tuple[tuple[str, str], ...]:
    """What there is to say of a line, as label and words; the first has no label."""
    mention, claim, change = line.mention, line.claim, line.change
    rows = [("", headline(line, explanation.titles)), ("sentence", f"“{mention.sentence}”"), ("rule", mention.rule)]
    if claim is None or change is None:
        rows[0] = ("", f"{mention.kind.value.replace('_', ' ')}: {line.left_out}")
    else:
        rows += [("said", qualities(claim)), ("ledger", became(change))]
        rows += [
            ("alert" if reason is None else "no alert", f"{route.id}: {reason or 'this would be sent'}")
            for route, reason in line.routes
        ]
    return tuple((label, one_line(words, 1200)) for label, words in rows)


def judged(change: Change, routes: Iterable[Route]) -> tuple[tuple[Route, str | None], ...]:
    """Each route, and why `change` does not go there; None where it goes."""
    return tuple((route, why_not(change, route)) for route in routes)


def asserted(claim: Claim) -> str:
    """What a claim says of its work: `season 5 finale: 29 May 2026`, `casting of Jane Roe: joins as Irina`."""
    numbered = claim.kind is Kind.SEASON and claim.season is not None
    slot = season_words(claim.season or 0) if numbered else slot_words(claim.slot)
    if claim.null:
        return f"{slot}: nothing announced"
    if claim.date:
        return f"{slot}: {date_words(claim.date)}"
    said = " as ".join(filter(None, (claim.action or claim.value, claim.character)))
    return f"{slot}: {said.replace('_', ' ')}" if said else slot


def qualities(claim: Claim) -> str:
    """How it is said: `reported, as background, citing Deadline`."""
    words = [claim.status.value]
    words += ["a null claim"] * claim.null + ["as background"] * claim.background
    words += [f"citing {claim.attributed_to}"] if claim.attributed_to else []
    return ", ".join(words)


def became(change: Change) -> str:
    """What the ledger made of a claim: `announced: premiere 27 March 2026`, `repeated (this claim was read before)`."""
    kind = change_words(change.kind)
    moved = change.kind in (ChangeKind.CONFIRMED, ChangeKind.WITHDRAWN) or change.old != change.new
    news = f": {news_words(change)}" if moved and not (change.claim.null and change.old is None) else ""
    return f"{kind}{news}" + (f" ({note_words(change.note)})" if change.note else "")


def note_words(note: str) -> str:
    """The algebra's note; what has been known for ever is what sources.yaml says is known."""
    return re.sub(r"(known since|announced on) 1970-01-01", "known from sources.yaml", note)


def headline(line: Line, titles: Mapping[str, str]) -> str:
    """`Star City: season 1 premiere: 29 May 2026`."""
    if line.claim is None:
        return line.mention.kind.value
    return f"{titles[line.claim.work_id]}, {asserted(line.claim)}"


def _lines(
    reading: Reading, claims: Sequence[Claim], changes: Sequence[Change], routes: Sequence[Route]
) -> Iterable[Line]:
    by_claim = {change.claim: change for change in changes}
    left = list(claims)
    for number, mention in enumerate(reading.mentions, start=1):
        claim = next((claim for claim in left if _is_of(claim, mention)), None)
        if claim is None:
            spoken_for = any(_is_about(claim, mention) for claim in claims)
            yield Line(number=number, mention=mention, left_out=SAID_BETTER if spoken_for else UNSETTLED)
            continue
        left.remove(claim)
        change = by_claim[claim]
        yield Line(number=number, mention=mention, claim=claim, change=change, routes=judged(change, routes))


def _is_about(claim: Claim, mention: Mention) -> bool:
    """Whether the claim answers what the mention would, as far as the mention says what it is about."""
    about = not mention.works or claim.work_id in mention.works
    return about and claim.kind is mention.kind and mention.season in (None, claim.season)


def _is_of(claim: Claim, mention: Mention) -> bool:
    """Whether the claim was made of this mention; resolving may only add a season, a role and the background."""
    same = ("kind", "rule", "sentence", "null", "date", "person", "action", "value", "character")
    counted = mention.season if mention.kind is Kind.SEASON else mention.season or claim.season
    return all(getattr(claim, name) == getattr(mention, name) for name in same) and claim.season == counted
