"""The category tree with its counts, read once every few seconds instead of with every page."""

import asyncio
import time
from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from catalogue.categories.attributes import DEFAULT_ATTRIBUTES
from catalogue.categories.tables import CategoryAttributeRow, CategoryRow
from catalogue.categories.tree import DEFAULT_TREE
from catalogue.listings.tables import ListingRow
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.database import AnySession, Database, Session
from souk.errors import InvalidInput
from souk.recent import Recent

COUNTING_SHARE = 0.02
"""The most of its time that an instance spends counting listings: a large shop's counts may be older."""

LANGUAGES_IN_USE = """
    WITH RECURSIVE used AS (
        (SELECT language FROM listing WHERE on_sale ORDER BY language LIMIT 1)
        UNION ALL
        SELECT (SELECT language FROM listing WHERE on_sale AND language > used.language ORDER BY language LIMIT 1)
        FROM used WHERE used.language IS NOT NULL
    )
    SELECT language FROM used WHERE language IS NOT NULL
"""
"""One step in the index for each language, instead of reading all listings."""

KEPT_MAX = 512
"""Counts that are kept with a tree."""

CHANNEL = "souk_categories"
"""PostgreSQL's notification channel: the tree was changed."""

TREE_LOCK = 0x54_52_45_45
"""Advisory lock key: whoever fills or changes the tree does so alone."""


class CategoryTree:
    """The whole tree at one moment."""

    def __init__(
        self,
        rows: Sequence[CategoryRow],
        counts: dict[str, int],
        attributes: Sequence[CategoryAttributeRow] = (),
        languages: Sequence[str] = (),
    ) -> None:
        """`rows` in the tree's order; `counts` are listings on sale by the category they stand in."""
        self.listings = sum(counts.values())
        """How many are on sale."""
        self.languages = list(languages)
        """Those that something on sale is described in."""
        self.kept = Recent[Hashable, Any](KEPT_MAX)
        """Other counts of this moment, by what was counted, for as long as these are shown."""
        totals: dict[str, int] = dict.fromkeys((row.slug for row in rows), 0)
        self._below: dict[str, list[str]] = {row.slug: [] for row in rows}
        self._paths = {row.slug: row.path.split("/") for row in rows}
        for slug, path in self._paths.items():
            for above in path:
                totals[above] += counts.get(slug, 0)
                self._below[above].append(slug)
        own: dict[str, list[CategoryAttribute]] = {row.slug: [] for row in rows}
        for one in attributes:
            own[one.category].append(_as_told(one))
        self._known = {
            row.slug: Category(
                slug=row.slug,
                name=row.name,
                parent=row.parent,
                icon=row.icon,
                listings=totals[row.slug],
                attributes=_asked([own[above] for above in self._paths[row.slug]]),
            )
            for row in rows
        }
        self._slugs = {row.name.casefold(): row.slug for row in reversed(rows)}

    def all(self) -> list[Category]:
        """Every category, parents before their children."""
        return list(self._known.values())

    def require(self, slug: str) -> None:
        """Raise InvalidInput unless there is such a category."""
        if slug not in self._known:
            raise InvalidInput(
                "category", "There is no such category. Choose one from the list.", code="category-from-list"
            )

    def get(self, slug: str) -> Category:
        """A category; raises InvalidInput if there is none."""
        self.require(slug)
        return self._known[slug]

    def named(self, text: str) -> Category | None:
        """The category with this slug or, in any case of letters, this name."""
        return self._known.get(text) or self._known.get(self._slugs.get(text.casefold(), ""))

    def path(self, slug: str) -> list[Category]:
        """From the root down to this one."""
        return [self._known[above] for above in self._paths[slug]]

    def subtree(self, slug: str) -> list[str]:
        """This one and all below it."""
        self.require(slug)
        return self._below[slug]


def _as_told(row: CategoryAttributeRow) -> CategoryAttribute:
    return CategoryAttribute(
        key=row.key,
        name=row.name,
        kind=row.kind,
        unit=row.unit,
        options=row.options,
        category=row.category,
    )


def _asked(path: Sequence[Sequence[CategoryAttribute]]) -> list[CategoryAttribute]:
    """What a category asks for: what stands above it too, and where both name the same key, its own."""
    return list({one.key: one for asked in path for one in asked}.values())


class Categories:
    """Keeps the tree in memory and reads it anew when it is too old; one reader at a time does so, and nobody waits
    for it but the first."""

    def __init__(self, database: Database, age_max_s: float) -> None:
        self._database = database
        self._age_max_s = age_max_s
        self._reading = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None
        self._tree: CategoryTree | None = None
        self._stale_at = 0.0
        self._changes = 0

    async def tree(self) -> CategoryTree:
        """The tree, with counts a few seconds old. Ask before the request's transaction begins: this may need a
        connection of its own."""
        if self._tree is None or self._age_max_s == 0:
            await self._read()
        elif time.monotonic() >= self._stale_at and not self._reading.locked():
            self._refreshing = asyncio.create_task(self._read())
        assert self._tree is not None
        return self._tree

    def forget(self) -> None:
        """The tree was changed: whoever asks next waits for the new one."""
        self._tree = None
        self._changes += 1

    async def _read(self) -> None:
        async with self._reading:
            started = time.monotonic()
            async with self._database.reading() as session:
                tree, known = None, -1
                while tree is None or known != self._changes:  # it may be changed while it is read
                    known = self._changes
                    tree = await read_tree(session)
            self._tree = tree
            now = time.monotonic()
            self._stale_at = now + max(self._age_max_s, (now - started) / COUNTING_SHARE)


async def read_tree(session: AnySession) -> CategoryTree:
    """The tree as it is now."""
    rows = (await session.scalars(select(CategoryRow).order_by(CategoryRow.position, CategoryRow.slug))).all()
    counting = select(ListingRow.category, func.count()).where(ListingRow.on_sale).group_by(ListingRow.category)
    counts = dict((await session.execute(counting)).tuples().all())
    asked = select(CategoryAttributeRow).order_by(CategoryAttributeRow.position, CategoryAttributeRow.key)
    attributes = (await session.scalars(asked)).all()
    return CategoryTree(rows, counts, attributes, (await session.scalars(text(LANGUAGES_IN_USE))).all())


async def lock_tree(session: Session) -> None:
    """Change the tree alone, until the transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TREE_LOCK})


async def ensure_default_tree(session: Session) -> None:
    """Fill an empty tree, and attributes that nobody has defined yet; what is there stays as it is."""
    await lock_tree(session)
    if await session.scalar(select(CategoryRow.slug).limit(1)) is None:
        rows = [category._asdict() | {"position": position} for position, category in enumerate(DEFAULT_TREE)]
        await session.execute(insert(CategoryRow), rows)
    if await session.scalar(select(CategoryAttributeRow.key).limit(1)) is None:
        known = set(await session.scalars(select(CategoryRow.slug)))
        asked = [attribute._asdict() for attribute in DEFAULT_ATTRIBUTES if attribute.category in known]
        await session.execute(insert(CategoryAttributeRow), asked)
