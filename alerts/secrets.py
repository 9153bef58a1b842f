"""A secret's value from where its reference points: the environment, a file or a command.

It is read when something is sent, and kept nowhere. No message of this module holds a value, a command's output or a
foreign exception's text.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from storage.errors import DeliveryError
from storage.model import SecretRef

COMMAND_TIMEOUT_S = 10
MAX_CHARS = 10_000


def resolve(ref: SecretRef, environ: Mapping[str, str]) -> str:
    """The value without surrounding whitespace, never empty; DeliveryError says what to set where there is none.

    For `env: NAME` the variable `NAME` counts, or else the file that `NAME_FILE` names. A command is run without a
    shell; its first output counts.
    """
    if ref.literal is not None:
        value, hint = ref.literal, "write the address into sources.yaml"
    elif ref.env is not None:
        value, hint = _from_environment(ref.env, environ), f"set {ref.env} (or {ref.env}_FILE) in the environment"
    elif ref.file is not None:
        value, hint = _from_file(ref.file), f"put it into the file {ref.file}"
    elif ref.command is not None:
        value, hint = _from_command(ref.command, environ), f"let `{shlex.split(ref.command)[0]} …` print it"
    else:
        value, hint = "", "say where it is: `env`, `file` or `command`"
    value = value.strip()
    if not value:
        raise DeliveryError(f"it is empty: {hint}")
    return value


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if environ.get(name):
        return environ[name]
    path = environ.get(f"{name}_FILE")
    if not path:
        raise DeliveryError(f"it is not set: set {name} (or {name}_FILE) in the environment")
    return _from_file(path)


def _from_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")[:MAX_CHARS]
    except (OSError, ValueError, RuntimeError) as error:
        raise DeliveryError(f"its file {path} cannot be read ({type(error).__name__}): create it, readable") from None


def _from_command(command: str, environ: Mapping[str, str]) -> str:
    name = "its command"
    try:
        argv = shlex.split(command)
        name = f"its command `{argv[0]} …`"
        done = subprocess.run(  # noqa: S603 -- the user's own command from the user's own file, without a shell
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_TIMEOUT_S,
            env=dict(environ),
            check=False,
            encoding="utf-8",
        )
    except subprocess.TimeoutExpired:
        raise DeliveryError(f"{name} took longer than {COMMAND_TIMEOUT_S} s: run it by hand to see why") from None
    except (OSError, ValueError, IndexError) as error:
        raise DeliveryError(f"{name} cannot be run ({type(error).__name__}): check it in sources.yaml") from None
    if done.returncode != 0:
        raise DeliveryError(f"{name} failed with exit code {done.returncode}: run it by hand to see why")
    return done.stdout[:MAX_CHARS]
