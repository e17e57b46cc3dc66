"""The category tree: every page shows it, and some are of no use without it."""

from entrypoint.clients.cached import Cached
from entrypoint.clients.catalogue import CatalogueClient
from entrypoint.web.kept_pages import digest_of
from souk.contracts.catalogue.categories import Category
from souk.database import Database
from souk.events import notify

CHANNEL = "souk_categories"
"""PostgreSQL's notification channel: an operator changed the tree."""

CATEGORIES_KEPT_S = 30.0


class Categories(Cached[list[Category]]):
    """The category tree, asked for at most every 30 seconds."""

    def __init__(self, catalogue: CatalogueClient) -> None:
        super().__init__("categories", catalogue.list_categories, CATEGORIES_KEPT_S)
        self._digested: tuple[list[Category], bytes] | None = None

    @property
    def all(self) -> list[Category]:
        """The tree as it last was; empty if it was never had."""
        return self.last or []

    @property
    def roots(self) -> list[Category]:
        """Those without a parent: what the frame shows."""
        return [category for category in self.all if category.parent is None]

    @property
    def digest(self) -> bytes:
        """Stands for the tree as it is: another one has another."""
        tree = self.all
        if self._digested is None or self._digested[0] is not tree:
            self._digested = tree, digest_of(tree)
        return self._digested[1]

    async def changed(self, database: Database) -> None:
        """It was changed here: every instance asks anew, this one at once."""
        self.forget()
        async with database.transaction(leaves_work=False) as session:
            notify(session, CHANNEL)
