"""What an answer means for a message: delivered, tried again and when, given up, or the end of its target. Pure."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from storage.model import Attempt, OutboxState

DELAYS_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Before each attempt, counted from the failure of the one before; after the last one the message is dead."""
JITTER = 0.2
EDIT_ATTEMPTS = 4
"""So often it is tried to rewrite a sent message: over 40 minutes or so, for what holds now was told already."""
LONGEST_WAIT_S = 86_400.0
"""The most that a `Retry-After` is obeyed."""

_REASONS = {
    400: "it does not understand the message: check the target's format and options",
    401: "it refuses us: check the target's address and secret",
    403: "it refuses us: check the target's address and secret",
    404: "nothing is there: check the target's address",
    408: "it gave up waiting for us",
    410: "the address is gone for good; nothing more is sent there until `alerts retry`",
    413: "the message is too large for it",
    429: "it asks us to send less often",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back from one POST."""

    status_code: int | None = None
    """None where no HTTP answer came."""
    error: str | None = None
    """In words a person reads; None for a success."""
    wait_s: float | None = None
    """How long the target asked to be left alone."""
    is_slow: bool = False
    """It cost the whole time limit."""
    remote_id: str | None = None
    """The target's own id of what it took, where it gave one."""

    @property
    def rests_target(self) -> bool:
        """True where the target's other messages should wait as well."""
        return self.is_slow or self.status_code == 429 or self.wait_s is not None


def answered(status_code: int, headers: Mapping[str, str], body: bytes, at: dt.datetime, said: str = "") -> Answer:
    """The meaning of an HTTP answer; `said` is what the target itself gave as its reason, if that may be shown."""
    if 200 <= status_code < 300:
        return Answer(status_code=status_code)
    if 300 <= status_code < 400:
        reason = "it redirects, which is not followed: set the target's address to where it leads"
    else:
        reason = _REASONS.get(status_code, "it is in trouble" if status_code >= 500 else "it refuses the message")
    error = f"{status_code}: {reason}" + (f" (it says: {said})" if said else "")
    wait_s = retry_after_s(headers, body, at) if status_code in (429, 503) else None
    return Answer(status_code=status_code, error=error, wait_s=wait_s)


def attempt(answer: Answer, earlier: Sequence[Attempt], *, at: dt.datetime, chance: float) -> Attempt:
    """The attempt that `answer` makes, after the `earlier` ones of the same message.

    `chance`, from 0 to 1, places the next one within ±20 % of its delay. A message that was brought back after its
    death starts anew.
    """
    if answer.error is None:
        return Attempt(at=at, state=OutboxState.DELIVERED, status_code=answer.status_code, remote_id=answer.remote_id)
    if answer.status_code == 410:
        return Attempt(at=at, state=OutboxState.DISABLED, status_code=410, error=answer.error)
    failures = 1 + _in_a_row(earlier)
    if failures >= len(DELAYS_S):
        error = f"{answer.error}; given up after {failures} attempts"
        return Attempt(at=at, state=OutboxState.DEAD, status_code=answer.status_code, error=error)
    delay_s = DELAYS_S[failures] * (1 - JITTER + 2 * JITTER * chance)
    wait_s = max(delay_s, min(answer.wait_s or 0.0, LONGEST_WAIT_S))
    return Attempt(
        at=at,
        state=OutboxState.PENDING,
        status_code=answer.status_code,
        error=answer.error,
        next_attempt_at=at + dt.timedelta(seconds=wait_s),
    )


def edit_attempt(answer: Answer, earlier: Sequence[Attempt], *, at: dt.datetime, chance: float) -> Attempt:
    """The same for rewriting a sent message: given up sooner, at once where it is refused; it never ends its target."""
    made = attempt(answer, earlier, at=at, chance=chance)
    if answer.error is None:
        return made
    code = answer.status_code or 0
    if code in (404, 410):
        error = f"{code}: the message that was to be marked as superseded is no longer there"
    elif 300 <= code < 500 and code not in (408, 429):
        error = answer.error
    elif _in_a_row(earlier) + 1 >= EDIT_ATTEMPTS:
        error = f"{answer.error}; given up after {EDIT_ATTEMPTS} attempts"
    else:
        return made
    return replace(made, state=OutboxState.DEAD, error=error, next_attempt_at=None)


def retry_after_s(headers: Mapping[str, str], body: bytes, at: dt.datetime) -> float | None:
    """Seconds from `Retry-After` (RFC 9110 §10.2.3: seconds or a date; 0 for the past), or from the JSON of Discord
    (`retry_after`) and Telegram (`parameters.retry_after`); None where nothing usable was said."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:12])
    try:
        until_at = email.utils.parsedate_to_datetime(said)
        until_at = until_at if until_at.tzinfo else until_at.replace(tzinfo=dt.UTC)
        return max(0.0, (until_at - at).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return _wait_in_json(body)


def _wait_in_json(body: bytes) -> float | None:
    try:
        said = json.loads(body)
        wait = said.get("retry_after", said.get("parameters", {}).get("retry_after"))
        return max(0.0, float(wait)) if isinstance(wait, int | float) else None
    except (ValueError, AttributeError, RecursionError, OverflowError):
        return None


def _in_a_row(earlier: Sequence[Attempt]) -> int:
    """Failures since the message last came to an end."""
    row = 0
    for one in reversed(earlier):
        if one.state is not OutboxState.PENDING:
            break
        row += 1
    return row
