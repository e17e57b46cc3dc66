"""Public routes of categories, and those by which admins change them."""

from litestar import delete, get, patch, post, put

from catalogue.categories import editing
from catalogue.categories.categories import CHANNEL, Categories
from souk.contracts.catalogue.categories import AttributeDefinition, Category, CategoryChanges, NewCategory
from souk.database import Session
from souk.events import notify
from souk.http import Identity, Kernel


@get("/categories", tags=["Categories"], operation_id="listCategories", summary="The category tree")
async def list_categories(categories: Categories) -> list[Category]:
    """All categories, parents before their children, with the number of listings on sale in and below each."""
    return (await categories.tree()).all()


async def _allow(kernel: Kernel, identity: Identity, session: Session, categories: Categories, about: str) -> None:
    """Only for admins; it is written down, and every instance reads the tree anew once it is changed."""
    admin_id = identity.require_role("admin")
    kernel.log.info("category tree changed", admin_id=str(admin_id), about=about)
    notify(session, CHANNEL)
    session.after_commit(categories.forget)  # whoever changed it need not wait until that is heard


@post("/categories", tags=["Categories"], operation_id="addCategory", summary="Add a category")
async def add_category(
    *, kernel: Kernel, identity: Identity, session: Session, categories: Categories, data: NewCategory
) -> dict[str, str]:
    """As an admin: add a category; its slug is made of its name."""
    await _allow(kernel, identity, session, categories, data.name)
    return {"slug": await editing.add(session, data)}


@patch(
    "/categories/{slug:str}",
    tags=["Categories"],
    operation_id="editCategory",
    summary="Rename a category",
    status_code=204,
)
async def edit_category(
    *, kernel: Kernel, identity: Identity, session: Session, categories: Categories, slug: str, data: CategoryChanges
) -> None:
    """As an admin: another name or sign. The slug stays, so that addresses do."""
    await _allow(kernel, identity, session, categories, slug)
    await editing.change(session, slug, data)


@delete("/categories/{slug:str}", tags=["Categories"], operation_id="removeCategory", summary="Remove a category")
async def remove_category(
    kernel: Kernel, identity: Identity, session: Session, categories: Categories, slug: str
) -> None:
    """As an admin: remove a category in which neither listings nor other categories stand."""
    await _allow(kernel, identity, session, categories, slug)
    await editing.remove(session, slug)


@put(
    "/categories/{slug:str}/attributes/{key:str}",
    tags=["Categories"],
    operation_id="defineAttribute",
    summary="Ask for something",
    status_code=204,
)
async def define_attribute(
    *,
    kernel: Kernel,
    identity: Identity,
    session: Session,
    categories: Categories,
    slug: str,
    key: str,
    data: AttributeDefinition,
) -> None:
    """As an admin: what listings of a category, and below it, are asked for."""
    await _allow(kernel, identity, session, categories, f"{slug} {key}")
    await editing.define(session, slug, key, data)


@delete(
    "/categories/{slug:str}/attributes/{key:str}",
    tags=["Categories"],
    operation_id="forgetAttribute",
    summary="Ask for it no more",
)
async def forget_attribute(
    *, kernel: Kernel, identity: Identity, session: Session, categories: Categories, slug: str, key: str
) -> None:
    """As an admin: ask for something no more; listings keep what they say."""
    await _allow(kernel, identity, session, categories, f"{slug} {key}")
    await editing.forget(session, slug, key)


ROUTES = (list_categories, add_category, edit_category, remove_category, define_attribute, forget_attribute)
