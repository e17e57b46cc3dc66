"""Notices stand together by order, are counted so, and are read so."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from entrypoint.notifications import groups, notifications
from entrypoint.notifications.groups import EARLIER_MAX, GroupPage
from entrypoint.notifications.notify import insert_notifications
from entrypoint.notifications.tables import NotificationRow
from souk.ids import new_id
from tests.entrypoint.conftest import World
from tests.statements import statements_of


async def tell(world: World, user_id: UUID, order_id: UUID | None = None) -> UUID:
    """One notice of an order, or of something else."""
    row = {"id": new_id(), "user_id": user_id, "order_id": order_id, "created_at": world.clock.now()}
    if order_id:
        row |= {"kind": "shipped", "params": {"number": "S-1"}, "link": f"/orders/{order_id}"}
    else:
        row |= {"kind": "wallet_open", "params": {"reason": "All is well."}, "link": "/wallet"}
    async with world.database.transaction() as session:
        await insert_notifications(session, [row])
    return UUID(str(row["id"]))


async def page_of(world: World, user_id: UUID, **more: Any) -> GroupPage:
    async with world.database.reading() as session:
        return await groups.page_of(session, user_id, world.parts.languages.reader("", ""), **more)


async def mark(world: World, user_id: UUID, **which: Any) -> None:
    async with world.database.transaction() as session:
        await notifications.mark_read(session, user_id, world.clock.now(), **which)


async def test_an_orders_notices_are_one_group_under_its_newest(world: World) -> None:
    user, other = (await world.register()).id, (await world.register("bob@example.org", "Bob")).id
    lamp, rug = new_id(), new_id()
    first = await tell(world, user, lamp)
    wallet = await tell(world, user)
    bought = await tell(world, user, rug)
    second = await tell(world, user, lamp)
    await tell(world, other, lamp)
    page = await page_of(world, user)
    assert [(group.latest.id, [item.id for item in group.earlier], group.count) for group in page.groups] == [
        (second, [first], 1),
        (bought, [], 0),
        (wallet, [], 0),
    ]
    assert (page.unread, [group.order_id for group in page.groups]) == (3, [lamp, rug, None])
    rest = await page_of(world, user, before=(await page_of(world, user, limit=1)).next_cursor)
    assert [group.latest.id for group in rest.groups] == [bought, wallet], "no group stands on two pages"


async def test_pages_of_groups_miss_none_and_repeat_none(world: World) -> None:
    user = (await world.register()).id
    orders = [new_id() for _ in range(5)]
    for order in orders * 3:
        await tell(world, user, order)
    found: list[UUID | None] = []
    before = None
    for _ in range(3):
        page = await page_of(world, user, before=before, limit=2)
        found += [group.order_id for group in page.groups]
        before = page.next_cursor
    assert (found, before) == (orders[::-1], None)


async def test_a_group_is_read_as_one(world: World) -> None:
    """It is unread as long as any of it is; marking it leaves the others, and what came since."""
    user, lamp, rug = (await world.register()).id, new_id(), new_id()
    first = await tell(world, user, lamp)
    await tell(world, user, rug)
    await mark(world, user, up_to=first)
    second = await tell(world, user, lamp)
    third = await tell(world, user, lamp)
    await mark(world, user, up_to=second, order_id=lamp)
    page = await page_of(world, user)
    assert [(group.order_id, group.unread) for group in page.groups] == [(lamp, True), (rug, True)]
    assert [item.read_at is None for item in (page.groups[0].latest, *page.groups[0].earlier)] == [True, False, False]
    await mark(world, user, up_to=third, order_id=lamp)
    page = await page_of(world, user)
    assert ([group.unread for group in page.groups], page.unread) == ([False, True], 1)


async def test_many_notices_of_many_orders_take_as_many_statements(world: World) -> None:
    user = (await world.register()).id
    orders = [new_id() for _ in range(3)]
    for order in orders:
        for _ in range(EARLIER_MAX + 3):
            await tell(world, user, order)
    with statements_of(world.database) as asked:
        page = await page_of(world, user)
    assert len([each for each in asked if "notification" in each]) == 3
    assert [(len(group.earlier), group.count) for group in page.groups] == [(EARLIER_MAX, EARLIER_MAX + 2)] * 3
    async with world.database.reading() as session:
        count = await session.scalar(select(func.count()).select_from(NotificationRow))
    assert count == 3 * (EARLIER_MAX + 3)
