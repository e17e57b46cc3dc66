"""Texts that people type, and what addresses make of them."""

import re
import unicodedata

from souk.errors import InvalidInput

SLUG_CHARS_MAX = 80


def plain_text(field: str, text: str) -> str:
    """The text in Unicode's composed form; raises InvalidInput if it holds what no database or page can show."""
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise InvalidInput(field, "It holds characters that cannot be shown. Type it anew.", code="unseen-characters")
    return unicodedata.normalize("NFC", text)


def slug_of(title: str) -> str:
    """The title in ASCII for an address, e.g. `Łódź lamp №5` → `lodz-lamp-no5`; `listing` if nothing is left of it."""
    folded = unicodedata.normalize("NFKD", title).casefold()
    latin = "".join(_LATIN.get(character, character) for character in folded)
    ascii_only = latin.encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    return words[:SLUG_CHARS_MAX].rstrip("-") or "listing"


def _table(pairs: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in pairs.split()}


_LATIN = _table(
    "ßss øo łl đd ðd þth æae œoe ħh ıi ŧt "
    "аa бb вv гg дd еe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ьʹ эe юyu яya іi єie ґg ђdj јj љlj њnj ћc џdz "
    "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"
)
