"""Legal profiles: what they take, refuse and keep."""

from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from payment.settings import PaymentSettings
from souk.ids import new_id
from tests.payment.conftest import Service

ADDRESS = {"name": "Rad GmbH", "line1": "Ring 1", "line2": "", "postcode": "50823", "city": "Köln", "country": "DE"}
BUSINESS = {"address": ADDRESS, "is_business": True, "vat_id": "de 136 695 976", "tax_category": "S", "tax_rate": 1900}
EXEMPT = {"tax_category": "E", "tax_rate": 0, "exemption_reason": "Small business, § 19 UStG"}


async def put(service: Service, user: Any, profile: dict[str, Any]) -> Any:
    return await service.ask("PUT", "/me/legal-profile", user, content=msgspec.json.encode(profile))


async def test_a_profile_is_kept_and_replaced(service: Service) -> None:
    user = new_id()
    assert (await service.ask("GET", "/me/legal-profile", user)).status_code == 404
    assert (await service.ask("GET", "/me/legal-profile")).status_code == 401
    kept = await put(service, user, BUSINESS)
    assert kept.status_code == 200 and kept.json()["vat_id"] == "DE136695976"
    assert (await service.ask("GET", "/me/legal-profile", user)).json() == kept.json()
    assert (await put(service, user, {"address": ADDRESS})).json()["is_business"] is False
    assert (await service.ask("GET", "/me/legal-profile", user)).json()["vat_id"] == ""
    assert (await service.ask("GET", "/me/legal-profile", new_id())).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vat_id": "DE136695977"}, "vat_id"),  # a wrong check digit
        ({"vat_id": "DE13669597"}, "vat_id"),
        ({"vat_id": "FR40303265046"}, "vat_id"),
        ({"vat_id": "12345", "address": ADDRESS | {"country": "US"}}, "vat_id"),
        ({"vat_id": ""}, "vat_id"),
        ({"tax_category": "O", "tax_rate": 0}, "tax_category"),
        ({"tax_category": "Z"}, "tax_rate"),
        ({"tax_rate": 0}, "tax_rate"),
        ({"tax_category": "E", "tax_rate": 0}, "exemption_reason"),
        ({"exemption_reason": "Because"}, "exemption_reason"),
        ({"is_business": False}, "vat_id"),
        ({"is_business": False, "vat_id": "", "tax_rate": 0}, "tax_category"),
        ({"tax_number": "a\nb"}, "tax_number"),
        ({"address": ADDRESS | {"country": "ZZ"}}, "address.country"),
        ({"address": ADDRESS | {"city": "  "}}, "address.city"),
    ],
)
async def test_what_is_refused(service: Service, changes: dict[str, Any], field: str) -> None:
    user = new_id()
    answer = await put(service, user, BUSINESS | changes)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await service.ask("GET", "/me/legal-profile", user)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"vat_id": "el 094259216", "address": ADDRESS | {"country": "GR", "postcode": "151 24"}}, "EL094259216"),
        ({"vat_id": "094259216", "address": ADDRESS | {"country": "GR", "postcode": "151 24"}}, "EL094259216"),
        ({"vat_id": "GB980780684", "address": ADDRESS | {"country": "GB", "postcode": "SW1Y 4JH"}}, "GB980780684"),
        ({"vat_id": "995 525 828 MVA", "address": ADDRESS | {"country": "NO", "postcode": "0025"}}, "NO995525828MVA"),
        (
            {"vat_id": "CHE-107.787.577 IVA", "address": ADDRESS | {"country": "CH", "postcode": "8001"}},
            "CHE107787577IVA",
        ),
        ({"vat_id": "", "tax_number": "214/5012/1234"} | EXEMPT, ""),
        (EXEMPT, "DE136695976"),
    ],
)
async def test_what_is_taken(service: Service, changes: dict[str, Any], kept: str) -> None:
    answer = await put(service, new_id(), BUSINESS | changes)
    assert answer.status_code == 200, answer.text
    assert answer.json()["vat_id"] == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"marketplace_vat_id": "DE136695977"},
        {"marketplace_vat_id": "DE 136695976"},
        {"marketplace_vat_basis_points": 1900},
    ],
)
def test_a_marketplace_with_wrong_taxes_does_not_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PaymentSettings(**wrong)
