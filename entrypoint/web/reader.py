"""Languages, and amounts and times as a reader is used to them."""

import datetime as dt
import math
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.support import Translations

from souk.clock import Clock
from souk.money import Money, exponent

DEFAULT_LANGUAGE = "en"
DEFAULT_FORMATS = "en_GB"
"""How amounts and dates look in English if the reader's browser names no region."""

FRESH = dt.timedelta(hours=1)
"""Until when "5 minutes ago" says more than a time."""

ACCEPTED_MAX = 10

FORMATTED_MAX = 4096
"""Amounts and numbers whose text is remembered: a page shows many, and the same ones again and again."""


@lru_cache(FORMATTED_MAX)
def _money(amount: Money, formats: str) -> str:
    # The places of ISO 4217, which the ledger counts in; CLDR's own leave out those that a country no longer uses.
    pattern = Locale.parse(formats).currency_formats["standard"]
    places = exponent(amount.currency)
    return str(
        pattern.apply(
            amount.decimal(), formats, currency=amount.currency, currency_digits=False, force_frac=(places, places)
        )
    )


@lru_cache(FORMATTED_MAX)
def _number(value: float, formats: str) -> str:
    return str(format_decimal(value, locale=formats))


@dataclass(frozen=True)
class Reader:
    """Who reads: the language of words, the region of formats, the zone of times."""

    language: str
    formats: str
    zone: ZoneInfo
    translations: NullTranslations
    now: dt.datetime
    """When the request came; what "this year" and "ago" are measured from."""
    country: str = ""
    """Where they live (ISO 3166-1 alpha-2); empty if nobody knows."""

    @property
    def tag(self) -> str:
        """How the reader reads, to be kept: en-GB (BCP 47)."""
        return self.formats.replace("_", "-")

    @property
    def today(self) -> dt.date:
        """The day, where the reader is."""
        return self.now.astimezone(self.zone).date()

    def money(self, amount: Money | None) -> str:
        """€42.00, in the reader's way."""
        if amount is None:
            return ""
        return _money(amount, self.formats)

    def listed(self, texts: Sequence[str]) -> str:
        """ "a, b and c"."""
        return str(format_list(list(texts), locale=self.formats))

    def number(self, value: float) -> str:
        """1,234 in the reader's way."""
        return _number(value, self.formats)

    def date(self, value: dt.date | dt.datetime | None) -> str:
        """Thu 4 Dec, with the year if it is not this one."""
        if value is None:
            return ""
        local = self._local(value)
        this_year = local.year == self.now.astimezone(self.zone).year
        return str(format_skeleton("MMMEd" if this_year else "yMMMd", local, locale=self.formats))

    def month(self, value: dt.date) -> str:
        """December 2026."""
        return str(format_skeleton("yMMMM", value, locale=self.formats))

    def time(self, value: dt.datetime) -> str:
        """14:05."""
        half_days = "a" in Locale.parse(self.formats).time_formats["short"].pattern
        skeleton = "hm" if half_days else "Hm"
        return str(format_skeleton(skeleton, value, tzinfo=self.zone, locale=self.formats))

    def datetime(self, value: dt.datetime | None) -> str:
        """Thu 4 Dec, 14:05."""
        return f"{self.date(value)}, {self.time(value)}" if value is not None else ""

    def moment(self, value: dt.datetime) -> str:
        """Thu 4 Dec, 14:05:06.789, on a clock of 24 hours: for operators, who compare moments."""
        local = value.astimezone(self.zone)
        return f"{self.date(value)}, {local:%H:%M:%S}.{local.microsecond // 1000:03}"

    def ago(self, value: dt.datetime | None) -> str:
        """ "5 minutes ago" while it is fresh, else the date and time."""
        if value is None:
            return ""
        passed = self.now - value
        if not dt.timedelta() <= passed < FRESH:
            return self.datetime(value)
        return str(format_timedelta(-passed, add_direction=True, threshold=1, locale=self.language))

    def lasting(self, seconds: float) -> str:
        """How long something takes: "20 seconds", "3 minutes", never less than it is."""
        whole = math.ceil(seconds)
        for unit in (60, 3600):
            whole = -(-whole // unit) * unit if whole >= 2 * unit else whole
        return str(format_timedelta(dt.timedelta(seconds=whole), threshold=2, locale=self.language))

    def gettext(self, message: str) -> str:
        """The message in the reader's language."""
        return self.translations.gettext(message)

    def _local(self, value: dt.date | dt.datetime) -> dt.date | dt.datetime:
        return value.astimezone(self.zone) if isinstance(value, dt.datetime) else value


class Languages:
    """The languages that the shop speaks: English, and every catalog in `locale/`."""

    def __init__(self, folder: Path, time_zone: str, clock: Clock) -> None:
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        found = sorted(file.parts[-3] for file in folder.glob("*/LC_MESSAGES/messages.mo"))
        self._catalogs: dict[str, NullTranslations] = {DEFAULT_LANGUAGE: NullTranslations()}
        for code in found:
            self._catalogs[code] = Translations.load(folder, [code])

    @property
    def choices(self) -> list[dict[str, str]]:
        """Code and own name of each language; empty if there is nothing to choose."""
        if len(self._catalogs) < 2:
            return []
        return [{"code": code, "name": Locale.parse(code).get_display_name(code) or code} for code in self._catalogs]

    def knows(self, code: str) -> bool:
        """Whether the shop speaks it."""
        return code in self._catalogs

    def reader(self, chosen: str, accept_language: str) -> Reader:
        """Who reads: what they chose, else what their browser asks for (RFC 9110, section 12.5.4), else English."""
        accepted = _accepted(accept_language)
        wanted = [chosen, *(locale.language for locale in accepted)]
        language = next((code for code in wanted if code in self._catalogs), DEFAULT_LANGUAGE)
        fallback = DEFAULT_FORMATS if language == DEFAULT_LANGUAGE else language
        formats = next((str(item) for item in accepted if item.language == language and item.territory), fallback)
        return Reader(language, formats, self._zone, self._catalogs[language], self._clock.now())


def _accepted(header: str) -> list[Locale]:
    ranked: list[tuple[float, int, Locale]] = []
    for place, item in enumerate(header.split(",")[:ACCEPTED_MAX]):
        tag, _, quality = item.strip().partition(";q=")
        try:
            ranked.append((-float(quality or 1), place, Locale.parse(tag.strip(), sep="-")))
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return [locale for _, _, locale in sorted(ranked, key=lambda entry: entry[:2])]


current_reader: ContextVar[Reader] = ContextVar("current_reader")
"""Who reads what is rendered now; templates' filters and words follow it, also inside imported macros."""
