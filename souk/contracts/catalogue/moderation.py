"""Reports on listings, and what was decided."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from souk.contracts.catalogue.events import ReportReason
from souk.contracts.catalogue.listings import ListingCard

REPORT_CHARS_MAX = 1000

ModerationAction = Literal["reported", "hidden", "restored", "dismissed", "upheld", "appealed"]

ReportText = Annotated[str, msgspec.Meta(max_length=REPORT_CHARS_MAX)]


class NewReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a listing."""

    reason: ReportReason
    text: ReportText = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator decides: `hide` needs a reason; `leave` dismisses reports or turns an appeal down."""

    action: Literal["hide", "restore", "leave"]
    reason: ReportReason | None = None
    text: ReportText = ""
    """What the seller is told besides, and what other moderators read."""


class NewAppeal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a hidden listing should be back."""

    text: ReportText


class Takedown(msgspec.Struct, frozen=True, kw_only=True):
    """Why a listing is hidden, for its seller."""

    reason: ReportReason
    text: str
    hidden_at: datetime
    appeal: str | None
    """The seller's own words, while a moderator looks at them."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that was reported or taken down."""

    listing: ListingCard
    waiting_since: datetime | None
    """None if nothing is left to decide."""
    reports: int
    """Since the last decision."""
    reason: ReportReason | None
    """Why it is hidden."""
    appeal: str | None


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cases; `next_cursor` is None on the last one."""

    items: list[Case]
    next_cursor: str | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said is wrong with a listing."""

    reporter_id: UUID
    reason: ReportReason
    text: str
    created_at: datetime


class ModerationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done about a listing."""

    actor_id: UUID
    action: ModerationAction
    reason: ReportReason | None
    text: str
    created_at: datetime


class CaseStory(msgspec.Struct, frozen=True, kw_only=True):
    """A case with what was said and done, the newest first."""

    case: Case
    reports: list[Report]
    records: list[ModerationRecord]
