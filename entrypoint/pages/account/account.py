"""The account's page: who others see, the password, where one is logged in, and API tokens."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.accounts import accounts
from entrypoint.accounts.access import end_access
from entrypoint.accounts.accounts import UserChanges
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.proof_links import ask_new_address
from entrypoint.context.request_context import asked_languages
from entrypoint.context.sign_in import confirm_password, set_password
from entrypoint.devices.browsers import browser_name
from entrypoint.mailing import mailing
from entrypoint.pages.buy.checkout import country_options
from entrypoint.pages.inputs import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.sessions import sessions
from entrypoint.tokens import tokens
from entrypoint.tokens.tokens import IssuedToken
from souk.errors import RuleBroken
from souk.languages import document_language


@get("/account")
async def show(request: PageRequest) -> Response[Any]:
    """Everything about one's own account."""
    return await _account_page(request, member_context(request), Form({}))


@post("/account")
async def change(request: PageRequest) -> Response[Any]:
    """Change what others see."""
    member, form = member_context(request), await form_of(request)
    changes = UserChanges(display_name=form.text("display_name"), country=form.text("country"))
    kernel = member.parts.kernel
    try:
        async with kernel.database.transaction() as session:
            language = document_language(asked_languages(request))
            _, news = await accounts.change(session, member.user.id, changes, language)
            kernel.outbox.emit(session, *news)
    except RuleBroken as refusal:
        labels = {"display_name": member.gettext("Name"), "country": member.gettext("Country")}
        return await _refused(request, member, form, refusal, labels)
    member.ctx.flash("success", member.gettext("Saved. What you sell and buy shows your new details."))
    return redirect("/account")


@post("/account/password")
async def change_password(request: PageRequest) -> Response[Any]:
    """Set a new password; all other sessions end."""
    member, form = member_context(request), await form_of(request)
    try:
        await set_password(request, form.raw("current_password"), form.raw("new_password"))
    except RuleBroken as refusal:
        labels = {
            "current_password": member.gettext("Current password"),
            "new_password": member.gettext("New password"),
        }
        return await _refused(request, member, form, refusal, labels)
    member.ctx.flash("success", member.gettext("Your password is changed, and you are logged out everywhere else."))
    return redirect("/account")


@post("/account/address")
async def change_address(request: PageRequest) -> Response[Any]:
    """Send a link to another address; once it is opened, the account has that one."""
    member, form = member_context(request), await form_of(request)
    if refused := await _password_fault(request, member, form, "address_password"):
        return refused
    try:
        asked = await ask_new_address(member.parts, member.user.id, form.text("new_email"), member.ctx.reader)
    except RuleBroken as refusal:
        return await _refused(request, member, form, refusal, {"new_email": member.gettext("New address")})
    told = member.gettext("A link is on its way to {email}. Open it, and your account has that address.")
    member.ctx.flash("success", told.format(email=asked))
    return redirect("/account#address")


@post("/account/sessions/{session_id:uuid}/removal")
async def end_session(request: PageRequest, session_id: UUID) -> Response[Any]:
    """Log out somewhere else."""
    member, form = member_context(request), await form_of(request)
    if refused := await _password_fault(request, member, form, "session_password"):
        return refused
    async with member.parts.kernel.database.transaction() as session:
        await sessions.end_one(session, member.user.id, session_id)
    member.ctx.flash("success", member.gettext("That session has ended."))
    return redirect("/account#sessions")


@post("/account/sessions/removal")
async def end_other_sessions(request: PageRequest) -> Response[Any]:
    """Log out everywhere but here; programs with API tokens are out as well."""
    member, form = member_context(request), await form_of(request)
    if refused := await _password_fault(request, member, form, "session_password"):
        return refused
    async with member.parts.kernel.database.transaction() as session:
        await end_access(session, member.user.id, keep=member.user.session_id)
        now = member.parts.kernel.clock.now()
        await mailing.queue(session, "told", now, user_id=member.user.id, what="logged_out")
    member.ctx.flash("success", member.gettext("You are logged out everywhere else, and your API tokens ended."))
    return redirect("/account#sessions")


@post("/account/tokens")
async def create_token(request: PageRequest) -> Response[Any]:
    """Make an API token. Answered with the page itself: nothing but this response ever carries the token."""
    member, form = member_context(request), await form_of(request)
    if refused := await _password_fault(request, member, form, "token_password"):
        return refused
    try:
        async with member.parts.kernel.database.transaction() as session:
            now = member.parts.kernel.clock.now()
            issued = await tokens.issue(session, member.parts.settings, member.user.id, form.text("token_name"), now)
    except RuleBroken as refusal:
        for error in refusal.fields.get("errors", ()):
            error["field"] = f"token_{error['field']}"
        return await _refused(request, member, form, refusal, {"token_name": member.gettext("Name")})
    return await _account_page(request, member, Form({}), issued)


@post("/account/tokens/{token_id:uuid}/removal")
async def revoke_token(request: PageRequest, token_id: UUID) -> Response[Any]:
    """End an API token."""
    member = member_context(request)
    async with member.parts.kernel.database.transaction() as session:
        await tokens.revoke(session, member.user.id, token_id, member.parts.kernel.clock.now())
    member.ctx.flash("success", member.gettext("The token is worth nothing any more."))
    return redirect("/account#tokens")


async def _password_fault(request: PageRequest, member: MemberContext, form: Form, field: str) -> Response[str] | None:
    """The page again if the password in this field is not the user's; else None."""
    try:
        await confirm_password(request, form.raw(field))
    except accounts.WrongCredentials:
        form.refuse(field, member.gettext("This is not your password. Nothing was changed."))
    except RuleBroken as refusal:
        form.blame(refusal, member.ctx.reader, {})
    else:
        return None
    return await _account_page(request, member, form)


async def _refused(
    request: PageRequest, member: MemberContext, form: Form, refusal: RuleBroken, labels: dict[str, str]
) -> Response[str]:
    form.blame(refusal, member.ctx.reader, labels)
    return await _account_page(request, member, form)


async def _account_page(
    request: PageRequest,
    member: MemberContext,
    form: Form,
    issued: IssuedToken | None = None,
) -> Response[str]:
    parts, now = member.parts, member.parts.kernel.clock.now()
    async with parts.kernel.database.reading() as reader:
        owner = await accounts.get(reader, member.user.id)
        places = await sessions.list_of(reader, parts.settings, member.user.id, now)
        own_tokens = await tokens.list_of(reader, member.user.id, now)
        mailbox = await mailing.mailbox_of(reader, member.user.id)
        given_up = await accounts.has_given_up(reader, member.user.id)
    context = {
        "active": "account",
        "owner": owner,
        "given_up": given_up,
        "sessions": places,
        "browser_name": browser_name,
        "here": member.user.session_id,
        "tokens": own_tokens,
        "issued": issued,
        "token_days": parts.settings.token_days,
        "length_min": parts.settings.password_length_min,
        "countries": country_options(member.ctx.reader.language),
        "form": form,
        "mailbox": mailbox if parts.settings.sends_mail else None,
        "kept": parts.settings.keeps_mail,
        "mail_every_minutes": parts.settings.mail_every_minutes,
    }
    return await render_page(request, "pages/account/account.html", context, status=form.status)


ROUTES = [show, change, change_password, change_address, end_session, end_other_sessions, create_token, revoke_token]
