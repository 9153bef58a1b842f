"""Mentions → claims: which work a sentence is about, which season, and what the item as a whole asserts.

A fact belongs to the title of its own sentence, then of its paragraph, then of the headline; "the spin-off" points to a
work that has a parent. What cannot be settled is dropped, never guessed. One item asserts one thing about one slot: the
sentence that says most speaks for the item (the others are the same news in other words), and one of the text rather
than the headline.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace

from storage import edtf
from storage.model import (
    FIRST_ROLES,
    Claim,
    Item,
    Kind,
    Mention,
    Naming,
    PartialDate,
    Reading,
    Said,
    Status,
    Tier,
    Work,
)

_STAGES = (
    "in_development",
    "writing",
    "greenlit",
    "scheduled",
    "pre_production",
    "filming",
    "post_production",
    "wrapped",
)
_UNDER_WAY = _STAGES[_STAGES.index("scheduled") + 1 :]
_BEGUN = frozenset({"greenlit", "scheduled", "filming"})
_SAID = tuple(each.name for each in fields(Said))
_SEASONAL = frozenset({Kind.RELEASE_DATE, Kind.CASTING, Kind.TRAILER, Kind.PRODUCTION, Kind.RENEWAL, Kind.CANCELLATION})


def resolve(
    item: Item, reading: Reading, works: Mapping[str, Work], *, tier: Tier, seen_at: dt.datetime
) -> tuple[Claim, ...]:
    """What `item` asserts about each slot of each work, in the order of the text.

    `seen_at` stands in for the time of publication where the item gives none.
    """
    if not reading.mentions:
        return ()
    settled = _with_first_casts([(m, _work_of(m, reading.namings, works)) for m in reading.mentions])
    claims = [
        (mention, _claim(item, _with_context(mention, work, settled), work, tier, item.published_at or seen_at, works))
        for mention, work in settled
        if work is not None and not _is_misplaced(mention, item.published_at)
    ]
    return tuple(_below_the_headline(_one_a_slot([claim for _, claim in claims]), claims))


def _with_first_casts(settled: list[tuple[Mention, Work | None]]) -> list[tuple[Mention, Work | None]]:
    """The mentions, those of a cast list being news where the body tells of a work that is only now being made.

    Not of a sequel by number: beside it the cast of the first is told.
    """
    told = [(m, work.id) for m, work in settled if work and not work.title[-1].isdigit()]
    making = (m for m in told if m[0].kind is Kind.PRODUCTION and m[0].value in _BEGUN)
    begun = {work_id for m, work_id in making if not m.null and not m.background}
    older = {work_id for m, work_id in told if (m.season or 0) > 1 or _is_of_what_was(m)}
    return [
        (replace(m, background=False), work)
        if m.value == "listed" and m.field == "text" and work and work.id in begun - older
        else (m, work)
        for m, work in settled
    ]


def _is_of_what_was(mention: Mention) -> bool:
    return mention.kind is Kind.RENEWAL or (mention.kind is Kind.RELEASE_DATE and mention.background)


def _below_the_headline(kept: list[Claim], claims: list[tuple[Mention, Claim]]) -> Iterable[Claim]:
    """Those of the headline in a sentence of the text that says the same, best one that names the work itself.

    A headline may spoil, and is the least of a proof.
    """
    headline = {mention.sentence for mention, _ in claims if mention.field == "title"}
    below = [(mention, claim) for mention, claim in reversed(claims) if mention.field != "title"]
    said = {_asserted(claim): claim for _, claim in sorted(below, key=lambda pair: bool(pair[0].works))}
    for claim in kept:
        other = said.get(_asserted(claim)) if claim.sentence in headline else None
        yield replace(claim, sentence=other.sentence, rule=other.rule) if other else claim


def _asserted(claim: Claim) -> tuple[object, ...]:
    return claim.slot, claim.null, claim.status, claim.date, claim.action, claim.value, claim.attributed_to


def _is_misplaced(mention: Mention, published_at: dt.datetime | None) -> bool:
    """A date of a former year beside a verb of the present: the year of an interview, of a story, of another film."""
    if mention.date is None or mention.background or published_at is None:
        return False
    return mention.date.latest < published_at.date() - dt.timedelta(days=60)


def _work_of(mention: Mention, namings: tuple[Naming, ...], works: Mapping[str, Work]) -> Work | None:
    if mention.works:
        return works.get(_preferred(mention.works, mention, works))
    for near in _circles(mention, namings):
        ids = [_preferred(naming.works, mention, works) for naming in near]
        found = next((work for id_ in ids if (work := _pointed(works[id_], mention.pointer, works))), None)
        if found or ids:
            return None if found and _may_be_of_the_parent(found, near, mention, works) else found
    return None


def _may_be_of_the_parent(work: Work, near: list[Naming], mention: Mention, works: Mapping[str, Work]) -> bool:
    """Whether only a spin-off is named, and only further down: "Season five. And Star City." is no season of it."""
    return work.parent in works and all(work.id in n.works and n.sentence > mention.sentence_index for n in near)


def _circles(mention: Mention, namings: tuple[Naming, ...]) -> Iterable[list[Naming]]:
    """Where a pointing sentence may look for its work, nearest circle first; the latest name comes first.

    What stands before the head of a part is not meant in it. A pronoun reaches no further than the paragraph
    before and the headline. What is named only further down is meant where the headline names nothing else.
    """
    named = [n for n in namings if n.works and not n.aside]
    if bounds := [n.sentence for n in namings if not n.works and n.sentence < mention.sentence_index]:
        named = [n for n in named if max(bounds) < n.sentence <= mention.sentence_index]
    before = [n for n in reversed(named) if n.sentence < mention.sentence_index]
    yield [n for n in named if n.sentence == mention.sentence_index]
    yield [n for n in before if n.paragraph == mention.paragraph]
    yield [n for n in named if n.paragraph == 0]
    if mention.pointer == "pronoun":
        before = [n for n in before if n.paragraph >= mention.paragraph - 1]
    yield before
    rivals = {n.works for n in namings if n.works and n.aside and n.paragraph == 0}
    if len(rivals | {n.works for n in named}) == 1 and mention.pointer != "pronoun":
        yield named


def _pointed(work: Work, pointer: str | None, works: Mapping[str, Work]) -> Work | None:
    """What "the spin-off", "the parent show", "the film" means beside a named work; the work where nothing points."""
    match pointer:
        case "spin-off" | "instalment" if work.parent is None:
            children = [other for other in works.values() if other.parent == work.id]
            alone = work if pointer == "instalment" else None
            return children[0] if len(children) == 1 else alone
        case "parent":
            return works.get(work.parent) if work.parent else work
        case "film" if work.kind == "series":
            return None
    return work


def _preferred(ids: tuple[str, ...], mention: Mention, works: Mapping[str, Work]) -> str:
    """Of several works that bear one name: a series where seasons are spoken of, else the first."""
    if mention.season is not None:
        series = [work_id for work_id in ids if work_id in works and works[work_id].kind in ("series", "unknown")]
        ids = tuple(series) or ids
    return ids[0]


def _with_context(mention: Mention, work: Work, settled: list[tuple[Mention, Work | None]]) -> Mention:
    """The mention with what its own sentence leaves to the others of the item: the season, the part, the year."""
    told = _with_season(mention, work, settled)
    if told.kind is not Kind.RELEASE_DATE:
        return told
    others = [m for m, other in settled if other is work and m.season in (None, told.season)]
    parts = {m.part for m in others if m.part and m.paragraph in (0, told.paragraph)}
    if told.part is None and len(parts) == 1 and told.role is None:
        told = replace(told, part=parts.pop())
    return _with_year(told, others)


def _with_year(mention: Mention, others: list[Mention]) -> Mention:
    """A date whose year is left open is in the year that another sentence of the item says."""
    date = mention.date
    if date is None or not mention.year_open:
        return mention
    for other in others:
        if other.kind is not Kind.RELEASE_DATE or other.date is None or other.year_open or other.background:
            continue
        if other.date.latest - other.date.earliest > dt.timedelta(days=200):
            continue
        if None not in (other.role, mention.role) and other.role != mention.role:
            continue
        there = edtf.years_later(date, other.date.earliest.year - date.earliest.year)
        if date.latest < other.date.earliest and edtf.contains(_about(other.date), there):
            return replace(mention, date=there if edtf.contains(other.date, there) else other.date)
    return mention


def _about(date: PartialDate) -> PartialDate:
    """A day with the days around it, for a holiday that is told beside it; a window itself."""
    if date.earliest != date.latest:
        return date
    days = dt.timedelta(days=4)
    return edtf.interval(edtf.on(date.earliest - days), edtf.on(date.latest + days))


def _with_season(mention: Mention, work: Work, settled: list[tuple[Mention, Work | None]]) -> Mention:
    """The mention with the one season that its paragraph, the headline or the item tells of, where it names none.

    A season that an article tells of further off is the one that was shown, not the one it says is ordered.
    """
    if mention.season is not None or mention.kind not in _SEASONAL or work.kind not in ("series", "unknown"):
        return mention
    if mention.background and mention.kind is Kind.RELEASE_DATE:
        return mention
    others = [
        m
        for m, other in settled
        if other is work and m.kind is Kind.SEASON and m.season is not None and not m.background
    ]
    nearby = [m for m in others if m.paragraph == mention.paragraph]
    further = [m for m in others if m.field != "text"] if mention.kind is Kind.RENEWAL else others
    for circle in (nearby, [m for m in others if m.paragraph == 0], further):
        seasons = {m.season for m in circle}
        if len(seasons) == 1:
            return replace(mention, season=seasons.pop())
        if seasons:
            return mention
    return mention


def _is_known(mention: Mention, work: Work, works: Mapping[str, Work]) -> bool:
    """What the configuration itself says: a maker or star is no newcomer, a followed spin-off is no new one."""
    if mention.kind is Kind.CASTING:
        return mention.action in ("joins", "returns") and mention.person in work.people
    children = (other.title for other in works.values() if other.parent == work.id)
    return mention.kind is Kind.SPINOFF and (work.parent is not None or any(t in mention.sentence for t in children))


def _claim(
    item: Item, mention: Mention, work: Work, tier: Tier, claimed_at: dt.datetime, works: Mapping[str, Work]
) -> Claim:
    past = mention.date is not None and mention.date.latest < claimed_at.date()
    said = {name: getattr(mention, name) for name in _SAID}
    said |= {
        "status": Status.RUMOURED if tier is Tier.RUMOUR and mention.status is not Status.DENIED else mention.status,
        "background": mention.background or past or _is_known(mention, work, works),
        "part": mention.part if mention.kind is Kind.RELEASE_DATE else None,
        "role": _role(mention, work),
        "value": None if mention.kind is Kind.CASTING else mention.value,
    }
    return Claim(
        **said,
        item_id=item.id,
        source_id=item.source_id,
        tier=tier,
        url=item.url,
        claimed_at=claimed_at,
        work_id=work.id,
    )


def _role(mention: Mention, work: Work) -> str | None:
    """What of the work comes out. A season has one premiere, in whatever form; a film may come out in several."""
    if mention.kind is not Kind.RELEASE_DATE:
        return mention.role
    if mention.role is None or (work.kind == "series" and mention.role in FIRST_ROLES):
        return FIRST_ROLES[0]
    return mention.role


def _one_a_slot(claims: list[Claim]) -> list[Claim]:
    best: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        key = _slot_in_item(claim)
        best[key] = max(best[key], claim, key=_weight) if key in best else claim
    kept = _earlier_seasons_as_background(list(best.values()))
    dated = {(c.work_id, c.role) for c in kept if c.kind is Kind.RELEASE_DATE and c.date and not c.background}
    renewed = {c.work_id for c in kept if c.kind is Kind.RENEWAL and not c.null}
    numbered = {c.work_id for c in kept if c.kind is Kind.RENEWAL and c.season and not c.null}
    known = {_dated(c) for c in kept if c.date and c.date.earliest == c.date.latest and not c.background}
    under_way = {(c.work_id, c.season) for c in kept if c.kind is Kind.PRODUCTION and c.value in _UNDER_WAY}
    return [
        claim
        for claim in _cancelled_before(kept)
        if not _said_better(claim, dated, renewed, numbered)
        and not (claim.null and claim.value != "withdrawn" and _dated(claim) in known)
        and not (claim.value == "scheduled" and (claim.work_id, claim.season) in under_way)
        and not any(_says_less(claim, other) for other in kept)
    ]


def _dated(claim: Claim) -> tuple[object, ...]:
    """The question that a release date answers: a day beside "no date" is of it, and the other of something else."""
    return claim.kind, claim.work_id, claim.season, claim.part, claim.role


def _cancelled_before(claims: list[Claim]) -> list[Claim]:
    """The cancellation that an item tells beside a revival is what was undone."""
    revived = {c.work_id for c in claims if c.kind is Kind.RENEWAL and c.value == "revived" and not c.null}
    return [replace(c, background=True) if c.kind is Kind.CANCELLATION and c.work_id in revived else c for c in claims]


def _says_less(claim: Claim, other: Claim) -> bool:
    """Whether a date is another date of the item told with less: its window, or itself without season, role, region."""
    roles = {claim.role, other.role}
    of_one_release = other.work_id == claim.work_id and roles <= set(FIRST_ROLES) and not other.background
    if not of_one_release or claim.date is None or other.date is None or not edtf.contains(claim.date, other.date):
        return False
    narrows = not edtf.contains(other.date, claim.date)
    names = [name for name in ("season", "part", "region") if getattr(claim, name) != getattr(other, name)]
    if any(getattr(claim, name) is not None for name in names) or (len(roles) == 2 and FIRST_ROLES[0] not in roles):
        return False
    return narrows or bool(names) or (claim.role == FIRST_ROLES[0] != other.role)


def _earlier_seasons_as_background(claims: list[Claim]) -> list[Claim]:
    """Of the seasons an item names only the latest can be news, and those of which it tells something else."""
    told = {(c.work_id, c.season) for c in claims if c.kind is not Kind.SEASON and not c.background}
    latest: dict[str, int] = {}
    for claim in claims:
        if claim.kind is Kind.SEASON and claim.season and not claim.null:
            latest[claim.work_id] = max(claim.season, latest.get(claim.work_id, 0))
    return [
        replace(claim, background=True)
        if claim.kind is Kind.SEASON
        and (claim.season or 99) < latest.get(claim.work_id, 0)
        and (claim.work_id, claim.season) not in told
        else claim
        for claim in claims
    ]


def _slot_in_item(claim: Claim) -> tuple[object, ...]:
    asserted = (claim.work_id, claim.kind, claim.null, claim.background)
    match claim.kind:
        case Kind.RELEASE_DATE:
            return (*asserted, claim.season, claim.part, claim.role, claim.region)
        case Kind.CASTING:
            return (*asserted[:3], claim.person)
        case Kind.SEASON:
            return (*asserted[:3], claim.season, claim.role)
        case Kind.RENEWAL:
            return (*asserted[:3], claim.season)
        case Kind.PRODUCTION:
            return (*asserted[:3], claim.value == "scheduled")
        case _:
            return asserted[:3]


def _weight(claim: Claim) -> tuple[bool, bool, bool, int, int]:
    """What says most: news, with a season, more than that somebody joins, the narrower date, the further stage."""
    days = (claim.date.latest - claim.date.earliest).days if claim.date else 10**6
    stage = _STAGES.index(claim.value) if claim.value in _STAGES else len(_STAGES)
    return not claim.background, claim.season is not None, claim.action != "joins", -days, stage


def _said_better(claim: Claim, dated: set[tuple[str, str | None]], renewed: set[str], numbered: set[str]) -> bool:
    """What another claim of the item says in full: a date not given, a delay, a renewal without its number."""
    if claim.kind is Kind.PRODUCTION and claim.value == "delayed":
        return any(work_id == claim.work_id for work_id, _ in dated)
    if claim.kind is Kind.RELEASE_DATE and claim.date is None and not claim.null:
        return any(work_id == claim.work_id for work_id, _ in dated)
    if claim.kind is Kind.PRODUCTION and claim.value == "greenlit":
        return claim.work_id in renewed
    return claim.kind is Kind.RENEWAL and claim.season is None and not claim.null and claim.work_id in numbered
