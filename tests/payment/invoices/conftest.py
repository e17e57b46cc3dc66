"""A captured purchase to be invoiced."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import pytest

from payment.app import consumers as all_consumers
from payment.settings import PaymentSettings
from souk.contracts.store.events import PaymentRequested
from souk.database import Database
from souk.events import Consumer
from souk.ids import new_id
from tests.payment.builders import fund, handle, payment
from tests.payment.conftest import Service

Captured = Callable[..., Awaitable[PaymentRequested]]


@pytest.fixture
def consumers(service: Service) -> Sequence[Consumer]:
    return all_consumers(service.kernel, PaymentSettings())


@pytest.fixture
def captured(database: Database, consumers: Sequence[Consumer]) -> Captured:
    """Captures a purchase with one order per seller, 300 cents each."""

    async def capture(*sellers: UUID, buyer: UUID | None = None) -> PaymentRequested:
        buyer = buyer or new_id()
        await fund(database, buyer, 300 * len(sellers))
        request = payment(buyer, [(seller, 300) for seller in sellers])
        assert await handle(database, consumers, "payment.captures", request) == ["done"]
        return request

    return capture
