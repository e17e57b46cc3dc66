"""Suspended users: what they cannot do, how they appeal, and that all comes back."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from entrypoint.accounts import accounts, email_addresses, operator_log, suspensions
from entrypoint.pages.account.login import ROUTES as LOGIN
from entrypoint.pages.admin.users import ROUTES as ADMIN
from entrypoint.pages.money.send_money import ROUTES as SENDING
from souk.events.envelope import unseal
from tests.entrypoint import conftest
from tests.entrypoint.conftest import PASSWORD, Visitor, World
from tests.entrypoint.mailbox import last
from tests.page import Page

ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "MORE_ROUTES", [*LOGIN, *ADMIN, *SENDING])


async def change(world: World, user_id: UUID, what: Any = suspensions.suspend, reason: str = "Sold fakes.") -> None:
    outbox, now = world.parts.kernel.outbox, world.clock.now()
    async with world.database.transaction() as session:
        outbox.emit(session, *await what(session, user_id, by="souk users (root)", reason=reason, now=now))


async def vouched(world: World, user_id: UUID) -> None:
    async with world.database.transaction() as session:
        await email_addresses.vouch(session, user_id, world.clock.now())


async def told(world: World) -> list[tuple[int, str]]:
    """(version, what) of the events about users."""
    async with world.database.reading() as reader:
        bodies = await reader.scalars(text("SELECT body FROM outbox ORDER BY id"))
        return [(one.envelope.souksequence, type(one.event).__name__) for one in map(unseal, bodies)]


async def test_who_is_suspended_is_out_everywhere_and_back_in_after_it(world: World, browser: Visitor) -> None:
    user = await world.register()
    await vouched(world, user.id)
    bearer = await world.token()
    await browser.sign_in()
    for _ in range(2):
        await change(world, user.id)
    assert (await browser.http.get("/t/member")).status_code == 303
    assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 401
    body = {"email": ADA, "password": PASSWORD}
    refused = await browser.http.post("/api/v1/tokens", json=body)
    assert (refused.status_code, refused.json()["reason"]) == (403, "Sold fakes.")
    wrong = await browser.submit("/login", email=ADA, password="wrong")
    assert wrong.status_code == 401 and "Sold fakes." not in wrong.text, "only its owner learns of it"
    assert "Sold fakes." in (await last(world, ADA)).body
    for _ in range(2):
        await change(world, user.id, suspensions.restore, "It was a mistake.")
    assert (await browser.sign_in()).status_code == 303
    assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 200
    assert "It was a mistake." in (await last(world, ADA)).body
    assert await told(world) == [(1, "UserRegistered"), (2, "UserSuspended"), (3, "UserRestored")]
    async with world.database.reading() as reader:
        done = [(deed.action, deed.by, deed.reason) for deed in await operator_log.list_of(reader, user.id)]
    assert done == [
        ("restore", "souk users (root)", "It was a mistake."),
        ("suspend", "souk users (root)", "Sold fakes."),
    ]


async def test_a_suspension_is_appealed_once_and_by_its_owner_only(world: World, browser: Visitor) -> None:
    user = await world.register()
    await change(world, user.id)
    page = await browser.submit("/login", email=ADA, password=PASSWORD)
    assert page.status_code == 403 and "Sold fakes." in page.text
    token = Page(page.text).form_to("/appeal")["token"]
    empty = await browser.submit("/appeal", token=token, text=" ")
    assert empty.status_code == 422 and "Say what is wrong with it" in empty.text
    assert (await browser.submit("/appeal", token="x" + token, text="No.")).status_code == 404
    words = "They are <b>real</b>.\nI have the receipts."
    assert (await browser.submit("/appeal", token=token, text=words)).headers["location"] == "/login"
    assert (await browser.submit("/appeal", token=token, text="And more.")).status_code == 409
    again = await browser.submit("/login", email=ADA, password=PASSWORD)
    assert "You have appealed" in again.text and not Page(again.text).has("[name=token]")
    async with world.database.reading() as reader:
        [known] = await suspensions.list_of(reader)
    assert known.appeal == words and known.appealed_at is not None
    await change(world, user.id, suspensions.restore, "Seen.")
    assert (await browser.http.get(f"/appeal?token={token}")).headers["location"] == "/login"


async def test_admins_suspend_and_restore_with_a_reason(world: World, browser: Visitor) -> None:
    user = await world.register()
    boss = await world.register("boss@example.org", "Boss")
    async with world.database.transaction() as session:
        await accounts.grant_role(session, boss.id, "admin", by="test", now=world.clock.now())
    await vouched(world, user.id)
    await browser.sign_in("boss@example.org")
    path = f"/admin/users/{user.id}/suspension"
    assert (await browser.submit(path, do="suspend", reason="Sold fakes.")).status_code == 303
    async with world.database.reading() as reader:
        [deed] = await operator_log.list_of(reader, user.id)
    assert (deed.action, deed.by, deed.reason) == ("suspend", str(boss.id), "Sold fakes.")
    assert "Sold fakes." in (await browser.http.get("/admin/users")).text
    sending = await browser.submit("/wallet/send", email=ADA, amount="1")
    assert "cannot receive money now" in sending.text
    assert (await browser.submit(path, do="restore", reason="Seen.")).status_code == 303
    async with world.browser() as other:
        await other.sign_in()
        assert (await other.submit(path, do="suspend", reason="mine")).status_code == 404
    async with world.database.reading() as reader:
        assert await suspensions.of(reader, user.id) is None
