"""Each method of the clients between services asks what the owner's routes take, and expects what they answer."""

import os
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import msgspec
import pytest
from litestar import Litestar, Response
from litestar.datastructures import MultiDict
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.routes import HTTPRoute

from catalogue.settings import CatalogueSettings
from entrypoint.clients.catalogue import CatalogueClient
from entrypoint.clients.operated import OperatedService
from entrypoint.clients.payment import PaymentClient
from entrypoint.clients.store import StoreClient
from entrypoint.pages.find.search_query import read_search, understand
from entrypoint.web.reader import Languages
from payment.settings import PaymentSettings
from shop.demo.catalogue import DemoCatalogue
from shop.runtime import make_keys
from shop.services import create_app
from souk.clock import SystemClock
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.contracts.store.orders import Cancellation, Order, Shipment
from souk.events.embedded import EmbeddedTransport
from souk.http import Answer, Identity, ServiceClient
from souk.http.identity import Signer, new_key_pair
from store.clients.catalogue import CatalogueClient as CatalogueOfStore
from store.settings import StoreSettings

OWNERS: list[tuple[type[Any], str]] = [
    (CatalogueClient, "catalogue"),
    (StoreClient, "store"),
    (PaymentClient, "payment"),
    (CatalogueOfStore, "catalogue"),
    (DemoCatalogue, "catalogue"),
    (OperatedService, "catalogue"),
    (OperatedService, "store"),
    (OperatedService, "payment"),
]
"""The clients, and whose routes they call."""

METHODS = [
    pytest.param(client, service, name, id=f"{client.__module__}.{name}-{service}")
    for client, service in OWNERS
    for name in vars(client)
    if not name.startswith("_")
]

PASSES_ON = {"entrypoint/api/gateway.py", "entrypoint/openapi/openapi.py"}
"""What knows paths because it passes requests on as they came."""


class Noted(Exception):
    """The call has come as far as it should."""


@dataclass
class Call:
    """What a client's method asks for."""

    method: str
    path: str
    expect: Any
    request: dict[str, Any]

    @property
    def parameters(self) -> set[str]:
        params = self.request.get("params") or ()
        pairs = params.items() if isinstance(params, Mapping) else params
        return {name for name, value in pairs if value is not None}


class Recorder(ServiceClient):
    """Notes a call instead of making it."""

    def __init__(self) -> None:
        super().__init__("nobody", Signer("entrypoint", new_key_pair()[0]), app=_nothing)
        self.calls: list[Call] = []

    async def call(self, method: str, path: str, expect: Any, **request: Any) -> Any:
        self.calls.append(Call(method, path, expect, request))
        raise Noted

    async def send(self, method: str, path: str, **request: Any) -> Answer:
        self.calls.append(Call(method, path, None, request))
        raise Noted


async def _nothing(*_: Any) -> None:
    raise AssertionError("a call was made")


@pytest.fixture(scope="module")
def services() -> dict[str, Litestar]:
    """The services as they are, over no database."""
    private, public = make_keys()
    known = {"database_url": "postgresql://nobody@127.0.0.1:9/none", "identity_public_keys": public}
    settings = {
        "catalogue": CatalogueSettings(identity_private_key=private["catalogue"], **known),
        "store": StoreSettings(identity_private_key=private["store"], **known),
        "payment": PaymentSettings(identity_private_key=private["payment"], witness_file=os.devnull, **known),
    }
    return {service: create_app(each, transport=EmbeddedTransport()) for service, each in settings.items()}


@pytest.mark.parametrize(("client", "service", "name"), METHODS)
async def test_a_method_fits_its_route(
    client: type[Any], service: str, name: str, services: dict[str, Litestar]
) -> None:
    await check(client, name, services[service])


def test_only_the_clients_know_paths() -> None:
    root = Path(__file__).parents[2]
    files = [path for folder in ("entrypoint", "store") for path in (root / folder).rglob("*.py")]
    knowing = {
        str(path.relative_to(root))
        for path in files
        if ".calls" in path.read_text(encoding="utf-8") and path.parent.name != "clients"
    }
    assert knowing == PASSES_ON


