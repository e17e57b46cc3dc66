"""Notices by email: a real SMTP server takes what the shop sends."""

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import aiosmtplib
import msgspec
import pytest
from aiosmtpd import smtp
from pydantic import ValidationError
from sqlalchemy import text

from entrypoint import links
from entrypoint.accounts import email_addresses
from entrypoint.mailing import carriers, collecting, mailing, sending
from entrypoint.mailing.carriers import Smtp
from entrypoint.mailing.messages import one_line
from entrypoint.metrics import mails
from entrypoint.notice_texts import TEXTS
from entrypoint.pages.account.account import ROUTES as ACCOUNT
from entrypoint.pages.account.mailing import ROUTES as MAILING
from entrypoint.pages.account.passwords import ROUTES as PASSWORDS
from entrypoint.settings import EntrypointSettings
from souk.contracts import Event
from souk.contracts.catalogue.events import SearchMatched, WatchedPriceDropped, Watcher
from souk.contracts.store.events import OrderShipped
from souk.events.consumer import Message
from souk.events.envelope import seal
from souk.ids import new_id
from souk.money import Money
from tests.entrypoint.conftest import MakeWorld, Visitor, World

EUR = Money(4200, "EUR")

COMPOSE = {"size": "compose", "amqp_url": "amqp://entrypoint:secret@broker.example/souk"}
"""Another size than the embedded one; events go in process all the same."""


