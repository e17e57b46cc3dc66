"""What the catalogue counts for operators."""

from prometheus_client import REGISTRY

from tests.catalogue.harness import Caller, new_listing

OUTCOMES = ("found", "loosened", "nothing")


def searches() -> list[float]:
    """So many so far, by outcome: the tests of one process count together."""
    return [REGISTRY.get_sample_value("souk_searches_total", {"outcome": one}) or 0 for one in OUTCOMES]


async def test_searches_are_counted_by_what_they_led_to(seller: Caller, visitor: Caller) -> None:
    await new_listing(seller, title="Brass lamp")
    for number in range(30):
        await new_listing(seller, title=f"Oak chair {number}")
    before = searches()
    chairs = (await visitor("GET", "/listings", params={"q": "chair", "limit": 5})).json()
    asked = [
        {"q": "chair", "limit": 5, "cursor": chairs["next_cursor"]},  # the same search, read on
        {"q": "brass unicorn"},
        {"q": "unicorn"},
        {"q": "unicorn", "category": "tables"},  # the filter may be why
        {"q": "unicorn", "limit": 1},  # a page counts what a filter would leave
        {"category": "lighting"},
    ]
    for params in asked:
        assert (await visitor("GET", "/listings", params=params)).status_code == 200
    assert [now - then for now, then in zip(searches(), before, strict=True)] == [1, 1, 1]
