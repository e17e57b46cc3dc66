"""`souk monitoring`: what Prometheus and Alertmanager should know of the settings, for they read no environment."""

import json
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import unquote, urlsplit

import click
from pydantic import Field, ValidationError, model_validator

from shop.databases import explained
from souk.database.provision import SERVICES
from souk.settings import LOOPBACK, MailSettings, load

PROBED = ("http://entrypoint:8000/", "http://entrypoint:8000/health/ready")
"""What is asked in any case: the front page, and whether an instance of the entrypoint can do its work."""

EDGE = "http://edge:8080/"
"""The front page as people on this machine get it."""

HEAD = "# Written by `souk monitoring` at every start, from the settings.\n"

Instances = Annotated[int, Field(ge=1)]


class MonitoringSettings(MailSettings):
    """Who is told of alerts, and what should be there."""

    public_url: str = "http://localhost:8080"
    """Where people reach the shop: its front page is probed there too, or at the edge if it is this machine only."""

    alert_mail_to: str = ""
    """Who gets alerts by mail, separated by commas; needs `smtp_url` and `mail_from`. Empty: nobody."""

    alert_webhook_url: str = ""
    """Where alerts are posted as JSON (Alertmanager's webhook); empty: nowhere."""

    entrypoint_instances: Instances = 1
    """How many entrypoints compose starts; with fewer an alert fires."""

    catalogue_instances: Instances = 1
    """How many catalogues compose starts; with fewer an alert fires."""

    store_instances: Instances = 1
    """How many stores compose starts; with fewer an alert fires."""

    payment_instances: Instances = 1
    """How many payment services compose starts; with fewer an alert fires."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.alert_mail_to and not self.smtp_url:
            raise ValueError("SOUK_ALERT_MAIL_TO needs SOUK_SMTP_URL and SOUK_MAIL_FROM: who takes the mail?")
        if self.alert_webhook_url and not _is_web(self.alert_webhook_url):
            raise ValueError("SOUK_ALERT_WEBHOOK_URL must begin with http:// or https:// and a host")
        return self


@click.command("monitoring")
@click.argument("routes", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def write_monitoring(routes: Path, folder: Path) -> None:
    """Write FOLDER/prometheus and FOLDER/alertmanager from the settings; ROUTES is Alertmanager's part without receivers."""
    try:
        settings = load(MonitoringSettings)
    except ValidationError as wrong:
        raise click.ClickException(explained(wrong)) from wrong
    _write(folder / "prometheus" / "instances.yml", HEAD + json.dumps(expected_instances(settings), indent=1))
    _write(folder / "prometheus" / "probes.json", json.dumps([{"targets": probes(settings)}]))
    alertmanager = {"receivers": [receiver(settings)]}
    _write(folder / "alertmanager" / "alertmanager.yml", HEAD + routes.read_text() + _top_level(alertmanager))
    told = [who for who in (settings.alert_mail_to, "a webhook" if settings.alert_webhook_url else "") if who]
    click.echo(f"alerts go to {' and '.join(told)}" if told else "alerts go to nobody: SOUK_ALERT_MAIL_TO is not set")


def expected_instances(settings: MonitoringSettings) -> dict[str, Any]:
    """Prometheus' rules that tell how many instances of each service there should be, as `job:instances:expected`."""
    rules = [
        {
            "record": "job:instances:expected",
            "expr": f"vector({getattr(settings, f'{service}_instances')})",
            "labels": {"job": service},
        }
        for service in SERVICES
    ]
    return {"groups": [{"name": "expected", "rules": rules}]}


def probes(settings: MonitoringSettings) -> list[str]:
    """The addresses that are probed: inside the network, and where people come in.

    A container reaches what only this machine reaches through the edge, unless that sends it on to https there.
    """
    public = urlsplit(settings.public_url)
    if public.hostname not in LOOPBACK:
        return [*PROBED, settings.public_url.rstrip("/") + "/"]
    return [*PROBED, *([EDGE] if public.scheme == "http" else [])]


def receiver(settings: MonitoringSettings) -> dict[str, Any]:
    """Alertmanager's one receiver; without settings it tells nobody."""
    made: dict[str, Any] = {"name": "people"}
    if settings.alert_mail_to:
        made["email_configs"] = [_mail(settings)]
    if settings.alert_webhook_url:
        made["webhook_configs"] = [{"url": settings.alert_webhook_url, "send_resolved": True}]
    return made


def _mail(settings: MonitoringSettings) -> dict[str, Any]:
    server = urlsplit(settings.smtp_url)
    implicit = server.scheme == "smtps"
    port = server.port or (465 if implicit else 587)
    mail: dict[str, Any] = {
        "to": settings.alert_mail_to,
        "from": settings.mail_from,
        "smarthost": f"{server.hostname}:{port}",
        # A password never travels in the clear, but on this machine.
        "require_tls": bool(server.password) and not implicit and server.hostname not in LOOPBACK,
        "send_resolved": True,
    }
    if implicit and port != 465:  # at 465 it begins with TLS anyway
        mail["force_implicit_tls"] = True
    if server.username:
        mail |= {"auth_username": unquote(server.username), "auth_password": unquote(server.password or "")}
    return mail


def _top_level(keys: dict[str, Any]) -> str:
    """Keys of a YAML document, their values as JSON, which is YAML too."""
    return "".join(f"\n{name}: {json.dumps(value, indent=1)}\n" for name, value in keys.items())


def _is_web(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and to be read by whichever user the other container runs as."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text)
    partial.chmod(0o444)
    partial.rename(path)
