"""Reviews of orders, answers to them, what they add up to, and what moderators do about them."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from souk.contracts.entrypoint.events import UserRegistered
from souk.contracts.payment.events import EscrowRefunded, EscrowSettled
from souk.contracts.store.events import ReviewAnswered, ReviewModerated, ReviewRemovalReason, ReviewWritten, SellerRated
from souk.ids import new_id
from store.reviews.moderation import REPORTS_PER_DAY_MAX
from store.reviews.rules import CHANGES_MAX
from tests.store.harness import Store, User, euros

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def buyer(store: Store) -> User:
    return store.user()


@pytest.fixture
def seller(store: Store) -> User:
    return store.user()


@pytest.fixture
def judge(store: Store) -> User:
    return store.user(None, "moderator")


async def arrived(store: Store, buyer: User, seller: User, price: int = 1000) -> str:
    """The id of an order that its buyer has confirmed."""
    order = await store.buy(buyer, store.catalogue.offer(price, seller=seller.id))
    assert (await seller.ask("POST", f"/orders/{order['id']}/shipment", {})).status_code == 200
    assert (await buyer.ask("POST", f"/orders/{order['id']}/receipt")).status_code == 200
    return str(order["id"])


async def complete(store: Store, order_id: str) -> None:
    settled = EscrowSettled(order_id=UUID(order_id), transfer_id=new_id(), to_seller=euros(950), fee=euros(50))
    assert await store.deliver(settled, consumer="store.orders") == ["done"]


async def write(user: User, order_id: str, stars: Any = 5, words: Any = "As described.") -> httpx.Response:
    return await user.ask("PUT", f"/orders/{order_id}/review", {"stars": stars, "text": words})


async def answer(user: User, review_id: str, words: Any = "Thank you.") -> httpx.Response:
    return await user.ask("PUT", f"/reviews/{review_id}/answer", {"text": words})


async def written(user: User, order_id: str, stars: int = 5, words: str = "As described.") -> dict[str, Any]:
    response = await write(user, order_id, stars, words)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


async def reviews_of(user: User, seller: User, query: str = "") -> dict[str, Any]:
    response = await user.ask("GET", f"/sellers/{seller.id}/reviews{query}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def decide(user: User, review_id: str, action: str, **more: str) -> httpx.Response:
    return await user.ask("POST", f"/moderation/reviews/{review_id}/decisions", {"action": action, **more})


async def report(user: User, review_id: str, reason: str = "offensive", words: str = "") -> httpx.Response:
    return await user.ask("POST", f"/reviews/{review_id}/reports", {"reason": reason, "text": words})


async def sequences(store: Store, seller: User) -> list[int]:
    """The versions of the seller's rating, as they were told."""
    bodies = await store.query("SELECT body FROM outbox WHERE type = 'souk.store.seller.rated.v1' ORDER BY id")
    told = [json.loads(body) for (body,) in bodies]
    return [event["souksequence"] for event in told if event["subject"] == str(seller.id)]


