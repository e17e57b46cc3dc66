"""Headers that every response carries (ASVS 5.0 V3.4), and the cookies of a page request."""

from litestar.types import Message, Scope

from entrypoint.context.parts import Parts

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HSTS = "max-age=63072000; includeSubDomains"

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    # Whatever may be kept says so itself.
    "cache-control": "no-store",
}


class Headers:
    """Before-send hook: also errors and unmatched routes pass here."""

    def __init__(self, parts: Parts) -> None:
        secure = {"strict-transport-security": HSTS} if parts.settings.secure else {}
        named = {"content-security-policy": CSP} | HEADERS | secure
        self._headers = [(name.encode(), value.encode()) for name, value in named.items()]

    async def __call__(self, message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = [*message["headers"]]
        there = {name.lower() for name, _ in headers}
        headers += [each for each in self._headers if each[0] not in there]
        ctx = scope.get("state", {}).get("ctx")
        if ctx is not None:
            headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in ctx.outgoing_cookies()]
        message["headers"] = headers
