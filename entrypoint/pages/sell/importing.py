"""Bringing listings in as a file, and taking them out."""

import asyncio
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.cards import CONDITIONS
from entrypoint.pages.fields import Fields, Label, Prefix
from entrypoint.pages.forms import Form, SentForm, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.pages.sell.uploads import MEMBERS_ONLY
from entrypoint.refusals.refusals import field_message
from entrypoint.web.marking import N_
from souk.amounts import example
from souk.contracts.catalogue.imports import Import, ImportFault, ImportField, ImportMapping, ImportNote
from souk.contracts.catalogue.listings import Condition
from souk.errors import RuleBroken

HERE = "/listings/mine/files"
FIELDS: tuple[ImportField, ...] = get_args(ImportField)
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


class FileEntry(Fields, frozen=True, kw_only=True):
    """What is to be done with a file; it and its pictures come as files."""

    act: Literal["check", "import"] = "check"


class MappingEntry(Fields, frozen=True, kw_only=True):
    """What the columns of a file are for, by their places, and what holds for rows that do not say."""

    columns: Annotated[dict[str, ImportField | None], Prefix("column-"), Label(N_("Columns"))]
    category: Annotated[str, Label(N_("Category"))] = ""
    condition: Annotated[Condition | None, Label(N_("Condition"))] = None


@get(HERE)
async def show(request: PageRequest) -> Response[Any]:
    """The form, and the latest files."""
    return await _page(request, member_context(request), Form({}))


@post(HERE, request_max_body_size=FORM_BYTES_MAX, opt=MEMBERS_ONLY)
async def begin(request: PageRequest) -> Response[Any]:
    """Take a file; its own page shows how far it is."""
    member, form = member_context(request), await form_of(request, FileEntry)
    content = await _content(member, form)
    if content is None:
        return await _page(request, member, form)
    pictures = next((sent.file for sent in form.files("pictures") if sent.filename), None)
    dry_run = form.entered.act != "import"
    try:
        made = await member.catalogue.import_listings(member.identity, content, pictures, dry_run=dry_run)
    except RuleBroken as refused:
        if refused.status >= 500:
            raise
        form.blame(refused)
        return await _page(request, member, form)
    return redirect(f"{HERE}/{made.id}")


@get(HERE + "/{import_id:uuid}")
async def show_one(request: PageRequest, import_id: UUID, after_line: int = 0) -> Response[Any]:
    """How far one is, and what has to be mended."""
    member = member_context(request)
    found = await member.catalogue.get_import(member.identity, import_id, max(0, min(after_line, 10_000_000)))
    if found.status == "mapping":
        return await _mapping_page(request, member, found, Form(_guessed(found)))
    lines = {fault.line for fault in found.faults}
    more = len(lines) >= 200
    context = {
        "active": "listings",
        "found": found,
        "notes": [_note(member, note) for note in found.notes],
        "faults": [_told(member, fault) for fault in found.faults],
        "percent": found.done * 100 // found.rows,
        "fetching": found.pictures - found.pictures_done - found.pictures_failed if not found.dry_run else 0,
        "next": f"{HERE}/{import_id}?after_line={max(lines)}" if more else "",
    }
    return await render_page(request, "pages/sell/import.html", context)


@post(HERE + "/{import_id:uuid}/mapping")
async def say_mapping(request: PageRequest, import_id: UUID) -> Response[Any]:
    """Say what the columns are for; the rows are done then."""
    member, form = member_context(request), await form_of(request, MappingEntry)
    entry = form.entered
    found = await member.catalogue.get_import(member.identity, import_id)
    chosen = {
        column.heading: field
        for number, column in enumerate(found.columns)
        if (field := entry.columns.get(str(number))) is not None
    }
    mapping = ImportMapping(columns=chosen, category=entry.category, condition=entry.condition)
    try:
        await member.catalogue.map_import(member.identity, import_id, mapping)
    except RuleBroken as refused:
        if found.status != "mapping":
            return redirect(f"{HERE}/{import_id}")
        form.blame(refused)
        return await _mapping_page(request, member, found, form)
    return redirect(f"{HERE}/{import_id}")


@post(HERE + "/{import_id:uuid}/stop")
async def stop(request: PageRequest, import_id: UUID) -> Response[Any]:
    """Do no more of its rows."""
    member = member_context(request)
    await member.catalogue.stop_import(member.identity, import_id)
    return redirect(f"{HERE}/{import_id}")


@get("/listings/mine/export.csv")
async def export(request: PageRequest) -> Response[bytes]:
    """All one's listings as a file."""
    member = member_context(request)
    content = await member.catalogue.export_listings(member.identity)
    headers = {
        "content-disposition": 'attachment; filename="souk-listings.csv"',
        "cache-control": "private, no-store",
    }
    return Response(content, media_type="text/csv", headers=headers)


async def _mapping_page(request: PageRequest, member: MemberContext, found: Import, form: Form) -> Response[Any]:
    categories = await member.parts.categories.needed()
    context = {
        "active": "listings",
        "found": found,
        "notes": [_note(member, note) for note in found.notes if note.kind != "ignored"],
        "fields": [{"value": field, "label": label} for field, label in _field_words(member).items()],
        "category_choices": [{"value": each.slug, "label": each.name} for each in categories],
        "conditions": [{"value": value, "label": member.gettext(label)} for value, label in CONDITIONS.items()],
        "form": form,
    }
    return await render_page(request, "pages/sell/mapping.html", context, status=form.status)


def _guessed(found: Import) -> dict[str, str]:
    """The form as the headings suggest it."""
    guessed = found.mapping.columns if found.mapping else {}
    return {f"column-{number}": guessed.get(column.heading, "") for number, column in enumerate(found.columns)}


def _field_words(member: MemberContext) -> dict[str, str]:
    _ = member.gettext
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


def _told(member: MemberContext, fault: ImportFault) -> dict[str, Any]:
    """A fault as the page shows it, in the reader's language."""
    told = field_message(member.ctx.reader, msgspec.structs.asdict(fault), fault.field)
    return {"line": fault.line, "field": fault.field, "told": told}


def _note(member: MemberContext, note: ImportNote) -> str:
    """What was assumed or left aside, in words."""
    _, names, count = member.gettext, ", ".join(note.names), note.count
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


async def _content(member: MemberContext, form: SentForm[FileEntry]) -> bytes | None:
    files = form.files("file")
    content = await files[0].read(FILE_BYTES_MAX + 1) if files else b""
    if not content:
        form.refuse("file", member.gettext("Choose a file."))
        return None
    return content


async def _page(request: PageRequest, member: MemberContext, form: Form) -> Response[Any]:
    imports, categories = await asyncio.gather(
        member.catalogue.list_imports(member.identity),
        member.parts.categories.needed(),
    )
    context = {
        "active": "listings",
        "imports": imports,
        "form": form,
        "columns": COLUMNS,
        "example": example(member.currency),
        "slugs": [(category.slug, category.name) for category in categories],
    }
    return await render_page(request, "pages/sell/files.html", context, status=form.status)


ROUTES = [show, begin, show_one, say_mapping, stop, export]
