"""`doctor`: is this machine fit for the watch, and what to do where it is not?"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path
from xml.parsers import expat

import click

from pipeline.cli import Settings, pass_settings
from pipeline.cli.check import unset
from pipeline.config import load_config
from storage.connection import ENGINE_VERSION
from storage.errors import ConfigError, FranchiseWatchError
from storage.store import open_store

OUR_PACKAGES = ("pipeline", "alerts", "storage")
MARKS = {"fine": "✓", "note": "·", "wrong": "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found about one thing."""

    what: str
    state: str
    """`fine`, `note` (works, but you may want to know) or `wrong`."""
    said: str
    """And what to do, where there is something."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object a line.")
@pass_settings
def doctor(settings: Settings, as_json: bool) -> int:
    """Look for what may keep the watch from working.

    Nothing is asked of the network, and the store is not changed. The exit code is 1 where something is wrong.
    """
    found = [*machine(), *packages(), *own_files(settings)]
    for one in found:
        if as_json:
            click.echo(json.dumps(asdict(one), ensure_ascii=False))
        elif settings.verbosity >= 0 or one.state == "wrong":
            click.echo(f"{MARKS[one.state]} {one.what:<14} {one.said}")
    return int(any(one.state == "wrong" for one in found))


def machine() -> Iterator[Finding]:
    """Python and the two libraries in it whose age matters."""
    python = ".".join(map(str, sys.version_info[:3]))
    fit = sys.version_info >= (3, 11)
    yield _finding("Python", fit, f"{python}", "install Python 3.11 or newer", worst="wrong")
    yield _finding(
        "SQLite", _numbers(ENGINE_VERSION) >= (3, 51, 3), ENGINE_VERSION,
        "fine for one writer; before 3.51.3 several writers at once may, rarely, harm a WAL database: "
        "let no other tool write to the store",
    )  # fmt: skip
    yield _finding(
        "expat", expat.version_info >= (2, 6), ".".join(map(str, expat.version_info)),
        "before 2.6 a hostile feed may be slow to read; it is given up after five seconds",
    )  # fmt: skip


def packages() -> Iterator[Finding]:
    """Who owns the names of our packages, and which extras are there."""
    yield Finding(what="franchise-watch", state="fine", said=version("franchise-watch"))
    owners = packages_distributions()
    others = {name: sorted(set(owners.get(name, ())) - {"franchise-watch"}) for name in OUR_PACKAGES}
    clashes = [f"{name} also belongs to {', '.join(found)}" for name, found in others.items() if found]
    homes = {str(Path(next(iter(_places(name)), "")).parent) for name in OUR_PACKAGES}
    clashes += ["they are loaded from several places: " + ", ".join(sorted(homes))] if len(homes) > 1 else []
    cure = "install franchise-watch into an environment of its own (`uv tool install`, `pipx install`)"
    yield _finding("package names", not clashes, "; ".join(clashes) or "ours alone", cure, worst="wrong")
    has_text = importlib.util.find_spec("trafilatura") is not None
    yield _finding("articles", has_text, "read with trafilatura" if has_text else "read with the built-in reader",
                   "`pip install 'franchise-watch[text]'` reads more of them")  # fmt: skip


def own_files(settings: Settings) -> Iterator[Finding]:
    """The configuration, what it refers to, and the store."""
    try:
        config = load_config(settings.config_path)
    except ConfigError as error:
        number = len(error.mistakes)
        said = f"{settings.config_path}: {number} mistake{'' if number == 1 else 's'}; `check` shows them"
        yield Finding(what="sources.yaml", state="wrong", said=said)
    else:
        yield Finding(what="sources.yaml", state="fine", said=f"{settings.config_path}")
        for lack in unset(config):
            yield Finding(what="targets", state="note", said=lack)
    yield _store(settings.store_path)


def _store(path: Path) -> Finding:
    if not path.exists():
        fit = _may_write(path.parent)
        said = (
            f"{path}: not there yet" if fit else f"{path.parent} may not be written; choose another place with --store"
        )
        return Finding(what="store", state="fine" if fit else "wrong", said=said)
    try:
        with open_store(path, read_only=True):
            pass
    except FranchiseWatchError as error:
        return Finding(what="store", state="wrong", said=str(error))
    if not (_may_write(path) and _may_write(path.parent)):
        return Finding(what="store", state="wrong", said=f"{path} may not be written; change its permissions")
    return Finding(what="store", state="fine", said=f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def _may_write(path: Path) -> bool:
    import os

    existing = next((one for one in (path, *path.absolute().parents) if one.exists()), path)
    return os.access(existing, os.W_OK)


def _places(name: str) -> list[str]:
    spec = importlib.util.find_spec(name)
    return list(spec.submodule_search_locations or ()) if spec else []


def _finding(what: str, fine: bool, said: str, cure: str, *, worst: str = "note") -> Finding:
    return Finding(what=what, state="fine" if fine else worst, said=said if fine else f"{said}: {cure}")


def _numbers(version_text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version_text.split(".") if part.isdigit())
