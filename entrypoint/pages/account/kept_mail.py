"""The mailbox of a shop that is tried without a mail server. In the other sizes, and beside a server, it is not there.

It holds links that let anybody into any account, so it is shown to whoever sits at the machine that the shop runs on,
and else to admins only.
"""

from ipaddress import ip_address
from typing import Any

from litestar import Response, get
from sqlalchemy import select

from entrypoint.context.csrf import host_in
from entrypoint.context.layout import PageRequest, render_page
from entrypoint.context.request_context import context_of
from entrypoint.mailing.tables import KeptMailRow
from entrypoint.pages.admin.admins import admin_of
from souk.settings import LOOPBACK

SHOWN_MAX = 50

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy adds: then the request only seems to come from this machine."""


@get("/dev/mail")
async def show(request: PageRequest, to: str = "") -> Response[Any]:
    """The latest mails, or those to one address."""
    if not _from_this_machine(request):
        admin_of(request)
    query = select(KeptMailRow).order_by(KeptMailRow.id.desc()).limit(SHOWN_MAX)
    if to:
        query = query.where(KeptMailRow.recipient == to.replace("\x00", ""))
    async with context_of(request).parts.kernel.database.reading() as reader:
        mails = list(await reader.scalars(query))
    return await render_page(request, "pages/account/kept.html", {"mails": mails, "to": to, "shown_max": SHOWN_MAX})


def _from_this_machine(request: PageRequest) -> bool:
    """Asked on the machine itself, by a name of the machine itself (so that no other site's page can ask for it)."""
    peer = request.client.host if request.client else ""
    named = {
        _bare(request.headers.get("host", "")),
        _bare(host_in(context_of(request).parts.settings.public_url) or ""),
    }
    return named <= LOOPBACK and _is_loopback(peer) and not any(name in request.headers for name in FORWARDED)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _bare(host: str) -> str:
    """The host without its port and brackets."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


ROUTES = [show]
