"""Pictures that nothing shows go, with their files; what anybody may still see stays, whatever happens meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from catalogue.pictures import keeping
from catalogue.pictures.orphans import CLAIMED_FOR, GARBAGE_FOR, UNUSED_FOR, SweepFiles, SweepRecords
from catalogue.pictures.storage import PictureStore
from souk.clock import ManualClock
from tests.catalogue.harness import Caller, Shop, new_listing, picture
from tests.catalogue.pictures.test_pictures import BLUE, GREEN, RED, _add


async def sweep(shop: Shop, clock: ManualClock, folder: Path) -> tuple[int, int]:
    """Both sweepers, long enough after everything; how many records and files they dealt with."""
    store = PictureStore((folder / "pictures").as_uri())
    clock.advance(UNUSED_FOR)
    async with shop.database.transaction() as session:
        records = await SweepRecords(clock)(session)
    clock.advance(GARBAGE_FOR)
    return records, await SweepFiles(clock, store)(shop.database)


async def keep(caller: Caller, content: bytes) -> dict[str, Any]:
    kept = await caller("POST", "/internal/pictures", files={"pictures": ("a.png", content, "image/png")})
    assert kept.status_code == 201, kept.text
    return dict(kept.json())


def there(folder: Path) -> set[str]:
    return {path.name for path in (folder / "pictures").iterdir()}


def stems(folder: Path) -> set[str]:
    """The same whether AVIF has come by itself yet or not."""
    return {Path(name).stem for name in there(folder)}


async def test_only_what_nobody_can_see_goes(
    shop: Shop, seller: Caller, visitor: Caller, clock: ManualClock, tmp_path: Path
) -> None:
    on_sale, draft = await new_listing(seller), await new_listing(seller, publish=False)
    removed = (await _add(seller, on_sale, RED)).json()[0]
    await seller("DELETE", f"/listings/{on_sale['id']}/pictures/{removed['id']}")
    shown = (await _add(seller, draft, GREEN)).json()[0]
    gone = (await _add(seller, draft, BLUE)).json()[1]
    await seller("DELETE", f"/listings/{draft['id']}/pictures/{gone['id']}")
    loose = await keep(visitor, picture(colour=(9, 9, 9)))
    assert await sweep(shop, clock, tmp_path) == (2, 2)
    assert there(tmp_path) == {removed["large"], shown["large"]}
    for name, status in ((removed["large"], 200), (shown["large"], 200), (gone["large"], 404), (loose["large"], 404)):
        assert (await visitor("GET", f"/pictures/{name}")).status_code == status


async def test_an_upload_that_comes_again_is_in_use_again(
    shop: Shop, visitor: Caller, clock: ManualClock, tmp_path: Path
) -> None:
    first = await keep(visitor, RED)
    clock.advance(UNUSED_FOR / 2)
    assert await keep(visitor, RED) == first
    clock.advance(UNUSED_FOR / 2)
    async with shop.database.transaction() as session:
        assert await SweepRecords(clock)(session) == 0
    assert await sweep(shop, clock, tmp_path) == (1, 1)
    again = await keep(visitor, RED)
    assert again["large"] == first["large"]
    assert there(tmp_path) == {first["large"]}


async def test_uploads_race_with_the_sweepers(shop: Shop, visitor: Caller, clock: ManualClock, tmp_path: Path) -> None:
    """Whoever was answered has their file, in every round, while both sweepers run."""
    store = PictureStore((tmp_path / "pictures").as_uri())
    contents = [picture(colour=(n, n, n)) for n in range(6)]
    for content in contents:
        await keep(visitor, content)

    async def forget() -> None:
        async with shop.database.transaction() as session:
            await SweepRecords(clock)(session)

    for _ in range(8):
        clock.advance(UNUSED_FOR + GARBAGE_FOR)
        await forget()
        clock.advance(GARBAGE_FOR)
        kept = await asyncio.gather(
            *(keep(visitor, content) for content in contents),
            *(SweepFiles(clock, store)(shop.database) for _ in range(3)),
            forget(),
        )
        await SweepFiles(clock, store)(shop.database)
        for file in kept[: len(contents)]:
            assert {file["small"], file["medium"], file["large"]} <= there(tmp_path)
    assert await shop.rows("SELECT 1 FROM picture_file WHERE NOT stored") == []


class WatchedStore(PictureStore):
    """Says what happens around it while files are deleted, and can fail."""

    def __init__(self, folder: Path, during: Callable[[], Awaitable[None]]) -> None:
        super().__init__((folder / "pictures").as_uri())
        self._during = during

    async def delete(self, names: Sequence[str]) -> None:
        await self._during()
        await super().delete(names)


async def garbage(shop: Shop, visitor: Caller, clock: ManualClock) -> dict[str, Any]:
    """A picture whose files may be deleted now."""
    kept = await keep(visitor, RED)
    clock.advance(UNUSED_FOR)
    async with shop.database.transaction() as session:
        await SweepRecords(clock)(session)
    clock.advance(GARBAGE_FOR)
    return kept


async def test_the_store_is_waited_for_outside_of_transactions_and_uploads_wait_for_it(
    shop: Shop, visitor: Caller, clock: ManualClock, tmp_path: Path
) -> None:
    await garbage(shop, visitor, clock)
    uploading: list[asyncio.Task[dict[str, Any]]] = []

    async def during() -> None:
        open_ones = (
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        async with asyncio.timeout(10):  # those of other sweepers end by themselves; ours would stay open all the time
            while await shop.rows(open_ones):  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.02)
        assert await SweepFiles(clock, store)(shop.database) == 0, "nobody else deletes the same files"
        uploading.append(asyncio.create_task(keep(visitor, RED)))
        await asyncio.sleep(0.3)
        assert not uploading[0].done(), "it would lose what it stores"

    store = WatchedStore(tmp_path, during)
    assert await SweepFiles(clock, store)(shop.database) == 1
    kept = await uploading[0]
    assert stems(tmp_path) == {Path(kept["large"]).stem}


async def test_deleting_is_done_again_by_another_if_one_dies(
    shop: Shop, visitor: Caller, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies() -> None:
        raise OSError("the store is away")

    async def nothing() -> None:
        pass

    gone = await garbage(shop, visitor, clock)
    sweeper = SweepFiles(clock, WatchedStore(tmp_path, nothing))
    with pytest.raises(OSError, match="away"):
        await SweepFiles(clock, WatchedStore(tmp_path, dies))(shop.database)
    assert there(tmp_path) == {gone["large"]}
    assert await sweeper(shop.database) == 0, "the claim lasts a while"
    monkeypatch.setattr(keeping, "WAITS_MAX", 1)
    refused = await visitor("POST", "/internal/pictures", files={"pictures": ("a.png", RED, "image/png")})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (503, "being-deleted")
    clock.advance(CLAIMED_FOR)
    assert await sweeper(shop.database) == 1
    assert there(tmp_path) == set()
    assert await shop.rows("SELECT 1 FROM picture_garbage") == []
    assert (await keep(visitor, RED))["large"] == gone["large"]
    assert there(tmp_path) == {gone["large"]}


async def test_two_uploads_with_the_same_pixels_share_a_file(
    shop: Shop, seller: Caller, visitor: Caller, clock: ManualClock, tmp_path: Path
) -> None:
    one, other = picture(), picture(kind="PNG", compress_level=1)
    assert one != other
    loose = await keep(visitor, one)
    draft = await new_listing(seller, publish=False)
    shown = (await _add(seller, draft, other)).json()[0]
    assert shown["large"] == loose["large"]
    assert await sweep(shop, clock, tmp_path) == (1, 1)
    assert stems(tmp_path) == {Path(shown["large"]).stem}


async def test_pictures_can_be_turned(shop: Shop, seller: Caller, other: Caller, visitor: Caller) -> None:
    listing = await new_listing(seller)
    [shown] = (await _add(seller, listing, picture((40, 30)), alt=["A lamp"])).json()
    path = f"/listings/{listing['id']}/pictures/{shown['id']}/rotation"
    [turned] = (await seller("POST", path, json={"degrees": 90})).json()
    assert (turned["id"], turned["alt"]) == (shown["id"], "A lamp")
    assert (turned["width"], turned["height"]) == (30, 40)
    assert (await visitor("GET", f"/pictures/{turned['large']}")).status_code == 200
    for degrees in (45, 0, 360):
        assert (await seller("POST", path, json={"degrees": degrees})).status_code == 400
    assert (await other("POST", path, json={"degrees": 90})).status_code == 403
    missing = f"/listings/{listing['id']}/pictures/{listing['id']}/rotation"
    assert (await seller("POST", missing, json={"degrees": 90})).status_code == 404
