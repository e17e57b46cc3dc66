"""Downloads from addresses that people gave: only public ones, whatever names and redirects say (OWASP, SSRF).

A name is looked up once, and what was looked at is what is connected to: an address that is public when it is checked
and private when it is used gets nowhere. Redirects go the same way.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import httpcore
import httpx

from souk.errors import RuleBroken

ADDRESS_CHARS_MAX = 2000
REDIRECTS_MAX = 4
TRIED_MAX = 3
"""Addresses of one name that are tried in turn."""

AGENT = "Souk (fetches what a member of the shop named)"
PORTS = (None, 80, 443)

CONNECT_S_MAX, READ_S_MAX, DOWNLOAD_S_MAX = 5.0, 10.0, 30.0
"""Seconds for a connection, for the next piece, and for a download as a whole."""

_CLOSED = "It leads to what is not open to everybody."
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_WAIT = frozenset((408, 425, 429))

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a name, for a port; raises OSError if it has none."""


class UnusableAddress(RuleBroken):
    """The text is no address that a download could be made from."""

    title = "Not a usable address"


class DownloadFailed(Exception):
    """Nothing came. `again` says whether a later try may do better."""

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet (IANA's registries); what an IPv6 address wraps counts too."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        inside = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if any(address is not None for address in inside):
            return all(is_public(str(address)) for address in inside if address is not None)
    return ip.is_global and not ip.is_multicast


def checked(address: str) -> httpx.URL:
    """The address, if a download can be tried from it; raises UnusableAddress with what to mend."""
    if len(address) > ADDRESS_CHARS_MAX:
        raise UnusableAddress(
            "An address may have at most {most} characters.", code="address-too-long", most=ADDRESS_CHARS_MAX
        )
    try:
        url = httpx.URL(address)
        host = url.host
    except (httpx.InvalidURL, UnicodeError) as wrong:
        raise _not_an_address(address) from wrong
    if url.scheme not in ("http", "https") or not host:
        raise _not_an_address(address)
    if url.userinfo:
        raise UnusableAddress(
            "Leave name and password out of the address: {address}",
            code="address-with-password",
            address=_short(address),
        )
    if url.port not in PORTS or not _may_be_public(host):
        raise UnusableAddress(
            "Only addresses that are open to everybody: {address}", code="address-not-open", address=_short(address)
        )
    return url


def _may_be_public(host: str) -> bool:
    """False only for what is an IP address, and not a public one; names are looked at when they are used."""
    try:
        return is_public(host)
    except ValueError:
        return True


def _not_an_address(address: str) -> UnusableAddress:
    return UnusableAddress(
        "Write an address like https://example.com/lamp.jpg instead of {address}", address=_short(address)
    )


def _short(address: str) -> str:
    return address if len(address) <= 80 else f"{address[:79]}…"


class Downloads:
    """Downloads small files, a few at a time."""

    def __init__(self, lookup: Lookup | None = None, network: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            network_backend=_Guarded(lookup or _looked_up, network or httpcore.AnyIOBackend()),
            max_keepalive_connections=4,
            keepalive_expiry=5.0,
        )

    async def get(self, address: str, *, accept: str, bytes_max: int) -> bytes:
        """What lies at the address; raises DownloadFailed, in words for whoever gave the address."""
        try:
            async with asyncio.timeout(DOWNLOAD_S_MAX):
                return await self._followed(address, accept, bytes_max)
        except (TimeoutError, httpcore.TimeoutException) as slow:
            raise DownloadFailed("It took too long.", again=True) from slow
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as failed:
            if isinstance(failed.__cause__, ssl.SSLError):
                raise DownloadFailed("Its certificate is not valid.", again=False) from failed
            raise DownloadFailed("It cannot be reached.", again=True) from failed

    async def _followed(self, address: str, accept: str, bytes_max: int) -> bytes:
        url = _usable(address)
        for _ in range(REDIRECTS_MAX + 1):
            extensions = {"timeout": {"connect": CONNECT_S_MAX, "read": READ_S_MAX, "write": READ_S_MAX, "pool": None}}
            headers: dict[str | bytes, str | bytes] = {
                "accept": accept,
                "accept-encoding": "identity",
                "user-agent": AGENT,
            }
            async with self._pool.stream("GET", str(url), headers=headers, extensions=extensions) as answer:
                if answer.status not in _REDIRECTS:
                    return await _body(answer, bytes_max)
                target = httpx.Headers(answer.headers).get("location", "")
            url = _usable(target, url)
        raise DownloadFailed("It redirects too often.", again=False)

    async def close(self) -> None:
        """End all connections."""
        await self._pool.aclose()


def _usable(address: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        return checked(str(base.join(address)) if base and address else address)
    except (UnusableAddress, httpx.InvalidURL) as wrong:
        raise DownloadFailed(_CLOSED, again=False) from wrong


async def _body(answer: httpcore.Response, bytes_max: int) -> bytes:
    if answer.status != 200:
        again = answer.status >= 500 or answer.status in _WAIT
        raise DownloadFailed(f"It answers with {answer.status}.", again=again)
    too_large = DownloadFailed(f"It is larger than {bytes_max // 1024**2} MB.", again=False)
    said = httpx.Headers(answer.headers).get("content-length", "")
    if said.isdigit() and int(said) > bytes_max:
        raise too_large
    content = bytearray()
    async for piece in answer.aiter_stream():
        content += piece
        if len(content) > bytes_max:
            raise too_large
    return bytes(content)


@cache
def _tls() -> ssl.SSLContext:
    """Whose certificates are trusted: reading them takes longer than the rest of a start's wiring, so once."""
    return httpx.create_ssl_context(trust_env=False)


async def _looked_up(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only."""

    def __init__(self, lookup: Lookup, network: httpcore.AsyncNetworkBackend) -> None:
        self._lookup, self._network = lookup, network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own way
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._lookup(host, port)
        except (socket.gaierror, UnicodeError) as unknown:
            raise DownloadFailed("Its name is not known.", again=True) from unknown
        usable = [address for address in addresses if is_public(address)][:TRIED_MAX]
        if not usable:
            raise DownloadFailed(_CLOSED, again=False)
        for address in usable[:-1]:  # the next one, if a name has several and this one is down
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._network.connect_tcp(usable[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
