"""Ways back into an account: a forgotten password, a changed address, and what operators do for people."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from entrypoint import links
from entrypoint.accounts import email_addresses, operating, operator_log
from entrypoint.accounts.tables import DeedRow, FormerAddressRow, LinkRow, UserRow
from entrypoint.mailing.tables import MailRow
from entrypoint.pages.account.account import ROUTES as ACCOUNT
from entrypoint.pages.account.mailing import ROUTES as MAILING
from entrypoint.pages.account.passwords import ROUTES as PASSWORDS
from souk.errors import InvalidInput, NotFound
from tests.entrypoint import conftest
from tests.entrypoint.conftest import PASSWORD, Visitor, World, without_mask
from tests.entrypoint.mailbox import last, sent
from tests.statements import statements_of

ADA, NEW = "ada@example.org", "another long sentence"


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "MORE_ROUTES", [*ACCOUNT, *MAILING, *PASSWORDS])


async def choose(browser: Visitor, link: str, password: str = NEW) -> httpx.Response:
    return await browser.submit("/password/new", token=link.partition("token=")[2], new_password=password)


async def user(world: World) -> UserRow:
    async with world.database.reading() as reader:
        return (await reader.scalars(select(UserRow).order_by(UserRow.id).limit(1))).one()


async def test_a_forgotten_password_is_chosen_anew_once_and_everybody_is_logged_out(
    world: World, browser: Visitor
) -> None:
    await world.register()
    bearer = await world.token()
    async with world.browser() as thief:
        await thief.sign_in()
        answer = await browser.submit("/password/forgotten", email=" ADA@example.org ")
        assert answer.status_code == 200 and "Look into your mailbox" in answer.text
        link = (await last(world, ADA)).link  # at the account's own spelling, not at the one that was typed
        page = await browser.http.get(link)
        assert page.status_code == 200 and page.headers["referrer-policy"] == "same-origin", (
            "it stays here, and browsers still say where the form is from"
        )
        assert (await browser.http.get(link)).status_code == 200, "looking does not use it up"
        weak = await choose(browser, link, "ada@example.org1")
        assert weak.status_code == 422 and "It contains your address" in weak.text
        assert (await choose(browser, link)).headers["location"] == "/login"
        assert (await choose(browser, link, "yet another sentence")).status_code == 404
        assert (await browser.http.get(link)).status_code == 404
        assert (await thief.http.get("/t/member")).status_code == 303
        assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 401
        assert (await thief.sign_in()).status_code == 401
    assert (await browser.sign_in(password=NEW)).status_code == 303
    assert (await user(world)).proved_at is not None, "the link came there"
    assert (await last(world, ADA)).subject == "Your password was changed"


async def test_a_link_is_good_for_half_an_hour_and_the_newest_use_ends_the_others(
    world: World, browser: Visitor
) -> None:
    await world.register()
    for _ in range(2):
        await browser.submit("/password/forgotten", email=ADA)
    first, second = [mail.link for mail in await sent(world, ADA)]
    await choose(browser, second)
    assert (await choose(browser, first, "yet another sentence")).status_code == 404
    await browser.submit("/password/forgotten", email=ADA)
    late = (await last(world, ADA, "Choose")).link
    world.clock.advance(timedelta(minutes=30))
    assert (await choose(browser, late, "yet another sentence")).status_code == 404
    async with world.database.transaction() as session:
        assert await links.Sweep(world.clock)(session) == 1
    assert (await browser.sign_in(password=NEW)).status_code == 303


async def test_two_at_once_use_a_link_once(world: World) -> None:
    user_id = (await world.register()).id
    async with world.database.transaction() as session:
        token = await links.make(session, user_id, "password", None, world.clock.now())

    async def use() -> None:
        async with world.database.transaction() as session:
            await links.use(session, "password", token, world.clock.now())

    outcomes = await asyncio.gather(*(use() for _ in range(5)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    async with world.database.reading() as reader:
        assert await reader.scalar(select(func.count()).select_from(LinkRow)) == 0


async def test_nothing_tells_whether_an_address_is_known(world: World, browser: Visitor) -> None:
    await world.register()
    answers, statements, token = [], [], await browser.csrf()
    for email in ("first@example.org", ADA, "bob@example.org"):  # the first one also opens connections
        with statements_of(world.parts.kernel.database) as asked:
            answer = await browser.http.post("/password/forgotten", data={"email": email, "csrf_token": token})
        answers.append((answer.status_code, without_mask(answer.text).replace(email, "EMAIL")))
        statements.append(list(asked))
    assert answers[1] == answers[2]
    assert statements[1] == statements[2] and statements[1], "the same work, so the same time"
    assert [mail.to for mail in await sent(world)] == [ADA]
    async with world.database.reading() as reader:
        assert sorted(await reader.scalars(select(MailRow.outcome))) == ["sent", "withdrawn", "withdrawn"]


async def test_ways_back_are_not_asked_for_without_end(world: World, browser: Visitor) -> None:
    statuses = [(await browser.submit("/password/forgotten", email="bob@example.org")).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    elsewhere = [
        (await browser.submit("/password/forgotten", email=f"u{n}@example.org")).status_code for n in range(17)
    ]
    assert elsewhere == [200] * 16 + [429]
    assert (await browser.submit("/password/forgotten", email="nobody")).status_code == 429


async def _moved(world: World, browser: Visitor, to: str = "ada@new.example") -> str:
    """Ada's account has another address; the link that takes it back."""
    await browser.sign_in()
    answer = await browser.submit("/account/address", new_email=to, address_password=PASSWORD)
    assert answer.headers["location"] == "/account#address"
    assert (await user(world)).email == ADA, "not before it is proved"
    mail = await last(world, to, "new address")
    assert f"the address {ADA} is to have this one, {to}" in mail.body
    assert "ada@new.example" in (await browser.http.get(mail.link)).text
    assert (await browser.http.post(mail.link)).status_code == 200
    assert (await browser.http.post(mail.link)).status_code == 200, "twice does no harm"
    return (await last(world, ADA, "another address")).link


