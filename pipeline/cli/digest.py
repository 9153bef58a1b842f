"""`digest`: what changed, what is coming, what is still open, and how well we looked."""

from __future__ import annotations

import datetime as dt
from typing import IO
from zoneinfo import ZoneInfo

import click

from alerts.digest.model import Digest
from pipeline.cli import Settings, pass_settings
from pipeline.cli.period import period, period_options
from pipeline.config import load_config
from pipeline.rounds import digest_of
from storage.errors import DeliveryError
from storage.model import DigestSettings
from storage.store import open_store

DAY = dt.timedelta(days=1)


@click.command()
@period_options("a day before the end")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "html", "email"]), default="text",
              show_default=True, help="How it is written.")  # fmt: skip
@click.option("-o", "--output", type=click.File("wb", atomic=True), default="-", metavar="FILE", help="Write it there.")
@pass_settings
def digest(
    settings: Settings,
    since: dt.datetime | dt.timedelta | None,
    until: dt.datetime | dt.timedelta | None,
    form: str,
    output: IO[bytes],
) -> None:
    """Show the digest of the last day, or of another time.

    Days and moments are those of the digest's time zone in sources.yaml. As `email` it is a whole message to the
    digest's mail target, written out and not sent.
    """
    wanted = load_config(settings.config_path).digest
    zone = ZoneInfo(wanted.timezone)
    since_at, until_at = period(since, until, now=dt.datetime.now(dt.UTC), zone=zone, usual=DAY)
    # A period that ends at midnight is the digest of the day before.
    last_moment = until_at.astimezone(zone) - dt.timedelta(microseconds=1)
    with open_store(settings.store_path, read_only=True) as store:
        page = digest_of(store, since_at, until_at, wanted, local_date=last_moment.date())
    if form == "text" and output.isatty():
        from rich.console import Console

        from alerts.digest.text import print_digest

        print_digest(page, Console())
    else:
        output.write(_written(page, form, wanted))


def _written(page: Digest, form: str, wanted: DigestSettings) -> bytes:
    """The digest's bytes; the renderings are imported only when they are asked for."""
    match form:
        case "html":
            from alerts.digest.html import render_html

            return render_html(page).encode()
        case "markdown":
            from alerts.digest.markdown import render_markdown

            return render_markdown(page).encode()
        case "email":
            return _mail(page, wanted)
        case _:
            from alerts.digest.text import render_text

            return render_text(page).encode()


def _mail(page: Digest, wanted: DigestSettings) -> bytes:
    from alerts.digest.mail import digest_mail

    to = wanted.target.options.get("to") if wanted.target and wanted.target.format == "email" else None
    if not wanted.target or not to:
        raise DeliveryError("the digest has no mail target: give `digest: target:` one of format email in sources.yaml")
    return digest_mail(page, sender=wanted.target.options.get("from") or to.split(",")[0], to=to)
