"""The command line: what it shows, its exit codes, and that it stays quick and keeps secrets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pipeline.cli import COMMANDS, LazyGroup, Settings, cli, default_store_path, load_command, main, pass_settings
from pipeline.cli.check import report
from storage.errors import (
    ConfigError,
    DeliveryError,
    FetchError,
    FranchiseWatchError,
    LockedError,
    ParseError,
    RecordingError,
    RuleError,
    StoreError,
)

GOOD = """\
franchises:
  - {id: harbour, title: Harbour, works: [{id: nine, title: Harbour Nine}, {id: light, title: Light, parent: nine}]}
sources:
  - {id: desk, name: The Desk, kind: feed, url: "https://desk.example/feed/", tier: trade}
  - {id: board, name: Board, kind: feed, url: "https://board.example/feed/", tier: rumour, enabled: false}
targets:
  - {id: phone, format: webhook, url: {env: NO_SUCH_VARIABLE}, secret: {file: no.such.file}, optional: true}
routes:
  - {id: all, target: phone}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(GOOD)
    return path


def failing(error: BaseException) -> click.Group:
    """A command line whose command `go` raises the error."""

    @click.command()
    def go() -> None:
        raise error

    return click.Group(commands={"go": go}, params=cli.params, callback=cli.callback)


def started(*arguments: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "import sys; from pipeline.cli import main; sys.exit(main())", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environ,
    )


# --- the table of commands -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_line_of_the_table_is_the_first_sentence_of_its_command(name: str) -> None:
    command = load_command(name)
    assert command.get_short_help_str(200) == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_takes_an_option_of_the_whole_line(name: str) -> None:
    ours = {option for parameter in cli.params for option in parameter.opts}
    command = load_command(name)
    commands = [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
    assert not {option for one in commands for parameter in one.params for option in parameter.opts} & ours


def test_help_shows_every_command_and_imports_none() -> None:
    heavy = "('pydantic', 'ruamel', 'httpx', 'sqlite3', 'rich', 'apscheduler', 'platformdirs', 'storage.model')"
    code = (
        f"import sys; from pipeline.cli import main; main(['--help']); print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


def test_a_mistyped_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chekc"]) == 2
    assert "Did you mean 'check'?" in capsys.readouterr().err


def test_a_global_option_behind_the_command_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--store", "x"]) == 2
    assert "--store goes before the command: franchise-watch --store …" in capsys.readouterr().err


def test_tab_completes_a_command_without_running_it() -> None:
    out, _ = started(
        _FRANCHISE_WATCH_COMPLETE="bash_complete", COMP_WORDS="franchise-watch che", COMP_CWORD="1"
    ).communicate()
    assert "plain,check" in out


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("franchise-watch 0.")


# --- exit codes ------------------------------------------------------------------------------------------------------

ERRORS: list[tuple[FranchiseWatchError, int]] = [
    (ConfigError(["a.yaml:1:1: wrong"]), 3),
    (FetchError("desk", "no answer"), 4),
    (ParseError("desk", "no feed"), 4),
    (RuleError("rule x has no reject"), 3),
    (DeliveryError("phone took nothing"), 5),
    (StoreError("the disk is full"), 1),
    (RecordingError("not a WARC file"), 2),
    (LockedError("another run holds the store"), 75),
]


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_an_error_of_ours_is_said_plainly_with_its_exit_code(
    capsys: pytest.CaptureFixture[str], error: FranchiseWatchError, code: int
) -> None:
    assert main(["go"], group=failing(error)) == code
    assert capsys.readouterr().err == f"{error}\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (click.UsageError("so not"), 2),
        (click.exceptions.Exit(7), 7),
        (RuntimeError(), 1),
    ],
    ids=["ctrl-c", "prompt left", "usage", "exit", "bug"],
)
def test_other_ends_have_their_exit_code(error: BaseException, code: int) -> None:
    assert main(["go"], group=failing(error)) == code


def test_what_a_command_returns_is_the_exit_code() -> None:
    group = click.Group(commands={"go": click.Command("go", callback=lambda: 4)})
    assert main(["go"], group=group) == 4


SECRET = "https://user:pw@hooks.example/services/T0/canary?token=canary and whsec_canary"


def test_a_bug_is_said_in_one_line_and_no_secret_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["go"], group=failing(ValueError(f"no {SECRET}"))) == 1
    said = capsys.readouterr().err
    assert said.startswith("franchise-watch met something unexpected: ValueError: no https://hooks.example/…")
    assert "canary" not in said
    assert "pw" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("flags", [["-vvv"], ["-v", "-vv"], ["--verbose"] * 3], ids=" ".join)
def test_three_v_show_the_traceback_and_no_secret_with_it(capsys: pytest.CaptureFixture[str], flags: list[str]) -> None:
    error = DeliveryError("phone took nothing")
    error.__cause__ = ValueError(SECRET)
    assert main([*flags, "go"], group=failing(error)) == 5
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "storage.errors.DeliveryError: phone took nothing" in said
    assert "canary" not in said


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    process = started("--help")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.wait(), process.stderr.read()) == (0, "")
    process.stderr.close()


