"""Offers over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from souk.contracts.store.events import Side
from souk.contracts.store.offers import Counteroffer, NewOffer, Offer, OfferAnswer, OfferPage
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.paging import CURSOR_CHARS_MAX, PAGE, PAGE_MAX
from store.offers.offers import Offers


class OfferRoutes(Controller):
    """For buyers and sellers alike."""

    path = "/offers"
    tags = ("Offers",)

    @post(
        operation_id="makeOffer",
        summary="Offer a price for a listing",
        responses={200: ResponseSpec(Offer, description="It was made before with this id")},
    )
    async def make(self, kernel: Kernel, identity: Identity, offers: Offers, data: NewOffer) -> Response[Offer]:
        """For listings whose seller takes offers (`accepts_offers`). The seller has some time to answer, else it expires.

        One offer at a time for one listing. Nothing is reserved by it, also not once it is accepted.
        """
        draft = await offers.prepare(identity.user(), data)
        async with kernel.database.transaction() as session:
            offer, news = await offers.make(session, draft)
            kernel.outbox.emit(session, *news)
        return Response(offer, status_code=201 if news else 200)

    @get(operation_id="listOffers", summary="Your offers, newest first")
    async def page(
        self,
        *,
        identity: Identity,
        offers: Offers,
        reader: ReadSession,
        role: Annotated[Side, Parameter(description="What you offered, or what was offered for your listings.")],
        waiting: Annotated[
            bool | None, Parameter(description="Only what waits for you to answer or to buy; or only the others.")
        ] = None,
        listing_id: UUID | None = None,
        cursor: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
        limit: Annotated[int, Parameter(ge=1, le=PAGE_MAX)] = PAGE,
    ) -> OfferPage:
        """With every price that was named, and what you may do now."""
        return await offers.page(
            reader,
            identity.user(),
            role=role,
            waiting=waiting,
            listing_id=listing_id,
            cursor=cursor,
            limit=limit,
        )

    @get("/{offer_id:uuid}", operation_id="getOffer", summary="One of your offers")
    async def one(self, identity: Identity, offers: Offers, reader: ReadSession, offer_id: UUID) -> Offer:
        """For its buyer and its seller."""
        return await offers.get(reader, identity.user(), offer_id)

    @post("/{offer_id:uuid}/acceptance", status_code=200, operation_id="acceptOffer", summary="Accept the price")
    async def accept(
        self, *, kernel: Kernel, identity: Identity, offers: Offers, offer_id: UUID, data: OfferAnswer
    ) -> Offer:
        """For the side that must answer. The buyer can then buy so many units at this price for some time.

        Put that many into the cart: the line costs the agreed price. Safe to repeat.
        """
        await offers.check_acceptable(identity.user(), offer_id, data.round)
        async with kernel.database.transaction() as session:
            offer, news = await offers.accept(session, identity.user(), offer_id, data.round)
            kernel.outbox.emit(session, *news)
        return offer

    @post(
        "/{offer_id:uuid}/counteroffer",
        status_code=200,
        operation_id="counterOffer",
        summary="Name another price",
    )
    async def counter(
        self, *, kernel: Kernel, identity: Identity, offers: Offers, offer_id: UUID, data: Counteroffer
    ) -> Offer:
        """For the side that must answer; then the other one must. Safe to repeat."""
        draft = await offers.prepare_counter(identity.user(), offer_id, data)
        async with kernel.database.transaction() as session:
            offer, news = await offers.counter(session, identity.user(), offer_id, draft)
            kernel.outbox.emit(session, *news)
        return offer

    @post("/{offer_id:uuid}/refusal", status_code=200, operation_id="declineOffer", summary="Decline the price")
    async def decline(
        self, *, kernel: Kernel, identity: Identity, offers: Offers, session: Session, offer_id: UUID, data: OfferAnswer
    ) -> Offer:
        """For the side that must answer: the offer is over. Safe to repeat."""
        offer, news = await offers.decline(session, identity.user(), offer_id, data.round)
        kernel.outbox.emit(session, *news)
        return offer

    @post("/{offer_id:uuid}/withdrawal", status_code=200, operation_id="withdrawOffer", summary="Withdraw the price")
    async def withdraw(
        self, *, kernel: Kernel, identity: Identity, offers: Offers, session: Session, offer_id: UUID, data: OfferAnswer
    ) -> Offer:
        """For the side that waits for an answer; a buyer may also leave an accepted offer. Safe to repeat."""
        offer, news = await offers.withdraw(session, identity.user(), offer_id, data.round)
        kernel.outbox.emit(session, *news)
        return offer
