"""Who is told what of offers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select

from entrypoint.mailing.mailing import group_of
from entrypoint.notifications import notifications
from entrypoint.notifications.tables import NotificationRow
from souk.contracts import Event
from souk.contracts.entrypoint.users import User
from souk.contracts.store.events import OfferEnded, OfferMade
from souk.events import Runner
from souk.events.consumer import Message
from souk.events.envelope import seal
from souk.ids import new_id
from souk.money import Money
from tests.entrypoint.conftest import World

Told = list[tuple[str, str]]


@pytest.fixture
async def people(world: World) -> dict[str, User]:
    """A buyer and a seller."""
    return {
        "buyer": await world.register("buyer@example.org", "Bea Buyer"),
        "seller": await world.register("seller@example.org", "Sam Seller"),
    }


def _what(people: dict[str, User]) -> dict[str, Any]:
    return {
        "offer_id": new_id(), "listing_id": new_id(), "title": "A {red} bike", "quantity": 2,
        "price": Money(3500, "EUR"), "buyer_id": people["buyer"].id, "seller_id": people["seller"].id,
    }  # fmt: skip


async def _deliver(world: World, event: Event) -> None:
    """The same message three times, as after crashes."""
    consumer = next(each for each in world.parts.kernel.consumers if each.name == "entrypoint.offers")
    body = seal("store", event, event_id=new_id(), time=world.clock.now(), sequence=1, traceparent="")
    for _ in range(3):
        assert await Runner(consumer, world.database).handle([Message(body, 1)]) == ["done"]


async def _told(world: World, people: dict[str, User]) -> Told:
    async with world.database.reading() as reader:
        rows = (await reader.execute(select(NotificationRow.user_id, NotificationRow.kind))).all()
    names = {person.id: side for side, person in people.items()}
    return sorted((names[user_id], kind) for user_id, kind in rows)


@pytest.mark.parametrize(
    ("by", "number", "told"),
    [
        ("buyer", 1, [("seller", "offer_made")]),
        ("seller", 2, [("buyer", "offer_countered")]),
        ("buyer", 3, [("seller", "offer_countered")]),
    ],
)
async def test_the_other_side_must_answer(
    world: World, people: dict[str, User], by: Any, number: int, told: Told
) -> None:
    await _deliver(world, OfferMade(**_what(people), by=by, round=number, answer_by=world.clock.now()))
    assert await _told(world, people) == told


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (("accepted", "seller", "seller", True), [("buyer", "offer_accepted")]),
        (("accepted", "buyer", "buyer", True), [("seller", "price_accepted")]),
        (("declined", "seller", "seller", False), [("buyer", "offer_declined")]),
        (("declined", "buyer", "buyer", False), [("seller", "offer_declined")]),
        (("withdrawn", "buyer", "seller", False), [("seller", "offer_withdrawn")]),
        (("withdrawn", "seller", "buyer", False), [("buyer", "offer_withdrawn")]),
        (("withdrawn", "buyer", "seller", True), [("seller", "offer_withdrawn")]),
        (("expired", "deadline", "seller", False), [("buyer", "offer_expired"), ("seller", "offer_missed")]),
        (("expired", "deadline", "buyer", False), [("buyer", "offer_missed"), ("seller", "offer_expired")]),
        (("expired", "deadline", "buyer", True), [("buyer", "offer_unbought"), ("seller", "offer_unbought")]),
    ],
)
async def test_who_hears_how_it_ended(
    world: World, people: dict[str, User], ended: tuple[Any, Any, Any, bool], told: Told
) -> None:
    outcome, by, turn, was_accepted = ended
    buy_by = world.clock.now() if outcome == "accepted" else None
    event = OfferEnded(**_what(people), outcome=outcome, by=by, turn=turn, was_accepted=was_accepted, buy_by=buy_by)
    await _deliver(world, event)
    assert await _told(world, people) == told


@asynccontextmanager
async def _read(world: World, person: User) -> AsyncIterator[list[notifications.Notification]]:
    async with world.database.reading() as session:
        reader = world.parts.languages.reader("", "")
        yield (await notifications.list_of(session, person.id, reader)).items


async def test_it_says_how_much_and_until_when_and_leads_there(world: World, people: dict[str, User]) -> None:
    what, now = _what(people), world.clock.now()
    when = world.parts.languages.reader("", "").datetime(now)
    await _deliver(world, OfferMade(**what, by="buyer", round=1, answer_by=now))
    accepted = OfferEnded(**what, outcome="accepted", by="seller", turn="seller", was_accepted=True, buy_by=now)
    await _deliver(world, accepted)
    async with _read(world, people["seller"]) as [made]:
        assert made.text == f"An offer for “A {{red}} bike”: 2 × €35.00. Answer by {when}."
        assert made.link == f"/offers?role=seller#offer-{what['offer_id']}"
    async with _read(world, people["buyer"]) as [agreed]:
        assert agreed.text == f"Your offer for “A {{red}} bike” was accepted. Buy it for 2 × €35.00 by {when}."
        assert agreed.link == f"/offers?role=buyer#offer-{what['offer_id']}"
    assert group_of("offer_made") == group_of("offer_accepted") == "orders"
