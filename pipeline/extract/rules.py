"""Rules are data: each YAML file in `rules/<language>/` lists rules, and every rule carries its proof.

    - id: release_date.premieres_on
      reads: ["{premiere_verb}.. {date}"]        patterns over a reduced sentence (see `patterns`)
      follows: release_date                      only where the sentence before tells of this kind
      unless: ["{filming_noun}.. {date}"]        not where one of these overlaps the match
      without: ["{trailer_noun}"]                not where one of these stands in the same clause
      means: {kind: release_date, role: premiere}
      examples: [{text: ..., published: 2027-01-10, value: 2027-03-04}, ...]     at least two
      rejects: ["..."]                                                           at least one

`means` gives the constant fields of the mention; the named symbols of the pattern give the others. No code inside YAML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import resources
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.extract.lexicon import Tables, load_tables
from pipeline.extract.needs import Guarded, guarded
from pipeline.extract.patterns import Spelling, expand, unnamed
from storage.errors import RuleError
from storage.model import Kind

_KEYS = {"id", "reads", "follows", "unless", "without", "means", "examples", "rejects"}
_MEANINGS = {"kind", "role", "action", "value", "status", "absent", "background", "stance"}
_EXAMPLE_KEYS = {
    "text", "published", "value", "season", "person", "action", "role", "work", "status", "absent", "background",
    "character", "language",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, compiled."""

    id: str
    kind: Kind
    means: Mapping[str, Any]
    reads: tuple[Guarded, ...]
    follows: Kind | None
    unless: tuple[Guarded, ...]
    without: tuple[Guarded, ...]
    examples: tuple[Mapping[str, Any], ...]
    rejects: tuple[Mapping[str, Any], ...]


@lru_cache(maxsize=8)
def load_rules(language: str = "en") -> tuple[Rule, ...]:
    """Every rule of `language`, by file name and place; RuleError names the file and rule that lacks its proof."""
    folder = resources.files("pipeline.extract") / "rules" / language
    tables = load_tables(language)
    rules: list[Rule] = []
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name):
        try:
            rows = YAML(typ="safe").load(file.read_text(encoding="utf-8")) or []
        except YAMLError as error:
            raise RuleError(f"{language}/{file.name}: {error}") from error
        rules += [_rule(row, f"{language}/{file.name}", tables) for row in rows]
    _refuse_twins(rules)
    return tuple(rules)


def _rule(row: Mapping[str, Any], where: str, tables: Tables) -> Rule:
    where = f"{where}: rule {row.get('id', '(without id)')}"
    if unknown := set(row) - _KEYS:
        raise RuleError(f"{where}: unknown keys {sorted(unknown)}; allowed are {sorted(_KEYS)}")
    means = row.get("means") or {}
    if "kind" not in means or (unknown := set(means) - _MEANINGS):
        raise RuleError(f"{where}: `means` needs a kind and allows only {sorted(_MEANINGS)}")
    if not row.get("reads"):
        raise RuleError(f"{where}: `reads` is missing")
    examples, rejects = row.get("examples") or [], row.get("rejects") or []
    if len(examples) < 2 or not rejects:
        raise RuleError(f"{where}: needs two examples and one reject as proof")
    for example in examples:
        if unknown := set(example) - _EXAMPLE_KEYS:
            raise RuleError(f"{where}: unknown keys {sorted(unknown)} in an example")
    return Rule(
        id=row["id"],
        kind=Kind(means["kind"]),
        means=means,
        reads=_compile(row["reads"], where, tables, expand),
        follows=Kind(row["follows"]) if "follows" in row else None,
        unless=_compile(row.get("unless") or [], where, tables, unnamed),
        without=_compile(row.get("without") or [], where, tables, unnamed),
        examples=tuple(examples),
        rejects=tuple({"text": r} if isinstance(r, str) else r for r in rejects),
    )


def _compile(
    templates: list[str], where: str, tables: Tables, translate: Callable[[str, Tables, Spelling], str]
) -> tuple[Guarded, ...]:
    try:
        return tuple(guarded(partial(translate, template, tables)) for template in templates)
    except KeyError as error:
        raise RuleError(f"{where}: no lexicon table called {error}") from error
    except re.error as error:
        raise RuleError(f"{where}: {error} in the pattern {error.pattern!r:.200}") from error


def _refuse_twins(rules: list[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"rule {rule.id} is defined twice")
        seen.add(rule.id)
