"""Names of persons in a sentence, in running text and in headlines where every word has a capital.

A name is a known given name with what follows it, or two or three capitalised words of which none is an everyday word.
`People` remembers the surnames of those named in full, so that "Pascal" is known further down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from pipeline.extract.lexicon import Tables
from pipeline.extract.patterns import alternation
from pipeline.extract.text import CAPITAL

_TOKEN = re.compile(r"[^\W\d_][\w'.-]*")
_LAST_ONLY = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_PRONOUN = re.compile(r"[HhSs](?<!\w.)(?:(?<=[Hh])|(?<=[Ss])[Hh])[Ee]\b")
"""He and she, spelled so that a text is searched for their first letters."""
_NAME = r"(?P<name>[A-Z][a-z'-]+ (?:[A-Z]\. )?[A-Z][\w'-]*[a-z])"
_JOINED_AFTER = re.compile(rf"(?:, and | and | & |, ){_NAME}\b(?!')")
_JOINED_BEFORE = re.compile(rf"\b{_NAME}(?:, and | and | & |, )$")
_GIVEN_BEFORE = re.compile(rf"(?:^|[^\w{CAPITAL}' ] |\b[a-z]+ )([{CAPITAL}][a-z]+) $")
_INITIAL = re.compile(r"[A-Z]\.?(?:[A-Z]\.?)?$")


class People:
    """Finds persons in the sentences of one item, one after another."""

    def __init__(self, tables: Tables) -> None:
        self._words = _name_words(tables)
        self._surnames: dict[str, str] = {}
        self._last: list[str] = []
        self._put_off: list[tuple[str, Callable[[], object]]] = []

    def put_off(self, low: str, find: Callable[[], object]) -> None:
        """Leave a sentence (`low` in lower case) for now; `find` looks for its persons if a later one may name them."""
        self._put_off.append((low, find))

    def find(self, text: str, title_case: bool) -> list[tuple[int, int, str]]:
        """`(start, end, name)` of each person in `text`, where NUL characters stand for what is known already."""
        found = []
        runs = self._runs(text)
        points_back = _PRONOUN.search(text) or self._words.pointers.search(text)
        if self._put_off and (points_back or self._may_be_known(runs)):
            put_off, self._put_off = self._put_off, []
            for _, find in put_off:
                find()
        for run in runs:
            at = 0
            while at < len(run):
                size = self._name_at(run, at, title_case)
                if size and not self._is_attribute(run[at + size - 1][0]):
                    found.append(self._person(run[at : at + size]))
                at += size or 1
        return sorted([*found, *self._coordinated(text, found, title_case), *self._pronouns(text, found)])

    def begins_name(self, text: str, start: int, end: int) -> bool:
        """Whether the word at `start` is the surname of a person: a given name and nothing else stands before it."""
        before = _GIVEN_BEFORE.search(text, max(0, start - 40), start)
        if before is None or " " in text[start:end]:
            return False
        given = before[1].lower()
        return given in self._words.given and given not in self._words.common and given not in self._words.never

    def _coordinated(
        self, text: str, found: list[tuple[int, int, str]], title_case: bool
    ) -> Iterator[tuple[int, int, str]]:
        """Two capitalised words joined to a person by "and" or a comma are a person too, whatever the words."""
        taken = {at for start, end, _ in found for at in range(start, end)}
        for start, end, _ in found:
            for match in (_JOINED_AFTER.match(text, end), _JOINED_BEFORE.search(text, max(0, start - 60), start)):
                if match is None or any(at in taken for at in range(*match.span("name"))):
                    continue
                words = [word.lower() for word in match["name"].split()]
                follow = re.match(r"\s+([A-Za-z][\w'-]*)", text[match.end("name") :])
                closed = not title_case or follow is None or self._ends_name(follow[1].lower())
                known = words[0] in self._words.given
                if closed and not any(map(self._ends_name, words[known:])):
                    yield (*match.span("name"), match["name"])

    def _ends_name(self, word: str) -> bool:
        return word in self._words.never or word in self._words.function

    def _pronouns(self, text: str, found: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
        """ "he", "she" and "the actor" stand for the person named last, where only one was."""
        for match in (*_PRONOUN.finditer(text), *self._words.pointers.finditer(text)):
            before = [name for start, _, name in found if start < match.start()] or self._last
            if len(set(before)) == 1:
                yield match.start(), match.end(), before[-1]
        if found:
            self._last = [name for _, _, name in found]
            if self._put_off:
                self._put_off.append(("", partial(setattr, self, "_last", self._last)))

    def _may_be_known(self, runs: list[list[re.Match[str]]]) -> bool:
        """Whether a word that may be a surname stands in a sentence that was put off."""
        words = {_bare(token[0]).lower() for run in runs for token in run} - self._words.never - self._words.function
        return any(word in text for text, _ in self._put_off for word in words)

    def _runs(self, text: str) -> list[list[re.Match[str]]]:
        """Neighbouring capitalised words, parted by one space and nothing else."""
        runs: list[list[re.Match[str]]] = []
        for token in _TOKEN.finditer(text):
            capital = text[token.start()].isupper()
            if not capital and not (runs and token[0].lower() in self._words.particles):
                continue
            last = runs[-1][-1] if runs else None
            if last and text[last.end() : token.start()] == " " and not last[0].endswith(("'s", "'")):
                runs[-1].append(token)
            elif capital:
                runs.append([token])
        return runs

    def _name_at(self, run: list[re.Match[str]], at: int, title_case: bool) -> int:
        """How many tokens of `run` from `at` are one person's name; 0 for none."""
        low = [_bare(token[0]).lower() for token in run[at:]]
        spoken = (
            low[0] in self._words.given
            and low[1:]
            and low[1] not in self._words.common
            and low[1] not in self._words.never
        )
        if (low[0] in self._words.never and not spoken) or (_INITIAL.match(run[at][0]) is None and len(low[0]) < 2):
            return 0
        if low[0] in self._words.given or _is_initials(run[at][0]):
            return self._after_given(run[at:], low, title_case)
        if self._remembered(low[0]):
            return 1
        size = self._unknown_words(run[at:], low)
        if size < 2 and (self._is_acting(run[at:], low, title_case) or (at == 0 and self._is_called(run, low))):
            return 2
        return size if size in (2, 3) and (not title_case or size == 2) else 0

    def _is_acting(self, run: list[re.Match[str]], low: list[str], title_case: bool) -> bool:
        """Whether two words, everyday ones too, stand before a verb of casting: "Soren Hale joins"."""
        if len(low) < 2 or self._ends_name(low[0]) or self._ends_name(low[1]):
            return False
        if title_case:
            return len(low) > 2 and low[0] not in self._words.common and low[2] in self._words.acting
        return len(low) == 2 and self._words.acts.match(run[1].string, run[1].end()) is not None

    def _is_called(self, run: list[re.Match[str]], low: list[str]) -> bool:
        """Whether two words, everyday ones too, stand behind what somebody is: "the comedian Soren Hale"."""
        before = run[0].string[: run[0].start()].rpartition(" ")[0].rpartition(" ")[2].lower()
        return (
            len(low) == 2
            and before in self._words.callings
            and not (self._ends_name(low[0]) or self._ends_name(low[1]))
        )

    def _after_given(self, run: list[re.Match[str]], low: list[str], title_case: bool) -> int:
        size, surname = 1, False
        ambiguous = low[0] in self._words.common
        if run[0][0].isupper() and "." not in run[0][0] and len(low) > 1 and low[1] in self._words.common:
            return 0
        while size < min(len(run), 5):
            if run[size - 1][0].endswith(("'s", "'")):
                break
            word, token = low[size], run[size][0]
            if word in self._words.never or word in self._words.function:
                break
            if _INITIAL.match(token) and len(token) <= 3 and word not in _LAST_ONLY and token.endswith("."):
                size += 1
                continue
            if word in _LAST_ONLY:
                size += 1
                break
            given = word in self._words.given
            everyday = word in self._words.common and not given and word not in self._words.surnames
            may_end = ambiguous or (size > 1 and low[size - 1] not in self._words.particles)
            if everyday and (surname or (title_case and may_end)):
                break
            surname = surname or not (word in self._words.particles or (given and size + 1 < len(run)))
            size += 1
        surname = surname or (size > 1 and low[size - 1] in self._words.given)
        return size if surname else (1 if self._remembered(low[0]) else 0)

    def _unknown_words(self, run: list[re.Match[str]], low: list[str]) -> int:
        size = 0
        while size < len(run) and size < 4:
            word = low[size]
            if size and word in self._words.particles:
                size += 1
                continue
            if (
                (self._words.common.issuperset(word.split("-")) and not (size > 1 and word in self._words.surnames))
                or word in self._words.never
                or len(word) < 2
                or (run[size][0].isupper() and len(word) > 3)
            ):
                break
            size += 1
            if run[size - 1][0].endswith(("'s", "'")):
                break
        return size

    def _remembered(self, surname: str) -> bool:
        return surname in self._surnames

    def _is_attribute(self, token: str) -> bool:
        """Whether a word like "Keller-led" makes an adjective of the name."""
        return token.lower().rpartition("-")[2] in self._words.suffixes and "-" in token

    def _person(self, tokens: list[re.Match[str]]) -> tuple[int, int, str]:
        last = tokens[-1][0]
        cut = len(last) - len(_bare(last, keep_dot=True))
        words = [*(token[0] for token in tokens[:-1]), _bare(last, keep_dot=True)]
        if len(words) == 1:
            name = self._surnames[_bare(words[0]).lower()]
        else:
            name = " ".join(words)
            family = next((w for w in reversed(words) if w.lower() not in _LAST_ONLY), words[-1])
            self._surnames.setdefault(family.lower(), name)
        return tokens[0].start(), tokens[-1].end() - cut, name


