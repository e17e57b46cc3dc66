"""Bringing listings in as a file, and taking them out."""

import asyncio
from typing import Any, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.asking import Asker, asker
from entrypoint.pages.cards import CONDITIONS
from entrypoint.pages.forms import SentForm, sent_form
from entrypoint.pages.inputs import Form, form_of
from entrypoint.pages.sell.sell import MEMBERS_ONLY
from souk.amounts import example
from souk.contracts.catalogue.imports import Import, ImportField, ImportNote
from souk.errors import RuleBroken
from souk.http.client import LONG_ANSWER_S_MAX, Refused

HERE = "/listings/mine/files"
FIELDS = get_args(ImportField)
FILE_BYTES_MAX = 16 * 1024 * 1024
"""The largest file that the catalogue takes."""

FORM_BYTES_MAX = 80 * 1024 * 1024
"""A file, and a ZIP of pictures beside it."""

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
    "pictures",
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
    pictures = [sent.file for sent in form.files("pictures") if sent.filename]
    try:
        answer = await ask.parts.clients.catalogue.send(
            "POST",
            "/me/imports/with-pictures" if pictures else "/me/imports",
            identity=ask.identity,
            params=params,
            content=None if pictures else content,
            files={"file": content, "pictures": pictures[0]} if pictures else None,
            seconds_max=LONG_ANSWER_S_MAX,
        )
        if answer.status >= 400:
            raise Refused(answer.status, answer.json())
    except RuleBroken as refused:
        if refused.status >= 500:
            raise
        form.blame(refused, {"file": ask.words("File"), "pictures": ask.words("Pictures")})
        return await _page(request, ask, form)
    return redirect(f"{HERE}/{msgspec.json.decode(answer.body, type=Import).id}")


@get(HERE + "/{import_id:uuid}")
async def show_one(request: PageRequest, import_id: UUID, after_line: int = 0) -> Response[Any]:
    """How far one is, and what has to be mended."""
    ask = asker(request)
    params = {"after_line": max(0, min(after_line, 10_000_000))}
    found = await ask.parts.clients.catalogue.get(
        f"/me/imports/{import_id}", Import, identity=ask.identity, params=params
    )
    if found.status == "mapping":
        return await _mapping_page(request, ask, found, Form(_guessed(found)))
    lines = {fault.line for fault in found.faults}
    more = len(lines) >= 200
    context = {
        "active": "listings",
        "found": found,
        "notes": [_note(ask, note) for note in found.notes],
        "percent": found.done * 100 // found.rows,
        "fetching": found.pictures - found.pictures_done - found.pictures_failed if not found.dry_run else 0,
        "next": f"{HERE}/{import_id}?after_line={max(lines)}" if more else "",
    }
    return await render_page(request, "pages/sell/import.html", context)


@post(HERE + "/{import_id:uuid}/mapping")
async def say_mapping(request: PageRequest, import_id: UUID) -> Response[Any]:
    """Say what the columns are for; the rows are done then."""
    ask, form = asker(request), await form_of(request)
    call = ask.parts.clients.catalogue.call
    found = await ask.parts.clients.catalogue.get(f"/me/imports/{import_id}", Import, identity=ask.identity)
    chosen = {
        column.heading: form.text(f"column-{number}")
        for number, column in enumerate(found.columns)
        if form.text(f"column-{number}") in FIELDS
    }
    condition = form.text("condition")
    mapping = {"columns": chosen, "category": form.text("category"), "condition": condition or None}
    try:
        await call("PUT", f"/me/imports/{import_id}/mapping", Import, json=mapping, identity=ask.identity)
    except RuleBroken as refused:
        if found.status != "mapping":
            return redirect(f"{HERE}/{import_id}")
        labels = {
            "columns": ask.words("Columns"),
            "category": ask.words("Category"),
            "condition": ask.words("Condition"),
        }
        form.blame(refused, labels)
        return await _mapping_page(request, ask, found, form)
    return redirect(f"{HERE}/{import_id}")


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
    if answer.status >= 400:
        raise Refused(answer.status, answer.json())
    headers = {
        "content-disposition": 'attachment; filename="souk-listings.csv"',
        "cache-control": "private, no-store",
    }
    return Response(answer.body, media_type="text/csv", headers=headers)


async def _mapping_page(request: PageRequest, ask: Asker, found: Import, form: Form) -> Response[Any]:
    categories = await ask.parts.categories.fresh()
    context = {
        "active": "listings",
        "found": found,
        "notes": [_note(ask, note) for note in found.notes if note.kind != "ignored"],
        "fields": [{"value": field, "label": label} for field, label in _field_words(ask).items()],
        "category_choices": [{"value": each.slug, "label": each.name} for each in categories],
        "conditions": [{"value": value, "label": ask.words(label)} for value, label in CONDITIONS.items()],
        "form": form,
    }
    return await render_page(request, "pages/sell/mapping.html", context, status=form.status)


def _guessed(found: Import) -> dict[str, str]:
    """The form as the headings suggest it."""
    guessed = found.mapping.columns if found.mapping else {}
    return {f"column-{number}": guessed.get(column.heading, "") for number, column in enumerate(found.columns)}


def _field_words(ask: Asker) -> dict[str, str]:
    _ = ask.words
    return {
        "title": _("Title"),
        "description": _("Description"),
        "price": _("Price"),
        "currency": _("Currency"),
        "quantity": _("Quantity"),
        "category": _("Category"),
        "condition": _("Condition"),
        "language": _("Language"),
        "attributes": _("Attributes"),
        "accepts_offers": _("Takes offers"),
        "status": _("On sale or draft"),
        "pictures": _("Pictures"),
        "id": _("Id of my listing"),
    }


def _note(ask: Asker, note: ImportNote) -> str:
    """What was assumed or left aside, in words."""
    _, names, count = ask.words, ", ".join(note.names), note.count
    lines = f"{names} …" if count > len(note.names) else names
    return {
        "encoding": _("The file is not UTF-8; it was read as {names}. Look at letters with accents."),
        "remembered": _("The columns were read as you said the last time."),
        "ignored": _("Left aside, for there is no place for it here: {names}."),
        "variants": _("Variants were left aside with their rows: {count}."),
        "shortened": _("Too long a title, cut at a word: line {lines}."),
        "no_stock": _("No stock, so a draft: line {lines}."),
        "more_pictures": _("More pictures than a listing may have; the first are taken: line {lines}."),
        "default_category": _("A category that is not known here, so the chosen one: line {lines}."),
    }[note.kind].format(names=names, count=count, lines=lines)


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
    return await render_page(request, "pages/sell/files.html", context, status=form.status)


ROUTES = [show, begin, show_one, say_mapping, stop, export]
