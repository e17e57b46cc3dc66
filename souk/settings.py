"""Settings every service has: environment variables `SOUK_<FIELD>`, or files of that name in `SOUK_SECRETS_DIR`."""

import os
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from souk.money import exponent

Size = Literal["embedded", "compose", "cluster"]

LOOPBACK = {"localhost", "127.0.0.1", "::1"}

NOBODY = "Souk <souk@localhost>"
"""Whom mails are from that are not sent anywhere."""


class FromEnvironment(BaseSettings):
    """How settings are read."""

    # What is wrong is said without the values, for some of them are secrets.
    model_config = SettingsConfigDict(
        env_prefix="SOUK_", use_attribute_docstrings=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )


class Settings(FromEnvironment):
    """What every service can be told. Each service subclasses this in its own `settings.py`."""

    size: Size = "embedded"
    """Which size runs: `embedded` (`souk run`), `compose` (one server) or `cluster`."""

    public_url: str = "http://localhost:8000"
    """Where people reach the shop; links in documents and cookies' security follow it."""

    currency: str = "EUR"
    """The one currency of this marketplace (ISO 4217, with 0 to 3 decimal places). The databases keep the one of the
    first start: money that is there is never read as another."""

    database_url: str = ""
    """This service's database, as `postgresql://role:password@host:port/name`."""

    database_pool_max: int = 16
    """The most connections one instance of this service opens; half of them only read."""

    idle_look_s: Annotated[float, Field(gt=0)] = 10.0
    """How often an instance in which nothing happened looks for due work all the same, in seconds: for deadlines, and for
    what others left."""

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
    """Where traces go (OTLP over HTTP, e.g. `http://tempo:4318/v1/traces`) while somebody listens there; empty sends none.
    In compose it is the monitoring profile's Tempo."""

    traces_share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Which share of all traces is sent: 0.1 is one in ten. Every service decides alike, so a trace is whole or not there."""

    @field_validator("currency")
    @classmethod
    def _is_money(cls, value: str) -> str:
        exponent(value)
        return value

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


class MailSettings(FromEnvironment):
    """Which server takes mail; for whoever sends some."""

    smtp_url: str = ""
    """The server that takes mail, as `smtp://user:password@host:587` (TLS from the greeting on, if it offers it; with a
    password in any case) or `smtps://…:465`. Empty: no mail is sent."""

    mail_from: str = ""
    """Whom mails are from, as `Souk <news@shop.example>`; needed with `smtp_url`."""

    @model_validator(mode="after")
    def _mail_complete(self) -> Self:
        if not self.smtp_url:
            return self
        parts = urlsplit(self.smtp_url)
        try:
            known = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
        except ValueError:
            known = False
        if not known:
            raise ValueError("SOUK_SMTP_URL must be smtp://host:port or smtps://host:port")
        try:
            domain = self.mail_sender.domain if self.mail_from and self.mail_from.isprintable() else ""
        except (ValueError, IndexError, HeaderParseError):
            domain = ""
        if not domain:
            raise ValueError("SOUK_MAIL_FROM must be an address such as Souk <news@shop.example>")
        return self

    @property
    def mail_sender(self) -> Address:
        """Whom mails are from; raises ValueError or HeaderParseError if that is no address."""
        name, address = parseaddr(self.mail_from or NOBODY)
        return Address(name, addr_spec=address)


SettingsT = TypeVar("SettingsT", bound=FromEnvironment)


def load(kind: type[SettingsT]) -> SettingsT:
    """Read settings of one kind; raises pydantic's ValidationError that names each wrong field."""
    secrets = os.environ.get("SOUK_SECRETS_DIR")
    if secrets:
        return kind(_secrets_dir=Path(secrets))  # type: ignore[call-arg]
    return kind()
