"""Real listeners on loopback, and every way we know to be led to them: no connection may be accepted."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpcore
import httpx
import pytest

from pipeline.fetch import Client, Robots, fetch_due, fetch_one, guarded_transport
from pipeline.fetch.guard import GuardedBackend, GuardedTransport, is_allowed
from storage.errors import FetchError
from storage.model import FetchState, Refused, Source, SourceKind, Tier
from tests.servers import Answer, Server

FORMS = """
    127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.254 127.0.0.1. 127.000.000.001 127.0.0.1%00
    2130706433 2130706433. 0x7f000001 0X7F000001 0x7f.1 0x7f.0.1 0x7f.0.0.1 0x7F.0x0.0x0.0x1 0x7f.0x000001
    0177.1 0177.0.1 0177.0.0.1 0177.00.00.01 017700000001 00000177.0.0.1 127.0x0.0.01 0x7f.00.0x0.1
    0 0. 00 0x0 0.0 0.0.0 0.0.0.0 0.0.0.0. 0x0.0x0.0x0.0x0 0000.0000.0000.0000 4294967296 4294967297 6425673729
    localhost LOCALHOST LocalHost localhost. localhost.localdomain ip6-localhost ip6-loopback
    %31%32%37.0.0.1 127%2e0%2e0%2e1 %6c%6f%63%61%6c%68%6f%73%74 127.0.0.1%2e %30
    127。0。0。1 127．0．0．1 127｡0｡0｡1 １２７.０.０.１ １２７。０。０。１ ①②⑦.⓪.⓪.① 𝟏𝟐𝟕.𝟎.𝟎.𝟏 𝟙𝟚𝟟.𝟘.𝟘.𝟙 ¹²⁷.⁰.⁰.¹
    ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ｌｏｃａｌｈｏｓｔ 𝓵𝓸𝓬𝓪𝓵𝓱𝓸𝓼𝓽 ℓocalhost locaⅼhost localhoﬆ localhost。 lоcalhost xn--localhost-
    127.0.0.1.. .127.0.0.1 127..0.0.1 127.0.0.1, 127.0.0.1; 127,0,0,1 127.0.257 127.65537
    127.0.0.0x1 127.0.0.01 0127.0.0.1 127.0.0.1e0 127.0.0.+1 0b1111111.0.0.1 0o177.0.0.1
    [::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0001] [0::1] [::0:1] [::0.0.0.1]
    [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:127.0.0.1] [0:0:0:0:0:ffff:127.0.0.1] [0:0:0:0:0:ffff:7f00:0001]
    [::127.0.0.1] [::7f00:1] [::ffff:0:127.0.0.1] [::ffff:0:7f00:1] [::] [::0] [0:0:0:0:0:0:0:0] [::ffff:0.0.0.0]
    [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [64:ff9b::10.0.0.1] [2002:7f00:1::] [2002:7f00:0001::1]
    [2002:a00:1::1] [2002:c0a8:101::] [2001:0:7f00:1::] [2001::7f00:1] [2001:0:53aa:64c:0:fbff:80ff:fffe]
    [::1%25lo] [fe80::1] [fe80::1%25lo] [fe80::7f00:1%251] [::1%lo] [::1]. [::1 ::1 [[::1]] [0x0::1]
    10.0.0.1 10.255.255.255 167772161 0x0a000001 012.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 192.168.1.1 3232235777
    169.254.169.254 169.254.0.1 2852039166 0xa9fea9fe 0251.0376.0251.0376 100.64.0.1 100.127.255.255 100.100.100.200
    192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
    224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 4294967295 0.0.0.1 0.1.2.3
    [fc00::1] [fd00::1] [fd00:ec2::254] [fec0::1] [ff02::1] [ff00::] [100::1] [2001:db8::1] [2001:10::1] [2001:20::1]
    [3fff::1] [5f00::1] [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [64:ff9b::a9fe:a9fe]
    [2002:a9fe:a9fe::]
""".split()  # noqa: SIM905 (a table)
INVISIBLE = [
    "127.0.0.1\t",
    "1\t27.0.0.1",
    "12\n7.0.0.1",
    "127.0.0.1\r\n",
    " 127.0.0.1",
    "local\u00adhost",
    "local\u200bhost",
]
TRICKS = """
    news.example@{host} user:pass@{host} news.example%40{host} {host}\\@news.example news.example\\@{host}
    {host}#@news.example {host}?@news.example {host}/@news.example {host}:80@{host} @{host} :@{host} /{host} //{host}
    \\{host} \\\\{host} news.example:80@{host} news.example%00@{host} {host}%23.news.example {host}%2f.news.example
""".split()  # noqa: SIM905
SCHEMES = ["HTTP://", "hTTp://", "http:/", "http:", "http:\\\\", "https://", " http://", "\thttp://", "http://\t"]


def urls(port: int) -> list[str]:
    """Every form with the listener's port, and the tricks that hide the host in the rest of the address."""
    plain = [f"http://{form}:{port}/x" for form in FORMS + INVISIBLE]
    hidden = [f"http://{trick.format(host=f'127.0.0.1:{port}')}/x" for trick in TRICKS]
    return plain + hidden + [f"{scheme}127.0.0.1:{port}/x" for scheme in SCHEMES]


def guarded() -> httpx.AsyncBaseTransport:
    """The guard, but for names that only a name server could know: those would be asked of a network."""

    async def resolve(host: str, port: int) -> list[str]:
        if host.lower().rstrip(".") in ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"):
            return ["127.0.0.1", "::1"]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(info[4][0]) for info in found]

    return GuardedTransport(GuardedBackend(allow_private=False, resolve=resolve))


def offline() -> Client:
    return Client(gap_s=0, transport=guarded())


async def as_feed(url: str, client: Client) -> None:
    source = Source(id="s", name="S", kind=SourceKind.FEED, url=url, tier=Tier.PRESS)
    state = FetchState(source_id="s", url=url)
    [outcome] = [outcome async for outcome in fetch_due([(source, state)], client=client)]
    assert isinstance(outcome, Refused)


async def as_page_behind_robots(url: str, client: Client) -> None:
    with pytest.raises(FetchError):
        await fetch_one(url, client=client, robots=Robots(client))


async def as_redirect(url: str, client: Client) -> None:
    with pytest.raises(FetchError):
        async with Client(transport=RedirectsTo(url), gap_s=0) as redirected:
            await fetch_one("https://news.example/", client=redirected)


async def as_webhook(url: str, client: Client) -> None:
    async with httpx.AsyncClient(transport=guarded()) as sender:
        with pytest.raises((httpx.HTTPError, httpx.InvalidURL, UnicodeError)):
            await sender.post(url, content=b"{}")


class RedirectsTo(httpx.AsyncBaseTransport):
    """Answers for news.example itself, and leaves everything else to the guard."""

    def __init__(self, location: str) -> None:
        self._location, self._guarded = location, guarded()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "news.example":
            return httpx.Response(302, headers=[(b"Location", self._location.encode())])
        return await self._guarded.handle_async_request(request)


PATHS = [as_feed, as_page_behind_robots, as_redirect, as_webhook]


@pytest.mark.parametrize("read", PATHS)
def test_no_spelling_of_a_private_address_is_connected_to(read: Callable[[str, Client], Awaitable[None]]) -> None:
    async def go() -> tuple[int, int]:
        async with Server(host="127.0.0.1") as server, both_families(server.port) as other, offline() as client:
            tried = urls(server.port)
            for url in tried:
                await read(url, client)
            return len(tried), server.connections + other.connections

    tried, connections = asyncio.run(go())
    assert tried >= 150
    assert connections == 0


def both_families(port: int) -> Server:
    """A second listener on the same port of ::1, where the machine has IPv6."""
    return _On(port, host="::1") if socket.has_ipv6 else Server()


class _On(Server):
    """A server on a given port."""

    def __init__(self, port: int, *, host: str) -> None:
        super().__init__(host=host)
        self._port = port

    async def __aenter__(self) -> _On:
        self._server = await asyncio.start_server(self._connected, self._host, self._port)
        self.port = self._port
        return self


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]"])
def test_the_listener_would_have_accepted_what_is_allowed(host: str) -> None:
    """The counterpart: the same forms get through where the source says that its network is private."""

    async def go() -> int:
        async with Server(host="127.0.0.1") as server, both_families(server.port) as other:
            for listener in (server, other):
                listener.script["/x"] = Answer(body=b"hello")
            async with Client(gap_s=0) as client:
                await fetch_one(f"http://{host}:{server.port}/x", client=client, allow_private=True)
            return server.connections + other.connections

    assert asyncio.run(go()) == 1


def answering(*answers: list[str]) -> tuple[Callable[[str, int], Awaitable[list[str]]], list[str]]:
    """A name server that gives one answer after the other, and the names that it was asked for."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
        ["::1", "93.184.215.14"],
        ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "fe80::1%eth0"],
        ["::ffff:127.0.0.1"],
        [],
    ],
    ids=repr,
)
def test_one_private_address_in_the_answer_refuses_the_name(addresses: list[str]) -> None:
    resolve, _ = answering(addresses)

    async def go() -> int:
        async with Server() as server:
            backend = GuardedBackend(allow_private=False, resolve=resolve)
            with pytest.raises(httpcore.ConnectError):
                await backend.connect_tcp("rebinding.example", server.port)
            return server.connections

    assert asyncio.run(go()) == 0


def test_a_name_is_resolved_once_so_that_it_cannot_change_between_check_and_use() -> None:
    resolve, asked = answering(["127.0.0.1"], ["127.0.0.9"])

    async def go() -> int:
        async with Server({"/": Answer(body=b"x")}) as server:
            transport = GuardedTransport(GuardedBackend(allow_private=True, resolve=resolve))
            async with httpx.AsyncClient(transport=transport) as client:
                answer = await client.get(f"http://rebinding.example:{server.port}/")
                assert answer.content == b"x"
            return server.connections

    assert asyncio.run(go()) == 1
    assert asked == ["rebinding.example"]


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    resolve, _ = answering(["127.0.0.77", "127.0.0.1"])

    async def go() -> bytes:
        async with Server({"/": Answer(body=b"x")}) as server:
            transport = GuardedTransport(GuardedBackend(allow_private=True, resolve=resolve))
            async with httpx.AsyncClient(transport=transport) as client:
                return (await client.get(f"http://two.example:{server.port}/")).content

    assert asyncio.run(go()) == b"x"


def test_a_name_server_that_does_not_answer_is_not_waited_for() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(3600)
        return []

    async def go() -> None:
        await GuardedBackend(allow_private=False, resolve=never).connect_tcp("slow.example", 80, timeout=0.01)

    with pytest.raises(httpcore.ConnectTimeout):
        asyncio.run(go())


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "255.255.255.255", "::"])
def test_allow_private_does_not_open_link_local_or_multicast(address: str) -> None:
    assert not is_allowed(address, allow_private=True)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "172.20.0.1", "100.64.0.1", "fd00::"]
)
def test_allow_private_opens_the_networks_at_home(address: str) -> None:
    assert is_allowed(address, allow_private=True)
    assert not is_allowed(address, allow_private=False)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1", "172.32.0.1"])
def test_public_addresses_are_open(address: str) -> None:
    assert is_allowed(address, allow_private=False)


def test_the_guard_is_what_a_client_and_a_sender_get_by_default() -> None:
    async def go() -> int:
        async with Server() as server, Client(gap_s=0) as client:
            for host in ("localhost", "127.0.0.1", "2130706433"):
                with pytest.raises(FetchError, match="not a public address"):
                    await fetch_one(f"http://{host}:{server.port}/", client=client)
                async with httpx.AsyncClient(transport=guarded_transport(allow_private=False)) as sender:
                    with pytest.raises(httpx.ConnectError, match="not a public address"):
                        await sender.post(f"http://{host}:{server.port}/")
            return server.connections

    assert asyncio.run(go()) == 0


def test_the_refusal_says_what_to_do() -> None:
    async def go() -> None:
        async with Client(gap_s=0) as client:
            await fetch_one("http://127.0.0.1:9/", client=client)

    with pytest.raises(FetchError, match="allow_private: true"):
        asyncio.run(go())


def test_what_nothing_opens_is_said_so() -> None:
    async def go() -> None:
        async with Client(gap_s=0, remedy="say --allow-private") as client:
            await fetch_one("http://169.254.169.254/", client=client, allow_private=True)

    with pytest.raises(FetchError, match="and no setting opens it"):
        asyncio.run(go())


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody vouches for."""
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed")
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    make = [openssl, "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    made = [*make, "-subj", "/CN=127.0.0.1", "-days", "2", "-keyout", key, "-out", certificate]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_a_certificate_for_nobody_is_refused(self_signed: ssl.SSLContext) -> None:
    async def go() -> Exception:
        async with Server({"/": Answer(body=b"x")}, tls=self_signed) as server, Client(gap_s=0) as client:
            with pytest.raises(FetchError) as raised:
                await fetch_one(server.url("/"), client=client, allow_private=True)
            return raised.value

    assert "certificate verify failed" in str(asyncio.run(go()))


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> tuple[int, int]:
        async with Server({"/": Answer(body=b"x")}) as server, Server() as proxy, Client(gap_s=0) as client:
            monkeypatch.setenv("HTTP_PROXY", proxy.url())
            monkeypatch.setenv("ALL_PROXY", proxy.url())
            await fetch_one(server.url("/"), client=client, allow_private=True)
            return server.connections, proxy.connections

    assert asyncio.run(go()) == (1, 0)
