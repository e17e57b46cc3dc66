"""Hot queries use the indexes that are there for them, once there is enough for an index to matter."""

from functools import partial

import pytest

from catalogue.categories.categories import read_tree
from catalogue.search.facets import count_facets
from catalogue.search.filters import Filters
from catalogue.search.pages import search
from catalogue.search.query import Words
from souk.contracts.catalogue.search import Sort
from souk.database.embedded import EmbeddedServer
from tests.catalogue.harness import Caller, Shop, new_listing
from tests.catalogue.plans import plans_of

MANY = 6000


@pytest.fixture
async def crowd(shop: Shop, seller: Caller, postgres: EmbeddedServer) -> None:
    """Thousands of listings: oak tables, and every hundredth a brass lamp. A third takes offers, and a tenth is of sellers with 4.5
    stars."""
    for title, category in (("Oak table", "tables"), ("Brass lamp", "lighting")):
        await new_listing(seller, title=title, category=category, attributes={"brand": title.split()[0]})
    names = "seller_id, slug, description, currency, condition, language, quantity, attributes, status"
    async with shop.database.engine.begin() as connection:
        await connection.exec_driver_sql(f"""
            INSERT INTO listing (id, title, category, price, available, created_at, changed_at, published_at,
                accepts_offers, seller_rating, {names})
            SELECT gen_random_uuid(), title, category, price + n % 997, available, created_at, changed_at,
                published_at - n * interval '1 minute', n % 3 = 0, CASE WHEN n % 10 = 0 THEN 9 ELSE 0 END, {names}
            FROM listing, generate_series(1, {MANY}) AS n WHERE category = 'tables' OR n % 100 = 0
        """)
    admin = await postgres.admin(str(shop.database.engine.url.database))  # the role that serves may not
    await admin.execute("VACUUM ANALYZE listing")
    await admin.close()


CASES: list[tuple[Filters, Sort, str]] = [
    (Filters(), "newest", "ix_listing_newest"),
    (Filters(category="tables"), "price_up", "ix_listing_category_price"),
    (Filters(category="home"), "newest", "ix_listing_category_newest"),
    (Filters(words=Words(("brass",))), "relevance", "ix_listing_found"),
    (Filters(attributes=(("brand", ("Brass",)),), conditions=("good",)), "price_up", "ix_listing_found"),
    (Filters(category="tables", conditions=("good",)), "price_up", "Index Only Scan using ix_listing_category_price"),
    (Filters(conditions=("new",)), "price_up", "Bitmap Index Scan on ix_listing_found"),
    (Filters(conditions=("good",), price_max=90_000), "newest", "Index Only Scan using ix_listing_newest"),
    (Filters(words=Words(("oak",))), "price_up", "Index Scan using ix_listing_price"),
    (Filters(words=Words(("oak",)), category="tables"), "price_up", "bands && "),
    (Filters(accepts_offers=True, category="tables"), "price_up", "Index Only Scan using ix_listing_category_price"),
    (Filters(accepts_offers=True, rating_min="3"), "newest", "Bitmap Index Scan on ix_listing_found"),
    (Filters(accepts_offers=True), "newest", "Index Scan using ix_listing_newest"),
    (Filters(rating_min="4.5", attributes=(("brand", ("Oak",)),)), "price_up", "Bitmap Index Scan on ix_listing_found"),
    (Filters(rating_min="4.5", words=Words(("oak",))), "relevance", "Bitmap Index Scan on ix_listing_found"),
    (Filters(words=Words(("brasslamp",))), "relevance", "Index Cond: (listing_forms(title, attributes, language) @@ "),
    (Filters(words=Words(("oak", "unicorn"))), "newest", "Index Cond: (listing_forms(title, attributes, language) @@ "),
]


@pytest.mark.usefixtures("crowd")
async def test_hot_queries_use_their_indexes(shop: Shop) -> None:
    now = shop.kernel.clock.now()
    async with shop.database.reading() as session:
        tree = await read_tree(session)
    for filters, sort, index in CASES:
        page = partial(search, filters=filters, sort=sort, cursor=None, limit=24, tree=tree, now=now)
        plans = "\n".join(await plans_of(shop.database, page))
        assert index in plans, (filters, plans)
        assert "Seq Scan on listing " not in plans, (filters, plans)
    for filters in (Filters(words=Words(("brass",))), Filters(rating_min="4.5", accepts_offers=True)):
        counting = partial(count_facets, filters=filters, tree=tree, now=now)
        assert "ix_listing_found" in "\n".join(await plans_of(shop.database, counting))
