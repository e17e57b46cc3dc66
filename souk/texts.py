"""What people may type on one line."""

import unicodedata

import idna

from souk.errors import InvalidInput

UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))
"""What comes along when text is copied from pages, shows nothing and means nothing: left out."""

FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0")
"""Letters, marks and symbols that show nothing: a line of them looks empty."""

_JOINER, _NON_JOINER = "\u200d", "\u200c"


def line_of_text(field: str, text: str, *, required: bool = False) -> str:
    """One line, without blanks around it; raises InvalidInput for control characters, or if it is needed and empty."""
    clean = text.strip()
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in clean):
        raise InvalidInput(field, "may not contain line breaks or other control characters", code="control-characters")
    if required and not clean:
        raise InvalidInput(field, "is needed", code="needed")
    return clean


def shown_line(text: str) -> str | None:
    """A name or a title as it is kept: composed (NFC), single spaces, nothing unseen.

    None if it holds what does not show, or what turns the direction of its neighbours (Unicode's UTS #36, 2.5.1).
    """
    line = " ".join(unicodedata.normalize("NFC", text).translate(UNSEEN).split())
    hidden = any(unicodedata.category(char) in ("Cc", "Cf", "Cn", "Co", "Cs") for char in _without_joiners(line))
    return None if hidden or FILLERS & set(line) else line


def has_letter(line: str, *, or_digit: bool = False) -> bool:
    """Whether there is a letter (or a digit) in it; signs and pictures alone are no name."""
    kinds = "LN" if or_digit else "L"
    return any(unicodedata.category(char)[0] in kinds for char in line)


def _without_joiners(line: str) -> str:
    """The line without the joiners that are needed: where letters join (RFC 5892, A.1 and A.2), and inside an emoji."""
    return "".join(char for place, char in enumerate(line) if not _joins(line, place))


def _joins(line: str, place: int) -> bool:
    if line[place] not in (_JOINER, _NON_JOINER) or not 0 < place < len(line) - 1:
        return False
    before, after = line[place - 1], line[place + 1]
    if line[place] == _JOINER and _is_picture(before) and _is_picture(after):
        return True
    joining = {unicodedata.bidirectional(char) for char in (before, after)} <= {"AL", "NSM"}
    word_start = line.rfind(" ", 0, place) + 1
    word = line[word_start:].partition(" ")[0]
    return joining or _joins_in(word, place - word_start)


def _joins_in(word: str, place: int) -> bool:
    try:
        return idna.core.valid_contextj(word, place)
    except (idna.IDNAError, ValueError):
        return False


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk", "Mn")
