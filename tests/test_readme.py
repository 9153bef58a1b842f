"""What the README shows works: its make targets, its sources.yaml, its commands, in its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.config import load_config
from tests.worlds import World, story

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[0]


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", TEXT, re.MULTILINE))
def test_every_make_target_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_example_is_a_whole_configuration(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(EXAMPLE)
    config = load_config(tmp_path / "sources.yaml")
    assert [work.title for work in config.works] == ["Harbour Nine"]
    assert [route.target.format for route in config.routes] == ["ntfy"]


def test_the_commands_work_in_their_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    followed = re.findall(r"^franchise-watch (.+?)(?: +#.*)?$", "\n".join(blocks("console")), re.MULTILINE)
    with World(tmp_path, publishers=("desk",)) as world:
        world.publish("desk", story("Harbour Nine returns", "Harbour Nine season 4 premieres June 5, 2026."))
        address = f'url: "{world.servers["desk"].url("/feed")}", allow_private: true'
        (tmp_path / "sources.yaml").write_text(EXAMPLE.replace('url: "https://desk.example/feed/"', address))
        for line in followed:
            if line != "daemon":
                assert main(line.split()) == 0, line
        assert world.receiver.received == []
    assert "1 source asked, 1 for the first time" in capsys.readouterr().err


def test_the_alert_it_shows_is_one_of_those_the_page_on_alerts_shows() -> None:
    shown = re.findall(r"^    (\S.*)$", TEXT, re.MULTILINE)
    assert shown
    assert shown[0] in (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
