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

from shop.cli.main import main
from shop.services import SETTINGS
from souk.database.embedded import EmbeddedServer, ServiceUrls
from souk.database.provision import SERVICES, app_role, owner_role, provision
from souk.http.identity import Signer, Verifier
from tests.conftest import drop_database


def make(folder: Path) -> dict[str, str]:
    """Run `souk secrets make`; every file with its content."""
    done = CliRunner().invoke(main, ["secrets", "make", str(folder)])
    assert done.exit_code == 0, done.output
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_nothing_is_ever_overwritten_and_what_is_missing_is_made_to_fit(tmp_path: Path) -> None:
    first = make(tmp_path)
    assert make(tmp_path) == first
    (tmp_path / "store" / "souk_database_url").unlink()
    (tmp_path / "grafana" / "password").unlink()
    assert make(tmp_path) == first, "the operator's copies tell them"
    for name in ("grafana/password", "operator/grafana_password"):
        (tmp_path / name).unlink()
    again = make(tmp_path)
    assert again["grafana/password"] == again["operator/grafana_password"] != first["grafana/password"]


@pytest.mark.parametrize(
    ("tool", "user"), [("grafana", "admin"), ("rabbitmq", "souk_operator"), ("postgres", "postgres")]
)
def test_an_operator_is_shown_the_logins_of_the_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str, user: str
) -> None:
    made = make(tmp_path)
    monkeypatch.setenv("SOUK_SECRETS_DIR", str(tmp_path / "operator"))
    told = CliRunner().invoke(main, ["secrets", "show", tool]).output.split()
    assert told[:2] == ["user", user]
    assert (
        told[3]
        in made[
            {"grafana": "grafana/password"}.get(
                tool, f"operator/souk_{'amqp' if tool == 'rabbitmq' else 'admin_database'}_url"
            )
        ]
    )


def test_a_login_that_is_not_there_yet_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUK_SECRETS_DIR", str(tmp_path))
    told = CliRunner().invoke(main, ["secrets", "show", "grafana"])
    assert told.exit_code == 1
    assert str(tmp_path / "grafana_password") in told.output


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
        settings[service] = SETTINGS[service](_secrets_dir=tmp_path / service)  # type: ignore[call-arg]
    for speaker in SERVICES:
        for listener in SERVICES:
            token = Signer(speaker, settings[speaker].identity_private_key).token(listener)
            heard = Verifier(listener, settings[listener].identity_public_keys).identity(token)
            assert heard.service == speaker


def test_the_brokers_definitions_follow_from_this_version(tmp_path: Path) -> None:
    first = make(tmp_path)["rabbitmq/definitions.json"]
    (tmp_path / "rabbitmq" / "definitions.json").unlink()
    (tmp_path / "rabbitmq" / "definitions.json").write_text("{}")
    assert make(tmp_path)["rabbitmq/definitions.json"] == first


def test_a_broker_user_takes_from_its_own_queues_and_makes_and_binds_none(tmp_path: Path) -> None:
    definitions: dict[str, Any] = json.loads(make(tmp_path)["rabbitmq/definitions.json"])
    rights = {entry["user"]: entry for entry in definitions["permissions"]}
    topics = {entry["user"]: entry for entry in definitions["topic_permissions"]}
    for service in SERVICES:
        user = rights[f"souk_{service}"]
        for other in SERVICES:
            own = service == other
            assert bool(re.search(user["read"], f"souk.{other}.consumer")) is own
            for written in (f"souk.{other}", f"souk.{other}.retry.0.5s"):
                assert bool(re.search(user["write"], written)) is own
            event = f"souk.{other}.thing.happened.v1"
            assert bool(re.search(topics[f"souk_{service}"]["write"], event)) is own
            assert not re.search(topics[f"souk_{service}"]["read"], event)
            assert not re.search(user["configure"], f"souk.{other}.consumer")
        assert re.search(user["write"], "souk")
        assert not re.search(user["read"], "souk"), "who may read an exchange may bind to it"
        assert not re.search(user["write"], "amq.default"), "it leads to every queue"
    assert "guest" not in {user["name"] for user in definitions["users"]}


def test_the_broker_boots_with_its_definitions_because_they_define_what_they_name(tmp_path: Path) -> None:
    definitions: dict[str, Any] = json.loads(make(tmp_path)["rabbitmq/definitions.json"])
    users = {user["name"] for user in definitions["users"]}
    vhosts = {vhost["name"] for vhost in definitions["vhosts"]}
    exchanges = {(exchange["vhost"], exchange["name"]) for exchange in definitions["exchanges"]}
    for entry in (*definitions["permissions"], *definitions["topic_permissions"]):
        assert entry["user"] in users
        assert entry["vhost"] in vhosts
    assert {(entry["vhost"], entry["exchange"]) for entry in definitions["topic_permissions"]} <= exchanges


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
