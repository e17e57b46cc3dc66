"""Writes the dashboards: `python -m monitoring.grafana.build`. Grafana reads what lies in `dashboards/`."""

import json
from pathlib import Path

from monitoring.grafana.boards import business, host, ledger, logs, postgresql, purchase, rabbitmq, services

FOLDER = Path(__file__).parent / "dashboards"
BOARDS = (business, services, ledger, rabbitmq, postgresql, host, logs, purchase)


def all_dashboards() -> dict[str, str]:
    """Every dashboard's file name with its text."""
    made = [module.board() for module in BOARDS]
    texts = {board.uid.removeprefix("souk-"): json.dumps(board.json(), indent=2, ensure_ascii=False) for board in made}
    return {f"{name}.json": f"{text}\n" for name, text in texts.items()}


if __name__ == "__main__":
    for file_name, text in all_dashboards().items():
        (FOLDER / file_name).write_text(text)
