"""What people typed into a form, and what was wrong with it."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from entrypoint.web.frame import PageRequest
from souk.errors import RuleBroken
from souk.money import AMOUNT_MAX, Money, exponent

DIGITS_MAX = 14
"""The longest number that is read at all."""

UNITS_MAX = 999

_LEFT_OUT = " \t\u00a0\u202f'’€$£¥₹"


class Form:
    """A form's fields, and the errors beside them; templates show both again when something was refused."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self.errors: dict[str, str] = {}
        """By the field's name."""
        self.notice = ""
        """What is wrong with the form as a whole."""
        self.status = 200
        """What to answer with."""

    @property
    def names(self) -> list[str]:
        """Of the fields that were sent."""
        return list(self._values)

    def raw(self, name: str) -> str:
        """The field exactly as it came, for passwords."""
        return self._values.get(name, "")

    def text(self, name: str) -> str:
        """The field without blanks around it, and without NUL, which no service takes."""
        return self.raw(name).replace("\x00", "").strip()

    def uuid(self, name: str) -> UUID | None:
        """An id from a hidden field; None if it is none."""
        try:
            return UUID(self.text(name))
        except ValueError:
            return None

    def units(self, name: str = "quantity") -> int:
        """How many, from 1 to UNITS_MAX; 1 if it is no number."""
        text = self.text(name)
        return max(1, min(int(text), UNITS_MAX)) if _is_number(text) else 1

    def minor(self, name: str, currency: str) -> Money | None:
        """An amount from a hidden field, in minor units; None if it is none."""
        text = self.text(name)
        return Money(min(int(text), AMOUNT_MAX), currency) if _is_number(text) else None

    def money(self, name: str, currency: str, message: str) -> Money | None:
        """An amount as people write it; otherwise None, and `message` stands beside the field."""
        amount = amount_in(self.text(name), currency)
        if amount is None:
            self.refuse(name, message)
        return amount

    def refuse(self, name: str, message: str) -> None:
        """Note what is wrong with a field."""
        self.errors.setdefault(name, message)
        self.status = 422

    def blame(self, error: RuleBroken, labels: Mapping[str, str]) -> None:
        """Put a refusal's words beside the fields it names, and what names none of them above the form.

        `labels` are the form's fields with what stands over them: some services say only "is needed" of a field.
        A nested field (`address.city`) is the form's field of its last name.
        """
        self.status = error.status
        named = False
        for item in error.fields.get("errors", ()):
            name, message = item.get("field", "").rpartition(".")[2], item.get("message", "")
            if name not in labels:
                continue
            named = True
            unfinished = message[:1].islower()
            self.errors.setdefault(name, f"{labels[name]} {message.removesuffix('.')}." if unfinished else message)
        if not named:
            self.notice = error.message or error.title

    @property
    def summary(self) -> list[dict[str, str]]:
        """The errors as the list above the form wants them."""
        return [{"name": name, "text": text} for name, text in self.errors.items()]


async def form_of(request: PageRequest) -> Form:
    """The form that was sent."""
    sent = await request.form()
    return Form({name: value for name, value in sent.items() if isinstance(value, str)})


def amount_in(text: str, currency: str) -> Money | None:
    """12, 12.50, 12,50, 1 234.50 or € 1.234,50 as money; None if it is no amount above zero, or has parts of a cent.

    A lone separator before three digits groups thousands, unless the currency itself has three decimal places.
    """
    places = exponent(currency)
    plain = "".join(char for char in text if char not in _LEFT_OUT).upper()
    plain = plain.removeprefix(currency).removesuffix(currency)
    cut = max(plain.rfind("."), plain.rfind(","))
    fraction = plain[cut + 1 :] if cut >= 0 else ""
    whole = plain[:cut] if cut >= 0 else plain
    if len(fraction) == 3 and places != 3:
        whole, fraction = plain, ""
    groups = whole.replace(",", ".").split(".")
    if len(groups) > 1 and (not groups[0] or any(len(group) != 3 for group in groups[1:])):
        return None
    digits = "".join(groups)
    if not (digits or fraction) or not _is_number((digits or "0") + fraction) or len(fraction) > places:
        return None
    minor = int(Decimal(f"{digits or '0'}.{fraction or '0'}").scaleb(places))
    return Money(minor, currency) if 0 < minor <= AMOUNT_MAX else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
