"""A message that somebody types: the form, and what becomes of it when it cannot be sent just now."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from msgspec import Meta

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.fields import Fields, Label, Mend
from entrypoint.pages.forms import Form, form_of
from entrypoint.web.marking import N_
from souk.contracts.store.messages import MESSAGE_CHARS_MAX, Sent, Thread
from souk.errors import RuleBroken
from souk.ids import new_id


class MessageEntry(Fields, frozen=True, kw_only=True):
    """What somebody writes."""

    text: Annotated[
        str,
        Label(N_("Message")),
        Meta(min_length=1, max_length=MESSAGE_CHARS_MAX),
        Mend(N_("Write 1 to %s characters."), MESSAGE_CHARS_MAX),
    ]
    key: UUID
    """From the empty form: it makes a second click, or the next try, the same message."""


def empty_form() -> Form:
    """A form for a message that is not written yet."""
    return Form({"key": str(new_id())})


def thread_href(thread: Thread) -> str:
    """A thread's page, where the last message stands."""
    return f"/messages/{thread.id}#message-{thread.messages}"


async def send(
    request: PageRequest,
    sending: Callable[[MessageEntry], Coroutine[Any, Any, Sent]],
    again: Callable[[Form], Coroutine[Any, Any, Response[Any]]],
) -> Response[Any]:
    """Send what was typed and go to its thread; `again` shows the page with what was typed and why it was refused.

    While the store does not answer there is no thread to show: then a page keeps the words, and the next try has the same
    key.
    """
    form = await form_of(request, MessageEntry)
    if form.entry is None:
        return await again(form)
    try:
        message = await sending(form.entry)
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        form.blame(refusal)
        return await again(form) if refusal.status < 500 else await _kept(request, form)
    return redirect(f"/messages/{message.thread_id}#message-{message.message.number}")


async def _kept(request: PageRequest, form: Form) -> Response[Any]:
    context = {"active": "messages", "form": form, "text_max": MESSAGE_CHARS_MAX, "action": request.url.path}
    return await render_page(request, "pages/messages/kept.html", context, status=form.status)
