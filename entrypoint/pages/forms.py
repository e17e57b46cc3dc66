"""Forms: what people typed, read at once as it is declared, and what was wrong with it beside its field."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict

from entrypoint.context.layout import PageRequest
from entrypoint.context.request_context import context_of
from entrypoint.pages.fields import RAW, TAMPERED, Field, Fields, Misfit, When, fields_of, value_of
from entrypoint.refusals.refusals import field_message, message_of
from entrypoint.web.reader import Reader
from souk.errors import InvalidInput, RuleBroken
from souk.money import Money

FieldsT = TypeVar("FieldsT", bound=Fields)
OtherT = TypeVar("OtherT", bound=Fields)


class Form:
    """A form's fields as a page shows them, and the errors beside them; templates show both again after a refusal."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._texts = {name: [value] for name, value in values.items()}
        self.errors: dict[str, str] = {}
        """By the field's name."""
        self.notice = ""
        """What is wrong with the form as a whole."""
        self.status = 200
        """What to answer with."""

    @property
    def texts(self) -> Mapping[str, list[str]]:
        """All its texts as they came, by the fields' names."""
        return self._texts

    def text(self, name: str) -> str:
        """What the field shows: what was typed, without blanks around it."""
        return self._raw(name).replace("\x00", "").strip()

    def refuse(self, name: str, message: str) -> None:
        """Note beside a field what is wrong with it, where that takes more to know than the field itself."""
        self.errors.setdefault(name, message)
        self.status = 422

    def _raw(self, name: str) -> str:
        return self._texts.get(name, [""])[-1]


class SentForm(Form, Generic[FieldsT]):
    """A form that was sent. Of several values of one name the last counts, where not all do."""

    def __init__(self, kind: type[FieldsT], sent: FormMultiDict, reader: Reader, currency: str) -> None:
        super().__init__({})
        for name, value in sent.multi_items():
            if isinstance(value, str):
                # UTF-7 can hold halves of characters, which nothing else can write
                self._texts.setdefault(name, []).append(value.encode(errors="replace").decode())
        self._sent = sent
        self._reader = reader
        self._currency = currency
        self._kinds: list[type[Fields]] = []
        self.labels: dict[str, str] = {}
        """What stands over fields whose names nobody knows beforehand, by their names."""
        self.entry = self.read(kind)
        """What was entered; None if something does not fit, and the form then says what."""

    @property
    def entered(self) -> FieldsT:
        """What was entered, where no page shows the form again: then something does not fit only if it was tampered with.
        Raises InvalidInput."""
        if self.entry is None:
            raise InvalidInput("form", "The form was tampered with. Open it anew.", code="form-tampered-with")
        return self.entry

    def files(self, name: str) -> list[UploadFile]:
        """The files chosen under one name."""
        return [value for value in self._sent.getall(name, []) if isinstance(value, UploadFile) and value.filename]

    def read(self, kind: type[OtherT], prefix: str = "") -> OtherT | None:
        """The form, or a part of it whose names begin with `prefix`, as a struct declares it; otherwise None, and beside
        each field that does not fit stands what to do about it."""
        if not prefix and kind not in self._kinds:
            self._kinds.append(kind)
        values = {field.attribute: self._value(field, prefix) for field in fields_of(kind)}
        return None if msgspec.NODEFAULT in values.values() else kind(**values)

    def blame(self, error: RuleBroken) -> None:
        """Put what was refused beside the fields that it names, and what names none of the form's above the form."""
        self.status = error.status
        placed = False
        for item in error.fields.get("errors", ()):
            places = (_place_of(kind, item.get("field", "")) for kind in self._kinds)
            if (place := next((one for one in places if one is not None), None)) is not None:
                name, label = place
                placed = True
                label = self.labels.get(name, "") or (self._reader.gettext(label) if label else "")
                self.errors.setdefault(name, field_message(self._reader, item, label))
        if not placed:
            self.notice = message_of(self._reader, error)

    def _value(self, field: Field, prefix: str) -> Any:
        """A declared field's value; NODEFAULT if it was refused."""
        asked: When | None = field.mark(When)
        if asked is not None and self.text(asked.name) not in asked.values:
            return field.default
        if field.shape is Fields:
            value = self.read(field.bare, prefix + field.prefix)
            return msgspec.NODEFAULT if value is None else value
        if field.shape is dict:
            return self._by_key(field)
        if field.shape is list:
            read = [self._read(field, prefix + field.name, text, None) for text in self._texts.get(field.name, ())]
            return [value for value in read if value is not None][: field.items_max]
        name = prefix + field.name
        if name not in self._texts and field.default is not msgspec.NODEFAULT and asked is None:
            return field.default
        return self._read(field, name, self._raw(name), field.default)

    def _by_key(self, field: Field) -> Any:
        """What was sent under all names that begin with the field's prefix; NODEFAULT if any of it was refused."""
        names = [name for name in self._texts if name.startswith(field.prefix)]
        values = {
            name.removeprefix(field.prefix): self._read(field, name, self._raw(name), msgspec.UNSET) for name in names
        }
        if msgspec.NODEFAULT in values.values():
            return msgspec.NODEFAULT
        return {key: value for key, value in values.items() if value is not msgspec.UNSET}

    def _read(self, field: Field, name: str, raw: str, default: Any) -> Any:
        text = raw if RAW in field.beside else raw.replace("\x00", "").replace("\r\n", "\n").strip()
        try:
            return value_of(field, text, self._reader, self._currency)
        except Misfit as misfit:
            if misfit.words:
                self.refuse(name, misfit.words)
                return msgspec.NODEFAULT
            if default is msgspec.NODEFAULT:
                self.notice = self._reader.gettext(TAMPERED)
                self.status = 422
            return default


def _place_of(kind: type[Fields], path: str) -> tuple[str, str] | None:
    """The form's field that a service calls `path`, such as `billing.address.city`, and its label; None if it has none."""
    head, _, rest = path.partition(".")
    fields = fields_of(kind)
    for part in (field for field in fields if field.shape is Fields and field.param == head):
        if (place := _place_of(part.bare, rest)) is not None:
            return part.prefix + place[0], place[1]
    last = path.rpartition(".")[2]
    for field in fields:
        if field.shape is dict and field.param == head:
            return (field.prefix + last if rest else field.name), field.label
        if field.shape in (str, list) and field.param == last:
            return field.name, field.label
    return None


async def form_of(request: PageRequest, kind: type[FieldsT]) -> SentForm[FieldsT]:
    """The form that was sent, read as it is declared."""
    ctx = context_of(request)
    return SentForm(kind, await request.form(), ctx.reader, ctx.parts.settings.currency)


def query_of(request: PageRequest, kind: type[FieldsT]) -> SentForm[FieldsT]:
    """The same of a form that is sent in the address, as those are that only ask for a page."""
    ctx = context_of(request)
    return SentForm(kind, FormMultiDict(request.query_params), ctx.reader, ctx.parts.settings.currency)


def money_text(amount: Money | None) -> str:
    """An amount as a field shows it for editing: 1234.50."""
    return "" if amount is None else f"{amount.decimal():f}"
