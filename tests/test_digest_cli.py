"""`digest`, `export`, `timeline` and `cite` over a real store."""

from __future__ import annotations

import csv
import datetime as dt
import email
import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.policy import default
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import click
import pytest
from icalendar import Calendar

from pipeline.cli import Settings
from pipeline.cli.cite import best_claim, cite
from pipeline.cli.digest import digest
from pipeline.cli.export import FORMS, export
from pipeline.cli.period import Moment, period
from pipeline.cli.timeline import timeline
from storage.model import Claim, Config, Franchise, Item, Poll, Tier
from storage.store import open_store
from tests.daybooks import FAM5, STAR1, UNTIL, YEAR_2026, changes, claim, daybook, facts, history, utc

SOURCES_YAML = """\
franchises:
  - {id: for-all-mankind, title: For All Mankind, works: [
      {id: for-all-mankind, title: For All Mankind}, {id: star-city, title: Star City, parent: for-all-mankind}]}
sources:
  - {id: apple-press, name: Apple TV Press, kind: feed, url: "https://apple-press.example/feed", tier: official}
targets:
  - {id: post, format: email, url: {env: SMTP_URL}, options: {to: "reader@x.example, other@x.example"}}
digest: {timezone: America/New_York, target: post}
"""
HEADLINE = "Star City premieres May 29, 2026, on Apple TV."


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command wrote and answered."""

    exit_code: int
    raw: bytes
    stderr: str

    @property
    def stdout(self) -> str:
        return self.raw.decode()


Run = Callable[..., Result]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration and the store of the day book."""
    path = tmp_path_factory.mktemp("watch")
    (path / "sources.yaml").write_text(SOURCES_YAML)
    book = daybook()
    franchise = Franchise(id="for-all-mankind", title="For All Mankind", works=book.works)
    sources = tuple(report.source for report in book.sources)
    with open_store(path / "watch.db") as store:
        store.sync_config(Config(franchises=(franchise,), sources=sources))
        store.record(polls(), now=UNTIL - dt.timedelta(hours=1))
    return path


def polls() -> list[Poll]:
    """Every claim of the day book in an item of its own; facts and changes with the official source."""
    said = (*history(), *(change.claim for change in changes() if change.claim not in history()))
    found = []
    for report in daybook().sources:
        own = [each for each in said if each.source_id == report.source.id]
        items = {each.item_id: an_item(each) for each in own}
        moved = tuple(change for change in changes() if change.claim in own)
        held = facts() if report.source.id == "nordic-stream" else ()
        parts = {"claims": tuple(own), "changes": moved, "facts": held}
        found.append(Poll(state=report.state, items=tuple(items.values()), **parts))  # type: ignore[arg-type]
    return found


def an_item(of: Claim) -> Item:
    identity = of.item_id.partition("/")[2]
    title = of.sentence if of.sentence == HEADLINE else f"What {of.source_id} wrote"
    return Item(
        source_id=of.source_id,
        identity=identity,
        url=of.url,
        title=title,
        author="Jane Roe",
        published_at=of.claimed_at,
    )


