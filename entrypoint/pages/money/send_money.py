"""Sending money to another user: whom and how much, then once more with their name, then done."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from msgspec import Meta

from entrypoint.accounts import accounts, suspensions
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.fields import MINOR, TOO_LONG, Fields, Label, Mend, Param
from entrypoint.pages.forms import Form, SentForm, form_of, money_text
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.web.marking import N_
from souk.contracts.entrypoint.users import User
from souk.contracts.payment.wallets import NewTransfer, Wallet
from souk.errors import NotFound, RuleBroken
from souk.mailboxes import clean_email
from souk.money import Money

NOTE_CHARS_MAX = 140

WAITS_FOR = timedelta(days=14)
"""What the payment service does with money for an address that nobody proved; it says the exact time itself."""


class RecipientEntry(Fields, frozen=True, kw_only=True):
    """Whom money is sent to."""

    to: UUID | None = None
    """A user whom the sender came from, who is asked for no address then."""
    email: str = ""


class TransferEntry(RecipientEntry, frozen=True, kw_only=True):
    """Whom money is sent to, and how much."""

    amount: Annotated[Money, Label(N_("Amount"))]
    note: Annotated[str, Meta(max_length=NOTE_CHARS_MAX), Mend(TOO_LONG, NOTE_CHARS_MAX)] = ""


class ConfirmedTransfer(Fields, frozen=True, kw_only=True):
    """What was shown once more before it is sent."""

    to: Annotated[UUID | None, Param("recipient_id")] = None
    email: str = msgspec.field(name="to_email", default="")
    amount: Annotated[Money | None, MINOR, Label(N_("Amount"))] = msgspec.field(name="minor", default=None)
    note: Annotated[str, Label(N_("Note"))] = ""
    key: UUID | None = None


@dataclass(frozen=True)
class Recipient:
    """Whom money is sent to: a user, or whoever proves an address."""

    user: User | None
    email: str
    waits: bool
    """Whether it waits, for nobody has proved the address so far."""

    @property
    def shown(self) -> str:
        """The user's name, where they proved to be called so; else what the sender typed."""
        return self.user.display_name if self.user else self.email


@get("/wallet/send")
async def show(request: PageRequest, to: UUID | None = None) -> Response[Any]:
    """Whom, and how much. `to` is a user whom the reader came from, such as a seller."""
    member = member_context(request)
    recipient = await _by_id(member, to) if to else None
    return await _form_page(request, member, Form({}), recipient)


@post("/wallet/send")
async def review(request: PageRequest) -> Response[Any]:
    """The same once more, with the recipient's name and what will happen, before anything moves."""
    member, form = member_context(request), await form_of(request, TransferEntry)
    entry, who = form.entry, form.read(RecipientEntry)
    recipient = await _recipient(member, form, who) if who is not None else None
    wallet = await member.payment.get_wallet(member.identity)
    if entry is not None:
        _check(member, form, entry.amount, wallet)
    if recipient is None or entry is None or form.errors:
        return await _form_page(request, member, form, recipient if who and who.to else None, wallet)
    context = {
        "active": "wallet",
        "recipient": recipient,
        "waits_until": member.ctx.reader.now + WAITS_FOR,
        "amount": entry.amount,
        "after": wallet.available - entry.amount,
        "available": wallet.available,
        "note": entry.note,
        "key": str(uuid4()),
    }
    return await render_page(request, "pages/wallet/confirm.html", context)


