"""What people looked for and nobody sells."""

from datetime import timedelta

from catalogue.missed_searches import missed_searches
from catalogue.missed_searches.missed_searches import MISSES_MAX, PENDING_MAX, RETENTION, Misses
from souk.clock import ManualClock
from tests.catalogue.harness import Caller, Shop, new_listing


async def _sweep(shop: Shop) -> int:
    sweeper = next(each for each in shop.kernel.sweepers if each.name == "search misses")
    async with shop.database.transaction() as session:
        return await sweeper.sweep(session)


async def _told(shop: Shop) -> list[tuple[str, int]]:
    answer = await shop.user("admin")("GET", "/internal/search-misses")
    assert answer.status_code == 200
    return [(miss["words"], miss["asked"]) for miss in answer.json()]


async def test_searches_that_find_nothing_are_counted(
    shop: Shop, seller: Caller, visitor: Caller, clock: ManualClock
) -> None:
    await new_listing(seller)
    searches = [
        *({"q": words} for words in ("Unicorn", " unicorn ", "brass unicorn", "lamp", "lapm", "& |", "desklamp")),
        {"q": "dragon", "category": "tables"},  # there may be some elsewhere
        {"q": "lamp", "price_max": 1},
        *({"q": words} for words in ("ines@example.com", "+49 170 1234567", "-x dragon")),
    ]
    for params in searches:
        assert (await visitor("GET", "/listings", params=params)).status_code == 200
    assert await _told(shop) == []
    await _sweep(shop)
    assert await _told(shop) == [("unicorn", 2), ("brass unicorn", 1), ("dragon", 1), ("lapm", 1)]
    clock.advance(timedelta(days=1))
    await shop.user()("GET", "/listings", params={"q": "lapm"})
    await _sweep(shop)
    rows = await shop.rows("SELECT asked, last_on - first_on FROM search_miss WHERE words = 'lapm'")
    assert [tuple(row) for row in rows] == [(2, 1)]
    columns = await shop.rows("SELECT column_name FROM information_schema.columns WHERE table_name = 'search_miss'")
    assert {name for (name,) in columns} == {"words", "asked", "first_on", "last_on"}, "nothing of a person"


async def test_only_admins_are_told(shop: Shop, visitor: Caller) -> None:
    for caller, status in ((visitor, 401), (shop.user(), 403), (shop.user("moderator"), 403)):
        assert (await caller("GET", "/internal/search-misses")).status_code == status


async def test_there_are_never_too_many(shop: Shop, clock: ManualClock) -> None:
    counting = Misses(clock)
    for number in range(PENDING_MAX + 10):
        counting.note([f"thing {number}"])
    counting.note(["thing 0"])
    async with shop.database.transaction() as session:
        assert await counting(session) == PENDING_MAX
    for number in range(MISSES_MAX):
        counting.note([f"more {number}"])
        if number % PENDING_MAX == PENDING_MAX - 1:
            async with shop.database.transaction() as session:
                await counting(session)
    async with shop.database.transaction() as session:
        await counting(session)
    [(count, most)] = await shop.rows("SELECT count(*), max(asked) FROM search_miss")
    assert (count, most) == (missed_searches.MISSES_MAX, 2), "the one that was asked for twice stays"
    clock.advance(RETENTION + timedelta(days=1))
    async with shop.database.transaction() as session:
        await counting(session)
    assert await shop.rows("SELECT 1 FROM search_miss") == []