async def test_a_review_from_the_arrival_to_its_answer(store: Store, buyer: User, seller: User) -> None:
    names = {buyer.id: "Bea", seller.id: "Sam"}
    for user_id, name in names.items():
        known = UserRegistered(user_id=user_id, display_name=name, country="DE", registered_at=store.clock.now())
        await store.deliver(known, consumer="store.people")
    order_id = await arrived(store, buyer, seller)
    before = await buyer.order(order_id)
    assert (before["actions"], before["review"]) == (["review"], None)
    assert _near(before["review_until"], store.clock.now() + 60 * DAY)
    [listed] = (await buyer.ask("GET", "/orders?role=buyer")).json()["items"]
    assert listed["reviewable_until"] == before["review_until"]
    assert (await seller.order(order_id))["actions"] == ["refund"]

    review = await written(buyer, order_id, 4, " Came soon.\r\n\r\n\r\n\n A dent. ")
    assert (review["stars"], review["text"], review["author_name"]) == (4, "Came soon.\n\nA dent.", "Bea")
    assert (review["title"], review["answer"], review["removal"]) == ("Bicycle", None, None)
    assert review["listing_id"] == before["lines"][0]["listing_id"]
    after = await buyer.order(order_id)
    assert (after["review"], after["actions"]) == (review, ["review"])
    assert _near(after["review_until"], store.clock.now() + 14 * DAY)
    [listed] = (await buyer.ask("GET", "/orders?role=buyer")).json()["items"]
    assert listed["reviewable_until"] is None

    assert (await seller.order(order_id))["actions"] == ["refund", "answer"]
    answered = (await answer(seller, review["id"], "I am sorry.")).json()
    assert (answered["answer"]["text"], answered["answer"]["changed_at"]) == ("I am sorry.", None)
    seen = await seller.order(order_id)
    assert seen["review"] == answered
    assert _near(seen["answer_until"], store.clock.now() + 14 * DAY)

    public = await reviews_of(store.user(), seller)
    assert public["items"] == [answered]
    assert public["summary"] == {"reviews": 1, "stars": 4, "counts": [0, 0, 0, 1, 0]}
    assert not {"order_id", "buyer_id"} & answered.keys()
    assert (await store.user().ask("GET", f"/reviews/{review['id']}")).json() == answered
    [told] = await store.told(ReviewWritten)
    assert (told.buyer_id, told.seller_id, told.title, told.stars, told.changed) == (
        buyer.id,
        seller.id,
        "Bicycle",
        4,
        False,
    )
    [told_answer] = await store.told(ReviewAnswered)
    assert (str(told_answer.review_id), str(told_answer.order_id), told_answer.changed) == (
        review["id"],
        order_id,
        False,
    )
    [rated] = await store.told(SellerRated)
    assert (rated.seller_id, rated.reviews, rated.stars) == (seller.id, 1, 4)


async def test_the_same_again_changes_nothing_and_is_told_once(store: Store, buyer: User, seller: User) -> None:
    order_id = await arrived(store, buyer, seller)
    answers = await asyncio.gather(*(write(buyer, order_id) for _ in range(8)))
    assert sorted(response.status_code for response in answers) == [200] * 7 + [201]
    assert len({response.json()["id"] for response in answers}) == 1
    review_id = answers[0].json()["id"]
    said = await asyncio.gather(*(answer(seller, review_id) for _ in range(8)))
    assert {response.status_code for response in said} == {200}
    store.clock.advance(100 * DAY)
    assert (await write(buyer, order_id)).status_code == 200
    assert (await answer(seller, review_id)).status_code == 200
    assert len(await store.told(ReviewWritten)) == len(await store.told(ReviewAnswered)) == 1
    assert await sequences(store, seller) == [1]


async def test_changes_are_counted_told_and_end(store: Store, buyer: User, seller: User) -> None:
    order_id = await arrived(store, buyer, seller)
    review = await written(buyer, order_id, 2, "Late.")
    store.clock.advance(14 * DAY - MINUTE)
    changed = await write(buyer, order_id, 5, "Late, but fine.")
    assert (changed.status_code, changed.json()["written_at"]) == (200, review["written_at"])
    assert _near(changed.json()["changed_at"], store.clock.now())
    words_only = await write(buyer, order_id, 5, "Fine.")
    assert words_only.json()["text"] == "Fine."
    assert [(told.stars, told.changed) for told in await store.told(ReviewWritten)] == [
        (2, False),
        (5, True),
        (5, True),
    ]
    assert [(told.reviews, told.stars) for told in await store.told(SellerRated)] == [(1, 2), (1, 5)]
    assert await sequences(store, seller) == [1, 2]

    await answer(seller, review["id"], "Thanks!")
    store.clock.advance(MINUTE)
    late = await write(buyer, order_id, 1)
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "too-late-to-change")
    assert (await buyer.order(order_id))["actions"] == []
    store.clock.advance(14 * DAY - 2 * MINUTE)
    mended = (await answer(seller, review["id"], "Thank you!")).json()["answer"]
    assert mended["text"] == "Thank you!"
    assert _near(mended["changed_at"], store.clock.now())
    store.clock.advance(2 * MINUTE)
    assert (await answer(seller, review["id"], "No.")).status_code == 409
    assert (await seller.order(order_id))["actions"] == ["refund"]
    assert [told.changed for told in await store.told(ReviewAnswered)] == [False, True]


async def test_what_is_changed_again_and_again_is_told_only_so_often(store: Store, buyer: User, seller: User) -> None:
    order_id = await arrived(store, buyer, seller)
    review = await written(buyer, order_id, 5)
    await answer(seller, review["id"], "0")
    for number in range(CHANGES_MAX):
        assert (await write(buyer, order_id, 1 + number % 2)).status_code == 200
        assert (await answer(seller, review["id"], f"{number + 1}")).status_code == 200
    for refused in (await write(buyer, order_id, 3), await answer(seller, review["id"], "more")):
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "changed-too-often")
    assert "review" not in (await buyer.order(order_id))["actions"]
    assert "answer" not in (await seller.order(order_id))["actions"]
    assert len(await store.told(ReviewWritten)) == CHANGES_MAX + 1


