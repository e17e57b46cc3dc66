"""Deciding what else a search shows, where nearly nothing has all its words (`catalogue.search.relaxed_query`).

Step by step, each only if the ones before found nearly nothing: all words in other forms; then as beginnings of words; then, if
nothing has them all, without fillers; and at last as many of them as anything has, half of them at least. What an earlier step
found stands before the rest.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, any_, case, exists, literal, select
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE

from catalogue.categories.categories import CategoryTree
from catalogue.search.conditions import Conditions, narrowed
from catalogue.search.filters import Filters
from catalogue.search.planner import plan
from catalogue.search.relaxed_query import Loose, Part, all_of, most_of, read_parts, read_unwanted
from catalogue.search.terms import COLUMNS, NEVER, Term, term
from souk.database import AnySession

NEARLY_NOTHING = 5
"""A search that finds fewer is forgiven."""

IN_FORMS = 4
"""The tier of what has all words, if in other forms; before it are those of relevance."""

LAST = 5
"""The tier of the rest."""


@dataclass(frozen=True)
class Loosened:
    """What is shown instead: the last step's conditions, and the tiers of what was found before it."""

    loose: Loose
    parts: list[Part]
    tiers: dict[UUID, int] = field(default_factory=dict)
    most: bool = False
    """Whether nothing has all the words that count."""

    def wanted(self, filters: Filters, tree: CategoryTree, now: datetime) -> Conditions:
        """What must hold of a listing."""
        return narrowed(filters, None, tree, now, loose=self.loose.check)

    @property
    def tier(self) -> Term:
        """The tier, built anew each time: few searches come here."""
        return term(None, lambda columns, _: self.of(columns))

    def of(self, columns: Any) -> ColumnElement[int]:
        """The tier of a listing."""
        if not self.tiers:
            return literal(LAST)
        return case(*((columns.id == each, tier) for each, tier in self.tiers.items()), else_=LAST)

    def only(self, columns: Any, tier: int) -> ColumnElement[bool]:
        """Whether it is of this tier."""
        return self.of(columns) == tier

    def before(self, columns: Any) -> ColumnElement[bool]:
        """Whether an earlier step found it."""
        found: ColumnElement[bool] = columns.id == any_(literal(list(self.tiers), ARRAY(UUID_TYPE)))
        return found if self.tiers else NEVER


async def loosen(
    session: AnySession,
    filters: Filters,
    tree: CategoryTree,
    now: datetime,
    *,
    strict: Conditions,
    tier: ColumnElement[int] | None = None,
) -> Loosened | None:
    """What is shown of a search whose `strict` conditions find nearly nothing; None: no more than that. `tier` is that of
    what they find."""
    assert filters.words is not None
    parts = await read_parts(session, filters.words, tree.languages)
    counted = [part for part in parts if part.counts]
    if not counted:
        return None
    asking = _Asking(session, filters, tree, now, await read_unwanted(session, filters.words, tree.languages))
    await plan(session, "find")
    all_words = select(COLUMNS.id, literal(0) if tier is None else tier).where(*strict.all).limit(NEARLY_NOTHING)
    tiers: dict[UUID, int] = {row[0]: row[1] for row in await session.execute(all_words)}
    last: Loose | None = None
    steps = [(parts, False), (parts, True)]
    if len(counted) < len(parts):
        steps += [(counted, False), (counted, True)]
    for wanted, begun in steps:
        if tiers and (len(tiers) >= NEARLY_NOTHING or len(wanted) < len(parts) or (begun and len(parts) > 1)):
            break
        step = all_of(wanted, asking.unwanted, begun=begun)
        fresh = {each: LAST if begun else IN_FORMS for each in await asking.some(step) if each not in tiers}
        if fresh:
            last = step
        if len(tiers) + len(fresh) >= NEARLY_NOTHING:
            break  # not all of them are known, so they are one tier
        tiers |= fresh
    if last is not None:
        return Loosened(replace(last, before=tuple(tiers)), parts, tiers)
    most = None if tiers else await asking.most(counted)
    return Loosened(most, parts, most=True) if most else None


@dataclass(frozen=True)
class _Asking:
    """A search whose words are not all found."""

    session: AnySession
    filters: Filters
    tree: CategoryTree
    now: datetime
    unwanted: str | None

    async def some(self, loose: Loose, most: int = NEARLY_NOTHING) -> list[UUID]:
        """Some of what is found so."""
        wanted = narrowed(self.filters, None, self.tree, self.now, loose=loose.check)
        return [*await self.session.scalars(select(COLUMNS.id).where(*wanted.all).limit(most))]

    async def most(self, counted: list[Part]) -> Loose | None:
        """As many of the words as anything has, half of them at least."""
        half, others = (len(counted) + 1) // 2, len(counted) - 1
        if others < half:
            return None
        known = await self._known(counted)
        for several in range(min(len(known), others), half - 1, -1):
            step = most_of(known, several, self.unwanted)
            if step is None or await self.some(step, 1):
                return step
        return None

    async def _known(self, parts: list[Part]) -> list[Part]:
        """Those that anything has, among what the filters find."""
        anything = narrowed(replace(self.filters, words=None), None, self.tree, self.now).all
        there = [exists(select(literal(1)).where(*anything, part.found(COLUMNS))) for part in parts]
        row = (await self.session.execute(select(*there))).one()
        return [part for part, found in zip(parts, row, strict=True) if found]
