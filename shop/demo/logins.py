"""The three accounts of the demo that people log in to, and the file that keeps how.

The file is written before there is any account, so an interrupted filling goes on with the same passwords.
"""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from shop.demo.people import DemoPerson
from shop.demo.state import LOGINS_FILE, write_private

_HOME = ("IE", "en", "Dublin", "D02 X285", "12 Fade Street")
MAYA = DemoPerson(0, "Maya Okafor", "maya@example.org", *_HOME, business=False)
JONAS = DemoPerson(1, "Jonas Lind", "jonas@example.org", *_HOME, business=False)
ADMIN = DemoPerson(2, "Robin Hale", "admin@example.org", *_HOME, business=False)
KNOWN = {MAYA: "funded user", JONAS: "funded user", ADMIN: "admin"}

WORDS = (
    "amber", "anchor", "apple", "arrow", "basil", "beacon", "bramble", "brass", "cedar", "cherry", "cinder",
    "clover", "copper", "coral", "cotton", "dune", "ember", "fennel", "fern", "flint", "garnet", "ginger",
    "harbor", "hazel", "heather", "indigo", "ivory", "juniper", "lagoon", "lantern", "lemon", "linen", "maple",
    "marble", "meadow", "mint", "moss", "nettle", "nutmeg", "oak", "olive", "onyx", "opal", "orchid", "pebble",
    "pepper", "pine", "plum", "poppy", "quartz", "quill", "reef", "river", "rowan", "saffron", "sage", "sienna",
    "silver", "slate", "spruce", "teal", "thistle", "timber", "topaz", "tulip", "velvet", "walnut", "willow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logins:
    """Passwords by email address, as they were when the accounts were made."""

    passwords: dict[str, str]

    def text(self) -> str:
        """A line for each account."""
        return "".join(
            f"  {role:12} {person.email:20} {self.passwords[person.email]}\n" for person, role in KNOWN.items()
        )


def kept_logins(folder: Path) -> Logins:
    """Those that the folder keeps; new ones, kept there from now on, if it keeps none."""
    path = folder / LOGINS_FILE
    found = dict(re.findall(r"(\S+@\S+)\s+(\S+)", path.read_text())) if path.exists() else {}
    if all(person.email in found for person in KNOWN):
        return Logins(found)
    made = Logins({person.email: "-".join(secrets.choice(WORDS) for _ in range(4)) for person in KNOWN})
    write_private(path, made.text().encode())
    return made
