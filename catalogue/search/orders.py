"""The orders that listings are paged in: total ones, by a key and then by id."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import tuple_

from catalogue.search.places import ListingPlace
from catalogue.search.terms import COLUMNS, Term, Value
from souk.contracts.catalogue.search import Sort


@dataclass(frozen=True)
class Order:
    """An order of listings that can be paged: the name of the key's column, and its direction."""

    key: str
    descending: bool

    def by(self, columns: Any) -> list[Any]:
        """For ORDER BY over these columns."""
        return [columns[name].desc() if self.descending else columns[name].asc() for name in (self.key, "id")]

    def after(self, place: ListingPlace) -> Term:
        """What comes after the place in this order."""
        kind, id_kind = COLUMNS[self.key].type, COLUMNS["id"].type

        def make(columns: Any, value: Value) -> Any:
            here, there = tuple_(columns[self.key], columns.id), tuple_(value("place_key"), value("place_id"))
            return here < there if self.descending else here > there

        key = place.value if self.key == "price" else place.time
        return Term(("after", self), make, {"place_key": (kind, key), "place_id": (id_kind, place.id)})


NEWEST = Order("published_at", descending=True)
CREATED = Order("created_at", descending=True)
ORDERS: dict[Sort, Order] = {
    "newest": NEWEST,
    "relevance": NEWEST,
    "price_up": Order("price", descending=False),
    "price_down": Order("price", descending=True),
}
