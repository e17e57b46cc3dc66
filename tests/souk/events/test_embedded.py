"""The embedded transport keeps the contract."""

from collections.abc import AsyncIterator

import pytest

from souk.events import Transport
from souk.events.embedded import EmbeddedTransport
from tests.souk.events.contract import TransportContract


class TestEmbeddedTransport(TransportContract):
    @pytest.fixture
    async def transport(self) -> AsyncIterator[Transport]:
        yield EmbeddedTransport()
