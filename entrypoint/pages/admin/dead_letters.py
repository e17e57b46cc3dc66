"""Dead letters: events that a consumer gave up on, in every service; to be replayed or given up for good."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.admin.admins import Reasoned, admin_of, note
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext
from souk.errors import NotFound, RuleBroken
from souk.events.envelope import Unreadable, unseal
from souk.http import dead_letters as own
from souk.http.dead_letters import DeadLetter

SERVICES = ("catalogue", "store", "payment", "entrypoint")


async def letters_of(member: MemberContext, service: str) -> list[DeadLetter]:
    """The letters that wait in a service, oldest first."""
    if service == "entrypoint":
        async with member.parts.kernel.database.reading() as reader:
            return await own.waiting(reader)
    return await member.parts.clients.by_name(service).list_dead_letters(member.identity)


@get("/admin/dead-letters")
async def listed(request: PageRequest) -> Response[Any]:
    """All that wait, by service."""
    member = admin_of(request)
    found: dict[str, list[DeadLetter] | None] = {}
    for service in SERVICES:
        try:
            found[service] = await letters_of(member, service)
        except RuleBroken:  # the others are shown all the same
            found[service] = None
    return await render_page(request, "pages/admin/dead_letters.html", {"active": "admin", "services": found})


@get("/admin/dead-letters/{service:str}/{letter_id:uuid}")
async def show(request: PageRequest, service: str, letter_id: UUID) -> Response[Any]:
    """One letter with its body and the error."""
    return await _letter_page(request, admin_of(request), service, letter_id, Form({}))


@post("/admin/dead-letters/{service:str}/{letter_id:uuid}/replay")
async def replay(request: PageRequest, service: str, letter_id: UUID) -> Response[Any]:
    """Send it again to the consumer that gave up."""
    return await _resolve(request, service, letter_id, "replay")


@post("/admin/dead-letters/{service:str}/{letter_id:uuid}/discard")
async def discard(request: PageRequest, service: str, letter_id: UUID) -> Response[Any]:
    """Give it up for good."""
    return await _resolve(request, service, letter_id, "discard")


async def _resolve(request: PageRequest, service: str, letter_id: UUID, action: str) -> Response[Any]:
    member, form = admin_of(request), await form_of(request, Reasoned)
    _known(service)
    if form.entry is None:
        return await _letter_page(request, member, service, letter_id, form)
    try:
        await _do(member, service, letter_id, action)
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        form.blame(refusal)
        return await _letter_page(request, member, service, letter_id, form)
    note(member, f"{action} dead letter", form.entry.reason, dead_letter_id=str(letter_id), where=service)
    again, given_up = member.gettext("The event is sent again."), member.gettext("The event is given up.")
    member.ctx.flash("success", again if action == "replay" else given_up)
    return redirect("/admin/dead-letters")


async def _do(member: MemberContext, service: str, letter_id: UUID, action: str) -> None:
    if service == "entrypoint":
        async with member.parts.kernel.database.transaction() as session:
            await (own.replay if action == "replay" else own.discard)(session, letter_id, str(member.user.id))
        return
    client = member.parts.clients.by_name(service)
    await (client.replay_dead_letter if action == "replay" else client.discard_dead_letter)(member.identity, letter_id)


async def _letter_page(
    request: PageRequest, member: MemberContext, service: str, letter_id: UUID, form: Form
) -> Response[str]:
    _known(service)
    letter = next((letter for letter in await letters_of(member, service) if letter.id == letter_id), None)
    if letter is None:
        raise NotFound("There is no such dead letter waiting.", code="unknown-dead-letter")
    context = {
        "active": "admin",
        "service": service,
        "letter": letter,
        "body": _readable(letter.body),
        "purchase_id": _purchase_in(letter.body),
        "form": form,
    }
    return await render_page(request, "pages/admin/dead_letter.html", context, status=form.status)


def _known(service: str) -> None:
    if service not in SERVICES:
        raise NotFound("There is no such service.", code="unknown-service")


def _readable(body: str) -> str:
    try:
        return msgspec.json.format(body, indent=2)
    except msgspec.DecodeError:
        return body


def _purchase_in(body: str) -> str:
    """The purchase that an event is about; empty if it does not say."""
    try:
        return next(iter(unseal(body).about.get("purchase_id", ())), "")
    except Unreadable:
        return ""


ROUTES = [listed, show, replay, discard]
