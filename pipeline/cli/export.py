"""`export`: facts and changes for calendars, feed readers, spreadsheets and other programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import IO

import click

from pipeline.cli import Settings, pass_settings
from pipeline.cli.period import period, period_options
from pipeline.cli.timeline import known_work
from storage.model import DayBook
from storage.store import open_store

FORMS = ("ical", "atom", "jsonfeed", "csv", "json")
MONTH = dt.timedelta(days=30)


@click.command()
@click.argument("form", type=click.Choice(FORMS), metavar=f"[{'|'.join(FORMS)}]")
@period_options("30 days before the end")
@click.option("--work", metavar="ID", help="Only this work.")
@click.option("-o", "--output", type=click.File("wb", atomic=True), default="-", metavar="FILE", help="Write it there.")
@pass_settings
def export(
    settings: Settings,
    form: str,
    since: dt.datetime | dt.timedelta | None,
    until: dt.datetime | dt.timedelta | None,
    work: str | None,
    output: IO[bytes],
) -> None:
    """Write what is known for another program.

    ical: every release date, for a calendar. atom, jsonfeed: the changes of the period, for a feed reader. csv: all
    current facts, for a spreadsheet. json: changes, facts, open questions, stories and sources, whole.
    """
    since_at, until_at = period(since, until, now=dt.datetime.now(dt.UTC), zone=dt.UTC, usual=MONTH)
    with open_store(settings.store_path, read_only=True) as store:
        book = store.daybook(since_at, until_at)
        if form == "ical":
            book = replace(book, history=store.date_claims(until_at))
    output.write(_written(form, _only(book, known_work(book, work)) if work else book))


def _only(book: DayBook, work_id: str) -> DayBook:
    return replace(
        book,
        changes=tuple(change for change in book.changes if change.slot.work_id == work_id),
        facts=tuple(fact for fact in book.facts if fact.slot.work_id == work_id),
        unannounced=tuple(question for question in book.unannounced if question.slot.work_id == work_id),
        stories=(),
    )


def _written(form: str, book: DayBook) -> bytes:
    match form:
        case "ical":
            from alerts.calendar import release_calendar

            return release_calendar(book)
        case "atom":
            from alerts.feeds import atom

            return atom(book)
        case "jsonfeed":
            from alerts.feeds import json_feed

            return json_feed(book).encode()
        case "csv":
            from alerts.tables import facts_csv

            return facts_csv(book).encode()
        case _:
            from alerts.tables import book_json

            return book_json(book).encode()
