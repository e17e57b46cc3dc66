"""The whole story of a purchase for operators: where it stands in every service, what waits, and one more try for that."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.admin.admins import Reasoned, admin_of, note
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext
from entrypoint.purchase_history import purchase_history
from souk.errors import RuleBroken


@get("/admin/purchases/{purchase_id:uuid}")
async def show(request: PageRequest, purchase_id: UUID) -> Response[Any]:
    """One purchase."""
    return await _purchase_page(request, admin_of(request), purchase_id, Form({}))


@post("/admin/purchases/{purchase_id:uuid}/attempts")
async def attempt(request: PageRequest, purchase_id: UUID) -> Response[Any]:
    """Try all that waits again now."""
    member, form = admin_of(request), await form_of(request, Reasoned)
    if form.entry is None:
        return await _purchase_page(request, member, purchase_id, form)
    try:
        tried = await purchase_history.try_again(member.parts, member.identity, await _story(member, purchase_id))
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        form.blame(refusal)
        return await _purchase_page(request, member, purchase_id, form)
    note(member, "try purchase again", form.entry.reason, purchase_id=str(purchase_id), tried=", ".join(tried))
    done, nothing = member.gettext("It is tried again now."), member.gettext("Nothing waited any more.")
    member.ctx.flash("success" if tried else "info", done if tried else nothing)
    return redirect(f"/admin/purchases/{purchase_id}")


async def _story(member: MemberContext, purchase_id: UUID) -> purchase_history.Story:
    purchase = await member.store.get_purchase(member.identity, purchase_id)
    return await purchase_history.story_of(member.parts, member.identity, purchase)


async def _purchase_page(request: PageRequest, member: MemberContext, purchase_id: UUID, form: Form) -> Response[str]:
    story = await _story(member, purchase_id)
    context = {"active": "admin", "story": story, "purchase": story.purchase, "form": form}
    return await render_page(request, "pages/admin/purchase.html", context, status=form.status)


ROUTES = [show, attempt]
