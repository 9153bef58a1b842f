"""`backup`, `restore`, `check-store` and `vacuum`: keeping the database well."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click

from pipeline.cli import Settings, pass_settings
from pipeline.config import load_config
from storage import maintenance


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@pass_settings
def backup(settings: Settings, file: Path | None) -> None:
    """Write a whole copy of the store to FILE, also while a run is going on.

    Without FILE it is written beside the store, named after the day.
    """
    path = settings.store_path
    to = file or path.with_name(f"{path.stem}-{dt.datetime.now(dt.UTC).date().isoformat()}{path.suffix}")
    if to.absolute() == path.absolute():
        raise click.UsageError("The copy cannot be the store itself; name another file.")
    maintenance.backup(path, to)
    if settings.verbosity >= 0:
        click.echo(f"{to} ({to.stat().st_size:,} bytes)")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@pass_settings
def restore(settings: Settings, file: Path) -> None:
    """Put the backup FILE in the store's place; the store that was there is kept beside it."""
    if file.absolute() == settings.store_path.absolute():
        raise click.UsageError("The backup cannot be the store itself; name another file.")
    kept = maintenance.restore(settings.store_path, file)
    if settings.verbosity >= 0:
        click.echo(f"{settings.store_path} is {file} now." + (f" What was there is {kept}." if kept else ""))


@click.command("check-store")
@click.option("--repair", is_flag=True, help="First bring it up to date and build the search index anew.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@pass_settings
def check_store(settings: Settings, repair: bool, as_json: bool) -> int:
    """Read the whole store and say whether it is sound; the exit code is 1 where it is not."""
    if repair:
        maintenance.repair(settings.store_path)
    checked = maintenance.check(settings.store_path)
    if as_json:
        counts = {"items": checked.items, "facts": checked.facts, "size_bytes": checked.size_bytes}
        click.echo(json.dumps({"ok": not checked.problems, "problems": checked.problems, **counts}))
    elif not checked.problems and settings.verbosity >= 0:
        said = f"{checked.items:,} items, {checked.facts:,} facts, {checked.size_bytes:,} bytes: all well"
        click.echo(f"{settings.store_path}: {said}")
    if not as_json:
        for problem in checked.problems:
            click.echo(f"{settings.store_path}: {problem}", err=True)
    return 1 if checked.problems else 0


@click.command()
@click.option("--keep-texts", type=click.IntRange(1), metavar="DAYS",
              help="How long texts are kept, in place of `retention: texts:` in sources.yaml.")  # fmt: skip
@pass_settings
def vacuum(settings: Settings, keep_texts: int | None) -> None:
    """Give unused room back to the disk.

    Bodies and revisions older than `retention: texts:` in sources.yaml allows are dropped first, but never those of an
    item that a claim rests on.
    """
    keep = dt.timedelta(days=keep_texts) if keep_texts else _retention(settings)
    freed = maintenance.vacuum(settings.store_path, texts_before=dt.datetime.now(dt.UTC) - keep if keep else None)
    if settings.verbosity >= 0:
        click.echo(f"{freed:,} bytes given back")


def _retention(settings: Settings) -> dt.timedelta | None:
    """What sources.yaml says; a store may be kept well without one."""
    return load_config(settings.config_path).retention.texts if settings.config_path.exists() else None
