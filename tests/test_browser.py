"""The digest and the pictures in a real headless Chromium: nothing runs, nothing is loaded, the layout holds.

The pages come from a loopback server that counts what is asked of it; each attack stands in a frame of its own, with
and without the page's policy, so that the escaping is proven by itself. Chromium must be installed.
"""

from __future__ import annotations

import json
import queue
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from alerts.digest.history import histories
from alerts.digest.html import render_html, render_mail_html
from alerts.digest.model import build_digest
from alerts.digest.names import Names
from alerts.digest.plots import STYLE, calendar_svg, histories_svg, history_svg
from storage.model import DayBook
from tests.attacks import RUN, attacks, poisoned
from tests.chromium import FLAGS, Tab, program, tab
from tests.daybooks import LOCAL_DATE, daybook, quiet_daybook
from tests.test_plots import crowded

pytestmark = pytest.mark.browser

HARNESS = """<!doctype html><title>calm</title>{frames}<script>
onload = () => setTimeout(() => {{
  const measure = {measure};
  const frames = [...document.querySelectorAll("iframe")];
  const found = frames.map(frame => measure(frame.contentDocument, frame.contentWindow));
  fetch("/found", {{method: "POST", body: JSON.stringify([document.title, ...found])}});
}}, 300);
</script>"""


class Web:
    """A loopback server of a few pages; `asked` holds every path that was asked for, `found` what the harness posts."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        self.asked: list[str] = []
        self.found: queue.Queue[list[Any]] = queue.Queue()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def surprises(self) -> list[str]:
        """What was asked for and is none of the pages."""
        return [path for path in self.asked if path not in self.pages]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(self.path)
                kind, body = web.pages.get(self.path, ("text/plain", ""))
                self.send_response(200 if self.path in web.pages else 404)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def do_POST(self) -> None:
                web.found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@pytest.fixture
def web() -> Iterator[Web]:
    site = Web()
    site.pages["/favicon.ico"] = ("image/x-icon", "")
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def chromium(tmp_path: Path) -> Callable[[str], subprocess.Popen[bytes]]:
    """Starts Chromium on an address with an empty profile."""

    def start(address: str) -> subprocess.Popen[bytes]:
        command = [program(), *FLAGS, f"--user-data-dir={tmp_path}/profile", "--remote-debugging-port=0", address]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return start


Start = Callable[[str], subprocess.Popen[bytes]]


def inspect(web: Web, chromium: Start, pages: Mapping[str, str], measure: str, width: int = 300) -> list[Any]:
    """The harness's title, changed by any attack that ran, then `measure(document, window)` of every page."""
    web.pages |= {path: (_kind(path), body) for path, body in pages.items()}
    frames = "".join(f'<iframe src="{path}" width="{width}" height="300"></iframe>' for path in pages)
    web.pages["/"] = ("text/html", HARNESS.format(frames=frames, measure=measure))
    with chromium(web.address + "/") as browser:
        try:
            return web.found.get(timeout=60)
        finally:
            browser.terminate()


def _kind(path: str) -> str:
    return "image/svg+xml" if path.endswith(".svg") else "text/html"


def digest_page(book: DayBook) -> str:
    return render_html(build_digest(book, timezone="Europe/Berlin", local_date=LOCAL_DATE, show_headlines=True))


def mail_page(book: DayBook) -> str:
    return render_mail_html(build_digest(book, timezone="Europe/Berlin", local_date=LOCAL_DATE, show_headlines=True))


def picture(book: DayBook) -> str:
    return histories_svg(histories(book, Names(book)))


def unguarded(book: DayBook) -> str:
    """The page without its policy: what the escaping alone is worth."""
    page = digest_page(book)
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert bare != page
    return bare


# --- attacks -----------------------------------------------------------------------------------------------------

HARMFUL_THINGS = """document => document.querySelectorAll(
  "script,iframe,object,embed,form,input,base,link,img,video,audio,image,use,animate,[src],[srcdoc]").length
  + [...document.querySelectorAll("*")].flatMap(node => [...node.attributes]).filter(attribute =>
    attribute.name.startsWith("on") || (attribute.localName === "href" && !/^(https?:|#main$)/.test(attribute.value))
  ).length"""


def test_no_attack_runs_or_loads_anything_in_the_digest(web: Web, chromium: Start) -> None:
    table = attacks(web.address)
    assert len(set(table)) >= 300
    _assert_calm(
        web, chromium, {f"/{number}.html": digest_page(poisoned(attack)) for number, attack in enumerate(table)}
    )


@pytest.mark.parametrize(
    ("make", "suffix", "offset"),
    [(unguarded, "html", 0), (mail_page, "html", 1), (picture, "svg", 2)],
    ids=["digest without its policy", "mail", "picture"],
)
def test_no_attack_runs_or_loads_anything_elsewhere(
    web: Web, chromium: Start, make: Callable[[DayBook], str], suffix: str, offset: int
) -> None:
    table = attacks(web.address)[offset::3]
    _assert_calm(web, chromium, {f"/{number}.{suffix}": make(poisoned(attack)) for number, attack in enumerate(table)})


