"""The commands that keep the store: what they say, what they leave, and how they end."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.cli import Settings
from pipeline.cli.browse import browse
from pipeline.cli.store import backup, check_store, restore, vacuum
from storage.errors import StoreError
from storage.store import open_store
from tests import store_factories as make
from tests.store_factories import NOW

ROOT = Path(__file__).parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "watch.db"
    with open_store(path) as store:
        store.sync_config(make.config())
        store.record([make.news()], now=NOW)
    return path


def call(command: click.Command, path: Path, *arguments: object, verbosity: int = 0) -> Result:
    settings = Settings(config_path=Path("sources.yaml"), store_path=path, verbosity=verbosity)
    return CliRunner().invoke(command, [str(each) for each in arguments], obj=settings, standalone_mode=False)


def test_a_backup_is_named_after_the_day(path: Path) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    made = path.with_name(f"watch-{today}.db")
    assert str(made) in call(backup, path).output
    with open_store(made, read_only=True) as store:
        assert len(store.items()) == 1


def test_a_backup_goes_where_it_is_told_and_says_nothing_when_quiet(path: Path, tmp_path: Path) -> None:
    assert call(backup, path, tmp_path / "copy.db", verbosity=-1).output == ""
    assert (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("command", [backup, restore], ids=["backup", "restore"])
def test_the_store_is_not_its_own_copy(path: Path, command: click.Command) -> None:
    assert isinstance(call(command, path, path).exception, click.UsageError)


def test_a_restore_says_where_the_other_has_gone(path: Path, tmp_path: Path) -> None:
    call(backup, path, tmp_path / "copy.db")
    assert "watch.db.before-restore" in call(restore, path, tmp_path / "copy.db").output


def test_a_sound_store_is_well(path: Path) -> None:
    result = call(check_store, path)
    assert (result.return_value, "1 items, 1 facts" in result.output, "all well" in result.output) == (0, True, True)
    assert json.loads(call(check_store, path, "--json").output)["ok"] is True


def test_an_unsound_store_ends_with_1_and_can_be_repaired(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("INSERT INTO items_fts (items_fts) VALUES ('delete-all')")
    result = call(check_store, path)
    assert (result.return_value, "--repair" in result.output) == (1, True)
    assert json.loads(call(check_store, path, "--json").output)["ok"] is False
    assert call(check_store, path, "--repair").return_value == 0


def test_a_store_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    for command in (backup, check_store, vacuum, browse):
        assert isinstance(call(command, tmp_path / "none.db").exception, StoreError)
    assert list(tmp_path.iterdir()) == []


def test_vacuum_says_what_it_gave_back(path: Path) -> None:
    assert "bytes given back" in call(vacuum, path, "--keep-texts", 30).output


def test_the_definition_can_be_written_for_another_datasette(path: Path, tmp_path: Path) -> None:
    call(browse, path, "--write-config", tmp_path / "conf")
    assert sorted(file.name for file in (tmp_path / "conf").iterdir()) == ["datasette.yaml", "metadata.json"]


BROWSE = """
import sys
from pathlib import Path
from pipeline.cli import Settings
from pipeline.cli.browse import browse
settings = Settings(config_path=Path("sources.yaml"), store_path=Path(sys.argv[1]))
browse.main(["--port", "0", "--no-open"], obj=settings)
"""


def test_browse_serves_the_store_on_loopback(tmp_path: Path) -> None:
    path = tmp_path / "watch.db"
    make.fill(path, dt.datetime.now(dt.UTC))
    command = [sys.executable, "-c", BROWSE, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.match(r"(http://127\.0\.0\.1:\d+/)", process.stdout.readline())[1]  # type: ignore[index]
            with urllib.request.urlopen(address, timeout=20) as page:
                assert "Questions people ask" in page.read().decode()
            with urllib.request.urlopen(f"{address}works/harbour-nine", timeout=20) as page:
                assert "<svg" in page.read().decode()
            for name, start in (
                ("releases.ics", b"BEGIN:VCALENDAR"),
                ("changes.atom", b"<?xml"),
                ("changes.json", b"{"),
            ):
                with urllib.request.urlopen(f"{address}feeds/{name}", timeout=20) as feed:
                    assert feed.read().startswith(start)
        finally:
            process.terminate()
