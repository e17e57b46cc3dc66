"""The demo's listings, categories and people."""

from itertools import islice
from statistics import median

import pytest

from catalogue.categories.tree import DEFAULT_TREE
from shop.demo.drawings import DRAWINGS
from shop.demo.languages import WORDINGS
from shop.demo.listings import CONDITIONS, HIGHEST_PRICE, LOWEST_PRICE, listing, listings
from shop.demo.people import people, person
from shop.demo.products import BRANDS, LANGUAGES, PRODUCTS
from shop.demo.spec import COLOURS

LEAVES = {c.slug: c.path.split("/")[0] for c in DEFAULT_TREE if c.slug not in {other.parent for other in DEFAULT_TREE}}
"""The categories without children, and the family that each belongs to."""

SEED = 4711


def test_the_same_seed_gives_the_same_listings_and_another_gives_others() -> None:
    once = list(listings(SEED, 50))
    assert once == list(listings(SEED, 50))
    assert [x.title for x in once] != [x.title for x in listings(SEED + 1, 50)]


@pytest.mark.parametrize("start", [1, 37, 999_990])
def test_a_slice_equals_the_same_part_of_the_series(start: int) -> None:
    assert list(listings(SEED, 8, start=start)) == [listing(SEED, i) for i in range(start, start + 8)]
    assert list(islice(listings(SEED, 20, start=start - 1), 1, 9)) == list(listings(SEED, 8, start=start))


def test_a_third_takes_offers_and_nothing_else_depends_on_it() -> None:
    taking = sum(x.accepts_offers for x in listings(SEED, 3_000))
    assert 900 < taking < 1_100
    first = listing(SEED, 1)
    assert (first.title, first.price) == ("Bugholzstuhl Harrowfen Wren, in Ocker, 1947", 8100)
    assert first.description.endswith("Ocker · Material: Kiefer · Jahr: 1947")


def test_titles_differ() -> None:
    assert len({x.title for x in listings(SEED, 2_000)}) > 1_700
    assert len({x.title for x in listings(SEED, 20_000, start=500_000)}) > 18_000


def test_every_listing_is_sound() -> None:
    slugs = LEAVES.keys()
    for x in listings(SEED, 3_000):
        assert x.category in slugs
        assert LOWEST_PRICE <= x.price <= HIGHEST_PRICE
        assert 1 <= x.quantity <= 50
        assert x.condition in CONDITIONS
        assert x.language in LANGUAGES
        assert 5 <= len(x.title) <= 120
        assert "{" not in x.title + x.description
        assert 2 <= len(x.pictures) <= 3
        assert [p.view for p in x.pictures] == list(range(len(x.pictures)))
        assert {p.kind for p in x.pictures} <= DRAWINGS.keys()


def test_text_and_picture_name_the_same_colour() -> None:
    coloured = [x for x in listings(SEED, 300) if x.pictures[0].colour]
    assert len(coloured) > 100
    for x in coloured:
        assert x.attributes["colour"] == WORDINGS[x.language].colours[x.pictures[0].colour]


def test_condition_moves_the_price() -> None:
    found: dict[str, list[float]] = {c: [] for c in CONDITIONS}
    usual = {(p.kind, p.category, n): p.price for p in PRODUCTS for n in p.nouns}
    for x in listings(SEED, 6_000):
        for (kind, category, noun), price in usual.items():
            if (kind, category) == (x.pictures[0].kind, x.category) and noun.lower() in x.title.lower():
                found[x.condition].append(x.price / price)
                break
    levels = [median(found[c]) for c in CONDITIONS]
    assert levels == sorted(levels, reverse=True)


def test_products_cover_the_leaves_and_every_drawing() -> None:
    assert len(PRODUCTS) >= 120
    assert {p.category: p.family for p in PRODUCTS} == LEAVES
    assert {p.kind for p in PRODUCTS} == set(DRAWINGS)
    assert {p.family for p in PRODUCTS} == set(BRANDS) == {c.slug for c in DEFAULT_TREE if c.parent is None}
    assert all(len(p.nouns) == len(LANGUAGES) and all(p.nouns) for p in PRODUCTS)


def test_every_language_has_all_words() -> None:
    english = WORDINGS["en"]
    for words in WORDINGS.values():
        assert words.colours.keys() == COLOURS.keys()
        assert words.materials.keys() == english.materials.keys()
        assert words.facts.keys() == BRANDS.keys()
        assert words.conditions.keys() == set(CONDITIONS)


def test_people_are_deterministic_with_their_own_email_and_many_scripts() -> None:
    some = list(people(SEED, 1_000))
    assert some[200:210] == list(people(SEED, 10, start=200))
    assert some[5] == person(SEED, 5)
    assert len({p.email for p in some}) == 1_000
    assert all(p.email.isascii() and p.email.endswith("@example.org") and ".." not in p.email for p in some)
    assert {"en", "de", "fr", "es", "pl", "el", "vi", "tr", "ar", "ja", "uk"} <= {p.language for p in some}
    assert {p.business for p in some} == {True, False}
    assert all(p.listing_language in LANGUAGES for p in some)
