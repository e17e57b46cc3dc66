"""Reporting listings, taking them down and putting them back. Each function runs inside the caller's transaction.

Locks are taken in one order: the listing, then its case.
"""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select

from catalogue.listings.listings import own
from catalogue.listings.rules import UnknownListing
from catalogue.listings.tables import ListingRow
from catalogue.listings.views import CARD_COLUMNS, card, cards_query
from catalogue.moderation.tables import CaseRow, RecordRow, ReportRow
from catalogue.texts import plain_text
from souk import paging
from souk.contracts import Event
from souk.contracts.catalogue.events import ListingModerated, ListingRestocked, ReportReason
from souk.contracts.catalogue.moderation import (
    Case,
    CasePage,
    CaseStory,
    Decision,
    ModerationRecord,
    NewReport,
    Report,
    Takedown,
)
from souk.database import AnySession, Session
from souk.errors import InvalidInput, NotFound, RuleBroken
from souk.moderation import REPORTS_PER_DAY_MAX, Cases, NothingToDecide, TooManyReports
from souk.paging import KeyPlace

LISTINGS = Cases(ReportRow, CaseRow, RecordRow, "listing_id")


class OwnListing(RuleBroken):
    """Nobody reports or judges what they offer themselves."""

    title = "This is your own listing"


class NotHidden(RuleBroken):
    """There is nothing to appeal against."""

    title = "It was not taken down"


class AppealWaits(RuleBroken):
    """An appeal is answered before there can be another."""

    title = "Your appeal is being looked at"


class UnknownCase(NotFound):
    """Nobody reported that listing, and it was never taken down."""


async def report(session: Session, reporter_id: UUID, listing_id: UUID, new: NewReport, *, now: datetime) -> None:
    """Say what is wrong with a listing. The same user's second report of it changes nothing.

    Raises UnknownListing, OwnListing, TooManyReports and InvalidInput.
    """
    words = _clean("text", new.text)
    seller = select(ListingRow.seller_id).where(
        ListingRow.id == listing_id, ListingRow.status.in_(("published", "withdrawn"))
    )
    seller_id = await session.scalar(seller)
    if seller_id is None:
        raise UnknownListing("There is no such listing.")
    if seller_id == reporter_id:
        raise OwnListing("Take it off sale if something is wrong with it.", code="own-listing-reported")
    lately = await LISTINGS.report(session, listing_id, by=reporter_id, reason=new.reason, words=words, now=now)
    if lately > REPORTS_PER_DAY_MAX:
        raise TooManyReports(
            "You may report {most} listings in a day. This one was not reported.", most=REPORTS_PER_DAY_MAX
        )


async def decide(
    session: Session, moderator_id: UUID, listing_id: UUID, decision: Decision, *, now: datetime
) -> list[Event]:
    """Hide or restore a listing, or leave it as it is: then reports are dismissed and an appeal is turned down.

    Returns what others are to be told. Raises UnknownListing, OwnListing, NothingToDecide and InvalidInput.
    """
    words = _clean("text", decision.text)
    listing = await session.get(ListingRow, listing_id, with_for_update={"key_share": True}, populate_existing=True)
    if listing is None or listing.status == "draft":
        raise UnknownListing("There is no such listing.")
    if listing.seller_id == moderator_id:
        raise OwnListing("Another moderator has to decide on what you offer.", code="own-listing-case")
    case = await LISTINGS.locked(session, listing_id)
    if decision.action == "hide":
        return await _hide(session, listing, case, by=moderator_id, reason=decision.reason, words=words, now=now)
    if decision.action == "restore":
        return await _restore(session, listing, case, by=moderator_id, words=words, now=now)
    return await _leave(session, listing, case, by=moderator_id, words=words, now=now)


async def _hide(
    session: Session,
    listing: ListingRow,
    case: CaseRow,
    *,
    by: UUID,
    reason: ReportReason | None,
    words: str,
    now: datetime,
) -> list[Event]:
    if listing.status == "hidden":
        raise NothingToDecide("It is hidden already. Nothing was changed.", code="hidden-already")
    if reason is None:
        raise InvalidInput("reason", "Choose the reason that its seller is told.", code="seller-reason-needed")
    assert listing.status != "draft", "nobody has seen a draft"
    case.status_before, case.reason, case.words, case.appeal = listing.status, reason, words, None
    listing.status = "hidden"
    await _decided(session, listing, case, now)
    await LISTINGS.record(session, listing.id, by=by, action="hidden", words=words, reason=reason, now=now)
    return [_told(listing, "hidden", reason, words)]


async def _restore(
    session: Session, listing: ListingRow, case: CaseRow, *, by: UUID, words: str, now: datetime
) -> list[Event]:
    if listing.status != "hidden" or case.status_before is None:
        raise NothingToDecide("It is not hidden. Nothing was changed.", code="not-hidden-now")
    listing.status = case.status_before
    case.status_before = case.reason = case.words = case.appeal = None
    await _decided(session, listing, case, now)
    await LISTINGS.record(session, listing.id, by=by, action="restored", words=words, now=now)
    again = [ListingRestocked(listing_id=listing.id)] if listing.status == "published" and listing.available else []
    return [_told(listing, "restored", None, words), *again]


