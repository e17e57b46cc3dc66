"""What every rule's exception has in common; mapped once to RFC 9457 problem details by `souk.http`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

import msgspec


class Choice:
    """One of a few phrases in a refusal's words: told in English in `detail`, by its key in `params`."""

    def __init__(self, phrases: Mapping[str, str], key: str) -> None:
        self.key = key
        self._phrase = phrases[key]

    def __str__(self) -> str:
        return self._phrase


class RuleBroken(Exception):
    """A rule of the shop was broken by the caller; nothing was changed.

    Subclasses stand beside their rule and set `status` (HTTP) and `title`. The message says in English what is wrong,
    what did not happen, and what to do; what stands in it, as `{most}`, is named in `params`, with whatever else
    the caller needs to mend it. People read a sentence that the entrypoint has for `code`: if a class is raised
    with several texts, each brings a code of its own. `errors` are for bad input, each made by `fault`.
    """

    status: ClassVar[int] = 409
    title: ClassVar[str] = "That is not possible"
    members: ClassVar[tuple[str, ...]] = ()
    """Params that also stand at the problem's top, where programs have always read them."""

    def __init__(
        self, message: str, /, *, code: str = "", errors: Sequence[Mapping[str, Any]] = (), **params: Any
    ) -> None:
        self.message = _filled(message, params)
        super().__init__(self.message)
        self.code = code or self.rule
        self.params = _json(params)
        """As JSON values."""
        self.fields: dict[str, Any] = {name: self.params[name] for name in self.members if name in params}
        """The problem's extension members besides `code` and `params`."""
        if errors:
            self.fields["errors"] = list(errors)

    @property
    def rule(self) -> str:
        """The rule's name in kebab-case, e.g. `insufficient-funds`: what the problem's type ends with, and logs say."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


def fault(field: str, message: str, /, *, code: str, **params: Any) -> dict[str, Any]:
    """What is wrong with one field, as `errors` of a refusal hold it."""
    return {"field": field, "message": _filled(message, params), "code": code, "params": _json(params)}


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
    """A field has a value that cannot be used. `code` and `params` are the field's."""

    status = 422
    title = "Check what you entered"
    members = ("left",)

    def __init__(self, field: str, message: str, /, *, code: str, **params: Any) -> None:
        super().__init__(message, code=code, errors=[fault(field, message, code=code, **params)], **params)
        self.message = f"{field}: {self.message}"
        self.args = (self.message,)


class KeyReused(RuleBroken):
    """An `Idempotency-Key` stands for one request: it was used before, with other content."""

    title = "The key was used for another request"
    members = ("purchase_id",)


class Unavailable(RuleBroken):
    """Something Souk needs does not answer just now; trying again later may work."""

    status = 503
    title = "Not available just now"


def _filled(message: str, params: Mapping[str, Any]) -> str:
    """The English words with what stands in them. Without params nothing does, and braces are braces."""
    return message.format_map(params) if params else message


def _json(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json_value(value) for name, value in params.items()}


def _json_value(value: Any) -> Any:
    if isinstance(value, Choice):
        return value.key
    return value.isoformat() if isinstance(value, date) else msgspec.to_builtins(value)
