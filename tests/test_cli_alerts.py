"""`alerts list | retry | test` on a real store and a real receiver."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from standardwebhooks import Webhook

from pipeline.cli import Settings
from pipeline.cli.alerts import alerts
from pipeline.config import load_config
from storage.errors import DeliveryError, StoreError
from storage.model import Attempt, Message, OutboxState
from storage.store import open_store
from tests.receivers import Receiver, answers

NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
CONFIG = """\
franchises: [{id: harbour, title: Harbour, works: [{id: nine, title: Harbour Nine}]}]
sources: [{id: desk, name: The Desk, kind: feed, url: "https://desk.example/feed/", tier: trade}]
targets:
  - {id: phone, format: webhook, url: {env: CLI_PHONE_URL}, secret: {env: CLI_SECRET}, allow_private: true}
routes: [{id: main, target: phone, quiet_hours: "00:00-23:59"}]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "sources.yaml").write_text(CONFIG)
    return Settings(config_path=tmp_path / "sources.yaml", store_path=tmp_path / "store.db")


def fill(settings: Settings, **attempts: tuple[Attempt, ...]) -> None:
    """One message for each name, with what was tried."""
    with open_store(settings.store_path) as store:
        store.sync_config(load_config(settings.config_path))
        for id, tried in attempts.items():
            store.record_changes(now=NOW, messages=[message(id)])
            for one in tried:
                store.record_attempt(id, one)


def message(id: str) -> Message:
    return Message(
        id=id,
        route_id="main",
        target_id="phone",
        format="webhook",
        content_type="application/json",
        body=b"{}",
        change_ids=(),
        created_at=NOW,
        not_before_at=NOW,
        summary=f"Harbour Nine: {id}",
    )


def tried(state: OutboxState, error: str | None = None) -> Attempt:
    next_at = NOW + dt.timedelta(minutes=5) if state is OutboxState.PENDING else None
    return Attempt(at=NOW, state=state, error=error, status_code=500 if error else 200, next_attempt_at=next_at)


def run(settings: Settings, *arguments: str, environ: dict[str, str] | None = None) -> Result:
    asked = {"CLI_PHONE_URL": "https://phone.example/hook", "CLI_SECRET": SECRET} | (environ or {})
    return CliRunner().invoke(alerts, arguments, obj=settings, env=asked, standalone_mode=False)


def listed(settings: Settings, *arguments: str, environ: dict[str, str] | None = None) -> dict[str, dict[str, object]]:
    result = run(settings, "list", "--json", *arguments, environ=environ)
    assert result.exception is None, result.exception
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return {row["id"]: row for row in rows}


def test_list_says_where_each_message_stands(settings: Settings) -> None:
    fill(
        settings,
        waiting=(),
        retried=(tried(OutboxState.PENDING, "500: it is in trouble"),),
        sent=(tried(OutboxState.DELIVERED),),
        given_up=(tried(OutboxState.DEAD, "500: it is in trouble; given up after 10 attempts"),),
    )
    rows = listed(settings)
    assert {id: row["state"] for id, row in rows.items()} == {
        "waiting": "pending",
        "retried": "pending",
        "sent": "delivered",
        "given_up": "dead",
    }
    assert "quiet hours" in str(rows["waiting"]["reason"])
    assert rows["retried"]["reason"] == "500: it is in trouble"
    assert rows["retried"]["next_attempt_at"] == "2026-05-01T09:05:00Z"
    assert rows["sent"]["reason"] is None
    assert "alerts retry" in str(rows["given_up"]["reason"])
    assert list(listed(settings, "--state", "dead")) == ["given_up"]


def test_list_shows_a_person_two_lines(settings: Settings) -> None:
    fill(settings, retried=(tried(OutboxState.PENDING, "500: it is in trouble"),))
    assert run(settings, "list").stdout.splitlines() == [
        "pending    Harbour Nine: retried",
        "           retried to phone, 2026-05-01 09:00 UTC, 1 attempt, next 2026-05-01 09:05 UTC "
        "— 500: it is in trouble",
    ]


def test_list_says_what_must_be_set(settings: Settings) -> None:
    fill(settings, waiting=())
    assert "set CLI_SECRET" in str(listed(settings, environ={"CLI_SECRET": ""})["waiting"]["reason"])


def test_list_works_with_a_broken_configuration(settings: Settings) -> None:
    fill(settings, waiting=())
    settings.config_path.write_text("franchises: [")
    assert "`check` shows them" in str(listed(settings)["waiting"]["reason"])


def test_list_of_nothing_says_so(settings: Settings) -> None:
    fill(settings)
    result = run(settings, "list")
    assert (result.stdout, result.stderr) == ("", "There are no such alerts.\n")


def test_retry_brings_back_what_was_given_up(settings: Settings) -> None:
    dead, gone = tried(OutboxState.DEAD, "x"), tried(OutboxState.DISABLED, "410")
    fill(settings, one=(dead,), two=(dead,), three=(gone,), sent=(tried(OutboxState.DELIVERED),))
    assert "1 message is due" in run(settings, "retry", "one").stdout
    assert listed(settings)["one"]["state"] == "pending"
    assert "2 messages are due" in run(settings, "retry", "--all-dead").stdout
    assert {row["state"] for id, row in listed(settings).items() if id != "sent"} == {"pending"}


@pytest.mark.parametrize("arguments", [(), ("one", "--all-dead")], ids=["neither", "both"])
def test_retry_wants_ids_or_all(settings: Settings, arguments: tuple[str, ...]) -> None:
    assert "--all-dead" in str(run(settings, "retry", *arguments).exception)


@pytest.mark.parametrize("id", ["nobody", "sent"])
def test_retry_refuses_what_it_cannot_bring_back(settings: Settings, id: str) -> None:
    fill(settings, sent=(tried(OutboxState.DELIVERED),))
    assert isinstance(run(settings, "retry", id).exception, StoreError)


def test_test_sends_a_marked_and_signed_message_even_in_quiet_hours(settings: Settings, here: Receiver) -> None:
    result = run(settings, "test", "main", environ={"CLI_PHONE_URL": f"{here.url}/hook"})
    assert result.exception is None
    assert result.stdout == "phone took the test message.\n"
    (request,) = here.received
    assert Webhook(SECRET).verify(request.body, dict(request.headers))["type"] == "test"


def test_test_says_why_the_target_did_not_take_it(settings: Settings, here: Receiver) -> None:
    here.behaviours["/hook"] = answers(404)
    result = run(settings, "test", "main", environ={"CLI_PHONE_URL": f"{here.url}/hook"})
    assert isinstance(result.exception, DeliveryError)
    assert "404" in str(result.exception)
    assert here.url not in str(result.exception)


def test_test_names_the_routes_there_are(settings: Settings) -> None:
    assert "there are: main" in str(run(settings, "test", "mian").exception)


def test_test_refuses_a_private_address_that_was_not_allowed(settings: Settings, here: Receiver) -> None:
    settings.config_path.write_text(CONFIG.replace(", allow_private: true", ""))
    result = run(dataclasses.replace(settings), "test", "main", environ={"CLI_PHONE_URL": f"{here.url}/hook"})
    assert "allow_private" in str(result.exception)
    assert here.received == []
