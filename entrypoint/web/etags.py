"""Validators of answers (RFC 9110, section 8.8): whoever has the answer already gets a few bytes instead of it."""

from hashlib import blake2b


def weak_etag(*parts: bytes) -> str:
    """The same for the same parts. Weak, because what is packed on its way is still the same answer."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8) + part)
    return f'W/"{digest.hexdigest()}"'


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether an `If-None-Match` names it, by the weak comparison (section 13.1.2)."""
    held = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return etag.removeprefix("W/") in held
