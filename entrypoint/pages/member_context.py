"""A page request of somebody who is logged in: who they are, and the services that are asked for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from entrypoint.clients.catalogue import CatalogueClient
from entrypoint.clients.fallbacks import or_none
from entrypoint.clients.payment import PaymentClient
from entrypoint.clients.store import StoreClient
from entrypoint.context.layout import PageRequest
from entrypoint.context.parts import Parts
from entrypoint.context.request_context import CurrentUser, RequestContext, context_of, require_user
from entrypoint.refusals.refusals import message_of
from souk.contracts.payment.invoices import LegalProfile
from souk.contracts.payment.wallets import Wallet
from souk.contracts.store.events import Side
from souk.contracts.store.orders import OrderStatus, OrderSummary
from souk.errors import RuleBroken
from souk.http.identity import Identity

NAMED_ORDERS_MAX = 100
"""Orders whose titles a page looks up at once."""


@dataclass(frozen=True)
class MemberContext:
    """What is known of the request, with the user for sure."""

    ctx: RequestContext
    user: CurrentUser

    @property
    def parts(self) -> Parts:
        """The instance's parts."""
        return self.ctx.parts

    @property
    def catalogue(self) -> CatalogueClient:
        """The catalogue."""
        return self.parts.clients.catalogue

    @property
    def store(self) -> StoreClient:
        """The store."""
        return self.parts.clients.store

    @property
    def payment(self) -> PaymentClient:
        """The payment service."""
        return self.parts.clients.payment

    @property
    def identity(self) -> Identity:
        """Whom the services are told."""
        return self.user.identity

    @property
    def currency(self) -> str:
        """The marketplace's currency."""
        return self.parts.settings.currency

    def gettext(self, message: str) -> str:
        """A sentence in the reader's language."""
        return self.ctx.reader.gettext(message)

    def labels(self, texts: Mapping[str, str]) -> dict[str, str]:
        """What stands over a form's fields, by their names, in the reader's language."""
        return {name: self.gettext(text) for name, text in texts.items()}

    def message_of(self, refusal: RuleBroken) -> str:
        """What was refused, in the reader's language."""
        return message_of(self.ctx.reader, refusal)

    async def wallet(self) -> Wallet | None:
        """The user's wallet, or None while the payment service does not answer: pages that only mention it go on."""
        return await or_none(self.payment.get_wallet(self.identity))

    async def legal_profile(self) -> LegalProfile | None:
        """Who the user is on documents, or None before they have said so."""
        try:
            return await self.payment.get_legal_profile(self.identity)
        except RuleBroken as refusal:
            if refusal.status == 404:
                return None
            raise

    async def orders(
        self, role: Side, *, status: OrderStatus | None = None, limit: int = NAMED_ORDERS_MAX
    ) -> list[OrderSummary]:
        """The latest orders that the user bought or sold."""
        return (await self.store.list_orders(self.identity, role, status=status, limit=limit)).items


def member_context(request: PageRequest) -> MemberContext:
    """Whoever is logged in; visitors are sent to the login page."""
    return MemberContext(context_of(request), require_user(request))
