"""Conditions over listings, out of which statements are made that are built once for each shape."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, any_, bindparam, cast, literal, literal_column
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT, TSQUERY

from catalogue.listings.tables import ListingRow

COLUMNS = ListingRow.__table__.columns

Check = Callable[[Any], ColumnElement[bool]]
"""A condition over the columns of listings, or of a query of listings."""

Value = Callable[[str], Any]
"""Gives a value of a term by its name: the value itself, or a parameter that stands for it."""


@dataclass(frozen=True)
class Term:
    """A condition whose text depends on its shape only, and whose values may be parameters of that text. So a statement
    out of terms is built once for all that have the same shapes, see `souk.database.statements`."""

    shape: Hashable
    """Terms of one shape are equal, whatever their values are."""
    make: Callable[[Any, Value], ColumnElement[bool]] = field(compare=False)
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict, compare=False)
    """By name, each with its type; a name is used by one term of a statement."""

    def over(self, columns: Any) -> ColumnElement[bool]:
        """With its values in it."""
        return self.make(columns, lambda name: literal(self.values[name][1], self.values[name][0]))

    def open(self, columns: Any) -> ColumnElement[bool]:
        """With parameters for its values."""
        return self.make(columns, lambda name: bindparam(name, type_=self.values[name][0]))


Terms = tuple[Term, ...]


def values_of(*terms: Term) -> dict[str, Any]:
    """The parameters of a statement out of these terms."""
    return {name: value for term in terms for name, (_, value) in term.values.items()}


def open_terms(terms: Terms, columns: Any) -> list[ColumnElement[bool]]:
    """As conditions with parameters."""
    return [term.open(columns) for term in terms]


def term(shape: Hashable, make: Callable[[Any, Value], Any], **values: tuple[Any, Any]) -> Term:
    """A term."""
    return Term(shape, make, values)


NEVER = literal_column("false", Boolean())
"""A condition that nothing meets. Of `false()` SQLAlchemy makes the whole WHERE, and leaves the other parameters out."""


def fixed(condition: ColumnElement[Any]) -> Term:
    """A condition that is built anew each time."""
    return term(None, lambda *_: condition)


TEXTS = ARRAY(TEXT)
ON_SALE = term("on sale", lambda columns, _: columns.on_sale)


def is_any(column: str, values: Sequence[str]) -> Term:
    """Whether the column has one of these values."""

    def make(columns: Any, value: Value) -> Any:
        return columns[column] == any_(value(column))

    return Term(("any", column), make, {column: (TEXTS, list(values))})


def overlaps(column: str, name: str, values: Sequence[str]) -> Term:
    """Whether the column, a list, has any of these values; `name` is that of the parameter."""

    def make(columns: Any, value: Value) -> Any:
        return columns[column].bool_op("&&")(value(name))

    return Term((column, name), make, {name: (TEXTS, list(values))})


_SIDES = {"<=": "most", ">=": "least", "=": "is"}


def compared(column: str, operator: str, kind: Any, against: Any) -> Term:
    """The column compared with a value of this type."""
    name = f"{column}_{_SIDES[operator]}"

    def make(columns: Any, value: Value) -> Any:
        return columns[column].bool_op(operator)(value(name))

    return Term(name, make, {name: (kind, against)})


def between(place: int, key: str, low: float, high: float) -> Term:
    """Whether an attribute is a number from `low` to `high`; `place` tells the terms of a statement apart.

    Compared as JSON, where every text is less than every number: so nothing has to be converted, and a value that is no number is
    not in any range.
    """
    named, least, most = f"range_{place}", f"least_{place}", f"most_{place}"

    def make(columns: Any, value: Value) -> Any:
        found = columns.attributes.op("->", return_type=JSONB)(value(named))
        return and_(found >= cast(value(least), JSONB), found <= cast(value(most), JSONB))

    from_, to = (f"{bound:.15g}" for bound in (low, high))
    return Term(named, make, {named: (TEXT(), key), least: (TEXT(), from_), most: (TEXT(), to)})


def has_words(column: str, stems: str | None) -> Term:
    """`matches` as a term."""
    if stems is None:
        return term("nothing", lambda *_: NEVER)

    def make(columns: Any, value: Value) -> Any:
        return columns[column].bool_op("@@")(cast(value(column), TSQUERY))

    return Term(("words", column), make, {column: (TEXT(), stems)})


def matches(column: Any, stems: str | None) -> ColumnElement[bool]:
    """Whether the words are in it."""
    if stems is None:
        return NEVER
    found: ColumnElement[bool] = column.bool_op("@@")(cast(literal(stems, TEXT), TSQUERY))
    return found
