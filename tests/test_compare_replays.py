"""Whole invented histories: exactly the changes that deserve an alert, and no other."""

from __future__ import annotations

import pytest

from pipeline.compare import Beliefs, compare, known_facts, outlet_names
from storage.model import Source, SourceKind
from tests.replays.history import History, Piece, alerting, histories
from tests.replays.reading import read_history

HISTORIES = [pytest.param(history, id=history.name) for history in histories()]


def outlets(history: History) -> dict[str, str]:
    """The followed sources under the names by which articles call them."""
    return outlet_names(
        Source(id=name, name=f"The {name.title()}", kind=SourceKind.FEED, url=f"https://{name}.example/", tier=tier)
        for name, tier in history.tiers.items()
    )


def told(history: History, beliefs: Beliefs, piece: Piece) -> list[str]:
    """The alerts of one piece, which the beliefs learn."""
    ledger = compare(beliefs, piece.claims, outlets=outlets(history))
    beliefs.learn(ledger.facts)
    return alerting(ledger.changes)


def known(history: History) -> Beliefs:
    """What is believed before the first piece."""
    return Beliefs(fact for work in history.works for fact in known_facts(work))


@pytest.mark.parametrize("history", HISTORIES)
def test_each_piece_alerts_exactly_what_it_deserves(history: History) -> None:
    beliefs = known(history)
    assert {p.id: told(history, beliefs, p) for p in history.pieces} == {p.id: list(p.alerts) for p in history.pieces}


@pytest.mark.parametrize("history", HISTORIES)
def test_reading_a_history_again_changes_nothing(history: History) -> None:
    beliefs = known(history)
    claims = [claim for piece in history.pieces for claim in piece.claims]
    beliefs.learn(compare(beliefs, claims, outlets=outlets(history)).facts)
    again = compare(beliefs, claims, outlets=outlets(history))
    assert again.facts == ()
    assert alerting(again.changes) == []


@pytest.mark.parametrize("history", HISTORIES)
def test_one_call_and_one_call_a_piece_end_in_the_same_facts(history: History) -> None:
    stepwise, at_once = known(history), known(history)
    for piece in history.pieces:
        told(history, stepwise, piece)
    claims = [claim for piece in reversed(history.pieces) for claim in piece.claims]
    at_once.learn(compare(at_once, claims, outlets=outlets(history)).facts)
    assert dict(at_once) == dict(stepwise)


@pytest.mark.parametrize("history", HISTORIES)
def test_a_history_that_is_imported_is_silent(history: History) -> None:
    claims = [claim for piece in history.pieces for claim in piece.claims]
    assert alerting(compare(known(history), claims, baseline=True, outlets=outlets(history)).changes) == []


QUIET = [history for history in histories() if not any(piece.alerts for piece in history.pieces)]


@pytest.mark.parametrize("history", [pytest.param(history, id=history.name) for history in QUIET])
def test_texts_without_news_alert_nothing(history: History) -> None:
    assert {read.piece.id: read.given for read in read_history(history) if read.given} == {}


def test_most_news_are_found_in_the_texts() -> None:
    read = [one for history in histories() for one in read_history(history)]
    deserved = sum(len(one.deserved) for one in read)
    assert sum(len(one.deserved & one.given) for one in read) >= FOUND_IN_TEXTS * deserved


FOUND_IN_TEXTS = 0.5
"""Raise it as reading gets better; `python -m tests.replays.reading` shows what is missed."""
