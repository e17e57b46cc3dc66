"""Reports, takedowns, appeals: who may what, what buyers can still do, and that it is all written down."""

import asyncio
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from catalogue.house_rules import HouseRules
from catalogue.moderation import moderation
from catalogue.settings import CatalogueSettings
from souk.clock import ManualClock
from souk.contracts.catalogue.events import ReportReason
from souk.contracts.entrypoint.events import UserRegistered
from souk.errors import InvalidInput
from souk.ids import new_id
from tests.catalogue.harness import Caller, Shop, fields, new_listing
from tests.catalogue.reservations.test_reservations import Buying


@pytest.fixture
def moderator(shop: Shop) -> Caller:
    return shop.user("moderator")


async def report(caller: Caller, listing: dict[str, Any], **more: Any) -> int:
    answer = await caller("POST", f"/listings/{listing['id']}/reports", json={"reason": "fraud"} | more)
    return answer.status_code


async def decide(caller: Caller, listing: dict[str, Any], action: str, **more: Any) -> Any:
    path = f"/moderation/cases/{listing['id']}/decisions"
    return await caller("POST", path, json={"action": action} | more)


async def hide(caller: Caller, listing: dict[str, Any]) -> Any:
    answer = await decide(caller, listing, "hide", reason="counterfeit", text="It is a copy.")
    assert answer.status_code == 201, answer.text
    return answer.json()


async def told(shop: Shop) -> list[tuple[str, str]]:
    sql = "SELECT body::json -> 'data' FROM outbox WHERE type = 'souk.catalogue.listing.moderated.v1' ORDER BY id"
    return [(data["outcome"], data["reason"]) for (data,) in await shop.rows(sql)]


async def test_from_the_report_over_the_takedown_and_the_appeal_to_the_restoration(
    shop: Shop, seller: Caller, other: Caller, moderator: Caller, visitor: Caller
) -> None:
    lamp = await new_listing(seller)
    assert await report(other, lamp, text=" A copy\r\nof a lamp ") == 204
    assert await report(other, lamp, reason="other") == 204  # again changes nothing
    [case] = (await moderator("GET", "/moderation/cases")).json()["items"]
    assert (case["listing"]["id"], case["reports"]) == (lamp["id"], 1)
    story = await hide(moderator, lamp)
    assert [record["action"] for record in story["records"]] == ["hidden", "reported"]
    assert story["reports"][0]["text"] == "A copy\nof a lamp"
    assert (await moderator("GET", "/moderation/cases")).json()["items"] == []

    assert (await visitor("GET", f"/listings/{lamp['id']}")).status_code == 404
    assert (await moderator("GET", f"/listings/{lamp['id']}")).json()["status"] == "hidden"
    assert (await seller("GET", f"/listings/{lamp['id']}")).json()["status"] == "hidden"
    assert (await visitor("GET", "/listings?q=lamp")).json()["total"] == 0
    assert (await seller("GET", "/me/listings?status=hidden")).json()["total"] == 1
    [snapshot] = (await shop.service("store")("GET", f"/internal/listings?ids={lamp['id']}")).json()
    assert snapshot["status"] == "hidden"
    why = (await seller("GET", f"/listings/{lamp['id']}/takedown")).json()
    assert (why["reason"], why["text"], why["appeal"]) == ("counterfeit", "It is a copy.", None)
    for method in ("PUT", "DELETE"):
        assert (await seller(method, f"/listings/{lamp['id']}/publication")).status_code == 409

    changed = await seller("PATCH", f"/listings/{lamp['id']}", json={"title": "A copy of a lamp"})
    assert changed.json()["status"] == "hidden"
    path = f"/listings/{lamp['id']}/appeals"
    assert (await seller("POST", path, json={"text": " "})).status_code == 422
    assert (await seller("POST", path, json={"text": "Now it says so."})).json()["appeal"] == "Now it says so."
    assert (await seller("POST", path, json={"text": "Please."})).status_code == 409
    assert (await decide(moderator, lamp, "leave", text="Not enough.")).status_code == 201
    assert (await seller("POST", path, json={"text": "And now?"})).status_code == 201
    assert (await decide(moderator, lamp, "restore")).status_code == 201
    assert (await visitor("GET", "/listings?q=copy")).json()["total"] == 1
    assert await told(shop) == [("hidden", "counterfeit"), ("upheld", "counterfeit"), ("restored", None)]
    await shop.audit()


