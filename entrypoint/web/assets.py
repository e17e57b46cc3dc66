"""Static files: only those that were there at the start, by exact name, with a hash for caching."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from souk.errors import NotFound

GZIP_FROM_BYTES = 1400
"""About one packet; below, packing saves nothing."""

TEXT = ("text/", "application/javascript", "application/json", "application/manifest", "image/svg")

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


class Assets:
    """The files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._files = {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file()}
        self._read: dict[str, Asset] = {}

    def url(self, name: str) -> str:
        """Where a file is, with its content's hash, so that it may be kept for ever."""
        return f"/static/{name}?v={self.get(name).hash}"

    def get(self, name: str) -> Asset:
        """A file by its exact name; raises NotFound."""
        file = self._files.get(name)
        if file is None or not file.exists():
            raise NotFound("There is no such file.")
        status = file.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        asset = self._read.get(name)
        if asset is None or asset.stamp != stamp:
            asset = self._read[name] = _load(file, stamp)
        return asset


def _load(file: Path, stamp: tuple[int, int]) -> Asset:
    content = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, mtime=0) if kind.startswith(TEXT) and len(content) >= GZIP_FROM_BYTES else None
    return Asset(stamp, content, packed, kind, hashlib.sha256(content).hexdigest()[:16])
