"""Which changes go on which route: one list of conditions, read by `match` to decide and by `why_not` to explain."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping

from storage.model import Alert, Change, ChangeKind, Claim, Fact, Kind, Route, Slot, Status, Work

ALERTS_BY_DEFAULT: frozenset[ChangeKind] = frozenset(
    {
        ChangeKind.ANNOUNCED,
        ChangeKind.CONFIRMED,
        ChangeKind.REFINED,
        ChangeKind.MOVED_LATER,
        ChangeKind.MOVED_EARLIER,
        ChangeKind.WITHDRAWN,
    }
)
"""What a route sends whose `changes` are empty. A `due` change goes where the route asks to be reminded."""


def match(changes: Iterable[Change], routes: Iterable[Route], works: Iterable[Work]) -> tuple[Alert, ...]:
    """The alerts that `changes` deserve, in the order of the changes and then of the routes.

    `works` are all that the changes may be about; a change of any other is KeyError.
    """
    by_id, routes = {work.id: work for work in works}, tuple(routes)
    return tuple(
        Alert(route=route, change=change, work=by_id[change.slot.work_id])
        for change in changes
        for route in routes
        if why_not(change, route) is None
    )


def why_not(change: Change, route: Route) -> str | None:
    """Why `change` does not go on `route`, in words for `explain`: the first condition that fails; None if it goes."""
    return next((reason for condition in _CONDITIONS if (reason := condition(change, route))), None)


def reminders(
    facts: Iterable[Fact], *, today: dt.date, now: dt.datetime, evidence: Mapping[Slot, Claim] | None = None
) -> tuple[Change, ...]:
    """A `due` change for each believed release date of exactly one day that is `today` or tomorrow.

    `today` is the user's local date, `now` becomes the change's time. The id is the same all day long, so that the
    outbox keeps one message however often this is asked. `evidence` is the claim to quote for a slot; without one, the
    change rests on a claim that quotes nothing.
    """
    evidence = evidence or {}
    return tuple(
        _due(fact, today, now, evidence.get(fact.slot) or _claim_of(fact))
        for fact in facts
        if fact.slot.kind is Kind.RELEASE_DATE and _falls_on(fact, today, today + dt.timedelta(days=1))
    )


# --- the conditions: each gives the reason against, or None --------------------------------------------------------


def _is_news(change: Change, route: Route) -> str | None:
    if change.baseline:
        return "it was known before this source was watched, or told as background (the baseline is silent)"
    if change.claim.background:
        return "the sentence tells it as background, not as news"
    if change.old == change.new and change.kind not in (ChangeKind.CONFIRMED, ChangeKind.DUE):
        return f"nothing changed: {change.kind} says the same value again"
    return None


def _is_wanted_change(change: Change, route: Route) -> str | None:
    if change.kind is ChangeKind.DUE and route.remind:
        return None
    if change.kind not in (route.changes or ALERTS_BY_DEFAULT):
        hint = "set `remind: true`" if change.kind is ChangeKind.DUE else f"add `{change.kind}` to its `changes`"
        return f"the route does not send {change.kind} ({hint} to have it)"
    if change.kind is ChangeKind.CONFIRMED and change.status is not Status.CONFIRMED:
        return f"it is surer than before but only {change.status}, not confirmed"
    return None


def _is_wanted_work(change: Change, route: Route) -> str | None:
    work = change.slot.work_id
    return f"the route follows other works than {work}" if route.works and work not in route.works else None


def _is_wanted_kind(change: Change, route: Route) -> str | None:
    kind = change.slot.kind
    return f"the route follows other kinds than {kind}" if route.kinds and kind not in route.kinds else None


def _is_wanted_role(change: Change, route: Route) -> str | None:
    role = change.slot.role
    if not route.roles or change.slot.kind is not Kind.RELEASE_DATE or role in route.roles:
        return None
    return f"the route follows other roles than {role or 'an unnamed one'}"


def _is_sure_enough(change: Change, route: Route) -> str | None:
    if change.status.rank < route.min_status.rank:
        return f"it is {change.status}, and the route asks for {route.min_status}"
    if change.claim.tier.rank < route.min_tier.rank:
        return f"its source is of tier {change.claim.tier}, and the route asks for {route.min_tier}"
    return None


def _goes_out_now(change: Change, route: Route) -> str | None:
    return "the route keeps it for the digest" if route.deliver == "digest" else None


_CONDITIONS: tuple[Callable[[Change, Route], str | None], ...] = (
    _is_news,
    _is_wanted_change,
    _is_wanted_work,
    _is_wanted_kind,
    _is_wanted_role,
    _is_sure_enough,
    _goes_out_now,
)


# --- reminders -----------------------------------------------------------------------------------------------------


def _falls_on(fact: Fact, *days: dt.date) -> bool:
    date = fact.value.date
    return date is not None and date.earliest == date.latest and date.earliest in days


def _due(fact: Fact, today: dt.date, now: dt.datetime, claim: Claim) -> Change:
    key = f"{fact.slot.id}|due|{fact.value}|{today.isoformat()}"
    return Change(
        id="due-" + hashlib.sha256(key.encode()).hexdigest()[:20],
        kind=ChangeKind.DUE,
        slot=fact.slot,
        old=fact.value,
        new=fact.value,
        status=fact.status,
        claim=claim,
        at=now,
        old_since_at=fact.since_at,
    )


def _claim_of(fact: Fact) -> Claim:
    """The fact itself as a claim, where nobody gave one to quote."""
    slot, origin = fact.slot, fact.origins[0] if fact.origins else "known"
    return Claim(
        item_id=f"{origin}/{slot.id}",
        source_id=origin,
        tier=fact.tier,
        url=None,
        claimed_at=fact.last_claimed_at,
        work_id=slot.work_id,
        kind=slot.kind,
        status=fact.status,
        sentence="",
        rule="reminder",
        season=slot.season,
        part=slot.part,
        role=slot.role,
        region=slot.region,
        date=fact.value.date,
    )