async def test_only_what_arrived_and_was_kept_is_reviewed(store: Store, buyer: User, seller: User) -> None:
    purchase = await buyer.place(store.catalogue.offer(seller=seller.id))
    order_id = purchase["orders"][0]["id"]

    async def refused(why: str) -> None:
        response = await write(buyer, order_id)
        assert (response.status_code, why in response.json()["detail"]) == (409, True), response.text
        assert "review" not in (await buyer.order(order_id))["actions"]

    await refused("It has not arrived yet.")
    await store.reserve(purchase["id"])
    await store.capture(purchase["id"])
    await refused("It has not arrived yet.")
    await seller.ask("POST", f"/orders/{order_id}/shipment", {})
    await refused("It has not arrived yet.")
    await buyer.ask("POST", f"/orders/{order_id}/receipt")
    await complete(store, order_id)
    store.clock.advance(60 * DAY)
    late = await write(buyer, order_id)
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "too-late-to-review")
    assert (await buyer.order(order_id))["actions"] == []
    [listed] = (await buyer.ask("GET", "/orders?role=buyer")).json()["items"]
    assert listed["reviewable_until"] is None

    order_id = (await store.buy(buyer, store.catalogue.offer(seller=seller.id)))["id"]
    await seller.ask("POST", f"/orders/{order_id}/cancellation", {})
    await refused("It was cancelled.")
    back = EscrowRefunded(order_id=UUID(order_id), transfer_id=new_id(), amount=euros(1000))
    assert await store.deliver(back, consumer="store.orders") == ["done"]
    await refused("All the money went back")
    assert await store.told(ReviewWritten) == await store.told(SellerRated) == []


async def test_a_part_refunded_may_be_reviewed_but_not_all_of_it(store: Store, buyer: User, seller: User) -> None:
    async def refund(order_id: str, amount: int) -> None:
        line = (await seller.order(order_id))["lines"][0]["id"]
        lines = [{"line_id": line, "amount": {"amount": amount, "currency": "EUR"}}]
        headers = {"idempotency-key": str(new_id())}
        done = await seller.ask("POST", f"/orders/{order_id}/refunds", {"lines": lines}, headers=headers)
        assert done.status_code == 200, done.text

    partly, wholly = await arrived(store, buyer, seller), await arrived(store, buyer, seller)
    await refund(partly, 999)
    assert (await write(buyer, partly, 1)).status_code == 201
    await refund(wholly, 1000)
    refused = await write(buyer, wholly, 1)
    assert (refused.status_code, "All the money went back" in refused.json()["detail"]) == (409, True)
    assert (await buyer.order(wholly))["actions"] == []
    await refund(partly, 1)
    assert (await write(buyer, partly, 2)).status_code == 200, "what was written before stays its author's"
    assert (await reviews_of(buyer, seller))["summary"]["counts"] == [0, 1, 0, 0, 0]


async def test_fifty_buyers_at_once_are_counted_exactly(store: Store, seller: User) -> None:
    orders = []
    for _ in range(50):
        buyer = store.user()
        orders.append((buyer, await arrived(store, buyer, seller)))
    stars = [1 + number % 5 for number in range(50)]
    given = await asyncio.gather(
        *(write(buyer, order_id, s) for (buyer, order_id), s in zip(orders, stars, strict=True))
    )
    assert {response.status_code for response in given} == {201}
    assert (await reviews_of(seller, seller))["summary"] == {"reviews": 50, "stars": 150, "counts": [10] * 5}
    told = await store.told(SellerRated)
    assert sorted(await sequences(store, seller)) == list(range(1, 51))
    assert sorted(event.reviews for event in told) == list(range(1, 51))
    by_version = dict(zip(await sequences(store, seller), told, strict=True))
    assert all(event.reviews == version for version, event in by_version.items())
    assert by_version[50].stars == 150
    await asyncio.gather(*(write(buyer, order_id, 5) for buyer, order_id in orders))
    assert (await reviews_of(seller, seller))["summary"] == {"reviews": 50, "stars": 250, "counts": [0, 0, 0, 0, 50]}
    assert sorted(await sequences(store, seller)) == list(range(1, 91)), "whoever gave five before changed nothing"


