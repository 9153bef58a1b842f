"""`run` over publishers that mean harm: each costs itself only, in time and memory, and the last one is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import Answer
from tests.test_fetch import BOMB
from tests.test_parse_sandbox import ENDLESS, LAUGHS
from tests.worlds import World, story

XML = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html"}
HOSTILE: dict[str, tuple[str, Answer, str]] = {
    # the kind of source, what it answers, what is then said; nothing where it is read and no entity is expanded
    "bomb": ("feed", Answer(body=BOMB, headers={**XML, "Content-Encoding": "gzip"}), "inflates to larger than"),
    "endless": ("feed", Answer(body=b"<item>" * 10_000, headers=XML, endless=True), "is larger than 10 MB"),
    "laughs": ("feed", Answer(body=LAUGHS, headers=XML), ""),
    "hanging": ("feed", Answer(body=ENDLESS, headers=XML), "took longer than 4.0 s"),
    "lists": ("page", Answer(body=b"<body>" + b"<dd><li>" * 60_000, headers=HTML), "took longer than 4.0 s"),
    "deep": ("page", Answer(body=b"<div>" * 400_000, headers=HTML), "nested"),
    "brackets": ("feed", Answer(body=b'{"version": ' + b"[" * 400_000, headers=XML), "neither a feed nor whole JSON"),
    "swelling": ("feed", Answer(body=b'{"version": "https://jsonfeed.org/version/1", "items": ['
                                + b"[[]]," * 1_900_000 + b"[]]}", headers=XML), "reading it took "),
    "doctype": ("sitemap", Answer(body=LAUGHS.replace(b"rss", b"urlset"), headers=XML), "document type"),
}  # fmt: skip
RUN = """
import re, resource, sys
from pathlib import Path
from pipeline.cli import main
code = main(sys.argv[1:])
from pipeline.parse.sandbox import close_children
close_children()
own = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
print("kB", max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
# The peak of the process itself is not asked of getrusage: there Linux counts the program that started it too.


@pytest.mark.soak
def test_each_hostile_source_costs_itself_only(tmp_path: Path) -> None:
    with World(tmp_path, publishers=(*HOSTILE, "good")) as world:
        for name, (_, answer, _) in HOSTILE.items():
            world.serve(name, answer)
        world.publish("good", story("Weather"))
        kinds = {name: kind for name, (kind, _, _) in HOSTILE.items()} | {"good": "feed"}
        world.write_config(
            "".join(
                f"  - {{id: {name}, name: {name}, kind: {kind}, tier: press, allow_private: true, "
                f'url: "{world.servers[name].url("/feed")}"}}\n'
                for name, kind in kinds.items()
            )
        )
        command = [sys.executable, "-c", RUN, "--config", str(world.config_path), "--store", str(world.store_path)]
        done = subprocess.run([*command, "run"], capture_output=True, text=True, timeout=120)
    said = {line.partition(": ")[0]: line for line in done.stderr.splitlines()}
    assert done.returncode == 4, done.stderr
    failing = {name: words for name, (_, _, words) in HOSTILE.items() if words}
    assert [said.get(name) for name, words in failing.items() if words not in said.get(name, "")] == []
    assert f"{len(kinds)} sources asked, {len(failing)} failed" in done.stderr
    assert int(done.stdout.split("kB")[1]) < 300_000
