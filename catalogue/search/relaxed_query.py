"""What a search still takes where nothing, or nearly nothing, has all its words: other forms of them, and most of them.

Each part is compared as it was said (over `words`) or in other forms (`listing_forms`, which only the index holds): joined or
parted, as the end or the beginning of a word, as a piece of a code, as pairs of characters. Fillers do not count.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, INTEGER, TEXT, ColumnElement, and_, any_, cast, column, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE
from sqlalchemy.dialects.postgresql import array

from catalogue.search.query import Words, folded, spoken
from catalogue.search.stop_words import FILLERS
from catalogue.search.terms import matches
from souk.database import AnySession

BEGINNING_CHARS = 4
"""Shorter words begin too many others."""

CUT_CHARS = 2
"""The last of several words may be cut short: it is taken as a beginning from here on."""

COMBINATIONS_MAX = 70
"""Ways to choose most of the words that are asked at once: enough for half of eight."""


@dataclass(frozen=True)
class Part:
    """A word or phrase of a search as PostgreSQL compares it (tsqueries as text)."""

    text: str
    said: str
    """Over `words`, in any language."""
    forms: str | None
    """Over `listing_forms`; None for a phrase, which is meant as it is."""
    begun: str | None
    """The same, or as the beginning of a word."""
    counts: bool
    """Whether it is no filler."""

    def found(self, columns: Any) -> ColumnElement[bool]:
        """Whether a listing has it, in any way."""
        said = matches(columns.words, self.said)
        return said if self.begun is None else or_(said, matches(forms_of(columns), self.begun))


@dataclass(frozen=True)
class Loose:
    """What is taken: listings that have these words or these forms, or that were found before."""

    said: str
    forms: str | None
    unwanted: str | None
    before: tuple[UUID, ...] = ()

    def check(self, columns: Any) -> ColumnElement[bool]:
        """As a condition over listings' columns."""
        taken = [matches(columns.words, self.said)]
        if self.forms is not None:
            taken.append(matches(forms_of(columns), self.forms))
        if self.before:
            taken.append(columns.id == any_(literal(list(self.before), ARRAY(UUID_TYPE))))
        # In this order: that there is something unwanted is looked for in what was found.
        return or_(*taken) if self.unwanted is None else and_(or_(*taken), not_(matches(columns.words, self.unwanted)))


def forms_of(columns: Any) -> ColumnElement[Any]:
    """The forms of a listing's words, as the index holds them."""
    return func.listing_forms(columns.title, columns.attributes, columns.language)


async def read_parts(session: AnySession, words: Words, languages: Sequence[str]) -> list[Part]:
    """The parts of a search that have any word in them."""
    wanted = words.wanted
    pairs = ["", *(first + second for first, second in pairwise(wanted)), ""]
    pairs = [pair if " " not in pair else "" for pair in pairs]  # a phrase is meant as it is
    beginnings = [BEGINNING_CHARS] * len(wanted)
    if len(wanted) > 1:
        beginnings[-1] = CUT_CHARS
    lists = [literal(list(each), ARRAY(TEXT)) for each in (wanted, pairs[:-1], pairs[1:])]
    table = func.unnest(*lists, literal(beginnings, ARRAY(INTEGER))).table_valued(
        column("part", TEXT), column("before", TEXT), column("behind", TEXT), column("beginning", INTEGER), name="typed"
    )
    typed = table.render_derived()
    nothing = literal([], ARRAY(TEXT))

    def forms(beginning: Any) -> ColumnElement[str]:
        return cast(
            func.forms_query(typed.c.part, array([typed.c.before, typed.c.behind]), spoken(languages), beginning), TEXT
        )

    said = cast(func.search_query(array([typed.c.part]), nothing, spoken(languages)), TEXT)
    query = select(typed.c.part, said, forms(literal(0, INTEGER)), forms(typed.c.beginning))
    rows = [row for row in await session.execute(query) if row[1] is not None]
    counting = [row[0] for row in rows if folded(row[0]).strip() not in FILLERS] or [row[0] for row in rows]
    parts = []
    for part, one_said, *forms_of_it in rows:
        one_forms, one_begun = (None, None) if " " in part else forms_of_it
        parts.append(Part(part, one_said, one_forms, one_begun, part in counting))
    return parts


async def read_unwanted(session: AnySession, words: Words, languages: Sequence[str]) -> str | None:
    """Any of what must not be there, in any language (a tsquery over `words`)."""
    if not words.unwanted:
        return None
    lists = ((array([part], type_=TEXT), literal([], ARRAY(TEXT)), spoken(languages)) for part in words.unwanted)
    each = (await session.execute(select(*(cast(func.search_query(*parts), TEXT) for parts in lists)))).one()
    return " | ".join(f"({query})" for query in each if query) or None


def all_of(parts: Sequence[Part], unwanted: str | None, *, begun: bool) -> Loose:
    """What has all of these, each in some form; `begun`: or begins so."""
    return _any_of([parts], unwanted, begun=begun)


def most_of(parts: Sequence[Part], several: int, unwanted: str | None) -> Loose | None:
    """What has so many of these in any way; None if there are too many ways to choose them."""
    if comb(len(parts), several) > COMBINATIONS_MAX:
        return None
    return _any_of([*combinations(parts, several)], unwanted, begun=True)


def _any_of(choices: Sequence[Sequence[Part]], unwanted: str | None, *, begun: bool) -> Loose:
    said = " | ".join(_all([part.said for part in parts]) for parts in choices)
    forms = [[part.begun if begun else part.forms for part in parts] for parts in choices]
    formed = [_all([form for form in each if form]) for each in forms if all(each)]
    return Loose(said, " | ".join(formed) or None, unwanted)


def _all(queries: Sequence[str]) -> str:
    return " & ".join(f"({query})" for query in queries)


def any_word(parts: Sequence[Part]) -> str:
    """Every word and form of these parts, one of which is enough: what to mark in a text."""
    return re.sub(
        r"&|<->|<\d+>", "|", " | ".join(query for part in parts for query in (part.said, part.begun) if query)
    )
