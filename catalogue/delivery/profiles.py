"""What sellers do with their price lists. Each function runs inside the caller's transaction."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from catalogue.delivery.rules import (
    ProfileIdTaken,
    ProfileInUse,
    TooManyProfiles,
    UnknownProfile,
    checked_place,
    checked_profile,
)
from catalogue.delivery.tables import DeliveryProfileRow
from catalogue.listings.tables import ListingRow
from souk.contracts.catalogue.delivery import (
    PROFILES_MAX,
    Delivery,
    DeliveryChoice,
    DeliveryProfile,
    NewDeliveryProfile,
    PostageRate,
)
from souk.database import AnySession, Session
from souk.errors import InvalidInput

INCLUDED = Delivery()
"""Sent for nothing more, as everything is for which no price list was chosen."""


class Sent(Protocol):
    """A row that says how its listing gets to whoever buys it."""

    @property
    def posted(self) -> bool:
        """Whether post takes it."""

    @property
    def pick_up(self) -> str:
        """Where it can be picked up."""

    @property
    def delivery_profile_id(self) -> UUID | None:
        """Its price list."""

    @property
    def rates(self) -> Any:
        """What stands in that list, as it is kept."""


def delivery_of(row: Sent) -> Delivery:
    """What is told of a listing's way to its buyer."""
    if row.posted and row.rates is None and not row.pick_up:
        return INCLUDED
    return Delivery(
        posted=row.posted,
        rates=None if row.rates is None else msgspec.convert(row.rates, list[PostageRate]),
        pick_up=row.pick_up,
        profile_id=row.delivery_profile_id,
    )


async def checked_choice(session: AnySession, seller_id: UUID, choice: DeliveryChoice) -> dict[str, Any]:
    """How a listing of the seller's gets to its buyer, by the listing's columns.

    The price list is held until the end of the transaction, so that nobody deletes it meanwhile. Raises InvalidInput for
    somebody else's, for no way or two at once, and for a price list of what is not sent.
    """
    pick_up = checked_place(choice.pick_up)
    if not choice.posted and not pick_up:
        raise InvalidInput("delivery.pick_up", "Say where it can be picked up, or send it.", code="no-way")
    if choice.posted and pick_up:
        raise InvalidInput("delivery.pick_up", "Send it, or have it picked up: not both.", code="both-ways")
    if not choice.posted and choice.profile_id is not None:
        raise InvalidInput("delivery.profile_id", "What is only picked up has no postage.", code="no-postage")
    if choice.profile_id is not None:
        mine = select(DeliveryProfileRow.id).where(
            DeliveryProfileRow.id == choice.profile_id, DeliveryProfileRow.seller_id == seller_id
        )
        if await session.scalar(mine.with_for_update(key_share=True, read=True)) is None:
            raise InvalidInput("delivery.profile_id", "You have no such price list.", code="unknown-profile-here")
    return {"posted": choice.posted, "pick_up": pick_up, "delivery_profile_id": choice.profile_id}


async def set_profile(
    session: Session, seller_id: UUID, profile_id: UUID, new: NewDeliveryProfile, *, currency: str, now: datetime
) -> tuple[DeliveryProfile, bool]:
    """Make a price list, or change it for all listings that use it; gives it, and whether it is new.

    Raises InvalidInput, ProfileIdTaken (by another seller) and TooManyProfiles.
    """
    profile = checked_profile(new, currency)
    said = {"name": profile.name, "rates": msgspec.to_builtins(profile.rates), "changed_at": now}
    before = await session.scalar(
        select(DeliveryProfileRow.seller_id).where(DeliveryProfileRow.id == profile_id).with_for_update()
    )
    if before is None and profile_id.version != 7:
        raise InvalidInput("id", "Bring a UUID of version 7, or none.", code="unusable-id")
    putting = insert(DeliveryProfileRow).values(id=profile_id, seller_id=seller_id, **said)
    put = putting.on_conflict_do_update(
        index_elements=["id"], set_=said, where=DeliveryProfileRow.seller_id == seller_id
    )
    if await session.scalar(put.returning(DeliveryProfileRow.id)) is None:
        raise ProfileIdTaken("Another price list has that id. Bring a new one.")
    how_many = select(func.count()).select_from(DeliveryProfileRow).where(DeliveryProfileRow.seller_id == seller_id)
    if before is None and (await session.scalar(how_many) or 0) > PROFILES_MAX:
        raise TooManyProfiles("One seller may have {most} price lists. Nothing was added.", most=PROFILES_MAX)
    return await one(session, seller_id, profile_id), before is None


async def remove(session: Session, seller_id: UUID, profile_id: UUID) -> None:
    """Delete a price list; nothing happens if there is none. Raises ProfileInUse."""
    mine = select(DeliveryProfileRow.id).where(
        DeliveryProfileRow.id == profile_id, DeliveryProfileRow.seller_id == seller_id
    )
    if await session.scalar(mine.with_for_update()) is None:
        return
    using = select(func.count()).select_from(ListingRow).where(ListingRow.delivery_profile_id == profile_id)
    listings = await session.scalar(using) or 0
    if listings:
        raise ProfileInUse(
            "{listings} of your listings use it. Choose another way for them first. Nothing was deleted.",
            listings=listings,
        )
    await session.execute(delete(DeliveryProfileRow).where(DeliveryProfileRow.id == profile_id))


async def one(session: AnySession, seller_id: UUID, profile_id: UUID) -> DeliveryProfile:
    """One of the seller's price lists. Raises UnknownProfile."""
    rows = (await session.execute(_listed(seller_id).where(DeliveryProfileRow.id == profile_id))).all()
    if not rows:
        raise UnknownProfile("There is no such price list among yours.", code="profile-not-yours")
    return _profile(rows[0])


async def all_of(session: AnySession, seller_id: UUID) -> list[DeliveryProfile]:
    """All of the seller's price lists, by name."""
    return [_profile(row) for row in await session.execute(_listed(seller_id))]


def _listed(seller_id: UUID) -> Select[Any]:
    used = select(func.count()).where(ListingRow.delivery_profile_id == DeliveryProfileRow.id).scalar_subquery()
    columns = (DeliveryProfileRow.id, DeliveryProfileRow.name, DeliveryProfileRow.rates, used.label("listings"))
    mine = select(*columns).where(DeliveryProfileRow.seller_id == seller_id)
    return mine.order_by(DeliveryProfileRow.name, DeliveryProfileRow.id)


def _profile(row: Any) -> DeliveryProfile:
    return DeliveryProfile(
        id=row.id, name=row.name, rates=msgspec.convert(row.rates, list[PostageRate]), listings=row.listings
    )
