"""One OpenAPI 3.1 document over all services' public routes."""

import asyncio
import copy
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from entrypoint.clients.clients import Clients
from entrypoint.openapi.describing import describe
from souk.errors import Unavailable
from souk.http.client import ServiceClient
from souk.http.problems import CONTENT_TYPE

SCHEMA_PATH = "/schema/openapi.json"
PREFIX = "/api/v1"
_REFERENCE = "#/components/schemas/"

ERRORS = {
    "400": "The request does not fit the route's types.",
    "401": "A token is missing or not valid.",
    "403": "The account may not do this.",
    "404": "There is no such thing, or it is not yours to see.",
    "409": "Not possible in the present state.",
    "413": "The body is too large.",
    "422": "A field has a value that cannot be used.",
    "429": "Too many requests; see Retry-After.",
    "503": "Something needed does not answer just now; nothing was changed.",
    "default": "Any other problem.",
}
"""Errors that every route may answer, all as problem details (RFC 9457)."""

TAGS = {
    "Account": "Opening an account, and what it says of you.",
    "Tokens": "What programs identify themselves with.",
    "Notifications": "What happened, told to you.",
    "Listings": "Putting things up, finding them, and all that becomes of them.",
    "Categories": "The tree that listings stand in, and what is asked of each kind.",
    "Pictures": "Pictures of listings.",
    "Sellers": "Who sells.",
    "Watching": "Listings that you keep an eye on.",
    "Saved searches": "Searches that tell you when something new is found.",
    "Import and export": "Bringing many listings in, and taking them out, as files.",
    "Cart": "What you mean to buy.",
    "Purchases": "Checking out, and following a purchase until it is paid or refused as a whole.",
    "Orders": "The part of a purchase that one seller fulfils.",
    "Offers": "Naming another price.",
    "Problems": "What is wrong with an order, and how it is settled.",
    "Messages": "What two people write to each other about a listing or an order.",
    "Reviews": "How an order went.",
    "Wallet": "Your money: what is available, what is held, what moved.",
    "Wallets": "Other people's wallets, for admins.",
    "Invoices": "Invoices and credit notes.",
    "Ledger": "The proof that all money is accounted for.",
    "Moderation": "Reports and decisions about listings, reviews, threads and problems of orders, for moderators.",
}
"""What the operations are about, in the order in which a newcomer meets it."""

INTRODUCTION = """Buy and sell between people. What a buyer pays is held in escrow until the goods arrived.

Open an account with `POST /api/v1/users`, get a token with `POST /api/v1/tokens`, and send it as
`Authorization: Bearer …`. Amounts are whole minor units (cents) with their currency. Errors are problem details
(RFC 9457): `type` names the rule, `detail` is for you, and `code` with `params` says the same to a program that has words of
its own. Requests that take an `Idempotency-Key` (any text of up to 255 visible characters, quoted or not) may be repeated
safely with the same key.
"""

CODE = {
    "type": "string",
    "description": "What was refused, finer than `type`, to show it in words of your own. May be new.",
}
PARAMS = {
    "type": "object",
    "description": "What stands in the English words, as values: money, counts, titles, times in ISO 8601.",
    "additionalProperties": True,
}

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In English: what is wrong, and what to do."},
        "code": CODE,
        "params": PARAMS,
        "errors": {
            "type": "array",
            "description": "For bad input: what is wrong with each field.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                    "code": CODE,
                    "params": PARAMS,
                },
            },
        },
    },
}

Json = dict[str, Any]


class Document:
    """The merged document; made when first asked for, once every service has answered."""

    def __init__(self, clients: Clients, owners: Mapping[str, str]) -> None:
        self._clients = clients
        self._owners = owners
        self._made: bytes | None = None

    async def json(self, own: Json) -> bytes:
        """The document as JSON; `own` is the entrypoint's. Raises Unavailable while a service does not answer."""
        if self._made is None:
            services = sorted(set(self._owners.values()))
            found = await asyncio.gather(*(_schema(self._clients.by_name(service).calls) for service in services))
            self._made = msgspec.json.encode(merge(own, dict(zip(services, found, strict=True)), self._owners))
        return self._made


def merge(own: Json, others: Mapping[str, Json], owners: Mapping[str, str]) -> Json:
    """Put the public routes of all services into one document."""
    paths: Json = {}
    schemas: Json = {"Problem": PROBLEM}
    for service, schema in {"entrypoint": own, **others}.items():
        renamed = _without_clashes(service, schema, schemas)
        for path, item in renamed.get("paths", {}).items():
            public = path if service == "entrypoint" else PREFIX + path
            if service == "entrypoint" and not path.startswith(PREFIX):
                continue
            if service != "entrypoint" and owner_of(path, owners) != service:
                continue
            paths[public] = _with_errors(item)
        schemas |= renamed.get("components", {}).get("schemas", {})
    _unique_operations(paths)
    _name_files(paths)
    describe(schemas)
    responses = {f"Problem{code}": _problem_response(code, text) for code, text in ERRORS.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Souk", "version": "1", "description": INTRODUCTION},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _reachable(paths, schemas),
            "responses": responses,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "souk_…"}},
        },
    }


