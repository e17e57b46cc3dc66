"""Settings every service has: environment variables `SOUK_<FIELD>`, or files of that name in `SOUK_SECRETS_DIR`."""

import os
from pathlib import Path
from typing import Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Size = Literal["embedded", "compose", "cluster"]

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """What every service can be told. Each service subclasses this in its own `settings.py`."""

    # What is wrong is said without the values, for some of them are secrets.
    model_config = SettingsConfigDict(
        env_prefix="SOUK_", use_attribute_docstrings=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    size: Size = "embedded"
    """Which size runs: `embedded` (one process), `compose` (one server) or `cluster`."""

    public_url: str = "http://localhost:8000"
    """Where people reach the shop; links in documents and cookies' security follow it."""

    currency: str = "EUR"
    """The one currency of this marketplace (ISO 4217)."""

    database_url: str = ""
    """This service's database, as `postgresql://role:password@host:port/name`."""

    database_pool_max: int = 10
    """The most connections one instance of this service opens."""

    migration_url: str = ""
    """The same database as its owning role, for `souk migrate`; the service itself never needs it."""

    amqp_url: str = ""
    """RabbitMQ, as `amqp://user:password@host:port/vhost`; empty in the embedded size."""

    amqp_namespace: str = "souk"
    """The exchange's name, and how queues' names begin; another one lets two shops share a broker."""

    catalogue_url: str = "http://localhost:8001"
    """Where the catalogue listens for other services."""

    store_url: str = "http://localhost:8002"
    """Where the store listens for other services."""

    payment_url: str = "http://localhost:8003"
    """Where the payment service listens for other services."""

    identity_private_key: str = ""
    """This service's Ed25519 private key (PEM): it signs who a call is made for."""

    identity_public_keys: dict[str, str] = {}
    """The services' Ed25519 public keys (PEM) by service name, as JSON: whose word is trusted."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe log lines that are written."""

    log_format: Literal["json", "console"] = "json"
    """`json` for machines, `console` for people."""

    otlp_endpoint: str = ""
    """Where traces go (OTLP over HTTP, e.g. `http://tempo:4318/v1/traces`); empty sends none."""

    @model_validator(mode="after")
    def _complete_outside_embedded(self) -> Self:
        if self.size == "embedded":
            return self
        needed = ("database_url", "amqp_url", "identity_private_key", "identity_public_keys")
        missing = [f"SOUK_{name.upper()}" for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f"outside the embedded size these must be set: {', '.join(missing)}")
        broker = urlsplit(self.amqp_url)
        if (broker.username, broker.password) == ("guest", "guest") and broker.hostname not in LOOPBACK:
            raise ValueError("SOUK_AMQP_URL uses RabbitMQ's default login; make a user for this service")
        return self


SettingsT = TypeVar("SettingsT", bound=Settings)


def load(kind: type[SettingsT]) -> SettingsT:
    """Read a service's settings; raises pydantic's ValidationError that names each wrong field."""
    secrets = os.environ.get("SOUK_SECRETS_DIR")
    if secrets:
        return kind(_secrets_dir=Path(secrets))  # type: ignore[call-arg]
    return kind()
