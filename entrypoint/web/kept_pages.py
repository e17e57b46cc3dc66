"""Pages of visitors, kept as they were rendered: whoever is told the same, in the same words, gets the same page."""

import secrets
import zlib
from hashlib import blake2b
from typing import Any

import msgspec
from markupsafe import Markup

from souk.recent import Recent

PAGES_MAX = 2048
"""Pages that are kept, some 6 to 10 KB each as they are packed."""

PACKING = 4
"""zlib's level: unpacking 70 KB takes 0.1 ms, rendering them 3."""


def digest_of(*told: Any) -> bytes:
    """Stands for what is told, be it structs, lists or texts: whatever differs has another digest."""
    return blake2b(msgspec.json.encode(told), digest_size=16).digest()


class KeptPages:
    """The pages by the digest of all that they tell, so that nothing has to be said when something changes."""

    def __init__(self) -> None:
        self._pages = Recent[bytes, bytes](PAGES_MAX)
        self.token_field = Markup(f"<{secrets.token_hex(16)}>")  # noqa: S704 - ours, and nobody can know it
        """Stands in a kept page where its reader's token against forged requests comes."""

    def find(self, digest: bytes, token_field: str) -> bytes | None:
        """A kept page for its reader."""
        packed = self._pages.get(digest)
        return None if packed is None else self._filled(zlib.decompress(packed), token_field)

    def keep(self, digest: bytes, html: str, token_field: str) -> bytes:
        """Keep a page that was rendered with `self.token_field`, and give it for its reader."""
        whole = html.encode()
        self._pages.put(digest, zlib.compress(whole, PACKING))
        return self._filled(whole, token_field)

    def _filled(self, html: bytes, token_field: str) -> bytes:
        return html.replace(self.token_field.encode(), token_field.encode())
