"""The small language rules and word forms are written in, compiled to `re`.

    {table}     any surface form of that lexicon table; of a table whose name ends in _forms, any of its templates
    {date}      the symbol of an entity (see `tagging.SORTS`); `{date:previous}` names it
    {players}   {people} who are the subject of the verb that follows, with an apposition in commas or brackets
    {people}    one or more persons in a list, with what stands in brackets between them; {team}: joined by "and" only
    {named}     a followed work or another title; {other}: another title. Titles may stand in quotation marks
    ..          a gap inside the clause: at most 60 characters, no other work, title or date
    ...         a longer gap: at most 120 characters
    ~           a gap that may pass other works and titles, but no date: at most 80 characters
Everything else is a regular expression over lower-case text. Spaces match one space; words match whole words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from pipeline.extract.lexicon import Tables

SORTS = (
    "work", "aside", "title", "maybe", "org", "season", "final", "fresh", "date", "until", "near", "person", "crew",
    "part",
)  # fmt: skip
"""Each sort of entity has its block of private-use characters, `BLOCK` long, in this order."""
BLOCK = 200
BASE = {sort: 0xE000 + i * BLOCK for i, sort in enumerate(SORTS)}

Spelling = Callable[[Iterable[object]], str]
"""Surface forms → a regular expression for any of them."""

_NAME = re.compile(r"\(\?P<[a-z_]+>")
_GAP = re.compile(r"\.\.\.?|~")
_HOLE = re.compile(r"\{([a-z_]+)(?::([a-z_]+))?\}")


def symbols(*sorts: str) -> str:
    """A character class that matches any symbol of these sorts."""
    return "[" + "".join(f"{chr(BASE[sort])}-{chr(BASE[sort] + BLOCK - 1)}" for sort in sorts) + "]"


_SORTS_OF = {
    "people": frozenset({"person"}),
    "team": frozenset({"person"}),
    "season": frozenset({"season", "final"}),
    "named": frozenset({"work", "title"}),
    "other": frozenset({"title", "maybe"}),
}
"""Holes that stand for more than one sort, or for several of one."""
_PERSON = symbols("person")
_APPOSITION = rf"(?:,(?:(?!{_PERSON})[^;:!?]){{1,90}},| \([^)]{{0,60}}\))?"
_AND = r"(?:,? and, [^,;:!?]{1,50}, |, and |, & |, | and | & |, as well as | as well as |, plus )"
_BESIDE = r"(?:,? ?\([^()]{0,60}\)|, who [^,;]{1,60}(?=, and )|,? as [a-z' -]{1,40}?)?"
"""What may stand behind one name of a list: credits in brackets, who it is, whom it plays."""
_ADJECTIVES = r"(?:(?!(?:and|will|to|is|are|was|has|have|stars?|starring) )[a-z'-]{1,15} ){0,3}?"
_LIST = rf"(?>{_PERSON}(?:{_BESIDE}{_AND}{_ADJECTIVES}{_PERSON}){{0,15}})"
_DATES = "".join(symbols(sort)[1:-1] for sort in ("date", "until"))
_STOP = "".join(symbols(sort)[1:-1] for sort in ("work", "title")) + _DATES
_CLAUSE_END = r"(?! but | while | though | although | whereas | because |, which |, and | - )"
_GAPS = {
    "...": rf"(?:{_CLAUSE_END}[^;:!?{_STOP}]){{0,120}}?",
    "~": rf"(?:{_CLAUSE_END}[^;:!?{_DATES}]){{0,80}}?",
    "..": rf"(?:{_CLAUSE_END}[^;:!?{_STOP}]){{0,60}}?",
}


def expand(template: str, tables: Tables, spell: Spelling | None = None) -> str:
    """The regular expression that `template` stands for; KeyError names a table that does not exist.

    `spell` writes a choice of words, `alternation` where nothing is said.
    """
    pieces, at = [], 0
    for hole in _HOLE.finditer(template):
        pieces.append(_gaps(template[at : hole.start()]))
        pieces.append(_fill(hole[1], hole[2], tables, spell or alternation))
        at = hole.end()
    return "".join([*pieces, _gaps(template[at:])])


def _gaps(plain: str) -> str:
    return _GAP.sub(lambda gap: _GAPS[gap[0]], plain)


def _fill(name: str, label: str | None, tables: Tables, spell: Spelling) -> str:
    if name == "people":
        body = _LIST
    elif name == "players":
        behind = "".join(f"(?<!{word} )" for word in tables["words_before_objects"])
        return f"{behind}(?P<people>{_LIST}){_APPOSITION}"
    elif name == "team":
        body = rf"{_PERSON}(?:(?: and | & ){_PERSON})*"
    elif name in _SORTS_OF or name in BASE:
        body = symbols(*sorted(_SORTS_OF.get(name, {name})))
    elif name.endswith("_forms"):
        body = "(?:" + "|".join(unnamed(str(form), tables, spell) for form in tables[name]) + ")"
    else:
        body = spell(tables[name])
    group = label or (name if name in BASE or name in ("people", "team") else None)
    found = f"(?P<{group}>{body})" if group else body
    return f"['\"]?{found}['\"]?" if name in ("work", "title", "named", "other") else found


def alternation(surfaces: Iterable[object]) -> str:
    """Any of the surface forms as a whole word, the longest first.

    They are spelled as a tree of their letters, so that a text is left at the first letter that none of them has.
    """
    trie: _Trie = {}
    for word in map(str, surfaces):
        node = trie
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}
    starts = (rf"{_letter(char)}(?<![\w'-].){_spelled(node)}" for char, node in trie.items())
    return f"(?:{'|'.join(starts)})(?![\\w-])"


_Trie = dict[str, "_Trie"]
"""Letter → what may follow; "" where a word may end."""


def _spelled(trie: _Trie) -> str:
    ways = [_letter(char) + _spelled(node) for char, node in trie.items() if char]
    if not ways:
        return ""
    spelled = ways[0] if len(ways) == 1 and "" not in trie else f"(?:{'|'.join(ways)})"
    return f"{spelled}?" if "" in trie else spelled


def _letter(char: str) -> str:
    return " " if char == " " else re.escape(char)


def any_form(name: str, tables: Tables, spell: Spelling | None = None) -> str:
    """Any template of a table that lists some ("season {season_cardinals}"); their symbols are not named."""
    return "|".join(f"(?:{unnamed(str(form), tables, spell)})" for form in tables[name])


def unnamed(template: str, tables: Tables, spell: Spelling | None = None) -> str:
    """As `expand`, without names, so that a symbol may stand twice."""
    return _NAME.sub("(?:", expand(template, tables, spell))
