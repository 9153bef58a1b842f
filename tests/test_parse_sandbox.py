import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.parse import sandbox
from pipeline.parse.sandbox import (
    IN_PROCESS_BYTES,
    close_children,
    feeds_named_safely,
    parse_article_safely,
    parse_safely,
)
from storage.errors import ParseError
from storage.model import SourceKind
from tests.feed_factories import entry, fetched, rss, source

SIZE = 120_000
BIG = rss(*(entry(f"Story {n}", f"https://desk.example/{n}", str(n), description="words " * 40) for n in range(100)))
ENDLESS = b"<rss version='2.0'><channel><item><author>" + b"a." * (SIZE // 2) + b"</author></item></channel></rss>"


@pytest.fixture(scope="module", autouse=True)
def _no_children_left() -> Iterator[None]:
    yield
    close_children()


def filled(before: bytes, unit: bytes, after: bytes = b"") -> bytes:
    return before + unit * (SIZE // len(unit)) + after


ITEM = b"<rss version='2.0'><channel><title>t</title><item><title>a</title><description><![CDATA["
TORN = b"<rss><channel><item><title>"
ATOM = b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>"
LAUGHS = b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (name, b"&%c;" % (name - 1) * 10) for name in range(98, 112)
) + b"]><rss version='2.0'><channel><item><title>&o;</title></item></channel></rss>"  # fmt: skip
HOSTILE = {
    "divs in a field": filled(ITEM, b"<div>", b"]]></description></item></channel></rss>"),
    "paragraphs in unknown elements": filled(filled(ITEM, b"<x>"), b"<p>", b"]]></description></item></channel></rss>"),
    "scripts in a field": filled(ITEM, b"<script "),
    "deep XML": filled(TORN, b"<a>"),
    "bases": filled(ATOM, b"<a xml:base='b/'>"),
    "namespaces": ATOM + b"".join(b"<a%d:b xmlns:a%d='u%d'/>" % (n, n, n) for n in range(SIZE // 30)),
    "a mail address that never ends": ENDLESS,
    "categories": TORN + b"".join(b"<category>%d</category>" % n for n in range(SIZE // 25)),
    "open tags": filled(TORN, b"<a "),
    "open comments": filled(TORN, b"<!--"),
    "open CDATA": filled(TORN, b"<![CDATA["),
    "ampersands": filled(TORN, b"&a"),
    "document types": filled(b"", b"<!DOCTYPE x ["),
    "entities": filled(b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"]><rss><channel><item><title>x"),
    "a billion laughs": LAUGHS + b" " * IN_PROCESS_BYTES,
    "items": filled(b"<rss version='2.0'><channel>", b"<item/>"),
}
PAGES = {
    "divs": filled(b"<body>", b"<div>"),
    "attributes": b"<div " + b" ".join(b"a%d=1" % n for n in range(SIZE // 8)) + b">",
    "tables": filled(b"", b"<table><tr><td>"),
    "links": filled(b"", b"<a href=x><p>four words are here "),
    "items of lists that never began": filled(b"<body>", b"<dd><li>"),
    "paragraphs under unknown elements": filled(filled(b"", b"<path/>"), b"<p>"),
}


def outcome(body: bytes, kind: SourceKind = SourceKind.FEED) -> tuple[str, float]:
    """`read` or the error's reason, and the seconds it took."""
    start = time.perf_counter()
    try:
        parse_safely(fetched(body), source(kind), time_limit_s=1)
    except ParseError as error:
        return error.reason, time.perf_counter() - start
    return "read", time.perf_counter() - start


@pytest.mark.soak
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_ends_in_time_and_the_next_is_read(name: str) -> None:
    _, seconds = outcome(HOSTILE[name])
    assert seconds < 5
    assert len(parse_safely(fetched(BIG.encode()), source()).items) == 100


@pytest.mark.soak
@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_ends_in_time(name: str) -> None:
    assert outcome(PAGES[name], SourceKind.PAGE)[1] < 5
    start = time.perf_counter()
    with contextlib.suppress(ParseError):
        parse_article_safely("desk", PAGES[name], "https://desk.example/a", {})
    assert time.perf_counter() - start < 5
    start = time.perf_counter()
    with contextlib.suppress(ParseError):
        feeds_named_safely("desk", PAGES[name], "https://desk.example/", {})
    assert time.perf_counter() - start < 5


def test_a_body_that_never_ends_costs_itself_only() -> None:
    start = time.perf_counter()
    with pytest.raises(ParseError, match=r"longer than 0.3 s") as caught:
        parse_safely(fetched(ENDLESS), source(), time_limit_s=0.3)
    assert caught.value.source_id == "desk"
    assert time.perf_counter() - start < 3
    assert len(parse_safely(fetched(BIG.encode()), source()).items) == 100


def test_a_page_that_never_ends_names_no_feed_and_the_next_is_read() -> None:
    endless = b"<body>" + b"<dd><li>" * 50_000
    with pytest.raises(ParseError, match=r"longer than 0.3 s"):
        feeds_named_safely("desk", endless, "https://desk.example/", {}, time_limit_s=0.3)
    page = b"<link rel=alternate type=application/rss+xml href=/feed>" + b" " * IN_PROCESS_BYTES
    (named,) = feeds_named_safely("desk", page, "https://desk.example/", {})
    assert named.url == "https://desk.example/feed"


def test_a_body_that_swells_is_stopped_by_the_memory_limit() -> None:
    swelling = b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"[]," * 6_000_000 + b"[]]}"
    with pytest.raises(ParseError, match="more than 280 MB"):
        parse_safely(fetched(swelling), source(), time_limit_s=20)


def test_an_oversized_body_is_not_read_at_all() -> None:
    with pytest.raises(ParseError, match="larger than 20 MB"):
        parse_safely(fetched(b" " * 20_000_001), source())


def test_errors_come_back_from_the_child_as_they_are() -> None:
    with pytest.raises(ParseError, match=r"^desk: a web page came") as caught:
        parse_safely(fetched(b"<html>" + b" " * IN_PROCESS_BYTES), source())
    assert caught.value.reason.startswith("a web page came")


def test_a_child_that_died_idle_is_replaced_unseen() -> None:
    parse_safely(fetched(BIG.encode()), source())
    for child in sandbox._idle:
        os.kill(child.process.pid, signal.SIGKILL)
        child.process.wait()
    assert len(parse_safely(fetched(BIG.encode()), source()).items) == 100


def test_small_bodies_need_no_child() -> None:
    close_children()
    assert len(parse_safely(fetched(rss(entry()).encode()), source()).items) == 1
    assert sandbox._idle == []


def test_many_threads_share_the_children() -> None:
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(len(parse_safely(fetched(BIG.encode()), source()).items)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [100] * 6
    assert len(sandbox._idle) <= sandbox.CHILDREN


def test_a_child_has_none_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    close_children()
    monkeypatch.setenv("DESK_TOKEN", "canary")
    parse_safely(fetched(BIG.encode()), source())
    with open(f"/proc/{sandbox._idle[0].process.pid}/environ", "rb") as environ:  # noqa: PTH123
        assert b"canary" not in environ.read()


@pytest.mark.parametrize("size", [100, IN_PROCESS_BYTES + 100], ids=["here", "in-a-child"])
@pytest.mark.parametrize("form", ["{}", "{}?<p>", "<p>{}</p>", " {}"])
def test_a_body_that_is_an_address_is_not_asked_for(size: int, form: str) -> None:
    """htmldate asks for a page that looks like an address, past every guard."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/{'a' * size}"
        body = form.format(address).encode()
        article = parse_article_safely("desk", body, "https://desk.example/a", {})
        assert article.published_at is None
        with contextlib.suppress(ParseError):
            parse_safely(fetched(body), source())
        with contextlib.suppress(ParseError):
            parse_safely(fetched(body), source(SourceKind.PAGE))
        assert feeds_named_safely("desk", body, "https://desk.example/", {}) == ()
        with pytest.raises(BlockingIOError):
            listener.accept()


SEALED = """
import os, socket, subprocess, sys
sys.path[:0] = {path!r}
from pipeline.parse import child
sys.addaudithook(child._sealed)
tries = [lambda: socket.create_connection(("127.0.0.1", 9)), lambda: socket.getaddrinfo("localhost", 80),
         lambda: subprocess.run(["true"]), lambda: os.system("true"), lambda: open({file!r}, "w")]
for attempt in tries:
    try:
        attempt()
    except PermissionError:
        continue
    sys.exit("it went through")
from pipeline.parse.article import parse_article
assert parse_article(b"<p>It may read.</p>" * 9, "", {{}}).text
"""


def test_a_child_reaches_nobody_starts_nothing_and_writes_nothing(tmp_path: Path) -> None:
    code = SEALED.format(path=[path for path in sys.path if path], file=str(tmp_path / "written"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "written").exists()
