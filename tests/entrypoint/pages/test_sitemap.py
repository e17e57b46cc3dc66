"""What search engines are told."""

import pytest

from entrypoint.pages.find.sitemap import sitemaps
from souk.contracts.catalogue.categories import Category
from souk.contracts.catalogue.listings import SITEMAP_LISTINGS


def category(slug: str, listings: int, parent: str | None = None) -> Category:
    return Category(slug=slug, name=slug, parent=parent, icon="", listings=listings)


@pytest.mark.parametrize(
    ("own", "pages"), [(1, 1), (SITEMAP_LISTINGS, 1), (SITEMAP_LISTINGS + 1, 2), (3 * SITEMAP_LISTINGS, 3)]
)
def test_a_category_has_as_many_sitemaps_as_its_own_listings_need(own: int, pages: int) -> None:
    below = category("lamps", 7 * SITEMAP_LISTINGS, "home")
    tree = [category("home", own + below.listings), below, category("toys", 0)]
    assert sitemaps(tree) == {"home": pages, "lamps": 7, "toys": 1}
