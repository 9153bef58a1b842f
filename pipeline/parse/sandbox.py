"""Parsing where it can be killed: bodies of strangers are read in child processes with a time and a memory limit.

A child that hangs, dies or swells costs the one body it was reading; the next body gets a new child. Children are
started when the first body needs one and stay for the next (docs/decisions/parse-in-children.md).
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from pipeline.parse.child import Failed, perform
from pipeline.parse.parsed import MAX_BODY_BYTES, Article, Candidate, Parsed
from storage.errors import ParseError
from storage.model import Fetched, Source

TIME_LIMIT_S = 4.0
"""What a body may take; a 94 kB feed takes 0.02 s."""

IN_PROCESS_BYTES = 16_000
"""Up to this length a body is read here: the worst of eighty hostile forms took 1.3 s at 16 kB, and 321 s at 256 kB."""

CHILDREN = 2
STARTUP_S = 15.0
"""What a child may need to come up on a busy machine, on top of the time it has for a body."""


def parse_safely(fetched: Fetched, source: Source, *, time_limit_s: float = TIME_LIMIT_S) -> Parsed:
    """`pipeline.parse.parse` that always comes back: in under five seconds and 300 MB, or with a ParseError.

    May be called from several threads; up to CHILDREN bodies are then read at once.
    """
    read: Parsed = _safely(source.id, "parse", (fetched, source), len(fetched.body), time_limit_s)
    return read


def parse_article_safely(source_id: str, body: bytes, url: str, headers: Mapping[str, str]) -> Article:
    """`pipeline.parse.article.parse_article` under the same limits; `source_id` is named in the ParseError."""
    read: Article = _safely(source_id, "article", (body, url, dict(headers)), len(body), TIME_LIMIT_S)
    return read


def feeds_named_safely(
    source_id: str, body: bytes, url: str, headers: Mapping[str, str], *, time_limit_s: float = TIME_LIMIT_S
) -> tuple[Candidate, ...]:
    """`pipeline.parse.discover.feeds_named` under the same limits; `source_id` is named in the ParseError."""
    named: tuple[Candidate, ...] = _safely(source_id, "discover", (body, url, dict(headers)), len(body), time_limit_s)
    return named


def close_children() -> None:
    """End the idle children; the next body that needs one starts another."""
    with _lock:
        children, _idle[:] = list(_idle), []
    for child in children:
        _end(child)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    process: subprocess.Popen[bytes]
    connection: Connection


_idle: list[_Child] = []
_lock = threading.Lock()
_places = threading.BoundedSemaphore(CHILDREN)
atexit.register(close_children)


def _safely(source_id: str, work: str, arguments: tuple[Any, ...], size: int, time_limit_s: float) -> Any:
    if size > MAX_BODY_BYTES:
        raise ParseError(source_id, f"the body is larger than {MAX_BODY_BYTES // 1_000_000} MB; it was not read")
    if size <= IN_PROCESS_BYTES:
        return perform(source_id, work, arguments)
    with _places:
        answer = _ask(source_id, work, arguments, time_limit_s)
    if isinstance(answer, Failed):
        raise ParseError(answer.source_id, answer.reason)
    return answer


def _ask(source_id: str, work: str, arguments: tuple[Any, ...], time_limit_s: float) -> Any | Failed:
    """One child's answer. A child that fell idle and died meanwhile is replaced once; it had read nothing."""
    with _lock:
        child = _idle.pop() if _idle else None
    if child is not None and child.process.poll() is not None:
        _end(child)
        child = None
    child = child or _start()
    try:
        child.connection.send((source_id, work, arguments, time_limit_s))
        if not child.connection.poll(time_limit_s + STARTUP_S):
            raise TimeoutError
        answer = child.connection.recv()
    except (EOFError, OSError) as error:
        raise ParseError(source_id, _epitaph(_end(child), time_limit_s)) from error
    with _lock:
        _idle.append(child)
    return answer


def _start() -> _Child:
    """A child with nothing of ours but the module path: no environment, hence no secrets, and no other descriptors."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and our own module
            [sys.executable, "-P", "-c", f"from pipeline.parse.child import serve; serve({theirs.fileno()})"],
            pass_fds=[theirs.fileno()],
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.DEVNULL,
        )
    return _Child(process=process, connection=Connection(ours.detach()))


def _end(child: _Child) -> int:
    """Close and reap a child, and say how it went: its return code, negative for a signal."""
    child.connection.close()
    try:
        return child.process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        child.process.kill()
        return child.process.wait()


def _epitaph(code: int, time_limit_s: float) -> str:
    if code in (-signal.SIGALRM, -signal.SIGKILL):
        return f"reading it took longer than {time_limit_s} s; it was given up, and is tried again when next due"
    return f"the process that read it died (code {code}); `record` it and report it, please"
