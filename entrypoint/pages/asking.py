"""Asking the other services from pages."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

from entrypoint.context.layout import PageRequest
from entrypoint.context.parts import Parts
from entrypoint.context.request_context import CurrentUser, RequestContext, context_of, require_user
from souk.contracts.payment.invoices import LegalProfile
from souk.contracts.payment.wallets import Wallet
from souk.contracts.store.carts import Cart
from souk.contracts.store.orders import OrderPage, OrderSummary
from souk.errors import RuleBroken, Unavailable
from souk.http.identity import Identity

T = TypeVar("T")

NAMED_ORDERS_MAX = 100
"""Orders whose titles a page looks up at once."""


@dataclass(frozen=True)
class Asker:
    """Asks for a user."""

    ctx: RequestContext
    user: CurrentUser

    @property
    def parts(self) -> Parts:
        """The instance's parts."""
        return self.ctx.parts

    @property
    def identity(self) -> Identity:
        """Whom the services are told."""
        return self.user.identity

    @property
    def currency(self) -> str:
        """The marketplace's currency."""
        return self.parts.settings.currency

    def words(self, message: str) -> str:
        """A sentence in the reader's language."""
        return self.ctx.reader.gettext(message)

    async def store(self, method: str, path: str, expect: type[T], **request: Any) -> T:
        """Call the store."""
        return await self.parts.clients.store.call(method, path, expect, identity=self.identity, **request)

    async def payment(self, method: str, path: str, expect: type[T], **request: Any) -> T:
        """Call the payment service."""
        return await self.parts.clients.payment.call(method, path, expect, identity=self.identity, **request)

    async def cart(self) -> Cart:
        """The user's cart."""
        return await self.store("GET", "/cart", Cart)

    async def wallet(self) -> Wallet | None:
        """The user's wallet, or None while the payment service does not answer: pages that only mention it go on."""
        return await or_none(self.payment("GET", "/wallet", Wallet))

    async def legal_profile(self) -> LegalProfile | None:
        """Who the user is on documents, or None before they have said so."""
        try:
            return await self.payment("GET", "/me/legal-profile", LegalProfile)
        except RuleBroken as refusal:
            if refusal.status == 404:
                return None
            raise

    async def orders(self, role: str, **params: Any) -> list[OrderSummary]:
        """The latest orders that the user bought or sold."""
        params = {"role": role, "limit": NAMED_ORDERS_MAX} | params
        return (await self.store("GET", "/orders", OrderPage, params=params)).items


def asker(request: PageRequest) -> Asker:
    """Whoever is logged in; visitors are sent to the login page."""
    return Asker(context_of(request), require_user(request))


async def or_none(asked: Awaitable[T]) -> T | None:
    """The answer, or None if the service is not there just now."""
    try:
        return await asked
    except RuleBroken as refusal:
        if isinstance(refusal, Unavailable) or refusal.status >= 500:
            return None
        raise


def initials(name: str) -> str:
    """Two letters for the round sign beside a name."""
    return "".join(word[0] for word in name.split()[:2]).upper()