async def test_only_moderators_decide_and_not_on_their_own(
    shop: Shop, seller: Caller, other: Caller, moderator: Caller, visitor: Caller
) -> None:
    lamp, mine = await new_listing(seller), await new_listing(moderator)
    for caller, status in ((other, 403), (seller, 403), (visitor, 401)):
        assert (await decide(caller, lamp, "hide", reason="fraud")).status_code == status
        assert (await caller("GET", "/moderation/cases")).status_code == status
        assert (await caller("GET", f"/moderation/cases/{lamp['id']}")).status_code == status
    assert (await decide(moderator, mine, "hide", reason="fraud")).status_code == 409
    assert (await decide(shop.user("admin"), mine, "hide", reason="fraud")).status_code == 201
    assert await report(seller, lamp) == 409
    await hide(moderator, lamp)
    for path, body in (("appeals", {"text": "Mine"}), ("takedown", None)):
        method = "POST" if body else "GET"
        assert (await other(method, f"/listings/{lamp['id']}/{path}", json=body)).status_code == 404
    assert (await other("PATCH", f"/listings/{lamp['id']}", json={"title": "Mine now"})).status_code == 404
    assert await report(other, lamp) == 404


async def test_decisions_that_make_no_sense_are_refused(shop: Shop, seller: Caller, moderator: Caller) -> None:
    lamp, draft = await new_listing(seller), await new_listing(seller, publish=False)
    for action in ("restore", "leave"):
        assert (await decide(moderator, lamp, action)).status_code == 409
    unreasoned = await decide(moderator, lamp, "hide")
    assert (unreasoned.status_code, unreasoned.json()["errors"][0]["field"]) == (422, "reason")
    for wrong in ({"reason": "ugly"}, {"text": "x" * 1001}, {"action": "burn"}):
        assert (await decide(moderator, lamp, **({"action": "hide", "reason": "fraud"} | wrong))).status_code == 400
    assert (await decide(moderator, lamp, "hide", reason="fraud", text="\x00")).status_code == 422
    assert (await decide(moderator, draft, "hide", reason="fraud")).status_code == 404
    await hide(moderator, lamp)
    assert (await decide(moderator, lamp, "hide", reason="fraud")).status_code == 409
    assert (await seller("POST", f"/listings/{draft['id']}/appeals", json={"text": "Why?"})).status_code == 409
    assert (await moderator("GET", f"/moderation/cases/{new_id()}")).status_code == 404


async def test_a_withdrawn_listing_comes_back_withdrawn(shop: Shop, seller: Caller, moderator: Caller) -> None:
    lamp = await new_listing(seller)
    await seller("DELETE", f"/listings/{lamp['id']}/publication")
    await hide(moderator, lamp)
    await decide(moderator, lamp, "restore")
    assert (await seller("GET", f"/listings/{lamp['id']}")).json()["status"] == "withdrawn"


async def test_hiding_races_with_buying(shop: Shop, seller: Caller, moderator: Caller) -> None:
    """What was reserved before stays so, nothing is reserved afterwards."""
    for _ in range(5):
        lamp = await new_listing(seller, quantity=20)
        buyings = [Buying((lamp["id"], 1)) for _ in range(20)]
        work = [shop.handle("reservations", buying.placed) for buying in buyings]
        work.insert(8, hide(moderator, lamp))
        await asyncio.gather(*work)
        late = Buying((lamp["id"], 1))
        await shop.handle("reservations", late.placed)
        answer = [one for one in await shop.answers() if one["purchase_id"] == str(late.id)]
        assert [one["type"] for one in answer] == ["rejected"]
        assert answer[0]["lines"][0]["reason"] == "gone"
    await shop.audit()


async def test_two_moderators_at_once_decide_once(shop: Shop, seller: Caller) -> None:
    lamp = await new_listing(seller)
    moderators = [shop.user("moderator") for _ in range(6)]
    answers = await asyncio.gather(*(decide(one, lamp, "hide", reason="fraud") for one in moderators))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert await told(shop) == [("hidden", "fraud")]