@dataclass(frozen=True, slots=True)
class _NameWords:
    given: frozenset[str]
    common: frozenset[str]
    function: frozenset[str]
    particles: frozenset[str]
    surnames: frozenset[str]
    """Everyday words that go on a name rather than follow it: "Ada Reyes Smith"."""
    suffixes: frozenset[str]
    callings: frozenset[str]
    acting: frozenset[str]
    """Verbs of one word of which only a person is the subject in a headline."""
    acts: re.Pattern[str]
    """One of them behind a name, with what may stand between."""
    pointers: re.Pattern[str]
    """Words that stand for the person named last: "the actress"."""
    never: frozenset[str]
    """No part of a name: also the words of announcements, which follow a name in a headline."""


@lru_cache(maxsize=8)
def _name_words(tables: Tables) -> _NameWords:
    given = frozenset(tables.words("given_names"))
    announcing = [name for name in tables.tables if name.endswith(("_verb", "_word", "_state")) or name == "go_ahead"]
    forms = frozenset(form for name in announcing for form in tables[name] if " " not in form)
    acting = [form for name in ("joins_verb", "exits_verb") for form in tables[name] if " " not in form]
    return _NameWords(
        given=given,
        common=frozenset(tables.words("common_words")),
        function=frozenset(tables.words("function_words")),
        particles=frozenset(tables.words("name_particles")),
        surnames=frozenset(tables.words("everyday_surnames")),
        suffixes=frozenset(tables.words("attributive_suffixes")),
        callings=frozenset(tables.words("person_nouns")),
        acting=frozenset(acting),
        acts=re.compile(rf"(?: {alternation(tables['auxiliary'])})* {alternation(acting)}"),
        pointers=re.compile(alternation(tables["person_pointers"]), re.IGNORECASE),
        never=frozenset(tables.words("never_in_names")) | (forms - given),
    )


def _bare(token: str, *, keep_dot: bool = False) -> str:
    bare = token.removesuffix("'s").rstrip("'")
    return bare if keep_dot and (bare.lower() in _LAST_ONLY or _INITIAL.match(bare)) else bare.rstrip(".")


def _is_initials(token: str) -> bool:
    return bool(re.match(r"(?:[A-Z]\.){2,3}$|[A-Z]{2}$", token))
