"""Where the pictures of a row come from: addresses, or the names of files in the ZIP that came along."""

import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from souk.http.outbound import UnusableAddress, checked

_ADDRESSES = re.compile(r"[\s|;,]+(?=https?://)", re.IGNORECASE)
_NAMES = re.compile(r"\s*[|;,\n]\s*")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def sources_of(cells: Iterable[str]) -> list[str]:
    """What the cells of a row name, each once: addresses end where another begins, names at `|`, `;` or `,`."""
    found = list[str]()
    for part in (part for cell in cells for part in _ADDRESSES.split(cell)):
        found += [part] if is_address(part) else _NAMES.split(part)
    return list(dict.fromkeys(tidy for part in found if (tidy := part.strip(" \t\r\n|;,"))))


def is_address(source: str) -> bool:
    """Whether it is to be fetched; else it is the name of a file."""
    return _ADDRESS.match(source) is not None


def base_name(path: str) -> str:
    """A file's name without its folders, as it is compared: some systems make no difference between capitals."""
    return PurePosixPath(path.replace("\\", "/")).name.casefold()


def fault_of(source: str, files: Collection[str]) -> str | None:
    """What is wrong with it, as far as that can be seen before it is fetched; `files` are names in the ZIP."""
    if not is_address(source):
        if base_name(source) in files:
            return None
        if files:
            return f"The ZIP has no file {source}."
        return f"Write an address like https://example.com/lamp.jpg, or bring a ZIP with {source} in it."
    try:
        checked(source)
    except UnusableAddress as wrong:
        return wrong.message
    return None
