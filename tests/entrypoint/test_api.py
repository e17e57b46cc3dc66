"""The public API: tokens, own routes, what is passed on, and the document."""

from datetime import timedelta
from itertools import product
from typing import Any

import msgspec
import pytest

from entrypoint.api.gateway import OWNERS, target_of
from entrypoint.openapi.openapi import merge, owner_of
from entrypoint.tokens import tokens
from souk.errors import NotFound
from tests.entrypoint.conftest import PASSWORD, MakeWorld, Visitor, World

LOGIN = {"email": "ada@example.org", "password": PASSWORD}


async def test_an_account_and_a_token_over_the_api(world: World, browser: Visitor) -> None:
    new = LOGIN | {"display_name": "Ada", "country": "GB"}
    made = await browser.http.post("/api/v1/users", json=new)
    assert made.status_code == 201 and made.json()["display_name"] == "Ada" and "password" not in made.text
    issued = await browser.http.post("/api/v1/tokens", json=LOGIN | {"name": "my script"})
    token = issued.json()["token"]
    assert issued.status_code == 201 and token.startswith("souk_") and len(token) > 45
    bearer = {"authorization": f"Bearer {token}"}
    me = await browser.http.get("/api/v1/me", headers=bearer)
    assert me.json() == made.json()
    changed = await browser.http.patch("/api/v1/me", headers=bearer, json={"display_name": "Countess"})
    assert changed.json()["display_name"] == "Countess"
    listed = await browser.http.get("/api/v1/tokens", headers=bearer)
    assert [t["name"] for t in listed.json()] == ["my script"] and token not in listed.text
    assert (await browser.http.delete(f"/api/v1/tokens/{issued.json()['id']}", headers=bearer)).status_code == 204
    assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 401


BAD_HEADERS = ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer souk_" + "x" * 43, "Bearer " + "x" * 9999]


