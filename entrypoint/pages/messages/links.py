"""Addresses in what people write, as links that nothing is fetched from before somebody follows them."""

import re
from typing import NamedTuple

_LINK = re.compile(r"\bhttps?://[^\s<>\"“”«»]+", re.IGNORECASE)
_TRAILING = ".,;:!?'’*_"


class Part(NamedTuple):
    """A piece of a text; with `href` it is a link."""

    text: str
    href: str = ""


def linked(text: str) -> list[Part]:
    """The text in pieces. What closes a sentence or a bracket behind an address does not belong to it."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_TRAILING)
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(_TRAILING)
        if "." not in address and "localhost" not in address:
            continue
        if found.start() > end:
            parts.append(Part(text[end : found.start()]))
        parts.append(Part(address, address))
        end = found.start() + len(address)
    if end < len(text):
        parts.append(Part(text[end:]))
    return parts
