"""Operators' view of accounts: find one, suspend it, grant roles, end sessions, issue money, freeze its wallet."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from litestar import Response, get, post

from entrypoint.accounts import accounts, operator_log, suspensions
from entrypoint.accounts.access import end_access
from entrypoint.accounts.tables import Role
from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.devices.browsers import browser_name
from entrypoint.mailing import mailing
from entrypoint.pages.admin.admins import Reasoned, admin_of, note
from entrypoint.pages.fields import Label, Mend
from entrypoint.pages.forms import Form, SentForm, form_of
from entrypoint.pages.member_context import MemberContext
from entrypoint.sessions import sessions
from entrypoint.web.marking import N_
from souk.contracts.payment.events import WalletStatus
from souk.contracts.payment.wallets import NewIssuance, NewWalletStatus
from souk.errors import InvalidInput, RuleBroken
from souk.money import Money


class RoleEntry(Reasoned, frozen=True, kw_only=True):
    """A role to be granted, or taken away."""

    role: Annotated[Role, Mend(N_("Choose a role."))]
    do: Literal["grant", "revoke"]


class SuspensionEntry(Reasoned, frozen=True, kw_only=True):
    """A suspension, or its end."""

    do: Literal["suspend", "restore"]


class IssuanceEntry(Reasoned, frozen=True, kw_only=True):
    """Virtual money to be issued."""

    amount: Annotated[Money, Label(N_("Amount"))]
    key: UUID


class WalletEntry(Reasoned, frozen=True, kw_only=True):
    """What a wallet is to be."""

    status: Annotated[WalletStatus, Mend(N_("Choose what the wallet is to be."))]


@get("/admin/users")
async def find(request: PageRequest, email: str = "") -> Response[Any]:
    """Find an account by its address."""
    member = admin_of(request)
    if email and "\x00" not in email:
        async with member.parts.kernel.database.reading() as reader:
            found = await accounts.find_by_email(reader, email)
        if found is not None:
            return redirect(f"/admin/users/{found.id}")
        member.ctx.flash("warning", member.gettext("No account has this address."))
    async with member.parts.kernel.database.reading() as reader:
        suspended = await suspensions.list_of(reader)
    return await render_page(
        request, "pages/admin/users.html", {"active": "admin", "email": email, "suspended": suspended}
    )


@get("/admin/users/{user_id:uuid}")
async def show(request: PageRequest, user_id: UUID) -> Response[Any]:
    """One account."""
    return await _user_page(request, admin_of(request), user_id, Form({}))


@post("/admin/users/{user_id:uuid}/roles")
async def set_role(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Grant a role or take it away; the user's sessions end."""
    member, form = admin_of(request), await form_of(request, RoleEntry)
    entry = form.entry
    if entry is None:
        return await _user_page(request, member, user_id, form, "role")
    try:
        await _set_role(member, user_id, entry.role, granted=entry.do == "grant", reason=entry.reason)
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "role")
    member.ctx.flash("success", member.gettext("Done. The user has to log in again."))
    return redirect("/" if user_id == member.user.id else f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/sessions/removal")
async def end_sessions(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Log the user out everywhere, API clients as well."""
    member, form = admin_of(request), await form_of(request, Reasoned)
    if form.entry is None:
        return await _user_page(request, member, user_id, form, "sessions")
    reason = form.entry.reason
    async with member.parts.kernel.database.transaction() as session:
        await accounts.get(session, user_id)
        await end_access(session, user_id, keep=member.user.session_id)
        now = member.parts.kernel.clock.now()
        await operator_log.note(session, user_id, "end sessions", by=str(member.user.id), reason=reason, now=now)
    note(member, "end sessions", reason, about_user_id=str(user_id))
    member.ctx.flash("success", member.gettext("The user is logged out everywhere."))
    return redirect(f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/suspension")
async def set_suspension(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Suspend the user, or take it back; they read why."""
    member, form = admin_of(request), await form_of(request, SuspensionEntry)
    if form.entry is None:
        return await _user_page(request, member, user_id, form, "suspension")
    kernel, suspending, reason = member.parts.kernel, form.entry.do == "suspend", form.entry.reason
    try:
        if user_id == member.user.id:
            raise InvalidInput(
                "reason", "Another admin has to do that to you. Nothing was changed.", code="own-suspension"
            )
        change = suspensions.suspend if suspending else suspensions.restore
        async with kernel.database.transaction() as session:
            told = {"by": str(member.user.id), "reason": reason}
            kernel.outbox.emit(session, *await change(session, user_id, **told, now=kernel.clock.now()))
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "suspension")
    note(member, "suspend" if suspending else "restore", reason, about_user_id=str(user_id))
    member.ctx.flash("success", member.gettext("Done. The user is told by mail, where the shop sends any."))
    return redirect(f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/issuances")
async def issue(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Issue virtual money. The form's key makes a second click the same issuance."""
    member, form = admin_of(request), await form_of(request, IssuanceEntry)
    entry = form.entry
    if entry is None:
        return await _user_page(request, member, user_id, form, "issue")
    try:
        async with member.parts.kernel.database.reading() as reader:
            await accounts.get(reader, user_id)
        new = NewIssuance(user_id=user_id, amount=entry.amount, reason=entry.reason)
        receipt = await member.payment.issue_money(member.identity, new, entry.key)
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "issue")
    note(member, "issue money", entry.reason, about_user_id=str(user_id), transfer_id=str(receipt.transfer_id))
    after = member.ctx.reader.money(receipt.available)
    member.ctx.flash("success", member.gettext("Issued. The wallet has {amount} now.").format(amount=after))
    return redirect(f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/wallet")
async def set_wallet(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Freeze, close or reopen the user's wallet; the user reads why."""
    member, form = admin_of(request), await form_of(request, WalletEntry)
    entry = form.entry
    if entry is None:
        return await _user_page(request, member, user_id, form, "wallet")
    try:
        new = NewWalletStatus(status=entry.status, reason=entry.reason)
        await member.payment.set_wallet_status(member.identity, user_id, new)
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "wallet")
    note(member, "set wallet status", entry.reason, about_user_id=str(user_id), status=entry.status)
    member.ctx.flash("success", member.gettext("Done. The user has been told."))
    return redirect(f"/admin/users/{user_id}")


async def _set_role(member: MemberContext, user_id: UUID, role: Role, *, granted: bool, reason: str) -> None:
    if user_id == member.user.id and role == "admin" and not granted:
        raise InvalidInput(
            "role", "Another admin has to take this role from you. Nothing was changed.", code="own-admin-role"
        )
    kernel = member.parts.kernel
    async with kernel.database.transaction() as session:
        await accounts.get(session, user_id)
        if granted:
            await accounts.grant_role(session, user_id, role, by=str(member.user.id), now=kernel.clock.now())
        else:
            await accounts.revoke_role(session, user_id, role)
        action = f"{'grant' if granted else 'revoke'} {role}"
        await operator_log.note(session, user_id, action, by=str(member.user.id), reason=reason, now=kernel.clock.now())
    note(member, "grant role" if granted else "revoke role", reason, about_user_id=str(user_id), role=role)


async def _refused(
    request: PageRequest, user_id: UUID, form: SentForm[Any], refusal: RuleBroken, which: str
) -> Response[str]:
    if refusal.status == 404:
        raise refusal
    form.blame(refusal)
    return await _user_page(request, admin_of(request), user_id, form, which)


async def _user_page(
    request: PageRequest, member: MemberContext, user_id: UUID, form: Form, which: str = ""
) -> Response[str]:
    """The page; errors stand in the form (`which`) that was sent."""
    form.errors = {f"{which}_{name}": text for name, text in form.errors.items()}
    now = member.parts.kernel.clock.now()
    async with member.parts.kernel.database.reading() as reader:
        account = await accounts.get(reader, user_id)
        suspension = await suspensions.of(reader, user_id)
        done = await operator_log.list_of(reader, user_id)
        mailbox = await mailing.mailbox_of(reader, user_id)
        open_sessions = await sessions.list_of(reader, member.parts.settings, user_id, now)
    wallet = await or_none(member.payment.get_wallet_of(member.identity, user_id))
    context = {
        "active": "admin",
        "account": account,
        "proved_at": mailbox.confirmed_at,
        "suspension": suspension,
        "deeds": done,
        "wallet": wallet,
        "sessions": open_sessions,
        "browser_name": browser_name,
        "currency": member.currency,
        "key": form.text("key") or str(uuid4()),
        "form": form,
        "which": which,
    }
    return await render_page(request, "pages/admin/user.html", context, status=form.status)


ROUTES = [find, show, set_role, end_sessions, set_suspension, issue, set_wallet]
