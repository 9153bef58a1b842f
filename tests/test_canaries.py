"""Twenty-five secrets, planted wherever one may be, and every command run with -vvv: none is said, kept or recorded."""

from __future__ import annotations

import base64
import gzip
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.cli import COMMANDS, main
from tests.receivers import answers
from tests.servers import Answer, Asked
from tests.worlds import World, story

CANARIES = {name: f"canary{number}{name.replace('_', '')}".ljust(30, "q") for number, name in enumerate((
    "env_url", "env_secret", "env_file_url", "env_file_secret", "file_url", "file_secret", "command_url",
    "command_secret", "discord_url", "slack_url", "teams_url", "telegram_url", "ntfy_url", "mail_url", "apprise_url",
    "source_token", "source_key", "redirect_token", "cookie", "answer_header", "redirect_user", "proxy", "bystander",
    "typed_password", "typed_token",
), start=10)}  # fmt: skip


def whsec(name: str) -> str:
    return "whsec_" + base64.b64encode(CANARIES[name].encode()).decode()


def shapes(canary: str) -> Iterator[bytes]:
    """What the secret looks like in clear, in an address, in base64 and in hexadecimal."""
    yield canary.encode()
    yield quote(canary).upper().encode()
    yield base64.b64encode(canary.encode()).rstrip(b"=")[:-1]
    yield canary.encode().hex().encode()


ROUTED = ("env", "env-file", "file", "command", "discord", "slack", "teams", "telegram", "ntfy", "mail", "apprise")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with World(tmp_path, publishers=("desk", "wire")) as world:
        plant(world, monkeypatch)
        yield world


