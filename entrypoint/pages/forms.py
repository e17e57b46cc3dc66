"""Forms that also send files, and fields that may be sent more than once."""

from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict

from entrypoint.context.layout import PageRequest
from entrypoint.pages.inputs import Form
from souk.money import Money


class SentForm(Form):
    """A form as `Form` has it, with all values of a name and its files."""

    def __init__(self, sent: FormMultiDict) -> None:
        self._sent = sent
        texts = ((name, value) for name, value in sent.multi_items() if isinstance(value, str))
        super().__init__({name: value.replace("\x00", "") for name, value in texts})

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def texts(self, name: str) -> list[str]:
        """All texts sent under one name."""
        return [value.replace("\x00", "").strip() for value in self._sent.getall(name, []) if isinstance(value, str)]

    def files(self, name: str) -> list[UploadFile]:
        """The files chosen under one name."""
        return [value for value in self._sent.getall(name, []) if isinstance(value, UploadFile)]


async def sent_form(request: PageRequest) -> SentForm:
    """The form that was sent, files included."""
    return SentForm(await request.form())


def money_text(amount: Money | None) -> str:
    """An amount as a field shows it for editing: 1234.50."""
    return "" if amount is None else f"{amount.decimal():f}"
