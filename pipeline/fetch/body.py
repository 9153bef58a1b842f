"""Reads the body of an answer with a bound on what arrives and on what it inflates to."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

GZIP_BITS = 16 + zlib.MAX_WBITS
GZIP_MAGIC = b"\x1f\x8b"
MOST_PIECES = 50_000
"""Pieces that a body may arrive in. Ten megabytes take seven thousand packets; one byte a piece is an attack."""


class UnusableBodyError(Exception):
    """A body that may not be kept; the message says why. Never leaves `pipeline.fetch`."""


async def read_body(chunks: AsyncIterator[bytes], coding: bytes, *, wire_limit: int, limit: int) -> bytes:
    """The decoded body, at most `limit` bytes out of at most `wire_limit` bytes of gzip.

    `coding` is the value of `Content-Encoding`. Only gzip was asked for, so anything else, brotli and stacked codings
    included, raises `UnusableBodyError`; so does a body that is too large, broken or cut short.
    """
    pieces = _counted(chunks)
    match coding.strip().lower():
        case b"" | b"identity":
            return await _plain(pieces, limit)
        case b"gzip" | b"x-gzip":
            return await _inflated(pieces, wire_limit, limit)
        case other:
            name = other.decode("latin-1")[:40]
            raise UnusableBodyError(f"the answer is encoded as {name!r}, though only gzip was asked for")


async def _counted(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    count = 0
    async for chunk in chunks:
        count += 1
        if count > MOST_PIECES:
            raise UnusableBodyError(f"the answer arrives in more than {MOST_PIECES} pieces")
        yield chunk


async def _plain(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        _check_size(len(body), limit, "the answer is")
    return bytes(body)


async def _inflated(chunks: AsyncIterator[bytes], wire_limit: int, limit: int) -> bytes:
    body, received, inflater = bytearray(), 0, zlib.decompressobj(GZIP_BITS)
    async for chunk in chunks:
        received += len(chunk)
        _check_size(received, wire_limit, "the compressed answer is")
        try:
            while chunk:
                body += inflater.decompress(chunk, limit + 1 - len(body))
                _check_size(len(body), limit, "the answer inflates to")
                chunk = inflater.unused_data
                if chunk.startswith(GZIP_MAGIC):
                    inflater = zlib.decompressobj(GZIP_BITS)
                else:
                    break
        except zlib.error as error:
            raise UnusableBodyError("the answer says that it is gzip, and it is not") from error
    if received and not inflater.eof:
        raise UnusableBodyError("the compressed answer was cut short")
    return bytes(body)


def _check_size(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise UnusableBodyError(f"{what} larger than {limit / 1_000_000:g} MB")
