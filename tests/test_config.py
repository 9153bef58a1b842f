"""sources.yaml: what it means, and every mistake in it with its place."""

from __future__ import annotations

import datetime as dt
import json
import re
import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.formats import FORMATS
from pipeline.config import json_schema, load_config, slug, watch_config
from storage.errors import ConfigError
from storage.model import ChangeKind, Config, Kind, PartialDate, SecretRef, Selectors, SourceKind, Status, Tier

ROOT = Path(__file__).parent.parent

FULL = """\
contact_url: https://example.org/me
franchises:
  - id: harbour
    title: Harbour
    works:
      - id: harbour-nine
        title: Harbour Nine
        kind: series
        aliases: [H9]
        people: [Ines Marlow]
        companions: [lighthouse]
        known:
          seasons: [1, 2]
          cast: [Tom Ashe]
          release_dates: {1: 2024-03-27, 2: 2025-02, 0: 2023}
          ended: true
      - id: "1923"
        title: 1923
        parent: harbour-nine
sources:
  - id: desk
    name: The Desk
    kind: feed
    url: https://desk.example/feed/
    tier: trade
    interval: 1h 30m
    language: en
    full_text: true
    enabled: no
  - id: press
    name: The Network
    kind: page
    url: http://10.0.0.8/press
    tier: official
    allow_private: true
    selectors: {item: li.release, title: h3, link: a, date: time, summary: p}
  - id: board
    name: The Board
    kind: page
    url: https://board.example/
    tier: rumour
    region: main
targets:
  - id: phone
    format: webhook
    url: {env: PHONE_URL}
    secret: {file: phone.secret}
    optional: true
  - id: chat
    format: telegram
    url: {command: pass show chat}
    options: {chat_id: 12345}
  - id: here
    format: webhook
    url: http://127.0.0.1:8080/hook
    allow_private: true
routes:
  - id: dates
    target: phone
    works: [harbour-nine]
    kinds: [release_date, renewal]
    changes: [moved_later]
    roles: [premiere]
    min_status: reported
    min_tier: press
    deliver: both
    quiet_hours: 22:00-07:30
    daily_limit: 5
    show_headline: true
    remind: true
  - id: rest
    target: here
digest:
  at: 7:30
  timezone: Europe/Berlin
  target: chat
  path: out/digest.html
  format: markdown
  show_headlines: true
"""

GOOD = """\
franchises:
  - id: harbour
    title: Harbour
    works:
      - id: nine
        title: Harbour Nine
sources:
  - id: desk
    name: The Desk
    kind: feed
    url: https://desk.example/feed/
    tier: trade
targets:
  - id: phone
    format: webhook
    url: {env: PHONE_URL}
routes:
  - id: all
    target: phone
digest:
  at: 07:00
"""


def load(folder: Path, text: str) -> Config:
    path = folder / "sources.yaml"
    path.write_text(text)
    return load_config(path)


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    assert caught.value.exit_code == 3
    return [mistake.removeprefix(f"{folder}/") for mistake in caught.value.mistakes]