async def test_an_address_is_changed_by_its_own_link_and_both_are_told(world: World, browser: Visitor) -> None:
    await world.register()
    await _moved(world, browser)
    moved = await user(world)
    assert (moved.email, moved.proved_at is not None) == ("ada@new.example", True)
    assert (await last(world, "ada@new.example")).subject == "This is your account's address now"
    async with world.browser() as other:
        assert (await other.sign_in()).status_code == 401
        assert (await other.sign_in("ada@new.example")).status_code == 303
        with pytest.raises(InvalidInput, match="another account"):
            await world.register(ADA, "Somebody else")
    world.clock.advance(timedelta(days=7))
    async with world.database.transaction() as session:
        assert await email_addresses.Sweep(world.clock)(session) == 1
    await world.register(ADA, "Somebody else")


async def test_the_old_address_takes_a_change_back_and_whoever_made_it_is_out(world: World, browser: Visitor) -> None:
    await world.register()
    link = await _moved(world, browser)
    await browser.submit("/account/address", new_email="ada@third.example", address_password=PASSWORD)
    pending = (await last(world, "ada@third.example")).link
    async with world.browser() as owner:
        assert ADA in (await owner.http.get(link)).text
        back = await owner.http.post(link)
        assert back.status_code == 303 and back.headers["location"].startswith("/password/new?token=")
        assert (await owner.http.post(link)).status_code == 404, "once"
        assert (await browser.http.get("/t/member")).status_code == 303, "the other is logged out"
        assert (await choose(owner, back.headers["location"])).status_code == 303
        assert (await owner.sign_in(password=NEW)).status_code == 303
        assert (await owner.http.post(pending)).status_code == 404, "what was asked before changes nothing more"
    assert (await user(world)).email == ADA
    assert (await last(world, "ada@new.example")).subject == "Your account has its old address back"
    async with world.database.reading() as reader:
        assert await reader.scalar(select(func.count()).select_from(FormerAddressRow)) == 0


async def test_a_change_is_not_taken_back_after_seven_days(world: World, browser: Visitor) -> None:
    await world.register()
    link = await _moved(world, browser)
    world.clock.advance(timedelta(days=7, seconds=1))
    assert (await browser.http.post(link)).status_code == 404
    assert (await user(world)).email == "ada@new.example"


async def test_what_is_no_change_is_refused_beside_its_field(world: World, browser: Visitor) -> None:
    await world.register()
    bob = await world.register("bob@example.org", "Bob")
    async with world.database.transaction() as session:
        await email_addresses.vouch(session, bob.id, world.clock.now())
    await browser.sign_in()
    for new, password, words in (
        ("no address", PASSWORD, "not an email address"),
        ("Ada@Example.org", PASSWORD, "your address already"),
        ("bob@example.org", PASSWORD, "another account with this address"),
    ):
        answer = await browser.submit("/account/address", new_email=new, address_password=password)
        assert answer.status_code == 422 and words in answer.text
    wrong = await browser.submit("/account/address", new_email="ada@new.example", address_password="wrong")
    assert wrong.status_code == 422 and "This is not your password" in wrong.text
    assert await sent(world, "ada@new.example") == []


async def test_an_address_that_was_taken_meanwhile_is_not_given_twice(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    await browser.submit("/account/address", new_email="new@example.org", address_password=PASSWORD)
    link = (await last(world, "new@example.org")).link
    quicker = await world.register("new@example.org", "Quicker")
    async with world.database.transaction() as session:
        await email_addresses.vouch(session, quicker.id, world.clock.now())
    assert (await browser.http.post(link)).status_code == 422
    assert (await user(world)).email == ADA


async def test_operators_find_accounts_and_what_they_do_is_kept(world: World, browser: Visitor) -> None:
    ada = await world.register()
    bob = await world.register("bob@example.org", "Bob_100%")
    told: dict[str, Any] = {"by": "souk users (root)", "reason": "lost her phone", "now": world.clock.now()}
    async with world.database.transaction() as session:
        lines = await operating.find(session)
        assert [line.email for line in lines] == ["bob@example.org", ADA]
        for words, found in (("ADA@", ada.id), ("lovelace", ada.id), ("0%", bob.id), (str(bob.id), bob.id)):
            assert [line.id for line in await operating.find(session, words)] == [found]
            assert words in ("lovelace", "0%", "ADA@") or await operating.one(session, words) == found
        with pytest.raises(NotFound):
            await operating.one(session, "lovelace")
        token = await operating.way_back(session, ada.id, **told)
        await operating.verify(session, bob.id, **told)
    assert (await choose(browser, f"?token={token}")).status_code == 303
    assert (await browser.sign_in(password=NEW)).status_code == 303
    assert (await user(world)).proved_at is None, "an operator's link proves no address"
    async with world.database.reading() as reader:
        [deed] = await operator_log.list_of(reader, ada.id)
        assert (deed.action, deed.by, deed.reason) == ("link for a new password", "souk users (root)", "lost her phone")
        assert (await reader.scalars(select(DeedRow.action).where(DeedRow.user_id == bob.id))).all() == [
            "verify address"
        ]
        assert [line.proved_at is not None for line in await operating.find(reader, "bob")] == [True]
