"""Reporting threads, and what moderators decide about them. A moderator reads a thread that one of its two people has
reported, and no other. Each function runs inside the caller's transaction."""

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import select

from souk import paging
from souk.contracts.store.messages import (
    NewThreadReport,
    ThreadCase,
    ThreadCasePage,
    ThreadCaseStory,
    ThreadDecision,
    ThreadRecord,
    ThreadReport,
)
from souk.contracts.store.thread_events import ThreadModerated
from souk.database import AnySession, Session
from souk.errors import InvalidInput, NotFound, RuleBroken
from souk.events import Sequenced
from souk.moderation import REPORTS_PER_DAY_MAX, SHOWN_MAX, Cases, NothingToDecide, TooManyReports
from souk.paging import KeyPlace
from store.messages.about import find
from store.messages.statements import lock_pair
from store.messages.tables import ThreadCaseRow, ThreadRecordRow, ThreadReportRow, ThreadRow
from store.messages.views import messages_before
from store.texts import paragraph
from store.user_replica.user_replica import names

THREADS = Cases(ThreadReportRow, ThreadCaseRow, ThreadRecordRow, "thread_id")


class OwnThreadCase(RuleBroken):
    """Nobody judges what they wrote themselves, or what was written to them."""

    title = "This thread is yours"


class UnknownThreadCase(NotFound):
    """Neither of its two people has reported that thread, so nobody else reads it."""


async def report(session: Session, user_id: UUID, thread_id: UUID, new: NewThreadReport, *, now: datetime) -> None:
    """Say what is wrong with a thread of one's own. The same user's second report of it changes nothing.

    Raises NotFound, TooManyReports and InvalidInput.
    """
    words = paragraph("text", new.text)
    await find(session, user_id, thread_id)
    lately = await THREADS.report(session, thread_id, by=user_id, reason=new.reason, words=words, now=now)
    if lately > REPORTS_PER_DAY_MAX:
        raise TooManyReports(
            "You may report {most} threads in a day. This one was not reported.",
            code="too-many-threads-reported",
            most=REPORTS_PER_DAY_MAX,
        )


async def decide(
    session: Session, moderator_id: UUID, thread_id: UUID, decision: ThreadDecision, *, now: datetime
) -> list[Sequenced]:
    """Close a reported thread, open it again, or leave it as it is: then its reports are dismissed. What to tell.

    Raises UnknownThreadCase, OwnThreadCase, NothingToDecide and InvalidInput.
    """
    words = paragraph("text", decision.text)
    [(thread, _)] = await _found(session, [ThreadCaseRow.thread_id == thread_id], 1) or [_unknown()]
    if moderator_id in (thread.buyer_id, thread.seller_id):
        raise OwnThreadCase("Another moderator has to decide on a thread of yours.")
    await lock_pair(session, thread.buyer_id, thread.seller_id)
    await session.refresh(thread, with_for_update=True)
    case = await THREADS.locked(session, thread_id)
    if decision.action == "leave":
        if case.waiting_since is None:
            raise NothingToDecide("Nothing waits to be decided. Nothing was changed.", code="nothing-to-decide")
        case.waiting_since, case.reports = None, 0
        await THREADS.record(session, thread_id, by=moderator_id, action="dismissed", words=words, now=now)
        return []
    closes = decision.action == "close"
    if closes and decision.reason is None:
        raise InvalidInput("reason", "Choose why it is closed.", code="closing-reason-needed")
    if closes and thread.closed_at is not None:
        raise NothingToDecide("It is closed already. Nothing was changed.", code="closed-already")
    if not closes and thread.closed_at is None:
        raise NothingToDecide("It is not closed. Nothing was changed.", code="not-closed")
    outcome: Literal["closed", "reopened"] = "closed" if closes else "reopened"
    reason = decision.reason if closes else None
    thread.closed_at, thread.version = now if closes else None, thread.version + 1
    case.waiting_since, case.reports = None, 0
    await session.flush()
    await THREADS.record(session, thread_id, by=moderator_id, action=outcome, words=words, reason=reason, now=now)
    event = ThreadModerated(
        thread_id=thread_id,
        listing_id=thread.listing_id,
        title=thread.title,
        buyer_id=thread.buyer_id,
        seller_id=thread.seller_id,
        outcome=outcome,
        reason=reason,
    )
    return [Sequenced(event, thread.version)]


async def queue(session: AnySession, *, cursor: str | None, limit: int) -> ThreadCasePage:
    """What waits for a moderator, the longest first. Raises BadCursor."""
    listed = paging.checksum("threads that wait")
    place = paging.place_of(cursor, KeyPlace, listed)
    behind = paging.behind(place, ThreadCaseRow.thread_id, ThreadCaseRow.waiting_since, up=True)
    rows = await _found(session, [ThreadCaseRow.waiting_since.is_not(None), *behind], limit + 1)
    following = paging.next_cursor(
        rows, limit, lambda row: KeyPlace.of(listed, row[0].id, cast(datetime, row[1].waiting_since))
    )
    return ThreadCasePage(items=await _cases(session, rows[:limit]), next_cursor=following)


async def story(session: AnySession, thread_id: UUID) -> ThreadCaseStory:
    """Everything about one case; raises UnknownThreadCase."""
    rows = await _found(session, [ThreadCaseRow.thread_id == thread_id], 1) or [_unknown()]
    [case] = await _cases(session, rows)
    newest = await messages_before(session, thread_id, case.messages + 1, SHOWN_MAX)
    return ThreadCaseStory(
        case=case,
        messages=newest[::-1],
        reports=await THREADS.reports_of(session, thread_id, ThreadReport),
        records=await THREADS.records_of(session, thread_id, ThreadRecord),
    )


Row = tuple[ThreadRow, ThreadCaseRow]


async def _found(session: AnySession, conditions: list[Any], rows_max: int) -> list[Row]:
    query: Any = select(ThreadRow, ThreadCaseRow).join(ThreadCaseRow, ThreadCaseRow.thread_id == ThreadRow.id)
    query = query.where(*conditions).order_by(ThreadCaseRow.waiting_since, ThreadCaseRow.thread_id).limit(rows_max)
    return [(thread, case) for thread, case in (await session.execute(query)).all()]


def _unknown() -> Row:
    raise UnknownThreadCase("There is no such case.", code="unknown-case")


async def _cases(session: AnySession, rows: list[Row]) -> list[ThreadCase]:
    known = await names(session, [person for thread, _ in rows for person in (thread.buyer_id, thread.seller_id)])
    return [
        ThreadCase(
            thread_id=thread.id,
            listing_id=thread.listing_id,
            title=thread.title,
            buyer_name=known[thread.buyer_id],
            seller_name=known[thread.seller_id],
            messages=thread.messages,
            closed=thread.closed_at is not None,
            waiting_since=case.waiting_since,
            reports=case.reports,
        )
        for thread, case in rows
    ]
