"""How far the filling of a shop is, kept in its data folder: whoever is interrupted goes on there.

What is done is noted after it was done, so the last piece may be done once more; every piece stands being repeated.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from shop.demo.past import PastClock

FILE = "demo.json"

LOGINS_FILE = "demo-logins.txt"
"""How the demo's users log in; it stands beside the data."""


class DemoState(msgspec.Struct, kw_only=True):
    """One filling."""

    begun: datetime
    """The demo's present: listings and the past are dated from here, also when the filling goes on another day."""
    past: bool
    """Whether the story is told in the past. It cannot be where people have been at work before, nor in services that
    run elsewhere with clocks of their own: there all of it happens today."""
    listings: int
    """How many there are to be."""
    pictures: bool
    filled: int = 0
    """Listings of earlier fillings."""
    batches: int = 0
    """How many batches of listings are there."""
    scenes: int = 0
    """How many scenes of the story were told."""
    told_at: datetime | None = None
    """When, in the story's time, the scene began that is being told."""
    resumed: int = 0
    """How often it was gone on with."""
    done: bool = False

    def extend(self, listings: int, *, pictures: bool) -> None:
        """Begin anew with more listings; the story stays as it was told."""
        self.filled, self.listings, self.pictures = self.listings, listings, pictures
        self.batches, self.done = 0, False


AFTER_ONE_RESUMED = timedelta(minutes=1)
"""A scene that was interrupted goes on so much later: after all that was done of it, and before its purchases lapse."""


def wind(folder: Path, clock: PastClock) -> None:
    """Turn the clock to where the telling of a past was interrupted, if it was."""
    state = load(folder)
    if state is not None and state.past and state.told_at is not None:
        clock.turn_to(state.told_at + AFTER_ONE_RESUMED)


def load(folder: Path) -> DemoState | None:
    """What the folder's filling has come to; None if none was begun."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=DemoState)
    except FileNotFoundError:
        return None


def save(folder: Path, state: DemoState) -> None:
    """Keep it, so that a crash leaves either this or what was there before."""
    write_private(folder / FILE, msgspec.json.format(msgspec.json.encode(state)))


def write_private(path: Path, content: bytes) -> None:
    """Replace a file as a whole, for its owner's eyes only; it is on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
