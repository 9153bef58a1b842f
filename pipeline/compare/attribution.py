"""Who really says it: the origin of a claim, however many outlets pass it on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.compare.names import fingerprint, outlet_key, plain
from storage.model import Claim, Source


def outlet_names(sources: Iterable[Source]) -> dict[str, str]:
    """From the ways an article may call an outlet to the id of the source that is this outlet.

    Where several sources belong to one outlet ("Variety", "Variety TV") the first in the file stands for it.
    """
    names: dict[str, str] = {}
    for source in sources:
        for name in (source.name, source.id):
            names.setdefault(outlet_key(name), source.id)
    return names


def origin(claim: Claim, outlets: Mapping[str, str]) -> str:
    """The id of the source whose news this is: the one it is attributed to, else the source itself.

    Someone who is no followed outlet ("Netflix", an actor in an interview) is an origin too, under a slug of the name.
    """
    if claim.attributed_to is None:
        return outlets.get(outlet_key(claim.source_id), claim.source_id)
    key = outlet_key(claim.attributed_to)
    return outlets.get(key, key) or claim.source_id


def sentence_print(claim: Claim, value: str) -> str:
    """Equal for two claims of one value in the same words: one text that several outlets carry."""
    return fingerprint(f"{plain(claim.sentence)} {value}")


def claim_print(claim: Claim, value: str) -> str:
    """Equal for one claim read twice, whatever has been believed in between."""
    parts = (claim.item_id, claim.kind, claim.season, claim.role, claim.part, claim.region, claim.person, claim.status)
    return fingerprint(" ".join(map(str, (*parts, claim.null, claim.background, value, claim.sentence))))
