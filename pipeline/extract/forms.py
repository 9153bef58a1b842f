"""The tables of word forms that are looked for in whole sentences, compiled: `load_forms(language)["wish_forms"]`.

Each comes with its needs, so that a sentence in which none of its words stand costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

from pipeline.extract.lexicon import Tables, load_tables
from pipeline.extract.needs import Guarded, guarded
from pipeline.extract.patterns import Spelling, any_form
from pipeline.extract.text import CAPITAL

FORMS = (
    "season_forms", "part_forms", "crew_forms", "title_place_forms", "aside_forms", "clause_break_forms",
    "absent_forms", "negated_forms", "not_negated_forms", "wish_forms", "intention_forms", "reported_future_forms",
    "question_forms", "rumour_near_forms", "rumour_forms", "report_forms", "denial_forms", "retold_forms",
    "future_forms", "backshift_forms", "background_forms", "attribution_forms", "spin_off_of_forms",
    "anaphor_forms", "pronoun_forms", "stranger_forms", "heading_forms", "speaker_forms", "other_project_forms",
    "retelling_title_forms",
)  # fmt: skip
WORDS = ("networks", "outlets", "pointers")


@lru_cache(maxsize=8)
def load_forms(language: str) -> Mapping[str, Guarded]:
    """The compiled forms of a language by table; KeyError names a table that it lacks.

    `before_noun` is one capitalised word before a noun of works: "the Kestrel finale"; `behind_noun` one behind
    it and before the word of a time or place: "the spy drama Kestrel on"; `season_of` one behind such a noun and a
    season: "the third season of the contest Proof"; `edition` is what behind a title makes a product
    of it: ": Deluxe Edition".
    """
    tables = load_tables(language)
    found = {name: guarded(partial(any_form, name, tables)) for name in FORMS}
    found |= {name: guarded(partial(_any_word, name, tables)) for name in WORDS}
    return found | {
        "before_noun": guarded(
            lambda spell: rf"\b{spell(tables['definite_articles'])} ([{CAPITAL}]\w+) {spell(tables['title_nouns'])}"
        ),
        "behind_noun": guarded(
            lambda spell: (
                rf"\b{spell(tables['definite_articles'])} (?:[\w-]+ ){{0,3}}?{spell(tables['work_noun'])} "
                rf"([{CAPITAL}][\w'-]+[^\W_s])(?= {spell([*tables['place_words'], *tables['into_words']])} \x00| \x00)"
            )
        ),
        "season_of": guarded(
            lambda spell: (
                rf"(?<=\x00) of {spell(tables['definite_articles'])} (?:[\w-]+ ){{0,3}}?"
                rf"{spell([*tables['work_noun'], *tables['genre_nouns']])} ([{CAPITAL}][\w'-]+)"
            )
        ),
        "edition": guarded(lambda spell: rf": (?:[{CAPITAL}][\w'-]* ){{0,3}}{spell(tables['edition_nouns'])}"),
    }


def _any_word(name: str, tables: Tables, spell: Spelling) -> str:
    return spell(tables[name])
