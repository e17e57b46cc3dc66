"""Problems of orders: the clock stops, the two settle it or a moderator does, and the money moves once."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy.exc import DBAPIError

from souk.contracts.payment.events import EscrowSettled
from souk.contracts.store.events import OrderDelivered, RefundRequested
from souk.contracts.store.problem_events import (
    ProblemAppealed,
    ProblemDecided,
    ProblemEnded,
    ProblemEscalated,
    ProblemGround,
    ProblemKind,
    ProblemOpened,
    ProblemProposed,
)
from souk.ids import new_id
from store.problems.gauges import MeasureProblems
from store.problems.rules import PER_ORDER_MAX
from tests.store.harness import Store, euros
from tests.store.problem_harness import WORDS, Case, shipped
from tests.store.test_postage import bought, sent
from tests.store.test_refunds import booked


@pytest.fixture
async def case(store: Store) -> Case:
    return await shipped(store)


def rule(answer: httpx.Response) -> str:
    assert 400 <= answer.status_code < 500, answer.text
    return str(answer.json()["type"].rsplit("/")[-1])


async def ended(case: Case, back: int) -> ProblemEnded:
    """It gave back so much, once, and the rest is settled: what was told of its end."""
    refunds = await case.store.told(RefundRequested)
    assert [event.amount for event in refunds] == ([euros(back)] if back else [])
    delivered = await case.store.told(OrderDelivered)
    assert [event.amount for event in delivered] == ([euros(2000 - back)] if back < 2000 else [])
    order = await case.buyer.order(case.order["id"])
    assert order["status"] == ("delivered" if back < 2000 else "refunded") and not order["under_problem"]
    [event] = await case.store.told(ProblemEnded)
    assert event.amount == euros(back)
    return event


@pytest.mark.parametrize("kind", get_args(ProblemKind))
async def test_a_problem_stops_the_orders_clock(case: Case, kind: str) -> None:
    assert "problem" in (await case.buyer.order(case.order["id"]))["actions"]
    problem = await case.opened(kind)
    order = await case.buyer.order(case.order["id"])
    assert (order["status"], order["deadline"], order["deadline_outcome"]) == ("shipped", None, None)
    assert (order["under_problem"], order["problem_id"], order["actions"]) == (True, problem["id"], [])
    assert (problem["status"], problem["turn"], problem["held"]["amount"]) == ("opened", "seller", 2000)
    [told] = await case.store.told(ProblemOpened)
    assert (told.kind, told.number, str(told.problem_id)) == (kind, order["number"], problem["id"])
    case.store.clock.advance(timedelta(days=2))
    assert await case.store.sweep("orders") == 0
    confirmed = await case.buyer.ask("POST", f"/orders/{order['id']}/receipt")
    assert rule(confirmed) == "not-possible-now" and "something is wrong" in confirmed.json()["detail"]
    headers = {"idempotency-key": str(new_id())}
    for user in (case.seller, case.store.user(None, "admin")):
        refused = await user.ask("POST", f"/orders/{order['id']}/refunds", {}, headers=headers)
        assert rule(refused) == "not-possible-now"
    assert await case.store.told(RefundRequested) == []


async def test_only_the_buyer_of_a_shipped_order_opens_one(case: Case, store: Store) -> None:
    path, headers = f"/orders/{case.order['id']}/problems", {"idempotency-key": str(new_id())}
    body = {"kind": "broken", "text": WORDS}
    assert (await case.seller.ask("POST", path, body, headers=headers)).status_code == 403
    assert (await store.user().ask("POST", path, body, headers=headers)).status_code == 404
    assert (await store.user().ask("GET", path)).status_code == 404
    for text, kind in (
        ("too short", "broken"),
        ("x" * 2001, "broken"),
        (WORDS, "ugly"),
        ("a\x00 bad character", "broken"),
    ):
        assert (await case.open(kind, text=text)).status_code in (400, 422)
    paid = await store.buy(case.buyer, store.catalogue.offer(seller=case.seller.id))
    early = await case.buyer.ask("POST", f"/orders/{paid['id']}/problems", body, headers=headers)
    assert (rule(early), early.json()["allowed"]) == ("not-possible-now", ["cancel"])
    assert await store.told(ProblemOpened) == []


async def test_the_same_key_opens_one_problem(case: Case) -> None:
    key = new_id()
    answers = [await case.open(key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert rule(await case.open("not_arrived", key=key)) == "key-reused"
    again = await case.open()
    assert (rule(again), again.json()["problem_id"]) == ("problem-open", answers[0].json()["id"])
    assert len(await case.store.told(ProblemOpened)) == 1


async def test_the_two_agree_on_a_part(case: Case) -> None:
    await case.opened()
    answer = await case.propose(case.seller, 700, text="I am sorry")
    assert (answer.status_code, answer.json()["turn"], answer.json()["actions"]) == (200, "buyer", [])
    [told] = await case.store.told(ProblemProposed)
    assert (told.by, told.amount) == ("seller", euros(700))
    mine = await case.seen(case.buyer)
    assert mine["actions"] == ["accept", "counter", "decline", "withdraw"]
    assert (mine["silence"], mine["silence_amount"]["amount"]) == ("ended", 700)
    for _ in range(2):
        accepted = await case.answer(case.buyer, "acceptance", mine["version"])
        assert (accepted.status_code, accepted.json()["status"]) == (200, "ended"), accepted.text
    event = await ended(case, 700)
    assert (event.outcome, event.by) == ("agreed", "buyer")
    [refund] = await case.store.told(RefundRequested)
    assert [(line.quantity, line.amount.amount) for line in refund.lines] == [(0, 525), (0, 175)]
    assert refund.source == "escrow"
    assert await case.store.sweep("problems") == 0


async def test_a_counter_changes_the_turn(case: Case) -> None:
    await case.opened()
    assert (await case.propose(case.buyer, 2000)).status_code == 200
    assert rule(await case.propose(case.buyer, 1000)) == "problem-not-now"
    countered = [await case.propose(case.seller, 300, 2, "as it was") for _ in range(2)]
    assert [answer.json()["version"] for answer in countered] == [3, 3]
    assert rule(await case.answer(case.buyer, "acceptance", 2)) == "problem-moved-on"
    assert (await case.answer(case.buyer, "acceptance")).status_code == 200
    assert (await ended(case, 300)).outcome == "agreed"
    assert [event.by for event in await case.store.told(ProblemProposed)] == ["buyer", "seller"]


@pytest.mark.parametrize(("amount", "by"), [(0, "seller"), (2000, "buyer")])
async def test_nothing_or_everything_may_go_back(case: Case, amount: int, by: str) -> None:
    await case.opened()
    one, other = (case.seller, case.buyer) if by == "seller" else (case.buyer, case.seller)
    for bad in (-1, 2001):
        refused = await case.propose(one, bad)
        assert (rule(refused), refused.json()["errors"][0]["field"]) == ("invalid-input", "amount")
    assert (await case.propose(one, amount)).status_code == 200
    assert (await case.answer(other, "acceptance")).status_code == 200
    assert (await ended(case, amount)).by == ("buyer" if by == "seller" else "seller")


@pytest.mark.parametrize(("back", "postage"), [(900, 0), (1000, 0), (1100, 100), (1490, 490)])
async def test_goods_go_back_before_their_postage(store: Store, back: int, postage: int) -> None:
    buyer, seller = store.user(), store.user()
    await buyer.put(store.catalogue.offer(1000, seller=seller.id, delivery=sent(490, 100)))
    order = await bought(store, buyer)
    await seller.ask("POST", f"/orders/{order['id']}/shipment", {})
    case = Case(store, buyer, seller, order)
    await case.opened()
    assert (await case.propose(seller, back)).status_code == 200
    assert (await case.answer(buyer, "acceptance")).status_code == 200
    [refund] = await store.told(RefundRequested)
    assert (refund.amount, refund.postage) == (euros(back), euros(postage) if postage else None)
    assert sum(line.amount.amount for line in refund.lines) == back - postage
    assert (await case.status())[1] == ("refunded" if back == 1490 else "delivered")


@pytest.mark.parametrize(("proposer", "back"), [("buyer", 1500), ("seller", 200)])
async def test_who_says_nothing_to_a_proposal_agrees(case: Case, proposer: str, back: int) -> None:
    await case.opened()
    assert (await case.propose(case.buyer if proposer == "buyer" else case.seller, back)).status_code == 200
    case.store.clock.advance(timedelta(days=2, hours=23))
    assert await case.store.sweep("problems") == 0
    case.store.clock.advance(timedelta(hours=2))
    assert sum(await asyncio.gather(*(case.store.sweep("problems") for _ in range(3)))) == 1
    assert ((event := await ended(case, back)).outcome, event.by) == ("unanswered", "deadline")


async def test_a_seller_who_says_nothing_of_what_did_not_arrive_gives_all_back(case: Case) -> None:
    seen = await case.opened("not_arrived")
    assert (seen["silence"], seen["silence_amount"]["amount"]) == ("ended", 2000)
    case.store.clock.advance(timedelta(days=3, minutes=1))
    assert await case.store.sweep("problems") == 1
    assert (await ended(case, 2000)).outcome == "unanswered"


async def test_a_seller_who_says_nothing_of_what_arrived_leaves_it_to_a_moderator(case: Case) -> None:
    seen = await case.opened("wrong_item")
    assert (seen["silence"], seen["silence_amount"]) == ("escalated", None)
    case.store.clock.advance(timedelta(days=3, minutes=1))
    assert await case.store.sweep("problems") == 1
    [told] = await case.store.told(ProblemEscalated)
    assert told.by == "deadline"
    case.store.clock.advance(timedelta(days=14, minutes=1))
    assert await case.store.sweep("problems") == 1
    assert ((event := await ended(case, 2000)).outcome, event.by) == ("undecided", "deadline")


@pytest.mark.parametrize("ground", get_args(ProblemGround))
async def test_a_moderator_decides_and_after_a_week_it_is_done(case: Case, ground: str) -> None:
    await case.opened()
    assert (await case.answer(case.seller, "refusal", text="It was fine when I sent it")).status_code == 200
    [waiting] = (await case.moderator.ask("GET", "/moderation/problems")).json()["items"]
    assert waiting["actions"] == ["decide"]
    for bad in ({"amount": 2001}, {"text": "short"}, {"ground": "whim"}):
        assert (await case.decide(case.moderator, **{"amount": 900, **bad})).status_code in (400, 422)
    for outsider in (case.buyer, case.seller):
        assert (await case.decide(outsider, 900)).status_code == 403
    for _ in range(2):
        decided = await case.decide(case.moderator, 900, ground, version=waiting["version"])
        assert (decided.status_code, decided.json()["problem"]["status"]) == (200, "decided")
    assert await case.status() == ("decided", "shipped")
    [told] = await case.store.told(ProblemDecided)
    assert (told.ground, told.amount) == (ground, euros(900))
    case.store.clock.advance(timedelta(days=7, minutes=1))
    assert await case.store.sweep("problems") == 1
    assert (await ended(case, 900)).outcome == "decided"
    assert (await case.moderator.ask("GET", "/moderation/problems")).json()["items"] == []


@pytest.mark.parametrize("side", ["buyer", "seller"])
async def test_an_appeal_is_decided_by_another_moderator_for_good(case: Case, side: str) -> None:
    await case.opened()
    if side == "buyer":
        await case.propose(case.seller, 0)
    await case.answer(case.buyer if side == "buyer" else case.seller, "refusal")
    [asked] = await case.store.told(ProblemEscalated)
    assert asked.by == side
    await case.decide(case.moderator, 0, "unfounded")
    appellant = case.buyer if side == "buyer" else case.seller
    assert (await case.answer(appellant, "appeal", text="Look at the picture")).status_code == 200
    [told] = await case.store.told(ProblemAppealed)
    assert told.by == side
    assert rule(await case.decide(case.moderator, 100)) == "another-moderator"
    final = await case.decide(case.another, 1200, "shared")
    assert (final.status_code, final.json()["problem"]["status"]) == (200, "ended")
    assert ((event := await ended(case, 1200)).outcome, event.by) == ("decided", "moderator")
    assert rule(await case.answer(appellant, "appeal")) == "problem-not-now"


async def test_an_appeal_that_nobody_looks_at_leaves_the_first_decision(case: Case) -> None:
    await case.opened()
    await case.answer(case.seller, "refusal")
    await case.decide(case.moderator, 450)
    await case.answer(case.seller, "appeal")
    case.store.clock.advance(timedelta(days=14, minutes=1))
    assert await case.store.sweep("problems") == 1
    assert ((event := await ended(case, 450)).outcome, event.by) == ("decided", "deadline")


async def test_how_long_somebody_waits_for_a_moderator_is_measured(case: Case) -> None:
    async def waits() -> float | None:
        async with case.store.database.reading() as reader:
            await MeasureProblems(case.store.clock)(reader)
        return REGISTRY.get_sample_value("souk_problems_waiting_seconds")

    await case.opened()
    assert await waits() == 0
    await case.answer(case.seller, "refusal")
    case.store.clock.advance(timedelta(hours=2))
    assert await waits() == pytest.approx(7200, abs=60)
    await case.decide(case.moderator, 0)
    assert await waits() == 0


async def test_nobody_judges_their_own_order(case: Case) -> None:
    await case.opened()
    await case.answer(case.seller, "refusal")
    for party in (case.buyer, case.seller):
        assert rule(await case.decide(case.store.user(party.id, "moderator"), 0)) == "own-problem"
    assert (await case.buyer.ask("GET", "/moderation/problems")).status_code == 403
    story = (await case.moderator.ask("GET", f"/moderation/problems/{(await case.seen())['id']}")).json()
    assert [line["title"] for line in story["lines"]] == ["Bicycle", "Lock"]
    unknown = await case.moderator.ask("GET", f"/moderation/problems/{new_id()}")
    assert unknown.status_code == 404


async def test_a_withdrawn_problem_lets_the_clock_go_on(case: Case) -> None:
    before = datetime.fromisoformat(case.order["deadline"])
    case.store.clock.advance(timedelta(days=4))
    await case.opened()
    case.store.clock.advance(timedelta(days=2))
    assert rule(await case.answer(case.seller, "withdrawal")) == "problem-not-now"
    assert (await case.answer(case.buyer, "withdrawal")).json()["status"] == "withdrawn"
    order = await case.buyer.order(case.order["id"])
    assert abs(datetime.fromisoformat(order["deadline"]) - before - timedelta(days=2)) < timedelta(minutes=1)
    [told] = await case.store.told(ProblemEnded)
    assert (told.outcome, told.by, told.amount) == ("withdrawn", "buyer", None)
    case.store.clock.advance(timedelta(days=9))
    await case.opened()
    await case.answer(case.buyer, "withdrawal")
    order = await case.buyer.order(case.order["id"])
    left = datetime.fromisoformat(order["deadline"]) - case.store.clock.now()
    assert abs(left - timedelta(days=3)) < timedelta(minutes=1)
    for _ in range(PER_ORDER_MAX - 2):
        await case.opened()
        await case.answer(case.buyer, "withdrawal")
    assert rule(await case.open()) == "too-many-problems"
    assert (await case.buyer.ask("POST", f"/orders/{order['id']}/receipt")).status_code == 200
    assert rule(await case.open()) == "not-possible-now"


async def raced(*doing: Awaitable[Any]) -> list[Any]:
    return await asyncio.gather(*doing)


@pytest.mark.parametrize("_", range(3))
async def test_accepting_and_countering_at_once(case: Case, _: int) -> None:
    await case.opened()
    await case.propose(case.seller, 700)
    accepted, countered = await raced(case.answer(case.buyer, "acceptance", 2), case.propose(case.buyer, 900, 2))
    assert sorted((accepted.status_code, countered.status_code)) == [200, 409]
    if accepted.status_code == 200:
        await ended(case, 700)
    else:
        assert (await case.seen())["amount"]["amount"] == 900
        assert await case.store.told(RefundRequested) == []


async def test_accepting_while_the_clock_does(case: Case) -> None:
    await case.opened()
    await case.propose(case.seller, 700)
    case.store.clock.advance(timedelta(days=3, minutes=1))
    accepted, *swept = await raced(
        case.answer(case.buyer, "acceptance", 2), case.store.sweep("problems"), case.store.sweep("problems")
    )
    await case.store.sweep("problems")
    assert (accepted.status_code == 200) != (sum(swept) == 1)
    await ended(case, 700)


@pytest.mark.parametrize("what", ["receipt", "sweep"])
async def test_opening_while_the_order_is_settled(case: Case, what: str) -> None:
    async def settle() -> Any:
        if what == "sweep":
            return await case.store.sweep("orders")
        return (await case.buyer.ask("POST", f"/orders/{case.order['id']}/receipt")).status_code == 200

    if what == "sweep":
        case.store.clock.advance(timedelta(days=14, minutes=1))
    opened, settled, _ = await raced(case.open(), settle(), settle())
    assert (await case.buyer.order(case.order["id"]))["status"] == (
        "shipped" if opened.status_code == 201 else "delivered"
    )
    assert len(await case.store.told(OrderDelivered)) == (0 if opened.status_code == 201 else 1)
    assert opened.status_code in (201, 409) and (opened.status_code == 409 or not settled)


async def test_two_moderators_decide_at_once(case: Case) -> None:
    await case.opened()
    await case.answer(case.seller, "refusal")
    answers = await raced(case.decide(case.moderator, 100, version=2), case.decide(case.another, 900, version=2))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await case.store.told(ProblemDecided)) == 1
    await case.answer(case.buyer, "appeal")
    third = case.store.user(None, "admin")
    last = await raced(
        case.decide(third, 300, version=4), case.decide(case.store.user(None, "moderator"), 400, version=4)
    )
    assert sorted(answer.status_code for answer in last) == [200, 409]
    assert len(await case.store.told(RefundRequested)) == 1


async def test_withdrawing_while_the_other_accepts(case: Case) -> None:
    await case.opened()
    await case.propose(case.buyer, 600)
    withdrawn, accepted = await raced(
        case.answer(case.buyer, "withdrawal", 2), case.answer(case.seller, "acceptance", 2)
    )
    assert sorted((withdrawn.status_code, accepted.status_code)) == [200, 409]
    assert len(await case.store.told(RefundRequested)) == (1 if accepted.status_code == 200 else 0)


async def test_opening_twice_at_once(case: Case) -> None:
    answers = await raced(*(case.open(kind) for kind in ("broken", "not_arrived", "wrong_item")))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert len(await case.store.told(ProblemOpened)) == 1


async def test_the_database_settles_nothing_under_an_open_problem(case: Case) -> None:
    await case.opened()
    for law in ("status = 'delivered', deadline = NULL", "deadline = now()", "problem_id = NULL"):
        with pytest.raises(DBAPIError, match="ck_orders_"):
            await case.store.execute(f"UPDATE orders SET {law} WHERE id = '{case.order['id']}'")


async def test_the_audit_sees_what_was_settled_under_an_open_problem(case: Case) -> None:
    await case.opened()
    order = case.order["id"]
    now = "deadline = now() + interval '1 day'"
    await case.store.execute(f"UPDATE orders SET under_problem = false, {now} WHERE id = '{order}'")
    names = {name for name, _, _ in await case.store.violations()}
    assert names == {"an order rests under its open problem, and no other", "nothing is settled under an open problem"}
    await case.store.execute(f"UPDATE orders SET under_problem = true, deadline = NULL WHERE id = '{order}'")
    assert await case.store.violations() == []
    await case.propose(case.seller, 700)
    await case.answer(case.buyer, "acceptance")
    await case.store.execute("UPDATE problem SET amount = 600")
    names = {name for name, _, _ in await case.store.violations()}
    assert names == {"a problem ends with one refund of what it says, and the order with it"}
    await case.store.execute("UPDATE problem SET amount = 700")


async def test_what_payment_books_may_be_told_in_any_order_and_again(case: Case) -> None:
    await case.opened()
    await case.propose(case.seller, 700)
    await case.answer(case.buyer, "acceptance")
    [refund] = await case.store.told(RefundRequested)
    order_id = UUID(case.order["id"])
    settled = EscrowSettled(order_id=order_id, transfer_id=new_id(), to_seller=euros(1235), fee=euros(65))
    for event in (settled, booked(refund), booked(refund), settled):
        assert await case.store.deliver(event, consumer="store.orders") == ["done"]
    order = await case.buyer.order(case.order["id"])
    assert (order["status"], order["refunds"][0]["booked"], order["refunds"][0]["by"]) == ("completed", True, "problem")
    assert rule(await case.open()) == "not-possible-now"
