"""Proved addresses: others are told of them, and who never proved one gives it up to whoever does."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from entrypoint import links
from entrypoint.accounts import accounts, email_addresses
from entrypoint.accounts.tables import UserRow
from entrypoint.mailing import mailing
from entrypoint.notifications.consumers import Notifier
from entrypoint.pages.account.account import ROUTES as ACCOUNT
from entrypoint.pages.account.login import ROUTES as LOGIN
from entrypoint.pages.account.mailing import ROUTES as MAILING
from souk.contracts.entrypoint.events import AddressProved
from souk.contracts.payment.events import TransferWaiting
from souk.errors import InvalidInput
from souk.events.envelope import unseal
from souk.http.background import emitting
from souk.ids import new_id
from souk.mailboxes import mark_of
from souk.money import Money
from tests.entrypoint import conftest
from tests.entrypoint.conftest import PASSWORD, Visitor, World, without_mask
from tests.entrypoint.mailbox import last, sent

ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "MORE_ROUTES", [*ACCOUNT, *MAILING, *LOGIN])


async def vouch(world: World, user_id: UUID) -> None:
    async with world.database.transaction() as session:
        await email_addresses.vouch(session, user_id, world.clock.now())


async def tell(world: World) -> int:
    async with world.database.transaction() as session:
        return await emitting(world.parts.kernel.outbox, email_addresses.tell_proofs)(session)


async def told(world: World) -> list[tuple[int, AddressProved]]:
    """(version, event) of the proofs."""
    async with world.database.reading() as reader:
        found = [unseal(body) for body in await reader.scalars(text("SELECT body FROM outbox ORDER BY id"))]
    return [(one.envelope.souksequence, one.event) for one in found if isinstance(one.event, AddressProved)]


async def row_of(world: World, user_id: UUID) -> UserRow:
    async with world.database.reading() as reader:
        return (await reader.scalars(select(UserRow).where(UserRow.id == user_id))).one()


async def test_a_proof_is_told_once_by_its_mark_and_again_after_a_change(world: World, browser: Visitor) -> None:
    user = await world.register()
    assert await tell(world) == 0
    await vouch(world, user.id)
    assert sum(await asyncio.gather(*(tell(world) for _ in range(3)))) == 1, "instances do not tell it twice"
    await browser.sign_in()
    await browser.submit("/account/address", new_email="new@example.org", address_password=PASSWORD)
    await browser.http.post((await last(world, "new@example.org")).link)
    assert (await tell(world), await tell(world)) == (1, 0)
    proofs = await told(world)
    assert [event.address_mark for _, event in proofs] == [mark_of(ADA), mark_of("new@example.org")]
    assert {event.user_id for _, event in proofs} == {user.id}
    assert [version for version, _ in proofs] == [2, 3]
    async with world.database.reading() as reader:
        bodies = " ".join(await reader.scalars(text("SELECT body FROM outbox")))
    assert ADA not in bodies, "the address itself stays here"


async def test_an_unproved_address_goes_to_whoever_proves_it_by_changing_to_it(world: World, browser: Visitor) -> None:
    squatter = await world.register("new@example.org", "Squatter")
    ada = await world.register()
    async with world.browser() as theirs:
        await theirs.sign_in("new@example.org")
        await browser.sign_in()
        asked = await browser.submit("/account/address", new_email="NEW@example.org", address_password=PASSWORD)
        assert asked.status_code == 303
        mails = await sent(world, "NEW@example.org")
        assert (await browser.http.post(mails[0].link)).status_code == 200
        assert (await row_of(world, ada.id)).email_key == "new@example.org"
        assert " " in (await row_of(world, squatter.id)).email_key
        assert "Your account has no address" in (await theirs.http.get("/account")).text
        moved = await theirs.submit("/account/address", new_email="other@example.org", address_password=PASSWORD)
        assert moved.status_code == 303, "who is logged in can choose another one"
        await theirs.http.post((await last(world, "other@example.org")).link)
        assert "Your account has no address" not in (await theirs.http.get("/account")).text
    async with world.browser() as again:
        assert (await again.sign_in("other@example.org")).status_code == 303


async def test_a_claim_frees_an_address_once_and_only_if_nobody_proved_it(world: World, browser: Visitor) -> None:
    squatter = await world.register()
    proved = await world.register("bob@example.org", "Bob")
    await vouch(world, proved.id)
    answers = []
    for email in (ADA, "bob@example.org", "nobody@example.org"):
        answer = await browser.submit("/address/claim", email=email)
        answers.append((answer.status_code, without_mask(answer.text).replace(email, "EMAIL")))
    assert answers[0] == answers[1] == answers[2] and answers[0][0] == 200
    [mail] = await sent(world)
    assert mail.to == ADA and ADA in (await browser.http.get(mail.link)).text
    with pytest.raises(InvalidInput):
        await world.register(ADA, "Owner")
    assert (await browser.http.post(mail.link)).status_code == 200
    assert (await browser.http.post(mail.link)).status_code == 404
    owner = await world.register(ADA, "Owner")
    async with world.database.reading() as reader:
        found = await accounts.find_by_email(reader, ADA)
    assert found is not None and found.id == owner.id != squatter.id


async def test_a_claim_that_comes_after_the_proof_changes_nothing(world: World, browser: Visitor) -> None:
    user = await world.register()
    await browser.submit("/address/claim", email=ADA)
    link = (await last(world, ADA)).link
    await vouch(world, user.id)
    assert (await browser.http.post(link)).status_code == 404
    assert (await row_of(world, user.id)).email_key == ADA


async def test_of_two_who_prove_one_address_at_once_one_has_it(world: World) -> None:
    people = [await world.register(f"u{number}@example.org", f"U{number}") for number in range(4)]
    tokens = []
    async with world.database.transaction() as session:
        for user in people:
            tokens.append(await links.make(session, user.id, "address", "shared@example.org", world.clock.now()))

    async def prove(token: str) -> Any:
        async with world.database.transaction() as session:
            return await email_addresses.prove(session, token, world.clock.now())

    outcomes = await asyncio.gather(*(prove(token) for token in tokens), return_exceptions=True)
    assert sum(outcome == "shared@example.org" for outcome in outcomes) == 1, outcomes
    assert all(isinstance(outcome, str | InvalidInput) for outcome in outcomes), outcomes


async def test_the_page_of_registering_leads_to_the_claim(world: World, browser: Visitor) -> None:
    await world.register()
    form = {"email": ADA, "password": PASSWORD, "display_name": "Owner", "country": "GB"}
    answer = await browser.submit("/register", **form)
    assert answer.status_code == 422 and "/address/claim?email=ada%40example.org" in answer.text


async def test_money_for_strangers_is_mailed_of_once_a_day_and_not_to_everybody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "STRANGERS_PER_SENDER_MAX", 3)
    ada = await world.register()
    notifier = Notifier(world.clock)

    async def waits(email: str) -> None:
        event = TransferWaiting(
            transfer_id=new_id(),
            sender_id=ada.id,
            recipient_id=None,
            email=email,
            amount=Money(1250, "EUR"),
            returns_at=world.clock.now() + timedelta(days=14),
        )
        async with world.database.transaction() as session:
            await notifier.transfer_waiting(session, event)

    for number in range(5):
        for _ in range(2):
            await waits(f"stranger{number}@example.org")
    mails = await sent(world)
    assert [mail.to for mail in mails] == [f"stranger{number}@example.org" for number in range(3)]
    assert mails[0].subject == "Ada Lovelace sent you €12.50" and "It waits until" in mails[0].body
    world.clock.advance(timedelta(days=1, seconds=1))
    await waits("stranger0@example.org")
    assert len(await sent(world)) == 4
