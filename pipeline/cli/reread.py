"""`reread`: the stored items through the present rules; what would change, and on request the change itself.

Both the claims that are stored and those that are read now are folded from nothing, in the same order, so that a
difference between the two ledgers is owed to the reading alone. Only such differences touch what is believed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import click

from alerts.clean import one_line
from alerts.wording import slot_words, value_words
from pipeline.cli import Settings, pass_settings
from pipeline.cli.backtest import beliefs_of
from pipeline.cli.explained import asserted
from pipeline.compare import Beliefs
from pipeline.config import load_config
from pipeline.run import Watcher, begin, compose, judge, understand, watching
from storage.model import Change, ChangeKind, Claim, Fact, Message, Past, Slot, StoredItem, Value
from storage.store import Store, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A fact that the present rules read otherwise."""

    before: Fact | None
    """As the store believes it."""
    after: Fact
    change: Change | None
    """What brought it, or took it back; None for what was never news (an open question, something implied)."""


@dataclass(slots=True, kw_only=True)
class Rereading:
    """What reading everything again comes to."""

    items: int = 0
    otherwise: int = 0
    """Items that are read otherwise than when they came."""
    gained: list[Claim] = field(default_factory=list)
    lost: list[Claim] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


@click.command()
@click.option("--apply", "apply_", is_flag=True, help="Write what changes, without telling anybody.")
@click.option("--send", is_flag=True, help="With --apply: put what is news into the outbox; the next `run` sends it.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@pass_settings
def reread(settings: Settings, apply_: bool, send: bool, as_json: bool) -> None:
    """Read the stored items again by the present rules and show what would change.

    After better rules, and after a change of sources.yaml that follows a new work. Nothing is written unless asked,
    and nothing is sent unless asked. An item that was edited loses nothing, for what its earlier text said was said.
    """
    if send and not apply_:
        raise click.UsageError("--send goes with --apply: what is not written cannot be sent.")
    watcher, now = watching(load_config(settings.config_path)), dt.datetime.now(dt.UTC)
    with ExitStack() as stack:
        stack.enter_context(open_store(settings.store_path, read_only=True))  # a store that is not there is not made
        store = stack.enter_context(open_store(settings.store_path, read_only=not apply_))
        found = read_again(watcher, store)
        told = write(found, watcher, store, now=now, send=send) if apply_ else ()
    if as_json:
        click.echo(json.dumps(_row(found, told, applied=apply_), ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(found, told, watcher, applied=apply_)))


def read_again(watcher: Watcher, store: Store) -> Rereading:
    """Read every stored item of the followed sources again and compare; writes nothing."""
    found = Rereading()
    stored = _claims_by_item(watcher, store)
    old: list[_Told] = []
    new: list[_Told] = []
    for item in store.history():
        before = stored.get(item.item.id, ())
        after = _read(item, before, watcher)
        found.items += 1
        gained = [claim for claim in after if claim not in before]
        lost = [claim for claim in before if claim not in after] if item.revision == 1 else []
        if gained or lost:
            found.otherwise += 1
            found.gained += gained
            found.lost += lost
        if before or gained:
            old.append((item.baseline, before))
            new.append((item.baseline, (*(claim for claim in before if claim not in lost), *gained)))
    works = {claim.work_id for claim in (*found.gained, *found.lost)}
    if works:
        (was, _), (is_, changes) = (_fold(told, works, watcher) for told in (old, new))
        found.moves = list(_moves(was, is_, changes, store.beliefs(works), found.lost))
    return found


def write(found: Rereading, watcher: Watcher, store: Store, *, now: dt.datetime, send: bool) -> tuple[Message, ...]:
    """Write the new claims and what they move in one transaction; the messages that go out because of it."""
    begin(watcher, store, now=now)
    changes = [_as_told(move, send=send) for move in found.moves if move.change]
    told = compose([change for change in changes if not change.baseline], watcher, now=now)
    by_slot = {change.slot: change for change in changes}
    store.record_changes(
        now=now,
        claims=found.gained,
        facts=[_as_believed(move, by_slot.get(move.after.slot)) for move in found.moves],
        changes=changes,
        messages=told,
    )
    return told


_Told = tuple[bool, tuple[Claim, ...]]
"""Whether an item came with a first import, and what it claims."""


def _claims_by_item(watcher: Watcher, store: Store) -> dict[str, tuple[Claim, ...]]:
    by_item: dict[str, tuple[Claim, ...]] = {}
    for work in watcher.config.works:
        for claim in store.claims(work.id):
            by_item[claim.item_id] = (*by_item.get(claim.item_id, ()), claim)
    return by_item


def _read(stored: StoredItem, before: tuple[Claim, ...], watcher: Watcher) -> tuple[Claim, ...]:
    """What the item claims by the present rules; one of a source that is no longer followed is left as it was."""
    source = watcher.sources.get(stored.item.source_id)
    if source is None:
        return before
    seen_at = before[0].claimed_at if before else stored.first_seen_at
    return understand(stored.item, watcher.watch, tier=source.tier, seen_at=seen_at)[1]


def _fold(told: Iterable[_Told], works: Set[str], watcher: Watcher) -> tuple[Beliefs, Mapping[str, Change]]:
    """The ledger of the claims about these works from nothing, and its changes by id, of which the first counts."""
    beliefs, changes = beliefs_of(watcher.config, None), dict[str, Change]()
    about = ((baseline, tuple(claim for claim in claims if claim.work_id in works)) for baseline, claims in told)
    wanted = [(baseline, claims) for baseline, claims in about if claims]
    for baseline, claims in sorted(wanted, key=lambda pair: (pair[1][0].claimed_at, pair[1][0].item_id)):
        ledger = judge(claims, beliefs, watcher, baseline=baseline)
        beliefs.learn(ledger.facts)
        changes = {change.id: change for change in ledger.changes} | changes
    return beliefs, changes


def _moves(
    was: Beliefs, is_: Beliefs, changes: Mapping[str, Change], stored: Mapping[Slot, Fact], lost: Sequence[Claim]
) -> Iterator[Move]:
    """The facts that differ by the reading and that the store does not believe so already."""
    for slot in sorted({*was, *is_}, key=lambda slot: slot.id):
        before, after = stored.get(slot), is_.get(slot)
        if _answer(was.get(slot)) == _answer(after) or _answer(before) == _answer(after):
            continue
        if after is not None and _answer(after):
            yield Move(before=before, after=after, change=changes.get(after.change_id or ""))
        elif before is not None:
            misread = [claim for claim in lost if (claim.work_id, claim.kind) == (slot.work_id, slot.kind)]
            emptied = after if after is not None and after.moved_to is None else _emptied(before)
            yield Move(before=before, after=emptied, change=_taken_back(before, misread))


def _answer(fact: Fact | None) -> tuple[object, ...]:
    """What is believed; a question nobody answered is one that nobody asked."""
    if fact is None or fact.moved_to is not None or fact.value.is_empty:
        return ()
    return fact.value, fact.status


def _taken_back(fact: Fact, misread: Sequence[Claim]) -> Change | None:
    """That the fact is no more, with the claim it rested on, so far as it rested on one."""
    claim = max(misread, key=lambda claim: (claim.slot == fact.slot, claim.claimed_at), default=None)
    if claim is None:
        return None
    key = f"reread|{fact.slot.id}|{fact.value}|{fact.since_at.isoformat()}"
    return Change(
        id=blake2b(key.encode(), digest_size=12).hexdigest(),
        kind=ChangeKind.WITHDRAWN,
        slot=fact.slot,
        old=fact.value,
        new=Value(),
        status=fact.status,
        claim=claim,
        at=claim.claimed_at,
        old_since_at=fact.since_at,
        note="the sentence was misread: the present rules read nothing of the kind in it",
    )


def _emptied(fact: Fact) -> Fact:
    """The question open again; the misread value stays in the past, so that it is known why it was believed."""
    past = Past(value=fact.value, status=fact.status, from_at=fact.since_at, until_at=fact.last_claimed_at)
    return replace(fact, value=Value(), past=(*fact.past, past), origins=(), prints=())


def _as_told(move: Move, *, send: bool) -> Change:
    """The change as it is recorded: silent unless it is news and may be sent; it corrects what was alerted before."""
    assert move.change is not None
    alerted = move.before is not None and move.before.alerted
    # What takes an alert back is news to those who got it; what was never alerted need not be taken back.
    news = alerted if move.after.value.is_empty else not move.change.baseline
    supersedes = move.before.change_id if move.before and alerted else move.change.supersedes
    old = move.before.value if move.before else move.change.old
    return replace(move.change, baseline=not (send and news), supersedes=supersedes, old=old)


def _as_believed(move: Move, change: Change | None) -> Fact:
    """The fact as it is recorded. What was told to somebody stays named until the next message corrects it."""
    if change and not change.baseline:
        return replace(move.after, alerted=True, change_id=change.id)
    if move.before and move.before.alerted:
        return replace(move.after, alerted=True, change_id=move.before.change_id)
    return replace(move.after, alerted=False)


# --- what is shown ---------------------------------------------------------------------------------------------------


def _lines(found: Rereading, told: tuple[Message, ...], watcher: Watcher, *, applied: bool) -> Iterator[str]:
    yield (
        f"Items read again: {found.items}; read otherwise: {found.otherwise} "
        f"(claims more: {len(found.gained)}, fewer: {len(found.lost)})."
    )
    slots = {move.after.slot for move in found.moves}
    for sign, claims in (("+", found.gained), ("-", found.lost)):
        for claim in claims:
            if sign == "+" or claim.slot in slots:
                yield "  " + one_line(
                    f"{sign} {_title(claim.work_id, watcher)}, {asserted(claim)}: “{claim.sentence}”", 400
                )
    if not found.moves:
        yield "What is believed stays as it is."
        return
    yield "What is believed " + ("has changed:" if applied else "would change:")
    for move in found.moves:
        before = value_words(move.before.value) if move.before else "nothing known"
        slot = move.after.slot
        asked = f"{_title(slot.work_id, watcher)}, {slot_words(slot)}"
        yield "  " + one_line(f"{asked}: {before} → {value_words(move.after.value)}", 400)
    if applied:
        yield f"Messages in the outbox because of it: {len(told)}."
    else:
        yield "Nothing was written; `reread --apply` writes it silently, with --send what is news is sent."


def _title(work_id: str, watcher: Watcher) -> str:
    work = watcher.watch.works.get(work_id)
    return work.title if work else work_id


def _row(found: Rereading, told: tuple[Message, ...], *, applied: bool) -> dict[str, Any]:
    return {
        "items": found.items,
        "otherwise": found.otherwise,
        "gained": [_claim_row(claim) for claim in found.gained],
        "lost": [_claim_row(claim) for claim in found.lost],
        "facts": [
            {
                "fact": move.after.slot.id,
                "old": str(move.before.value) or None if move.before else None,
                "new": str(move.after.value) or None,
                "change": move.change.kind.value if move.change else None,
            }
            for move in found.moves
        ],
        "applied": applied,
        "messages": [message.id for message in told],
    }


def _claim_row(claim: Claim) -> dict[str, str]:
    return {"item": claim.item_id, "fact": claim.slot.id, "says": asserted(claim), "sentence": claim.sentence}