def test_every_key_arrives_in_the_frozen_values(tmp_path: Path) -> None:
    config = load(tmp_path, FULL)
    nine, spinoff = config.works
    assert (nine.id, nine.franchise_id, nine.aliases, nine.people) == (
        "harbour-nine",
        "harbour",
        ("H9",),
        ("Ines Marlow",),
    )
    assert (nine.companions, nine.known.seasons, nine.known.cast, nine.known.ended) == (
        ("lighthouse",),
        (1, 2),
        ("Tom Ashe",),
        True,
    )
    assert nine.known.release_dates == {
        1: PartialDate(edtf="2024-03-27", earliest=dt.date(2024, 3, 27), latest=dt.date(2024, 3, 27)),
        2: PartialDate(edtf="2025-02", earliest=dt.date(2025, 2, 1), latest=dt.date(2025, 2, 28)),
        0: PartialDate(edtf="2023", earliest=dt.date(2023, 1, 1), latest=dt.date(2023, 12, 31)),
    }
    assert (spinoff.title, spinoff.parent, spinoff.kind) == ("1923", "harbour-nine", "series")
    desk, press, board = config.sources
    assert (desk.kind, desk.tier, desk.interval_s, desk.language) == (SourceKind.FEED, Tier.TRADE, 5400, "en")
    assert (desk.full_text, desk.enabled, press.enabled, press.allow_private) == (True, False, True, True)
    assert press.selectors == Selectors(item="li.release", title="h3", link="a", date="time", summary="p")
    assert (board.region, board.selectors, board.interval_s) == ("main", None, 3600)
    dates, rest = config.routes
    assert (dates.kinds, dates.changes) == ((Kind.RELEASE_DATE, Kind.RENEWAL), (ChangeKind.MOVED_LATER,))
    assert (dates.works, dates.roles, dates.deliver) == (("harbour-nine",), ("premiere",), "both")
    assert (dates.min_status, dates.min_tier, dates.daily_limit) == (Status.REPORTED, Tier.PRESS, 5)
    assert (dates.quiet_hours, dates.show_headline, dates.remind) == ((dt.time(22), dt.time(7, 30)), True, True)
    assert (dates.target.url, dates.target.optional) == (SecretRef(env="PHONE_URL"), True)
    assert dates.target.secret == SecretRef(file=str(tmp_path / "phone.secret"))
    assert rest.target.url == SecretRef(literal="http://127.0.0.1:8080/hook")
    assert (config.digest.at, config.digest.timezone, config.digest.format) == (
        dt.time(7, 30),
        "Europe/Berlin",
        "markdown",
    )
    assert config.digest.show_headlines
    assert config.digest.path == str(tmp_path / "out/digest.html")
    assert config.digest.target is not None
    assert config.digest.target.options == {"chat_id": "12345"}
    assert config.contact_url == "https://example.org/me"


def test_a_file_name_may_begin_at_home(tmp_path: Path) -> None:
    text = GOOD.replace("{env: PHONE_URL}", "{file: ~/phone}").replace("at: 07:00", "path: ~no-such-user/digest.html")
    config = load(tmp_path, text)
    assert config.routes[0].target.url.file == str(Path.home() / "phone")
    assert config.digest.path == str(tmp_path / "~no-such-user/digest.html")


