"""docs/digest.md says what is: its commands, formats, sections, columns and event."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import jsonschema
import pytest

from alerts.cite import Style
from alerts.digest.html import render_html
from alerts.digest.message import digest_messages
from alerts.digest.model import CAP, build_digest
from alerts.tables import FACT_COLUMNS
from pipeline.cli.cite import cite
from pipeline.cli.digest import digest
from pipeline.cli.export import FORMS, export
from pipeline.cli.timeline import timeline
from storage.model import DayBook, SecretRef, Target
from tests.daybooks import LOCAL_DATE, UNTIL, daybook, quiet_daybook

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "digest.md").read_text(encoding="utf-8")
COMMANDS = {"digest": digest, "export": export, "timeline": timeline, "cite": cite}


@pytest.mark.parametrize("line", re.findall(r"^franchise-watch (.+?)(?: +#.*| >.*)?$", TEXT, re.MULTILINE))
def test_every_command_in_the_text_is_understood(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name, *arguments = line.split()
    with COMMANDS[name].make_context(name, arguments) as context:
        assert context.params


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_the_text(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[-1] in TEXT or parameter.opts[0] in TEXT, parameter.name


def test_every_format_and_column_is_in_the_text() -> None:
    for word in (*(f"export {form}" for form in FORMS), *Style, *FACT_COLUMNS, "text", "markdown", "html", "email"):
        assert f"`{word}`" in TEXT, word


def test_the_sections_are_those_of_the_page() -> None:
    page = render_html(build_digest(daybook(), timezone="UTC", local_date=LOCAL_DATE))
    assert re.findall(r"^\| ([A-Z][a-z ]+) \|", TEXT, re.MULTILINE) == re.findall(r"<h2 id=\"\w+\">([^<]+)", page)
    assert f"shows {CAP} entries" in TEXT


def test_the_event_in_the_text_is_one_that_is_sent() -> None:
    shown = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert shown
    target = Target(id="me", format="webhook", url=SecretRef(env="X"))
    digest = build_digest(daybook(), timezone="UTC", local_date=LOCAL_DATE)
    sent = json.loads(digest_messages(digest, target, now=UNTIL)[0].body)
    sent["data"]["changes"] = sent["data"]["changes"][2:3]
    assert json.loads(shown[1]) == sent


@pytest.mark.parametrize("book", [daybook(), quiet_daybook()], ids=["full", "quiet"])
def test_every_digest_event_keeps_the_schema(book: DayBook) -> None:
    schema = json.loads((DOCS / "alert.schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    target = Target(id="me", format="webhook", url=SecretRef(env="X"))
    digest = build_digest(book, timezone="UTC", local_date=LOCAL_DATE)
    for message in digest_messages(digest, target, now=UNTIL):
        checker.validate(json.loads(message.body))


def test_the_pictures_are_there_and_small() -> None:
    for name in re.findall(r"\(pictures/([\w-]+\.png)\)", TEXT):
        assert 0 < (DOCS / "pictures" / name).stat().st_size < 150_000
