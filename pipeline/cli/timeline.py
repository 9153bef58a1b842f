"""`timeline`: how a work's release dates were claimed and believed over time, on the terminal or as a picture."""

from __future__ import annotations

import datetime as dt
import difflib
import shutil
from typing import IO

import click

from alerts.digest.history import histories
from alerts.digest.names import Names
from pipeline.cli import Settings, pass_settings
from storage.model import DayBook
from storage.store import open_store


@click.command()
@click.argument("work")
@click.option("--season", type=click.IntRange(0), metavar="NUMBER", help="Only this season.")
@click.option("-o", "--output", type=click.File("wb", atomic=True), default="-", metavar="FILE",
              help="Write it there: a picture where FILE ends in .svg, else text.")  # fmt: skip
@pass_settings
def timeline(settings: Settings, work: str, season: int | None, output: IO[bytes]) -> int:
    """Draw every date that was claimed for WORK (its id in sources.yaml), when, by whom, and what was believed."""
    now = dt.datetime.now(dt.UTC)
    with open_store(settings.store_path, read_only=True) as store:
        work_id = known_work(store.daybook(now - dt.timedelta(days=1), now), work)
        book = store.daybook(now - dt.timedelta(days=1), now, work_id=work_id)
    found = [
        history
        for history in histories(book, Names(book))
        if history.work_id == work_id and season in (None, history.season)
    ]
    if not found:
        click.echo(f"Nobody has said anything about a release date of {work}.", err=True)
        return 0
    if str(output.name).endswith(".svg"):
        from alerts.digest.plots import histories_svg

        output.write(histories_svg(found).encode())
        return 0
    from alerts.digest.timeline import legend, render_timeline

    width = shutil.get_terminal_size((100, 24)).columns if output.isatty() else 100
    text = "\n".join([*(render_timeline(history, width=width) for history in found), legend(), ""])
    output.write(text.encode())
    return 0


def known_work(book: DayBook, work: str) -> str:
    """The id itself; UsageError with the nearest ones where no followed work has it."""
    ids = [known.id for known in book.works]
    if work in ids:
        return work
    near = difflib.get_close_matches(work.casefold().replace(" ", "-"), ids, 3, 0.4) or ids[:10]
    raise click.UsageError(f"No followed work is called {work!r}. Did you mean {' or '.join(near) or 'to run first'}?")
