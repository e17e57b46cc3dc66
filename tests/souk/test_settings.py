"""Outside the embedded size the start refuses what is missing or shipped."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from souk.settings import Settings, load

COMPLETE = {
    "size": "compose",
    "database_url": "postgresql://souk_store:pw@db/souk_store",
    "amqp_url": "amqp://store:pw@rabbitmq/",
    "identity_private_key": "pem",
    "identity_public_keys": {"store": "pem"},
}


def test_the_embedded_size_needs_nothing() -> None:
    assert Settings().size == "embedded"


@pytest.mark.parametrize("missing", ["database_url", "amqp_url", "identity_private_key", "identity_public_keys"])
def test_other_sizes_name_what_is_missing(missing: str) -> None:
    with pytest.raises(ValidationError, match=f"SOUK_{missing.upper()}"):
        Settings(**{key: value for key, value in COMPLETE.items() if key != missing})  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["XYZ", "eur", "XAU", "EURO"])
def test_a_currency_that_is_none_is_refused_at_the_start(currency: str) -> None:
    with pytest.raises(ValidationError, match=f"'{currency}' is not the code of a currency in ISO 4217"):
        Settings(currency=currency)


def test_the_brokers_default_login_is_refused_outside_localhost() -> None:
    with pytest.raises(ValidationError, match="default login"):
        Settings(**(COMPLETE | {"amqp_url": "amqp://guest:guest@rabbitmq/"}))  # type: ignore[arg-type]


def test_secrets_may_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "souk_database_url").write_text("postgresql://from/file")
    monkeypatch.setenv("SOUK_SECRETS_DIR", str(tmp_path))
    assert load(Settings).database_url == "postgresql://from/file"


def test_every_setting_says_what_it_is_for() -> None:
    undocumented = [name for name, field in Settings.model_fields.items() if not field.description]
    assert undocumented == []
