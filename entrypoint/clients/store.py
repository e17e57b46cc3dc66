"""The store, as pages ask it."""

from collections.abc import Iterable
from uuid import UUID

from entrypoint.clients.operated import OperatedService
from souk.contracts.store.carts import Cart, SetCartLine
from souk.contracts.store.events import Side
from souk.contracts.store.messages import (
    NewMessage,
    NewThread,
    NewThreadReport,
    Seen,
    Sent,
    ThreadCasePage,
    ThreadCaseStory,
    ThreadDecision,
    ThreadMessages,
    ThreadPage,
)
from souk.contracts.store.offers import Counteroffer, NewOffer, Offer, OfferAnswer, OfferPage
from souk.contracts.store.orders import (
    Cancellation,
    NewRefund,
    Order,
    OrderPage,
    OrderStatus,
    OrderSummary,
    Shipment,
)
from souk.contracts.store.problems import (
    NewProblem,
    OrderProblem,
    ProblemAnswer,
    ProblemCase,
    ProblemDecision,
    ProblemPage,
    ProblemProposal,
)
from souk.contracts.store.purchases import NewPurchase, Purchase, PurchaseItem, PurchasePage
from souk.contracts.store.reviews import (
    NewReview,
    NewReviewAnswer,
    NewReviewReport,
    Review,
    ReviewCasePage,
    ReviewCaseStory,
    ReviewDecision,
    ReviewPage,
)
from souk.http.identity import Identity


