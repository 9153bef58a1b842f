"""The invented histories read from their texts: what comes of headline and summary, beside what they deserve.

    python -m tests.replays.reading

prints every piece whose alerts differ, and how many were found, missed and made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.compare import Beliefs, compare, known_facts, outlet_names
from pipeline.extract import read, watch_works
from pipeline.resolve import resolve
from storage.model import Item, Source, SourceKind
from tests.replays.history import History, Piece, alerting, histories


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One piece, the alerts it deserves and those that its text led to."""

    piece: Piece
    deserved: frozenset[str]
    given: frozenset[str]


def read_history(history: History) -> Iterator[Read]:
    """Each piece read in order, by the same functions that read the world's news."""
    watch, works = watch_works(history.works), {work.id: work for work in history.works}
    outlets = outlet_names(_sources(history))
    beliefs = Beliefs(fact for work in history.works for fact in known_facts(work))
    for piece in history.pieces:
        item = _item(piece)
        tier = history.tiers[piece.source_id]
        claims = resolve(item, read(item, watch), works, tier=tier, seen_at=piece.at)
        ledger = compare(beliefs, claims, outlets=outlets)
        beliefs.learn(ledger.facts)
        yield Read(piece=piece, deserved=frozenset(piece.alerts), given=frozenset(alerting(ledger.changes)))


def _item(piece: Piece) -> Item:
    return Item(
        source_id=piece.source_id,
        identity=piece.id.partition("/")[2],
        url=None,
        title=piece.title,
        summary=piece.summary,
        published_at=piece.at,
    )


def _sources(history: History) -> list[Source]:
    return [
        Source(id=name, name=f"The {name.title()}", kind=SourceKind.FEED, url=f"https://{name}.example/", tier=tier)
        for name, tier in history.tiers.items()
    ]


def main() -> None:
    """Print what differs."""
    found = missed = made_up = 0
    for history in histories():
        for one in read_history(history):
            found += len(one.deserved & one.given)
            missed += len(one.deserved - one.given)
            made_up += len(one.given - one.deserved)
            if one.deserved != one.given:
                print(f"\n{history.name} {one.piece.id}\n   {one.piece.title} | {one.piece.summary}")  # noqa: T201
                print(*(f"   missed   {line}" for line in sorted(one.deserved - one.given)), sep="\n")  # noqa: T201
                print(*(f"   made up  {line}" for line in sorted(one.given - one.deserved)), sep="\n")  # noqa: T201
    print(f"\nfound {found}, missed {missed}, made up {made_up}")  # noqa: T201


if __name__ == "__main__":
    main()
