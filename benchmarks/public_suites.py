"""The test cases that feedparser and Protego publish, read by them and by us. Needs the network.

    python benchmarks/public_suites.py [FOLDER]

Fetches the source distributions of the installed versions with pip, into FOLDER where one is given, and leaves none of
it behind otherwise. Feeds: the same entries, ids, links and dates. robots.txt: the same verdict on every path that one
of the four thousand files names, for our robot.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent.parent))

from protego import Protego

from benchmarks.parsing import compare_entries
from pipeline.fetch.client import ROBOTS_NAME
from pipeline.fetch.robots import SIZE_LIMIT, rules_from

SITE = "https://site.example"
_RULE = re.compile(r"(?im)^[^\S\n]*(?:dis)?allow[^\S\n]*:[^\S\n]*([^\s#]+)")


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        compare_entries(fetched("feedparser", folder) / "tests")
        compare_robots(fetched("protego", folder) / "tests" / "test_data")


def fetched(name: str, folder: Path) -> Path:
    """The unpacked source distribution of the installed version."""
    pinned = f"{name}=={version(name)}"
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--no-binary", ":all:", "--dest", str(folder), pinned], check=True)  # fmt: skip
    (archive,) = folder.glob(f"{name}-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def compare_robots(folder: Path) -> None:
    """How many verdicts there are, and on which file ours differ from Protego's."""
    verdicts = differing = 0
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()[:SIZE_LIMIT]
        text = body.decode("utf-8", "replace").removeprefix("\ufeff")
        ours, theirs = rules_from(200, body), Protego.parse(text)
        assert ours is not None
        for rule in dict.fromkeys(_RULE.findall(text)):
            address = f"{SITE}/{quote(rule.replace('*', 'x').rstrip('$').lstrip('/'), safe='/?&=%;,:@+!~-._')}"
            verdicts += 1
            if ours.can_fetch(address, ROBOTS_NAME) != theirs.can_fetch(address, ROBOTS_NAME):
                differing += 1
                print(f"  {path.name}: {address.removeprefix(SITE)} is {ours.can_fetch(address, ROBOTS_NAME)} with us")
    print(f"robots.txt: {verdicts} verdicts, {differing} differ from Protego's")


if __name__ == "__main__":
    main()
