"""`browse`: the store in a browser, read-only, on this machine only."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import Settings, pass_settings

if TYPE_CHECKING:
    from storage.datasette.pages import Extras
    from storage.model import DayBook, Fact, Slot

PLOTS = 4
"""On a work's page."""
_ATOM = "application/atom+xml; charset=utf-8"
_CALENDAR = "text/calendar; charset=utf-8"


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@click.option("--open/--no-open", "open_page", default=True, help="Open the front page in your browser.")
@click.option("--write-config", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Only write metadata.json and datasette.yaml, for a Datasette of your own.")  # fmt: skip
@pass_settings
def browse(settings: Settings, port: int, open_page: bool, write_config: Path | None) -> None:
    """Open the store in a browser, read-only, on this machine only. Runs until you press Ctrl-C."""
    if write_config:
        from storage.datasette.definition import write_files

        for made in write_files(settings.store_path, write_config):
            click.echo(made)
        return
    _serve(settings.store_path, port, open_page=open_page, quiet=settings.verbosity < 0)


def _serve(path: Path, port: int, *, open_page: bool, quiet: bool) -> None:
    import socket

    import uvicorn

    from storage.datasette.browser import browser

    with browser(path, _extras()) as datasette, socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()
        except OSError as error:
            raise click.UsageError(f"Port {port} is taken ({error.strerror}); choose another with --port.") from error
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        if not quiet:
            click.echo(f"{address}  (Ctrl-C ends it)")
        if open_page:
            click.launch(address)
        server = uvicorn.Server(uvicorn.Config(datasette.app(), log_level="warning"))
        server.run(sockets=[listener])


def _extras() -> Extras:
    """What the alerts side knows how to make of a day book: plots, a calendar and feeds."""
    from alerts.calendar import release_calendar
    from alerts.feeds import atom, json_feed
    from alerts.rows import has_days, has_times, rows_atom, rows_calendar
    from storage.datasette.pages import Extras, Feed, Rendering

    atom_rows = Rendering(content_type=_ATOM, render=rows_atom, can_render=lambda columns: has_times(columns))
    calendar_rows = Rendering(
        content_type=_CALENDAR, render=rows_calendar, can_render=lambda columns: has_days(columns)
    )
    calendar = Feed(
        content_type=_CALENDAR,
        render=release_calendar,
        title="every release date",
        cites=True,
    )
    changes = Feed(content_type=_ATOM, render=atom, title="what changed, as Atom")
    same = Feed(
        content_type="application/feed+json; charset=utf-8",
        render=lambda book: json_feed(book).encode(),
        title="what changed, as JSON Feed",
    )
    return Extras(
        draw=_draw,
        to_draw=_to_draw,
        feeds={"releases.ics": calendar, "changes.atom": changes, "changes.json": same},
        renderings={"atom": atom_rows, "ics": calendar_rows},
    )


def _to_draw(book: DayBook) -> Sequence[Slot]:
    """The few releases that were spoken of last, of those that were ever dated, and what else their claims may say."""
    from alerts.digest.history import less_exact, releases

    dated = [release.fact for release in releases(book) if release.fact and _was_dated(release.fact)]
    dated.sort(key=lambda fact: fact.last_claimed_at, reverse=True)
    return list(dict.fromkeys(slot for fact in dated[:PLOTS] for slot in less_exact(fact.slot)))


def _was_dated(fact: Fact) -> bool:
    earlier = (*(past.value for past in fact.past), *(rival.value for rival in fact.rivals))
    return any(value.date for value in (fact.value, *earlier))


def _draw(book: DayBook, work_id: str) -> str:
    """The few histories of the work that were spoken of last, of those in which a text named a date."""
    from alerts.digest.history import history_of, releases
    from alerts.digest.names import Names
    from alerts.digest.plots import LIGHT_STYLE, history_svg

    told = [release for release in releases(book, claimed=True) if release.slot.work_id == work_id]
    told = [release for release in told if any(claim.date and not claim.null for claim in release.claims)]
    told.sort(key=lambda release: release.claims[-1].claimed_at, reverse=True)
    names = Names(book)
    figures = []
    for number, release in enumerate(told[:PLOTS]):
        history = history_of(release, book.until_at, names)
        plot = history_svg(history, prefix=f"h{number}")
        figures.append(f"<figure><figcaption>{escape(history.what)}</figcaption>{plot}</figure>")
    # Datasette's pages have no dark form.
    return f"<style>{LIGHT_STYLE}</style>{''.join(figures)}" if figures else ""
