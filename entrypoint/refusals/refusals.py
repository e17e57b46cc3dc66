"""A refusal as people read it: the sentence for its code, in the reader's language, money and times in the reader's way."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from entrypoint.refusals.catalogue import SENTENCES as CATALOGUE
from entrypoint.refusals.entrypoint import SENTENCES as ENTRYPOINT
from entrypoint.refusals.payment import SENTENCES as PAYMENT
from entrypoint.refusals.sentences import Phrased, Sentence
from entrypoint.refusals.shared import SENTENCES as SHARED
from entrypoint.refusals.store import SENTENCES as STORE
from entrypoint.web.marking import Plural
from entrypoint.web.reader import Reader
from souk.errors import RuleBroken
from souk.money import Money

TABLES = (SHARED, CATALOGUE, STORE, PAYMENT, ENTRYPOINT)
SENTENCES: Mapping[str, Sentence] = {code: known for table in TABLES for code, known in table.items()}
"""By the refusal's code. What stands in one are the refusal's params, `{until:date}` for a day, `{first:year}` for a
year, and `{label}` for what stands over the field."""


def message_of(reader: Reader, refusal: RuleBroken) -> str:
    """What was refused, as a sentence; in the service's English if there is none for its code."""
    errors = refusal.fields.get("errors") or [{}]
    label = str(errors[0].get("field", ""))
    told = sentence(reader, refusal.code, refusal.params, label)
    english = refusal.message.removeprefix(f"{label}: ")  # before a whole sentence nobody needs the field's name
    return told or (refusal.message if english[:1].islower() else english) or refusal.title


def field_message(reader: Reader, error: Mapping[str, Any], label: str = "") -> str:
    """What is wrong with one field, of a refusal's `errors`; `label` is what stands over the field."""
    code, params, message = error.get("code", ""), error.get("params", {}), str(error.get("message", ""))
    if told := sentence(reader, code, params, label):
        return told
    unfinished = label and message[:1].islower()  # some say only "is needed" of a field
    return f"{label} {message.removesuffix('.')}." if unfinished else message


def sentence(reader: Reader, code: str, params: Mapping[str, Any], label: str = "") -> str:
    """What the code says; empty if there is no sentence for it, or if that says what the params do not have."""
    known = SENTENCES.get(code)
    if known is None:
        return ""
    phrases, text = known if isinstance(known, Phrased) else ({}, known)
    try:
        shown = {name: _Shown(reader, value) for name, value in params.items()}
        for name, choice in phrases.items():
            shown[name] = _Shown(reader, reader.gettext(choice[params[name]]))
        if isinstance(text, Plural):
            text = reader.translations.ngettext(text.one, text.many, params[text.by])
        else:
            text = reader.gettext(text)
        return text.format_map(shown | {"label": label})
    except (LookupError, AttributeError, TypeError, ValueError, msgspec.ValidationError):
        return ""


class _Shown:
    """A param in a sentence, in the reader's way."""

    def __init__(self, reader: Reader, value: Any) -> None:
        self._reader = reader
        self._value = value

    def __format__(self, how: str) -> str:
        reader, value = self._reader, self._value
        if how == "date":
            return reader.date(datetime.fromisoformat(value))
        if how == "year":  # 2026, not 2,026
            return str(value)
        if isinstance(value, dict):
            return reader.money(msgspec.convert(value, Money))
        return reader.number(value) if isinstance(value, int | float) else str(value)
