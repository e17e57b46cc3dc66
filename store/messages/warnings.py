"""What in a message may lead somebody away from where their money is held: told beside it, never hidden or refused.

Nobody is accused by it: a telephone number may be just what the other asked for. So it is better to miss one than to warn of
prices, sizes and dates, for people stop reading warnings that are wrong.
"""

import re
from functools import lru_cache

from souk.contracts.store.messages import Warned

KNOWN_MAX = 2000
"""Messages of which the answer is remembered: the patterns cost a page of fifty some ten milliseconds, each time anew."""

_DATE = re.compile(r"\b(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2}))\b")
_TIMES = re.compile(r"\b\d{1,4}\s*(?:[x×*]\s*\d{1,4}\s*)+", re.IGNORECASE)
"""Sizes: 190 x 90 x 2000."""
_PHONE = re.compile(
    r"(?<![\w.,+-])(?:(?:\+|00)[1-9][\d ()/.-]{6,20}\d|\(?0[1-9]\d{0,4}\)?[\d /-]{5,16}\d|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4})(?![\w,])"
)
_DIGITS_MIN, _DIGITS_MAX = 8, 15
"""Of a telephone number with its area (E.164 ends at 15); shorter ones are codes and years, longer ones follow parcels."""

# A name begins where nothing of one stands before it, and ends (RFC 5321): else a long word is looked through from each of its letters.
_EMAIL = re.compile(
    r"(?<![\w.+-])(?:[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|\w[\w.+-]{0,63}\s?[(\[{]\s?(?:at|ät|@)\s?[)\]}]\s?\w[\w-]*)",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_LINK = re.compile(
    r"\bhttps?://\S|\bwww\.\w|(?<![@\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:(?:com|net|org|info|shop|eu)\b|[a-z]{2,6}/\w)"
)
_ELSEWHERE = re.compile(
    r"\b(?:whats\s?app|telegram|viber|wechat|snapchat|instagram|facebook|skype|imessage|t\.me|wa\.me)\b", re.IGNORECASE
)
_PAYMENT = re.compile(
    r"\b(?:pay\s?pal|western union|money\s?gram|revolut|venmo|cash\s?app|zelle|bizum|blik|bitcoins?|crypto\w*|usdt"
    r"|gift\s?cards?|(?:bank|wire|money)\s?transfers?|iban|sort code|bank (?:account|details)"
    r"|pay (?:me )?(?:directly|outside|upfront|in advance|by bank|by card|cash)"
    r"|(?:outside|off|without|around) (?:of )?(?:souk|the (?:site|shop|platform|app|market))"
    r"|überweis\w*|vorkasse|bankverbindung|kontonummer|außerhalb (?:von|der)"
    r"|virement|coordonnées bancaires|hors (?:du )?site"
    r"|transferencia|cuenta bancaria|fuera de la (?:web|página|aplicación)"
    r"|przelew\w*|numer konta|poza (?:serwisem|stroną))\b",
    re.IGNORECASE,
)


@lru_cache(KNOWN_MAX)
def warned_of(words: str) -> tuple[Warned, ...]:
    """What a reader should think about before they do what the message asks for, in a fixed order."""
    without_ibans = _IBAN.sub(lambda each: " " if _is_iban(each[0]) else each[0], words)
    found: dict[Warned, bool] = {
        "payment": bool(_PAYMENT.search(words)),
        "iban": without_ibans != words,
        "phone": _has_phone(without_ibans),
        "email": bool(_EMAIL.search(words)),
        "elsewhere": bool(_ELSEWHERE.search(words)),
        "link": bool(_LINK.search(_EMAIL.sub(" ", words.lower()))),
    }
    return tuple(kind for kind, is_there in found.items() if is_there)


def _has_phone(words: str) -> bool:
    left = _TIMES.sub(" ", _DATE.sub(" ", words))
    numbers = (re.sub(r"\D", "", each[0]) for each in _PHONE.finditer(left))
    return any(_DIGITS_MIN <= len(number) <= _DIGITS_MAX for number in numbers)


def _is_iban(text: str) -> bool:
    """Whether the check digits are right (ISO 13616: the number modulo 97 is 1), of the text or of how it begins."""
    whole = re.sub(r"[ -]", "", text).upper()
    return any(_checks(whole[:end]) for end in range(len(whole), 14, -1))


def _checks(iban: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1
