"""Email addresses: what one is, and which spellings are one mailbox."""

import hashlib
import re
import unicodedata
from string import ascii_lowercase, ascii_uppercase

import idna

EMAIL_LENGTH_MAX = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets; in octets, as they travel."""

LOCAL_LENGTH_MAX = 64
"""RFC 5321, section 4.5.3.1.1; in octets."""

_ATOM = r"(?:[\w!#$%&'*+/=?^`{|}~-]|[^\x00-\x7f])+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
"""RFC 5322, section 3.2.3, with RFC 6531's letters beyond ASCII."""

_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def clean_email(text: str) -> str | None:
    """The address without space around it, or None if no mail can be sent there. Only mail itself could prove it."""
    email = unicodedata.normalize("NFC", text.strip())
    local, at, domain = email.rpartition("@")
    wire = _wire_domain(domain)
    if not at or wire is None or not email.isprintable() or not _LOCAL.fullmatch(local):
        return None
    octets = len(local.encode())
    return email if octets <= LOCAL_LENGTH_MAX and octets + 1 + len(wire) <= EMAIL_LENGTH_MAX else None


def email_key(email: str) -> str:
    """What two spellings of one address have in common: the domain as it travels, and the letters A to Z in one case.

    The local part is its host's alone to fold (RFC 5321, section 2.4): `ß` is not `ss`. But no host is known that tells
    `Ada` from `ada`, and people write either.
    """
    local, _, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    return f"{local.translate(_ASCII_LOWER)}@{_wire_domain(domain) or domain.casefold()}"


def wire_address(email: str) -> str:
    """The address as it travels: its domain in Punycode (RFC 5891), which servers take that know ASCII only."""
    local, _, domain = email.rpartition("@")
    return f"{local}@{_wire_domain(domain) or domain}"


def mark_of(email: str) -> str:
    """What stands for an address among services that need not know it: SHA-256 of its key, hex."""
    return hashlib.sha256(email_key(email).encode(errors="replace")).hexdigest()


def _wire_domain(domain: str) -> str | None:
    """The domain by IDNA 2008 (with UTS #46's mapping), or None if it is none that mail can be sent to."""
    try:
        wire = idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None
    name, _, last = wire.rpartition(".")
    return wire.lower() if name and last and not last.isdigit() else None