def _assert_calm(web: Web, chromium: Start, pages: Mapping[str, str]) -> None:
    title, *harm = inspect(web, chromium, pages, HARMFUL_THINGS)
    assert title == "calm"
    assert web.surprises == []
    assert set(pages) <= set(web.asked)
    assert harm == [0] * len(pages)


def test_the_probe_sees_an_attack_that_runs_and_loads(web: Web, chromium: Start) -> None:
    raw = f"<p><script>{RUN}</script><img src='{web.address}/loaded.png' onerror='1'>"
    title, harm = inspect(web, chromium, {"/1.html": raw}, HARMFUL_THINGS)
    assert title == "EXECUTED"
    assert web.surprises == ["/loaded.png"]
    assert harm == 3


def test_the_policy_stops_what_should_ever_slip_through(web: Web, chromium: Start) -> None:
    slipped = f"<main id=main><script>{RUN}</script><img src='{web.address}/loaded.png'><p style='color:red'>"
    page = digest_page(daybook()).replace('<main id="main">', slipped)
    assert slipped in page
    title, harm = inspect(web, chromium, {"/1.html": page}, HARMFUL_THINGS)
    assert (title, harm) == ("calm", 2)
    assert web.surprises == []


# --- layout ------------------------------------------------------------------------------------------------------

LAYOUT = """(document, window) => ({
  overflow: document.documentElement.scrollWidth - window.innerWidth,
  styled: getComputedStyle(document.body).backgroundColor,
  smallest: Math.min(...[...document.querySelectorAll("p,td,th,summary")].map(
    node => parseFloat(window.getComputedStyle(node).fontSize))),
  cut: [...document.querySelectorAll("svg text")].filter(text => {
    const box = text.getBoundingClientRect(), frame = text.ownerSVGElement.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1;
  }).map(text => text.textContent),
  letters: Math.min(99, ...[...document.querySelectorAll("svg text")].map(
    text => text.getBoundingClientRect().height)),
})"""


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_overflows_or_is_too_small(web: Web, chromium: Start, width: int) -> None:
    pages = {"/full.html": digest_page(daybook()), "/quiet.html": digest_page(quiet_daybook())}
    for page in inspect(web, chromium, pages, LAYOUT, width=width)[1:]:
        assert page["overflow"] <= 0
        assert page["cut"] == []
        assert page["smallest"] >= 12.5
        assert page["letters"] >= (8 if width < 390 else 10)


def test_a_word_without_end_does_not_push_the_page_apart(web: Web, chromium: Start) -> None:
    _, page = inspect(web, chromium, {"/1.html": digest_page(poisoned("x" * 5000))}, LAYOUT, width=390)
    assert page["overflow"] <= 0
    assert page["cut"] == []


# --- as a phone and a desktop show it ----------------------------------------------------------------------------

UPON_ONE_ANOTHER = """[...document.querySelectorAll("svg")].flatMap(svg => {
  const texts = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()]);
  const signs = [...svg.querySelectorAll("circle.mark")].map(sign => ["a sign", sign.getBoundingClientRect()]);
  const over = (one, other, slack) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > slack
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > slack;
  return texts.flatMap(([name, box], number) => [
    ...texts.slice(number + 1).filter(([_, other]) => over(box, other, 1)),
    ...signs.filter(([_, other]) => over(box, other, 1)),
  ].map(([other]) => `${name} / ${other}`));
})"""


@pytest.fixture(scope="module")
def page() -> Iterator[Tab]:
    with tab() as opened:
        yield opened


@pytest.mark.parametrize(("width", "scale"), [(320, 2), (390, 3), (1000, 1)])
def test_no_words_of_a_picture_lie_upon_one_another(page: Tab, width: int, scale: float) -> None:
    plots = "".join(history_svg(crowded(seed), prefix=f"p{seed}") for seed in range(40))
    strip = calendar_svg(build_digest(daybook(), timezone="UTC", local_date=LOCAL_DATE).upcoming.items, LOCAL_DATE)
    body = f"<meta name=viewport content='width=device-width'><style>{STYLE}</style>{plots}{strip}"
    page.show(f"<!doctype html>{body}", width=width, scale=scale)
    assert page.evaluate("innerWidth") == width
    assert page.evaluate(UPON_ONE_ANOTHER) == []
    assert page.evaluate("document.querySelectorAll('svg text').length") > 600


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_the_page_at_its_own_width(page: Tab, width: int) -> None:
    page.show(digest_page(daybook()), width=width, scale=3)
    measured = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert measured == [width, width]
    assert page.evaluate(UPON_ONE_ANOTHER) == []


@pytest.mark.parametrize(("dark", "paper"), [(False, "rgb(251, 250, 247)"), (True, "rgb(23, 22, 20)")])
def test_the_page_follows_the_readers_light(page: Tab, dark: bool, paper: str) -> None:
    page.show(digest_page(daybook()), width=390, dark=dark)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
