"""`extract`: what is read in texts, as a filter for programs; JSON lines in, JSON lines out."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

import click

from pipeline.cli import Settings, pass_settings
from pipeline.config import load_config, watch_config
from pipeline.extract import Watch, watch_works
from pipeline.run import understand
from storage.model import Claim, Config, Item, Tier


@click.command("extract")
@click.argument("rows", type=click.File(encoding="utf-8", errors="replace"), default="-")
@pass_settings
def extract_command(settings: Settings, rows: TextIO) -> None:
    """Read JSON lines and write what each text claims.

    In: `{id, published, title, summary?, text?, url?, source?, watch?}`.

    `watch` in a row (`{title, aliases?, people?, parent?}`) stands for the configuration; without it, sources.yaml is
    read. Every line in gets one line out, `{id, claims: [...]}`, in order; a line that is no such object gets
    `{id, error}`.
    """
    configured = lru_cache(maxsize=1)(lambda: _watched(load_config(settings.config_path)))
    for line in rows:
        if line.strip():
            print(json.dumps(_answer(line, configured), ensure_ascii=False))  # noqa: T201
    sys.stdout.flush()


def _answer(line: str, configured: Any) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("a line must be a JSON object")
        config, watch = _row_watch(json.dumps(row["watch"], sort_keys=True)) if row.get("watch") else configured()
        item = item_from_row(row)
    except (ValueError, TypeError) as error:
        return {"id": row.get("id") if isinstance(locals().get("row"), dict) else None, "error": str(error)}
    tiers = {source.id: source.tier for source in config.sources}
    _, claims = understand(item, watch, tier=tiers.get(item.source_id, Tier.PRESS), seen_at=_EPOCH)
    return {"id": row.get("id"), "claims": [claim_row(claim) for claim in claims]}


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@lru_cache(maxsize=4096)
def _row_watch(watch: str) -> tuple[Config, Watch]:
    return _watched(watch_config([json.loads(watch)]))


def _watched(config: Config) -> tuple[Config, Watch]:
    return config, watch_works(config.works)


def item_from_row(row: Mapping[str, Any]) -> Item:
    """An item of a row as the filters take it; ValueError says which field is wrong."""
    return Item(
        source_id=str(row.get("source") or "stdin"),
        identity=str(row.get("id") or ""),
        url=row.get("url") or None,
        title=str(row.get("title") or row.get("headline") or ""),
        summary=str(row.get("summary") or ""),
        text=str(row.get("text") or ""),
        published_at=_time(row.get("published")),
        language=row.get("language") or None,
    )


def _time(text: Any) -> dt.datetime | None:
    if not text:
        return None
    at = dt.datetime.fromisoformat(str(text))
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)


def claim_row(claim: Claim) -> dict[str, Any]:
    """A claim as programs get it; dates are EDTF text with the plain dates they lie between."""
    date = claim.date
    return {
        "kind": claim.kind.value,
        "work": claim.work_id,
        "season": claim.season,
        "role": claim.role,
        "value": date.edtf if date else None if claim.kind.value == "release_date" else claim.value,
        "earliest": date.earliest.isoformat() if date else None,
        "latest": date.latest.isoformat() if date else None,
        "person": claim.person,
        "action": claim.action,
        "character": claim.character,
        "status": claim.status.value,
        "null": claim.null,
        "background": claim.background,
        "sentence": claim.sentence,
        "rule": claim.rule,
    }


__all__ = ["claim_row", "extract_command", "item_from_row"]