def plant(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hook, folder = world.receiver.url, world.folder
    secrets = folder / "elsewhere"
    secrets.mkdir()
    for name in ("env_file_url", "file_url", "command_url"):
        (secrets / name).write_text(f"{hook}/{CANARIES[name]}")
    for name in ("env_file_secret", "file_secret", "command_secret"):
        (secrets / name).write_text(whsec(name))
    environ = {"E_URL": f"{hook}/{CANARIES['env_url']}", "E_SECRET": whsec("env_secret")}
    environ |= {"F_URL_FILE": str(secrets / "env_file_url"), "F_SECRET_FILE": str(secrets / "env_file_secret")}
    environ |= {name.upper(): f"{hook}/x/{CANARIES[name]}/y" for name in
                ("discord_url", "slack_url", "teams_url", "telegram_url", "ntfy_url")}  # fmt: skip
    environ |= {
        "MAIL_URL": f"smtp://me:{CANARIES['mail_url']}@127.0.0.1:9",
        "BYSTANDER_PASSWORD": CANARIES["bystander"],
    }
    environ |= {"APPRISE_URL": f"json://me:{CANARIES['apprise_url']}@127.0.0.1:9/"}
    environ |= {"HTTP_PROXY": f"http://me:{CANARIES['proxy']}@127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    queries = {"desk": f"token={CANARIES['source_token']}", "wire": f"api_key={CANARIES['source_key']}"}
    sources = "".join(
        f"  - {{id: {name}, name: {name.title()}, kind: feed, tier: trade, interval: 15m, allow_private: true, "
        f'url: "{world.servers[name].url("/feed")}?{query}"}}\n'
        for name, query in queries.items()
    )
    routes = "".join(f"  - {{id: r-{target}, target: {target}}}\n" for target in ROUTED)
    targets = TARGETS.replace("FOLDER", str(secrets))
    world.write_config(sources, routes=f"{targets}routes:\n{routes}digest: {{path: digest.html}}\n")


TARGETS = """\
targets:
  - {id: env, format: webhook, url: {env: E_URL}, secret: {env: E_SECRET}, allow_private: true}
  - {id: env-file, format: webhook, url: {env: F_URL}, secret: {env: F_SECRET}, allow_private: true}
  - {id: file, format: webhook, url: {file: "FOLDER/file_url"}, secret: {file: "FOLDER/file_secret"},
     allow_private: true}
  - {id: command, format: webhook, url: {command: "cat FOLDER/command_url"},
     secret: {command: "cat FOLDER/command_secret"}, allow_private: true}
  - {id: discord, format: discord, url: {env: DISCORD_URL}, allow_private: true}
  - {id: slack, format: slack, url: {env: SLACK_URL}, allow_private: true}
  - {id: teams, format: teams, url: {env: TEAMS_URL}, allow_private: true}
  - {id: telegram, format: telegram, url: {env: TELEGRAM_URL}, allow_private: true, options: {chat_id: 1}}
  - {id: ntfy, format: ntfy, url: {env: NTFY_URL}, allow_private: true}
  - {id: mail, format: email, url: {env: MAIL_URL}, allow_private: true, options: {to: "a@desk.example"}}
  - {id: apprise, format: apprise, url: {env: APPRISE_URL}, allow_private: true}
"""


def published(world: World) -> None:
    """Feeds behind a redirect and with cookies; receivers that say back what they were sent."""
    item = story("Apple dates it", "Apple announced that For All Mankind season 5 will premiere on March 27, 2026.")
    world.publish("desk", item, story("Weather"))
    feed = world.servers["desk"].script["/feed"]
    assert isinstance(feed, Answer)
    cookies = {"Set-Cookie": f"id={CANARIES['cookie']}", "X-Auth-Token": CANARIES["answer_header"]}
    there = Answer(feed.status, feed.body, {**feed.headers, **cookies})

    def here(request: Asked) -> Answer:
        return Answer(302, headers={"Location": f"/there?access_token={CANARIES['redirect_token']}", **cookies})

    elsewhere = f"http://me:{CANARIES['redirect_user']}@127.0.0.12/"
    world.serve("wire", Answer(301, headers={"Location": elsewhere}), f"/feed?api_key={CANARIES['source_key']}")
    world.serve("desk", here, f"/feed?token={CANARIES['source_token']}")
    world.serve("desk", there, f"/feed?token={CANARIES['typed_token']}")
    world.serve("desk", there, f"/there?access_token={CANARIES['redirect_token']}")
    for number, name in enumerate(("env_url", "env_file_url", "file_url", "command_url")):
        status = (200, 400, 500, 404)[number]
        world.receiver.behaviours[f"/{CANARIES[name]}"] = answers(status, body=f"no /{CANARIES[name]}".encode())


def commands(world: World) -> Iterator[list[str]]:
    """Every command, as somebody may call it; `daemon` and `browse` do not end by themselves and come after."""
    desk, fact, folder = world.servers["desk"], "for-all-mankind/release_date/s5/premiere", world.folder
    typed = f"{desk.url('/feed')}?token={CANARIES['typed_token']}"
    password = f"https://me:{CANARIES['typed_password']}@desk.example/"
    (folder / "article.txt").write_text("For All Mankind season 5 premieres March 27, 2026.\n")
    (folder / "items.jsonl").write_text('{"id": "1", "title": "a", "published": "2026-01-01T00:00:00Z"}\n')
    recording = str(folder / "day.warc.gz")
    yield ["check"]
    yield ["check", "--online"]
    yield ["run", "--record", recording]
    yield ["run", "--json"]
    yield ["status"]
    yield ["status", "--json"]
    yield ["doctor"]
    yield ["alerts", "list"]
    yield ["alerts", "list", "--json"]
    yield ["alerts", "retry", "--all-dead"]
    for target in ROUTED:
        yield ["alerts", "test", f"r-{target}"]
    yield from (["explain", address, "--allow-private"] for address in (typed, password))
    yield from (["add", address, "--allow-private", "--dry-run"] for address in (typed, password))
    yield from (["record", address, "--allow-private", recording] for address in (typed, password))
    yield ["record", "--run", recording]
    yield ["replay", recording]
    yield ["parse", str(folder / "article.txt"), "--url", typed]
    yield ["extract", str(folder / "items.jsonl")]
    yield ["backtest", str(folder / "items.jsonl")]
    yield ["facts"]
    yield ["why", fact]
    yield ["why-not", "https://news.example/apple-dates-it"]
    yield ["cite", fact]
    yield ["timeline", "for-all-mankind"]
    yield ["reread"]
    yield ["digest", "--format", "html"]
    yield from (["export", form] for form in ("ical", "atom", "jsonfeed", "csv", "json"))
    yield ["backup", str(folder / "copy.db")]
    yield ["check-store"]
    yield ["vacuum"]
    yield ["restore", str(folder / "copy.db")]


def kept(world: World) -> Iterator[tuple[str, bytes]]:
    """Every file that was written, and what is packed inside it; not where the secrets themselves come from."""
    for path in world.folder.rglob("*"):
        if path.is_file() and path.parent.name != "elsewhere" and path != world.config_path:
            body = path.read_bytes()
            yield path.name, body
            if path.suffix == ".gz":
                yield f"{path.name}, unpacked", gzip.decompress(body)


def found(where: str, text: bytes) -> list[str]:
    return [f"{name} in {where}" for name, canary in CANARIES.items() if any(one in text for one in shapes(canary))]


@pytest.mark.soak
def test_no_secret_is_said_kept_or_recorded(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    assert len(CANARIES) == 25
    world.publish("desk", story("Weather"))
    world.serve("desk", world.servers["desk"].script["/feed"], f"/feed?token={CANARIES['source_token']}")
    world.serve("wire", Answer(500, f"no {CANARIES['source_key']}".encode()), f"/feed?api_key={CANARIES['source_key']}")
    world.round(sends=False)
    published(world)
    called, leaks = set(), []
    before = ["-vvv", "--config", str(world.config_path), "--store", str(world.store_path)]
    for arguments in commands(world):
        code = main([*before, *arguments])
        said = capfd.readouterr()
        called.add(arguments[0])
        entry = f"url: {arguments[1]}\n" if arguments[0] == "add" else "\0"
        leaks += found(" ".join(arguments), (said.out.replace(entry, "") + said.err).encode())
        assert "unexpected" not in said.err, (arguments, said.err)
        assert code in (0, 1, 2, 3, 4, 5), (arguments, code)
    for arguments, sign in ((["daemon"], b"it is in trouble"), (["browse", "--no-open", "--port", "0"], b"http://")):
        leaks += found(" ".join(arguments), _until([*before, *arguments], sign))
        called.add(arguments[0])
    for where, body in kept(world):
        leaks += found(where, body)
    used = " ".join(one.path for one in world.receiver.received)
    assert [name for name in CANARIES if name.endswith("_url") and CANARIES[name] not in used] == [
        "mail_url",
        "apprise_url",
    ]
    assert sorted(set(leaks)) == []
    assert called == set(COMMANDS) - {"demo"}, "demo has a world of its own"


def _until(arguments: list[str], sign: bytes) -> bytes:
    """What a command says that goes on until it is stopped: here once it has said that."""
    code = "import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-u", "-c", code, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout
        said = b""
        for line in process.stdout:
            said += line
            if sign in line:
                process.send_signal(signal.SIGTERM)
        return said
