"""How well listings match the words of a search: tiers that a page can be cut by, unlike a score."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, bindparam, case, cast, func, literal, not_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, TSQUERY
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE

from catalogue.search.conditions import Conditions
from catalogue.search.planner import SHAPES_MAX, TOTAL_EXACT_MAX, plan
from catalogue.search.query import Stems
from catalogue.search.relaxed_query import forms_of
from catalogue.search.terms import COLUMNS, NEVER, Term, Terms, Value, fixed, matches, open_terms, term, values_of
from souk.database import AnySession, Statement

ANYWHERE = 3
"""The last tier of relevance."""

UNTIERED = term("untiered", lambda *_: literal(0))


class Tiers(Protocol):
    """How well listings match."""

    @property
    def tier(self) -> Term:
        """The tier, as something that a kept statement can have in it."""

    def of(self, columns: Any) -> ColumnElement[int]:
        """The tier; 0 is best."""

    def only(self, columns: Any, tier: int) -> ColumnElement[bool]:
        """Whether it is of this tier."""


@dataclass(frozen=True)
class Relevance:
    """Where all the words are: 0 in the title, which is them or begins with them, 1 in the title, 2 in title and attributes,
    3 anywhere."""

    stems: Stems
    first: tuple[UUID, ...] | None
    """Those whose title begins so; None: too many to name."""

    @property
    def tier(self) -> Term:
        stems, first = self.stems, self.first
        if first is None or stems.wanted is None:
            return fixed(self.of(COLUMNS))

        def make(columns: Any, value: Value) -> Any:
            words = cast(value("tier_words"), TSQUERY)
            begins = columns.id == any_(value("beginning"))
            in_title = func.ts_filter(columns.head, text("'{a}'")).bool_op("@@")(words)
            in_head = columns.head.bool_op("@@")(words)
            return case((begins, 0), (in_title, 1), (in_head, 2), else_=ANYWHERE)

        given = {"tier_words": (TEXT(), stems.wanted), "beginning": (ARRAY(UUID_TYPE), list(first))}
        return Term("relevance", make, given)

    def of(self, columns: Any) -> ColumnElement[int]:
        in_head = matches(columns.head, self.stems.wanted)
        return case((self._begins(columns), 0), (self._in_title(columns), 1), (in_head, 2), else_=ANYWHERE)

    def only(self, columns: Any, tier: int) -> ColumnElement[bool]:
        """The same; for the first three, given that they are in title and attributes."""
        if tier == ANYWHERE:
            return not_(matches(columns.head, self.stems.wanted))
        if tier == 0:
            return self._begins(columns) if self.first is not None else matches(forms_of(columns), self.stems.begins)
        in_title = self._in_title(columns)
        return and_(in_title if tier == 1 else not_(in_title), not_(self._begins(columns)))

    def _begins(self, columns: Any) -> ColumnElement[bool]:
        if self.first is not None:
            return _is_one_of(columns, self.first)
        start = self.stems.begins.removeprefix("'").removesuffix("':*")
        return func.title_start(columns.title).startswith(start, autoescape=True)

    def _in_title(self, columns: Any) -> ColumnElement[bool]:
        return matches(func.ts_filter(columns.head, text("'{a}'")), self.stems.wanted)


def _is_one_of(columns: Any, ids: Sequence[UUID]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = columns.id == any_(literal(list(ids), ARRAY(UUID_TYPE)))
    return found if ids else NEVER


async def relevance_of(session: AnySession, wanted: Conditions, stems: Stems) -> Relevance:
    """The tiers of a search, with those named whose title begins so."""
    await plan(session, "find")
    terms = wanted.terms
    found = await _beginning(terms, TOTAL_EXACT_MAX + 1).scalars(session, begins=stems.begins, **values_of(*terms))
    first = tuple(found)
    return Relevance(stems, first if len(first) <= TOTAL_EXACT_MAX else None)


@lru_cache(SHAPES_MAX)
def _beginning(terms: Terms, most: int) -> Statement[Any]:
    begins = forms_of(COLUMNS).bool_op("@@")(cast(bindparam("begins", type_=TEXT), TSQUERY))
    return Statement(select(COLUMNS.id).where(*open_terms(terms, COLUMNS), begins).limit(most))
