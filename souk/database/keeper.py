"""Ends the embedded PostgreSQL server once nobody uses it, however its users ended.

Each user of a server holds a shared lock on one file, which the kernel takes back when the process ends, and keeps a
process of this module as its heir (`python keeper.py LOCK PID_FILE SOCKET`). The heir waits on a pipe from its user; when that
ends, by itself or by `kill -9`, the heir stops the server if no other user holds the lock. It needs the standard library
alone, so that it is small and starts at once.
"""

import fcntl
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TextIO

STARTING, NONE = 0, -1
"""What stands for a process id while the server starts, and when there is none."""

STOP_WITHIN_S = 60.0
"""How long the server may take to write down what it has in memory; then it is told to leave that to the next start."""

LET_GO_WITHIN_S = 2.0
"""A process that is killed loses its pipe and its lock one after the other."""

APPEAR_WITHIN_S = 5.0
"""How long a server takes to listen at the most, once `pg_ctl` was called; it does so before it recovers."""

LOOK_S = 0.02


def stop_unused(lock: Path, pid_file: Path, pid: int, patience_s: float = 0.0) -> bool:
    """Stop the server with this process id, unless somebody holds the lock for longer than `patience_s`; whether nobody
    did. Blocks until it ended."""
    with lock.open("a") as users:
        if not _locked(users, patience_s):
            return False
        for how in (signal.SIGINT, signal.SIGQUIT):
            if not _is_server(pid_file, pid) or _ended(pid_file, pid, how, STOP_WITHIN_S):
                break
        return True


def _locked(users: TextIO, patience_s: float) -> bool:
    until = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(LOOK_S)
        else:
            return True


def _is_server(pid_file: Path, pid: int) -> bool:
    """Whether the folder's server still is that process: its number may have gone to somebody else's."""
    return _pid_in(pid_file) == pid


def _pid_in(pid_file: Path) -> int:
    """The process id on the file's first line; NONE if there is none."""
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return NONE


def _ended(pid_file: Path, pid: int, how: signal.Signals, patience_s: float) -> bool:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return True
    until = time.monotonic() + patience_s
    while _is_server(pid_file, pid) and time.monotonic() < until:
        time.sleep(LOOK_S)
    return not _is_server(pid_file, pid)


def keep(lock: Path, pid_file: Path, server_socket: Path, told: TextIO) -> None:
    """Remember the last process id that is told (or STARTING, or NONE) until the teller ends; then stop that server if it
    is unused."""
    pid = NONE
    for line in told:
        pid = int(line)
    if pid == STARTING:
        pid = _starting(pid_file, server_socket)
    if pid != NONE:
        stop_unused(lock, pid_file, pid, LET_GO_WITHIN_S)


def _starting(pid_file: Path, server_socket: Path) -> int:
    """The process id of a server that was just being started when its starter ended; NONE if none comes up. One that
    answers at the socket is the one that wrote the file: an older file may name somebody else's process."""
    until = time.monotonic() + APPEAR_WITHIN_S
    while time.monotonic() < until:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(server_socket)) == 0 and (pid := _pid_in(pid_file)) != NONE:
                return pid
        time.sleep(LOOK_S)
    return NONE


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.stdin)
