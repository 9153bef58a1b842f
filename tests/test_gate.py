"""What is passed over without being read tells nothing: the gates in front of the reader lose no name and no match."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract import Watch, read, watch_works
from pipeline.extract.forms import load_forms
from pipeline.extract.gate import Gate, load_gate
from pipeline.extract.lexicon import languages
from pipeline.extract.needs import guarded
from pipeline.extract.rules import load_rules
from pipeline.extract.text import clean, paragraphs, sentences
from storage.model import Item, Reading, Work
from tests.readings import CORPUS, Row, load_rows
from tests.test_extract_fuzz import NEWS
from tests.test_extract_fuzz import WATCH as NEWS_WATCH

WATCH = watch_works(
    tuple(
        Work(id=title, title=title, franchise_id="f")
        for title in ("Harbour Nine", "Harbour", "The Long Tide", "Mr. Tide", "Ash", "From", "Tide. Ash")
    )
)
PIECES = (
    "Harbour|Nine|The Long|Tide|Mr.|Ash|From|flash|Ashes|nine|-|.|. |!|'|\"|\n|\n\n|\t| |\u2003|\u2028|\x00|x"
    + "x" * 90
)
TEXT = st.lists(st.sampled_from(PIECES.split("|")) | st.just(" "), max_size=40).map("".join) | st.text(max_size=60)


@settings(max_examples=500, deadline=None)
@given(text=TEXT)
def test_a_text_that_may_not_be_read_has_no_name_in_any_sentence(text: str) -> None:
    cleaned = clean(text)
    found = [WATCH.find(sentence) for part in paragraphs(cleaned) for sentence in sentences(part)]
    assert WATCH.may_find(cleaned) or not any(found)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60))
def test_cleaned_text_has_no_white_space_but_spaces_and_line_feeds(text: str) -> None:
    assert {char for char in clean(text) if char.isspace()} <= {" ", "\n"}
    assert clean(text.encode("ascii", "ignore").decode()) == clean(text.encode("ascii", "ignore").decode() + "é")[:-1]


ARTICLES = [row for path in sorted((CORPUS / "articles").glob("*.yaml")) for row in load_rows(f"articles/{path.name}")]
PROOFS = [
    Item(
        source_id="proof", identity="1", url=None, title="", text=case["text"], language=case.get("language", language)
    )
    for language in languages()
    for rule in load_rules(language)
    for case in (*rule.examples, *rule.rejects)
]


def read_through_the_gate_and_past_it(item: Item, watch: Watch) -> tuple[Reading, Reading]:
    """Past the gate, every pattern is tried on every sentence of an item with a name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gate, "words", lambda gate, low: set(gate._met_by_word))
        patch.setattr(Gate, "met", lambda gate, words: ALL_NEEDS)
        past = read(item, watch)
    return read(item, watch), past


ALL_NEEDS = -1


@pytest.mark.parametrize("row", ARTICLES[::3], ids=lambda row: row.item.title[:30])
def test_an_article_is_read_as_if_every_pattern_were_tried(row: Row) -> None:
    through, past = read_through_the_gate_and_past_it(row.item, watch_works(row.works))
    assert through == past
    assert through.namings


def test_a_proof_of_a_rule_is_read_as_if_every_pattern_were_tried() -> None:
    for item in PROOFS[::2]:
        through, past = read_through_the_gate_and_past_it(item, NEWS_WATCH)
        assert through == past, item.text


@settings(max_examples=100, deadline=None)
@given(title=NEWS, text=NEWS)
def test_invented_news_are_read_as_if_every_pattern_were_tried(title: str, text: str) -> None:
    at = dt.datetime(2026, 1, 10, tzinfo=dt.UTC)
    item = Item(source_id="f", identity="1", url=None, title=title, text=f"Harbour Nine. {text}", published_at=at)
    through, past = read_through_the_gate_and_past_it(item, NEWS_WATCH)
    assert through == past