@dataclass
class MailServer:
    """Takes mail, or refuses it."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuse_recipient: str = ""
    refuse_data: str = ""

    async def handle_RCPT(self, _: Any, __: Any, envelope: smtp.Envelope, address: str, ___: Any) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: smtp.Envelope) -> str:
        if self.refuse_data:
            return self.refuse_data
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"


@asynccontextmanager
async def listening(server: MailServer) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    made = await loop.create_server(lambda: smtp.SMTP(server, enable_SMTPUTF8=True), "127.0.0.1", server.port)
    server.port = made.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        made.close()
        await made.wait_closed()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    made = MailServer()
    async with listening(made):
        yield made


@pytest.fixture
async def shop(make_world: MakeWorld, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """The entrypoint with a mail server, and the pages that are about mail."""
    async with make_world(
        smtp_url=f"smtp://127.0.0.1:{server.port}", mail_from="Souk <news@shop.example>", mail_every_minutes=15
    ) as world:
        yield world


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.entrypoint import conftest

    monkeypatch.setattr(conftest, "MORE_ROUTES", [*ACCOUNT, *MAILING, *PASSWORDS])


async def post(world: World) -> None:
    """What runs in the background, once each."""
    kernel = world.parts.kernel
    collect = next(one for one in kernel.sweepers if one.name == "notices to mails")
    async with world.database.transaction() as session:
        await collect.sweep(session)
    [send] = kernel.errands
    await send.run(world.database)


async def reader_of(world: World, email_address: str = "ada@example.org") -> UUID:
    """A user who confirmed their address."""
    user = await world.register(email_address)
    await confirmed(world, user.id)
    return user.id


async def confirmed(world: World, user_id: UUID) -> None:
    reader = world.parts.languages.reader("", "en-GB")
    async with world.database.transaction() as session:
        await mailing.choose(session, user_id, mailing.MailChoices(orders=True, watching=True, searches=True), reader)
        await email_addresses.vouch(session, user_id, world.clock.now())


async def happens(world: World, *events: Event, times: int = 1) -> None:
    """Each event reaches its consumer, so often."""
    for event in events:
        message = Message(
            seal("store", event, event_id=new_id(), time=world.clock.now(), sequence=1, traceparent=""), 1
        )
        for runner in world.parts.kernel.runners:
            if type(event).event_type in runner.consumer.event_types:
                for _ in range(times):
                    await runner.handle([message])


def shipped(user_id: UUID, number: str = "S-1") -> OrderShipped:
    return OrderShipped(
        order_id=new_id(),
        number=number,
        buyer_id=user_id,
        seller_id=user_id,
        carrier="Post",
        tracking_code="",
    )


def matched(user_id: UUID, title: str = "Brass lamp") -> SearchMatched:
    return SearchMatched(search_id=new_id(), user_id=user_id, name="Lamps", listing_id=new_id(), title=title, price=EUR)


def cheaper(user_id: UUID) -> WatchedPriceDropped:
    watcher = Watcher(user_id=user_id, price_known=Money(5000, "EUR"))
    return WatchedPriceDropped(listing_id=new_id(), title="Brass lamp", price=EUR, watchers=[watcher])


def parts_of_mail(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and html is not None
    return plain.get_content(), html.get_content()


def count(outcome: str) -> float:
    return float(mails.labels(outcome)._value.get())


async def states(world: World) -> list[tuple[int, str | None]]:
    async with world.database.reading() as reader:
        return [(row.tries, row.outcome) for row in await reader.execute(text("SELECT * FROM mail ORDER BY id"))]


async def test_a_notice_is_mailed_once_whatever_is_replayed(shop: World, server: MailServer) -> None:
    ada, bob = await reader_of(shop), await reader_of(shop, "bob@example.org")
    before = count("sent")
    await happens(shop, matched(ada, "Lämp <b>& more</b>"), times=3)
    for _ in range(3):
        await post(shop)
    [message] = server.taken
    assert server.recipients == [["ada@example.org"]]
    assert "bob@example.org" not in message.as_string()
    assert bob != ada
    assert message["Subject"] == "New for your search “Lamps”: “Lämp <b>& more</b>” for €42.00."
    assert message["From"] == "Souk <news@shop.example>"
    assert re.fullmatch(r"<[0-9a-f-]{36}@shop\.example>", message["Message-ID"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime is not None
    plain, html = parts_of_mail(message)
    assert "“Lämp <b>& more</b>” for €42.00." in plain
    assert "“Lämp &lt;b&gt;&amp; more&lt;/b&gt;”" in html
    assert "http://localhost:8000/listings/" in plain and "http://localhost:8000/listings/" in html
    assert count("sent") == before + 1


async def test_several_notices_come_in_one_mail_and_not_too_often(shop: World, server: MailServer) -> None:
    ada = await reader_of(shop)
    await happens(shop, matched(ada))
    await post(shop)
    for number in range(3):
        await happens(shop, matched(ada, f"Lamp {number}"))
        await post(shop)
    await happens(shop, cheaper(ada), shipped(ada))
    assert len(server.taken) == 1
    shop.clock.advance(timedelta(minutes=15))
    await post(shop)
    assert [message["Subject"] for message in server.taken[1:]] == ["5 things happened"]
    plain, _ = parts_of_mail(server.taken[1])
    assert [plain.count(word) for word in ("Lamp 0", "Lamp 2", "instead of €50.00", "S-1")] == [1, 1, 1, 1]


async def test_a_long_list_goes_on_in_the_next_mail_and_old_news_is_none(
    shop: World, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "NOTICES_PER_MAIL_MAX", 2)
    ada = await reader_of(shop)
    await happens(shop, *(matched(ada, f"Lamp {number}") for number in range(3)))
    await post(shop)
    shop.clock.advance(timedelta(minutes=15))
    await post(shop)
    assert ["Lamp 2" in parts_of_mail(message)[0] for message in server.taken] == [False, True]
    await happens(shop, matched(ada))
    shop.clock.advance(collecting.STALE_AFTER)
    await post(shop)
    assert len(server.taken) == 2


async def test_only_what_was_chosen_comes_and_only_to_confirmed_addresses(shop: World, server: MailServer) -> None:
    ada = await reader_of(shop)
    carl = await shop.register("carl@example.org", "Carl")
    reader = shop.parts.languages.reader("", "")
    async with shop.database.transaction() as session:
        only = mailing.MailChoices(orders=False, watching=True, searches=False)
        await mailing.choose(session, ada, only, reader)
    await happens(shop, shipped(ada), matched(ada), cheaper(ada), matched(carl.id), shipped(carl.id))
    await post(shop)
    assert ["instead of €50.00" in parts_of_mail(message)[0] for message in server.taken] == [True]
    assert server.recipients == [["ada@example.org"]]
    assert "S-1" not in parts_of_mail(server.taken[0])[0]


async def test_what_is_stopped_before_it_was_sent_is_withdrawn(shop: World, server: MailServer) -> None:
    ada = await reader_of(shop)
    await happens(shop, matched(ada))
    async with shop.database.transaction() as session:
        await mailing.stop(session, ada, ["searches"])
    await post(shop)
    assert server.taken == []
    assert await states(shop) == [(0, "withdrawn")]


async def test_a_crash_after_sending_repeats_the_mail_at_most_once_with_the_same_id(
    shop: World, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await reader_of(shop)
    await happens(shop, matched(ada))

    async def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(sending.Sender, "_end", dies)
        with pytest.raises(KeyboardInterrupt):
            await post(shop)
    await post(shop)
    assert len(server.taken) == 1, "it is claimed for a while"
    shop.clock.advance(sending.CLAIMED_FOR)
    for _ in range(3):
        await post(shop)
        shop.clock.advance(sending.CLAIMED_FOR)
    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert await states(shop) == [(2, "sent")]


async def test_while_the_server_is_away_it_is_tried_again_and_given_up_in_the_end(
    make_world: MakeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    away = MailServer()
    async with listening(away):
        pass
    settings = {"smtp_url": f"smtp://127.0.0.1:{away.port}", "mail_from": "news@shop.example"}
    async with make_world(**settings) as shop:
        ada = await reader_of(shop)
        await happens(shop, matched(ada))
        failed, given_up = count("failed"), count("given_up")
        await post(shop)
        assert await states(shop) == [(0, None)], "it was offered to nobody"
        await post(shop)
        shop.clock.advance(sending.RETRY_FIRST)
        async with listening(away):
            await post(shop)
        assert len(away.taken) == 1
        await happens(shop, matched(ada))
        shop.clock.advance(timedelta(minutes=15))
        for _ in range(3):
            await post(shop)
            shop.clock.advance(sending.WAITS_MAX / 2)
        assert (await states(shop))[1] == (0, "given_up")
        assert (count("failed"), count("given_up")) == (failed, given_up + 1)
    logged = capsys.readouterr().out
    assert "mail given up" in logged
    assert "ada@example.org" not in logged


async def test_a_refused_address_is_given_up_at_once_and_holds_up_nobody(shop: World, server: MailServer) -> None:
    ada = await reader_of(shop)
    server.refuse_recipient = "550 5.1.1 no such mailbox"
    await happens(shop, matched(ada))
    await post(shop)
    assert await states(shop) == [(1, "given_up")]
    server.refuse_recipient = "451 4.3.0 later"
    bob = await reader_of(shop, "bob@example.org")
    await happens(shop, matched(bob))
    await post(shop)
    assert (await states(shop))[1] == (1, None)
    server.refuse_recipient, server.refuse_data = "", "554 5.6.0 we do not like it"
    shop.clock.advance(timedelta(minutes=15))
    await post(shop)
    assert (await states(shop))[1] == (2, "given_up")


async def test_two_instances_send_each_mail_once(shop: World, server: MailServer) -> None:
    users = [await reader_of(shop, f"user{number}@example.org") for number in range(6)]
    for user_id in users:
        await happens(shop, matched(user_id))
    await asyncio.gather(*(post(shop) for _ in range(4)))
    await post(shop)
    assert sorted(one for [one] in server.recipients) == [f"user{number}@example.org" for number in range(6)]


async def test_no_header_can_be_smuggled_in(shop: World, server: MailServer) -> None:
    ada = await reader_of(shop)
    evil = "Lamp\r\nBcc: evil@example.org\r\n\r\nHello\x85\u2028\x0b" + "x" * 500
    await happens(shop, matched(ada, evil))
    await post(shop)
    [message] = server.taken
    assert server.recipients == [["ada@example.org"]]
    assert message["Bcc"] is None and message["Cc"] is None
    assert set(message.keys()) == {
        "Message-ID", "Date", "From", "To", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "Subject",
        "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert message["Subject"].startswith("New for your search “Lamps”: “Lamp Bcc: evil@example.org Hello")
    assert one_line("a\r\nb\x00c\u2029 d") == "a b c d"


async def test_the_link_in_the_header_stops_the_mails_at_one_click_without_a_login(
    shop: World, server: MailServer
) -> None:
    ada = await reader_of(shop)
    await happens(shop, matched(ada))
    await post(shop)
    link = server.taken[0]["List-Unsubscribe"].strip("<>")
    async with shop.browser() as browser:
        for _ in range(2):
            page = await browser.http.get(link)
            assert page.status_code == 200 and "your saved searches" in page.text
        async with shop.database.reading() as reader:
            assert (await mailing.mailbox_of(reader, ada)).choices.searches, "only looking changes nothing"
        for _ in range(2):
            done = await browser.http.post(link, content="List-Unsubscribe=One-Click")
            assert done.status_code == 200 and "Nothing about this comes by email any more" in done.text
        for wrong in (link[:-1], link.partition("?")[0], link.replace("token=", "token=AAAA")):
            for method in ("GET", "POST"):
                assert (await browser.http.request(method, wrong)).status_code == 404
    async with shop.database.reading() as reader:
        choices = (await mailing.mailbox_of(reader, ada)).choices
    assert choices == mailing.MailChoices(orders=True, watching=True, searches=False)
    shop.clock.advance(timedelta(hours=1))
    await happens(shop, matched(ada))
    await post(shop)
    assert len(server.taken) == 1


async def test_an_address_is_confirmed_by_a_link_that_was_mailed_to_it(shop: World, server: MailServer) -> None:
    async with shop.browser() as browser:
        body = {"email": "ada@example.org", "password": "correct horse battery staple", "display_name": "Ada"}
        made = await browser.http.post("/api/v1/users", json=body | {"country": "GB"})
        assert made.status_code == 201, made.text
        await happens(shop, matched(UUID(made.json()["id"])))
        await post(shop)
        [message] = server.taken
        assert message["Subject"] == "Confirm your address"
        assert message["List-Unsubscribe"] is None
        found = re.search(r"http://localhost:8000(/mail/confirmation\?token=\S+)", parts_of_mail(message)[0])
        assert found
        assert (await browser.http.get(found[1])).status_code == 200
        headers = await shop.token()
        assert (await browser.http.get("/api/v1/me/mail", headers=headers)).json()["confirmed_at"] is None
        assert (await browser.http.post(found[1][:-2])).status_code == 404
        assert "Your address is confirmed" in (await browser.http.post(found[1])).text
        assert (await browser.http.get("/api/v1/me/mail", headers=headers)).json()["confirmed_at"] is not None
        assert "Your address is confirmed" in (await browser.http.post(found[1])).text, "twice does no harm"
        shop.clock.advance(links.LASTS["address"])
        assert (await browser.http.post(found[1])).status_code == 404
        asked = await browser.http.post("/api/v1/me/mail/confirmation", headers=headers)
        assert asked.status_code == 202
        await post(shop)
        assert len(server.taken) == 1, "it is confirmed already"


async def test_links_are_not_asked_for_without_end(shop: World, server: MailServer) -> None:
    await shop.register()
    headers = await shop.token()
    async with shop.browser() as browser:
        path = "/api/v1/me/mail/confirmation"
        statuses = [(await browser.http.post(path, headers=headers)).status_code for _ in range(4)]
    assert statuses == [202, 202, 202, 429]


async def test_choosing_by_page_and_by_api(shop: World, browser_in: Visitor) -> None:
    page = (await browser_in.http.get("/account")).text
    assert "Your address is not confirmed yet" in page and "Send me the link" in page
    answer = await browser_in.submit("/account/mail/confirmation")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account#mail")
    assert "Send me a new link" in (await browser_in.http.get("/account")).text
    assert (await browser_in.submit("/account/mail", orders="yes", searches="nonsense")).status_code == 422
    await browser_in.submit("/account/mail", orders="yes")
    headers = await shop.token()
    known = (await browser_in.http.get("/api/v1/me/mail", headers=headers)).json()["choices"]
    assert known == {"orders": True, "watching": False, "searches": False}
    chosen = known | {"watching": True}
    answer = await browser_in.http.put("/api/v1/me/mail", headers=headers, json=chosen)
    assert answer.json()["choices"] == chosen
    for wrong in ({}, {"orders": "yes", "watching": True, "searches": True}):
        refused = await browser_in.http.put("/api/v1/me/mail", headers=headers, json=wrong)
        assert refused.status_code == 400
    assert (await browser_in.http.post("/account/mail", data={"orders": "yes"})).status_code == 403


@pytest.fixture
async def browser_in(shop: World) -> AsyncIterator[Visitor]:
    await shop.register()
    async with shop.browser() as browser:
        await browser.sign_in()
        yield browser


async def test_a_shop_without_a_mail_server_says_so_and_offers_nothing(make_world: MakeWorld) -> None:
    async with make_world(**COMPOSE) as world, world.browser() as browser:
        await _offers_no_mail(world, browser)


async def _offers_no_mail(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    assert (await browser.http.get("/dev/mail")).status_code == 404
    assert "This shop sends no mail" in (await browser.http.get("/password/forgotten")).text
    assert (await browser.submit("/password/forgotten", email="ada@example.org")).status_code == 409
    page = (await browser.http.get("/account")).text
    assert "This shop sends no mail." in page and "/account/mail" not in page
    assert [one.name for one in world.parts.kernel.errands] == []
    assert "notices to mails" not in [one.name for one in world.parts.kernel.sweepers]
    headers = await world.token()
    chosen = {"orders": True, "watching": True, "searches": True}
    assert (await browser.http.put("/api/v1/me/mail", headers=headers, json=chosen)).status_code == 409
    assert (await browser.http.post("/api/v1/me/mail/confirmation", headers=headers)).status_code == 409
    assert (await browser.submit("/account/mail", orders="yes")).status_code == 409
    assert {outcome for _, outcome in await states(world)} <= {None}, "nothing was sent"


async def test_mails_are_forgotten_and_what_they_told_is_not_mailed_again(shop: World, server: MailServer) -> None:
    ada = await reader_of(shop)
    await happens(shop, matched(ada))
    await post(shop)
    shop.clock.advance(collecting.MAILS_KEPT + timedelta(seconds=1))
    async with shop.database.transaction() as session:
        assert await collecting.Sweep(shop.clock)(session) == 1
    await post(shop)
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"smtp_url": "mail.example", "mail_from": "a@b.example"}, "SOUK_SMTP_URL"),
        ({"smtp_url": "http://mail.example", "mail_from": "a@b.example"}, "SOUK_SMTP_URL"),
        ({"smtp_url": "smtp://mail.example:mail", "mail_from": "a@b.example"}, "SOUK_SMTP_URL"),
        ({"smtp_url": "smtp://mail.example", "mail_from": "Souk <a@b.example>\nBcc: <c@d.example>"}, "SOUK_MAIL_FROM"),
        ({"smtp_url": "smtp://mail.example"}, "SOUK_MAIL_FROM"),
        ({"smtp_url": "smtp://mail.example", "mail_from": "nobody"}, "SOUK_MAIL_FROM"),
        (
            {"smtp_url": "smtp://mail.example", "mail_from": "a@b.example", "mail_every_minutes": 0},
            "mail_every_minutes",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named) as refused:
        EntrypointSettings(**settings, identity_private_key="a secret")
    assert "a secret" not in str(refused.value)


def test_every_kind_that_is_mailed_has_words() -> None:
    kinds = [kind for group in mailing.GROUPS.values() for kind in group]
    assert set(kinds) <= set(TEXTS)
    assert len(kinds) == len(set(kinds))


def test_a_review_and_its_answer_are_mailed_once_and_their_changes_never() -> None:
    groups = {kind: mailing.group_of(kind) for kind in TEXTS if kind.startswith(("review_", "answer_"))}
    assert groups.pop("review_written") == groups.pop("review_answered") == "orders"
    assert "review_changed" in groups
    assert set(groups.values()) == {None}


def test_a_password_needs_an_encrypted_connection() -> None:
    def server(url: str) -> aiosmtplib.SMTP:
        return Smtp(url, "a@b.example")._server()

    assert server("smtp://u:p%40@mail.example")._start_tls_on_connect is True
    assert server("smtp://mail.example")._start_tls_on_connect is None
    assert server("smtps://u:p@mail.example").use_tls is True
    assert server("smtps://u:p@mail.example").port == 465


@dataclass
class Post:
    """A carrier's server that speaks no SMTPUTF8, and remembers what it was told."""

    told: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _: Any, __: Any, envelope: smtp.Envelope, address: str, options: list[str]) -> str:
        self.told.append(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.mark.parametrize(
    ("address", "told"),
    [("y@bücher.example", "y@xn--bcher-kva.example"), ("jürgen@example.org", "jürgen@example.org")],
)
async def test_mail_reaches_addresses_beyond_ascii(shop: World, server: MailServer, address: str, told: str) -> None:
    ada = await reader_of(shop, address)
    await happens(shop, matched(ada, "Lämp"))
    await post(shop)
    [message] = server.taken
    assert server.recipients == [[told]]
    assert message["To"] == told and "Lämp" in message["Subject"]


async def test_a_server_that_knows_only_ascii_gets_the_domain_in_ascii(make_world: MakeWorld) -> None:
    old = Post()
    made = await asyncio.get_running_loop().create_server(lambda: smtp.SMTP(old), "127.0.0.1", 0)
    async with made:
        port = made.sockets[0].getsockname()[1]
        async with make_world(smtp_url=f"smtp://127.0.0.1:{port}", mail_from="news@shop.example") as shop:
            for address in ("y@bücher.example", "jürgen@example.org", "bob@example.org"):
                await happens(shop, matched(await reader_of(shop, address)))
            await post(shop)
            assert sorted(old.told) == ["bob@example.org", "y@xn--bcher-kva.example"]
            assert sorted(await states(shop), key=str) == [(1, "given_up"), (1, "sent"), (1, "sent")]


async def test_a_listing_that_several_searches_found_is_one_notice_that_names_them(
    shop: World, server: MailServer
) -> None:
    ada = await reader_of(shop)
    event = msgspec.structs.replace(matched(ada), other_names=["Brass", "Below 50"])
    await happens(shop, event, times=2)
    await post(shop)
    [message] = server.taken
    assert message["Subject"] == "New for your searches “Lamps”, “Brass” and “Below 50”: “Brass lamp” for €42.00."


@dataclass
class Moody(MailServer):
    """Takes mail, but for some addresses, which it answers in a way of its own."""

    answers: dict[str, str] = field(default_factory=dict)
    offered: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, _: Any, envelope: smtp.Envelope, address: str, __: Any) -> str:
        self.offered.append(address)
        answer = self.answers.get(address, "250 OK")
        if answer == "hangs up":
            server.transport.close()
        elif answer == "says nothing":
            await asyncio.sleep(5)
        elif answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer


