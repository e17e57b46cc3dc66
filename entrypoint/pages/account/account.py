"""The account's page: who others see, the password, where one is logged in, and API tokens."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.accounts import accounts
from entrypoint.accounts.access import end_access
from entrypoint.accounts.accounts import UserChanges
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.proof_links import ask_new_address
from entrypoint.context.request_context import accepted_languages
from entrypoint.context.sign_in import confirm_password, set_password
from entrypoint.devices.browsers import browser_name
from entrypoint.mailing import mailing
from entrypoint.pages.buy.checkout import country_options
from entrypoint.pages.fields import RAW, Fields, Label, Param
from entrypoint.pages.forms import Form, SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.sessions import sessions
from entrypoint.tokens import tokens
from entrypoint.tokens.tokens import IssuedToken
from entrypoint.web.marking import N_
from souk.errors import RuleBroken
from souk.languages import document_language


class ProfileEntry(Fields, frozen=True, kw_only=True):
    """What others see of somebody."""

    display_name: Annotated[str, Label(N_("Name"))]
    country: Annotated[str, Label(N_("Country"))]


class PasswordEntry(Fields, frozen=True, kw_only=True):
    """A new password, and the one before."""

    current_password: Annotated[str, RAW, Label(N_("Current password"))]
    new_password: Annotated[str, RAW, Label(N_("New password"))]


class AddressChangeEntry(Fields, frozen=True, kw_only=True):
    """Another email address."""

    new_email: Annotated[str, Label(N_("New address"))]
    address_password: Annotated[str, RAW]


class SessionEndEntry(Fields, frozen=True, kw_only=True):
    """The password, before somebody is logged out elsewhere."""

    session_password: Annotated[str, RAW]


class TokenEntry(Fields, frozen=True, kw_only=True):
    """An API token to be made."""

    token_name: Annotated[str, Label(N_("Name")), Param("name")]
    token_password: Annotated[str, RAW]


@get("/account")
async def show(request: PageRequest) -> Response[Any]:
    """Everything about one's own account."""
    return await _account_page(request, member_context(request), Form({}))


@post("/account")
async def change(request: PageRequest) -> Response[Any]:
    """Change what others see."""
    member, form = member_context(request), await form_of(request, ProfileEntry)
    if form.entry is None:
        return await _account_page(request, member, form)
    changes = UserChanges(display_name=form.entry.display_name, country=form.entry.country)
    kernel = member.parts.kernel
    try:
        async with kernel.database.transaction() as session:
            language = document_language(accepted_languages(request))
            _, news = await accounts.change(session, member.user.id, changes, language)
            kernel.outbox.emit(session, *news)
    except RuleBroken as refusal:
        return await _refused(request, member, form, refusal)
    member.ctx.flash("success", member.gettext("Saved. What you sell and buy shows your new details."))
    return redirect("/account")


@post("/account/password")
async def change_password(request: PageRequest) -> Response[Any]:
    """Set a new password; all other sessions end."""
    member, form = member_context(request), await form_of(request, PasswordEntry)
    if form.entry is None:
        return await _account_page(request, member, form)
    try:
        await set_password(request, form.entry.current_password, form.entry.new_password)
    except RuleBroken as refusal:
        return await _refused(request, member, form, refusal)
    member.ctx.flash("success", member.gettext("Your password is changed, and you are logged out everywhere else."))
    return redirect("/account")


@post("/account/address")
async def change_address(request: PageRequest) -> Response[Any]:
    """Send a link to another address; once it is opened, the account has that one."""
    member, form = member_context(request), await form_of(request, AddressChangeEntry)
    entry = form.entry
    if entry is None or not await _confirms(request, member, form, "address_password", entry.address_password):
        return await _account_page(request, member, form)
    try:
        asked = await ask_new_address(member.parts, member.user.id, entry.new_email, member.ctx.reader)
    except RuleBroken as refusal:
        return await _refused(request, member, form, refusal)
    told = member.gettext("A link is on its way to {email}. Open it, and your account has that address.")
    member.ctx.flash("success", told.format(email=asked))
    return redirect("/account#address")


@post("/account/sessions/{session_id:uuid}/removal")
async def end_session(request: PageRequest, session_id: UUID) -> Response[Any]:
    """Log out somewhere else."""
    member, form = member_context(request), await form_of(request, SessionEndEntry)
    entry = form.entry
    if entry is None or not await _confirms(request, member, form, "session_password", entry.session_password):
        return await _account_page(request, member, form)
    async with member.parts.kernel.database.transaction() as session:
        await sessions.end_one(session, member.user.id, session_id)
    member.ctx.flash("success", member.gettext("That session has ended."))
    return redirect("/account#sessions")


@post("/account/sessions/removal")
async def end_other_sessions(request: PageRequest) -> Response[Any]:
    """Log out everywhere but here; programs with API tokens are out as well."""
    member, form = member_context(request), await form_of(request, SessionEndEntry)
    entry = form.entry
    if entry is None or not await _confirms(request, member, form, "session_password", entry.session_password):
        return await _account_page(request, member, form)
    async with member.parts.kernel.database.transaction() as session:
        await end_access(session, member.user.id, keep=member.user.session_id)
        now = member.parts.kernel.clock.now()
        await mailing.queue(session, "told", now, user_id=member.user.id, what="logged_out")
    member.ctx.flash("success", member.gettext("You are logged out everywhere else, and your API tokens ended."))
    return redirect("/account#sessions")


@post("/account/tokens")
async def create_token(request: PageRequest) -> Response[Any]:
    """Make an API token. Answered with the page itself: nothing but this response ever carries the token."""
    member, form = member_context(request), await form_of(request, TokenEntry)
    entry = form.entry
    if entry is None or not await _confirms(request, member, form, "token_password", entry.token_password):
        return await _account_page(request, member, form)
    try:
        async with member.parts.kernel.database.transaction() as session:
            now = member.parts.kernel.clock.now()
            issued = await tokens.issue(session, member.parts.settings, member.user.id, entry.token_name, now)
    except RuleBroken as refusal:
        return await _refused(request, member, form, refusal)
    return await _account_page(request, member, Form({}), issued)


@post("/account/tokens/{token_id:uuid}/removal")
async def revoke_token(request: PageRequest, token_id: UUID) -> Response[Any]:
    """End an API token."""
    member = member_context(request)
    async with member.parts.kernel.database.transaction() as session:
        await tokens.revoke(session, member.user.id, token_id, member.parts.kernel.clock.now())
    member.ctx.flash("success", member.gettext("The token is worth nothing any more."))
    return redirect("/account#tokens")


async def _confirms(
    request: PageRequest, member: MemberContext, form: SentForm[Any], field: str, password: str
) -> bool:
    """Whether the password in this field is the user's; otherwise the form says what is wrong."""
    try:
        await confirm_password(request, password)
    except accounts.WrongCredentials:
        form.refuse(field, member.gettext("This is not your password. Nothing was changed."))
    except RuleBroken as refusal:
        form.blame(refusal)
    else:
        return True
    return False


async def _refused(
    request: PageRequest, member: MemberContext, form: SentForm[Any], refusal: RuleBroken
) -> Response[str]:
    form.blame(refusal)
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
