"""The catalogue's copy of the users: names, countries, standing and ratings, as the entrypoint and the store tell them."""

from uuid import UUID

from sqlalchemy import case, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from catalogue.listings.tables import ListingRow
from catalogue.sellers.tables import BEGINNING, SellerRow
from souk.contracts.entrypoint.events import UserChanged, UserRegistered, UserRestored, UserSuspended
from souk.contracts.store.events import SellerRated
from souk.database import Session


async def user_registered(session: Session, event: UserRegistered) -> None:
    """Learn of a user. If a later change came first, only what it did not say is filled in."""
    row = {
        "id": event.user_id,
        "display_name": event.display_name,
        "country": event.country,
        "since": event.registered_at,
        "changed_at": event.registered_at,
    }
    statement = insert(SellerRow).values(row)
    unsaid = SellerRow.display_name == ""  # so far only their rating was told
    said = {
        name: case((unsaid, statement.excluded[name]), else_=getattr(SellerRow, name))
        for name in ("display_name", "country", "changed_at")
    }
    await session.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_=said | {"since": statement.excluded.since})
    )
    await _tell_listings(session, event.user_id)


async def user_changed(session: Session, event: UserChanged) -> None:
    """Learn what a user changed, unless something newer is known. A change without a time counts as the newest."""
    known_at = event.changed_at or func.coalesce(
        select(SellerRow.changed_at).where(SellerRow.id == event.user_id).scalar_subquery(), BEGINNING
    )
    said = {"display_name": event.display_name, "country": event.country, "changed_at": known_at}
    statement = insert(SellerRow).values(id=event.user_id, **said)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: statement.excluded[name] for name in said},
            where=SellerRow.changed_at <= statement.excluded.changed_at,
        )
    )
    await _tell_listings(session, event.user_id)


async def seller_rated(session: Session, event: SellerRated, version: int) -> None:
    """Learn how a seller is rated, unless something newer is known; it may be the first that is heard of them."""
    rated = {"reviews": event.reviews, "stars": event.stars, "rated_version": version}
    row = {"id": event.seller_id, "display_name": "", "country": "", "changed_at": BEGINNING}
    statement = insert(SellerRow).values(row | rated)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: statement.excluded[name] for name in rated},
            where=SellerRow.rated_version < statement.excluded.rated_version,
        )
    )
    await _tell_listings(session, event.seller_id)


async def user_suspended(session: Session, event: UserSuspended, version: int) -> None:
    """Nothing of theirs is on sale from now on."""
    await _stands(session, event.user_id, suspended=True, version=version)


async def user_restored(session: Session, event: UserRestored, version: int) -> None:
    """Their listings are on sale as before."""
    await _stands(session, event.user_id, suspended=False, version=version)


async def _stands(session: Session, user_id: UUID, *, suspended: bool, version: int) -> None:
    """Learn whether a user is suspended, unless something newer is known; it may be the first that is heard of them."""
    stands = {"suspended": suspended, "standing_version": version}
    row = {"id": user_id, "display_name": "", "country": "", "changed_at": BEGINNING}
    statement = insert(SellerRow).values(row | stands)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: statement.excluded[name] for name in stands},
            where=SellerRow.standing_version < statement.excluded.standing_version,
        )
    )
    await _tell_listings(session, user_id)


async def _tell_listings(session: Session, seller_id: UUID) -> None:
    """Search finds listings by their seller's name, country and rating, so they carry a copy; in the order of their ids,
    as everybody locks listings. Of the rating that is the coarse one, so that most reviews leave listings alone."""
    copy = {
        "seller_name": SellerRow.display_name,
        "seller_country": SellerRow.country,
        "seller_rating": SellerRow.rating,
        "seller_suspended": SellerRow.suspended,
    }
    told = tuple_(*(getattr(ListingRow, name) for name in copy))
    known = tuple_(*copy.values())
    behind = (
        select(ListingRow.id)
        .join(SellerRow, SellerRow.id == ListingRow.seller_id)
        .where(SellerRow.id == seller_id, told.is_distinct_from(known))
        .order_by(ListingRow.id)
        .with_for_update(of=ListingRow, key_share=True)
        .cte("behind")
    )
    await session.execute(
        update(ListingRow)
        .values(copy)
        .where(ListingRow.id.in_(select(behind.c.id)), SellerRow.id == ListingRow.seller_id)
        .execution_options(synchronize_session=False)
    )
