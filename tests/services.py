"""Finds what some tests need on this machine, and installs it where that is allowed."""

import os
import shutil
import subprocess
from pathlib import Path

HOW_TO_GET_CHROMIUM = "install Chromium (Debian: apt-get install chromium), or set SOUK_TEST_CHROMIUM to its path"

HOW_TO_GET_SPIN = "install Spin and a C compiler (Debian: apt-get install spin gcc libc6-dev)"


def find_spin() -> str | None:
    """The path of Spin, which needs a C compiler; from Debian's packages as root if it is not there."""
    if not shutil.which("spin"):
        apt_install("spin")
    if not shutil.which("gcc"):
        for package in ("gcc", "libc6-dev"):
            apt_install(package)
    return shutil.which("spin") if shutil.which("gcc") else None


def find_chromium() -> str | None:
    """The path of a Chromium that can be run headless; from Debian's packages as root if none is there."""
    for name in (os.environ.get("SOUK_TEST_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name) if name else None
        if path:
            return path
    if apt_install("chromium"):
        return shutil.which("chromium")
    return None


def apt_install(package: str) -> bool:
    """Install one of Debian's packages, as root on Debian; False where that cannot be done."""
    if not shutil.which("apt-get") or os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        return False
    succeeds(["apt-get", "update", "-qq"], 180)
    return succeeds(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], 600)


def succeeds(command: list[str], seconds: float) -> bool:
    """Whether a command ends well, and in time."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, env=environment, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
