"""Threads that are reported, and what moderators do about them."""

import asyncio
from typing import get_args

import httpx
import pytest

from souk.contracts.store.thread_events import ThreadModerated, ThreadReportReason
from store.messages.moderation import REPORTS_PER_DAY_MAX
from tests.store.harness import Store, User
from tests.store.messages.test_messages import asked, code, thread_of, write


@pytest.fixture
def judge(store: Store) -> User:
    """A moderator."""
    return store.user(None, "moderator")


async def report(
    who: User, thread_id: str, reason: str = "fraud", words: str = "Wants to be paid elsewhere"
) -> httpx.Response:
    return await who.ask("POST", f"/threads/{thread_id}/reports", {"reason": reason, "text": words})


async def decide(judge: User, thread_id: str, action: str, **more: str) -> httpx.Response:
    return await judge.ask("POST", f"/moderation/threads/{thread_id}/decisions", {"action": action, **more})


async def test_a_moderator_reads_a_thread_once_it_is_reported_not_before(store: Store, judge: User) -> None:
    buyer, seller, stranger = store.user(), store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id, title="Lamp"), "Pay me by bank transfer")
    answer = await judge.ask("GET", f"/moderation/threads/{thread_id}")
    assert (answer.status_code, code(answer)) == (404, "unknown-case")
    assert code(await decide(judge, thread_id, "close", reason="fraud")) == "unknown-case"
    assert (await report(stranger, thread_id)).status_code == 404, "only the two report it"
    for _ in range(2):
        assert (await report(seller, thread_id)).status_code == 204
    [case] = (await judge.ask("GET", "/moderation/threads")).json()["items"]
    assert (case["thread_id"], case["title"], case["reports"], case["closed"]) == (thread_id, "Lamp", 1, False)
    story = (await judge.ask("GET", f"/moderation/threads/{thread_id}")).json()
    assert [one["text"] for one in story["messages"]] == ["Pay me by bank transfer"]
    assert [(one["reason"], one["text"]) for one in story["reports"]] == [("fraud", "Wants to be paid elsewhere")]
    for path in ("", f"/{thread_id}"):
        assert (await seller.ask("GET", f"/moderation/threads{path}")).status_code == 403
    assert (await decide(seller, thread_id, "leave")).status_code == 403
    assert (await judge.ask("GET", f"/threads/{thread_id}")).status_code == 404, "they read the case, not the inbox"


async def test_a_closed_thread_takes_no_messages_until_it_is_opened_again(store: Store, judge: User) -> None:
    buyer, seller = store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id))
    await report(seller, thread_id)
    assert code(await decide(judge, thread_id, "close")) == "closing-reason-needed"
    assert code(await decide(judge, thread_id, "reopen")) == "not-closed"
    assert (await decide(judge, thread_id, "close", reason="away")).status_code == 201
    assert code(await decide(judge, thread_id, "close", reason="away")) == "closed-already"
    for who in (buyer, seller):
        assert code(await write(who, thread_id, "Hello?")) == "thread-closed"
        assert (await thread_of(who, thread_id))["thread"]["closed"]
    assert (await judge.ask("GET", "/moderation/threads")).json()["items"] == []
    assert (await decide(judge, thread_id, "reopen", text="It was a joke")).status_code == 201
    assert (await write(buyer, thread_id, "Hello?")).status_code == 201
    told = [(one.outcome, one.reason, one.buyer_id) for one in await store.told(ThreadModerated)]
    assert told == [("closed", "away", buyer.id), ("reopened", None, buyer.id)]
    story = (await judge.ask("GET", f"/moderation/threads/{thread_id}")).json()
    assert [one["action"] for one in story["records"]] == ["reopened", "closed", "reported"]


async def test_the_reason_is_told_as_it_was_decided(store: Store, judge: User) -> None:
    reasons = get_args(ThreadReportReason)
    for reason in reasons:
        buyer = store.user()
        thread_id = await asked(buyer, store.catalogue.offer())
        await report(buyer, thread_id)
        assert (await decide(judge, thread_id, "close", reason=reason)).status_code == 201
    assert [one.reason for one in await store.told(ThreadModerated)] == list(reasons)


async def test_reports_are_dismissed(store: Store, judge: User) -> None:
    buyer = store.user()
    thread_id = await asked(buyer, store.catalogue.offer())
    await report(buyer, thread_id)
    assert (await decide(judge, thread_id, "leave")).status_code == 201
    assert code(await decide(judge, thread_id, "leave")) == "nothing-to-decide"
    assert await store.told(ThreadModerated) == []
    assert (await write(buyer, thread_id, "Hello?")).status_code == 201


async def test_nobody_judges_their_own_thread(store: Store) -> None:
    buyer = store.user(None, "moderator")
    thread_id = await asked(buyer, store.catalogue.offer())
    await report(buyer, thread_id)
    assert code(await decide(buyer, thread_id, "close", reason="fraud")) == "own-thread-case"


async def test_nothing_is_sent_once_a_thread_is_closed(store: Store, judge: User) -> None:
    buyer, seller = store.user(), store.user()
    thread_id = await asked(buyer, store.catalogue.offer(seller=seller.id))
    await report(seller, thread_id)
    there = []

    async def closing() -> None:
        assert (await decide(judge, thread_id, "close", reason="fraud")).status_code == 201
        there.append(await store.query("SELECT messages FROM thread"))

    answers = await asyncio.gather(
        *(write(buyer, thread_id, f"Hello {number}") for number in range(4)),
        closing(),
        *(write(buyer, thread_id, f"Hello again {number}") for number in range(4)),
    )
    refused = [answer for answer in answers if answer is not None and answer.status_code != 201]
    assert {code(answer) for answer in refused} <= {"thread-closed"}
    assert await store.query("SELECT messages FROM thread") == there[0] == [(9 - len(refused),)]


async def test_too_many_reports_in_a_day_are_refused(store: Store) -> None:
    buyer = store.user()
    await store.execute(f"""
        WITH made AS (
            INSERT INTO thread SELECT gen_random_uuid(), gen_random_uuid(), '{buyer.id}', gen_random_uuid(), 'Lamp', NULL,
                1, 1, 'buyer', 'Hello', now(), now(), NULL, 0 FROM generate_series(1, {REPORTS_PER_DAY_MAX + 1})
            RETURNING *
        ), sides AS (
            INSERT INTO thread_side SELECT id, buyer_id, 'buyer', 0, 0, last_at FROM made
            UNION ALL SELECT id, seller_id, 'seller', 0, 1, last_at FROM made
        )
        INSERT INTO message SELECT id, 1, gen_random_uuid(), 'buyer', 'Hello', '', last_at FROM made
    """)
    threads = [str(row[0]) for row in await store.query("SELECT id FROM thread")]
    answers = [await report(buyer, thread_id) for thread_id in threads]
    assert [answer.status_code for answer in answers] == [204] * REPORTS_PER_DAY_MAX + [429]
    assert code(answers[-1]) == "too-many-threads-reported"
