"""Recognises what stands in the way of content: bot walls, consent pages, logins, a web page where a feed was. Pure.

A wall is a state of the source, never content. Recognition errs towards letting a page through: a marker counts only
where an ordinary article about bots and captchas cannot have it, in a header, in the machinery of the wall, or in the
title of a page that says little else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from storage.model import SourceKind

HEAD_BYTES = 200_000
"""How far into a body is looked. What is longer says more than a wall does."""
LITTLE_TEXT = 1_500
"""Letters of readable text up to which a page can be nothing but a wall."""

BOT_ADVICE = "Look for a feed on another address, ask the publisher, or use another source"

_WALL_STATUSES = frozenset({200, 202, 203, 401, 403, 405, 406, 429, 503})
_WALL_HEADERS = (
    ("cf-mitigated", b"challenge", "Cloudflare"),
    ("x-amzn-waf-action", b"", "AWS WAF"),
    ("x-vercel-mitigated", b"challenge", "Vercel"),
    ("x-datadome", b"protected", "DataDome"),
)
_WALL_MACHINERY = (
    (b"/orchestrate/chl_", "Cloudflare"),
    (b"cf-browser-verification", "Cloudflare"),
    (b"_cf_chl_opt", "Cloudflare"),
    (b"captcha-delivery.com", "DataDome"),
    (b"px-captcha", "HUMAN"),
    (b"_incapsula_resource", "Imperva"),
    (b"errors.edgesuite.net", "Akamai"),
    (b"sec-if-cpt-container", "Akamai"),
    (b"sucuri_cloudproxy_js", "Sucuri"),
    (b"awswafintegration", "AWS WAF"),
    (b"anubis_challenge", "Anubis"),
)
_BOT_TITLES = re.compile(
    r"just a moment|attention required|are you (?:a )?(?:robot|human)|verify(?:ing)? (?:that )?you(?:'re| are) "
    r"(?:a )?(?:human|not a (?:ro)?bot)|security check|checking your browser|access (?:to this page has been )?denied|"
    r"human verification|bot (?:check|verification)|making sure you(?:'re| are) not a bot|pardon our interruption|"
    r"unusual traffic|request unsuccessful|client challenge|ddos protection",
    re.IGNORECASE,
)
_CONSENT_TITLES = re.compile(
    r"before you continue|your privacy choices|(?:cookie|privacy) (?:consent|settings|preferences)|consent required|"
    r"we value your privacy|bevor sie fortfahren|avant de continuer|datenschutz-?einstellungen",
    re.IGNORECASE,
)
_LOGIN_TITLES = re.compile(
    r"\b(?:log|sign) ?in\b|\blogin\b|subscribe to (?:read|continue)|anmelden|connexion", re.IGNORECASE
)
_CONSENT_HOSTS = re.compile(r"^(?:consent|guce|cmp|privacy-gateway)\.")
_LOGIN_PATHS = re.compile(r"/(?:log-?in|sign-?in|signin|auth|sso)(?:[/.?]|$)", re.IGNORECASE)
_TITLE = re.compile(rb"<title[^<>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_PASSWORD = re.compile(rb"<input[^<>]{0,500}type\s*=\s*[\"']?password", re.IGNORECASE)
_HTML = re.compile(
    rb"\s*+(?:<\?xml[^>]{0,200}\?>)?(?:\s++|<!--.{0,2000}?-->)*+<(?:!doctype\s+html|html\b|head\b|body\b)",
    re.IGNORECASE | re.DOTALL,
)
_UNSEEN = re.compile(rb"(?:script|style|noscript|template|svg|head)\b", re.IGNORECASE)
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def recognise(
    body: bytes, headers: Mapping[str, bytes], status: int, expected: SourceKind, *, url: str = ""
) -> str | None:
    """Why this answer is a wall and what to try, in words; None where it may be content (or a plain error).

    `url` is where the redirects ended. Errors are looked at for bot walls only: their status says the rest.
    """
    head = _start(body)
    if vendor := _bot_wall(head, headers, status, expected):
        return f"a bot wall ({vendor}) stands in front of it. {BOT_ADVICE}"
    if status not in (200, 203):
        return None
    is_html = _HTML.match(head) is not None
    if is_html and (wall := _consent_or_login(head, url)):
        return wall
    if is_html and expected is not SourceKind.PAGE:
        return (
            f"it answered with a web page where a {expected.value} was expected. Has it moved? "
            "`franchise-watch add` with the address of the site finds its feeds"
        )
    return None


def _start(body: bytes) -> bytes:
    head = body[:HEAD_BYTES]
    if coding := _UTF16.get(head[:2]):
        return head.decode(coding, "ignore").lstrip("\ufeff").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


def _bot_wall(head: bytes, headers: Mapping[str, bytes], status: int, expected: SourceKind) -> str | None:
    if status not in _WALL_STATUSES:
        return None
    for name, value, vendor in _WALL_HEADERS:
        if name in headers and value in headers[name].lower():
            return vendor
    if not _HTML.match(head) and status in (200, 203):
        return None
    if status in (200, 203) and expected is SourceKind.PAGE and not _says_little(head):
        return None
    lowered = head.lower()
    for marker, vendor in _WALL_MACHINERY:
        if marker in lowered:
            return vendor
    title = _title(head)
    return f"“{title}”" if _BOT_TITLES.search(title) and _says_little(head) else None


def _consent_or_login(head: bytes, url: str) -> str | None:
    title, parts = _title(head), urlsplit(url)
    if _CONSENT_HOSTS.match(parts.netloc) or (_CONSENT_TITLES.search(title) and _says_little(head)):
        return "a consent page stands in front of it, and a program cannot consent. Use its feed, or another source"
    asks_password = _PASSWORD.search(head) is not None
    if asks_password and _says_little(head) and (_LOGIN_TITLES.search(title) or _LOGIN_PATHS.search(parts.path)):
        return "it asks for a login. Only what everybody may read can be watched: use another source"
    return None


def _title(head: bytes) -> str:
    found = _TITLE.search(head)
    said = found[1].decode("utf-8", "replace") if found else ""
    return "".join(letter for letter in " ".join(said.split()) if letter.isprintable())[:80]


def _says_little(head: bytes) -> bool:
    """True when a reader would see few letters. One pass over the tags, so that no markup can make it slow."""
    if len(head) >= HEAD_BYTES:
        return False
    letters, inside = 0, b""
    for piece in head.split(b"<"):
        tag, _, text = piece.rpartition(b">")
        if inside:
            inside = b"" if tag[1 : len(inside) + 1].lower() == inside and tag.startswith(b"/") else inside
        elif unseen := _UNSEEN.match(tag):
            inside = unseen[0].lower()
        if not inside:
            letters += len(text.strip())
    return letters <= LITTLE_TEXT
