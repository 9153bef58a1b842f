"""What the user already knows of a work, as facts that were never news."""

from __future__ import annotations

import datetime as dt

from pipeline.compare.values import RELEASED
from storage.model import Fact, Kind, Slot, Status, Tier, Value, Work

_ALWAYS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""Before anything that is read."""


def known_facts(work: Work) -> tuple[Fact, ...]:
    """The facts that `known:` in sources.yaml states, believed since ever and open to correction by any source.

    Released seasons, cast whose joining and returning is no news, dates, and that the work has ended.
    """
    known = work.known
    values = {
        **{Slot(work_id=work.id, kind=Kind.SEASON, season=number): Value(text=RELEASED) for number in known.seasons},
        **{Slot(work_id=work.id, kind=Kind.CASTING, person=name): Value(action="cast") for name in known.cast},
        **{
            Slot(work_id=work.id, kind=Kind.RELEASE_DATE, season=season or None, role="premiere"): Value(date=date)
            for season, date in known.release_dates.items()
        },
    }
    if known.ended:
        values[Slot(work_id=work.id, kind=Kind.CANCELLATION)] = Value(text="ending")
    return tuple(
        Fact(
            slot=slot,
            value=value,
            status=Status.CONFIRMED,
            tier=Tier.RUMOUR,
            since_at=_ALWAYS,
            last_claimed_at=_ALWAYS,
            origins=("known",),
        )
        for slot, value in values.items()
    )
