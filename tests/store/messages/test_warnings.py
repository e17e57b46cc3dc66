"""What messages warn of, and what they do not."""

import pytest

from store.messages.warnings import warned_of


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("Call me: +353 86 123 4567", ["phone"]),
        ("Ruf an: 0171/2345678.", ["phone"]),
        ("0049 (171) 234-5678", ["phone"]),
        ("My number is 555-123-4567", ["phone"]),
        ("06 12 34 56 78", ["phone"]),
        ("Write to ana.b+c@example.org", ["email"]),
        ("ana (at) example dot org", ["email"]),
        ("DE89 3704 0044 0532 0130 00", ["iban"]),
        ("IE29AIBK93115212345678 is mine", ["iban"]),
        ("My IBAN is gb82 WEST 1234 5698 7654 32", ["payment", "iban"]),
        ("https://example.org/a", ["link"]),
        ("See www.example.ie", ["link"]),
        ("Look at example.com", ["link"]),
        ("paypal.me/ana", ["payment", "link"]),
        ("Send it with PayPal friends and family", ["payment"]),
        ("A bank transfer is cheaper", ["payment"]),
        ("Wir machen das per Überweisung", ["payment"]),
        ("On peut faire un virement ?", ["payment"]),
        ("Let us do it outside of Souk", ["payment"]),
        ("Are you on WhatsApp?", ["elsewhere"]),
        ("WhatsApp me, +48 601 234 567, I send a gift card", ["payment", "phone", "elsewhere"]),
    ],
)
def test_what_leads_away_is_told(words: str, kinds: list[str]) -> None:
    assert list(warned_of(words)) == kinds


@pytest.mark.parametrize(
    "words",
    [
        "Is it still there?",
        "I offer 1,234.50 for it, or 1 200,00 €.",
        "€ 10.000,00 is too much; 35000 would do.",
        "It is 190 x 90 x 2000 mm, or 0.5 × 0.75 m.",
        "On 04.12.2026 at 14:05, or 2026-12-04 09:00, or 05/12/26.",
        "Built in 1998-2004, model 2024.",
        "Serial number 00340434161094021501 of the parcel",
        "ISBN 978-3-16-148410-0",
        "EAN 4006381333931",
        "The order's number is S-000123-45.",
        "My postcode is 012 345.",
        "It works.Me too.",
        "I paid for it in the shop. Payment came, the transfer of the file works.",
        "Size 38-40, 12.5 cm, version 1.2.3.4",
        "Does the signal reach that far? I can pay you on Friday.",
        "I am at home. See you @ noon",
        "It costs 020 or so, 12 34 56.",
    ],
)
def test_prices_sizes_and_dates_are_left_alone(words: str) -> None:
    assert warned_of(words) == ()


@pytest.mark.timeout(10)
@pytest.mark.parametrize("words", ["0" * 2000, "+1 " * 600, "a@" * 1000, "a.a." * 500, "AA00" * 500, "1 x " * 500])
def test_long_nonsense_takes_no_time(words: str) -> None:
    warned_of(words)
