"""Two people write to each other about a listing."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from souk.contracts.store.messages import EXCERPT_CHARS_MAX, MESSAGE_CHARS_MAX
from souk.contracts.store.thread_events import MessageSent, ThreadSeen, ThreadWaited
from souk.ids import new_id
from store.messages import messages as module
from store.messages.rules import NEW_FOR, OPENED_NEW_MAX, UNANSWERED_NEW_MAX, excerpt
from tests.store.harness import Store, User

TEN_MINUTES = timedelta(minutes=10)


async def ask(who: User, listing_id: UUID, words: str = "Is it still there?", key: str = "") -> httpx.Response:
    body = {"listing_id": str(listing_id), "text": words}
    return await who.ask("POST", "/threads", body, headers={"idempotency-key": key or str(uuid4())})


async def write(who: User, thread_id: str, words: str, key: str = "") -> httpx.Response:
    headers = {"idempotency-key": key or str(uuid4())}
    return await who.ask("POST", f"/threads/{thread_id}/messages", {"text": words}, headers=headers)


async def asked(who: User, listing_id: UUID, words: str = "Is it still there?") -> str:
    """A thread that was opened, by its id."""
    answer = await ask(who, listing_id, words)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["thread_id"])


async def thread_of(who: User, thread_id: str, **params: Any) -> dict[str, Any]:
    answer = await who.ask("GET", f"/threads/{thread_id}", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def inbox(who: User, **params: Any) -> dict[str, Any]:
    answer = await who.ask("GET", "/threads", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


async def test_somebody_asks_and_is_answered(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamp = store.catalogue.offer(seller=seller.id, title="Lamp", picture="lamp.webp")
    thread_id = await asked(buyer, lamp, "  Is it\r\nstill there?  ")
    assert (await write(seller, thread_id, "It is.")).status_code == 201
    found = await thread_of(buyer, thread_id)
    assert [(one["number"], one["by"], one["text"]) for one in found["items"]] == [
        (1, "buyer", "Is it\nstill there?"),
        (2, "seller", "It is."),
    ]
    thread = found["thread"]
    assert (thread["role"], thread["title"], thread["picture"], thread["messages"]) == ("buyer", "Lamp", "lamp.webp", 2)
    assert (thread["last_by"], thread["last_text"], thread["unread"]) == ("seller", "It is.", 1)
    assert (await thread_of(seller, thread_id))["thread"]["role"] == "seller"
    told = await store.told(MessageSent)
    assert [(one.sender_id, one.recipient_id, one.message, one.title) for one in told] == [
        (buyer.id, seller.id, 1, "Lamp"),
        (seller.id, buyer.id, 2, "Lamp"),
    ]


async def test_one_thread_for_a_listing_and_whoever_asks(store: Store) -> None:
    buyer, another = store.user(), store.user()
    lamp = store.catalogue.offer()
    first = await asked(buyer, lamp)
    assert await asked(buyer, lamp, "And how old is it?") == first
    assert await asked(another, lamp) != first
    assert (await thread_of(buyer, first))["thread"]["messages"] == 2


async def test_nobody_else_reads_or_writes(store: Store) -> None:
    buyer, stranger, moderator = store.user(), store.user(), store.user(None, "moderator")
    thread_id = await asked(buyer, store.catalogue.offer())
    for other in (stranger, moderator):
        for answer in (
            await other.ask("GET", f"/threads/{thread_id}"),
            await write(other, thread_id, "Hello"),
            await other.ask("PUT", f"/threads/{thread_id}/seen", {"number": 1}),
        ):
            assert (answer.status_code, code(answer)) == (404, "thread-not-yours")
        assert (await inbox(other))["items"] == []
    assert (await thread_of(buyer, thread_id))["thread"]["messages"] == 1


async def test_what_cannot_be_asked(store: Store) -> None:
    buyer = store.user()
    sold = store.catalogue.offer(available=0)
    mine = store.catalogue.offer(seller=buyer.id)
    assert code(await ask(buyer, sold)) == "nothing-to-ask"
    assert code(await ask(buyer, new_id())) == "nothing-to-ask"
    assert code(await ask(buyer, mine)) == "own-thread"
    lamp = store.catalogue.offer()
    assert code(await ask(buyer, lamp, " \n ")) == "message-needed"
    assert (await ask(buyer, lamp, "a" * (MESSAGE_CHARS_MAX + 1))).status_code == 400
    assert code(await ask(buyer, lamp, "bell \x07")) == "control-characters"
    for both in ({}, {"listing_id": str(lamp), "order_id": str(new_id())}):
        answer = await buyer.ask("POST", "/threads", {"text": "Hello", **both}, headers={"idempotency-key": "one"})
        assert code(answer) == "listing-or-order"
    assert await store.query("SELECT id FROM thread") == []


async def test_a_thread_goes_on_when_the_listing_is_gone(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamp = store.catalogue.offer(seller=seller.id)
    thread_id = await asked(buyer, lamp)
    store.catalogue.change(lamp, status="withdrawn")
    assert (await ask(buyer, lamp, "Where is it?")).json()["thread_id"] == thread_id
    assert (await write(seller, thread_id, "I keep it.")).status_code == 201


async def test_it_goes_on_as_the_orders_thread(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamp = store.catalogue.offer(seller=seller.id)
    thread_id = await asked(buyer, lamp)
    order = await store.buy(buyer, lamp)
    for who in (seller, buyer):
        body = {"order_id": order["id"], "text": "About the parcel"}
        answer = await who.ask("POST", "/threads", body, headers={"idempotency-key": str(uuid4())})
        assert (answer.status_code, answer.json()["thread_id"]) == (201, thread_id)
        [found] = (await inbox(who, order_id=order["id"]))["items"]
        assert found["id"] == thread_id
        assert (await thread_of(who, thread_id))["order"]["number"] == order["number"]
    stranger = store.user()
    body = {"order_id": order["id"], "text": "About the parcel"}
    answer = await stranger.ask("POST", "/threads", body, headers={"idempotency-key": "mine"})
    assert (answer.status_code, code(answer)) == (404, "order-not-yours")


async def test_a_seller_may_write_first_about_an_order(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    order = await store.buy(buyer, store.catalogue.offer(seller=seller.id, title="Vase"))
    body = {"order_id": order["id"], "text": "Is Monday early enough?"}
    answer = await seller.ask("POST", "/threads", body, headers={"idempotency-key": "first"})
    assert answer.status_code == 201
    [thread] = (await inbox(buyer))["items"]
    assert (thread["title"], thread["last_by"], thread["unread"]) == ("Vase", "seller", 1)


async def test_sent_again_under_its_key_it_is_sent_once(store: Store) -> None:
    buyer = store.user()
    lamp = store.catalogue.offer()
    first = await ask(buyer, lamp, key="mine")
    again = await ask(buyer, lamp, key='"mine"')
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["message"]["id"] == again.json()["message"]["id"]
    other = await ask(buyer, lamp, "Something else", key="mine")
    assert (other.status_code, code(other)) == (409, "key-of-another-message")
    assert len(await store.told(MessageSent)) == 1
    thread_id = first.json()["thread_id"]
    assert [(await write(buyer, thread_id, "Hello?", "next")).status_code for _ in range(2)] == [201, 200]
    assert (await thread_of(buyer, thread_id))["thread"]["messages"] == 2


async def test_sent_twice_at_once_it_is_sent_once(store: Store) -> None:
    buyer = store.user()
    lamp = store.catalogue.offer()
    answers = await asyncio.gather(*(ask(buyer, lamp, key="mine") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    thread_id = answers[0].json()["thread_id"]
    answers = await asyncio.gather(*(write(buyer, thread_id, "Hello?", "next") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert (await thread_of(buyer, thread_id))["thread"]["messages"] == 2
    assert len(await store.told(MessageSent)) == 2


async def test_both_write_at_once_and_every_message_has_its_place(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id))
    answers = await asyncio.gather(
        *(write(who, thread_id, f"{who.id} {number}") for number in range(8) for who in (buyer, seller)),
        *(buyer.ask("PUT", f"/threads/{thread_id}/seen", {"number": 9}) for _ in range(3)),
    )
    assert {answer.status_code for answer in answers} == {201, 204}
    found = await thread_of(buyer, thread_id, limit=50)
    assert [one["number"] for one in found["items"]] == list(range(1, 18))
    assert {one["text"] for one in found["items"][1:]} == {f"{who.id} {n}" for n in range(8) for who in (buyer, seller)}


async def test_two_first_messages_at_once_open_one_thread(store: Store) -> None:
    buyer = store.user()
    lamp = store.catalogue.offer()
    answers = await asyncio.gather(*(ask(buyer, lamp, f"Question {number}") for number in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["thread_id"] for answer in answers}) == 1


async def test_what_was_seen_is_told_to_the_other(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id))
    for words in ("Hello?", "Anybody?"):
        await write(buyer, thread_id, words)
    assert (await inbox(seller))["unread"] == 1
    assert (await thread_of(seller, thread_id))["thread"]["unread"] == 3
    assert (await thread_of(buyer, thread_id))["seen_by_other"] == 0
    for number in (2, 2, 1):
        assert (await seller.ask("PUT", f"/threads/{thread_id}/seen", {"number": number})).status_code == 204
    assert (await thread_of(seller, thread_id))["thread"]["unread"] == 1
    await seller.ask("PUT", f"/threads/{thread_id}/seen", {"number": 99})
    assert ((await inbox(seller))["unread"], (await thread_of(buyer, thread_id))["seen_by_other"]) == (0, 3)
    told = [(one.user_id, one.sender_id, one.message) for one in await store.told(ThreadSeen)]
    assert told == [(seller.id, buyer.id, 2), (seller.id, buyer.id, 3)]
    assert (await thread_of(buyer, thread_id))["thread"]["unread"] == 0, "nobody has to read their own"


async def test_the_inbox_has_the_newest_on_top_and_pages_by_key(store: Store) -> None:
    buyer = store.user()
    opened = [await asked(buyer, store.catalogue.offer(title=f"Lamp {number}")) for number in range(5)]
    await write(buyer, opened[0], "And?")
    expected = [opened[0], *opened[:0:-1]]
    first = await inbox(buyer, limit=3)
    second = await inbox(buyer, limit=3, cursor=first["next_cursor"])
    assert [one["id"] for one in (*first["items"], *second["items"])] == expected
    assert second["next_cursor"] is None
    assert code(await store.user().ask("GET", "/threads", params={"cursor": first["next_cursor"]})) == "bad-cursor"


async def test_earlier_messages_come_by_pages(store: Store) -> None:
    buyer = store.user()
    thread_id = await asked(buyer, store.catalogue.offer(), "1")
    for number in range(2, 8):
        await write(buyer, thread_id, str(number))
    found, texts = await thread_of(buyer, thread_id, limit=3), []
    while True:
        texts.append([one["text"] for one in found["items"]])
        if found["next_cursor"] is None:
            break
        found = await thread_of(buyer, thread_id, limit=3, before=found["next_cursor"])
    assert texts == [["5", "6", "7"], ["2", "3", "4"], ["1"]]


async def test_who_does_not_read_is_told_once_until_they_have_read(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id, title="Lamp"))
    store.clock.advance(TEN_MINUTES - timedelta(seconds=30))
    assert await store.sweep("unread messages") == 0
    await write(buyer, thread_id, "Hello?")
    store.clock.advance(timedelta(seconds=31))
    assert await store.sweep("unread messages") == 1
    [waited] = await store.told(ThreadWaited)
    assert (waited.recipient_id, waited.sender_id, waited.title, waited.message) == (seller.id, buyer.id, "Lamp", 2)
    await write(buyer, thread_id, "Anybody?")
    store.clock.advance(TEN_MINUTES)
    assert await store.sweep("unread messages") == 0, "one for each thread until it is read"
    await seller.ask("PUT", f"/threads/{thread_id}/seen", {"number": 3})
    await write(buyer, thread_id, "Thank you.")
    store.clock.advance(TEN_MINUTES)
    assert await store.sweep("unread messages") == 1


async def test_who_has_read_is_not_told(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id))
    await seller.ask("PUT", f"/threads/{thread_id}/seen", {"number": 1})
    store.clock.advance(TEN_MINUTES)
    assert await store.sweep("unread messages") == 0


async def test_a_thread_that_is_full_takes_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer = store.user()
    thread_id = await asked(buyer, store.catalogue.offer())
    monkeypatch.setattr(module, "MESSAGES_MAX", 2)
    assert (await write(buyer, thread_id, "One more")).status_code == 201
    assert code(await write(buyer, thread_id, "And another")) == "thread-full"


async def test_a_message_cannot_be_changed(store: Store) -> None:
    await asked(store.user(), store.catalogue.offer())
    with pytest.raises(Exception, match="permission denied"):
        await store.execute("UPDATE message SET words = 'something else'")


async def test_long_threads_are_read_by_their_key(store: Store) -> None:
    """However many messages there are, a page of them costs what a page costs."""
    buyer = store.user()
    thread_id = await asked(buyer, store.catalogue.offer())
    await store.execute(f"""
        INSERT INTO message (thread_id, number, id, by, words, request_hash, at)
        SELECT '{thread_id}', n, gen_random_uuid(), 'buyer', 'Words', '', now() FROM generate_series(2, 10000) n
    """)
    await store.execute("UPDATE thread SET messages = 10000")
    await store.execute("UPDATE thread_side SET unread = 10000 WHERE side = 'seller'")
    async with store.database.reading() as session:
        plan = "\n".join(
            await session.scalars(
                text(f"""EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) SELECT * FROM message
                     WHERE thread_id = '{thread_id}' AND number < 10001 ORDER BY number DESC LIMIT 51""")
            )
        )
    assert "Index Scan Backward using pk_message" in plan
    assert "Sort" not in plan
    assert "rows=51" in plan.splitlines()[0]
    found = await thread_of(buyer, thread_id, limit=50)
    assert [found["items"][0]["number"], found["items"][-1]["number"]] == [9951, 10000]


def test_a_message_begins_on_one_line() -> None:
    assert excerpt("Hello,\n\nis it  there?") == "Hello, is it there?"
    long = excerpt("word " * 100)
    assert (len(long) <= EXCERPT_CHARS_MAX, long[-5:]) == (True, "word…")


async def test_the_audit_notices_what_does_not_fit(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id))
    for fault, mended, check in (
        ("UPDATE thread SET messages = 2", "UPDATE thread SET messages = 1", "threads have two sides"),
        (
            f"UPDATE thread_side SET user_id = '{new_id()}' WHERE side = 'seller'",
            f"UPDATE thread_side SET user_id = '{seller.id}' WHERE side = 'seller'",
            "threads have two sides",
        ),
        (
            "UPDATE thread_side SET unread = 2 WHERE side = 'seller'",
            "UPDATE thread_side SET unread = 1 WHERE side = 'seller'",
            "what is unread",
        ),
        (
            "UPDATE thread_side SET remind_at = now() - interval '1 hour' WHERE side = 'seller'",
            "UPDATE thread_side SET remind_at = NULL",
            "nobody waits to be told",
        ),
    ):
        await store.execute(fault)
        assert thread_id in str(await store.violations()), check
        await store.execute(mended)
        assert await store.violations() == []


async def block(who: User, thread_id: str, method: str = "PUT") -> None:
    answer = await who.ask(method, f"/threads/{thread_id}/block")
    assert answer.status_code == 204, answer.text


async def test_who_is_blocked_writes_no_more(store: Store) -> None:
    buyer, seller, stranger = store.user(), store.user(), store.user()
    lamp, vase = (store.catalogue.offer(seller=seller.id) for _ in range(2))
    thread_id = await asked(buyer, lamp)
    for _ in range(2):
        await block(seller, thread_id)
    assert code(await write(buyer, thread_id, "Hello?")) == "blocked-by-them"
    assert code(await ask(buyer, vase)) == "blocked-by-them", "in no thread"
    assert code(await write(seller, thread_id, "Go away")) == "blocked-by-you"
    assert (await ask(stranger, lamp)).status_code == 201
    states = [(await thread_of(who, thread_id))["blocked"] for who in (seller, buyer)]
    assert states == ["by_you", "by_other"]
    await block(buyer, thread_id, "DELETE")
    assert code(await write(buyer, thread_id, "Hello?")) == "blocked-by-them", "only who blocked takes it back"
    await block(seller, thread_id, "DELETE")
    assert (await write(buyer, thread_id, "Hello?")).status_code == 201
    answer = await stranger.ask("PUT", f"/threads/{thread_id}/block")
    assert (answer.status_code, code(answer)) == (404, "thread-not-yours")


async def test_nothing_is_sent_once_a_block_is_answered(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamp, vase = (store.catalogue.offer(seller=seller.id) for _ in range(2))
    thread_id = await asked(buyer, lamp)
    there = []

    async def blocking() -> None:
        await block(seller, thread_id)
        there.append(await store.query("SELECT count(*) FROM message"))

    answers = await asyncio.gather(
        *(write(buyer, thread_id, f"Hello {number}") for number in range(4)),
        ask(buyer, vase),
        blocking(),
        *(write(buyer, thread_id, f"Hello again {number}") for number in range(4)),
    )
    sent = [answer for answer in answers if answer is not None and answer.status_code == 201]
    refused = [answer for answer in answers if answer is not None and answer.status_code != 201]
    assert {code(answer) for answer in refused} <= {"blocked-by-them"}
    assert await store.query("SELECT count(*) FROM message") == there[0] == [(len(sent) + 1,)]
    assert code(await ask(buyer, vase)) == "blocked-by-them"


async def test_a_new_account_asks_few_people_a_day(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    lamps = [store.catalogue.offer(seller=seller.id) for _ in range(OPENED_NEW_MAX + 2)]
    answers = await asyncio.gather(*(ask(buyer, lamp) for lamp in lamps[:-1]))
    assert sorted(answer.status_code for answer in answers) == [201] * OPENED_NEW_MAX + [429]
    order = await store.buy(buyer, lamps[-1])
    body = {"order_id": order["id"], "text": "About my order"}
    answer = await buyer.ask("POST", "/threads", body, headers={"idempotency-key": "order"})
    assert answer.status_code == 201, "who bought something is no stranger"
    store.clock.advance(timedelta(days=1, minutes=1))
    await store.sweep("unread messages")
    assert (await ask(buyer, store.catalogue.offer())).status_code == 201
    store.clock.advance(NEW_FOR)
    for _ in range(OPENED_NEW_MAX + 1):
        assert (await ask(buyer, store.catalogue.offer())).status_code == 201, "it is not new any more"


async def test_who_gets_no_answer_stops_writing(store: Store) -> None:
    buyer, seller = store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id))
    for number in range(1, UNANSWERED_NEW_MAX):
        assert (await write(buyer, thread_id, f"Hello {number}")).status_code == 201
    assert code(await write(buyer, thread_id, "Hello")) == "not-answered"
    assert (await write(seller, thread_id, "Yes?")).status_code == 201
    assert (await write(buyer, thread_id, "At last")).status_code == 201


async def test_what_leads_away_is_told_beside_it(store: Store) -> None:
    buyer = store.user()
    thread_id = await asked(buyer, store.catalogue.offer(), "Pay me by bank transfer: +353 86 123 4567")
    [found] = (await thread_of(buyer, thread_id))["items"]
    assert (found["text"], found["warnings"]) == ("Pay me by bank transfer: +353 86 123 4567", ["payment", "phone"])
