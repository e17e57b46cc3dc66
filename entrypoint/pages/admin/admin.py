"""The operators' pages: see how the shop is, and mend it. Whoever is no admin finds nothing here."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from sqlalchemy import func, select

from entrypoint.accounts.tables import UserRow
from entrypoint.clients.fallbacks import or_none
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.key_figures.key_figures import HEIGHT, WIDTH
from entrypoint.pages.admin.admins import admin_of
from entrypoint.pages.admin.dead_letters import SERVICES, letters_of
from entrypoint.pages.member_context import MemberContext
from entrypoint.sessions.tables import SessionRow
from souk.errors import RuleBroken
from souk.observability.logging import latest_errors


@get("/admin")
async def show(request: PageRequest) -> Response[Any]:
    """Key figures, and the way to everything else."""
    member = admin_of(request)
    counts, proof, letters = await asyncio.gather(
        _counts(member),
        or_none(member.payment.get_proof(member.identity)),
        asyncio.gather(*(or_none(letters_of(member, service)) for service in SERVICES)),
    )
    context = {
        "active": "admin",
        "counts": counts,
        "proof": proof,
        "plots": member.parts.key_figures.plots(),
        "box": f"0 0 {WIDTH} {HEIGHT}",
        "errors": [error | {"at": datetime.fromisoformat(error["timestamp"])} for error in reversed(latest_errors)],
        "letters": dict(zip(SERVICES, (None if found is None else len(found) for found in letters), strict=True)),
    }
    return await render_page(request, "pages/admin/admin.html", context)


@get("/admin/find")
async def find(request: PageRequest, id: str = "") -> Response[Any]:
    """The page of whatever has this id: an order, a purchase, or a user."""
    member = admin_of(request)
    try:
        wanted = UUID(id.strip())
    except ValueError:
        return redirect("/admin/users?" + urlencode({"email": id.strip()})) if "@" in id else _nothing(member)
    for get_it, where in ((member.store.get_order, "/orders"), (member.store.get_purchase, "/admin/purchases")):
        try:
            await get_it(member.identity, wanted)
        except RuleBroken as refusal:
            if refusal.status == 404:
                continue
            raise
        return redirect(f"{where}/{wanted}")
    async with member.parts.kernel.database.reading() as reader:
        known = await reader.get(UserRow, wanted)
    return redirect(f"/admin/users/{wanted}") if known else _nothing(member)


def _nothing(member: MemberContext) -> Response[Any]:
    member.ctx.flash("warning", member.gettext("Nothing has this id."))
    return redirect("/admin")


async def _counts(member: MemberContext) -> dict[str, int]:
    now = member.parts.kernel.clock.now()
    queries = {
        "users": select(func.count()).select_from(UserRow),
        "new_users": select(func.count()).where(UserRow.created_at > now - timedelta(days=1)),
        "active": select(func.count(func.distinct(SessionRow.user_id))).where(
            SessionRow.last_seen_at > now - timedelta(days=1)
        ),
    }
    async with member.parts.kernel.database.reading() as reader:
        return {name: int(await reader.scalar(query) or 0) for name, query in queries.items()}


ROUTES = [show, find]
