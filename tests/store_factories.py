"""What the tests of the store are made of: one small world of invented works, sources and texts."""

from __future__ import annotations

import datetime as dt
import tempfile
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

from storage.model import (
    Change,
    ChangeKind,
    Claim,
    Config,
    Fact,
    FetchState,
    Franchise,
    Item,
    Kind,
    Message,
    PartialDate,
    Poll,
    Route,
    SecretRef,
    Slot,
    Source,
    SourceKind,
    Status,
    Target,
    Tier,
    Value,
    Work,
)
from storage.store import Store, open_store

EVIL = '<script>alert("x")</script>'
NOW = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
HARBOUR = Work(id="harbour-nine", title="Harbour Nine", franchise_id="harbour", aliases=("H9",))
LANTERN = Work(id="lantern", title="Lantern", franchise_id="harbour", kind="film", parent="harbour-nine")
HOOK = Target(id="hook", format="webhook", url=SecretRef(env="HOOK_URL"), secret=SecretRef(env="HOOK_SECRET"))
ROUTE = Route(id="dates", target=HOOK)
PREMIERE = Slot(work_id="harbour-nine", kind=Kind.RELEASE_DATE, season=3, role="premiere")


def begun(path: Path) -> AbstractContextManager[Store]:
    """`open_store(path)`, where a store that is not there is begun as a copy of an empty one."""
    if not path.exists():
        path.write_bytes(_empty_store())
    return open_store(path)


@cache
def _empty_store() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with open_store(Path(folder) / "store.db"):
            pass
        return (Path(folder) / "store.db").read_bytes()


def source(id: str = "gazette", **changes: object) -> Source:
    """A trade feed."""
    plain: dict[str, object] = {"name": id.title(), "kind": SourceKind.FEED, "tier": Tier.TRADE}
    return Source(id=id, **{"url": f"https://{id}.example/feed", **plain, **changes})  # type: ignore[arg-type]


def config(
    *sources: Source, routes: tuple[Route, ...] = (ROUTE,), works: tuple[Work, ...] = (HARBOUR, LANTERN)
) -> Config:
    """A franchise with a series and its film."""
    franchise = Franchise(id="harbour", title="Harbour", works=works)
    return Config(franchises=(franchise,), sources=sources or (source(), source("herald")), routes=routes)


def item(number: int = 1, source_id: str = "gazette", **changes: object) -> Item:
    """A short piece."""
    plain: dict[str, object] = {
        "identity": f"urn:{number}",
        "url": f"https://{source_id}.example/{number}",
        "title": f"Harbour Nine, piece {number}",
        "summary": "A summary.",
        "text": "The crew returns to the quay.",
        "published_at": NOW - dt.timedelta(hours=1),
        "keys": (f"guid:urn:{number}", f"url:https://{source_id}.example/{number}"),
    }
    return Item(source_id=source_id, **{**plain, **changes})  # type: ignore[arg-type]


def day(text: str) -> PartialDate:
    """A whole day."""
    return PartialDate(edtf=text, earliest=dt.date.fromisoformat(text), latest=dt.date.fromisoformat(text))


def claim(of: Item, date: str | None = "2027-03-04", **changes: object) -> Claim:
    """What an item says of the premiere of season 3; `date` None makes it a null claim."""
    plain: dict[str, object] = {
        "item_id": of.id,
        "source_id": of.source_id,
        "tier": Tier.TRADE,
        "url": of.url,
        "claimed_at": of.published_at or NOW,
        "work_id": PREMIERE.work_id,
        "kind": PREMIERE.kind,
        "season": PREMIERE.season,
        "role": PREMIERE.role,
        "status": Status.CONFIRMED,
        "sentence": f"Season 3 premieres {date}.",
        "rule": "release_date.test",
        "null": date is None,
        "date": None if date is None else day(date),
    }
    return Claim(**{**plain, **changes})  # type: ignore[arg-type]


