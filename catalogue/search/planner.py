"""How PostgreSQL is asked for listings: which ways a statement may take, how many it expects, how many there are."""

from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.ext.compiler import compiles

from catalogue.listings.tables import ListingRow
from catalogue.search.conditions import Conditions
from catalogue.search.terms import COLUMNS, Terms, open_terms, values_of
from souk.database import AnySession, Statement

TOTAL_EXACT_MAX = 1000
"""Results are counted up to here; above it is only "more". So many are looked up and sorted, too: more are met in an order."""

FEW = 5 * TOTAL_EXACT_MAX
"""Where PostgreSQL expects more, there will be more than are counted."""

SHAPES_MAX = 512
"""Statements that are kept of one kind: a shape is which filters are set, in which order, from the start or from a place on."""

SCANS = ("bitmapscan", "indexonlyscan", "indexscan", "seqscan")
PLANS = {"find": SCANS[:1], "walk": SCANS[1:3], "": SCANS[:3]}
"""How a statement may reach listings: looking them up, reading them in order, or as PostgreSQL chooses; but never by
reading the whole table in the hope that there will soon be enough."""

Way = Literal["find", "walk", ""]


async def count(session: AnySession, wanted: Conditions) -> int:
    """How many there are, as exactly as it matters."""
    await plan(session, "find" if wanted.looked_up else "")
    if wanted.shaped:
        terms = wanted.terms
        return int(await _counting(terms, TOTAL_EXACT_MAX + 1).scalar(session, **values_of(*terms)))
    return int(await session.scalar(_how_many(wanted.all, TOTAL_EXACT_MAX + 1)) or 0)


def _how_many(conditions: list[ColumnElement[bool]], most: int) -> Select[Any]:
    some = select(literal(1)).select_from(ListingRow).where(*conditions).limit(most)
    return select(func.count()).select_from(some.subquery())


@lru_cache(SHAPES_MAX)
def _counting(terms: Terms, most: int) -> Statement[Any]:
    return Statement(_how_many(open_terms(terms, COLUMNS), most))


async def estimate(session: AnySession, wanted: Conditions) -> int:
    """How many PostgreSQL expects there to be."""
    await plan(session, "find")
    terms = wanted.once
    if wanted.shaped:
        plans = await _expecting(terms).scalar(session, **values_of(*terms))
    else:
        plans = await session.scalar(_explained_select([each.over(COLUMNS) for each in terms]))
    return int(plans[0]["Plan"]["Plan Rows"])


def _explained_select(conditions: list[ColumnElement[bool]]) -> "Explained":
    return Explained(literal(1)).select_from(ListingRow.__table__).where(*conditions)


@lru_cache(SHAPES_MAX)
def _expecting(terms: Terms) -> Statement[Any]:
    return Statement(_explained_select(open_terms(terms, COLUMNS)))


async def aimed(session: AnySession, wanted: Conditions) -> Conditions:
    """The same, but what is rare is looked up rather than read along a whole index of an order."""
    if wanted.narrow or wanted.categories or not (wanted.again or wanted.bands):
        return wanted
    return replace(wanted, rare=await estimate(session, wanted) <= FEW)


async def crowd(session: AnySession, wanted: Conditions, listings: int) -> int:
    """How many listings PostgreSQL expects among which these checks choose; `listings` are all there are."""
    if wanted.plain or wanted.categories:
        listings = await estimate(session, replace(wanted, tags=[], checks=[]))
    return max(listings, 1)


class Explained(Select[tuple[Any]]):
    """A select whose result is its plan, as JSON, instead of its rows."""

    inherit_cache = True


@compiles(Explained)
def _explained(element: Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.visit_select(element, **options)}"


async def plan(session: AnySession, way: Way) -> None:
    """Say how the next statements of this transaction reach listings.

    A plan made for any word is wrong for most words, so each is planned for its own.
    """
    if session.info.get("way") == way:
        return
    await session.begun()  # what is set holds until the end of the transaction
    await _WAYS[way].run(session)
    session.info["way"] = way


def _setting(way: Way) -> Statement[Any]:
    settings = {f"enable_{scan}": "on" if scan in PLANS[way] else "off" for scan in SCANS}
    settings["plan_cache_mode"] = "force_custom_plan"
    calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())
    return Statement(f"SELECT {calls}")


_WAYS: dict[Way, Statement[Any]] = {way: _setting(way) for way in ("find", "walk", "")}
