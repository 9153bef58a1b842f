"""A span of time on the command line: `--since` and `--until`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Moment(click.ParamType[dt.datetime | dt.timedelta]):
    """A day, a moment in ISO 8601, or how long ago: `2026-03-14`, `2026-03-14T07:00Z`, `36h`, `7d`, `2w`."""

    name = "when"

    def convert(
        self, value: str | dt.datetime | dt.timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime | dt.timedelta:
        """A datetime, naive where no zone was given, or how long ago."""
        if not isinstance(value, str):
            return value
        try:
            if ago := re.fullmatch(r"(\d{1,6})([hdw])", value):
                return dt.timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            return dt.datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no day (2026-03-14), moment (2026-03-14T07:00) or span (36h, 7d, 2w).", param, ctx)


def period_options(since: str) -> Callable[[F], F]:
    """The two options; `since` says in the help what is meant without one."""

    def add(command: F) -> F:
        help_since = f"Begin: a day, a moment, or how long before the end (36h, 7d, 2w). [default: {since}]"
        until = click.option("--until", type=Moment(), metavar="WHEN", help="End, not included. [default: now]")
        return click.option("--since", type=Moment(), metavar="WHEN", help=help_since)(until(command))

    return add


def period(
    since: dt.datetime | dt.timedelta | None,
    until: dt.datetime | dt.timedelta | None,
    *,
    now: dt.datetime,
    zone: dt.tzinfo,
    usual: dt.timedelta,
) -> tuple[dt.datetime, dt.datetime]:
    """Begin and end in UTC; a moment without a zone is one of `zone`. UsageError unless the end comes after."""
    try:
        until_at = _moment(until, now, zone) if until is not None else now
        since_at = _moment(since if since is not None else usual, until_at, zone)
    except OverflowError:
        raise click.UsageError("That is before or after every day of the calendar.") from None
    if since_at >= until_at:
        begin, end = (at.isoformat(" ", "minutes") for at in (since_at, until_at))
        raise click.UsageError(f"The period ends ({end}) before it begins ({begin}).")
    return since_at, until_at


def _moment(given: dt.datetime | dt.timedelta, before: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    if isinstance(given, dt.timedelta):
        return before - given
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(dt.UTC)
