"""One's own listing, as all pages about selling need it."""

from uuid import UUID

from entrypoint.pages.member_context import MemberContext
from souk.contracts.catalogue.listings import Listing
from souk.errors import NotFound


async def own_listing(member: MemberContext, listing_id: UUID) -> Listing:
    """The user's own listing; raises NotFound for any other."""
    listing = await member.catalogue.get_listing(member.identity, listing_id)
    if listing.seller.id != member.user.id:
        raise NotFound("You have no such listing.", code="listing-not-yours")
    return listing


async def publish(member: MemberContext, listing_id: UUID) -> Listing:
    """Put it on sale; raises the catalogue's refusal."""
    return await member.catalogue.publish_listing(member.identity, listing_id)
