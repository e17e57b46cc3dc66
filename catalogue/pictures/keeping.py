"""Taking pictures in: rendered and stored while no transaction is open, recorded before and after."""

import asyncio

from catalogue.pictures import pictures
from catalogue.pictures.images import Rendered, hash_of
from catalogue.pictures.storage import PictureStore, Renderer
from souk.clock import Clock
from souk.contracts.catalogue.pictures import PictureFile
from souk.database import Database

WAITS_MAX, WAIT_S = 50, 0.1
"""How often, and after how many seconds, it is looked again whether a sweeper has deleted the same picture."""


class PictureKeeper:
    """Makes a kept picture of a file."""

    def __init__(self, database: Database, clock: Clock, store: PictureStore, renderer: Renderer) -> None:
        self._database, self._clock, self._store, self._renderer = database, clock, store, renderer

    async def take(self, content: bytes) -> PictureFile:
        """Render and keep a file, unless the same came before.

        Raises InvalidInput if it is no usable picture, and Unavailable if too many are under way.
        """
        async with self._database.transaction() as session:
            known = await pictures.known_file(session, hash_of(content), now=self._clock.now())
        return known or await self._keep(await self._renderer.render(content))

    async def turned(self, name: str, degrees: int) -> PictureFile:
        """Keep a stored picture anew, turned clockwise."""
        return await self._keep(await self._renderer.render(await self._store.content(name), degrees))

    async def _keep(self, rendered: Rendered) -> PictureFile:
        """Keep a picture's files. It is recorded before and after: in between no sweeper may take them for garbage."""
        for tries_left in reversed(range(WAITS_MAX)):
            try:
                async with self._database.transaction() as session:
                    await pictures.expect_file(session, rendered, now=self._clock.now())
                break
            except pictures.BeingDeleted:
                if not tries_left:
                    raise
                await asyncio.sleep(WAIT_S)
        await self._store.keep(rendered.contents)
        async with self._database.transaction() as session:
            return await pictures.stored_file(session, rendered.content_hash)