async def test_a_bad_token_is_refused_everywhere(browser: Visitor) -> None:
    for header, path in product(BAD_HEADERS, ("/api/v1/me", "/api/v1/listings")):
        answer = await browser.http.get(path, headers={"authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["type"].endswith("/unauthenticated")


async def test_cookies_count_for_nothing_in_the_api(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    assert (await browser.http.get("/api/v1/me")).status_code == 401
    await browser.http.get("/api/v1/listings")
    assert world.peers["catalogue"].seen[-1]["identity"].user_id is None


async def test_a_token_is_its_owners_and_ages(world: World) -> None:
    ada = await world.register()
    bob = await world.register("bob@example.org", "Bob")
    settings, now = world.parts.settings, world.clock.now()
    async with world.database.transaction() as session:
        issued = await tokens.issue(session, settings, ada.id, "x", now)
        with pytest.raises(NotFound):
            await tokens.revoke(session, bob.id, issued.id, world.clock.now())
        assert await tokens.list_of(session, bob.id, now) == []
    later = now + timedelta(days=settings.token_days + 1)
    assert (await tokens.identify(world.database, world.parts.remembered, issued.token, now)).user_id == ada.id
    with pytest.raises(tokens.Unauthenticated):
        await tokens.identify(world.database, world.parts.remembered, issued.token, later)
    world.clock.advance(timedelta(days=settings.token_days + 1))
    async with world.database.transaction() as session:
        assert await tokens.Sweep(world.clock)(session) == 1


async def test_nobody_has_endless_tokens(make_world: MakeWorld) -> None:
    async with make_world(tokens_per_user_max=2) as world, world.browser() as browser:
        await world.register()
        statuses = [(await browser.http.post("/api/v1/tokens", json=LOGIN)).status_code for _ in range(3)]
        assert statuses == [201, 201, 409]


BAD_INPUT: list[tuple[str, Any, int]] = [
    ("/api/v1/tokens", {"email": "ada@example.org", "password": "wrong"}, 401),
    ("/api/v1/tokens", {"email": "ada\x00@example.org", "password": "wrong"}, 422),
    ("/api/v1/tokens", {"email": "ada@example.org"}, 400),
    ("/api/v1/tokens", {**LOGIN, "name": "x" * 61}, 400),
    ("/api/v1/tokens", {**LOGIN, "name": "x\x00"}, 422),
    ("/api/v1/users", {**LOGIN, "display_name": "", "country": "GB"}, 400),
    ("/api/v1/users", {**LOGIN, "display_name": "Ada", "country": "gb"}, 400),
    ("/api/v1/users", {**LOGIN, "display_name": "Ada", "country": "XX"}, 422),
    ("/api/v1/users", {**LOGIN, "display_name": "Ada", "country": "GB"}, 422),
    ("/api/v1/users", [], 400),
]


async def test_bad_input_is_told(world: World, browser: Visitor) -> None:
    await world.register()
    for path, body, status in BAD_INPUT:
        answer = await browser.http.post(path, json=body)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_request_is_passed_on_as_it_is(world: World, browser: Visitor) -> None:
    user = await world.register()
    bearer = await world.token()
    sent = {"idempotency-key": "k", "if-none-match": '"x"', "cookie": "a=b", "x-evil": "1", **bearer}
    answer = await browser.http.post("/api/v1/orders/7/shipment?a=1&a=2&b=", content=b'{"a":1}', headers=sent)
    [seen] = world.peers["store"].seen
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/orders/7/shipment", b'{"a":1}')
    assert seen["query"] == [("a", "1"), ("a", "2"), ("b", "")]
    assert seen["identity"].user_id == user.id and seen["identity"].service == "entrypoint"
    assert (seen["headers"]["idempotency-key"], seen["headers"]["if-none-match"]) == ("k", '"x"')
    assert "cookie" not in seen["headers"] and "x-evil" not in seen["headers"]
    assert bearer["authorization"] not in seen["headers"]["authorization"]
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (201, b"{}", "application/json")
    assert answer.headers["etag"] == '"e1"' and answer.headers["location"] == "/api/v1/orders/7?a=b"
    assert "x-inner" not in answer.headers and "set-cookie" not in answer.headers


async def test_headers_may_be_more_than_ascii(world: World, browser: Visitor) -> None:
    answer = await browser.http.get("/api/v1/listings", headers={"accept-language": "gr\u00fcn".encode("latin-1")})
    assert answer.status_code == 201
    assert world.peers["catalogue"].seen[-1]["headers"]["accept-language"] == "gr\u00fcn"


async def test_paths_go_to_whom_they_belong(world: World, browser: Visitor) -> None:
    for path in ("/listings", "/listings/a/b", "/me/listings", "/pictures/a.webp"):
        assert (await browser.http.get(f"/api/v1{path}")).status_code == 201
        assert world.peers["catalogue"].seen[-1]["path"] == path
    assert (await browser.http.get("/api/v1/wallet")).json()["available"]["amount"] == 4200
    assert (await browser.http.delete("/api/v1/listings")).status_code == 405, "the service decides on methods"


NOT_PUBLIC = [
    "/internal/secrets",
    "/schema/openapi.json",
    "/metrics",
    "/health/ready",
    "/nothing",
    "/listings/../internal/secrets",
    "/listings/%2e%2e/internal/secrets",
    "/listings/%2E%2E%2Finternal%2Fsecrets",
    "/listings/..%2finternal/secrets",
    "/listings/%252e%252e/internal/secrets",
    "/listings/..;/internal/secrets",
    "/listings/%5c..%5cinternal",
    "/listings/a%3Fb",
    "/listings/a%23b",
    "/listings/a%00b",
    "/listings/%C3%A4",
    "/listings/.hidden",
    "/me/internal",
    "/me/listings/../../internal/secrets",
]


async def test_nothing_else_can_be_reached(world: World, browser: Visitor) -> None:
    for path in NOT_PUBLIC:
        answer = await browser.http.get(f"/api/v1{path}")
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    assert all(not peer.seen for peer in world.peers.values())


UNCLEAN = [
    "/listings/../internal/secrets",
    "/listings/./7",
    "/listings//../internal/secrets",
    "/listings/../../../internal/secrets",
    "/listings/a b",
    "/listings/a?b",
    "/listings/%2e%2e/internal",
    "/listings/a/..",
]


async def test_paths_that_no_client_library_has_cleaned(world: World) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    base: Any = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http"}
    base |= {"raw_path": b"/", "query_string": b"", "headers": [], "root_path": ""}
    base |= {"client": ("127.0.0.1", 1), "server": ("localhost", 8000), "extensions": {}}
    for path in UNCLEAN:
        sent.clear()
        await world.app(base | {"path": f"/api/v1{path}", "state": {}}, receive, send)
        assert sent[0]["status"] == 404, path
    assert all(not peer.seen for peer in world.peers.values())


@pytest.mark.parametrize("path", ["/internal", "/internal/x", "/health", "/listings/..", "/", "", "/listings/ "])
def test_the_table_knows_only_public_paths(path: str) -> None:
    with pytest.raises(NotFound):
        target_of(path)


def test_double_slashes_cannot_hide_anything() -> None:
    assert target_of("/me/listings") == ("catalogue", "/me/listings")
    with pytest.raises(NotFound):
        target_of("/listings//internal")


async def test_bodies_have_limits(world: World, browser: Visitor) -> None:
    too_much = b"x" * (256 * 1024 + 1)
    assert (await browser.http.post("/api/v1/orders/7", content=too_much)).status_code == 413
    upload = "/api/v1/listings/7/pictures"
    assert (await browser.http.post(upload, content=too_much)).status_code == 401, "not read for visitors"
    await world.register()
    bearer = await world.token()
    assert (await browser.http.post(upload, content=too_much, headers=bearer)).status_code == 201
    assert len(world.peers["catalogue"].seen[-1]["body"]) == len(too_much)
    assert world.peers["store"].seen == []


async def test_pictures_may_be_kept_for_ever(browser: Visitor) -> None:
    there = await browser.http.get("/pictures/there.webp")
    assert there.headers["cache-control"] == "public, max-age=31536000, immutable"
    elsewise = await browser.http.get("/pictures/elsewise.webp")
    assert "immutable" not in elsewise.headers.get("cache-control", ""), "only a picture itself is kept"
    assert (await browser.http.get("/pictures/..%2fa")).status_code == 404


async def test_one_document_describes_it_all(browser: Visitor) -> None:
    document = (await browser.http.get("/api/openapi.json")).json()
    paths = document["paths"]
    assert {
        "/api/v1/users",
        "/api/v1/tokens/{token_id}",
        "/api/v1/wallet",
        "/api/v1/cart",
        "/api/v1/categories",
    } <= set(paths)
    assert not [path for path in paths if "internal" in path or "health" in path or path.startswith("/t/")]
    for item in paths.values():
        for operation in item.values():
            assert {"400", "401", "403", "404", "409", "422", "429", "503"} <= set(operation["responses"])
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    text = msgspec.json.encode(document).decode()
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]


def test_names_that_clash_are_told_apart() -> None:
    def schema(kind: str) -> dict[str, Any]:
        ref = {"$ref": "#/components/schemas/"}
        return {
            "paths": {
                f"/{kind}": {
                    "get": {
                        "operationId": "listAll",
                        "responses": {"200": {"schema": {"$ref": ref["$ref"] + "Page"}}, "400": {"x": 1}},
                    }
                },
                f"/internal/{kind}": {
                    "get": {"operationId": "i", "responses": {"200": {"$ref": ref["$ref"] + "Inner"}}}
                },
            },
            "components": {
                "schemas": {
                    "Page": {"items": {"$ref": ref["$ref"] + "Item"}},
                    "Item": {"type": kind},
                    "Money": {"type": "same"},
                    "Inner": {"type": "same"},
                }
            },
        }

    merged = merge({"paths": {}}, {"one": schema("cats"), "two": schema("dogs")}, {"cats": "one", "dogs": "two"})
    paths, schemas = merged["paths"], merged["components"]["schemas"]
    assert list(paths) == ["/api/v1/cats", "/api/v1/dogs"]
    answers = [paths[path]["get"]["responses"]["200"]["schema"]["$ref"].rsplit("/", 1)[1] for path in paths]
    assert answers == ["Page", "TwoPage"]
    assert schemas["TwoPage"]["items"]["$ref"].endswith("/TwoItem") and schemas["TwoItem"] == {"type": "dogs"}
    assert {"detail", "code", "params", "errors"} <= schemas["Problem"]["properties"].keys()
    assert set(schemas) == {"Problem", "Page", "Item", "TwoPage", "TwoItem"}, "nothing internal, nothing unused"
    assert [paths[path]["get"]["operationId"] for path in paths] == ["listAll", "dogsListAll"]
    assert paths["/api/v1/cats"]["get"]["responses"]["400"] == {"$ref": "#/components/responses/Problem400"}


def test_a_path_has_one_owner() -> None:
    assert owner_of("/me/listings", OWNERS) == "catalogue" and owner_of("/me", OWNERS) is None
    for path, owner in (
        ("/sellers/7", "catalogue"),
        ("/sellers/7/reviews", "store"),
        ("/sellers/7/reviews/8", "store"),
        ("/sellers/7/listings", "catalogue"),
        ("/sellers/reviews", "catalogue"),
        ("/moderation/cases", "catalogue"),
        ("/moderation/reviews", "store"),
        ("/moderation/reviews/7/decisions", "store"),
        ("/reviews/7/answer", "store"),
        ("/sellers/*", "catalogue"),
    ):
        assert owner_of(path, OWNERS) == owner, path


async def test_the_document_can_be_read_under_the_strict_policy(browser: Visitor) -> None:
    answer = await browser.http.get("/api/docs")
    assert answer.status_code == 200 and "unsafe" not in answer.headers["content-security-policy"]
    for source in [part.split('"')[0] for part in answer.text.split('src="')[1:]]:
        assert (await browser.http.get(source)).status_code == 200
