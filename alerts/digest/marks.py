"""The signs and moments that every rendering writes in the same way."""

from __future__ import annotations

import datetime as dt

from storage.model import Status

MARKS = {Status.CONFIRMED: "●", Status.REPORTED: "◐", Status.RUMOURED: "○", Status.DENIED: "✕"}
"""Told apart by shape, not by colour, and always followed by the word."""


def moment(at: dt.datetime) -> str:
    """`22 Nov 2026, 07:00`, in the zone that `at` carries."""
    return f"{at.day} {at:%b %Y, %H:%M}"