def test_what_is_left_out_has_the_defaults_of_the_model(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert config.routes[0].kinds == ()
    assert config.routes[0].min_status is Status.RUMOURED
    assert config.digest.target is None
    assert not config.digest.show_headlines
    assert config.contact_url == Config(franchises=(), sources=()).contact_url


def test_a_key_without_a_value_counts_as_left_out(tmp_path: Path) -> None:
    assert (
        load(tmp_path, GOOD.replace("title: Harbour Nine", "title: Harbour Nine\n        aliases:")).works[0].aliases
        == ()
    )


IN_FILE = [
    # id, what to replace, by what, line:column, words of the message
    ("unknown key, top", "digest:", "digset:", "20:1", 'unknown key "digset".*did you mean "digest"'),
    (
        "unknown key, deep",
        "tier:",
        "teir:",
        "12:5",
        'unknown key "teir"; allowed here: id, name, kind.*did you mean "tier"',
    ),
    ("unknown key in digest", "at: 07:00", "art: 07:00", "21:3", 'did you mean "at"'),
    (
        "unknown key in a reference",
        "{env: PHONE_URL}",
        "{evn: PHONE_URL}",
        "16:11",
        'unknown key "evn".*did you mean "env"',
    ),
    ("missing key", "    name: The Desk\n", "", "8:5", '"name" is missing'),
    ("empty key", "name: The Desk", "name:", "9:5", '"name" is missing'),
    (
        "missing id says an example",
        "- id: nine\n        title",
        "- title",
        "5:9",
        '"id" is missing; for example id: harbour-nine',
    ),
    ("kind of source", "kind: feed", "kind: rss", "10:11", '"kind" is "rss" but must be one of feed, page, sitemap'),
    (
        "tier",
        "tier: trade",
        "tier: offical",
        "12:11",
        'one of official, trade, press, aggregator, rumour; did you mean "official"',
    ),
    ("format", "format: webhook", "format: Discord", "15:13", 'did you mean "discord"'),
    (
        "list of kinds",
        "target: phone",
        "target: phone\n    kinds: [casting, renewals]",
        "20:22",
        'did you mean "renewal"',
    ),
    (
        "min_status",
        "target: phone",
        "target: phone\n    min_status: denied",
        "20:17",
        "one of rumoured, reported, confirmed",
    ),
    ("deliver", "target: phone", "target: phone\n    deliver: later", "20:14", "one of now, digest, both"),
    ("id with a space", "id: nine", "id: Harbour Nine", "5:13", 'single hyphens, for example "harbour-nine"'),
    ("duplicate work", "- id: nine", "- {id: nine, title: A}\n      - id: nine", "6:13", '"nine" is already taken'),
    (
        "duplicate key",
        "tier: trade",
        "tier: trade\n    tier: press",
        "13:5",
        'key "tier" stands here twice, first in line 12',
    ),
    (
        "dangling parent",
        "title: Harbour Nine",
        "title: H\n        parent: nien",
        "7:17",
        '"nien" is not the id.*did you mean "nine"',
    ),
    (
        "own parent",
        "title: Harbour Nine",
        "title: H\n        parent: nine",
        "7:17",
        'leads back to itself: "nine" → "nine"',
    ),
    (
        "dangling target",
        "target: phone",
        "target: fone",
        "19:13",
        '"fone" is not the id of one of the targets.*did you mean "phone"',
    ),
    (
        "dangling work",
        "target: phone",
        "target: phone\n    works: [nine, ten]",
        "20:19",
        '"ten" is not the id of one of the works',
    ),
    ("dangling digest target", "at: 07:00", "target: mail", "21:11", '"mail" is not the id of one of the targets'),
    (
        "interval without unit",
        "tier: trade",
        "tier: trade\n    interval: 30",
        "13:15",
        'with its unit, for example "30m"',
    ),
    ("interval too short", "tier: trade", "tier: trade\n    interval: 5m", "13:15", 'between "15m".*and "30d"'),
    ("interval too long", "tier: trade", "tier: trade\n    interval: 9999d", "13:15", 'between "15m".*and "30d"'),
    ("no address", "https://desk.example/feed/", "desk.example/feed", "11:10", "begins with"),
    ("ftp", "https://desk.example/feed/", "ftp://desk.example/feed", "11:10", "begins with"),
    ("bad port", "https://desk.example/feed/", "https://desk.example:x/", "11:10", "begins with"),
    ("password in address", "https://desk", "https://me:canary@desk", "11:10", "must not carry a name or password"),
    ("private source", "desk.example", "192.168.0.1", "11:10", "add allow_private: true"),
    (
        "option of a format",
        "format: webhook",
        "format: telegram",
        "15:13",
        r"format telegram needs .chat_id.; write options: \{chat_id",
    ),
    ("page with both", "kind: feed", "kind: page\n    selectors: {item: li}\n    region: main", "12:13", "not both"),
    (
        "feed with selectors",
        "tier: trade",
        "tier: trade\n    selectors: {item: li}",
        "13:16",
        "is for kind: page; this is a feed",
    ),
    ("bad selector", "kind: feed", "kind: page\n    selectors: {item: 'a[['}", "11:23", "must be a CSS selector"),
    (
        "list for a boolean",
        "tier: trade",
        "tier: trade\n    full_text: [a]",
        "13:16",
        "must be true or false, not a list",
    ),
    ("text for a list", "title: Harbour Nine", "title: H\n        aliases: H9", "7:18", '"aliases" must be a list'),
    ("list for a text", "title: Harbour Nine", "title: [H]", "6:16", '"title" must be one text'),
    ("text for a mapping", "at: 07:00", "daily", "21:3", "must be a mapping of keys"),
    ("season", "title: Harbour Nine", "title: H\n        known: {seasons: [1, two]}", "7:30", "must be a whole number"),
    (
        "season 0",
        "title: Harbour Nine",
        "title: H\n        known: {seasons: [0]}",
        "7:27",
        "greater than or equal to 1",
    ),
    (
        "day",
        "title: Harbour Nine",
        "title: H\n        known: {release_dates: {1: 2026-02-30}}",
        "7:36",
        "a date that exists",
    ),
    (
        "season of a day",
        "title: Harbour Nine",
        "title: H\n        known: {release_dates: {one: 2026}}",
        "7:33",
        '"release_dates" must be a whole number',
    ),
    ("boolean", "tier: trade", "tier: trade\n    enabled: perhaps", "13:14", "must be true or false"),
    ("language", "tier: trade", "tier: trade\n    language: English", "13:15", "must be a language code"),
    ("time", "at: 07:00", "at: 24:00", "21:7", 'from "00:00" to "23:59"'),
    ("retention", "targets:", "retention: {texts: 90}\ntargets:", "13:20", "number of days, weeks or years"),
    ("retention too short", "targets:", "retention: {texts: 6d}\ntargets:", "13:20", 'between "7d" and "100y"'),
    ("retention too long", "targets:", "retention: {texts: 101y}\ntargets:", "13:20", 'between "7d" and "100y"'),
    ("quiet hours", "target: phone", "target: phone\n    quiet_hours: 22:00", "20:18", "two different times of day"),
    (
        "quiet for no time",
        "target: phone",
        "target: phone\n    quiet_hours: 07:00-7:00",
        "20:18",
        "two different times of day",
    ),
    ("daily limit", "target: phone", "target: phone\n    daily_limit: 0", "20:18", "greater than or equal to 1"),
    ("time zone", "at: 07:00", "timezone: Europe/Belrin", "21:13", 'did you mean "Europe/Berlin"'),
    ("scalar for entries", "targets:", "foo: []\ntargets:", "13:1", "unknown key .foo.; allowed here: franchises"),
    (
        "no works",
        "works:\n      - id: nine\n        title: Harbour Nine",
        "works: []",
        "4:12",
        '"works" needs at least one entry',
    ),
    ("literal webhook", "{env: PHONE_URL}", "https://example.org/canary", "16:10", r"write \{env: NAME\}"),
    (
        "literal signing secret",
        "{env: PHONE_URL}",
        "{env: PHONE_URL}\n    secret: whsec_canary",
        "17:13",
        r"write \{env: NAME\}",
    ),
    (
        "secret where a name belongs",
        "{env: PHONE_URL}",
        "{env: whsec_canary}",
        "16:16",
        "is a secret and must not stand",
    ),
    (
        "Discord address elsewhere",
        "name: The Desk",
        "name: https://discord.com/api/webhooks/1/canary",
        "9:11",
        "is a secret",
    ),
    ("loopback target", "{env: PHONE_URL}", "http://localhost:9/", "16:10", "add allow_private: true"),
    ("escape sequence", "name: The Desk", 'name: "a\\ec"', "9:11", "without control characters"),
    ("escape sequence told", "kind: feed", 'kind: "\\e[31m"', "10:11", '"kind" is "�.31m"'),
    ("file of nobody", "{env: PHONE_URL}", '{file: "a\\0b"}', "16:17", "without control characters"),
    ("not a variable's name", "{env: PHONE_URL}", "{env: my phone}", "16:16", "name of an environment variable"),
    ("two references", "{env: PHONE_URL}", "{env: A, file: b}", "16:10", "exactly one of env, file and command"),
    ("no reference", "{env: PHONE_URL}", "{}", "16:10", "exactly one of env, file and command"),
]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"), [row[1:] for row in IN_FILE], ids=[row[0] for row in IN_FILE]
)
def test_a_mistake_is_told_with_its_place_and_its_cure(
    tmp_path: Path, old: str, new: str, place: str, message: str
) -> None:
    assert GOOD.count(old) >= 1
    told = mistakes(tmp_path, GOOD.replace(old, new, 1))
    assert any(mistake.startswith(f"sources.yaml:{place}: ") and re.search(message, mistake) for mistake in told), told
    assert not any("canary" in mistake for mistake in told)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("title: Harbour\n", "titel: Harbour\n").replace("feed\n", "rss\n").replace("all\n", "All\n")
    text = text.replace("target: phone", "target: fone").replace("07:00", "7").replace("https://", "")
    places = [mistake.split(" ")[0] for mistake in mistakes(tmp_path, text)]
    assert places == [f"sources.yaml:{place}:" for place in ("2:5", "3:5", "10:11", "11:10", "18:9", "19:13", "21:7")]


