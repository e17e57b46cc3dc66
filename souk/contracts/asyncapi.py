"""The events as an AsyncAPI 3 document, and what would break their readers.

`python -m souk.contracts.asyncapi misc/asyncapi.json` writes it anew; it refuses to if a reader of the present
document would break. A test keeps the file in step with the code.
"""

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from souk.contracts import EVENTS, Event

REF = "#/components/schemas/{name}"


def document() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of all events."""
    kinds = [EVENTS[name] for name in sorted(EVENTS)]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=REF)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Souk events",
            "version": "1",
            "description": "CloudEvents 1.0 in JSON, structured mode, on one topic exchange; the type is the routing key.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {kind.event_type: _channel(kind) for kind in kinds},
        "operations": {
            f"publish.{kind.__name__}": {"action": "send", "channel": {"$ref": f"#/channels/{kind.event_type}"}}
            for kind in kinds
        },
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in kinds},
            "schemas": schemas,
        },
    }


def _channel(kind: type[Event]) -> dict[str, Any]:
    reference = {"$ref": f"#/components/messages/{kind.__name__}"}
    return {
        "address": kind.event_type,
        "messages": {kind.__name__: reference},
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "souk", "type": "topic", "durable": True}}},
    }


def _message(kind: type[Event]) -> dict[str, Any]:
    return {
        "name": kind.event_type,
        "summary": inspect.getdoc(kind),
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string", "format": "uuid"},
                "source": {"const": f"/souk/{kind.event_type.split('.')[1]}"},
                "type": {"const": kind.event_type},
                "subject": {"type": "string", "format": "uuid", "description": f"the {kind.subject_field}"},
                "time": {"type": "string", "format": "date-time"},
                "souksequence": {"type": "integer"},
                "traceparent": {"type": "string"},
                "soukabout": {"type": "string", "description": "purchase, orders and people, for logs: NAME=ID,ID&..."},
                "data": {"$ref": REF.format(name=kind.__name__)},
            },
        },
    }


def incompatibilities(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What in `new` would break somebody who reads or still holds messages of `old`.

    Allowed are new events, new schemas and new optional fields; everything else wants a new version of the event.
    """
    broken = [f"event {name} is gone" for name in old["channels"] if name not in new["channels"]]
    for name, before in old["components"]["schemas"].items():
        after = new["components"]["schemas"].get(name)
        if after is None:
            broken.append(f"schema {name} is gone")
            continue
        fields_before, fields_after = before.get("properties", {}), after.get("properties", {})
        for field, schema in fields_before.items():
            if field not in fields_after:
                broken.append(f"{name}.{field} is gone")
            elif _shape(fields_after[field]) != _shape(schema):
                broken.append(f"{name}.{field} has changed")
        added = set(after.get("required", ())) - set(before.get("required", ()))
        broken += [f"{name}.{field} is newly required" for field in sorted(added)]
    return broken


def _shape(schema: Any) -> Any:
    """A schema without its words."""
    if isinstance(schema, dict):
        return {key: _shape(value) for key, value in schema.items() if key not in ("description", "title", "default")}
    if isinstance(schema, list):
        return [_shape(item) for item in schema]
    return schema


def _write(path: Path) -> None:
    new = document()
    if path.exists():
        broken = incompatibilities(json.loads(path.read_text()), new)
        if broken:
            sys.exit("make a new version of the event instead: " + "; ".join(broken))
    path.write_text(json.dumps(new, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