async def test_changing_and_removing_at_once_agree(store: Store, seller: User, judge: User) -> None:
    for _ in range(6):
        buyer = store.user()
        order_id = await arrived(store, buyer, seller)
        review = await written(buyer, order_id, 5)
        changed, removed = await asyncio.gather(
            write(buyer, order_id, 1), decide(judge, review["id"], "remove", reason="untrue")
        )
        assert removed.status_code == 201
        assert changed.status_code in (200, 409)
    assert (await reviews_of(seller, seller))["summary"] == {"reviews": 0, "stars": 0, "counts": [0] * 5}
    assert await sequences(store, seller) == list(range(1, len(await sequences(store, seller)) + 1))


async def test_only_the_buyer_reviews_and_only_the_seller_answers(
    store: Store, buyer: User, seller: User, judge: User
) -> None:
    order_id = await arrived(store, buyer, seller)
    assert (await write(seller, order_id)).status_code == 403
    for stranger in (store.user(), judge):
        assert (await write(stranger, order_id)).status_code == 404
    assert (await write(buyer, str(new_id()))).status_code == 404
    review = await written(buyer, order_id)
    for other in (buyer, store.user(), judge):
        assert (await answer(other, review["id"])).status_code == 403
    assert (await answer(seller, str(new_id()))).status_code == 404
    assert (await store.user().ask("GET", f"/reviews/{new_id()}")).status_code == 404
    assert await store.told(ReviewAnswered) == []


async def test_bad_input_names_the_field(store: Store, buyer: User, seller: User, judge: User) -> None:
    order_id = await arrived(store, buyer, seller)
    path = f"/orders/{order_id}/review"
    for body, field in (
        ({"stars": 0}, "stars"),
        ({"stars": 6}, "stars"),
        ({"stars": -1}, "stars"),
        ({"stars": 4.5}, "stars"),
        ({"stars": "five"}, "stars"),
        ({"stars": None}, "stars"),
        ({"stars": 10**30}, "stars"),
        ({"text": "fine"}, "stars"),
        ({"stars": 5, "text": "x" * 2001}, "text"),
        ({"stars": 5, "text": 5}, "text"),
        ({"stars": 5, "text": "a\x00b"}, "text"),
        ({"stars": 5, "text": "a\x1bb"}, "text"),
    ):
        response = await buyer.ask("PUT", path, body)
        assert response.status_code in (400, 422), (body, response.text)
        assert field in str(response.json()["errors"]), (body, response.text)
    for content in (b'{"stars": 5, "text": "\\ud800"}', b"[]", b"{", b"", b'{"stars": 5}{}'):
        headers = {"content-type": "application/json"}
        response = await buyer.ask("PUT", path, content=content, headers=headers)
        assert response.status_code in (400, 422), (content, response.text)
    assert (await buyer.ask("PUT", "/orders/x/review", {"stars": 5})).status_code == 404
    assert (await buyer.order(order_id))["review"] is None
    review = await written(buyer, order_id, 5, "")
    for words in ("", "  \n ", "x" * 2001, "a\x00b", None, 5):
        response = await answer(seller, review["id"], words)
        assert (response.status_code in (400, 422), "text" in str(response.json()["errors"])) == (True, True), words
    for query in ("stars=0", "stars=6", "stars=x", "cursor=x", f"cursor={seller.id}", "limit=0", "limit=101"):
        response = await buyer.ask("GET", f"/sellers/{seller.id}/reviews?{query}")
        assert response.status_code == 400, (query, response.text)
    for body in (
        {"reason": "boring"},
        {},
        {"reason": "untrue", "text": "x" * 1001},
        {"reason": "other", "text": "\x00"},
    ):
        response = await seller.ask("POST", f"/reviews/{review['id']}/reports", body)
        assert response.status_code in (400, 422), (body, response.text)
    for body in (
        {"action": "burn"},
        {},
        {"action": "remove"},
        {"action": "remove", "reason": "x"},
        {"action": "remove", "reason": "other", "about": "stars"},
        {"action": "remove", "reason": "other", "text": "x" * 1001},
        {"action": "remove", "reason": "other", "text": "\x00"},
    ):
        response = await judge.ask("POST", f"/moderation/reviews/{review['id']}/decisions", body)
        assert response.status_code in (400, 422), (body, response.text)
    for cursor in ("x", "é", "AAAA", "w" * 201):
        response = await judge.ask("GET", "/moderation/reviews", params={"cursor": cursor})
        assert response.status_code in (400, 422), cursor
    seen = (await reviews_of(buyer, seller))["items"]
    assert [(item["text"], item["answer"]) for item in seen] == [("", None)]


