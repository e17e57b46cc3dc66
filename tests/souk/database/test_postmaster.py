"""The embedded server runs while somebody uses it, and no longer, however its users end."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil
import pytest
from structlog.testing import capture_logs

from souk.database import embedded, postmaster
from souk.database.embedded import EmbeddedServer
from souk.database.postmaster import Postmaster, ServerFailed

USER = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from souk.database import embedded
server = embedded.start(Path(sys.argv[1]))
print("joined", flush=True)
sys.stdin.read()
server.stop()
"""


class User:
    """A process that uses the server until it is told to stop, or is killed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "joined\n"

    def stop(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def above() -> Iterator[Path]:
    """A folder of our own: another run of pytest takes the server's rights to pass away from pytest's."""
    with TemporaryDirectory(prefix="souk-") as made:
        yield Path(made)
        until(lambda: not servers(Path(made)), f"something still runs over {made}")


@pytest.fixture
def folder(above: Path) -> Path:
    return above / "data"


def servers(folder: Path) -> list[int]:
    """The server processes over this folder."""
    found = []
    for process in psutil.process_iter(("pid", "cmdline")):
        if f"{folder}/" in " ".join(process.info["cmdline"] or ()):
            found.append(process.info["pid"])
    return found


def until(condition: Callable[[], bool], failure: str = "it did not happen in time", seconds: float = 100) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            listed = subprocess.run(
                ["ps", "axo", "pid,ppid,stat,etime,args"], capture_output=True, text=True, check=True
            )
            pytest.fail(f"{failure}:\n" + "\n".join(line for line in listed.stdout.splitlines() if "souk-" in line))
        time.sleep(0.02)


def test_a_user_that_stops_or_is_killed_leaves_nothing_behind(folder: Path) -> None:
    User(folder).stop()
    assert not servers(folder)
    User(folder).kill()
    until(lambda: not servers(folder))
    User(folder).stop()
    assert not servers(folder), "the next clean stop stops it as ever"


def test_one_that_is_killed_does_not_take_the_server_from_the_others(folder: Path) -> None:
    first, second = User(folder), User(folder)
    running = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    [heir] = psutil.Process(first.process.pid).children()
    first.kill()
    until(lambda: heir.pid not in servers(folder))
    assert running in servers(folder)
    second.kill()


def test_a_user_whose_heir_was_killed_stops_the_server_itself(folder: Path) -> None:
    user = User(folder)
    for child in psutil.Process(user.process.pid).children():
        child.kill()
    user.stop()
    assert not servers(folder)


def test_a_first_start_that_is_cut_off_leaves_no_half_made_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "postgres.partial").mkdir(parents=True)
    (folder / "postgres.partial" / "PG_VERSION").write_text("18")
    server = embedded.start(folder)
    server.stop()
    assert not (folder / "postgres.partial").exists()
    assert (folder / "postgres" / "postgresql.auto.conf").read_text().startswith("# Souk's settings")


def test_what_is_in_the_data_folder_is_its_owners_alone(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    embedded.start(folder).stop()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700


def test_others_may_pass_the_folders_above_and_nothing_more(above: Path) -> None:
    embedded.start(above / "data").stop()
    assert stat.S_IMODE(above.stat().st_mode) == (0o701 if os.geteuid() == 0 else 0o700)


def test_a_path_too_long_for_a_socket_is_no_hindrance(above: Path) -> None:
    server = embedded.start(above / ("long" * 30) / "data")
    try:
        assert Path(server.socket_dir).stat().st_mode & 0o077 == 0
        assert server.postmaster.answers()
    finally:
        server.stop()


def test_a_start_that_has_to_recover_is_waited_for_and_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a power cut, on a slow disk: the start took longer than the ten seconds that were allowed once."""
    User(folder).stop()
    monkeypatch.setattr(postmaster, "TELL_EVERY_S", 0.2)
    slow = slow_binaries(folder.parent / "slow", seconds=0.7)
    with capture_logs() as lines:
        server = Postmaster(folder, slow, "")
        server.join()
        server.leave()
    told = [line["event"] for line in lines if line["log_level"] == "warning"]
    assert len(told) >= 2
    assert "still starts" in told[0]


def slow_binaries(place: Path, seconds: float) -> Path:
    """The server's programs, of which `pg_ctl` takes its time."""
    real = embedded._binaries()
    (place / "bin").mkdir(parents=True)
    for program in real.iterdir():
        (place / "bin" / program.name).symlink_to(program)
    (place / "bin" / "pg_ctl").unlink()
    (place / "bin" / "pg_ctl").write_text(f'#!/bin/sh\nsleep {seconds}\nexec {real}/pg_ctl "$@"\n')
    (place / "bin" / "pg_ctl").chmod(0o755)
    return place / "bin"


def test_a_server_that_does_not_start_is_told_with_its_own_words(folder: Path) -> None:
    User(folder).stop()
    with (folder / "postgres" / "postgresql.auto.conf").open("a") as configuration:
        configuration.write("shared_buffers = nonsense\n")
    with pytest.raises(ServerFailed, match="nonsense"):
        embedded.start(folder)


async def test_a_server_that_dies_is_started_again(folder: Path) -> None:
    server = embedded.start(folder)
    try:
        async with server.watched():
            for _ in range(2):
                await (await server.admin()).close()
                os.kill(server.postmaster.pid, signal.SIGKILL)
                await until_it_answers(server)
    finally:
        server.stop()


async def test_a_server_that_does_not_come_back_ends_what_runs_on_it(folder: Path) -> None:
    server = embedded.start(folder)
    try:
        with pytest.raises(ServerFailed):
            async with server.watched():
                await (await server.admin()).close()
                with (folder / "postgres" / "postgresql.auto.conf").open("a") as configuration:
                    configuration.write("shared_buffers = nonsense\n")
                os.kill(server.postmaster.pid, signal.SIGKILL)
                await asyncio.sleep(60)
    finally:
        server.stop()


async def until_it_answers(server: EmbeddedServer) -> None:
    died = server.postmaster.pid
    async with asyncio.timeout(60):
        while True:
            try:
                connection = await server.admin()
                await connection.close()
                if server.postmaster.pid != died:
                    return
            except (OSError, asyncpg.PostgresError):
                pass
            await asyncio.sleep(0.02)
