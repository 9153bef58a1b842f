"""Where a secret comes from, and what is said when it is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alerts.secrets import resolve
from storage.errors import DeliveryError
from storage.model import SecretRef


def test_a_secret_comes_from_where_it_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("  from-file\n")
    path = str(tmp_path / "secret")
    assert resolve(SecretRef(env="X"), {"X": " from-env ", "X_FILE": path}) == "from-env"
    assert resolve(SecretRef(env="X"), {"X_FILE": path}) == "from-file"
    assert resolve(SecretRef(file=path), {}) == "from-file"
    assert resolve(SecretRef(command=f"cat '{path}'"), dict(os.environ)) == "from-file"
    assert resolve(SecretRef(literal="http://127.0.0.1:9000/"), {}) == "http://127.0.0.1:9000/"


NO_SECRET = [
    ("unset", SecretRef(env="X"), "set X (or X_FILE)"),
    ("no file", SecretRef(file="/nowhere/x"), "/nowhere/x cannot be read"),
    ("empty file", SecretRef(file=os.devnull), "it is empty"),
    ("command fails", SecretRef(command="sh -c 'echo canary; echo canary >&2; exit 3' canary"), "exit code 3"),
    ("no such command", SecretRef(command="/nowhere/pass canary"), "`/nowhere/pass …` cannot be run"),
    ("broken command", SecretRef(command="pass 'canary"), "cannot be run"),
    ("silent command", SecretRef(command="true canary"), "`true …` print it"),
    ("nothing", SecretRef(), "`env`, `file` or `command`"),
]


@pytest.mark.parametrize(("ref", "words"), [row[1:] for row in NO_SECRET], ids=[row[0] for row in NO_SECRET])
def test_a_secret_that_is_not_there_says_what_to_set(ref: SecretRef, words: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        resolve(ref, {"PATH": os.environ["PATH"]})
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)
