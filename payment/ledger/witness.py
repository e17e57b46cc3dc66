"""The hashes of closed blocks in a file outside the database: what the chain inside is compared with.

Whoever may write everything in the database can make all blocks anew. This file says what they were; a line is

    NUMBER:HASH CLOSED_AT

and only ever added. When the file is full it becomes `FILE.1`, and the one before that is forgotten: each hash stands for
all blocks before its own.
"""

import os
import re
from datetime import datetime
from pathlib import Path

from souk.observability.logging import get_logger

FILE_BYTES_MAX = 1_000_000
"""Some 10,000 blocks; two files of this size are kept."""

LINE = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64}) ")


class Witness:
    """Notes blocks in the file. Instances that share a file may all add to it: a line is written at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._newest: int | None = None

    def note(self, number: int, digest: bytes, closed_at: datetime) -> None:
        """Add a block. That this fails is logged, and the next block stands for this one too."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and self.path.stat().st_size >= FILE_BYTES_MAX:
                self.path.replace(_before(self.path))
            line = f"{number}:{digest.hex()} {closed_at.isoformat()}\n".encode()
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(file, line)
            finally:
                os.close(file)
        except OSError as failure:
            get_logger("payment").error("block not noted outside the database", number=number, error=repr(failure))
        self._newest = number

    def catch_up(self, number: int, digest: bytes, closed_at: datetime) -> None:
        """Add the newest block once after a start, if it is not there: whoever closed it may have ended before the line."""
        if self._newest is None:
            self._newest = max(read(self.path), default=0)
            if self._newest < number:
                self.note(number, digest, closed_at)


def read(path: Path) -> dict[int, str]:
    """The hashes (hex) by block number; of two for one block the first, so that a second history is noticed."""
    known: dict[int, str] = {}
    for file in (_before(path), path):
        try:
            lines = file.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            if found := LINE.match(line):
                known.setdefault(int(found[1]), found[2])
    return known


def _before(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")
