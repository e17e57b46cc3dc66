"""Where the pictures of a row come from: addresses, or the names of files in the ZIP that came along."""

import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from souk.errors import InvalidInput
from souk.http.outbound import checked

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


def check_source(source: str, files: Collection[str]) -> None:
    """Raises InvalidInput or UnusableAddress for what can be seen before it is fetched; `files` are names in the ZIP."""
    if is_address(source):
        checked(source)
    elif files and base_name(source) not in files:
        raise InvalidInput("pictures", "The ZIP has no file {source}.", code="not-in-zip", source=source)
    elif not files:
        raise InvalidInput(
            "pictures",
            "Write an address like https://example.com/lamp.jpg, or bring a ZIP with {source} in it.",
            code="no-zip",
            source=source,
        )
