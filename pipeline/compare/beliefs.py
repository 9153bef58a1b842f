"""The ledger in memory: facts by slot, and by work and kind, so that one claim never looks at another work's facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from storage.model import Fact, Kind, Slot

Topic = tuple[str, Kind]
"""The id of a work, and what about it."""


class Beliefs(Mapping[Slot, Fact]):
    """Facts by slot that also know their neighbours.

    Fill it with all facts of the works that the claims are about; those of other works do no harm and cost nothing.
    `compare` only reads it; whoever keeps one over several calls hands each ledger's facts to `learn`.
    """

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._topics: dict[Topic, dict[Slot, Fact]] = {}
        self.learn(facts)

    def learn(self, facts: Iterable[Fact]) -> None:
        """Put these facts in the place of what was believed in their slots."""
        for fact in facts:
            self._topics.setdefault((fact.slot.work_id, fact.slot.kind), {})[fact.slot] = fact

    def about(self, work_id: str, kind: Kind) -> Mapping[Slot, Fact]:
        """The facts of one kind about one work."""
        return self._topics.get((work_id, kind), {})

    def __getitem__(self, slot: Slot) -> Fact:
        return self._topics[slot.work_id, slot.kind][slot]

    def __iter__(self) -> Iterator[Slot]:
        return (slot for facts in self._topics.values() for slot in facts)

    def __len__(self) -> int:
        return sum(map(len, self._topics.values()))


class Book:
    """What is believed while claims are folded: the beliefs from before, with what moved since written over them."""

    def __init__(self, beliefs: Mapping[Slot, Fact]) -> None:
        self._before = beliefs if isinstance(beliefs, Beliefs) else Beliefs(beliefs.values())
        self._now: dict[Topic, dict[Slot, Fact]] = {}
        self.told_by: dict[Slot, str] = {}
        """The item that gave a slot its present value, for values given in this call."""

    def about(self, work_id: str, kind: Kind) -> Mapping[Slot, Fact]:
        """The facts of one kind about one work, as they stand now."""
        now = self._now.get((work_id, kind))
        return self._before.about(work_id, kind) if now is None else now

    def current(self, work_id: str, kind: Kind) -> list[Fact]:
        """Those facts, without those that were taken over by another slot."""
        return [fact for fact in self.about(work_id, kind).values() if fact.moved_to is None]

    def get(self, slot: Slot) -> Fact | None:
        """The current fact of this very slot."""
        fact = self.about(slot.work_id, slot.kind).get(slot)
        return None if fact is None or fact.moved_to is not None else fact

    def write(self, fact: Fact) -> None:
        """Believe this from now on."""
        topic = (fact.slot.work_id, fact.slot.kind)
        if topic not in self._now:
            self._now[topic] = dict(self._before.about(*topic))
        self._now[topic][fact.slot] = fact

    def changed(self) -> tuple[Fact, ...]:
        """The facts that differ from those before, by slot."""
        facts = [
            fact
            for topic, now in self._now.items()
            for slot, fact in now.items()
            if self._before.about(*topic).get(slot) != fact
        ]
        return tuple(sorted(facts, key=lambda fact: fact.slot.id))