class StoreClient(OperatedService):
    """Carts, purchases, orders and their problems, offers and reviews."""

    async def get_cart(self, identity: Identity, country: str | None = None) -> Cart:
        """The user's cart, with postage to a country if one is named."""
        return await self.calls.get("/cart", Cart, identity=identity, params={"country": country})

    async def count_cart_units(self, identity: Identity) -> int:
        """How many things are in the user's cart."""
        return await self.calls.get("/internal/cart/units", int, identity=identity)

    async def set_cart_line(self, identity: Identity, listing_id: UUID, line: SetCartLine) -> Cart:
        """Put a listing into the cart, or change how many."""
        return await self.calls.put(f"/cart/lines/{listing_id}", Cart, identity=identity, json=line)

    async def remove_cart_line(self, identity: Identity, listing_id: UUID) -> None:
        """Take a listing out of the cart."""
        await self.calls.delete(f"/cart/lines/{listing_id}", identity=identity)

    async def quote_purchase(self, identity: Identity, item: PurchaseItem, country: str | None = None) -> Cart:
        """What one listing by itself costs now, as a cart of it; with postage to a country if one is named."""
        params = {"listing_id": item.listing_id, "quantity": item.quantity, "country": country}
        return await self.calls.get("/purchases/quote", Cart, identity=identity, params=params)

    async def place_purchase(self, identity: Identity, new: NewPurchase, key: UUID, languages: str) -> Purchase:
        """Place the purchase that `key` names; asked again, it is the same one. Documents are in one of `languages`,
        as `Accept-Language` has them."""
        headers = {"idempotency-key": str(key), "accept-language": languages}
        return await self.calls.post("/purchases", Purchase, identity=identity, json=new, headers=headers)

    async def get_purchase(self, identity: Identity, purchase_id: UUID, wait_ms: int | None = None) -> Purchase:
        """One of the user's purchases; an open one is answered once it moves on, or after `wait_ms`."""
        params = {"wait_ms": wait_ms}
        return await self.calls.get(f"/purchases/{purchase_id}", Purchase, identity=identity, params=params)

    async def list_purchases(self, identity: Identity, limit: int) -> PurchasePage:
        """The user's latest purchases."""
        return await self.calls.get("/purchases", PurchasePage, identity=identity, params={"limit": limit})

    async def cancel_purchase(self, identity: Identity, purchase_id: UUID) -> Purchase:
        """Call off a purchase that is not paid yet."""
        return await self.calls.post(f"/purchases/{purchase_id}/cancellation", Purchase, identity=identity)

    async def apply_deadlines(self, identity: Identity, purchase_id: UUID) -> dict[str, int]:
        """Do now whatever deadlines of a purchase and its orders have passed; how many of each."""
        path = f"/internal/purchases/{purchase_id}/deadlines"
        return await self.calls.post(path, dict[str, int], identity=identity)

    async def list_orders(
        self,
        identity: Identity,
        role: Side,
        *,
        limit: int,
        status: OrderStatus | None = None,
        cursor: str | None = None,
    ) -> OrderPage:
        """What the user bought or sold, newest first."""
        params = {"role": role, "limit": limit, "status": status, "cursor": cursor}
        return await self.calls.get("/orders", OrderPage, identity=identity, params=params)

    async def list_orders_by_id(self, identity: Identity, ids: Iterable[UUID]) -> list[OrderSummary]:
        """Those of these orders that are the user's."""
        params = [("ids", each) for each in ids]
        return await self.calls.get("/internal/orders", list[OrderSummary], identity=identity, params=params)

    async def get_order(self, identity: Identity, order_id: UUID) -> Order:
        """One of the user's orders."""
        return await self.calls.get(f"/orders/{order_id}", Order, identity=identity)

    async def ship_order(self, identity: Identity, order_id: UUID, shipment: Shipment) -> Order:
        """The seller handed the parcel over."""
        return await self.calls.post(f"/orders/{order_id}/shipment", Order, identity=identity, json=shipment)

    async def confirm_order(self, identity: Identity, order_id: UUID) -> Order:
        """The buyer has the goods."""
        return await self.calls.post(f"/orders/{order_id}/receipt", Order, identity=identity)

    async def cancel_order(self, identity: Identity, order_id: UUID, cancellation: Cancellation) -> Order:
        """Call an order off before it is shipped."""
        return await self.calls.post(f"/orders/{order_id}/cancellation", Order, identity=identity, json=cancellation)

    async def refund_order(self, identity: Identity, order_id: UUID, new: NewRefund, key: UUID) -> Order:
        """Give back what `new` says; asked again under the same key, it is the same refund."""
        path, headers = f"/orders/{order_id}/refunds", {"idempotency-key": str(key)}
        return await self.calls.post(path, Order, identity=identity, json=new, headers=headers)

    async def list_problems(self, identity: Identity, order_id: UUID) -> list[OrderProblem]:
        """What was wrong with an order, the newest first."""
        return await self.calls.get(f"/orders/{order_id}/problems", list[OrderProblem], identity=identity)

    async def open_problem(self, identity: Identity, order_id: UUID, new: NewProblem, key: UUID) -> OrderProblem:
        """Say that something is wrong; asked again under the same key, it is the same problem."""
        path, headers = f"/orders/{order_id}/problems", {"idempotency-key": str(key)}
        return await self.calls.post(path, OrderProblem, identity=identity, json=new, headers=headers)

    async def propose_end(self, identity: Identity, problem_id: UUID, new: ProblemProposal) -> OrderProblem:
        """Say how much should go back."""
        return await self.calls.post(f"/problems/{problem_id}/proposals", OrderProblem, identity=identity, json=new)

    async def accept_end(self, identity: Identity, problem_id: UUID, answer: ProblemAnswer) -> OrderProblem:
        """Agree to what was proposed."""
        return await self.calls.post(f"/problems/{problem_id}/acceptance", OrderProblem, identity=identity, json=answer)

    async def decline_end(self, identity: Identity, problem_id: UUID, answer: ProblemAnswer) -> OrderProblem:
        """Let a moderator decide."""
        return await self.calls.post(f"/problems/{problem_id}/refusal", OrderProblem, identity=identity, json=answer)

    async def withdraw_problem(self, identity: Identity, problem_id: UUID, answer: ProblemAnswer) -> OrderProblem:
        """Take it back that something is wrong."""
        return await self.calls.post(f"/problems/{problem_id}/withdrawal", OrderProblem, identity=identity, json=answer)

    async def appeal_decision(self, identity: Identity, problem_id: UUID, answer: ProblemAnswer) -> OrderProblem:
        """Ask for another moderator."""
        return await self.calls.post(f"/problems/{problem_id}/appeal", OrderProblem, identity=identity, json=answer)

    async def list_problem_cases(self, identity: Identity, limit: int, cursor: str | None = None) -> ProblemPage:
        """Problems that wait for a moderator, the longest first."""
        params = {"limit": limit, "cursor": cursor}
        return await self.calls.get("/moderation/problems", ProblemPage, identity=identity, params=params)

    async def get_problem_case(self, identity: Identity, problem_id: UUID) -> ProblemCase:
        """A problem with what was bought."""
        return await self.calls.get(f"/moderation/problems/{problem_id}", ProblemCase, identity=identity)

    async def decide_problem(self, identity: Identity, problem_id: UUID, decision: ProblemDecision) -> ProblemCase:
        """Say what goes back."""
        path = f"/moderation/problems/{problem_id}/decisions"
        return await self.calls.post(path, ProblemCase, identity=identity, json=decision)

    async def list_offers(
        self,
        identity: Identity,
        role: Side,
        *,
        limit: int,
        waiting: bool | None = None,
        listing_id: UUID | None = None,
        cursor: str | None = None,
    ) -> OfferPage:
        """What the user offered, or was offered; of one listing, and that waits for them or does not, where said."""
        params = {"role": role, "limit": limit, "waiting": waiting, "listing_id": listing_id, "cursor": cursor}
        return await self.calls.get("/offers", OfferPage, identity=identity, params=params)

    async def get_offer(self, identity: Identity, offer_id: UUID) -> Offer:
        """One of the user's offers."""
        return await self.calls.get(f"/offers/{offer_id}", Offer, identity=identity)

    async def make_offer(self, identity: Identity, new: NewOffer) -> Offer:
        """Name a price."""
        return await self.calls.post("/offers", Offer, identity=identity, json=new)

    async def counter_offer(self, identity: Identity, offer_id: UUID, new: Counteroffer) -> Offer:
        """Name another price."""
        return await self.calls.post(f"/offers/{offer_id}/counteroffer", Offer, identity=identity, json=new)

    async def accept_offer(self, identity: Identity, offer_id: UUID, answer: OfferAnswer) -> Offer:
        """Agree to the price of that round."""
        return await self.calls.post(f"/offers/{offer_id}/acceptance", Offer, identity=identity, json=answer)

    async def decline_offer(self, identity: Identity, offer_id: UUID, answer: OfferAnswer) -> Offer:
        """Refuse the price of that round."""
        return await self.calls.post(f"/offers/{offer_id}/refusal", Offer, identity=identity, json=answer)

    async def withdraw_offer(self, identity: Identity, offer_id: UUID, answer: OfferAnswer) -> Offer:
        """Take the price of that round back."""
        return await self.calls.post(f"/offers/{offer_id}/withdrawal", Offer, identity=identity, json=answer)

    async def list_threads(
        self,
        identity: Identity,
        *,
        limit: int,
        listing_id: UUID | None = None,
        order_id: UUID | None = None,
        cursor: str | None = None,
    ) -> ThreadPage:
        """The user's threads, the one with the newest message first; those about a listing or an order, where said."""
        params = {"limit": limit, "listing_id": listing_id, "order_id": order_id, "cursor": cursor}
        return await self.calls.get("/threads", ThreadPage, identity=identity, params=params)

    async def get_thread(
        self, identity: Identity, thread_id: UUID, *, limit: int, before: str | None = None
    ) -> ThreadMessages:
        """One of the user's threads with its newest messages, or with earlier ones."""
        params = {"limit": limit, "before": before}
        return await self.calls.get(f"/threads/{thread_id}", ThreadMessages, identity=identity, params=params)

    async def open_thread(self, identity: Identity, new: NewThread, key: UUID) -> Sent:
        """Write about a listing or an order; asked again under the same key, it is the same message."""
        headers = {"idempotency-key": str(key)}
        return await self.calls.post("/threads", Sent, identity=identity, json=new, headers=headers)

    async def send_message(self, identity: Identity, thread_id: UUID, new: NewMessage, key: UUID) -> Sent:
        """Write another message; asked again under the same key, it is the same one."""
        path, headers = f"/threads/{thread_id}/messages", {"idempotency-key": str(key)}
        return await self.calls.post(path, Sent, identity=identity, json=new, headers=headers)

    async def see_thread(self, identity: Identity, thread_id: UUID, number: int) -> None:
        """Say how far the user has read."""
        path, seen = f"/threads/{thread_id}/seen", Seen(number=number)
        await self.calls.put(path, type(None), identity=identity, json=seen)

    async def block_other(self, identity: Identity, thread_id: UUID) -> None:
        """Let nobody write between the two of this thread."""
        await self.calls.put(f"/threads/{thread_id}/block", type(None), identity=identity)

    async def unblock_other(self, identity: Identity, thread_id: UUID) -> None:
        """Take it back."""
        await self.calls.delete(f"/threads/{thread_id}/block", identity=identity)

    async def report_thread(self, identity: Identity, thread_id: UUID, new: NewThreadReport) -> None:
        """Say what is wrong with a thread of one's own."""
        await self.calls.post(f"/threads/{thread_id}/reports", type(None), identity=identity, json=new)

    async def list_thread_cases(self, identity: Identity, limit: int, cursor: str | None = None) -> ThreadCasePage:
        """Threads that wait for a moderator, the longest first."""
        params = {"limit": limit, "cursor": cursor}
        return await self.calls.get("/moderation/threads", ThreadCasePage, identity=identity, params=params)

    async def get_thread_case(self, identity: Identity, thread_id: UUID) -> ThreadCaseStory:
        """A reported thread: what was written, said and done."""
        return await self.calls.get(f"/moderation/threads/{thread_id}", ThreadCaseStory, identity=identity)

    async def decide_thread_case(
        self, identity: Identity, thread_id: UUID, decision: ThreadDecision
    ) -> ThreadCaseStory:
        """Close a thread, open it again, or leave it."""
        path = f"/moderation/threads/{thread_id}/decisions"
        return await self.calls.post(path, ThreadCaseStory, identity=identity, json=decision)

    async def review_order(self, identity: Identity, order_id: UUID, new: NewReview) -> Review:
        """Review an order, or change the review."""
        return await self.calls.put(f"/orders/{order_id}/review", Review, identity=identity, json=new)

    async def answer_review(self, identity: Identity, review_id: UUID, new: NewReviewAnswer) -> Review:
        """Answer a review, or change the answer."""
        return await self.calls.put(f"/reviews/{review_id}/answer", Review, identity=identity, json=new)

    async def get_review(self, identity: Identity, review_id: UUID) -> Review:
        """One review."""
        return await self.calls.get(f"/reviews/{review_id}", Review, identity=identity)

    async def list_reviews(
        self,
        identity: Identity,
        seller_id: UUID,
        *,
        limit: int,
        stars: int | None = None,
        cursor: str | None = None,
    ) -> ReviewPage:
        """What buyers say of a seller, newest first; only those with so many stars, where said."""
        params = {"limit": limit, "stars": stars, "cursor": cursor}
        return await self.calls.get(f"/sellers/{seller_id}/reviews", ReviewPage, identity=identity, params=params)

    async def report_review(self, identity: Identity, review_id: UUID, new: NewReviewReport) -> None:
        """Say what is wrong with a review."""
        await self.calls.post(f"/reviews/{review_id}/reports", type(None), identity=identity, json=new)

    async def list_review_cases(self, identity: Identity, limit: int, cursor: str | None = None) -> ReviewCasePage:
        """Reviews that wait for a moderator, the longest first."""
        params = {"limit": limit, "cursor": cursor}
        return await self.calls.get("/moderation/reviews", ReviewCasePage, identity=identity, params=params)

    async def get_review_case(self, identity: Identity, review_id: UUID) -> ReviewCaseStory:
        """A review's case: what was said and done."""
        return await self.calls.get(f"/moderation/reviews/{review_id}", ReviewCaseStory, identity=identity)

    async def decide_review_case(
        self, identity: Identity, review_id: UUID, decision: ReviewDecision
    ) -> ReviewCaseStory:
        """Remove a review or its answer, restore it, or leave it."""
        path = f"/moderation/reviews/{review_id}/decisions"
        return await self.calls.post(path, ReviewCaseStory, identity=identity, json=decision)
