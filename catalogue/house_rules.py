"""What may not stand in a listing here, and what new sellers may do. The operator sets both."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from catalogue.listings.tables import ListingRow
from catalogue.sellers.tables import SellerRow
from catalogue.settings import CatalogueSettings
from souk.database import Session
from souk.errors import InvalidInput, RuleBroken, fault
from souk.money import Money


class NewSellerLimit(RuleBroken):
    """A new seller may have only so much on sale."""

    title = "You are new here"


@dataclass
class Allowance:
    """What one seller may still put on sale; everything, unless they are new."""

    days: int
    """How long a seller is new."""
    price_max: int = 0
    """In minor units; 0: any price."""
    listings_max: int = 0
    """0: as many as anybody."""
    left: int = 0

    def check_price(self, price: Money) -> None:
        """Raises NewSellerLimit if it is more than a new seller may ask."""
        if self.price_max and price.amount > self.price_max:
            most = Money(self.price_max, price.currency)
            raise NewSellerLimit(
                "In your first {days} days nothing may cost more than {most}. It was not put on sale.",
                code="new-seller-price",
                days=self.days,
                most=most,
                errors=[fault("price", "At most {most} while you are new.", code="new-seller-price-here", most=most)],
            )

    def take(self, price: Money) -> None:
        """Count one more thing on sale; raises NewSellerLimit."""
        self.check_price(price)
        if self.listings_max and self.left == 0:
            raise NewSellerLimit(
                "In your first {days} days you may have {most} things on sale. It was not put on sale.",
                code="new-seller-listings",
                days=self.days,
                most=self.listings_max,
            )
        self.left -= 1


class HouseRules:
    """The operator's rules for what is put on sale."""

    def __init__(self, settings: CatalogueSettings) -> None:
        self._words = _pattern(settings.forbidden_words)
        self._new_for = timedelta(days=settings.new_seller_days)
        self._listings_max = settings.new_seller_listings_max
        self._price_max = settings.new_seller_price_max

    def check_words(self, title: str, description: str) -> None:
        """Raises InvalidInput that names the field and the word."""
        if self._words is None:
            return
        for field, text in (("title", title), ("description", description)):
            found = self._words.search(_folded(text))
            if found:
                raise InvalidInput(
                    field,
                    "“{word}” may not stand in a listing here. Take it out.",
                    code="forbidden-word",
                    word=found[0],
                )

    async def allowance(self, session: Session, seller_id: UUID, *, now: datetime) -> Allowance:
        """What the seller may put on sale now. It is theirs alone until the transaction ends, so that limits hold."""
        since = await session.scalar(select(SellerRow.since).where(SellerRow.id == seller_id))
        if since is not None and since <= now - self._new_for:
            return Allowance(self._new_for.days)
        if not self._listings_max:
            return Allowance(self._new_for.days, self._price_max)
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"seller {seller_id}", 0))))
        count = select(func.count()).where(ListingRow.seller_id == seller_id, ListingRow.on_sale)
        left = max(0, self._listings_max - int(await session.scalar(count) or 0))
        return Allowance(self._new_for.days, self._price_max, self._listings_max, left)


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    folded = [re.escape(_folded(word).strip()).replace(r"\ ", r"\s+") for word in words if word.strip()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(folded)})(?!\w)") if folded else None


def _folded(text: str) -> str:
    """Small letters without accents, so that a word is found however it is written."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if not unicodedata.combining(character))
