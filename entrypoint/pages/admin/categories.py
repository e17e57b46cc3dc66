"""Operators' view of the category tree: its categories, and what each asks of listings."""

from typing import Annotated, Any, Literal

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.pages.admin.admins import admin_of, note
from entrypoint.pages.fields import Fields, Label, Mend, When
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext
from entrypoint.web.marking import N_
from souk.contracts.catalogue.categories import (
    NAME_CHARS_MAX,
    AttributeDefinition,
    AttributeKind,
    Category,
    CategoryChanges,
    NewCategory,
)
from souk.errors import NotFound, RuleBroken

GIVE_A_NAME = N_("Give it a name of %s to %s characters.")


class CategoryEntry(Fields, frozen=True, kw_only=True):
    """A category to be added."""

    name: Annotated[
        str,
        Meta(min_length=2, max_length=NAME_CHARS_MAX),
        Label(N_("Name")),
        Mend(GIVE_A_NAME, 2, NAME_CHARS_MAX),
    ]
    parent: Annotated[str | None, Label(N_("In"))] = None


class CategoryChangeEntry(Fields, frozen=True, kw_only=True):
    """What is to be done with a category, or with what it asks for."""

    act: Literal["rename", "remove", "forget", "define"] = "define"
    name: Annotated[
        str,
        Meta(min_length=1, max_length=NAME_CHARS_MAX),
        Label(N_("Name")),
        When("act", "rename", "define"),
        Mend(GIVE_A_NAME, 1, NAME_CHARS_MAX),
    ] = ""
    """Of the category, or of the attribute."""
    key: Annotated[str, Label(N_("Key"))] = ""
    kind: Annotated[AttributeKind, Label(N_("Kind"))] = "choice"
    unit: Annotated[str, Label(N_("Unit"))] = ""
    options: Annotated[str, Label(N_("Options"))] = ""
    """One a line."""


@get("/admin/categories")
async def show_tree(request: PageRequest) -> Response[Any]:
    """The whole tree."""
    return await _tree_page(request, admin_of(request), Form({}))


@post("/admin/categories")
async def add(request: PageRequest) -> Response[Any]:
    """Add a category."""
    member, form = admin_of(request), await form_of(request, CategoryEntry)
    entry = form.entry
    if entry is None:
        return await _tree_page(request, member, form)
    new = NewCategory(name=entry.name, parent=entry.parent)
    try:
        made = await member.catalogue.add_category(member.identity, new)
    except RuleBroken as refused:
        form.blame(refused)
        return await _tree_page(request, member, form)
    note(member, "add category", "", category=made["slug"])
    await member.parts.categories.changed(member.parts.kernel.database)
    return redirect(f"/admin/categories/{made['slug']}")


@get("/admin/categories/{slug:str}")
async def show_category(request: PageRequest, slug: str) -> Response[Any]:
    """One category."""
    return await _category_page(request, admin_of(request), slug, Form({}))


@post("/admin/categories/{slug:str}")
async def change(request: PageRequest, slug: str) -> Response[Any]:
    """Rename or remove a category, and change what it asks for."""
    member, form = admin_of(request), await form_of(request, CategoryChangeEntry)
    entry = form.entry
    if entry is None:
        return await _category_page(request, member, slug, form)
    act, key = entry.act, entry.key or "-"
    try:
        if act == "rename":
            await member.catalogue.edit_category(member.identity, slug, CategoryChanges(name=entry.name))
        elif act == "remove":
            await member.catalogue.remove_category(member.identity, slug)
        elif act == "forget":
            await member.catalogue.forget_attribute(member.identity, slug, key)
        else:
            await member.catalogue.define_attribute(member.identity, slug, key, _definition(entry))
    except RuleBroken as refused:
        form.blame(refused)
        return await _category_page(request, member, slug, form)
    note(member, f"{act} category", "", category=slug)
    await member.parts.categories.changed(member.parts.kernel.database)
    member.ctx.flash("success", member.gettext("Done."))
    return redirect("/admin/categories" if act == "remove" else f"/admin/categories/{slug}")


def _definition(entry: CategoryChangeEntry) -> AttributeDefinition:
    options = [line.strip() for line in entry.options.splitlines() if line.strip()]
    return AttributeDefinition(name=entry.name, kind=entry.kind, unit=entry.unit, options=options)


async def _tree_page(request: PageRequest, member: MemberContext, form: Form) -> Response[Any]:
    categories = await member.parts.categories.needed()
    depths = _depths(categories)
    context = {
        "active": "admin",
        "form": form,
        "values": {"name": form.text("name"), "parent": form.text("parent")},
        "rows": [{"category": each, "depth": depths[each.slug]} for each in categories],
        "options": [{"value": each.slug, "label": "\u2003" * depths[each.slug] + each.name} for each in categories],
    }
    return await render_page(request, "pages/admin/categories.html", context, status=form.status)


async def _category_page(request: PageRequest, member: MemberContext, slug: str, form: Form) -> Response[Any]:
    by_slug = {each.slug: each for each in await member.parts.categories.needed()}
    category = by_slug.get(slug)
    if category is None:
        raise NotFound("The address may be mistyped, or what was here is gone.", code="no-such-page")
    edited = next((each for each in category.attributes if each.key == request.query_params.get("key")), None)
    values = {name: form.text(name) for name in CategoryChangeEntry.__struct_fields__}
    if edited is not None and not form.errors:
        values |= {"key": edited.key, "name": edited.name, "kind": edited.kind, "unit": edited.unit}
        values["options"] = "\n".join(edited.options)
    context = {
        "active": "admin",
        "form": form,
        "values": values,
        "category": "",
        "shown": category,
        "own": [each for each in category.attributes if each.category == slug],
        "inherited": [each for each in category.attributes if each.category != slug],
        "names": {each.slug: each.name for each in by_slug.values()},
        "kinds": [
            {"value": "choice", "label": member.gettext("One of several options")},
            {"value": "text", "label": member.gettext("Any text")},
            {"value": "number", "label": member.gettext("A number")},
        ],
    }
    return await render_page(request, "pages/admin/category.html", context, status=form.status)


def _depths(categories: list[Category]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for each in categories:
        depths[each.slug] = depths.get(each.parent, -1) + 1 if each.parent else 0
    return depths


ROUTES = [show_tree, add, show_category, change]
