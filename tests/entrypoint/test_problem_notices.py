"""Who is told what of problems of orders."""

import itertools
from typing import Any

import pytest
from sqlalchemy import select

from entrypoint.notifications import notifications
from entrypoint.notifications.tables import NotificationRow
from souk.contracts import Event
from souk.contracts.entrypoint.users import User
from souk.contracts.store.problem_events import (
    ProblemAppealed,
    ProblemDecided,
    ProblemEnded,
    ProblemEscalated,
    ProblemOpened,
    ProblemProposed,
)
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


def events(world: World, people: dict[str, User]) -> dict[str, tuple[Event, Told]]:
    """What may be told of one problem, and who is to hear what."""
    what: dict[str, Any] = {
        "problem_id": new_id(), "order_id": new_id(), "purchase_id": new_id(), "number": "S-7K3M9Q",
        "buyer_id": people["buyer"].id, "seller_id": people["seller"].id,
    }  # fmt: skip
    soon, some = world.clock.now(), Money(700, "EUR")
    both = ("buyer", "seller")
    return {
        "opened": (ProblemOpened(**what, kind="broken", answer_by=soon), [("seller", "problem_opened")]),
        "proposed": (
            ProblemProposed(**what, by="seller", amount=some, answer_by=soon),
            [("buyer", "problem_proposed")],
        ),
        "countered": (
            ProblemProposed(**what, by="buyer", amount=some, answer_by=soon),
            [("seller", "problem_proposed")],
        ),
        "escalated": (
            ProblemEscalated(**what, by="deadline", decide_by=soon),
            [(side, "problem_escalated") for side in both],
        ),
        "decided": (
            ProblemDecided(**what, amount=some, ground="shared", appeal_by=soon),
            [(side, "problem_decided") for side in both],
        ),
        "appealed": (ProblemAppealed(**what, by="buyer", decide_by=soon), [("seller", "problem_appealed")]),
        "ended": (
            ProblemEnded(**what, outcome="decided", by="moderator", amount=some),
            [(side, "problem_ended") for side in both],
        ),
        "withdrawn": (ProblemEnded(**what, outcome="withdrawn", by="buyer"), [("seller", "problem_withdrawn")]),
    }


async def _deliver(world: World, event: Event) -> None:
    """The same message twice, as after a crash."""
    consumer = next(each for each in world.parts.kernel.consumers if each.name == "entrypoint.problems")
    body = seal("store", event, event_id=new_id(), time=world.clock.now(), sequence=1, traceparent="")
    for _ in range(2):
        assert await Runner(consumer, world.database).handle([Message(body, 1)]) == ["done"]


async def _told(world: World, people: dict[str, User]) -> Told:
    async with world.database.reading() as reader:
        rows = (await reader.execute(select(NotificationRow.user_id, NotificationRow.kind))).all()
    names = {person.id: side for side, person in people.items()}
    return sorted((names[user_id], kind) for user_id, kind in rows)


WHAT = ("opened", "proposed", "countered", "escalated", "decided", "appealed", "ended", "withdrawn")


@pytest.mark.parametrize("what", WHAT)
async def test_who_must_act_is_told_and_both_hear_how_it_ends(world: World, people: dict[str, User], what: str) -> None:
    event, told = events(world, people)[what]
    await _deliver(world, event)
    assert await _told(world, people) == sorted(told)


async def test_in_any_order_the_same_is_told(world: World, people: dict[str, User]) -> None:
    all_of_them = events(world, people)
    for what in reversed(WHAT):
        await _deliver(world, all_of_them[what][0])
    assert await _told(world, people) == sorted(itertools.chain(*(told for _, told in all_of_them.values())))
    async with world.database.reading() as reader:
        shown = await notifications.list_of(reader, people["buyer"].id, world.parts.languages.reader("", ""))
    words = [one.text for one in shown.items]
    assert len(words) == 4 and all("S-7K3M9Q" in text and "{" not in text for text in words)
