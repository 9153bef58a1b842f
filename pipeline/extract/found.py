"""One match of one rule with all that is needed to tell what it says, as the parts of the reader hand it on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.extract.lexicon import Tables, load_tables
from pipeline.extract.rules import Rule
from pipeline.extract.scope import Clause
from pipeline.extract.tagging import Tagged


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that matched in a reduced sentence; `clause` is the one in which the match begins."""

    rule: Rule
    match: re.Match[str]
    tagged: Tagged
    clause: Clause
    language: str
    symbols: Mapping[str, str]
    """What the named holes of the pattern took."""

    @property
    def tables(self) -> Tables:
        """The words of the text's language."""
        return load_tables(self.language)

    def places(self, *sorts: str) -> list[int]:
        """Where symbols of these sorts stand in the whole sentence."""
        return self.tagged.places(*sorts)
