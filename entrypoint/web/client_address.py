"""Where a request comes from."""

from dataclasses import replace
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection

from entrypoint.limits.limits import Rule

SITE_TIMES = 4
"""How much more an IPv6 /48 may do than one /64: whoever has one, has 65,536 of these."""


def client_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Where a request comes from: an IPv4 address or an IPv6 /64, which is what one household has."""
    return _network(_peer(connection))


def at_place(rule: Rule, connection: ASGIConnection[Any, Any, Any, Any]) -> list[tuple[Rule, str]]:
    """What `Limits.hit` counts for a limit of places: the place, and with IPv6 also the /48 that it lies in."""
    place, site = _network(_peer(connection)), _network(_peer(connection), bits=48)
    wide = replace(rule, name=f"{rule.name} site", most=rule.most * SITE_TIMES)
    return [(rule, place)] if site == place else [(rule, place), (wide, site)]


def _peer(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return connection.client.host if connection.client else ""


def _network(address: str, *, bits: int = 64) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, bits), strict=False))
    return str(parsed)
