"""What admins change of the category tree. Each function runs inside the caller's transaction, alone."""

import re

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from catalogue.categories.categories import lock_tree
from catalogue.categories.tables import CategoryAttributeRow, CategoryRow
from catalogue.listings.tables import ListingRow
from catalogue.texts import plain_text, slug_of
from souk.contracts.catalogue.categories import ATTRIBUTES_MAX, AttributeDefinition, CategoryChanges, NewCategory
from souk.database import Session
from souk.errors import InvalidInput, NotFound, RuleBroken

CATEGORIES_MAX = 500
DEPTH_MAX = 4
SLUG_CHARS_MAX = 60

_KEY = re.compile(r"[a-z][a-z0-9-]{0,29}")


class UnknownCategory(NotFound):
    """There is no such category, or it does not ask for this itself."""


class CategoryTaken(RuleBroken):
    """There is a category of that name."""

    title = "There is such a category"


class CategoryInUse(RuleBroken):
    """Listings or other categories stand in it."""

    title = "It is in use"


async def add(session: Session, new: NewCategory) -> str:
    """Add a category behind those of the same parent; returns its slug. Raises InvalidInput and CategoryTaken."""
    await lock_tree(session)
    name = _name(new.name)
    slug = slug_of(name)[:SLUG_CHARS_MAX].strip("-")
    if await session.get(CategoryRow, slug) is not None:
        raise CategoryTaken("There is a category “{slug}”. Choose another name.", slug=slug)
    if (await session.scalar(select(func.count()).select_from(CategoryRow)) or 0) >= CATEGORIES_MAX:
        raise InvalidInput(
            "name", "A tree has at most {most} categories.", code="too-many-categories", most=CATEGORIES_MAX
        )
    path = slug
    last = select(func.coalesce(func.max(CategoryRow.position), 0))
    if new.parent is not None:
        parent = await session.get(CategoryRow, new.parent)
        if parent is None:
            raise InvalidInput("parent", "There is no such category.", code="unknown-category")
        path = f"{parent.path}/{slug}"
        if path.count("/") >= DEPTH_MAX:
            raise InvalidInput(
                "parent", "The tree is at most {most} levels deep.", code="category-too-deep", most=DEPTH_MAX
            )
        last = last.where((CategoryRow.path + "/").startswith(parent.path + "/", autoescape=True))
    position = int(await session.scalar(last) or 0) + 1
    behind = update(CategoryRow).where(CategoryRow.position >= position)
    await session.execute(behind.values(position=CategoryRow.position + 1))
    row = {"slug": slug, "name": name, "parent": new.parent, "icon": new.icon, "position": position, "path": path}
    await session.execute(insert(CategoryRow).values(row))
    return slug


async def change(session: Session, slug: str, changes: CategoryChanges) -> None:
    """Rename a category, or give it another sign; its address stays. Raises UnknownCategory and InvalidInput."""
    await lock_tree(session)
    row = await _category(session, slug)
    row.name = _name(changes.name) if changes.name is not None else row.name
    row.icon = changes.icon or row.icon
    await session.flush()


async def remove(session: Session, slug: str) -> None:
    """Remove a category in which nothing stands. Raises UnknownCategory and CategoryInUse."""
    await lock_tree(session)
    await _category(session, slug)
    below = select(CategoryRow.slug).where(CategoryRow.parent == slug).limit(1)
    listed = select(ListingRow.id).where(ListingRow.category == slug).limit(1)
    if await session.scalar(below) is not None or await session.scalar(listed) is not None:
        raise CategoryInUse("Listings or other categories stand in it. Move them first; nothing was changed.")
    await session.execute(delete(CategoryRow).where(CategoryRow.slug == slug))


async def define(session: Session, slug: str, key: str, asked: AttributeDefinition) -> None:
    """Ask for something in a category and below it, or ask for it otherwise. Listings keep what they say.

    Raises UnknownCategory and InvalidInput.
    """
    await lock_tree(session)
    await _category(session, slug)
    if not _KEY.fullmatch(key):
        raise InvalidInput(
            "key", "Use small letters, digits and hyphens, and begin with a letter.", code="unusable-attribute-key"
        )
    options = [" ".join(plain_text("options", option).split()) for option in asked.options]
    options = list(dict.fromkeys(option for option in options if option))
    if (asked.kind == "choice") != bool(options):
        raise InvalidInput("options", "A choice needs options, and only a choice has them.", code="options-of-choice")
    if asked.unit and asked.kind != "number":
        raise InvalidInput("unit", "Only a number has a unit.", code="unit-of-number")
    there = select(func.count()).select_from(CategoryAttributeRow).where(CategoryAttributeRow.category == slug)
    count = await session.scalar(there) or 0
    known = await session.get(CategoryAttributeRow, (slug, key))
    if known is None and count >= ATTRIBUTES_MAX // DEPTH_MAX:
        raise InvalidInput(
            "key",
            "A category itself asks for at most {most} things.",
            code="too-many-attributes",
            most=ATTRIBUTES_MAX // DEPTH_MAX,
        )
    said = {"name": _name(asked.name), "kind": asked.kind, "unit": plain_text("unit", asked.unit), "options": options}
    adding = insert(CategoryAttributeRow).values(category=slug, key=key, position=count, **said)
    await session.execute(adding.on_conflict_do_update(index_elements=["category", "key"], set_=said))


async def forget(session: Session, slug: str, key: str) -> None:
    """Ask for it no more. Raises UnknownCategory."""
    await lock_tree(session)
    gone = delete(CategoryAttributeRow).where(CategoryAttributeRow.category == slug, CategoryAttributeRow.key == key)
    if await session.scalar(gone.returning(CategoryAttributeRow.key)) is None:
        raise UnknownCategory("The category does not ask for this itself.", code="attribute-not-asked")


async def _category(session: Session, slug: str) -> CategoryRow:
    row = await session.get(CategoryRow, slug)
    if row is None:
        raise UnknownCategory("There is no such category.")
    return row


def _name(text: str) -> str:
    name = " ".join(plain_text("name", text).split())
    if not name:
        raise InvalidInput("name", "Give it a name.", code="category-name-needed")
    return name
