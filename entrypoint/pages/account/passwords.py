"""The way back in: ask for a link by mail, and choose a new password by it."""

from typing import Annotated, Any

from litestar import Response, get, post

from entrypoint import links
from entrypoint.accounts import recovery
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.proof_links import ask_way_back
from entrypoint.context.request_context import SESSION, context_of
from entrypoint.pages.account.by_mail import by_mail_page, send_by_mail
from entrypoint.pages.fields import RAW, Fields, Label
from entrypoint.pages.forms import Form, form_of
from entrypoint.web.marking import N_
from souk.errors import RuleBroken


class NewPasswordEntry(Fields, frozen=True, kw_only=True):
    """A new password, by the link of a mail."""

    token: Annotated[str, RAW]
    new_password: Annotated[str, RAW, Label(N_("New password"))]


@get("/password/forgotten")
async def offer(request: PageRequest, email: str = "") -> Response[Any]:
    """Ask for the link."""
    return await by_mail_page(request, "password", Form({"email": email}))


@post("/password/forgotten", status_code=200)
async def ask(request: PageRequest) -> Response[Any]:
    """Send it, if there is an account with this address; the answer is the same if there is none."""
    return await send_by_mail(request, "password", ask_way_back)


@get("/password/new")
async def show(request: PageRequest, token: str = "") -> Response[Any]:
    """Choose the new password. Looking does not use the link up: programs that look at mails open links too."""
    parts = context_of(request).parts
    async with parts.kernel.database.reading() as reader:
        await links.read(reader, "password", token, parts.kernel.clock.now())
    return await _new_page(request, Form({}), token)


@post("/password/new")
async def choose(request: PageRequest) -> Response[Any]:
    """Set it; whoever was logged in is not any more."""
    ctx, form = context_of(request), await form_of(request, NewPasswordEntry)
    if form.entry is None:
        return await _new_page(request, form, form.text("token"))
    parts, token = ctx.parts, form.entry.token
    try:
        now = parts.kernel.clock.now()
        await recovery.choose(parts.kernel.database, parts.passwords, token, form.entry.new_password, now)
    except links.LinkNotGood:
        raise
    except RuleBroken as refusal:
        form.blame(refusal)
        return await _new_page(request, form, token)
    ctx.drop_cookie(SESSION)
    ctx.flash("success", ctx.reader.gettext("Your password is changed. Log in with the new one."))
    return redirect("/login")


async def _new_page(request: PageRequest, form: Form, token: str) -> Response[str]:
    length_min = context_of(request).parts.settings.password_length_min
    context = {"form": form, "token": token, "length_min": length_min}
    response = await render_page(request, "pages/account/new_password.html", context, status=form.status)
    response.headers["referrer-policy"] = "same-origin"  # the address may hold the token; the form needs its Origin
    return response


ROUTES = [offer, ask, show, choose]
