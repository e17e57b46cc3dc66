"""The statement's page: a period, its balances, what moved, and downloads."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from entrypoint.context.layout import PageRequest, render_page
from entrypoint.pages.asking import Asker, asker, or_none
from entrypoint.pages.inputs import Form
from entrypoint.pages.money.documents import passed_on
from entrypoint.pages.money.movements import KINDS, Titles, statement
from entrypoint.web.reader import Reader
from souk.contracts.payment.statements import StatementSummary

PAGE = 50
YEARS = (2000, 2999)
"""Days that can be asked for."""


@dataclass(frozen=True)
class Days:
    """A period as a person means it: whole days of their own zone, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def query(self) -> str:
        """As it stands in an address."""
        days = {"from": self.first, "to": self.last}
        return urlencode({name: day.isoformat() for name, day in days.items() if day})

    def moments(self, reader: Reader) -> dict[str, str]:
        """As the payment service is asked: from one moment to before another."""
        after = self.last + timedelta(days=1) if self.last else None
        moments = {"since": self.first, "until": after}
        return {name: _midnight(day, reader).isoformat() for name, day in moments.items() if day}


@get("/wallet/statement")
async def show(request: PageRequest, cursor: str | None = None) -> Response[Any]:
    """What moved in a period, with its opening and closing balance."""
    ask = asker(request)
    days, form = _days(request, ask)
    period = days.moments(ask.ctx.reader)
    listed, summary, bought, sold = await asyncio.gather(
        statement(ask, PAGE, cursor, **period),
        ask.payment("GET", "/wallet/statement/summary", StatementSummary, params=period),
        or_none(ask.orders("buyer")),
        or_none(ask.orders("seller")),
    )
    reader, query = ask.ctx.reader, days.query()
    titles = Titles(bought or [], sold or [])
    here = f"/wallet/statement?{query}&" if query else "/wallet/statement?"
    context = {
        "active": "wallet",
        "days": days,
        "form": form,
        "shortcuts": _shortcuts(ask),
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
    ask = asker(request)
    days, _ = _days(request, ask)
    return await passed_on(ask, request.url.path, params=days.moments(ask.ctx.reader))


def _days(request: PageRequest, ask: Asker) -> tuple[Days, Form]:
    """The days asked for, or all if they make no sense; the form then says what is wrong with which."""
    form = Form({name: request.query_params.get(name, "") for name in ("from", "to")})
    first, last = (_day(ask, form, name) for name in form.names)
    if first and last and first > last:
        form.refuse("from", ask.words("The first day must not be after the last."))
    return (Days() if form.errors else Days(first, last)), form


def _day(ask: Asker, form: Form, name: str) -> date | None:
    text = form.text(name)
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.min
    if day is None or YEARS[0] <= day.year <= YEARS[1]:
        return day
    form.refuse(name, ask.words("Enter a day such as 2026-11-30."))
    return None


def _shortcuts(ask: Asker) -> list[dict[str, str]]:
    """Periods that people mostly want."""
    today = ask.parts.kernel.clock.now().astimezone(ask.ctx.reader.zone).date()
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    periods = (
        (ask.words("This month"), Days(month, today)),
        (ask.words("Last month"), Days(before, month - timedelta(days=1))),
        (ask.words("This year"), Days(today.replace(month=1, day=1), today)),
        (ask.words("Everything"), Days()),
    )
    return [{"label": label, "href": f"/wallet/statement?{days.query()}".rstrip("?")} for label, days in periods]


def _midnight(day: date, reader: Reader) -> datetime:
    return datetime.combine(day, time(), tzinfo=reader.zone)


ROUTES = [show, download]
