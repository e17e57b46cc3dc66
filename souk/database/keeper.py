"""Ends the embedded PostgreSQL server once nobody uses it, however its users ended.

Each user of a server holds a shared lock on one file, which the kernel takes back when the process ends, and keeps a
process of this module as its heir (`python keeper.py LOCK PID_FILE`). The heir waits on a pipe from its user; when that
ends, by itself or by `kill -9`, the heir stops the server if no other user holds the lock. It needs the standard library
alone, so that it is small and starts at once.
"""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

STOP_WITHIN_S = 60.0
"""How long the server may take to write down what it has in memory; then it is told to leave that to the next start."""

LOOK_S = 0.02


def stop_unused(lock: Path, pid_file: Path, pid: int) -> bool:
    """Stop the server with this process id, unless somebody holds the lock; whether nobody did. Blocks until it ended."""
    with lock.open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        for how, patience_s in ((signal.SIGINT, STOP_WITHIN_S), (signal.SIGQUIT, STOP_WITHIN_S)):
            if not _is_server(pid_file, pid) or _ended(pid_file, pid, how, patience_s):
                break
        return True


def _is_server(pid_file: Path, pid: int) -> bool:
    """Whether the folder's server still is that process: its number may have gone to somebody else's."""
    try:
        return int(pid_file.read_text().split("\n", 1)[0]) == pid
    except (OSError, ValueError):
        return False


def _ended(pid_file: Path, pid: int, how: signal.Signals, patience_s: float) -> bool:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return True
    until = time.monotonic() + patience_s
    while _is_server(pid_file, pid) and time.monotonic() < until:
        time.sleep(LOOK_S)
    return not _is_server(pid_file, pid)


def keep(lock: Path, pid_file: Path, told: TextIO) -> None:
    """Remember the last process id that is told, until the teller ends; then stop that server if it is unused."""
    pid = 0
    for line in told:
        pid = int(line)
    if pid:
        stop_unused(lock, pid_file, pid)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.stdin)
