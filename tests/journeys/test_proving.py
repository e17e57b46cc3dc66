"""Money for an address that nobody has proved, through all services."""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import Person
from tests.journeys.test_money import key, told, when


async def _mailed(world: World, to: str, subject: str) -> str:
    """Where the latest such mail's link leads; mails lie in the mailbox page."""

    async def link() -> str:
        page = await Browser(world.http).open(f"/dev/mail?{urlencode({'to': to})}")
        letters = (letter for letter in page.parts("article") if subject in letter)
        return next((next(href for href in letter.leads_to if href.startswith("http")) for letter in letters), "")

    parts = urlsplit(await when(link, bool))
    return f"{parts.path}?{parts.query}"


async def test_money_finds_whoever_proves_the_address(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with embedded_world(urls, tmp_path) as (world, _):
        ana = await world.person("Ana", 10_000)
        ben = Person(world.http, "Ben")
        body = {"email": ben.email, "amount": {"amount": 1_500, "currency": "EUR"}, "note": "for the flat"}
        sent = await ana.ask("POST", "/wallet/transfers", json=body, headers=key())
        assert sent["waits_until"] is not None
        assert (await world.http.get(await _mailed(world, ben.email, "Ana sent you"))).status_code == 303
        await ben.register()
        assert await ben.wallet() == (0, 0)
        link = await _mailed(world, ben.email, "Confirm your address")
        assert (await world.http.post(link)).status_code == 200
        await when(ben.wallet, lambda wallet: wallet == (1_500, 0))
        assert await ana.wallet() == (8_500, 0)
        await when(lambda: told(ben), lambda texts: any("Ana sent you €15.00: for the flat" in text for text in texts))
        assert any("the address is not proved yet" in text for text in await told(ana))
        at_once = await ana.ask("POST", "/wallet/transfers", json=body, headers=key())
        assert at_once["waits_until"] is None
        await world.audit()


async def test_an_account_that_never_proved_its_address_gives_it_up(
    urls: dict[str, ServiceUrls], tmp_path: Path
) -> None:
    async with embedded_world(urls, tmp_path) as (world, _):
        squatter = await world.person("Somebody", 1_000)
        owner = Person(world.http, "Owner")
        owner.email = squatter.email
        taken = await owner.send(
            "POST", "/users", json={"email": owner.email, "password": "x" * 20, "display_name": "O", "country": "FR"}
        )
        assert taken.status_code == 422
        browser = Browser(world.http)
        await browser.open(f"/address/claim?{urlencode({'email': owner.email})}")
        await browser.send(browser.page.form_to("/address/claim"))
        link = await _mailed(world, owner.email, "Is this address yours alone")
        assert (await world.http.get(link)).status_code == 200
        assert (await world.http.post(link)).status_code == 200
        assert (await world.http.post(link)).status_code == 404, "once"
        await owner.register()
        await world.proves(owner)
        assert await squatter.wallet() == (1_000, 0), "its money stays its own"
        lost = await squatter.send(
            "POST", "/tokens", json={"email": squatter.email, "password": "correct-horse-battery-staple-9"}
        )
        assert lost.status_code == 201, "the address leads to its owner now, who has the same password in this test"
        assert (await owner.ask("GET", "/me"))["id"] != squatter.id
        await world.audit()
