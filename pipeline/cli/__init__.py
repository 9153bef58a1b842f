"""The command `franchise-watch`: global options, exit codes and the table of commands.

Every command lives in a module of its own beside this file and is imported only when it is asked for, so that `--help`
stays quick. A command takes `Settings` with `@pass_settings` and returns None or an exit code. What does not belong
here: anything that reads sources.yaml, the store or the network.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from storage.errors import FranchiseWatchError

COMMANDS: dict[str, tuple[str, str]] = {
    "run": (
        "pipeline.cli.run:run",
        "Ask every source that is due, send what is new, write the digest when it is time.",
    ),
    "daemon": ("pipeline.cli.daemon:daemon", "Watch until stopped: ask what is due, send what is new."),
    "status": ("pipeline.cli.status:status", "Show how well each source is read, and what waits to be sent."),
    "doctor": ("pipeline.cli.doctor:doctor", "Look for what may keep the watch from working."),
    "demo": ("pipeline.cli.demo:demo", "Watch two years of recorded news go by, and each alert arrive."),
    "alerts": ("pipeline.cli.alerts:alerts", "Show what was sent and what waits, send again, try a target."),
    "parse": (
        "pipeline.cli.parse:parse_command",
        "Read a feed, page, article or sitemap (FILE, or - for standard input) and write what would be stored of it.",
    ),
    "extract": ("pipeline.cli.extract:extract_command", "Read JSON lines and write what each text claims."),
    "explain": (
        "pipeline.cli.explain:explain",
        "Show what is read in a text, by which rule, and what would be alerted.",
    ),
    "facts": ("pipeline.cli.facts:facts", "Show what is believed now, or was at a past time, and what is still open."),
    "why": ("pipeline.cli.why:why", "Show the chain from a sentence to an alert, or why a fact is believed."),
    "why-not": ("pipeline.cli.why:why_not", "Show the stage at which a piece stopped and did not become an alert."),
    "reread": (
        "pipeline.cli.reread:reread",
        "Read the stored items again by the present rules and show what would change.",
    ),
    "backtest": ("pipeline.cli.backtest:backtest", "Print the alerts that a stream of items would have set off."),
    "cite": (
        "pipeline.cli.cite:cite",
        "Cite FACT (its id, such as star-city/release_date/s1/premiere) by the claim that supports it best.",
    ),
    "timeline": (
        "pipeline.cli.timeline:timeline",
        "Draw every date that was claimed for WORK (its id in sources.yaml), when, by whom, and what was believed.",
    ),
    "export": ("pipeline.cli.export:export", "Write what is known for another program."),
    "digest": ("pipeline.cli.digest:digest", "Show the digest of the last day, or of another time."),
    "record": ("pipeline.cli.record:record", "Record what addresses, or all sources, answer."),
    "replay": (
        "pipeline.cli.replay:replay",
        "Run the pipeline over a recording and print the alerts it would have sent.",
    ),
    "browse": (
        "pipeline.cli.browse:browse",
        "Open the store in a browser, read-only, on this machine only.",
    ),
    "backup": ("pipeline.cli.store:backup", "Write a whole copy of the store to FILE, also while a run is going on."),
    "restore": (
        "pipeline.cli.store:restore",
        "Put the backup FILE in the store's place; the store that was there is kept beside it.",
    ),
    "check-store": (
        "pipeline.cli.store:check_store",
        "Read the whole store and say whether it is sound; the exit code is 1 where it is not.",
    ),
    "vacuum": ("pipeline.cli.store:vacuum", "Give unused room back to the disk."),
    "add": (
        "pipeline.cli.add:add",
        "Find the feeds of a page, show what one would bring, and write it into sources.yaml.",
    ),
    "check": ("pipeline.cli.check:check", "Check sources.yaml and show what it says."),
}
"""Name → where it lives (`module:attribute`) and its line in `--help`; the order is the order of `--help`."""

STORE_NAME = "franchise-watch.db"
_COMPLETE = "_FRANCHISE_WATCH_COMPLETE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The global options, as every command gets them."""

    config_path: Path
    store_path: Path
    verbosity: int = 0
    """-1 quiet, 0 usual, 1 to 3 for each `-v`."""


pass_settings = click.make_pass_decorator(Settings)


