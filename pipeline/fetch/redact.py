"""What is secret in a URL or a header, and what stands in its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

MASK = "REDACTED"

_SECRET_NAME = re.compile(
    r"(?:^|[-_.])(?:token|key|apikey|secret|sig|signature|auth|authorization|password|passwd|pwd|pass|credential|"
    r"credentials|session|sessionid|sid|jwt|code|hmac|otp)(?:$|[-_.])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET_HEADERS = frozenset({"cookie", "set-cookie", "set-cookie2", "authorization", "proxy-authorization"})


def redacted(url: str) -> str:
    """`url` without user name, password, fragment, or the values of query parameters that carry secrets."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return MASK
    query = "&".join(map(_redacted_pair, parts.query.split("&"))) if parts.query else ""
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def without_secrets(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """`headers` without cookies and authorisation, and with the URLs in `Location` and the like redacted."""
    return tuple(
        (name, _redacted_value(name, value)) for name, value in headers if not _is_secret(name.decode("latin-1"))
    )


def _redacted_pair(pair: str) -> str:
    name, equals, _value = pair.partition("=")
    return f"{name}={MASK}" if equals and _SECRET_NAME.search(_CAMEL.sub("_", name)) else pair


def _is_secret(header: str) -> bool:
    return header.lower() in _SECRET_HEADERS or _SECRET_NAME.search(header) is not None


def _redacted_value(name: bytes, value: bytes) -> bytes:
    if name.lower() in (b"location", b"content-location", b"referer"):
        return redacted(value.decode("latin-1")).encode("latin-1")
    return value