@pytest.fixture
def run(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def invoke(command: click.Command, *arguments: str, config: Path | None = None) -> Result:
        settings = Settings(config_path=config or folder / "sources.yaml", store_path=folder / "watch.db")
        try:
            code = command.main(arguments, obj=settings, standalone_mode=False)
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Result(exit_code=code or 0, raw=out, stderr=err.decode())

    return invoke


UP_TO = ("--until", UNTIL.isoformat())


# --- digest ------------------------------------------------------------------------------------------------------


def test_the_digest_is_dated_by_its_last_moment_in_the_readers_zone(run: Run) -> None:
    text = run(digest, *UP_TO).stdout
    assert text.startswith("Saturday, 14 March 2026\n4 changes and 1 rumour.")
    midnight = run(digest, "--until", "2026-03-14").stdout
    assert midnight.startswith("Friday, 13 March 2026\n")


@pytest.mark.parametrize(
    ("form", "start"),
    [("text", "Saturday, 14"), ("markdown", "# Saturday"), ("html", "<!doctype html>"), ("email", "Subject: Saturday")],
)
def test_the_digest_comes_in_four_forms(run: Run, form: str, start: str) -> None:
    result = run(digest, *UP_TO, "--format", form)
    assert result.exit_code == 0
    assert result.stdout.lstrip().startswith(start)
    assert "29 May 2026" in result.stdout


def test_headlines_are_shown_where_the_configuration_asks_for_them(run: Run, tmp_path: Path) -> None:
    asking = tmp_path / "sources.yaml"
    asking.write_text(SOURCES_YAML.replace("target: post}", "target: post, show_headlines: true}"))
    texts = (run(digest, *UP_TO, config=config).stdout for config in (None, asking))
    assert [HEADLINE in " ".join(text.split()) for text in texts] == [False, True]


def test_the_mail_goes_to_the_digests_target(run: Run) -> None:
    mail = email.message_from_bytes(run(digest, *UP_TO, "--format", "email").raw, policy=default)
    assert [address.addr_spec for address in mail["To"].addresses] == ["reader@x.example", "other@x.example"]
    assert mail["From"] == "reader@x.example"


def test_a_file_gets_what_the_screen_would(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "day.html"
    assert run(digest, *UP_TO, "--format", "html", "-o", str(path)).raw == b""
    assert path.read_bytes() == run(digest, *UP_TO, "--format", "html").raw
    assert [each.name for each in tmp_path.iterdir()] == ["day.html"]


def test_a_digest_leaves_the_store_as_it_was(run: Run, folder: Path) -> None:
    before = (folder / "watch.db").read_bytes()
    run(digest, *UP_TO)
    assert (folder / "watch.db").read_bytes() == before


# --- export ------------------------------------------------------------------------------------------------------


def test_each_export_is_read_by_its_own_parser(run: Run) -> None:
    raw = {form: run(export, form, *UP_TO).raw for form in FORMS}
    assert len(Calendar.from_ical(raw["ical"]).walk("VEVENT")) == 4
    assert len(ElementTree.fromstring(raw["atom"]).findall("{http://www.w3.org/2005/Atom}entry")) == 5
    assert len(json.loads(raw["jsonfeed"])["items"]) == 5
    assert len(list(csv.DictReader(io.StringIO(raw["csv"].decode(), newline="")))) == 4
    assert len(json.loads(raw["json"])["changes"]) == 6


def test_an_export_of_one_work_has_nothing_of_the_others(run: Run) -> None:
    book = json.loads(run(export, "json", *UP_TO, "--work", "star-city").raw)
    assert {fact["work"] for fact in book["facts"]} == {"star-city"}
    assert {change["slot"]["work"] for change in book["changes"]} == {"star-city"}


def test_an_export_knows_the_period(run: Run) -> None:
    book = json.loads(run(export, "json", "--since", "2026-01-01", "--until", "2026-02-01").raw)
    assert book["changes"] == []
    assert (book["since_at"], book["until_at"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")


# --- timeline ----------------------------------------------------------------------------------------------------


def test_a_timeline_shows_every_claim_of_the_work(run: Run) -> None:
    text = run(timeline, "star-city").stdout
    assert text.startswith("Star City · Season 1 premiere\n")
    assert "20 Nov 2024 Moonbase Forum" in text
    assert "Season 2 premiere" in text
    assert "For All Mankind" not in text


def test_a_timeline_of_one_season(run: Run) -> None:
    assert "Season 2" not in run(timeline, "star-city", "--season", "1").stdout
    nothing = run(timeline, "star-city", "--season", "9")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "Nobody has said anything" in nothing.stderr


def test_a_timeline_is_a_picture_where_the_file_is_one(run: Run, tmp_path: Path) -> None:
    run(timeline, "star-city", "-o", str(tmp_path / "star.svg"))
    run(timeline, "star-city", "-o", str(tmp_path / "star.txt"))
    assert len(ElementTree.parse(tmp_path / "star.svg").getroot().findall("{http://www.w3.org/2000/svg}svg")) == 2
    assert (tmp_path / "star.txt").read_text().startswith("Star City")


@pytest.mark.parametrize("command", [(timeline, "Star Cty"), (export, "csv", "--work", "star_city")], ids=["t", "e"])
def test_an_unknown_work_is_told_the_nearest(run: Run, command: tuple[click.Command, str]) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert "Did you mean star-city" in result.stderr


# --- cite --------------------------------------------------------------------------------------------------------


def test_a_fact_is_cited_by_the_claim_that_supports_it_best(run: Run) -> None:
    text = run(cite, "for-all-mankind/release_date/s5/premiere").stdout
    assert "|title=What apple-press wrote |url=https://news.example/apple-press/202512111500 " in text
    assert "|author=Jane Roe " in text
    assert "|work=Apple TV Press |date=11 December 2025 " in text
    assert "|quote=Season five premieres globally on March 27, 2026.}}</ref>" in text


@pytest.mark.parametrize(("style", "start"), [("markdown", "> Star City"), ("bibtex", "@online{apple-press-")])
def test_a_citation_comes_in_other_forms(run: Run, style: str, start: str) -> None:
    assert run(cite, "star-city/release_date/s1/premiere", "--format", style).stdout.startswith(start)


def test_a_fact_that_no_claim_supports_is_not_cited(run: Run) -> None:
    result = run(cite, "for-all-mankind/release_date/s5/finale")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to cite" in result.stderr


def test_an_unknown_fact_is_told_the_nearest(run: Run) -> None:
    result = run(cite, "star-city/release_date/s1/premier")
    assert result.exit_code == 2
    assert "Did you mean star-city/release_date/s1/premiere" in result.stderr


def test_the_best_claim_is_of_the_best_tier_then_the_surest_then_the_first() -> None:
    held = replace(facts()[0], value=replace(facts()[0].value, date=YEAR_2026))
    trade = claim(FAM5, "screen-ledger", utc(2025, 3, 1), "t", date=YEAR_2026)
    press = replace(trade, source_id="couch-report", tier=Tier.PRESS, claimed_at=utc(2025, 1, 1))
    later = replace(trade, claimed_at=utc(2025, 5, 1))
    other = claim(STAR1, "apple-press", utc(2025, 1, 1), "o", date=None, null=True)
    assert best_claim(held, [press, later, trade, other, replace(trade, background=True)]) == trade
    assert best_claim(held, [other]) is None


# --- the period --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "begin", "end"),
    [
        (None, None, "2026-03-13T06:00:00Z", "2026-03-14T06:00:00Z"),
        ("7d", None, "2026-03-07T06:00:00Z", "2026-03-14T06:00:00Z"),
        ("36h", "2026-03-01", "2026-02-27T17:00:00Z", "2026-03-01T05:00:00Z"),
        ("2026-01-01", "2w", "2026-01-01T05:00:00Z", "2026-02-28T06:00:00Z"),
        ("2026-01-01T12:00Z", "2026-01-02T12:00+02:00", "2026-01-01T12:00:00Z", "2026-01-02T10:00:00Z"),
    ],
)
def test_a_period_is_said_in_days_moments_or_spans(since: str | None, until: str | None, begin: str, end: str) -> None:
    read = [Moment().convert(text, None, None) if text else None for text in (since, until)]
    found = period(*read, now=UNTIL, zone=ZoneInfo("America/New_York"), usual=dt.timedelta(days=1))
    assert [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in found] == [begin, end]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "soon"), "is no day"),
        (("--since", "2026-02-30"), "is no day"),
        (("--since", "999999w"), "before or after every day"),
        (("--since", "2026-03-02", "--until", "2026-03-01"), "before it begins"),
    ],
)
def test_a_wrong_period_is_a_usage_error(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run(export, "csv", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
