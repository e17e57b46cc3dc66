"""The languages that demo listings are written in."""

from shop.demo.languages import de, en, es, fr, pl
from shop.demo.languages.wording import Wording

WORDINGS: dict[str, Wording] = {"en": en.WORDS, "de": de.WORDS, "fr": fr.WORDS, "es": es.WORDS, "pl": pl.WORDS}

__all__ = ["WORDINGS", "Wording"]
