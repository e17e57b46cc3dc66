"""Pages that ask for an address and say, whoever has it, that a mail is on its way there."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

from litestar import Response

from entrypoint.context.layout import PageRequest, render_page
from entrypoint.context.parts import Parts
from entrypoint.context.request_context import context_of
from entrypoint.limits.limits import Rule
from entrypoint.pages.account.login import slowed
from entrypoint.pages.fields import Fields, Label
from entrypoint.pages.forms import Form, form_of
from entrypoint.web.client_address import at_place
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.errors import RuleBroken

What = Literal["password", "claim"]
"""What the mail is for: a new password, or an address that somebody else's account has."""


class MailAddressEntry(Fields, frozen=True, kw_only=True):
    """Where the mail goes."""

    email: Annotated[str, Label(N_("Email"))]


Ask = Callable[[Parts, str, Sequence[tuple[Rule, str]], Reader], Awaitable[str]]
"""Queues the mail; gives the address as it is written to."""


async def by_mail_page(
    request: PageRequest, what: What, form: Form, asked: str = "", *, refusal: RuleBroken | None = None
) -> Response[str]:
    """The page, with the form or, once `asked`, with what happens next."""
    settings = context_of(request).parts.settings
    context = {
        "what": what,
        "form": form,
        "asked": asked,
        "open": settings.sends_mail,
        "kept": settings.keeps_mail,
    }
    return slowed(await render_page(request, "pages/account/by_mail.html", context, status=form.status), refusal)


async def send_by_mail(request: PageRequest, what: What, ask: Ask) -> Response[str]:
    """Have the mail sent to the address in the form; the answer is the same whether anybody has it."""
    ctx, form = context_of(request), await form_of(request, MailAddressEntry)
    if form.entry is None:
        return await by_mail_page(request, what, form)
    try:
        by_place = at_place(ctx.parts.rules.way_back_place, request)
        asked = await ask(ctx.parts, form.entry.email, by_place, ctx.reader)
    except RuleBroken as refusal:
        form.blame(refusal)
        return await by_mail_page(request, what, form, refusal=refusal)
    return await by_mail_page(request, what, form, asked)
