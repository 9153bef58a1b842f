"""What is installed is whole, and works beside folders that are called like its packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("pipeline", "alerts", "storage")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network from what a checkout holds."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist"), at=source)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment that has our dependencies but not this checkout."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    # Path files inside the other site-packages (that of our editable install) are not read from a path file.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index",
        "--prefix", str(folder), "--ignore-installed", str(wheel))  # fmt: skip
    return folder / "bin" / "franchise-watch"


def run(*command: str, at: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The finished command; an assertion with what it said where it failed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FRANCHISE_WATCH"))}
    done = subprocess.run(command, cwd=at, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - inside == set()
    assert {Path(name).suffix for name in ours} >= {".py", ".yaml", ".sql", ".html", ".css", ".txt", ".gz"}
    folders = {name.split("/")[0] for name in inside}
    assert {name for name in folders if not name.endswith(".dist-info")} == set(PACKAGES)


def test_the_command_starts_beside_decoys(installed: Path, tmp_path: Path) -> None:
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise ImportError('a decoy')\n")
    shutil.copy(ROOT / "sources.yaml", tmp_path)
    assert run(str(installed), "--version", at=tmp_path).stdout.startswith("franchise-watch ")
    assert "sources.yaml is right" in run(str(installed), "check", at=tmp_path).stdout


def test_what_is_installed_reads_its_own_rules(installed: Path, tmp_path: Path) -> None:
    row = '{"id": 1, "title": "Tide: season 2 premieres 5 June 2027", "watch": {"title": "Tide"}}\n'
    (tmp_path / "row.jsonl").write_text(row)
    with (tmp_path / "row.jsonl").open() as given:
        done = subprocess.run([installed, "extract"], stdin=given, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert '"2027-06-05"' in done.stdout
    home = run(str(installed.with_name("python")), "-c", "import storage; print(storage.__file__)", at=tmp_path).stdout
    assert home.startswith(str(installed.parent.parent))
