"""Where a request comes from."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection


def place_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Where a request comes from: an IPv4 address or an IPv6 /64, which is what one household has."""
    return _network(connection.client.host if connection.client else "")


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
