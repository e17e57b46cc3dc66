"""What sellers do with listings. Each function runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from catalogue.categories.categories import CategoryTree
from catalogue.delivery.profiles import checked_choice
from catalogue.house_rules import Allowance, HouseRules
from catalogue.listings.attribute_values import checked_attributes, still_asked
from catalogue.listings.rules import (
    LISTINGS_PER_SELLER_MAX,
    ListingIdTaken,
    NothingLeft,
    NotPublished,
    NotReadyToPublish,
    NotYourListing,
    TakenDown,
    TooManyListings,
    UnitsPromised,
    UnknownListing,
    checked_price,
    clean_description,
    clean_title,
)
from catalogue.listings.tables import ListingPriceRow, ListingRow
from catalogue.sellers.sellers import copied, held
from catalogue.texts import slug_of
from souk.contracts import Event
from souk.contracts.catalogue.events import ListingPublished, ListingRepriced, ListingRestocked
from souk.contracts.catalogue.listings import QUANTITY_MAX, ListingChanges, NewListing
from souk.database import AnySession, Session
from souk.errors import InvalidInput, fault
from souk.ids import new_id
from souk.money import Money


async def draft(
    session: Session, seller_id: UUID, new: NewListing, *, tree: CategoryTree, currency: str, now: datetime
) -> UUID:
    """Make a draft and give back its id. Asked again with the same id, nothing happens twice.

    Raises InvalidInput, ListingIdTaken (by another seller) and TooManyListings.
    """
    if new.id is not None and new.id.version != 7:
        raise InvalidInput("id", "Bring a UUID of version 7, or none.", code="unusable-id")
    category = tree.get(new.category)
    title, listing_id = clean_title(new.title), new.id or new_id()
    seller = await held(session, seller_id)
    row = {
        "id": listing_id,
        "seller_id": seller_id,
        "slug": slug_of(title),
        "title": title,
        "description": clean_description(new.description),
        "price": checked_price(new.price, currency),
        "currency": currency,
        "category": new.category,
        "condition": new.condition,
        "language": new.language,
        "attributes": checked_attributes(new.attributes, category),
        "accepts_offers": new.accepts_offers,
        **await checked_choice(session, seller_id, new.delivery),
        **copied(seller),
        "quantity": new.quantity,
        "available": new.quantity,
        "created_at": now,
        "changed_at": now,
    }
    made: UUID | None = await session.scalar(
        insert(ListingRow).values(row).on_conflict_do_nothing().returning(ListingRow.id)
    )
    if made is None:
        return await _made_before(session, listing_id, seller_id)
    how_many = select(func.count()).select_from(ListingRow).where(ListingRow.seller_id == seller_id)
    if (await session.scalar(how_many) or 0) > LISTINGS_PER_SELLER_MAX:
        raise TooManyListings("One seller may have {most} listings. Nothing was added.", most=LISTINGS_PER_SELLER_MAX)
    return made


async def _made_before(session: Session, listing_id: UUID, seller_id: UUID) -> UUID:
    owner = await session.scalar(select(ListingRow.seller_id).where(ListingRow.id == listing_id))
    if owner != seller_id:
        raise ListingIdTaken("Another listing has that id. Bring a new one.")
    return listing_id


async def own(session: AnySession, listing_id: UUID, seller_id: UUID, *, for_update: bool = False) -> ListingRow:
    """The seller's own listing; raises UnknownListing, or NotYourListing if it is another's and can be seen."""
    row = await session.get(
        ListingRow, listing_id, with_for_update={"key_share": True} if for_update else None, populate_existing=True
    )
    if row is None or (row.seller_id != seller_id and row.status in ("draft", "hidden")):
        raise UnknownListing("There is no such listing.")
    if row.seller_id != seller_id:
        raise NotYourListing("Only its seller may change it. Nothing was changed.")
    return row


async def edit(
    session: Session,
    seller_id: UUID,
    listing_id: UUID,
    changes: ListingChanges,
    *,
    tree: CategoryTree,
    rules: HouseRules,
    now: datetime,
) -> list[Event]:
    """Change what the seller says of it; also while it is on sale. Returns what others are to be told.

    Raises InvalidInput, UnknownListing, NotYourListing, and UnitsPromised if the quantity is less than what is
    reserved and sold.
    """
    row = await own(session, listing_id, seller_id, for_update=True)
    price_before, could_be_bought = Money(row.price, row.currency), row.available > 0
    if changes.delivery is not None:
        for name, value in (await checked_choice(session, seller_id, changes.delivery)).items():
            setattr(row, name, value)
    change_words(row, changes, tree=tree, rules=rules)
    await note_prices(session, [(row, price_before.amount)], now)
    await _changed(session, row, now)
    return news_of_change(row, price_before, could_be_bought)


def change_words(row: ListingRow, changes: ListingChanges, *, tree: CategoryTree, rules: HouseRules) -> None:
    """Change the row's fields by the rules; raises InvalidInput, UnitsPromised and NotReadyToPublish."""
    if changes.title is not None:
        row.title = clean_title(changes.title)
        row.slug = slug_of(row.title)
    if changes.description is not None:
        row.description = clean_description(changes.description)
    if changes.price is not None:
        row.price = checked_price(changes.price, row.currency)
    if changes.category is not None:
        row.attributes = still_asked(row.attributes, tree.get(changes.category))
        row.category = changes.category
    if changes.attributes is not None:
        row.attributes = checked_attributes(changes.attributes, tree.get(row.category))
    if changes.accepts_offers is not None:
        row.accepts_offers = changes.accepts_offers
    row.condition = changes.condition or row.condition
    row.language = changes.language or row.language
    if changes.quantity is not None:
        _set_quantity(row, changes.quantity)
    if row.status in ("published", "hidden"):
        _require_complete(row)
        rules.check_words(row.title, row.description)


