"""Reports, the cases that they open, and the record of what was done: the same for everything that people may report.

Each kind of thing has three tables of its own, in the database of the service that it belongs to. They have these columns,
and `thing` is the name of the one with the thing's id:

- reports: `id`, `<thing>`, `reporter_id`, `reason`, `words`, `created_at`; unique by thing and reporter;
- cases: `<thing>` as the key, `waiting_since`, `reports`, and whatever else a decision leaves;
- records: `id`, `<thing>`, `actor_id`, `action`, `reason`, `words`, `created_at`; rows are only added.

What may be reported, what is decided and what follows from it is the service's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from souk.database import AnySession, Session
from souk.errors import RuleBroken
from souk.ids import new_id

REPORTS_PER_DAY_MAX = 20
"""Things of one kind that one user may report in a day."""

SHOWN_MAX = 100
"""Reports and records that a case shows, the newest."""

CaseT = TypeVar("CaseT")
ReportT = TypeVar("ReportT")
RecordT = TypeVar("RecordT")


class TooManyReports(RuleBroken):
    """A user may report only so much in a day."""

    status = 429
    title = "You reported much today"


class NothingToDecide(RuleBroken):
    """The thing is not in the state that the decision is about; somebody else may have decided."""

    title = "That is decided already"


@dataclass(frozen=True)
class Cases(Generic[CaseT]):
    """The cases of one kind of thing. Each method runs inside the caller's transaction."""

    reports: Any
    cases: type[CaseT]
    records: Any
    thing: str

    async def report(
        self, session: Session, thing_id: UUID, *, by: UUID, reason: str, words: str, now: datetime
    ) -> int:
        """Note what a user says is wrong with a thing: how many they reported within a day, this one counted. 0 if they
        reported it before: then nothing is changed."""
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"report {by}", 0))))
        row = {"id": new_id(), self.thing: thing_id, "reporter_id": by, "reason": reason, "words": words}
        adding = insert(self.reports).values(row | {"created_at": now}).on_conflict_do_nothing()
        if await session.scalar(adding.returning(self.reports.id)) is None:
            return 0
        opening = insert(self.cases).values({self.thing: thing_id, "waiting_since": now, "reports": 1})
        cases: Any = self.cases
        again = {"waiting_since": func.coalesce(cases.waiting_since, now), "reports": cases.reports + 1}
        await session.execute(opening.on_conflict_do_update(index_elements=[self.thing], set_=again))
        await self.record(session, thing_id, by=by, action="reported", words=words, reason=reason, now=now)
        today = select(func.count()).where(
            self.reports.reporter_id == by, self.reports.created_at > now - timedelta(days=1)
        )
        return int(await session.scalar(today) or 0)

    async def locked(self, session: Session, thing_id: UUID) -> CaseT:
        """The thing's case, locked; opened if there was none."""
        opening = insert(self.cases).values({self.thing: thing_id, "reports": 0})
        await session.execute(opening.on_conflict_do_nothing())
        return await session.get_one(self.cases, thing_id, with_for_update=True, populate_existing=True)

    async def record(
        self,
        session: Session,
        thing_id: UUID,
        *,
        by: UUID,
        action: str,
        words: str,
        now: datetime,
        reason: str | None = None,
    ) -> None:
        """Add what was done to the record."""
        row = {"id": new_id(), self.thing: thing_id, "actor_id": by, "action": action, "reason": reason}
        await session.execute(insert(self.records).values(row | {"words": words, "created_at": now}))

    async def reports_of(self, session: AnySession, thing_id: UUID, report: Callable[..., ReportT]) -> list[ReportT]:
        """What was said of a thing, the newest first, each as a `report` of the contract."""
        return [
            report(reporter_id=row.reporter_id, reason=row.reason, text=row.words, created_at=row.created_at)
            for row in await self._newest(session, self.reports, thing_id)
        ]

    async def records_of(self, session: AnySession, thing_id: UUID, record: Callable[..., RecordT]) -> list[RecordT]:
        """What was done about a thing, the newest first, each as a `record` of the contract."""
        return [
            record(
                actor_id=row.actor_id, action=row.action, reason=row.reason, text=row.words, created_at=row.created_at
            )
            for row in await self._newest(session, self.records, thing_id)
        ]

    async def _newest(self, session: AnySession, table: Any, thing_id: UUID) -> Sequence[Any]:
        query = select(table).where(getattr(table, self.thing) == thing_id).order_by(table.id.desc()).limit(SHOWN_MAX)
        return (await session.scalars(query)).all()
