"""The category tree."""

from catalogue.categories.categories import ensure_default_tree
from catalogue.categories.tree import DEFAULT_TREE
from tests.catalogue.harness import Caller, Shop, new_listing


async def test_the_default_tree_is_there_and_counts_what_is_on_sale(
    shop: Shop, seller: Caller, visitor: Caller
) -> None:
    await new_listing(seller, category="lighting")
    await new_listing(seller, category="home")
    await new_listing(seller, category="lighting", publish=False)
    tree = (await visitor("GET", "/categories")).json()
    assert [c["slug"] for c in tree] == [c.slug for c in DEFAULT_TREE]
    counts = {c["slug"]: c["listings"] for c in tree}
    assert (counts["home"], counts["lighting"], counts["furniture"], sum(counts.values())) == (2, 1, 0, 3)


async def test_ensuring_the_tree_again_keeps_what_was_changed(shop: Shop, visitor: Caller) -> None:
    async with shop.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE category SET name = 'Lamps' WHERE slug = 'lighting'")
        await connection.exec_driver_sql("DELETE FROM category WHERE slug = 'tools' OR parent = 'tools'")
        await connection.exec_driver_sql("DELETE FROM category_attribute WHERE category = 'phones'")
    async with shop.database.transaction() as session:
        await ensure_default_tree(session)
    tree = {c["slug"]: c for c in (await visitor("GET", "/categories")).json()}
    assert tree["lighting"]["name"] == "Lamps"
    assert "tools" not in tree
    assert "storage" not in [one["key"] for one in tree["phones"]["attributes"]]
    assert "storage" in [one["key"] for one in tree["tablets"]["attributes"]]


async def test_categories_ask_for_what_those_above_ask_for(visitor: Caller) -> None:
    tree = {c["slug"]: c for c in (await visitor("GET", "/categories")).json()}
    asked = {one["key"]: one for one in tree["laptops"]["attributes"]}
    assert list(asked) == ["brand", "model", "colour", "year", "diagonal", "storage"]
    assert (asked["brand"]["category"], asked["diagonal"]["category"]) == ("electronics", "laptops")
    assert (asked["diagonal"]["kind"], asked["diagonal"]["unit"]) == ("number", "″")
    assert "128 GB" in asked["storage"]["options"]


def test_parents_come_first_and_paths_lead_to_them() -> None:
    seen: set[str | None] = {None}
    for category in DEFAULT_TREE:
        assert category.parent in seen
        assert category.path.split("/")[-1] == category.slug
        assert (category.path.split("/")[-2:-1] or [None]) == [category.parent]
        seen.add(category.slug)