async def _leave(
    session: Session, listing: ListingRow, case: CaseRow, *, by: UUID, words: str, now: datetime
) -> list[Event]:
    if case.waiting_since is None:
        raise NothingToDecide("Nothing waits to be decided. Nothing was changed.", code="nothing-to-decide")
    upheld = listing.status == "hidden"
    case.appeal = None
    await _decided(session, listing, case, now)
    await LISTINGS.record(session, listing.id, by=by, action="upheld" if upheld else "dismissed", words=words, now=now)
    return [_told(listing, "upheld", case.reason, words)] if upheld else []


async def _decided(session: Session, listing: ListingRow, case: CaseRow, now: datetime) -> None:
    case.waiting_since, case.reports, case.decided_at = None, 0, now
    listing.version += 1
    listing.changed_at = now
    await session.flush()


async def appeal(session: Session, seller_id: UUID, listing_id: UUID, text: str, *, now: datetime) -> None:
    """Ask for a listing that was taken down to be looked at again.

    Raises UnknownListing, NotYourListing, NotHidden, AppealWaits and InvalidInput.
    """
    words = _clean("text", text)
    if not words:
        raise InvalidInput("text", "Say what you changed, or why it should be back.", code="appeal-needed")
    listing = await own(session, listing_id, seller_id, for_update=True)
    case = await LISTINGS.locked(session, listing_id)
    if listing.status != "hidden":
        raise NotHidden("It is not hidden, so there is nothing to appeal against.", code="nothing-to-appeal")
    if case.appeal is not None:
        raise AppealWaits("A moderator looks at your appeal. You are told what they decide.")
    case.appeal, case.waiting_since = words, case.waiting_since or now
    await session.flush()
    await LISTINGS.record(session, listing_id, by=seller_id, action="appealed", words=words, now=now)


async def takedown(session: AnySession, seller_id: UUID, listing_id: UUID) -> Takedown:
    """Why the seller's own listing is hidden. Raises UnknownListing, NotYourListing and NotHidden."""
    listing = await own(session, listing_id, seller_id)
    case = await session.get(CaseRow, listing_id)
    if listing.status != "hidden" or case is None or case.reason is None or case.decided_at is None:
        raise NotHidden("It is not hidden.", code="not-hidden")
    return Takedown(reason=case.reason, text=case.words or "", hidden_at=case.decided_at, appeal=case.appeal)


async def queue(session: AnySession, *, cursor: str | None, limit: int) -> CasePage:
    """What waits for a moderator, the longest first. Raises BadCursor."""
    query = paging.checksum("moderation queue")
    place = paging.place_of(cursor, KeyPlace, query)
    behind = paging.behind(place, CaseRow.listing_id, CaseRow.waiting_since, up=True)
    conditions: list[Any] = [CaseRow.waiting_since.is_not(None), *behind]
    rows = await _cases(session, conditions, limit + 1)
    following = paging.next_cursor(
        rows, limit, lambda case: KeyPlace.of(query, case.listing.id, cast(datetime, case.waiting_since))
    )
    return CasePage(items=rows[:limit], next_cursor=following)


async def story(session: AnySession, listing_id: UUID) -> CaseStory:
    """Everything about one case; raises UnknownCase."""
    found = await _cases(session, [CaseRow.listing_id == listing_id], 1)
    if not found:
        raise UnknownCase("There is no such case.")
    return CaseStory(
        case=found[0],
        reports=await LISTINGS.reports_of(session, listing_id, Report),
        records=await LISTINGS.records_of(session, listing_id, ModerationRecord),
    )


async def _cases(session: AnySession, conditions: list[Any], rows_max: int) -> list[Case]:
    mine = (CaseRow.waiting_since, CaseRow.reports, CaseRow.reason.label("why"), CaseRow.appeal)
    page = select(*CARD_COLUMNS, *mine).join(CaseRow, CaseRow.listing_id == ListingRow.id).where(*conditions)
    page = page.order_by(CaseRow.waiting_since, CaseRow.listing_id).limit(rows_max)
    rows = await session.execute(cards_query(page, lambda chosen: [chosen.waiting_since, chosen.id]))
    return [
        Case(listing=card(row), waiting_since=row.waiting_since, reports=row.reports, reason=row.why, appeal=row.appeal)
        for row in rows
    ]


def _told(listing: ListingRow, outcome: Any, reason: ReportReason | None, words: str) -> ListingModerated:
    return ListingModerated(
        listing_id=listing.id,
        seller_id=listing.seller_id,
        title=listing.title,
        outcome=outcome,
        reason=reason,
        text=words,
    )


def _clean(field: str, text: str) -> str:
    return plain_text(field, text.replace("\r\n", "\n")).strip()
