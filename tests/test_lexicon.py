"""What a lexicon folder may hold, and what the loader says of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract.lexicon import languages, load_tables, read_tables
from storage.errors import RuleError


def folder(tmp_path: Path, **files: str) -> Path:
    """A lexicon folder `xx`; `a_yaml="…"` becomes the file `a.yaml`."""
    home = tmp_path / "xx"
    home.mkdir()
    for name, text in files.items():
        (home / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return home


def test_a_mapping_keeps_its_values_and_their_order(tmp_path: Path) -> None:
    tables = read_tables(folder(tmp_path, a_yaml="months: {march: 3, may: 5}\nroles:\n  opens: theatrical\n"))
    assert list(tables["months"].items()) == [("march", 3), ("may", 5)]
    assert tables["roles"]["opens"] == "theatrical"
    assert tables.language == "xx"


def test_a_list_maps_each_form_to_itself(tmp_path: Path) -> None:
    tables = read_tables(folder(tmp_path, a_yaml="negations: [not, never, no]\n"))
    assert dict(tables["negations"]) == {"not": "not", "never": "never", "no": "no"}
    assert tables.words("negations") == {"not", "never", "no"}


def test_a_text_file_is_one_list_named_by_the_file(tmp_path: Path) -> None:
    tables = read_tables(folder(tmp_path, names_txt="# given names\nada\n\n  josé \n"))
    assert tables.words("names") == {"ada", "josé"}


def test_tables_of_several_files_stand_side_by_side(tmp_path: Path) -> None:
    tables = read_tables(folder(tmp_path, a_yaml="one: [a]\n", b_yaml="two: [b]\n", c_yaml="# nothing yet\n"))
    assert list(tables.tables) == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("months:\n  may: 5\n  may: 5\n", 'a.yaml:3: "may" is there twice', id="form-twice"),
        pytest.param("one: [may]\none: [june]\n", 'a.yaml:2: table "one" is there twice', id="table-twice"),
        pytest.param("words: [of, of]\n", 'a.yaml:1: "of" is there twice', id="item-twice"),
        pytest.param("numbers:\n  2: two\n", "a.yaml:2: 2 must be a string", id="number-as-form"),
        pytest.param("words: [yes, true]\n", "a.yaml:1: true must be a string", id="truth-as-form"),
        pytest.param("words: {a: 1.5}\n", "a.yaml:1: 1.5 must be a string", id="fraction-as-value"),
        pytest.param("words: {a: }\n", "a.yaml:1:  must be a string", id="no-value"),
        pytest.param("words:\n  a: [b]\n", "a.yaml:2: a collection must be a string", id="list-as-value"),
        pytest.param('words: [""]\n', "a.yaml:1:  must be a string", id="empty-form"),
        pytest.param("months: 5\n", "a.yaml:1: a table must be a list of forms", id="scalar-table"),
        pytest.param("- may\n- june\n", "a.yaml:1: must be tables by name", id="no-tables"),
        pytest.param("months: {may: 5\nwords: [a]\n", "a.yaml:2: is not YAML", id="broken"),
        pytest.param("a: [b]\n---\nc: [d]\n", "a.yaml:2: is not YAML", id="two-documents"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_tables(folder(tmp_path, a_yaml=text))
    assert message in str(caught.value)


def test_a_table_in_two_files_is_told_with_both(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r'b\.yaml:2: table "words" is already in a\.yaml:1'):
        read_tables(folder(tmp_path, a_yaml="words: [a]\n", b_yaml="\nwords: [b]\n"))


def test_a_word_twice_in_a_text_file_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r'names\.txt:3: "ada" is there twice'):
        read_tables(folder(tmp_path, names_txt="ada\nbo\nada\n"))


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    home = folder(tmp_path)
    (home / "names.txt").write_bytes(b"jos\xe9\n")
    with pytest.raises(RuleError, match=r"names\.txt: is not UTF-8"):
        read_tables(home)


def test_words_that_other_yaml_takes_for_truth_values_stay_words(tmp_path: Path) -> None:
    tables = read_tables(folder(tmp_path, a_yaml="before: [on, no, off, y, n]\n"))
    assert tables.words("before") == {"on", "no", "off", "y", "n"}


@pytest.mark.parametrize("language", ["", "xx", "..", "en/../en", "EN"])
def test_an_unknown_language_names_those_there_are(language: str) -> None:
    with pytest.raises(RuleError, match="there is one for en"):
        load_tables(language)


@pytest.mark.parametrize("language", languages())
def test_every_language_loads_once(language: str) -> None:
    assert load_tables(language) is load_tables(language)
    assert load_tables(language).tables
