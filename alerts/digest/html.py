"""The digest as one self-contained HTML page, and as the HTML part of an e-mail: no script, nothing loaded."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined

from alerts.digest.marks import MARKS, moment
from alerts.digest.model import Digest
from alerts.digest.plots import STYLE, calendar_svg, history_svg


def render_html(digest: Digest) -> str:
    """The page: light and dark, for a screen, a phone and paper; its policy allows its own style and nothing else."""
    style = _asset("style.css") + STYLE
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    return _render(digest, style=style, policy=policy, pictures=True)


def render_mail_html(digest: Digest) -> str:
    """The same for mail readers, most of which know neither SVG nor CSS variables: tables, colours written out."""
    style = _asset("style.css").split("/* beyond mail */")[0]
    colours = dict(re.findall(r"(--[a-z]+):([^;]+);", style))
    written_out = re.sub(r"var\((--[a-z]+)\)", lambda found: colours[found[1]], style)
    return _render(digest, style=written_out, policy=None, pictures=False)


def _render(digest: Digest, *, style: str, policy: str | None, pictures: bool) -> str:
    plots = [history_svg(h, prefix=f"h{n}") for n, h in enumerate(digest.histories)] if pictures else []
    return (
        _environment()
        .get_template("digest.html")
        .render(
            digest=digest,
            style=style,
            policy=policy,
            calendar=calendar_svg(digest.upcoming.items[:12], digest.local_date) if pictures else "",
            plots=plots,
            marks=MARKS,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(_asset)
    )
    environment.filters["moment"] = moment
    return environment


@cache
def _asset(name: str) -> str:
    return (resources.files("alerts.digest") / "templates" / name).read_text(encoding="utf-8")
