"""What a table of sentences holds."""

from collections.abc import Mapping
from typing import NamedTuple

from entrypoint.web.marking import Plural


class Phrased(NamedTuple):
    """A sentence in which a phrase stands that is one of a few."""

    phrases: Mapping[str, Mapping[str, str]]
    """By the param's name: each key that it may have, with its marked text."""
    text: str


Sentence = str | Plural | Phrased
