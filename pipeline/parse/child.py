"""The child process that reads bodies: one job in, one answer out, until its parent goes away.

It gives itself limits that no library can argue with: a timer whose signal ends the process wherever it stands, C code
included, a bound on its memory, and a seal: it connects to nobody, starts nothing and writes no file. It is started and
spoken to by `sandbox` alone.
"""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from pipeline.parse import parse
from pipeline.parse.parsed import Article, Candidate
from storage.errors import ParseError

MEMORY_LIMIT_BYTES = 280_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A ParseError on its way through the pipe."""

    source_id: str
    reason: str


def serve(descriptor: int) -> None:
    """Answer jobs from that socket until it closes."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it reaches the whole group
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    connection = Connection(descriptor)
    sys.addaudithook(_sealed)
    while True:
        try:
            source_id, work, arguments, time_limit_s = connection.recv()
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_REAL, time_limit_s)
        answer = _answer(source_id, work, arguments)
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.send(answer)


def _sealed(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what no reader of a body needs (https://docs.python.org/3/library/audit_events.html)."""
    writes = event == "open" and isinstance(arguments[1], str) and not set(arguments[1]).isdisjoint("wax+")
    if writes or event.startswith(_FORBIDDEN):
        raise PermissionError(f"reading a body tried {event}")


_FORBIDDEN = ("socket.connect", "socket.bind", "socket.send", "socket.get", "subprocess.", "os.system", "os.exec",
              "os.posix_spawn", "os.spawn", "os.fork", "os.remove", "os.rename", "os.mkdir")  # fmt: skip


def perform(source_id: str, work: str, arguments: tuple[Any, ...]) -> Any:
    """What the function of that work returns, here and now; raises ParseError, whatever a library made of the body."""
    try:
        return _WORK[work](*arguments)
    except ParseError:
        raise
    except MemoryError as error:
        raise ParseError(source_id, f"reading it took more than {MEMORY_LIMIT_BYTES // 1_000_000} MB") from error
    except Exception as error:
        # Whatever a body does to the libraries that read it, it must cost that body only, never the run.
        said = f"{type(error).__name__}: {error}"[:200]
        raise ParseError(source_id, f"it could not be read ({said}); `record` it and report it, please") from error


def _answer(source_id: str, work: str, arguments: tuple[Any, ...]) -> Any | Failed:
    try:
        return perform(source_id, work, arguments)
    except ParseError as error:
        return Failed(source_id=error.source_id, reason=error.reason)


def _article(body: bytes, url: str, headers: Mapping[str, str]) -> Article:
    from pipeline.parse.article import parse_article

    return parse_article(body, url, headers)


def _discover(body: bytes, url: str, headers: Mapping[str, str]) -> tuple[Candidate, ...]:
    from pipeline.parse.discover import feeds_named

    return feeds_named(body, url, headers)


_WORK: Mapping[str, Callable[..., Any]] = {"parse": parse, "article": _article, "discover": _discover}
