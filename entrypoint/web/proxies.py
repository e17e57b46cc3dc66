"""Whose word on where a request comes from is believed."""

import asyncio
import socket
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

LOOKED_UP_EVERY_S = 2.0
"""How old the addresses behind a proxy's name may be before they are looked up again."""

LOOK_UP_TIMEOUT_S = 2.0

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class TrustedProxies:
    """ASGI middleware: where a trusted proxy passed a request on, the client is whom that proxy names.

    `X-Forwarded-For` is read from its end (each proxy appends whom it heard) past the trusted ones. Anybody else may
    write what they like into it: it is not looked at.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        """`proxies` are addresses, networks (`10.0.0.0/8`) and host names."""
        self._app = app
        self._networks = [network for name in proxies if (network := _network(name)) is not None]
        self._names = [name for name in proxies if _network(name) is None]
        self._named: set[Address] = set()
        self._looked_up_at = -LOOKED_UP_EVERY_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._believe(scope)
        await self._app(scope, receive, send)

    async def _believe(self, scope: HTTPScope) -> None:
        said = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        client = scope["client"]
        if not said or client is None:
            return
        peer, chain = client[0], ",".join(said).split(",")
        while chain and await self._trusts(peer):
            named = _address(chain.pop())
            if named is None:
                break
            peer = str(named)
        scope["client"] = (peer, client[1])

    async def _trusts(self, peer: str) -> bool:
        address = _address(peer)
        if address is None:
            return False
        if any(address in network for network in self._networks):
            return True
        if self._names and time.monotonic() - self._looked_up_at >= LOOKED_UP_EVERY_S:
            self._looked_up_at = time.monotonic()
            self._named = {found for name in self._names for found in await _look_up(name)}
        return address in self._named


async def _look_up(name: str) -> set[Address]:
    """The addresses that a host has now; none while the name is not known."""
    try:
        async with asyncio.timeout(LOOK_UP_TIMEOUT_S):
            found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return set()
    return {address for entry in found if (address := _address(str(entry[4][0]))) is not None}


def _address(text: str) -> Address | None:
    """An address as it is compared: without brackets, port or zone, IPv4 also where it is written as IPv6."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed


def _network(name: str) -> Network | None:
    try:
        return ip_network(name, strict=False)
    except ValueError:
        return None
