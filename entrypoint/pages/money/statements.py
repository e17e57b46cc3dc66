"""The statement's page: a period, its balances, what moved, and downloads."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, render_page
from entrypoint.pages.fields import Fields, Mend
from entrypoint.pages.forms import Form, query_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.money.documents import passed_on
from entrypoint.pages.money.movements import KINDS, Titles
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader

PAGE = 50
YEARS = (2000, 2999)
"""Days that can be asked for."""

A_DAY = Mend(N_("Enter a day such as 2026-11-30."))


class PeriodEntry(Fields, frozen=True, kw_only=True):
    """The first and the last day that are asked for."""

    first: Annotated[date | None, A_DAY] = msgspec.field(name="from", default=None)
    last: Annotated[date | None, A_DAY] = msgspec.field(name="to", default=None)


@dataclass(frozen=True)
class Days:
    """A period as a person means it: whole days of their own zone, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def query(self) -> str:
        """As it stands in an address."""
        days = {"from": self.first, "to": self.last}
        return urlencode({name: day.isoformat() for name, day in days.items() if day})

    def moments(self, reader: Reader) -> dict[str, datetime]:
        """As the payment service is asked: from one moment to before another."""
        after = self.last + timedelta(days=1) if self.last else None
        moments = {"since": self.first, "until": after}
        return {name: _midnight(day, reader) for name, day in moments.items() if day}


@get("/wallet/statement")
async def show(request: PageRequest, cursor: str | None = None) -> Response[Any]:
    """What moved in a period, with its opening and closing balance."""
    member = member_context(request)
    days, form = _days(request, member)
    period = days.moments(member.ctx.reader)
    listed, summary, bought, sold = await asyncio.gather(
        member.payment.list_statement(member.identity, limit=PAGE, cursor=cursor or None, **period),
        member.payment.get_statement_summary(member.identity, **period),
        or_none(member.orders("buyer")),
        or_none(member.orders("seller")),
    )
    reader, query = member.ctx.reader, days.query()
    titles = Titles(bought or [], sold or [])
    here = f"/wallet/statement?{query}&" if query else "/wallet/statement?"
    context = {
        "active": "wallet",
        "days": days,
        "form": form,
        "shortcuts": _shortcuts(member),
        "summary": summary,
        "kinds": [(reader.gettext(KINDS.get(kind.kind, kind.kind)), kind) for kind in summary.totals or []],
        "lines": [titles.line(line, reader) for line in listed.items],
        "next": f"{here}cursor={listed.next_cursor}#movements" if listed.next_cursor else "",
        "first": here.rstrip("?&") if cursor else "",
        "query": f"?{query}" if query else "",
    }
    return await render_page(request, "pages/wallet/statement.html", context, status=form.status)


@get(["/wallet/statement.csv", "/wallet/statement.pdf"])
async def download(request: PageRequest) -> Response[bytes]:
    """The same as CSV or PDF."""
    member = member_context(request)
    days, _ = _days(request, member)
    kind: Literal["csv", "pdf"] = "csv" if request.url.path.endswith(".csv") else "pdf"
    return passed_on(await member.payment.get_statement_file(member.identity, kind, **days.moments(member.ctx.reader)))


def _days(request: PageRequest, member: MemberContext) -> tuple[Days, Form]:
    """The days asked for, or all if they make no sense; the form then says what is wrong with which."""
    form = query_of(request, PeriodEntry)
    entry = form.entry
    if entry is None:
        return Days(), form
    for name, day in (("from", entry.first), ("to", entry.last)):
        if day is not None and not YEARS[0] <= day.year <= YEARS[1]:
            form.refuse(name, A_DAY.words(member.ctx.reader))
    if entry.first and entry.last and entry.first > entry.last:
        form.refuse("from", member.gettext("The first day must not be after the last."))
    return (Days() if form.errors else Days(entry.first, entry.last)), form


def _shortcuts(member: MemberContext) -> list[dict[str, str]]:
    """Periods that people mostly want."""
    today = member.parts.kernel.clock.now().astimezone(member.ctx.reader.zone).date()
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    periods = (
        (member.gettext("This month"), Days(month, today)),
        (member.gettext("Last month"), Days(before, month - timedelta(days=1))),
        (member.gettext("This year"), Days(today.replace(month=1, day=1), today)),
        (member.gettext("Everything"), Days()),
    )
    return [{"label": label, "href": f"/wallet/statement?{days.query()}".rstrip("?")} for label, days in periods]


def _midnight(day: date, reader: Reader) -> datetime:
    return datetime.combine(day, time(), tzinfo=reader.zone)


ROUTES = [show, download]
