"""Starts the embedded PostgreSQL server, or joins the one that runs; whoever joined last ends it."""

import fcntl
import hashlib
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from souk.database import keeper
from souk.observability.logging import get_logger

SOCKET = ".s.PGSQL.5432"

SERVER_USER = "pgserver"
"""Whom PostgreSQL runs as where Souk runs as root, which it refuses to."""

RECOVERY_MAX_S = 24 * 3600
"""How long a start may take: after a power cut the server first does again what had not reached its files."""

TELL_EVERY_S = 5.0
"""How often it is told that the server still starts."""

GONE_WITHIN_S = 10.0
"""How long a server that was killed may take to be gone, its children with it."""

LOOK_S = 0.05

SOCKET_PATH_CHARS_MAX = 100
"""The longest path that a socket may have (103 on macOS, 107 on Linux)."""

LOG_TAIL_CHARS = 2000


class ServerFailed(Exception):
    """The embedded server does not start; the message holds its last words."""


class Postmaster:
    """One process's hold on the server over `data_dir/postgres`."""

    def __init__(self, data_dir: Path, binaries: Path, configuration: str, *, options: str = "") -> None:
        """`configuration` is written into a new folder once; `binaries` holds `initdb`, `pg_ctl` and the others. The server
        is given the `options` at each start."""
        self.folder = data_dir / "postgres"
        self._data_dir = data_dir
        self._binaries = binaries
        self._configuration = configuration
        self._options = options
        self._users = data_dir / ".postgres-users"
        self._pid_file = self.folder / "postmaster.pid"
        self._busy = threading.Lock()
        """A restart may be under way, in a thread of its own, when the shop is closed."""
        self._held: IO[str] | None = None
        self._heir: subprocess.Popen[str] | None = None

    @property
    def socket_dir(self) -> Path:
        """The folder of the server's socket: its own, or where that path is too long for one, one beside others'."""
        if len(str(self.folder / SOCKET)) <= SOCKET_PATH_CHARS_MAX:
            return self.folder
        mark = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        return Path("/tmp") / f"souk-{mark}"  # noqa: S108 - as short as it gets; its owner is looked at below

    def join(self) -> None:
        """Start the server unless it runs. Blocks until it answers, also through a recovery; raises ServerFailed."""
        with self._busy:
            self._prepare()
            # A server that is just being ended is waited for: its keeper holds this alone.
            self._held = self._users.open("a")
            fcntl.flock(self._held, fcntl.LOCK_SH)
            self._ensure()

    def restart(self) -> None:
        """Start the server again if it died, unless this process has let go of it meanwhile; raises ServerFailed."""
        with self._busy:
            if self._held is not None:
                self._ensure()

    def _ensure(self) -> None:
        with self._alone():
            if not (self.folder / "PG_VERSION").exists():
                self._initialize()
            try:
                if self.answers():
                    self._until_ready()
                else:
                    self._tell_heir(keeper.STARTING)
                    self._start_once_the_last_is_gone()
                self._tell_heir(self.pid)
            except ServerFailed:
                self._tell_heir(keeper.NONE)
                self._let_go()
                raise

    def leave(self) -> None:
        """Let go; the server ends if nobody else uses it. Blocks until it has."""
        with self._busy:
            self._let_go()

    def _let_go(self) -> None:
        held, self._held = self._held, None
        heir, self._heir = self._heir, None
        if held is None:
            return
        pid = self.pid
        held.close()
        if heir is not None and heir.stdin is not None:
            heir.stdin.close()
            heir.wait()
        if pid:
            keeper.stop_unused(self._users, self._pid_file, pid)  # nothing is left to do unless the heir was killed

    def answers(self) -> bool:
        """Whether a server listens, be it that it still recovers."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket_dir / SOCKET))
            except OSError:
                return False
        return self.pid != 0

    def _until_ready(self) -> None:
        """Wait for a server that somebody else started; it may still recover."""
        waited = 0.0
        while (said := self._pid_lines()) and said[-1].strip() != "ready":
            time.sleep(LOOK_S)
            waited += LOOK_S
            if waited % TELL_EVERY_S < LOOK_S:
                _tell_of_recovery(waited)
        if not said:
            raise ServerFailed(f"PostgreSQL stopped while it was starting:\n{self._words()}")

    def _pid_lines(self) -> list[str]:
        try:
            return self._pid_file.read_text().splitlines()
        except OSError:
            return []

    @property
    def pid(self) -> int:
        """The server's process; 0 if none runs."""
        lines = self._pid_lines()
        return int(lines[0]) if lines and lines[0].isdigit() else 0

    def _tell_heir(self, pid: int) -> None:
        """Tell the heir which server it is about; make an heir if there is none."""
        if self._heir is None or self._heir.poll() is not None:
            places = [self._users, self._pid_file, self.socket_dir / SOCKET]
            command = [sys.executable, "-I", "-S", keeper.__file__, *(str(place) for place in places)]
            self._heir = subprocess.Popen(  # noqa: S603 - this very program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,  # Ctrl-C is for the shop; the heir waits for it to end
            )
        assert self._heir.stdin is not None
        self._heir.stdin.write(f"{pid}\n")
        self._heir.stdin.flush()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process starts the server at a time."""
        with (self._data_dir / ".postgres-start").open("a") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            yield

    def _prepare(self) -> None:
        """The folder exists and is its owner's alone; the server's user may reach what it needs."""
        self._data_dir.mkdir(parents=True, exist_ok=True)
        user = self._server_user()
        if user is not None:
            os.chown(self._data_dir, user.pw_uid, user.pw_gid)
            _let_through(self._data_dir)
            _let_through(self._binaries)
            _let_read(self._binaries.parent)
        self._data_dir.chmod(0o700)

    def _initialize(self) -> None:
        """Make the database's files beside their place, so that a start that was cut off leaves none half made."""
        partial = self._data_dir / "postgres.partial"
        shutil.rmtree(partial, ignore_errors=True)
        # The server's own locale, so that words sort and compare alike on every machine.
        language = ("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
        self._run("initdb", "--auth=trust", "--username=postgres", *language, "--pgdata", str(partial))
        (partial / "postgresql.auto.conf").write_text(self._configuration)
        partial.rename(self.folder)

    def _start_once_the_last_is_gone(self) -> None:
        """Start; a server that was killed a moment ago may still be on its way out, and no second one starts beside it."""
        until = time.monotonic() + GONE_WITHIN_S
        while True:
            try:
                self._start()
                return
            except ServerFailed:
                if not self.pid or time.monotonic() > until:
                    raise
                time.sleep(LOOK_S)

    def _start(self) -> None:
        place = self.socket_dir
        if place != self.folder:
            place.mkdir(mode=0o700, exist_ok=True)
            owner = self.folder.stat()
            os.chown(place, owner.st_uid, owner.st_gid)  # refused if it is somebody else's
        self._run(
            *("pg_ctl", "start", "--wait", f"--timeout={RECOVERY_MAX_S}", "--pgdata", str(self.folder)),
            *("--log", str(self.folder / "log"), "--options", f"-h '' -k '{place}' {self._options}"),
        )

    def _run(self, name: str, *arguments: str) -> None:
        """Run one of PostgreSQL's commands as the server's user; raises ServerFailed with what it said."""
        user = self._server_user()
        with subprocess.Popen(  # noqa: S603 - out of the installed package
            [str(self._binaries / name), *arguments],
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as running:
            waited = 0.0
            while True:
                try:
                    running.wait(TELL_EVERY_S)
                    break
                except subprocess.TimeoutExpired:
                    waited += TELL_EVERY_S
                    _tell_of_recovery(waited)
            if running.returncode:
                raise ServerFailed(
                    f"PostgreSQL did not start ({name} ended with {running.returncode}):\n{self._words()}"
                )

    def _words(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace")[-LOG_TAIL_CHARS:] if log.exists() else "it said nothing"

    def _server_user(self) -> pwd.struct_passwd | None:
        """Whom the server runs as; None for whoever runs this."""
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(SERVER_USER)
        except KeyError:
            command = ["useradd", "--system", "--shell", "/usr/sbin/nologin", SERVER_USER]
            subprocess.run(command, check=True)  # noqa: S603 - nothing in it comes from outside
            return pwd.getpwnam(SERVER_USER)


def _let_through(path: Path) -> None:
    """Let others pass the folders above `path`, no more than that: the server's user must reach what is below."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _let_read(folder: Path) -> None:
    """Let others read and run what was installed for root alone."""
    if (folder / "bin" / "postgres").stat().st_mode & stat.S_IROTH:
        return
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _tell_of_recovery(seconds: float) -> None:
    get_logger("database").warning(
        "the database server still starts: after a hard stop it first does again what was under way",
        seconds=round(seconds),
    )
