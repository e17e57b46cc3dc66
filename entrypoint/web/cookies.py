"""Cookies and what is signed in them."""

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from http.cookies import SimpleCookie

from souk.settings import Settings


class Signer:
    """Signs short values that a browser keeps for us. The key is derived from one all instances have already."""

    def __init__(self, settings: Settings) -> None:
        self._key = hashlib.sha256(b"souk cookies\0" + settings.identity_private_key.encode()).digest()

    def sign(self, purpose: str, value: bytes) -> str:
        """The value with its signature, as text that a cookie may hold."""
        return f"{_encode(value)}.{_encode(self._mac(purpose, value))}"

    def read(self, purpose: str, signed: str) -> bytes | None:
        """The value, or None if we did not sign it for this purpose."""
        text, _, mac = signed.partition(".")
        try:
            value, given = _decode(text), _decode(mac)
        except (binascii.Error, ValueError):
            return None
        return value if hmac.compare_digest(self._mac(purpose, value), given) else None

    def _mac(self, purpose: str, value: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + value, "sha256")


def set_cookie(name: str, value: str, *, secure: bool, lasts: timedelta | None = None) -> str:
    """A Set-Cookie header: for this host and all its paths, out of scripts' reach, not sent along from other sites.

    Without `lasts` the browser keeps it until it is closed; zero removes it.
    """
    jar = SimpleCookie()
    jar[name] = value
    morsel = jar[name]
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    if secure:
        morsel["secure"] = True
    if lasts is not None:
        morsel["max-age"] = int(lasts.total_seconds())
    return morsel.OutputString()


def cookie_name(name: str, *, secure: bool) -> str:
    """`__Host-` ties a cookie to exactly this host over https; browsers refuse the prefix over http."""
    return f"__Host-{name}" if secure else name


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
