"""Bringing listings in as a file, and taking them out."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from entrypoint.pages.asking import Asker, asker
from entrypoint.pages.forms import SentForm, sent_form
from entrypoint.pages.inputs import Form
from entrypoint.pages.sell import MEMBERS_ONLY
from entrypoint.web.frame import PageRequest, page, redirect
from souk.amounts import example
from souk.contracts.catalogue import Import
from souk.errors import RuleBroken
from souk.http.client import LONG_ANSWER_S_MAX, Refused

HERE = "/listings/mine/files"
FILE_BYTES_MAX = 16 * 1024 * 1024
"""The largest file that the catalogue takes."""

FORM_BYTES_MAX = FILE_BYTES_MAX + 64 * 1024
COLUMNS = (
    "title",
    "price",
    "category",
    "condition",
    "description",
    "quantity",
    "language",
    "attributes",
    "status",
    "id",
)


@get(HERE)
async def show(request: PageRequest) -> Response[Any]:
    """The form, and the latest files."""
    return await _page(request, asker(request), Form({}))


@post(HERE, request_max_body_size=FORM_BYTES_MAX, opt=MEMBERS_ONLY)
async def begin(request: PageRequest) -> Response[Any]:
    """Take a file; its own page shows how far it is."""
    ask, form = asker(request), await sent_form(request)
    content = await _content(ask, form)
    if content is None:
        return await _page(request, ask, form)
    params = {"dry_run": "false" if form.text("act") == "import" else "true"}
    try:
        answer = await ask.parts.clients.catalogue.send(
            "POST",
            "/me/imports",
            identity=ask.identity,
            params=params,
            content=content,
            seconds_max=LONG_ANSWER_S_MAX,
        )
        if answer.status_code >= 400:
            raise Refused(answer.status_code, answer.json())
    except RuleBroken as refused:
        if refused.status >= 500:
            raise
        form.blame(refused, {"file": ask.words("File")})
        return await _page(request, ask, form)
    return redirect(f"{HERE}/{msgspec.json.decode(answer.content, type=Import).id}")


@get(HERE + "/{import_id:uuid}")
async def show_one(request: PageRequest, import_id: UUID, after_line: int = 0) -> Response[Any]:
    """How far one is, and what has to be mended."""
    ask = asker(request)
    params = {"after_line": max(0, min(after_line, 10_000_000))}
    found = await ask.parts.clients.catalogue.get(
        f"/me/imports/{import_id}", Import, identity=ask.identity, params=params
    )
    lines = {fault.line for fault in found.faults}
    more = len(lines) >= 200
    context = {
        "active": "listings",
        "found": found,
        "percent": found.done * 100 // found.rows,
        "next": f"{HERE}/{import_id}?after_line={max(lines)}" if more else "",
    }
    return await page(request, "pages/importing/import.html", context)


@post(HERE + "/{import_id:uuid}/stop")
async def stop(request: PageRequest, import_id: UUID) -> Response[Any]:
    """Do no more of its rows."""
    ask = asker(request)
    await ask.parts.clients.catalogue.call("DELETE", f"/me/imports/{import_id}", type(None), identity=ask.identity)
    return redirect(f"{HERE}/{import_id}")


@get("/listings/mine/export.csv")
async def export(request: PageRequest) -> Response[bytes]:
    """All one's listings as a file."""
    ask = asker(request)
    answer = await ask.parts.clients.catalogue.send(
        "GET", "/me/listings/export", identity=ask.identity, seconds_max=LONG_ANSWER_S_MAX
    )
    if answer.status_code >= 400:
        raise Refused(answer.status_code, answer.json())
    headers = {
        "content-disposition": 'attachment; filename="souk-listings.csv"',
        "cache-control": "private, no-store",
    }
    return Response(answer.content, media_type="text/csv", headers=headers)


async def _content(ask: Asker, form: SentForm) -> bytes | None:
    files = form.files("file")
    content = await files[0].read(FILE_BYTES_MAX + 1) if files else b""
    if not content:
        form.refuse("file", ask.words("Choose a file."))
        return None
    return content


async def _page(request: PageRequest, ask: Asker, form: Form) -> Response[Any]:
    imports, categories = await asyncio.gather(
        ask.parts.clients.catalogue.get("/me/imports", list[Import], identity=ask.identity),
        ask.parts.categories.fresh(),
    )
    context = {
        "active": "listings",
        "imports": imports,
        "form": form,
        "columns": COLUMNS,
        "example": example(ask.currency),
        "slugs": [(category.slug, category.name) for category in categories],
    }
    return await page(request, "pages/importing/files.html", context, status=form.status)


ROUTES = [show, begin, show_one, stop, export]
