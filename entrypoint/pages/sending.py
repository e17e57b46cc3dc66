"""Sending money to another user: whom and how much, then once more with their name, then done."""

from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post

from entrypoint.accounts import accounts, suspensions
from entrypoint.pages.asking import Asker, asker
from entrypoint.pages.inputs import Form, form_of
from entrypoint.web.frame import PageRequest, page, redirect
from souk.contracts.entrypoint import User
from souk.contracts.payment import NewTransfer, TransferReceipt, Wallet
from souk.errors import NotFound, RuleBroken
from souk.money import Money

NOTE_CHARS_MAX = 140


@get("/wallet/send")
async def show(request: PageRequest, to: UUID | None = None) -> Response[Any]:
    """Whom, and how much. `to` is a user whom the reader came from, such as a seller."""
    ask = asker(request)
    recipient = await _by_id(ask, to) if to else None
    return await _form_page(request, ask, Form({}), recipient)


@post("/wallet/send")
async def review(request: PageRequest) -> Response[Any]:
    """The same once more, with the recipient's name, before anything moves."""
    ask, form = asker(request), await form_of(request)
    recipient = await _recipient(ask, form)
    amount = form.money("amount", ask.currency, ask.visit.reader)
    wallet = await ask.payment("GET", "/wallet", Wallet)
    if amount is not None:
        _check(ask, form, amount, wallet)
    if len(form.text("note")) > NOTE_CHARS_MAX:
        form.refuse("note", ask.words("Use at most 140 characters."))
    if recipient is None or amount is None or form.errors:
        return await _form_page(request, ask, form, recipient if form.uuid("to") else None, wallet)
    context = {
        "active": "wallet",
        "recipient": recipient,
        "amount": amount,
        "after": wallet.available - amount,
        "available": wallet.available,
        "note": form.text("note"),
        "key": str(uuid4()),
    }
    return await page(request, "pages/wallet/confirm.html", context)


@post("/wallet/transfers")
async def send(request: PageRequest) -> Response[Any]:
    """Do it. The form's key makes a second click the same transfer."""
    ask, form = asker(request), await form_of(request)
    to, amount, key = form.uuid("to"), form.minor("minor", ask.currency), form.uuid("key")
    if to is None or amount is None or key is None:
        return redirect("/wallet/send")
    recipient = await _by_id(ask, to)
    try:
        new = NewTransfer(recipient_id=to, amount=amount, note=form.text("note"))
        headers = {"idempotency-key": str(key)}
        await ask.payment("POST", "/wallet/transfers", TransferReceipt, json=new, headers=headers)
    except RuleBroken as refusal:
        form.blame(refusal, {"amount": ask.words("Amount"), "note": ask.words("Note"), "recipient_id": ""})
        again = Form({"to": str(to), "amount": f"{amount.decimal():f}", "note": form.text("note")})
        again.errors, again.notice, again.status = form.errors, form.notice, form.status
        return await _form_page(request, ask, again, recipient)
    told = ask.words("{amount} is in {name}’s wallet.")
    ask.visit.flash("success", told.format(amount=ask.visit.reader.money(amount), name=recipient.display_name))
    return redirect("/wallet")


def _check(ask: Asker, form: Form, amount: Money, wallet: Wallet) -> None:
    """Say what the payment service would refuse, while it can still be mended."""
    reader = ask.visit.reader
    if wallet.status != "open":
        form.refuse("amount", ask.words("Nothing can leave your wallet now. Nothing was sent."))
    elif amount.amount > wallet.available.amount:
        text = ask.words("Your wallet has {available}. Nothing was sent.")
        form.refuse("amount", text.format(available=reader.money(wallet.available)))
    elif amount.amount > wallet.transfer_limit_left.amount:
        text = ask.words("You can send {left} more today. Nothing was sent.")
        form.refuse("amount", text.format(left=reader.money(wallet.transfer_limit_left)))


async def _recipient(ask: Asker, form: Form) -> User | None:
    """By the hidden id of somebody whom the reader came from, or by the address they typed.

    That an address has an account is shown to people who are logged in, so often an hour: registering shows it too.
    """
    to, email = form.uuid("to"), form.text("email")
    if to is None and not email:
        form.refuse("email", ask.words("Enter the address of their account here."))
        return None
    found = await _by_id(ask, to) if to else await _by_email(ask, email)
    if found is None:
        form.refuse("email", ask.words("No account here has this address. Nothing was sent."))
    elif await _is_suspended(ask, found.id):
        form.refuse("email", ask.words("This account cannot receive money now. Nothing was sent."))
    elif found.id == ask.user.id:
        form.refuse("email", ask.words("This is you. Nothing was sent."))
    return found


async def _is_suspended(ask: Asker, user_id: UUID) -> bool:
    async with ask.parts.kernel.database.reading() as reader:
        return await suspensions.of(reader, user_id) is not None


async def _by_email(ask: Asker, email: str) -> User | None:
    await ask.parts.limits.hit((ask.parts.rules.recipient, f"user {ask.user.id}"))
    async with ask.parts.kernel.database.reading() as reader:
        return await accounts.find_by_email(reader, email)


async def _by_id(ask: Asker, user_id: UUID) -> User:
    async with ask.parts.kernel.database.reading() as reader:
        try:
            return await accounts.get(reader, user_id)
        except NotFound:
            raise NotFound("There is no such user.") from None


async def _form_page(
    request: PageRequest, ask: Asker, form: Form, recipient: User | None, wallet: Wallet | None = None
) -> Response[str]:
    known = wallet if wallet is not None else await ask.payment("GET", "/wallet", Wallet)
    context: dict[str, Any] = {
        "active": "wallet",
        "recipient": recipient,
        "wallet": known,
        "available": known.available,
        "currency": ask.currency,
        "form": form,
    }
    return await page(request, "pages/wallet/send.html", context, status=form.status)


ROUTES = [show, review, send]
