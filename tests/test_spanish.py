"""Spanish is tables and rules alone: nothing in it is code, and it has every table the engine asks for."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline import extract
from pipeline.extract.lexicon import load_tables
from pipeline.extract.rules import load_rules
from storage.model import Kind
from tests.readings import load_rows, score

ENGINE = sorted(Path(extract.__file__).parent.glob("*.py"))
ASKED = re.compile(r"(?:tables\[|words\(|\bforms\()\"([a-z_]+)\"")
ROWS = load_rows("spanish.yaml")


def asked_for() -> set[str]:
    """The names of the tables that stand in the engine's source."""
    return {name for path in ENGINE for name in ASKED.findall(path.read_text(encoding="utf-8"))}


def test_it_has_every_table_the_engine_asks_for() -> None:
    asked = asked_for()
    assert len(asked) > 20
    assert asked - set(load_tables("es").tables) == set()


def test_it_has_rules_for_every_kind() -> None:
    assert {rule.kind for rule in load_rules("es")} == set(Kind)


def test_a_rule_that_is_called_the_same_means_the_same_as_in_english() -> None:
    english = {rule.id: rule for rule in load_rules("en")}
    twins = [(rule, english[rule.id]) for rule in load_rules("es") if rule.id in english]
    assert len(twins) > 20
    assert [spanish.id for spanish, twin in twins if spanish.means != twin.means] == []


def test_half_of_its_corpus_announces_nothing() -> None:
    silent = [row for row in ROWS if not row.must]
    assert len(ROWS) >= 80
    assert 2 * len(silent) >= len(ROWS)


def test_its_corpus_is_read_well() -> None:
    result = score(ROWS)
    everything = result.counts["ALL"]
    assert everything.precision >= 0.95, result.table()
    assert everything.recall >= 0.95, result.table()
    assert result.counts["null"].recall >= 0.9, result.table()
    assert result.false_alarm_rate <= 0.02, result.table()


def test_the_page_on_languages_names_every_table_the_engine_asks_for() -> None:
    page = (Path(__file__).parents[1] / "docs" / "adding-a-language.md").read_text(encoding="utf-8")
    assert asked_for() - set(re.findall(r"`([a-z_]+)`", page)) == set()