def _name_files(paths: Json) -> None:
    """Whatever is neither JSON nor text is bytes, which generated clients must not read as text."""
    for item in paths.values():
        for operation in item.values():
            if not isinstance(operation, dict):
                continue
            for response in operation.get("responses", {}).values():
                for media_type, content in response.get("content", {}).items():
                    if media_type.startswith("text/"):
                        content["schema"] = {"type": "string"}
                    elif "json" not in media_type:
                        content["schema"] = {"type": "string", "format": "binary"}


def owner_of(path: str, owners: Mapping[str, str]) -> str | None:
    """The service whose public paths begin like this one."""
    first, *rest = path.strip("/").split("/")
    beginnings = [f"{first}/*/{rest[1]}"] if len(rest) > 1 else []
    beginnings += [f"{first}/{rest[0]}"] if rest else []
    return next((owners[each] for each in (*beginnings, first) if each in owners), None)


async def _schema(client: ServiceClient) -> Json:
    answer = await client.send("GET", SCHEMA_PATH)
    if answer.status != 200:
        raise Unavailable(
            "The {service} does not describe itself just now. Try again in a moment.",
            code="service-not-described",
            service=client.service,
        )
    try:
        return msgspec.json.decode(answer.body, type=Json)
    except msgspec.DecodeError as wrong:
        raise Unavailable(
            "The {service}'s description cannot be read.", code="description-unreadable", service=client.service
        ) from wrong


def _without_clashes(service: str, schema: Json, taken: Json) -> Json:
    """The schema with every component renamed that another service already uses for something else."""
    own = schema.get("components", {}).get("schemas", {})
    clashing = {name for name, value in own.items() if name in taken and taken[name] != value}
    while True:  # what refers to a renamed one is another thing, too
        more = {
            name
            for name, value in own.items()
            if name in taken and name not in clashing and _references(value) & clashing
        }
        if not more:
            break
        clashing |= more
    names = {name: f"{service.capitalize()}{name}" for name in clashing}
    renamed: Json = _rename(copy.deepcopy(schema), names)
    if own:
        schemas = renamed["components"]["schemas"]
        renamed["components"]["schemas"] = {names.get(name, name): value for name, value in schemas.items()}
    return renamed


def _rename(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) if key == "$ref" else _rename(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    return value


def _renamed(reference: Any, names: Mapping[str, str]) -> Any:
    name = str(reference).removeprefix(_REFERENCE)
    return _REFERENCE + names[name] if name in names else reference


def _references(value: Any) -> set[str]:
    """The names of the components that a piece of schema refers to."""
    if isinstance(value, dict):
        found = {str(value["$ref"]).removeprefix(_REFERENCE)} if "$ref" in value else set()
        return found.union(*(_references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(_references(item) for item in value))
    return set()


def _reachable(paths: Json, schemas: Json) -> Json:
    """Only the components that the public routes need: internal ones stay internal."""
    needed, todo = {"Problem"}, _references(paths)
    while todo:
        needed |= todo
        todo = set().union(*(_references(schemas[name]) for name in todo if name in schemas)) - needed
    return {name: schemas[name] for name in sorted(needed) if name in schemas}


def _with_errors(item: Json) -> Json:
    errors = {code: {"$ref": f"#/components/responses/Problem{code}"} for code in ERRORS}
    for operation in item.values():
        if isinstance(operation, dict) and "responses" in operation:
            operation["responses"] |= errors
    return item


def _problem_response(code: str, text: str) -> Json:
    response: Json = {
        "description": text,
        "content": {CONTENT_TYPE: {"schema": {"$ref": f"{_REFERENCE}Problem"}}},
    }
    if code in ("429", "503"):
        response["headers"] = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}}
    if code == "401":
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return response


def _unique_operations(paths: Json) -> None:
    """Two services may have named an operation alike; the later one gets its path's name in front."""
    seen: set[str] = set()
    for path, item in paths.items():
        for operation in item.values():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            name = operation["operationId"]
            if name in seen:
                first = re.sub(r"[^a-z]", "", path.removeprefix(PREFIX).strip("/").split("/")[0])
                name = operation["operationId"] = f"{first}{name[0].upper()}{name[1:]}"
            seen.add(name)
