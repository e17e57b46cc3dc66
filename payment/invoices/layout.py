"""A document's pages while they are laid out: where the next thing goes, and how its region writes numbers and dates."""

from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from payment.invoices.document import Document
from payment.invoices.labels import labels_for
from payment.pdf.sheet import HEIGHT, WIDTH, Colour, Sheet
from payment.pdf.typesetting import wrap

INK: Colour = (0.10, 0.13, 0.16)
MUTED: Colour = (0.38, 0.43, 0.46)
HAIRLINE: Colour = (0.85, 0.87, 0.88)
ACCENT: Colour = (0.05, 0.36, 0.37)  # deep teal
WHITE: Colour = (1.0, 1.0, 1.0)
TINT: Colour = (0.945, 0.969, 0.967)

LEFT, RIGHT = 51.0, WIDTH - 51.0
TOP, BOTTOM = HEIGHT - 54.0, 72.0
INNER = RIGHT - LEFT
GAP = 26.0
CELL = 8.5  # font size in tables
NUMBER_SIZES = (CELL, 7.5, 6.5, 5.5, 4.8)  # tried in turn until what is beside the numbers has room
COLUMN_GAP = 12.0
EARLIER = "en"  # of documents from before they had a language


@cache
def _locale(tag: str) -> Locale:
    """How CLDR knows a tag; English if it does not, for a document is drawn in any case."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(EARLIER)


class Layout:
    """A cursor `y` that walks down the pages of one document. Lengths are points."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.locale = _locale(document.language or EARLIER)
        self.words = labels_for(document.language or EARLIER)
        self.territories = self.locale.territories
        self.sheet = Sheet()
        self.y = TOP
        self.title = f"{self.words[document.kind]} {document.number}"
        self.order = document.order_number or document.order_id
        self._exponent = document.currency_exponent
        self._code_first = self.locale.currency_formats["standard"].pattern.startswith("\u00a4")
        self.taxed = any(breakdown.category != "O" for breakdown in document.taxes)

    def money(self, amount: Decimal | int, with_currency: bool = False) -> str:
        """`amount` minor units with grouping, and the currency code where the locale has it if asked for."""
        value = Decimal(amount).scaleb(-self._exponent)
        number = _number(value, _pattern(value), self.locale)
        if not with_currency:
            return number
        code = self.document.currency
        return f"{code}\u00a0{number}" if self._code_first else f"{number}\u00a0{code}"

    def percent(self, rate: int) -> str:
        """A rate of basis points as per cent, without needless zeros."""
        return _number(Decimal(rate).scaleb(-2), "0.##", self.locale) + "\u00a0%"

    def count(self, value: int) -> str:
        """A whole number with grouping."""
        return _number(Decimal(value), "#,##0", self.locale)

    def day(self, value: date) -> str:
        """A date in the locale's long form."""
        return format_date(value, format="long", locale=self.locale)

    def need(self, height: float) -> bool:
        """Go to a new page when fewer than `height` points are left; says whether it did."""
        if self.y - height >= BOTTOM:
            return False
        self.sheet.new_page()
        self.y = TOP
        for line in wrap(self.title, INNER, 9, bold=True):
            self.sheet.line(LEFT, self.y, line, 9, ACCENT)
            self.y -= 12
        self.sheet.rule(LEFT, self.y + 3, INNER, 0.6, HAIRLINE)
        self.y -= 18
        return True


@lru_cache(4096)
def _number(value: Decimal, pattern: str, locale: Locale) -> str:
    """Rates, quantities and prices are the same ones again and again."""
    return format_decimal(value, format=pattern, locale=locale, decimal_quantization=False)


def _pattern(value: Decimal) -> str:
    """Of a number with all its decimals."""
    places = max(0, -int(value.as_tuple().exponent))
    return "#,##0" + ("." + "0" * places if places else "")