BAD_RECIPIENTS = ["550 5.1.1 no such mailbox", "451 4.3.0 later", "421 4.3.2 closing", "hangs up", "says nothing"]


@pytest.mark.parametrize("answer", BAD_RECIPIENTS)
async def test_one_bad_recipient_costs_the_others_nothing(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(carriers, "ANSWER_S_MAX", 0.5)
    server = Moody(answers={"bad@example.org": answer})
    async with listening(server):
        settings = {"smtp_url": f"smtp://127.0.0.1:{server.port}", "mail_from": "news@shop.example"}
        async with make_world(**settings) as shop:
            for address in ("ada@example.org", "bad@example.org", "bob@example.org", "carl@example.org"):
                await happens(shop, matched(await reader_of(shop, address)))
            await post(shop)
            assert sorted(one for [one] in server.recipients) == [
                "ada@example.org",
                "bob@example.org",
                "carl@example.org",
            ]
            final = "given_up" if answer.startswith("550") else None
            assert sorted(await states(shop), key=str) == sorted([(1, "sent")] * 3 + [(1, final)], key=str)
            server.answers.clear()
            shop.clock.advance(sending.RETRY_FIRST)
            await post(shop)
            assert server.offered.count("bad@example.org") == (1 if final else 2)


async def test_what_was_never_offered_has_lost_no_try(make_world: MakeWorld) -> None:
    server = Moody(answers={f"u{number}@example.org": "hangs up" for number in range(6)})
    async with listening(server):
        settings = {"smtp_url": f"smtp://127.0.0.1:{server.port}", "mail_from": "news@shop.example"}
        async with make_world(**settings) as shop:
            for number in range(6):
                await happens(shop, matched(await reader_of(shop, f"u{number}@example.org")))
            await post(shop)
            tries = [tries for tries, _ in await states(shop)]
            assert sorted(tries) == [0] * (6 - sending.LOST_MAX) + [1] * sending.LOST_MAX
            assert len(server.offered) == sending.LOST_MAX
            server.answers.clear()
            shop.clock.advance(sending.RETRY_FIRST)
            await post(shop)
            assert {outcome for _, outcome in await states(shop)} == {"sent"}
