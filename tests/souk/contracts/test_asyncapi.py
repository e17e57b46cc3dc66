"""Every event is documented, and none changes under its readers."""

import copy
import inspect
import json
import re
from pathlib import Path

import pytest

from souk.contracts import EVENTS
from souk.contracts.asyncapi import document, incompatibilities

WRITTEN = json.loads((Path(__file__).parents[3] / "misc" / "asyncapi.json").read_text())


def test_the_written_document_is_the_codes() -> None:
    assert json.loads(json.dumps(document())) == WRITTEN, "run `make contracts`"


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_says_what_happened(name: str) -> None:
    kind = EVENTS[name]
    assert inspect.getdoc(kind)
    assert kind.subject_field in kind.__struct_fields__
    parts = name.split(".")
    assert parts[0] == "souk"
    assert re.fullmatch(rf"souk\.contracts\.{parts[1]}\.(\w+_)?events", kind.__module__), (
        "it stands with its publisher's"
    )
    assert parts[-1].startswith("v")


def test_what_breaks_readers_is_seen() -> None:
    new = copy.deepcopy(WRITTEN)
    assert incompatibilities(WRITTEN, new) == []
    schema = new["components"]["schemas"]["PurchasePlaced"]
    schema["properties"]["added"] = {"type": "string"}
    assert incompatibilities(WRITTEN, new) == []
    schema["required"].append("added")
    del schema["properties"]["buyer_id"]
    schema["properties"]["expires_at"] = {"type": "integer"}
    del new["channels"]["souk.store.order.paid.v1"]
    assert incompatibilities(WRITTEN, new) == [
        "event souk.store.order.paid.v1 is gone",
        "PurchasePlaced.buyer_id is gone",
        "PurchasePlaced.expires_at has changed",
        "PurchasePlaced.added is newly required",
    ]
