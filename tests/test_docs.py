"""The documentation says what is, all of it: commands, options, events, views, kinds, pages; and nothing that is not.

python tests/test_docs.py      writes docs/commands.md anew
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipeline.cli import COMMANDS, cli, load_command
from storage.model import ChangeKind, Health, Kind

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("decisions/*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
BAR = r"\|"
"""A bar inside a cell of a table."""
EVENTS = ["source.broken", "source.recovered", "test", "alerts.grouped", "digest"]


# --- commands --------------------------------------------------------------------------------------------------------


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == commands_page()


def commands_page() -> str:
    """docs/commands.md: every command with its arguments and options, from the commands themselves."""
    lines = [
        "# Commands", "",
        "Written from the commands themselves by `python tests/test_docs.py`; `franchise-watch COMMAND --help` says the"
        " same.", "", "## Before every command", "", *_options(cli),
    ]  # fmt: skip
    for name in COMMANDS:
        lines += _section(load_command(name), name, "##")
    return "\n".join(lines) + "\n"


def _section(command: click.Command, name: str, heading: str) -> Iterator[str]:
    context = click.Context(command, info_name=f"franchise-watch {name}")
    usage = " ".join(command.collect_usage_pieces(context)).replace("[OPTIONS]", "").split()
    yield from ("", f"{heading} `{name}`", "", f"`{' '.join(['franchise-watch', name, *usage])}`", "")
    yield from _paragraphs(command.help or "")
    if options := list(_options(command)):
        yield from ("", *options)
    for sub in command.commands.values() if isinstance(command, click.Group) else ():
        yield from _section(sub, f"{name} {sub.name}", "###")


def _paragraphs(text: str) -> list[str]:
    joined = (" ".join(part.split()) for part in text.replace("\b", "").split("\n\n"))
    return "\n\n".join(joined).split("\n")


def _options(command: click.Command) -> Iterator[str]:
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if not options:
        return
    yield from ("| option | what it does |", "|---|---|")
    for option in options:
        metavar = "" if option.is_flag or option.count else f" {option.make_metavar(click.Context(command))}"
        names = "/".join([*option.opts, *option.secondary_opts])
        default = f" [default: {option.default}]" if option.show_default and not option.is_flag else ""
        said = f"{' '.join((option.help or '').split())}{default}"
        yield f"| `{(names + metavar).replace('|', BAR)}` | {said.replace('|', BAR)} |"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_named_where_it_is_explained(name: str) -> None:
    pages = [page for page in PAGES if page.name not in ("commands.md", "CHANGELOG.md")]
    assert any(re.search(rf"`{name}\b|franchise-watch {name}\b", page.read_text(encoding="utf-8")) for page in pages)


def quoted_commands() -> Iterator[tuple[str, str]]:
    """Page and arguments of every `franchise-watch …` in an example or in backticks."""
    for page in PAGES:
        if page.name == "commands.md":
            continue
        text = page.read_text(encoding="utf-8")
        examples = "\n".join([*re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL),
                              *re.findall(r"^    (\S.*)$", text, re.MULTILINE),
                              *re.findall(r"`(franchise-watch [^`]+)`", text)])  # fmt: skip
        for found in re.findall(r"(?:^|&& |\| |/)franchise-watch ([a-z-][^\n|>#]*)", examples, re.MULTILINE):
            yield page.name, found.strip()


QUOTED = list(quoted_commands())


@pytest.mark.parametrize(("page", "line"), QUOTED, ids=[f"{page}: {line}" for page, line in QUOTED])
def test_every_command_that_is_quoted_exists(page: str, line: str) -> None:
    words = shlex.split(line.replace("…", "").replace("...", ""))
    group: click.Command = cli
    while words and not words[0].startswith("-") and isinstance(group, click.Group):
        assert words[0] in group.commands, f"{page}: there is no command {words[0]}"
        name = words.pop(0)
        group = load_command(name) if group is cli else group.commands[name]
    known = {option for one in (group, cli) for parameter in one.params for option in
             (*parameter.opts, *parameter.secondary_opts)} | {"--help", "-h", "--version"}  # fmt: skip
    assert {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)} <= known


# --- events, kinds, views --------------------------------------------------------------------------------------------


def test_every_event_type_is_documented() -> None:
    text = (DOCS / "alerts.md").read_text(encoding="utf-8")
    every = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [event for event in EVENTS if f"`{event}`" not in every] == []
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", text))
    types = {f"{kind}.{change}" for kind in Kind for change in ChangeKind} | set(EVENTS)
    assert {name for name in named if name.split(".")[0] in {*Kind, "source", "alerts"}} <= types


@pytest.mark.parametrize("health", Health)
def test_every_health_is_documented(health: Health) -> None:
    assert f"`{health}`" in (DOCS / "running.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("change", ChangeKind)
def test_every_change_is_documented(change: ChangeKind) -> None:
    assert f"`{change}`" in (DOCS / "changes.md").read_text(encoding="utf-8")


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            path, _, anchor = target.partition("#")
            place = (page.parent / path).resolve() if path else page
            assert place.exists(), f"{target} is not there"
            if anchor:
                assert anchor in anchors(place), f"{target}: no such heading"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_page_is_found_from_the_readme(page: Path) -> None:
    assert f"docs/{page.name}" in (ROOT / "README.md").read_text(encoding="utf-8")


if __name__ == "__main__":
    (DOCS / "commands.md").write_text(commands_page(), encoding="utf-8")
    sys.exit(0)
