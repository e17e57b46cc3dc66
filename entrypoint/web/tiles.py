"""The pictures on the first page's tiles."""

import asyncio
import time

from entrypoint.clients.catalogue import CatalogueClient
from entrypoint.clients.fallbacks import or_none
from souk.contracts.catalogue.categories import Category
from souk.contracts.catalogue.pictures import Picture

TILES_KEPT_S = 60.0
TILES_RETRY_S = 5.0


class Tiles:
    """The newest picture of each main category, asked for at most once a minute."""

    def __init__(self, catalogue: CatalogueClient) -> None:
        self._catalogue = catalogue
        self._until = 0.0
        self._pictures: dict[str, Picture | None] = {}

    async def pictures(self, categories: list[Category]) -> dict[str, Picture | None]:
        """A picture by category; None for those without one."""
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + TILES_KEPT_S  # meanwhile others are shown what there was
            found = await asyncio.gather(*(self._newest(category) for category in categories))
            self._pictures = dict(zip((category.slug for category in categories), found, strict=True))
            if not all(found):  # a market being filled, or a catalogue that was slow: look again soon
                self._until = time.monotonic() + TILES_RETRY_S
        return self._pictures

    async def _newest(self, category: Category) -> Picture | None:
        if category.listings == 0:
            return None
        found = await or_none(self._catalogue.list_listings(None, [("category", category.slug)], limit=1))
        return found.items[0].picture if found and found.items else None
