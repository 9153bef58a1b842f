"""Hostile strings, and a day book with one of them in every text field: what no output may ever act upon."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from storage.model import DayBook
from tests.daybooks import changes, daybook

T = TypeVar("T")
RUN = "top.document.title='EXECUTED'"
"""What an attack does when it runs; a browser test looks at the title."""
LOAD = "{host}/loaded"
"""What an attack loads when it may; `{host}` is filled in by `attacks`."""

_VECTORS = (
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script/x>{RUN}</script/x>",
    f"<script src={LOAD}.js></script>",
    f"<img src=x onerror={RUN}>",
    f'<img src="{LOAD}.png">',
    f'<img srcset="{LOAD}-2x.png 2x">',
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f'<svg><image href="{LOAD}.svg"/></svg>',
    f'<svg><use href="{LOAD}.svg#x"/></svg>',
    f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f'<iframe src="{LOAD}.html"></iframe>',
    f'<iframe src="javascript:{RUN}"></iframe>',
    f'<object data="javascript:{RUN}"></object>',
    f'<embed src="{LOAD}.swf">',
    f"<video><source onerror={RUN}></video>",
    f'<video poster="{LOAD}.jpg"></video>',
    f'<audio src="{LOAD}.mp3" autoplay></audio>',
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<marquee onstart={RUN}>",
    f"<style>@import '{LOAD}.css';</style>",
    f"<style>*{{background:url({LOAD}-bg.png)}}</style>",
    f'<link rel=stylesheet href="{LOAD}.css">',
    f'<link rel=preload as=image href="{LOAD}-pre.png">',
    f'<meta http-equiv=refresh content="0;url={LOAD}.html">',
    f'<base href="{LOAD}/">',
    f'<form action="{LOAD}"><button autofocus onfocus={RUN}>x</button></form>',
    f'<a href="javascript:{RUN}" autofocus onfocus={RUN}>x</a>',
    f"<math><mtext><mglyph><style><img src=x onerror={RUN}>",
    f"<template><script>{RUN}</script></template>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f'<div style="background:url({LOAD}-div.png)">x</div>',
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"\u003cimg src=x onerror={RUN}\u003e",
    f"＜script＞{RUN}＜/script＞",
    f"x onmouseover={RUN} style=position:fixed;inset:0",
)
_BREAKOUTS = ("", '">', "'>", "</title>", "</style>", "-->", "]]>", "</desc></svg>")
_SCHEMES = (
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f" javascript:{RUN}", f"java\tscript:{RUN}", f"java\nscript:{RUN}",
    f"\x01javascript:{RUN}", f"javascript&colon;{RUN}", f"javascript://news.example/%0a{RUN}",
    f"data:text/html,<script>{RUN}</script>", f"vbscript:{RUN}", "file:///etc/passwd", "blob:https://x/y",
    "//news.example/x", "https://", "http:///x", "https://user:pw@news.example/", "https://news.example/\" onx=\"",
    "https://news.example/a b", "https://news.example/>x", "https://[::1", "https://news.example/\r\nX: y",
    f"https://news.example/'onfocus={RUN}", "https://news.example/){}[]|^`",
)  # fmt: skip
_PLACES = (
    "{{7*7}}", "{% raw %}", "{{ config }}", "=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", " =1",
    "＝1+1", "=HYPERLINK(\"http://x\")", "a\r\nBEGIN:VEVENT\r\nEND:VEVENT", "a\nATTACH:http://x", "a\\nDTEND:20200101",
    "X-EVIL:1\r\n", "a;VALUE=DATE:1,b:c\\", "a\r\nBcc: x@y.example", "a\n\nbody", "=?utf-8?q?x=0d=0aBcc:_y?=",
    "# heading", "- item", "1. item", "> quote", "    code", "```\ncode", "***bold***", "[x](javascript:1)",
    "![x](http://x/i.png)", "<http://x>", "http://auto.example", "www.auto.example", "me@auto.example", "| a | b |",
    "a\\", "~~x~~", "$x$", "&amp;copy;", "[^1]: note", "[x]: http://x", "<!-- x", "---", "+++", "===", "\\",
    "|url=http://x", "}}{{evil}}", "[[File:X.png]]", "~~~~", "'''x'''", "<ref>x</ref>", "<nowiki>", "__TOC__",
    "* x", "{|", "#REDIRECT [[X]]", "https://spam.example in text", "}, evil = {x", "%comment", "\\input{/etc/passwd}",
    "@book{x}", "unbalanced {", "unbalanced }", "\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "\x1b[2J", "\x07\x08",
    "\x00", "\x0b\x0c\x1f", "\ud800", "\ufffe\uffff", "\u202eevil", "\u2066x", "\u200bx", "\u2028x\u2029", "\ufeffx",
    "\U000e0041", "A\u0300\u0301\u0302\u0303\u0304\u0305", "x" * 5000, "word " * 2000, "", " ", "\n", "🚀" * 50,
)  # fmt: skip


def attacks(host: str = "http://127.0.0.1:9") -> tuple[str, ...]:
    """The whole table, with loads going to `host`."""
    vectors = (breakout + vector for breakout in _BREAKOUTS for vector in _VECTORS)
    return tuple(text.replace("{host}", host) for text in (*vectors, *_SCHEMES, *_PLACES))


@cache
def poisoned(attack: str) -> DayBook:
    """A small day book with a change, a rumour and all the rest, in which every text is `attack`."""
    book = daybook()
    some = dataclasses.replace(
        book,
        changes=(changes()[0], changes()[3], changes()[5]),
        history=(book.history[0], *book.history[-3:]),
        stories=book.stories[:1],
        sources=(book.sources[0], book.sources[-1]),
    )
    return _with_every_text(some, attack)


def _with_every_text(value: T, attack: str) -> T:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        changed = {name: _with_every_text(old, attack) for name, old in fields.items()}
        return dataclasses.replace(value, **changed)  # type: ignore[return-value]
    result: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        result = attack
    elif isinstance(value, tuple):
        result = tuple(_with_every_text(each, attack) for each in value)
    elif isinstance(value, Mapping):
        result = {_with_every_text(key, attack): _with_every_text(each, attack) for key, each in value.items()}
    return result  # type: ignore[no-any-return]