async def test_pages_go_from_the_newest_on(store: Store, seller: User) -> None:
    written_ids = []
    for number in range(7):
        buyer = store.user()
        review = await written(buyer, await arrived(store, buyer, seller), 5 if number % 2 else 3)
        written_ids.insert(0, review["id"])
    first = await reviews_of(seller, seller, "?limit=3")
    buyer = store.user()
    await written(buyer, await arrived(store, buyer, seller), 1)
    second = await reviews_of(seller, seller, f"?limit=3&cursor={first['next_cursor']}")
    third = await reviews_of(seller, seller, f"?limit=3&cursor={second['next_cursor']}")
    pages = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert (pages, third["next_cursor"]) == (written_ids, None)
    fives = await reviews_of(seller, seller, "?stars=5")
    assert [item["id"] for item in fives["items"]] == written_ids[1::2]
    assert fives["summary"] == {"reviews": 8, "stars": 28, "counts": [1, 0, 4, 0, 3]}
    nobody = await reviews_of(seller, store.user())
    assert nobody == {"items": [], "next_cursor": None, "summary": {"reviews": 0, "stars": 0, "counts": [0] * 5}}


async def test_a_case_from_the_report_to_the_restoration(store: Store, buyer: User, seller: User, judge: User) -> None:
    order_id = await arrived(store, buyer, seller)
    review = await written(buyer, order_id, 1, "A thief!")
    await written(other := store.user(), await arrived(store, other, seller), 5)
    review_id = review["id"]
    for _ in range(2):
        assert (await report(seller, review_id, "offensive", "Calls me a thief.")).status_code == 204
    assert (await report(store.user(), review_id)).status_code == 204
    assert (await report(buyer, review_id)).status_code == 409
    assert (await judge.order(order_id))["address"], "a case about the order waits"
    [case] = (await judge.ask("GET", "/moderation/reviews")).json()["items"]
    assert (case["reports"], case["review"]["id"], case["order_id"]) == (2, review_id, order_id)
    assert (await decide(judge, review_id, "restore")).status_code == 409
    assert (await decide(judge, review_id, "remove")).status_code == 422
    removed = await decide(judge, review_id, "remove", reason="offensive", text="No insults.")
    assert removed.status_code == 201, removed.text
    story = removed.json()
    assert (story["case"]["reports"], story["case"]["waiting_since"]) == (0, None)
    assert [record["action"] for record in story["records"]] == ["removed", "reported", "reported"]
    assert (story["records"][0]["actor_id"], story["records"][0]["text"]) == (str(judge.id), "No insults.")
    assert len(story["reports"]) == 2
    assert (await judge.order(order_id))["address"] is None, "it is decided"
    assert (await decide(judge, review_id, "remove", reason="other")).status_code == 409
    assert (await decide(judge, review_id, "leave")).status_code == 409

    public = await reviews_of(store.user(), seller)
    assert (len(public["items"]), public["summary"]) == (1, {"reviews": 1, "stars": 5, "counts": [0, 0, 0, 0, 1]})
    assert (await store.user().ask("GET", f"/reviews/{review_id}")).status_code == 404
    assert (await report(store.user(), review_id)).status_code == 404
    mine = await buyer.order(order_id)
    assert (mine["review"]["removal"]["reason"], mine["review"]["removal"]["text"]) == ("offensive", "No insults.")
    assert mine["actions"] == []
    assert (await write(buyer, order_id, 2)).json()["type"].endswith("/review-removed")
    assert (await write(buyer, order_id, 1, "A thief!")).status_code == 200
    assert (await answer(seller, review_id)).status_code == 409
    theirs = await seller.order(order_id)
    assert (theirs["review"], theirs["actions"]) == (None, ["refund"])
    assert (await judge.ask("GET", f"/reviews/{review_id}")).json()["removal"]["reason"] == "offensive"

    assert (await decide(judge, review_id, "restore", text="Read again.")).status_code == 201
    assert (await reviews_of(buyer, seller))["summary"]["counts"] == [1, 0, 0, 0, 1]
    assert (await buyer.order(order_id))["review"]["removal"] is None
    assert [(told.outcome, told.reason, told.text) for told in await store.told(ReviewModerated)] == [
        ("removed", "offensive", "No insults."),
        ("restored", None, "Read again."),
    ]
    assert [(told.reviews, told.stars) for told in await store.told(SellerRated)] == [(1, 1), (2, 6), (1, 5), (2, 6)]
    assert await sequences(store, seller) == [1, 2, 3, 4]


