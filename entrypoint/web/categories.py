"""The category tree: every page shows it, and some are of no use without it."""

import time

from entrypoint.clients.catalogue import CatalogueClient
from entrypoint.clients.fallbacks import tolerated
from entrypoint.web.kept_pages import digest_of
from souk.contracts.catalogue.categories import Category

CATEGORIES_KEPT_S = 30.0
RETRY_S = 2.0
"""How long a page does without categories before it asks again, if they could not be had."""


class Categories:
    """The category tree, asked for at most every 30 seconds; an old answer is better than none."""

    def __init__(self, catalogue: CatalogueClient) -> None:
        self._catalogue = catalogue
        self._until = 0.0
        self.all: list[Category] = []
        self._digested: tuple[list[Category], bytes] | None = None

    @property
    def roots(self) -> list[Category]:
        """Those without a parent: what the frame shows."""
        return [category for category in self.all if category.parent is None]

    @property
    def digest(self) -> bytes:
        """Stands for the tree as it is: another one has another."""
        if self._digested is None or self._digested[0] is not self.all:
            self._digested = self.all, digest_of(self.all)
        return self._digested[1]

    async def fresh(self) -> list[Category]:
        """The tree as it is, or as it last was."""
        if time.monotonic() >= self._until:
            found = await tolerated("categories", self._catalogue.list_categories(), None)
            self._keep(found)
        return self.all

    async def needed(self) -> list[Category]:
        """The same for a page that has nothing to offer without it; raises Unavailable if it was never had nor comes."""
        if not self.all:
            self._keep(await self._catalogue.list_categories())
        return await self.fresh()

    def _keep(self, found: list[Category] | None) -> None:
        self._until = time.monotonic() + (RETRY_S if found is None else CATEGORIES_KEPT_S)
        self.all = self.all if found is None else found

    def forget(self) -> None:
        """The tree was changed here: ask anew."""
        self._until = 0.0
