"""Texts in XML, which cannot hold every character."""

import re

_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text without the characters that XML 1.0 cannot hold (2.2)."""
    return _UNWRITABLE.sub("", text)
