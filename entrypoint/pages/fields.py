"""What a form sends, declared as a struct: each field with its type and limits, and beside them what stands over it and
what to do about what does not fit."""

from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.amounts import AmountError, example, read_amount
from souk.contracts.store.carts import UNITS_MAX
from souk.money import AMOUNT_MAX, Money, exponent

DIGITS_MAX = 14
"""The longest number that is read at all."""

EXAMPLE = N_("Enter an amount such as {example}.")


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """What one form sends. Every form is a subclass, and read at once by `entrypoint/pages/forms.py:form_of`.

    Texts have no blanks around them and line breaks as one character, and keep msgspec's limits. An int is a whole number,
    a bool a box that sends "yes" or nothing, Money an amount as people write it; `| None` may be left empty. A list has all values of
    the name, a dict those of all names that begin with its Prefix, another struct of fields its own. What does not fit is
    refused if a Mend says what to do about it, and has the default otherwise; so has what was not sent.
    """


class Label(NamedTuple):
    """What stands over the field, marked for translation: some sentences begin with it."""

    text: str


class Mend:
    """What to do if it does not fit the type and the limits before this, as an English text marked for translation, and
    the numbers in it."""

    def __init__(self, text: str, *numbers: int) -> None:
        self.text = text
        self.numbers = numbers

    def words(self, reader: Reader) -> str:
        """In the reader's language."""
        return reader.gettext(self.text) % self.numbers


class AmountMax(NamedTuple):
    """The largest amount that may be entered, in minor units."""

    amount: int


class Param(NamedTuple):
    """What a service calls the field when it refuses it, if not by the form's name for it."""

    name: str


class Prefix(NamedTuple):
    """What the names of a dict's or a struct's fields begin with."""

    text: str


class When:
    """Asked only while another field has one of these values: otherwise it has its default, whatever was sent."""

    def __init__(self, name: str, *values: str) -> None:
        self.name = name
        self.values = values or ("yes",)


RAW: Final = "raw"
"""Beside a text: exactly as it came, for passwords."""

MINOR: Final = "minor"
"""Beside Money: a hidden field in minor units, which may be 0."""

TAMPERED = N_("The form was tampered with. Open it anew.")
"""Of hidden fields, for which people can do nothing else."""

TOO_LONG = N_("Use at most %s characters.")

BOXES = {"yes": True, "no": False, "": False}

Units = Annotated[int, msgspec.Meta(ge=1, le=UNITS_MAX), Mend(N_("Enter a whole number from 1 to %s."), UNITS_MAX)]
"""How many of a listing."""


class Misfit(ValueError):
    """A text that is no value of its field; `words`, if there are any, say what to do about it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Field(NamedTuple):
    """A field as its struct declares it."""

    attribute: str
    """Of the struct."""
    name: str
    """In the form."""
    shape: Any
    """str for one text, list, dict, or a struct of fields."""
    bare: Any
    """The type of one value, without limits."""
    kinds: tuple[tuple[Any, Mend | None], ...]
    """The same with limits, and what to do about a value that does not keep them."""
    items_max: int | None
    """Of a list."""
    optional: bool
    """Whether it may be left empty, and is None then."""
    beside: tuple[Any, ...]
    default: Any

    def mark(self, kind: type[Any]) -> Any:
        """What stands beside the type, of one kind of mark; None if nothing does."""
        return next((one for one in self.beside if isinstance(one, kind)), None)

    @property
    def mend(self) -> Mend | None:
        """What to do about what is no value of the type at all."""
        mend: Mend | None = self.mark(Mend)
        return mend

    @property
    def label(self) -> str:
        """What stands over it."""
        label: Label | None = self.mark(Label)
        return label.text if label else ""

    @property
    def prefix(self) -> str:
        """What its fields' names begin with."""
        prefix: Prefix | None = self.mark(Prefix)
        return prefix.text if prefix else ""

    @property
    def param(self) -> str:
        """What services call it."""
        param: Param | None = self.mark(Param)
        return param.name if param else self.name


@cache
def fields_of(kind: type[Fields]) -> tuple[Field, ...]:
    """The fields of a form, as they are declared."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(declared, hints[declared.name]) for declared in msgspec.structs.fields(kind))


def _field(declared: msgspec.structs.FieldInfo, hint: Any) -> Field:
    bare, beside, optional = _bare(hint)
    shape: Any = str
    items_max = None
    if get_origin(bare) in (list, dict):
        shape = get_origin(bare)
        items_max = next((one.max_length for one in beside if isinstance(one, msgspec.Meta)), None)
        bare, inner, optional = _bare(get_args(bare)[-1])
        beside = (*inner, *(one for one in beside if not isinstance(one, msgspec.Meta)))
    elif isinstance(bare, type) and issubclass(bare, Fields):
        shape = Fields
    default = declared.default
    if declared.default_factory is not msgspec.NODEFAULT:
        default = declared.default_factory()
    kinds = _kinds(bare, beside)
    return Field(declared.name, declared.encode_name, shape, bare, kinds, items_max, optional, tuple(beside), default)


def _kinds(bare: Any, beside: tuple[Any, ...]) -> tuple[tuple[Any, Mend | None], ...]:
    """The type with the limits before each Mend; what follows the last one has none."""
    kinds: list[tuple[Any, Mend | None]] = []
    limits: list[msgspec.Meta] = []
    for one in (*beside, None):
        if isinstance(one, msgspec.Meta):
            limits.append(one)
        elif isinstance(one, Mend) or (one is None and (limits or not kinds)):
            kind: Any = Annotated[(bare, *limits)] if limits else bare
            kinds.append((kind, one))
            limits = []
    return tuple(kinds)


def _bare(hint: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """A type without what stands beside it, that, and whether the value may be missing."""
    beside: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *marks = get_args(hint)
        beside = tuple(marks)
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (one for one in get_args(hint) if one is not NoneType)
        bare, more, _ = _bare(inner)
        return bare, (*more, *beside), True
    return hint, beside, False


def value_of(field: Field, text: str, reader: Reader, currency: str) -> Any:
    """What a text says as the field's value; raises Misfit."""
    if field.optional and not text:
        return None
    if field.bare is bool:
        if text not in BOXES:
            raise Misfit(_words(field.mend, reader))
        return BOXES[text]
    if field.bare is Money:
        return _amount_of(field, text, reader, currency)
    if field.bare is int and not _is_number(text):
        raise Misfit(_words(field.mend, reader))
    value: Any = int(text) if field.bare is int else text
    for kind, mend in field.kinds:
        try:
            fitting = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            raise Misfit(_words(mend, reader)) from None
    return fitting


def _words(mend: Mend | None, reader: Reader) -> str:
    return mend.words(reader) if mend else ""


def _amount_of(field: Field, text: str, reader: Reader, currency: str) -> Money:
    if MINOR in field.beside:
        if not _is_number(text):
            raise Misfit("")
        return Money(min(int(text), AMOUNT_MAX), currency)
    try:
        amount = read_amount(text, currency)
    except AmountError as error:
        raise Misfit(mend_of(error, currency, reader)) from None
    most: AmountMax | None = field.mark(AmountMax)
    if most is not None and amount.amount > most.amount:
        raise Misfit(_words(field.mend, reader))
    return amount


def can_misfit(field: Field) -> bool:
    """Whether a text can be sent that is no value of the field."""
    limited = any(isinstance(one, msgspec.Meta) for one in field.beside)
    return field.shape is not Fields and (
        limited or field.bare in (bool, int, Money, UUID, date) or get_origin(field.bare) is not None
    )


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