def test_a_ctrl_c_ends_with_130() -> None:
    code = (
        "import signal, sys, time, click; from pipeline.cli import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it\n"
        "def go(): print('ready', flush=True); time.sleep(60)\n"
        "sys.exit(main(['go'], group=click.Group(commands={'go': click.Command('go', callback=go)})))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1] == ""
    assert process.returncode == 130


# --- global options --------------------------------------------------------------------------------------------------


def settings_of(*arguments: str) -> Settings:
    seen: list[Settings] = []

    @click.command()
    @pass_settings
    def go(settings: Settings) -> None:
        seen.append(settings)

    group = click.Group(commands={"go": go}, params=cli.params, callback=cli.callback)
    assert main([*arguments, "go"], group=group) == 0
    return seen[0]


def test_the_store_lies_beside_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings_of() == Settings(config_path=Path("sources.yaml"), store_path=Path("franchise-watch.db"))
    assert settings_of("--config", "a/b.yaml").store_path == Path("a/franchise-watch.db")
    assert settings_of("--config", "a/b.yaml", "--store", "c.db").store_path == Path("c.db")


def test_the_environment_may_name_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRANCHISE_WATCH_CONFIG", "a.yaml")
    monkeypatch.setenv("FRANCHISE_WATCH_STORE", "b.db")
    assert settings_of() == Settings(config_path=Path("a.yaml"), store_path=Path("b.db"))
    assert settings_of("--config", "c.yaml").config_path == Path("c.yaml")


def test_without_a_file_here_the_users_own_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    users = tmp_path / "config/franchise-watch/sources.yaml"
    users.parent.mkdir(parents=True)
    users.write_text(GOOD)
    found = settings_of()
    if sys.platform == "linux":
        assert found == Settings(config_path=users, store_path=tmp_path / "data/franchise-watch/franchise-watch.db")
    assert default_store_path(tmp_path / "sources.yaml") == tmp_path / "franchise-watch.db"


@pytest.mark.parametrize(("flags", "verbosity"), [([], 0), (["-q"], -1), (["-vv"], 2), (["-vvvv"], 3)], ids=str)
def test_verbosity_is_counted(flags: list[str], verbosity: int) -> None:
    assert settings_of(*flags).verbosity == verbosity


@pytest.mark.parametrize(("environ", "coloured"), [({}, None), ({"NO_COLOR": "1"}, False)], ids=["plain", "NO_COLOR"])
def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], coloured: bool | None) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    seen: list[bool | None] = []
    go = click.Command("go", callback=lambda: seen.append(click.get_current_context().color))
    main(["go"], group=LazyGroup(commands={"go": go}))
    assert seen == [coloured]


# --- check -----------------------------------------------------------------------------------------------------------


def test_check_says_what_the_file_says(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(config), "check"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{config} is right.",
        "  franchises    1  Harbour",
        "  works         2  Harbour Nine, Light (spin-off of Harbour Nine)",
        "  sources       2  1 trade, 1 switched off",
        "  routes        1  all to phone",
        "  digest           daily at 07:00 UTC as html",
        "target phone: the environment variable NO_SUCH_VARIABLE is not set; its alerts wait in the store until it is",
        f"target phone: the file {config.parent}/no.such.file is not there; its alerts wait in the store until it is",
    ]


def test_a_variable_may_come_as_a_file(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_SUCH_VARIABLE_FILE", str(config))
    main(["--config", str(config), "check"])
    assert "NO_SUCH_VARIABLE" not in capsys.readouterr().out


def test_a_quiet_check_says_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-q", "--config", str(config), "check"]) == 0
    assert capsys.readouterr().out == ""


def test_check_tells_every_mistake_and_exits_3(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(GOOD.replace("tier: trade", "tier: trades").replace("kind: feed", "kind: fed", 1))
    assert main(["--config", str(config), "check"]) == 3
    said = capsys.readouterr()
    assert [line.split(" ")[0] for line in said.err.splitlines()] == [f"{config}:4:38:", f"{config}:4:84:"]
    assert said.out == ""


def test_check_answers_a_program(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(config), "check", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert answer["counts"] == {"franchises": 1, "works": 2, "sources": 2, "routes": 1}
    config.write_text("franchises: 1\n")
    assert main(["--config", str(config), "check", "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert [(m["line"], m["column"]) for m in answer["mistakes"]] == [(1, 1), (1, 13)]
    message = '"sources" is missing; `franchise-watch add URL` finds a feed and writes the first'
    assert answer["mistakes"][0] == {"file": str(config), "line": 1, "column": 1, "message": message}


def test_a_probed_source_that_fails_is_named_and_exits_4(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(config_path=config, store_path=config.parent / "x.db", verbosity=-1)
    assert report(settings, as_json=False, probe=lambda _: {"desk": "no answer", "board": None}) == 4
    assert capsys.readouterr().err == "desk: no answer\n"


def test_a_missing_configuration_is_told_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(tmp_path / "none.yaml"), "check"]) == 3
    assert "no such file. Name yours with --config" in capsys.readouterr().err