class LazyGroup(click.Group):
    """A group that shows the table's help lines and imports a command only to run it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the command itself in the place of its line in the table."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name in COMMANDS else command, rest


def load_command(name: str) -> click.Command:
    """Import the command of that name in `COMMANDS`."""
    from importlib import import_module

    module, attribute = COMMANDS[name][0].split(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


@click.group(
    cls=LazyGroup,
    commands={name: click.Command(name, short_help=line) for name, (_, line) in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 unexpected, 2 usage, 3 configuration, 4 some sources failed, 5 some alerts failed, "
    "75 another run holds the store.",
)
@click.option("--config", type=click.Path(path_type=Path), envvar="FRANCHISE_WATCH_CONFIG", metavar="FILE",
              help="Where sources.yaml is. [default: here, else in your configuration folder]")  # fmt: skip
@click.option("--store", type=click.Path(path_type=Path), envvar="FRANCHISE_WATCH_STORE", metavar="FILE",
              help=f"The database. [default: {STORE_NAME} beside sources.yaml]")  # fmt: skip
@click.option("-v", "--verbose", count=True, help="Say more; -vv for every step, -vvv for tracebacks.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.version_option(package_name="franchise-watch", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, store: Path | None, verbose: int, quiet: bool) -> None:
    """Say once when something is really announced, or really changes, about the fictional universes you follow."""
    verbosity = -1 if quiet else min(verbose, 3)
    config_path = config or default_config_path()
    store_path = store or default_store_path(config_path)
    ctx.obj = Settings(config_path=config_path, store_path=store_path, verbosity=verbosity)
    _log_to_stderr(verbosity)


def default_config_path() -> Path:
    """`./sources.yaml`, or the one in the user's configuration folder where only that exists."""
    here = Path("sources.yaml")
    if here.exists():
        return here
    import platformdirs

    users = platformdirs.user_config_path("franchise-watch") / "sources.yaml"
    return users if users.exists() else here


def default_store_path(config_path: Path) -> Path:
    """`franchise-watch.db` beside the configuration; in the user's data folder where that is the user's own."""
    import platformdirs

    if config_path.parent == platformdirs.user_config_path("franchise-watch"):
        return platformdirs.user_data_path("franchise-watch") / STORE_NAME
    return config_path.parent / STORE_NAME


def main(argv: Sequence[str] | None = None, *, group: click.Group = cli) -> int:
    """Run the command line and return its exit code; every error is said on stderr, none leaves here."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(group, list(arguments))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read us has seen enough; what is left in the buffer must not complain when Python closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        click.echo(_told(error, with_traceback=_verbosity(arguments) >= 3), err=True)
        return error.exit_code if isinstance(error, FranchiseWatchError) else 1
    return code


def _run(group: click.Group, arguments: list[str]) -> int:
    """What click's own `main` does, but for errors, which it would turn into exit codes of its own."""
    if instruction := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(group, {}, "franchise-watch", _COMPLETE, instruction)
    try:
        with group.make_context("franchise-watch", arguments, color=_colour()) as ctx:
            code = group.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        if isinstance(error, click.NoSuchOption) and error.option_name in {opt for p in cli.params for opt in p.opts}:
            click.echo(f"{error.option_name} goes before the command: franchise-watch {error.option_name} …", err=True)
        return error.exit_code
    return code if isinstance(code, int) else 0


def _colour() -> bool | None:
    """False under NO_COLOR (https://no-color.org); None leaves it to click: colour on a terminal only."""
    return False if os.environ.get("NO_COLOR") else None


def _verbosity(arguments: Sequence[str]) -> int:
    """Counted again, for an error may come before click has counted."""
    return sum(argument.count("v") for argument in arguments if re.fullmatch(r"-[qv]+|--verbose", argument))


def _told(error: Exception, *, with_traceback: bool) -> str:
    if with_traceback:
        import traceback

        return _without_secrets("".join(traceback.format_exception(error))).rstrip()
    if isinstance(error, FranchiseWatchError):
        return str(error)
    what = _without_secrets(f"{type(error).__name__}: {error}")
    return f"franchise-watch met something unexpected: {what}\nRun it again with -vvv to see where."


def _without_secrets(text: str) -> str:
    """The text with signing secrets and all but the host of every address cut, for foreign errors may quote them."""
    return re.sub(
        r"(https?://)(?:[^/\s@]*@)?([^/\s'\"?]*)[^\s'\"]*", r"\1\2/…", re.sub(r"whsec_[\w+/=-]+", "whsec_…", text)
    )


def _log_to_stderr(verbosity: int) -> None:
    import logging

    level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True)
    for chatty in ("httpx", "httpcore", "apscheduler"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # httpx logs whole addresses, tokens included