async def test_every_reason_is_told(store: Store, buyer: User, seller: User, judge: User) -> None:
    review_id = (await written(buyer, await arrived(store, buyer, seller)))["id"]
    reasons = get_args(ReviewRemovalReason)
    for reason in reasons:
        assert (await decide(judge, review_id, "remove", reason=reason)).status_code == 201
        assert (await decide(judge, review_id, "restore")).status_code == 201
    told = await store.told(ReviewModerated)
    assert [event.reason for event in told if event.outcome == "removed"] == list(reasons)


async def test_an_answer_is_removed_and_restored_alone(store: Store, buyer: User, seller: User, judge: User) -> None:
    order_id = await arrived(store, buyer, seller)
    review_id = (await written(buyer, order_id, 2, "It broke."))["id"]
    part = {"about": "answer", "reason": "offensive"}
    assert (await decide(judge, review_id, "remove", **part)).status_code == 409, "there is none yet"
    assert (await report(buyer, review_id)).status_code == 409, "so far it is only the reviewer's own"
    await answer(seller, review_id, "You fool.")
    assert (await report(buyer, review_id, "offensive", "The answer.")).status_code == 204
    assert (await decide(judge, review_id, "restore", about="answer")).status_code == 409
    assert (await decide(judge, review_id, "remove", about="answer")).status_code == 422
    done = await decide(judge, review_id, "remove", text="No insults.", **part)
    assert done.status_code == 201, done.text
    assert done.json()["case"]["review"]["answer"]["removal"]["text"] == "No insults."
    assert done.json()["records"][0]["action"] == "answer_removed"
    assert (await decide(judge, review_id, "remove", **part)).status_code == 409
    for reader in (buyer, store.user()):
        [seen] = (await reviews_of(reader, seller))["items"]
        assert (seen["text"], seen["answer"]) == ("It broke.", None)
    assert (await buyer.order(order_id))["review"]["answer"] is None
    mine = await seller.order(order_id)
    assert (mine["review"]["answer"]["text"], mine["review"]["answer"]["removal"]["reason"]) == (
        "You fool.",
        "offensive",
    )
    assert (mine["review"]["removal"], mine["actions"]) == (None, ["refund"])
    for words in ("You fool.", "Sorry."):
        assert (await answer(seller, review_id, words)).json()["type"].endswith("/review-removed")
    assert (await decide(judge, review_id, "remove", reason="untrue")).status_code == 201
    assert (await decide(judge, review_id, "restore")).status_code == 201
    assert (await reviews_of(buyer, seller))["items"][0]["answer"] is None, "what was removed alone stays so"
    assert (await decide(judge, review_id, "restore", about="answer")).status_code == 201
    assert (await reviews_of(buyer, seller))["items"][0]["answer"]["text"] == "You fool."
    told = [(event.about, event.outcome) for event in await store.told(ReviewModerated)]
    assert told == [("answer", "removed"), ("review", "removed"), ("review", "restored"), ("answer", "restored")]
    assert [event.reviews for event in await store.told(SellerRated)] == [1, 0, 1], "an answer counts for nothing"


async def test_reports_are_dismissed_and_may_come_again(store: Store, buyer: User, seller: User, judge: User) -> None:
    review_id = (await written(buyer, await arrived(store, buyer, seller)))["id"]
    assert (await judge.ask("GET", f"/moderation/reviews/{review_id}")).status_code == 404
    await report(seller, review_id)
    assert (await decide(judge, review_id, "leave", text="It is fair.")).status_code == 201
    assert (await judge.ask("GET", "/moderation/reviews")).json()["items"] == []
    await report(store.user(), review_id)
    [case] = (await judge.ask("GET", "/moderation/reviews")).json()["items"]
    assert case["reports"] == 1
    assert await store.told(ReviewModerated) == []
    assert (await reviews_of(buyer, seller))["summary"]["reviews"] == 1


