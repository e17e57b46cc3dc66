"""`Idempotency-Key`: the caller's own name for a request, so that repeating it does nothing twice.

As draft-ietf-httpapi-idempotency-key-header says, the value is a string of RFC 8941, in quotes; most clients send it
without, and both name the same thing.
"""

import re

from litestar.params import ParameterKwarg

from souk.errors import InvalidInput

KEY_HEADER = "Idempotency-Key"
KEY_CHARS_MAX = 255

_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_PLAIN = re.compile(rf"[\x21-\x7e]{{1,{KEY_CHARS_MAX}}}")
_TEXT = re.compile(rf"(?=.*[\x21-\x7e])[\x20-\x7e]{{1,{KEY_CHARS_MAX}}}")
"""What quotes may hold besides: blanks between visible characters."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def key_parameter(description: str) -> ParameterKwarg:
    """The header as a route's parameter; what was sent is read with `read_key`."""
    return ParameterKwarg(
        header=KEY_HEADER,
        description=f"{description} 1 to {KEY_CHARS_MAX} visible characters, such as a UUID.",
        schema_extra={"minLength": 1, "maxLength": KEY_CHARS_MAX, "pattern": "^[!-~]+$"},
    )


def read_key(sent: str) -> str:
    """The key, without the quotes around it; a UUID in small letters. Raises InvalidInput that names the header."""
    quoted = _QUOTED.fullmatch(sent.strip())
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else sent.strip()
    if not (_TEXT if quoted else _PLAIN).fullmatch(key):
        raise InvalidInput(
            KEY_HEADER,
            "Send 1 to {most} visible characters (ASCII), such as a UUID.",
            code="unusable-key",
            most=KEY_CHARS_MAX,
        )
    return key.lower() if _UUID.fullmatch(key) else key
