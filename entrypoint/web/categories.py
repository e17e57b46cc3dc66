"""The category tree: every page shows it, and some are of no use without it."""

import time

from entrypoint.clients.catalogue import CatalogueClient
from entrypoint.clients.fallbacks import tolerated
from souk.contracts.catalogue.categories import Category
from souk.database import Database
from souk.database.listening import notify

CHANNEL = "souk_categories"
"""PostgreSQL's notification channel: an operator changed the tree."""

CATEGORIES_KEPT_S = 30.0
RETRY_S = 2.0
"""How long a page does without categories before it asks again, if they could not be had."""


class Categories:
    """The category tree, asked for at most every 30 seconds; an old answer is better than none."""

    def __init__(self, catalogue: CatalogueClient) -> None:
        self._catalogue = catalogue
        self._until = 0.0
        self._changes = 0
        self.all: list[Category] = []

    @property
    def roots(self) -> list[Category]:
        """Those without a parent: what the frame shows."""
        return [category for category in self.all if category.parent is None]

    async def fresh(self) -> list[Category]:
        """The tree as it is, or as it last was."""
        if time.monotonic() >= self._until:
            known = self._changes
            self._keep(await tolerated("categories", self._catalogue.list_categories(), None), known)
        return self.all

    async def needed(self) -> list[Category]:
        """The same for a page that has nothing to offer without it; raises Unavailable if it was never had nor comes."""
        if not self.all:
            known = self._changes
            self._keep(await self._catalogue.list_categories(), known)
        return await self.fresh()

    def _keep(self, found: list[Category] | None, known: int) -> None:
        kept_s = RETRY_S if found is None else CATEGORIES_KEPT_S
        self._until = time.monotonic() + kept_s if known == self._changes else 0.0  # changed while it was asked for
        self.all = self.all if found is None else found

    def forget(self) -> None:
        """The tree was changed: ask anew."""
        self._until = 0.0
        self._changes += 1

    async def changed(self, database: Database) -> None:
        """It was changed here: every instance asks anew, this one at once."""
        self.forget()
        async with database.transaction(leaves_work=False) as session:
            await notify(session, CHANNEL)