async def test_the_longest_waiting_comes_first(store: Store, seller: User, judge: User) -> None:
    ids = []
    for _ in range(5):
        buyer = store.user()
        ids.append((await written(buyer, await arrived(store, buyer, seller)))["id"])
        store.clock.advance(MINUTE)
    for review_id in reversed(ids):
        await report(seller, review_id)
        store.clock.advance(MINUTE)
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await judge.ask("GET", "/moderation/reviews", params=params)).json()
        seen += [case["review"]["id"] for case in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ids[::-1]


async def test_moderators_do_not_judge_their_own(store: Store) -> None:
    buyer, seller = store.user(None, "moderator"), store.user(None, "admin")
    review_id = (await written(buyer, await arrived(store, buyer, seller)))["id"]
    await report(seller, review_id)
    for own in (buyer, seller):
        refused = await decide(own, review_id, "remove", reason="untrue")
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "own-review")
    for path in ("/moderation/reviews", f"/moderation/reviews/{review_id}"):
        assert (await store.user().ask("GET", path)).status_code == 403
    assert (await decide(store.user(), review_id, "remove", reason="untrue")).status_code == 403
    assert (await decide(store.user(None, "moderator"), str(new_id()), "leave")).status_code == 404


async def test_nobody_reports_without_end(store: Store, seller: User) -> None:
    ids = []
    for _ in range(REPORTS_PER_DAY_MAX + 1):
        buyer = store.user()
        ids.append((await written(buyer, await arrived(store, buyer, seller)))["id"])
    answers = await asyncio.gather(*(report(seller, review_id) for review_id in ids))
    assert sorted(response.status_code for response in answers) == [204] * REPORTS_PER_DAY_MAX + [429]
    store.clock.advance(DAY + timedelta(seconds=1))
    [left] = [id for id, response in zip(ids, answers, strict=True) if response.status_code == 429]
    assert (await report(seller, left)).status_code == 204


async def test_replayed_and_late_events_leave_the_review_as_it_is(store: Store, buyer: User, seller: User) -> None:
    order_id = await arrived(store, buyer, seller)
    await written(buyer, order_id, 4)
    settled = EscrowSettled(order_id=UUID(order_id), transfer_id=new_id(), to_seller=euros(950), fee=euros(50))
    event_id = new_id()
    for _ in range(2):
        assert await store.deliver(settled, consumer="store.orders", event_id=event_id) == ["done"]
    assert await store.deliver(settled, consumer="store.orders") == ["done"]
    after = await buyer.order(order_id)
    assert (after["status"], after["review"]["stars"], after["actions"]) == ("completed", 4, ["review"])
    assert await sequences(store, seller) == [1]


async def test_the_database_itself_refuses(store: Store, buyer: User, seller: User, judge: User) -> None:
    review_id = (await written(buyer, await arrived(store, buyer, seller)))["id"]
    await report(seller, review_id)
    for change in (
        "UPDATE review SET stars = 6",
        "UPDATE review SET stars = 0",
        "UPDATE review SET seller_id = buyer_id",
        "UPDATE review SET buyer_id = gen_random_uuid()",
        "UPDATE review SET order_id = gen_random_uuid()",
        "UPDATE review SET answer = 'x'",
        "DELETE FROM review",
        "TRUNCATE review CASCADE",
        "UPDATE seller_rating SET stars = stars + 1",
        "UPDATE seller_rating SET reviews = reviews + 1",
        "UPDATE seller_rating SET ones = ones - 1, reviews = reviews - 1, stars = stars - 1",
        "DELETE FROM seller_rating",
        "UPDATE review_report SET words = 'x'",
        "DELETE FROM review_report",
        "UPDATE review_record SET actor_id = gen_random_uuid()",
        "DELETE FROM review_record",
        "DELETE FROM review_case",
        "INSERT INTO review (id, order_id, buyer_id, seller_id, stars, words, written_at, changes, answer_changes, version) "
        "SELECT gen_random_uuid(), order_id, buyer_id, seller_id, 1, '', now(), 0, 0, 1 FROM review",
        "UPDATE review_case SET reason = 'other'",
    ):
        with pytest.raises(DBAPIError):
            async with store.database.transaction() as session:
                await session.execute(text(change))


def _near(text: str, moment: datetime) -> bool:
    return abs(datetime.fromisoformat(text) - moment) < MINUTE / 2
