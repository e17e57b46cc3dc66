"""Naming prices and answering them."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from souk.clock import ManualClock
from souk.contracts.store.events import OfferEnded, OfferMade, Side
from souk.contracts.store.offers import OfferStatus
from souk.database import Session
from souk.ids import new_id
from store.offers.rules import OPEN_PER_BUYER_MAX, ROUNDS_MAX
from store.offers.tables import OfferRow
from store.offers.transitions import TRANSITIONS, Actor, move, possible, these
from store.settings import StoreSettings
from tests.store.harness import Store, User, euros

HOURS_48 = timedelta(hours=48)

LEGAL: dict[tuple[OfferStatus, OfferStatus], set[Actor]] = {
    ("open", "open"): {"answerer"},
    ("open", "accepted"): {"answerer"},
    ("open", "declined"): {"answerer"},
    ("open", "withdrawn"): {"proposer"},
    ("open", "expired"): {"deadline"},
    ("accepted", "bought"): {"buyer"},
    ("accepted", "withdrawn"): {"buyer"},
    ("accepted", "expired"): {"deadline"},
    ("bought", "accepted"): {"system"},
    ("bought", "expired"): {"system"},
}
STATUSES: tuple[OfferStatus, ...] = get_args(OfferStatus)
ACTORS: tuple[Actor, ...] = get_args(Actor)
SIDES: tuple[Side, ...] = get_args(Side)


def for_offers(store: Store, price: int = 4200, seller: User | None = None, **more: Any) -> UUID:
    """A listing whose seller takes offers."""
    return store.catalogue.offer(price, seller=seller.id if seller else None, accepts_offers=True, **more)


def code(answer: Any) -> str:
    assert answer.status_code in (409, 422), answer.text
    return str(answer.json()["type"].rsplit("/")[-1])


async def test_a_price_is_named_and_accepted(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamp = for_offers(store, seller=seller, title="Lamp")
    offer = await buyer.offer(lamp, 3500, message="  Would you\r\ntake this?  ")
    assert (offer["status"], offer["turn"], offer["price"]["amount"], offer["asking_price"]["amount"]) == (
        "open",
        "seller",
        3500,
        4200,
    )
    assert [(one["by"], one["price"]["amount"], one["message"]) for one in offer["rounds"]] == [
        ("buyer", 3500, "Would you\ntake this?")
    ]
    assert (offer["actions"], offer["rounds_left"]) == (["withdraw"], ROUNDS_MAX - 1)
    [made] = await store.told(OfferMade)
    assert (made.by, made.round, made.price, made.title, made.seller_id) == ("buyer", 1, euros(3500), "Lamp", seller.id)
    assert made.answer_by.isoformat().replace("+00:00", "Z") == offer["deadline"]
    theirs = (await seller.ask("GET", f"/offers/{offer['id']}")).json()
    assert theirs["actions"] == ["counter", "accept", "decline"]
    for _ in range(2):
        accepted = await seller.answer(theirs, "acceptance")
        assert (accepted.status_code, accepted.json()["status"], accepted.json()["actions"]) == (200, "accepted", [])
    [ended] = await store.told(OfferEnded)
    assert (ended.outcome, ended.by, ended.price, ended.was_accepted) == ("accepted", "seller", euros(3500), True)
    assert abs(ended.buy_by - store.clock.now() - HOURS_48) < timedelta(minutes=1)
    mine = (await buyer.ask("GET", f"/offers/{offer['id']}")).json()
    assert (mine["status"], mine["actions"]) == ("accepted", ["buy", "withdraw"])


async def test_prices_go_back_and_forth_until_enough_were_named(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    offer = await buyer.offer(for_offers(store, seller=seller), 3000)
    sides = itertools.cycle([(seller, "buyer"), (buyer, "seller")])
    for (who, next_turn), price in zip(sides, (4100, 3100, 4000, 3200, 3900), strict=False):
        for _ in range(2):
            answer = await who.answer(offer, "counteroffer", price)
            assert answer.status_code == 200, answer.text
        offer = answer.json()
        assert (offer["turn"], offer["price"]["amount"], offer["actions"]) == (next_turn, price, ["withdraw"])
    assert [one["by"] for one in offer["rounds"]] == ["buyer", "seller"] * 3
    offer = (await buyer.ask("GET", f"/offers/{offer['id']}")).json()
    assert (offer["rounds_left"], offer["actions"]) == (0, ["accept", "decline"])
    assert code(await buyer.answer(offer, "counteroffer", 3300)) == "no-more-rounds"
    assert (await buyer.answer(offer, "refusal")).json()["status"] == "declined"
    told = await store.told(OfferMade)
    assert [(event.by, event.round, event.price.amount) for event in told] == [
        ("buyer", 1, 3000), ("seller", 2, 4100), ("buyer", 3, 3100), ("seller", 4, 4000), ("buyer", 5, 3200),
        ("seller", 6, 3900),
    ]  # fmt: skip
    assert [(event.outcome, event.by, event.turn) for event in await store.told(OfferEnded)] == [
        ("declined", "buyer", "buyer")
    ]


async def test_what_cannot_be_offered(store: Store) -> None:
    buyer = store.user()
    lamp = for_offers(store, available=3)
    firm = store.catalogue.offer(4200)
    for listing, price, quantity, problem in [
        (firm, 3500, 1, "no-offers"),
        (for_offers(store, seller=buyer), 3500, 1, "own-offer"),
        (for_offers(store, status="withdrawn"), 3500, 1, "not-on-sale"),
        (for_offers(store, status="sold", available=0), 3500, 1, "not-on-sale"),
        (new_id(), 3500, 1, "not-on-sale"),
        (lamp, 3500, 4, "not-so-many"),
        (lamp, 4200, 1, "price-not-lower"),
        (lamp, 9900, 1, "price-not-lower"),
        (lamp, 419, 1, "price-too-low"),
    ]:
        body = {"listing_id": str(listing), "price": {"amount": price, "currency": "EUR"}, "quantity": quantity}
        refused = await buyer.ask("POST", "/offers", body)
        assert code(refused) == problem, body
        assert refused.json()["detail"]
    assert await store.query("SELECT * FROM offer") == []
    assert await store.told() == []
    assert (await buyer.offer(lamp, 420, 3))["price"]["amount"] == 420


async def test_bad_input_names_the_field(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store)
    good: dict[str, Any] = {"listing_id": str(lamp), "price": {"amount": 3500, "currency": "EUR"}}
    for field, value in [
        ("price", {"amount": 3500, "currency": "USD"}),
        ("price", {"amount": 0, "currency": "EUR"}),
        ("price", {"amount": 10**14, "currency": "EUR"}),
        ("price", None),
        ("quantity", 0),
        ("quantity", 1000),
        ("message", "x" * 501),
        ("message", "a\x00b"),
        ("id", str(uuid4())),
        ("listing_id", "lamp"),
    ]:
        refused = await buyer.ask("POST", "/offers", good | {field: value})
        assert refused.status_code in (400, 422), (field, value, refused.text)
        assert field in refused.json()["errors"][0]["field"]
    offer = await buyer.offer(lamp, 3500)
    for action, body in [
        ("acceptance", {}), ("acceptance", {"round": 0}), ("acceptance", {"round": 10**9}), ("refusal", []),
        ("counteroffer", {"round": 1}), ("counteroffer", {"round": 1, "price": {"amount": -1, "currency": "EUR"}}),
    ]:  # fmt: skip
        refused = await buyer.ask("POST", f"/offers/{offer['id']}/{action}", body)
        assert refused.status_code in (400, 422), (action, body, refused.text)


async def test_nothing_is_offered_while_the_catalogue_is_down(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamp = for_offers(store, seller=seller)
    offer = await buyer.offer(lamp, 3500)
    store.catalogue.down = True
    body = {"listing_id": str(for_offers(store)), "price": {"amount": 3500, "currency": "EUR"}}
    assert (await buyer.ask("POST", "/offers", body)).status_code == 503
    assert (await seller.answer(offer, "acceptance")).status_code == 503
    assert (await seller.answer(offer, "refusal")).json()["status"] == "declined"


async def test_the_same_id_makes_one_offer(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store)
    body = {"listing_id": str(lamp), "price": {"amount": 3500, "currency": "EUR"}, "id": str(new_id())}
    answers = await asyncio.gather(*(buyer.ask("POST", "/offers", body) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    store.catalogue.change(lamp, status="withdrawn")
    assert (await buyer.ask("POST", "/offers", body)).status_code == 200
    assert len(await store.told(OfferMade)) == 1
    other = body | {"price": {"amount": 3600, "currency": "EUR"}}
    assert code(await buyer.ask("POST", "/offers", other)) == "offer-id-taken"
    assert code(await store.user().ask("POST", "/offers", body)) == "offer-id-taken"


async def test_one_live_offer_for_a_listing(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store)
    body = {"listing_id": str(lamp), "price": {"amount": 3500, "currency": "EUR"}}
    answers = await asyncio.gather(*(buyer.ask("POST", "/offers", body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    first = next(answer.json() for answer in answers if answer.status_code == 201)
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert (code(refused), refused.json()["offer_id"]) == ("already-offered", first["id"])
    await store.user().offer(lamp, 3500)  # another buyer's is another matter
    await buyer.answer(first, "withdrawal")
    await buyer.offer(lamp, 3600)


async def test_open_offers_have_a_limit(store: Store) -> None:
    buyer = store.user()
    for _ in range(OPEN_PER_BUYER_MAX - 2):
        await buyer.offer(for_offers(store), 3500)
    bodies = [{"listing_id": str(for_offers(store)), "price": {"amount": 3500, "currency": "EUR"}} for _ in range(5)]
    answers = await asyncio.gather(*(buyer.ask("POST", "/offers", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    assert {code(answer) for answer in answers if answer.status_code == 409} == {"too-many-offers"}
    [(count,)] = await store.query("SELECT count(*) FROM offer")
    assert count == OPEN_PER_BUYER_MAX


async def test_offers_for_one_listing_that_come_to_nothing_have_a_limit(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamp = for_offers(store, seller=seller)
    body = {"listing_id": str(lamp), "price": {"amount": 3500, "currency": "EUR"}}
    for ending in ("refusal", "withdrawal", "refusal"):
        who = buyer if ending == "withdrawal" else seller
        assert (await who.answer(await buyer.offer(lamp, 3000), ending)).status_code == 200
        store.clock.advance(timedelta(days=1))
    refused = await asyncio.gather(*(buyer.ask("POST", "/offers", body) for _ in range(3)))
    assert {(answer.status_code, code(answer)) for answer in refused} == {(409, "offered-often")}
    assert refused[0].json()["again_at"].startswith(f"{store.clock.now() + timedelta(days=4):%Y-%m-%d}")
    await buyer.offer(for_offers(store, seller=seller), 3500)  # another listing is another matter
    await store.user().offer(lamp, 3500)  # and so is another buyer
    [(count,)] = await store.query("SELECT count(*) FROM offer")
    assert count == 5
    store.clock.advance(timedelta(days=4))
    await buyer.offer(lamp, 3500)


async def test_nobody_answers_another_price_than_they_saw(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    offer = await buyer.offer(for_offers(store, seller=seller), 3000)
    countered = (await seller.answer(offer, "counteroffer", 4000)).json()
    for who, action in ((buyer, "withdrawal"), (seller, "acceptance"), (seller, "refusal")):
        refused = await who.answer(offer, action, round=1)
        assert code(refused) == "another-price"
        assert (refused.json()["price"]["amount"], refused.json()["round"]) == (4000, 2)
    assert code(await seller.answer(offer, "counteroffer", 3900)) == "another-price"
    await seller.answer(countered, "withdrawal")
    assert code(await buyer.answer(countered, "acceptance")) == "offer-over"


async def test_who_may_do_what(store: Store) -> None:
    buyer, seller, stranger = store.user(), store.user(), store.user(None, "admin")
    offer = await buyer.offer(for_offers(store, seller=seller), 3000)
    for action in ("acceptance", "refusal", "withdrawal", "counteroffer"):
        assert (await stranger.answer(offer, action, 3100 if action == "counteroffer" else 0)).status_code == 404
    assert (await stranger.ask("GET", f"/offers/{offer['id']}")).status_code == 404
    assert (await stranger.ask("GET", f"/offers/{new_id()}")).status_code == 404
    for who, action in ((buyer, "acceptance"), (buyer, "refusal"), (seller, "withdrawal")):
        assert code(await who.answer(offer, action)) == "not-yours"
    assert code(await buyer.answer(offer, "counteroffer", 2900)) == "not-yours"
    accepted = (await seller.answer(offer, "acceptance")).json()
    for action in ("refusal", "withdrawal"):
        assert code(await seller.answer(accepted, action)) == "not-yours"
    assert (await buyer.answer(accepted, "withdrawal")).json()["status"] == "withdrawn"
    assert [(event.outcome, event.was_accepted) for event in await store.told(OfferEnded)] == [
        ("accepted", True),
        ("withdrawn", True),
    ]


@pytest.mark.parametrize(
    ("price", "problem"),
    [
        (3000, "price-not-between"),
        (2999, "price-not-between"),
        (4200, "price-not-lower"),
        (5000, "price-not-lower"),
    ],
)
async def test_a_counteroffer_lies_between(store: Store, price: int, problem: str) -> None:
    buyer, seller = store.user(), store.user()
    offer = await buyer.offer(for_offers(store, seller=seller), 3000)
    refused = await seller.answer(offer, "counteroffer", price)
    assert code(refused) == problem
    assert refused.json()["errors"][0]["field"] == "price"
    countered = (await seller.answer(offer, "counteroffer", 4000)).json()
    for beyond in (4000, 4100):
        assert code(await buyer.answer(countered, "counteroffer", beyond)) == "price-not-between"
    assert code(await buyer.answer(countered, "counteroffer", 400)) == "price-too-low"


@pytest.mark.parametrize(
    ("change", "problem"),
    [({"status": "withdrawn"}, "not-on-sale"), ({"available": 1}, "not-so-many"), ({"available": 0}, "not-on-sale")],
)
async def test_what_is_not_there_is_not_agreed_on(store: Store, change: dict[str, Any], problem: str) -> None:
    buyer, seller = store.user(), store.user()
    lamp = for_offers(store, seller=seller)
    offer = await buyer.offer(lamp, 3000, 2)
    store.catalogue.change(lamp, **change)
    assert code(await seller.answer(offer, "acceptance")) == problem
    assert code(await seller.answer(offer, "counteroffer", 3500)) == problem
    assert (await buyer.ask("GET", f"/offers/{offer['id']}")).json()["status"] == "open"
    store.catalogue.change(lamp, status="published", available=10, accepts_offers=False)
    assert (await seller.answer(offer, "acceptance")).json()[
        "status"
    ] == "accepted"  # it was made while they were taken


async def test_what_nobody_answers_expires_once(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamp, rug = for_offers(store, seller=seller), for_offers(store, seller=seller)
    unanswered, unbought = await buyer.offer(lamp, 3000), await buyer.offer(rug, 3000)
    store.clock.advance(timedelta(hours=47))
    assert (await seller.answer(unbought, "acceptance")).status_code == 200
    assert await store.sweep("offers") == 0
    store.clock.advance(timedelta(hours=1))
    assert code(await seller.answer(unanswered, "acceptance")) == "offer-over"  # also before the sweep
    assert sum(await asyncio.gather(*(store.sweep("offers") for _ in range(3)))) == 1
    store.clock.advance(HOURS_48)
    assert await store.sweep("offers") == 1
    assert await store.sweep("offers") == 0
    told = [
        (event.offer_id, event.was_accepted) for event in await store.told(OfferEnded) if event.outcome == "expired"
    ]
    assert told == [(UUID(unanswered["id"]), False), (UUID(unbought["id"]), True)]
    for offer in (unanswered, unbought):
        shown = (await buyer.ask("GET", f"/offers/{offer['id']}")).json()
        assert (shown["status"], shown["actions"], shown["deadline"]) == ("expired", [], None)
        assert code(await buyer.answer(offer, "withdrawal")) == "offer-over"


async def test_of_all_that_happens_at_once_one_wins(store: Store) -> None:
    """The seller accepts, counters and declines while the buyer withdraws and the clock strikes."""
    for late in (False, True) * 4:
        buyer, seller = store.user(), store.user()
        offer = await buyer.offer(for_offers(store, seller=seller), 3000)
        if late:
            due = update(OfferRow).where(OfferRow.id == UUID(offer["id"]))
            async with store.database.transaction() as session:
                await session.execute(due.values(deadline=store.clock.now() + timedelta(milliseconds=15)))
        answers = await asyncio.gather(
            seller.answer(offer, "acceptance"),
            seller.answer(offer, "counteroffer", 4000),
            seller.answer(offer, "refusal"),
            buyer.answer(offer, "withdrawal"),
            store.sweep("offers"),
        )
        await asyncio.sleep(0.02 if late else 0)
        await store.sweep("offers")
        won = [answer.status_code for answer in answers[:4]]
        assert set(won) <= {200, 409}
        told = [event.outcome for event in await store.told(OfferEnded, naming=offer["id"])]
        told += ["countered"] * (len(await store.told(OfferMade, naming=offer["id"])) - 1)
        # Who withdraws what was just accepted gets out of it all the same, and the seller is told both.
        assert told in (
            ["accepted"],
            ["accepted", "withdrawn"],
            ["countered"],
            ["declined"],
            ["withdrawn"],
            ["expired"],
        )
        assert won.count(200) == len(told) - told.count("expired")
    assert await store.violations() == []


async def test_offers_are_listed_for_each_side(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    made = [await buyer.offer(for_offers(store, seller=seller), 3000 + n) for n in range(5)]
    await seller.answer(made[0], "refusal")
    await seller.answer(made[1], "acceptance")
    await seller.answer(made[2], "counteroffer", 4000)

    async def listed(who: User, **params: Any) -> list[int]:
        found = (await who.ask("GET", "/offers", params=params)).json()["items"]
        return [made.index(next(one for one in made if one["id"] == item["id"])) for item in found]

    assert await listed(buyer, role="buyer") == [4, 3, 2, 1, 0]
    assert await listed(buyer, role="seller") == []
    assert await listed(buyer, role="buyer", waiting=True) == [2, 1]
    assert await listed(buyer, role="buyer", waiting=False) == [4, 3, 0]
    assert await listed(seller, role="seller", waiting=True) == [4, 3]
    assert await listed(seller, role="seller", waiting=False) == [2, 1, 0]
    assert await listed(seller, role="seller", listing_id=made[3]["listing_id"]) == [3]
    first = (await buyer.ask("GET", "/offers?role=buyer&limit=3")).json()
    rest = (await buyer.ask("GET", f"/offers?role=buyer&limit=3&cursor={first['next_cursor']}")).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == [one["id"] for one in reversed(made)]
    assert rest["next_cursor"] is None
    for wrong in ("", "?role=admin", "?role=buyer&limit=0", "?role=buyer&cursor=x", "?role=buyer&listing_id=1"):
        assert (await buyer.ask("GET", f"/offers{wrong}")).status_code in (400, 422)


async def test_prices_that_were_named_stay(store: Store) -> None:
    await store.user().offer(for_offers(store), 3000)
    for change in ("UPDATE offer_round SET price = 1", "DELETE FROM offer_round", "TRUNCATE offer_round"):
        with pytest.raises(Exception, match="permission denied"):
            async with store.database.engine.begin() as connection:
                await connection.exec_driver_sql(change)


@pytest.mark.parametrize(("before", "after"), itertools.product(STATUSES, STATUSES))
def test_who_may_move_an_offer(before: OfferStatus, after: OfferStatus) -> None:
    may = {actor for actor in ACTORS if before in TRANSITIONS.sources(after, actor)}
    assert may == LEGAL.get((before, after), set())


@pytest.mark.parametrize(("role", "turn"), itertools.product(SIDES, SIDES))
def test_what_a_side_may_do(role: Side, turn: Side) -> None:
    accepted = ["buy", "withdraw"] if role == "buyer" else []
    answers = ["counter", "accept", "decline"] if role == turn else ["withdraw"]
    assert {status: list(possible(status, role, turn)) for status in STATUSES if possible(status, role, turn)} == {
        "open": answers,
        **({"accepted": accepted} if accepted else {}),
    }


def test_every_status_that_waits_has_a_deadline() -> None:
    settings, now = StoreSettings(), ManualClock().now()
    found = {status: TRANSITIONS.deadline(status, now, settings) for status in STATUSES}
    assert {status for status, at in found.items() if at is not None} == {"open", "accepted"}
    assert found["open"] == found["accepted"] == now + HOURS_48


FIELDS = {
    "open": "deadline = now(), accepted_at = NULL, purchase_id = NULL",
    "accepted": "deadline = now(), accepted_at = now(), purchase_id = NULL",
    "bought": "deadline = now(), accepted_at = now(), purchase_id = (SELECT id FROM purchase)",
    "declined": "deadline = NULL, accepted_at = NULL, purchase_id = NULL",
    "withdrawn": "deadline = NULL, purchase_id = NULL",
    "expired": "deadline = NULL, purchase_id = NULL",
}
"""What must come with a status, so that the table's own constraints hold."""


async def test_the_database_moves_offers_only_along_the_table(store: Store) -> None:
    buyer = store.user()
    purchase = await buyer.place(store.catalogue.offer())
    offer = await buyer.offer(for_offers(store), 3000)
    offer_id, now = UUID(offer["id"]), store.clock.now()
    for before, after in itertools.product(STATUSES, STATUSES):
        values: dict[str, Any] = {
            "deadline": now if after in ("open", "accepted", "bought") else None,
            "accepted_at": None if after in ("open", "declined") else now,
            "purchase_id": UUID(purchase["id"]) if after == "bought" else None,
        }
        legal = LEGAL.get((before, after), set())
        async with store.database.engine.connect() as connection, Session(bind=connection) as session:
            await connection.exec_driver_sql(f"UPDATE offer SET status = '{before}', {FIELDS[before]}")
            for actor in sorted(set(ACTORS) - legal) + sorted(legal)[:1]:
                moved = await move(session, these([offer_id]), after=after, by=actor, at=now, **values)
                assert [(row.status, row.version) for row in moved] == ([(after, 2)] if actor in legal else [])
            await connection.rollback()
