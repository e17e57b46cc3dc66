"""The category tree as pages get it: the last one known, or for pages of no use without it, none at all."""

import pytest

from entrypoint.clients.catalogue import CatalogueClient
from entrypoint.web.categories import Categories
from souk.contracts.catalogue.categories import Category
from souk.errors import Unavailable

LIGHTING = Category(slug="lighting", name="Lighting", parent=None, icon="", listings=1)


class Catalogue(CatalogueClient):
    """Answers when it is there."""

    def __init__(self) -> None:
        self.there = False

    async def list_categories(self) -> list[Category]:
        if not self.there:
            raise Unavailable("The catalogue does not answer.")
        return [LIGHTING]


async def test_a_page_that_needs_the_tree_never_gets_an_empty_one() -> None:
    catalogue = Catalogue()
    kept = Categories(catalogue)
    assert await kept.fresh() is None
    with pytest.raises(Unavailable):
        await kept.needed()
    catalogue.there = True
    assert await kept.fresh() is None, "other pages do without for a while"
    assert await kept.needed() == [LIGHTING]
    assert await kept.fresh() == [LIGHTING]


async def test_an_old_tree_is_better_than_none() -> None:
    catalogue = Catalogue()
    kept = Categories(catalogue)
    catalogue.there = True
    await kept.needed()
    catalogue.there = False
    kept.forget()
    assert await kept.fresh() == await kept.needed() == [LIGHTING]
