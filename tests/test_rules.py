"""Every rule proves itself: each of its examples is read by that very rule, and none of its rejects is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from ruamel.yaml import YAML

from pipeline import extract
from pipeline.extract import read, watch_works
from pipeline.extract.lexicon import languages, load_tables
from pipeline.extract.patterns import expand
from pipeline.extract.rules import Rule, load_rules
from storage.model import Item, Mention, Work

FOLDER = Path(extract.__file__).parent
PUBLISHED = dt.date(2026, 1, 10)
WATCH = watch_works(
    (
        Work(id="harbour-nine", title="Harbour Nine", franchise_id="harbour"),
        Work(id="outer-harbour", title="Outer Harbour", franchise_id="harbour", parent="harbour-nine"),
        Work(id="the-long-tide", title="The Long Tide", franchise_id="tide", kind="film"),
    )
)


LANGUAGES = [folder for folder in languages() if (FOLDER / "rules" / folder).is_dir()]


NOT_YET: frozenset[str] = frozenset()
"""Proofs that do not hold yet; a mended one is taken out of here."""


def cases(proof: str) -> list[ParameterSet]:
    return [
        pytest.param(
            language,
            rule,
            case,
            id=f"{language}-{rule.id}-{number}",
            marks=[pytest.mark.xfail(strict=False)] if f"{proof}:{language}-{rule.id}-{number}" in NOT_YET else [],
        )
        for language in LANGUAGES
        for rule in load_rules(language)
        for number, case in enumerate(getattr(rule, proof))
    ]


def mentions_by(rule: Rule, language: str, case: Mapping[str, Any]) -> list[Mention]:
    day = case.get("published", PUBLISHED)
    item = Item(
        source_id="proof",
        identity="1",
        url=None,
        title=case["text"],
        published_at=dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC),
        language=case.get("language", language),
    )
    return [mention for mention in read(item, WATCH).mentions if mention.rule == rule.id]


def said(mention: Mention) -> dict[str, Any]:
    return {
        "value": mention.date.edtf if mention.date else mention.value,
        "season": mention.season,
        "person": mention.person,
        "action": mention.action,
        "role": mention.role,
        "character": mention.character,
        "status": mention.status.value,
        "absent": mention.null,
        "background": mention.background,
        "work": mention.works[0] if mention.works else None,
    }


def wanted(case: Mapping[str, Any]) -> dict[str, Any]:
    """What the example asserts; it is news and no null claim unless it says so."""
    asserted = {key: value for key, value in case.items() if key not in ("text", "published", "language")}
    if "value" in asserted:
        asserted["value"] = str(asserted["value"])
    return {"absent": False, "background": False, **asserted}


@pytest.mark.parametrize(("language", "rule", "example"), cases("examples"))
def test_an_example_is_read_by_its_rule(language: str, rule: Rule, example: Mapping[str, Any]) -> None:
    found = [said(mention) for mention in mentions_by(rule, language, example)]
    assert any(wanted(example).items() <= one.items() for one in found), f"{wanted(example)} is not among {found}"


@pytest.mark.parametrize(("language", "rule", "reject"), cases("rejects"))
def test_a_reject_is_not_read_by_its_rule(language: str, rule: Rule, reject: Mapping[str, Any]) -> None:
    assert mentions_by(rule, language, reject) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_proof_only_once_in_a_rule(language: str) -> None:
    for rule in load_rules(language):
        texts = [case["text"] for case in (*rule.examples, *rule.rejects)]
        assert len(set(texts)) == len(texts), rule.id


def test_the_rule_in_the_documentation_is_a_rule() -> None:
    text = (Path(__file__).parent.parent / "docs" / "reading.md").read_text(encoding="utf-8")
    (rule,) = YAML(typ="safe").load(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])
    for template in (*rule["reads"], *rule["unless"], *rule["without"]):
        re.compile(expand(template, load_tables("en")))
    assert len(rule["examples"]) >= 2
    assert rule["rejects"]
