"""A headless Chromium that is spoken to over a pipe (the DevTools protocol): a page as a phone or a desktop shows it.

A window has a least width; the device metrics that the protocol sets have none.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-extensions", "--hide-scrollbars",
)  # fmt: skip


def program() -> str:
    """Where Chromium is installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "Chromium is not installed: apt-get install chromium"
    return found


@dataclass(slots=True)
class Tab:
    """One page of a running Chromium."""

    to_it: IO[bytes]
    from_it: IO[bytes]
    session: str = ""
    sent: int = 0
    unread: bytes = field(default=b"", repr=False)

    def show(self, html: str, *, width: int, height: int = 844, scale: float = 1, dark: bool = False) -> None:
        """Show the page at that width in CSS pixels, laid out as a phone does below 500."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500}
        self.do("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[scheme])
        self.do("Page.navigate", url="about:blank")  # or the policy of the page before would hold
        frame = self.do("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self.do("Page.setDocumentContent", frameId=frame, html=html)

    def evaluate(self, script: str) -> Any:
        """What the expression is worth, as JSON."""
        return self.do("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def picture(self, clip: Mapping[str, float] | None = None) -> bytes:
        """A PNG of what is shown, or of a part of the page (x, y, width, height in CSS pixels)."""
        part = {"clip": {**clip, "scale": 1}, "captureBeyondViewport": True} if clip else {}
        return base64.b64decode(self.do("Page.captureScreenshot", format="png", **part)["data"])

    def do(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        message |= {"sessionId": self.session} if self.session else {}
        self.to_it.write(json.dumps(message).encode() + b"\0")
        self.to_it.flush()
        while (answer := self._next()).get("id") != self.sent:
            pass
        assert "result" in answer, answer
        return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.unread:
            part = os.read(self.from_it.fileno(), 65_536)
            assert part, "Chromium ended"
            self.unread += part
        message, _, self.unread = self.unread.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def tab() -> Iterator[Tab]:
    """A blank page for as long as the block lasts."""
    their_input, to_it = os.pipe()
    from_it, their_output = os.pipe()

    def take_the_pipes() -> None:
        ends = os.dup(their_input), os.dup(their_output)  # either may be 3 or 4 itself
        os.dup2(ends[0], 3)
        os.dup2(ends[1], 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program(), *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        with subprocess.Popen(
            command, preexec_fn=take_the_pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as browser:
            os.close(their_input)
            os.close(their_output)
            with os.fdopen(to_it, "wb") as writing, os.fdopen(from_it, "rb") as reading:
                page = Tab(writing, reading)
                pages = page.do("Target.getTargets")["targetInfos"]
                target = next(each["targetId"] for each in pages if each["type"] == "page")
                page.session = page.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
                try:
                    yield page
                finally:
                    browser.terminate()
