"""The table of settings tells what the settings classes say, and compose passes every one of them on."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic.fields import FieldInfo

from shop.cli.monitoring import MonitoringSettings
from shop.services import SETTINGS
from souk.database.provision import SERVICES
from souk.settings import Settings

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "misc" / "settings.md"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())

SECRETS = {"database_url", "amqp_url", "identity_private_key", "identity_public_keys", "migration_url"}
"""Set by files, never by the environment that `docker inspect` shows."""

NOT_FOR_COMPOSE = {"amqp_namespace", "data_dir"}
"""The broker users' rights name the one namespace; pictures have a volume instead of a data folder."""

HEAD = """# Settings

Every setting is an environment variable, or a file of that name (in small letters) in the folder that
`SOUK_SECRETS_DIR` names. Compose passes on what the environment or `.env` has. This page is made from the settings
classes: `SOUK_WRITE_SETTINGS=1 pytest tests/compose/test_settings.py`.
"""


def own_fields(service: str) -> dict[str, FieldInfo]:
    """What a service can be told beyond the settings that all have."""
    kind = SETTINGS[service]
    return {name: field for name, field in kind.model_fields.items() if name not in Settings.model_fields}


def rows(fields: dict[str, FieldInfo]) -> list[str]:
    """The table's lines for these settings."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in fields.items():
        default = "" if field.default in ("", None) or field.default == {} else f"`{field.get_default()}`"
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        lines.append(f"| `SOUK_{name.upper()}` | {default} | {meaning} |")
    return lines


def table() -> str:
    """The whole page."""
    parts = [HEAD, "## All services\n", *rows(dict(Settings.model_fields)), ""]
    for service in SERVICES:
        parts += [f"## {service.capitalize()}\n", *rows(own_fields(service)), ""]
    parts += ["## Monitoring\n", *rows(dict(MonitoringSettings.model_fields)), ""]
    return "\n".join(parts).rstrip() + "\n"


def test_the_table_is_what_the_classes_say() -> None:
    if os.environ.get("SOUK_WRITE_SETTINGS") == "1":
        TABLE.write_text(table())
    assert TABLE.read_text() == table(), "make it anew: see its first lines"


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_is_documented_and_passed_on(service: str) -> None:
    passed = COMPOSE["services"][service]["environment"]
    for name, field in SETTINGS[service].model_fields.items():
        assert field.description, f"{service}: {name} has no docstring"
        if name not in SECRETS | NOT_FOR_COMPOSE:
            assert f"SOUK_{name.upper()}" in passed, f"docker-compose.yml does not pass {name} to the {service}"


def test_every_setting_of_the_monitoring_is_documented_and_passed_on() -> None:
    passed = COMPOSE["services"]["monitoring"]["environment"]
    assert {f"SOUK_{name.upper()}" for name in MonitoringSettings.model_fields} == set(passed)
    assert all(field.description for field in MonitoringSettings.model_fields.values())


@pytest.mark.parametrize("service", SERVICES)
def test_compose_starts_as_many_instances_as_the_alerts_expect(service: str) -> None:
    assert COMPOSE["services"][service]["scale"] == f"${{SOUK_{service.upper()}_INSTANCES:-1}}"
    assert COMPOSE["x-instances"][f"SOUK_{service.upper()}_INSTANCES"] == f"${{SOUK_{service.upper()}_INSTANCES:-1}}"


def test_compose_passes_nothing_that_no_service_knows() -> None:
    known = {name for service in SERVICES for name in SETTINGS[service].model_fields}
    for service in SERVICES:
        names = [name for name in COMPOSE["services"][service]["environment"] if name.startswith("SOUK_")]
        unknown = {name for name in names if name[5:].lower() not in known} - {"SOUK_SECRETS_DIR"}
        assert not unknown, f"{service}: {unknown}"


def test_images_are_pinned_and_only_the_edge_of_the_shop_is_published() -> None:
    open_to_all = {"edge"}
    assert not [name for name in SERVICES if "ports" in COMPOSE["services"][name]]
    for name, service in COMPOSE["services"].items():
        assert re.search(r":(?!latest\b)[\w.-]+(@sha256:[0-9a-f]{64})?$", service["image"]), (
            f"{name}: {service['image']} is not pinned"
        )
        assert service["mem_limit"], name
        for port in service.get("ports", []):
            assert port.startswith("${SOUK_BIND:-127.0.0.1}:" if name in open_to_all else "127.0.0.1:"), name
