"""Secrets are made once, agree with each other, and open what they are for."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from click.testing import CliRunner

from souk.cli.main import main
from souk.database.embedded import EmbeddedServer, ServiceUrls
from souk.database.provision import SERVICES, app_role, owner_role, provision
from souk.http.identity import Signer, Verifier
from souk.runtime import settings_type
from tests.conftest import drop_database


def make(folder: Path) -> dict[str, str]:
    """Run `souk secrets`; every file with its content."""
    done = CliRunner().invoke(main, ["secrets", str(folder)])
    assert done.exit_code == 0, done.output
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_nothing_is_ever_overwritten_and_what_is_missing_is_made_to_fit(tmp_path: Path) -> None:
    first = make(tmp_path)
    assert make(tmp_path) == first
    shared = tmp_path / "store" / "souk_database_url"
    shared.unlink()
    (tmp_path / "grafana" / "password").unlink()
    again = make(tmp_path)
    assert again["store/souk_database_url"] == first["operator/souk_store_database_url"]
    assert again.pop("grafana/password") != first.pop("grafana/password")
    assert again == first


def test_every_login_has_a_password_of_its_own(tmp_path: Path) -> None:
    urls = {text for text in make(tmp_path).values() if "://" in text}
    assert len(urls) == 3 * len(SERVICES) + 3
    passwords = [urlsplit(url).password or "" for url in urls]
    assert len(set(passwords)) == len(passwords)
    assert min(len(password) for password in passwords) >= 32


def test_the_services_believe_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    settings = {}
    for service in SERVICES:
        monkeypatch.setenv("SOUK_SIZE", "compose")
        settings[service] = settings_type(service)(_secrets_dir=tmp_path / service)  # type: ignore[call-arg]
    for speaker in SERVICES:
        for listener in SERVICES:
            token = Signer(speaker, settings[speaker].identity_private_key).token(listener)
            heard = Verifier(listener, settings[listener].identity_public_keys).identity(token)
            assert heard.service == speaker


def test_a_broker_user_reaches_its_own_queues_only(tmp_path: Path) -> None:
    definitions: dict[str, Any] = json.loads(make(tmp_path)["rabbitmq/definitions.json"])
    rights = {entry["user"]: entry for entry in definitions["permissions"]}
    says = {entry["user"]: entry["write"] for entry in definitions["topic_permissions"]}
    for service in SERVICES:
        user = rights[f"souk_{service}"]
        for other in SERVICES:
            queue, own = f"souk.{other}.retry.1", service == other
            for right in ("configure", "read", "write"):
                assert bool(re.search(user[right], queue)) is own
            event = f"souk.{other}.thing.happened.v1"
            assert bool(re.search(says[f"souk_{service}"], event)) is own
        assert re.search(user["write"], "souk")
        assert not re.search(user["configure"], "amq.default")
    assert "guest" not in {user["name"] for user in definitions["users"]}


async def test_provisioning_is_safe_to_repeat_and_leaves_no_way_around(postgres: EmbeddedServer) -> None:
    mark = uuid4().hex[:8]
    urls = {
        service: ServiceUrls(
            app=postgres.url(f"p{mark}_{service}", app_role(service)),
            owner=postgres.url(f"p{mark}_{service}", owner_role(service)),
        )
        for service in SERVICES
    }
    admin = postgres.url("postgres")
    monitoring = postgres.url("postgres", f"monitoring_{mark}")
    try:
        assert await provision(admin, urls, monitoring) == set(SERVICES)
        assert await provision(admin, urls, monitoring) == set()
        owner, app = await asyncpg.connect(urls["store"].owner), await asyncpg.connect(urls["store"].app)
        await owner.execute("CREATE TABLE thing (id int)")
        await app.execute("INSERT INTO thing VALUES (1)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("DROP TABLE thing")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(postgres.url(f"p{mark}_payment", app_role("store")))
        watcher = await asyncpg.connect(monitoring)
        assert await watcher.fetchval("SELECT count(*) FROM pg_stat_activity WHERE state IS NOT NULL") > 0
        for connection in (owner, app, watcher):
            await connection.close()
        wrong = {"store": urls["payment"]}
        with pytest.raises(ValueError, match="souk_store"):
            await provision(admin, wrong)
    finally:
        for url in urls.values():
            await drop_database(postgres, url)
