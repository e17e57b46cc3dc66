"""Public routes of price lists for postage."""

from uuid import UUID

from litestar import Response, delete, get, put
from litestar.openapi import ResponseSpec

from catalogue.delivery import profiles
from souk.contracts.catalogue.delivery import DeliveryProfile, NewDeliveryProfile
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel


@get(
    "/me/delivery-profiles",
    tags=["Listings"],
    operation_id="listDeliveryProfiles",
    summary="My price lists for postage",
)
async def list_profiles(identity: Identity, reader: ReadSession) -> list[DeliveryProfile]:
    """All of them, by name."""
    return await profiles.all_of(reader, identity.user())


@get(
    "/me/delivery-profiles/{profile_id:uuid}",
    tags=["Listings"],
    operation_id="getDeliveryProfile",
    summary="One of my price lists",
)
async def show_profile(identity: Identity, reader: ReadSession, profile_id: UUID) -> DeliveryProfile:
    """What it says now."""
    return await profiles.one(reader, identity.user(), profile_id)


@put(
    "/me/delivery-profiles/{profile_id:uuid}",
    tags=["Listings"],
    operation_id="setDeliveryProfile",
    summary="Make or change a price list",
    responses={201: ResponseSpec(DeliveryProfile, description="There was none with this id")},
)
async def set_profile(
    kernel: Kernel, identity: Identity, session: Session, profile_id: UUID, data: NewDeliveryProfile
) -> Response[DeliveryProfile]:
    """With an id of your own, a UUID version 7 (RFC 9562). Holds at once for all listings that use it, and never for what
    was ordered before. Safe to repeat."""
    currency, now = kernel.settings.currency, kernel.clock.now()
    profile, is_new = await profiles.set_profile(session, identity.user(), profile_id, data, currency=currency, now=now)
    return Response(profile, status_code=201 if is_new else 200)


@delete(
    "/me/delivery-profiles/{profile_id:uuid}",
    tags=["Listings"],
    operation_id="deleteDeliveryProfile",
    summary="Delete a price list",
)
async def delete_profile(identity: Identity, session: Session, profile_id: UUID) -> None:
    """Refused with the number of listings while any uses it. Safe to repeat."""
    await profiles.remove(session, identity.user(), profile_id)


ROUTES = (list_profiles, show_profile, set_profile, delete_profile)