def fact(date: str | None = "2027-03-04", **changes: object) -> Fact:
    """What is believed of the premiere of season 3."""
    plain: dict[str, object] = {
        "slot": PREMIERE,
        "value": Value(date=None if date is None else day(date)),
        "status": Status.CONFIRMED,
        "tier": Tier.TRADE,
        "since_at": NOW - dt.timedelta(hours=1),
        "last_claimed_at": NOW - dt.timedelta(hours=1),
        "origins": ("gazette",),
        "alerted": True,
    }
    return Fact(**{**plain, **changes})  # type: ignore[arg-type]


def change(by: Claim, old: str | None = None, kind: ChangeKind = ChangeKind.ANNOUNCED, **changes: object) -> Change:
    """The claim's date taking the place of `old`."""
    plain: dict[str, object] = {
        "id": f"{by.slot.id}:{kind.value}:{by.date and by.date.edtf}",
        "kind": kind,
        "slot": by.slot,
        "old": None if old is None else Value(date=day(old)),
        "new": Value(date=by.date),
        "status": by.status,
        "claim": by,
        "at": by.claimed_at,
    }
    return Change(**{**plain, **changes})  # type: ignore[arg-type]


def message(id: str = "m1", change_ids: tuple[str, ...] = (), **changes: object) -> Message:
    """A message of the route `dates`."""
    plain: dict[str, object] = {
        "route_id": "dates",
        "target_id": "hook",
        "format": "webhook",
        "content_type": "application/json",
        "body": b'{"type":"announced"}',
        "created_at": NOW,
        "not_before_at": NOW,
        "summary": "Harbour Nine, season 3: 4 March 2027",
    }
    return Message(id=id, change_ids=change_ids, **{**plain, **changes})  # type: ignore[arg-type]


def poll(*items: Item, source_id: str = "gazette", **parts: object) -> Poll:
    """One answer of a source."""
    state = FetchState(source_id=source_id, url=f"https://{source_id}.example/feed", next_due_at=NOW)
    return Poll(**{"state": state, "items": items, **parts})  # type: ignore[arg-type]


def news(number: int = 1, date: str = "2027-03-04", source_id: str = "gazette") -> Poll:
    """A poll whose one item announces the premiere, with the fact, the change and the message that come of it."""
    piece = item(number, source_id)
    said = claim(piece, date)
    moved = change(said)
    told = message(f"{moved.id}.dates", (moved.id,))
    return poll(piece, source_id=source_id, claims=(said,), facts=(fact(date),), changes=(moved,), messages=(told,))


def fill(path: Path, today: dt.datetime) -> None:
    """A store with something for every view, dated around `today`, and with markup where texts may bring it."""
    hour = dt.timedelta(hours=1)
    soon = (today + dt.timedelta(days=30)).date().isoformat()
    later = (today + dt.timedelta(days=60)).date().isoformat()
    piece = item(1, published_at=today - 5 * hour, title=f"Harbour Nine {EVIL}", summary="A café by the quay.")
    move = item(2, "herald", published_at=today - 3 * hour, url="javascript:alert(1)")
    gossip = item(3, "herald", published_at=today - 9 * hour)
    first, rumour = claim(piece, soon), claim(gossip, soon, status=Status.RUMOURED)
    second = claim(move, later, sentence=f"It moved. {EVIL}", url=move.url)
    none = claim(piece, None, work_id="lantern", season=None, sentence="Lantern has no date yet.")
    joins = claim(piece, None, null=False, kind=Kind.CASTING, role=None, person="A. Mate", action="joins")
    announced, moved = change(first), change(second, soon, ChangeKind.MOVED_LATER)
    told = message("m1", (announced.id, moved.id))
    facts = (
        fact(later, since_at=second.claimed_at),
        fact(None, slot=none.slot),
        fact(None, slot=joins.slot, value=Value(action="joins")),
    )
    polls = [
        poll(piece, claims=(first, none, joins), changes=(announced,)),
        poll(gossip, move, source_id="herald", claims=(rumour, second), changes=(moved,), facts=facts,
                  messages=(told,)),
    ]  # fmt: skip
    with begun(path) as store:
        store.sync_config(config())
        store.record(polls, now=today)
