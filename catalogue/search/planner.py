"""How PostgreSQL is asked for listings: which ways a statement may take, how many it expects, how many there are."""

from dataclasses import replace
from typing import Any, Literal

from sqlalchemy import Select, func, literal, select, text
from sqlalchemy.ext.compiler import compiles

from catalogue.listings.tables import ListingRow
from catalogue.search.conditions import Conditions
from souk.database import AnySession

TOTAL_EXACT_MAX = 1000
"""Results are counted up to here; above it is only "more". So many are looked up and sorted, too: more are met in an order."""

FEW = 5 * TOTAL_EXACT_MAX
"""Where PostgreSQL expects more, there will be more than are counted."""

SCANS = ("bitmapscan", "indexonlyscan", "indexscan", "seqscan")
PLANS = {"find": SCANS[:1], "walk": SCANS[1:3], "": SCANS[:3]}
"""How a statement may reach listings: looking them up, reading them in order, or as PostgreSQL chooses; but never by
reading the whole table in the hope that there will soon be enough."""

Way = Literal["find", "walk", ""]


async def count(session: AnySession, wanted: Conditions) -> int:
    """How many there are, as exactly as it matters."""
    await plan(session, "find" if wanted.looked_up else "")
    some = select(literal(1)).select_from(ListingRow).where(*wanted.all).limit(TOTAL_EXACT_MAX + 1)
    return int(await session.scalar(select(func.count()).select_from(some.subquery())) or 0)


async def estimate(session: AnySession, wanted: Conditions) -> int:
    """How many PostgreSQL expects there to be."""
    await plan(session, "find")
    expected = Explained(literal(1)).select_from(ListingRow.__table__).where(*wanted.once)
    plans: Any = await session.scalar(expected)
    return int(plans[0]["Plan"]["Plan Rows"])


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
    settings = {f"enable_{scan}": "on" if scan in PLANS[way] else "off" for scan in SCANS}
    settings["plan_cache_mode"] = "force_custom_plan"
    calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())
    await session.execute(text(f"SELECT {calls}"))
    session.info["way"] = way
