"""Somebody is told: a real Alertmanager groups, leaves out and sends what fires, to a webhook and by mail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from shop.cli.main import main
from tests.monitoring.receivers import ROUTES, Alertmanager, alerting, written_config
from tests.monitoring.seen import Seen
from tests.monitoring.test_alerts import ALERTS, CASES, Case

pytestmark = pytest.mark.slow

SERVICES = ("entrypoint", "catalogue", "store", "payment")


@pytest.fixture
def paged(promtool: str, tmp_path: Path) -> Iterator[Alertmanager]:
    with alerting(tmp_path) as made:
        yield made


def firing(case: Case) -> dict[str, Any]:
    """The alert as Prometheus tells of it."""
    rule = ALERTS[case.alert]
    labels = {"alertname": case.alert} | rule["labels"] | case.labels
    return {"labels": labels, "annotations": {"summary": case.summary, "runbook": rule["annotations"]["runbook"]}}


def queue(number: int, service: str) -> dict[str, Any]:
    labels = {"alertname": "QueueWithoutConsumers", "severity": "page", "service": service}
    return {"labels": labels | {"queue": f"souk.{service}.{number}"}}


def gone(service: str) -> dict[str, Any]:
    return {"labels": {"alertname": "ServiceGone", "severity": "page", "service": service, "job": service}}


def test_every_alert_reaches_the_webhook_and_the_mailbox(paged: Alertmanager) -> None:
    for case in CASES:
        paged.fire(firing(case))
        paged.until(lambda case=case: paged.receivers.alerts(case.alert), f"the webhook of {case.alert}")
        paged.until(lambda case=case: paged.receivers.mails(case.summary), f"the mail of {case.alert}")
        paged.fire(firing(case), seconds=-1)  # it is over, and holds back none of the next ones
    [alert] = paged.receivers.alerts("LedgerImbalance")[0]
    assert alert["annotations"]["runbook"] == "misc/runbook.md#ledgerimbalance"
    mail = paged.receivers.mails("LedgerImbalance")[0]
    assert mail["from"] == "Souk <alerts@shop.example>"


def test_eighteen_queues_are_one_message(paged: Alertmanager) -> None:
    paged.fire(*(queue(number, "store") for number in range(18)))
    paged.until(lambda: paged.receivers.alerts("QueueWithoutConsumers"), "the message")
    [first, *_] = paged.receivers.alerts("QueueWithoutConsumers")
    assert len(first) == 18


def test_of_a_service_that_is_gone_nothing_more_is_told_but_of_others_all(paged: Alertmanager) -> None:
    symptoms = [firing(case) for case in CASES if case.alert in ("LedgerProofAbsent", "ErrorBudgetBurnsFast")]
    paged.fire(gone("payment"), *(queue(number, "payment") for number in range(18)), queue(18, "store"), *symptoms)
    paged.until(lambda: paged.receivers.alerts("ServiceGone"), "the service")
    paged.until(lambda: paged.receivers.alerts("QueueWithoutConsumers"), "the queue of another")
    [[queued]] = paged.receivers.alerts("QueueWithoutConsumers")
    assert queued["labels"]["service"] == "store"
    assert paged.inhibited() == {"QueueWithoutConsumers", "LedgerProofAbsent", "ErrorBudgetBurnsFast"}
    assert paged.receivers.told() == {"ServiceGone", "QueueWithoutConsumers"}


@pytest.mark.parametrize(
    ("cause", "left_out"),
    [
        ("DatabaseDown", {"OutboxLag", "LedgerProofTooOld", "PurchasesStuck", "ErrorBudgetBurnsFast"}),
        ("ErrorBudgetBurnsFast", {"ErrorBudgetBurns"}),
        ("LatencyBudgetBurnsFast", {"LatencyBudgetBurns"}),
    ],
)
def test_a_cause_leaves_out_what_follows_from_it(paged: Alertmanager, cause: str, left_out: set[str]) -> None:
    paged.fire(*(firing(case) for case in CASES if case.alert in {cause} | left_out))
    paged.until(lambda: paged.receivers.alerts(cause), cause)
    assert paged.inhibited() == left_out
    assert paged.receivers.told() == {cause}


def test_a_broker_that_is_gone_leaves_out_what_waits_for_it(paged: Alertmanager) -> None:
    broker = {"alertname": "TargetDown", "severity": "page", "service": "rabbitmq", "instance": "rabbitmq:15692"}
    paged.fire({"labels": broker}, *(firing(case) for case in CASES if case.alert == "OutboxLag"))
    paged.until(lambda: paged.receivers.alerts("TargetDown"), "the broker")
    assert paged.inhibited() == {"OutboxLag"}


def test_what_prometheus_sees_is_told(seen: Seen) -> None:
    """The watched shop is one process: for its Prometheus three services are gone, and the store has a dead letter."""
    told = seen.alerting.receivers
    gone = {"catalogue", "store", "payment"}
    seen.alerting.until(
        lambda: any({a["labels"]["service"] for a in alerts} == gone for alerts in told.alerts("ServiceGone")),
        "the services that are gone, in one message",
    )
    seen.alerting.until(lambda: told.mails("No catalogue answers."), "the mail")
    seen.alerting.until(lambda: "DeadLetters" in seen.alerting.inhibited(), "the store's dead letter")
    assert "DeadLetters" not in told.told()


def test_a_page_that_fails_is_seen_by_the_probe(seen: Seen) -> None:
    probed = {series["metric"]["instance"]: series["value"][1] for series in seen.query("probe_success")}
    assert probed == {f"{seen.shop}/": "1", f"{seen.shop}/health/ready": "1", f"{seen.shop}/nothing/here": "0"}


def test_without_settings_nobody_is_told(tmp_path: Path) -> None:
    written = yaml.safe_load(written_config(tmp_path, {}).read_text())
    assert written["receivers"] == [{"name": "people"}]
    assert written["route"] == yaml.safe_load(ROUTES.read_text())["route"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", {"smarthost": "mail.example:587", "require_tls": False}),
        (
            "smtp://a:b%40c@mail.example:25",
            {"smarthost": "mail.example:25", "require_tls": True, "auth_password": "b@c"},
        ),
        ("smtps://a:b@mail.example", {"smarthost": "mail.example:465", "require_tls": False, "auth_username": "a"}),
        ("smtps://a:b@mail.example:1465", {"smarthost": "mail.example:1465", "force_implicit_tls": True}),
    ],
)
def test_mail_servers(tmp_path: Path, url: str, expected: dict[str, Any]) -> None:
    settings = {"SOUK_SMTP_URL": url, "SOUK_MAIL_FROM": "a@b.example", "SOUK_ALERT_MAIL_TO": "c@d.example"}
    written = yaml.safe_load(written_config(tmp_path, settings).read_text())
    [mail] = written["receivers"][0]["email_configs"]
    assert expected.items() <= mail.items()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"SOUK_ALERT_MAIL_TO": "a@b.example"}, "SOUK_ALERT_MAIL_TO needs SOUK_SMTP_URL"),
        ({"SOUK_ALERT_WEBHOOK_URL": "chat.example/hook"}, "SOUK_ALERT_WEBHOOK_URL must begin with"),
        ({"SOUK_STORE_INSTANCES": "0"}, "SOUK_STORE_INSTANCES"),
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, settings: dict[str, str], complaint: str) -> None:
    done = CliRunner(env=settings).invoke(main, ["monitoring", str(ROUTES), str(tmp_path)])
    assert done.exit_code == 1
    assert complaint in done.output


def test_the_settings_reach_prometheus(tmp_path: Path) -> None:
    written_config(tmp_path, {"SOUK_CATALOGUE_INSTANCES": "3"})
    rules = yaml.safe_load((tmp_path / "written/prometheus/instances.yml").read_text())["groups"][0]["rules"]
    expected = {rule["labels"]["job"]: rule["expr"] for rule in rules}
    assert expected == dict.fromkeys(SERVICES, "vector(1)") | {"catalogue": "vector(3)"}


@pytest.mark.parametrize(
    ("url", "probed"),
    [
        ("https://shop.example", ["https://shop.example/"]),
        ("http://localhost:8080", ["http://edge:8080/"]),
        ("https://localhost:8443", []),
    ],
)
def test_the_front_page_is_probed_where_people_come_in(tmp_path: Path, url: str, probed: list[str]) -> None:
    written_config(tmp_path, {"SOUK_PUBLIC_URL": url})
    [probes] = yaml.safe_load((tmp_path / "written/prometheus/probes.json").read_text())
    inside = ["http://entrypoint:8000/", "http://entrypoint:8000/health/ready"]
    assert probes["targets"] == [*inside, *probed]