async def note_prices(session: Session, before: Sequence[tuple[ListingRow, int]], now: datetime) -> None:
    """Prices that buyers could see, and that changed, go down in the listings' history."""
    past = [
        {"listing_id": row.id, "until": now, "price": price}
        for row, price in before
        if price != row.price and row.published_at is not None
    ]
    if past:
        with session.no_autoflush:
            await session.execute(insert(ListingPriceRow).on_conflict_do_nothing(), past)


def news_of_change(row: ListingRow, price_before: Money, could_be_bought: bool) -> list[Event]:
    """What those who watch it want to know of a change."""
    if row.status != "published" or row.available == 0:
        return []
    price, news = Money(row.price, row.currency), list[Event]()
    if price.amount < price_before.amount:
        news.append(ListingRepriced(listing_id=row.id, price_before=price_before, price=price))
    if not could_be_bought:
        news.append(ListingRestocked(listing_id=row.id))
    return news


async def publish(
    session: Session, seller_id: UUID, listing_id: UUID, *, rules: HouseRules, now: datetime
) -> list[Event]:
    """Put it on sale; it may be on sale already. Returns what others are to be told.

    Raises NotReadyToPublish, NothingLeft, TakenDown, NewSellerLimit, InvalidInput (a forbidden word) and what `own`
    raises.
    """
    row = await own(session, listing_id, seller_id, for_update=True)
    if row.status == "published":
        return []
    allowance = await rules.allowance(session, seller_id, now=now)
    news = put_on_sale(row, rules=rules, allowance=allowance, now=now)
    await _changed(session, row, now)
    return news


def put_on_sale(row: ListingRow, *, rules: HouseRules, allowance: Allowance, now: datetime) -> list[Event]:
    """Make the row a published one by the rules; raises what `publish` does."""
    _require_not_hidden(row)
    _require_complete(row)
    rules.check_words(row.title, row.description)
    if row.available == 0:
        raise NothingLeft("Every unit is reserved or sold. Raise the quantity first.")
    allowance.take(Money(row.price, row.currency))
    news: Event = ListingRestocked(listing_id=row.id)
    if row.published_at is None:
        row.published_at = now
        news = ListingPublished(listing_id=row.id, seller_id=row.seller_id)
    row.status = "published"
    return [news]


async def withdraw(session: Session, seller_id: UUID, listing_id: UUID, *, now: datetime) -> None:
    """Take it off sale; purchases under way go on. Raises NotPublished for a draft, TakenDown, and what `own` raises."""
    row = await own(session, listing_id, seller_id, for_update=True)
    if row.status == "draft":
        raise NotPublished("It is still a draft, nobody but you can see it.")
    _require_not_hidden(row)
    if row.status == "withdrawn":
        return
    row.status = "withdrawn"
    await _changed(session, row, now)


async def _changed(session: Session, row: ListingRow, now: datetime) -> None:
    row.version += 1
    row.changed_at = now
    await session.flush()


def _set_quantity(row: ListingRow, quantity: int) -> None:
    promised = row.reserved + row.sold
    if quantity < promised:
        raise UnitsPromised(
            "{quantity_min} units are reserved or sold, so the quantity cannot be {quantity}. Nothing was changed.",
            quantity_min=promised,
            quantity=quantity,
            errors=[
                fault(
                    "quantity",
                    "At least {least}: so many are reserved or sold.",
                    code="units-promised-here",
                    least=promised,
                )
            ],
        )
    if not 1 <= quantity <= QUANTITY_MAX:
        raise InvalidInput(
            "quantity", "It must be between 1 and {most}.", code="quantity-out-of-range", most=QUANTITY_MAX
        )
    row.quantity = quantity
    row.available = quantity - promised


def _require_not_hidden(row: ListingRow) -> None:
    if row.status == "hidden":
        raise TakenDown("A moderator took it down. Its page says why, and how to ask for it to be looked at again.")


def _require_complete(row: ListingRow) -> None:
    if not row.description:
        raise NotReadyToPublish(
            "Describe it, so that a buyer knows what they get.",
            errors=[
                fault("description", "Describe it, so that a buyer knows what they get.", code="not-ready-to-publish")
            ],
        )
