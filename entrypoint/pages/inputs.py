"""What people typed into a form, and what was wrong with it."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from entrypoint.context.layout import PageRequest
from entrypoint.refusals.refusals import said, said_of_field
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.amounts import AmountError, example, read_amount
from souk.contracts.store.carts import UNITS_MAX
from souk.errors import RuleBroken
from souk.money import AMOUNT_MAX, Money, exponent

DIGITS_MAX = 14
"""The longest number that is read at all."""

EXAMPLE = N_("Enter an amount such as {example}.")


StructT = TypeVar("StructT", bound=msgspec.Struct)


class Mend:
    """Beside the type of a declared field: what to do if it does not fit, as an English text marked for translation, and
    the numbers in it."""

    def __init__(self, text: str, *numbers: int) -> None:
        self.text = text
        self.numbers = numbers


class AmountMax(NamedTuple):
    """Beside the type of a declared amount: the largest that may be entered, in minor units."""

    amount: int


class _Field(NamedTuple):
    """A field as its struct declares it."""

    name: str
    kind: Any
    """Its type, with msgspec's limits."""
    bare: Any
    """Its type without."""
    mend: Mend | None
    amount_max: int
    default: Any


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

    def read(self, kind: type[StructT], reader: Reader, currency: str, **known: Any) -> StructT | None:
        """The form as the struct `kind` declares it; otherwise None, and beside each field that does not fit stands what
        to do about it. `known` are fields of the struct that the form does not have under their names.

        Texts have no blanks around them and keep msgspec's limits; an int is a whole number, a bool a box that sends
        "yes", Money an amount as people write it. A field with a default takes it in place of what does not fit.
        """
        values = known | {
            field.name: self._value(field, reader, currency) for field in _fields(kind) if field.name not in known
        }
        return None if msgspec.NODEFAULT in values.values() else kind(**values)

    def _value(self, field: _Field, reader: Reader, currency: str) -> Any:
        """A declared field's value; NODEFAULT if it was refused."""
        text = self.text(field.name)
        if field.bare is bool:
            return text == "yes"
        if field.bare is Money:
            amount = self.money(field.name, currency, reader)
            if amount is None:
                return msgspec.NODEFAULT
            if amount.amount <= field.amount_max:
                return amount
        elif field.bare is not int or _is_number(text):
            try:
                return msgspec.convert(int(text) if field.bare is int else text, field.kind)
            except msgspec.ValidationError:
                pass
        if field.default is msgspec.NODEFAULT:
            assert field.mend is not None, f"{field.name} is declared without what to do if it does not fit"
            self.refuse(field.name, reader.gettext(field.mend.text) % field.mend.numbers)
        return field.default

    def refuse(self, name: str, message: str) -> None:
        """Note what is wrong with a field."""
        self.errors.setdefault(name, message)
        self.status = 422

    def blame(self, error: RuleBroken, reader: Reader, labels: Mapping[str, str]) -> None:
        """Put what was refused beside the fields that it names, and what names none of them above the form.

        `labels` are the form's fields with what stands over them: some sentences begin with it. A nested field
        (`address.city`) is the form's field of its last name.
        """
        self.status = error.status
        named = False
        for item in error.fields.get("errors", ()):
            name = item.get("field", "").rpartition(".")[2]
            if name in labels:
                named = True
                self.errors.setdefault(name, said_of_field(reader, item, labels[name]))
        if not named:
            self.notice = said(reader, error)


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[_Field, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(field, hints[field.name]) for field in msgspec.structs.fields(kind))


def _field(declared: msgspec.structs.FieldInfo, kind: Any) -> _Field:
    bare, *beside = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    return _Field(
        declared.name,
        kind,
        bare,
        next((one for one in beside if isinstance(one, Mend)), None),
        next((one.amount for one in beside if isinstance(one, AmountMax)), AMOUNT_MAX),
        declared.default,
    )


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
