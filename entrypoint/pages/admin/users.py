"""Operators' view of accounts: find one, suspend it, grant roles, end sessions, issue money, freeze its wallet."""

from typing import Any, get_args
from uuid import UUID, uuid4

from litestar import Response, get, post

from entrypoint.accounts import accounts, operator_log, suspensions
from entrypoint.accounts.access import end_access
from entrypoint.accounts.tables import Role
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.devices.browsers import browser_name
from entrypoint.mailing import mailing
from entrypoint.pages.admin.admins import admin_of, note, reason_in
from entrypoint.pages.asking import Asker, or_none
from entrypoint.pages.inputs import Form, form_of, mend_of
from entrypoint.sessions import sessions
from souk.amounts import AmountError, read_amount
from souk.contracts.payment.events import WalletStatus
from souk.contracts.payment.wallets import NewIssuance, NewWalletStatus, TransferReceipt, WalletOverview
from souk.errors import InvalidInput, RuleBroken

WALLET_STATES: tuple[WalletStatus, ...] = get_args(WalletStatus)

ROLES: tuple[Role, ...] = get_args(Role)


@get("/admin/users")
async def find(request: PageRequest, email: str = "") -> Response[Any]:
    """Find an account by its address."""
    ask = admin_of(request)
    if email and "\x00" not in email:
        async with ask.parts.kernel.database.reading() as reader:
            found = await accounts.find_by_email(reader, email)
        if found is not None:
            return redirect(f"/admin/users/{found.id}")
        ask.ctx.flash("warning", ask.words("No account has this address."))
    async with ask.parts.kernel.database.reading() as reader:
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
    ask, form = admin_of(request), await form_of(request)
    try:
        role = next((role for role in ROLES if role == form.text("role")), None)
        if role is None:
            raise InvalidInput("role", ask.words("Choose a role."))
        reason = reason_in(ask, form.text("reason"))
        await _set_role(ask, user_id, role, granted=form.text("do") == "grant", reason=reason)
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "role")
    ask.ctx.flash("success", ask.words("Done. The user has to log in again."))
    return redirect("/" if user_id == ask.user.id else f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/sessions/removal")
async def end_sessions(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Log the user out everywhere, API clients as well."""
    ask, form = admin_of(request), await form_of(request)
    try:
        reason = reason_in(ask, form.text("reason"))
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "sessions")
    async with ask.parts.kernel.database.transaction() as session:
        await accounts.get(session, user_id)
        await end_access(session, user_id, keep=ask.user.session_id)
        now = ask.parts.kernel.clock.now()
        await operator_log.note(session, user_id, "end sessions", by=str(ask.user.id), reason=reason, now=now)
    note(ask, "end sessions", reason, about_user_id=str(user_id))
    ask.ctx.flash("success", ask.words("The user is logged out everywhere."))
    return redirect(f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/suspension")
async def set_suspension(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Suspend the user, or take it back; they read why."""
    ask, form = admin_of(request), await form_of(request)
    kernel, suspending = ask.parts.kernel, form.text("do") == "suspend"
    try:
        reason = reason_in(ask, form.text("reason"))
        if user_id == ask.user.id:
            raise InvalidInput("reason", ask.words("Another admin has to do that to you. Nothing was changed."))
        change = suspensions.suspend if suspending else suspensions.restore
        async with kernel.database.transaction() as session:
            told = {"by": str(ask.user.id), "reason": reason}
            await change(session, kernel.outbox, user_id, **told, now=kernel.clock.now())
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "suspension")
    note(ask, "suspend" if suspending else "restore", reason, about_user_id=str(user_id))
    ask.ctx.flash("success", ask.words("Done. The user is told by mail, where the shop sends any."))
    return redirect(f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/issuances")
async def issue(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Issue virtual money. The form's key makes a second click the same issuance."""
    ask, form = admin_of(request), await form_of(request)
    try:
        async with ask.parts.kernel.database.reading() as reader:
            await accounts.get(reader, user_id)
        try:
            amount = read_amount(form.text("amount"), ask.currency)
        except AmountError as error:
            raise InvalidInput("amount", mend_of(error, ask.currency, ask.ctx.reader)) from error
        reason = reason_in(ask, form.text("reason"))
        new = NewIssuance(user_id=user_id, amount=amount, reason=reason)
        headers = {"idempotency-key": str(form.uuid("key") or uuid4())}
        receipt = await ask.payment("POST", "/issuances", TransferReceipt, json=new, headers=headers)
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "issue")
    note(ask, "issue money", reason, about_user_id=str(user_id), transfer_id=str(receipt.transfer_id))
    after = ask.ctx.reader.money(receipt.available)
    ask.ctx.flash("success", ask.words("Issued. The wallet has {amount} now.").format(amount=after))
    return redirect(f"/admin/users/{user_id}")


@post("/admin/users/{user_id:uuid}/wallet")
async def set_wallet(request: PageRequest, user_id: UUID) -> Response[Any]:
    """Freeze, close or reopen the user's wallet; the user reads why."""
    ask, form = admin_of(request), await form_of(request)
    try:
        status = next((known for known in WALLET_STATES if known == form.text("status")), None)
        if status is None:
            raise InvalidInput("status", ask.words("Choose what the wallet is to be."))
        reason = reason_in(ask, form.text("reason"))
        wanted = NewWalletStatus(status=status, reason=reason)
        await ask.payment("POST", f"/wallets/{user_id}/status", WalletOverview, json=wanted)
    except RuleBroken as refusal:
        return await _refused(request, user_id, form, refusal, "wallet")
    note(ask, "set wallet status", reason, about_user_id=str(user_id), status=status)
    ask.ctx.flash("success", ask.words("Done. The user has been told."))
    return redirect(f"/admin/users/{user_id}")


async def _set_role(ask: Asker, user_id: UUID, role: Role, *, granted: bool, reason: str) -> None:
    if user_id == ask.user.id and role == "admin" and not granted:
        raise InvalidInput("role", ask.words("Another admin has to take this role from you. Nothing was changed."))
    kernel = ask.parts.kernel
    async with kernel.database.transaction() as session:
        await accounts.get(session, user_id)
        if granted:
            await accounts.grant_role(session, user_id, role, by=str(ask.user.id), now=kernel.clock.now())
        else:
            await accounts.revoke_role(session, user_id, role)
        action = f"{'grant' if granted else 'revoke'} {role}"
        await operator_log.note(session, user_id, action, by=str(ask.user.id), reason=reason, now=kernel.clock.now())
    note(ask, "grant role" if granted else "revoke role", reason, about_user_id=str(user_id), role=role)


async def _refused(request: PageRequest, user_id: UUID, form: Form, refusal: RuleBroken, which: str) -> Response[str]:
    """The page again; errors stand in the form (`which`) that was sent."""
    if refusal.status == 404:
        raise refusal
    ask = admin_of(request)
    form.blame(refusal, {"role": "", "status": "", "reason": ask.words("Reason"), "amount": ask.words("Amount")})
    form.errors = {f"{which}_{name}": text for name, text in form.errors.items()}
    return await _user_page(request, ask, user_id, form, which)


async def _user_page(request: PageRequest, ask: Asker, user_id: UUID, form: Form, which: str = "") -> Response[str]:
    now = ask.parts.kernel.clock.now()
    async with ask.parts.kernel.database.reading() as reader:
        account = await accounts.get(reader, user_id)
        suspension = await suspensions.of(reader, user_id)
        done = await operator_log.list_of(reader, user_id)
        mailbox = await mailing.mailbox_of(reader, user_id)
        open_sessions = await sessions.list_of(reader, ask.parts.settings, user_id, now)
    wallet = await or_none(ask.payment("GET", f"/wallets/{user_id}", WalletOverview))
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
        "currency": ask.currency,
        "key": form.text("key") or str(uuid4()),
        "form": form,
        "which": which,
    }
    return await render_page(request, "pages/admin/user.html", context, status=form.status)


ROUTES = [find, show, set_role, end_sessions, set_suspension, issue, set_wallet]