NOT_YAML = [
    ("tab", "a:\n\tb: 1\n", "2:1", "indent with spaces"),
    ("colon in a title", "title: Star City: The Start\n", "1:17", "needs quotation marks"),
    ("indentation", "a:\n  b: 1\n c: 2\n", "3:2", "the indentation does not line up"),
    ("open bracket", "a: [1, 2\nb: 3\n", "2:2", "a bracket is not closed"),
    ("open quote", "a: 'x\n", "2:1", "a quotation mark is not closed"),
    ("two documents", "a: 1\n---\nb: 1\n", "2:1", "one document"),
    ("at sign", "a: @x\n", "1:4", "needs quotation marks"),
    ("no such alias", "a: *x\n", "1:4", "undefined alias"),
    ("control character", "a: 1\nb: \x07\n", "2:4", "control character"),
    ("nothing", "", "1:1", "is empty; it needs at least the keys franchises and sources"),
    ("comments only", "# later\n", "1:1", "is empty"),
    ("a list", "- a\n", "1:1", "is not a mapping of keys"),
    ("a text", "hello\n", "1:1", "is not a mapping of keys"),
    ("deep", "a: " + "[" * 1200, "1:1", "nested too deeply"),
]


@pytest.mark.parametrize(("text", "place", "message"), [row[1:] for row in NOT_YAML], ids=[row[0] for row in NOT_YAML])
def test_what_is_not_yaml_is_told_with_its_place(tmp_path: Path, text: str, place: str, message: str) -> None:
    [told] = mistakes(tmp_path, text)
    assert told.startswith(f"sources.yaml:{place}: ")
    assert message in told


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"sources\.yaml:2:7: is not UTF-8"):
        load_config(tmp_path / "sources.yaml")


