"""The only door to the network: connects to addresses that were checked in the same step, and to no others.

The check is made on the address that the connection then uses, so neither DNS rebinding nor an odd spelling of
localhost gets around it. `guarded_transport` is what every HTTP request of this project goes through: feeds, pages,
redirects, robots.txt, and the webhooks of `alerts.deliver`. Proxies named in the environment are not used.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore
import httpx

Resolve = Callable[[str, int], Awaitable[list[str]]]

if find_spec("sniffio") is None:
    # httpcore imports it anew at every lock; the search that fails is a sixth of what a request costs.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

_NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""Global unicast (RFC 4291). Loopback, link-local, mapped, NAT64, unique local, multicast all lie outside of it."""
_NOT_PUBLIC_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
"""Inside of it: Teredo and other protocol assignments, documentation, 6to4 (IANA special-purpose registry)."""
_OWN_NETWORK = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)
"""What `allow_private: true` opens. Link-local stays shut: clouds serve their credentials there."""


def guarded_transport(*, allow_private: bool, remedy: str | None = None) -> httpx.AsyncBaseTransport:
    """A transport for httpx that opens one connection a request, to a checked address, and closes it after.

    `remedy` is what a refusal advises; what sources.yaml needs, by default.
    """
    return GuardedTransport(GuardedBackend(allow_private=allow_private, remedy=remedy))


def is_allowed(address: str, *, allow_private: bool) -> bool:
    """True when a connection to `address`, an IPv4 or IPv6 literal, may be opened."""
    parsed = ip_address(address)
    if allow_private and any(parsed in network for network in _OWN_NETWORK):
        return True
    return _is_public(parsed)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, checks every address in the answer, and connects to one that was checked."""

    def __init__(self, *, allow_private: bool, resolve: Resolve | None = None, remedy: str | None = None) -> None:
        self._allow_private = allow_private
        opened = remedy or "give it `allow_private: true`"
        self._advice = "and no setting opens it" if allow_private else f"if it is on your own network, {opened}"
        self._resolve = resolve or _resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to `host`; raises httpcore.ConnectError where one of its addresses may not be reached."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host}: its name could not be resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host}: its name cannot be resolved") from error
        self._check(host, addresses)
        return await self._connect(addresses, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Part of httpcore's interface, for retries that we do not ask for."""
        await asyncio.sleep(seconds)

    def _check(self, host: str, addresses: list[str]) -> None:
        if not addresses:
            raise httpcore.ConnectError(f"{host}: its name has no address")
        for address in addresses:
            if not is_allowed(address, allow_private=self._allow_private):
                raise httpcore.ConnectError(f"{host} leads to {address}, which is not a public address; {self._advice}")

    async def _connect(
        self,
        addresses: list[str],
        port: int,
        timeout_s: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        *others, last = addresses[:3]
        for address in others:
            try:
                return await self._network.connect_tcp(address, port, timeout_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(last, port, timeout_s, local_address, socket_options)


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx's seam over single httpcore connections: a pool would cost more than the request (encode/httpx#3215)."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` over a connection of its own; closing the response closes the connection."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        if url.scheme not in (b"http", b"https") or not url.host:
            raise httpx.UnsupportedProtocol("only http and https addresses can be read", request=request)
        secure = url.scheme == b"https"
        connection = httpcore.AsyncHTTPConnection(
            origin=url.origin, ssl_context=_ssl_context() if secure else None, network_backend=self._backend
        )
        try:
            with _translated(request):
                response = await connection.handle_async_request(
                    httpcore.Request(
                        method=request.method,
                        url=url,
                        headers=request.headers.raw,
                        content=request.stream,
                        extensions=request.extensions,
                    )
                )
        except BaseException:
            await connection.aclose()
            raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_ClosingStream(response, connection, request),
            extensions={"reason_phrase": response.extensions.get("reason_phrase", b"")},
        )


class _ClosingStream(httpx.AsyncByteStream):
    def __init__(
        self, response: httpcore.Response, connection: httpcore.AsyncHTTPConnection, request: httpx.Request
    ) -> None:
        self._response, self._connection, self._request = response, connection, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self._request):
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        try:
            await self._response.aclose()
        finally:
            await self._connection.aclose()


@contextmanager
def _translated(request: httpx.Request) -> Iterator[None]:
    """httpcore's exceptions as the httpx exceptions of the same names, as httpx's own transport does."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        same_name: type[httpx.RequestError] = getattr(httpx, type(error).__name__)
        raise same_name(str(error), request=request) from error
    except httpcore.UnsupportedProtocol as error:
        raise httpx.UnsupportedProtocol(str(error), request=request) from error


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """One for all connections: reading the certificates takes longer than a request."""
    return httpx.create_ssl_context(trust_env=True)


async def _resolve(host: str, port: int) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(_resolvers(), _addresses, host, port)
        return list(dict.fromkeys(found))


def _addresses(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@functools.cache
def _resolvers() -> ThreadPoolExecutor:
    """Own threads: asyncio's default of six would let a few slow name servers hold up everybody."""
    return ThreadPoolExecutor(max_workers=32, thread_name_prefix="resolve")
