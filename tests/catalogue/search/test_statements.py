"""How much the catalogue asks its database for what visitors look at, so that more is noticed."""

from functools import partial
from typing import Any
from uuid import UUID

from catalogue.categories.categories import CategoryTree, read_tree
from catalogue.listings.views import listing
from catalogue.search import pages, planner, statements
from catalogue.search.facets import count_facets
from catalogue.search.filters import Filters
from catalogue.search.query import Words
from catalogue.search.relaxation import NEARLY_NOTHING
from catalogue.search.similar import similar_to
from souk.contracts.catalogue.search import Sort
from tests.catalogue.harness import Caller, Shop, new_listing
from tests.statements import statements_of


async def _tree(shop: Shop) -> CategoryTree:
    async with shop.database.reading() as session:
        return await read_tree(session)


def _asked(said: list[str]) -> list[str]:
    """Without what background work says meanwhile."""
    return [each for each in said if not any(word in each for word in ("outbox", "inbox", "UPDATE", "INSERT"))]


async def _said(shop: Shop, ask: Any) -> list[str]:
    """What is said for one question, in a transaction of its own."""
    async with shop.database.reading() as session:
        with statements_of(shop.database) as said:
            await ask(session)
        return _asked(said)


def _search(shop: Shop, tree: CategoryTree, filters: Filters, sort: Sort = "newest") -> Any:
    now = shop.kernel.clock.now()
    return partial(pages.search, filters=filters, sort=sort, cursor=None, limit=24, tree=tree, now=now)


async def test_a_page_of_listings_is_few_statements(shop: Shop, seller: Caller) -> None:
    for number in range(NEARLY_NOTHING):  # so many that no search goes on looking
        await new_listing(seller, title=f"Brass lamp {number}")
    tree = await _tree(shop)
    narrowed = Filters(category="home", price_min=1000, price_max=9000, conditions=("good",))
    for filters, sort, most in (
        (Filters(), "newest", 3),  # which scans, how many, which
        (narrowed, "price_up", 3),
        (Filters(words=Words(("lamp",))), "newest", 4),
        (Filters(words=Words(("brass", "lamp"))), "relevance", 5),
    ):
        said = await _said(shop, _search(shop, tree, filters, sort))  # type: ignore[arg-type]
        assert 0 < len(said) <= most, (filters, said)


async def test_a_listing_is_one_statement_and_what_is_similar_three(shop: Shop, seller: Caller) -> None:
    made, _ = await new_listing(seller), await new_listing(seller, title="Another lamp")
    tree, listing_id = await _tree(shop), UUID(made["id"])
    with statements_of(shop.database) as said:
        assert (await listing(shop.database, listing_id, None, tree)).title == made["title"]
    assert len(_asked(said)) == 1
    with statements_of(shop.database) as said:
        assert [card.title for card in await similar_to(shop.database, listing_id, tree)] == ["Another lamp"]
    assert len(_asked(said)) <= 4
    with statements_of(shop.database) as said:
        assert len(await similar_to(shop.database, listing_id, tree)) == 1
    assert len(_asked(said)) <= 2  # which are alike is kept for a while


async def test_facets_are_counted_once_for_as_long_as_categories_are(shop: Shop, seller: Caller) -> None:
    await new_listing(seller)
    tree, now = await _tree(shop), shop.kernel.clock.now()
    priced = Filters(category="home", price_max=9000)
    for most in (3, 0):
        said = await _said(shop, partial(count_facets, filters=priced, tree=tree, now=now))
        assert len(said) <= most
    await new_listing(seller)
    async with shop.database.reading() as session:
        counted = [
            (await count_facets(session, priced, tree=each, now=now)).counted for each in (tree, await _tree(shop))
        ]
    assert counted == [1, 2]


async def test_a_statement_is_built_once_for_all_values_of_its_shape(shop: Shop, seller: Caller) -> None:
    await new_listing(seller, price={"amount": 4200, "currency": "EUR"})
    tree = await _tree(shop)
    found, built = [], []
    for low, high in ((4000, 5000), (5000, 6000), (4200, 4200)):
        filters = Filters(category="lighting", price_min=low, price_max=high)
        async with shop.database.reading() as session:
            result = await _search(shop, tree, filters, "price_up")(session)
        found.append(result.page.total)
        built.append((planner._counting.cache_info().misses, statements.in_order.cache_info().misses))
    assert found == [1, 0, 1]
    assert len(set(built)) == 1
