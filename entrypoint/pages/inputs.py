"""What people typed into a form, and what was wrong with it."""

from collections.abc import Mapping
from uuid import UUID

from entrypoint.context.layout import PageRequest
from entrypoint.web.reader import Reader
from souk.amounts import AmountError, example, read_amount
from souk.contracts.store.carts import UNITS_MAX
from souk.errors import RuleBroken
from souk.money import AMOUNT_MAX, Money, exponent

DIGITS_MAX = 14
"""The longest number that is read at all."""

EXAMPLE = "Enter an amount such as {example}."


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

    def whole(self, name: str, low: int, high: int, message: str) -> int | None:
        """A whole number within limits; otherwise None, and `message` stands beside the field."""
        text = self.text(name)
        if _is_number(text) and low <= int(text) <= high:
            return int(text)
        self.refuse(name, message)
        return None

    def units(self, reader: Reader, name: str = "quantity") -> int | None:
        """How many units of a listing, 1 if the form does not ask; otherwise None, and what to do stands beside the field."""
        if name not in self._values:
            return 1
        return self.whole(name, 1, UNITS_MAX, reader.gettext("Enter a whole number from 1 to %s.") % UNITS_MAX)

    def minor(self, name: str, currency: str) -> Money | None:
        """An amount from a hidden field, in minor units; None if it is none."""
        text = self.text(name)
        return Money(min(int(text), AMOUNT_MAX), currency) if _is_number(text) else None

    def money(self, name: str, currency: str, reader: Reader) -> Money | None:
        """An amount as people write it; otherwise None, and what to do about it stands beside the field."""
        try:
            return read_amount(self.text(name), currency)
        except AmountError as error:
            self.refuse(name, mend_of(error, currency, reader))
            return None

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


async def form_of(request: PageRequest) -> Form:
    """The form that was sent."""
    sent = await request.form()
    return Form({name: value for name, value in sent.items() if isinstance(value, str)})


def amount_in(text: str, currency: str) -> Money | None:
    """An amount as people write it; None if it is none, or may be two."""
    try:
        return read_amount(text, currency)
    except AmountError:
        return None


def mend_of(error: AmountError, currency: str, reader: Reader) -> str:
    """What to do about an amount that was not read, in the reader's language."""
    if error.reason == "ambiguous":
        small, large = (reader.money(reading) for reading in error.readings)
        return reader.gettext("{small} or {large}? Write it with two decimal places.").format(small=small, large=large)
    if error.reason == "decimals":
        return reader.gettext("Write it with {places} decimal places at the most.").format(places=exponent(currency))
    if error.reason == "too-large":
        return reader.gettext("That is more than can be booked.")
    return reader.gettext(EXAMPLE).format(example=example(currency))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
