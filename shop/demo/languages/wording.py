"""What a language must bring so that listings can be written in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """Words and sentences of one language. `labels` name attributes in descriptions; `facts` are things one
    says of a family of goods; openings may use {noun} and {brand}. The first three openings and the first
    fact of each family fit a new thing too; the last reason is for things that children outgrow."""

    colours: dict[str, str]
    in_colour: str
    materials: dict[str, str]
    labels: dict[str, str]
    size: str
    pieces: str
    subjects: tuple[str, ...]
    genres: tuple[str, ...]
    openings: tuple[str, ...]
    reasons: tuple[str, ...]
    conditions: dict[str, tuple[str, ...]]
    facts: dict[str, tuple[str, ...]]
    shipping: tuple[str, ...]
    closings: tuple[str, ...]


def table(keys: str, words: str) -> dict[str, str]:
    """Two lists with | between the items, as a dictionary."""
    return dict(zip(keys.split("|"), words.split("|"), strict=True))


COLOUR_KEYS = (
    "terracotta|teal|mustard|sage|navy|blush|plum|cream|brick|sky|olive|charcoal|coral|mint|lilac|ochre|forest|white"
)
MATERIAL_KEYS = "oak|walnut|beech|pine|wool|cotton|linen|leather|velvet|silk|stoneware|porcelain|earthenware|cast iron|steel|copper|silver|brass"
LABEL_KEYS = (
    "colour|material|size|year|storage|diagonal|capacity|length|height|power|pieces|frame|weight|diameter|charge"
)
