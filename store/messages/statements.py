"""What writing and reading cost: one statement each, whatever else there is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from souk.contracts.store.events import Side
from souk.database import AnySession, Session, Statement
from store.messages.tables import ThreadRow, ThreadSideRow

_LOCK: Statement[Any] = Statement("SELECT pg_advisory_xact_lock(hashtextextended(:pair, 0))")

_ADD: Statement[Any] = Statement("""
    WITH longer AS (
        UPDATE thread SET messages = messages + 1, last_by = :by, last_words = :excerpt, last_at = greatest(last_at, :now),
            in_a_row = CASE last_by WHEN :by THEN in_a_row + 1 ELSE 1 END
        WHERE id = :thread_id RETURNING id, messages, last_at
    ), told AS (
        UPDATE thread_side s SET last_at = longer.last_at,
            unread = unread + CASE side WHEN :by THEN 0 ELSE 1 END,
            remind_at = CASE WHEN side <> :by AND unread = 0 THEN :remind_at ELSE remind_at END
        FROM longer WHERE s.thread_id = longer.id
    )
    INSERT INTO message (thread_id, number, id, by, words, request_hash, at)
    SELECT id, messages, :message_id, :by, :words, :request_hash, :now FROM longer RETURNING number
""")

_OPEN: Statement[Any] = Statement("""
    WITH sides AS (
        INSERT INTO thread_side (thread_id, user_id, side, seen_up_to, unread, last_at, remind_at)
        SELECT :thread_id, user_id, side, 0, CASE side WHEN :by THEN 0 ELSE 1 END, :now,
            CASE WHEN side <> :by THEN CAST(:remind_at AS timestamptz) END
        FROM (VALUES (CAST(:buyer_id AS uuid), 'buyer'), (CAST(:seller_id AS uuid), 'seller')) AS two (user_id, side)
    )
    INSERT INTO message (thread_id, number, id, by, words, request_hash, at)
    VALUES (:thread_id, 1, :message_id, :by, :words, :request_hash, :now)
""")

_SEE: Statement[Any] = Statement("""
    UPDATE thread_side mine SET seen_up_to = now_seen.number, unread = now_seen.unread,
        remind_at = CASE WHEN now_seen.unread > 0 THEN mine.remind_at END
    FROM (
        SELECT max(number) FILTER (WHERE number <= :up_to) AS number,
            count(*) FILTER (WHERE number > :up_to) AS unread
        FROM message WHERE thread_id = :thread_id AND by = :other
            AND number > (SELECT seen_up_to FROM thread_side WHERE thread_id = :thread_id AND user_id = :user_id)
    ) AS now_seen
    WHERE mine.thread_id = :thread_id AND mine.user_id = :user_id AND now_seen.number > mine.seen_up_to
    RETURNING seen_up_to
""")

_REMIND: Statement[ThreadSideRow] = Statement("""
    UPDATE thread_side s SET remind_at = NULL FROM (
        SELECT thread_id, user_id FROM thread_side WHERE remind_at <= :now
        ORDER BY thread_id, user_id LIMIT :most FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE s.thread_id = due.thread_id AND s.user_id = due.user_id RETURNING s.thread_id, s.user_id, s.side
""")


_BLOCKERS: Statement[Any] = Statement("""
    SELECT blocker_id FROM block
    WHERE (blocker_id, blocked_id) IN ((:one, :another), (:another, :one))
""")

_BLOCK: Statement[Any] = Statement("""
    INSERT INTO block (blocker_id, blocked_id, at) VALUES (:by, :whom, :now) ON CONFLICT DO NOTHING
""")

_UNBLOCK: Statement[Any] = Statement("DELETE FROM block WHERE blocker_id = :by AND blocked_id = :whom")

_LOCK_OPENER: Statement[Any] = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('threads of ' || CAST(:user_id AS text), 0))"
)

_OPENED: Statement[Any] = Statement("""
    SELECT count(*) FROM thread t WHERE buyer_id = :user_id AND opened_at > :since
        AND (SELECT by FROM message WHERE thread_id = t.id AND number = 1) = 'buyer'
""")


async def lock_pair(session: Session, one: UUID, another: UUID) -> None:
    """Until the transaction ends nobody else changes what is between these two, or asks whether they may write."""
    first, second = sorted((one, another))
    await _LOCK.run(session, pair=f"messages {first} {second}")


async def add(session: Session, thread_id: UUID, **values: Any) -> int:
    """A message at the thread's end; the other side has one more to read. Its number."""
    return int(await _ADD.scalar(session, thread_id=thread_id, **values))


async def open_sides(session: Session, thread: ThreadRow, **values: Any) -> None:
    """The first message of a thread that was just made, and its two sides."""
    values.pop("excerpt")
    await _OPEN.run(session, thread_id=thread.id, buyer_id=thread.buyer_id, seller_id=thread.seller_id, **values)


async def see(session: Session, thread_id: UUID, user_id: UUID, other: Side, up_to: int) -> int | None:
    """Note how far somebody has read: the last message of the other side that is seen now; None if that is no news."""
    number: int | None = await _SEE.scalar(session, thread_id=thread_id, user_id=user_id, other=other, up_to=up_to)
    return number


async def reminded(session: Session, now: datetime, most: int) -> list[ThreadSideRow]:
    """Whom to remind now: each once until they have read, whatever else is written meanwhile."""
    return await _REMIND.all(session, now=now, most=most)


async def blockers(session: AnySession, one: UUID, another: UUID) -> list[UUID]:
    """Who of the two has blocked the other."""
    return await _BLOCKERS.scalars(session, one=one, another=another)


async def block(session: Session, by: UUID, whom: UUID, now: datetime) -> None:
    """From now on nobody writes between these two. The caller holds their lock."""
    await _BLOCK.run(session, by=by, whom=whom, now=now)


async def unblock(session: Session, by: UUID, whom: UUID) -> None:
    """Take it back. The caller holds their lock."""
    await _UNBLOCK.run(session, by=by, whom=whom)


async def opened_since(session: Session, user_id: UUID, since: datetime) -> int:
    """Threads that a buyer opened since then; until the transaction ends they open no other one."""
    await _LOCK_OPENER.run(session, user_id=str(user_id))
    return int(await _OPENED.scalar(session, user_id=user_id, since=since))
