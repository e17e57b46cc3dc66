"""The public API under thousands of generated requests, good and bad: never a 500, and as the document says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.conftest import CHEAP
from tests.journeys.people import PASSWORD
from tests.ports import free_port

pytestmark = pytest.mark.slow

EXAMPLES = {"visitor": 10, "user": 20, "admin": 40}
"""Generated requests per operation and phase. An admin's reach all code; what differs for the others is who is refused."""

ALL_S_MAX = 600
"""Some hundred operations with each of these, one after the other."""

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
START_MAX_S = 90
SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """An embedded shop without demo data, in a process of its own: its address and its environment."""
    folder = tmp_path_factory.mktemp("s")
    port = free_port()
    settings = {f"SOUK_{name.upper()}": str(value) for name, value in CHEAP.items()}
    environment = os.environ | settings | {"SOUK_DATA_DIR": str(folder), "SOUK_LOG_LEVEL": "WARNING"}
    log_path = folder / "shop.log"
    with log_path.open("wb") as log:
        command = [sys.executable, "-m", "shop", "run", "--no-demo", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://localhost:{port}"
        _wait_for(address, process, log_path)
        yield address, environment
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _wait_for(address: str, shop: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_MAX_S
    while time.monotonic() < until and shop.poll() is None:
        try:
            if httpx.get(f"{address}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the shop did not open: {log.read_text()[-3000:]}")


@pytest.mark.timeout(ALL_S_MAX + START_MAX_S)
@pytest.mark.parametrize("who", EXAMPLES)
def test_generated_requests(shop: tuple[str, dict[str, str]], who: str, tmp_path: Path) -> None:
    base, environment = shop
    headers = [] if who == "visitor" else ["-H", f"Authorization: Bearer {_token(base, who, environment)}"]
    command = [SCHEMATHESIS, "run", f"{base}/api/openapi.json", "--checks", ",".join(CHECKS)]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES[who]), "--seed", "20"]
    command += [
        "--workers",
        "1",
        "--suppress-health-check",
        "all",
        "--exclude-path-regex",
        "^/api/v1/tokens/",
        *headers,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ALL_S_MAX, cwd=tmp_path, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-12_000:]


def _token(base: str, who: str, environment: dict[str, str]) -> str:
    with httpx.Client(base_url=f"{base}/api/v1") as http:
        user = {"email": f"{who}@example.org", "password": PASSWORD, "display_name": "Tess", "country": "IE"}
        assert http.post("/users", json=user).status_code == 201
        if who == "admin":  # before the token, which keeps the roles it was made with
            grant = [sys.executable, "-m", "shop", "users", "role", user["email"], "admin"]
            subprocess.run(grant, env=environment, check=True, capture_output=True)
        login = {"email": user["email"], "password": PASSWORD}
        token = http.post("/tokens", json=login).json()["token"]
        return str(token)