@post("/wallet/transfers")
async def send(request: PageRequest) -> Response[Any]:
    """Do it. The form's key makes a second click the same transfer."""
    member, form = member_context(request), await form_of(request, ConfirmedTransfer)
    entry = form.entry
    if entry is None or (entry.to is None and not entry.email) or entry.amount is None or entry.key is None:
        return redirect("/wallet/send")
    to, amount = entry.to, entry.amount
    recipient = await _by_id(member, to) if to else Recipient(None, entry.email, waits=True)
    try:
        new = NewTransfer(recipient_id=to, email=None if to else entry.email, amount=amount, note=entry.note)
        done = await member.payment.send_transfer(member.identity, new, entry.key)
    except RuleBroken as refusal:
        form.blame(refusal)
        again = Form({"to": str(to or ""), "email": entry.email, "amount": money_text(amount), "note": entry.note})
        names = {"minor": "amount", "to_email": "email"}
        again.errors = {names.get(name, name): text for name, text in form.errors.items()}
        again.notice, again.status = form.notice, form.status
        return await _form_page(request, member, again, recipient if to else None)
    reader = member.ctx.reader
    told = member.gettext("{amount} is in {name}’s wallet.")
    if done.waits_until is not None:
        told = member.gettext("{amount} for {name} waits for them to prove their address, until {until} at the latest.")
    shown = {"amount": reader.money(amount), "name": recipient.shown, "until": reader.datetime(done.waits_until)}
    member.ctx.flash("success", told.format(**shown))
    return redirect("/wallet")


def _check(member: MemberContext, form: Form, amount: Money, wallet: Wallet) -> None:
    """Say what the payment service would refuse, while it can still be mended."""
    reader = member.ctx.reader
    if wallet.status != "open":
        form.refuse("amount", member.gettext("Nothing can leave your wallet now. Nothing was sent."))
    elif amount.amount > wallet.available.amount:
        text = member.gettext("Your wallet has {available}. Nothing was sent.")
        form.refuse("amount", text.format(available=reader.money(wallet.available)))
    elif amount.amount > wallet.transfer_limit_left.amount:
        text = member.gettext("You can send {left} more today. Nothing was sent.")
        form.refuse("amount", text.format(left=reader.money(wallet.transfer_limit_left)))


async def _recipient(member: MemberContext, form: SentForm[TransferEntry], who: RecipientEntry) -> Recipient | None:
    """By the hidden id of somebody whom the reader came from, or by the address they typed.

    Only the name of who proved the address is shown, to people who are logged in, so often an hour. An address that
    nobody has and one that nobody proved look alike.
    """
    to, email = who.to, who.email
    if to is None and clean_email(email) is None:
        form.refuse("email", member.gettext("Enter the email address of whom you send it to."))
        return None
    found = await _by_id(member, to) if to else await _by_email(member, email)
    if found.user is not None and found.user.id == member.user.id:
        form.refuse("email", member.gettext("This is you. Nothing was sent."))
    elif found.user is not None and await _is_suspended(member, found.user.id):
        form.refuse("email", member.gettext("This account cannot receive money now. Nothing was sent."))
    return found


async def _is_suspended(member: MemberContext, user_id: UUID) -> bool:
    async with member.parts.kernel.database.reading() as reader:
        return await suspensions.of(reader, user_id) is not None


async def _by_email(member: MemberContext, email: str) -> Recipient:
    await member.parts.limits.hit((member.parts.rules.recipient, f"user {member.user.id}"))
    async with member.parts.kernel.database.reading() as reader:
        found = await accounts.find_by_email(reader, email)
        proved = found is not None and await accounts.has_proved(reader, found.id)
    mine = found is not None and found.id == member.user.id
    return Recipient(found if proved or mine else None, email, waits=not proved)


async def _by_id(member: MemberContext, user_id: UUID) -> Recipient:
    async with member.parts.kernel.database.reading() as reader:
        try:
            found = await accounts.get(reader, user_id)
        except NotFound:
            raise NotFound("There is no such user.", code="unknown-user") from None
        return Recipient(found, "", waits=not await accounts.has_proved(reader, user_id))


async def _form_page(
    request: PageRequest, member: MemberContext, form: Form, recipient: Recipient | None, wallet: Wallet | None = None
) -> Response[str]:
    known = wallet if wallet is not None else await member.payment.get_wallet(member.identity)
    context: dict[str, Any] = {
        "active": "wallet",
        "recipient": recipient,
        "wallet": known,
        "available": known.available,
        "currency": member.currency,
        "form": form,
    }
    return await render_page(request, "pages/wallet/send.html", context, status=form.status)


ROUTES = [show, review, send]
