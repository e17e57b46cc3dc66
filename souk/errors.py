"""What every rule's exception has in common; mapped once to RFC 9457 problem details by `souk.http`."""

from typing import Any, ClassVar


class RuleBroken(Exception):
    """A rule of the shop was broken by the caller; nothing was changed.

    Subclasses stand beside their rule and set `status` (HTTP) and `title`; `code` names the rule in URLs and
    logs. The message says what is wrong, what did not happen, and what to do. `fields` carries what the caller
    needs to mend it, as JSON values; the key `errors` holds a list of `{"field", "message"}` for bad input.
    """

    status: ClassVar[int] = 409
    title: ClassVar[str] = "That is not possible"

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields

    @property
    def code(self) -> str:
        """The rule's name in kebab-case, e.g. `insufficient-funds`."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


class NotFound(RuleBroken):
    """There is no such thing, or it is not the caller's to see."""

    status = 404
    title = "Not found"


class Forbidden(RuleBroken):
    """The caller is known but may not do this."""

    status = 403
    title = "Not allowed"


class Unauthenticated(RuleBroken):
    """The caller must log in first."""

    status = 401
    title = "Log in first"


class InvalidInput(RuleBroken):
    """A field has a value that cannot be used."""

    status = 422
    title = "Check what you entered"

    def __init__(self, field: str, message: str, **fields: Any) -> None:
        super().__init__(f"{field}: {message}", errors=[{"field": field, "message": message}], **fields)


class KeyReused(RuleBroken):
    """An `Idempotency-Key` stands for one request: it was used before, with other content."""

    title = "The key was used for another request"


class Unavailable(RuleBroken):
    """Something Souk needs does not answer just now; trying again later may work."""

    status = 503
    title = "Not available just now"
