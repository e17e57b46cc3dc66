"""What the login page says of what waits behind it, and that it goes on there and nowhere else."""

from urllib.parse import urlencode
from uuid import UUID

import pytest

from entrypoint.pages.buy.before_login import aim
from shop.runtime import Shop
from tests.browsing import Browser
from tests.entrypoint.pages.test_safeguards import place, world  # noqa: F401 - fixtures
from tests.journeys.conftest import World
from tests.journeys.people import PASSWORD

LISTING = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (f"/cart?wanted={LISTING}&quantity=2", ("cart", LISTING)),
        (f"/checkout?listing={LISTING}&quantity=1", ("buy", LISTING)),
        ("/checkout", ("/checkout", None)),
        ("/cart?wanted=1", ("/cart", None)),
        ("/cart", ("/cart", None)),
        (f"/listings/{LISTING}/offer", ("offer", LISTING)),
        (f"/listings/{LISTING}/report", ("report", LISTING)),
        (f"/listings/{LISTING}-brass-lamp", ("", None)),
        ("/listings/mine/files", ("/listings/mine", None)),
        ("/orders/1?a=b", ("/orders", None)),
        ("/ordersome", ("", None)),
        ("/", ("", None)),
    ],
)
def test_what_a_page_is_for_is_known_by_its_address(target: str, expected: tuple[str, UUID | None]) -> None:
    assert aim(target) == expected


async def test_whoever_wanted_something_reads_it_and_goes_on_there(world: World) -> None:  # noqa: F811
    seller = await world.person("Imogen Barrow")
    lamp = await seller.sell("Brass <lamp>", 4_200)
    browser = Browser(world.http)
    await browser.open(f"/listings/{lamp}")
    await browser.press("Add to cart")
    assert browser.path == "/login"
    assert "Log in to put “Brass <lamp>” into your cart." in browser.page
    assert "“Brass &lt;lamp&gt;”" in browser.source
    await browser.follow("Open an account")
    assert "Open an account to put “Brass <lamp>” into your cart." in browser.page
    new = {"display_name": "Cleo", "email": "cleo@example.org", "password": PASSWORD, "country": "IE"}
    await browser.press("Open the account", new)
    assert browser.path == "/cart"
    assert "You wanted to buy this." in browser.page


async def test_a_heart_that_was_pressed_is_told(place: tuple[World, Shop]) -> None:  # noqa: F811
    world, shop = place  # noqa: F811
    lamp = await (await world.person("Imogen Barrow")).sell("Brass lamp", 4_200)
    signed = shop.entrypoint.state.parts.signer.sign("wish", UUID(lamp).bytes)
    browser = Browser(world.http)
    browser.http.cookies.set("souk_wish", signed)
    await browser.open("/login?next=/watching/wished%3Fnext%3D%252Fbrowse")
    assert "Log in to watch “Brass lamp”." in browser.page
    await browser.press("Log in", {"email": "nobody@example.org", "password": "x"})
    assert browser.status == 401
    assert "Log in to watch “Brass lamp”." in browser.page
    browser.http.cookies.set("souk_wish", signed[:-3])
    await browser.open("/login?next=/watching/wished")
    assert "Log in to see what you watch." in browser.page


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_led_elsewhere(world: World, target: str) -> None:  # noqa: F811
    person = await world.person("Cleo")
    browser = Browser(person.http)
    await browser.open(f"/login?{urlencode({'next': target})}")
    answer = await browser.post("/login", {"email": person.email, "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
