"""The template engine: autoescaping Jinja with words and formats of the current reader."""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Undefined, select_autoescape
from markupsafe import Markup, escape

from entrypoint.web.reader import Reader, current_reader
from souk.money import Money, exponent
from souk.recent import Recent

FRAGMENTS_MAX = 8192
"""Pieces of pages that are kept: some 2 KB each."""

WORDS_MAX = 4096
"""Words of templates that are kept, of all languages."""

_fragments = Recent[Hashable, Markup](FRAGMENTS_MAX)


@dataclass(frozen=True)
class Refused:
    """A control of a form that came back."""

    id: str
    label: str
    text: str
    """What is wrong, and how to mend it."""


_refused: ContextVar[list[Refused]] = ContextVar("refused")
"""The controls that the page being rendered shows with an error, in the page's order."""


def make_environment(folder: Path, static_url: Callable[[str], str]) -> Environment:
    """The engine over a folder of templates.

    Filters: `money`, `number`, `date`, `datetime`, `time`, `moment`, `ago`. Functions: `_`, `gettext`, `ngettext`, `static_url`,
    `kept(key, macro, …)`, `note_refused(id, label, text)` for controls with an error, and `refused_fields()`, which are those so far.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(default=True, default_for_string=True),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        undefined=Undefined,
        trim_blocks=False,
        auto_reload=False,  # a stat of every file, for every page; a shop is started anew with new templates
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext,
        _ngettext,
        newstyle=True,
    )
    environment.globals |= {"gettext": _words, "_": _words, "kept": kept}
    environment.filters |= {
        "money": _money,
        "places": exponent,
        "number": _number,
        "date": _date,
        "datetime": _datetime,
        "month": lambda value: current_reader.get().month(value),
        "time": lambda value: current_reader.get().time(value),
        "moment": lambda value: current_reader.get().moment(value),
        "ago": _ago,
    }
    environment.globals["static_url"] = static_url
    environment.globals["note_refused"] = _note_refused
    environment.globals["refused_fields"] = _refused.get
    return environment


def render(environment: Environment, reader: Reader, template: str, context: dict[str, Any]) -> str:
    """The template's text for a reader."""
    before, refused_before = current_reader.set(reader), _refused.set([])
    try:
        return environment.get_template(template).render(context)
    finally:
        _refused.reset(refused_before)
        current_reader.reset(before)


def _note_refused(id: str, label: str, text: str) -> None:
    _refused.get().append(Refused(id, escape(label).striptags(), text))


def kept(key: Hashable, make: Callable[..., Markup], *arguments: Any, **named: Any) -> Markup:
    """What the macro `make` gives for these arguments, rendered once for each reader's language and formats.

    `key` holds all that the macro reads: what changes has another key, so nothing old is ever shown. None: nothing is kept.
    """
    if key is None:
        return make(*arguments, **named)
    reader = current_reader.get()
    whole = (make.name, key, reader.language, reader.formats, arguments[1:], *named.items())  # type: ignore[attr-defined]
    found = _fragments.get(whole)
    if found is None:
        found = make(*arguments, **named)
        _fragments.put(whole, found)
    return found


def _words(message: str, /, **variables: Any) -> Markup:
    """`_()` in templates: the words in the reader's language, with what stands in them escaped."""
    translations = current_reader.get().translations
    return Markup(translations.gettext(message)) % variables if variables else _plain_words(translations, message)  # noqa: S704 - words of ours


@lru_cache(WORDS_MAX)
def _plain_words(translations: NullTranslations, message: str) -> Markup:
    return Markup(translations.gettext(message)) % {}  # noqa: S704 - words of ours


def _gettext(message: str) -> str:
    return current_reader.get().translations.gettext(message)


def _ngettext(one: str, many: str, count: int) -> str:
    return current_reader.get().translations.ngettext(one, many, count)


def _money(amount: Money | None) -> str:
    return current_reader.get().money(amount)


def _number(value: float) -> str:
    return current_reader.get().number(value)


def _date(value: date | datetime | None) -> str:
    return current_reader.get().date(value)


def _datetime(value: datetime | None) -> str:
    return current_reader.get().datetime(value)


def _ago(value: datetime | None) -> str:
    return current_reader.get().ago(value)
