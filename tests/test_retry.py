"""The schedule of attempts, and how long a target may ask to be left alone."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from alerts.retry import DELAYS_S, Answer, attempt, retry_after_s
from storage.model import Attempt, OutboxState
from tests.outboxes import NOW


def test_ten_failures_are_the_end() -> None:
    made: list[Attempt] = []
    for _ in range(20):
        made.append(attempt(Answer(status_code=500, error="500"), made, at=NOW, chance=0.5))
        if made[-1].state is OutboxState.DEAD:
            break
    waits = [(one.next_attempt_at - one.at).total_seconds() for one in made if one.next_attempt_at]
    assert waits == [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] == list(DELAYS_S[1:])
    assert len(made) == 10
    assert "given up after 10 attempts" in str(made[-1].error)


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 0.8), (0.5, 1.0), (1.0, 1.2)])
def test_jitter_is_a_fifth_either_way(chance: float, factor: float) -> None:
    earlier = [Attempt(at=NOW, state=OutboxState.PENDING, error="500", next_attempt_at=NOW)]
    made = attempt(Answer(status_code=500, error="500"), earlier, at=NOW, chance=chance)
    assert made.next_attempt_at == NOW + dt.timedelta(seconds=300 * factor)


def test_a_message_brought_back_starts_anew() -> None:
    dead = [Attempt(at=NOW, state=OutboxState.PENDING, error="x")] * 9 + [
        Attempt(at=NOW, state=OutboxState.DEAD, error="x")
    ]
    made = attempt(Answer(status_code=500, error="500"), dead, at=NOW, chance=0.5)
    assert made.next_attempt_at == NOW + dt.timedelta(seconds=5)


@pytest.mark.parametrize(
    ("body", "wait_s"),
    [
        (b'{"retry_after": 1.5}', 1.5),
        (b'{"ok":false,"error_code":429,"parameters":{"retry_after":35}}', 35.0),
        (b'{"retry_after": "later"}', None),
        (b'{"parameters": []}', None),
        (b'{"retry_after": ' + b"9" * 400 + b"}", None),
        (b'{"retry_after": NaN}', 0.0),
        (b'{"retry_after": Infinity}', math.inf),
        (b"[1]", None),
        (b"[" * 100_000, None),
        (b"", None),
    ],
    ids=["discord", "telegram", "word", "odd", "huge", "no number", "endless", "list", "deep", "nothing"],
)
def test_the_wait_is_read_from_json_where_no_header_says_it(body: bytes, wait_s: float | None) -> None:
    assert retry_after_s({}, body, NOW) == wait_s
