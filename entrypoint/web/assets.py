"""Static files: only those that were there at the start, under names that tell their content, packed once.

`js/app.js` is linked as `js/app.<hash>.js`, which may be kept for ever; its own name is answered too, for a short while.
Modules import each other by such names as well: what a module says it needs is written anew before its hash is taken, so a
change of one changes the names of all that use it, and no page runs half of an old set. (An import map would have to stand
in the page, where the content security policy lets no script stand.)

The edge's image is built with this module and Python alone: it imports nothing else.
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

GZIP_FROM_BYTES = 1400
"""About one packet; below, packing saves nothing."""

TEXT = ("text/", "application/javascript", "application/json", "application/manifest", "image/svg")

HASH_CHARS = 16
HASHED = re.compile(rf"(?P<stem>.+)\.(?P<hash>[0-9a-f]{{{HASH_CHARS}}})(?P<suffix>\.[a-z0-9]+)")

PACKED_KEPT = 128
"""Files whose packed form is remembered, by what is in them."""

URLS_KEPT_S = 1.0
"""How long a file's address is taken to be what it was: every page has eight of them, and asking the system costs."""

WRITTEN_BY_OTHERS = "vendor/"
"""Kept as they came: only their names tell their content."""

_IMPORT = re.compile(r"""(?P<before>\b(?:from|import)\s*\(?\s*)(?P<quote>["'])(?P<path>\.{1,2}/[^"'`]+)(?P=quote)""")

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True)
class Asset:
    """A file's content, read once until it changes on disk."""

    stamp: tuple[int, int]
    content: bytes
    packed: bytes | None
    """The same with gzip, where that is worth it."""
    kind: str
    hash: str
    uses: dict[str, str]
    """The files that it names, with the hashes that it names them by."""


class Assets:
    """The files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
        self._read: dict[str, Asset] = {}
        self._urls: dict[str, str] = {}
        self._urls_until = 0.0

    def load(self) -> None:
        """Read and pack all of them, so that nobody waits for it later."""
        for name in self._files:
            self.get(name)

    def url(self, name: str) -> str:
        """Where a file is, by a name that has its content's hash, so that it may be kept for ever."""
        if time.monotonic() >= self._urls_until:
            self._urls, self._urls_until = {}, time.monotonic() + URLS_KEPT_S
        known = self._urls.get(name)
        if known is None:
            path = PurePosixPath(name)
            hashed = path.with_name(f"{path.stem}.{self.get(name).hash}{path.suffix}")
            known = self._urls[name] = f"/static/{hashed}"
        return known

    def find(self, name: str) -> tuple[Asset, bool | None]:
        """What is asked for by a name, and whether the hash in the name is its content's; None for names without one.

        A name with another hash is one of another version of the shop, which runs beside this one while it is replaced:
        the file as it is here is better than none. Raises FileNotFoundError.
        """
        told = HASHED.fullmatch(name)
        if told is None or name in self._files:
            return self.get(name), None
        asset = self.get(told["stem"] + told["suffix"])
        return asset, asset.hash == told["hash"]

    def get(self, name: str) -> Asset:
        """A file by its own name; raises FileNotFoundError."""
        file = self._files.get(name)
        if file is None or not file.exists():
            raise FileNotFoundError(name)
        status = file.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        asset = self._read.get(name)
        if asset is None or asset.stamp != stamp or any(self.get(use).hash != was for use, was in asset.uses.items()):
            asset = self._read[name] = self._load(name, file, stamp)
        return asset

    def write(self, folder: Path) -> None:
        """Put all of them into a folder, for a server that serves files: under both names, packed ones beside them (.gz)."""
        for name in self._files:
            asset = self.get(name)
            for written in (name, self.url(name).removeprefix("/static/")):
                file = folder / written
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(asset.content)
                if asset.packed is not None:
                    file.with_name(f"{file.name}.gz").write_bytes(asset.packed)

    def _load(self, name: str, file: Path, stamp: tuple[int, int]) -> Asset:
        content, uses = file.read_bytes(), dict[str, str]()
        if file.suffix == ".js" and not name.startswith(WRITTEN_BY_OTHERS):
            content = self._with_hashes(name, content.decode(), uses).encode()
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        worth_it = kind.startswith(TEXT) and len(content) >= GZIP_FROM_BYTES
        digest = hashlib.sha256(content).hexdigest()[:HASH_CHARS]
        return Asset(stamp, content, _packed(content) if worth_it else None, kind, digest, uses)

    def _with_hashes(self, name: str, text: str, uses: dict[str, str]) -> str:
        """A module's text that imports the others by their hashed names. (Modules that need each other in a ring have none.)"""

        def hashed(found: re.Match[str]) -> str:
            path = PurePosixPath(found["path"])
            use = posixpath.normpath(PurePosixPath(name).parent / path)
            uses[use] = self.get(use).hash
            there = path.with_name(f"{path.stem}.{uses[use]}{path.suffix}")
            return f"{found['before']}{found['quote']}./{there}{found['quote']}"

        return _IMPORT.sub(hashed, text)


@lru_cache(PACKED_KEPT)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


if __name__ == "__main__":  # from where, to where
    Assets(Path(sys.argv[1])).write(Path(sys.argv[2]))
