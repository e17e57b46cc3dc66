"""Who is told of alerts: a real Alertmanager with the real routes, a webhook and a mail server that take what it sends."""

import email
import email.policy
import html
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from click.testing import CliRunner

from shop.cli.main import main
from tests.monitoring.waiting import wait_until
from tests.ports import free_port

ROUTES = Path(__file__).parents[2] / "monitoring/alertmanager/routes.yml"
ON_CALL = "night@shop.example"


@dataclass
class Receivers:
    """What was told, oldest first."""

    posted: list[dict[str, Any]] = field(default_factory=list)
    mailed: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        assert envelope.rcpt_tos == [ON_CALL]
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.mailed.append(message)
        return "250 taken"

    def alerts(self, name: str) -> list[list[dict[str, Any]]]:
        """The messages about alerts of this name, each with those that fire."""
        about = [message for message in self.posted if message["groupLabels"] == {"alertname": name}]
        return [[alert for alert in message["alerts"] if alert["status"] == "firing"] for message in about]

    def told(self) -> set[str]:
        """The names of all alerts of which the webhook heard."""
        return {alert["labels"]["alertname"] for message in self.posted for alert in message["alerts"]}

    def mails(self, words: str) -> list[EmailMessage]:
        """The mails in which these words stand."""
        return [mail for mail in self.mailed if words in html.unescape(_text(mail))]


@dataclass(frozen=True)
class Alertmanager:
    """A running Alertmanager, and who hears from it."""

    url: str
    receivers: Receivers

    def fire(self, *alerts: dict[str, Any], seconds: int = 600) -> None:
        """Tell it of alerts as Prometheus does: labels and annotations, firing for so long unless told again."""
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        httpx.post(f"{self.url}/api/v2/alerts", json=[a | {"endsAt": ends} for a in alerts]).raise_for_status()

    def inhibited(self) -> set[str]:
        """The names of alerts that it keeps to itself because of others."""
        known = httpx.get(f"{self.url}/api/v2/alerts").json()
        return {alert["labels"]["alertname"] for alert in known if alert["status"]["inhibitedBy"]}

    def until(self, heard: Callable[[], object], what: str) -> None:
        """Wait until somebody has heard."""
        wait_until(lambda: bool(heard()), what)


@contextmanager
def alerting(folder: Path) -> Iterator[Alertmanager]:
    """Alertmanager as `souk monitoring` sets it up for these receivers, but in more of a hurry."""
    receivers = Receivers()
    webhook = _webhook(receivers)
    mail = Controller(receivers, hostname="127.0.0.1", port=free_port())
    mail.start()
    settings = {
        "SOUK_ALERT_WEBHOOK_URL": f"http://127.0.0.1:{webhook.server_port}/",
        "SOUK_ALERT_MAIL_TO": ON_CALL,
        "SOUK_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
        "SOUK_MAIL_FROM": "Souk <alerts@shop.example>",
    }
    try:
        written = written_config(folder, settings)
        hurried = yaml.safe_load(written.read_text())
        hurried["route"] |= {"group_wait": "1s", "group_interval": "1s"}
        config = folder / "hurried.yml"
        config.write_text(yaml.safe_dump(hurried))
        with _running(folder, config) as url:
            yield Alertmanager(url, receivers)
    finally:
        webhook.shutdown()
        mail.stop()


def written_config(folder: Path, settings: dict[str, str]) -> Path:
    """What `souk monitoring` writes for Alertmanager with these settings."""
    kept = {name: None for name in os.environ if name.startswith("SOUK_")}
    done = CliRunner(env=kept | settings).invoke(main, ["monitoring", str(ROUTES), str(folder / "written")])
    assert done.exit_code == 0, done.output
    return folder / "written" / "alertmanager" / "alertmanager.yml"


@contextmanager
def _running(folder: Path, config: Path) -> Iterator[str]:
    port = free_port()
    command = [
        "prometheus-alertmanager",
        f"--config.file={config}",
        f"--storage.path={folder}/alertmanager",
        "--cluster.listen-address=",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: httpx.get(f"{url}/-/ready", timeout=2).status_code == 200, "Alertmanager")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _webhook(receivers: Receivers) -> ThreadingHTTPServer:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receivers.posted.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("html", "plain"))
    return f"{mail['subject']} {body.get_content() if body else ''}"
