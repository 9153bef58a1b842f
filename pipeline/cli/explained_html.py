"""Explanations as one self-contained HTML page: no script, nothing loaded, every foreign word escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined

from pipeline.cli.explained import Explanation, about, details
from pipeline.cli.marked import steps


def explanations_html(explanations: Sequence[Explanation]) -> str:
    """The page: light and dark, for a screen and a screen reader; its policy allows its own style and nothing else."""
    style = _asset("explain.css")
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(_asset)
    )
    return environment.get_template("explain.html").render(
        explanations=explanations,
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'",
        about=about,
        details=details,
        steps=steps,
    )


def _asset(name: str) -> str:
    return (resources.files("pipeline.cli") / "templates" / name).read_text(encoding="utf-8")
