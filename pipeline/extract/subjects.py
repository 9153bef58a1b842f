"""Which work a match is about, as far as its own sentence tells; what it leaves open is settled by `resolve`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from pipeline.extract.forms import load_forms
from pipeline.extract.found import Found
from pipeline.extract.patterns import symbols
from pipeline.extract.tagging import Tagged, sort_of
from storage.model import Kind

NAMED_NOWHERE = -1

_AHEAD = re.compile(
    r"(?:['\"]?(?: [a-z-]+){0,2}? (?:at|for|of|in) [^,;:!?]{0,45}?| ['\"]?)(?P<named>" + symbols("work", "title") + ")"
)
"""What the words behind a match lead to: "a trailer for X", "cast in X"."""
_JOINED = re.compile(
    symbols("work")
    + r"(?='?['\"]?(?: "
    + symbols("season", "final")
    + r")?['\"]?(?:, and |, or |, | and | or | nor | & )(?:the |its |a )?(?:[a-z-]+ ){0,2}['\"]?$)"
)


def subject(found: Found) -> tuple[tuple[str, ...] | None, int]:
    """The works the match is about and where they are named.

    () at `NAMED_NOWHERE` where the sentence names none; None where it is about some other title. A name the rule took
    goes first, then what the words behind the match lead to, then the last name before it, in its clause, else in the
    sentence.
    """
    match, text, clause = found.match, found.tagged.text, found.clause
    taken = found.symbols
    if "work" in taken:
        return _followed(found.tagged, match.start("work"))
    if "title" in taken:
        return None, NAMED_NOWHERE
    if ahead := _AHEAD.match(text, match.end(), max(clause.end, match.end())):
        return _followed(found.tagged, ahead.start("named"))
    if antecedent := [at for at in found.places("work", "title", "maybe") if clause.reach <= at < clause.start]:
        return _followed(found.tagged, antecedent[-1])
    places = [at for at in found.places("work", "title") if text[at] != taken.get("name")]
    here = [at for at in places if clause.start <= at < clause.end]
    strangers = [at for at in found.places("maybe") if text[at] != taken.get("name") and _may_be_meant(found, at)]
    if strangers and not here:
        return None, NAMED_NOWHERE
    if near := here or places:
        before = [at for at in near if at < match.end()]
        if not before and _is_joined(text[match.end() : near[0]], found):
            return None, NAMED_NOWHERE
        return _followed(found.tagged, before[-1] if before else near[0])
    if (speaker := _speaker(found)) is not None:
        return found.tagged.entity(text[speaker]).value, speaker
    return (), NAMED_NOWHERE


def _is_joined(between: str, found: Found) -> bool:
    """Whether a word like "and" stands between that begins another predicate; one between two persons does not."""
    words = between.split()
    joining = found.tables.words("joining_words")
    pairs = zip(["", *words], words, [*words[1:], ""], strict=False)
    return any(word in joining and not (_is_person(before) and _is_person(after)) for before, word, after in pairs)


def _is_person(word: str) -> bool:
    return any(sort_of(char) in ("person", "crew") for char in word)


def _may_be_meant(found: Found, at: int) -> bool:
    """Whether an unknown name of the clause may be the title that the match is about; whom somebody plays is not."""
    clause, text = found.clause, found.tagged.text
    if not clause.start <= at < clause.end:
        return False
    *_, second, before = ["", "", *text[clause.start : at].rstrip("'\" ").split(" ")]
    leading = second if before in found.tables.words("definite_articles") else before
    if leading in found.tables.words("hearer_words"):
        return False
    place = leading if found.rule.kind is Kind.PRODUCTION else before
    if found.rule.kind in (Kind.PRODUCTION, Kind.RELEASE_DATE) and place in found.tables.words("place_words"):
        return False
    if at < found.match.start():
        return True
    if (
        text[at + 1 :].lstrip().partition(" ")[0].rstrip(".") in found.tables.words("speech_words")
        and text[at - 2 : at] == ", "
    ):
        return False
    return not found.places("work", "title") and (
        found.rule.kind is not Kind.CASTING or before.endswith("'s") or before in found.tables.words("into_words")
    )


def _speaker(found: Found) -> int | None:
    """Where the work stands whose maker or player tells this, if its own and nothing else is spoken of."""
    if found.rule.kind in (Kind.CASTING, Kind.SPINOFF):
        return None
    at = spoken_for_at(found.tagged, found.language, found.match.start() + 1)
    return at if at is not None and not _belongs_to_another(found) else None


def spoken_for_at(tagged: Tagged, language: str, end: int = sys.maxsize) -> int | None:
    """Where before `end` the work stands whose maker or player speaks, of it if the sentence speaks of nothing else."""
    forms = load_forms(language)
    spoken = forms["speaker_forms"].search(tagged.text, tagged.met, 0, end)
    if spoken is None or forms["other_project_forms"].search(tagged.text, tagged.met):
        return None
    is_work = tagged.entity(tagged.text[spoken.start()]).sort == "work"
    return spoken.start() if is_work else None


def _belongs_to_another(found: Found) -> bool:
    """Whether an unknown word stands right before the season: "teases Industry season 4"."""
    season, text, tables = found.symbols.get("season"), found.tagged.text, found.tables
    if season is None:
        return False
    before = text[: text.index(season)].split()
    known = tables.words("function_words") | tables.words("speech_words") | tables.words("announce_verb")
    return bool(before) and before[-1] not in known


def _followed(tagged: Tagged, at: int) -> tuple[tuple[str, ...] | None, int]:
    char = tagged.text[at]
    return (tagged.entity(char).value if tagged.entity(char).sort == "work" else None), at


def coordinated(tagged: Tagged, works: tuple[str, ...], at: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """The subject and the works joined to it by "and", "or", "nor": what is said of one is said of each."""
    yield works, at
    while at > 0 and (joined := _JOINED.search(tagged.text, max(0, at - 40), at)):
        at = joined.start()
        yield tagged.entity(tagged.text[at]).value, at


def pointer(found: Found) -> str | None:
    """What the words before or just behind the match point to without a name: `spin-off`, `parent` or `film`."""
    text, end = found.tagged.text, found.match.end()
    if not load_forms(found.language)["pointers"].may_match(found.tagged.met):
        return None
    before, after = text[:end], text[end : end + 40]
    leading = ("", *(f" {word}" for word in found.tables["into_words"]))
    pointers = found.tables["pointers"].items()
    pointed = [(before.rfind(words), str(sort)) for words, sort in pointers if words in before]
    pointed += [(end, str(sort)) for words, sort in pointers for into in leading if after.startswith(f"{into} {words}")]
    return max(pointed)[1] if pointed else None


def names_a_parent(at: int, tagged: Tagged, language: str) -> bool:
    """Whether the work named at `at` only says whose spin-off the sentence is about."""
    found = load_forms(language)["spin_off_of_forms"].finditer(tagged.text, tagged.met)
    return any(parent.start() <= at < parent.end() for parent in found)


def is_about_something_else(found: Found) -> bool:
    """Whether a sentence of an article's body that names no work has another subject, or nothing that points back."""
    forms, tagged = load_forms(found.language), found.tagged
    if forms["stranger_forms"].search(tagged.text, tagged.met, 0, found.match.end()):
        return True
    return not any(forms[name].search(tagged.text, tagged.met) for name in ("anaphor_forms", "pronoun_forms"))


def is_pronoun(found: Found) -> bool:
    """Whether nothing but a pronoun, which may stand for anything, ties a sentence that names no work to one."""
    return load_forms(found.language)["anaphor_forms"].search(found.tagged.text, found.tagged.met) is None
