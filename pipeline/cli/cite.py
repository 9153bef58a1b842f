"""`cite`: the sentence a fact rests on, as a citation."""

from __future__ import annotations

import datetime as dt
import difflib

import click

from alerts.cite import Style
from alerts.cite import cite as cited
from pipeline.cli import Settings, pass_settings
from storage.model import Claim, DayBook, Fact, Item, Source, SourceKind
from storage.store import Store, open_store


@click.command()
@click.argument("fact")
@click.option("--format", "style", type=click.Choice([style.value for style in Style]), default=Style.WIKIPEDIA.value,
              show_default=True, help="Where it goes.")  # fmt: skip
@pass_settings
def cite(settings: Settings, fact: str, style: str) -> int:
    """Cite FACT (its id, such as star-city/release_date/s1/premiere) by the claim that supports it best."""
    now = dt.datetime.now(dt.UTC)
    with open_store(settings.store_path, read_only=True) as store:
        book = store.daybook(now - dt.timedelta(days=1), now)
        wanted = _known_fact(book, fact)
        claim = best_claim(wanted, store.claims_for(wanted.slot))
        item = _item(store, claim) if claim else None
    if claim is None:
        click.echo(f"{fact} is known from sources.yaml alone; there is nothing to cite.", err=True)
        return 0
    click.echo(cited(claim, _source(book, claim), item, style=Style(style), accessed=now.date()))
    return 0


def _known_fact(book: DayBook, id: str) -> Fact:
    facts = {fact.slot.id: fact for fact in book.facts}
    if id in facts:
        return facts[id]
    near = difflib.get_close_matches(id, facts, 3, 0.5)
    raise click.UsageError(f"There is no fact {id!r}." + (f" Did you mean {' or '.join(near)}?" if near else ""))


def best_claim(fact: Fact, claims: list[Claim]) -> Claim | None:
    """Of the claims that say what is believed, the one of the best tier, then the surest, then the first."""
    saying = [claim for claim in claims if not claim.background and _says(claim, fact)]
    return max(saying, key=lambda c: (c.tier.rank, c.status.rank, -c.claimed_at.timestamp()), default=None)


def _says(claim: Claim, fact: Fact) -> bool:
    value = fact.value
    if value.is_empty:
        return claim.null
    same = (claim.date, claim.action) == (value.date, value.action) and value.text in (None, claim.value)
    return same and not claim.null


def _item(store: Store, claim: Claim) -> Item | None:
    """The item the claim was read in; a claim bears its item's time."""
    moment = dt.timedelta(seconds=1)
    near = store.items(since_at=claim.claimed_at - moment, until_at=claim.claimed_at + moment)
    return next((item for item in near if item.id == claim.item_id), None)


def _source(book: DayBook, claim: Claim) -> Source:
    """As configured; one that has left the configuration is called by its id."""
    known = {report.source.id: report.source for report in book.sources}
    nameless = Source(id=claim.source_id, name=claim.source_id, kind=SourceKind.FEED, url="", tier=claim.tier)
    return known.get(claim.source_id, nameless)
