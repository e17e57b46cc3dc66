"""What a log line is about: the ids by which one query finds all that happened to an order, in every service.

Each stands under one name, several joined by commas: a purchase may have many orders, an event concerns two people.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import parse_qsl, urlencode

NAMES = ("purchase_id", "order_id", "order_number", "user_id")

OF_REQUESTS = NAMES[:3]
"""A request's `user_id` is whoever asked."""

About = dict[str, tuple[str, ...]]
"""The ids by their names."""

_said: ContextVar[dict[str, str] | None] = ContextVar("said", default=None)


def united(*some: Mapping[str, tuple[str, ...]]) -> About:
    """The ids of all, each once, under the names in their order."""
    found = {name: dict.fromkeys(known for about in some for known in about.get(name, ())) for name in NAMES}
    return {name: tuple(ids) for name, ids in found.items() if ids}


def fields(about: About) -> dict[str, str]:
    """As the fields of a log line."""
    return {name: ",".join(ids) for name, ids in about.items()}


def encoded(about: About) -> str:
    """As one text, to travel with an event or an answer."""
    return urlencode(fields(about), safe=",")


def decoded(text: str) -> About:
    """What `encoded` made; other names are left out."""
    return {name: tuple(ids.split(",")) for name, ids in parse_qsl(text) if name in NAMES}


@contextmanager
def of_request() -> Iterator[None]:
    """While a request is answered its line gathers what it is about, also from the tasks that it starts."""
    token = _said.set({})
    try:
        yield
    finally:
        _said.reset(token)


def said() -> Mapping[str, str]:
    """What every line of the request under way says of it; nothing outside of any."""
    return _said.get() or {}


def note(about: About) -> None:
    """Let the request under way say on its line that it is about these too."""
    line = _said.get()
    if line is not None:
        line.update({name: text for name, text in fields(united(noted(), about)).items() if name in OF_REQUESTS})


def noted() -> About:
    """What the request under way is about so far."""
    return {name: tuple(text.split(",")) for name, text in said().items() if name in OF_REQUESTS}


def note_cause(cause: str, *, instead: bool = False) -> None:
    """Let the request under way say why it cannot be answered as it should; the first cause stays unless `instead`.

    Failures are counted by it, so it is short and names kinds, not cases: `payment: ConnectError`.
    """
    line = _said.get()
    if line is not None and (instead or "cause" not in line):
        line["cause"] = cause
