"""Every end of a purchase has its words; while it is open the page moves on by itself."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from entrypoint.pages.buy.checkout import checkout_href
from entrypoint.web.reader import Languages
from entrypoint.web.templates import make_environment, render
from souk.clock import SystemClock
from souk.contracts.store.orders import OrderSummary
from souk.contracts.store.purchases import Purchase, PurchaseItem, PurchaseProblem, PurchaseStatus
from souk.ids import new_id
from souk.money import Money
from tests.page import Page

FOLDER = Path(__file__).parents[3] / "entrypoint" / "templates"
AT = datetime(2026, 11, 17, 9, 12, tzinfo=UTC)


def order(purchase_id: Any) -> OrderSummary:
    return OrderSummary(
        id=new_id(),
        number="S-1",
        purchase_id=purchase_id,
        status="paid",
        buyer_id=new_id(),
        seller_id=new_id(),
        seller_name="Teo",
        buyer_name="Ana",
        amount=Money(4200, "EUR"),
        units=2,
        title="<Lamp>",
        picture=None,
        placed_at=AT,
        deadline=None,
    )


def shown(status: PurchaseStatus, *problems: PurchaseProblem, item: PurchaseItem | None = None) -> str:
    purchase_id = new_id()
    purchase = Purchase(
        id=purchase_id,
        status=status,
        total=Money(4200, "EUR"),
        orders=[order(purchase_id)],
        problems=list(problems),
        placed_at=AT,
        finished_at=None,
        expires_at=AT,
        item=item,
    )
    context: dict[str, Any] = {
        "purchase": purchase,
        "open": status in ("placed", "awaiting_payment"),
        "since": "1.000",
        "missing": next((problem.missing for problem in problems if problem.missing), None),
        "checkout": checkout_href(item),
        "csrf_input": lambda: "",
        "locale": "en",
        "request_path": "/",
    }
    reader = Languages(FOLDER / "none", "Europe/Berlin", SystemClock()).reader("", "en-GB")
    environment = make_environment(FOLDER, lambda name: f"/static/{name}")
    return render(environment, reader, "pages/buy/purchase.html", context)


@pytest.mark.parametrize("status", ["placed", "awaiting_payment"])
def test_an_open_purchase_moves_on_with_and_without_scripts(status: PurchaseStatus) -> None:
    page = Page(shown(status))
    assert page.has("[data-live-url^='/live?purchase=']")
    assert page.has("noscript > meta[http-equiv=refresh]")
    assert "Check again" in page


@pytest.mark.parametrize(
    ("status", "problem", "said"),
    [
        ("paid", None, "is held until you confirm that the parcel arrived."),
        ("cancelled", None, "Nothing was bought."),
        ("rejected", PurchaseProblem(reason="gone", title="Lamp"), "No longer for sale."),
        ("rejected", PurchaseProblem(reason="too_few", title="Lamp", available=2), "Only 2 are left."),
        ("rejected", PurchaseProblem(reason="price_changed", price=Money(990, "EUR")), "It costs €9.90 now."),
        ("rejected", PurchaseProblem(reason="own_listing"), "It is your own listing."),
        ("declined", PurchaseProblem(reason="insufficient_funds", missing=Money(500, "EUR")), "lacks €5.00"),
        (
            "declined",
            PurchaseProblem(reason="wallet_closed"),
            "Your wallet could not be charged. It is frozen or closed.",
        ),
        ("declined", PurchaseProblem(reason="seller_closed"), "A seller in your cart takes no money any more."),
        ("declined", PurchaseProblem(reason="expired"), "The money could not be moved in time."),
    ],
)
def test_each_end_says_what_happened(status: PurchaseStatus, problem: PurchaseProblem | None, said: str) -> None:
    html = shown(status, *([problem] if problem else []))
    assert said in Page(html)
    assert not Page(html).has("[data-live-url]")
    assert "<Lamp>" not in html


@pytest.mark.parametrize(
    ("status", "reason"),
    [("rejected", "gone"), ("declined", "insufficient_funds"), ("declined", "seller_closed"), ("cancelled", "expired")],
)
def test_of_what_was_bought_by_itself_nothing_is_said_of_a_cart(status: PurchaseStatus, reason: Any) -> None:
    item = PurchaseItem(listing_id=new_id(), quantity=2)
    page = Page(shown(status, PurchaseProblem(reason=reason, missing=Money(500, "EUR")), item=item))
    assert "cart" not in page.main.lower()
    assert f"/listings/{item.listing_id}" in page.part("main").leads_to