class Mistaken(OperatedService):
    """Calls that no route takes, each for another reason."""

    async def wrong_path(self, identity: Identity, order_id: UUID) -> Order:
        return await self.calls.post(f"/orders/{order_id}/posting", Order, identity=identity)

    async def wrong_method(self, identity: Identity, order_id: UUID) -> Order:
        return await self.calls.put(f"/orders/{order_id}/receipt", Order, identity=identity)

    async def wrong_parameter(self, identity: Identity) -> Order:
        return await self.calls.get("/orders", Order, identity=identity, params={"role": "buyer", "sort": "newest"})

    async def missing_parameter(self, identity: Identity) -> Order:
        return await self.calls.get("/orders", Order, identity=identity)

    async def wrong_body(self, identity: Identity, order_id: UUID, shipment: Shipment) -> Order:
        return await self.calls.post(f"/orders/{order_id}/cancellation", Order, identity=identity, json=shipment)

    async def missing_body(self, identity: Identity, order_id: UUID) -> Order:
        return await self.calls.post(f"/orders/{order_id}/cancellation", Order, identity=identity)

    async def wrong_answer(self, identity: Identity, order_id: UUID, body: Cancellation) -> Cancellation:
        path = f"/orders/{order_id}/cancellation"
        return await self.calls.post(path, Cancellation, identity=identity, json=body)

    async def wrong_header(self, identity: Identity, order_id: UUID) -> Order:
        headers = {"idempotency-key": "1"}
        return await self.calls.post(f"/orders/{order_id}/receipt", Order, identity=identity, headers=headers)


@pytest.mark.parametrize("name", [name for name in vars(Mistaken) if not name.startswith("_")])
async def test_a_call_that_no_route_takes_is_found(name: str, services: dict[str, Litestar]) -> None:
    with pytest.raises(AssertionError, match=name):
        await check(Mistaken, name, services["store"])


async def check(client: type[Any], name: str, app: Litestar) -> None:
    """Call a method with all it takes, and with only what it needs, and hold each call against the routes."""
    recorder = Recorder()
    method: Callable[..., Awaitable[Any]] = getattr(client(recorder), name)
    hints = get_type_hints(method)
    answer = hints.pop("return")
    optional = {*(method.__kwdefaults__ or ()), *_defaulted(method)}  # type: ignore[attr-defined]
    for left_out in (set[str](), optional):
        arguments = {each: _example(each, hint) for each, hint in hints.items() if each not in left_out}
        with suppress(Noted):
            await method(**arguments)
    assert len(recorder.calls) == 2, f"{name} makes another number of calls than one"
    for call in recorder.calls:
        _fits(name, call, answer, app)


def _defaulted(method: Any) -> Iterable[str]:
    code, defaults = method.__code__, method.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    return names[len(names) - len(defaults) :]


def _fits(name: str, call: Call, answer: Any, app: Litestar) -> None:
    where = f"{name}: {call.method} {call.path}"
    route, handler = _taken(call, app, where)
    model = route.route_handler_map[call.method][1]  # type: ignore[index]
    known = {parameter.field_alias for parameter in model.expected_query_params}
    needed = {parameter.field_alias for parameter in model.expected_query_params if parameter.is_required}
    assert needed <= call.parameters <= known, f"{where}: {call.parameters} in the query of {known}"
    headers = {parameter.field_alias.lower() for parameter in model.expected_header_params}
    sent = {header.lower() for header in call.request.get("headers") or ()}
    assert sent <= headers, f"{where}: {sent} in the headers of {headers}"
    if handler.include_in_schema is not False:
        _fits_document(where, call, app, route, known)
    _takes(where, call, handler)
    returned = _inside(handler.parsed_return_field.annotation)
    if call.expect is not None:
        assert call.expect == answer, f"{where}: it says that it gives {answer}, and reads {call.expect}"
    if answer in (Answer, bytes):
        assert returned in (bytes, Stream), f"{where}: {returned} is no file"
    else:
        assert answer == returned, f"{where}: {returned} is answered"


def _fits_document(where: str, call: Call, app: Litestar, route: HTTPRoute, known: set[str]) -> None:
    """The owner's OpenAPI document says the same."""
    item = (app.openapi_schema.paths or {}).get(route.path_format)
    operation = getattr(item, call.method.lower(), None)
    assert operation is not None, f"{where}: not in the document"
    named = {parameter.name for parameter in operation.parameters or () if parameter.param_in == "query"}
    assert known == named, f"{where}: {named} in the document, {known} in the route"
    assert (operation.request_body is not None) >= ("json" in call.request), f"{where}: the document knows of no body"


