"""The wallet's page: what is there, what is held for which order, and what moved lately."""

import asyncio
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Response, get, post

from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page, safe_next
from entrypoint.pages.fields import Fields, Label
from entrypoint.pages.forms import Form, form_of, money_text
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.money.balance_plot import PLOTTED_MAX, plot_of
from entrypoint.pages.money.movements import Titles
from entrypoint.web.marking import N_
from souk.contracts.payment.wallets import NewDeposit
from souk.errors import RuleBroken
from souk.money import Money

LATEST = 10
"""Movements on the page; the others are in the statement."""


class DepositEntry(Fields, frozen=True, kw_only=True):
    """Virtual money to be added."""

    amount: Annotated[Money, Label(N_("Amount"))]
    key: UUID
    next: str = ""
    """Where to go afterwards."""


@get("/wallet")
async def show(request: PageRequest, missing: str = "", next: str = "") -> Response[Any]:
    """The wallet. `missing` (minor units) fills in the amount to add, `next` is where to go afterwards."""
    plain = missing.isascii() and missing.isdigit() and len(missing) < 12
    member = member_context(request)
    amount = money_text(Money(int(missing), member.currency)) if plain else ""
    values = {"amount": amount, "next": safe_next(next, "/wallet"), "key": str(uuid4())}
    return await _wallet_page(request, member, Form(values))


@post("/wallet/deposits")
async def add_money(request: PageRequest) -> Response[Any]:
    """Add virtual money. The form's key makes a second click the same deposit."""
    member, form = member_context(request), await form_of(request, DepositEntry)
    entry = form.entry
    if entry is None:
        return await _wallet_page(request, member, form)
    try:
        await member.payment.add_deposit(member.identity, NewDeposit(amount=entry.amount), entry.key)
    except RuleBroken as refusal:
        form.blame(refusal)
        return await _wallet_page(request, member, form)
    done, amount = member.gettext("{amount} is in your wallet."), member.ctx.reader.money(entry.amount)
    member.ctx.flash("success", done.format(amount=amount))
    return redirect(safe_next(entry.next, "/wallet"))


async def _wallet_page(request: PageRequest, member: MemberContext, form: Form) -> Response[str]:
    wallet, recent, bought, sold = await asyncio.gather(
        member.payment.get_wallet(member.identity),
        member.payment.list_statement(member.identity, limit=PLOTTED_MAX),
        or_none(member.orders("buyer")),
        or_none(member.orders("seller")),
    )
    reader, now = member.ctx.reader, member.parts.kernel.clock.now()
    titles = Titles(bought or [], sold or [])
    context = {
        "active": "wallet",
        "wallet": wallet,
        "available": wallet.available,
        "holds": [{"hold": hold, "order": titles.orders.get(str(hold.order_id))} for hold in wallet.holds],
        "lines": [titles.line(line, reader) for line in recent.items[:LATEST]],
        "more": len(recent.items) > LATEST or recent.next_cursor is not None,
        "plot": plot_of(recent, wallet.available, reader, now),
        "form": form,
        "currency": member.currency,
    }
    return await render_page(request, "pages/wallet/wallet.html", context, status=form.status)


ROUTES = [show, add_money]
