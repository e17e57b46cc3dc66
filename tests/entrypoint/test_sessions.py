"""Sessions, CSRF, flashes, and what every page carries."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select, text

from entrypoint.accounts import accounts
from entrypoint.context.layout import safe_next
from entrypoint.sessions import sessions
from entrypoint.sessions.tables import SessionRow
from entrypoint.web.cookies import Signer
from souk.errors import NotFound
from souk.settings import Settings
from tests.browsing import CHROMIUM
from tests.entrypoint.conftest import PASSWORD, MakeWorld, Visitor, World


async def _count(world: World) -> int:
    async with world.database.reading() as reader:
        return len(list(await reader.scalars(select(SessionRow.id))))


async def test_what_a_script_fetches_leaves_messages_to_the_page(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    for mode in ("cors", "same-origin"):
        part = await browser.http.get("/t/home", headers={"sec-fetch-mode": mode})
        assert "Ada Lovelace" in part.text and "You are logged in." not in part.text
    assert "You are logged in." in (await browser.http.get("/t/home", headers={"sec-fetch-mode": "navigate"})).text


async def test_logging_in_and_out(world: World, browser: Visitor) -> None:
    await world.register()
    answer = await browser.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/t/home")
    home = (await browser.http.get("/t/home")).text
    assert "Ada Lovelace" in home and "You are logged in." in home and "€42.00" in home
    assert "You are logged in." not in (await browser.http.get("/t/home")).text, "a flash is shown once"
    token = browser.http.cookies["souk_session"]
    async with world.database.reading() as reader:
        stored = await reader.scalar(select(SessionRow.token_hash))
        assert stored == sessions.token_hash(token)
        assert not await reader.scalar(
            text("SELECT count(*) FROM session WHERE session::text LIKE :token"), {"token": f"%{token}%"}
        )
    await browser.submit("/t/out")
    assert "souk_session" not in browser.http.cookies and await _count(world) == 0
    browser.http.cookies.set("souk_session", token, domain="localhost.local", path="/")
    assert (await browser.http.get("/t/member")).status_code == 303


async def test_a_login_always_makes_a_new_token(world: World, browser: Visitor) -> None:
    await world.register()
    chosen = "chosen-by-an-attacker-0123456789abcdefghij"
    browser.http.cookies.set("souk_session", chosen, domain="localhost.local", path="/")
    assert (await browser.http.get("/t/member")).status_code == 303
    await browser.sign_in()
    first = browser.http.cookies["souk_session"]
    assert first != chosen and len(first) >= 43
    await browser.sign_in()
    second = browser.http.cookies["souk_session"]
    assert second != first and await _count(world) == 1, "the session before it ended"


async def test_the_cookie_is_out_of_reach(world: World, browser: Visitor, make_world: MakeWorld) -> None:
    await world.register()
    plain = (await browser.sign_in()).headers.get_list("set-cookie")
    morsel = next(SimpleCookie(text)["souk_session"] for text in plain if text.startswith("souk_session="))
    assert morsel["httponly"] and morsel["samesite"] == "Lax" and morsel["path"] == "/" and not morsel["secure"]
    async with make_world(public_url="https://souk.example") as secure, secure.browser() as other:
        answer = await other.sign_in()
        assert answer.status_code == 303
        found = [c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-souk_session=")]
        assert len(found) == 1 and "Secure" in found[0] and "Path=/" in found[0] and "Domain" not in found[0]
        assert "max-age=63072000" in answer.headers["strict-transport-security"]


async def test_a_session_ends_by_idling_and_by_age(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    world.clock.advance(timedelta(days=13))
    assert (await browser.http.get("/t/member")).status_code == 200
    world.clock.advance(timedelta(days=13))
    assert (await browser.http.get("/t/member")).status_code == 200, "it was used in between"
    world.clock.advance(timedelta(days=14, seconds=1))
    assert (await browser.http.get("/t/member")).status_code == 303
    await browser.sign_in()
    for _ in range(5):
        world.clock.advance(timedelta(days=10))
        assert (await browser.http.get("/t/member")).status_code == 200
    world.clock.advance(timedelta(days=10, seconds=1))
    assert (await browser.http.get("/t/member")).status_code == 303, "sixty days in any case"
    async with world.database.transaction() as session:
        assert await sessions.Sweep(world.parts.settings, world.clock)(session) == 2
    assert await _count(world) == 0


async def test_last_seen_is_not_written_at_every_request(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()

    async def seen() -> object:
        async with world.database.reading() as reader:
            return await reader.scalar(select(SessionRow.last_seen_at))

    first = await seen()
    world.clock.advance(timedelta(minutes=4))
    await browser.http.get("/t/member")
    assert await seen() == first
    world.clock.advance(timedelta(minutes=2))
    await browser.http.get("/t/member")
    assert await seen() != first


async def test_sessions_are_listed_and_ended_by_their_owner_only(world: World, browser: Visitor) -> None:
    ada = await world.register()
    bob = await world.register("bob@example.org", "Bob")
    await browser.sign_in()
    settings, now = world.parts.settings, world.clock.now()
    async with world.database.transaction() as session:
        [mine] = await sessions.list_of(session, settings, ada.id, now)
        assert (mine.browser, mine.place) == (CHROMIUM["user-agent"], "127.0.0.1")
        with pytest.raises(NotFound):
            await sessions.end_one(session, bob.id, mine.id)
        await sessions.end_one(session, ada.id, mine.id)
    assert (await browser.http.get("/t/member")).status_code == 303


async def test_a_new_password_ends_other_sessions_and_renews_this_one(world: World, browser: Visitor) -> None:
    await world.register()
    async with world.browser() as elsewhere:
        await elsewhere.sign_in()
        await browser.sign_in()
        bearer = await world.token()
        before = browser.http.cookies["souk_session"]
        wrong = await browser.submit("/t/password", current="not it", new="another long sentence")
        assert wrong.status_code == 422 and "This is not your password now" in wrong.text
        weak = await browser.submit("/t/password", current=PASSWORD, new="password12")
        assert weak.status_code == 422
        assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 200
        right = await browser.submit("/t/password", current=PASSWORD, new="another long sentence")
        assert right.status_code == 303
        assert browser.http.cookies["souk_session"] != before
        assert (await browser.http.get("/t/member")).status_code == 200
        assert (await elsewhere.http.get("/t/member")).status_code == 303
        assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 401
        assert (await elsewhere.sign_in()).status_code == 401
        assert (await elsewhere.sign_in(password="another long sentence")).status_code == 303


async def test_a_new_role_needs_a_new_login(world: World, browser: Visitor) -> None:
    user = await world.register()
    await browser.sign_in()
    async with world.database.transaction() as session:
        await accounts.grant_role(session, user.id, "admin", by="test", now=world.clock.now())
    assert (await browser.http.get("/t/member")).status_code == 303


FORMS: list[tuple[dict[str, str], str, int]] = [
    ({}, "right", 303),
    ({}, "", 403),
    ({}, "0" * 64, 403),
    ({}, "\u00e4" * 64, 403),
    ({"origin": "http://localhost:8000"}, "right", 303),
    ({"origin": "http://evil.example"}, "right", 403),
    ({"origin": "null"}, "right", 403),
    ({"origin": "http://["}, "right", 403),
    ({"sec-fetch-site": "same-origin"}, "right", 303),
    ({"sec-fetch-site": "cross-site"}, "right", 403),
    ({"sec-fetch-site": "same-site"}, "right", 403),
]


async def test_forms_come_from_our_own_pages(world: World, browser: Visitor) -> None:
    await world.register()
    for headers, token, status in FORMS:
        browser.http.cookies.clear()
        given = await browser.csrf() if token == "right" else token
        form = {"email": "ada@example.org", "password": PASSWORD, "csrf_token": given}
        answer = await browser.http.post("/t/in", data=form, headers=headers)
        assert answer.status_code == status
        assert ("souk_session" in browser.http.cookies) == (status == 303)


async def test_a_token_is_worth_nothing_in_another_browser_or_session(world: World, browser: Visitor) -> None:
    await world.register()
    visitors = await browser.csrf()
    async with world.browser() as other:
        await other.csrf()
        form = {"email": "ada@example.org", "password": PASSWORD, "csrf_token": visitors}
        assert (await other.http.post("/t/in", data=form)).status_code == 403
    await browser.sign_in()
    assert (await browser.http.post("/t/out", data={"csrf_token": visitors})).status_code == 403
    right = await browser.csrf()
    assert (await browser.http.post("/t/out", headers={"x-csrf-token": right})).status_code == 303


async def test_an_unsigned_visitors_cookie_is_replaced(browser: Visitor) -> None:
    browser.http.cookies.set("souk_visit", "planted", domain="localhost.local", path="/")
    assert "souk_visit" in (await browser.http.get("/t/home")).headers["set-cookie"]


async def test_what_needs_a_login_leads_there_and_back(browser: Visitor) -> None:
    answer = await browser.http.get("/t/member?a=1&b=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/t/member%3Fa%3D1%26b%3D2")


async def test_after_a_form_a_referer_of_whatever_kind_leads_to_a_page_of_ours(browser: Visitor) -> None:
    origin = str(browser.http.base_url)
    for referer, page in ((f"{origin}/t/home", "/t/home"), ("http://evil.example/t/home", "/"), ("http://[", "/")):
        sent = {"referer": referer, "x-csrf-token": await browser.csrf()}
        answer = await browser.http.post("/t/password", data={"current": "a", "new": "b"}, headers=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={page}")


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "", None, "x", "/a\nb", "/\t/evil.example"]
)
def test_after_the_login_nobody_is_sent_elsewhere(target: str | None) -> None:
    assert safe_next(target) == "/"


def test_a_path_of_ours_is_kept() -> None:
    assert safe_next("/orders?page=2") == "/orders?page=2"


PATHS = (
    "/t/home",
    "/nowhere",
    "/a/b/c",
    "/static/css/souk.css",
    "/api/v1/me",
    "/api/v1/nothing",
    "/live",
    "/health/live",
)


async def test_every_response_carries_the_headers(browser: Visitor) -> None:
    for path in PATHS:
        headers = (await browser.http.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "strict-transport-security" not in headers, "this shop is not on https"
        assert path.startswith("/static/") or "no-store" in headers["cache-control"], path


async def test_errors_are_pages_for_people_and_problems_for_programs(browser: Visitor) -> None:
    for path in ("/nowhere", "/t/home/deeper/still"):
        lost = await browser.http.get(path)
        assert lost.status_code == 404 and lost.headers["content-type"].startswith("text/html")
        assert "<h1>" in lost.text
    wrong_method = await browser.http.post("/t/home")
    assert wrong_method.status_code == 405 and set(wrong_method.headers["allow"].split(", ")) == {
        "GET",
        "HEAD",
        "OPTIONS",
    }
    program = await browser.http.get("/api/v1/nothing", headers={"accept": "text/html"})
    assert program.headers["content-type"] == "application/problem+json"


async def test_a_page_does_without_what_does_not_come(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    world.peers["store"].fails = True
    home = await browser.http.get("/t/home")
    assert home.status_code == 200 and "€42.00" in home.text


async def test_pages_escape_what_people_wrote(browser: Visitor) -> None:
    assert "&lt;b&gt;Home&lt;/b&gt;" in (await browser.http.get("/t/home")).text


async def test_static_files_are_kept_and_compared(world: World, browser: Visitor) -> None:
    url = world.parts.assets.url("css/souk.css")
    kept = await browser.http.get(url, headers={"accept-encoding": "gzip"})
    assert kept.status_code == 200 and "immutable" in kept.headers["cache-control"]
    assert kept.headers["content-encoding"] == "gzip" and kept.headers["content-type"].startswith("text/css")
    plain = await browser.http.get("/static/css/souk.css", headers={"accept-encoding": "identity"})
    assert "immutable" not in plain.headers["cache-control"] and plain.text == kept.text
    same = await browser.http.get("/static/css/souk.css", headers={"if-none-match": plain.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/css", "/static/", "/static/css/../../app.py"):
        assert (await browser.http.get(path)).status_code == 404


def test_signed_values_are_for_one_purpose() -> None:
    signer, other = Signer(Settings(identity_private_key="a")), Signer(Settings(identity_private_key="b"))
    signed = signer.sign("flash", b"hello")
    assert signer.read("flash", signed) == b"hello"
    assert signer.read("visitor", signed) is None and other.read("flash", signed) is None
    for broken in ("", ".", "a.b", signed[:-2], f"x{signed}", "\u00e4.\u00e4"):
        assert signer.read("flash", broken) is None