PEOPLE = (
    "Maria Keller likes soup.",
    "Jonas Keller lives in Bergen.",
    "Keller grew up by the sea.",
    "Jonas Brandt has never owned a boat.",
    "She joins the cast of Harbour Nine.",
    "Keller joins the cast of Harbour Nine.",
    "Brandt and Keller will star in Harbour Nine.",
    "He exits Harbour Nine.",
    "Tunde Akinlade exits Harbour Nine.",
    "Harbour Nine was a hit.",
    "Nobody talked about it.",
)


@settings(max_examples=150, deadline=None)
@given(said=st.lists(st.sampled_from(PEOPLE), max_size=8))
def test_who_was_named_in_a_sentence_that_was_passed_over_is_known_further_down(said: list[str]) -> None:
    item = Item(source_id="f", identity="1", url=None, title="Harbour Nine News", text=" ".join(said))
    through, past = read_through_the_gate_and_past_it(item, NEWS_WATCH)
    assert through == past


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Maria Keller likes soup. Keller joins the cast of Harbour Nine.", ["Maria Keller"]),
        ("Maria Keller likes soup. She joins the cast of Harbour Nine.", ["Maria Keller"]),
        ("Jonas Brandt sings. Maria Keller likes soup. Brandt joins the cast of Harbour Nine.", ["Jonas Brandt"]),
        (
            "Maria Keller likes soup. Tunde Akinlade exits Harbour Nine. He joins the cast of Harbour Nine.",
            ["Tunde Akinlade", "Tunde Akinlade"],
        ),
    ],
)
def test_a_person_is_remembered_from_a_sentence_that_tells_nothing(text: str, people: list[str]) -> None:
    item = Item(source_id="f", identity="1", url=None, title="Harbour Nine News", text=text)
    assert [mention.person for mention in read(item, NEWS_WATCH).mentions] == people


@pytest.mark.parametrize(
    ("pattern", "text", "needs"),
    [
        (
            "cancel(?:s|led)? the show",
            "cancelled the show",
            [{"cancel the show", "cancels the show", "cancelled the show"}],
        ),
        ("(?:new|next) [a-z]+ day", "the next big day", [{"new ", "next "}, {" day"}]),
        (r"\bs0?\d{1,2}\b", "s04", [{f"s{n}" for n in range(10)}]),
        ("[ab]+.*", "an x", []),
        ("(?:spin-?offs?|[\ue000-\ue0c7])!", "spinoff!", [{"spin-off", "spinoff", "<work>"}]),
        ("(?!not )(?<=so )odd+", "so oddd", [{"odd"}]),
        ("why[^.]*\\?", "why not?", [{"why"}, {"?"}]),
        ("(?P<a>HBO|FX)", "HBO", [{"hbo", "fx"}]),
    ],
)
def test_the_needs_of_a_pattern(pattern: str, text: str, needs: list[set[str]]) -> None:
    assert re.search(pattern, text)
    assert {frozenset(need) for need in needs} == set(guarded(lambda spell: pattern).needs)


@pytest.mark.parametrize("language", languages())
def test_the_sketch_of_a_pattern_tells_the_same_needs(language: str) -> None:
    """One character for a choice of words tells what the choice spelled out does."""
    of_rules = (each for rule in load_rules(language) for each in (*rule.reads, *rule.unless, *rule.without))
    for sketched in (*of_rules, *load_forms(language).values()):
        assert guarded(lambda _, whole=sketched.pattern: whole.pattern).needs == sketched.needs


@pytest.mark.parametrize("language", languages())
def test_every_pattern_of_a_rule_needs_something(language: str) -> None:
    """One without needs is tried on every sentence: give it a word of three letters or a symbol."""
    without = [rule.id for rule in load_rules(language) for pattern in rule.reads if not pattern.needs]
    assert without == []
    assert load_gate(language).candidates([], 0) == []
