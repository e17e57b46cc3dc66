"""Operators' view of accounts: find one, suspend it, grant roles, end sessions, issue money, freeze its wallet."""

from typing import Any, get_args
from uuid import UUID, uuid4

from litestar import Response, get, post

from entrypoint.accounts import accounts, operator_log, suspensions
from entrypoint.accounts.access import end_access
from entrypoint.accounts.tables import Role
from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.devices.browsers import browser_name
from entrypoint.mailing import mailing
from entrypoint.pages.admin.admins import admin_of, note, reason_in
from entrypoint.pages.inputs import Form, form_of, mend_of
from entrypoint.pages.member_context import MemberContext
from entrypoint.sessions import sessions
from souk.amounts import AmountError, read_amount
from souk.contracts.payment.events import WalletStatus
from souk.contracts.payment.wallets import NewIssuance, NewWalletStatus
from souk.errors import InvalidInput, RuleBroken

WALLET_STATES: tuple[WalletStatus, ...] = get_args(WalletStatus)

ROLES: tuple[Role, ...] = get_args(Role)


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
    member, form = admin_of(request), await form_of(request)
    try:
        role = next((role for role in ROLES if role == form.text("role")), None)
        if role is None:
            raise InvalidInput("role", "Choose a role.", code="role-needed")
        reason = reason_in(form.text("reason"))
        await _set_role(member, user_id, role, granted=form.text("do") == "grant", reason=reason)
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "role")
    member.ctx.flash("success", member.gettext("Done. The user has to log in again."))
    return redirect("/" if user_id == member.user.id else f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/sessions/removal")
async def end_sessions(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Log the user out everywhere, API clients as well."""
    member, form = admin_of(request), await form_of(request)
    try:
        reason = reason_in(form.text("reason"))
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "sessions")
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
    member, form = admin_of(request), await form_of(request)
    kernel, suspending = member.parts.kernel, form.text("do") == "suspend"
    try:
        reason = reason_in(form.text("reason"))
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
    member, form = admin_of(request), await form_of(request)
    try:
        async with member.parts.kernel.database.reading() as reader:
            await accounts.get(reader, user_id)
        try:
            amount = read_amount(form.text("amount"), member.currency)
        except AmountError as error:
            raise InvalidInput(
                "amount", "{told}", code="told", told=mend_of(error, member.currency, member.ctx.reader)
            ) from error
        reason = reason_in(form.text("reason"))
        new = NewIssuance(user_id=user_id, amount=amount, reason=reason)
        receipt = await member.payment.issue_money(member.identity, new, form.uuid("key") or uuid4())
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "issue")
    note(member, "issue money", reason, about_user_id=str(user_id), transfer_id=str(receipt.transfer_id))
    after = member.ctx.reader.money(receipt.available)
    member.ctx.flash("success", member.gettext("Issued. The wallet has {amount} now.").format(amount=after))
    return redirect(f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/wallet")
async def set_wallet(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Freeze, close or reopen the user's wallet; the user reads why."""
    member, form = admin_of(request), await form_of(request)
    try:
        status = next((known for known in WALLET_STATES if known == form.text("status")), None)
        if status is None:
            raise InvalidInput("status", "Choose what the wallet is to be.", code="wallet-state-needed")
        reason = reason_in(form.text("reason"))
        wanted = NewWalletStatus(status=status, reason=reason)
        await member.payment.set_wallet_status(member.identity, user_id, wanted)
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "wallet")
    note(member, "set wallet status", reason, about_user_id=str(user_id), status=status)
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


async def _refused(request: PageRequest, user_id: UUID, form: Form, refusal: RuleBroken, which: str) -> Response[str]:
    """The page again; errors stand in the form (`which`) that was sent."""
    if refusal.status == 404:
        raise refusal
    member = admin_of(request)
    form.blame(
        refusal,
        member.ctx.reader,
        {"role": "", "status": "", "reason": member.gettext("Reason"), "amount": member.gettext("Amount")},
    )
    form.errors = {f"{which}_{name}": text for name, text in form.errors.items()}
    return await _user_page(request, member, user_id, form, which)


async def _user_page(
    request: PageRequest, member: MemberContext, user_id: UUID, form: Form, which: str = ""
) -> Response[str]:
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
        "roles": ROLES,
        "currency": member.currency,
        "key": form.text("key") or str(uuid4()),
        "form": form,
        "which": which,
    }
    return await render_page(request, "pages/admin/user.html", context, status=form.status)


ROUTES = [find, show, set_role, end_sessions, set_suspension, issue, set_wallet]
