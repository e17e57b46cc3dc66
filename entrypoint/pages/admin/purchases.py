"""The whole story of a purchase for operators: where it stands in every service, what waits, and one more try for that."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.admin.admins import admin_of, note, reason_in
from entrypoint.pages.asking import Asker
from entrypoint.pages.inputs import Form, form_of
from entrypoint.purchase_history import purchase_history
from souk.contracts.store.purchases import Purchase
from souk.errors import RuleBroken


@get("/admin/purchases/{purchase_id:uuid}")
async def show(request: PageRequest, purchase_id: UUID) -> Response[Any]:
    """One purchase."""
    return await _purchase_page(request, admin_of(request), purchase_id, Form({}))


@post("/admin/purchases/{purchase_id:uuid}/attempts")
async def attempt(request: PageRequest, purchase_id: UUID) -> Response[Any]:
    """Try all that waits again now."""
    ask, form = admin_of(request), await form_of(request)
    try:
        reason = reason_in(ask, form.text("reason"))
        tried = await purchase_history.try_again(ask.parts, ask.identity, await _story(ask, purchase_id))
    except RuleBroken as refusal:
        if refusal.status == 404:
            raise
        form.blame(refusal, {"reason": ask.words("Reason")})
        return await _purchase_page(request, ask, purchase_id, form)
    note(ask, "try purchase again", reason, purchase_id=str(purchase_id), tried=", ".join(tried))
    done, nothing = ask.words("It is tried again now."), ask.words("Nothing waited any more.")
    ask.ctx.flash("success" if tried else "info", done if tried else nothing)
    return redirect(f"/admin/purchases/{purchase_id}")


async def _story(ask: Asker, purchase_id: UUID) -> purchase_history.Story:
    purchase = await ask.store("GET", f"/purchases/{purchase_id}", Purchase)
    return await purchase_history.story_of(ask.parts, ask.identity, purchase)


async def _purchase_page(request: PageRequest, ask: Asker, purchase_id: UUID, form: Form) -> Response[str]:
    story = await _story(ask, purchase_id)
    context = {"active": "admin", "story": story, "purchase": story.purchase, "form": form}
    return await render_page(request, "pages/admin/purchase.html", context, status=form.status)


ROUTES = [show, attempt]
