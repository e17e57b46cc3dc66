"""Where picture files are kept: a folder, or an S3 bucket."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from catalogue.pictures.images import Rendered, render
from souk.errors import NotFound, Unavailable

WAITING_MAX = 20
"""Pictures that may wait for a thread or be in one; beyond that an upload is refused for the moment."""


class UnknownPicture(NotFound):
    """No picture has that name."""


@dataclass(frozen=True)
class Stored:
    """A file that is about to be sent."""

    size: int
    chunks: AsyncIterator[bytes]


class PictureStore:
    """Keeps rendered pictures under the names that their content gives them; a name never changes its content."""

    def __init__(self, url: str) -> None:
        self._store = _open(url)

    async def keep(self, contents: Mapping[str, bytes]) -> None:
        """Keep these files; those that are there already are the same."""
        await asyncio.gather(*(self._store.put_async(name, content) for name, content in contents.items()))

    async def delete(self, names: Sequence[str]) -> None:
        """Delete these files; those that are gone already are no matter."""
        for name in names:
            with suppress(NotFoundError, FileNotFoundError):
                await self._store.delete_async(name)

    async def names(self, prefix: str) -> list[str]:
        """The names of the files under a folder such as `brought/`."""
        return [str(each["path"]) async for part in self._store.list(prefix) for each in part]

    async def content(self, name: str) -> bytes:
        """A whole file by its name; raises UnknownPicture."""
        return b"".join([chunk async for chunk in (await self.read(name)).chunks])

    async def read(self, name: str) -> Stored:
        """A file by its name, in chunks; raises UnknownPicture. The caller has checked the name's form."""
        try:
            found = await self._store.get_async(name)
        except (NotFoundError, FileNotFoundError) as missing:
            raise UnknownPicture("There is no such picture.") from missing
        return Stored(found.meta["size"], _chunks(found))


async def _chunks(found: object) -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=64 * 1024):  # type: ignore[attr-defined]
        yield bytes(chunk)


def _open(url: str) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(Path(unquote(parts.path)), mkdir=True)
    return from_url(url)


class Renderer:
    """Renders a bounded number of pictures at a time, in threads: decoding frees the interpreter, so pages go on."""

    def __init__(self, at_once: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="pictures")
        self._waiting = 0

    async def render(self, content: bytes, degrees: int = 0) -> Rendered:
        """`images.render` in a thread; raises Unavailable if too many wait or are under way."""
        if self._waiting >= WAITING_MAX:
            raise Unavailable(
                "Many pictures are being uploaded just now. Try again in a moment.", code="pictures-being-uploaded"
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, render, content, degrees)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
