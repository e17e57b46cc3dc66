"""Notices by email: what the account's page sets, and where links in mails lead, which need no login."""

from typing import Any

from litestar import Response, get, post

from entrypoint import links
from entrypoint.accounts import email_addresses
from entrypoint.accounts.tables import Purpose
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.proof_links import ask_claim, send_link
from entrypoint.context.request_context import SESSION, context_of
from entrypoint.links import Link
from entrypoint.mailing import mailing
from entrypoint.mailing.mailing import MailChoices
from entrypoint.pages.account.by_mail import by_mail_page, send_by_mail
from entrypoint.pages.fields import Fields
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import member_context

SECTION = "/account#mail"


class MailChoicesEntry(Fields, frozen=True, kw_only=True):
    """Which groups of notices come by email: each box that is not ticked is a no."""

    orders: bool
    watching: bool
    searches: bool


@post("/account/mail")
async def choose(request: PageRequest) -> Response[Any]:
    """Set what comes by email."""
    member, form = member_context(request), await form_of(request, MailChoicesEntry)
    mailing.require_mail(member.parts.settings)
    entry = form.entered
    choices = MailChoices(orders=entry.orders, watching=entry.watching, searches=entry.searches)
    async with member.parts.kernel.database.transaction() as session:
        await mailing.choose(session, member.user.id, choices, member.ctx.reader)
    member.ctx.flash("success", member.gettext("Saved."))
    return redirect(SECTION)


@post("/account/mail/confirmation")
async def ask_again(request: PageRequest) -> Response[Any]:
    """Send the link that proves the address."""
    member = member_context(request)
    await send_link(member.parts, member.user.id, member.ctx.reader)
    member.ctx.flash("success", member.gettext("The link is on its way. It is good for three days."))
    return redirect(SECTION)


@get("/mail/confirmation")
async def offer_confirmation(request: PageRequest, token: str = "") -> Response[Any]:
    """Ask once more: programs that look at mails open links too."""
    link = await _link(request, "address", token)
    context = {"token": token, "address": link.address, "done": False}
    return await render_page(request, "pages/account/confirmation.html", context)


@post("/mail/confirmation", opt={"signed_link": True}, status_code=200)
async def confirm(request: PageRequest, token: str = "") -> Response[Any]:
    """The address is proved, and the account's if it was not yet."""
    parts = context_of(request).parts
    async with parts.kernel.database.transaction() as session:
        address = await email_addresses.prove(session, token, parts.kernel.clock.now())
    return await render_page(request, "pages/account/confirmation.html", {"address": address, "done": True})


@get("/mail/undo")
async def offer_undo(request: PageRequest, token: str = "") -> Response[Any]:
    """Ask once more, and say what will happen."""
    link = await _link(request, "undo", token)
    return await render_page(request, "pages/account/undo.html", {"token": token, "address": link.address})


@post("/mail/undo", opt={"signed_link": True})
async def undo(request: PageRequest, token: str = "") -> Response[Any]:
    """The account has its former address back; the next page is for a new password."""
    ctx = context_of(request)
    parts = ctx.parts
    async with parts.kernel.database.transaction() as session:
        way_in = await email_addresses.undo(session, token, parts.kernel.clock.now())
    ctx.drop_cookie(SESSION)
    ctx.flash("success", ctx.reader.gettext("Your account has its address back, and everybody is logged out."))
    return redirect(f"/password/new?token={way_in}")


@get("/mail/stop")
async def offer_stop(request: PageRequest, token: str = "") -> Response[Any]:
    """Ask once more: programs that look at mails open links too."""
    _, groups = mailing.read_stop_token(context_of(request).parts.signer, token)
    return await render_page(request, "pages/account/stop.html", {"token": token, "groups": groups, "done": False})


@post("/mail/stop", opt={"signed_link": True}, status_code=200)
async def stop(request: PageRequest, token: str = "") -> Response[Any]:
    """Stop what the mail was about: from the page, or at one click in the mail program (RFC 8058)."""
    parts = context_of(request).parts
    user_id, groups = mailing.read_stop_token(parts.signer, token)
    async with parts.kernel.database.transaction() as session:
        await mailing.stop(session, user_id, groups)
    return await render_page(request, "pages/account/stop.html", {"groups": groups, "done": True})


@get("/address/claim")
async def offer_claim(request: PageRequest, email: str = "") -> Response[Any]:
    """For whoever finds their address taken by an account that is not theirs."""
    return await by_mail_page(request, "claim", Form({"email": email}))


@post("/address/claim", status_code=200)
async def ask_for_claim(request: PageRequest) -> Response[Any]:
    """Send the link; the answer is the same whether there is such an account or not."""
    return await send_by_mail(request, "claim", ask_claim)


@get("/mail/claim")
async def offer_to_take(request: PageRequest, token: str = "") -> Response[Any]:
    """Ask once more, and say what will happen."""
    link = await _link(request, "claim", token)
    return await render_page(
        request, "pages/account/claim.html", {"token": token, "address": link.address, "done": False}
    )


@post("/mail/claim", opt={"signed_link": True}, status_code=200)
async def take(request: PageRequest, token: str = "") -> Response[Any]:
    """The address is free for its owner."""
    parts = context_of(request).parts
    async with parts.kernel.database.transaction() as session:
        address = await email_addresses.claim(session, token, parts.kernel.clock.now())
    return await render_page(request, "pages/account/claim.html", {"address": address, "done": True})


async def _link(request: PageRequest, purpose: Purpose, token: str) -> Link:
    parts = context_of(request).parts
    async with parts.kernel.database.reading() as reader:
        return await links.read(reader, purpose, token, parts.kernel.clock.now())


CLAIMS = [offer_claim, ask_for_claim, offer_to_take, take]
ROUTES = [choose, ask_again, offer_confirmation, confirm, offer_undo, undo, offer_stop, stop, *CLAIMS]
