"""The tables of word forms that are looked for in whole sentences, compiled: `load_forms(language)["wish_forms"]`.

Each comes with its needs, so that a sentence in which none of its words stand costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from pipeline.extract.lexicon import load_tables
from pipeline.extract.needs import Guarded, guarded
from pipeline.extract.patterns import alternation, forms
from pipeline.extract.text import CAPITAL

FORMS = (
    "season_forms", "part_forms", "crew_forms", "title_place_forms", "aside_forms", "clause_break_forms",
    "absent_forms", "negated_forms", "not_negated_forms", "wish_forms", "question_forms", "rumour_near_forms",
    "rumour_forms", "report_forms", "denial_forms", "retold_forms", "future_forms", "backshift_forms",
    "background_forms", "attribution_forms", "spin_off_of_forms", "anaphor_forms", "stranger_forms", "speaker_forms",
    "other_project_forms", "retelling_title_forms",
)  # fmt: skip
WORDS = ("networks", "outlets", "pointers")


@lru_cache(maxsize=8)
def load_forms(language: str) -> Mapping[str, Guarded]:
    """The compiled forms of a language by table; KeyError names a table that it lacks.

    `before_noun` is one capitalised word before a noun of works: "the Kestrel finale"; `edition` is what behind a title
    makes a product of it: ": Deluxe Edition".
    """
    tables = load_tables(language)
    found = {name: guarded(forms(name, tables)) for name in FORMS}
    found |= {name: guarded(re.compile(alternation(tables[name]))) for name in WORDS}
    articles, nouns = (alternation(tables[name]) for name in ("definite_articles", "title_nouns"))
    editions = alternation(tables["edition_nouns"])
    return found | {
        "before_noun": guarded(re.compile(rf"\b{articles} ([{CAPITAL}]\w+) {nouns}")),
        "edition": guarded(re.compile(rf": (?:[{CAPITAL}][\w'-]* ){{0,3}}{editions}")),
    }