def test_a_byte_order_mark_and_windows_lines_are_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_config(tmp_path / "sources.yaml").works[0].title == "Harbour Nine"


def test_a_missing_file_is_answered_with_one_that_works(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file") as caught:
        load_config(tmp_path / "none.yaml")
    example = str(caught.value).split("\n\n", 1)[1]
    assert load(tmp_path, example).works[0].title == "For All Mankind"


def test_a_folder_is_told_not_to_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)


def test_an_alias_of_yaml_means_what_it_names(tmp_path: Path) -> None:
    text = GOOD.replace(
        "title: Harbour Nine", "title: Harbour Nine\n        people: &crew [Ines Marlow]\n        aliases: *crew"
    )
    assert load(tmp_path, text).works[0].aliases == ("Ines Marlow",)


def test_an_alias_bomb_is_a_mistake_and_no_explosion(tmp_path: Path) -> None:
    lines = ["a: &a0 [x, x]"] + [f"b{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40)]
    assert 'unknown key "b39"' in "\n".join(mistakes(tmp_path, "\n".join(lines)))


def test_an_alias_to_itself_is_a_mistake(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "franchises: &f\n  - *f\n")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(FULL)), st.integers(0, 12), st.text(alphabet="ab1:-[]{}'\"&*#\n\t |>!,é\x00", max_size=6))
def test_no_edit_of_the_file_leads_to_anything_but_values_or_mistakes(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, put: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "sources.yaml"
    path.write_text(FULL[:at] + put + FULL[at + cut :])
    assert all(re.match(rf"{re.escape(str(path))}:\d+:\d+: ", mistake) for mistake in _mistakes_of(path))


def _mistakes_of(path: Path) -> list[str]:
    try:
        load_config(path)
    except ConfigError as error:
        return error.mistakes
    return []


# --- rows instead of a file ------------------------------------------------------------------------------------------


def test_each_row_becomes_a_franchise_of_one_work() -> None:
    rows: list[dict[str, Any]] = [
        {"title": "Harbour Nine", "aliases": ["H9"], "people": ["Ines Marlow"], "id": 7, "known": {"seasons": [1, 2]}},
        {"title": "Lightship", "parent": "harbour nine"},
        {"title": "Lightship", "parent": "Somewhere Else"},
        {"title": 1923, "parent": None, "aliases": None},
    ]
    config = watch_config(rows)
    assert [f.id for f in config.franchises] == ["harbour-nine", "lightship", "lightship-2", "1923"]
    assert [f.title for f in config.franchises] == ["Harbour Nine", "harbour nine", "Somewhere Else", "1923"]
    assert [w.parent for w in config.works] == [None, "harbour-nine", None, None]
    assert config.works[0].known.seasons == (1, 2)
    assert config.works[0].aliases == ("H9",)
    assert config.sources == ()


def test_every_mistake_of_every_row_is_told() -> None:
    with pytest.raises(ConfigError) as caught:
        watch_config([{"title": ""}, {"aliases": "H9"}, {"title": "A", "known": {"season": [1]}}, "B"])  # type: ignore[list-item]
    told = caught.value.mistakes
    assert [mistake.split(":")[0] for mistake in told] == ["row 1", "row 2", "row 2", "row 3", "row 4"]
    assert 'did you mean "seasons"' in told[3]


SLUGS = [
    ("For All Mankind", "for-all-mankind"),
    ("Star City", "star-city"),
    ("  Ça ira !  ", "ca-ira"),
    ("Marvel’s Agents", "marvels-agents"),
    ("Law & Order", "law-and-order"),
    ("Straße nach Łódź", "strasse-nach-lodz"),
    ("1923", "1923"),
    ("三体", "title-1a772824"),
]


@pytest.mark.parametrize(("title", "key"), SLUGS, ids=[key for _, key in SLUGS])
def test_a_slug_is_readable_ascii(title: str, key: str) -> None:
    assert slug(title) == key


@given(st.text())
def test_every_slug_may_stand_as_an_id(title: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(title))


# --- what is shipped and documented ----------------------------------------------------------------------------------


def test_the_shipped_file_has_no_mistake() -> None:
    config = load_config(ROOT / "sources.yaml")
    assert {work.id: work.parent for work in config.works} == {"for-all-mankind": None, "star-city": "for-all-mankind"}
    assert len([source for source in config.sources if source.kind is SourceKind.FEED]) >= 12
    assert all(route.target.optional for route in config.routes)


@pytest.mark.parametrize(("written", "kept"), [("90d", 90), ("12w", 84), ("2 y", 730)])
def test_texts_are_kept_as_long_as_it_says(tmp_path: Path, written: str, kept: int) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(f"{FULL}\nretention: {{texts: {written}}}\n", encoding="utf-8")
    assert load_config(path).retention.texts == dt.timedelta(days=kept)


def test_the_schema_in_the_docs_is_current() -> None:
    assert json.loads((ROOT / "docs/sources.schema.json").read_text()) == json_schema()


PLAIN = (
    FULL.replace("title: 1923", 'title: "1923"').replace("enabled: no", "enabled: false").replace("12345", '"12345"')
)
"""Without the liberties that the loader takes with unquoted values."""


@pytest.mark.parametrize("text", [PLAIN, GOOD, (ROOT / "sources.yaml").read_text()], ids=["full", "good", "shipped"])
def test_the_schema_allows_what_the_loader_allows(text: str) -> None:
    data = json.loads(json.dumps(YAML(typ="safe").load(text), default=str))
    jsonschema.validate(data, json_schema())


def test_every_role_that_a_rule_reads_may_stand_in_a_route() -> None:
    roles = json_schema()["$defs"]["Route"]["properties"]["roles"]["items"]["enum"]
    rules = "\n".join(path.read_text() for path in (ROOT / "pipeline/extract/rules").rglob("*.yaml"))
    assert set(re.findall(r"\brole: *([a-z_]+)", rules)) <= set(roles)


def test_every_format_that_can_be_rendered_may_stand_in_a_target() -> None:
    assert tuple(json_schema()["$defs"]["Target"]["properties"]["format"]["enum"]) == FORMATS


def _documented() -> set[str]:
    """The first cell of every row of the tables of keys, under its heading's path."""
    found, section = set(), ""
    for line in (ROOT / "docs/configuration.md").read_text().splitlines():
        if heading := re.match(r"#+ .*`([\w.\[\]]+)`", line):
            section = heading[1]
        elif line.startswith("#"):
            section = ""
        elif section and (row := re.match(r"\| `(\w+)` \|", line)):
            found.add(f"{section}.{row[1]}")
    return found


def _schema_keys(schema: dict[str, Any], at: str, whole: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        return set().union(*(_schema_keys(branch, at, whole) for branch in schema["anyOf"]))
    if schema.get("type") == "array":
        return _schema_keys(schema["items"], at, whole)
    keys = set()
    for name, child in schema.get("properties", {}).items():
        keys |= {f"{at}.{name}"} | _schema_keys(child, name, whole)
    return keys


def test_every_key_is_documented_and_every_documented_key_exists() -> None:
    schema = json_schema()
    assert _documented() == {key.replace("secret.", "url.") for key in _schema_keys(schema, "file", schema)}


def test_every_yaml_example_in_the_docs_works(tmp_path: Path) -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    examples = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    assert examples
    for example in examples:
        load(tmp_path, textwrap.dedent(example))