async def test_every_reason_is_told(shop: Shop, seller: Caller, moderator: Caller) -> None:
    lamp, reasons = await new_listing(seller), get_args(ReportReason)
    for reason in reasons:
        assert (await decide(moderator, lamp, "hide", reason=reason)).status_code == 201
        assert (await decide(moderator, lamp, "restore")).status_code == 201
    assert [reason for outcome, reason in await told(shop) if outcome == "hidden"] == list(reasons)


async def test_the_record_cannot_be_changed(shop: Shop, seller: Caller, moderator: Caller) -> None:
    await hide(moderator, await new_listing(seller))
    for change in ("UPDATE moderation_record SET words = ''", "DELETE FROM moderation_record"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with shop.database.transaction() as session:
                await session.execute(text(change))


async def test_the_queue_goes_by_waiting_time_and_pages(
    shop: Shop, seller: Caller, moderator: Caller, clock: ManualClock
) -> None:
    lamps = []
    for _ in range(5):
        lamps.append(await new_listing(seller))
        await report(shop.user(), lamps[-1])
        clock.advance(timedelta(minutes=1))
    await report(shop.user(), lamps[0])
    found, cursor = [], ""
    while True:
        answer = (await moderator("GET", f"/moderation/cases?limit=2{cursor}")).json()
        found += [(case["listing"]["id"], case["reports"]) for case in answer["items"]]
        if not answer["next_cursor"]:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert found == [(lamp["id"], 2 if lamp is lamps[0] else 1) for lamp in lamps]


async def test_a_user_reports_only_so_much_a_day(
    shop: Shop, seller: Caller, other: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "REPORTS_PER_DAY_MAX", 2)
    lamps = [await new_listing(seller) for _ in range(5)]
    answers = await asyncio.gather(*(report(other, lamp) for lamp in lamps))
    assert sorted(answers) == [204, 204, 429, 429, 429]


@pytest.mark.parametrize("written", ["Ivory chess set", "IVÖRY box", "an ivory", "tear   gas"])
def test_forbidden_words_are_found_however_they_are_written(written: str) -> None:
    rules = HouseRules(CatalogueSettings(forbidden_words=("Ivory", "tear gas", " ")))
    with pytest.raises(InvalidInput, match="may not stand in a listing"):
        rules.check_words("A title", written)
    rules.check_words("Ivorytower", "a tear of gas")


async def test_forbidden_words_stop_publishing_and_editing(shop: Shop, seller: Caller) -> None:
    rules = HouseRules(CatalogueSettings(forbidden_words=("ivory",)))
    _use(shop, rules)
    draft = await new_listing(seller, publish=False, title="Ivory lamp")
    refused = await seller("PUT", f"/listings/{draft['id']}/publication")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "title")
    lamp = await new_listing(seller)
    edited = await seller("PATCH", f"/listings/{lamp['id']}", json={"description": "Of ivory."})
    assert (edited.status_code, edited.json()["errors"][0]["field"]) == (422, "description")


async def test_new_sellers_may_do_less_for_a_while(shop: Shop, seller: Caller, clock: ManualClock) -> None:
    _use(shop, HouseRules(CatalogueSettings(new_seller_listings_max=2, new_seller_price_max=5000)))
    dear = await new_listing(seller, publish=False, price={"amount": 5001, "currency": "EUR"})
    refused = await seller("PUT", f"/listings/{dear['id']}/publication")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "price")
    drafts = [(await seller("POST", "/listings", json=fields())).json()["id"] for _ in range(5)]
    answers = await asyncio.gather(*(seller("PUT", f"/listings/{draft}/publication") for draft in drafts))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409]
    registered = UserRegistered(user_id=seller.id, display_name="A", country="PT", registered_at=clock.now())
    await shop.handle("sellers", registered)
    clock.advance(timedelta(days=7))
    assert (await seller("PUT", f"/listings/{dear['id']}/publication")).status_code == 200


def _use(shop: Shop, rules: HouseRules) -> None:
    """Let the running catalogue go by other rules."""
    shop.rules.__dict__.update(rules.__dict__)