def _taken(call: Call, app: Litestar, where: str) -> tuple[HTTPRoute, HTTPRouteHandler]:
    """The route that takes a call: the one with the fewest parameters in its path."""
    found = [route for route in app.routes if isinstance(route, HTTPRoute) and _matches(route, call.path)]
    taking = [route for route in found if call.method in route.methods]
    assert taking, f"{where}: no route takes it"
    route = min(taking, key=lambda one: len(one.path_parameters))
    return route, route.route_handler_map[call.method][0]  # type: ignore[index]


def _matches(route: HTTPRoute, path: str) -> bool:
    pattern = re.sub(r"\{[^}]+\}", r"([^/]+)", re.sub(r"[.]", r"\\.", route.path_format))
    found = re.fullmatch(pattern, path)
    if found is None:
        return False
    kinds = [part.type for part in route.path_components if not isinstance(part, str)]
    return all(kind is not UUID or _is_id(text) for kind, text in zip(kinds, found.groups(), strict=True))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _takes(where: str, call: Call, handler: HTTPRouteHandler) -> None:
    """The body is what the route takes."""
    body, files, field = call.request.get("json"), call.request.get("files"), handler.parsed_data_field
    if files is not None:
        assert field is not None, f"{where}: it takes no files"
        names = set(files) if isinstance(files, Mapping) else {name for name, _ in files}
        assert names <= set(get_type_hints(field.annotation)), f"{where}: {names} among the files"
    elif body is None:
        assert field is None or type(None) in get_args(field.annotation), f"{where}: it takes {field.annotation}"  # type: ignore[union-attr]
    else:
        assert field is not None, f"{where}: it takes no body"
        if isinstance(body, list):
            msgspec.convert(body, field.annotation)
        else:
            assert type(body) is field.annotation, f"{where}: {type(body)} for {field.annotation}"


def _inside(annotation: Any) -> Any:
    """What a handler answers with, without the response around it."""
    return get_args(annotation)[0] if get_origin(annotation) is Response else annotation


def _filters() -> list[tuple[str, Any]]:
    """All that a page of results can ask for."""
    asked = MultiDict(
        [
            ("q", "lamp"), ("category", "toys"), ("condition", "new"), ("price_min", "1"), ("price_max", "9"),
            ("seller", str(uuid4())), ("language", "en"), ("country", "DE"), ("attribute", "colour:red"),
            ("from-width", "1"), ("to-width", "2"), ("sort", "newest"), ("pictured", "yes"), ("offers", "yes"),
            ("rating", "4"), ("within", "7"),
        ]
    )  # fmt: skip
    attributes = [
        CategoryAttribute(key="colour", name="Colour", kind="choice", options=["red"], category="toys", unit=""),
        CategoryAttribute(key="width", name="Width", kind="number", options=[], category="toys", unit=""),
    ]
    toys = Category(slug="toys", name="Toys", parent=None, icon="toys", listings=1, attributes=attributes)
    reader = Languages(Path("entrypoint/locale"), "UTC", SystemClock()).reader("en", "")
    found = understand(read_search(asked), "EUR", {"toys": toys}, reader)
    assert not found.errors
    return found.params


def _example(name: str, hint: Any) -> Any:
    """Some value of a type."""
    if name == "filters":
        return [pair for pair in _filters() if pair[0] != "sort"]
    origin, inner = get_origin(hint), [each for each in get_args(hint) if each is not type(None)]
    if hint is Identity:
        return Identity(service="entrypoint", user_id=uuid4())
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        return tuple(_example(name, each) for each in inner)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Iterable) and origin is not Union:
        return {} if issubclass(origin, Mapping) else [_example(name, inner[0])]
    if inner:  # Annotated, or one of several
        return _example(name, inner[0])
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint(**dict(_fields(hint)))
    simple = {UUID: uuid4(), str: "x", int: 1, bool: True, bytes: b"x", datetime: datetime.now(UTC), Any: b"x"}
    return simple[hint]


def _fields(struct: type[msgspec.Struct]) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(struct):
        if field.required:
            yield field.name, _example(field.name, field.type)
