"""What `tests/once.py` shares between apps leaves each with parts of its own."""

import httpx
import pytest
from litestar import Litestar

from shop.runtime import make_keys
from souk.events.embedded import EmbeddedTransport
from store.app import create_app
from store.settings import StoreSettings


class Told(EmbeddedTransport):
    """A transport with a complaint, to be known by."""

    def __init__(self, complaint: str) -> None:
        super().__init__()
        self.complaint = complaint

    def problems(self, service: str) -> list[str]:
        return [self.complaint]


def store(complaint: str) -> Litestar:
    private, public = make_keys()
    settings = StoreSettings(
        database_url="postgresql://nobody@/nothing?host=/nowhere",
        identity_private_key=private["store"],
        identity_public_keys=public,
    )
    return create_app(settings, transport=Told(complaint))


async def complaints(app: Litestar) -> list[str]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://store") as http:
        found: list[str] = (await http.get("/health/ready")).json()["problems"]
        return found


async def test_apps_share_routes_and_no_parts() -> None:
    one, other = store("one"), store("other")
    assert one.routes is other.routes
    assert (await complaints(one))[0] == "one"
    assert (await complaints(other))[0] == "other"
    assert (await complaints(one))[0] == "one"
    assert one.state.kernel is not other.state.kernel


async def test_other_routes_are_laid_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = store("one")
    monkeypatch.setattr("store.app.review_routes.ROUTES", ())
    assert len(store("other").routes) < len(before.routes)
