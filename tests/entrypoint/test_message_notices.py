"""Who is told what of messages."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from entrypoint.mailing.mailing import group_of
from entrypoint.notifications import notifications
from entrypoint.notifications.tables import NotificationRow
from souk.contracts import Event
from souk.contracts.entrypoint.users import User
from souk.contracts.store.thread_events import MessageSent, ThreadModerated, ThreadSeen, ThreadWaited
from souk.events import Runner
from souk.events.consumer import Message
from souk.events.envelope import seal
from souk.ids import new_id
from tests.entrypoint.conftest import World

THREAD, LISTING = new_id(), new_id()


@pytest.fixture
async def people(world: World) -> tuple[User, User]:
    """Who writes, and who reads."""
    return await world.register("ana@example.org", "Ana"), await world.register("sela@example.org", "Sela")


def _sent(people: tuple[User, User], number: int) -> MessageSent:
    writer, reader = people
    return MessageSent(
        thread_id=THREAD, message_id=new_id(), message=number, listing_id=LISTING, title="A {red} bike",
        sender_id=writer.id, recipient_id=reader.id, at=people[0].created_at + timedelta(minutes=number),
    )  # fmt: skip


def _seen(people: tuple[User, User], number: int) -> ThreadSeen:
    writer, reader = people
    return ThreadSeen(thread_id=THREAD, user_id=reader.id, sender_id=writer.id, message=number)


def _waited(people: tuple[User, User], number: int) -> ThreadWaited:
    writer, reader = people
    return ThreadWaited(
        thread_id=THREAD, listing_id=LISTING, title="A {red} bike", recipient_id=reader.id, sender_id=writer.id,
        message=number,
    )  # fmt: skip


async def _deliver(world: World, *events: Event) -> None:
    """Each message twice, as after crashes."""
    consumer = next(each for each in world.parts.kernel.consumers if each.name == "entrypoint.messages")
    for event in events:
        body = seal("store", event, event_id=new_id(), time=world.clock.now(), sequence=1, traceparent="")
        for _ in range(2):
            assert await Runner(consumer, world.database).handle([Message(body, 1)]) == ["done"]


async def _unread(world: World, user_id: UUID) -> int:
    """What the frame of this user's pages counts."""
    query = "SELECT count(*) FROM thread_mark WHERE user_id = :user AND last_message > seen_up_to"
    async with world.database.reading() as reader:
        return int(await reader.scalar(text(query), {"user": user_id}) or 0)


async def _notices(world: World) -> list[tuple[UUID, str, str]]:
    async with world.database.reading() as reader:
        rows = await reader.execute(select(NotificationRow.user_id, NotificationRow.kind, NotificationRow.link))
        return [tuple(row) for row in rows]


async def test_what_is_sent_is_unread_until_it_is_seen(world: World, people: tuple[User, User]) -> None:
    writer, reader = people
    await _deliver(world, _sent(people, 1))
    assert (await _unread(world, reader.id), await _unread(world, writer.id)) == (1, 0)
    await _deliver(world, _seen(people, 1))
    assert await _unread(world, reader.id) == 0
    await _deliver(world, _sent(people, 2))
    assert await _unread(world, reader.id) == 1
    assert await _notices(world) == [], "a message alone is no notice"


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_in_whatever_order_it_is_told(world: World, people: tuple[User, User], order: tuple[int, ...]) -> None:
    told = (_sent(people, 1), _sent(people, 2), _seen(people, 1), _seen(people, 2))
    await _deliver(world, *(told[place] for place in order))
    assert await _unread(world, people[1].id) == 0


async def test_who_has_not_read_gets_one_notice(world: World, people: tuple[User, User]) -> None:
    await _deliver(world, _sent(people, 1), _waited(people, 1))
    assert await _notices(world) == [(people[1].id, "message_waits", f"/messages/{THREAD}")]
    async with world.database.reading() as reader:
        language = world.parts.languages.reader("", "en")
        [notice] = (await notifications.list_of(reader, people[1].id, language)).items
    assert notice.text == "Ana wrote to you about “A {red} bike”."
    assert group_of("message_waits") == "orders"


async def test_who_has_read_meanwhile_gets_none(world: World, people: tuple[User, User]) -> None:
    await _deliver(world, _seen(people, 1), _waited(people, 1))
    assert await _notices(world) == []


@pytest.mark.parametrize("outcome", ["closed", "reopened"])
async def test_both_learn_what_a_moderator_decided(world: World, people: tuple[User, User], outcome: Any) -> None:
    writer, reader = people
    event = ThreadModerated(
        thread_id=THREAD, listing_id=LISTING, title="A {red} bike", buyer_id=writer.id, seller_id=reader.id,
        outcome=outcome, reason="fraud" if outcome == "closed" else None,
    )  # fmt: skip
    await _deliver(world, event)
    told = [(who, f"thread_{outcome}", f"/messages/{THREAD}") for who in (writer.id, reader.id)]
    assert sorted(await _notices(world)) == sorted(told)
