"""What is passed over without being read tells nothing: the gates in front of the reader lose no name and no match."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract import watch_works
from pipeline.extract.text import clean, paragraphs, sentences
from storage.model import Work

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
