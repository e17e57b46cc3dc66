"""Amounts are read in one way, by the server and by the script beside a field; nobody guesses."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from souk.amounts import AmountError, Reason, read_amount
from souk.money import Money

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "entrypoint" / "static" / "js" / "read-amount.js"

READ = {
    "12": 1200,
    "12.5": 1250,
    "12,50": 1250,
    "0.50": 50,
    ".5": 50,
    "5.": 500,
    "0.01": 1,
    " 1 234.50 ": 123450,
    "1\u00a0234,50": 123450,
    "1\u202f234,50": 123450,
    "1\u2009234": 123400,
    "1'234.50": 123450,
    "1\u2019234.50": 123450,
    "1.234.567,89": 123456789,
    "1,234,567.89": 123456789,
    "1.234.567": 123456700,
    "1,234.5": 123450,
    "1234.50": 123450,
    "€ 3": 300,
    "€12.50": 1250,
    "12,50 €": 1250,
    "12,50\u00a0€": 1250,
    "EUR 7": 700,
    "7 eur": 700,
    "€ 7 EUR": 700,
    "$3": 300,
    "₹3": 300,
}

REFUSED: dict[str, Reason] = {
    "0.500": "decimals",
    "0,500": "decimals",
    "012.500": "decimals",
    "1234.567": "decimals",
    "12.5055": "decimals",
    "1 234.500": "decimals",
    "12.345,678": "decimals",
    "12,345.678": "decimals",
    "1.2.3": "unreadable",
    "12,34,5": "unreadable",
    "1.234.56": "unreadable",
    "0.123.456": "unreadable",
    "1,23.45": "unreadable",
    "1.234,567.89": "unreadable",
    "1'234,567.89": "unreadable",
    "12 50": "unreadable",
    "1.234'567": "unreadable",
    "": "unreadable",
    " ": "unreadable",
    "€": "unreadable",
    "-5": "unreadable",
    "−5": "unreadable",
    "x": "unreadable",
    "1e3": "unreadable",
    "٣": "unreadable",
    "½": "unreadable",
    "..": "unreadable",
    "€€€5": "unreadable",
    "USD 5": "unreadable",
    "9" * 41: "unreadable",
    "0": "zero",
    "0,00": "zero",
    "9" * 20: "too-large",
}

EITHER = {
    "1.234": (123, 123400),
    "1,234": (123, 123400),
    "12.500": (1250, 1250000),
    "999,999 €": (99999, 99999900),
}


@pytest.mark.parametrize(("text", "minor"), READ.items())
def test_an_amount_is_read_as_it_was_meant(text: str, minor: int) -> None:
    assert read_amount(text, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_what_is_no_amount_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(AmountError) as refused:
        read_amount(text, "EUR")
    assert refused.value.reason == reason


@pytest.mark.parametrize(("text", "readings"), EITHER.items())
def test_a_lone_separator_before_three_digits_is_asked_about(text: str, readings: tuple[int, int]) -> None:
    with pytest.raises(AmountError) as refused:
        read_amount(text, "EUR")
    assert refused.value.reason == "ambiguous"
    assert tuple(reading.amount for reading in refused.value.readings) == readings


OTHER_CURRENCIES = [
    ("1.234", "BHD", 1234),
    ("1.234", "JPY", 1234),
    ("500", "JPY", 500),
    ("1,234.5", "KWD", 1234500),
    ("1.234,567", "KWD", 1234567),
]


@pytest.mark.parametrize(("text", "currency", "minor"), OTHER_CURRENCIES)
def test_currencies_have_their_own_decimal_places(text: str, currency: str, minor: int) -> None:
    assert read_amount(text, currency) == Money(minor, currency)


def test_yen_have_no_decimals() -> None:
    with pytest.raises(AmountError, match="decimals"):
        read_amount("500.5", "JPY")


def test_the_script_beside_the_field_reads_the_same() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("install Node.js to compare the script with the server")
    places = {"EUR": 2, "BHD": 3, "KWD": 3, "JPY": 0}
    texts = [(text, "EUR") for text in (*READ, *REFUSED, *EITHER)]
    texts += [(text, currency) for text, currency, _ in OTHER_CURRENCIES] + [("500.5", "JPY")]
    asked = [(text, currency, places[currency]) for text, currency in texts]
    program = (
        f"import {{ read }} from {json.dumps(SCRIPT.as_uri())};"
        f"const said = {json.dumps(asked)}.map(([text, currency, places]) => read(text, currency, places));"
        "console.log(JSON.stringify(said, (_, value) => typeof value === 'bigint' ? Number(value) : value));"
    )
    command = [node, "--input-type=module", "--eval", program]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)
    for (text, currency), by_script in zip(texts, said, strict=True):
        assert by_script == by_server(text, currency), text


def by_server(text: str, currency: str) -> dict[str, object]:
    """What the server reads, as the script says it."""
    try:
        return {"minor": read_amount(text, currency).amount}
    except AmountError as error:
        readings = [reading.amount for reading in error.readings]
        return {"reason": error.reason} | ({"readings": readings} if readings else {})
