"""Claims for tests in few words, and the invented histories of this folder as values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from alerts.match import ALERTS_BY_DEFAULT
from storage.edtf import parse_edtf
from storage.model import Change, ChangeKind, Claim, Kind, Known, Status, Tier, Work

HERE = Path(__file__).parent


def claim(kind: str, at: str, *, source: str = "lantern", tier: str = "press", **said: Any) -> Claim:
    """A claim of the work `ember` published `at` ("2026-03-02" or "2026-03-02T14:00"); dates are given as EDTF."""
    when = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
    work = said.pop("work", "ember")
    dates = {name: parse_edtf(said.pop(name)) for name in ("date", "previous_date") if name in said}
    fields = {
        "item_id": f"{source}/{at}/{work}/{kind}",
        "sentence": f"{source} {kind} {sorted(said.items())} {sorted((n, d.edtf) for n, d in dates.items())} {at}",
        "status": Status(said.pop("status", "confirmed")),
        **said,
        **dates,
    }
    return Claim(
        source_id=source,
        tier=Tier(tier),
        url=f"https://{source}.example/{at}",
        claimed_at=when,
        work_id=work,
        kind=Kind(kind),
        rule="test",
        **fields,
    )


def release(at: str, date: str | None = None, **said: Any) -> Claim:
    """A claim of a release date."""
    return claim("release_date", at, **({"date": date} if date else {}), **said)


def alerting(changes: tuple[Change, ...]) -> list[str]:
    """The changes that a route with no wishes of its own sends, each as `slot: kind old → new`."""
    return [told(change) for change in changes if is_news(change)]


def is_news(change: Change) -> bool:
    """True for what alerts by default."""
    surer = change.kind is not ChangeKind.CONFIRMED or change.status is Status.CONFIRMED
    return change.kind in ALERTS_BY_DEFAULT and surer and not change.baseline and not change.claim.background


def told(change: Change) -> str:
    """`ember/release_date/s2/premiere: moved_later 2026-10 → 2027`."""
    old = f"{change.old} → " if change.old is not None and not change.old.is_empty else ""
    return f"{change.slot.id}: {change.kind} {old}{change.new}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One invented article: when, where, its text, what it claims, and the alerts it deserves."""

    id: str
    at: dt.datetime
    source_id: str
    title: str
    summary: str
    claims: tuple[Claim, ...]
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The invented news about one franchise, oldest first."""

    name: str
    about: str
    works: tuple[Work, ...]
    tiers: Mapping[str, Tier]
    pieces: tuple[Piece, ...]


def histories() -> list[History]:
    """Every history of this folder."""
    return [_history(path) for path in sorted(HERE.glob("*.yaml"))]


def _history(path: Path) -> History:
    raw = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    tiers = {name: Tier(tier) for name, tier in raw["sources"].items()}
    return History(
        name=path.stem,
        about=raw["about"],
        works=tuple(_work(work) for work in raw["works"]),
        tiers=tiers,
        pieces=tuple(_piece(piece, tiers, raw["works"][0]["id"]) for piece in raw["items"]),
    )


def _work(raw: Mapping[str, Any]) -> Work:
    known = raw.get("known", {})
    return Work(
        id=raw["id"],
        title=raw["title"],
        franchise_id=raw.get("franchise", raw["id"]),
        kind=raw.get("kind", "series"),
        aliases=tuple(raw.get("aliases", ())),
        people=tuple(raw.get("people", ())),
        parent=raw.get("parent"),
        known=Known(
            seasons=tuple(known.get("seasons", ())),
            cast=tuple(known.get("cast", ())),
            release_dates={int(n): parse_edtf(str(date)) for n, date in known.get("release_dates", {}).items()},
            ended=known.get("ended", False),
        ),
    )


def _piece(raw: Mapping[str, Any], tiers: Mapping[str, Tier], work: str) -> Piece:
    at, source = str(raw["at"]), raw["from"]
    return Piece(
        id=f"{source}/{raw['id']}",
        at=dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC),
        source_id=source,
        title=raw["title"],
        summary=raw.get("summary", ""),
        claims=tuple(_claim(said, raw, tiers[source], work) for said in raw.get("claims", ())),
        alerts=tuple(raw.get("alerts", ())),
    )


def _claim(said: Mapping[str, Any], raw: Mapping[str, Any], tier: Tier, work: str) -> Claim:
    fields = {"work": work, "sentence": f"{raw['title']} {raw.get('summary', '')}".strip(), **said}
    for name in ("date", "previous_date"):
        if name in fields:
            fields[name] = str(fields[name])
    return claim(
        fields.pop("kind"),
        str(raw["at"]),
        source=raw["from"],
        tier=tier,
        item_id=f"{raw['from']}/{raw['id']}",
        **fields,
    )
